# The system tests: real sshd, sudo, su and login, each test program in
# namespaces of its own (tests/system/sandbox.py).
# shellcheck shell=bash

at_once=3 # they mostly wait: for the delay after a refusal, for a new code

# PAM modules that people have before ours, and programs that call PAM.
# Installing them would change the machine's own stacks, or bring services and
# users.  Without them, their tests are skipped.
fetch_others() {
    fetch modules libpam-passwdqc libpam-pwquality
    fetch authenticators libpam-google-authenticator libpam-oath
    fetch fail2ban fail2ban
    fetch callers dbus-daemon i3lock openvpn pkexec polkitd vsftpd
}

# fetch NAME PACKAGE...: unpacked in build/NAME, once.
fetch() {
    local folder=build/$1
    [ ! -e "$folder/complete" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    timed "$1" unpack_packages "$folder" "${@:2}" || return 0
    touch "$folder/complete"
}

# run_system_tests BUILD [NAME...]: all of them, or those named.
run_system_tests() {
    local build=$1 test name
    shift
    for test in tests/system/t-*.py; do
        name=$(basename "$test" .py)
        [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
        start_tap "$at_once" "system-$name" \
            env SALLYPORT_BUILD="$PWD/build/$build" /usr/bin/python3 -B "$test"
    done
    finish_taps
}
