# ./dev sanitize [KIND...]: the tests of `make check` with every access
# watched.  A kind is a function sanitize_KIND.
# shellcheck shell=bash

sanitizers=(asan msan tsan valgrind)

word_sanitize() {
    local kind
    [ $# -gt 0 ] || set -- "${sanitizers[@]}"
    for kind; do
        [[ " ${sanitizers[*]} " == *" $kind "* ]] ||
            die "sanitize: there is no '$kind'; there is: ${sanitizers[*]}"
    done
    counting
    need_packages
    for kind; do
        "sanitize_$kind"
    done
}

# Where an address lies may not suit a sanitizer's plan of memory; without
# chance in it, it does.  Not every container lets us ask for that.
steady() {
    if setarch -R true 2>/dev/null; then
        echo "setarch -R"
    fi
}

# Bounds, lifetimes, leaks, undefined behaviour: all of `make check`.  Programs
# that are not instrumented themselves, but load the module, find the library
# that has to be there first in SANITIZER_PRELOAD.
sanitize_asan() {
    local SANITIZER_PRELOAD
    build asan --enable-werror --enable-sanitizers=address,undefined \
        CC=gcc CFLAGS="-g -O1"
    SANITIZER_PRELOAD=$(gcc -print-file-name=libasan.so)
    export SANITIZER_PRELOAD
    export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    run_tests asan
}

# Reads of what nobody wrote.  Not for programs that libpam or libqrencode
# writes structs for: neither is instrumented, and valgrind watches those.  Nor
# for those with an allocator of their own in front of the sanitizer's.
sanitize_msan() {
    local programs
    configure_build msan --enable-werror --enable-sanitizers=memory \
        CC=clang CFLAGS="-g -O1 -fsanitize-memory-track-origins"
    mapfile -t programs < <(programs msan -LE '(host|qr|sweep_alloc)\.h"')
    logged msan-unpoison clang -D_GNU_SOURCE -Wall -Wextra -Werror -g -shared \
        -fPIC -o build/msan/unpoison.so tests/unpoison.c
    run_programs msan "$(steady) env LD_PRELOAD=$PWD/build/msan/unpoison.so" \
        "${programs[@]}"
}

# Races between threads.
sanitize_tsan() {
    configure_build tsan --enable-werror --enable-sanitizers=thread \
        CC=gcc CFLAGS="-g -O1"
    export TSAN_OPTIONS=halt_on_error=1
    run_programs tsan "$(steady)" tests/t-threads
}

# The module as it is shipped, through libpam: each read and each leak, also of
# what libpam, liboath and nettle do with what we give them.
sanitize_valgrind() {
    run_valgrind -l 'host\.h"'
}

# For `./dev check --long`: all of them.
sanitize_long() {
    run_valgrind -l .
}

# Left out is what finds valgrind in its way: t-race, where hundreds of
# processes, each fifty times slower, outlast the deadline of a lock; memory and
# descriptors that run out in t-callers, t-link, t-store and t-sweep; children
# made by clone as no libc makes them, in t-child and t-faults; t-breach-build,
# which weighs itself; and what libpam keeps of services that it gives up, in
# t-pam-probe and fuzz-stack.
unwatched="t-breach-build|t-callers|t-child|t-faults|t-link|t-pam-probe|t-race\
|t-store|t-sweep|fuzz-stack"

run_valgrind() {
    local programs
    configure_build valgrind --enable-werror CC=gcc CFLAGS="-g -O1"
    mapfile -t programs < <(programs valgrind "$@" |
        grep -vE "/($unwatched)\$")
    run_programs valgrind "valgrind -q --keep-debuginfo=yes --leak-check=full \
--errors-for-leak-kinds=definite --error-exitcode=99" "${programs[@]}"
}

# programs BUILD GREP-ARGUMENT...: the test programs of `make check` whose
# source grep lists.
programs() {
    local build=$1
    shift
    make_value "$build" check_PROGRAMS | xargs printf '%s.c\n' |
        xargs grep "$@" | sed 's/\.c$//'
}
