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
    [ "${1:-}" != --long ] || run_long_tests check
}

# What takes longer: every system call and allocation fails, or kills; odd and
# hostile callers; threads.
run_long_tests() {
    local dir=$PWD/build/$1 name status counts
    logged build-long make -C "$dir" tests/t-callers tests/t-sweep \
        tests/t-threads
    for name in t-callers t-sweep t-threads; do
        status=0
        top_builddir=$dir top_srcdir=$PWD sh tests/tap.sh "$dir/tests/$name" \
            >"build/log/$name" 2>&1 || status=$?
        read -ra counts < <(count_tap "$status" <"build/log/$name")
        add_counts "${counts[@]}"
        grep '^not ok' "build/log/$name" || true
    done
}
