#!/bin/sh
# The manual: well-formed, and complete where the sources can tell.
set -u
src=${top_srcdir:-.}
pages='pam_sallyport.8 sallyport.7 sallyport.8 sallyport-verifier.8 sallyport.conf.5
	sallyport-breach.5 sallyport-log.5'
count=0

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

missing() {
	for page in $pages; do
		[ -s "$src/man/$page" ] || echo "man/$page"
	done
}

# mandoc's status is 0 when it only warns; silence is what we want.  It says
# nothing where a macro takes the next one in, which shows by quotes in quotes.
complaints() {
	mandoc -T lint -W warning "$src"/man/*.[1578] 2>&1
	mandoc -T ascii "$src"/man/*.[1578] | grep "''"
}

# The names in the one table of settings; an item of a list in the manual is
# about each.
names() {
	sed -n 's/^[[:space:]]*{ { "\([a-z_]*\)",.*/\1/p' "$src/lib/settings.c"
}

unnamed() {
	[ "$(names | wc -l)" -gt 10 ] || echo "the table was not found"
	for name in $(names); do
		cat "$src/man/sallyport.conf.5" "$src/man/pam_sallyport.8" |
			grep -q "^\.It .*\<$name\>" || echo "$name"
	done
}

# The names of events, where they are made: returned, or handed on to what
# writes the line.
events() {
	{
		sed -n 's/.*\(return\|VERDICT_[A-Z_]*,\) "\([a-z-]*\)".*/\2/p' \
			"$src/lib/verdict.c" "$src/tools/verifier_log.c"
		sed -n 's/.*\(LOG_[A-Z]*,\|event =\) "\([a-z-]*\)".*/\2/p' \
			"$src/pam_module/outcome.c" "$src/tools/verifier_log.c"
		cat "$src"/tools/*.c | tr -d '\n' | sed 's/[;{}]/\n/g' |
			sed -n 's/.*\(desk\|journal\)_note(/,/p' |
			grep -o '[,?:][[:space:]]*"[a-z-]*"' |
			sed 's/.*"\(.*\)"/\1/'
	} | sort -u
}

# The names in the manual, where their list is.
told_events() {
	sed -n '/^\.Sh EVENTS/,/^\.Sh EXAMPLES/s/^\.It Cm \([a-z-]*\)$/\1/p' \
		"$src/man/sallyport-log.5" | sort -u
}

untold_events() {
	[ "$(events | wc -l)" -gt 40 ] || echo "the events were not found"
	for name in $(events); do
		told_events | grep -qx -e "$name" || echo "$name"
	done
}

events_of_nobody() {
	for name in $(told_events); do
		events | grep -qx -e "$name" || echo "$name"
	done
}

# Every section a page of its kind has.
sections() {
	for page in $pages; do
		for section in NAME SYNOPSIS DESCRIPTION "SEE ALSO"; do
			case $page/$section in
			*.[57]/SYNOPSIS) continue ;;
			esac
			grep -q "^\.Sh $section\$" "$src/man/$page" ||
				echo "man/$page has no $section"
		done
	done
}

echo "1..6"
lacks=$(missing)
result "$lacks" "every page of the manual is there"
if [ -n "$lacks" ]; then
	result "pages are missing" "mandoc has nothing to say about the pages"
	result "pages are missing" "every page has the sections people look for"
	result "pages are missing" "every setting stands in the manual"
	result "pages are missing" "every event of the log stands in the manual"
	result "pages are missing" "every event in the manual is one of the log"
	exit 0
fi
if command -v mandoc >/dev/null; then
	result "$(complaints)" "mandoc has nothing to say about the pages"
else
	skipped "mandoc is not installed" \
		"mandoc has nothing to say about the pages"
fi
result "$(sections)" "every page has the sections people look for"
result "$(unnamed)" "every setting stands in the manual"
result "$(untold_events)" "every event of the log stands in the manual"
result "$(events_of_nobody)" "every event in the manual is one of the log"
