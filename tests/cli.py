"""What the tests of the command line share: a private installation in a
temporary folder, the program with and without a terminal, and sentences."""

import base64
import fcntl
import json
import os
import pty
import pwd
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import traceback

from schema import check

TOP = os.environ.get("top_srcdir", ".")
PROGRAM = os.path.join(os.environ["top_builddir"], "tools", "sallyport")
PATIENCE = 30  # seconds until something that does not come is missing
YES, NO, USAGE, UNKNOWN = range(4)
SEED = b"12345678901234567890"  # of RFC 4226, whose codes are known
SEED_TEXT = base64.b32encode(SEED).decode()
ME = pwd.getpwuid(os.getuid()).pw_name

tests = []


def test(sentence):
    def register(function):
        tests.append((sentence, function))
        return function
    return register


class Skip(Exception):
    pass


def fits(document, schema):
    """Raises where the document is not as tests/schemas/ has it."""
    try:
        check(document, schema)
    except ImportError:
        raise Skip("python3-jsonschema is not installed") from None


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"status {self.status}\n{self.out}\n{self.err}"


def listed():
    """The commands that the help of the whole shows, from their table."""
    said = House().want(YES, "--help").out
    names = re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  ", said, re.M)
    assert "breach build" in names and "list" in names, names
    return names


class House:
    """A store, its key and settings in a folder of their own."""

    def __init__(self, settings=""):
        self.dir = tempfile.mkdtemp(prefix="sallyport-cli-")
        self.store = self.path("store")
        self.config = self.path("conf")
        with open(self.config, "w") as out:
            out.write(f"store_dir = {self.store}\n"
                      f"key_file = {self.path('key')}\n"
                      f"issuer = server01\n{settings}")
        os.chmod(self.config, 0o600)

    def path(self, name):
        return os.path.join(self.dir, name)

    def command(self, *words):
        return [PROGRAM, "--config", self.config, *words]

    def run(self, *words, typed="", env=None):
        done = subprocess.run(
            self.command(*words), input=typed.encode(), timeout=PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})})
        result = Result(done.returncode, done.stdout.decode(),
                        done.stderr.decode())
        assert "AddressSanitizer" not in result.err, result
        assert "runtime error" not in result.err, result
        return result

    def want(self, status, *words, **more):
        result = self.run(*words, **more)
        assert result.status == status, result
        return result

    def json(self, *words, status=YES, **more):
        return json.loads(self.want(status, "--json", *words, **more).out)

    def import_key(self, user=ME, name="card", counter=0, extra=()):
        """An authenticator whose codes are those of RFC 4226."""
        return self.want(
            YES, "import", "uri", "--user", user, "--name", name, *extra,
            typed=f"otpauth://hotp/x?secret={SEED_TEXT}&counter={counter}\n")

    def verify(self, status, typed, user=ME):
        return self.want(status, "verify", "--user", user, typed=typed + "\n")

    def files(self):
        return sorted(os.listdir(self.store))


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, words, rows=24, columns=80, env=None):
        self.shown = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execve(words[0], words, {
                **os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8",
                **(env or {})})

    def read(self):
        ready = select.select([self.fd], [], [], PATIENCE)[0]
        assert ready, f"nothing came after {self.text()!r}"
        try:
            got = os.read(self.fd, 4096)
        except OSError:  # the other side is closed
            got = b""
        self.shown += got
        return got

    def read_what_is_there(self):
        while select.select([self.fd], [], [], 0)[0] and self.read():
            pass

    def text(self):
        return self.shown.decode(errors="replace")

    def wait(self, text, times=1):
        while self.text().count(text) < times:
            assert self.read(), f"no {text!r} in {self.text()!r}"

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Its exit status, or minus the signal that ended it."""
        while self.read():
            pass
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        assert "AddressSanitizer" not in self.text(), self.text()
        return os.waitstatus_to_exitcode(status)


def main():
    # A shell's background job ignores Ctrl-C, and so would all it starts.
    for ending in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, signal.SIG_DFL)  # nohup ignores them
    tempfile.tempdir = tempfile.mkdtemp(prefix="sallyport-cli-")
    print(f"1..{len(tests)}")
    failed = 0
    for number, (sentence, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {sentence}")
        except Skip as why:
            print(f"ok {number} - {sentence} # SKIP {why}")
        except Exception:
            failed += 1
            print(f"not ok {number} - {sentence}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        sys.stdout.flush()
    shutil.rmtree(tempfile.tempdir)
    return failed > 0
