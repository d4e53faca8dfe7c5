# ./dev bench [attempt]: how long things take.  Numbers and verdicts are
# printed; a slow machine fails nothing.
# shellcheck shell=bash

word_bench() {
    case ${1:-attempt} in
    attempt) bench_attempt ;;
    *) die "bench: it is './dev bench attempt'" ;;
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

compile_bench() {
    local flags=(-D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Wconversion
        -Wno-sign-conversion -Werror) libs
    read -ra libs < <(pkg-config --libs liboath nettle)
    # Its clock stands in front of libc's, so its symbols are exported.
    gcc "${flags[@]}" -rdynamic -o build/bench/attempt \
        tests/bench/attempt.c -lpam &&
        gcc "${flags[@]}" -Ilib -o build/bench/enrol tests/bench/enrol.c \
            build/check/lib/.libs/libsallyport.a "${libs[@]}"
}
