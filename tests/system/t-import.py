#!/usr/bin/python3
"""Users with files of pam_google_authenticator and pam_oath keep their phones,
and administrators help them; whatever they do is logged with who it was.

Both modules and their programs are used before their files are taken.
"""

import base64
import os
import subprocess

import bench
import others
import pamlogin
import phone
import tap
import schema  # which tap lets be found
from bench import Bench
from journal import Journal
from pamlogin import PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, PAM_SUCCESS

KEYS = {"egon": b"12345678901234567890", "fred": b"abcdefghijabcdefghij",
        "gina": b"ABCDEFGHIJABCDEFGHIJ"}

site = journal = None


def prepare():
    global site, journal
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    site.add_users("anna", "bert", "cleo", "dora", "egon", "fred", "gina",
                   "hugo")
    stack("ours", f"{site.module} config={site.config}")
    stack("google", others.find("lib/*/security/pam_google_authenticator.so"))
    stack("oath", others.find("lib/*/security/pam_oath.so") +
          f" usersfile={site.folder}/users.oath window=5")


def stack(name, line):
    with open(f"/etc/pam.d/{name}", "w", encoding="utf-8") as file:
        file.write(f"auth required {line}\n")


def home(user):
    return f"{site.folder}/home/{user}"


def google(user, *how):
    return others.google(site, user, *how)


def refused(*words, status, say):
    done = subprocess.run(site.command(*words), capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    tap.expect(done.returncode == status and say in done.stderr,
               f"{words}: {done}")


def comes_in(service, user, code):
    said = pamlogin.authenticate(service, user, code)
    tap.expect(said == PAM_SUCCESS, f"{service} says {said} to {user}")


def stays_out(user, code, said=PAM_AUTH_ERR):
    answer = pamlogin.authenticate("ours", user, code)
    tap.expect(answer == said, f"we say {answer} to {user}")


@tap.test("homes that lead root elsewhere give it nothing, the others are taken")
def _():
    clock = google("anna", "-t", "-d", "-r", "3", "-R", "30", "-w", "3")
    counter = google("bert", "-c", "-r", "3", "-R", "30", "-w", "3")
    used = clock.code(), counter.code()
    comes_in("google", "anna", used[0])
    comes_in("google", "bert", used[1])
    os.link(f"{home('anna')}/.google_authenticator", f"{home('anna')}/again")
    os.symlink(f"{home('bert')}/.google_authenticator",
               f"{home('cleo')}/.google_authenticator")
    os.mkfifo(f"{home('dora')}/.google_authenticator", 0o600)
    bench.run("chown", "dora:", f"{home('dora')}/.google_authenticator")
    os.link(f"{home('bert')}/.google_authenticator",
            f"{home('egon')}/.google_authenticator")
    with open(f"{home('fred')}/.google_authenticator", "w") as file:
        file.write("GEZDGNBVGY3TQOJQGEZDGNBVGY\n\" TOTP_AUTH\n")
    os.chmod(f"{home('fred')}/.google_authenticator", 0o600)  # root's
    refused("import", "google-authenticator", "--all-homes",
            "--drop-scratch-codes", status=3, say="cleo")
    for user in "anna", "bert", "cleo", "dora", "egon", "fred":
        site.tool("status", "--user", user, status=1)
    os.remove(f"{home('anna')}/again")
    os.remove(f"{home('egon')}/.google_authenticator")
    refused("import", "google-authenticator", "--all-homes",
            "--drop-scratch-codes", status=3, say="cleo")
    for user in "cleo", "dora", "egon", "fred":
        os.path.lexists(f"{home(user)}/.google_authenticator") and os.remove(
            f"{home(user)}/.google_authenticator")
        site.tool("status", "--user", user, status=1)
    for user, code, same in zip(("anna", "bert"), used, (clock, counter)):
        stays_out(user, code)
        comes_in("ours", user, same.code())
    text = site.tool("import", "google-authenticator", "--all-homes",
                     "--drop-scratch-codes")
    tap.expect(text.count("already") == 2, text)


@tap.test("a file that google-authenticator wrote names its user, or is told to")
def _():
    same = google("cleo", "-t", "-D", "-u", "-w", "5", "-e", "0", "-S", "60")
    same.period = 60
    file = f"{home('cleo')}/.google_authenticator"
    said = site.facts("import", "google-authenticator", file)["imported"][0]
    tap.expect(said["user"] == "cleo" and "window = 2" in said["notes"][0],
               said)
    comes_in("ours", "cleo", same.code())
    bench.run("chown", "root:", file)
    refused("import", "google-authenticator", file, status=2, say="--user")
    text = site.tool("import", "google-authenticator", file, "--user", "dora")
    tap.expect("dora has" in text, text)


@tap.test("a users.oath that pam_oath wrote keeps phones, tokens and what is spent")
def _():
    file = f"{site.folder}/users.oath"
    with open(file, "w", encoding="ascii") as out:
        out.write(f"HOTP egon - {KEYS['egon'].hex()}\n"
                  f"HOTP/T30 fred - {KEYS['fred'].hex()}\n"
                  f"HOTP/T60/8 gina + {KEYS['gina'].hex()}\n")
    os.chmod(file, 0o600)
    phones = {user: phone.Phone(
        f"otpauth://{kind}/x?secret={base64.b32encode(KEYS[user]).decode()}"
        + more) for user, kind, more in [
            ("egon", "hotp", ""), ("fred", "totp", ""),
            ("gina", "totp", "&digits=8&period=60")]}
    used = {}
    for user, same in phones.items():
        used[user] = same.code()
        comes_in("oath", user, used[user])
    said = site.facts("import", "oath", file)["imported"]
    tap.expect([one["user"] for one in said] == list(phones), said)
    for user, same in phones.items():
        stays_out(user, used[user])
        comes_in("ours", user, same.code())
    said = site.facts("import", "oath", file)["imported"]
    tap.expect(all(one["already"] for one in said), said)


@tap.test("who was renamed is refused until adopted, and keeps what is spent")
def _():
    mark = journal.mark()
    same = site.enrol("hugo")
    used = same.code()
    comes_in("ours", "hugo", used)
    bench.run("usermod", "--login", "hubert", "hugo")
    stays_out("hubert", same.code(), PAM_AUTHINFO_UNAVAIL)
    refused("adopt", "hubert", status=2, say="--yes")
    facts = site.facts("adopt", "--all", "--yes")
    schema.check(facts, "adopt.json")
    said = facts["adopted"]
    tap.expect([(one["user"], one["was"]) for one in said] ==
               [("hubert", "hugo")], said)
    stays_out("hubert", used)
    comes_in("ours", "hubert", same.code())
    tap.expect(journal.settled(mark, 'event=adopted user="hubert"'),
               "no event")


@tap.test("a bypass logs in once, and the log knows it for one")
def _():
    mark = journal.mark()
    code = site.facts("bypass", "hubert")["bypass"]
    comes_in("ours", "hubert", code)
    stays_out("hubert", code)
    line, = journal.settled(mark, "event=accepted-bypass")
    tap.expect('user="hubert"' in line, line)
    tap.expect(not journal.settled(mark, code), "the code is in the log")


@tap.test("every act of the help desk is logged with who did it")
def _():
    mark = journal.mark()
    os.environ["SUDO_USER"] = "ad\nmin"
    site.tool("bypass", "hubert")
    site.tool("bypass", "hubert", "--cancel")
    uid = site.facts("status", "--user", "hubert")["uid"]
    site.tool("export", "hubert", "--yes")
    os.remove(f"{site.folder}/store/{uid}.state")
    site.tool("repair", "hubert", "--yes")
    site.tool("after-restore", "--yes")
    del os.environ["SUDO_USER"]
    for event in ("bypass-given", "bypass-ended", "exported", "repaired",
                  "after-restore"):
        lines = journal.settled(mark, f"event={event}( |$)")
        tap.expect(len(lines) == 1, f"{event}: {lines}")
        tap.expect("by_uid=0 login_uid=" in lines[0] and
                   'sudo_user="ad\\x0amin"' in lines[0], lines[0])
        tap.expect(event == "after-restore" or
                   f'user="hubert" uid={uid}' in lines[0], lines[0])


@tap.test("with its outputs closed it fails, and puts no key or code into the log")
def _():
    for words in (["bypass", "anna"], ["recovery", "--user", "anna", "--yes"],
                  ["export", "anna", "--yes"]):
        mark = journal.mark()
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *site.command(*words)])
        lines = journal.settled(mark, "")[:-1]
        tap.expect(done.returncode == 3, f"{words}: {done}")
        tap.expect(len(lines) == 1 and " by_uid=0 " in lines[0], lines)


others.need()
tap.main(prepare, keep=[others.FOLDER])
