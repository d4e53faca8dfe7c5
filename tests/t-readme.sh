#!/bin/sh
# The stacks that README and the manual print are the ones that the tests log
# in with; each is printed in one of them at least.
top_srcdir=${top_srcdir:-.}
readme=$top_srcdir/README.md
manual=$top_srcdir/man/pam_sallyport.8
n=0

# The lines of the block behind "<!-- data/stacks/NAME -->".
readme_block() {
	awk -v mark="<!-- data/stacks/$1 -->" '
		index($0, mark) { marked = 1; next }
		marked && /```/ { if (inside) exit; inside = 1; next }
		inside { sub(/^ +/, ""); print }' "$readme"
}

# The lines of the block behind '.\" data/stacks/NAME'.
manual_block() {
	awk -v mark=".\\\\\" data/stacks/$1" '
		$0 == mark { marked = 1; next }
		marked && /^\.Ed/ { exit }
		marked && /^\.Bd/ { inside = 1; next }
		inside { gsub(/\\-/, "-"); print }' "$manual"
}

# Whether standard input's lines stand in the file, in this order.
in_order() {
	awk -v file="$1" '
		{ want[++count] = $0 }
		END {
			if (count == 0) exit 1
			for (at = 1; (getline line < file) > 0;)
				if (at <= count && line == want[at]) at++
			exit at <= count
		}'
}

# printed NAME FROM: 0 as it is tested, 1 otherwise, 2 not at all.
printed() {
	lines=$("$2_block" "$1")
	[ -n "$lines" ] || return 2
	echo "$lines" | in_order "$top_srcdir/data/stacks/$1"
}

# printed_well NAME: in one of them at least, and in none otherwise.
printed_well() {
	printed "$1" readme
	readme_says=$?
	printed "$1" manual
	manual_says=$?
	[ $readme_says != 1 ] && [ $manual_says != 1 ] &&
		[ $((readme_says + manual_says)) -lt 4 ]
}

stacks=$(cd "$top_srcdir/data/stacks" && echo *)
# shellcheck disable=SC2086 # names without blanks
set -- $stacks
echo "1..$#"
for name; do
	n=$((n + 1))
	printed_well "$name" || printf 'not '
	echo "ok $n - the stack $name is printed as it is tested"
done
