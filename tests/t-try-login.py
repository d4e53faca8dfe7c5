"""sallyport try-login: attempts through real libpam, on stacks of a test's own
with the module that was just built."""

import hmac
import os
import struct
import sys
import time

from cli import (ME, NO, SEED, SEED_TEXT, UNKNOWN, USAGE, YES, House, Terminal,
                 main, test)

CODES = "755224 287082 359152 969429 338314".split()  # of RFC 4226
MODULE = os.path.join(os.path.abspath(os.environ["top_builddir"]),
                      "pam_module/.libs/pam_sallyport.so")
STACK = """auth requisite {module} explain
account required pam_permit.so
"""


class Site(House):
    """A store, and a folder of PAM stacks in which %M is our module."""

    def __init__(self, settings="", **stacks):
        super().__init__(settings)
        self.want(YES, "setup")
        os.mkdir(self.path("pam.d"))
        for service, text in stacks.items() or {"door": STACK}.items():
            with open(os.path.join(self.path("pam.d"), service), "w") as out:
                out.write(text.format(
                    module=f"{MODULE} config={self.config}"))

    def attempt(self, *typed, status, service="door", env=None):
        return self.want(status, "try-login", "--pam-dir", self.path("pam.d"),
                         service, ME, env=env,
                         typed="".join(line + "\n" for line in typed))

    def facts(self, *typed, status=YES):
        return self.json("try-login", "--pam-dir", self.path("pam.d"), "door",
                         ME, status=status,
                         typed="".join(line + "\n" for line in typed))


def totp(step):
    mac = hmac.new(SEED, struct.pack(">Q", step), "sha1").digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF
    return str(number % 10 ** 6).zfill(6)


@test("a right code logs in, is spent, and each line's part is told")
def _():
    site = Site()
    site.import_key()
    result = site.attempt(CODES[0], status=YES)
    assert "this is a real attempt" in result.err, result
    assert "door:1" in result.out and ": yes\n" in result.out, result
    assert "Accepted: a right code." in result.out, result
    assert "would be let in" in result.out, result
    result = site.attempt(CODES[0], status=NO)
    assert "Refused" in result.out, result
    site.verify(YES, CODES[1])


@test("a wrong code is refused, and counts like at a login")
def _():
    site = Site()
    site.import_key()
    result = site.attempt("000000", status=NO)
    assert "Refused: a wrong code." in result.out, result
    assert "this login is refused" in result.out.lower(), result
    assert site.json("list")["users"][0]["failures"] == 1
    assert "behind" not in result.out and "ahead" not in result.out, result


@test("by how much the clock of a code is off is told here, and not to who logs "
      "in")
def _():
    site = Site()
    site.want(YES, "import", "uri", "--user", ME, "--name", "phone",
              typed=f"otpauth://totp/x?secret={SEED_TEXT}\n")
    for step, word in (20, "ahead"), (-20, "behind"):
        code = totp(int(time.time()) // 30 + step)
        result = site.attempt(code, status=NO)
        assert f" s {word}" in result.out, result
        assert word not in result.err, result  # what the module said
    ahead = site.facts(totp(int(time.time()) // 30 + 20), status=NO)
    assert ahead["verdict"] == "wrong", ahead
    assert 540 <= ahead["clock_ahead"] <= 600, ahead


@test("what was not asked for is told: an exempt user, a stack that ends before")
def _():
    site = Site(settings=f"exempt_users = {ME}\n",
                door=STACK + "auth required pam_permit.so\n",
                shut="auth requisite pam_deny.so\n" + STACK,
                bare="auth required pam_permit.so\n"
                     "account required pam_permit.so\n")
    site.import_key()
    assert "No code was asked for" in site.attempt(status=YES).out
    shut = site.attempt(service="shut", status=NO)
    assert "pam_deny.so: no" in shut.out, shut
    assert ": not reached" in shut.out, shut
    other = Site(door="auth requisite pam_deny.so\n" + STACK)
    ended = other.attempt(status=NO)
    assert "the stack ended before our line" in ended.out, ended
    bare = site.attempt(service="bare", status=YES)
    assert "No line of this service asks for a code." in bare.out, bare


@test("password and code in one answer are judged as the module does it")
def _():
    site = Site(door="auth requisite {module} split\n"
                     "auth requisite {module} use_split explain\n"
                     "account required pam_permit.so\n")
    site.import_key()
    result = site.attempt("secret" + CODES[0], status=YES)
    assert "Accepted: a right code." in result.out, result


SPLIT = ("auth requisite {module} split [prompt=Both: ]\n"
         "auth requisite {module} use_split explain\n"
         "auth required pam_permit.so\naccount required pam_permit.so\n")


@test("a prompt for both is known by its own line's words")
def _():
    site = Site(door=SPLIT)
    site.import_key()
    result = site.attempt("secret" + CODES[0], status=YES)
    assert "Accepted: a right code." in result.out, result


@test("of who gives his password alone at a prompt for both, no code is judged")
def _():
    for settings in "enrolment = optional\n", f"exempt_users = {ME}\n":
        site = Site(settings, door=SPLIT)
        result = site.attempt("secret000000", status=YES)
        assert "Refused" not in result.out, result
        assert "No code was asked for" in result.out, result


@test("nothing that was typed is told again, and a hidden answer is not shown")
def _():
    site = Site()
    site.import_key()
    words = site.command("try-login", "--pam-dir", site.path("pam.d"), "door",
                         ME)
    talk = Terminal(words)
    talk.wait("One-time code: ")
    talk.type(CODES[0] + "\n")
    assert talk.end() == YES, talk.text()
    assert CODES[0] not in talk.text(), talk.text()


@test("an attempt without an answer is refused, and counts nothing")
def _():
    site = Site()
    site.import_key()
    result = site.attempt(status=NO)
    assert "none was given" in result.out, result
    assert site.json("list")["users"][0]["failures"] == 0


@test("a stack that PAM gives up, and a user whom nobody knows, are told so")
def _():
    site = Site(door="@include nowhere\n")
    site.import_key()
    # libpam loses a little memory when it gives a stack up.
    result = site.attempt(status=UNKNOWN,
                          env={"LSAN_OPTIONS": "detect_leaks=0"})
    assert "PAM gives door up" in result.err, result
    result = site.want(USAGE, "try-login", "--pam-dir", site.path("pam.d"),
                       "door", "no-such-user-here")
    assert "there is no user" in result.err, result


@test("where the enrolment cannot be read, that is what is told, and refused")
def _():
    site = Site()
    site.import_key()
    os.rename(site.path("key"), site.path("hidden"))
    result = site.attempt(CODES[0], status=NO)
    assert "reading the enrolment" in result.err, result
    assert "No code can be judged" in result.out, result


@test("as JSON it is one document, with each line's part")
def _():
    site = Site()
    site.import_key()
    facts = site.facts(CODES[0])
    assert facts["in"] is True and facts["verdict"] == "accepted", facts
    assert [line["said"] for line in facts["auth"]["lines"]] == ["yes"], facts
    assert facts["auth"]["result"] == "success", facts
    assert facts["account"]["result"] == "success", facts
    assert facts["clock_ahead"] is None, facts
    facts = site.facts(CODES[0], status=NO)
    assert facts["in"] is False and facts["account"] is None, facts


@test("in JSON, as in text, only lines of modules are lines")
def _():
    site = Site(door="auth substack inner\nauth [broken\n" + STACK,
                inner="auth required pam_permit.so\n")
    site.import_key()
    facts = site.facts(CODES[0], status=NO)
    modules = [line["module"] for line in facts["auth"]["lines"]]
    assert modules == ["pam_permit.so", None, MODULE], facts


sys.exit(main())
