# ./dev lint: what tools can say about the text of the sources.
# shellcheck shell=bash

# shellcheck source=dev.d/format.sh
. dev.d/format.sh

word_lint() {
    counting
    need_packages
    pass_or_fail lint-format word_format --check
    pass_or_fail lint-shell lint_shell
    pass_or_fail lint-python lint_python
    pass_or_fail lint-spelling lint_spelling
    pass_or_fail lint-manual lint_manual
}

lint_shell() {
    shellcheck -x dev dev.d/*.sh .ci/run data/debian/*.p* &&
        find tests -name '*.sh' -exec shellcheck {} +
}

lint_python() {
    find dev.d tests -name '*.py' -exec pyflakes3 {} +
}

# Most of tests/ is left out: what users misspell is misspelt there.
lint_spelling() {
    codespell -q 3 -L nd,chage lib pam_module tools man data tests/system \
        dev dev.d .ci README.md HACKING.md SECURITY.md NEWS
}

# mandoc's status is 0 when it only warns; silence is what we want.
lint_manual() {
    local words
    words=$(find man -name '*.[1-8]' \
        -exec mandoc -T lint -W warning {} + || true)
    echo "$words"
    [ -z "$words" ]
}
