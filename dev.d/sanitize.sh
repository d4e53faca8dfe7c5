# ./dev sanitize: the tests of `make check` with every access watched.
# shellcheck shell=bash

# One row for each kind: folder, compiler, configure's list.  Another kind is
# another row, `NAME COMPILER LIST`.
sanitizers='
asan gcc address,undefined
'

word_sanitize() {
    counting
    need_packages
    local name compiler list
    while read -r name compiler list; do
        [ -n "$name" ] || continue
        build "$name" --enable-werror --enable-sanitizers="$list" \
            CC="$compiler" CFLAGS="-g -O1"
        sanitized_tests "$name"
    done <<<"$sanitizers"
}

# Programs that are not instrumented themselves, but load the module, find
# the library that has to be there first in SANITIZER_PRELOAD.
sanitized_tests() {
    local SANITIZER_PRELOAD=
    case $1 in
    asan) SANITIZER_PRELOAD=$(gcc -print-file-name=libasan.so) ;;
    esac
    export SANITIZER_PRELOAD
    export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    run_tests "$1"
}
