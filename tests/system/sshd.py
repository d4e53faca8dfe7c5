"""An sshd of our own on the loopback, and the client to go with it."""

import os
import socket
import subprocess
import time

import bench
import sandbox
from talk import CODE, PASSWORD, Talk

SSHD = "/usr/sbin/sshd"
WELCOME = "logged-in-42"


class Sshd:
    """Started with the PAM service of this name.

    Up to OpenSSH 9.7 sshd takes its PAM service's name from the name that it
    was started by, so a link of another name makes another service; later
    ones have a setting for it.
    """

    def __init__(self, folder, service="sshd", settings=()):
        self.folder = f"{folder}/sshd-{service}-{time.monotonic_ns()}"
        os.makedirs(self.folder)
        self.port = free_port()
        self.log = f"{self.folder}/log"
        self.make_keys()
        self.write_config([*newer_settings(service), *settings])
        self.program = f"{self.folder}/{service}"
        os.symlink(SSHD, self.program)
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*sandbox.BOUND, self.program, "-D", "-E", self.log,
             "-f", f"{self.folder}/sshd_config"], stdin=subprocess.DEVNULL)
        self.wait_until_up()

    def make_keys(self):
        bench.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                  "-f", f"{self.folder}/host_key")
        with open(f"{self.folder}/host_key.pub", encoding="ascii") as file:
            key = " ".join(file.read().split()[:2])
        with open(f"{self.folder}/known_hosts", "w", encoding="ascii") as file:
            file.write(f"[127.0.0.1]:{self.port} {key}\n")

    def write_config(self, settings):
        # The first mention counts in sshd_config, so a stack's own come first;
        # but what stands behind a Match is for those whom it names.
        match = next((place for place, line in enumerate(settings)
                      if line.startswith("Match ")), len(settings))
        lines = [*settings[:match],
                 f"Port {self.port}",
                 "ListenAddress 127.0.0.1",
                 f"HostKey {self.folder}/host_key",
                 f"PidFile {self.folder}/pid",
                 "UsePAM yes",
                 "KbdInteractiveAuthentication yes",
                 "PasswordAuthentication no",
                 "KexAlgorithms curve25519-sha256",
                 "Subsystem sftp internal-sftp",
                 "MaxStartups 200",
                 "LogLevel VERBOSE",
                 "PrintMotd no",
                 "StrictModes no",
                 *settings[match:]]
        with open(f"{self.folder}/sshd_config", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def wait_until_up(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        with open(self.log, encoding="utf-8") as file:
            raise AssertionError(f"sshd did not start:\n{file.read()}")

    def client_command(self, user, *options):
        """The real ssh, which asks once and trusts no other host key."""
        return ["ssh", "-F", "/dev/null", "-p", str(self.port),
                "-o", f"UserKnownHostsFile={self.folder}/known_hosts",
                "-o", "StrictHostKeyChecking=yes",
                "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                "-o", "NumberOfPasswordPrompts=1", *options,
                f"{user}@127.0.0.1", "echo logged-in-$((6*7))"]

    def copy_command(self, user, source, target, *options):
        """The same client, for scp."""
        *words, _, _ = self.client_command(user, *options)
        port = words.index("-p")
        return ["scp", *words[1:port], "-P", *words[port + 1:], source,
                f"{user}@127.0.0.1:{target}"]

    def connect(self, user, key=None):
        """An ssh client at its first prompt, or already through."""
        options = ["-i", key] if key else ["-o", "PubkeyAuthentication=no"]
        return Talk(self.client_command(user, *options))

    def login(self, user, *answers, key=None):
        """Answer prompts in turn; ("in" or "refused", what was said).

        answers are (prompt, text) pairs.
        """
        talk = self.connect(user, key)
        for prompt, text in answers:
            talk.answer(prompt, text)
        return finish(talk)

    def wait_until_quiet(self, seconds=10):
        """Until every connection has ended."""
        pid = self.process.pid
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with open(f"/proc/{pid}/task/{pid}/children",
                      encoding="ascii") as file:
                if not file.read().strip():
                    return
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def newer_settings(service):
    """What sshds since OpenSSH 9.8 have to be told."""
    with open(SSHD, "rb") as file:
        names = file.read().lower()
    lines = []
    if service != "sshd" and b"pamservicename" in names:
        lines.append(f"PAMServiceName {service}")
    if b"persourcepenalties" in names:
        # All our clients have one address, and many are refused on purpose.
        lines.append("PerSourcePenalties no")
    return lines


def finish(talk):
    """How a login that was answered went."""
    found = talk.see(WELCOME, "Permission denied", "Connection closed",
                     "Received disconnect", CODE, PASSWORD)
    if found >= 4:
        talk.stop()
        return "asked again", talk.text
    return ("in" if found == 0 else "refused"), talk.end()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_key(folder, home, user):
    """A key pair that logs this user in; the private key's path."""
    path = f"{folder}/key-of-{user}"
    bench.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
    os.makedirs(f"{home}/.ssh")
    bench.run("cp", f"{path}.pub", f"{home}/.ssh/authorized_keys")
    bench.run("chown", "-R", f"{user}:", f"{home}/.ssh")
    return path
