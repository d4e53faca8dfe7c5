#!/bin/sh
# Which room may know which: who includes whom, and what the pure rooms call.
set -u
src=${top_srcdir:-.}
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

# The row of a room in lib/, from the ground up; 0: it has none yet.
row_of() {
	case $1 in
	err | mem | text | io | pack | link | child) echo 1 ;;
	record | totp | recovery | throttle | verdict | settings) echo 2 ;;
	state | seal | answer | release | wire | summary) echo 2 ;;
	breach_page | breach_format) echo 2 ;;
	change | invitation | offer | proof) echo 2 ;;
	network | origin | symbol) echo 2 ;;
	mend | policy) echo 3 ;;
	account | settings_load | store | store_file | store_ops) echo 4 ;;
	breach | breach_hash | box | codes) echo 4 ;;
	service | service_local | service_verifier) echo 5 ;;
	service_enrol | service_enrol_local) echo 5 ;;
	*) echo 0 ;;
	esac
}

# The pure rooms: nouns and decisions, and pack.
pure='pack record totp recovery throttle verdict settings state seal answer
	breach_page summary wire change invitation offer network origin symbol
	mend policy'

room() {
	basename "$1" | sed 's/\.[ch]$//'
}

# What a file includes in quotes, or in angles, one name a line.
quoted() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1"
}

angled() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*<\([^>]*\)>.*/\1/p' "$1"
}

# who_includes PATTERN: the files outside tests/ that include such a header.
who_includes() {
	for file in "$src"/lib/*.[ch] "$src"/pam_module/*.[ch] \
		"$src"/tools/*.[ch]; do
		if angled "$file" | grep -q "$1"; then
			echo "${file#"$src"/}"
		fi
	done
}

rooms_without_row() {
	for file in "$src"/lib/*.[ch]; do
		if [ "$(row_of "$(room "$file")")" = 0 ]; then
			echo "${file#"$src"/} has no row in $0"
		fi
	done
}

steps_up() {
	for file in "$src"/lib/*.[ch]; do
		row=$(row_of "$(room "$file")")
		for header in $(quoted "$file"); do
			other=$(row_of "$(room "$header")")
			if [ "$other" = 0 ] || [ "$other" -gt "$row" ]; then
				echo "${file#"$src"/} (row $row) includes" \
					"$header (row $other)"
			fi
		done
	done
}

pure_with_io() {
	for noun in $pure; do
		for file in "$src/lib/$noun.c" "$src/lib/$noun.h"; do
			if [ -e "$file" ] && quoted "$file" | grep -qx 'io\.h'; then
				echo "${file#"$src"/} includes io.h"
			fi
		done
	done
}

# Programs know lib/ and themselves, not each other.
strangers() {
	for folder in pam_module tools; do
		for file in "$src/$folder"/*.[ch]; do
			for header in $(quoted "$file"); do
				[ -e "$src/$folder/$header" ] ||
					[ -e "$src/lib/$header" ] ||
					echo "${file#"$src"/} includes $header"
			done
		done
	done
}

# The header a file belongs to: its own, else that of its noun (store_file ->
# store); empty: none.
own_header() {
	folder=$(dirname "$1")
	name=$(room "$1")
	while [ -n "$name" ]; do
		if [ -e "$folder/$name.h" ]; then
			echo "$name.h"
			return
		fi
		case $name in
		*_*) name=${name%_*} ;;
		*) return ;;
		esac
	done
}

own_header_not_first() {
	for file in "$src"/lib/*.c "$src"/pam_module/*.c "$src"/tools/*.c; do
		own=$(own_header "$file")
		first=$(sed -n 's/^#include [<"]\([^>"]*\)[>"].*/\1/p' "$file" |
			head -n 1)
		if [ -n "$own" ] && [ "$first" != "$own" ]; then
			echo "${file#"$src"/} begins with $first, not $own"
		fi
	done
}

# A header compiles alone, with no macro of ours and no other header before.
not_alone() {
	flags=$(pkg-config --cflags json-c libqrencode 2>/dev/null || true)
	for file in "$src"/lib/*.h "$src"/pam_module/*.h "$src"/tools/*.h; do
		# shellcheck disable=SC2086 # words of a command and its flags
		printf '#include "%s"\n' "$(basename "$file")" |
			${CC:-cc} -D_GNU_SOURCE -Werror -fsyntax-only \
				-I"$(dirname "$file")" -I"$src/lib" $flags \
				-x c - >/dev/null 2>&1 ||
			echo "${file#"$src"/}"
	done
}

# The object of a room, however libtool calls it.
object_of() {
	find "$build/lib" -name "*la-$1.o" -o -name "$1.o" | head -n 1
}

# calls NAMES... : which of these rooms' objects call what the pattern names.
calls() {
	pattern=$1
	shift
	for noun in "$@"; do
		object=$(object_of "$noun")
		if [ -z "$object" ]; then
			echo "lib/$noun was not built"
			continue
		fi
		${NM:-nm} -u "$object" | sed 's/.* //; s/@.*//' |
			grep -Ex "$pattern" | sed "s/^/lib\/$noun calls /"
	done
}

files='open(64)?|__open(64)?_2|openat(64)?|__openat(64)?_2|creat|fopen(64)?'
files="$files|p?read(64)?|__p?read(64)?_chk|p?write(64)?|close|dup[23]?|fcntl(64)?"
files="$files|f?stat(64)?|fstatat(64)?|lstat(64)?|unlink(at)?|rename(at2?)?"
files="$files|fsync|fdatasync|ftruncate(64)?|mkdir|opendir|readdir(64)?|syscall"
clock='time|gettimeofday|clock_gettime|__clock_gettime64|clock|nanosleep|sleep'
chance='getrandom|getentropy|s?random(_r)?|s?rand(_r)?|arc4random.*'
who='getuid|geteuid|getresuid|getgid|getegid|getpw.*|getgr.*|getlogin.*|getauxval'
world='getenv|secure_getenv|setlocale|v?syslog|openlog|pam_.*|socket|connect'
world="$world|fork|vfork|exec.*|posix_spawn.*|system|popen|signal|sigaction"
talk='v?printf|v?fprintf|v?dprintf|__v?f?printf_chk|__v?dprintf_chk|f?puts'
talk="$talk|f?putc|putchar|fwrite|perror|stdout|stderr|v?syslog|__v?syslog_chk"
talk="$talk|pam_.*"
over='abort|exit|_exit|_Exit|quick_exit|__assert_fail'

children='fork|vfork|clone|exec.*|posix_spawn.*|system|popen|wait|waitp?id'
children="$children|sigaction|signal"

echo "1..15"
result "$(rooms_without_row)" "every room of lib/ has its row"
result "$(steps_up)" "no room includes a header from a higher row"
result "$(pure_with_io)" "nouns and decisions leave io alone"
result "$(who_includes '^security/' | grep -v '^pam_module/' |
	grep -vx 'tools/\(verifier_password\.c\|pam_try\.c\|pam_answers\.h\)')" \
	"only pam_module/, and the two tools that call PAM, include its headers"
result "$(who_includes '^qrencode' | grep -v '^tools/')" \
	"only tools/ includes qrencode.h"
result "$(who_includes '^liboath/' | grep -vx 'lib/totp\.c')" \
	"only lib/totp.c includes liboath"
result "$(who_includes '^nettle/' | grep -vx 'lib/\(seal\|breach_hash\)\.c')" \
	"only lib/seal.c and lib/breach_hash.c include nettle"
result "$(who_includes '^xxhash' | grep -vx 'lib/breach_page\.c')" \
	"only lib/breach_page.c includes xxhash.h"
result "$(who_includes '^\(zlib\|lzma\)\.h' |
	grep -vx 'tools/breach_unpack\.c')" \
	"only tools/breach_unpack.c includes zlib and liblzma"
result "$(strangers)" "the module and the tools do not include each other"
result "$(own_header_not_first)" "every .c file includes its own header first"
result "$(not_alone)" "every header compiles alone"
if [ -z "$(object_of pack)" ]; then
	skipped "nothing is built in $build" "nouns and decisions ask nobody"
	skipped "nothing is built in $build" "lib/ prints, logs and ends nothing"
	skipped "nothing is built in $build" "lib/child.c alone has children"
else
	# shellcheck disable=SC2086 # words of a list
	result "$(calls "$files|$clock|$chance|$who|$world" $pure)" \
		"nouns and decisions ask no file, clock, dice, user or environment"
	all=$(for file in "$src"/lib/*.c; do room "$file"; done)
	# shellcheck disable=SC2086 # words of a list
	result "$(calls "$talk|$over" $all)" \
		"lib/ prints nothing, logs nothing and ends no program"
	# shellcheck disable=SC2086 # words of a list
	result "$(calls "$children" $all | grep -v '^lib/child calls')" \
		"only lib/child.c has children, and says what a signal does to them"
fi
