#!/bin/sh
# The units of the verifier, as systemd reads them, and what installing does.
set -u
build=${top_builddir:-.}
count=0

# result TROUBLE SENTENCE: one line of TAP; no trouble is a pass.
result() {
	count=$((count + 1))
	if [ -z "$1" ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		echo "$1" | sed 's/^/# /'
	fi
}

skipped() {
	count=$((count + 1))
	echo "ok $count - $2 # SKIP $1"
}

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# What they are made from lies beside them, where the build is in the sources.
units() {
	ls "$build"/data/systemd/sallyport-verifier*.socket \
		"$build"/data/systemd/sallyport-verifier*.service
}

unfilled() {
	units | xargs grep -n '@[a-z]*@'
}

# systemd wants a program that is there.
complaints() {
	for unit in $(units); do
		sed "s|^ExecStart=.*|ExecStart=$build/tools/sallyport-verifier|" \
			"$unit" >"$place/${unit##*/}"
	done
	systemd-analyze verify --man=no "$place"/*.socket "$place"/*.service 2>&1
}

# In tenths, of 10 that are possible.
exposed() {
	systemd-analyze security --offline=yes --no-pager --threshold=15 \
		"$place/sallyport-verifier@.service" >"$place/exposed" 2>&1 ||
		grep -v '✓' "$place/exposed"
}

make_in_build() {
	${MAKE:-make} -s -C "$build" DESTDIR="$place/root" "$@" >"$place/made" 2>&1 ||
		cat "$place/made"
}

# installed MODE: what is wrong with the one program that was installed.
installed() {
	find "$place/root" -name sallyport-verifier -perm "$1" | grep -q . ||
		echo "it was not installed with mode $1"
}

# What is where PAM looks for modules.
modules() {
	(cd "$place/root" && find . -path '*/security/*' ! -name pam_sallyport.so)
}

echo "1..6"
result "$(unfilled)" "every path in the units is filled in"
if command -v systemd-analyze >/dev/null; then
	result "$(complaints)" "systemd has nothing to say about the units"
	result "$(exposed)" "the verifier's sandbox leaves little exposed"
else
	skipped "systemd is not installed" \
		"systemd has nothing to say about the units"
	skipped "systemd is not installed" \
		"the verifier's sandbox leaves little exposed"
fi

wrong=$(make_in_build install-libexecPROGRAMS install-exec-hook; installed 755)
result "$wrong" "installing leaves the verifier without privilege"
wrong=$(make_in_build install-setuid-verifier; installed 4755)
result "$wrong" "it is set-uid where it is told to be"
wrong=$(make_in_build install; modules)
result "$wrong" "beside the module, installing leaves nothing of libtool's"
