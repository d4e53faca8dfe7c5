#!/bin/sh
# The module as login programs load it: what it shows them and wants of them.
set -u
so=${1:-${top_builddir:-.}/pam_module/.libs/pam_sallyport.so}
nm=${NM:-nm}
readelf=${READELF:-readelf}
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

if [ ! -e "$so" ]; then
	echo "1..1"
	echo "not ok 1 - the module is built"
	echo "# $so is not there"
	exit 1
fi

# shellcheck disable=SC2086 # NM may be a command with flags
undefined=$($nm -D --undefined-only "$so" | sed 's/.* //; s/@.*//')

# What the compiler puts in beside our code, if it was told to.
instrumented=
case $undefined in
*__asan_* | *__ubsan_* | *__msan_* | *__tsan_*)
	instrumented="built with sanitizers"
	;;
esac
# shellcheck disable=SC2086
if $nm "$so" | grep -q '__gcov_\|__llvm_prof'; then
	instrumented="built for coverage"
fi

# unless_instrumented TROUBLE SENTENCE
unless_instrumented() {
	if [ -n "$instrumented" ]; then
		skipped "$instrumented" "$2"
	else
		result "$1" "$2"
	fi
}

other_exports() {
	want='pam_sm_acct_mgmt pam_sm_authenticate pam_sm_chauthtok
pam_sm_close_session pam_sm_open_session pam_sm_setcred'
	# shellcheck disable=SC2086
	is=$($nm -D --defined-only "$so" | sed 's/.* //; s/@.*//' | sort)
	for name in $want; do
		echo "$is" | grep -qx "$name" || echo "$name is not exported"
	done
	for name in $is; do
		echo "$want" | grep -qw "$name" || echo "$name is exported"
	done
}

needed_beyond() {
	$readelf -dW "$so" |
		sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' |
		grep -Evx 'lib(pam|oath|nettle|c)\.so\.[0-9.]+|ld-.*\.so\.[0-9]+'
}

# wanted PATTERN: undefined symbols that match as a whole.
wanted() {
	echo "$undefined" | grep -Ex "$1"
}

dynamic=$($readelf -dW "$so")
segments=$($readelf -lW "$so")

lazy() {
	echo "$dynamic" | grep -q 'BIND_NOW\|FLAGS_1.*NOW' ||
		echo "symbols are bound while a login runs"
	echo "$segments" | grep -q 'GNU_RELRO' ||
		echo "the tables stay writable"
}

executable_stack() {
	echo "$segments" | grep 'GNU_STACK' | grep 'E  *0x'
	echo "$segments" | grep -q 'GNU_STACK' || echo "no GNU_STACK header"
}

writable_code() {
	echo "$dynamic" | grep 'TEXTREL'
	echo "$segments" | grep 'LOAD.*RWE'
}

search_path() {
	echo "$dynamic" | grep 'RPATH\|RUNPATH'
}

ends='abort|exit|_exit|_Exit|quick_exit|__assert_fail|longjmp|__longjmp_chk'
world='getenv|secure_getenv|setenv|putenv|unsetenv|clearenv|setlocale|newlocale'
world="$world|uselocale|umask|chdir|fchdir|bindtextdomain|textdomain"
# sigaction and execve are for processes of lib/child.c's own; see t-layers.sh.
handlers='signal|sigvec|bsd_signal|alarm|setitimer|timer_create'
stays='atexit|__cxa_atexit|on_exit|pthread_create|pthread_key_create|dlopen'
log='openlog|closelog|setlogmask|v?syslog|__v?syslog_chk'
talk='v?printf|v?fprintf|v?dprintf|__v?f?printf_chk|__v?dprintf_chk|f?puts|putchar'
talk="$talk|putc|fputc|perror|stdout|stderr"
shared='getpwnam|getpwuid|getgrnam|getgrgid|getpwent|getspnam|strtok|strerror|localtime'
shared="$shared|gmtime|ctime|asctime|readdir_r|rand|random|srand|srandom"
children='fork|vfork|system|popen|posix_spawnp?|execlp?|execle|execvp?|execvpe|wait'

echo "1..14"
result "$(other_exports)" "the module exports the six PAM entry points alone"
unless_instrumented "$(needed_beyond)" \
	"it loads libpam, liboath, nettle and libc, and nothing else"
result "$(lazy)" "its symbols are bound at once, and then read-only"
result "$(executable_stack)" "it asks for no executable stack"
result "$(writable_code)" "its code is never written to"
result "$(search_path)" "it brings no search path for libraries"
unless_instrumented "$(wanted "$ends")" "it never ends its host"
unless_instrumented "$(wanted "$world")" \
	"it leaves environment, locale, umask and folder alone"
unless_instrumented "$(wanted "$handlers")" \
	"it installs no signal handler and no timer"
unless_instrumented "$(wanted "$stays")" \
	"it leaves nothing behind when it is unloaded"
unless_instrumented "$(wanted "$log")" "it leaves the host's log as it is"
unless_instrumented "$(wanted "$talk")" "it prints nothing"
unless_instrumented "$(wanted "$shared")" \
	"it uses no answer that libc shares with its host"
unless_instrumented "$(wanted "$children")" "it starts no process that its host could notice"
