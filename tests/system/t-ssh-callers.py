#!/usr/bin/python3
"""A real sshd and what people do with it besides logging in once: a key or
else a password, machines that copy files, shared connections, askpass."""

import os
import subprocess

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import WELCOME, Sshd, finish, new_key
from talk import CODE, PASSWORD, Talk

NAMES = ["anna", "bert", "cleo", "dora", "egon", "robot"]

site = journal = None
keys = {}


def prepare():
    global site, journal
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    for name in NAMES:
        keys[name] = new_key(site.folder, f"{site.folder}/home/{name}", name)
    bench.run("groupadd", "sftp-only")
    bench.run("usermod", "-aG", "sftp-only", "robot")
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def server(stack):
    site.stack(stack, "sshd")
    return Sshd(site.folder, "sshd", bench.sshd_settings(stack))


# ---- a key, or else password and code ----

@tap.test("where either will do, a key opens alone")
def _():
    sshd = server("sshd-key-or-password-code")
    mark = journal.mark()
    outcome, text = sshd.login("anna", key=keys["anna"])
    tap.expect(outcome == "in", text)
    tap.expect(not journal.since(mark, "pam_sallyport"), "it was judged")


@tap.test("and without a key, the password and the code do, the code once")
def _():
    sshd = server("sshd-key-or-password-code")
    code = site.enrol("anna").code()
    answers = (PASSWORD, site.passwords["anna"]), (CODE, code)
    tap.expect(sshd.login("anna", *answers)[0] == "in", "kept out")
    tap.expect(sshd.login("anna", *answers)[0] == "refused", "it opened twice")


# ---- machines that copy files ----

def sftp(sshd, user, commands):
    """Exit status and all that it says, of sftp with these commands."""
    batch = f"{site.folder}/batch"
    with open(batch, "w", encoding="utf-8") as file:
        file.write(commands)
    done = subprocess.run(
        ["sftp", "-F", "/dev/null", "-b", batch, "-P", str(sshd.port),
         "-i", keys[user], "-o", "IdentitiesOnly=yes",
         "-o", f"UserKnownHostsFile={sshd.folder}/known_hosts",
         f"{user}@127.0.0.1"], capture_output=True, text=True,
        stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


@tap.test("a member of the exempt group copies files by key alone")
def _():
    sshd = server("sshd-service-accounts")
    mark = journal.mark()
    status, text = sftp(sshd, "robot", "put /etc/hostname copied\nls -l\n")
    tap.expect(status == 0 and "copied" in text, text)
    tap.expect(os.path.exists(f"{site.folder}/home/robot/copied"), text)
    tap.expect(journal.wait(mark, 'event=exempt user="robot".* by=list'),
               "no such event")


@tap.test("and gets no shell, nor in by password")
def _():
    sshd = server("sshd-service-accounts")
    outcome = Talk(sshd.client_command("robot", "-i", keys["robot"]))
    outcome.see("This service allows sftp connections only")
    outcome.end()
    tap.expect(WELCOME not in outcome.text, outcome.text)
    tap.expect(sshd.login("robot")[0] == "refused", "in without a key")


@tap.test("everybody else needs the code for that too")
def _():
    sshd = server("sshd-service-accounts")
    phone = site.enrol("bert")
    status, text = sftp(sshd, "bert", "ls\n")
    tap.expect(status != 0, text)
    tap.expect(sshd.login("bert", (CODE, phone.code()), key=keys["bert"])[0]
               == "in", "kept out")


@tap.test("a member whose Match asks for the code is not asked, being exempt")
def _():
    sshd = server("sshd-service-accounts")
    bench.run("usermod", "-aG", "sftp-only", "egon")
    site.enrol("egon")
    careless = Sshd(site.folder, "sshd", [
        "AuthenticationMethods publickey,keyboard-interactive"])
    outcome, text = careless.login("egon", key=keys["egon"])
    tap.expect(outcome == "in", text)
    tap.expect(sshd.login("egon")[0] == "refused", "in without a key")


# ---- one connection for many sessions ----

@tap.test("sessions that share a connection ask nothing, and new ones do")
def _():
    sshd = server("sshd-password-code")
    phone = site.enrol("cleo")
    path = f"{site.folder}/shared"
    options = ["-o", "PubkeyAuthentication=no", "-o", f"ControlPath={path}"]
    shared = [*options, "-o", "ControlMaster=auto", "-o", "ControlPersist=600"]
    mark = journal.mark()
    talk = Talk(sshd.client_command("cleo", *shared))
    talk.answer(PASSWORD, site.passwords["cleo"])
    talk.answer(CODE, phone.code())
    tap.expect(finish(talk)[0] == "in", talk.text)
    for _ in range(3):
        outcome, text = finish(Talk(sshd.client_command("cleo", *shared)))
        tap.expect(outcome == "in", text)
    tap.expect(len(journal.since(mark, "event=accepted")) == 1,
               "more than one code was judged")
    bench.run("ssh", "-F", "/dev/null", *options, "-O", "exit", "cleo@127.0.0.1")
    tap.expect(sshd.login("cleo")[0] == "asked again", "not asked anew")


# ---- clients without a terminal ----

ASKPASS = """\
#!/bin/sh
echo "$1" >> {folder}/asked
case $1 in
*assword*) echo '{password}' ;;
*ode*) echo '{code}' ;;
esac
"""


@tap.test("a client without a terminal has its askpass show each prompt")
def _():
    sshd = server("sshd-password-code")
    askpass = f"{site.folder}/askpass"
    with open(askpass, "w", encoding="utf-8") as file:
        file.write(ASKPASS.format(folder=site.folder,
                                  password=site.passwords["dora"],
                                  code=site.enrol("dora").code()))
    os.chmod(askpass, 0o755)
    done = subprocess.run(
        sshd.client_command("dora", "-o", "PubkeyAuthentication=no"),
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/root",
             "SSH_ASKPASS": askpass, "SSH_ASKPASS_REQUIRE": "force"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        start_new_session=True)
    tap.expect(WELCOME in done.stdout, done.stdout + done.stderr)
    with open(f"{site.folder}/asked", encoding="utf-8") as file:
        asked = file.read().splitlines()
    tap.expect(len(asked) == 2, f"asked: {asked}")


tap.main(prepare)
