# ./dev dist: the tarball builds, tests, installs and uninstalls.
# shellcheck shell=bash

word_dist() {
    counting
    need_packages
    build check --enable-werror CC=gcc
    pass_or_fail distcheck make -C build/check distcheck
}
