#!/usr/bin/python3
"""From google-authenticator in use to Sallyport, by what README.md says alone.

The module and its program are unpacked in build/authenticators
(dev.d/system.sh).  Commands and settings are read from README.md; from the page
that doctor prints, what it says to write is written.
"""

import os
import re
import shlex
import subprocess

import bench
import machine
import others
import readme
import tap
from bench import Bench
from journal import Journal
from machine import INCLUDE, MainSshd
from talk import CODE, PASSWORD, RECOVERY_CODE

PAM = "/etc/pam.d/sshd"
THEIRS = "pam_google_authenticator.so"
OURS = "pam_sallyport.so"
WAY = readme.chapter("### From google-authenticator, with the same phones")
TEN_MINUTES = readme.chapter("## SSH in ten minutes, on Debian")
NAMES = "anna", "bert", "cleo"

site = journal = sshd = page = None
phones = {}
spent = {}     # the last code that each has used
scratch = []   # cleo's
recovery = {}  # what each was given in their place


def prepare():
    """A machine on which three users log in with password and code."""
    global site, journal, sshd
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    machine.prepare(others.find(f"lib/*/security/{THEIRS}"))
    site = Bench(store=False)
    site.add_users(*NAMES)
    bench.run("usermod", "-aG", "sudo", "anna")
    with open(PAM, encoding="utf-8") as file:
        lines = file.read()
    write(PAM, lines.replace(
        "@include common-auth\n", "@include common-auth\n"
        f"auth required {THEIRS} no_increment_hotp\n"))
    sshd = MainSshd(site.folder)
    change_sshd("KbdInteractiveAuthentication yes", "PasswordAuthentication no")
    once = "-d", "-r", "10", "-R", "30", "-w", "3"
    phones["anna"] = others.google(site, "anna", "-t", "-e", "0", *once)
    phones["bert"] = others.google(site, "bert", "-c", "-e", "0", "-u",
                                   "-w", "3")
    phones["cleo"] = others.google(site, "cleo", "-t", "-e", "5", *once)
    scratch.extend(re.findall(r"(?m)^\d{8}$", google_file("cleo")))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def google_file(user):
    with open(others.google_file(site, user), encoding="ascii") as file:
        return file.read()


def change_sshd(*settings):
    text = readme.with_settings("\n".join(sshd.lines) + "\n", settings)
    sshd.lines = text.splitlines()
    sshd.write_main(INCLUDE)
    reload_sshd()


def reload_sshd():
    """So that its end can be waited for, it is a new one."""
    sshd.stop()
    sshd.start()


def login(user, code):
    return sshd.login(user, (PASSWORD, site.passwords[user]), (CODE, code))[0]


def log_in(user):
    """With the next code of the phone."""
    spent[user] = phones[user].code()
    mark = journal.mark()
    tap.expect(login(user, spent[user]) == "in", f"{user} is kept out")
    return mark


def type_step(number):
    """Type what a step says, in order; what each command printed."""
    step = re.split(r"(?m)^\d+\. ", WAY)[number]
    said = [type_line(line) for lines in readme.blocks(step)
            for line in lines]
    tap.expect(said, f"step {number} says nothing to type:\n{step}")
    return said


def type_line(line):
    program, *words = shlex.split(line)
    if line == "systemctl reload ssh":
        return reload_sshd()
    command = ([program, *words] if program != "sallyport" else
               site.command(*words))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.expect(done.returncode == (1 if line == "sallyport doctor" else 0),
               f"{line}: {done.returncode}\n{done.stdout}")
    return done.stdout


@tap.test("under google-authenticator, three users log in by password and code")
def _():
    for user in NAMES:
        log_in(user)
        tap.expect(login(user, spent[user]) == "refused", f"{user}, twice")
    tap.expect(login("cleo", scratch[0]) == "in", "her scratch code")


@tap.test("README's way takes the keys over while the old module goes on")
def _():
    global page
    page = type_step(1)[1]
    said, = type_step(2)
    for user in NAMES:
        mine = said[said.index(f"{user} has the authenticator"):]
        recovery[user] = re.findall(RECOVERY_CODE, mine)[:10]
    for user in NAMES:
        log_in(user)


@tap.test("beside the old module, setup --ssh puts no second question")
def _():
    before = machine.snapshot()
    done = subprocess.run(site.command("setup", "--ssh", "--yes"), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    tap.expect(done.returncode == 3 and THEIRS not in done.stdout and
               "doctor --migrate" in done.stderr, done)
    tap.expect(machine.snapshot() == before, "something was changed")


@tap.test("README's way puts ours where the old module's line was, and doctor "
          "is content")
def _():
    type_step(3)
    write_page()
    change_sshd(*readme.block_behind(TEN_MINUTES, "/etc/ssh/sshd_config"))
    said, = type_step(4)
    tap.expect(said.count("already") == 3, said)
    doctor, _, listed = type_step(5)
    tap.expect("sshd: password, then code; nothing skips it" in doctor, doctor)
    faults = re.findall("(?m)^fault: (.*)", doctor)
    tap.expect(faults == ["store-in-memory"], doctor)  # as everything here
    for user in NAMES:
        tap.expect(re.search(rf"(?m)^{user} .* ok ", listed), listed)


def write_page():
    """The file, as doctor has printed it, with the settings of here."""
    text = re.search(rf"(?ms)^# {PAM}, written anew:\n(.*?)\n"
                     r"# Before that, to take the keys over:\n", page)[1]
    tap.expect(THEIRS not in text and text.count(OURS) == 1, text)
    write(PAM, text)


@tap.test("a code that was used under the old module stays spent, and the same "
          "phones log in")
def _():
    for user in NAMES:
        mark = journal.mark()
        tap.expect(login(user, spent[user]) == "refused", f"{user} is in")
        tap.expect(journal.wait(mark, f'event=replayed user="{user}"'), user)
        mark = log_in(user)
        tap.expect(journal.wait(mark, f'event=accepted user="{user}"'), user)
        tap.expect(login(user, spent[user]) == "refused", f"{user}, twice")


@tap.test("a wrong code is refused, and so is a scratch code; a recovery code "
          "opens once")
def _():
    for code in phones["cleo"].wrong(), *scratch[:2]:
        tap.expect(login("cleo", code) == "refused", f"in by {code}")
    tap.expect(login("cleo", recovery["cleo"][0]) == "in", "her recovery code")
    tap.expect(login("cleo", recovery["cleo"][0]) == "refused", "twice")
    # With it, the codes around now are spent.
    phones["cleo"].next = phones["cleo"].step_now() + 2


@tap.test("taking over once more changes nothing")
def _():
    before = store()
    said, = type_step(4)
    tap.expect(said.count("already") == 3 and
               not re.search(RECOVERY_CODE, said), said)
    tap.expect(store() == before, "something was written")


def store():
    files = {}
    for entry in os.scandir(f"{site.folder}/store"):
        with open(entry.path, "rb") as file:
            files[entry.name] = file.read()
    return files


@tap.test("without their files and the old module, all go on")
def _():
    tap.expect(site.facts("list", "--never-used")["users"] == [], "not all in")
    for user in NAMES:
        os.remove(others.google_file(site, user))
    machine.remove_module(THEIRS)
    for user in NAMES:
        log_in(user)
        tap.expect(login(user, phones[user].wrong()) == "refused", user)


others.need()
tap.main(prepare, keep=[others.FOLDER])
