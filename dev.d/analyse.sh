# ./dev analyse: what compilers and checkers find out about the shipped code
# without running it.  What tests do wrong shows when they run.
# shellcheck shell=bash

word_analyse() {
    counting
    need_packages
    configure_build analyse CC=gcc
    eval "analysed_flags=($(analysed_flags))"
    mapfile -t analysed_files < <(
        find lib pam_module tools -name '*.c' | LC_ALL=C sort)
    pass_or_fail analyse-gcc analyse_files analyse_gcc
    pass_or_fail analyse-clang-tidy analyse_files analyse_tidy
    pass_or_fail analyse-cppcheck analyse_cppcheck
}

# The build's own, as from here; fortified calls hide libc's from analysers.
analysed_flags() {
    make_value analyse DEFS AM_CPPFLAGS OATH_CFLAGS NETTLE_CFLAGS PAM_CFLAGS \
        QRENCODE_CFLAGS JSON_CFLAGS |
        sed 's|-I\.\./\.\./|-I|g; s|-D_FORTIFY_SOURCE=[0-9]||'
}

# analyse_files COMMAND: each file, so many at once as there are processors.
# Silence is what we want.
analyse_files() {
    local file findings=build/log/$1.findings
    : >"$findings"
    for file in "${analysed_files[@]}"; do
        while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
            wait -n || true
        done
        analyse_file "$1" "$file" >>"$findings" &
    done
    wait
    cat "$findings"
    [ ! -s "$findings" ]
}

analyse_file() {
    local said
    said=$("$@" 2>&1) || echo "$said"
}

# AUTO_FREE frees: files are analysed together with mem.c.  Not those of tools/,
# where gcc 12 loses sight of what is kept in an array that grows; there the
# leak sanitizer looks, while the tests run.
analyse_gcc() {
    local flags=("${analysed_flags[@]}")
    case $1 in
    lib/err.c | lib/mem.c) ;;
    tools/*) flags+=(-include dev.d/analyse.h -Wno-analyzer-malloc-leak) ;;
    *) flags+=(-include dev.d/analyse.h -include lib/mem.c) ;;
    esac
    gcc -O2 -fanalyzer -Werror "${flags[@]}" -S -o /dev/null "$1"
}

# One file at a time: clang-tidy 14 remembers va_lists of the one before.
analyse_tidy() {
    local flags=("${analysed_flags[@]}")
    [ "$1" = lib/err.c ] || flags+=(-include dev.d/analyse.h)
    clang-tidy --quiet "$1" -- "${flags[@]}"
}

# It does not know __attribute__((cleanup)), so leaks are gcc's to find; and
# readdir, getpwent and getgrnam, which it would not call, are called by nobody at
# once.
analyse_cppcheck() {
    cppcheck --quiet -j "$(nproc)" --error-exitcode=1 --std=c11 \
        --enable=warning,performance,portability \
        --library=posix --library=gnu \
        --suppress=memleak --suppress=resourceLeak \
        --suppress=readdirCalled --suppress=getpwentCalled \
        --suppress=getgrnamCalled \
        -D__GNUC__ "${analysed_flags[@]}" lib pam_module tools
}
