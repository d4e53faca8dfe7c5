#!/usr/bin/python3
"""A store on a file system without a free byte."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd
from talk import CODE, PASSWORD

STACK = "sshd-password-code"

site = journal = sshd = disk = None


def prepare():
    global site, journal, sshd, disk
    journal = Journal()
    disk = f"{bench.sandbox.DIR}/small"
    os.makedirs(disk)
    bench.run("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "small", disk)
    site = Bench(store_dir=f"{disk}/store")
    site.add_users("anna")
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def fill():
    """To the last byte, and see that it is the last."""
    with open(f"{disk}/ballast", "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    free = os.statvfs(disk).f_bavail
    tap.expect(free == 0, f"{free} blocks are still free")


def login(code):
    return sshd.login("anna", (PASSWORD, site.passwords["anna"]),
                      (CODE, code))[0]


@tap.test("on a full tmpfs a right code logs in and its replay is refused")
def _():
    phone = site.enrol("anna")
    fill()
    code = phone.code()
    tap.expect(login(code) == "in", "a full disk locked the user out")
    tap.expect(login(code) == "refused", "the code opened twice")


tap.main(prepare)
