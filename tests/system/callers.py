"""Programs of others that call PAM, unpacked in build/callers by ./dev check
and installed nowhere."""

import glob
import os
import socket
import time

import tap

FOLDER = os.path.join(tap.ROOT, "build/callers")


def program(name):
    """Its path; without it no test of the file can run."""
    path = os.path.join(FOLDER, name)
    if not os.path.exists(path):
        tap.skip_all(f"{name} is not unpacked here: ./dev check does that")
    return path


def library(name):
    """The same, of what stands in a folder of the machine's kind."""
    found = glob.glob(f"{FOLDER}/usr/lib/*-linux-gnu/{name}")
    return program(os.path.relpath(found[0], FOLDER) if found else name)


def environment():
    """What lets them find their libraries."""
    folders = glob.glob(f"{FOLDER}/usr/lib/*-linux-gnu") + glob.glob(
        f"{FOLDER}/lib/*-linux-gnu")
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": ":".join(folders)}


def wait_for_port(port, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens at port {port}")
