"""Tests are sentences; each prints one line of TAP.

    @tap.test("a code opens the door only once")
    def _():
        ...

    tap.main(prepare)

A test fails by raising.
"""

import os
import signal
import sys
import traceback

import sandbox

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.append(os.path.join(ROOT, "tests"))  # what both kinds of tests use


class Skip(Exception):
    """This machine has no means for the test; says which."""


tests = []
on_failure = []  # each called, its text printed, when a test has failed


def test(sentence):
    def remember(function):
        tests.append((sentence, function))
        return function
    return remember


def expect(truth, message):
    if not truth:
        raise AssertionError(message)


def comment(text):
    for line in str(text).splitlines():
        print(f"#   {line}")


def main(prepare=lambda: None, keep=()):
    """Enter the sandbox, prepare, run every test, and exit."""
    # A shell's background job ignores Ctrl-C, and so would all it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.geteuid() != 0:
        skip_all("needs root, for accounts and set-uid programs")
    try:
        sandbox.enter([ROOT, build_dir(), *keep])
    except sandbox.Refused as error:
        skip_all(f"this machine allows no private namespaces ({error})")
    print(f"1..{len(tests)}", flush=True)
    try:
        prepare()
    except Exception as error:  # no test can run
        comment(traceback.format_exc())
        print(f"Bail out! {error}")
        sys.exit(1)
    failures = sum(not run(number, *test)
                   for number, test in enumerate(tests, start=1))
    sys.exit(1 if failures else 0)


def build_dir():
    """Where make built the module and the tool."""
    return os.environ.get("SALLYPORT_BUILD", os.path.join(ROOT, "build/check"))


def skip_all(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def run(number, sentence, function):
    """True unless the test failed."""
    result, why = "ok", None
    try:
        function()
    except Skip as reason:
        sentence += f" # SKIP {reason}"
    except Exception:  # whatever it was, the next test still runs
        result, why = "not ok", traceback.format_exc()
    print(f"{result} {number} - {sentence}", flush=True)
    if why:
        comment(why)
        for tell in on_failure:
            comment(tell())
        sys.stdout.flush()
    return why is None
