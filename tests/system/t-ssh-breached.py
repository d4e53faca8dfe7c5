#!/usr/bin/python3
"""Logins through a real sshd with a breached password."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd, finish, new_key
from talk import CODE, PASSWORD, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred", "gina", "hugo",
         "iris", "jan", "kai"]
STACK = "sshd-list"
BREACHED = "password"
FRESH = "tangerine-Vellum-41-oxbow"
CURRENT = "[Cc]urrent password: $"
NEW = "[Nn]ew password: $"
RETYPE = "Retype new password: $"
SEEN = "Your password has been seen about 50,000 times in data breaches."
KEY_OR_ANSWERS = ["AuthenticationMethods any"]

site = journal = sshd = None
keys, phones = {}, {}


def prepare():
    global site, journal, sshd
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    for name in NAMES:
        site.give_password(name, BREACHED)
        keys[name] = new_key(site.folder, f"{site.folder}/home/{name}", name)
    fresh_list()
    site.stack("common-password", "common-password")
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def fresh_list():
    site.breach(**{BREACHED: 52000, "Xk9-seen-only-once": 1})


def choose(choice, **settings):
    site.settings(breach_at_login=choice, **settings)


def change(talk, user):
    """The change that is demanded: a breached one first."""
    talk.answer(CURRENT, site.passwords[user])
    talk.answer(NEW, BREACHED)
    talk.see("Choose another.")
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    site.passwords[user] = FRESH


def answers(user, phone):
    return (PASSWORD, site.passwords[user]), (CODE, phone.code())


def said_once(text, words):
    tap.expect(" ".join(text.split()).count(words) == 1, text)


@tap.test("ignored by default, logged, or warned of: the login goes on")
def _():
    phone = site.enrol("anna")
    for choice, event in (("ignore", None), ("log", "breached-logged"),
                          ("warn", "breached-warned")):
        choose(choice)
        mark = journal.mark()
        outcome, text = sshd.login("anna", *answers("anna", phone))
        tap.expect(outcome == "in", text)
        tap.expect((SEEN in text) == (choice == "warn"), text)
        if event:
            tap.expect(journal.wait(mark, f"event={event} "), "no event")
        tap.expect(bool(journal.since(mark, "event=breached")) == bool(event),
                   "an event too many")


@tap.test("a change is part of the login: a breached password is refused, a "
          "fresh one taken, and then the shell comes")
def _():
    choose("change")
    phone = site.enrol("bert")
    talk = sshd.connect("bert")
    for prompt, text in answers("bert", phone):
        talk.answer(prompt, text)
    talk.see(SEEN)
    change(talk, "bert")
    outcome, text = finish(talk)
    tap.expect(outcome == "in", text)
    said_once(text, SEEN)
    outcome, text = sshd.login("bert", *answers("bert", phone))
    tap.expect(outcome == "in", f"the fresh one does not log in:\n{text}")
    tap.expect("breaches" not in text, text)


@tap.test("who gives up the change stays outside, and keeps the old password")
def _():
    choose("change")
    phone = site.enrol("cleo")
    talk = sshd.connect("cleo")
    for prompt, text in answers("cleo", phone):
        talk.answer(prompt, text)
    talk.answer(CURRENT, BREACHED)
    for _ in range(3):
        talk.answer(NEW, BREACHED)
    outcome, text = finish(talk)
    tap.expect(outcome != "in", text)
    choose("ignore")
    outcome, text = sshd.login("cleo", *answers("cleo", phone))
    tap.expect(outcome == "in", text)


@tap.test("it is refused where the site says so, and told why")
def _():
    choose("deny")
    phone = phones["dora"] = site.enrol("dora")
    mark = journal.mark()
    outcome, text = sshd.login("dora", *answers("dora", phone))
    tap.expect(outcome == "refused", text)
    tap.expect(SEEN in text, text)
    tap.expect(journal.wait(mark, "event=breached-refused "), "no event")


@tap.test("nothing is told of the password to who has no right code")
def _():
    choose("deny")
    outcome, text = sshd.login("dora", (PASSWORD, BREACHED),
                               (CODE, phones["dora"].wrong()))
    tap.expect(outcome == "refused", text)
    tap.expect("breaches" not in text, text)


@tap.test("while the minimum age forbids a change, it is a warning")
def _():
    choose("change")
    phone = site.enrol("egon")
    bench.run("chage", "-m", "7", "egon")
    mark = journal.mark()
    outcome, text = sshd.login("egon", *answers("egon", phone))
    tap.expect(outcome == "in", text)
    tap.expect(SEEN in text and "cannot be changed now" in text, text)
    tap.expect(journal.wait(mark, "event=breached-postponed "), "no event")
    bench.run("chage", "-m", "0", "egon")
    talk = sshd.connect("egon")
    for prompt, text in answers("egon", phone):
        talk.answer(prompt, text)
    change(talk, "egon")
    outcome, text = finish(talk)
    tap.expect(outcome == "in", text)


@tap.test("a list that is damaged or missing lets logins pass, and is logged")
def _():
    choose("deny")
    phone = site.enrol("fred")
    for spoil in (lambda: os.truncate(site.list, 4096 + 2000),
                  lambda: os.unlink(site.list)):
        fresh_list()
        spoil()
        mark = journal.mark()
        outcome, text = sshd.login("fred", *answers("fred", phone))
        tap.expect(outcome == "in", text)
        line = journal.wait(mark, "event=breached-unknown ")
        tap.expect(line and "/lists/" in line, line)
    fresh_list()


@tap.test("who logs in by key alone is never touched, scp neither")
def _():
    open_to_keys = Sshd(site.folder, "sshd", KEY_OR_ANSWERS)
    for choice in ("change", "deny"):
        choose(choice)
        outcome, text = open_to_keys.login("gina", key=keys["gina"])
        tap.expect(outcome == "in", text)
        tap.expect("breaches" not in text, text)
        copy(open_to_keys, "gina", keys["gina"])


def copy(server, user, key=None, answer=lambda talk: None):
    """scp a file to the user's home."""
    source = f"{site.folder}/to-copy"
    target = f"{site.folder}/home/{user}/copy"
    with open(source, "w", encoding="ascii") as file:
        file.write("copied\n")
    options = ["-i", key] if key else ["-o", "PubkeyAuthentication=no"]
    talk = Talk(server.copy_command(user, source, target, *options))
    answer(talk)
    tap.expect(talk.status() == 0, talk.text)
    with open(target, encoding="ascii") as file:
        tap.expect(file.read() == "copied\n", "it is not there")
    os.unlink(target)


@tap.test("scp with password and code goes on after the change")
def _():
    choose("change")
    phone = site.enrol("hugo")

    def answer(talk):
        for prompt, text in answers("hugo", phone):
            talk.answer(prompt, text)
        change(talk, "hugo")

    copy(sshd, "hugo", answer=answer)


@tap.test("a failed attempt with the password leaves nothing for the key")
def _():
    choose("deny")
    phone = site.enrol("iris")
    open_to_keys = Sshd(site.folder, "sshd", [
        *KEY_OR_ANSWERS, "PasswordAuthentication yes"])
    for method in ("keyboard-interactive", "password"):
        talk = Talk(open_to_keys.client_command(
            "iris", "-i", keys["iris"], "-o",
            f"PreferredAuthentications={method},publickey"))
        talk.answer(PASSWORD, BREACHED)
        if method == "keyboard-interactive":
            talk.answer(CODE, phone.wrong())
        outcome, text = finish(talk)
        tap.expect(outcome == "in", f"{method}:\n{text}")
        tap.expect("breaches" not in text, text)


@tap.test("key and code, without a password, never end in a change")
def _():
    choose("deny")
    phone = site.enrol("jan")
    site.stack("sshd-key-code", "sshd")
    both = Sshd(site.folder, "sshd", bench.sshd_settings("sshd-key-code"))
    outcome, text = both.login("jan", (CODE, phone.code()), key=keys["jan"])
    site.stack(STACK, "sshd")
    tap.expect(outcome == "in", text)


@tap.test("by sshd's password method a change is passwd's, at a terminal")
def _():
    choose("change", enrolment="optional")
    plain = Sshd(site.folder, "sshd", ["AuthenticationMethods password",
                                       "PasswordAuthentication yes"])
    talk = plain.connect("kai")
    talk.answer(PASSWORD, BREACHED)
    talk.see("no TTY available")
    tap.expect(talk.status() != 0, talk.text)
    talk = Talk(plain.client_command("kai", "-tt",
                                     "-o", "PubkeyAuthentication=no"))
    talk.answer(PASSWORD, BREACHED)
    change(talk, "kai")
    talk.see("updated successfully")
    talk.end()
    outcome, text = plain.login("kai", (PASSWORD, FRESH))
    tap.expect(outcome == "in", text)


tap.main(prepare)
