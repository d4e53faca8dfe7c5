"""The machine's log for as long as a test runs: a listener on /dev/log."""

import os
import re
import socket
import threading
import time

SOCKET = "/dev/log"


class Journal:
    """Keeps every line that reaches /dev/log, and writes it to a file."""

    def __init__(self, file=None):
        self.lines = []
        self.arrived = threading.Condition()
        self.file = file
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(SOCKET)
        os.chmod(SOCKET, 0o666)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                line = self.socket.recv(65536).decode("utf-8", "replace")
            except OSError:
                return
            line = line.rstrip("\0\n")
            self.keep(re.sub(r"^<\d+>\w+ +\d+ [\d:]+ ", "", line))

    def keep(self, line):
        with self.arrived:
            self.lines.append(line)
            self.arrived.notify_all()
        if self.file:
            self.file.write(line + "\n")
            self.file.flush()

    def mark(self):
        """Where we are now, for wait() and since()."""
        return len(self.lines)

    def since(self, mark, pattern=""):
        return [line for line in self.lines[mark:] if re.search(pattern, line)]

    def wait(self, mark, pattern, seconds=10):
        """The first line after mark that matches, or None."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                found = self.since(mark, pattern)
                left = deadline - time.monotonic()
                if found or left <= 0:
                    return found[0] if found else None
                self.arrived.wait(left)

    def settled(self, mark, pattern):
        """As since(), when all that was sent so far has arrived."""
        end = f"end-of-lines-{len(self.lines)}-{time.monotonic_ns()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.connect(SOCKET)
            sending.send(end.encode())
        self.wait(mark, end)
        return self.since(mark, pattern)
