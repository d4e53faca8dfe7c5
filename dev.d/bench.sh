# ./dev bench [attempt | breach]: how long things take.  Numbers and verdicts are
# printed; a slow machine fails nothing.
# shellcheck shell=bash

word_bench() {
    case ${1:-attempt} in
    attempt) bench_attempt ;;
    breach) bench_breach "${@:2}" ;;
    *) die "bench: it is './dev bench attempt' or './dev bench breach'" ;;
    esac
}

# A right code from pam_start to pam_end, beside the modules of others.
bench_attempt() {
    [ "$(id -u)" = 0 ] ||
        die "bench attempt mounts disks of its own: run it as root"
    need_packages
    build check --enable-werror CC=gcc
    mkdir -p build/bench
    logged bench-programs compile_bench
    peers=$(mktemp -d)
    trap 'rm -rf "$peers"' EXIT
    timed bench-peers unpack_packages "$peers" \
        libpam-google-authenticator libpam-oath ||
        say "going on without the modules of others"
    SALLYPORT_BUILD=$PWD/build/check /usr/bin/python3 -B \
        dev.d/bench-attempt.py "$peers"
}

# Lists made into indexes and looked into, beside the programs of others.
bench_breach() {
    need_packages
    build check --enable-werror CC=gcc
    mkdir -p build/bench
    logged bench-programs compile_bench_breach
    peers=$(mktemp -d)
    trap 'rm -rf "$peers"' EXIT
    timed bench-peers unpack_packages "$peers" passwdqc libpasswdqc1 ||
        say "going on without the programs of others"
    SALLYPORT_BUILD=$PWD/build/check /usr/bin/python3 -B \
        dev.d/bench-breach.py "$peers" "$@"
}

bench_flags=(-D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Wconversion
    -Wno-sign-conversion -Werror)

compile_bench_breach() {
    local libs
    read -ra libs < <(pkg-config --libs liboath nettle)
    gcc "${bench_flags[@]}" -o build/bench/breach-list \
        tests/bench/breach-list.c -lm &&
        gcc "${bench_flags[@]}" -rdynamic -Ilib \
            -o build/bench/breach-lookup tests/bench/breach-lookup.c \
            build/check/lib/.libs/libsallyport.a "${libs[@]}"
}

compile_bench() {
    local libs
    read -ra libs < <(pkg-config --libs liboath nettle)
    # Its clock stands in front of libc's, so its symbols are exported.
    gcc "${bench_flags[@]}" -rdynamic -o build/bench/attempt \
        tests/bench/attempt.c -lpam &&
        gcc "${bench_flags[@]}" -shared -fPIC -Wl,-z,now -Wl,--no-as-needed \
            -o build/bench/only-libraries.so tests/bench/only-libraries.c \
            "${libs[@]}" &&
        gcc "${bench_flags[@]}" -Ilib -o build/bench/enrol tests/bench/enrol.c \
            build/check/lib/.libs/libsallyport.a "${libs[@]}"
}
