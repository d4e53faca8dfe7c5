#!/usr/bin/python3
"""fail2ban's own opinion of what real logins leave in the log."""

import os
import re
import shutil
import subprocess

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd
from talk import CODE, PASSWORD

STACK = "sshd-password-code"
FAIL2BAN = os.path.join(tap.ROOT, "build/fail2ban")
DATA = os.path.join(tap.ROOT, "data/fail2ban")
FILTER = f"{DATA}/filter.d/sallyport.conf"
STAMPS = "2026-11-25T18:00:01.123456+00:00", "Nov 25 18:00:01"
WRITER = "sshd[7]: pam_sallyport(sshd:auth): "
WRONG = 'event=wrong user="anna" rhost="192.0.2.7" tty="ssh"'

site = journal = sshd = None


def prepare():
    global site, journal, sshd
    journal = Journal()
    site = Bench()
    site.add_users("anna", "bert")
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def run(program, *words):
    return subprocess.run(
        ["/usr/bin/python3", "-B", f"{FAIL2BAN}/usr/bin/{program}", *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ,
             "PYTHONPATH": f"{FAIL2BAN}/usr/lib/python3/dist-packages"})


def matched(*lines):
    """Of these lines, how many the filter takes for an attack."""
    log = f"{site.folder}/fail2ban.log"
    counts = set()
    for stamp in STAMPS:
        with open(log, "w", encoding="utf-8") as file:
            file.writelines(f"{stamp} web1 {line}\n" for line in lines)
        said = run("fail2ban-regex", "-c", f"{FAIL2BAN}/etc/fail2ban", log,
                   FILTER).stdout
        count = re.search(r"(\d+) lines, 0 ignored, (\d+) matched", said)
        tap.expect(count and int(count[1]) == len(lines), said)
        counts.add(int(count[2]))
    tap.expect(len(counts) == 1, f"it depends on the time's form: {counts}")
    return counts.pop()


def log_in(user, *answers):
    """What the log has of these logins, one after the other."""
    mark = journal.mark()
    for answer in answers:
        sshd.login(user, (PASSWORD, site.passwords[user]), (CODE, answer))
    return journal.settled(mark, "pam_sallyport")


@tap.test("an attack is matched, from its third wrong code until it has to wait")
def _():
    phone = site.enrol("anna")
    lines = log_in("anna", *[phone.wrong()] * 6)
    events = re.findall("event=([a-z-]+)", "\n".join(lines))
    tap.expect(events == ["wrong"] * 5 + ["waiting"], lines)
    tap.expect(matched(*lines) == 3, lines)
    tap.expect(matched(*lines[:2]) == 0, lines)


@tap.test("two wrong codes, a right one, and the same again, are no attack")
def _():
    phone = site.enrol("bert")
    wrong, code = phone.wrong(), phone.code()
    lines = log_in("bert", wrong, wrong, code, code, "12345")
    events = re.findall("event=([a-z-]+)", "\n".join(lines))
    tap.expect(events == ["wrong", "wrong", "accepted", "replayed",
                          "malformed"], lines)
    tap.expect(matched(*lines) == 0, lines)


@tap.test("wrong codes of any number from three, with drift or without, match")
def _():
    for failures in 3, 9, 10, 99:
        for more in "", " wait=60s", ' drift=+95s of="my phone"':
            line = f"{WRITER}{WRONG} failures={failures}{more}"
            tap.expect(matched(line) == 1, line)
    line = f"{WRITER}{WRONG} failures=3".replace("192.0.2.7", "2001:db8::7")
    tap.expect(matched(line) == 1, line)


@tap.test("what is nobody's guess, or may be anybody's, bans nobody")
def _():
    lines = [f"{WRITER}{WRONG} failures=2".replace("wrong", event, 1)
             for event in ("wrong", "waiting", "disabled", "replayed",
                           "cannot-tell", "clock-behind", "not-enrolled")]
    lines += [
        f"{WRITER}{WRONG} failures=9".replace("192.0.2.7", "host.example.org"),
        f"{WRITER}{WRONG} failures=9".replace("192.0.2.7", ""),
        'sallyport-verifier[7]: event=wrong user="anna" said_service="x"'
        ' said_rhost="192.0.2.7" said_tty="" by_uid=1000 via=verifier'
        " failures=9",
        f"sshd[7]: Invalid user {WRITER}{WRONG} failures=9 from 192.0.2.9",
        f"sshd[7]: {WRONG} failures=9"]
    for line in lines:
        tap.expect(matched(line) == 0, line)


@tap.test("fail2ban takes filter and jail as they are")
def _():
    folder = f"{site.folder}/fail2ban"
    shutil.copytree(f"{FAIL2BAN}/etc/fail2ban", folder)
    shutil.copytree(DATA, folder, dirs_exist_ok=True)
    os.unlink(f"{folder}/jail.d/defaults-debian.conf")
    done = run("fail2ban-client", "-c", folder, "-t")
    tap.expect(done.returncode == 0 and "successful" in done.stdout,
               done.stdout)
    done = run("fail2ban-client", "-c", folder, "-d")
    tap.expect("'sallyport'" in done.stdout and "ERROR" not in done.stdout,
               done.stdout)


if not os.path.exists(f"{FAIL2BAN}/usr/bin/fail2ban-regex"):
    tap.skip_all("fail2ban is not unpacked: ./dev check does that")
tap.main(prepare)
