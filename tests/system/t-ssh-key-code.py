#!/usr/bin/python3
"""A real sshd with the stack that asks for the SSH key, then the code."""

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd, new_key
from talk import CODE

STACK = "sshd-key-code"
NAMES = ["anna", "bert", "cleo", "dora"]

site = journal = sshd = None
keys = {}


def prepare():
    global site, journal, sshd
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    for name in NAMES:
        keys[name] = new_key(site.folder, f"{site.folder}/home/{name}", name)
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


@tap.test("key and code open the door")
def _():
    code = site.enrol("anna").code()
    outcome, text = sshd.login("anna", (CODE, code), key=keys["anna"])
    tap.expect(outcome == "in", text)


@tap.test("with the key, a code still opens only once and a wrong one never")
def _():
    phone = site.enrol("bert")
    code = phone.code()
    tap.expect(sshd.login("bert", (CODE, code), key=keys["bert"])[0] == "in",
               "the right code")
    for code in (code, phone.wrong()):
        outcome, text = sshd.login("bert", (CODE, code), key=keys["bert"])
        tap.expect(outcome == "refused", text)


@tap.test("without the key nobody is asked for a code")
def _():
    outcome, text = sshd.login("anna")
    tap.expect(outcome == "refused", f"it is {outcome}:\n{text}")


@tap.test("who is not enrolled gets in by key where enrolment is optional")
def _():
    site.settings(enrolment="optional")
    outcome, text = sshd.login("cleo", key=keys["cleo"])
    site.settings()
    tap.expect(outcome == "in", text)


@tap.test("who is not enrolled is refused where enrolment is required")
def _():
    outcome, text = sshd.login("cleo", (CODE, "123456"), key=keys["cleo"])
    tap.expect(outcome == "refused", text)


@tap.test("an sshd that asks for a key alone is stopped by guard")
def _():
    site.enrol("dora")
    careless = Sshd(site.folder, "sshd", ["AuthenticationMethods publickey"])
    mark = journal.mark()
    outcome, text = careless.login("dora", key=keys["dora"])
    tap.expect(outcome == "refused", text)
    tap.expect(journal.wait(mark, "guard"), "the log does not name the guard")


@tap.test("sshd's default methods let no key in without a code")
def _():
    careless = Sshd(site.folder, "sshd", ["AuthenticationMethods any"])
    outcome, text = careless.login("dora", key=keys["dora"])
    tap.expect(outcome == "refused", text)


@tap.test("it is guard that stops it: without the line the key opens")
def _():
    path = "/etc/pam.d/sshd"
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line for line in lines
                        if not line.rstrip().endswith("guard"))
    careless = Sshd(site.folder, "sshd", ["AuthenticationMethods publickey"])
    outcome, text = careless.login("dora", key=keys["dora"])
    site.stack(STACK, "sshd")
    tap.expect(outcome == "in", text)


tap.main(prepare)
