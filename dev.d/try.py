#!/usr/bin/python3
"""Go through both of Sallyport's doors once, on a private sshd.

With a person: scan the QR code with a phone, then log in with ssh from
another terminal, and choose another password when it is a breached one; this
program watches the log and says what happened.  With --auto: the picture is scanned from a real terminal's screen, codes come from
oathtool, and the real ssh client is driven through a terminal.
"""

import argparse
import os
import re
import select
import signal
import subprocess
import sys
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, f"{ROOT}/tests/system")
sys.path.insert(0, f"{ROOT}/dev.d")

# pylint: disable=wrong-import-position
import bench
import plain
import sandbox
import tap
from journal import Journal
from phone import Phone
from screen import Screen
from sshd import Sshd, finish
from talk import CODE, PASSWORD, RECOVERY_CODE, Talk

ACCOUNT = "sallyport-try"  # also the name of the PAM service
STACK = "sshd-list"
CURRENT = "[Cc]urrent password: $"
NEW = "[Nn]ew password: $"
RETYPE = "Retype new password: $"
EVENT = re.compile(r'pam_sallyport\(.*event=([a-z-]+) .*')

# How often these have been seen, in the spirit of Pwned Passwords.
BREACHED = {"123456": 37359195, "password": 9545824, "qwerty": 3946737,
            "111111": 3093220, "iloveyou": 1593388, "dragon": 968625,
            "letmein": 464519, "sunshine": 390287, "starwars": 155000,
            "trustno1": 58000, "correcthorsebatterystaple": 216}
OTHERS = 100000

WELCOME = """\
Sallyport puts a second door behind the first one of your logins, a one-time
code from your phone, and keeps breached passwords out of the first.  We go
through both once.
"""
IN_SANDBOX = """\
An sshd of its own listens on 127.0.0.1, with an account of its own.  Both
exist only inside this program: nothing of this machine changes, and all of
it is gone when the program ends, even if it is killed.
"""
IN_PLAIN = """\
This machine allows no private namespaces
  ({reason}),
so this adds to the machine itself, until it ends:
  the account {account}, the PAM service /etc/pam.d/{account}
  and the folder {folder}.
It takes them away at its end and, if it is killed, at its next start.
"""
PHONE = """\
First, your phone.  Open an authenticator app (any one for time-based codes),
choose to add an account, and scan the picture that comes.  Then type the six
digits that the app shows.  Last, you are given recovery codes: copy one of
them, it is wanted later.
"""
SSH = """\
Now log in, from another terminal of this machine:

    ssh -p {port} -o NoHostAuthenticationForLocalhost=yes \\
        {account}@127.0.0.1

The password is  {password}
The code is the next one that your phone shows: the one that you have just
typed has opened its door already.

Do these, best in this order.  What happened is ticked off here, with its
line from the log.
"""


class Failed(Exception):
    """A step did not come out as it has to; the text says how."""


class Try:
    """The private installation, its account and its sshd."""

    def __init__(self, folder, log):
        self.journal = None
        if not os.path.exists("/dev/log"):
            plain.remember("file", "/dev/log")
            self.journal = Journal(log)
        self.site = bench.Bench(folder)
        plain.remember("account", ACCOUNT)
        self.site.add_users(ACCOUNT)
        bench.run("chage", "-m", "0", ACCOUNT)
        plain.remember("file", f"/etc/pam.d/{ACCOUNT}")
        self.site.stack(STACK, ACCOUNT, passwords="common-password")
        if not os.path.isdir("/run/sshd"):
            plain.remember("folder", "/run/sshd")
            os.makedirs("/run/sshd", 0o755)
        self.sshd = Sshd(folder, ACCOUNT, bench.sshd_settings(STACK))
        plain.remember("process", str(self.sshd.process.pid))
        self.password = self.site.passwords[ACCOUNT]

    def breach(self):
        """From now on there is a list, and a password that stands in it."""
        said = self.site.breach(OTHERS, **BREACHED)
        self.site.settings(breach_at_login="change")
        self.password = "password"
        self.site.give_password(ACCOUNT, self.password)
        return said.splitlines()[0]

    def mark(self):
        return self.journal.mark() if self.journal else 0

    def log_line(self, mark, event):
        """What the module logged; None where the log is not ours to read."""
        if not self.journal:
            return None
        line = self.journal.wait(mark, f"pam_sallyport.*event={event} ")
        if line is None:
            heard = "\n".join(self.journal.since(mark))
            raise Failed(f"the log says nothing of event={event}:\n{heard}")
        return line


def step(text, line=None):
    print(f"  ok    {text}")
    if line:
        print(f"        log: {line}")
    sys.stdout.flush()


# ---- nobody at the keyboard ----


def play_the_user(trial, private):
    phone, codes = enrol_from_the_screen(trial)
    recovery = codes[0]
    code = phone.code()
    attempt(trial, "logged in with password and code", code, "accepted")
    attempt(trial, "the same code again was refused", code, "replayed")
    attempt(trial, "a wrong code was refused", phone.wrong(), "wrong")
    attempt(trial, "logged in with a recovery code", recovery,
            "accepted-recovery")
    attempt(trial, "the same recovery code again was refused", recovery,
            "replayed")
    step(f"built a list of breached passwords:\n        {trial.breach()}")
    change_at_login(trial, codes[1])
    attempt(trial, "logged in with the fresh password", codes[2],
            "accepted-recovery")
    if private:  # elsewhere passwd is the machine's own, and left alone
        change_by_passwd(trial)



def enrol_from_the_screen(trial):
    """The phone that scanned the picture, and the recovery codes."""
    screen = Screen(trial.site.folder)
    screen.run(trial.site.command("enroll", "--user", ACCOUNT))
    scanned = screen.scan()
    if scanned is None:
        raise Failed(f"no QR code on the screen:\n{screen.text()}")
    phone = Phone(scanned)
    screen.type_at(CODE, phone.code())
    screen.wait()
    codes = re.findall(RECOVERY_CODE, screen.text())
    if not codes:
        raise Failed(f"no recovery codes were given:\n{screen.text()}")
    screen.stop()
    trial.site.tool("status", "--user", ACCOUNT)
    step("enrolled: the QR code was scanned from a terminal's screen and"
         " its code confirmed")
    return phone, codes


def attempt(trial, what, code, event):
    wanted = "in" if event.startswith("accepted") else "refused"
    mark = trial.mark()
    outcome, text = trial.sshd.login(
        ACCOUNT, (PASSWORD, trial.password), (CODE, code))
    if outcome != wanted:
        raise Failed(f"not so: {what}.  The login was {outcome}:\n{text}")
    step(what, trial.log_line(mark, event))


FRESH = ("tangerine-Vellum-41-oxbow", "oxbow-Tangerine-14-vellum")


def change_at_login(trial, code):
    """A login with "password", which has to become another one."""
    mark = trial.mark()
    talk = trial.sshd.connect(ACCOUNT)
    talk.answer(PASSWORD, trial.password)
    talk.answer(CODE, code)
    talk.see(r"Your password has been seen at least [\d,]+ times in data "
             "breaches")
    step("a login with a breached password demanded another",
         trial.log_line(mark, "breached-change"))
    choose(trial, talk, mark, "the login", FRESH[0])
    outcome, text = finish(talk)
    if outcome != "in":
        raise Failed(f"the login after the change was {outcome}:\n{text}")


def change_by_passwd(trial):
    """The user's own passwd."""
    trial.site.stack("common-password", "common-password")
    mark = trial.mark()
    talk = Talk(["setpriv", "--reuid", ACCOUNT, "--regid", ACCOUNT,
                 "--init-groups", "passwd"], cwd="/")
    choose(trial, talk, mark, "passwd", FRESH[1])
    if talk.status() != 0:
        raise Failed(f"passwd did not end well:\n{talk.text}")


def choose(trial, talk, mark, who, fresh):
    """First "password" again, then a fresh one."""
    talk.answer(CURRENT, trial.password)
    talk.answer(NEW, "password")
    talk.see(r"This password has been seen at least [\d,]+ times in data "
             r"breaches\. Choose another\.")
    step(f'{who} refused "password", with the reason',
         trial.log_line(mark, "password-refused"))
    talk.answer(NEW, fresh)
    talk.answer(RETYPE, fresh)
    step(f"{who} took a fresh one", trial.log_line(mark, "password-clean"))
    trial.password = fresh


# ---- a person with a phone ----

TICKS = {
    "accepted": "password and code log you in",
    "replayed": "the code that you logged in with does not open again",
    "wrong": "a wrong code is refused (any six digits)",
    "accepted-recovery": "a recovery code logs you in too",
    "recovery-again": "the same recovery code does not open again",
}
LIST = """
That was the second door.  Now the first: a list of breached passwords lies
beside it,
  {list}
and the account's password has become  password  for this.  Log in once more,
with another recovery code, or with a code that your phone shows in a minute:
a recovery code spends those of the moment.  You are to choose another
password: try  password  again, or 123456, then one that nobody has.
"""
LIST_TICKS = {
    "breached-change": "a login with a breached password demands another",
    "password-refused": "a breached one is refused",
    "password-clean": "a fresh one is taken, and logs you in",
}
REMARKS = {
    "waiting": "Too many wrong codes: wait, or use a recovery code.",
    "malformed": "That was neither a code nor a recovery code.",
}


def guide_a_person(trial):
    print(PHONE)
    input("Press Enter when your app is ready. ")
    while subprocess.call(trial.site.command("enroll", "--user", ACCOUNT)):
        input("\nThat did not work out.  Press Enter to get a new picture. ")
    print()
    print(SSH.format(port=trial.sshd.port, account=ACCOUNT,
                     password=trial.password))
    if watch(trial, TICKS):
        print(LIST.format(list=trial.breach()))
        if watch(trial, LIST_TICKS):
            print("That was all of it.")


def watch(trial, ticks):
    """Tick off what the log tells until Enter is pressed, or all is done."""
    for text in ticks.values():
        print(f"  [ ] {text}")
    print("\nPress Enter to end.\n")
    if not trial.journal:
        input("The log of this machine has the module's lines. ")
        return True
    left = dict(ticks)
    seen = trial.mark()
    while left and not enter_was_pressed():
        lines = trial.journal.lines[seen:]
        seen += len(lines)
        for line in lines:
            event = EVENT.search(line)
            if not event:
                continue
            name = event.group(1)
            if name == "replayed" and "accepted-recovery" not in left:
                name = "recovery-again"
            tick(left, name, event.group(0))
    trial.sshd.wait_until_quiet()
    return not left


def tick(left, name, line):
    mark = "[x]" if left.pop(name, None) else "   "
    text = TICKS.get(name) or LIST_TICKS.get(name) or REMARKS.get(name)
    print(f"  {mark} {text or name}")
    print(f"      log: {line}", flush=True)


def enter_was_pressed(seconds=0.3):
    return bool(select.select([sys.stdin], [], [], seconds)[0])


# ---- where it runs ----


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev try",
        description="Try Sallyport on a private sshd, with your phone.")
    parser.add_argument("--auto", action="store_true",
                        help="nobody is at the keyboard: play the user too")
    parser.add_argument("--yes", action="store_true",
                        help="do not ask before using the machine itself, "
                             "where it allows no private namespaces")
    parser.add_argument("--keep-log", metavar="FILE",
                        help="append the log lines to FILE")
    return parser.parse_args()


def agree_to_plain(options, reason):
    print(IN_PLAIN.format(reason=reason, account=ACCOUNT, folder=plain.FOLDER))
    if options.yes:
        return
    if not sys.stdin.isatty():
        sys.exit("try: to agree to that without a terminal, add --yes")
    if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
        sys.exit("try: nothing was changed")


def end_on_signals():
    """So that what was added is taken away, unless it is SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def settle(options):
    """The folder to work in, and whether it is in a private place."""
    plain.clean_up_after_crash()
    try:
        sandbox.enter([ROOT, tap.build_dir()])
        print(IN_SANDBOX, flush=True)
        return sandbox.DIR, True
    except sandbox.Refused as refusal:
        agree_to_plain(options, refusal)
        plain.begin()
        return plain.FOLDER, False


def main():
    options = arguments()
    if not options.auto and not sys.stdin.isatty():
        sys.exit("try: this needs a terminal; without one, add --auto")
    log = None
    if options.keep_log:
        log = open(options.keep_log, "a", encoding="utf-8")
    print(WELCOME, flush=True)
    began = time.monotonic()
    end_on_signals()
    folder, private = settle(options)
    try:
        trial = Try(folder, log)
        if options.auto:
            play_the_user(trial, private)
            print(f"All of it happened, in {time.monotonic() - began:.0f} s.")
        else:
            guide_a_person(trial)
    except Failed as failure:
        sys.exit(f"  FAIL  {failure}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(130)
    finally:
        plain.clean_up()


if __name__ == "__main__":
    main()
