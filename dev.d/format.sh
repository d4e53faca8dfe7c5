# ./dev format [--check]: .clang-format decides, nobody argues.
# shellcheck shell=bash

word_format() {
    case ${1:-} in
    '') c_sources | xargs -r clang-format -i ;;
    --check) c_sources | xargs -r clang-format --dry-run -Werror ;;
    *) die "format: it is './dev format' or './dev format --check'" ;;
    esac
}

c_sources() {
    find lib pam_module tools tests -name '*.[ch]'
}
