# ./dev check: everything a contributor wants to know before a commit.
# shellcheck shell=bash

# shellcheck source=dev.d/system.sh
. dev.d/system.sh

word_check() {
    counting
    need_packages
    build check --enable-werror CC=gcc
    run_tests check
    run_system_tests check
}
