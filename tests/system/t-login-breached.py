#!/usr/bin/python3
"""login and su with a breached password."""

import tap
from bench import Bench
from journal import Journal
from talk import CODE, LOGIN, PASSWORD, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon"]
BREACHED = "password"
FRESH = "tangerine-Vellum-41-oxbow"
CURRENT = "[Cc]urrent password: $"
NEW = "[Nn]ew password: $"
RETYPE = "Retype new password: $"
SEEN = "Your password has been seen about 50,000 times in data breaches."
ID = "echo id-is-$(id -un)-done"

site = journal = None
phones = {}


def prepare():
    global site, journal
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    site.breach(**{BREACHED: 52000, "Xk9-seen-only-once": 1})
    for name in NAMES:
        site.give_password(name, BREACHED)
        phones[name] = site.enrol(name)
    site.stack("common-password", "common-password")
    site.stack("login-list", "login")
    site.stack("su", "su")
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def log_in(user):
    """login, to where everything that was asked for is right."""
    talk = Talk(LOGIN)
    talk.answer("login: $", user)
    talk.answer(PASSWORD, site.passwords[user])
    talk.answer(CODE, phones[user].code())
    return talk


def is_in(talk, user):
    talk.answer(r"\$ $", f"{ID}; exit")
    talk.see(f"id-is-{user}-done")
    talk.end()


@tap.test("login demands another password, refuses a breached one, and goes on")
def _():
    site.settings(breach_at_login="change")
    talk = log_in("anna")
    talk.see(SEEN)
    talk.answer(CURRENT, BREACHED)
    talk.answer(NEW, BREACHED)
    talk.see("Choose another.")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    is_in(talk, "anna")
    site.passwords["anna"] = FRESH
    talk = log_in("anna")
    is_in(talk, "anna")
    tap.expect("breaches" not in talk.text, talk.text)


@tap.test("login warns")
def _():
    site.settings(breach_at_login="warn")
    talk = log_in("bert")
    talk.see(SEEN)
    is_in(talk, "bert")


@tap.test("login refuses, and says why")
def _():
    site.settings(breach_at_login="deny")
    talk = log_in("cleo")
    talk.see(SEEN)
    talk.see("incorrect|denied")
    talk.stop()


@tap.test("login -f asks for no password, so none is breached")
def _():
    site.settings(breach_at_login="deny")
    talk = Talk([*LOGIN, "-f", "dora"])
    is_in(talk, "dora")
    tap.expect("breaches" not in talk.text, talk.text)


@tap.test("a service without an account line of ours is as it was")
def _():
    site.settings(breach_at_login="deny")
    talk = Talk(["setpriv", "--reuid", "dora", "--regid", "dora",
                 "--init-groups", "su", "egon", "-c", ID], cwd="/")
    talk.answer(PASSWORD, BREACHED)
    talk.answer(CODE, phones["egon"].code())
    talk.see("id-is-egon-done")
    talk.end()


tap.main(prepare)
