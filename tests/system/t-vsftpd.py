#!/usr/bin/python3
"""A real vsftpd, which asks for a password once and for nothing else."""

import ftplib
import os
import subprocess

import callers
import sandbox
import tap
from bench import Bench
from journal import Journal
from sshd import free_port

NAMES = ["anna", "bert", "cleo", "dora"]
CONFIG = """\
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=NO
local_enable=YES
pam_service_name=vsftpd
secure_chroot_dir={folder}/empty
"""

site = journal = port = None
callers.need("/usr/sbin/vsftpd")


def prepare():
    global site, journal, port
    callers.install()
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    site.stack("vsftpd", "vsftpd")
    port = free_port()
    os.makedirs(f"{site.folder}/empty")
    config = f"{site.folder}/vsftpd.conf"
    with open(config, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(port=port, folder=site.folder))
    process = subprocess.Popen([*sandbox.BOUND, "vsftpd", config],
                               stdin=subprocess.DEVNULL)
    callers.wait_for_port(port, process)
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def login(user, code, password=None):
    """Whether it lets the user in, and to his home."""
    with ftplib.FTP(timeout=60) as ftp:
        ftp.connect("127.0.0.1", port)
        try:
            ftp.login(user, (password or site.passwords[user]) + code)
        except ftplib.error_perm as error:
            tap.expect(str(error).startswith("530"), str(error))
            return False
        tap.expect(ftp.pwd() == f"{site.folder}/home/{user}", ftp.pwd())
        return True


@tap.test("password and code behind each other log in")
def _():
    tap.expect(login("anna", site.enrol("anna").code()), "kept out")


@tap.test("a replayed, a wrong and a missing code are refused")
def _():
    phone = site.enrol("bert")
    code = phone.code()
    tap.expect(login("bert", code), "the right code")
    for bad in (code, phone.wrong(), ""):
        tap.expect(not login("bert", bad), f"let in by {bad!r}")


@tap.test("a wrong password is refused, and its code is not counted")
def _():
    phone = site.enrol("cleo")
    mark = journal.mark()
    tap.expect(not login("cleo", phone.wrong(), "not the password"), "let in")
    tap.expect(not journal.since(mark, "pam_sallyport"), "a code was judged")


@tap.test("a client in an exempt network gives the password alone")
def _():
    site.enrol("dora")
    tap.expect(not login("dora", ""), "not exempt yet")
    site.settings(exempt_networks="127.0.0.0/8")
    mark = journal.mark()
    tap.expect(login("dora", ""), "kept out")
    tap.expect(journal.wait(mark, 'event=exempt user="dora" rhost="127.0.0.1"'
                                  '.* by=network address="127.0.0.1"'),
               "no such event")
    site.settings()


tap.main(prepare)
