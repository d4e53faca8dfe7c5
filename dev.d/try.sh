# ./dev try: the whole of it once, by hand or by itself.  See dev.d/try.py.
# shellcheck shell=bash

word_try() {
    case " $* " in
    *" --help "*) exec /usr/bin/python3 -B dev.d/try.py "$@" ;;
    esac
    [ "$(id -u)" = 0 ] ||
        die "try starts an sshd that logs people in: run it as root"
    need_packages
    build check --enable-werror CC=gcc
    # exec, so that what kills this process kills the try and all it started
    SALLYPORT_BUILD=$PWD/build/check exec /usr/bin/python3 -B dev.d/try.py "$@"
}
