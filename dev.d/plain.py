"""The try on the machine itself, where there are no private namespaces.

What is added to the machine is first written down in a file; clean_up()
works off that file at the end, and clean_up_after_crash() at the next start.
Whoever holds the lock on the file is alive.  Where begin() was not called,
remember() and clean_up() do nothing.
"""

import fcntl
import os
import shutil
import signal
import subprocess

FOLDER = "/var/lib/sallyport-try"
NOTES = f"{FOLDER}/added-to-the-machine"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

notes = None  # ours, open and locked, from begin() to clean_up()


def begin():
    global notes
    try:
        os.mkdir(FOLDER, 0o755)
    except FileExistsError:
        raise SystemExit(f"try: another one is at work in {FOLDER}; let it "
                         "end first (if there is none, remove the folder)"
                         ) from None
    notes = open(NOTES, "x", encoding="utf-8")
    fcntl.flock(notes, fcntl.LOCK_EX)


def remember(kind, name):
    """Before it is added: file, folder, account; process: once it runs."""
    if notes is None:
        return
    if kind in ("file", "account"):
        refuse_to_replace(kind, name)
    notes.write(f"{kind} {name}\n")
    notes.flush()


def refuse_to_replace(kind, name):
    """What was there before is not ours, and would not survive clean_up."""
    there = os.path.lexists(name) if kind == "file" else subprocess.run(
        ["getent", "passwd", name], stdout=subprocess.DEVNULL).returncode == 0
    if there:
        raise SystemExit(f"try: the {kind} {name} exists already, and is not "
                         "from an earlier try; remove it first")


def clean_up():
    global notes
    if notes is not None:
        remove_what_was_added()
        notes.close()
        notes = None


def clean_up_after_crash():
    """What an earlier one left, unless it is still at work."""
    try:
        with open(NOTES, "r+", encoding="utf-8") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_what_was_added()
    except (FileNotFoundError, BlockingIOError):
        pass


def remove_what_was_added():
    # Signals wait: tidied up by half would be worse than not at all.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with open(NOTES, encoding="utf-8") as file:
        added = [line.split(maxsplit=1) for line in file.read().splitlines()]
    for kind, name in reversed(added):
        REMOVE[kind](name)
    shutil.rmtree(FOLDER)
    signal.pthread_sigmask(signal.SIG_SETMASK, held)


def remove_file(name):
    if os.path.lexists(name):
        os.unlink(name)


def remove_folder(name):
    if os.path.isdir(name) and not os.listdir(name):
        os.rmdir(name)


def remove_account(name):
    """With its processes: an account in use is not deleted."""
    found = subprocess.run(["id", "-u", name], capture_output=True, text=True)
    if found.returncode != 0:
        return
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid == int(found.stdout):
                os.kill(int(pid), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass
    subprocess.run(["userdel", "--force", name], capture_output=True)


def remove_process(pid):
    """Only if the number still is that of our sshd."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if FOLDER.encode() in file.read():
                os.kill(int(pid), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        pass


REMOVE = {"file": remove_file, "folder": remove_folder,
          "account": remove_account, "process": remove_process}
