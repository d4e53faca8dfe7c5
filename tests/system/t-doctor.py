#!/usr/bin/python3
"""The doctor, on the stacks that we print and on an sshd that runs them."""

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd

# Debian's; the others include files that this machine does not have.
SSHD = ("sshd-password-code", "sshd-key-code", "sshd-one-prompt")
LOCAL = ("sudo", "su", "login")

site = None


def prepare():
    global site
    Journal()
    site = Bench()


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
