#!/usr/bin/python3
"""A real screen locker, which runs as its user and asks once."""

import os
import subprocess

import callers
import tap
import verifier
from bench import Bench
from journal import Journal
from screen import Screen
from verifier import as_user

site = journal = screen = service = None
callers.need("/usr/bin/i3lock")


def prepare():
    global site, journal, screen, service
    callers.install()
    journal = Journal()
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))
    site = Bench()
    site.settings(verifier_socket=f"{site.folder}/verifier.socket")
    site.add_users("anna", "bert", "cleo")
    site.stack("i3lock", "i3lock")
    service = verifier.Service(site)
    screen = Screen(site.folder)


class Locked:
    """The screen, locked by this user."""

    def __init__(self, user):
        reading, writing = os.pipe()
        # It goes on in the background when nobody can type past it any more,
        # and holds the pipe until the screen is free.
        subprocess.run(as_user(user, "i3lock"), env=screen.environment,
                       stdin=subprocess.DEVNULL, stdout=writing,
                       stderr=subprocess.DEVNULL, timeout=60, check=True)
        os.close(writing)
        self.locker = reading

    def answer(self, text, event):
        """Type it, until the log has what became of it."""
        mark = journal.mark()
        screen.call("xdotool", "type", "--delay", "20", text)
        screen.call("xdotool", "key", "Return")
        tap.expect(journal.wait(mark, event, 60), f"no {event} in the log")

    def free(self, text):
        """Type what frees the screen.  Had an answer before done so, nobody
        would be there to judge this one."""
        self.answer(text, "event=accepted.* via=verifier")
        tap.expect(os.read(self.locker, 1) == b"", "it says something")
        os.close(self.locker)


@tap.test("password and code behind each other free the screen")
def _():
    phone = site.enrol("anna", "hotp")
    Locked("anna").free(site.passwords["anna"] + phone.code())


@tap.test("a replay, a wrong password and the password alone do not")
def _():
    phone, password = site.enrol("bert", "hotp"), site.passwords["bert"]
    code = phone.code()
    Locked("bert").free(password + code)
    locked = Locked("bert")
    locked.answer(password + code, "event=replayed.* via=verifier")
    locked.answer(password, "event=malformed.* via=verifier")
    locked.answer("wrong" + phone.code(), "password check failed")
    locked.free(password + phone.code())


@tap.test("without a verifier it stays locked, and the log says what to do")
def _():
    global service
    phone, password = site.enrol("cleo", "hotp"), site.passwords["cleo"]
    service.stop()
    locked = Locked("cleo")
    locked.answer(password + phone.code(), "event=cannot-tell.*systemctl enable"
                  " --now sallyport-verifier.socket")
    service = verifier.Service(site)
    locked.free(password + phone.code())


tap.main(prepare)
