#!/usr/bin/python3
"""A real sshd that lets some off: by hardware-backed key, and by network.

The keys are of the real types and sshd checks real signatures; only the
token is a library of our own, sk-middleware.c.
"""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd, finish, new_key
from talk import CODE, Talk

STACK = "sshd-hardware-key"
NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred"]

site = journal = sshd = middleware = None
phones, plain = {}, {}


def prepare():
    global site, journal, sshd, middleware
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    for name in NAMES:
        phones[name] = site.enrol(name)
        plain[name] = new_key(site.folder, home(name), name)
    middleware = f"{site.folder}/sk-middleware.so"
    source = os.path.join(os.path.dirname(__file__), "sk-middleware.c")
    bench.run("cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror",
              "-o", middleware, source, "-lhogweed", "-lnettle", "-lgmp")
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def home(user):
    return f"{site.folder}/home/{user}"


def append(path, text):
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def hardware_key(user, kind="ed25519-sk", options="", words=()):
    """A key in a token, taken up in the user's authorized_keys."""
    path = f"{site.folder}/{kind}-of-{user}-{len(os.listdir(site.folder))}"
    bench.run("ssh-keygen", "-q", "-t", kind, "-w", middleware, "-N", "",
              *words, "-f", path)
    with open(f"{path}.pub", encoding="ascii") as file:
        append(f"{home(user)}/.ssh/authorized_keys",
               f"{options} {file.read()}".lstrip())
    return path


def login(server, user, key, *options):
    """("in", "refused" or "asked again", what was said), answering nothing."""
    return finish(Talk(server.client_command(
        user, "-i", key, "-o", f"SecurityKeyProvider={middleware}", *options)))


def expect_in(server, user, key, by, *options):
    mark = journal.mark()
    outcome, text = login(server, user, key, *options)
    tap.expect(outcome == "in", f"{outcome}: {text}")
    tap.expect(journal.wait(mark, f'event=exempt user="{user}".* by={by}'),
               f"the log does not say by={by}")


def expect_asked(server, user, key, *options):
    outcome, text = login(server, user, key, *options)
    tap.expect(outcome == "asked again", f"{outcome}: {text}")


def another(*settings):
    """An sshd with these settings before the stack's own."""
    return Sshd(site.folder, "sshd",
                [*settings, *bench.sshd_settings(STACK)])


@tap.test("a key that lives in a token opens without a code")
def _():
    for kind in ("ed25519-sk", "ecdsa-sk"):
        expect_in(sshd, "anna", hardware_key("anna", kind), 'key type="sk-')


@tap.test("so does a certificate for such a key")
def _():
    authority = f"{site.folder}/authority"
    bench.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority)
    server = another(f"TrustedUserCAKeys {authority}.pub",
                     "AuthorizedKeysFile none")
    for kind in ("ed25519-sk", "ecdsa-sk"):
        key = hardware_key("bert", kind)
        bench.run("ssh-keygen", "-q", "-s", authority, "-I", "bert",
                  "-n", "bert", f"{key}.pub")
        expect_in(server, "bert", key, 'key type="sk-[a-z0-9-]*-cert-v01@')


@tap.test("any other key is asked for a code, and let in with it")
def _():
    expect_asked(sshd, "fred", plain["fred"])
    outcome, text = sshd.login("fred", (CODE, phones["fred"].code()),
                               key=plain["fred"])
    tap.expect(outcome == "in", text)


@tap.test("a token's key that is offered but not used is no help")
def _():
    key = hardware_key("cleo")
    os.rename(key, f"{key}.hidden")
    expect_asked(sshd, "cleo", plain["cleo"], "-i", f"{key}.pub")


@tap.test("nothing that a user can set for his session looks like a token")
def _():
    key = hardware_key("dora")
    with open(f"{key}.pub", encoding="ascii") as file:
        line = "publickey " + " ".join(file.read().split()[:2])
    folder = home("dora")
    with open(f"{folder}/.ssh/authorized_keys", encoding="ascii") as file:
        lines = file.read()
    with open(f"{folder}/.ssh/authorized_keys", "w", encoding="ascii") as file:
        file.write(f'environment="SSH_AUTH_INFO_0={line}" {lines}')
    append(f"{folder}/.ssh/environment",
           f"SSH_AUTH_INFO_0={line}\nSSH_CONNECTION=127.0.0.1 1 ::1 22\n")
    append(f"{folder}/.pam_environment",
           f'SSH_AUTH_INFO_0 DEFAULT="{line}"\n')
    path = "/etc/pam.d/sshd"
    with open(path, encoding="utf-8") as file:
        stack = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write("auth required pam_env.so user_readenv=1\n" + stack)
    server = another("PermitUserEnvironment yes", "AcceptEnv *",
                     "ExposeAuthInfo yes")
    expect_asked(server, "dora", plain["dora"],
                 "-o", f"SetEnv=SSH_AUTH_INFO_0='{line}'")
    command = server.client_command(
        "dora", "-i", key, "-o", f"SecurityKeyProvider={middleware}")
    talk = Talk([*command[:-1], "echo $SSH_AUTH_INFO_0"])
    tap.expect(line[:40] in talk.end(), f"no forgery at all: {talk.text}")
    site.stack(STACK, "sshd")


@tap.test("a token alone, without keyboard-interactive, is stopped by guard")
def _():
    server = another("AuthenticationMethods publickey")
    mark = journal.mark()
    outcome, text = login(server, "anna", hardware_key("anna"))
    tap.expect(outcome == "refused", f"{outcome}: {text}")
    tap.expect(journal.wait(mark, "guard-refused"), "guard did not refuse")


@tap.test("without trust=sshd a token is asked for a code like any key")
def _():
    site.stack("sshd-key-code", "sshd", " exempt_keys=sk")
    expect_asked(sshd, "egon", hardware_key("egon"))
    site.stack(STACK, "sshd")


@tap.test("a token that need not be touched counts too, as the manual says")
def _():
    key = hardware_key("egon", options="no-touch-required",
                       words=["-O", "no-touch-required"])
    expect_in(sshd, "egon", key, "key")


@tap.test("a client in an exempt network is not asked, also with names looked up")
def _():
    site.stack(STACK, "sshd", " exempt_networks=127.0.0.0/8")
    for setting in ("UseDNS no", "UseDNS yes"):
        expect_in(another(setting), "fred", plain["fred"],
                  'network address="127.0.0.1"')
    site.stack(STACK, "sshd", " exempt_networks=192.0.2.0/24")
    expect_asked(sshd, "fred", plain["fred"])
    site.stack(STACK, "sshd")


@tap.test("without trust=sshd an address in PAM_RHOST exempts, and no name")
def _():
    site.stack("sshd-key-code", "sshd", " exempt_networks=127.0.0.0/8")
    expect_in(another("UseDNS no"), "fred", plain["fred"], "network")
    expect_asked(another("UseDNS yes"), "fred", plain["fred"])
    site.stack(STACK, "sshd")


tap.main(prepare)
