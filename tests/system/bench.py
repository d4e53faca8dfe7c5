"""One private installation of Sallyport, with accounts and PAM stacks.

Everything of it is in one folder, inside the sandbox.
"""

import hashlib
import json
import os
import re
import subprocess

import phone
import sandbox
import tap

STACKS = os.path.join(tap.ROOT, "data/stacks")


class Bench:
    def __init__(self, folder=sandbox.DIR, store=True, **settings):
        self.folder = folder
        self.config = f"{folder}/sallyport.conf"
        self.module = f"{tap.build_dir()}/pam_module/.libs/pam_sallyport.so"
        self.program = f"{tap.build_dir()}/tools/sallyport"
        self.passwords = {}
        for built in (self.module, self.program):
            if not os.path.exists(built):
                raise FileNotFoundError(f"{built} is not built: ./dev check")
        self.settings(**settings)
        if store:
            self.tool("setup")

    def settings(self, **settings):
        """Write the settings; what is not named has its default."""
        choices = {"store_dir": f"{self.folder}/store",
                   "key_file": f"{self.folder}/store.key",
                   "breach_lists": f"{self.folder}/lists/*.breach",
                   "issuer": "Sallyport", **settings}
        with open(self.config, "w", encoding="utf-8") as file:
            for name, value in choices.items():
                file.write(f"{name} = {value}\n")
        os.chmod(self.config, 0o644)

    def command(self, *words):
        return [self.program, "--config", self.config, *words]

    def tool(self, *words, text="", status=0):
        """Run the tool; its standard output.  Any other status raises."""
        done = subprocess.run(self.command(*words), input=text,
                              capture_output=True, text=True)
        if done.returncode != status:
            raise AssertionError(
                f"sallyport {' '.join(words)}: exit status {done.returncode}"
                f" instead of {status}\n{done.stdout}{done.stderr}")
        return done.stdout

    def facts(self, *words):
        return json.loads(self.tool("--json", *words))

    def add_users(self, *names):
        """Accounts with a password and a home each."""
        homes = f"{self.folder}/home"
        os.makedirs(homes, exist_ok=True)
        for name in names:
            run("useradd", "--no-create-home", "--shell", "/bin/sh",
                "--home-dir", f"{homes}/{name}", name)
            os.makedirs(f"{homes}/{name}")
            run("chown", f"{name}:", f"{homes}/{name}")
            self.passwords[name] = f"Password-of-{name}"
        self.store_passwords(names)

    def store_passwords(self, names):
        # -c: without the machine's rules for good passwords
        run("chpasswd", "-c", "SHA512", text="".join(
            f"{name}:{self.passwords[name]}\n" for name in names))

    def give_password(self, user, password):
        self.passwords[user] = password
        self.store_passwords([user])

    def breach(self, others=0, **passwords):
        """The list: how often each of these passwords was seen.

        And so many others, each seen once.
        """
        os.makedirs(f"{self.folder}/lists", exist_ok=True)
        self.list = f"{self.folder}/lists/all.breach"
        lines = [f"{sha1(word)}:{count}\n"
                 for word, count in passwords.items()]
        lines += [f"{sha1(f'other password {number}')}:1\n"
                  for number in range(others)]
        return self.tool("breach", "build", "-o", self.list, "-",
                         text="".join(sorted(lines)))

    def enrol(self, user, kind="totp"):
        """A phone for this user, as one brought from elsewhere."""
        uri = phone.new_uri(user, kind)
        self.tool("import", "uri", "--user", user, "--name", "phone", text=uri)
        return phone.Phone(uri)

    def recovery_codes(self, user):
        """New ones; the earlier ones are void."""
        return self.facts("recovery", "--user", user, "--yes")[
            "recovery_codes"]

    def stack(self, name, service, words="", passwords=None):
        """Let the PAM service use data/stacks/NAME.

        Only the module's path and its config= are put in; and the stack of
        that name in place of the machine's common-password.
        """
        with open(f"{STACKS}/{name}", encoding="utf-8") as file:
            lines = file.read()
        if passwords:
            with open(f"{STACKS}/{passwords}", encoding="utf-8") as file:
                lines = lines.replace("@include common-password\n",
                                      file.read())
        with open(f"/etc/pam.d/{service}", "w", encoding="utf-8") as file:
            file.write(lines.replace(
                "pam_sallyport.so",
                f"{self.module} config={self.config}{words}"))


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest().upper()


def sshd_settings(stack):
    """What the stack's comments say that sshd_config has to say."""
    with open(f"{STACKS}/{stack}", encoding="utf-8") as file:
        return re.findall(r"^# sshd_config: (.*)$", file.read(), re.M)


def run(*command, text=""):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout
