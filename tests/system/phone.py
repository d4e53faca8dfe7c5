"""A phone with an authenticator app: codes come from oathtool."""

import base64
import os
import subprocess
import time
import urllib.parse


class Phone:
    """What an otpauth address makes of a phone.

    A code opens once, and only for its step and one to each side.  code()
    gives the earliest code that was not given before, never one of a step
    that is over: it stays valid for at least a whole step, so no test
    depends on where in a step it runs.
    """

    def __init__(self, uri):
        parts = urllib.parse.urlsplit(uri)
        if parts.scheme != "otpauth":
            raise ValueError(f"not an otpauth address: {uri!r}")
        query = dict(urllib.parse.parse_qsl(parts.query))
        self.uri = uri
        self.kind = parts.netloc
        self.label = urllib.parse.unquote(parts.path.lstrip("/"))
        self.secret = query["secret"]
        self.algorithm = query.get("algorithm", "SHA1").lower()
        self.digits = query.get("digits", "6")
        self.period = int(query.get("period", "30"))
        self.next = int(query.get("counter", "0"))  # step or counter to use

    def code(self):
        """A right code that was not given before."""
        if self.kind == "totp":
            self.next = max(self.next, self.step_now())
            self.wait_for_step(self.next - 1)  # a step early is accepted
        code = self.code_of(self.next)
        self.next += 1
        return code

    def wrong(self):
        """A code that is right nowhere near now."""
        around = self.step_now() if self.kind == "totp" else self.next
        right = {self.code_of(around + offset) for offset in range(-3, 13)
                 if around + offset >= 0}
        return next(code for code in map(self.spell, range(len(right) + 1))
                    if code not in right)

    def spell(self, number):
        return f"{number:0{self.digits}d}"

    def step_now(self):
        return int(time.time()) // self.period

    def wait_for_step(self, step):
        time.sleep(max(0, step * self.period - time.time()))

    def code_of(self, step):
        if self.kind == "totp":
            how = [f"--totp={self.algorithm}", "-s", f"{self.period}s",
                   "-N", f"@{step * self.period}"]
        else:
            how = ["--hotp", "-c", str(step)]
        done = subprocess.run(
            ["oathtool", *how, "-b", "-d", self.digits, "-"],
            input=self.secret, capture_output=True, text=True, check=True)
        return done.stdout.strip()


def new_uri(user, kind="totp"):
    """The address of an authenticator with a key of its own."""
    secret = base64.b32encode(os.urandom(20)).decode()
    counter = "&counter=0" if kind == "hotp" else ""
    return f"otpauth://{kind}/Test:{user}?secret={secret}&issuer=Test{counter}"
