#!/bin/sh
# Runs a test.  cmocka prints a skipped test as "not ok", where TAP wants "ok".
# What is killed, or fails, at each call in turn would spoil what coverage has
# counted so far: its counts go elsewhere.
case $1 in
*/t-callers | */t-sweep*)
	GCOV_PREFIX=$(mktemp -d) && export GCOV_PREFIX
	trap 'rm -rf "$GCOV_PREFIX"' EXIT
	;;
esac
# No program takes that long, unless it hangs; and then nobody learned which.
deadline=600
[ -z "${SALLYPORT_LONG:-}" ] && [ "$1" != valgrind ] || deadline=3600
exec 3>&1
status=$({ { timeout --kill-after=10 "$deadline" "$@"; echo $? >&4; } |
	sed 's/^not ok \([0-9]*\) # SKIP /ok \1 # SKIP /' >&3; } 4>&1)
[ "$status" != 124 ] || echo "# it had not ended after $deadline s"
exit "$status"
