# ./dev fuzz NAME MINUTES: one target of tests/fuzz/ on bytes that libFuzzer
# makes up, for so long or until something does not hold.
# shellcheck shell=bash

fuzz_list=address,undefined,fuzzer-no-link

word_fuzz() {
    if [ $# = 0 ]; then
        fuzz_names
        return
    fi
    if ! fuzz_names | grep -qxF "$1" || [[ ! ${2:-} =~ ^[1-9][0-9]*$ ]]; then
        die "fuzz: it is './dev fuzz NAME MINUTES'; './dev fuzz' lists names"
    fi
    counting
    need_packages
    build fuzz --enable-sanitizers="$fuzz_list" CC=clang CFLAGS="-g -O1"
    logged "fuzz-link-$1" fuzz_link "$1"
    pass_or_fail "fuzz-$1" fuzz_run "$1" "$2"
    fuzz_report "$1"
}

fuzz_names() {
    find tests/fuzz -name 'fuzz-*.c' | sed 's|.*/fuzz-||; s|\.c$||' | sort
}

# `make check` links the target to what replays its corpus.  Linked once more,
# here, it finds the main() of what makes inputs up first.
fuzz_link() {
    rm -f "build/fuzz/tests/fuzz/fuzz-$1"
    make -C build/fuzz LDFLAGS=-fsanitize=fuzzer "tests/fuzz/fuzz-$1"
}

# What it finds worth keeping stays in build/fuzz/found/NAME for the next time.
fuzz_run() (
    local name=$1 seconds=$(($2 * 60)) found=build/fuzz/found/$1
    local options=(-max_total_time="$seconds" -max_len=2000 -timeout=30
        -print_final_stats=1 -artifact_prefix="build/fuzz/finding-$name-")
    case $name in
    settings | words) options+=(-dict=tests/fuzz/settings.dict) ;;
    # Their clock stands in front of libFuzzer's.
    change | login | request | stack) options+=(-timeout=0 -report_slow_units=1000000) ;;
    esac
    mkdir -p "$found"
    TMPDIR=$(fuzz_folder)
    trap 'rm -rf "$TMPDIR"' EXIT
    export TMPDIR top_builddir=$PWD/build/fuzz
    "build/fuzz/tests/fuzz/fuzz-$name" "${options[@]}" "$found" \
        "tests/fuzz/corpus/$name"
)

# In memory, where there is such a folder: every input is written to files.
fuzz_folder() {
    mktemp -d /dev/shm/sallyport-fuzz.XXXXXX 2>/dev/null ||
        mktemp -d /tmp/sallyport-fuzz.XXXXXX
}

fuzz_report() {
    sed -n 's/^stat::number_of_executed_units: */inputs tried: /p
        s/.* \(DONE\|pulse\) *cov: \([0-9]*\) ft: \([0-9]*\).*/edges: \2/p' \
        "build/log/fuzz-$1" | sort | tail -n 2
    find build/fuzz -maxdepth 1 -name "finding-$1-*" \
        -newer "build/fuzz/tests/fuzz/fuzz-$1" |
        sed "s|.*|a finding: &\nput it into tests/fuzz/corpus/$1/|"
}
