#!/usr/bin/python3
"""Ordinary users who enrol themselves and change what they have, by the
verifier, on a real terminal; then they log in over a real sshd."""

import glob
import os
import re
import shutil
import signal
import subprocess

import bench
import tap
import verifier
from bench import Bench
from journal import Journal
from phone import Phone
from screen import Screen
from sshd import Sshd
from talk import CODE, PASSWORD, RECOVERY_CODE, Talk
from verifier import as_user

STACK = "sshd-password-code"
NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred", "gina", "hugo",
         "inga", "jana", "karl", "lisa", "mona", "nora"]
PROOF = r"(?i)(Password|Invitation)[^\n]*: $"
OWN_CODE = r"A code of \w+'s[^\n]*: $"
SHOWN = r"Code that it shows: $"
DENIED = "nothing was stored"

site = journal = sshd = service = screen = disk = None


def prepare():
    global site, journal, sshd, service, screen, disk
    journal = Journal()
    disk = f"{bench.sandbox.DIR}/small"
    os.makedirs(disk)
    bench.run("mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "small", disk)
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    settings("yes")
    site.add_users(*NAMES)
    site.stack(STACK, "sshd")
    shutil.copy(os.path.join(tap.ROOT, "data/pam.d/sallyport"),
                "/etc/pam.d/sallyport")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    service = verifier.Service(site)
    screen = Screen(site.folder)


def settings(self_enrolment, **more):
    site.settings(verifier_socket=f"{site.folder}/verifier.socket",
                  self_enrolment=self_enrolment, **more)


def tool(user, *words):
    return Talk(as_user(user, *site.command(*words)))


def key_of(talk):
    """What the screen says of the authenticator."""
    return Phone(re.search(r"otpauth://\S+", talk.text)[0])


def begin(user, proof, *words):
    """An enrolment at the prompt for its first code."""
    talk = tool(user, "enroll", "--hotp", *words)
    talk.answer(PROOF, proof)
    talk.see(SHOWN)
    return talk, key_of(talk)


def enrol(user, proof=None, *words):
    """A phone, and the recovery codes."""
    talk, phone = begin(user, proof or site.passwords[user], *words)
    talk.child.sendline(phone.code())
    tap.expect(talk.status() == 0, talk.text)
    return phone, re.findall(RECOVERY_CODE, talk.text)


def add(user, code, *words):
    """One more, on a code of one that there is."""
    talk = tool(user, "enroll", "--hotp", *words)
    talk.answer(OWN_CODE, code)
    talk.see(SHOWN)
    phone = key_of(talk)
    talk.child.sendline(phone.code())
    tap.expect(talk.status() == 0, talk.text)
    return phone


def refused(talk, status, *words):
    tap.expect(talk.status() == status, talk.text)
    for word in words:
        tap.expect(word in talk.text, f"nothing of {word!r}:\n{talk.text}")


def login(user, code):
    return sshd.login(user, (PASSWORD, site.passwords[user]), (CODE, code))


def stored(user):
    uid = bench.run("id", "-u", user).strip()
    return sorted(os.path.basename(path) for path in
                  glob.glob(f"{site.folder}/store/{uid}.*"))


def names(user):
    return [one["name"] for one in
            site.facts("status", "--user", user)["authenticators"]]


# ---- the first one ----

@tap.test("a user enrols with his password, logs in by ssh, and is told of it")
def _():
    mark = journal.mark()
    phone, codes = enrol("anna")
    tap.expect(len(set(codes)) == 10, f"recovery codes: {codes}")
    line = journal.wait(mark, "event=enrolled ")
    for word in ('user="anna"', "via=verifier", 'authenticator="phone"'):
        tap.expect(word in line, line)
    outcome, text = login("anna", phone.code())
    tap.expect(outcome == "in", text)
    tap.expect("Since your last login an authenticator was added." in text,
               text)
    outcome, text = login("anna", phone.code())
    tap.expect(outcome == "in" and "Since your last" not in text, text)


@tap.test("the log has the address that his session came from, as he says")
def _():
    mark = journal.mark()
    talk = Talk(as_user("nora", *site.command("enroll", "--hotp")),
                env={"SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22"})
    talk.answer(PROOF, site.passwords["nora"])
    talk.see(SHOWN)
    talk.child.sendline(key_of(talk).code())
    tap.expect(talk.status() == 0, talk.text)
    line = journal.wait(mark, "event=enrolled ")
    tap.expect('said_rhost="192.0.2.7"' in line, line)


@tap.test("the picture that he gets scans from his terminal")
def _():
    screen.run(as_user("bert", *site.command("enroll")))
    screen.type_at(PROOF, site.passwords["bert"])
    scanned = screen.scan()
    tap.expect(scanned, "nothing to scan on the screen")
    tap.expect(site.passwords["bert"] not in screen.text(), "it was echoed")
    phone = Phone(scanned)
    screen.type_at(SHOWN, phone.code())
    screen.wait()
    outcome, text = login("bert", phone.code())
    tap.expect(outcome == "in", text)


@tap.test("a wrong password enrols nobody, and says what it may be")
def _():
    mark = journal.mark()
    talk = tool("cleo", "enroll")
    talk.answer(PROOF, "not the password")
    refused(talk, 1, "neither the password of cleo nor an invitation")
    tap.expect(journal.wait(mark, "event=change-refused .*why=wrong-password"),
               "no event")
    tap.expect(not stored("cleo"), f"{stored('cleo')}")


@tap.test("without self-enrolment a password is not asked for, nor taken")
def _():
    settings("no")
    talk = tool("cleo", "enroll")
    talk.answer(PROOF, site.passwords["cleo"])
    refused(talk, 1, "Invitation of cleo", "no invitation of cleo")
    tap.expect("Password of" not in talk.text, talk.text)
    tap.expect(not stored("cleo"), f"{stored('cleo')}")


@tap.test("an invitation enrols its user once, where a password would not")
def _():
    code = site.facts("invite", "cleo", "--for", "1h")["invitation"]
    talk = tool("dora", "enroll")
    talk.answer(PROOF, code)
    refused(talk, 1, "no invitation of dora")
    phone, _ = enrol("cleo", code)
    outcome, text = login("cleo", phone.code())
    tap.expect(outcome == "in", text)
    site.tool("reset", "cleo", "--yes")
    talk = tool("cleo", "enroll")
    talk.answer(PROOF, code)
    refused(talk, 1, "no invitation of cleo")
    settings("yes")


@tap.test("who is invited, and not enrolled, is not asked where that is optional")
def _():
    settings("yes", enrolment="optional")
    site.tool("invite", "dora")
    outcome, text = sshd.login("dora", (PASSWORD, site.passwords["dora"]))
    tap.expect(outcome == "in", text)
    settings("yes")


@tap.test("an account whose password is locked or expired enrols nobody")
def _():
    bench.run("usermod", "--lock", "dora")
    talk = tool("dora", "enroll")
    talk.answer(PROOF, site.passwords["dora"])
    refused(talk, 1, "neither the password of dora")
    bench.run("usermod", "--unlock", "--expiredate", "1", "dora")
    talk = tool("dora", "enroll")
    talk.answer(PROOF, site.passwords["dora"])
    refused(talk, 1, "neither the password of dora")
    bench.run("usermod", "--expiredate", "", "dora")


# ---- what goes wrong between beginning and confirming ----

@tap.test("an enrolment that is broken off or killed leaves nothing behind")
def _():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGKILL):
        talk, phone = begin("egon", site.passwords["egon"])
        talk.child.kill(number)
        talk.end()
        tap.expect(not stored("egon"), f"{number}: {stored('egon')}")
    enrol("egon")


@tap.test("of two enrolments at once the one confirmed first is the one")
def _():
    first, one = begin("fred", site.passwords["fred"])
    second, other = begin("fred", site.passwords["fred"])
    second.child.sendline(other.code())
    tap.expect(second.status() == 0, second.text)
    first.child.sendline(one.code())
    refused(first, 2, DENIED)
    tap.expect(names("fred") == ["phone"], f"{names('fred')}")
    outcome, text = login("fred", other.code())
    tap.expect(outcome == "in", text)


@tap.test("a password that was changed in between confirms nothing")
def _():
    talk, phone = begin("gina", site.passwords["gina"])
    bench.run("chpasswd", "-c", "SHA512", text="gina:Another-one\n")
    talk.child.sendline(phone.code())
    refused(talk, 1, "neither the password of gina")
    tap.expect(not stored("gina"), f"{stored('gina')}")
    site.passwords["gina"] = "Another-one"
    enrol("gina")


@tap.test("the key is in no argument, environment, log or file, before or after")
def _():
    talk, phone = begin("hugo", site.passwords["hugo"])
    look_for(phone.secret)
    talk.child.sendline(phone.code())
    tap.expect(talk.status() == 0, talk.text)
    look_for(phone.secret)
    look_for(re.findall(RECOVERY_CODE, talk.text)[0])


def look_for(secret):
    """In whatever anybody could look at, or keep."""
    for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob(
            "/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                tap.expect(secret.encode() not in file.read(), path)
        except (FileNotFoundError, ProcessLookupError):
            pass
    tap.expect(not any(secret in line for line in journal.lines), "the log")
    for folder in (site.folder, "/tmp", "/var/log", "/var/lib"):
        found = subprocess.run(["grep", "-rlF", "-e", secret, folder],
                               capture_output=True, text=True).stdout
        tap.expect(found == "", f"in {found}")


@tap.test("what holds the key is dumped to nobody, and shown to no debugger")
def _():
    talk, _ = begin("mona", site.passwords["mona"])
    # A process that cannot be dumped is root's in /proc.
    owner = os.stat(f"/proc/{talk.child.pid}/environ").st_uid
    talk.child.sendintr()
    talk.end()
    tap.expect(owner == 0, f"it is uid {owner}'s")


@tap.test("on a full disk nobody is half enrolled, and it says why")
def _():
    site.tool("setup")
    shutil.copytree(f"{site.folder}/store", f"{disk}/store")
    os.chmod(f"{disk}/store", 0o700)
    settings("yes", store_dir=f"{disk}/store")
    talk, phone = begin("inga", site.passwords["inga"])
    with open(f"{disk}/ballast", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    before = sorted(os.listdir(f"{disk}/store"))
    mark = journal.mark()
    talk.child.sendline(phone.code())
    refused(talk, 3, "its own line in the log says more")
    tap.expect(journal.wait(mark, "event=cannot-tell .*No space left"),
               "no event")
    tap.expect(sorted(os.listdir(f"{disk}/store")) == before, "a file is left")
    os.unlink(f"{disk}/ballast")
    enrol("inga")
    settings("yes")


# ---- what he has ----

@tap.test("an enrolled user adds another one with a code, not with a password")
def _():
    phone, codes = enrol("jana")
    talk = tool("jana", "enroll")
    talk.answer(OWN_CODE, site.passwords["jana"])
    refused(talk, 1, "neither a code")
    spare = add("jana", phone.code(), "--name", "spare")
    tap.expect(names("jana") == ["phone", "spare"], f"{names('jana')}")
    talk = tool("jana", "enroll")
    talk.answer(OWN_CODE, phone.code_of(phone.next - 1))
    refused(talk, 1, "used already")
    outcome, text = login("jana", spare.code())
    tap.expect(outcome == "in", text)


@tap.test("he renames, removes, and gets new recovery codes, each with a code")
def _():
    phone, codes = enrol("karl")
    spare = add("karl", phone.code(), "--name", "spare")
    talk = tool("karl", "rename", "spare", "in the drawer")
    talk.answer(OWN_CODE, phone.code())
    tap.expect(talk.status() == 0, talk.text)
    tap.expect(names("karl") == ["phone", "in the drawer"], f"{names('karl')}")
    talk, mark = tool("karl", "recovery", "--yes"), journal.mark()
    talk.answer(OWN_CODE, codes[0])
    tap.expect(talk.status() == 0, talk.text)
    line = journal.wait(mark, "event=recovery-codes-replaced")
    tap.expect("proof=accepted-recovery left=9" in line, line)
    new = re.findall(RECOVERY_CODE, talk.text)[1:]  # behind what was typed
    tap.expect(len(new) == 10 and not set(new) & set(codes), f"{new}")
    talk = tool("karl", "remove", "phone", "--yes")
    talk.answer(OWN_CODE, codes[1])
    refused(talk, 1, "a wrong code")
    talk = tool("karl", "remove", "phone", "--yes")
    talk.answer(OWN_CODE, spare.code())
    tap.expect(talk.status() == 0, talk.text)
    tap.expect(names("karl") == ["in the drawer"], f"{names('karl')}")
    outcome, text = login("karl", new[0])
    tap.expect(outcome == "in", text)
    for words in ("was added", "was renamed", "was removed", "were replaced"):
        tap.expect(words in text, text)


@tap.test("status and verify answer him about himself, and about no one else")
def _():
    phone, _ = enrol("lisa")
    talk = tool("lisa", "status")
    tap.expect(talk.status() == 0 and "lisa" in talk.text, talk.text)
    talk = tool("lisa", "verify")
    talk.answer(CODE, phone.code())
    tap.expect(talk.status() == 0 and "Accepted" in talk.text, talk.text)
    for words in (["status"], ["enroll"], ["recovery"], ["verify"]):
        refused(tool("lisa", *words, "--user", "anna"), 3,
                "only root looks after others")
    for words in (["list"], ["unlock", "lisa"], ["invite", "anna"],
                  ["reset", "anna"]):
        refused(tool("lisa", *words), 3, "the store is root's")
    refused(tool("lisa", "enroll", "--pending"), 2, "administrators")


@tap.test("what an administrator changed, he is told as that")
def _():
    phone, _ = enrol("mona")
    login("mona", phone.code())
    site.recovery_codes("mona")
    outcome, text = login("mona", phone.code())
    tap.expect(outcome == "in", text)
    tap.expect("by an administrator the recovery codes were replaced" in text,
               text)


# ---- without a service ----

@tap.test("where no verifier answers, the tool says what to switch on")
def _():
    service.stop()
    refused(tool("dora", "enroll"), 3, "sallyport-verifier.socket")


@tap.test("by the set-uid program he enrols with his password just as well")
def _():
    verifier.install_setuid(site)
    phone, _ = enrol("dora")
    outcome, text = login("dora", phone.code())
    tap.expect(outcome == "in", text)


tap.main(prepare)
