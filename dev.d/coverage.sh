# ./dev coverage: the share of library, module and verifier that the tests of
# `make check` run; no line and no branch is left out of the count.
# shellcheck shell=bash

least_lines=95
least_branches=90

word_coverage() {
    counting
    need_packages
    build coverage --enable-coverage CC=gcc
    find build/coverage -name '*.gcda' -delete
    run_tests coverage
    pass_or_fail coverage-report coverage_report
    cat build/log/coverage-report
}

coverage_report() {
    gcovr --root . --filter 'lib/' --filter 'pam_module/' \
        --filter 'tools/verifier' \
        --print-summary --txt build/coverage/report.txt \
        --fail-under-line "$least_lines" \
        --fail-under-branch "$least_branches" build/coverage
}
