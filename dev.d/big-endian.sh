# What is written to disk is the same on a machine that has its bytes the other
# way round: a build for s390x runs under qemu, on libraries that are unpacked
# in build/s390x and never installed.
# shellcheck shell=bash

big_endian=build/s390x

# The tests of what stands on disk, and of numbers on their way there.
big_endian_tests=(
    t-answer t-breach t-breach-lines t-pack t-record t-recovery t-seal t-state
    t-totp
)

run_big_endian() {
    local name counts status
    if ! big_endian_tools || ! logged s390x-packages big_endian_root; then
        say "not tested on a big-endian machine: its packages are not to be had"
        add_counts 0 0 1
        return
    fi
    pass_or_fail s390x-build big_endian_build || return 0
    for name in "${big_endian_tests[@]}"; do
        status=0
        timed "s390x-$name" big_endian_run "tests/$name" || status=$?
        read -ra counts < <(count_tap "$status" <"build/log/s390x-$name")
        add_counts "${counts[@]}"
    done
    pass_or_fail s390x-indexes big_endian_indexes "$1"
}

big_endian_tools() {
    # shellcheck disable=SC2034 # what need_packages and the other go by
    local packages=(gcc-s390x-linux-gnu qemu-user-static)
    need_packages
    [ -z "$(missing_packages)" ]
}

# Its libraries, with apt's own records in a folder beside them.
big_endian_root() {
    local apt=$PWD/$big_endian/apt deb link
    local options=(
        -o Dir::State::lists="$apt/lists" -o Dir::State::status=/dev/null
        -o Dir::Cache="$apt" -o APT::Architecture=s390x
        -o APT::Architectures=s390x -o APT::Sandbox::User=root
    )
    [ ! -e "$big_endian/root/lib/ld64.so.1" ] || return 0
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$big_endian/new"
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install -y --download-only \
        --no-install-recommends libcmocka-dev libjson-c-dev liblzma-dev \
        liboath-dev libpam0g-dev libqrencode-dev libxxhash-dev nettle-dev \
        zlib1g-dev || return
    for deb in "$apt"/archives/*.deb; do
        dpkg -x "$deb" "$big_endian/new" || return
    done
    # A link that begins at / would lead out of it.
    find "$big_endian/new" -type l -lname '/*' | while read -r link; do
        ln -sfr "$big_endian/new$(readlink "$link")" "$link"
    done
    rm -rf "$apt" "$big_endian/root"
    mv "$big_endian/new" "$big_endian/root"
}

big_endian_build() (
    local root=$PWD/$big_endian/root
    export PKG_CONFIG_SYSROOT_DIR=$root
    export PKG_CONFIG_LIBDIR=$root/usr/lib/s390x-linux-gnu/pkgconfig
    bootstrap
    mkdir -p "$big_endian/build"
    cd "$big_endian/build" || exit
    if [ config.status -ot ../../../configure ]; then
        ../../../configure --host=s390x-linux-gnu --enable-werror \
            CC="s390x-linux-gnu-gcc --sysroot=$root" || exit
    fi
    make all "${big_endian_tests[@]/#/tests/}"
)

big_endian_run() {
    qemu-s390x-static -L "$big_endian/root" \
        "$big_endian/build/$1" "${@:2}"
}

# Lists in order and not, with counts and without, of either kind of hash.
big_endian_lists() {
    /usr/bin/python3 - "$1" <<'EOF'
import hashlib
import sys

lines = [f"{hashlib.sha1(b'p%d' % n).hexdigest().upper()}:{n * n % 70001}\n"
         for n in range(50000)]
with open(sys.argv[1] + "/unsorted", "w") as out:
    out.writelines(lines)
with open(sys.argv[1] + "/sorted", "w") as out:
    out.writelines(sorted(lines))
with open(sys.argv[1] + "/words", "w") as out:
    out.writelines(f"p{n}\n" for n in range(20000))
EOF
}

# Each machine makes the same bytes, and finds in the other's index whatever
# it was made from.
big_endian_indexes() (
    local ours=build/$1/tools/sallyport folder list args
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    big_endian_lists "$folder"
    for args in "sorted" "unsorted --bits 30" "sorted --no-counts --bits 16" \
        "words --words --hash nt"; do
        list=$folder/${args%% *}
        # shellcheck disable=SC2046,SC2086 # words of a command
        set -- $(sed -n 's/^[a-z]* *//p' <<<"$args") "$list"
        "$ours" breach build -o "$folder/ours" "$@" &&
            big_endian_run tools/sallyport breach build -o "$folder/theirs" \
                "$@" && cmp "$folder/ours" "$folder/theirs" || exit
        [[ $args != *--words* ]] || set -- --words "$list"
        [[ $args == *--words* ]] || set -- "$list"
        "$ours" breach verify --list "$folder/theirs" "$@" &&
            big_endian_run tools/sallyport breach verify \
                --list "$folder/ours" "$@" || exit
    done
)
