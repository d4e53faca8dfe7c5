# What the words share: telling, timing, building, counting.
# shellcheck shell=bash

# shellcheck source=dev.d/packages.sh
. dev.d/packages.sh

MAKEFLAGS=-j$(nproc)
export MAKEFLAGS
# What packages.sh installs is for Debian's programs, whatever others there are.
PATH=/usr/sbin:/usr/bin:$PATH
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

# configure is made anew when something that it is made from is newer; once,
# whoever else is building.
bootstrap() {
    mkdir -p build
    {
        flock 9
        if [ ! -e configure ] || [ ! -e Makefile.in ] ||
            [ -n "$(find configure.ac Makefile.am ./*/local.mk \
                -newer configure -print -quit)" ]; then
            logged autoreconf autoreconf -fi
        fi
    } 9>build/bootstrap.lock
}

# configure_build NAME [CONFIGURE ARGUMENT...]: a build of its own in build/NAME,
# with nothing made yet.
configure_build() {
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
}

# build NAME [CONFIGURE ARGUMENT...]: the same, with all of it made.
build() {
    configure_build "$@"
    logged "build-$1" make -C "build/$1" all
    logged "build-$1-tests" make -C "build/$1" check TESTS=
}

# make_value BUILD VARIABLE...: what they are in that build's Makefile, in the
# shell's words.
make_value() {
    local build=$1
    shift
    # shellcheck disable=SC2016 # the variables are make's
    printf '$(%s) ' "$@" | sed 's/.*/$(info &) value:;/' |
        make -s -C "build/$build" -f Makefile -f - value
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
        awk '/^ok/ { p = 0 } /^not ok/ { p = 1 } p && ++shown <= 60' "$log"
    done
}

# run_programs BUILD COMMAND PROGRAM...: some test programs of build/BUILD, made
# with all that they load and run; by the command, if it is not "".
run_programs() {
    local build=$1 program command modules
    read -ra command <<<"$2"
    shift 2
    [ $# -gt 0 ] || die "no test programs for $build"
    read -ra modules <<<"$(make_value "$build" check_LTLIBRARIES)"
    logged "build-$build" make -C "build/$build" all "${modules[@]}" "$@"
    for program; do
        start_tap "$(nproc)" "$build-$(basename "$program")" \
            env top_builddir="$PWD/build/$build" top_srcdir="$PWD" \
            sh tests/tap.sh "${command[@]}" "build/$build/$program"
    done
    finish_taps
}

# start_tap AT_ONCE NAME COMMAND...: a command that prints TAP, beside so many
# others.  Its output goes to build/log/NAME, what it came to beside it.
taps=()

start_tap() {
    local at_once=$1
    shift
    mkdir -p build/log
    taps+=("$1")
    while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do
        wait -n || true
    done
    run_tap "$@" &
}

finish_taps() {
    local name counts
    wait
    for name in "${taps[@]}"; do
        read -ra counts <"build/log/$name.counts"
        add_counts "${counts[@]}"
    done
    taps=()
}

run_tap() {
    local log=build/log/$1 name=$1 began=$SECONDS status=0
    shift
    "$@" >"$log" 2>&1 </dev/null || status=$?
    count_tap "$status" <"$log" >"$log.counts"
    report_tap "$name" "$((SECONDS - began))" >"$log.report"
    flock build/log cat "$log.report" # whole, whoever else ends just now
}

# count_tap STATUS: passed, failed, skipped of the TAP on standard input.  A
# program that ends early or badly has failed, whatever its sentences say.
count_tap() {
    awk -v status="$1" '
        /^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1 }
        /^1\.\.0 # SKIP/ { skip++ }
        /^ok .*# SKIP/ { seen++; skip++; next }
        /^ok / { seen++; ok++ }
        /^not ok / { seen++; bad++ }
        END {
            if (!bad && (!planned || seen != plan || status != 0))
                bad++
            print ok + 0, bad + 0, skip + 0
        }'
}

# report_tap NAME SECONDS: where it failed, the sentences that did, or what a
# sanitizer said, and the end.
report_tap() {
    local log=build/log/$1
    if grep -q '^[0-9]* 0 ' "$log.counts"; then
        echo "dev: $1 ... $2 s"
        sed -nE 's/^(1\.\.0|ok .*) # SKIP (.*)/    skipped: \2/p' "$log"
    else
        echo "dev: $1 ... failed after $2 s; from $log:"
        { grep -A 40 '^not ok' "$log" || grep -m 60 '^==[0-9]*==' "$log" ||
            true
            grep -q '^not ok' "$log" || tail -n 30 "$log"
        } | awk '!/^ok/ && ++shown <= 120 { print "    " $0 }'
    fi
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
