# What a fresh Debian needs before anything here works, and how it gets there.
# shellcheck shell=bash

# Building, and the tests of `make check`.
packages=(
    autoconf automake build-essential libtool pkg-config xz-utils
    libcmocka-dev libjson-c-dev liboath-dev libpam0g-dev libqrencode-dev
    liblzma-dev libxxhash-dev nettle-dev zlib1g-dev
)
# The other kinds of build, and the linters.
packages+=(
    clang clang-format clang-tidy codespell cppcheck gcovr mandoc pyflakes3
    shellcheck valgrind
)
# libFuzzer, and clang's sanitizers.
packages+=(libclang-rt-dev)
# Logging in for real, with codes from an independent program.
packages+=(
    login oathtool openssh-client openssh-server openssl python3
    python3-pexpect sudo
)
# Holding what is printed for programs against its schema.
packages+=(python3-jsonschema)
# Scanning QR codes from real terminals.
packages+=(
    fonts-dejavu-core imagemagick librsvg2-bin tmux xdotool xterm xvfb
    zbar-tools
)
# Shells that complete words.
packages+=(fish zsh)
# What starts the verifier for each connection, and reads its units; it starts
# nothing of itself.
packages+=(systemd)
# Disks of one's own, that fill up, fail and lose power.
packages+=(btrfs-progs e2fsprogs strace xfsprogs)
# Counting instructions.
packages+=(valgrind)

missing_packages() {
    local installed package
    # shellcheck disable=SC2016 # the variables are dpkg-query's
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
        "${packages[@]}" 2>/dev/null || true)
    for package in "${packages[@]}"; do
        grep -qxF "installed $package" <<<"$installed" || echo "$package"
    done
}

# As root, installs what is missing; anybody else is told.
need_packages() {
    local missing
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here: going on with what is installed"
        return
    fi
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        say "not installed: ${missing[*]}"
        say "to install it:"
        say "  sudo apt-get install --no-install-recommends ${missing[*]}"
        return
    fi
    say "installing ${#missing[@]} packages: ${missing[*]}"
    install_packages "${missing[@]}"
}

# Installs without starting anything: an sshd that tests need is no reason
# to run one on the machine.
install_packages() {
    local policy=/usr/sbin/policy-rc.d
    (
        if [ ! -e "$policy" ]; then
            trap 'rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' >"$policy"
            chmod 755 "$policy"
        fi
        export DEBIAN_FRONTEND=noninteractive
        logged packages apt_get_install "$@"
    )
}

apt_get_install() {
    apt-get update &&
        apt-get install -y --no-install-recommends "$@"
}

# unpack_packages FOLDER PACKAGE...: there, with what they need that is not
# installed, and nowhere installed themselves.
unpack_packages() (
    cd "$1" || return
    shift
    download_packages "$@" ||
        { apt-get update && download_packages "$@"; } || return
    for package in *.deb; do
        dpkg -x "$package" . || return
    done
    rm -rf ./*.deb lock partial
)

download_packages() {
    apt-get install --download-only --reinstall -y --no-install-recommends \
        -o Dir::Cache::archives="$PWD" -o APT::Sandbox::User=root "$@"
}
