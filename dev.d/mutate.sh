# ./dev mutate [FILE...]: do the tests notice when a rule is broken?  See
# dev.d/mutate.py, also for its options.
# shellcheck shell=bash

word_mutate() {
    case " $* " in
    *" --help "*) ;;
    *) need_packages ;;
    esac
    # exec, so that what kills this process kills the run
    exec nice -n 5 /usr/bin/python3 -B dev.d/mutate.py "$@"
}
