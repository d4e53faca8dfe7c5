#!/usr/bin/python3
"""How long a right code takes, and how that grows with a site.

    bench-attempt.py PEERS

PEERS is a folder with the unpacked packages of other modules.  Everything
happens in a private place (tests/system/sandbox.py), on disks of its own and
in one folder of the build's disk, and is gone at the end.
"""

import base64
import glob
import hmac
import os
import statistics
import struct
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, f"{ROOT}/tests/system")

# pylint: disable=wrong-import-position
import bench
import disk
import sandbox
import tap
import verifier

KEY = b"12345678901234567890"
NOON = 1800014400  # when attempt.c's clock begins
STEP = 30
USER = 25000  # who logs in; one in the middle
CROWD = 50000
CROWD_BYTES = 1 << 30  # what that many take in memory, generously
FIRST_UID = 100000

ROUNDS = 600
WARM_UP = 10  # rounds that are not counted
SECONDS = 20  # at most, for one table

OURS, GOOGLE, OATH = "Sallyport", "libpam-google-authenticator", "libpam-oath"
PERMIT, FLOOR = "pam_permit", "open, write, fdatasync"
LIBRARIES = "only loading our libraries"
MODULES = {GOOGLE: "pam_google_authenticator.so", OATH: "pam_oath.so"}

PEERS_MOST = 0.6  # of a peer's time
CROWD_MOST = 1.05  # of the time with one user; the rest is noise
LIST_MOST = 2.0  # seconds
SOCKET, SETUID = "through the socket", "through set-uid"
VERIFIER_MOST = {SOCKET: 3.0, SETUID: 4.0}  # milliseconds more

SYNCS = ("fsync", "sync", "syncfs", "sync_file_range", "msync")
RENAMES = ("rename", "renameat", "renameat2")
MAKERS = ("creat", "link", "linkat", "symlink", "symlinkat", "mkdir",
          "mkdirat", "mknod", "mknodat")
OPENS = ("open", "openat", "openat2")

build = f"{ROOT}/build/bench"


# ---- what takes part ----


def code(step):
    """RFC 6238's, of six digits."""
    mac = hmac.new(KEY, struct.pack(">Q", step), "sha1").digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff
    return f"{number % 10**6:06}"


def codes(rounds):
    return "".join(f"{code(NOON // STEP + n)}\n" for n in range(rounds))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o600)
    return path


class Place:
    """A folder in which each contender keeps what it remembers.

    What they are set up with is in memory, whatever disk the folder is on.
    """

    def __init__(self, folder, peers=None):
        self.folder = folder
        self.stacks = tempfile.mkdtemp(dir=sandbox.DIR)
        self.peers = peers or {}

    def stack(self, name, line):
        folder = f"{self.stacks}/{name.split()[0]}"
        write(f"{folder}/other", "")
        write(f"{folder}/bench", f"auth required {line}\n")
        return folder

    def sallyport(self, name=OURS, first=USER, count=1):
        store = f"{self.folder}/store-{count}"
        settings = write(f"{self.stacks}/settings-{count}",
                         f"store_dir = {store}\nkey_file = {store}.key\n")
        bench.run(f"{build}/enrol", settings, str(first), str(count))
        module = f"{tap.build_dir()}/pam_module/.libs/pam_sallyport.so"
        return self.stack(name, f"{module} config={settings}"), settings

    def google(self):
        secret = write(f"{self.folder}/google_authenticator",
                       f"{base64.b32encode(KEY).decode()}\n"
                       '" RATE_LIMIT 3 30\n" DISALLOW_REUSE\n" TOTP_AUTH\n')
        return self.stack(
            GOOGLE, f"{self.peers[GOOGLE]} secret={secret} user=root")

    def oath(self):
        users = write(f"{self.folder}/users.oath",
                      f"HOTP/T{STEP}/6 user{USER} - {KEY.hex()}\n")
        return self.stack(
            OATH, f"{self.peers[OATH]} usersfile={users} window=3 digits=6")

    def libraries(self):
        return self.stack("libraries", f"{build}/only-libraries.so")

    def floor(self):
        return write(f"{self.folder}/floor", "\0" * 8192)

    def everybody(self):
        """By name: what attempt.c wants to know of each contender."""
        found = {OURS: self.sallyport()[0]}
        if GOOGLE in self.peers:
            found[GOOGLE] = self.google()
        if OATH in self.peers:
            found[OATH] = self.oath()
        found[PERMIT] = self.stack(PERMIT, "pam_permit.so")
        found[LIBRARIES] = self.libraries()
        found[FLOOR] = self.floor()
        return found


def find_peers(folder):
    found = {}
    for name, file in MODULES.items():
        for path in glob.glob(f"{folder}/**/{file}", recursive=True):
            found[name] = path
    return found


# ---- measuring ----


def attempt(contenders, rounds, seconds=SECONDS, before=()):
    """Rounds of nanoseconds, one column a contender."""
    output = bench.run(
        *before, f"{build}/attempt", f"user{USER}", str(rounds), str(seconds),
        *contenders.values(), text=codes(rounds))
    return [list(map(int, line.split())) for line in output.splitlines()]


def compare(contenders):
    """By name: its times and those that the first took in the same rounds."""
    rounds = attempt(contenders, ROUNDS + WARM_UP)[WARM_UP:]
    if not rounds:
        raise AssertionError(f"not {WARM_UP} rounds in {SECONDS} s")
    columns = dict(zip(contenders, zip(*rounds)))
    first = next(iter(columns.values()))
    return {name: (column, [a / b for a, b in zip(first, column)])
            for name, column in columns.items()}


def verdict(reached):
    return "reached" if reached else "MISSED"


def table(title, contenders, targets):
    """Prints it; targets by name, what the first may take of its time.

    Returns the times, by name.
    """
    columns = compare(contenders)
    first = next(iter(columns))
    rounds = len(columns[first][0])
    print(f"\n{title}; {rounds} rounds")
    print(f"  {'microseconds':<28} {'median':>8} {'10 %':>8} {'90 %':>8}"
          f"   {first} takes")
    for name, (times, ratios) in columns.items():
        tenths = statistics.quantiles(times, n=10)
        row = (f"  {name:<28} {statistics.median(times) / 1000:8.1f}"
               f" {tenths[0] / 1000:8.1f} {tenths[-1] / 1000:8.1f}")
        if name != first:
            ratio = statistics.median(ratios)
            row += f"   {ratio:.2f} of it"
            if name in targets:
                row += (f" (at most {targets[name]:.2f}:"
                        f" {verdict(ratio <= targets[name])})")
        print(row)
    sys.stdout.flush()
    return {name: times for name, (times, _) in columns.items()}


def beside_peers(title, contenders):
    """And what no module with our libraries can be quicker than, there."""
    targets = {name: PEERS_MOST for name in MODULES if name in contenders}
    times = table(title, contenders, targets)
    for peer in targets:
        least = statistics.median(
            (libraries + floor) / other for libraries, floor, other
            in zip(times[LIBRARIES], times[FLOOR], times[peer]))
        print(f"  {LIBRARIES}, and one write, take {least:.2f} of {peer}")
    sys.stdout.flush()


# ---- what an attempt does to the disk ----


def calls_of(trace):
    """(name, the whole line) of each system call."""
    with open(trace, encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split(maxsplit=1)
            if len(words) == 2 and "(" in words[1]:
                yield words[1].split("(")[0], words[1]


def count_calls(contender):
    trace = f"{sandbox.DIR}/trace"
    attempt({"one": contender}, 1, before=["strace", "-f", "-o", trace])
    counts = {"fdatasync": 0, "other syncs": 0, "renames": 0, "new files": 0}
    for name, line in calls_of(trace):
        if name == "fdatasync":
            counts["fdatasync"] += 1
        elif name in SYNCS:
            counts["other syncs"] += 1
        elif name in RENAMES:
            counts["renames"] += 1
        elif name in MAKERS or name in OPENS and (
                "O_CREAT" in line or "O_TMPFILE" in line):
            counts["new files"] += 1
    return counts


def print_calls(contenders):
    """Of a first attempt, by strace, with the start of the program."""
    print("\nwhat one attempt asks of the disk, as strace counts it")
    for name, contender in contenders.items():
        counts = count_calls(contender)
        row = ", ".join(f"{count} {what}" for what, count in counts.items())
        if name == OURS:
            row += f" ({verdict(list(counts.values()) == [1, 0, 0, 0])})"
        print(f"  {name:<28} {row}")
    sys.stdout.flush()


# ---- many users ----


def add_crowd():
    """To the user database, which in here is ours."""
    with open("/etc/passwd", "a", encoding="ascii") as file:
        file.writelines(
            f"user{n}:x:{FIRST_UID + n}:{FIRST_UID + n}::/:/bin/sh\n"
            for n in range(CROWD))


def children_seconds():
    spent = os.times()
    return spent.children_user + spent.children_system


def list_seconds(settings):
    """By the clock, and of the processor."""
    began, spent = time.monotonic(), children_seconds()
    listed = bench.run(f"{tap.build_dir()}/tools/sallyport", "--config",
                       settings, "list")
    seconds = time.monotonic() - began, children_seconds() - spent
    rows = listed.count(" ok ")
    if rows != CROWD:
        raise AssertionError(f"{rows} of {CROWD} users listed as ok")
    return seconds


def crowd(place):
    began = time.monotonic()
    one = place.sallyport("one")[0]
    many, settings = place.sallyport("many", 0, CROWD)
    print(f"\n{CROWD} users were enrolled in"
          f" {time.monotonic() - began:.1f} s", flush=True)
    table(f"{CROWD} enrolled, and one; in memory (tmpfs)",
          {f"{CROWD} enrolled": many, "1 enrolled": one},
          {"1 enrolled": CROWD_MOST})
    add_crowd()
    seconds, computing = sorted(list_seconds(settings) for _ in range(3))[1]
    print(f"\n`sallyport list` of {CROWD} takes {seconds:.2f} s, the processor"
          f" {computing:.2f} s of it (less than {LIST_MOST:.0f} s:"
          f" {verdict(seconds < LIST_MOST)})", flush=True)


def room_for_crowd():
    room = os.statvfs(sandbox.DIR)
    with open("/proc/meminfo", encoding="ascii") as file:
        free = next(int(line.split()[1]) * 1024 for line in file
                    if line.startswith("MemAvailable"))
    return min(room.f_bavail * room.f_frsize, free) > CROWD_BYTES


# ---- through the verifier ----


class Asking:
    """A store of its own, and the stack of a program that has to ask about it;
    what bench.Bench is to verifier.py."""

    def __init__(self, place, name, socket="/nowhere"):
        self.folder = f"{place.folder}/{name}"
        self.config = write(
            f"{self.folder}/settings",
            f"store_dir = {self.folder}/store\n"
            f"key_file = {self.folder}/key\nverifier_socket = {socket}\n")
        # The verifier has a clock of its own, so the codes are counted.
        bench.run(f"{build}/enrol", self.config, str(USER), "1", "token")
        module = f"{tap.build_dir()}/pam_module/.libs/pam_sallyport.so"
        self.stack = place.stack(name, f"{module} config={self.config}")
        bench.run("chmod", "-R", "go+rX", place.stacks, self.config)


def add_user():
    with open("/etc/passwd", "a", encoding="ascii") as file:
        file.write(f"user{USER}:x:{FIRST_UID + USER}:{FIRST_UID + USER}"
                   "::/:/bin/sh\n")


def through_verifier(place):
    add_user()
    here = Asking(place, "here")
    socket = Asking(place, "socket", f"{place.folder}/socket/verifier.socket")
    setuid = Asking(place, "setuid")
    verifier.install_setuid(setuid)
    service = verifier.Service(socket)
    columns = compare({OURS: here.stack, SOCKET: f"@{socket.stack}",
                       SETUID: f"@{setuid.stack}"})
    service.stop()
    in_process = columns[OURS][0]
    print(f"\nby a user's program, in memory (tmpfs);"
          f" {len(in_process)} rounds")
    for name, most in VERIFIER_MOST.items():
        times = columns[name][0]
        more = statistics.median(
            (a - b) / 1e6 for a, b in zip(times, in_process))
        print(f"  {name:<28} {statistics.median(times) / 1000:8.1f} us,"
              f" {more:.2f} ms more than in process"
              f" (at most {most:.0f}: {verdict(more <= most)})")
    sys.stdout.flush()


# ---- where ----


def disk_of(folder):
    """The kind of file system, and what it is on."""
    return bench.run("findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T",
                     folder).split()


def on_own_ext4(peers, work):
    """An ext4 in a file on the build's disk: nobody else writes there."""
    kind, source = disk_of(work)
    try:
        own = disk.new(f"{work}/ext4", "ext4", solid=True)
    except (AssertionError, OSError) as error:
        print(f"\nno ext4 of its own: {error}")
        return
    os.unlink(own.image)  # gone with the mount, however this ends
    try:
        beside_peers(f"on an ext4 of its own, in a file on {kind} ({source})",
                     Place(own.folder, peers).everybody())
    finally:
        own.unmount()


def on_build_disk(peers, work):
    kind, source = disk_of(work)
    folder = f"{work}/here"
    os.makedirs(folder)
    beside_peers(f"on the build's own disk, {kind} ({source})",
                 Place(folder, peers).everybody())


def in_memory(name, peers):
    folder = f"{sandbox.DIR}/{name}"
    os.makedirs(folder)
    return Place(folder, peers)


def measure(peers, work):
    print("A login with a right code, from pam_start to pam_end in process.\n"
          "Ratios are medians over rounds in which each had its turn.")
    for name in MODULES:
        if name not in peers:
            print(f"{name} is not there to compare with")
    load, processors = os.getloadavg()[0], os.cpu_count()
    if load > processors / 2:
        print(f"The machine is busy (load {load:.1f}, {processors}"
              " processors): everything takes longer.")
    print_calls(in_memory("calls", peers).everybody())
    table("in memory (tmpfs)", in_memory("memory", peers).everybody(), {})
    through_verifier(in_memory("verifier", peers))
    on_own_ext4(peers, work)
    on_build_disk(peers, work)
    if room_for_crowd():
        crowd(in_memory("crowd", peers))
    else:
        print(f"\nno memory here for {CROWD} users")


def main():
    peers = sys.argv[1]
    try:
        sandbox.enter([ROOT, tap.build_dir(), peers])
    except sandbox.Refused as refusal:
        sys.exit(f"bench: this machine allows no private namespaces"
                 f" ({refusal})")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=build) as work:
        measure(find_peers(peers), work)
    print(f"\nall of it in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
