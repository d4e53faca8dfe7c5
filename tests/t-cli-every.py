"""What holds for every command: each that the help shows, from the table of
commands, has a scene here in which it has something to say, and a schema."""

import json
import os
import pwd
import re
import sys

from cli import (ME, NO, SEED_TEXT, USAGE, YES, House, Terminal, fits, listed,
                 main, test)
from schema import SCHEMAS

CODES = "755224 287082 359152".split()  # of RFC 4226
HASH = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8"  # of "password"
MODULE = os.path.join(os.path.abspath(os.environ["top_builddir"]),
                      "pam_module/.libs/pam_sallyport.so")
COLUMNS = 40
EOF = "\x04"  # as it is typed
scenes = {}


class Site(House):
    """A store, stacks, a list of passwords and a log; somebody may be enrolled
    with the codes of RFC 4226."""

    def __init__(self, enrolled=True, setup=True):
        super().__init__()
        with open(self.config, "a") as out:
            out.write(f"breach_lists = {self.path('*.breach')}\n")
        if setup:
            self.want(YES, "setup")
        if enrolled:
            self.import_key()

    def write(self, name, *lines):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.writelines(line + "\n" for line in lines)
        os.chmod(path, 0o600)
        return path

    def stack(self, *lines):
        """The words that make it the one that is looked at."""
        self.write("pam.d/door", *lines)
        return "--pam-dir", self.path("pam.d")

    def list(self):
        """An index of passwords, and what it was made from."""
        source = self.write("source", f"{HASH}:70000")
        index = self.path("usual.breach")
        self.want(YES, "breach", "build", "-o", index, source)
        return index, source


def scene(name, status=YES, **house):
    """A way to run a command: makes what has to be there, and returns words
    behind its name, and answers, each behind its prompt."""
    def register(function):
        scenes.setdefault(name, []).append((status, house, function))
        return function
    return register


def simple(name, *words, status=YES, **house):
    scene(name, status, **house)(lambda site: (words, []))


simple("adopt", "--all", "--yes")
simple("after-restore", "--yes")
simple("bypass", ME)
simple("completion", "bash")
simple("completion", "fish")
simple("completion", "zsh")
simple("enroll", "--pending")
simple("export", "--all", "--yes")
simple("invite", ME, enrolled=False)
simple("list")
simple("list", "--unenrolled")
simple("recovery", "--yes")
simple("remove", "card", "--yes")
simple("rename", "card", "token")
simple("reset", ME, "--yes")
simple("resync", "--all")
simple("setup")
simple("setup", enrolled=False, setup=False)
simple("status")
simple("status", status=NO, enrolled=False)
simple("unlock", ME)


@scene("bypass")
def _(site):
    site.want(YES, "bypass", ME)
    return [ME, "--cancel"], []


@scene("breach build")
def _(site):
    return ["-o", site.path("new.breach"), site.list()[1]], []


@scene("breach check", NO)
def _(site):
    site.list()
    return [], [("Password: ", "password")]


@scene("breach check", NO)
def _(site):
    site.list()
    return ["--batch"], [("", "not in it"), ("", "password"), ("", EOF)]


@scene("breach info")
def _(site):
    site.list()
    return [], []


@scene("breach verify")
def _(site):
    return [site.list()[1]], []


@scene("breach verify", NO)
def _(site):
    with open(site.list()[0], "r+b") as index:
        index.seek(-8, os.SEEK_END)
        index.write(b"damaged!")
    return [], []


@scene("doctor", NO)
def _(site):
    return [*site.stack("auth required /nowhere/pam_sallyport.so"),
            "--service", "door"], []


@scene("doctor")
def _(site):
    return [*site.stack("auth required pam_google_authenticator.so nullok",
                        "account required pam_permit.so"),
            "--service", "door", "--migrate"], []


@scene("import")
def _(site):
    return ["uri", "--name", "phone"], [
        ("address: ", f"otpauth://totp/x?secret={SEED_TEXT}")]


@scene("import")
def _(site):
    return ["google-authenticator", "--user", ME, site.write(
        "google", "GEZDGNBVGY3TQOJQGEZDGNBVGY", '" TOTP_AUTH',
        '" RATE_LIMIT 3 30')], []


@scene("import")
def _(site):
    return ["oath", site.write(
        "oath", f"HOTP/T30 {ME} - 4142434445464748494a4b4c4d4e4f5051525354")], []


@scene("list")
def _(site):
    os.truncate(f"{site.store}/{os.getuid()}.state", 9)
    return [], []


@scene("repair")
def _(site):
    os.remove(f"{site.store}/{os.getuid()}.state")
    return [ME, "--yes"], []


@scene("report", NO)
def _(site):
    return [site.write("log", *(
        f"2026-11-25T18:00:{second:02}+00:00 web1 sshd[7]: pam_sallyport"
        f'(sshd:auth): event=wrong user="user{second}" rhost="192.0.2.1"'
        for second in range(20)))], []


@scene("resync")
def _(site):
    return [ME, "--name", "card"], [
        ("A code: ", CODES[1]), ("behind it: ", CODES[2])]


@scene("try-login")
def _(site):
    return [*site.stack(f"auth required {MODULE} config={site.config}",
                        "account required pam_permit.so"), "door", ME], [
        ("code: ", CODES[0])]


@scene("try-login", NO)
def _(site):
    return [*site.stack(f"auth required {MODULE} config={site.config}",
                        "auth [broken", "account required pam_permit.so"),
            "door", ME], [("code: ", CODES[0])]


@scene("verify")
def _(site):
    return [], [("Code: ", CODES[0])]


@scene("verify", NO)
def _(site):
    return [], [("Code: ", "12345678")]


def everywhere():
    """Each scene, set: its name, status, site, words and answers."""
    for name in scenes:
        for status, house, function in scenes[name]:
            site = Site(**house)
            words, answers = function(site)
            yield name, status, site, [*name.split(), *words], answers


def through_pipes(site, words, answers, **environment):
    typed = "".join(answer + "\n" for _, answer in answers if answer != EOF)
    return site.run(*words, typed=typed, env=environment)


def at_terminal(site, words, answers=()):
    """Its exit status, and what a terminal of few columns that can do nothing
    shows."""
    terminal = Terminal(site.command(*words), columns=COLUMNS,
                        env={"TERM": "dumb"})
    for prompt, answer in answers:
        terminal.wait(prompt)
        terminal.type(answer if answer == EOF else answer + "\n")
    status = terminal.end()
    return status, terminal.text().replace("\r\n", "\n")


def words_of(site, text):
    """The words, in which what every run has its own of is all the same."""
    text = text.replace(site.dir, "DIR")
    text = re.sub(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", "CODE", text)
    text = re.sub(r"(secret=|^Key: )[A-Z2-7 ]+", "KEY", text, flags=re.M)
    return {re.sub(r"[0-9]+", "0", word.strip(":").lower())
            for word in text.split()}


def check_plain(text):
    assert all(c in "\n\t" or c.isprintable() for c in text), repr(text)
    assert text.isascii(), repr(text)


def check_layout(text):
    """What stands in columns fits the terminal.  Prose is left to the terminal
    whole, or broken where it fits; facts, each of a line, are indented.  Lines
    of a PAM file are copied, so they stay lines."""
    lines = text.split("\n")
    for line, behind in zip(lines, lines[1:]):
        message = line.startswith("sallyport: ")
        copied = re.match(r"(auth|account) [a-z]+ pam_", line)
        short = len(line) <= COLUMNS or " " not in line.strip()
        if short or message or copied:
            continue
        assert not re.search(r"[^\s.:?]  +\S", line), (line, text)
        goes_on = re.match(rf"(?!{ME} |sallyport: )[a-z]", behind)
        whole = line[0] in " #" or line[-1] == "."
        assert whole or not goes_on, (line, behind, text)


@test("every command has a scene here, and a schema")
def _():
    names = set(listed())
    assert names == set(scenes), names ^ set(scenes)
    schemas = {file.removesuffix(".json") for file in os.listdir(SCHEMAS)}
    missing = {name.replace(" ", "-") for name in names} - schemas
    assert not missing, missing


@test("every command prints one JSON document, which fits its schema")
def _():
    for name, status, site, words, answers in everywhere():
        result = through_pipes(site, ["--json", *words], answers)
        assert result.status == status, (words, result)
        schema = name.replace(" ", "-") + (
            "-migrate" if "--migrate" in words else "")
        fits(json.loads(result.out), schema + ".json")


@test("under a pipe every command says in plain text what it has to, anywhere")
def _():
    for locale in "C", "C.UTF-8":
        for _, status, site, words, answers in everywhere():
            result = through_pipes(site, words, answers, LC_ALL=locale,
                                   TERM="xterm")
            assert result.status == status, (words, result)
            check_plain(result.out + result.err)


@test("every command can be read on a dumb terminal of 40 columns")
def _():
    for name, status, site, words, answers in everywhere():
        got, shown = at_terminal(site, words, answers)
        assert got == status, (words, got, shown)
        check_plain(shown)
        if name != "completion":  # which a shell reads
            check_layout(shown)


@test("what a pipe gets is on the narrow terminal, too, to the last word")
def _():
    runs = zip(everywhere(), everywhere())
    for (_, _, site, words, answers), (_, _, other, others, _) in runs:
        _, shown = at_terminal(site, words, answers)
        piped = through_pipes(other, others, answers)
        lost = words_of(other, piped.out) - words_of(site, shown)
        assert not lost, (words, lost, shown)


@test("in a table, names of any length leave what is behind them in its column")
def _():
    site = Site()
    longest = max((entry.pw_name for entry in pwd.getpwall()
                   if entry.pw_uid != os.getuid()), key=len)
    site.import_key(longest)
    terminal = Terminal(site.command("list"), env={"TERM": "dumb"})
    assert terminal.end() == YES
    head, *rows = terminal.text().replace("\r", "").rstrip().split("\n")
    for column in "UID", "STATE", "RECOVERY", "LAST", "AUTHENTICATORS":
        at = head.index(column)
        assert all(row in (ME, longest) or re.match(r" \S", row[at - 1:])
                   for row in rows), (column, terminal.text())
    piped = site.want(YES, "list").out.split("\n")
    assert [row.split()[-1] for row in piped[1:-1]] == ["card"] * 2, piped


@test("the help of every command can be read on a narrow terminal")
def _():
    site = House()
    for words in [], ["breach"], *(name.split() for name in listed()):
        status, shown = at_terminal(site, [*words, "--help"])
        assert status == YES, (words, shown)
        check_plain(shown)
        check_layout(shown)
        whole = site.want(YES, *words, "--help").out
        assert words_of(site, whole) == words_of(site, shown), (words, shown)


@test("wrong words are told in one line, with where help is, by every command")
def _():
    house = House()
    for name in listed():
        for words in wrong_words(house, name):
            result = house.want(USAGE, *name.split(), *words)
            said = result.err.split("\n")
            assert len(said) == 3 and said[0].startswith("sallyport: "), result
            assert said[1:] == [f"Try 'sallyport {name} --help'.", ""], result
            assert result.out == "", result


def wrong_words(house, name):
    """Of every kind that its help tells of."""
    text = house.want(YES, *name.split(), "--help").out
    usage = re.match(rf"Usage: sallyport {name}(?: \[OPTION\.\.\.\])?(.*)\n",
                     text)[1]
    ways = [way.split() for way in usage.split("|")]
    least = min(sum(word[0] != "[" for word in way) for way in ways)
    yield ["--no-such-option"]
    yield ["-X"]
    if least > 0:
        yield ["x"] * (least - 1)
    if "..." not in usage:
        yield ["x"] * (max(map(len, ways)) + 1)
    options = re.findall(r"^  (?:-o, )?--([a-z-]+)(?: ([A-Z]+))?$|"
                         r"^  (?:-o, )?--([a-z-]+)(?: ([A-Z]+))?  ", text,
                         re.M)
    assert len(options) >= 3, text  # --json, --config and --help
    for option, value in (found[:2] if found[0] else found[2:]
                          for found in options):
        yield [f"--{option}"] if value else [f"--{option}=x"]
        if value:
            yield [f"--{option}=x", f"--{option}=x"]


sys.exit(main())
