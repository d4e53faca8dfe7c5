#!/usr/bin/python3
"""The doctor, on the stacks that we print and on an sshd that runs them."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd

# Debian's; the others include files that this machine does not have.
SSHD = ("sshd-password-code", "sshd-key-code", "sshd-one-prompt",
        "sshd-hardware-key", "sshd-key-or-password-code",
        "sshd-list", "sshd-service-accounts")
LOCAL = ("sudo", "su", "login", "openvpn", "vsftpd", "polkit-1", "i3lock")
PASSWORD = ("common-password", "common-password-pwquality",
            "common-password-passwdqc")

site = None


def prepare():
    global site
    Journal()
    site = Bench(breach_at_login="change")
    site.breach(password=52000)
    site.stack("common-password", "common-password")


def examine(stack, service, sshd_settings=None, status=0):
    site.stack(stack, service)
    words = ["--service", service]
    if sshd_settings:
        sshd = Sshd(site.folder, service, sshd_settings)
        words += ["--sshd-config", f"{sshd.folder}/sshd_config"]
        sshd.stop()
    return site.tool("doctor", *words, status=status)


@tap.test("it finds nothing wrong with the stacks that we print")
def _():
    for stack in SSHD:
        examine(stack, "sshd", bench.sshd_settings(stack))
    for stack in LOCAL:
        examine(stack, stack)
    examine("login-list", "login")
    for stack in PASSWORD:
        site.stack(stack, "common-password")
        said = site.tool("doctor", "--service", "passwd")
        tap.expect("new passwords are looked up" in said, said)
    site.stack("common-password", "common-password")


@tap.test("it finds a list that is not there, and a line behind pam_unix")
def _():
    os.unlink(site.list)
    found = site.tool("doctor", "--service", "passwd", status=1)
    tap.expect("list-missing" in found and "breach build -o" in found, found)
    site.breach(password=52000)
    with open("/etc/pam.d/common-password", "r+", encoding="utf-8") as file:
        lines = file.readlines()
        ours = [line for line in lines if "pam_sallyport" in line]
        file.seek(0)
        file.writelines([line for line in lines if line not in ours] + ours)
    found = site.tool("doctor", "--service", "passwd", status=1)
    tap.expect("list-after-store" in found, found)
    site.stack("common-password", "common-password")


@tap.test("it finds that nobody reaches guard but by a key alone")
def _():
    found = examine("sshd-key-code", "sshd",
                    ["AuthenticationMethods publickey"], status=1)
    tap.expect("publickey,keyboard-interactive" in found, found)


@tap.test("it finds that an sshd never asks")
def _():
    for setting in ("KbdInteractiveAuthentication no", "UsePAM no"):
        found = examine("sshd-password-code", "sshd", [setting], status=1)
        tap.expect(setting.split()[0].lower() in found.lower(), found)


tap.main(prepare)
