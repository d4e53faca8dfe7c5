# ./dev check: everything a contributor wants to know before a commit.
# shellcheck shell=bash

# shellcheck source=dev.d/sanitize.sh
. dev.d/sanitize.sh
# shellcheck source=dev.d/system.sh
. dev.d/system.sh
# shellcheck source=dev.d/machines.sh
. dev.d/machines.sh

# --long: valgrind watches what it does not on other days; the tests try each
# fault for every reason, and race every round.
word_check() {
    counting
    need_packages
    build check --enable-werror CC=gcc
    [ "${1:-}" != --long ] || sanitize_long
    [ "${1:-}" != --long ] || export SALLYPORT_LONG=1
    run_tests check
    fetch_others
    run_system_tests check
    if [ "${1:-}" = --long ]; then
        run_programs check "" tests/t-sweep-verifier
        run_machines check
    fi
}
