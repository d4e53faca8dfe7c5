# ./dev check: everything a contributor wants to know before a commit.
# shellcheck shell=bash

# shellcheck source=dev.d/system.sh
. dev.d/system.sh
# shellcheck source=dev.d/sanitize.sh
. dev.d/sanitize.sh

word_check() {
    counting
    need_packages
    build check --enable-werror CC=gcc
    run_tests check
    run_system_tests check
    [ "${1:-}" != --long ] || run_long_tests check
}

# What takes longer: every system call and allocation fails, or kills; odd and
# hostile callers; threads; and what watches all that.
run_long_tests() {
    run_programs "$1" "" tests/t-callers tests/t-sweep tests/t-threads
    sanitize_long
}
