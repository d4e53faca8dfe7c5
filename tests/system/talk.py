"""A program on a terminal, answered by the text of its prompts."""

import pexpect

PASSWORD = r"[Pp]assword[^\n]*: $"
CODE = r"(?i)code[^\n]*: $"
RECOVERY_CODE = r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b"
SECONDS = 60  # far more than anything here takes

# Some logins close their terminal and hang it up before they ask.  That is the
# end of a terminal that nobody else has open, so somebody has, for as long as
# login lives and whoever lets go of it; and nobody may hang it up.
HELD = '(trap "" HUP; exec setpriv --pdeathsig KILL sleep infinity) & '
LOGIN = ("setpriv", "--bounding-set", "-sys_tty_config",
         "sh", "-c", f'{HELD}exec login "$@"', "login")


class Unexpected(AssertionError):
    """The program said something else; the text is all that it said."""


class Talk:
    def __init__(self, command, env=None, cwd=None):
        self.text = ""
        self.child = pexpect.spawn(
            command[0], list(command[1:]), env=environment(env), cwd=cwd,
            encoding="utf-8", codec_errors="replace", dimensions=(24, 80),
            timeout=SECONDS)

    def answer(self, prompt, text):
        """Wait for the prompt, a regular expression, and type."""
        self.see(prompt)
        self.child.sendline(text)

    def see(self, *patterns):
        """Wait for one of the patterns; which one it was, from 0."""
        ends = [pexpect.EOF, pexpect.TIMEOUT]
        found = self.child.expect([*patterns, *ends])
        self.text += self.child.before if found >= len(patterns) else (
            self.child.before + self.child.after)
        if found >= len(patterns):
            raise Unexpected(
                f"waited for {' or '.join(patterns)}\nbut it "
                + ("ended" if found == len(patterns) else "stood still")
                + f" after saying:\n{self.text}")
        return found

    def end(self):
        """Let it finish; everything that it said."""
        if self.child.expect([pexpect.EOF, pexpect.TIMEOUT]) != 0:
            raise Unexpected(f"it does not end after saying:\n{self.text}"
                             f"{self.child.before}")
        self.text += self.child.before
        self.child.close()
        return self.text

    def status(self):
        """Let it finish; its exit status."""
        self.end()
        return self.child.exitstatus

    def stop(self):
        self.child.close(force=True)


def environment(extra):
    """Nothing of the caller's, so that every machine says the same."""
    return {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin"
                    ":/bin:/sbin",
            "LANG": "C.UTF-8", "TERM": "xterm", "HOME": "/root",
            **(extra or {})}
