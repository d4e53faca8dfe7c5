"""Small disks of their own: file systems in files, through loop devices."""

import errno
import os
import shutil
import stat

import bench
import sandbox

LOOP_CONTROL = (10, 237)
LOOP_MAJOR = 7
LOOPS = 64

# Smaller than these, mkfs refuses to make one.
SIZES = {"ext4": "16M", "xfs": "320M", "btrfs": "128M"}
MAKE = {"ext4": ["-q", "-m", "0"], "xfs": ["-q"], "btrfs": ["-q"]}


def loop_devices():
    """The sandbox's own /dev has none; what they lead to is the kernel's."""
    if os.path.exists("/dev/loop-control"):
        return
    os.mknod("/dev/loop-control", stat.S_IFCHR | 0o600,
             os.makedev(*LOOP_CONTROL))
    for number in range(LOOPS):
        os.mknod(f"/dev/loop{number}", stat.S_IFBLK | 0o600,
                 os.makedev(LOOP_MAJOR, number))


def why_not(kind):
    """Why this machine has no such file system to offer; None: it has."""
    if shutil.which(f"mkfs.{kind}") is None:
        return f"there is no mkfs.{kind}"
    try:
        disk = new(f"try-{kind}", kind)
    except (AssertionError, OSError) as error:
        return f"no {kind} here: {str(error).splitlines()[0]}"
    disk.remove()
    return None


def new(name, kind, make=(), options="", solid=False):
    """An empty one, mounted; make are words for mkfs.

    A solid one has all its blocks from the start, for measuring times.
    """
    disk = Disk(name, kind)
    loop_devices()
    bench.run("truncate", "-s", SIZES[kind], disk.image)
    if solid:
        bench.run("shred", "-n", "0", "-z", disk.image)
    bench.run(f"mkfs.{kind}", *MAKE[kind], *make, disk.image)
    disk.mount(options)
    return disk


class Disk:
    """Mounted at .folder; its bytes are the file .image."""

    def __init__(self, name, kind):
        self.kind = kind
        self.folder = os.path.join(sandbox.DIR, name)
        self.image = f"{self.folder}.image"

    def mount(self, options=""):
        os.makedirs(self.folder, exist_ok=True)
        bench.run("mount", "-t", self.kind, "-o",
                  f"loop,{options}".rstrip(","), self.image, self.folder)

    def remount(self, options):
        bench.run("mount", "-o", f"remount,{options}", self.folder)

    def unmount(self):
        bench.run("umount", self.folder)

    def remove(self):
        self.unmount()
        os.unlink(self.image)

    def fill(self):
        """To the last block, and see that it is the last."""
        with open(f"{self.folder}/ballast", "wb") as file:
            size = 0
            for step in (1 << 20, 1 << 12):
                size = extend(file, size, step)
        more = self.add_files("block", b"x" * 4096)
        if self.add_files("last", b"x" * 4096):
            raise AssertionError(f"still not full after {more} more blocks")

    def empty(self):
        """Takes away what fill() put there."""
        for name in os.listdir(self.folder):
            if name.startswith(("ballast", "block", "last")):
                os.unlink(f"{self.folder}/{name}")

    def take_inodes(self, but):
        """All of them, but so many."""
        taken = self.add_files("inode", b"")
        for number in range(taken - but, taken):
            os.unlink(f"{self.folder}/inode{number}")

    def add_files(self, name, content):
        """As many files of this content as there can be; their number."""
        number = 0
        try:
            while True:
                path = f"{self.folder}/{name}{number}"
                with open(path, "wb", buffering=0) as file:
                    file.write(content)
                    os.fsync(file.fileno())
                number += 1
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return number

    def cut(self, name):
        """Itself as it would be found if the power failed now.

        What the kernel holds back in memory is not in the image.  Mounting
        the copy plays its journal, as the machine does when it comes back.
        """
        copy = Disk(name, self.kind)
        bench.run("cp", "--sparse=always", self.image, copy.image)
        copy.mount("nouuid" if self.kind == "xfs" else "")
        return copy


def extend(file, size, step):
    """Takes blocks in steps as long as there are some; the new size."""
    try:
        while True:
            os.posix_fallocate(file.fileno(), size, step)
            size += step
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return size
