#!/bin/sh
# What completes the words of the tool, in each shell itself.
command -v python3 >/dev/null || {
	echo "1..0 # SKIP python3 is not installed"
	exit 0
}
exec python3 -B "${top_srcdir:-.}/tests/t-completion.py"
