"""The modules and programs whose users come over.

They are unpacked in build/authenticators (dev.d/system.sh), not installed.
"""

import glob
import os

import bench
import phone
import tap

FOLDER = f"{tap.ROOT}/build/authenticators"


def need():
    if not os.path.exists(f"{FOLDER}/complete"):
        tap.skip_all("build/authenticators is not there: ./dev check gets it")


def find(pattern, folder=FOLDER):
    """One file, whether its package brings it in /usr, as newer ones do."""
    path, = glob.glob(f"{folder}/{pattern}") + glob.glob(
        f"{folder}/usr/{pattern}")
    return path


def google_file(site, user):
    return f"{site.folder}/home/{user}/.google_authenticator"


def google(site, user, *how):
    """google-authenticator writes the user's file; the phone that scans it."""
    path = google_file(site, user)
    bench.run(find("usr/bin/google-authenticator"), "-f", "-C", "-Q", "NONE",
              "-s", path, *how)
    bench.run("chown", f"{user}:", path)
    with open(path, encoding="ascii") as file:
        key = file.readline().strip()
    kind = "hotp" if "-c" in how else "totp"
    return phone.Phone(f"otpauth://{kind}/x?secret={key}&counter=1")
