#!/usr/bin/python3
"""Programs that may not open the store: a user's screen locker, polkit's
agent, whatever runs as nobody in particular.  They ask the verifier."""

import os
import subprocess
import sys

import bench
import confined
import pamlogin
import tap
import verifier
from bench import Bench
from journal import Journal
from verifier import as_user

LOCKER = """\
auth requisite pam_unix.so
auth requisite {module} config={config} explain
"""
CODE_ONLY = "auth required {module} config={config}\n"
OPTIONAL = """\
auth required {module} config={config} enrolment=optional
auth required pam_permit.so
"""

site = journal = service = None


def prepare():
    global site, journal, service
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    site.settings(verifier_socket=f"{site.folder}/verifier.socket")
    site.add_users("anna", "bert")
    for name, stack in (("locker", LOCKER), ("code", CODE_ONLY),
                        ("optional", OPTIONAL)):
        with open(f"/etc/pam.d/{name}", "w", encoding="utf-8") as file:
            file.write(stack.format(module=site.module, config=site.config))
    service = verifier.Service(site)


def log_in(how, stack, user, *answers):
    """What PAM says to a program that is started in this way."""
    return subprocess.run([*how, sys.executable, "-B", pamlogin.__file__,
                           stack, user, *answers]).returncode


def unlock(user, code, **how):
    return log_in(as_user(user, **how), "locker", user,
                  site.passwords[user], code)


def events(mark):
    return journal.settled(mark, "event=(?!imported)")


@tap.test("a user's locker takes his password and code by the socket, once")
def _():
    phone = site.enrol("anna", "hotp")
    code, mark = phone.code(), journal.mark()
    tap.expect(unlock("anna", code) == pamlogin.PAM_SUCCESS, "a right code")
    line = journal.wait(mark, "event=accepted")
    for word in ('user="anna"', 'said_service="locker"', "via=verifier",
                 "by_uid="):
        tap.expect(word in line, line)
    tap.expect(len(events(mark)) == 1, "\n".join(events(mark)))
    tap.expect(unlock("anna", code) == pamlogin.PAM_AUTH_ERR, "a replay")
    tap.expect(journal.wait(mark, "event=replayed"), "no event")
    tap.expect(len(events(mark)) == 2, "\n".join(events(mark)))


@tap.test("a wrong password comes no further, and counts no guess")
def _():
    mark = journal.mark()
    tap.expect(log_in(as_user("anna"), "locker", "anna", "wrong", "123456")
               == pamlogin.PAM_AUTH_ERR, "a wrong password")
    tap.expect(not events(mark), "\n".join(events(mark)))


@tap.test("without the right to gain privileges the socket serves all the same")
def _():
    phone = site.enrol("bert", "hotp")
    tap.expect(log_in(as_user("bert", nnp=True), "code", "bert", phone.code())
               == pamlogin.PAM_SUCCESS, "a right code")
    tap.expect(log_in(as_user("bert", nnp=True), "code", "bert",
                      phone.wrong()) == pamlogin.PAM_AUTH_ERR, "a wrong one")


@tap.test("the user himself reads neither store nor key")
def _():
    for path in (f"{site.folder}/store", f"{site.folder}/store.key"):
        done = subprocess.run(as_user("anna", "cat", path),
                              capture_output=True, text=True)
        tap.expect(done.returncode != 0 and "denied" in done.stderr,
                   f"{path}: {done.stdout}{done.stderr}")


@tap.test("nobody's locker is opened by another user, nor asked about him")
def _():
    mark = journal.mark()
    said = log_in(as_user("bert"), "code", "anna", "123456")
    tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"PAM said {said}")
    line = journal.wait(mark, "event=cannot-tell")
    tap.expect("somebody else" in line and "via=verifier" in line, line)
    tap.expect(len(events(mark)) == 1, "\n".join(events(mark)))


@tap.test("who is not enrolled passes where that is optional, and only he")
def _():
    site.add_users("cleo")
    for user, said in (("cleo", pamlogin.PAM_SUCCESS),
                       ("anna", pamlogin.PAM_AUTH_ERR)):
        is_ = log_in(as_user(user), "optional", user, "000000")
        tap.expect(is_ == said, f"{user}: PAM said {is_}")


@tap.test("a user may see what protects his own account, and no other's")
def _():
    done = subprocess.run(as_user("anna", *site.command("status")),
                          capture_output=True, text=True)
    tap.expect(done.returncode == 0 and "phone: HOTP" in done.stdout,
               f"{done.stdout}{done.stderr}")
    done = subprocess.run(
        as_user("anna", *site.command("status", "--user", "bert")),
        capture_output=True, text=True)
    tap.expect(done.returncode == 3 and not done.stdout, done)


@tap.test("in a sandbox like polkit's a right code is accepted by the socket")
def _():
    site.add_users("dora")
    phone = site.enrol("dora", "hotp")
    how = [sys.executable, "-B", confined.__file__]
    done = subprocess.run([*how, "touch", f"{site.folder}/store/x"])
    tap.expect(done.returncode != 0, "the store can be written there")
    done = subprocess.run([*how, sys.executable, "-c",
                           "import socket; socket.socket(socket.AF_INET)"],
                          capture_output=True, text=True)
    tap.expect("not supported" in done.stderr, f"a network: {done.stderr}")
    code = phone.code()
    said = log_in(how, "locker", "dora", site.passwords["dora"], code)
    tap.expect(said == pamlogin.PAM_SUCCESS, f"PAM said {said}")
    said = log_in(how, "locker", "dora", site.passwords["dora"], code)
    tap.expect(said == pamlogin.PAM_AUTH_ERR, f"a replay: PAM said {said}")


@tap.test("the same sandbox without a verifier is refused, and the log says why")
def _():
    service.stop()
    mark = journal.mark()
    how = [sys.executable, "-B", confined.__file__]
    said = log_in(how, "code", "dora", "123456")
    tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"PAM said {said}")
    line = journal.wait(mark, "event=cannot-tell")
    tap.expect("Read-only file system" in line, line)


@tap.test("a user's locker without a verifier is told what to switch on")
def _():
    mark = journal.mark()
    said = unlock("anna", "123456")
    tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"PAM said {said}")
    line = journal.wait(mark, "event=cannot-tell")
    tap.expect("systemctl enable --now sallyport-verifier.socket" in line,
               line)


# ---- set-uid: from here on nothing listens ----


@tap.test("built for it, the set-uid program serves a user's locker, once")
def _():
    verifier.install_setuid(site)
    site.add_users("egon")
    phone = site.enrol("egon", "hotp")
    code, mark = phone.code(), journal.mark()
    said = unlock("egon", code)
    tap.expect(said == pamlogin.PAM_SUCCESS, f"PAM said {said}")
    line = journal.wait(mark, "event=accepted")
    tap.expect("via=verifier" in line and 'user="egon"' in line, line)
    tap.expect(len(events(mark)) == 1, "\n".join(events(mark)))
    tap.expect(unlock("egon", code) == pamlogin.PAM_AUTH_ERR, "a replay")
    said = log_in(as_user("egon"), "code", "anna", "123456")
    tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"PAM said {said}")


def expect_inert(words, *expected):
    """Started so, the program has no privilege, and nobody gets in."""
    mark = journal.mark()
    said = log_in(words, "code", "egon", "123456")
    tap.expect(said in (pamlogin.PAM_AUTHINFO_UNAVAIL, *expected),
               f"PAM said {said}")
    tap.expect(journal.wait(mark, "event=cannot-tell"), "no event")


@tap.test("it is inert in a user's namespace")
def _():
    own = as_user("egon", "unshare", "--user")
    if subprocess.run([*own, "true"], stderr=subprocess.DEVNULL).returncode:
        raise tap.Skip("users get no namespaces here, as in a chroot")
    expect_inert(own)
    # A settings file whose owner has no name there is not trusted either.
    expect_inert([*own, "--map-root-user"], pamlogin.PAM_SERVICE_ERR)


@tap.test("it is inert without new privileges, and on nosuid")
def _():
    expect_inert(as_user("egon", nnp=True))
    prefix = verifier.made_with("prefix")
    bench.run("mount", "-o", "remount,nosuid", prefix)
    try:
        expect_inert(as_user("egon"))
    finally:
        bench.run("mount", "-o", "remount,suid", prefix)


@tap.test("a program of another mode or owner in its place is not run")
def _():
    path = verifier.made_with("verifierprogram")
    for mode in ("755", "4775", "4757", "2755"):
        os.chmod(path, int(mode, 8))
        expect_inert(as_user("egon"))
    bench.run("chown", "bert", path)
    os.chmod(path, 0o4755)
    expect_inert(as_user("egon"))
    os.unlink(path)
    expect_inert(as_user("egon"))


@tap.test("one that is killed, says nothing or ends unwell opens nothing")
def _():
    path = verifier.made_with("verifierprogram")
    for script in ("exit 0", "exit 1", "exit 127", "exit 255", "kill -9 $$"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(path, 0o4755)
        expect_inert(as_user("egon"))


tap.main(prepare)
