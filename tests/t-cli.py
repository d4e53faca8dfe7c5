"""The command line as people and scripts use it: a whole private installation
in a temporary folder, with and without a terminal."""

import base64
import glob
import hmac
import json
import os
import pwd
import re
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from cli import (ME, NO, PATIENCE, SEED, SEED_TEXT, UNKNOWN, USAGE, YES, House,
                 Skip, Terminal, listed, main, test)

RFC4226 = "755224 287082 359152 969429 338314 254676 287922 162583".split()
OTHERS = [entry.pw_name for entry in pwd.getpwall() if entry.pw_name != ME]


def code(key, factor, digits=6, digest="sha1"):
    mac = hmac.new(key, struct.pack(">Q", factor), digest).digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF
    return str(number % 10 ** digits).zfill(digits)


def step(period=30):
    return int(time.time()) // period


def key_of(text):
    """The key that an enrolment shows."""
    shown = re.search(r"^Key: ([A-Z2-7 ]+?)\r?$", text, re.M).group(1)
    shown = shown.replace(" ", "")
    return base64.b32decode(shown + "=" * (-len(shown) % 8))


def codes_of(text):
    """The recovery codes that are shown."""
    return re.findall(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", text)


def open_house(settings=""):
    house = House(settings)
    house.want(YES, "setup")
    return house


# ---- reading pictures ----

def picture_lines(text):
    return [line for line in text.replace("\r", "").split("\n")
            if line.startswith("\033[") and line.endswith("\033[0m")]


def cells(line):
    """A line's cells, each as what is dark above and below."""
    ink = paper = False
    for escape, cell in re.findall("\033\\[([0-9;]*)m|(.)", line):
        for colour in escape.split(";"):
            if colour in ("30", "37"):
                ink = colour == "30"
            elif colour in ("40", "47"):
                paper = colour == "40"
        if cell:
            yield (ink if cell in "\u2588\u2580" else paper,
                   ink if cell in "\u2588\u2584" else paper)


def modules(text):
    """The picture that a terminal shows, as rows of dark modules."""
    rows = []
    for line in picture_lines(text):
        row = list(cells(line))
        if "\u2580" in text:  # two modules in a cell
            rows.append([upper for upper, _ in row])
            rows.append([lower for _, lower in row])
        else:  # two cells in a module
            rows.append([upper for upper, _ in row[::2]])
    return rows


def scan(rows, scale=4):
    """What a scanner reads in a picture."""
    if shutil.which("zbarimg") is None:
        raise Skip("zbarimg is not installed")
    with tempfile.NamedTemporaryFile(suffix=".pbm") as file:
        width, height = len(rows[0]), len(rows)
        file.write(f"P1\n{width * scale} {height * scale}\n".encode())
        for row in rows:
            line = "".join(("1" if dark else "0") * scale for dark in row)
            file.write((line + "\n").encode() * scale)
        file.flush()
        done = subprocess.run(["zbarimg", "-q", "--raw", file.name],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=PATIENCE)
    return done.stdout.decode().strip()


def address_of(text):
    return re.search(r"otpauth://\S+", text).group(0)


def offer(house, *words, rows=24, columns=80, env=None):
    """What an enrolment shows before anything is typed."""
    terminal = Terminal(house.command("enroll", *words), rows, columns, env)
    terminal.wait("Code that it shows: ")
    shown = terminal.text()
    terminal.type("\x03")
    assert terminal.end() == -signal.SIGINT
    return shown


# ---- usage ----

@test("every command has help, and so has the whole")
def _():
    house = House()
    for name in listed():
        text = house.want(YES, *name.split(), "--help").out
        assert text.startswith(f"Usage: sallyport {name}"), text
        assert "--json" in text
        assert all(len(line) <= 80 for line in text.split("\n")), text
    assert "sallyport " in house.want(YES, "--version").out


@test("the first word of several commands says which there are")
def _():
    house = House()
    text = house.want(YES, "breach", "--help").out
    assert text.startswith("Usage: sallyport [--config FILE] [--json] breach"
                           " COMMAND"), text
    names = re.findall(r"^  ([a-z ]+)  ", text, re.M)
    assert names and all(name.startswith("breach ") for name in names), text
    with_json = house.want(USAGE, "breach", "--json", "build").err
    assert "INPUT... is missing" in with_json, with_json


@test("wrong usage is told in one line, with where help is, and status 2")
def _():
    house = open_house()
    for words, say, tell in [
            ([], "command is missing", "sallyport --help"),
            (["frob"], "no command \"frob\"", "sallyport --help"),
            (["--frob"], "--frob", "sallyport --help"),
            (["--json"], "command is missing", "sallyport --help"),
            (["frob", "breach"], "no command \"frob\"", "sallyport --help"),
            (["breach"], "several commands", "sallyport breach --help"),
            (["breach", "frob"], "no command \"breach frob\"",
             "sallyport breach --help"),
            (["breach", "--frob"], "--frob", "sallyport breach --help"),
            (["breach", "build", "--frob", "x"], "--frob",
             "sallyport breach build --help"),
            (["breach", "build", "x"], "-o FILE", "breach build --help"),
            (["breach", "build", "-o"], "--output needs a value",
             "breach build --help"),
            (["list", "-o", "x"], "-o", "sallyport list --help"),
            (["list", "--frob"], "--frob", "sallyport list --help"),
            (["list", "-x"], "-x", "sallyport list --help"),
            (["list", "more"], "more", "sallyport list --help"),
            (["list", "--json=1"], "takes no value", "sallyport list --help"),
            (["setup", "x"], "one word too many", "sallyport setup --help"),
            (["status", "--user"], "needs a value", "status --help"),
            (["status", "--user", "a", "--user", "b"], "twice", "status"),
            (["unlock"], "USER is missing", "sallyport unlock --help"),
            (["unlock", "a", "b"], "\"b\"", "sallyport unlock --help"),
            (["remove"], "NAME is missing", "sallyport remove --help"),
            (["reset"], "USER is missing", "sallyport reset --help"),
            (["import"], "is missing", "sallyport import --help"),
            (["import", "csv"], "there is: uri", "sallyport import --help"),
            (["bypass", ME, "--for", "25h"], "1m to 1d", "bypass --help"),
            (["bypass", ME, "--for", "1h", "--cancel"], "exclude", "bypass"),
            (["repair"], "USER is missing", "sallyport repair --help"),
            (["recovery", "x"], "one word too many", "recovery --help"),
            (["rename", "a"], "OLD NEW is missing", "rename --help"),
            (["rename", "a", "b\\"], "NEW takes", "rename --help"),
            (["rename", "a", ""], "NEW takes", "rename --help"),
            (["invite"], "USER is missing", "invite --help"),
            (["invite", ME, "--for", "3"], "1m to 30d", "invite --help"),
            (["invite", ME, "--for", "59s"], "1m to 30d", "invite --help"),
            (["invite", ME, "--for", "31d"], "1m to 30d", "invite --help"),
            (["invite", ME, "--for", "1h", "--cancel"], "exclude", "invite"),
            (["verify", "123456"], "one word too many", "verify --help"),
            (["enroll", "--digits", "9"], "6 to 8", "enroll --help"),
            (["enroll", "--digits", "six"], "6 to 8", "enroll --help"),
            (["enroll", "--period", "5"], "15 to 120", "enroll --help"),
            (["enroll", "--algorithm", "MD5"], "SHA1", "enroll --help"),
            (["enroll", "--hotp", "--period", "30"], "--period", "enroll"),
            (["enroll", "--qr", "png"], "svg:FILE", "enroll --help"),
            (["enroll", "--qr", "svg:"], "svg:FILE", "enroll --help"),
            (["enroll", "--name", "a\"b"], "--name", "enroll --help"),
            (["enroll", "--name", "x" * 33], "--name", "enroll --help"),
            (["enroll", "--name", ""], "--name", "enroll --help"),
            (["enroll", "--issuer", "a:b"], "--issuer", "enroll --help"),
            (["enroll", "--issuer", ""], "--issuer", "enroll --help"),
            (["enroll", "--issuer", "x" * 64], "--issuer", "enroll --help")]:
        result = house.want(USAGE, *words)
        assert say in result.err, result
        assert "Try 'sallyport" in result.err and tell in result.err, result
        assert result.err.count("\n") == 2, result
        assert result.out == "", result


@test("a user that does not exist is bad input, for every command")
def _():
    house = open_house()
    for words in (["status", "--user"], ["enroll", "--user"],
                  ["verify", "--user"], ["recovery", "--user"],
                  ["unlock"], ["reset"], ["bypass"], ["adopt"],
                  ["repair"], ["resync"], ["export", "--yes"],
                  ["remove", "x", "--user"],
                  ["rename", "x", "y", "--user"], ["invite"],
                  ["import", "uri", "--user"]):
        result = house.want(USAGE, *words, "no-such-user")
        assert "no user no-such-user" in result.err, result
        assert result.out == "", result


@test("wrong settings stop every command, with file and line")
def _():
    house = House("window = 9\n")
    result = house.want(UNKNOWN, "list")
    assert f"{house.config}:4" in result.err, result


# ---- setup ----

@test("setup makes the store once, and says so the second time")
def _():
    house = House()
    assert "Made" in house.want(YES, "setup").out
    before = house.files()
    assert "are there" in house.want(YES, "setup").out
    assert house.json("setup")["made"] is False
    assert house.files() == before
    assert os.stat(house.store).st_mode & 0o777 == 0o700
    assert os.stat(house.path("key")).st_mode & 0o777 == 0o600


@test("setup touches nothing where only half is there")
def _():
    house = open_house()
    key = open(house.path("key"), "rb").read()
    os.rename(house.store, house.path("away"))
    result = house.want(UNKNOWN, "setup")
    assert house.path("key") in result.err, result
    assert not os.path.exists(house.store)
    assert open(house.path("key"), "rb").read() == key
    os.rename(house.path("away"), house.store)
    os.rename(house.path("key"), house.path("away"))
    result = house.want(UNKNOWN, "setup")
    assert "key" in result.err, result
    assert not os.path.exists(house.path("key"))


@test("without a store, commands say what makes one")
def _():
    house = House()
    for words in (["list"], ["status"], ["enroll"], ["verify"]):
        result = house.want(UNKNOWN, *words)
        assert "sallyport setup" in result.err, result
        assert result.out == "", result


# ---- enrolling ----

@test("at a terminal, a right code enrols; wrong ones are told without it")
def _():
    house = open_house()
    terminal = Terminal(house.command("enroll"))
    terminal.wait("Code that it shows: ")
    key = key_of(terminal.text())
    now = step()
    near = {code(key, now + i) for i in range(-3, 4)}
    wrong = next(c for c in ("000000", "111111", "222222", "333333",
                             "444444", "555555", "666666", "777777")
                 if c not in near)
    terminal.type(wrong + "\n")
    terminal.wait("Code that it shows: ", 2)
    assert "Compare clocks" in terminal.text()
    assert re.search(r"\d\d:\d\d:\d\d UTC", terminal.text())
    terminal.type("12345\n")
    terminal.wait("Code that it shows: ", 3)
    assert "6 digits" in terminal.text()
    assert not any(c in terminal.text() for c in near)
    assert house.run("status").status == NO
    terminal.type(code(key, step()) + "\n")
    assert terminal.end() == YES
    assert f"Enrolling {ME}" in terminal.text().split("\n")[0]
    assert len(set(codes_of(terminal.text()))) == 10
    status = house.json("status")
    assert status["authenticators"][0]["name"] == "phone", status
    assert status["recovery_codes_left"] == 10, status


@test("the code that confirmed an enrolment opens no door")
def _():
    house = open_house()
    terminal = Terminal(house.command("enroll"))
    terminal.wait("Code that it shows: ")
    key = key_of(terminal.text())
    now = step()
    terminal.type(code(key, now) + "\n")
    assert terminal.end() == YES
    assert "used already" in house.verify(NO, code(key, now)).out
    house.verify(YES, code(key, now + 1))
    assert "used already" in house.verify(NO, code(key, now + 1)).out


@test("five wrong codes end an enrolment with nothing stored")
def _():
    house = open_house()
    result = house.want(NO, "enroll", "--digits", "8",
                        typed="123456\n" * 9)
    assert "nothing was stored" in result.err, result
    assert result.err.count("Code that it shows: ") == 5, result
    assert house.run("status").status == NO
    assert house.files() == ["marker"], house.files()


@test("no code, or Ctrl-C, leaves nothing behind")
def _():
    house = open_house()
    picture = house.path("picture.svg")
    result = house.want(NO, "enroll", "--qr", f"svg:{picture}")
    assert "nothing was stored" in result.err, result
    assert not os.path.exists(picture)
    for sign, number in (("\x03", signal.SIGINT), (None, signal.SIGTERM)):
        terminal = Terminal(house.command("enroll", "--qr", f"svg:{picture}"))
        terminal.wait("Code that it shows: ")
        assert os.path.exists(picture)
        if sign:
            terminal.type(sign)
        else:
            os.kill(terminal.pid, number)
        assert terminal.end() == -number
        assert not os.path.exists(picture)
    assert house.files() == ["marker"], house.files()


@test("a script enrols through pipes and gets one JSON document")
def _():
    house = open_house()
    script = subprocess.Popen(
        house.command("--json", "enroll", "--name", "script",
                      "--algorithm", "sha256", "--digits", "8",
                      "--period", "60"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    dialogue = b""
    while b"Code that it shows: " not in dialogue:
        got = os.read(script.stderr.fileno(), 4096)
        assert got, dialogue
        dialogue += got
    key = key_of(dialogue.decode())
    assert len(key) == 32
    typed = code(key, step(60), 8, "sha256") + "\n"
    out, _ = script.communicate(typed.encode(), timeout=PATIENCE)
    assert script.returncode == YES
    said = json.loads(out)
    assert list(said) == ["user", "authenticator", "recovery_codes"], said
    assert said["user"] == ME
    shape = said["authenticator"]
    assert base64.b32decode(shape.pop("secret") + "====") == key
    uri = shape.pop("uri")
    assert uri.startswith("otpauth://totp/"), uri
    assert "&algorithm=SHA256&digits=8&period=60" in uri, uri
    assert shape == {"name": "script", "kind": "totp", "algorithm": "SHA256",
                     "digits": 8, "period": 60}, shape
    assert len(set(said["recovery_codes"])) == 10


@test("a second authenticator gets the next name, and no new codes")
def _():
    house = open_house()
    house.json("enroll", "--pending")
    said = house.json("enroll", "--pending", "--hotp")
    assert said["authenticator"]["name"] == "phone-2", said
    assert said["authenticator"]["kind"] == "hotp", said
    assert said["authenticator"]["period"] is None, said
    assert said["recovery_codes"] == [], said
    result = house.want(USAGE, "enroll", "--name", "phone")
    assert "already" in result.err, result


@test("there is room for eight authenticators, and the ninth is told so")
def _():
    house = open_house()
    for _ in range(8):
        house.want(YES, "enroll", "--pending")
    result = house.want(USAGE, "enroll", "--pending")
    assert "8 authenticators" in result.err, result
    assert len(house.json("status")["authenticators"]) == 8


@test("a pending authenticator is confirmed by its first right code")
def _():
    house = open_house()
    said = house.json("enroll", "--pending")
    assert house.json("status")["state"] == "pending"
    assert house.json("status")["authenticators"][0]["pending"] is True
    key = base64.b32decode(said["authenticator"]["secret"])
    house.verify(YES, code(key, step()))
    status = house.json("status")
    assert status["state"] == "ok", status
    assert status["authenticators"][0]["pending"] is False, status
    assert status["authenticators"][0]["last_used"].endswith("Z"), status
    assert status["last_login"] == status["authenticators"][0]["last_used"]


@test("a HOTP authenticator is confirmed by any of its first codes")
def _():
    house = open_house()
    terminal = Terminal(house.command("enroll", "--hotp"))
    terminal.wait("Code that it shows: ")
    key = key_of(terminal.text())
    terminal.type(code(key, 3) + "\n")
    assert terminal.end() == YES
    house.verify(NO, code(key, 3))
    house.verify(NO, code(key, 2))
    house.verify(YES, code(key, 4))


@test("of two enrolments at once under one name, the second is told")
def _():
    house = open_house()
    first = Terminal(house.command("enroll"))
    second = Terminal(house.command("enroll"))
    for terminal in (first, second):
        terminal.wait("Code that it shows: ")
    first.type(code(key_of(first.text()), step()) + "\n")
    assert first.end() == YES
    second.type(code(key_of(second.text()), step()) + "\n")
    assert second.end() == USAGE
    assert "meanwhile; nothing was stored" in second.text().replace(
        "\r\n", "\n"), second.text()
    status = house.json("status")
    assert [a["name"] for a in status["authenticators"]] == ["phone"], status


# ---- pictures ----

@test("half blocks with the prompt below fit 24 rows of 80, and scan")
def _():
    shown = offer(open_house(), "--name", "x")
    lines = shown.replace("\r", "").split("\n")
    first = next(i for i, line in enumerate(lines) if "\033[" in line)
    assert len(lines) - first <= 23, len(lines) - first
    assert lines[first - 1].startswith("Key: "), lines[first - 1]
    assert len(modules(shown)[0]) <= 80
    assert scan(modules(shown)) == address_of(shown)


@test("a large terminal gets the whole quiet zone")
def _():
    shown = offer(open_house(), rows=50, columns=120)
    rows = modules(shown)
    assert not any(any(row[:4]) for row in rows), rows
    assert not any(any(row) for row in rows[:4]), rows
    assert scan(rows) == address_of(shown)


@test("a terminal of 40 columns gets a picture that fits and scans")
def _():
    shown = offer(open_house(), rows=24, columns=40)
    assert len(modules(shown)[0]) <= 40
    assert scan(modules(shown)) == address_of(shown)


@test("a terminal that is too small gets the reason and the key")
def _():
    for rows, columns in ((15, 80), (24, 30)):
        shown = offer(open_house(), rows=rows, columns=columns)
        assert "no picture: it needs" in shown, shown
        assert "\033" not in shown, shown
        assert len(key_of(shown)) == 20


@test("without a UTF-8 locale the picture is drawn with blanks where they fit")
def _():
    plain = {"LC_ALL": "C"}
    shown = offer(open_house(), rows=60, columns=100, env=plain)
    assert shown.isascii(), shown
    assert scan(modules(shown)) == address_of(shown)
    shown = offer(open_house(), env=plain)
    assert "without a UTF-8 locale it needs" in shown, shown
    assert shown.isascii() and "\033" not in shown, shown


@test("a dumb terminal gets no colours, and the reason")
def _():
    for term in ("dumb", ""):
        shown = offer(open_house(), env={"TERM": term})
        assert "shows no colours" in shown, shown
        assert "\033" not in shown, shown


@test("--qr draws what it is told to, and nothing for none")
def _():
    house = open_house()
    shown = offer(house, "--qr", "ascii", rows=60, columns=100)
    assert shown.isascii() and scan(modules(shown)) == address_of(shown)
    assert "\033" not in offer(house, "--qr", "none")
    drawn = house.want(YES, "enroll", "--pending", "--qr", "utf8",
                       env={"LC_ALL": "C.UTF-8"}).out
    assert scan(modules(drawn)) == address_of(drawn)


@test("--qr svg writes a private file, and never over another")
def _():
    house = open_house()
    file = house.path("picture.svg")
    result = house.want(YES, "enroll", "--pending", "--qr", f"svg:{file}")
    assert "delete it" in result.err, result
    assert os.stat(file).st_mode & 0o777 == 0o600
    text = open(file).read()
    assert text.startswith("<svg ") and text.endswith("</svg>\n"), text
    side = int(re.search(r'viewBox="0 0 (\d+)', text).group(1))
    rows = [[False] * side for _ in range(side)]
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", text):
        rows[int(y)][int(x)] = True
    assert scan(rows) == address_of(result.out)
    result = house.want(UNKNOWN, "enroll", "--pending", "--qr", f"svg:{file}")
    assert "File exists" in result.err, result
    assert open(file).read() == text
    os.symlink(house.path("target"), house.path("link"))
    house.want(UNKNOWN, "enroll", "--pending", "--qr",
               f"svg:{house.path('link')}")
    assert not os.path.exists(house.path("target"))
    assert len(house.json("status")["authenticators"]) == 1


@test("a long issuer leaves the label, and the picture still scans")
def _():
    shown = offer(open_house(), "--issuer", "server01.department.example.org")
    address = address_of(shown.replace("\r\n", "\n"))
    assert f"totp/{ME}?" in address, address
    assert len(address) <= 106, address
    assert scan(modules(shown)) == address


# ---- looking ----

@test("status says who is not enrolled, and what that means")
def _():
    house = open_house()
    assert "refused" in house.want(NO, "status").out
    said = house.json("status", status=NO)
    assert said == {"user": ME, "uid": os.getuid(), "enrolled": False}, said
    house = open_house("enrolment = optional\n")
    assert "not asked" in house.want(NO, "status").out


@test("list shows everybody, in text and in JSON")
def _():
    house = open_house()
    assert "nobody" in house.want(YES, "list").err
    assert house.json("list") == {"users": []}
    people = [ME] + OTHERS[:3]
    for user in people:
        house.import_key(user)
    text = house.want(YES, "list").out
    assert all(user in text for user in people), text
    assert text.count("\n") == 5, text
    said = house.json("list")["users"]
    assert sorted(row["user"] for row in said) == sorted(people), said
    assert [row["uid"] for row in said] == sorted(row["uid"] for row in said)
    for row in said:
        assert row["state"] == "ok" and row["last_login"] is None, row
        assert row["recovery_codes_left"] == 10, row


@test("list tells damage and goes on")
def _():
    house = open_house()
    house.import_key(ME)
    house.import_key(OTHERS[0])
    file = glob.glob(f"{house.store}/{os.getuid()}.enrolment")[0]
    with open(file, "r+b") as damaged:
        damaged.seek(100)
        damaged.write(b"x" * 8)
    result = house.want(YES, "list")
    assert "damaged" in result.out and OTHERS[0] in result.out, result
    assert f"uid {os.getuid()}" in result.err, result
    states = {row["uid"]: row["state"] for row in house.json("list")["users"]}
    assert states[os.getuid()] == "damaged", states
    for words in (["status"], ["recovery", "--yes"]):
        result = house.want(UNKNOWN, *words)
        assert "damaged" in result.err and "backup" in result.err, result


@test("where the key is damaged, nobody is told to mend an enrolment")
def _():
    house = open_house()
    house.import_key()
    os.truncate(house.path("key"), 9)
    for words in ["list"], ["status"], ["unlock", ME]:
        result = house.want(UNKNOWN, *words)
        assert "sallyport doctor" in result.err, result
        assert "repair" not in result.err, result


@test("reset ends an enrolment that is damaged")
def _():
    house = open_house()
    house.import_key(ME)
    file = glob.glob(f"{house.store}/{os.getuid()}.enrolment")[0]
    with open(file, "r+b") as damaged:
        damaged.write(b"x" * 8)
    result = house.want(YES, "reset", ME, "--yes")
    assert "is not an enrolment" in result.err, result
    house.want(NO, "status")
    assert not glob.glob(f"{house.store}/{os.getuid()}.*")


@test("who is gone and has no name any more is called by the uid")
def _():
    house = open_house()
    gone = "4123456789"
    assert f"uid {gone} is not enrolled" in house.want(
        NO, "repair", gone, "--yes").err
    with open(f"{house.store}/{gone}.enrolment", "wb") as file:
        file.write(b"x" * 4096)
    os.chmod(f"{house.store}/{gone}.enrolment", 0o600)
    terminal = Terminal(house.command("reset", gone))
    terminal.wait(f"recovery codes of uid {gone}? [y/N]")
    terminal.type("y\n")
    assert terminal.end() == YES, terminal.text()
    assert f"uid {gone} is not enrolled any more" in terminal.text()
    assert house.files() == ["marker"], house.files()


@test("no output has anything but ASCII in the C locale")
def _():
    house = open_house()
    plain = {"LC_ALL": "C"}
    for words in (["--help"], ["enroll", "--pending"], ["status"], ["list"],
                  ["unlock", ME], ["recovery", "--yes"],
                  ["remove", "phone", "--yes"]):
        result = house.want(YES, *words, env=plain)
        assert result.out.isascii() and result.err.isascii(), result


# ---- verifying ----

@test("verify accepts a right code once, and says what was wrong with others")
def _():
    house = open_house()
    assert "not enrolled" in house.verify(NO, "123456").out
    house.import_key()
    house.verify(YES, RFC4226[0])
    assert "used already" in house.verify(NO, RFC4226[0]).out
    house.verify(YES, f" {RFC4226[2][:3]} {RFC4226[2][3:]} ")
    assert "used already" in house.verify(NO, RFC4226[1]).out
    for odd in ("", "12345", "1234567890", "abcdef", "x" * 5000):
        assert "neither" in house.verify(NO, odd).out, odd
    result = house.verify(NO, "000000")
    assert "wrong code" in result.out and "UTC" in result.out, result
    assert "in a row: 1" in result.out, result
    house.want(USAGE, "verify")


@test("verify in JSON names the verdict")
def _():
    house = open_house()
    house.import_key()
    said = house.json("verify", typed=RFC4226[1] + "\n")
    assert said["verdict"] == "accepted", said
    assert said["authenticator"] == "card", said
    said = house.json("verify", typed=RFC4226[0] + "\n", status=NO)
    assert said["verdict"] == "replayed", said
    said = house.json("verify", typed="000000\n", status=NO)
    assert said["verdict"] == "wrong" and said["failures"] == 1, said


@test("a recovery code is accepted once, also during a wait")
def _():
    house = open_house("free_tries = 1\nfirst_wait = 1h\n")
    codes = codes_of(house.import_key().out)
    assert len(codes) == 10
    result = house.verify(YES, codes[0])
    assert "left: 9" in result.out, result
    assert "used already" in house.verify(NO, codes[0]).out
    house.verify(NO, "000000")
    assert "too many" in house.verify(NO, RFC4226[0]).out
    house.verify(YES, codes[1].lower().replace("-", " "))
    house.verify(YES, RFC4226[0])
    assert house.json("status")["recovery_codes_left"] == 8


# ---- unlocking ----

@test("unlock ends a wait, and tells what it was")
def _():
    house = open_house("free_tries = 2\nfirst_wait = 1h\n")
    house.want(NO, "unlock", ME)
    house.import_key()
    assert "nothing to unlock" in house.want(YES, "unlock", ME).out
    house.verify(NO, "000000")
    house.verify(NO, "000001")
    status = house.json("status")
    assert status["state"] == "waiting" and status["failures"] == 2, status
    assert status["waiting_until"].endswith("Z"), status
    assert "Waiting" in house.want(YES, "status").out
    assert "waiting" in house.want(YES, "list").out
    assert "too many" in house.verify(NO, RFC4226[0]).out
    result = house.want(YES, "unlock", ME)
    assert "2 wrong codes" in result.out and "waiting until" in result.out
    assert house.json("status")["state"] == "ok"
    house.verify(YES, RFC4226[0])


@test("unlock ends what too many wrong codes disabled")
def _():
    house = open_house("free_tries = 5\nfirst_wait = 1s\n"
                       "longest_wait = 1s\ndisable_after = 5\n")
    house.import_key()
    for i in range(5):
        house.verify(NO, f"00000{i}")
    assert "disabled" in house.verify(NO, RFC4226[0]).out
    assert house.json("status")["state"] == "disabled"
    said = house.json("unlock", ME)
    assert said["disabled"] is True and said["failures"] == 5, said
    house.verify(YES, RFC4226[0])


# ---- removing ----

@test("remove asks at a terminal, and takes only a yes for one")
def _():
    house = open_house()
    house.import_key(name="a")
    house.import_key(name="b")
    for answer in ("\n", "n\n", "maybe\n", "\x04"):
        terminal = Terminal(house.command("remove", "a"))
        terminal.wait("[y/N]")
        terminal.type(answer)
        assert terminal.end() == NO, terminal.text()
        assert "nothing was changed" in terminal.text(), terminal.text()
    assert len(house.json("status")["authenticators"]) == 2
    terminal = Terminal(house.command("remove", "a"))
    terminal.wait("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == YES, terminal.text()
    left = house.json("status")["authenticators"]
    assert [a["name"] for a in left] == ["b"], left
    house.verify(YES, RFC4226[0])


@test("nothing is removed without --yes where nobody can be asked")
def _():
    house = open_house()
    house.import_key()
    for words in (["remove", "card"], ["reset", ME], ["recovery"]):
        result = house.want(USAGE, *words, typed="y\n")
        assert "--yes" in result.err, result
    assert house.json("status")["recovery_codes_left"] == 10
    result = house.want(USAGE, "remove", "cart", "--yes")
    assert "no authenticator \"cart\"" in result.err, result
    assert f"'sallyport status --user {ME}'" in result.err, result


@test("removing the last authenticator ends the enrolment, and says so")
def _():
    house = open_house()
    house.import_key()
    result = house.want(YES, "remove", "card", "--yes")
    assert "last one" in result.err and "refused" in result.err, result
    house.want(NO, "status")
    assert house.files() == ["marker"], house.files()
    house.import_key()
    said = house.json("remove", "card", "--yes")
    assert said == {"user": ME, "removed": "card", "enrolled": False}, said


@test("reset ends an enrolment, and a new one starts afresh")
def _():
    house = open_house()
    house.want(NO, "reset", ME, "--yes")
    codes = codes_of(house.import_key().out)
    house.verify(YES, RFC4226[3])
    terminal = Terminal(house.command("reset", ME))
    terminal.wait("[y/N]")
    terminal.type("n\n")
    assert terminal.end() == NO
    assert house.json("reset", ME, "--yes")["enrolled"] is False
    assert house.files() == ["marker"], house.files()
    house.want(USAGE, "reset", "no-such-user", "--yes")
    house.want(NO, "reset", "4123456789", "--yes")
    house.import_key()
    house.verify(NO, codes[0])
    house.verify(YES, RFC4226[0])


@test("rename changes the name and nothing else")
def _():
    house = open_house()
    house.want(NO, "rename", "card", "token")
    house.import_key(name="card")
    house.import_key(name="spare")
    house.verify(YES, RFC4226[0])
    assert "is \"token\" now" in house.want(
        YES, "rename", "card", "token").out
    said = house.json("rename", "token", "my token")
    assert said == {"user": ME, "renamed": "token", "name": "my token"}, said
    assert [a["name"] for a in house.json("status")["authenticators"]] == [
        "my token", "spare"]
    house.verify(NO, RFC4226[0])
    result = house.want(USAGE, "rename", "token", "x")
    assert "no authenticator \"token\"" in result.err, result
    result = house.want(USAGE, "rename", "spare", "my token")
    assert "already" in result.err, result
    assert house.json("status")["recovery_codes_left"] == 10


# ---- inviting ----

@test("an invitation is shown once, can be ended, and enrols nobody yet")
def _():
    house = open_house()
    result = house.want(YES, "invite", ME)
    first = codes_of(result.out)
    assert len(first) == 1 and "sallyport enroll" in result.out, result
    assert house.files() == [f"{os.getuid()}.invitation", "marker"]
    house.want(NO, "status")
    said = house.json("invite", ME, "--for", "1h")
    assert list(said) == ["user", "invitation", "expires"], said
    assert said["invitation"] != first[0] and said["expires"].endswith("Z")
    for name in house.files():
        content = open(os.path.join(house.store, name), "rb").read()
        assert said["invitation"].encode() not in content
    assert "void" in house.want(YES, "invite", ME, "--cancel").out
    assert house.files() == ["marker"]
    assert "no invitation" in house.want(NO, "invite", ME, "--cancel").err


@test("who is enrolled is not invited")
def _():
    house = open_house()
    house.import_key()
    result = house.want(USAGE, "invite", ME)
    assert "is enrolled" in result.err and result.out == "", result


@test("recovery replaces the codes: the old ones are void, the new ones work")
def _():
    house = open_house()
    house.want(NO, "recovery", "--yes")
    old = codes_of(house.import_key().out)
    terminal = Terminal(house.command("recovery"))
    terminal.wait("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == YES
    new = codes_of(terminal.text())
    assert len(set(old + new)) == 20
    house.verify(NO, old[0])
    house.verify(YES, new[0])
    newer = house.json("recovery", "--yes")["recovery_codes"]
    assert len(newer) == 10
    house.verify(NO, new[1])
    for one in newer:
        house.verify(YES, one)
    assert house.json("status")["recovery_codes_left"] == 0
    house.want(YES, "recovery")  # none left to lose, so no question
    house.verify(YES, RFC4226[0])


# ---- importing ----

@test("an imported authenticator keeps its key, shape and counter")
def _():
    house = open_house()
    house.import_key(counter=5)
    assert "used already" in house.verify(NO, RFC4226[4]).out
    house.verify(YES, RFC4226[5])
    result = house.want(
        YES, "import", "uri", "--name", "clock", typed="otpauth://totp/"
        f"Big%20Co:me?secret={SEED_TEXT}&digits=8&period=60")
    assert codes_of(result.out) == [], result
    house.verify(YES, code(SEED, step(60), 8))
    said = house.json("import", "uri", typed="otpauth://totp/me?secret="
                      f"{SEED_TEXT}&algorithm=SHA512\n")
    assert said["authenticator"] == {
        "name": "phone", "kind": "totp", "algorithm": "SHA512", "digits": 6,
        "period": 30}, said


@test("what is no right address is refused without showing the key")
def _():
    house = open_house()
    for address, say in [
            ("", "no address"),
            ("hello\n", "otpauth://"),
            (f"{SEED_TEXT}\n", "otpauth://"),
            (f"otpauth://totp/x?secret={SEED_TEXT}&digits=9\n", "digits"),
            (f"otpauth://totp/x?secret={SEED_TEXT}&frob=9\n", "parameter 2"),
            (f"otpauth://hotp/x?secret={SEED_TEXT}\n", "counter"),
            (f"otpauth://totp/x?secret={SEED_TEXT}!\n", "secret"),
            (f"otpauth://totp/x?secret={SEED_TEXT}\0\n", "shorter"),
            ("otpauth://totp/" + "x" * 5000 + "\n", "shorter"),
            ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n", "80 bits")]:
        result = house.want(USAGE, "import", "uri", typed=address)
        assert say in result.err, (address, result)
        assert SEED_TEXT not in result.err and "JBSW" not in result.err
    house.want(NO, "status")
    assert house.files() == ["marker"], house.files()


@test("a key of 80 bits is taken when it is forced, and its codes work")
def _():
    house = open_house()
    house.want(YES, "import", "uri", "--force",
               typed="otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=0\n")
    house.verify(YES, code(base64.b32decode("JBSWY3DPEHPK3PXP"), 0, 6))


@test("at a terminal, an address that is typed is not shown")
def _():
    house = open_house()
    terminal = Terminal(house.command("import", "uri"))
    terminal.wait("address: ")
    terminal.type(f"otpauth://totp/x?secret={SEED_TEXT}\n")
    assert terminal.end() == YES, terminal.text()
    assert SEED_TEXT not in terminal.text()
    terminal = Terminal(house.command("import", "uri", "--name", "b"))
    terminal.wait("address: ")
    assert not termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    terminal.type("\x03")
    terminal.wait("\n")
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    assert terminal.end() == -signal.SIGINT
    assert len(house.json("status")["authenticators"]) == 1


@test("stopped at a prompt for a secret, it shows typing again before it stops")
def _():
    house = open_house()
    program = shlex.join(house.command("import", "uri"))
    terminal = Terminal(["/bin/sh", "-mc", f"{program}; echo status-$?"])
    terminal.wait("address: ")
    terminal.type("\x1a")
    terminal.type("secret\n")
    terminal.wait("status-")
    assert "secret" not in terminal.text(), terminal.text()
    assert termios.tcgetattr(terminal.fd)[3] & termios.ECHO
    terminal.end()


# ---- odd surroundings ----

@test("results that cannot be written are a failure")
def _():
    house = open_house()
    with open("/dev/full", "w") as full:
        done = subprocess.run(house.command("list", "--json"), stdout=full,
                              stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == UNKNOWN
    assert b"could not be written" in done.stderr, done


@test("no key or code is ever an argument or left in the store unsealed")
def _():
    house = open_house()
    house.import_key()
    for name in house.files():
        content = open(os.path.join(house.store, name), "rb").read()
        assert SEED not in content and SEED_TEXT.encode() not in content


if not OTHERS:
    print("1..0 # SKIP the user database has one user only")
    sys.exit(0)
sys.exit(main())
