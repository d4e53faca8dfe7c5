#!/usr/bin/python3
"""QR codes as a phone sees them: pictures of real terminals, scanned."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from phone import Phone
from screen import Screen
from talk import CODE, Talk

NAMES = ["anna", "bert", "cleo", "dora"]
LIGHT = ["-bg", "white", "-fg", "black"]
DARK = ["-bg", "black", "-fg", "white"]

site = screen = None


def prepare():
    global site, screen
    Journal()
    site = Bench()
    site.add_users(*NAMES)
    screen = Screen(site.folder)
    tap.on_failure.append(screen.text)


def enrol_by_scanning(user, options, tmux=False):
    """Scan, type the code that the scanned key gives, and use the next."""
    screen.run(site.command("enroll", "--user", user), options, tmux)
    scanned = screen.scan()
    tap.expect(scanned, "nothing to scan on the screen")
    phone = Phone(scanned)
    tap.expect(user in phone.label, f"not {user}'s: {scanned}")
    screen.type_at(CODE, phone.code())
    screen.wait()
    site.tool("verify", "--user", user, text=phone.code() + "\n")


@tap.test("the code scans from a dark xterm of 80x24, and what it says counts")
def _():
    enrol_by_scanning("anna", DARK)


@tap.test("the code scans from a light xterm of 80x24")
def _():
    enrol_by_scanning("bert", LIGHT)


@tap.test("the code scans under tmux in an xterm of 80x24")
def _():
    enrol_by_scanning("cleo", DARK, tmux=True)


@tap.test("the code scans from an SVG file")
def _():
    picture = f"{site.folder}/code"
    talk = Talk(site.command("enroll", "--user", "dora",
                             "--qr", f"svg:{picture}.svg"))
    talk.see(CODE)
    mode = os.stat(f"{picture}.svg").st_mode & 0o777
    tap.expect(mode & 0o077 == 0, f"others can read the key: {mode:o}")
    bench.run("rsvg-convert", "--width", "600", "--background-color", "white",
              "--output", f"{picture}.png", f"{picture}.svg")
    phone = Phone(bench.run("zbarimg", "-q", "--raw", f"{picture}.png"))
    talk.child.sendline(phone.code())
    tap.expect(talk.status() == 0, talk.text)


tap.main(prepare)
