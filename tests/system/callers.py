"""Programs of others that call PAM, unpacked in build/callers by ./dev check
and installed nowhere."""

import os
import socket
import time

import sandbox
import tap

FOLDER = os.path.join(tap.ROOT, "build/callers")


def need(*paths):
    """Without these no test of the file can run."""
    for path in paths:
        if not os.path.exists(f"{FOLDER}{path}"):
            tap.skip_all(f"{path} is not unpacked: ./dev check does that")


def install():
    """Let them stand where their packages would put them: in a layer over
    /usr and /lib, inside the sandbox alone."""
    for name in ("usr", "lib"):
        if not os.path.isdir(f"{FOLDER}/{name}"):
            continue
        upper, work = f"/run/callers/{name}/upper", f"/run/callers/{name}/work"
        os.makedirs(upper)
        os.makedirs(work)
        sandbox.mount("-t", "overlay", "-o", f"lowerdir={FOLDER}/{name}:"
                      f"/{name},upperdir={upper},workdir={work}",
                      "sallyport-callers", f"/{name}")


def wait_for_port(port, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nobody listens at port {port}")
