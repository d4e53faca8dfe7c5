# What is written to disk is the same on every machine: where bytes stand the
# other way round (s390x), and where 32 bits are a word (armhf).  Builds for
# them run under qemu, on libraries that are unpacked in build/ARCH and never
# installed.
# shellcheck shell=bash

# The tests of what stands on disk, and of numbers on their way there.
machine_tests=(
    t-answer t-breach t-breach-lines t-pack t-record t-recovery t-seal t-state
    t-totp
)

# run_machines BUILD: BUILD is this machine's.
run_machines() {
    run_machine s390x s390x-linux-gnu s390x "$1"
    run_machine armhf arm-linux-gnueabihf arm "$1"
}

# run_machine ARCH TRIPLET QEMU BUILD: Debian's, gcc's and qemu's names of it.
run_machine() {
    local arch=$1 triplet=$2 machine=build/$1 runner=qemu-$3-static
    local name counts status
    if ! machine_tools || ! logged "$arch-packages" machine_root; then
        say "not tested on $arch: its packages are not to be had"
        add_counts 0 0 1
        return
    fi
    pass_or_fail "$arch-build" machine_build || return 0
    for name in "${machine_tests[@]}"; do
        status=0
        timed "$arch-$name" machine_run "tests/$name" || status=$?
        read -ra counts < <(count_tap "$status" <"build/log/$arch-$name")
        add_counts "${counts[@]}"
    done
    pass_or_fail "$arch-indexes" machine_indexes "$4"
}

machine_tools() {
    # shellcheck disable=SC2034 # what need_packages and the other go by
    local packages=("gcc-$triplet" qemu-user-static)
    need_packages
    [ -z "$(missing_packages)" ]
}

# Its libraries, with apt's own records in a folder beside them.
machine_root() {
    local apt=$PWD/$machine/apt deb link
    local options=(
        -o Dir::State::lists="$apt/lists" -o Dir::State::status=/dev/null
        -o Dir::Cache="$apt" -o APT::Architecture="$arch"
        -o APT::Architectures="$arch" -o APT::Sandbox::User=root
    )
    [ ! -e "$machine/root" ] || return 0
    mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$machine/new"
    apt-get "${options[@]}" update
    apt-get "${options[@]}" install -y --download-only \
        --no-install-recommends libcmocka-dev libjson-c-dev liblzma-dev \
        liboath-dev libpam0g-dev libqrencode-dev libxxhash-dev nettle-dev \
        zlib1g-dev || return
    for deb in "$apt"/archives/*.deb; do
        dpkg -x "$deb" "$machine/new" || return
    done
    # A link that begins at / would lead out of it.
    find "$machine/new" -type l -lname '/*' | while read -r link; do
        ln -sfr "$machine/new$(readlink "$link")" "$link"
    done
    rm -rf "$apt"
    mv "$machine/new" "$machine/root"
}

machine_build() (
    local root=$PWD/$machine/root
    export PKG_CONFIG_SYSROOT_DIR=$root
    export PKG_CONFIG_LIBDIR=$root/usr/lib/$triplet/pkgconfig
    bootstrap
    mkdir -p "$machine/build"
    cd "$machine/build" || exit
    if [ config.status -ot ../../../configure ]; then
        ../../../configure --host="$triplet" --enable-werror \
            CC="$triplet-gcc --sysroot=$root" || exit
    fi
    make all "${machine_tests[@]/#/tests/}"
)

machine_run() {
    "$runner" -L "$machine/root" "$machine/build/$1" "${@:2}"
}

# Lists in order and not, with counts and without, of either kind of hash.
machine_lists() {
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
machine_indexes() (
    local ours=build/$1/tools/sallyport folder list args
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    machine_lists "$folder"
    for args in "sorted" "unsorted --bits 30" "sorted --no-counts --bits 16" \
        "words --words --hash nt"; do
        list=$folder/${args%% *}
        # shellcheck disable=SC2046,SC2086 # words of a command
        set -- $(sed -n 's/^[a-z]* *//p' <<<"$args") "$list"
        "$ours" breach build -o "$folder/ours" "$@" &&
            machine_run tools/sallyport breach build -o "$folder/theirs" \
                "$@" && cmp "$folder/ours" "$folder/theirs" || exit
        [[ $args != *--words* ]] || set -- --words "$list"
        [[ $args == *--words* ]] || set -- "$list"
        "$ours" breach verify --list "$folder/theirs" "$@" &&
            machine_run tools/sallyport breach verify \
                --list "$folder/ours" "$@" || exit
    done
)
