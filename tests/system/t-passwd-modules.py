#!/usr/bin/python3
"""The real passwd, with pam_pwquality or pam_passwdqc before our line.

Both are unpacked in build/modules (dev.d/system.sh), not installed.
"""

import glob
import os

import bench
import others
import sandbox
import tap
from bench import Bench
from journal import Journal
from talk import PASSWORD, Talk

MODULES = f"{tap.ROOT}/build/modules"
CURRENT = "[Cc]urrent password: $"
NEW = "[Nn]ew password: $"
RETYPE = "(?i)(retype|re-type) new password: $"
FRESH = "tangerine-Vellum-41-oxbow"
# Whatever the other module minds, it is not this.
BREACHED = "Xk9-seen-Often-enough"

site = None


def prepare():
    global site
    Journal()
    find_libraries()
    site = Bench()
    site.add_users("anna", "bert", "cleo")
    site.breach(**{BREACHED: 52000, "password": 1})
    # The dictionary comes with another package, made when that is installed.
    with open("/etc/security/pwquality.conf", "w", encoding="utf-8") as file:
        file.write("dictcheck = 0\n")


def find_libraries():
    """passwd is set-uid: only the linker's own cache tells it of more."""
    sandbox.mount("-t", "tmpfs", "sallyport-cache", "/var/cache/ldconfig")
    folder, = glob.glob(f"{MODULES}/usr/lib/*-linux-*")
    with open("/etc/ld.so.conf.d/modules.conf", "w", encoding="utf-8") as file:
        file.write(f"{folder}\n")
    bench.run("ldconfig")


def use(stack, module):
    site.stack(stack, "common-password")
    path = others.find(f"lib/*/security/{module}", MODULES)
    with open("/etc/pam.d/common-password", "r+", encoding="utf-8") as file:
        text = file.read()
        tap.expect(module in text, text)
        file.seek(0)
        file.write(text.replace(module, path))


def as_user(user, *command):
    return Talk(["setpriv", "--reuid", user, "--regid", user, "--init-groups",
                 *command], cwd="/")


def start(user):
    talk = as_user(user, "passwd")
    talk.answer(CURRENT, site.passwords[user])
    return talk


def opens(user, password):
    talk = as_user("cleo", "su", user, "-c", "echo in-$((6*7))")
    talk.answer(PASSWORD, password)
    found = talk.see("in-42", "Authentication failure")
    talk.end()
    return found == 0


def check(user, weak, words):
    """Each module refuses what is its own to refuse."""
    talk = start(user)
    talk.answer(NEW, weak)
    talk.see(words)
    talk.answer(NEW, BREACHED)
    talk.answer(RETYPE, BREACHED)
    talk.see("has been seen about 50,000 times in data breaches")
    talk.see("password unchanged")
    tap.expect(talk.status() != 0, talk.text)
    tap.expect(talk.text.lower().count("new password:") == 3, talk.text)
    tap.expect(opens(user, site.passwords[user]), "the old one is gone")
    talk = start(user)
    talk.answer(NEW, FRESH)
    talk.answer(RETYPE, FRESH)
    talk.see("updated successfully")
    talk.end()
    tap.expect(talk.text.lower().count("new password:") == 2, talk.text)
    tap.expect(opens(user, FRESH), "the new one does not open")


@tap.test("behind pam_pwquality: weak is its word, breached is ours, fresh "
          "is taken")
def _():
    use("common-password-pwquality", "pam_pwquality.so")
    check("anna", "abc", "BAD PASSWORD: ")


@tap.test("behind pam_passwdqc: weak is its word, breached is ours, fresh "
          "is taken")
def _():
    use("common-password-passwdqc", "pam_passwdqc.so")
    check("bert", "abc", "Weak password: ")


if not os.path.exists(f"{MODULES}/complete"):
    tap.skip_all(f"pam_pwquality and pam_passwdqc are not in {MODULES}")
tap.main(prepare)
