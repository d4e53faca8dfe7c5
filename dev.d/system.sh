# The system tests: real sshd, sudo, su and login, each test program in
# namespaces of its own (tests/system/sandbox.py).
# shellcheck shell=bash

at_once=3 # they mostly wait: for the delay after a refusal, for a new code

# run_system_tests BUILD [NAME...]: all of them, or those named.
run_system_tests() {
    local build=$1 test name counts names=()
    shift
    mkdir -p build/log
    for test in tests/system/t-*.py; do
        name=$(basename "$test" .py)
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        names+=("$name")
        while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do
            wait -n || true
        done
        run_system_test "$build" "$name" &
    done
    wait
    for name in "${names[@]}"; do
        read -ra counts <"build/log/system-$name.counts"
        add_counts "${counts[@]}"
    done
}

# Its output goes to build/log/system-NAME, what it came to beside it.
run_system_test() {
    local test=tests/system/$2.py log=build/log/system-$2
    local began=$SECONDS status=0
    SALLYPORT_BUILD=$PWD/build/$1 /usr/bin/python3 -B "$test" \
        >"$log" 2>&1 </dev/null || status=$?
    count_tap "$status" <"$log" >"$log.counts"
    report_system_test "$test" "$log" "$((SECONDS - began))" >"$log.report"
    flock build/log cat "$log.report" # whole, whoever else ends just now
}

# report_system_test TEST LOG SECONDS
report_system_test() {
    if grep -q '^[0-9]* 0 ' "$2.counts"; then
        echo "dev: $1 ... $3 s"
        sed -nE 's/^(1\.\.0|ok .*) # SKIP (.*)/    skipped: \2/p' "$2"
    else
        echo "dev: $1 ... failed after $3 s; from $2:"
        { grep -A 40 '^not ok' "$2" || tail -n 30 "$2"; } |
            grep -v '^ok' | head -n 120 | sed 's/^/    /'
    fi
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
