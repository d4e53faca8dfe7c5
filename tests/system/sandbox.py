"""A place where logging in changes nothing of the machine.

enter() moves the program into mount and process namespaces of its own.  There
/etc is a layer over the machine's /etc, and what a login writes to is fresh
and empty.  The kernel takes all of it down with the last process, and the
last process dies with the one that the user started, however that one ends.
"""

import ctypes
import fcntl
import os
import pathlib
import select
import signal
import socket
import stat
import struct
import subprocess
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

READY = "ready"
DIR = "/run/sallyport-try"  # inside: everything that belongs to the tests

# Written to by sshd, login, sudo, X or tmux; like /run, in memory here.
FRESH = ("/tmp", "/var/lib", "/var/log")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx")

# Before a command: it is killed as soon as we end.
BOUND = ("setpriv", "--pdeathsig", "KILL")


class Refused(Exception):
    """The machine does not let us have namespaces."""


def libc_call(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def mount(*arguments):
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(done.stderr.strip())


def enter(keep=()):
    """Go on in a private place; the folders in keep stay visible there, for
    users too, even where the way to them is closed outside.

    Only the first process of that place returns.  The one that was started
    waits and ends as it ends, or raises Refused with nothing changed.
    """
    reading, writing = os.pipe()
    outside = fork_bound()
    if outside != 0:
        os.close(writing)
        reason = os.read(reading, 4096).decode()
        if reason == READY:
            wait_and_end_as(outside)
        os.waitpid(outside, 0)
        raise Refused(reason or "the private place could not be made")
    try:
        libc_call("unshare", CLONE_NEWNS | CLONE_NEWPID)
        inside = fork_bound()
        if inside != 0:
            os.close(writing)
            wait_and_end_as(inside)
        furnish(keep)
    except (OSError, Refused) as error:
        os.write(writing, str(error).encode())
        os._exit(1)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    os.write(writing, READY.encode())
    os.close(writing)
    os.close(reading)


def fork_bound():
    """Fork a child that is killed as soon as we end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child != 0:
        os.close(reading)
        return child  # writing stays open for as long as we live
    os.close(writing)
    libc_call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([reading], [], [], 0)[0]:
        os._exit(1)  # the parent ended before it could take us along
    os.close(reading)
    return 0


def wait_and_end_as(child):
    """Hand on what asks us to end, then end with the child's status."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os._exit(status if status >= 0 else 128 - status)


def furnish(keep):
    mount("--make-rprivate", "/")
    mount("-t", "proc", "proc", "/proc")
    mount("-t", "tmpfs", "-o", "mode=755", "sallyport-run", "/run")
    layer_over_etc()
    fresh_folders(keep)
    private_devices()
    os.makedirs("/run/sshd")
    os.makedirs(DIR)
    os.chmod(DIR, 0o755)


def layer_over_etc():
    """An overlay; where the kernel refuses one, a copy."""
    os.makedirs("/run/upper")
    os.makedirs("/run/work")
    try:
        mount("-t", "overlay", "-o",
              "lowerdir=/etc,upperdir=/run/upper,workdir=/run/work",
              "sallyport-etc", "/etc")
    except Refused:
        subprocess.run(["cp", "-a", "/etc/.", "/run/upper"], check=True)
        mount("--bind", "/run/upper", "/etc")


def fresh_folders(keep):
    """Empty folders, except that those in keep are seen where they were."""
    windows = {}
    kept = sorted(set(map(os.path.realpath, keep)))
    empty = [*filter(os.path.isdir, FRESH), *closed_above(kept)]
    for place, folder in enumerate(kept):
        if beneath(folder, empty):
            windows[folder] = f"/run/keep/{place}"
            os.makedirs(windows[folder])
            mount("--rbind", folder, windows[folder])
    for fresh in empty:
        mode = "mode=1777" if fresh == "/tmp" else "mode=755"
        mount("-t", "tmpfs", "-o", mode, "sallyport-fresh", fresh)
    for folder, window in windows.items():
        os.makedirs(folder, exist_ok=True)
        mount("--move", window, folder)


def closed_above(folders):
    """On the way to each of these, the first folder that users may not enter,
    such as /root: what is built there is nothing that they could run."""
    closed = set()
    for folder in folders:
        way = [str(above) for above in reversed(pathlib.Path(folder).parents)]
        closed.update([above for above in way if not beneath(above, FRESH) and
                       not os.stat(above).st_mode & stat.S_IXOTH][:1])
    return closed


def beneath(path, folders):
    return path.startswith(tuple(f"{folder}/" for folder in folders))


def private_devices():
    """A /dev in which /dev/log can be ours."""
    new = "/run/dev"
    os.makedirs(new)
    mount("-t", "tmpfs", "-o", "mode=755", "sallyport-dev", new)
    for name in DEVICES:
        like = os.stat(f"/dev/{name}")
        os.mknod(f"{new}/{name}", stat.S_IFCHR, like.st_rdev)
        os.chmod(f"{new}/{name}", 0o666)
    os.makedirs(f"{new}/pts")
    mount("--rbind", "/dev/pts", f"{new}/pts")
    os.makedirs(f"{new}/shm")
    os.chmod(f"{new}/shm", 0o1777)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{new}/{name}")
    os.symlink("/proc/self/fd", f"{new}/fd")
    mount("--move", new, "/dev")


def own_network():
    """From now on, with nothing but a loopback in it."""
    libc_call("unshare", CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        request = fcntl.ioctl(control, SIOCGIFFLAGS, request)
        flags = struct.unpack("16sh14x", request)[1]
        fcntl.ioctl(control, SIOCSIFFLAGS,
                    struct.pack("16sh14x", b"lo", flags | IFF_UP))
