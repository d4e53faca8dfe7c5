#!/usr/bin/python3
"""Users who ask the verifier themselves: with guesses, by the thousand, slowly,
and with signals for whatever runs in their name."""

import os
import re
import resource
import signal
import socket
import subprocess
import time

import bench
import pamlogin
import tap
import verifier
from bench import Bench
from journal import Journal
from talk import CODE, PASSWORD, Talk
from verifier import as_user

CODE_ONLY = "auth required {module} config={config}\n"
LOCK_SECONDS = 5
PATIENCE = LOCK_SECONDS + 5  # of a machine that is busy otherwise
CROWD = 1000
KILLS = 20

site = journal = service = None


def prepare():
    global site, journal, service
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    site.settings(verifier_socket=f"{site.folder}/verifier.socket")
    site.add_users("anna", "bert", "cleo", "dora", "egon")
    site.stack("su", "su")
    with open("/etc/pam.d/code", "w", encoding="utf-8") as file:
        file.write(CODE_ONLY.format(module=site.module, config=site.config))
    service = verifier.Service(site)


def question(user, kind=verifier.VERIFY, code=None):
    return verifier.question(f"{site.folder}/store", kind, user, code)


class As:
    """What is in the block is done as this user, in this process."""

    def __init__(self, user):
        self.uid = int(bench.run("id", "-u", user))

    def __enter__(self):
        os.setresuid(self.uid, self.uid, 0)

    def __exit__(self, *_):
        os.setresuid(0, 0, 0)


def timed_login(user, code):
    """What PAM says to root's program, which must not wait for long."""
    began = time.monotonic()
    said = pamlogin.authenticate("code", user, code)
    spent = time.monotonic() - began
    tap.expect(spent < PATIENCE, f"{user}'s login took {spent:.1f} s")
    return said


def expect_login(user, phone):
    said = timed_login(user, phone.code())
    tap.expect(said == pamlogin.PAM_SUCCESS, f"{user}: PAM said {said}")


@tap.test("guesses at the socket have the budget of a login, and end as it does")
def _():
    phone = site.enrol("anna", "hotp")
    codes = site.recovery_codes("anna")
    with As("anna"):
        said = [verifier.ask(service.path, question("anna", code=phone.wrong()))
                for _ in range(110)]
        tap.expect(said[:5] == ["wrong"] * 5, said[:5])
        tap.expect(set(said[5:100]) == {"waiting"}, said)
        tap.expect(set(said[100:]) == {"disabled"}, said)
        last = verifier.ask(service.path, question("anna", code=phone.code()))
        tap.expect(last == "disabled", last)
    facts = site.facts("status", "--user", "anna")
    tap.expect(facts["failures"] == 110 and facts["state"] == "disabled", facts)
    said = timed_login("anna", phone.code())
    tap.expect(said == pamlogin.PAM_AUTH_ERR, f"PAM said {said}")
    said = timed_login("anna", codes[0])
    tap.expect(said == pamlogin.PAM_SUCCESS, f"PAM said {said}")


@tap.test("about others nobody is told anything, and nothing is counted")
def _():
    site.enrol("bert", "hotp")
    kinds = (verifier.ENROLLED, verifier.VERIFY, verifier.STATUS)
    with As("anna"):
        for kind in kinds:
            for user in ("bert", "egon", "nobody-at-all", "root"):
                said = verifier.ask(service.path,
                                    question(user, kind, "123456"))
                tap.expect(said == verifier.ERR_CALLER, f"{user}: {said}")
    tap.expect(site.facts("status", "--user", "bert")["failures"] == 0,
               "guesses for bert were counted")


def turned_away(mark):
    return len(journal.settled(mark, "is being served 8 times"))


def crowd_of_idlers(count):
    idlers = []
    for _ in range(count):
        idlers.append(socket.socket(socket.AF_UNIX))
        idlers[-1].connect(service.path)
    return idlers


@tap.test("a thousand connections of one user keep nobody else out")
def _():
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * CROWD, 2 * CROWD))
    phone, mark = site.enrol("cleo", "hotp"), journal.mark()
    with As("anna"):
        idlers = crowd_of_idlers(CROWD)
    with As("cleo"):
        said = verifier.ask(service.path, question("cleo", code=phone.code()))
        tap.expect(said == "accepted", said)
    expect_login("cleo", phone)
    for idler in idlers:
        tap.expect(verifier.answer(verifier.read_all(idler))
                   == verifier.ERR_BUSY, "an idler was told something else")
    tap.expect(turned_away(mark) >= CROWD - 8 * PATIENCE,
               f"only {turned_away(mark)} were turned away")
    with As("anna"):  # as soon as the idlers are gone she is served again
        said = verifier.ask(service.path, question("anna", code="123456"))
        tap.expect(said in ("wrong", "malformed"), said)


# ---- su, stopped and killed ----


def uids_of(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return re.search(r"^Uid:\t(.*)$", file.read(), re.M)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until(truth, what):
    deadline = time.monotonic() + 60
    while not truth():
        tap.expect(time.monotonic() < deadline, f"waited in vain for {what}")
        time.sleep(0.01)


def name_of(pid):
    with open(f"/proc/{pid}/comm", encoding="ascii") as file:
        return file.read().strip()


def may_signal(user, pid):
    done = subprocess.run(as_user(user, "kill", "-STOP", str(pid)),
                          capture_output=True)
    return done.returncode == 0


def start_su(target, before=()):
    return Talk([*before, "setpriv", "--reuid", "egon", "--regid", "egon",
                 "--init-groups", "su", target, "-c", "true"], cwd="/")


def programs(name):
    done = subprocess.run(["pgrep", "-x", name], capture_output=True, text=True)
    return [int(pid) for pid in done.stdout.split()]


SLOW_DISK = ("strace", "-f", "-qq", "-e", "trace=fdatasync", "-e",
             "inject=fdatasync:delay_enter=3s", "-o", "/dev/null")


@tap.test("while his su holds a lock, a user can neither stop nor kill it")
def _():
    phone = site.enrol("dora", "hotp")
    talk = start_su("dora", SLOW_DISK)
    talk.answer(PASSWORD, site.passwords["dora"])
    talk.see(CODE)
    su = programs("su")[0]
    tap.expect(uids_of(su)[0] != "0", "its real uid is not the user's")
    talk.child.sendline(phone.code())
    wait_until(lambda: uids_of(su)[:3] == ["0"] * 3, "su's transaction")
    tap.expect(not may_signal("egon", su), "the user may stop it")
    tap.expect(talk.status() == 0, talk.text)


@tap.test("a su stopped or killed at any moment blocks no later login")
def _():
    phone = site.enrol("egon", "hotp")
    for turn in range(KILLS):
        talk = start_su("egon")
        talk.answer(PASSWORD, site.passwords["egon"])
        talk.see(CODE)
        su = programs("su")[-1]
        talk.child.sendline(phone.code())
        time.sleep(turn * 0.0004)
        number = signal.SIGSTOP if turn % 2 else signal.SIGKILL
        subprocess.run(as_user("egon", "kill", f"-{int(number)}", str(su)),
                       capture_output=True)
        expect_login("egon", phone)
        talk.stop()


# ---- the set-uid program, watched by its user ----


def start_setuid(user):
    """The program, executed by this user; our end of its connection."""
    ours, its = socket.socketpair(socket.AF_UNIX)
    process = subprocess.Popen(
        as_user(user, "env", "LD_PRELOAD=/nowhere.so", "TZ=:/etc/shadow",
                verifier.made_with("verifierprogram")), stdin=its)
    its.close()
    # What becomes the user first is root's, too: so it must be the program.
    wait_until(lambda: name_of(process.pid) == "sallyport-verif" and
               uids_of(process.pid)[:3] == ["0"] * 3, "its start")
    return process, ours


@tap.test("the set-uid program is out of its user's reach, and shows him nothing")
def _():
    verifier.install_setuid(site)
    process, ours = start_setuid("egon")
    tap.expect(not may_signal("egon", process.pid), "he may stop it")
    for name in ("mem", "environ", "maps", "fd"):
        done = subprocess.run(as_user("egon", "ls", "-l",
                                      f"/proc/{process.pid}/{name}/"),
                              capture_output=True, text=True)
        tap.expect(done.returncode != 0, f"{name}: {done.stdout}")
    trace = subprocess.run(as_user("egon", "strace", "-qq", "-o", "/dev/null",
                                   "-p", str(process.pid)),
                           capture_output=True, text=True, timeout=60)
    tap.expect(trace.returncode != 0, "he may trace it")
    ours.sendall(question("egon", code="12345678"))
    said = verifier.answer(verifier.read_all(ours))
    tap.expect(said == "malformed", said)
    tap.expect(process.wait() == 0, "it did not end well")


@tap.test("what a user starts under a debugger has no privilege")
def _():
    ours, its = socket.socketpair(socket.AF_UNIX)
    process = subprocess.Popen(
        as_user("egon", "strace", "-qq", "-o", "/dev/null",
                verifier.made_with("verifierprogram")), stdin=its)
    its.close()
    ours.sendall(question("egon", code="123456"))
    said = verifier.answer(verifier.read_all(ours))
    tap.expect(said == verifier.ERR_CALLER, said)
    process.wait()


@tap.test("with its words, limits, terminal and descriptors odd it opens nothing")
def _():
    path = verifier.made_with("verifierprogram")
    for words in (["--config", site.config], ["x"] * 99):
        done = subprocess.run(as_user("egon", path, *words), input=b"",
                              capture_output=True)
        tap.expect(done.returncode == 1, f"{words}: {done.returncode}")
        tap.expect(done.stdout + done.stderr == b"", done)
    for shell in ("exec <&- >&- 2>&-", "ulimit -f 0", "ulimit -n 4",
                  "ulimit -t 1", "ulimit -v 100000"):
        done = subprocess.run(
            as_user("egon", "sh", "-c", f"{shell}; exec {path}"),
            stdin=subprocess.DEVNULL, capture_output=True)
        tap.expect(done.returncode == 1, f"{shell}: {done.returncode}")
        tap.expect(b"sallyport" not in done.stdout, done)
    talk = Talk(as_user("egon", path))
    tap.expect(talk.status() == 1 and talk.text == "", talk.text)


@tap.test("a user who starts it by the dozen has eight that wait, no more")
def _():
    mark = journal.mark()
    started = [start_setuid("egon") for _ in range(12)]
    for process, ours in started:
        said = verifier.answer(verifier.read_all(ours))
        tap.expect(said == verifier.ERR_BUSY, said)
        process.wait()
    tap.expect(turned_away(mark) == 4, f"{turned_away(mark)} turned away")
    process, ours = start_setuid("egon")
    ours.sendall(question("egon", code="12345678"))
    said = verifier.answer(verifier.read_all(ours))
    tap.expect(said == "malformed", said)
    process.wait()


# ---- the unit ----


def allowed_calls():
    """What the unit's SystemCallFilter= lets through."""
    with open(f"{tap.build_dir()}/data/systemd/sallyport-verifier@.service",
              encoding="utf-8") as file:
        sets = re.findall(r"^SystemCallFilter=(~?)(\S+)$", file.read(), re.M)
    allowed = set()
    for without, name in sets:
        calls = expand(name)
        allowed = allowed - calls if without else allowed | calls
    return allowed


def expand(name):
    listed = bench.run("systemd-analyze", "syscall-filter", name)
    calls = set()
    for word in re.findall(r"^ {4}(\S+)$", listed, re.M):
        calls |= expand(word) if word.startswith("@") else {word}
    return calls


def calls_of(question_, trace):
    """The system calls of a verifier that answers this."""
    with As("cleo"):
        verifier.ask(service.path, question_)
    with open(trace, encoding="utf-8") as file:
        wait_until(lambda: file.seek(0) or "exit_group" in file.read(),
                   "its end")
        file.seek(0)
        return set(re.findall(r"^(\w+)\(", file.read(), re.M))


@tap.test("each system call of a verifier is one that its unit allows")
def _():
    global service
    service.stop()
    trace = f"{site.folder}/trace"
    service = verifier.Service(site, ["strace", "-qq", "-o", trace])
    for kind in (verifier.ENROLLED, verifier.VERIFY, verifier.STATUS):
        made = calls_of(question("cleo", kind, "123456"), trace)
        tap.expect("exit_group" in made and made <= allowed_calls(),
                   made - allowed_calls())
        os.unlink(trace)


tap.main(prepare)
