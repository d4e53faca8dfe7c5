"""A real xterm on an X server that nobody sees: keys in, pictures out."""

import os
import re
import shlex
import subprocess
import time

import sandbox

SECONDS = 30


class Screen:
    """An X server; at most one terminal on it at a time."""

    def __init__(self, folder):
        self.folder = folder
        self.picture = f"{folder}/screen.png"
        reading, writing = os.pipe()
        # Reached by its abstract address alone, so it leaves no file in /tmp.
        self.server = subprocess.Popen(
            [*sandbox.BOUND, "Xvfb", "-displayfd", str(writing), "-screen", "0",
             "1024x768x24", "-nolisten", "tcp", "-nolisten", "unix",
             "-nolock", "-noreset"],
            pass_fds=[writing], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as display:
            number = display.readline().strip()
        if not number:
            raise AssertionError("Xvfb did not start")
        self.environment = {**os.environ, "DISPLAY": f":{number}",
                            "LANG": "C.UTF-8", "TMUX_TMPDIR": folder,
                            "MAGICK_TMPDIR": folder}
        self.environment.pop("TMUX", None)
        self.terminal = None
        self.log = f"{folder}/terminal.log"

    def run(self, command, options=(), tmux=False):
        """Start the command in an xterm of 80x24; text is kept in log."""
        self.close_terminal()
        # script notes what the program says; it still talks to the terminal.
        noted = shlex.join(["script", "-q", "-e", "-f", "-c",
                            shlex.join(command), self.log])
        words = ["sh", "-c", noted]
        if tmux:
            words = ["tmux", "-f", "/dev/null", "new-session", noted]
        if os.path.exists(self.log):
            os.unlink(self.log)
        self.terminal = subprocess.Popen(
            [*sandbox.BOUND, "xterm", "-u8", "-fa", "DejaVu Sans Mono",
             "-fs", "10", "-geometry", "80x24+0+0", *options, "-e", *words],
            env=self.environment, stdin=subprocess.DEVNULL)

    def scan(self, seconds=SECONDS):
        """What a QR scanner reads from a picture of the screen, or None."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.call("import", "-window", "root", self.picture)
            found = self.read_code(self.picture)
            if not found:
                # The hairlines between glyphs, which no camera sees.
                blurred = f"{self.folder}/blurred.png"
                self.call("convert", self.picture, "-blur", "0x1", blurred)
                found = self.read_code(blurred)
            if found:
                return found
            time.sleep(0.3)
        return None

    def read_code(self, picture):
        return self.call("zbarimg", "-q", "--raw", picture).strip()

    def type(self, text):
        """Press the keys, and Enter."""
        self.call("xdotool", "search", "--onlyvisible", "--class", "xterm",
                  "windowfocus", "type", "--delay", "20", text)
        self.call("xdotool", "key", "Return")

    def type_at(self, prompt, text):
        """Wait for the prompt, a regular expression, and type."""
        self.await_text(prompt)
        self.type(text)

    def await_text(self, pattern):
        """Until what the terminal has shown matches."""
        deadline = time.monotonic() + SECONDS
        while not re.search(pattern, self.text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"no {pattern} in:\n{self.text()}")
            time.sleep(0.1)

    def text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read().replace("\r\n", "\n")
        except FileNotFoundError:
            return ""

    def close_terminal(self):
        if self.terminal:
            self.terminal.terminate()
            self.terminal.wait()
            self.terminal = None

    def wait(self):
        """Until the program in the terminal has ended."""
        self.terminal.wait(SECONDS)
        self.terminal = None

    def call(self, *command):
        return subprocess.run(command, env=self.environment,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL,
                              text=True).stdout

    def stop(self):
        self.close_terminal()
        self.server.terminate()
        self.server.wait()
