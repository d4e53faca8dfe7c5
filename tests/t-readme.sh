#!/bin/sh
# The stacks that README prints are the ones that the tests log in with.
top_srcdir=${top_srcdir:-.}
readme=$top_srcdir/README.md
n=0

# The lines of the block behind "<!-- data/stacks/NAME -->".
block() {
	awk -v mark="<!-- data/stacks/$1 -->" '
		index($0, mark) { marked = 1; next }
		marked && /```/ { if (inside) exit; inside = 1; next }
		inside { sub(/^ +/, ""); print }' "$readme"
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

stacks=$(cd "$top_srcdir/data/stacks" && echo *)
# shellcheck disable=SC2086 # names without blanks
set -- $stacks
echo "1..$#"
for name; do
	n=$((n + 1))
	if block "$name" | in_order "$top_srcdir/data/stacks/$name"; then
		echo "ok $n - README prints the stack $name as it is tested"
	else
		echo "not ok $n - README prints the stack $name as it is tested"
	fi
done
