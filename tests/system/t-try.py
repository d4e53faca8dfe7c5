#!/usr/bin/python3
"""./dev try itself: it works, and it leaves nothing behind."""

import glob
import os
import signal
import subprocess
import sys
import time

import bench
import tap
from phone import Phone
from talk import CODE, PASSWORD, RECOVERY_CODE, Talk

TRY = [sys.executable, "-B", f"{tap.ROOT}/dev.d/try.py"]
SERVICE = "/etc/pam.d/sallyport-try"
# A root that may not make namespaces, as in a plain container.
CONTAINED = ["setpriv", "--bounding-set", "-sys_admin",
             "--inh-caps", "-sys_admin"]
STEPS = ("enrolled", "logged in with password and code",
         "same code again was refused", "a wrong code was refused",
         "logged in with a recovery code",
         "same recovery code again was refused",
         "built a list of breached passwords",
         "with a breached password demanded another",
         'the login refused "password", with the reason',
         "the login took a fresh one", "logged in with the fresh password")
# Where everything is private, passwd is, too.
PASSWD_STEPS = ('passwd refused "password"', "passwd took a fresh one")


def run(*words, before=()):
    done = subprocess.run([*before, *TRY, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    return done.returncode, done.stdout


def traces():
    """What a try may leave: the same before and after, or it did."""
    found = {f"process {command}" for command in processes()}
    for path in ("/proc/self/mountinfo", "/etc/passwd", "/etc/group"):
        with open(path, encoding="utf-8") as file:
            found.update(f"{path}: {line}" for line in file)
    for folder in ("/etc/pam.d", "/run", "/tmp", "/dev", "/var/lib", "/home"):
        found.update(glob.glob(f"{folder}/*") + glob.glob(f"{folder}/.*"))
    return found - {"/run/motd.dynamic"}  # any login on Debian makes it


def processes():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words[0]:
            yield b" ".join(words).decode()


def start_and_wait_for(text, *words, before=()):
    """A try that has just said this."""
    child = subprocess.Popen(
        [*before, *TRY, *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = ""
    for line in child.stdout:
        said += line
        if text in line:
            return child
    raise AssertionError(f"it never said {text!r}:\n{said}")


def wait_until_as(before, seconds=10):
    deadline = time.monotonic() + seconds
    while (differ := traces() ^ before) and time.monotonic() < deadline:
        time.sleep(0.1)
    tap.expect(not differ, "before and after differ in:\n"
               + "\n".join(sorted(differ)))


@tap.test("try --auto enrols, logs in, changes passwords and sees every refusal")
def _():
    before = traces()
    status, text = run("--auto")
    tap.expect(status == 0, text)
    for step in STEPS + PASSWD_STEPS:
        tap.expect(f"{step}" in text, f"it does not say {step!r}:\n{text}")
    wait_until_as(before)


@tap.test("try --keep-log keeps the module's log lines")
def _():
    path = f"{bench.sandbox.DIR}/kept.log"
    status, text = run("--auto", "--keep-log", path)
    tap.expect(status == 0, text)
    with open(path, encoding="utf-8") as file:
        tap.expect("event=accepted " in file.read(), "no such line in it")
    os.unlink(path)


@tap.test("a try that is killed leaves no process, mount, account or file")
def _():
    before = traces()
    child = start_and_wait_for("logged in with password", "--auto")
    tap.expect(traces() != before, "nothing ran")
    child.send_signal(signal.SIGKILL)
    child.wait()
    wait_until_as(before)


@tap.test("a try that is asked to end leaves nothing either")
def _():
    before = traces()
    for number in (signal.SIGTERM, signal.SIGINT):
        child = start_and_wait_for("enrolled", "--auto")
        child.send_signal(number)
        tap.expect(child.wait() != 0, "it says that all of it happened")
        wait_until_as(before)


@tap.test("try takes a person through it, and ticks off what they did")
def _():
    before = traces()
    trial = Talk(TRY, env={"SALLYPORT_BUILD": tap.build_dir()})
    trial.answer("Press Enter when", "")
    trial.see(r"(otpauth://\S+)\r")
    phone = Phone(trial.child.match.group(1))
    trial.answer(CODE, phone.code())
    trial.see(RECOVERY_CODE)
    recovery = trial.child.match.group(0)
    trial.see(RECOVERY_CODE)
    another = trial.child.match.group(0)
    trial.see(r"(ssh -p \d+ [^@]*@127.0.0.1)")
    command = trial.child.match.group(1).replace("\\\r\n", "")
    trial.see(r"The password is +(\S+)")
    password = trial.child.match.group(1)
    code = phone.code()
    for answer in (code, code, phone.wrong(), recovery, recovery):
        log_in(command, password, answer)
        trial.see(r"\[x\][^\n]*\n +log: ")
    trial.see("password has become  password  for this")
    change_password(command, another)
    for _ in range(3):
        trial.see(r"\[x\][^\n]*\n +log: ")
    trial.see("That was all of it")
    tap.expect(trial.status() == 0, trial.text)
    wait_until_as(before)


def log_in(command, password, code):
    """What a person does at another terminal of the machine."""
    ssh = Talk(["sh", "-c", f"{command} -o NumberOfPasswordPrompts=1"])
    ssh.answer(PASSWORD, password)
    ssh.answer(CODE, code)
    if ssh.see(r"\$ $", "Permission denied") == 0:
        ssh.child.sendline("exit")
    ssh.end()


def change_password(command, code):
    """The same, with a breached password."""
    ssh = Talk(["sh", "-c", command])
    ssh.answer(PASSWORD, "password")
    ssh.answer(CODE, code)
    ssh.answer("[Cc]urrent password: $", "password")
    ssh.answer("New password: $", "123456")
    ssh.see("Choose another.")
    ssh.answer("New password: $", "tangerine-Vellum-41-oxbow")
    ssh.answer("Retype new password: $", "tangerine-Vellum-41-oxbow")
    ssh.answer(r"\$ $", "exit")
    ssh.end()


@tap.test("without a terminal a try says what to do instead")
def _():
    status, text = run()
    tap.expect(status != 0 and "--auto" in text, text)


@tap.test("where namespaces are not allowed, it says so and asks first")
def _():
    before = traces()
    status, text = run("--auto", before=CONTAINED)
    tap.expect(status != 0 and "--yes" in text, text)
    wait_until_as(before)


@tap.test("there, with --yes, it does the same and tidies up behind itself")
def _():
    before = traces()
    status, text = run("--auto", "--yes", before=CONTAINED)
    tap.expect(status == 0, text)
    tap.expect("allows no private namespaces" in text, text)
    for step in STEPS:
        tap.expect(step in text, f"it does not say {step!r}:\n{text}")
    wait_until_as(before)


@tap.test("there, a second one keeps away from the first")
def _():
    before = traces()
    first = start_and_wait_for("enrolled", "--auto", "--yes",
                               before=CONTAINED)
    status, text = run("--auto", "--yes", before=CONTAINED)
    tap.expect(status != 0 and "another one is at work" in text, text)
    said = first.stdout.read()
    tap.expect(first.wait() == 0, said)
    wait_until_as(before)


@tap.test("there, asked to end, it tidies up too")
def _():
    before = traces()
    for number in (signal.SIGTERM, signal.SIGINT):
        child = start_and_wait_for("enrolled", "--auto", "--yes",
                                   before=CONTAINED)
        child.send_signal(number)
        tap.expect(child.wait() != 0, "it says that all of it happened")
        wait_until_as(before)


@tap.test("there, when it was killed, the next start tidies up")
def _():
    before = traces()
    child = start_and_wait_for("logged in with password", "--auto", "--yes",
                               before=CONTAINED)
    child.send_signal(signal.SIGKILL)
    child.wait()
    tap.expect(os.path.exists(SERVICE), "no litter, so nothing is shown")
    run("--auto", before=CONTAINED)  # not agreed to, but it starts
    wait_until_as(before)


tap.main()
