# ./dev clang: the other compiler.
# shellcheck shell=bash

word_clang() {
    counting
    need_packages
    build clang --enable-werror CC=clang
    run_tests clang
}
