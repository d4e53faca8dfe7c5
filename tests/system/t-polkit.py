#!/usr/bin/python3
"""A real polkit: its daemon, an agent on a terminal, and its helper, which is
the one that calls PAM."""

import os
import subprocess
import sys

import bench
import callers
import confined
import sandbox
import tap
import verifier
from bench import Bench
from journal import Journal
from talk import CODE, PASSWORD, Talk
from verifier import as_user

HELPER = "/usr/lib/polkit-1/polkit-agent-helper-1"
DAEMON = "/usr/lib/polkit-1/polkitd"
# Not a shell's child, pkexec does not know whom it serves.
WHO = "echo pid-$$-; read _; pkexec id -un; echo status-$?-"

site = journal = None
callers.need(HELPER, DAEMON, "/usr/bin/pkexec", "/usr/bin/dbus-daemon")


def prepare():
    global site, journal
    callers.install()
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    site.settings(verifier_socket=f"{site.folder}/verifier.socket")
    site.add_users("anna", "bert")
    bench.run("usermod", "-aG", "sudo", "anna")  # polkit's administrators
    for path in (HELPER, "/usr/bin/pkexec"):
        os.chmod(path, 0o4755)  # as their packages do
    site.stack("polkit-1", "polkit-1")
    start_polkit()


def start_polkit():
    for user in ("messagebus", "polkitd"):
        if subprocess.run(["id", user], capture_output=True).returncode:
            bench.run("useradd", "--system", user)
    os.makedirs("/run/dbus")
    silent = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    bus = subprocess.Popen(
        [*sandbox.BOUND, "dbus-daemon", "--system", "--nofork", "--nopidfile",
         "--print-address"], stdout=subprocess.PIPE, text=True, **silent)
    tap.expect(bus.stdout.readline(), "there is no bus")
    mark = journal.mark()
    subprocess.Popen([*sandbox.BOUND, DAEMON, "--no-debug"],
                     stdout=subprocess.DEVNULL, **silent)
    tap.expect(journal.wait(mark, "Acquired the name", 60), "polkitd is not up")


def become_root(user, *answers):
    """What pkexec comes to, whose agent is asked on another terminal."""
    asking = Talk(as_user(user, "sh", "-c", WHO))
    asking.see("pid-(\\d+)-")
    ready = f"{site.folder}/ready"
    os.mkfifo(ready)
    os.chmod(ready, 0o666)
    agent = Talk(as_user(
        user, "sh", "-c", 'exec pkttyagent --process "$0" --notify-fd 3 3>"$1"',
        asking.child.match.group(1), ready))
    with open(ready, encoding="ascii") as file:
        file.read()
    os.unlink(ready)
    asking.child.sendline("")
    for prompt, text in answers:
        agent.answer(prompt, text)
    asking.see("status-(\\d+)-")
    agent.stop()
    return int(asking.child.match.group(1)), asking.text


@tap.test("polkit's agent asks for password and code, and polkit is satisfied")
def _():
    code = site.enrol("anna", "hotp").code()
    answers = (PASSWORD, site.passwords["anna"]), (CODE, code)
    status, text = become_root("anna", *answers)
    tap.expect(status == 0 and "root" in text, text)
    status, text = become_root("anna", *answers)
    tap.expect(status != 0 and "root" not in text, f"a replay: {text}")


@tap.test("a wrong password is not followed by a question for the code")
def _():
    mark = journal.mark()
    status, text = become_root("anna", (PASSWORD, "not the password"))
    tap.expect(status != 0 and "root" not in text, text)
    tap.expect(not journal.since(mark, "pam_sallyport"), "it was judged")


@tap.test("confined as newer polkits have it, the helper asks the verifier")
def _():
    service = verifier.Service(site)
    code = site.enrol("bert", "hotp").code()
    answers = f"no-cookie\n{site.passwords['bert']}\n{code}\n"

    def ask():
        return subprocess.run(
            [sys.executable, "-B", confined.__file__, HELPER, "bert"],
            input=answers, capture_output=True, text=True)

    mark = journal.mark()
    done = ask()
    tap.expect("One-time code" in done.stdout, done.stdout + done.stderr)
    line = journal.wait(mark, "event=accepted")
    tap.expect(line and "via=verifier" in line and "polkit-1" in line, line)
    # Satisfied, it tells polkitd, who knows of no such question.
    tap.expect("No session for cookie" in done.stderr, done.stderr)
    done = ask()
    tap.expect(journal.wait(mark, "event=replayed"), "the code opened twice")
    tap.expect("No session" not in done.stderr, done.stderr)
    service.stop()


tap.main(prepare)
