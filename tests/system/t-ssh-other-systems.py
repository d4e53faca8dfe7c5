#!/usr/bin/python3
"""The stacks for RHEL and Arch, with those systems' own files around them."""

import os

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd
from talk import CODE, PASSWORD

# What the stacks include, as these systems install it.
RHEL = {
    "password-auth": """\
auth        required      pam_env.so
auth        required      pam_faildelay.so delay=2000000
auth        sufficient    pam_unix.so nullok
auth        required      pam_deny.so
account     required      pam_unix.so
password    sufficient    pam_unix.so sha512 shadow nullok use_authtok
password    required      pam_deny.so
session     optional      pam_keyinit.so revoke
session     required      pam_limits.so
-session    optional      pam_systemd.so
session     [success=1 default=ignore] pam_succeed_if.so \\
    service in crond quiet use_uid
session     required      pam_unix.so
""",
    "postlogin": """\
session     optional      pam_umask.so silent
session     [success=1 default=ignore] pam_succeed_if.so \\
    service !~ gdm* service !~ su* quiet
session     [default=1]   pam_lastlog.so nowtmp showfailed
session     optional      pam_lastlog.so silent noupdate showfailed
""",
}
ARCH = {
    "system-auth": """\
auth       required                    pam_faillock.so      preauth
-auth      [success=2 default=ignore]  pam_systemd_home.so
auth       [success=1 default=bad]     pam_unix.so try_first_pass nullok
auth       [default=die]               pam_faillock.so      authfail
auth       optional                    pam_permit.so
auth       required                    pam_env.so
auth       required                    pam_faillock.so      authsucc
-account   [success=1 default=ignore]  pam_systemd_home.so
account    required                    pam_unix.so
account    optional                    pam_permit.so
account    required                    pam_time.so
-password  [success=1 default=ignore]  pam_systemd_home.so
password   required                    pam_unix.so try_first_pass nullok shadow
password   optional                    pam_permit.so
-session   optional                    pam_systemd_home.so
session    required                    pam_limits.so
session    required                    pam_unix.so
session    optional                    pam_permit.so
""",
    "system-login": """\
auth       required   pam_shells.so
auth       requisite  pam_nologin.so
auth       include    system-auth
account    required   pam_access.so
account    required   pam_nologin.so
account    include    system-auth
password   include    system-auth
session    optional   pam_loginuid.so
session    optional   pam_keyinit.so       force revoke
session    include    system-auth
session    optional   pam_motd.so
session    optional   pam_mail.so          dir=/var/spool/mail standard quiet
session    optional   pam_umask.so
-session   optional   pam_systemd.so
session    required   pam_env.so
""",
    "system-remote-login": """\
auth      include   system-login
account   include   system-login
password  include   system-login
session   include   system-login
""",
}

site = journal = None


def prepare():
    global site, journal
    journal = Journal()
    site = Bench()
    site.add_users("anna", "bert")
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def shows(stack, files, user):
    """Right once, replayed never, and no question after a wrong password."""
    for name, text in files.items():
        with open(os.path.join("/etc/pam.d", name), "w",
                  encoding="utf-8") as file:
            file.write(text)
    site.stack(stack, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(stack))
    code = site.enrol(user).code()
    right = (PASSWORD, site.passwords[user])
    tap.expect(sshd.login(user, right, (CODE, code))[0] == "in", "kept out")
    tap.expect(sshd.login(user, right, (CODE, code))[0] == "refused",
               "the code opened twice")
    outcome, text = sshd.login(user, (PASSWORD, "not the password"))
    tap.expect(outcome == "refused", f"it is {outcome}:\n{text}")
    sshd.stop()


@tap.test("the stack for RHEL and Fedora does what Debian's does")
def _():
    shows("sshd-password-code-rhel", RHEL, "anna")


@tap.test("the stack for Arch does what Debian's does")
def _():
    shows("sshd-password-code-arch", ARCH, "bert")


tap.main(prepare)
