#!/bin/sh
# The doctor as people meet him: exit status, what is printed, and a real sshd
# asked about the settings of each case.

# As root sshd wants /run/sshd, which starting it makes; here it is never
# started, so there is one in a mount namespace of this test's own.
if [ "$(id -u)" = 0 ] && [ ! -d /run/sshd ] && [ -z "$own_run" ] &&
	unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016 # $0 is for the inner shell
	own_run=yes exec unshare -m sh -c 'mount -t tmpfs tmpfs /run &&
		mkdir -m 755 /run/sshd && exec "$0"' "$0"
fi

top_srcdir=${top_srcdir:-.}
top_builddir=${top_builddir:-.}
sallyport=$top_builddir/tools/sallyport
stacks=$top_srcdir/tests/stacks
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
umask 077
n=0

tell() { # ok|not_ok SENTENCE
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

doctor() { # CASE [OPTION...]
    case=$1
    shift
    "$sallyport" --config "$tmp/sallyport.conf" "$@" doctor \
        --pam-dir "$stacks/$case/pam.d" --sshd-config "$tmp/$case.sshd"
}

# An sshd without privilege reads its settings where it has a key of its own.
sshd_file() { # CASE
    { echo "HostKey $tmp/key"; cat "$stacks/$1/sshd_config"; } \
        >"$tmp/$1.sshd"
}

echo 1..8
cat >"$tmp/sallyport.conf" <<EOF
store_dir = $tmp/store
key_file = $tmp/store.key
breach_lists = $tmp/*.breach
EOF
echo password | "$sallyport" breach build --words -o "$tmp/all.breach" - \
    >/dev/null 2>&1
"$sallyport" --config "$tmp/sallyport.conf" setup >/dev/null 2>&1
tell $? "a private store can be set up"

sshd=
for s in /usr/sbin/sshd /usr/local/sbin/sshd /usr/bin/sshd; do
    [ -x $s ] && sshd=$s && break
done
reason=
if [ -z "$sshd" ] || ! ssh-keygen -q -t ed25519 -N '' -f "$tmp/key" 2>/dev/null
then
    reason="there is no sshd here"
else
    sshd_file debian-key-code
    $sshd -T -f "$tmp/debian-key-code.sshd" >/dev/null 2>"$tmp/why" ||
        reason=$(tail -n 1 "$tmp/why")
fi

if [ -n "$reason" ]; then
    skip "all is well: status 0, and one line says how it asks" "$reason"
    skip "a fault: status 1" "$reason"
    skip "a real sshd gives every case its findings" "$reason"
else
    out=$(doctor debian-key-code)
    r=$?
    [ $r = 0 ] && [ "$out" = "sshd: key, then code; nothing skips it" ]
    tell $? "all is well: status 0, and one line says how it asks"

    sshd_file rhel-include
    doctor rhel-include >"$tmp/out"
    [ $? = 1 ] && grep -q '^fault: skipped-by-sufficient$' "$tmp/out"
    tell $? "a fault: status 1"

    wrong=0
    for dir in "$stacks"/*/; do
        case=$(basename "$dir")
        sshd_file "$case"
        doctor "$case" | sed -n \
            's/^\(fault\|unknown\|warning\|note\): \([a-z-]*\)$/\1 \2/p' |
            LC_ALL=C sort >"$tmp/found"
        cmp -s "$tmp/found" "$dir/expect" || {
            echo "# $case: $(tr '\n' ' ' <"$tmp/found")"
            wrong=1
        }
    done
    tell $wrong "a real sshd gives every case its findings"
fi

rm -f "$tmp/debian-local.sshd"
doctor debian-local >"$tmp/out" # which is not there
[ $? = 3 ] && grep -q '^unknown: sshd-unknown$' "$tmp/out"
tell $? "what cannot be told is not fine: status 3"

doctor debian-local --json | grep -q '"id": *"sshd-unknown"'
tell $? "--json names the same findings"

if [ -n "$reason" ]; then
    skip "settings that sshd will not start with are a fault" "$reason"
else
    sshd_file debian-local
    echo 'NoSuchWord yes' >>"$tmp/debian-local.sshd"
    doctor debian-local >"$tmp/out"
    r=$?
    sshd_file debian-local
    echo 'AuthenticationMethods any publickey' >>"$tmp/debian-local.sshd"
    doctor debian-local >"$tmp/any"
    [ $r = 1 ] && grep -q '^fault: sshd-unstartable$' "$tmp/out" &&
        grep -q 'NoSuchWord' "$tmp/out" &&
        grep -q 'must appear alone' "$tmp/any" &&
        grep -q '^    mend that line$' "$tmp/any"
    tell $? "settings that sshd will not start with are a fault"
    rm "$tmp/debian-local.sshd"
fi

LC_ALL=C doctor debian-local | LC_ALL=C grep -q '[^ -~]'
[ $? = 1 ]
tell $? "what is printed is plain ASCII"
