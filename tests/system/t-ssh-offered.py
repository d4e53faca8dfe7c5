#!/usr/bin/python3
"""Enrolment in the login itself: a real sshd and login, and the picture as a
phone sees it in a real terminal."""

import re

import bench
import tap
import verifier
from bench import Bench
from journal import Journal
from phone import Phone
from screen import Screen
from sshd import WELCOME, Sshd, finish, new_key
from talk import CODE, LOGIN, PASSWORD, RECOVERY_CODE, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred", "gina", "hans"]
LIGHT = ["-bg", "white", "-fg", "black"]
DARK = ["-bg", "black", "-fg", "white"]
KEPT = "Press Enter when you have them: $"
KEY = r"key: ((?:[A-Z2-7]{2,4} ?){8})\r?\n"

site = journal = service = screen = sshd = None


def offer(**more):
    site.settings(enrolment="offered",
                  verifier_socket=f"{site.folder}/verifier.socket", **more)


def prepare():
    global site, journal, service, screen, sshd
    journal = Journal()
    site = Bench()
    offer()
    site.add_users(*NAMES)
    service = verifier.Service(site)
    screen = Screen(site.folder)
    site.stack("sshd-list", "sshd")
    site.stack("sshd-key-code", "sshd-key")
    site.stack("login-list", "login")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings("sshd-list"))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    tap.on_failure.append(screen.text)


def typed_in(user, talk):
    """A phone into which the key on the terminal was typed."""
    talk.see(KEY)
    secret = talk.child.match[1].replace(" ", "")
    return Phone(f"otpauth://totp/Test:{user}?secret={secret}")


def asks_from_now_on(user, phone, key=None, server=None):
    answers = [(CODE, phone.code())]
    if not key:
        answers.insert(0, (PASSWORD, site.passwords[user]))
    outcome, text = (server or sshd).login(user, *answers, key=key)
    tap.expect(outcome == "in" and "scan" not in text, text)


def scan_and_confirm(user, inverted):
    """In the terminal on the screen, up to its end."""
    screen.type_at(PASSWORD, site.passwords[user])
    if inverted:
        screen.type_at(CODE, "i")
        screen.await_text(r"(?s)(invert picture.*){2}: $")
    scanned = screen.scan()
    tap.expect(scanned, f"nothing to scan on the screen:\n{screen.text()}")
    phone = Phone(scanned)
    tap.expect(phone.label.endswith(user), f"not {user}'s: {scanned}")
    screen.type_at(CODE, phone.code())
    screen.type_at(KEPT, "")
    return phone


@tap.test("the picture scans from a dark xterm of 80x24, and its code logs in")
def _():
    screen.run(sshd.client_command("anna", "-o", "PubkeyAuthentication=no"),
               DARK)
    phone = scan_and_confirm("anna", inverted=False)
    screen.wait()
    tap.expect(WELCOME in screen.text(), screen.text())
    codes = re.findall(RECOVERY_CODE, screen.text())
    tap.expect(len(codes) == 10, f"{len(codes)} recovery codes")
    asks_from_now_on("anna", phone)


@tap.test("inverted, it scans from a light one")
def _():
    screen.run(sshd.client_command("bert", "-o", "PubkeyAuthentication=no"),
               LIGHT)
    phone = scan_and_confirm("bert", inverted=True)
    screen.wait()
    tap.expect(WELCOME in screen.text(), screen.text())
    asks_from_now_on("bert", phone)


@tap.test("for a client in the C locale the key is there, to be typed in")
def _():
    talk = Talk(sshd.client_command("cleo", "-o", "PubkeyAuthentication=no"),
                env={"LANG": "C", "LC_ALL": "C"})
    talk.answer(PASSWORD, site.passwords["cleo"])
    phone = typed_in("cleo", talk)
    talk.answer(CODE, phone.wrong())
    talk.see("UTC")
    talk.answer(CODE, phone.code())
    talk.answer(KEPT, "")
    outcome, text = finish(talk)
    tap.expect(outcome == "in", text)
    asks_from_now_on("cleo", phone)


@tap.test("after a key, too, and the guard lets in who has enrolled")
def _():
    key = new_key(site.folder, f"{site.folder}/home/dora", "dora")
    server = Sshd(site.folder, "sshd-key", bench.sshd_settings("sshd-key-code"))
    talk = server.connect("dora", key)
    phone = typed_in("dora", talk)
    talk.answer(CODE, phone.code())
    talk.answer(KEPT, "")
    outcome, text = finish(talk)
    tap.expect(outcome == "in", text)
    asks_from_now_on("dora", phone, key, server)
    server.stop()


@tap.test("login shows it on a console")
def _():
    screen.run(LOGIN, DARK)
    screen.type_at("login: $", "egon")
    phone = scan_and_confirm("egon", inverted=False)
    screen.type_at(r"\$ $", "exit")
    screen.wait()
    talk = Talk(LOGIN)
    talk.answer("login: $", "egon")
    talk.answer(PASSWORD, site.passwords["egon"])
    talk.answer(CODE, phone.code())
    talk.answer(r"\$ $", "echo in-as-$(id -un); exit")
    talk.see("in-as-egon")
    talk.end()


@tap.test("who hangs up at the picture is not enrolled, and is shown another")
def _():
    talk = sshd.connect("fred")
    talk.answer(PASSWORD, site.passwords["fred"])
    first = typed_in("fred", talk)
    talk.see(CODE)
    talk.stop()
    site.tool("status", "--user", "fred", status=1)  # not enrolled
    talk = sshd.connect("fred")
    talk.answer(PASSWORD, site.passwords["fred"])
    second = typed_in("fred", talk)
    tap.expect(first.secret != second.secret, "the same key again")
    talk.answer(CODE, first.code())
    talk.see("UTC")
    talk.stop()


@tap.test("sshd's password method cannot ask: refused, and the log says why")
def _():
    server = Sshd(site.folder, "sshd", ["PasswordAuthentication yes",
                                        "KbdInteractiveAuthentication no"])
    mark = journal.mark()
    outcome, text = server.login("gina", (PASSWORD, site.passwords["gina"]))
    tap.expect(outcome == "refused", text)
    tap.expect(journal.wait(mark, "event=enrolment-refused"),
               "the log does not say why")
    server.stop()


@tap.test("until the day to enrol by it can be put off, then it is no way in")
def _():
    offer(enrol_by="9999-12-31")
    outcome, text = sshd.login("hans", (PASSWORD, site.passwords["hans"]),
                               (r"not now, \d+ days left\): $", ""))
    tap.expect(outcome == "in", text)
    offer(enrol_by="2026-01-02")
    outcome, text = sshd.login("hans", (PASSWORD, site.passwords["hans"]),
                               (CODE, "123456"))
    offer()
    tap.expect(outcome == "refused" and "key: " not in text, text)


tap.main(prepare)
