#!/usr/bin/python3
"""The real passwd, with a line of ours before pam_unix."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from talk import PASSWORD, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred", "gina", "hugo",
         "iris", "jan"]
STACK = "common-password"
FRESH = "tangerine-Vellum-41-oxbow"
# Nothing that pam_unix itself would mind.
BREACHED = "Xk9-seen-often-enough"
RARE = "Xk9-seen-only-once"
CURRENT = "[Cc]urrent password: $"
NEW = "New password: $"
RETYPE = "Retype new password: $"
UPDATED = "password updated successfully"
UNCHANGED = "password unchanged"

site = journal = None


def prepare():
    global site, journal
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    fresh_list()
    site.stack(STACK, "common-password")
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def fresh_list():
    site.breach(**{"password": 52000, BREACHED: 123, RARE: 1})


def as_user(user, *command):
    return Talk(["setpriv", "--reuid", user, "--regid", user, "--init-groups",
                 *command], cwd="/")


def start(user):
    """The user's own passwd, after the current password."""
    talk = as_user(user, "passwd")
    talk.answer(CURRENT, site.passwords[user])
    return talk


def opens(user, password):
    """Whether somebody else gets into the account with this password."""
    talk = as_user("jan", "su", user, "-c", "echo in-$((6*7))")
    talk.answer(PASSWORD, password)
    found = talk.see("in-42", "Authentication failure")
    talk.end()
    return found == 0


def unchanged(user, talk):
    talk.see(UNCHANGED)
    tap.expect(talk.status() != 0, talk.text)
    tap.expect(opens(user, site.passwords[user]), "the old one is gone")


@tap.test("passwd refuses a breached password with the reason, then a fresh "
          "one is taken")
def _():
    talk = start("anna")
    talk.answer(NEW, "password")
    talk.see("has been seen about 50,000 times in data breaches. "
             "Choose another.")
    talk.answer(NEW, BREACHED)
    talk.see("has been seen about 100 times in data breaches")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see(UPDATED)
    tap.expect(talk.status() == 0, talk.text)
    tap.expect(opens("anna", FRESH), "the new one does not open")
    tap.expect(not opens("anna", "password"), "the breached one opens")


@tap.test("after three breached ones it is given up, and the old one stays")
def _():
    talk = start("bert")
    for word in ("password", BREACHED, RARE):
        talk.answer(NEW, word)
        talk.see("in data breaches")
    unchanged("bert", talk)


@tap.test("two typings that differ change nothing, and it asks again")
def _():
    talk = start("bert")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH + "x")
    talk.see("do not match")
    for _ in range(2):
        talk.answer(NEW, BREACHED)
    unchanged("bert", talk)


@tap.test("what pam_unix refuses behind us is not asked for again unseen")
def _():
    talk = start("cleo")
    talk.answer(NEW, "zqj")  # fresh, but too short
    talk.answer(RETYPE, "zqj")
    unchanged("cleo", talk)
    tap.expect(talk.text.count("New password:") == 1, talk.text)


@tap.test("it is use_authtok that keeps pam_unix from asking by itself")
def _():
    site.stack(STACK, "common-password")
    edit("use_authtok ", "")
    talk = start("cleo")
    talk.answer(NEW, "zqj")
    talk.answer(RETYPE, "zqj")
    talk.answer(NEW, BREACHED)  # nobody looks this one up
    talk.answer(RETYPE, BREACHED)
    talk.see(UPDATED)
    talk.end()
    site.stack(STACK, "common-password")
    site.passwords["cleo"] = BREACHED


def edit(old, new):
    path = "/etc/pam.d/common-password"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tap.expect(old in text, f"{path} has no {old!r}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


@tap.test("root is only warned, unless the line says enforce_for_root")
def _():
    talk = Talk(["passwd", "dora"])
    talk.answer(NEW, "password")
    talk.answer(RETYPE, "password")
    talk.see("about 50,000 times in data breaches. Another would be better.")
    talk.see(UPDATED)
    talk.end()
    tap.expect(opens("dora", "password"), "root's word was not taken")
    site.stack(STACK, "common-password", " enforce_for_root")
    talk = Talk(["passwd", "dora"])
    talk.answer(NEW, BREACHED)
    talk.see("Choose another.")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see(UPDATED)
    talk.end()
    site.stack(STACK, "common-password")
    tap.expect(opens("dora", FRESH), "the fresh one does not open")


@tap.test("chpasswd is root's, and obeys enforce_for_root too")
def _():
    talk = Talk(["sh", "-c", f"echo dora:{BREACHED} | chpasswd"])
    tap.expect(talk.status() == 0, talk.text)
    site.stack(STACK, "common-password", " enforce_for_root")
    talk = Talk(["sh", "-c", "echo dora:password | chpasswd"])
    tap.expect(talk.status() != 0, talk.text)
    tap.expect("data breaches" in talk.text, talk.text)
    site.stack(STACK, "common-password")
    tap.expect(opens("dora", BREACHED), "it was changed all the same")


@tap.test("a site may only warn, or only log")
def _():
    for choice, told in (("warn", True), ("log", False)):
        site.settings(breach_at_change=choice)
        mark = journal.mark()
        talk = start("egon")
        talk.answer(NEW, BREACHED)
        talk.answer(RETYPE, BREACHED)
        talk.see(UPDATED)
        talk.end()
        tap.expect(("breaches" in talk.text) == told, talk.text)
        tap.expect(journal.wait(mark, f"event=password-{choice}"), "no event")
        site.give_password("egon", "Password-of-egon")
    site.settings()


def cut():
    os.truncate(site.list, 4096 + 2000)


def remove():
    os.unlink(site.list)


def remove_folder():
    os.unlink(site.list)
    os.rmdir(os.path.dirname(site.list))


def flip():
    with open(site.list, "r+b") as file:
        file.seek(4096 + 200)
        byte = file.read(1)[0]
        file.seek(4096 + 200)
        file.write(bytes([byte ^ 4]))


@tap.test("while the list cannot tell, the old password stays, told why")
def _():
    for spoil in (cut, remove, remove_folder, flip):
        fresh_list()
        spoil()
        mark = journal.mark()
        talk = start("fred")
        talk.answer(NEW, FRESH)
        talk.see("Your password stays as it is")
        unchanged("fred", talk)
        line = journal.wait(mark, "event=password-unknown")
        tap.expect(line and "/lists/" in line and "why=" in line, line)
    fresh_list()


@tap.test("a site may allow changes while the list cannot tell")
def _():
    site.settings(breach_when_missing="allow")
    remove()
    mark = journal.mark()
    talk = start("gina")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see("could not be looked up")
    talk.see(UPDATED)
    talk.end()
    tap.expect(journal.wait(mark, "event=password-unchecked"), "no event")
    site.settings()
    fresh_list()


@tap.test("root helps while the list cannot tell")
def _():
    remove()
    talk = Talk(["passwd", "hugo"])
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see("could not be looked up")
    talk.see(UPDATED)
    talk.end()
    fresh_list()


@tap.test("what was seen less often than the site minds is taken")
def _():
    site.settings(breach_min_count=2)
    talk = start("iris")
    talk.answer(NEW, BREACHED)
    talk.see("Choose another")
    talk.answer(NEW, RARE)
    talk.answer(RETYPE, RARE)
    talk.see(UPDATED)
    talk.end()
    site.passwords["iris"] = RARE
    site.settings()


@tap.test("the log has an event for each, and never a password")
def _():
    mark = journal.mark()
    talk = start("iris")
    talk.answer(NEW, BREACHED)
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see(UPDATED)
    talk.end()
    tap.expect(journal.wait(mark, "event=password-clean user=\"iris\""),
               "not in the log")
    events = journal.since(mark, "pam_sallyport")
    tap.expect(len(events) == 2, events)
    for word in (BREACHED, FRESH, site.passwords["iris"],
                 bench.sha1(BREACHED)):
        tap.expect(not [line for line in events if word in line], events)


tap.main(prepare)
