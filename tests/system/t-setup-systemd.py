#!/usr/bin/python3
"""sallyport setup --ssh where systemd runs: a timer of its own takes the change
back, also after a new start.

A real systemd is started in a process namespace of its own, with sshd's real
unit and little else.
"""

import atexit
import os
import subprocess
import time

import bench
import machine
import sandbox
import tap
from bench import Bench
from journal import Journal
from machine import MainSshd
from talk import CODE, PASSWORD

UNITS = "/etc/systemd/system"
TIMER = f"{UNITS}/sallyport-rollback.timer"
ROLLED_BACK = "event=ssh-setup-rolled-back"
CGROUP = "/sys/fs/cgroup"
GROUPS = f"{sandbox.DIR}/cgroup"
OURS = f"{GROUPS}/sallyport-test-systemd"
EMPTY = ("sysinit.target.wants", "local-fs.target.wants",
         "sockets.target.wants", "timers.target.wants", "graphical.target.wants",
         "multi-user.target.wants")
TARGET = """[Unit]
DefaultDependencies=no
Wants=timers.target ssh.service
"""

site = journal = sshd = phone = before = None


class UnitSshd(MainSshd):
    """As systemd starts it, with systemd as the machine's first process.

    systemd gets a control group of its own, and what it makes goes with it.
    """

    def start(self):
        log = f"{self.folder}/systemd.log"
        os.makedirs(OURS, exist_ok=True)
        with open(log, "ab") as file:
            self.process = subprocess.Popen(
                [*sandbox.BOUND, "sh", "-c",
                 f"echo $$ >{OURS}/cgroup.procs && exec unshare --pid --mount "
                 "--cgroup --fork --kill-child --mount-proc sh -c "
                 f"'mount -t cgroup2 none {CGROUP} && exec env -i "
                 "container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin "
                 "/lib/systemd/systemd --system --unit=test.target "
                 "--log-target=console --show-status=no'"],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.wait_until_up()

    def inside(self):
        """Before a command: it is run where systemd is the first process."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            first = file.read().split()[0]
        # Where we are in a chroot, the namespace alone would lead out of it.
        return ["nsenter", "--target", first, "--pid", "--mount", "--root"]

    def stop(self):
        self.process.kill()
        self.process.wait()
        for folder, _, _ in os.walk(OURS, topdown=False):
            remove_group(folder)


def remove_group(folder, seconds=20):
    """When the last of its processes, which are being killed, has ended."""
    until = time.monotonic() + seconds
    while True:
        try:
            os.rmdir(folder)
            return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)


class Site(Bench):
    def command(self, *words):
        return [*(sshd.inside() if sshd else []), *super().command(*words)]


def prepare():
    global site, journal, sshd, phone, before
    journal = Journal()
    machine.prepare()
    for folder in EMPTY:
        if os.path.isdir(f"/lib/systemd/system/{folder}"):
            sandbox.mount("-t", "tmpfs", "none",
                          f"/lib/systemd/system/{folder}")
    write(f"{UNITS}/test.target", TARGET)
    os.makedirs(f"{UNITS}/ssh.service.d", exist_ok=True)
    write(f"{UNITS}/ssh.service.d/test.conf",
          "[Unit]\nDefaultDependencies=no\n")
    site = Site()
    site.add_users("anna")
    machine.let_sudo("anna")
    phone = site.enrol("anna", "hotp")
    os.makedirs(GROUPS)
    try:
        sandbox.mount("-t", "cgroup2", "none", GROUPS)
        sshd = UnitSshd(site.folder)
        atexit.register(sshd.stop)
    except (AssertionError, OSError, sandbox.Refused) as error:
        tap.comment(error)
    before = machine.snapshot()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-30:]))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def setup(*words):
    if sshd is None:
        raise tap.Skip("systemd does not start in a namespace here")
    return site.tool("setup", *words)


def expect_plain():
    until = time.monotonic() + 30
    while machine.snapshot() != before and time.monotonic() < until:
        time.sleep(0.05)
    tap.expect(machine.snapshot() == before, "something is left")
    outcome, text = sshd.login("anna", (PASSWORD, site.passwords["anna"]))
    tap.expect(outcome == "in", text)


@tap.test("what nobody confirms is taken back by a timer of systemd's")
def _():
    mark = journal.mark()
    setup("--ssh", "--yes", "--within", "2s")
    tap.expect(journal.wait(mark, ROLLED_BACK), "nothing was rolled back")
    expect_plain()


@tap.test("a login that begins later confirms it, and the timer is gone")
def _():
    setup("--ssh", "--yes", "--within", "1h")
    bench.run(*sshd.inside(), "systemctl", "is-active",
              "sallyport-rollback.timer")
    bench.run("systemd-analyze", "verify", "--man=no", TIMER)
    talk = sshd.shell("anna", (PASSWORD, site.passwords["anna"]),
                      (CODE, phone.code()))
    text, status = machine.sudo(
        talk, Bench.command(site, "setup", "--confirm"))
    talk.stop()
    tap.expect(status == 0, text)
    tap.expect(not os.path.exists(TIMER), "the timer is left")
    setup("--undo", "--yes")
    expect_plain()


@tap.test("a new start of the machine starts the time anew")
def _():
    mark = journal.mark()
    setup("--ssh", "--yes", "--within", "4s")
    sshd.stop()
    sshd.start()
    tap.expect(journal.wait(mark, ROLLED_BACK), "nothing was rolled back")
    expect_plain()


tap.main(prepare)
