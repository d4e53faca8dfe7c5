#!/bin/sh
# What holds for every command there is.
command -v python3 >/dev/null || {
	echo "1..0 # SKIP python3 is not installed"
	exit 0
}
exec python3 -B "${top_srcdir:-.}/tests/t-cli-every.py"
