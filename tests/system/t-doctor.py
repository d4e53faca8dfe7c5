#!/usr/bin/python3
"""The doctor, on the stacks that we print and on an sshd that runs them."""

import json
import os
import subprocess

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd
from verifier import as_user

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
    site.add_users("alice", "bob")


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
        # Of another machine's stacks, as these modules are not installed.
        said = site.tool("doctor", "--service", "passwd", "--pam-dir",
                         "/etc/pam.d")
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


@tap.test("of a Match block sshd is asked about one of those whom it names")
def _():
    key = bench.sshd_settings("sshd-key-code")
    alone = ["Match User alice", "    AuthenticationMethods publickey"]
    found = examine("sshd-key-code", "sshd", key + alone, status=1)
    tap.expect("guard-without-methods" in found, found)
    tap.expect('"Match User alice"' in found, found)
    accounts = bench.sshd_settings("sshd-service-accounts")
    found = examine("sshd-service-accounts", "sshd", accounts)
    tap.expect("sshd-match" in found, found)  # the group is not there yet
    bench.run("groupadd", "sftp-only")
    bench.run("usermod", "-aG", "sftp-only", "bob")
    found = examine("sshd-service-accounts", "sshd", accounts)
    tap.expect("sshd-match" not in found, found)


@tap.test("it finds that sshd would not start")
def _():
    key = bench.sshd_settings("sshd-key-code")
    key = [line.replace("KbdInteractiveAuthentication yes",
                        "KbdInteractiveAuthentication no") for line in key]
    site.stack("sshd-key-code", "sshd")
    with open(f"{site.folder}/unstartable", "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in key))
    found = site.tool("doctor", "--service", "sshd", "--sshd-config",
                      f"{site.folder}/unstartable", status=1)
    tap.expect("sshd-unstartable" in found, found)


@tap.test("where a drop-in comes first, it says in place of which line to write")
def _():
    folder = f"{site.folder}/dropped"
    os.makedirs(folder)
    site.stack("sshd-password-code", "sshd")
    with open(f"{folder}/50-redhat.conf", "w", encoding="utf-8") as file:
        file.write("KbdInteractiveAuthentication no\nUsePAM yes\n")
    with open(f"{folder}/sshd_config", "w", encoding="utf-8") as file:
        file.write(f"Include {folder}/*.conf\n"
                   "KbdInteractiveAuthentication yes\n")
    found = site.tool("doctor", "--service", "sshd", "--sshd-config",
                      f"{folder}/sshd_config", status=1)
    tap.expect(f"in place of line 1 of {folder}/50-redhat.conf" in found,
               found)


@tap.test("of the machine it finds disk, users, modules and verifier")
def _():
    site.stack("sshd-password-code", "sshd")
    site.stack("i3lock", "i3lock")
    found = json.loads(site.tool("--json", "doctor", status=1))
    found = {row["id"]: row for row in found["findings"]}
    tap.expect("tmpfs" in found["store-in-memory"]["text"], found)
    tap.expect("alice, bob" in found["users-not-enrolled"]["text"], found)
    tap.expect(found["verifier-missing"]["severity"] == "fault", found)
    tap.expect("module-missing" not in found, found)
    with open("/etc/pam.d/sshd", "a", encoding="utf-8") as file:
        file.write("auth required pam_no_such.so\n")
    found = site.tool("doctor", status=1)
    tap.expect("module-missing" in found, found)


@tap.test("a user is told of what he cannot see, too, and who can")
def _():
    done = subprocess.run(as_user("alice", *site.command("--json", "doctor")),
                          stdout=subprocess.PIPE, text=True)
    found = {row["id"]: row for row in json.loads(done.stdout)["findings"]}
    tap.expect(found["store"]["severity"] == "unknown", found)
    tap.expect("as root" in found["store"]["fix"], found)
    tap.expect(all(row["fix"] for row in found.values()), found)


@tap.test("a machine that has no sshd is not told to set one up")
def _():
    bench.run("mount", "--bind", "/dev/null", "/usr/sbin/sshd")
    os.unlink("/etc/pam.d/sshd")
    found = json.loads(site.tool("--json", "doctor", status=1))
    bench.run("umount", "/usr/sbin/sshd")
    tap.expect("sshd" not in {row["service"] for row in found["services"]},
               found)
    ids = {row["id"] for row in found["findings"]}
    tap.expect(not ids & {"sshd-unknown", "ours-missing"}, found)


tap.main(prepare)
