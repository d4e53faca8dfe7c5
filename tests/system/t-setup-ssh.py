#!/usr/bin/python3
"""sallyport setup --ssh, on a real sshd that begins as Debian's does."""

import json
import os
import signal
import subprocess
import time

import bench
import machine
import tap
import schema  # which tap lets be found
from bench import Bench
from journal import Journal
from machine import INCLUDE, MainSshd
from sshd import new_key
from talk import CODE, PASSWORD, Talk

DROP_IN = f"{machine.DROP_INS}/00-sallyport.conf"
PAM = "/etc/pam.d/sshd"
BACKUP = f"{PAM}.before-sallyport.bak"
TRIAL = "/etc/ssh/sallyport-trial"
CRON = "/etc/cron.d/sallyport-rollback"
ROLLED_BACK = "event=ssh-setup-rolled-back"

site = journal = sshd = phone = key = before = None


def prepare():
    global site, journal, sshd, key, before
    journal = Journal()
    machine.prepare()
    site = Bench()
    site.add_users("anna", "bert")
    machine.let_sudo("anna", "bert")
    key = new_key(site.folder, f"{site.folder}/home/bert", "bert")
    sshd = MainSshd(site.folder)
    before = machine.snapshot()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-30:]))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def expect_as_before():
    now = machine.snapshot()
    other = {path for path in {*now, *before}
             if now.get(path) != before.get(path)}
    tap.expect(not other, f"not as before: {other}")


def expect_in(user="anna", *answers, **more):
    outcome, text = sshd.login(user, *answers, **more)
    tap.expect(outcome == "in", text)


def expect_plain():
    """As on the first day: a password is enough, and no code is asked for."""
    sshd.wait_until_up()
    expect_in("anna", (PASSWORD, site.passwords["anna"]))
    expect_as_before()


def by_password_and_code():
    return ((PASSWORD, site.passwords["anna"]), (CODE, phone.code()))


def setup(*words, status=0):
    return site.tool("setup", *words, status=status)


def said(*words, status):
    """What it says on both outputs."""
    done = subprocess.run(site.command("setup", *words), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    tap.expect(done.returncode == status,
               f"status {done.returncode}:\n{done.stdout}")
    return done.stdout


def sudo(talk, *words):
    return machine.sudo(talk, site.command("setup", *words))


def wait_for_rollback(mark, seconds=30):
    tap.expect(journal.wait(mark, ROLLED_BACK), "nothing was rolled back")
    until = time.monotonic() + seconds
    while machine.snapshot() != before and time.monotonic() < until:
        time.sleep(0.05)


@tap.test("where nobody but root is enrolled, it does not begin")
def _():
    text = said("--ssh", "--yes", status=1)
    tap.expect("locked out" in text and "enroll" in text, text)
    site.enrol("root")
    text = said("--ssh", "--yes", status=1)
    tap.expect("locked out" in text, text)
    expect_as_before()


@tap.test("where enrolment is optional or offered, nobody has to be enrolled")
def _():
    global phone
    site.settings(enrolment="optional")
    setup("--ssh", "--yes", "--within", "1h")
    expect_in("anna", (PASSWORD, site.passwords["anna"]))
    setup("--undo", "--yes")
    site.settings(enrolment="offered")
    setup("--ssh", "--yes", "--within", "1h")
    lines = read(PAM).decode()
    setup("--undo", "--yes")
    tap.expect("account  required    pam_sallyport.so" in lines, lines)
    site.settings()
    expect_plain()
    phone = site.enrol("anna", "hotp")


@tap.test("its words exclude each other, take a time in range, and are root's")
def _():
    for words in (("--ssh", "--undo"), ("--confirm", "--roll-back"),
                  ("--key",), ("--within", "1h"), ("--ssh", "--within", "0s"),
                  ("--ssh", "--within", "25h")):
        tap.expect("--help" in said(*words, status=2), words)
    for word in "--ssh", "--confirm", "--undo", "--roll-back":
        done = subprocess.run(
            ["setpriv", "--reuid", "anna", "--clear-groups",
             *site.command("setup", word)], capture_output=True, text=True)
        tap.expect(done.returncode == 3 and "only root" in done.stderr,
                   done.stderr)
    expect_as_before()


@tap.test("it shows the change, and told no, or with nobody to ask, makes none")
def _():
    talk = Talk(site.command("setup", "--ssh"))
    talk.answer(r"\[y/N\] $", "n")
    tap.expect(talk.status() == 1, talk.text)
    for line in ("+auth     requisite   pam_sallyport.so",
                 "+AuthenticationMethods keyboard-interactive",
                 "password, then code"):
        tap.expect(line in talk.text, talk.text)
    text = said("--ssh", status=2)
    tap.expect("--yes" in text, text)
    expect_plain()


@tap.test("Ctrl-C at the question is a no: nothing is changed, and nothing left")
def _():
    talk = Talk(site.command("setup", "--ssh"))
    talk.see(r"\[y/N\] $")
    talk.child.sendintr()
    talk.end()
    tap.expect(talk.child.signalstatus == signal.SIGINT, talk.text)
    tap.expect("nothing was changed" in talk.text, talk.text)
    expect_as_before()
    status, text = at_call("fchown", 1, "INT")  # while it writes drafts
    tap.expect(status in (-signal.SIGINT, 128 + signal.SIGINT) and
               "nothing was changed" in text, f"{status} {text}")
    expect_plain()


@tap.test("what somebody writes while it asks is not overwritten")
def _():
    talk = Talk(site.command("setup", "--ssh"))
    talk.see(r"\[y/N\] $")
    was = read(PAM).decode()
    write(PAM, was + "# by somebody else\n")
    talk.child.sendline("y")
    tap.expect(talk.status() == 3 and "meanwhile" in talk.text, talk.text)
    tap.expect(read(PAM).decode() == was + "# by somebody else\n", read(PAM))
    write(PAM, was)
    expect_plain()


@tap.test("a change that a new login confirms stays, until it is undone")
def _():
    text = setup("--ssh", "--yes", "--within", "1h")
    tap.expect("setup --confirm" in text, text)
    talk = sshd.shell("anna", *by_password_and_code())
    text, status = sudo(talk, "--confirm")
    talk.stop()
    tap.expect(status == 0 and "Confirmed" in text, text)
    tap.expect(not os.path.exists(TRIAL) and not os.path.exists(CRON),
               "something of the trial is left")
    outcome, text = sshd.login("anna", (PASSWORD, site.passwords["anna"]),
                               (CODE, phone.wrong()))
    tap.expect(outcome == "refused", text)
    site.tool("unlock", "anna")
    text = said("--ssh", "--yes", status=1)
    tap.expect("--undo" in text, text)
    text = setup("--undo", "--yes")
    tap.expect("-auth     requisite   pam_sallyport.so" in text, text)
    expect_plain()


@tap.test("what nobody confirms is taken back, though the terminal is gone")
def _():
    mark = journal.mark()
    talk = Talk(site.command("setup", "--ssh", "--within", "2s"))
    talk.answer(r"\[y/N\] $", "y")
    talk.see("setup --confirm")
    talk.stop()
    wait_for_rollback(mark)
    expect_plain()
    tap.expect("nothing to confirm" in said("--confirm", status=1), "said")


@tap.test("a setup that lets nobody in is taken back by itself")
def _():
    setup("--ssh", "--yes", "--within", "1h")
    site.settings(nonsense=1)
    outcome, text = sshd.login("anna", (PASSWORD, site.passwords["anna"]))
    tap.expect(outcome == "refused", text)
    text = said("--undo", "--yes", status=0)
    tap.expect("nonsense" in text, text)  # settings do not keep it from that
    site.settings()
    mark = journal.mark()
    setup("--ssh", "--yes", "--within", "1s")
    site.settings(nonsense=1)
    wait_for_rollback(mark)
    site.settings()
    expect_plain()


@tap.test("no login confirms it that began before, and nothing that is none")
def _():
    talk = sshd.shell("anna", (PASSWORD, site.passwords["anna"]))
    text, status = sudo(talk, "--ssh", "--yes", "--within", "1h")
    tap.expect(status == 0, text)
    text, status = sudo(talk, "--confirm")
    tap.expect(status == 1 and "began before the change" in text, text)
    text = said("--confirm", status=1)
    tap.expect("no SSH login" in text, text)
    text, status = sudo(talk, "--undo", "--yes")
    tap.expect(status == 0, text)
    talk.stop()
    expect_plain()


@tap.test("behind a key, too: key and code open, a key alone does not")
def _():
    his = site.enrol("bert", "hotp")
    setup("--ssh", "--key", "--yes", "--within", "1h")
    outcome, text = sshd.login("bert", (CODE, his.wrong()), key=key)
    tap.expect(outcome == "refused", text)
    talk = sshd.shell("bert", (CODE, his.code()), key=key)
    text, status = sudo(talk, "--confirm")
    talk.stop()
    tap.expect(status == 0, text)
    setup("--undo", "--yes")
    expect_plain()


@tap.test("where the doctor finds faults in what it would write, it writes none")
def _():
    was = read("/etc/pam.d/common-auth").decode()
    write("/etc/pam.d/common-auth", "auth sufficient pam_unix.so\n" + was)
    text = said("--ssh", "--yes", status=1)
    write("/etc/pam.d/common-auth", was)
    tap.expect("fault: " in text and "nothing was changed" in text, text)
    expect_plain()


@tap.test("where sshd would not read its file, or another first, it says what "
          "to write")
def _():
    sshd.write_main()
    text = said("--ssh", "--yes", status=3)
    tap.expect(INCLUDE in text and "first line" in text, text)
    sshd.write_main(INCLUDE)
    expect_plain()
    other = "/etc/ssh/sshd_config.d/00-a.conf"
    write(other, "PasswordAuthentication yes\n")
    text = said("--ssh", "--yes", status=3)
    tap.expect(other in text and "passwordauthentication" in text, text)
    os.unlink(other)
    expect_plain()


@tap.test("settings that sshd cannot read stop it before anything is written")
def _():
    sshd.write_main(INCLUDE, "NoSuchSetting yes")
    text = said("--ssh", "--yes", status=2)
    sshd.write_main(INCLUDE)
    tap.expect("NoSuchSetting" in text, text)
    expect_plain()


@tap.test("an sshd that cannot be found is not set up, and none is needed to "
          "put all back")
def _():
    sshd.stop()
    text = said("--ssh", "--yes", status=3)
    tap.expect("no sshd runs" in text, text)
    sshd.start()
    setup("--ssh", "--yes", "--within", "1h")
    sshd.stop()
    setup("--undo", "--yes")
    sshd.start()
    expect_plain()


@tap.test("after a restart of the machine it is cron that takes it back")
def _():
    setup("--ssh", "--yes", "--within", "1h")
    line = read(CRON).decode()
    when, who, command = line.split(maxsplit=2)
    tap.expect((when, who) == ("@reboot", "root"), line)
    sshd.stop()  # and all other processes would be gone
    bench.run("sh", "-c", command)
    sshd.start()
    expect_plain()


@tap.test("where systemd cannot be told, nothing is changed and nothing left")
def _():
    os.makedirs("/run/systemd/system")
    text = said("--ssh", "--yes", status=3)
    os.rmdir("/run/systemd/system")
    tap.expect("systemctl" in text, text)
    expect_plain()


@tap.test("killed at each of its steps it leaves an sshd that starts and lets "
          "people in, and all can be put back")
def _():
    steps = ("fsync", "renameat", "linkat", "unlinkat", "pwrite64", "kill",
             "fchown")
    kills = 0
    for call in steps:
        n = 1
        while killed_at(call, n):
            sshd.stop()
            sshd.start()
            answers = [(PASSWORD, site.passwords["anna"])]
            if b"pam_sallyport" in read(PAM):
                answers.append((CODE, phone.code()))
            expect_in("anna", *answers)
            mark = journal.mark()
            setup("--roll-back")
            if os.path.exists(DROP_IN) or os.path.exists(BACKUP):
                raise AssertionError(f"left by {call} {n}: "
                                     f"{journal.since(mark)}")
            expect_plain()
            n += 1
            kills += 1
        setup("--undo", "--yes")
        sshd.wait_until_up()
        tap.expect(n > 1, f"{call} was never made")
    tap.comment(f"killed at {kills} calls")


def killed_at(call, n):
    """Whether a setup was killed at its nth such call; else it is made."""
    status, text = at_call(call, n, "KILL")
    tap.expect(status in (0, -9, 137), f"{call} {n}: {status} {text}")
    return status != 0


def at_call(call, n, name):
    """A setup that gets a signal at its nth such call: status, messages."""
    done = subprocess.run(
        ["strace", "-o", "/dev/null",
         "-e", f"inject={call}:signal={name}:when={n}",
         *site.command("setup", "--ssh", "--yes", "--within", "1h")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stderr


@tap.test("as JSON it says where the files are, until when to confirm, and what "
          "became of it")
def _():
    facts = json.loads(site.tool("--json", "setup", "--ssh", "--yes"))
    schema.check(facts, "setup.json")
    tap.expect(facts["ssh"] == "on trial" and facts["sshd_file"] == DROP_IN
               and facts["pam_file"] == PAM and facts["backup"] == BACKUP
               and facts["confirm_until"].endswith("Z"), facts)
    talk = sshd.shell("anna", *by_password_and_code())
    text, status = sudo(talk, "--confirm", "--json")
    talk.stop()
    tap.expect(status == 0, text)
    expect_state(text[text.index("{"):text.rindex("}") + 1], "confirmed")
    expect_state(setup("--undo", "--yes", "--json"), "undone")
    setup("--ssh", "--yes", "--within", "1h")
    expect_state(setup("--roll-back", "--json"), "rolled back")
    expect_state(setup("--roll-back", "--json"), "nothing on trial")
    expect_plain()


def expect_state(document, state):
    facts = json.loads(document)
    schema.check(facts, "setup.json")
    tap.expect(facts == {"ssh": state}, facts)


tap.main(prepare)
