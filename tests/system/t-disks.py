#!/usr/bin/python3
"""Stores on real file systems that are full, fail, or lose power."""

import filecmp
import os
import shutil
import subprocess
import sys

import bench
import disk
import pamlogin
import sandbox
import tap
from bench import Bench
from journal import Journal
from phone import new_uri

KINDS = ("ext4", "xfs", "btrfs")
NOCOW = "C"  # as lsattr shows it
CUTS = 6
NO_SPACE = "No space left on device"

journal = None
needs = {}  # by test: the file system it cannot do without


def test(kind, sentence):
    """A tap.test that is skipped where there is no such file system."""
    def remember(function):
        needs[function] = kind
        return tap.test(sentence)(function)
    return remember


def prepare():
    global journal
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    skip_without({kind: disk.why_not(kind) for kind in KINDS})


def skip_without(missing):
    """Put the reason in place of a test whose file system is missing."""
    for place, (sentence, function) in enumerate(tap.tests):
        why = missing[needs[function]]
        if why:
            tap.tests[place] = (f"{sentence} # SKIP {why}", lambda: None)


class Site(Bench):
    """A private installation whose store is on a disk of its own."""

    def __init__(self, name, kind, make=(), options=""):
        self.name = name
        self.disk = disk.new(name, kind, make, options)
        folder = f"{sandbox.DIR}/site-{name}"
        os.makedirs(folder)
        self.store = f"{self.disk.folder}/store"
        super().__init__(folder, store_dir=self.store)
        with open(f"/etc/pam.d/{name}", "w", encoding="utf-8") as file:
            file.write(f"auth required {self.module} config={self.config}\n")

    def use_store(self, store):
        self.settings(store_dir=store)

    def newcomer(self, kind="totp"):
        """The name and the phone of somebody new, enrolled."""
        user = self.account()
        return user, self.enrol(user, kind)

    def account(self):
        user = f"{self.name}-{len(self.passwords)}"
        self.add_users(user)
        return user

    def attempt(self, user, code):
        """What PAM says, and the log's line about it."""
        mark = journal.mark()
        said = pamlogin.authenticate(self.name, user, code)
        line = journal.wait(mark, f"event=.* user=\"{user}\" ")
        return said, line

    def must_be_in(self, user, code):
        said, line = self.attempt(user, code)
        tap.expect(said == pamlogin.PAM_SUCCESS, f"{said}: {line}")

    def must_be_spent(self, user, code):
        said, line = self.attempt(user, code)
        tap.expect(said == pamlogin.PAM_AUTH_ERR, f"{said}: {line}")
        tap.expect("event=replayed " in line or "event=wrong " in line, line)

    def must_fail(self, user, code, why):
        """Refused for a reason that is not the code's."""
        said, line = self.attempt(user, code)
        tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"{said}: {line}")
        tap.expect("event=cannot-tell " in line and why in line, line)


def keep(store):
    """A copy to compare with."""
    kept = f"{sandbox.DIR}/kept"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(store, kept)
    return kept


def same_files(kept, store):
    names = sorted(os.listdir(store))
    tap.expect(names == sorted(os.listdir(kept)), f"the store has {names}")
    _, *different = filecmp.cmpfiles(kept, store, names, shallow=False)
    tap.expect(different == [[], []], f"changed: {different}")


# ---- full ----


def full_lets_in(kind):
    site = Site(f"full-{kind}", kind)
    user, phone = site.newcomer()
    site.disk.fill()
    code = phone.code()
    site.must_be_in(user, code)
    site.must_be_spent(user, code)
    site.must_be_in(user, phone.code())
    site.disk.remove()


@test("ext4", "on a full ext4 a right code logs in and its replay is refused")
def _():
    full_lets_in("ext4")


@test("xfs", "on a full xfs a right code logs in and its replay is refused")
def _():
    full_lets_in("xfs")


@test("btrfs",
      "on a full btrfs a right code logs in and its replay is refused")
def _():
    full_lets_in("btrfs")


def expect_nocow(store, wanted):
    for name in os.listdir(store):
        if name.endswith(".state"):
            shown = bench.run("lsattr", f"{store}/{name}").split()[0]
            tap.expect((NOCOW in shown) == wanted, f"{name}: {shown}")


@test("btrfs", "on a full btrfs, where a copy brought states back without "
               "their nocow, a right code is refused and stays unspent")
def _():
    site = Site("cow", "btrfs")
    user, phone = site.newcomer()
    restored = f"{site.disk.folder}/restored"
    bench.run("cp", "-a", "--reflink=never", site.store, restored)
    expect_nocow(site.store, True)
    expect_nocow(restored, False)
    site.use_store(restored)
    site.disk.fill()
    kept = keep(restored)
    code = phone.code()
    site.must_fail(user, code, NO_SPACE)
    same_files(kept, restored)
    site.disk.empty()
    bench.run("sync", "-f", restored)  # only then is the space there again
    site.must_be_in(user, code)
    site.disk.remove()


# ---- read-only, no inodes, errors ----


@test("ext4", "on a disk that became read-only a right code is refused, and "
              "stays unspent")
def _():
    site = Site("read-only", "ext4")
    user, phone = site.newcomer()
    kept = keep(site.store)
    site.disk.remount("ro")
    code = phone.code()
    site.must_fail(user, code, "Read-only file system")
    same_files(kept, site.store)
    site.disk.remount("rw")
    site.must_be_in(user, code)
    site.disk.remove()


def enrol_without_inodes(left):
    site = Site(f"inodes-{left}", "ext4", make=["-N", "64"])
    user, phone = site.newcomer()
    other = site.account()
    site.disk.take_inodes(but=left)
    kept = keep(site.store)
    uri = new_uri(other)
    done = subprocess.run(
        site.command("import", "uri", "--user", other, "--name", "phone"),
        input=uri, capture_output=True, text=True)
    tap.expect(done.returncode != 0, done.stdout)
    tap.expect(NO_SPACE in done.stderr, done.stderr)
    same_files(kept, site.store)
    site.must_be_in(user, phone.code())
    site.disk.remove()


@test("ext4", "without an inode left, enrolment says why it fails and leaves "
              "nothing, and who is enrolled logs in")
def _():
    enrol_without_inodes(0)


@test("ext4", "so it is with one inode left, where it takes two")
def _():
    enrol_without_inodes(1)


def attempt_with_failing(site, call, user, code):
    """In a process of its own, whose first such call fails; PAM's code."""
    trace = f"{site.folder}/trace"
    done = subprocess.run(
        ["strace", "-f", "-o", trace, "-e", call,
         "-e", f"inject={call}:error=EIO:when=1", sys.executable, "-B",
         pamlogin.__file__, site.name, user, code])
    with open(trace, encoding="utf-8") as file:
        seen = file.read()
    tap.expect("(INJECTED)" in seen, f"nothing was injected:\n{seen}")
    return done.returncode


@test("ext4", "where the disk cannot say that the state is durable, a right "
              "code is refused, and the next one logs in")
def _():
    site = Site("eio", "ext4")
    user, phone = site.newcomer()
    mark = journal.mark()
    said = attempt_with_failing(site, "fdatasync", user, phone.code())
    tap.expect(said == pamlogin.PAM_AUTHINFO_UNAVAIL, f"PAM said {said}")
    line = journal.wait(mark, "event=cannot-tell .*Input/output error")
    tap.expect(line is not None, "the log has no such line")
    site.must_be_in(user, phone.code())
    site.disk.remove()


# ---- power cuts ----


class Control:
    """Shows that a cut is one: what was not made durable is not there."""

    def __init__(self, whole, count):
        self.whole = whole
        for number in range(count):
            with open(self.path(whole, number), "wb", buffering=0) as file:
                file.write(b"before")
                os.fsync(file.fileno())

    @staticmethod
    def path(a_disk, number):
        return f"{a_disk.folder}/control{number}"

    def write(self, number):
        with open(self.path(self.whole, number), "r+b", buffering=0) as file:
            file.write(b"after!")

    def check(self, cut, number):
        with open(self.path(cut, number), "rb") as file:
            tap.expect(file.read() == b"before", "that was no power cut: "
                       "what nobody made durable is on the disk")


def survives_power_cuts(kind, options=""):
    """After each success, the disk as a cut would leave it.

    The phones count: no test has to wait for their next code, and a code that
    a cut made unspent would be accepted whenever it came.
    """
    site = Site(f"cut-{kind}", kind, options=options)
    people = [site.newcomer("hotp") for _ in range(2)]
    control = Control(site.disk, CUTS)
    spent, cuts = [], []
    for number in range(CUTS):
        user, phone = people[number % 2]
        code = phone.code()
        site.must_be_in(user, code)
        control.write(number)
        cuts.append(site.disk.cut(f"{site.name}-{number}"))
        spent.append((user, code))
    for number, cut in enumerate(cuts):
        control.check(cut, number)
        site.use_store(f"{cut.folder}/store")
        known = spent[:number + 1]
        for user, code in known:
            site.must_be_spent(user, code)
        for user, phone in people:
            next_one = sum(user == name for name, _ in known)
            site.must_be_in(user, phone.code_of(next_one))
        cut.remove()
    site.disk.remove()


@test("ext4", "on ext4 no spent code opens again after a power cut")
def _():
    survives_power_cuts("ext4", "commit=600")


@test("xfs", "on xfs no spent code opens again after a power cut")
def _():
    survives_power_cuts("xfs")


tap.main(prepare)
