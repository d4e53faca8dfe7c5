# What the words share: telling, timing, building, counting.
# shellcheck shell=bash

# shellcheck source=dev.d/packages.sh
. dev.d/packages.sh

MAKEFLAGS=-j$(nproc)
export MAKEFLAGS
passed=0
failed=0
skipped=0

say() {
    echo "dev: $*"
}

die() {
    say "$*" >&2
    exit 1
}

# timed NAME COMMAND...: says how long it took; output goes to build/log/NAME.
timed() {
    local name=$1 began=$SECONDS status=0
    shift
    mkdir -p build/log
    printf 'dev: %s ... ' "$name"
    "$@" >"build/log/$name" 2>&1 || status=$?
    if [ "$status" = 0 ]; then
        echo "$((SECONDS - began)) s"
    else
        echo "failed after $((SECONDS - began)) s; see build/log/$name:"
    fi
    return "$status"
}

# logged NAME COMMAND...: the same, and shows what went wrong.
logged() {
    timed "$@" && return
    { grep -E '(error|warning):' "build/log/$1" | head -n 30 || true
        tail -n 30 "build/log/$1"; } | sed 's/^/    /'
    return 1
}

# configure is made anew when something that it is made from is newer.
bootstrap() {
    if [ ! -e configure ] || [ ! -e Makefile.in ] ||
        [ -n "$(find configure.ac Makefile.am ./*/local.mk \
            -newer configure -print -quit)" ]; then
        logged autoreconf autoreconf -fi
    fi
}

# build NAME [CONFIGURE ARGUMENT...]: a build of its own in build/NAME.
build() {
    local name=$1 dir=build/$1
    shift
    bootstrap
    if [ "$(cat "$dir/configured-with" 2>/dev/null)" != "$*" ]; then
        rm -rf "$dir" # objects do not know which flags they were made with
    fi
    if [ "$dir/config.status" -ot configure ]; then
        mkdir -p "$dir"
        logged "configure-$name" in_folder "$dir" ../../configure "$@"
        echo "$*" >"$dir/configured-with"
    fi
    logged "build-$name" make -C "$dir" all
    logged "build-$name-tests" make -C "$dir" check TESTS=
}

in_folder() (
    cd "$1" || exit
    shift
    "$@"
)

# run_tests NAME: `make check` in build/NAME.  Every test is a TAP sentence;
# automake leaves one line for each in a .trs file, which is what we count.
run_tests() {
    local dir=build/$1
    find "$dir" -name '*.trs' -delete
    if timed "tests-$1" make -C "$dir" -k check; then
        count_results "$dir" ""
    else
        show_failures "$dir" | sed 's/^/    /'
        count_results "$dir" "make check failed, but no test did"
    fi
}

results() {
    find "$1" -name '*.trs' -exec sed -n 's/^:test-result: //p' {} +
}

# Each failed sentence with the comments behind it; the end of what a program
# said where it failed without a sentence.
show_failures() {
    local result log
    find "$1" -name '*.trs' | while read -r result; do
        grep -qE '^:test-result: (FAIL|XPASS|ERROR)' "$result" || continue
        log=${result%.trs}.log
        echo "$log:"
        grep -q '^not ok' "$log" || tail -n 20 "$log"
        awk '/^ok/ { p = 0 } /^not ok/ { p = 1 } p' "$log" | head -n 60
    done
}

# count_results DIR TROUBLE: add up the .trs files; where make failed and no
# sentence did, the trouble counts as one.
count_results() {
    local ok bad skip
    ok=$(results "$1" | grep -cE '^(PASS|XFAIL)' || true)
    bad=$(results "$1" | grep -cE '^(FAIL|XPASS|ERROR)' || true)
    skip=$(results "$1" | grep -c '^SKIP' || true)
    if [ -n "$2" ] && [ "$bad" = 0 ]; then
        say "$2"
        bad=1
    fi
    add_counts "$ok" "$bad" "$skip"
}

add_counts() {
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

# pass_or_fail NAME COMMAND...: one more test, passed if the command succeeds.
pass_or_fail() {
    if logged "$@"; then
        add_counts 1 0 0
    else
        add_counts 0 1 0
    fi
}

# What tests says so first, and ends with its counts however it ends.
counting() {
    trap 'summary $?' EXIT
}

summary() {
    local line
    if [ "$1" != 0 ] && [ "$failed" = 0 ]; then
        failed=1 # it did not come as far as a test
    fi
    line="$passed passed, $failed failed"
    [ "$skipped" = 0 ] || line+=", $skipped skipped"
    echo "$line"
    [ "$failed" = 0 ] || exit 1
}
