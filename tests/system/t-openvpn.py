#!/usr/bin/python3
"""A real OpenVPN with its PAM plugin, in a network of our own."""

import os
import re
import stat

import bench
import callers
import sandbox
import tap
from bench import Bench
from journal import Journal
from talk import Talk

NAMES = ["anna", "bert", "cleo", "dora"]
PORT = 1194  # nobody else is in this network

# As Debian's openvpn-server@.service.
CONFINED = ("setpriv", "--bounding-set", "-all," + ",".join(
    f"+{name}" for name in (
        "ipc_lock", "net_admin", "net_bind_service", "net_raw", "setgid",
        "setuid", "setpcap", "sys_chroot", "dac_override", "audit_write")))

SERVER = """\
dev tun
server 10.99.0.0 255.255.255.0
local 127.0.0.1
port {port}
proto udp4
dh none
ca {folder}/server.crt
cert {folder}/server.crt
key {folder}/server.key
verify-client-cert none
verb 3
"""
CLIENT = """\
client
dev tun
remote 127.0.0.1 {port} udp4
nobind
ca {folder}/server.crt
verify-x509-name server name
route-nopull
verb 3
"""

site = journal = None
callers.need("/usr/sbin/openvpn")
if not os.path.exists("/dev/net/tun"):
    tap.skip_all("this machine has no tunnels")


def prepare():
    global site, journal
    callers.install()
    own_network()
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES)
    site.stack("openvpn", "openvpn")
    bench.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
              "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
              "-subj", "/CN=server", "-keyout", f"{site.folder}/server.key",
              "-out", f"{site.folder}/server.crt")
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def own_network():
    """With nothing but a loopback in it, and tunnels to come."""
    sandbox.own_network()
    os.makedirs("/dev/net")
    os.mknod("/dev/net/tun", stat.S_IFCHR | 0o600, os.makedev(10, 200))


def settings_of(stack, whose):
    """What the stack's comments say that server.conf or client.conf has."""
    with open(f"{bench.STACKS}/{stack}", encoding="utf-8") as file:
        return re.findall(rf"^# {whose}: (.*)$", file.read(), re.M)


def write(name, text, lines):
    with open(f"{site.folder}/{name}", "w", encoding="utf-8") as file:
        file.write(text.format(port=PORT, folder=site.folder))
        file.writelines(f"{line}\n" for line in lines)
    return f"{site.folder}/{name}"


class Server:
    def __init__(self, *left_out):
        lines = [line for line in settings_of("openvpn", "server.conf")
                 if line not in left_out]
        config = write("server.conf", SERVER, lines)
        self.talk = Talk([*sandbox.BOUND, *CONFINED, "openvpn",
                          "--config", config])
        self.talk.see("Initialization Sequence Completed")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.talk.stop()


def connect(user, code, password=None, settings=()):
    """A client that has typed all it is asked for."""
    lines = [*settings_of("openvpn", "client.conf"), *settings]
    config = write("client.conf", CLIENT, lines)
    talk = Talk([*sandbox.BOUND, "openvpn", "--config", config])
    talk.answer("Username:", user)
    talk.answer("Password:", password or site.passwords[user])
    talk.answer("One-time code", code)
    return talk


def gets_in(*words, **more):
    talk = connect(*words, **more)
    found = talk.see("Initialization Sequence Completed", "AUTH_FAILED")
    talk.stop()
    return found == 0


@tap.test("password and code open the tunnel, and a code only once")
def _():
    code = site.enrol("anna").code()
    mark = journal.mark()
    with Server():
        tap.expect(gets_in("anna", code), "kept out")
        tap.expect(journal.wait(mark, 'event=accepted.* rhost="127.0.0.1"'),
                   "the client's address is not known")
        tap.expect(not gets_in("anna", code), "it opened twice")


@tap.test("a wrong code is refused, and after a wrong password none is judged")
def _():
    phone = site.enrol("bert")
    with Server():
        tap.expect(not gets_in("bert", phone.wrong()), "let in")
        mark = journal.mark()
        tap.expect(not gets_in("bert", phone.code(), "not it"), "let in")
        tap.expect(not journal.since(mark, "pam_sallyport"), "it was judged")


@tap.test("with auth-gen-token a tunnel goes on when it authenticates again")
def _():
    with Server() as server:
        talk = connect("cleo", site.enrol("cleo").code(),
                       settings=["reneg-sec 3"])
        talk.see("Initialization Sequence Completed")
        server.talk.see("auth-token authentication succeeded")
        talk.stop()


@tap.test("without it the same code comes again, and the tunnel ends")
def _():
    with Server("auth-gen-token"):
        mark = journal.mark()
        talk = connect("dora", site.enrol("dora").code(),
                       settings=["reneg-sec 3"])
        talk.see("Initialization Sequence Completed")
        tap.expect(journal.wait(mark, "event=replayed", 60), "no replay")
        talk.stop()


tap.main(prepare)
