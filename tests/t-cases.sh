#!/bin/sh
# tests/CASES names tests by their sentences; each of them is there.
top_srcdir=${top_srcdir:-.}
tests=$top_srcdir/tests

# A test with its sentences on one line each, however they are broken.
joined() {
	for file in "$tests/$1.c" "$tests/$1.py" "$tests/system/$1.py"; do
		[ ! -e "$file" ] || tr '\n\t' '  ' <"$file" | sed 's/" *"//g'
	done
	[ ! -e "$tests/$1.sh" ] || cat "$tests/$1.sh"
}

cases=$(sed -n 's/^.*| \(t-[a-z0-9-]*\): \(.*\)$/\1|\2/p' "$tests/CASES")
echo "1..2"
missing=$(printf '%s\n' "$cases" | while IFS='|' read -r file sentence; do
	joined "$file" | grep -qF "\"$sentence\"" || echo "$file: $sentence"
done)
[ -z "$missing" ] || printf '%s\n' "$missing" | sed 's/^/# no such test: /'
[ -z "$missing" ] || printf 'not '
echo "ok 1 - every case has its test"

rows=$(grep -c '|' "$tests/CASES")
[ "$rows" -eq "$(printf '%s\n' "$cases" | wc -l)" ] || printf 'not '
echo "ok 2 - every row of the table can be read"
