#!/usr/bin/python3
"""The packages on a fresh Debian, from installing them to their purge.

In between stands what README.md says of SSH, line by line, and a login by a
real ssh client.  All of it is in memory, in namespaces of its own, and goes
with the last process.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, f"{ROOT}/tests/system")

# pylint: disable=wrong-import-position
import readme
import sandbox
import tap
from journal import Journal
from phone import Phone
from sshd import finish
from talk import CODE, PASSWORD, RECOVERY_CODE, Talk
from tap import expect

DEBIAN = f"{sandbox.DIR}/debian"
PACKAGES = os.environ["SALLYPORT_PACKAGES"]
BOTH = "libpam-sallyport", "sallyport"
STORE, SETTINGS = "/var/lib/sallyport", "/etc/sallyport"
SECRET = "Password-of-alice"


class Site:
    """The Debian, and what a test leaves for the next."""

    def __init__(self):
        self.journal = None
        self.sshd = None
        self.phone = None
        self.codes = []  # alice's recovery codes


site = Site()


def inside(*command, text="", status=0):
    """Run a command in the Debian; what it said."""
    done = subprocess.run(
        ["chroot", DEBIAN, *command], input=text, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
             "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"})
    expect(done.returncode == status,
           f"{' '.join(command)}: exit status {done.returncode} instead of "
           f"{status}\n{done.stdout}")
    return done.stdout


def path(name):
    return f"{DEBIAN}{name}"


def read(name):
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def write(name, text):
    with open(path(name), "w", encoding="utf-8") as file:
        file.write(text)


def traces():
    """Whatever is ours, by its name, in /etc, /usr and the like."""
    for top in "/etc", "/usr", "/var", "/run":
        for folder, folders, names in os.walk(path(top)):
            yield from (os.path.join(folder, name)[len(DEBIAN):]
                        for name in (*folders, *names) if "sallyport" in name)


def stacks():
    return {name: read(name[len(DEBIAN):])
            for name in glob.glob(path("/etc/pam.d/*"))}


def prepare():
    os.makedirs(DEBIAN)
    subprocess.run(["tar", "-C", DEBIAN, "-xf", os.environ["SALLYPORT_ROOT"],
                    "--exclude=./dev/*"], check=True)
    sandbox.mount("--rbind", "/dev", path("/dev"))
    sandbox.mount("-t", "proc", "proc", path("/proc"))
    shutil.copy("/etc/resolv.conf", path("/etc/resolv.conf"))
    os.makedirs(path("/run/sshd"), exist_ok=True)
    os.makedirs(path("/srv/packages"))
    for package in glob.glob(f"{PACKAGES}/*.deb"):
        shutil.copy(package, path("/srv/packages"))
    site.journal = Journal()
    inside("useradd", "--create-home", "--shell", "/bin/sh", "alice")
    inside("chpasswd", text=f"alice:{SECRET}\n")
    inside("apt-get", "update")
    expect(not list(traces()), "it is not fresh")
    tap.on_failure.append(lambda: "\n".join(site.journal.lines[-20:]))


def install():
    debs = [glob.glob(path(f"/srv/packages/{name}_*.deb"))[0][len(DEBIAN):]
            for name in BOTH]
    return inside("apt-get", "install", "-y", "--no-install-recommends",
                  "--reinstall", *debs)


def remove(status=0):
    return inside("apt-get", "remove", "-y", *BOTH, status=status)


def log_in(answer):
    """The real client, with password and this answer."""
    mark = site.journal.mark()
    talk = Talk(["ssh", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no",
                 "-o", "UserKnownHostsFile=/dev/null",
                 "-o", "NumberOfPasswordPrompts=1",
                 "-o", "PubkeyAuthentication=no",
                 "alice@127.0.0.1", "echo logged-in-$((6*7))"])
    talk.answer(PASSWORD, SECRET)
    talk.answer(CODE, answer)
    outcome, _ = finish(talk)
    events = site.journal.settled(mark, r"pam_sallyport\(sshd:auth\): event=")
    return outcome, re.findall(r"event=([a-z-]+)", "\n".join(events))


# ---- what README.md says ----


def put_into(stack, lines):
    """Each line that is not there yet comes behind the one before it."""
    there = read(stack).splitlines()
    at = 0
    for line in lines:
        places = [place for place, other in enumerate(there)
                  if other.split() == line.split()]
        if places:
            at = places[0] + 1
        else:
            there.insert(at, line)
            at += 1
    write(stack, "\n".join(there) + "\n")


def set_in(file, lines):
    write(file, readme.with_settings(read(file), lines))


# ---- the sentences, in their order ----


@tap.test("installing changes no stack, starts nothing and sets nothing up")
def _():
    before = stacks()
    said = install()
    after = stacks()
    service = path("/etc/pam.d/sallyport")
    expect("pam_sallyport" not in after.pop(service), "it names the module")
    expect(after == before, said)
    wants = glob.glob(path("/etc/systemd/system/*.wants/sallyport*"))
    expect(wants == [], f"switched on: {wants}")
    expect(not os.path.exists(path(STORE)), "there is a store")
    verifier = os.stat(path("/usr/libexec/sallyport-verifier"))
    expect(verifier.st_mode & 0o6000 == 0, "the verifier is set-uid")


@tap.test("README's ten minutes: setup, enrolment, stack, sshd, doctor")
def _():
    inside("sallyport", "setup")
    talk = Talk(["chroot", DEBIAN, "sallyport", "enroll", "--user", "alice"])
    talk.see(r"(otpauth://\S+)\r")
    site.phone = Phone(talk.child.match.group(1))
    talk.answer(CODE, site.phone.code())
    expect(talk.status() == 0, talk.text)
    site.codes = re.findall(RECOVERY_CODE, talk.text)
    expect(len(site.codes) == 10, talk.text)
    steps = readme.chapter("## SSH in ten minutes, on Debian")
    put_into("/etc/pam.d/sshd",
             readme.block_behind(steps, "data/stacks/sshd-password-code"))
    set_in("/etc/ssh/sshd_config",
           readme.block_behind(steps, "/etc/ssh/sshd_config"))
    said = inside("sallyport", "doctor", status=1)
    expect("sshd: password, then code; nothing skips it" in said, said)
    faults = re.findall("(?m)^fault: (.*)", said)
    expect(faults == ["store-in-memory"], said)  # as all of this Debian is


@tap.test("the first login with password and code is let in, and no second one")
def _():
    sandbox.own_network()  # so its sshd has port 22, and nobody else reaches it
    site.sshd = subprocess.Popen(
        [*sandbox.BOUND, "chroot", DEBIAN, "/usr/sbin/sshd", "-D"],
        stdin=subprocess.DEVNULL)
    wait_for_sshd()
    code = site.phone.code()
    expect(log_in(code) == ("in", ["accepted"]), "not let in")
    expect(log_in(code) == ("refused", ["replayed"]), "the same code again")


def wait_for_sshd():
    done = subprocess.run(
        ["ssh-keyscan", "-T", "20", "-t", "ed25519", "127.0.0.1"],
        capture_output=True, text=True)
    if "ed25519" not in done.stdout:
        talk = Talk(["sh", "-c", "until ssh-keyscan -T 20 -t ed25519"
                     " 127.0.0.1 | grep ed25519; do sleep 0.1; done"])
        talk.see("ed25519")
        talk.stop()


@tap.test("the module is not removed while a stack names it, and logins go on")
def _():
    said = remove(status=100)
    for words in ("/etc/pam.d/sshd", "Take its lines out"):
        expect(words in said, said)
    expect(os.path.exists(path("/usr/bin/sallyport")), said)
    expect(log_in(site.codes[0]) == ("in", ["accepted-recovery"]), said)


@tap.test("an upgrade goes through while a stack names the module")
def _():
    install()
    expect(log_in(site.codes[1]) == ("in", ["accepted-recovery"]),
           "not let in")


@tap.test("a profile of pam-auth-update is a stack that names it, too")
def _():
    stack = read("/etc/pam.d/sshd")
    write("/etc/pam.d/sshd", "".join(
        line for line in stack.splitlines(keepends=True)
        if "pam_sallyport" not in line))
    for profile, file, line in (
            ("sallyport", "common-auth",
             r"requisite\s+pam_sallyport.so explain"),
            ("sallyport-list", "common-password",
             r"requisite\s+pam_sallyport.so\s[^#]*use_authtok")):
        inside("pam-auth-update", "--enable", profile)
        expect(re.search(line, read(f"/etc/pam.d/{file}")),
               read(f"/etc/pam.d/{file}"))
        said = remove(status=100)
        expect(f"/etc/pam.d/{file}" in said, said)
        expect("/etc/pam.d/sshd" not in said, said)
        inside("pam-auth-update", "--disable", profile)
    write("/etc/pam.d/sshd", stack)


@tap.test("purged with somebody enrolled, store and key stay, and it is told")
def _():
    stack = read("/etc/pam.d/sshd")
    write("/etc/pam.d/sshd", stack.replace("pam_sallyport.so", "pam_permit.so"))
    said = inside("apt-get", "purge", "-y", *BOTH)
    expect(f"kept {STORE} and {SETTINGS}" in said, said)
    expect(os.path.exists(path(f"{SETTINGS}/store.key")), "the key is gone")
    expect(not os.path.exists(path("/etc/pam.d/sallyport")), "a conffile stays")
    install()
    write("/etc/pam.d/sshd", stack)
    expect(log_in(site.codes[2]) == ("in", ["accepted-recovery"]),
           "the same enrolment does not serve again")


@tap.test("purged with settings that name another store, nothing is removed")
def _():
    write("/etc/pam.d/sshd",
          read("/etc/pam.d/sshd").replace("pam_sallyport.so", "pam_permit.so"))
    inside("sallyport", "reset", "--yes", "alice")
    write(f"{SETTINGS}/sallyport.conf", "store_dir = /srv/store\n")
    said = inside("apt-get", "purge", "-y", *BOTH)
    expect(f"kept {STORE} and {SETTINGS}" in said, said)
    expect(os.path.exists(path(f"{SETTINGS}/store.key")), "the key is gone")
    os.unlink(path(f"{SETTINGS}/sallyport.conf"))


@tap.test("purged with nobody enrolled, it leaves nothing behind")
def _():
    install()
    inside("apt-get", "purge", "--auto-remove", "-y", *BOTH)
    left = list(traces())
    expect(not left, "\n".join(left))


tap.main(prepare)
