"""Helping users, and taking over what they have, as administrators do it: a
whole private installation in a temporary folder."""

import glob
import hmac
import json
import os
import pwd
import re
import shlex
import socket
import struct
import sys
import time
from urllib.parse import quote

from cli import (ME, NO, SEED, SEED_TEXT, UNKNOWN, USAGE, YES, House, Skip,
                 Terminal, main, test)

RFC4226 = "755224 287082 359152 969429 338314 254676 287922 162583".split()
OTHERS = [entry.pw_name for entry in pwd.getpwall() if entry.pw_name != ME]
UID = os.getuid()
KEY_128 = "GEZDGNBVGY3TQOJQGEZDGNBVGY"


def code(key, factor, digits=6):
    mac = hmac.new(key, struct.pack(">Q", factor), "sha1").digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF
    return str(number % 10 ** digits).zfill(digits)


def codes_of(text):
    """The recovery codes, or the like, that are shown."""
    return re.findall(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", text)


def open_house(settings=""):
    house = House(settings)
    house.want(YES, "setup")
    return house


def write(house, name, text, mode=0o600):
    path = house.path(name)
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, mode)
    return path


def damage_state(house):
    with open(f"{house.store}/{UID}.state", "r+b") as state:
        for at in 100, 4196:
            state.seek(at)
            state.write(b"x" * 8)


def users_of(house, *words):
    return [row["user"] for row in house.json("list", *words)["users"]]


# ---- listing ----

@test("list shows who is locked, disabled, never used, or short of codes")
def _():
    house = open_house("free_tries = 2\nfirst_wait = 1h\n"
                       "longest_wait = 1h\ndisable_after = 5\n")
    if len(OTHERS) < 2:
        raise Skip("the user database has too few users")
    waits, disabled = OTHERS[:2]
    for user in ME, waits, disabled:
        codes = codes_of(house.import_key(user).out)
        if user == ME:
            mine = codes
    for user, times in (waits, 2), (disabled, 5):
        for n in range(times):
            house.verify(NO, f"00000{n}", user)
    assert sorted(users_of(house, "--locked")) == sorted([waits, disabled])
    assert users_of(house, "--disabled") == [disabled]
    assert users_of(house, "--locked", "--disabled") == [disabled]
    assert len(users_of(house, "--never-used")) == 3
    assert users_of(house, "--few-recovery-codes") == []
    result = house.want(YES, "list", "--few-recovery-codes")
    assert result.out == "" and "nobody" in result.err, result
    for one in mine[:8]:
        house.verify(YES, one)
    assert users_of(house, "--few-recovery-codes") == [ME]
    assert ME not in users_of(house, "--never-used")
    result = house.want(YES, "list", "--disabled")
    assert result.out.count("\n") == 2 and disabled in result.out, result


@test("list shows who could log in and is not enrolled, unless exempt")
def _():
    house = open_house()
    with open("/etc/shells") as shells:
        shells = [line.strip() for line in shells if line.startswith("/")]
    able = [entry.pw_name for entry in pwd.getpwall()
            if (entry.pw_shell or "/bin/sh") in shells]
    if ME not in able:
        raise Skip("who runs this has no login shell")
    assert sorted(users_of(house, "--unenrolled")) == sorted(able)
    rows = house.json("list", "--unenrolled")["users"]
    assert all(row["enrolled"] is False for row in rows), rows
    assert ME in house.want(YES, "list", "--unenrolled").out
    house.import_key()
    assert ME not in users_of(house, "--unenrolled")
    house = open_house(f"exempt_users = {ME}\n")
    assert ME not in users_of(house, "--unenrolled")
    result = house.want(USAGE, "list", "--unenrolled", "--locked")
    assert "alone" in result.err, result


# ---- a bypass ----

@test("a bypass opens once, and is shown this once")
def _():
    house = open_house()
    house.want(NO, "bypass", ME)
    house.import_key()
    result = house.want(YES, "bypass", ME)
    first, = codes_of(result.out)
    said = house.json("bypass", ME, "--for", "5m")
    assert list(said) == ["user", "bypass", "expires"], said
    assert said["expires"].endswith("Z"), said
    house.verify(NO, first)
    assert house.json("verify", typed=said["bypass"].lower() + "\n")[
        "verdict"] == "accepted-bypass"
    assert "used already" in house.verify(NO, said["bypass"]).out
    assert house.json("status")["recovery_codes_left"] == 10
    for name in house.files():
        content = open(os.path.join(house.store, name), "rb").read()
        assert said["bypass"].encode() not in content
    house.verify(YES, RFC4226[0])


@test("status shows a bypass for as long as it opens, and its end")
def _():
    house = open_house()
    house.import_key()
    assert house.json("status")["bypass_until"] is None
    assert "bypass" not in house.want(YES, "status").out
    said = house.json("bypass", ME, "--for", "5m")
    assert house.json("status")["bypass_until"] == said["expires"]
    listed, = house.json("list")["users"]
    assert listed["bypass_until"] == said["expires"], listed
    assert "A bypass code is out" in house.want(YES, "status").out
    house.verify(YES, said["bypass"])
    assert house.json("status")["bypass_until"] is None
    house.json("bypass", ME)
    house.json("bypass", ME, "--cancel")
    assert house.json("status")["bypass_until"] is None


@test("a bypass that was ended opens nothing")
def _():
    house = open_house()
    house.import_key()
    assert "no bypass" in house.want(NO, "bypass", ME, "--cancel").err
    given = house.json("bypass", ME)["bypass"]
    assert "void" in house.want(YES, "bypass", ME, "--cancel").out
    house.verify(NO, given)
    given = house.json("bypass", ME)["bypass"]
    said = house.json("bypass", ME, "--cancel")
    assert said == {"user": ME, "bypass": None, "expires": None}, said


# ---- a new name ----

@test("adopt leaves who has his name alone, and wants to know whom")
def _():
    house = open_house()
    house.want(NO, "adopt", ME)
    house.import_key()
    result = house.want(YES, "adopt", ME)
    assert "enrolled under" in result.err and result.out == "", result
    assert house.json("adopt", "--all") == {"adopted": []}
    for words in ([], [ME, "--all"]):
        assert "USER or --all" in house.want(USAGE, "adopt", *words).err
    house.want(USAGE, "adopt", "no-such-user")


# ---- resyncing ----

@test("a token that ran away is brought back by two codes")
def _():
    house = open_house("hotp_lookahead = 1\n")
    house.import_key()
    house.verify(NO, RFC4226[5])
    result = house.want(NO, "resync", ME, "--name", "card",
                        typed=f"{RFC4226[5]}\n{RFC4226[7]}\n")
    assert "follow each other" in result.err, result
    result = house.want(YES, "resync", ME, "--name", "card",
                        typed=f"{RFC4226[5]}\n{RFC4226[6]}\n")
    assert "in step" in result.out, result
    assert "used already" in house.verify(NO, RFC4226[6]).out
    house.verify(YES, RFC4226[7])
    said = house.json("resync", ME, "--name", "card",
                      typed=f"{code(SEED, 20)}\n{code(SEED, 21)}\n")
    assert said["resynced"][0]["authenticator"] == "card", said


@test("resync tells what it was given that cannot help")
def _():
    house = open_house()
    house.want(NO, "resync", ME, "--name", "card")
    house.import_key()
    house.want(YES, "import", "uri", "--name", "phone",
               typed=f"otpauth://totp/x?secret={SEED_TEXT}\n")
    for words, typed, say in [
            ((ME, "--name", "card"), "", "two codes"),
            ((ME, "--name", "card"), RFC4226[0] + "\n", "two codes"),
            ((ME, "--name", "card"), "1234567\n", "6 digits"),
            ((ME, "--name", "phone"), "", "by time"),
            ((ME, "--name", "none"), "", "no authenticator"),
            (("--name", "card"), "", "USER is missing"),
            (("--all", "--name", "card"), "", "exclude"),
            ((), "", "USER or --all")]:
        result = house.want(USAGE, "resync", *words, typed=typed)
        assert say in result.err, (words, result)
    result = house.want(YES, "resync", ME)
    assert "not behind" in result.err and result.out == "", result
    assert house.json("resync", "--all") == {"resynced": []}


# ---- after a restore, and repairing ----

@test("after a restore nothing opens that was used since the backup")
def _():
    house = open_house()
    printed = codes_of(house.import_key().out)
    house.want(YES, "import", "uri", "--name", "phone",
               typed=f"otpauth://totp/x?secret={SEED_TEXT}\n")
    given = house.json("bypass", ME)["bypass"]
    house.want(YES, "invite", OTHERS[0])
    result = house.want(USAGE, "after-restore", typed="y\n")
    assert "--yes" in result.err, result
    said = house.json("after-restore", "--yes")
    assert said["invitations_ended"] == 1, said
    assert said["restored"] == [{
        "user": ME, "uid": UID, "recovery_codes_left": 0,
        "to_resync": ["card"]}], said
    assert not glob.glob(f"{house.store}/*.invitation")
    house.verify(NO, printed[0])
    house.verify(NO, given)
    house.verify(NO, RFC4226[0])
    house.verify(NO, code(SEED, int(time.time()) // 30))
    result = house.want(YES, "after-restore", "--yes")
    helps = [shlex.split(words) for words in
             re.findall("'sallyport ([^']+)'", result.out)]
    assert [words[0] for words in helps] == ["recovery", "resync"], result
    assert all(ME in words for words in helps), result
    house.want(YES, *helps[0])
    assert house.json("status")["recovery_codes_left"] == 10
    house.want(YES, *helps[1], typed=f"{RFC4226[4]}\n{RFC4226[5]}\n")
    house.want(YES, "unlock", ME)
    house.verify(NO, RFC4226[5])
    house.verify(YES, RFC4226[6])


@test("after a restore, who is damaged is told, and the others are served")
def _():
    house = open_house()
    house.import_key()
    house.import_key(OTHERS[0])
    damage_state(house)
    result = house.want(UNKNOWN, "--json", "after-restore", "--yes")
    assert "damaged" in result.err and "repair" in result.err, result
    said = json.loads(result.out)["restored"]
    assert [one["user"] for one in said] == [OTHERS[0]], said


@test("repair makes a damaged or lost state anew, and opens nothing again")
def _():
    for lose in (damage_state,
                 lambda house: os.remove(f"{house.store}/{UID}.state"),
                 lambda house: os.truncate(f"{house.store}/{UID}.state", 9)):
        house = open_house()
        printed = codes_of(house.import_key().out)
        house.verify(YES, RFC4226[0])
        house.verify(YES, printed[0])
        lose(house)
        house.want(UNKNOWN, "status")
        result = house.want(USAGE, "repair", ME, typed="y\n")
        assert "--yes" in result.err, result
        house.want(UNKNOWN, "status")
        result = house.want(YES, "repair", ME, "--yes")
        assert "whole" in result.out and "resync" in result.out, result
        assert house.json("status")["recovery_codes_left"] == 0
        for one in printed[0], printed[1], RFC4226[0], RFC4226[1]:
            house.verify(NO, one)
        house.want(YES, "resync", ME, "--name", "card",
                   typed=f"{RFC4226[2]}\n{RFC4226[3]}\n")
        house.verify(YES, RFC4226[4])
        fresh = codes_of(house.want(YES, "recovery").out)
        house.verify(YES, fresh[0])


@test("repair asks, and leaves alone what is whole")
def _():
    house = open_house()
    house.want(NO, "repair", ME, "--yes")
    house.import_key()
    before = open(f"{house.store}/{UID}.state", "rb").read()
    result = house.want(YES, "repair", ME)
    assert "nothing to repair" in result.err, result
    assert open(f"{house.store}/{UID}.state", "rb").read() == before
    damage_state(house)
    terminal = Terminal(house.command("repair", ME))
    terminal.wait("[y/N]")
    terminal.type("n\n")
    assert terminal.end() == NO
    house.want(UNKNOWN, "status")
    said = house.json("repair", str(UID), "--yes")
    assert said["to_resync"] == ["card"], said


@test("repair of a damaged enrolment says what helps instead")
def _():
    house = open_house()
    house.import_key()
    with open(f"{house.store}/{UID}.enrolment", "r+b") as file:
        file.seek(200)
        file.write(b"x" * 8)
    result = house.want(UNKNOWN, "repair", ME, "--yes")
    assert "backup" in result.err and "reset" in result.err, result


# ---- taking over ----

GOOGLE = KEY_128 + '\n" RATE_LIMIT 3 30\n" WINDOW_SIZE 3\n'


@test("a .google_authenticator file is taken over, and its codes work")
def _():
    house = open_house()
    path = write(house, "ga", GOOGLE + '" DISALLOW_REUSE\n" TOTP_AUTH\n')
    result = house.want(YES, "import", "google-authenticator", path,
                        "--user", ME)
    assert f'{ME} has the authenticator "phone" now' in result.out, result
    assert "RATE_LIMIT" in result.err, result
    assert len(codes_of(result.out)) == 10, result
    now = int(time.time()) // 30
    house.verify(YES, code(b"1234567890123456", now))


@test("the same file once more changes nothing, and spends what it knows of")
def _():
    house = open_house()
    path = write(house, "ga", GOOGLE + '" HOTP_COUNTER 3\n')
    words = ["import", "google-authenticator", path, "--user", ME]
    house.want(YES, *words)
    result = house.want(YES, *words)
    assert "already" in result.out and not codes_of(result.out), result
    assert len(house.json("status")["authenticators"]) == 1
    write(house, "ga", GOOGLE + '" HOTP_COUNTER 5\n')
    said = house.json(*words)["imported"][0]
    assert said["already"] is True and said["recovery_codes"] == [], said
    house.verify(NO, code(b"1234567890123456", 4))
    house.verify(YES, code(b"1234567890123456", 5))
    write(house, "ga", GOOGLE + '" HOTP_COUNTER 2\n')
    house.want(YES, *words)
    house.verify(NO, code(b"1234567890123456", 5))


@test("a code that was used under the module before stays spent")
def _():
    house = open_house()
    now = int(time.time()) // 30
    path = write(house, "ga", GOOGLE +
                 f'" DISALLOW_REUSE {now} {now + 2}\n" TOTP_AUTH\n')
    house.want(YES, "import", "google-authenticator", path, "--user", ME)
    for step in now, now + 1:
        house.verify(NO, code(b"1234567890123456", step))


@test("scratch codes, short keys and PINs are dropped when that is said")
def _():
    house = open_house()
    path = write(house, "ga", GOOGLE + '" TOTP_AUTH\n12345678\n')
    words = ["import", "google-authenticator", path, "--user", ME]
    result = house.want(USAGE, *words)
    assert "scratch codes are left (1)" in result.err and "--drop-scratch" in result.err
    house.want(NO, "status")
    house.want(YES, *words, "--drop-scratch-codes")
    write(house, "ga", 'JBSWY3DPEHPK3PXP\n" TOTP_AUTH\n')
    assert "80 bits" in house.want(USAGE, *words).err
    house.want(YES, *words, "--force")
    write(house, "ga", 'JBSWY3DP\n" TOTP_AUTH\n')
    assert "40 bits" in house.want(USAGE, *words, "--force").err
    path = write(house, "oath", f"HOTP {ME} 4711 {SEED.hex()}\n")
    assert "PIN" in house.want(USAGE, "import", "oath", path).err
    house.want(YES, "import", "oath", path, "--drop-pins")


@test("a file that others could read or write, or that is none, is refused")
def _():
    house = open_house()
    text = GOOGLE + '" TOTP_AUTH\n'
    good = write(house, "ga", text)
    os.symlink(good, house.path("link"))
    os.mkfifo(house.path("fifo"), 0o600)
    os.link(good, house.path("hard"))
    write(house, "open", text, 0o640)
    write(house, "nul", text + "\0")
    write(house, "long", text + "\n" * 70000)
    for name, say, status in [
            ("link", "is a link", UNKNOWN), ("hard", "2 links", UNKNOWN),
            ("fifo", "not a regular file", UNKNOWN),
            ("open", "mode 0640", UNKNOWN), ("nul", "NUL", USAGE),
            ("long", "more than 65536", USAGE),
            (".", "not a regular file", UNKNOWN),
            ("none", "cannot open", UNKNOWN)]:
        for kind in "google-authenticator", "oath":
            if (name, kind) == ("long", "oath"):
                continue
            result = house.want(status, "import", kind, house.path(name),
                                *(["--user", ME] if kind != "oath" else []))
            assert say in result.err, result
            assert KEY_128 not in result.err, result
    house.want(NO, "status")


@test("users.oath is taken over line by line, each type with its codes")
def _():
    house = open_house()
    now = int(time.time())
    path = write(house, "users.oath", f"""\
# a note
HOTP\t{ME}\t-\t{SEED.hex()}\t1\t{RFC4226[1]}\t2026-01-31T12:00:00L
HOTP/T60/8 {ME} + {b"abcdefghijabcdefghij".hex()}
HOTP/E/7 {OTHERS[0]} - {b"ABCDEFGHIJABCDEFGHIJ".hex()} 5

""")
    said = house.json("import", "oath", path)["imported"]
    assert [one["user"] for one in said] == [ME, ME, OTHERS[0]], said
    assert [len(one["recovery_codes"]) for one in said] == [10, 0, 10], said
    assert "used already" in house.verify(NO, RFC4226[1]).out
    house.verify(YES, RFC4226[2])
    house.verify(YES, code(b"abcdefghijabcdefghij", now // 60, 8))
    house.verify(YES, code(b"ABCDEFGHIJABCDEFGHIJ", 5, 7), OTHERS[0])
    said = house.json("import", "oath", path)["imported"]
    assert all(one["already"] for one in said), said
    house.verify(NO, RFC4226[2])


@test("one line of users.oath that is wrong, and nothing is imported")
def _():
    house = open_house()
    good = f"HOTP {ME} - {SEED.hex()}\n"
    for bad, say in [("MOTP x - 00\n", ":2: column 1"),
                     (f"HOTP {ME} - 0g\n", ":2: column 4"),
                     (f"HOTP no-such-user - {SEED.hex()}\n", "no user"),
                     (f"HOTP {ME} - {'ab' * 9}\n", "72 bits"),
                     ("x" * 5000 + "\n", "too long")]:
        path = write(house, "oath", good + bad)
        result = house.want(USAGE, "import", "oath", path)
        assert say in result.err and "nothing was" in result.err, result
        assert SEED.hex() not in result.err, result
    house.want(NO, "status")
    house.want(NO, "import", "oath", write(house, "oath", "# none\n"))
    path = write(house, "oath", good + f"HOTP {OTHERS[0]} - {SEED.hex()}\n")
    house.want(YES, "import", "oath", path, "--user", ME)
    house.want(NO, "status", "--user", OTHERS[0])
    result = house.want(NO, "import", "oath", path, "--user", OTHERS[-1])
    assert "no line" in result.err, result


@test("imports say which words go together")
def _():
    house = open_house()
    for words, say in [
            (["google-authenticator"], "FILE or --all-homes"),
            (["google-authenticator", "f", "--all-homes"], "FILE or"),
            (["google-authenticator", "--all-homes", "--user", ME],
             "exclude"),
            (["oath"], "FILE is missing"), (["oath", "f", "--all-homes"],
                                            "google-authenticator"),
            (["uri", "f"], "too many"), (["uri", "--drop-pins"], "uri")]:
        result = house.want(USAGE, "import", *words)
        assert say in result.err, result


# ---- exporting ----

@test("what is exported is imported elsewhere, and gives the same codes")
def _():
    house, other = open_house(), open_house()
    house.import_key()
    house.verify(YES, RFC4226[0])
    result = house.want(USAGE, "export", ME)
    assert "--yes" in result.err and result.out == "", result
    address = house.want(YES, "export", ME, "--yes").out
    assert address.startswith("otpauth://hotp/server01:"), address
    said = house.json("export", "--all", "--yes")["exported"]
    assert [one["uri"] + "\n" for one in said] == [address], said
    other.want(YES, "import", "uri", "--name", "card", typed=address)
    other.verify(NO, RFC4226[0])
    other.verify(YES, RFC4226[1])
    again = other.want(YES, "import", "uri", typed=address)
    assert "already" in again.out, again
    other.want(NO, "export", OTHERS[0], "--yes")


@test("an exported address says where it is of, as one that was enrolled does")
def _():
    house = open_house()
    house.import_key()
    with open(house.config, "r+") as file:
        rest = [line for line in file if not line.startswith("issuer")]
        file.seek(0)
        file.truncate()
        file.writelines(rest)
    address = house.want(YES, "export", ME, "--yes").out
    assert f"&issuer={quote(socket.gethostname()[:63], safe='')}&" in address
    with open(house.config, "a") as file:
        file.write("issuer = a:b\n")
    result = house.want(USAGE, "export", ME, "--yes")
    assert "the setting issuer" in result.err and result.out == "", result


if not OTHERS:
    print("1..0 # SKIP the user database has one user only")
    sys.exit(0)
sys.exit(main())
