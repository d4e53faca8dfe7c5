"""The verifier as systemd runs it, as its own user's program asks it, and the
frames by which it is asked."""

import os
import re
import select
import socket
import struct
import subprocess

import bench
import sandbox
import tap

MAGIC = b"\x89SPV\x01"
REQUEST, REPLY = b"\x01", b"\x02"
ENROLLED, VERIFY, STATUS = 1, 2, 3
CODE = 2  # the kind of an answer

VERDICTS = {0x3a96c5e1: "accepted", 0x65d23b8e: "accepted-recovery",
            0x1c4f: "wrong", 0x2b31: "replayed", 0x4d72: "waiting",
            0x7e0b: "disabled", 0x58d4: "malformed",
            0x6396: "clock-behind", 0x0fa8: "not-enrolled",
            0x35c7: "caller-blocked"}
ERR_CALLER, ERR_BUSY = 9, 7

program = f"{tap.build_dir()}/tools/sallyport-verifier"


def text(value):
    return struct.pack("<H", len(value)) + value.encode()


def question(store, kind, user, code=None):
    frame = (MAGIC + REQUEST + bytes([kind]) + text(store) + text(user) +
             text("test") + text("") + text("") + b"\0")
    if kind == VERIFY:
        frame += bytes([CODE]) + text(code)
    return struct.pack("<I", len(frame)) + frame


def answer(data):
    """The verdict's name, or the number of what went wrong, or None."""
    if len(data) < 12 or data[4:10] != MAGIC + REPLY:
        return None
    err = data[11]
    if err or data[10] != VERIFY:
        return err
    return VERDICTS[struct.unpack("<I", data[12:16])[0]]


def read_all(connection):
    data = b""
    while True:
        try:
            more = connection.recv(65536)
        except ConnectionResetError:
            return data
        if not more:
            return data
        data += more


def ask(path, frame):
    """As whoever runs this: the answer to one question at a socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(frame)
        return answer(read_all(connection))


class Service:
    """A verifier for each connection to the socket, as a service manager has
    it; words come before the program."""

    def __init__(self, site, words=()):
        self.path = f"{site.folder}/verifier.socket"
        self.process = subprocess.Popen(
            [*sandbox.BOUND, "systemd-socket-activate", "--listen", self.path,
             "--accept", "--inetd", *words, program, "--config",
             site.config],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"]})
        self.wait_until_it_listens()
        os.chmod(self.path, 0o666)

    def wait_until_it_listens(self):
        said = b""
        while b"Listening" not in said:
            ready, _, _ = select.select([self.process.stderr], [], [], 60)
            more = ready and os.read(self.process.stderr.fileno(), 4096)
            if not more:
                raise AssertionError(f"systemd-socket-activate: {said}")
            said += more
        # Nobody reads on, and it must not wait for anybody who does.
        subprocess.Popen([*sandbox.BOUND, "cat"], stdin=self.process.stderr,
                         stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.unlink(self.path)


def made_with(name):
    """A variable of the build's Makefile, such as libexecdir."""
    with open(f"{tap.build_dir()}/Makefile", encoding="utf-8") as file:
        values = dict(re.findall(r"^(\w+) = (.*)$", file.read(), re.M))
    value = values[name]
    while "$" in value:
        value = re.sub(r"\$[({](\w+)[)}]", lambda m: values[m[1]], value)
    return value


def install_setuid(site):
    """The program where the module looks for it, set-uid root, and a settings
    file where that looks for it; all of it in memory."""
    prefix = made_with("prefix")
    bench.run("mount", "-t", "tmpfs", "-o", "mode=755", "sallyport-prefix",
              prefix)
    path = made_with("verifierprogram")
    config = f"{made_with('confdir')}/sallyport.conf"
    for name in (path, config):
        os.makedirs(os.path.dirname(name), exist_ok=True)
    bench.run("install", "-m", "4755", program, path)
    bench.run("install", "-m", "644", site.config, config)
    return path


def as_user(user, *command, nnp=False):
    """The words that run a command as this user, with his groups."""
    how = ["--no-new-privs"] if nnp else []
    return ["setpriv", "--reuid", user, "--regid", user, "--init-groups",
            *how, *command]
