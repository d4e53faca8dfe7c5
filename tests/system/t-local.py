#!/usr/bin/python3
"""sudo, su, login and a caller like cron, on their stacks."""

import os

import pamcall
import tap
from bench import Bench
from journal import Journal
from talk import CODE, LOGIN, PASSWORD, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon"]
DONE = "id-is-(\\w+)-done"
ID = "echo id-is-$(id -un)-done"

# Debian's /etc/pam.d/cron.
CRON = """\
@include common-auth
session required pam_env.so
session required pam_env.so envfile=/etc/default/locale
@include common-account
@include common-session-noninteractive
session required pam_limits.so
"""

site = journal = None


def prepare():
    global site, journal
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    for stack in ("sudo", "su", "login"):
        site.stack(stack, stack)
    for service in ("sudo-i", "su-l"):
        site.stack(service.split("-", maxsplit=1)[0], service)
    write("/etc/pam.d/cron", CRON)
    write("/etc/sudoers.d/test", "anna,bert,cleo ALL=(ALL) ALL\n"
                                 "egon ALL=(ALL) NOPASSWD: ALL\n")
    os.chmod("/etc/sudoers.d/test", 0o440)
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def user_talk(user, command):
    """A shell command that this user runs at a terminal."""
    return Talk(["setpriv", "--reuid", user, "--regid", user, "--init-groups",
                 "sh", "-c", command],
                env={"HOME": f"{site.folder}/home/{user}"}, cwd="/")


def who_was_it(talk):
    talk.see(DONE)
    return talk.child.match.group(1)


@tap.test("sudo by a user asks for password and code, and a code works once")
def _():
    phone = site.enrol("anna")
    code = phone.code()
    talk = user_talk("anna", f"sudo sh -c '{ID}'")
    talk.answer(PASSWORD, site.passwords["anna"])
    talk.answer(CODE, code)
    tap.expect(who_was_it(talk) == "root", talk.text)
    talk.end()
    talk = user_talk("anna", f"sudo -k sh -c '{ID}'")
    for _ in range(3):
        talk.answer(PASSWORD, site.passwords["anna"])
        talk.answer(CODE, code)
    talk.see("3 incorrect password attempts")
    tap.expect(talk.status() != 0, talk.text)


@tap.test("sudo and su know no client, so no network exempts from them")
def _():
    site.settings(exempt_networks="0.0.0.0/0 ::/0")
    site.enrol("egon")
    for command, user in (("sudo -k id", "cleo"), ("su egon -c id", "egon")):
        talk = user_talk("cleo", "SSH_CONNECTION='192.0.2.7 1 ::1 22' "
                                 f"{command}")
        talk.answer(PASSWORD, site.passwords[user])
        talk.see(CODE)
        talk.stop()
    site.settings()


@tap.test("a sudo that remembers the user asks nothing")
def _():
    phone = site.enrol("bert")
    talk = user_talk("bert", "sudo true; echo first; "
                             f"sudo -n sh -c '{ID}'")
    talk.answer(PASSWORD, site.passwords["bert"])
    talk.answer(CODE, phone.code())
    talk.see("first")
    tap.expect(who_was_it(talk) == "root", talk.text)
    tap.expect(talk.status() == 0, talk.text)


@tap.test("a NOPASSWD sudo asks nothing, even of who is not enrolled")
def _():
    talk = user_talk("egon", f"sudo -n sh -c '{ID}'")
    tap.expect(who_was_it(talk) == "root", talk.text)
    tap.expect(talk.status() == 0, talk.text)


@tap.test("sudo of a user who is not enrolled is refused")
def _():
    talk = user_talk("cleo", f"sudo sh -c '{ID}'")
    for _ in range(3):
        talk.answer(PASSWORD, site.passwords["cleo"])
        talk.answer(CODE, "123456")
    talk.see("3 incorrect password attempts")
    tap.expect(talk.status() != 0, talk.text)


@tap.test("root's su asks nothing")
def _():
    for options in ([], ["-"]):
        talk = Talk(["su", *options, "cleo", "-c", ID])
        tap.expect(who_was_it(talk) == "cleo", talk.text)
        tap.expect(talk.status() == 0, talk.text)


@tap.test("a user's su asks for the other account's password and code")
def _():
    phone = site.enrol("dora")
    code = phone.code()
    talk = user_talk("bert", f"su dora -c '{ID}'")
    talk.answer(PASSWORD, site.passwords["dora"])
    talk.answer(CODE, code)
    tap.expect(who_was_it(talk) == "dora", talk.text)
    tap.expect(talk.status() == 0, talk.text)
    talk = user_talk("bert", f"su dora -c '{ID}'")
    talk.answer(PASSWORD, site.passwords["dora"])
    talk.answer(CODE, code)
    talk.see("Authentication failure")
    tap.expect(talk.status() != 0, talk.text)


@tap.test("login asks for password and code, and a code works once")
def _():
    phone = site.enrol("cleo")
    code = phone.code()
    talk = Talk(LOGIN)
    talk.answer("login: $", "cleo")
    talk.answer(PASSWORD, site.passwords["cleo"])
    talk.answer(CODE, code)
    talk.answer(r"\$ $", f"{ID}; exit")
    tap.expect(who_was_it(talk) == "cleo", talk.text)
    talk.end()
    talk = Talk(LOGIN)
    talk.answer("login: $", "cleo")
    talk.answer(PASSWORD, site.passwords["cleo"])
    talk.answer(CODE, code)
    talk.see("Login incorrect")
    talk.stop()


@tap.test("login -f asks nothing")
def _():
    talk = Talk([*LOGIN, "-f", "dora"])
    talk.answer(r"\$ $", f"{ID}; exit")
    tap.expect(who_was_it(talk) == "dora", talk.text)
    talk.end()


@tap.test("cron's kind of call, account without auth, works for everybody")
def _():
    for service in ("cron", "sudo", "su", "login"):
        for user in ("anna", "egon"):
            codes = pamcall.account_only(service, user)
            tap.expect(codes["account"] == 0, f"{service}, {user}: {codes}")
            tap.expect(codes["session"] == 0, f"{service}, {user}: {codes}")
    tap.expect(not pamcall.asked, f"asked: {pamcall.asked}")


tap.main(prepare)
