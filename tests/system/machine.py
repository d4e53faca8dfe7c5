"""The machine's own sshd, in the sandbox: with its files where they always are,
as Debian brings them, and the module where libpam looks for it."""

import glob
import os
import re
import shutil

import bench
import tap
from sshd import Sshd
from talk import Talk

MAIN = "/etc/ssh/sshd_config"
DROP_INS = "/etc/ssh/sshd_config.d"
INCLUDE = f"Include {DROP_INS}/*.conf"
FOLDERS = ("/etc/pam.d", "/etc/ssh", DROP_INS, "/etc/cron.d",
           "/etc/systemd/system", "/etc/systemd/system/timers.target.wants")


class MainSshd(Sshd):
    """With the machine's settings, which let a password in."""

    def write_config(self, settings):
        self.lines = [
            f"Port {self.port}", "ListenAddress 127.0.0.1",
            f"HostKey {self.folder}/host_key", f"PidFile {self.folder}/pid",
            "KbdInteractiveAuthentication no", "UsePAM yes",
            "X11Forwarding yes", "PrintMotd no", "StrictModes no",
            "KexAlgorithms curve25519-sha256", "LogLevel VERBOSE",
            "Subsystem sftp internal-sftp", *settings]
        self.write_main(INCLUDE)
        os.symlink(MAIN, f"{self.folder}/sshd_config")

    def write_main(self, *first):
        with open(MAIN, "w", encoding="utf-8") as file:
            file.write("\n".join([*first, *self.lines]) + "\n")

    def shell(self, user, *answers, key=None):
        """An interactive login that is through."""
        options = ["-i", key] if key else ["-o", "PubkeyAuthentication=no"]
        *command, _ = self.client_command(user, "-tt", *options)
        talk = Talk(command)
        for prompt, text in answers:
            talk.answer(prompt, text)
        talk.see(r"\$ $")
        return talk


def prepare(*modules):
    """What MainSshd and the tool expect; before the first of them.

    These modules are beside ours, for libpam to find by their names.
    """
    folder = os.path.dirname(glob.glob("/lib/*/security/pam_unix.so")[0])
    copy = "/run/security"
    shutil.copytree(folder, copy)
    ours = f"{tap.build_dir()}/pam_module/.libs/pam_sallyport.so"
    for module in ours, *modules:
        shutil.copy(module, copy)
    bench.run("mount", "--bind", copy, folder)
    os.makedirs("/etc/cron.d", exist_ok=True)
    shutil.rmtree(DROP_INS, ignore_errors=True)
    os.makedirs(DROP_INS)


def remove_module(name):
    """What was copied there in prepare()."""
    os.remove(f"/run/security/{name}")


def let_sudo(*users):
    """They become root without a question."""
    path = "/etc/sudoers.d/test"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{','.join(users)} ALL=(ALL) NOPASSWD: ALL\n")
    os.chmod(path, 0o440)


def sudo(talk, command):
    """What root's command says in that login, and its exit status."""
    begun = len(talk.text)
    talk.child.sendline(f"sudo {' '.join(command)}; echo status-$?-end")
    talk.see(r"status-\d+-end")
    text = talk.text[begun:]
    return text, int(re.search(r"status-(\d+)-end", text).group(1))


def snapshot():
    """Every file that setting up could touch, with its mode."""
    files = {}
    for folder in FOLDERS:
        for path in glob.glob(f"{folder}/*"):
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    files[path] = os.stat(path).st_mode, file.read()
    return files
