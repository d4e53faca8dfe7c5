#!/usr/bin/python3
"""A real sshd with the stack that asks once for password and code."""

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd

STACK = "sshd-one-prompt"
NAMES = ["anna", "bert", "cleo", "dora", "egon"]
PROMPT = r"(?i)password[^\n]*: $"

site = journal = sshd = None


def prepare():
    global site, journal, sshd
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def login(user, code, password=None):
    """One prompt, one answer."""
    password = password or site.passwords[user]
    return sshd.login(user, (PROMPT, password + code))[0]


@tap.test("password and code behind each other open the door at one prompt")
def _():
    phone = site.enrol("anna")
    tap.expect(login("anna", phone.code()) == "in", "kept out")


@tap.test("a replayed, a wrong and a missing code are refused")
def _():
    phone = site.enrol("bert")
    code = phone.code()
    tap.expect(login("bert", code) == "in", "the right code")
    for bad in (code, phone.wrong(), ""):
        tap.expect(login("bert", bad) == "refused", f"let in by {bad!r}")


@tap.test("a wrong password is refused, whatever the code")
def _():
    phone = site.enrol("cleo")
    outcome = login("cleo", phone.code(), "not the password")
    tap.expect(outcome == "refused", "let in")
    tap.expect(login("cleo", phone.code()) == "in", "and now it is right")


@tap.test("a recovery code behind the password opens the door once")
def _():
    site.enrol("dora")
    code = site.recovery_codes("dora")[0]
    tap.expect(login("dora", code) == "in", "the recovery code")
    tap.expect(login("dora", code) == "refused", "it opened twice")


@tap.test("it works for the password method of SSH too")
def _():
    plain = Sshd(site.folder, "sshd", ["AuthenticationMethods password",
                                       "PasswordAuthentication yes"])
    phone = site.enrol("egon")
    answer = site.passwords["egon"] + phone.code()
    outcome, text = plain.login("egon", (PROMPT, answer))
    tap.expect(outcome == "in", text)
    outcome, text = plain.login("egon", (PROMPT, answer))
    tap.expect(outcome == "refused", text)


tap.main(prepare)
