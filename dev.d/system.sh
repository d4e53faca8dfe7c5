# The system tests: real sshd, sudo, su and login, each test program in
# namespaces of its own (tests/system/sandbox.py).
# shellcheck shell=bash

at_once=3 # they mostly wait: for the delay after a refusal, for a new code

# PAM modules that people have before ours; installing them would change the
# machine's own stacks.  Without them, their tests are skipped.
fetch_modules() {
    local folder=build/modules
    [ ! -e "$folder/complete" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    timed modules unpack_packages "$folder" libpam-passwdqc libpasswdqc1 \
        libpam-pwquality libpwquality1 libcrack2 || return 0
    touch "$folder/complete"
}

# Programs that call PAM, and libraries that they need.  Installing them would
# bring services and users.
caller_packages=(
    libcap-ng0 liblzo2-2 libnl-3-200 libnl-genl-3-200 libpkcs11-helper1
    libwrap0 openvpn vsftpd
)

# They are in build/callers, once they are all there.
fetch_callers() {
    [ ! -e build/callers ] || return 0
    rm -rf build/callers.new
    if timed callers unpack_packages build/callers.new "${caller_packages[@]}"
    then
        mv build/callers.new build/callers
    else
        say "going on without the programs of others"
    fi
}

# run_system_tests BUILD [NAME...]: all of them, or those named.
run_system_tests() {
    local build=$1 test name
    shift
    fetch_callers
    for test in tests/system/t-*.py; do
        name=$(basename "$test" .py)
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        start_tap "$at_once" "system-$name" \
            env SALLYPORT_BUILD="$PWD/build/$build" /usr/bin/python3 -B "$test"
    done
    finish_taps
}
