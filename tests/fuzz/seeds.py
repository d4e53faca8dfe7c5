#!/usr/bin/python3
"""Writes the first inputs of every fuzz target into corpus/NAME/seed-*.

What the fuzzers found beside them has the hash of its bytes for a name.
Run it in this folder after a format has changed, and commit what it writes.
"""

import base64
import os
import struct

NOON = 1800014400


def write(target, name, data):
    folder = os.path.join(os.path.dirname(__file__), "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "seed-" + name), "wb") as file:
        file.write(data)


# ---- settings: texts, and \x1d for 4096 of the byte before ----

EVERYTHING = b"""# everything there is
store_dir = /srv/store
key_file = /srv/key
verifier_socket = /srv/socket
issuer = Example & Sons
digits = 8
enrolment = offered
enrol_by = 2028-02-29
self_enrolment = yes
exempt_users = root, backup
exempt_groups = robots
exempt_networks = 192.0.2.0/24, 2001:db8::/32 ::1
exempt_keys = sk
window = 2
hotp_lookahead = 100
free_tries = 1
first_wait = 1s
longest_wait = 1h
disable_after = 5
breach_lists = /srv/lists/*.breach
breach_min_count = 100000
breach_at_login = deny
breach_at_change = log
breach_when_missing = allow
"""

SETTINGS = {
    "empty": b"",
    "everything": EVERYTHING,
    "drop-ins": b"window = 0\n\x1ewindow = 1\n\x1ewindow = 2\n",
    "drop-in-order": b"\x1eissuer = nine\n\x1eissuer = ten\n",
    "drop-in-bad": b"window = 0\n\x1ewindow = 3\n\x1edigits = 6\n",
    "blanks": b"  window\t =  2 \t\n\n \t\n\t# note\nissuer =\ta  b \n",
    "twice": b"window = 1\nwindow = 1\n",
    "twice-in-two": b"window = 1\n\x1ewindow = 1\n",
    "group": b"[main]\nwindow = 1\n",
    "no-value": b"window\n",
    "no-name": b"= 1\n",
    "empty-value": b"exempt_users =\n",
    "empty-issuer": b"issuer =\n",
    "unknown": b"windows = 1\n",
    "control": b"issuer = a\x1bb\n",
    "delete": b"issuer = a\x7fb\n",
    "unknown-control": b"a\x1bb = 1\n",
    "long-name": b"a" * 300 + b" = 1\n",
    "crlf": b"window = 1\r\n",
    "crlf-comment": b"# note\r\nwindow = 1\n",
    "cr-hides": b"# note\rwindow = 0\r",
    "nul": b"window = 1\n\0window = 2\n",
    "bom": b"\xef\xbb\xbfwindow = 1\n",
    "no-end": b"window = 1",
    "equals": b"issuer = a=b # c\n",
    "quoted": b'issuer = "a\\b"\n',
    "flag": b"explain\n",
    "flag-value": b"explain = yes\n",
    "zeros": b"window = 01\n",
    "sign": b"window = +1\n",
    "huge": b"window = 18446744073709551617\n",
    "huge-wait": b"first_wait = 307445734561825861m\n",
    "hours": b"first_wait = 60m\nlongest_wait = 1h\n",
    "hours-too-many": b"first_wait = 2h\n",
    "no-unit": b"first_wait = 30\n",
    "waits-crossed": b"first_wait = 2m\nlongest_wait = 1m\n",
    "tries-crossed": b"free_tries = 6\ndisable_after = 5\n",
    "choice-of-another": b"breach_at_change = change\n",
    "choice-cut": b"breach_at_login = den\n",
    "choice-two": b"breach_at_login = warn|change\n",
    "choice-bar": b"breach_at_login = |\n",
    "choice-last": b"breach_at_login = change\n",
    "date-none": b"enrol_by = 2027-02-29\n",
    "date-first": b"enrol_by = 1970-01-01\n",
    "date-last": b"enrol_by = 9999-12-31\n",
    "date-before": b"enrol_by = 1969-12-31\n",
    "date-short": b"enrol_by = 2027-2-9\n",
    "count-zero": b"breach_min_count = 0\n",
    "networks-none": b"exempt_networks =\n",
    "networks-name": b"exempt_networks = 10.0.0.0/8 localhost\n",
    "networks-more": b"exempt_networks = 10.1.0.0/8\n",
    "networks-control": b"exempt_networks = 10.0.0.0/8\x1b\n",
    "networks-long": b"exempt_networks = ::1" + b",::1" * 130 + b"\n",
    "trust": b"trust = sshd\n",
    "relative": b"store_dir = store\n",
    "socket-full": b"verifier_socket = /" + b"a" * 106 + b"\n",
    "socket-long": b"verifier_socket = /" + b"a" * 107 + b"\n",
    "path-full": b"store_dir = /" + b"a" * 254 + b"\n",
    "path-long": b"store_dir = /" + b"a" * 255 + b"\n",
    "64k": b"#" + b"\x1d" * 15 + b"#" * 4095,
    "64k-and-one": b"#" + b"\x1d" * 15 + b"#" * 4096,
    "64k-drop-in": b"\x1e\n" + b"\x1d" * 17,
    "64k-lines": b"\n" + b"\x1d" * 15 + b"bad\n",
}

# ---- words: a byte, then words, each ended by a NUL ----

AUTH, ACCOUNT, CONFIG, PASSWORD = 0, 1, 2, 0x20

WORDS = {
    "empty": (AUTH, []),
    "config": (AUTH | CONFIG, []),
    "auth": (AUTH | CONFIG | 2 << 2,
             [b"explain", b"echo", b"prompt=Code, please: ",
              b"enrolment=optional", b"exempt_users=root,backup",
              b"exempt_groups=robots", b"use_first_pass"]),
    "account": (ACCOUNT | CONFIG, [b"guard", b"enrolment=required"]),
    "exempt": (AUTH | CONFIG,
               [b"trust=sshd", b"exempt_networks=::1,10.0.0.0/8",
                b"exempt_keys=sk"]),
    "exempt-account": (ACCOUNT, [b"guard", b"trust=sshd", b"exempt_keys=none"]),
    "trust-on-password": (PASSWORD, [b"trust=sshd"]),
    "trust-nobody": (AUTH, [b"trust=sudo"]),
    "networks-name": (AUTH, [b"exempt_networks=localhost"]),
    "password": (PASSWORD | CONFIG,
                 [b"retry=10", b"use_authtok", b"enforce_for_root"]),
    "password-on-auth": (AUTH, [b"use_authtok"]),
    "password-on-account": (ACCOUNT, [b"retry=1"]),
    "guard-on-password": (PASSWORD, [b"guard"]),
    "enrolment-on-password": (PASSWORD, [b"enrolment=optional"]),
    "retry-zero": (PASSWORD, [b"retry=0"]),
    "guard-on-auth": (AUTH, [b"guard"]),
    "split-on-account": (ACCOUNT, [b"split"]),
    "split": (AUTH, [b"split", b"explain"]),
    "use-split": (AUTH, [b"use_split", b"echo"]),
    "split-both": (AUTH, [b"split", b"use_split"]),
    "split-echo": (AUTH, [b"split", b"echo"]),
    "split-first-pass": (AUTH, [b"split", b"try_first_pass"]),
    "both-first-passes": (AUTH, [b"try_first_pass", b"use_first_pass"]),
    "twice": (AUTH, [b"explain", b"explain"]),
    "twice-values": (AUTH, [b"prompt=a", b"prompt=b"]),
    "twice-forms": (AUTH, [b"explain", b"explain=1"]),
    "config-twice": (AUTH | CONFIG, [b"config=/etc/other"]),
    "config-bare": (AUTH, [b"config"]),
    "config-relative": (AUTH, [b"config=here"]),
    "flag-value": (AUTH, [b"explain="]),
    "value-missing": (AUTH, [b"prompt"]),
    "value-empty": (AUTH, [b"prompt="]),
    "list-empty": (AUTH, [b"exempt_users="]),
    "file-only": (AUTH, [b"window=1"]),
    "unknown": (AUTH, [b"explian"]),
    "nothing": (AUTH, [b"", b""]),
    "only-equals": (AUTH, [b"=", b"=a"]),
    "control": (AUTH, [b"prompt=a\x1bb"]),
    "unknown-control-twice": (AUTH, [b"a\nb", b"a\nb"]),
    "prompt-full": (AUTH, [b"prompt=" + b"a" * 127]),
    "prompt-long": (AUTH, [b"prompt=" + b"a" * 128]),
    "name-long": (AUTH, [b"a" * 64 + b"=b"]),
    "many": (AUTH, [b"w%d" % n for n in range(40)]),
}


# ---- answers: settings, a time, then seconds and what is typed ----

# window, hotp_lookahead - 1, free_tries - 1, disable_after above its least,
# first_wait - 1 and longest_wait above it, in two bytes each
USUAL = struct.pack("<BBBBHH", 1, 9, 4, 95, 29, 3570)
STRICT = struct.pack("<BBBBHH", 0, 0, 0, 0, 0, 0)
WIDE = struct.pack("<BBBBHH", 2, 99, 19, 80, 3599, 0)


def code(whose, how_far=0):
    return bytes([0x80 + whose + 8 * (how_far + 3)])


def at(seconds, typed):
    return struct.pack("<h", seconds) + typed + b"\0"


PHONE, OLD_PHONE, TOKEN, TABLET, DESK = range(5)
WRONG = b"000000"

def answers(settings, start, them):
    return settings + struct.pack("<i", start) + b"".join(
        at(*one) for one in them)


# settings, seconds from WALLET_NOON, (seconds since the last, what is typed)
ANSWERS = {
    "empty": (USUAL, 0, [(0, b"")]),
    "right": (USUAL, 0, [(0, code(PHONE)), (0, code(PHONE))]),
    "each": (USUAL, 0, [(5, code(n)) for n in range(5)]),
    "window": (USUAL, 0, [(0, code(PHONE, -2)), (0, code(PHONE, -1)),
                          (0, code(PHONE, 1)), (0, code(PHONE, 0)),
                          (60, code(PHONE, 2))]),
    "no-window": (STRICT, 0, [(0, code(PHONE, -1)), (0, code(PHONE))]),
    "wide-window": (WIDE, 0, [(0, code(TABLET, -2)), (0, code(TABLET, 2)),
                              (0, code(TABLET, 3))]),
    "token": (USUAL, 0, [(0, code(TOKEN)), (0, code(TOKEN, -1)),
                         (0, code(TOKEN, 4)), (0, code(TOKEN, -3))]),
    "twins": (USUAL, 0, [(0, code(PHONE)), (0, code(OLD_PHONE))]),
    "behind": (USUAL, 0, [(0, code(PHONE)), (-31, code(PHONE, 1)),
                          (-300, code(PHONE)), (0, b"\xc0")]),
    "long-ago": (USUAL, -2000000000, [(0, code(PHONE)), (0, b"\xc1")]),
    "before-release": (USUAL, -40000000, [(0, code(PHONE)), (0, b"\xd1")]),
    "2038": (USUAL, 400000000, [(0, code(PHONE)), (0, code(DESK))]),
    "waiting": (STRICT, 0, [(0, WRONG), (0, code(PHONE)), (1, code(PHONE))]),
    "disabled": (STRICT, 0, [(9, WRONG)] * 6 + [(9, code(PHONE)),
                                               (0, b"\xc2"),
                                               (240, code(PHONE))]),
    "recovery": (USUAL, 0, [(0, bytes([0xc0 + n])) for n in range(10)] +
                 [(0, b"\xc3"), (0, b"\xd3")]),
    "recovery-sloppy": (USUAL, 0, [(0, bytes([0xd0 + n]))
                                   for n in range(10)]),
    "recovery-burns": (USUAL, 0, [(0, b"\xc4"), (0, code(PHONE)),
                                  (0, code(TOKEN)), (60, code(PHONE))]),
    "recovery-nobodys": (USUAL, 0, [(0, b"\xfc"), (-600, b"\xfc")]),
    "bypass": (STRICT, 0, [(0, WRONG), (0, b"\xfb"), (0, b"\xfb"),
                           (0, code(PHONE)), (3600, b"\xfb")]),
    "bypass-behind": (USUAL, 0, [(60, code(PHONE)), (-600, b"\xfb"),
                                 (600, b"\xfb")]),
    "bypass-last": (USUAL, 3599, [(0, b"\xfb")]),
    "bypass-over": (USUAL, 3600, [(0, b"\xfb"), (0, b"\xc0")]),
    "recovery-mistyped": (USUAL, 0, [(0, b"\xc0A"), (0, b"Z\xc0"),
                                     (0, b"00000-00000-00000-00000-0000U"),
                                     (0, b"00000-00000-00000-00000-00000")]),
    "blanks": (USUAL, 0, [(0, b" \t" + code(PHONE) + b"\r\n"),
                          (0, b"12 34-56"), (0, b"-- --"),
                          (0, b"1\xfd\x05"), (0, b"1\xfd\x07")]),
    "digits": (USUAL, 0, [(0, b"0" * n) for n in range(1, 12)]),
    "odd": (USUAL, 0, [(0, b"+12345"), (0, b"0x1234"), (0, b"1e5000"),
                       (0, b"12345\v"), (0, "١٢٣٤٥٦".encode().replace(
                           b"\xd9", b"\xff\xd9")), (0, b"123456\x01")]),
    "filler": (USUAL, 0, [(0, b"\xfe"), (0, b"\b"), (0, b"\b\n\r\x7fIN"),
                          (0, b"\xfe\b\n"), (0, b"\xfe\xfe"),
                          (0, b"\xfeTINCORRECT"), (0, b"\xfe123456"),
                          (0, b" \xfe")]),
    "long": (USUAL, 0, [(0, b" \xfd\xff \xfd\xfb" + code(PHONE)),
                        (0, b" \xfd\xff \xfd\xf8" + code(PHONE)),
                        (0, b"A\xfd\xff\xfd\xff\xfd\xff")]),
    "password": (USUAL, 0, [(0, b"correct horse" + code(PHONE)),
                            (0, b"pass\xc5"), (0, b"pass-\xd5"),
                            (0, b"pass12345678")]),
    # The phone shows the same code in two steps, one behind the other.
    "neighbours": (USUAL, 11899020 - 30, [(0, code(PHONE)), (0, code(PHONE)),
                                          (30, code(PHONE)),
                                          (0, code(PHONE))]),
    "neighbours-early": (USUAL, 11899020 - 30, [(0, code(PHONE, -1)),
                                                (0, code(PHONE, 1)),
                                                (0, code(PHONE))]),
    "neighbours-but-one": (WIDE, 32646210, [(-60, code(PHONE)),
                                            (0, code(PHONE, 2)),
                                            (0, code(PHONE, 1)),
                                            (60, code(PHONE))]),
}


# ---- login: a stack, a time, then seconds, what goes wrong, what is typed ----

ASK, ECHO, SPLIT, FIRST_PASS = range(4)
NOTHING = 1  # goes wrong

LOGINS = {
    "empty": (ASK, [(0, NOTHING, b"")]),
    "right": (ASK, [(0, NOTHING, code(PHONE)), (0, NOTHING, code(PHONE)),
                    (30, NOTHING, code(PHONE))]),
    "each": (ECHO, [(1, NOTHING, code(n)) for n in range(5)]),
    "wrong": (ASK, [(0, NOTHING, WRONG)] * 6 +
              [(0, NOTHING, code(PHONE)), (0, NOTHING, b"\xc0")]),
    "malformed": (ASK, [(0, NOTHING, b"secret"), (0, NOTHING, b"12345"),
                        (0, NOTHING, b"1\xfd\xff1\xfd\xff1\xfd\xff")]),
    "filler": (ASK, [(0, NOTHING, b"\xfe"),
                     (0, NOTHING, b"\b\n\r\x7fIN")]),
    "filler-split": (SPLIT, [(0, NOTHING, b"\xfe"),
                             (0, NOTHING, b"\b\n\r\x7fIN")]),
    "behind": (ASK, [(0, NOTHING, code(PHONE)),
                     (-3000, NOTHING, code(PHONE)),
                     (0, NOTHING, b"\xd0")]),
    "recovery": (ECHO, [(0, NOTHING, b"\xc1"), (0, NOTHING, b"\xd1"),
                        (0, NOTHING, b"\xfc")]),
    "split": (SPLIT, [(0, NOTHING, b"password" + code(PHONE)),
                      (0, NOTHING, b"password\xc2"),
                      (0, NOTHING, b"password\xd2"),
                      (0, NOTHING, code(TOKEN)),
                      (0, NOTHING, b"password"), (0, NOTHING, b"\xfe")]),
    "first-pass": (FIRST_PASS, [(0, NOTHING, code(PHONE) + WRONG),
                                (0, NOTHING, b"password" + code(TOKEN)),
                                (0, NOTHING, b"\xc3" + WRONG),
                                (0, NOTHING, b"\xfe")]),
    "trouble": (ASK, [(0, 0xf0 + n, code(PHONE)) for n in range(7)] +
                [(0, NOTHING, code(PHONE))]),
    "trouble-split": (SPLIT, [(0, 0xf0 + n, b"a" + code(PHONE))
                              for n in range(7)]),
}


def logins(stack, them):
    return struct.pack("<Bi", stack, 0) + b"".join(
        struct.pack("<hB", seconds, how) + typed + b"\0"
        for seconds, how, typed in them)


# ---- request: a frame, or questions; reply: a frame, or a good one edited ----

FRAME, QUESTIONS = 0, 1
LOOK, VERIFY, STATUS, CHANGE, PICTURE = 1, 2, 3, 4, 5


def text(value):
    return struct.pack("<H", len(value)) + value


def frame(direction, kind, *fields, magic=b"\x89SPV\x01"):
    return bytes([FRAME]) + magic + bytes([direction, kind]) + b"".join(fields)


SAID = text(b"xlock") + text(b"192.0.2.7") + text(b":0") + b"\1"
STORE = text(b"/var/lib/sallyport")
WHOLE = STORE + text(b"alice") + SAID


def asked(*them):
    """(seconds, who asks, about whom, kind, said, typed)"""
    return bytes([QUESTIONS]) + b"".join(
        struct.pack("<hB", seconds, asks + 4 * about + 16 * (kind - 1)) +
        said + b"\0" + typed + b"\0"
        for seconds, asks, about, kind, said, typed in them)


BEGIN, CONFIRM, RENAME, REMOVE, RECOVERY = range(1, 6)
BY_CODE = b"\2\2" + text(b"123456")
BY_PASSWORD = b"\1" + text(b"secret")
SHAPE = bytes([1, 1, 6, 30])
BLOB = b"\x89SPOF\r\n\x1a" + b"b" * 568


def wants(act, proof, *fields):
    return frame(1, CHANGE, WHOLE, bytes([act]) + proof, *fields)


ALICE, BOB, ROOT, STRANGER = range(4)
ABOUT_ALICE, ABOUT_BOB, ABOUT_NOBODY, ABOUT_ODD = range(4)


def by_alice(*typed):
    return asked(*[(0, ALICE, ABOUT_ALICE, VERIFY, b"locker", one)
                   for one in typed])


REQUESTS = {
    "no-bytes": bytes([FRAME]),
    "look": frame(1, LOOK, WHOLE),
    "status": frame(1, STATUS, WHOLE),
    "code": frame(1, VERIFY, WHOLE, b"\x02", text(b"123456")),
    "code-short": frame(1, VERIFY, WHOLE, b"\x02", text(b"12345")),
    "code-letter": frame(1, VERIFY, WHOLE, b"\x02", text(b"12345a")),
    "code-long": frame(1, VERIFY, WHOLE, b"\x02", text(b"123456789")),
    "recovery-code": frame(1, VERIFY, WHOLE, b"\x03", b"r" * 15),
    "malformed": frame(1, VERIFY, WHOLE, b"\x00"),
    "blocked": frame(1, VERIFY, WHOLE, b"\x01"),
    "answer-odd": frame(1, VERIFY, WHOLE, b"\x04"),
    "answer-missing": frame(1, VERIFY, WHOLE),
    "more": frame(1, LOOK, WHOLE, b"\0"),
    "kind-none": frame(1, 0, WHOLE),
    "kind-more": frame(1, 6, WHOLE),
    "picture": frame(1, PICTURE, WHOLE, BLOB),
    "picture-short": frame(1, PICTURE, WHOLE, BLOB[1:]),
    "begin": wants(BEGIN, BY_PASSWORD, text(b""), SHAPE),
    "begin-named": wants(BEGIN, BY_CODE, text(b"my phone"), SHAPE),
    "begin-name-odd": wants(BEGIN, BY_CODE, text(b"my\"phone"), SHAPE),
    "begin-shape-odd": wants(BEGIN, BY_CODE, text(b""), b"\3\1\6\x1e"),
    "confirm": wants(CONFIRM, BY_PASSWORD, BLOB, b"\2", text(b"123456")),
    "confirm-spent": wants(CONFIRM, b"\2\0", BLOB, b"\2", text(b"123456")),
    "confirm-short": wants(CONFIRM, b"\0", BLOB[1:], b"\0"),
    "rename": wants(RENAME, BY_CODE, text(b"a"), struct.pack("<Q", NOON),
                    text(b"b")),
    "remove": wants(REMOVE, b"\2\3" + b"r" * 15, text(b"a"),
                    struct.pack("<Q", NOON)),
    "remove-odd": wants(REMOVE, b"\0", text(b"a"), struct.pack("<Q", 2**63)),
    "new-codes": wants(RECOVERY, b"\0"),
    "act-none": wants(0, b"\0"),
    "act-more": wants(6, b"\0"),
    "proof-login": wants(RECOVERY, b"\3"),
    "proof-root": wants(RECOVERY, b"\4"),
    "password-long": wants(RECOVERY, b"\1" + text(b"p" * 513)),
    "direction": frame(2, LOOK, WHOLE),
    "version": frame(1, LOOK, WHOLE, magic=b"\x89SPV\x02"),
    "magic": frame(1, LOOK, WHOLE, magic=b"\x89SPE\x01"),
    "nul": frame(1, LOOK, STORE, text(b"al\0ce"), SAID),
    "user-full": frame(1, LOOK, STORE, text(b"a" * 256), SAID),
    "user-long": frame(1, LOOK, STORE, text(b"a" * 257), SAID),
    "length-wrong": frame(1, LOOK, STORE, b"\xff\xffalice", SAID),
    "empty-texts": frame(1, LOOK, text(b"") * 5, b"\0"),
    "shows-odd": frame(1, LOOK, text(b"") * 5, b"\2"),
    "right": by_alice(code(PHONE), code(PHONE)),
    "each": by_alice(*[code(n) for n in range(5)]),
    "wrong": by_alice(*[WRONG] * 6, code(PHONE), b"\xc1"),
    "drifted": by_alice(code(PHONE, 4), code(TABLET, -3)),
    "recovery": by_alice(b"\xc0", b"\xc0", b"\xd1", b"\xfc"),
    "odd": by_alice(b"secret", b"\xfe", b"1\xfd\xff1\xfd\xff1\xfd\xff"),
    "behind": asked((0, ALICE, ABOUT_ALICE, VERIFY, b"", code(PHONE)),
                    (-3000, ALICE, ABOUT_ALICE, VERIFY, b"", code(PHONE))),
    "status-after": asked((0, ALICE, ABOUT_ALICE, VERIFY, b"", code(PHONE)),
                          (0, ALICE, ABOUT_ALICE, STATUS, b"", b""),
                          (0, ALICE, ABOUT_ALICE, LOOK, b"", b"")),
    "about-others": asked(*[(0, asks, about, VERIFY, b"", code(PHONE))
                            for asks in (BOB, STRANGER)
                            for about in range(4)]),
    "root-about-all": asked(*[(0, ROOT, about, kind, b"", b"")
                              for about in (ABOUT_BOB, ABOUT_NOBODY)
                              for kind in (LOOK, VERIFY, STATUS)]),
    "root-right": asked((0, ROOT, ABOUT_ALICE, VERIFY, b"su", code(PHONE))),
    "said-odd": asked((0, ALICE, ABOUT_ALICE, VERIFY, b'"\n\x1b\xff', WRONG)),
}


def judged(verdict, name=b"", left=10):
    accepts = verdict in (ACCEPTED, ACCEPTED_RECOVERY, ACCEPTED_BYPASS)
    notices = b"\1\0\2\0" if accepts else b""
    return (b"\0" + struct.pack("<I", verdict) + (text(name) if name else b"")
            + struct.pack("<IQBB", 0, 0, left, 0) + notices)


def shown(name=b"phone", kind=1, algorithm=1, pending=0, created=NOON):
    return text(name) + struct.pack("<BBBBBQQ", kind, algorithm, 6, 30,
                                    pending, created, 0)


def summed(*them, count=None, unseen=0, bypass=0):
    return (b"\0\1" + struct.pack("<I", 1000) + text(b"alice") +
            bytes([len(them) if count is None else count]) + b"".join(them) +
            struct.pack("<BBQIQBQ", 10, unseen, bypass, 0, 0, 0, NOON))


ACCEPTED, ACCEPTED_RECOVERY, NOT_RIGHT = 0x3a96c5e1, 0x65d23b8e, 0x1c4f
ACCEPTED_BYPASS = 0x5b0cf639
DONE, UNPROVEN = 0x2d5b93c6, 0x11e3


def changed(change, judgement=None, *done):
    return (b"\0" + struct.pack("<I", change) + text(b"phone") +
            (b"\0" if judgement is None else b"\1" + judgement[1:]) +
            b"".join(done))


NO_KEY, NO_CODES = b"\0", b"\0"
KEY = b"\x14" + b"K" * 20 + text(b"phone") + SHAPE + BLOB
CODES = b"\x0a" + text(b"00000-00000-00000-00000-00000") * 10

REPLIES = {
    "no-bytes": bytes([FRAME]),
    "enrolled": frame(2, LOOK, b"\0\1"),
    "unenrolled": frame(2, LOOK, b"\0\0"),
    "enrolled-odd": frame(2, LOOK, b"\0\2"),
    "accepted": frame(2, VERIFY, judged(ACCEPTED, b"phone")),
    "accepted-nameless": frame(2, VERIFY, judged(ACCEPTED)),
    "accepted-name-odd": frame(2, VERIFY, judged(ACCEPTED, b'a"b')),
    "accepted-recovery": frame(2, VERIFY, judged(ACCEPTED_RECOVERY)),
    "accepted-bypass": frame(2, VERIFY, judged(ACCEPTED_BYPASS)),
    "wrong": frame(2, VERIFY, judged(NOT_RIGHT)),
    "wrong-with-name": frame(2, VERIFY, judged(NOT_RIGHT, b"phone")),
    "no-verdict": frame(2, VERIFY, judged(0)),
    "left": frame(2, VERIFY, judged(NOT_RIGHT, left=11)),
    "failed": frame(2, VERIFY, b"\4"),
    "failed-most": frame(2, STATUS, b"\x0c"),
    "failed-more": frame(2, VERIFY, b"\x0d"),
    "failed-and-accepted": frame(2, VERIFY, b"\4" +
                                 judged(ACCEPTED, b"phone")[1:]),
    "request": frame(1, LOOK, b"\0\1"),
    "kind": frame(2, 6, b"\0\1"),
    "picture": frame(2, PICTURE, b"\0\x15" + b"\x5a" * 55 + b"\1"),
    "picture-largest": frame(2, PICTURE, b"\0\x39" + b"\xff" * 406 + b"\1"),
    "picture-odd": frame(2, PICTURE, b"\0\x15" + b"\x5a" * 55 + b"\3"),
    "picture-short": frame(2, PICTURE, b"\0\x15" + b"\x5a" * 55),
    "picture-width": frame(2, PICTURE, b"\0\x16" + b"\0" * 61),
    "picture-none": frame(2, PICTURE, b"\0\0"),
    "picture-large": frame(2, PICTURE, b"\0\x3d" + b"\0" * 466),
    "changed": frame(2, CHANGE, changed(DONE, None, b"\0", NO_KEY, NO_CODES)),
    "begun": frame(2, CHANGE, changed(DONE, judged(ACCEPTED, b"phone"),
                                      b"\0", KEY, NO_CODES)),
    "enrolled-now": frame(2, CHANGE, changed(DONE, None, b"\0", NO_KEY,
                                             CODES)),
    "ended": frame(2, CHANGE, changed(DONE, None, b"\1", NO_KEY, NO_CODES)),
    "ended-odd": frame(2, CHANGE, changed(DONE, None, b"\2", NO_KEY,
                                          NO_CODES)),
    "unproven": frame(2, CHANGE, changed(UNPROVEN, judged(NOT_RIGHT))),
    "unproven-with-key": frame(2, CHANGE, changed(UNPROVEN, None, b"\0", KEY,
                                                  CODES)),
    "no-change": frame(2, CHANGE, changed(0)),
    "codes-more": frame(2, CHANGE, changed(DONE, None, b"\0", NO_KEY,
                                           b"\x0b" + text(b"0") * 11)),
    "key-long": frame(2, CHANGE, changed(DONE, None, b"\0", b"\x81")),
    "status-none": frame(2, STATUS, b"\0\0"),
    "status": frame(2, STATUS, summed(shown(), shown(b"token", 2))),
    "status-empty": frame(2, STATUS, summed()),
    "status-eight": frame(2, STATUS, summed(*[shown()] * 8)),
    "status-nine": frame(2, STATUS, summed(*[shown()] * 9)),
    "status-short": frame(2, STATUS, summed(shown(), count=2)),
    "status-kind": frame(2, STATUS, summed(shown(kind=3))),
    "status-algorithm": frame(2, STATUS, summed(shown(algorithm=0))),
    "status-pending": frame(2, STATUS, summed(shown(pending=2))),
    "status-created": frame(2, STATUS, summed(shown(created=2**63))),
    "status-unseen": frame(2, STATUS, summed(shown(), unseen=1)),
    "status-unseen-odd": frame(2, STATUS, summed(shown(), unseen=2)),
    "status-bypass": frame(2, STATUS, summed(shown(), bypass=NOON)),
    "status-bypass-odd": frame(2, STATUS, summed(shown(), bypass=2**63)),
    "edited": bytes([2 * (5 * 5 + 1) + 1]) + b"\x08\0\x01",
    "edited-status": bytes([2 * (5 * 7 + 2) + 1]) + b"\x09\0\x01",
    "edited-look": bytes([2 * 5 + 1]) + b"\x08\0\x01",
    "edited-change": bytes([2 * (5 * 5 + 3) + 1]) + b"\x08\0\x01",
    "edited-done": bytes([2 * (5 * 7 + 3) + 1]) + b"\x0f\0\x01",
    "edited-picture": bytes([2 * (5 * 3 + 4) + 1]) + b"\x08\0\x04",
}


# ---- change: who alice is, then steps ----

ENROLLED, INVITED, PASSWORD_DOES = 1, 2, 4
WITH_ANSWER, WITH_PASSWORD, AS_ROOT, WITH_NOTHING = range(4)


def step(act, proof, which=0, typed=b"", seconds=0, confirming=b""):
    return struct.pack("<hBB", seconds, proof + 4 * (act - 1), which) + (
        typed + b"\0" + confirming)


def confirm(proof, offset=0, seconds=0, edits=()):
    return step(CONFIRM, proof, 0, b"", seconds,
                bytes([offset + 3 + 8 * len(edits)]) +
                b"".join(struct.pack("<HB", *edit) for edit in edits))


STEPS = {
    "nothing": b"",
    "root": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(AS_ROOT),
    "password": bytes([4]) + step(BEGIN, WITH_PASSWORD) + confirm(
        WITH_PASSWORD, 1),
    "password-not": bytes([0]) + step(BEGIN, WITH_PASSWORD) + confirm(
        WITH_PASSWORD),
    "invited": bytes([2]) + step(BEGIN, WITH_ANSWER, 0, b"\xc9") + confirm(
        WITH_ANSWER) + confirm(WITH_ANSWER, 1, 30),
    "invited-late": bytes([2]) + step(BEGIN, WITH_ANSWER, 0, b"\xc9",
                                      3500) + confirm(WITH_ANSWER, 0, 100),
    "uninvited": bytes([2]) + step(BEGIN, WITH_ANSWER, 0, b"\xc8"),
    "by-code": bytes([1]) + step(BEGIN, WITH_ANSWER, 1, code(PHONE)) + confirm(
        WITH_ANSWER),
    "by-recovery": bytes([1]) + step(BEGIN, WITH_ANSWER, 2, b"\xc0") + confirm(
        WITH_ANSWER),
    "by-wrong": bytes([1]) + step(BEGIN, WITH_ANSWER, 0, WRONG) * 6 +
    step(RECOVERY, WITH_ANSWER, 0, code(PHONE)),
    "late": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(AS_ROOT, 0, 900),
    "in-time": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(AS_ROOT, 0, 899),
    "back": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(AS_ROOT, 0, -899),
    "wrong-code": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(AS_ROOT, 3),
    "edited": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(
        AS_ROOT, 0, 0, [(100, 1)]) + confirm(AS_ROOT),
    "edited-back": bytes([0]) + step(BEGIN, AS_ROOT) + confirm(
        AS_ROOT, 0, 0, [(100, 1), (100, 1)]),
    "other-proof": bytes([4]) + step(BEGIN, AS_ROOT) + confirm(WITH_PASSWORD),
    "changed-since": bytes([1]) + step(BEGIN, AS_ROOT) + step(
        REMOVE, AS_ROOT, 2) + confirm(AS_ROOT),
    "rename": bytes([1]) + step(RENAME, WITH_ANSWER, 0, code(TABLET)) + step(
        RENAME, AS_ROOT, 9) + step(RENAME, AS_ROOT, 17),
    "remove-all": bytes([1]) + step(REMOVE, AS_ROOT) * 6,
    "remove-own": bytes([1]) + step(REMOVE, WITH_ANSWER, 3, code(TABLET)),
    "new-codes": bytes([1]) + step(RECOVERY, WITH_ANSWER, 0, b"\xc1") + step(
        RECOVERY, WITH_ANSWER, 0, b"\xc2"),
    "unproven": bytes([1]) + b"".join(
        step(act, proof, 0) for act in (BEGIN, RENAME, REMOVE, RECOVERY)
        for proof in (WITH_NOTHING, WITH_PASSWORD)),
    "eight": bytes([1]) + (step(BEGIN, AS_ROOT) + confirm(AS_ROOT)) * 4,
    "odd-shape": bytes([0]) + step(BEGIN, AS_ROOT, 4),
    "name-taken": bytes([1]) + step(BEGIN, AS_ROOT, 3),
    "login": bytes([24]) + step(BEGIN, WITH_NOTHING) + confirm(WITH_NOTHING),
    "login-not": bytes([16]) + step(BEGIN, WITH_NOTHING),
    "login-enrolled": bytes([25]) + step(BEGIN, WITH_NOTHING),
}

# ---- state: a kind, then bytes, changes, or two slots and answers ----

FILE, CHANGES, SLOTS = range(3)
UID = 1000
HELD = [(11, 0, 0), (12, 0, 0), (13, 0, 0), (14, 0, 0), (15, 0, 0),
        (99, 0, 0), (98, 0, 0)]


def body(sequence=1, failures=0, wait=0, attempt=0, success=0, entries=HELD,
         uid=UID, edition=7, notices=0, version=2):
    data = b"\x89SPST\r\n" + struct.pack(
        "<BIQIQQQ", version, uid, sequence, failures, wait, attempt, success)
    if version != 1:
        data += struct.pack("<QI", edition, notices)
    return data + bytes([len(entries)]) + b"".join(
        struct.pack("<QQQ", *entry) for entry in entries)


def slot(data, right=True):
    return struct.pack("<BH", right, len(data)) + data


def slots(first, second, settings=USUAL, them=((0, code(PHONE)),) * 2):
    return (bytes([SLOTS]) + first + second +
            answers(settings, 0, them))


MANY = [(n, 0, 0) for n in range(1, 21)]
ALL_SPENT = [(one[0], 2**64 - 1, NOON) for one in HELD]
EVERYONE = [(0, bytes([0xc0 + n])) for n in range(3)] + [
    (0, code(n)) for n in range(5)] + [(0, b"\xfb")]

STATES = {
    "no-bytes": bytes([FILE]),
    "some-bytes": bytes([FILE]) + body() * 20,
    "unchanged": bytes([CHANGES]),
    "changed-first": bytes([CHANGES]) + b"\x0c\x00\x01",
    "changed-second": bytes([CHANGES]) + b"\x0c\x10\x01",
    "changed-sum": bytes([CHANGES]) + b"\xff\x03\x80",
    "changed-both": bytes([CHANGES]) + b"\x0c\x00\x01\x0c\x10\x01",
    "changed-between": bytes([CHANGES]) + b"\x00\x08\x01",
    "fresh": slots(slot(body(1)), slot(body(2)), them=EVERYONE),
    "form-before": slots(slot(body(1, version=1)), slot(body(2, version=1)),
                         them=EVERYONE),
    "form-after": slots(slot(body(2, version=3)), slot(body(1))),
    "two-forms": slots(slot(body(3, version=1)), slot(body(2))),
    "notices": slots(slot(body(1, notices=2**32 - 1)), slot(b""), USUAL,
                     ((0, WRONG), (0, code(PHONE)), (0, b"\xc0"))),
    "first-later": slots(slot(body(2)), slot(body(1, 7))),
    "wrap": slots(slot(body(2**64 - 1)), slot(body(0, 3))),
    "half-way": slots(slot(body(0)), slot(body(2**63, 3))),
    "equal": slots(slot(body(5)), slot(body(5))),
    "no-first": slots(slot(body(9), False), slot(body(2))),
    "no-second": slots(slot(body(1)), slot(body(9), False)),
    "none": slots(slot(body(1), False), slot(body(2), False)),
    "other-uid": slots(slot(body(1, uid=1001)), slot(b"", False)),
    "unknown-ids": slots(slot(body(1, entries=HELD[1:])), slot(b"")),
    "many": slots(slot(body(1, entries=MANY)), slot(b"")),
    "too-many": slots(slot(body(1, entries=MANY + [(50, 0, 0)])), slot(b"")),
    "id-twice": slots(slot(body(1, entries=HELD + HELD[:1])), slot(b"")),
    "id-zero": slots(slot(body(1, entries=HELD + [(0, 0, 0)])), slot(b"")),
    "id-zero-last": slots(slot(body(1, entries=[(0, 0, 0)])), slot(b"")),
    "used-negative": slots(slot(body(1, entries=[(11, 0, 2**63)])),
                           slot(b"")),
    "negative": slots(slot(body(1, wait=2**63)),
                      slot(body(1, attempt=2**64 - 1))),
    "not-zero-behind": slots(slot(body(1) + b"\x01"), slot(b"")),
    "all-spent": slots(slot(body(1, entries=ALL_SPENT)), slot(b""),
                       them=EVERYONE),
    "failures": slots(slot(body(1, 99, NOON + 60, NOON)), slot(b""), USUAL,
                      ((0, WRONG), (0, code(PHONE)), (0, b"\xc0"))),
    "failures-most": slots(slot(body(1, 2**32 - 1)), slot(b""), USUAL,
                           ((0, WRONG), (0, WRONG))),
    "wait-far": slots(slot(body(1, 6, 2**63 - 1, NOON)), slot(b""), USUAL,
                      ((0, code(PHONE)), (3600, code(PHONE)))),
    "attempt-far": slots(slot(body(1, 0, 0, 2**63 - 1)), slot(b""), USUAL,
                         ((0, code(PHONE)), (0, b"\xc0"))),
    "counter-end": slots(slot(body(1, entries=[
        (13, 2**63 - 5, 0) if one[0] == 13 else one for one in HELD])),
        slot(b""), them=EVERYONE),
}

# ---- enrolment: a kind, then bytes, changes, a length, or a record ----

SIZE, RECORD = 2, 3
RECORD_BYTES = 4032


def authenticator(number, kind=1, algorithm=1, digits=6, period=30, pending=0,
                  created=NOON - 86400, key=b"a" * 20, name=None,
                  key_len=None):
    if name is None:
        name = b"phone %d" % number
    return struct.pack("<QBBBBBQB32s128s", number, kind, algorithm, digits,
                       period, pending, created, key_len or len(key), name, key)


def record(*authenticators, uid=UID, created=NOON - 86400, user=b"alice",
           set_id=99, set_created=0, count=None, behind=b""):
    them = b"".join(authenticators)
    if behind:
        them = them.ljust(RECORD_BYTES - 637 - len(behind), b"\0") + behind
    if count is None:
        count = len(authenticators)
    return bytes([RECORD]) + struct.pack(
        "<IQ256sQQ32s320sB", uid, created, user, set_id, set_created,
        b"k" * 32, b"h" * 320, count) + them


def bypass(number=7, created=NOON, expires=NOON + 3600):
    return struct.pack("<QQQ32s32s", number, created, expires, b"k" * 32,
                       b"h" * 32)


ENROLMENTS = {
    "no-bytes": bytes([FILE]),
    "some-bytes": bytes([FILE]) + b"\x89SPEN\r\n\x1a\x01\0\0\0\xe8\x03\0\0",
    "unchanged": bytes([CHANGES]),
    "changed-magic": bytes([CHANGES]) + b"\x01\0\x20",
    "changed-version": bytes([CHANGES]) + b"\x08\0\x03",
    "changed-uid": bytes([CHANGES]) + b"\x0c\0\x01",
    "changed-salt": bytes([CHANGES]) + b"\x10\0\x01",
    "changed-record": bytes([CHANGES]) + b"\x00\x08\x01",
    "changed-tag": bytes([CHANGES]) + b"\xff\x0f\x80",
    "shorter": bytes([SIZE]) + b"\xff\xff",
    "longer": bytes([SIZE]) + b"\x01\0",
    "half": bytes([SIZE]) + b"\0\xf8",
    "one": record(authenticator(1)),
    "none": record(),
    "no-set": record(authenticator(1), set_id=0),
    "eight": record(*[authenticator(n) for n in range(1, 9)]),
    "nine": record(*[authenticator(n) for n in range(1, 10)]),
    "kinds": record(authenticator(1, key=b"a" * 10),
                    authenticator(2, kind=2, period=0),
                    authenticator(3, algorithm=2, digits=7, period=15),
                    authenticator(4, algorithm=3, digits=8, period=120,
                                  key=b"a" * 128, pending=1)),
    "kind": record(authenticator(1, kind=3)),
    "algorithm": record(authenticator(1, algorithm=0)),
    "digits": record(authenticator(1, digits=5)),
    "period": record(authenticator(1, period=14)),
    "period-zero": record(authenticator(1, period=0)),
    "counter-period": record(authenticator(1, kind=2)),
    "pending": record(authenticator(1, pending=2)),
    "key-short": record(authenticator(1, key=b"a" * 9)),
    "key-long": record(authenticator(1, key=b"a" * 129)),
    "key-behind": record(authenticator(1, key_len=19)),
    "id-zero": record(authenticator(0)),
    "id-twice": record(authenticator(1), authenticator(1, name=b"other")),
    "id-of-set": record(authenticator(99)),
    "name-twice": record(authenticator(1, name=b"a"),
                         authenticator(2, name=b"a")),
    "name-empty": record(authenticator(1, name=b"")),
    "name-full": record(authenticator(1, name=b"n" * 32)),
    "name-control": record(authenticator(1, name=b"a\x1bb")),
    "name-behind": record(authenticator(1, name=b"a\0b")),
    "user-empty": record(authenticator(1), user=b""),
    "user-behind": record(authenticator(1), user=b"alice\0x"),
    "user-full": record(authenticator(1), user=b"u" * 256),
    "created": record(authenticator(1), created=2**63),
    "created-of-one": record(authenticator(1, created=2**63)),
    "created-late": record(authenticator(1, created=2**63 - 1)),
    "set-created-late": record(authenticator(1), set_created=2**63 - 1),
    "set-created": record(authenticator(1), set_created=2**63),
    "other-uid": record(authenticator(1), uid=1001),
    "count": record(authenticator(1), count=2),
    "behind": record(authenticator(1)) + b"\0" * 100 + b"\1",
    "bypass": record(authenticator(1), behind=bypass()),
    "bypass-of-one": record(authenticator(1), behind=bypass(1)),
    "bypass-of-set": record(authenticator(1), behind=bypass(99)),
    "bypass-without": record(authenticator(1), behind=bypass(0)),
    "bypass-created": record(authenticator(1), behind=bypass(created=2**63)),
    "bypass-late": record(authenticator(1), behind=bypass(created=2**63 - 1)),
    "bypass-expires": record(authenticator(1), behind=bypass(expires=2**63)),
    "bypass-not-behind": record(authenticator(1), behind=bypass() + b"\0"),
}


# ---- breach: a page, or a list and changes to its file ----

PAGE, LIST, MENDED = 0, 1, 0x81
NT, WHOLE, LARGE, COUNTS, FREQUENT = 1, 2, 4, 8, 16


def page(entries, low=3, classes=None, fill=0, range_=0, number=0, probe=0,
         count=None, flags=0, base=None, last=0, at=0, payload=None):
    """Of a page with these entries, an input; classes has one for each."""
    base = entries[0] if base is None else base
    bits, high = [], 0
    for entry in entries:
        bits += [(entry - base) >> n & 1 for n in range(low)]
    for entry in entries:
        bits += [0] * (((entry - base) >> low) - high) + [1]
        high = (entry - base) >> low
    for one in classes or ():
        bits += [0] * one + [1]
    if payload is None:
        payload = bytes(sum(bit << n for n, bit in enumerate(bits[i:i + 8]))
                        for i in range(0, len(bits), 8))
    return struct.pack("<BBBQQQHBBQQH", PAGE, 0 if classes is None else 16,
                       fill, range_, number, probe,
                       len(entries) if count is None else count, low, flags,
                       base, last, at) + payload


SOME = [1000, 1001, 1008, 1100, 1107]

PAGES = {
    "page": page(SOME, probe=1007),
    "page-classes": page(SOME, classes=[0, 15, 3, 0, 1]),
    "page-class-high": page(SOME, classes=[0, 16, 3, 0, 1]),
    "page-class-missing": page(SOME, classes=[0, 15, 3]),
    "page-one": page([2**64 - 1], low=0),
    "page-wide": page([0, 2**64 - 1], low=63),
    "page-low-0": page(SOME, low=0),
    "page-neighbours": page(list(range(7, 2007)), low=0),
    "page-in-range": page(SOME, range_=2000, last=2000, number=2**40),
    "page-out-of-range": page(SOME, range_=1999, last=2000),
    "page-beyond": page(SOME, last=1107),
    "page-to-its-end": page(SOME, last=1108),
    "page-no-entries": page(SOME, count=0),
    "page-too-many": page(SOME, count=2049),
    "page-more": page(SOME, count=6),
    "page-fewer": page(SOME, count=4),
    "page-low": page(SOME, low=64),
    "page-low-many": page(SOME, count=2048, low=16, payload=b""),
    "page-flags": page(SOME, flags=1),
    "page-equal": page([5, 5]),
    "page-base": page(SOME, base=999),
    "page-ones": page(SOME, fill=0xff, count=2048, low=0, payload=b""),
    "page-ones-low": page(SOME, fill=0xff, count=500, low=63, payload=b""),
    "page-end": page(SOME, count=1, low=0, at=4071, payload=b"\x80"),
    "page-full": page(SOME, count=2036, low=16, at=4070, payload=b"\x00\xf0",
                      fill=0x55),
}


def lines(how, *them, bits=24, in_page=0, knots=0, changes=b"", first=LIST):
    """Lines are steps from the one before, and rows of counts."""
    data = b"".join(bytes([7 | count << 3]) + struct.pack("<Q", step)
                    for step, count in them)
    return (bytes([first, how, bits - 16, in_page, knots, len(them)]) + data +
            changes)


def change(at, bits=1):
    return struct.pack("<HB", at, bits)


EVEN = [(2**64 // 50, n % 8) for n in range(49)]
UNEVEN = [(2**n, 1) for n in range(64)]
HEADER_FIELDS = (8, 10, 12, 16, 20, 21, 22, 23, 24, 32, 40, 48, 56, 64, 72,
                 80, 88, 92, 96, 100, 104, 112, 114, 116, 120, 180, 188, 4000,
                 4095)
PAGE_FIELDS = (0, 4, 6, 7, 8, 16, 24, 25, 26, 30, 100, 4095)

LISTS = {
    "list-empty": lines(0),
    "list-empty-counts": lines(COUNTS),
    "list-zeros": lines(0, (0, 1)),
    "list-both-ends": lines(WHOLE, (0, 1), (2**64 - 1, 1)),
    "list-even": lines(0, *EVEN, in_page=5),
    "list-counts": lines(COUNTS, *EVEN, in_page=7, knots=2),
    "list-frequent": lines(FREQUENT, *EVEN),
    "list-nt": lines(NT | WHOLE, *EVEN, in_page=1),
    "list-large": lines(LARGE, *EVEN, in_page=1, knots=3),
    "list-uneven": lines(WHOLE, *UNEVEN, in_page=1, knots=1),
    "list-twice": lines(COUNTS, (5, 1), (0, 3), (1, 2), bits=16),
    "list-k": lines(COUNTS, *EVEN, bits=40, in_page=9),
}
for mended in (LIST, MENDED):
    for field in HEADER_FIELDS:
        LISTS[f"header-{field}-{mended}"] = lines(
            COUNTS, *EVEN[:9], in_page=3, first=mended, changes=change(field))
    for field in PAGE_FIELDS:
        LISTS[f"page-{field}-{mended}"] = lines(
            COUNTS | WHOLE, *EVEN[:9], in_page=3, first=mended,
            changes=change(8192 + field))


# ---- networks: a list, a NUL, an address ----

MIXED = b"192.0.2.0/24, 2001:db8::/32 203.0.113.9"
NETWORKS = {
    "empty": (b"", b""),
    "v4": (b"192.0.2.0/24", b"192.0.2.255"),
    "v4-outside": (b"192.0.2.0/24", b"192.0.3.0"),
    "v4-odd-bits": (b"10.32.0.0/11,128.0.0.0/1", b"10.63.255.255"),
    "v4-alone": (b"192.0.2.7", b"192.0.2.7"),
    "v4-all": (b"0.0.0.0/0", b"255.255.255.255"),
    "v6": (b"2001:db8::/32", b"2001:DB8:0:1::7"),
    "v6-odd-bits": (b"2001:db8::80/121", b"2001:db8::ff"),
    "v6-all": (b"::/0", b"::ffff:192.0.2.7"),
    "v6-seven": (b"1:2:3:4:5:6:7::,::2:3:4:5:6:7:8", b"1:2:3:4:5:6:7:0"),
    "v6-eight": (b"1:2:3:4:5:6:7:8::", b"1:2:3:4:5:6:7:8"),
    "v6-tail": (b"64:ff9b::192.0.2.0/120", b"64:ff9b::c000:0207"),
    "v6-tail-full": (b"1:2:3:4:5:6:192.0.2.7", b"1:2:3:4:5:6:c000:207"),
    "mixed": (MIXED, b"203.0.113.9"),
    "mapped": (b"::ffff:0:0/96", b"192.0.2.7"),
    "says-more": (b"10.1.0.0/8", b"10.1.0.1"),
    "leading-zero": (b"010.0.0.0/8", b"10.0.0.1"),
    "bits-zero": (b"10.0.0.0/08", b"10.0.0.1"),
    "mask": (b"10.0.0.0/255.0.0.0", b"10.0.0.1"),
    "name": (b"localhost", b"localhost"),
    "address-name": (MIXED, b"192.0.2.7.example.com"),
    "zone": (b"fe80::/10", b"fe80::1%eth0"),
    "long": (b"1" * 100, b"1" * 100),
}

# ---- origin: an SSH_CONNECTION, a NUL, an SSH_AUTH_INFO_0 ----

CONNECTION = b"192.0.2.7 51422 198.51.100.1 22"


def key(kind, before=b"publickey ", behind=b"\n"):
    """A line of this type; the key repeats its type inside."""
    blob = struct.pack(">I", len(kind)) + kind + b"key" * 14
    return before + kind + b" " + base64.b64encode(blob) + behind


SK = b"sk-ssh-ed25519@openssh.com"
PLAIN = b"ssh-ed25519"

ORIGINS = {
    "empty": (b"", b""),
    "plain": (CONNECTION, key(PLAIN)),
    "ed25519": (CONNECTION, key(SK)),
    "ed25519-cert": (b"", key(b"sk-ssh-ed25519-cert-v01@openssh.com")),
    "nistp256": (b"", key(b"sk-ecdsa-sha2-nistp256@openssh.com")),
    "nistp256-cert": (
        b"", key(b"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com")),
    "second": (CONNECTION, key(PLAIN) + b"password\n" + key(SK)),
    "two": (CONNECTION, key(SK) + key(b"sk-ecdsa-sha2-nistp256@openssh.com")),
    "cut": (CONNECTION[:-3], key(SK, behind=b"")),
    "comment": (CONNECTION + b" ", key(SK, behind=b" me@here\n")),
    "hostbased": (b"UNKNOWN 65535 UNKNOWN 65535", key(SK, b"hostbased ")),
    "other-inside": (b"fe80::7%eth0 1 fe80::1%eth0 22",
                     key(SK).replace(SK, PLAIN)),
    "port-high": (b"192.0.2.7 65536 198.51.100.1 22", b""),
    "long": (b"1" * 64 + b" 1 2 3", b""),
    "carriage-return": (CONNECTION, key(SK, behind=b"\r\n")),
}


def words(first, them):
    return bytes([first]) + b"".join(word + b"\0" for word in them)


# ---- the text of a list ----

WORD_LIST, ORDERED, RANGE = 1, 32, 64
HASH_A, HASH_B = b"0123456789abcdefABCDEF0123456789abcdef01", b"F" * 40
ONE = HASH_A + b":1\n"


def text(content, first=0, least=1, piece=0):
    return bytes([first, least, piece]) + content


TEXTS = {
    "empty": text(b""),
    "usual": text(ONE + HASH_B + b":12345\n", ORDERED),
    "crlf": text(HASH_A + b":1\r\n" + HASH_B + b":22\r\n"),
    "no-end": text(ONE + HASH_B + b":3"),
    "pieces": text((HASH_A + b":1\r\n") * 9, piece=1),
    "mark": text(b"\xef\xbb\xbf" + ONE + b"\xef\xbb\xbf" + ONE),
    "blank-lines": text(b"\n\r\n" + ONE + b"\n"),
    "padding": text(ONE + HASH_A + b":0\n"),
    "below": text(ONE + HASH_A + b":9\n" + HASH_B + b":10\n", least=10),
    "no-counts": text(HASH_A + b"\n" + HASH_B + b"\r\n"),
    "mixed": text(ONE + HASH_A + b"\n"),
    "mixed-ignored": text(ONE + HASH_A + b"\n", 2 << 3),
    "counts-wanted": text(HASH_A + b"\n", 1 << 3),
    "nt": text(HASH_A[:32] + b":1\n" + HASH_B[:32] + b":2\n"),
    "nt-wanted": text(ONE, 2 << 1),
    "both-kinds": text(ONE + HASH_A[:32] + b":1\n"),
    "cut": text(ONE + HASH_B[:30]),
    "cut-count": text(ONE + HASH_B + b":"),
    "long-count": text(ONE + HASH_B + b":1234567890123456789\n"),
    "longer-count": text(ONE + HASH_B + b":12345678901234567890\n"),
    "nine-digits": text(ONE + HASH_B + b":999999999\n" + ONE),
    "error-page": text(ONE + b"<html>\n"),
    "nul": text(ONE + b"\0" + HASH_A[1:] + b":1\n"),
    "descends": text(HASH_B + b":1\n" + ONE, ORDERED),
    "range": text(HASH_A[:35] + b":1\r\n" + HASH_B[:35] + b":2", RANGE),
    "range-nt": text(HASH_A[:27] + b":1\n" + HASH_B[:27] + b":2", RANGE),
    "range-whole": text(ONE, RANGE),
    "words": text(b"password\r\n\ncaf\xc3\xa9\nlatin\xe9", WORD_LIST),
    "words-nt": text(b"caf\xc3\xa9\nlatin\xe9\n", WORD_LIST | 2 << 1),
    "batch": text(ONE * 300),
}

# ---- stack: two bytes for answers, a service's file, a NUL, another ----

COMMON_AUTH = b"""auth [success=1 default=ignore] pam_unix.so nullok
auth requisite pam_deny.so
auth required pam_permit.so
auth optional pam_cap.so
"""
STACKS = {
    "empty": (b"", b""),
    "keywords": (b"auth required a.so\nauth requisite b.so x y\n"
                 b"account sufficient c.so\npassword optional d.so\n", b""),
    "at-include": (b"@include y\nauth requisite pam_us.so explain\n"
                   b"account required pam_us.so guard\n", COMMON_AUTH),
    "include": (b"auth include y\naccount include y\n", COMMON_AUTH),
    "substack": (b"auth substack y\nauth required z.so\n", COMMON_AUTH),
    "jump-over-substack": (b"auth [success=1 default=bad] a.so\n"
                           b"auth substack y\nauth required b.so\n",
                           COMMON_AUTH),
    "missing": (b"auth include nowhere\nauth required a.so\n", b""),
    "missing-at": (b"auth required a.so\n@include nowhere\n", b""),
    "itself": (b"auth include x\n", b""),
    "brackets": (b"auth [ success = 2  default=ignore auth_err=reset ]a.so"
                 b" [p=Code \\]: ] e\nauth [success=done] b.so\n"
                 b"auth [default=die ignore=reset] c.so\n", b""),
    "bad-brackets": (b"auth [success=okay] a.so\nauth [success=0] b.so\n"
                     b"auth [x a.so\n", b""),
    "far-jump": (b"auth required a.so\nauth [success=9 default=3] b.so\n"
                 b"auth required c.so\n", b""),
    "continued": (b"-Auth [success=1 \\\n\tdefault=ignore]  \\\n# between\n"
                  b"  a.so b # behind\nAUTH Requisite c.so\n", b""),
    "endless": (b"auth required a.so \\\n", b""),
    "broken": (b"auth\naccount required\nauht required a.so\n"
               b"password required .so\n", b""),
    "crlf": (b"auth required a.so\r\n", b""),
}


def services(answers, parts):
    return answers + b"\0".join(parts)


# ---- sshd: a byte of the stack, what sshd -T prints, a NUL, its file ----

KEY_CODE = b"""usepam yes
permitrootlogin no
hostbasedauthentication no
pubkeyauthentication yes
gssapiauthentication no
passwordauthentication no
kbdinteractiveauthentication yes
authenticationmethods publickey,keyboard-interactive
"""
ANY_WAY = KEY_CODE.replace(b"publickey,keyboard-interactive", b"any")
SSHD_FILE = b"""Include sub.conf
UsePAM yes
KbdInteractiveAuthentication=yes
"PermitRootLogin" "no" # never
Match User alice,!root Address 10.0.0.0
\tAuthenticationMethods publickey
Match Group "sftp"
\tPasswordAuthentication yes
Match all
UsePAM no
"""
SSHDS = {
    "empty": (0, b"", b""),
    "key-code": (1, KEY_CODE, SSHD_FILE),
    "key-code-no-guard": (0, KEY_CODE, SSHD_FILE),
    "any": (4, ANY_WAY, b""),
    "any-split": (6, ANY_WAY, b""),
    "code-alone": (0, KEY_CODE.replace(b"publickey,", b""), b""),
    "no-pam": (1, KEY_CODE.replace(b"usepam yes", b"usepam no"), SSHD_FILE),
    "methods-off": (1, KEY_CODE.replace(b"interactiveauthentication yes",
                                        b"interactiveauthentication no"),
                    SSHD_FILE),
    "password": (4, ANY_WAY.replace(b"passwordauthentication no",
                                    b"passwordauthentication yes"), b""),
    "root": (4, KEY_CODE.replace(b"login no", b"login without-password"),
             b"PermitRootLogin without-password\nPermitRootLogin no\n"),
    "devices": (1, KEY_CODE.replace(b"keyboard-interactive",
                                    b"keyboard-interactive:bsdauth"), b""),
    "two-entries": (1, KEY_CODE.replace(b"keyboard-interactive",
                                        b"keyboard-interactive:pam password"),
                    b""),
}


def sshd_says(how, printed, file):
    return bytes([how]) + printed + b"\0" + file


# ---- google, oath: files and lines of other modules ----

GOOGLE_KEY = b"GEZDGNBVGY3TQOJQGEZDGNBVGY\n"
GOOGLES = {
    "empty": b"",
    "clock": GOOGLE_KEY + b'" RATE_LIMIT 3 30 1795628913\n" WINDOW_SIZE 17\n'
             b'" DISALLOW_REUSE 59854297 59854296\n" TOTP_AUTH\n12345678\n',
    "counter": GOOGLE_KEY + b'" HOTP_COUNTER 47\n" WINDOW_SIZE 20\n',
    "both": GOOGLE_KEY + b'" HOTP_COUNTER 1\n" TOTP_AUTH\n" STEP_SIZE 60\n',
    "step": GOOGLE_KEY + b'" STEP_SIZE 60\n" TOTP_AUTH\n',
    "step-short": GOOGLE_KEY + b'" STEP_SIZE 14\n" TOTP_AUTH\n',
    "skew": GOOGLE_KEY + b'" TIME_SKEW -3\n" TOTP_AUTH\n'
            b'" RESETTING_TIME_SKEW 59854297+3 59854298-3\n',
    "grace": GOOGLE_KEY + b'" LAST0 h 1795628913\n" LAST9 h 1\n" TOTP_AUTH\n',
    "unknown": GOOGLE_KEY + b'" FROB_NICATE 1\n" TOTP_AUTH\n',
    "twice": GOOGLE_KEY + b'" TOTP_AUTH\n" TOTP_AUTH\n',
    "neither": GOOGLE_KEY + b"12345678\n",
    "by-hand": b'gezd 0nbv-1y3t 8ojq\r\n" TOTP_AUTH\r\n12345678\r\n',
    "padded": b'GEZDGNBVGY3TQOI=\n" TOTP_AUTH\n',
    "odd": b'GEZDGNBVG\n" TOTP_AUTH\n',
    "no-key": b'" TOTP_AUTH\n',
    "counter-most": GOOGLE_KEY + b'" HOTP_COUNTER 4611686018427387904\n',
    "counter-more": GOOGLE_KEY + b'" HOTP_COUNTER 4611686018427387905\n',
    "code-short": GOOGLE_KEY + b'" TOTP_AUTH\n1234567\n',
}

OATH_KEY = b"3132333435363738393031323334353637383930"
OATHS = {
    "empty": b"",
    "note": b"# HOTP a - 00",
    "note-long": b"# 1 2 3 4 5 6 7 8 9",
    "plain": b"HOTP alice - " + OATH_KEY,
    "used": b"HOTP\talice\t-\t" + OATH_KEY + b"\t3\t969429\t"
            b"2026-11-25T18:08:33L",
    "used-other": b"HOTP alice - " + OATH_KEY + b" 2 969429 "
                  b"2026-11-25T18:08:33L",
    "event": b"HOTP/E/8 alice 4711 " + OATH_KEY + b" 007",
    "clock": b"HOTP/T30 alice + " + OATH_KEY,
    "clock-used": b"HOTP/T60/7 alice - " + OATH_KEY + b" 0 1234567 "
                  b"2026-11-25T18:08:33L\r",
    "type": b"HOTP/T45 alice - " + OATH_KEY,
    "digits": b"HOTP/E/9 alice - " + OATH_KEY,
    "key-odd": b"HOTP alice - 313",
    "key-short": b"HOTP alice - 31",
    "key-letter": b"HOTP alice - 3g",
    "counter": b"HOTP alice - " + OATH_KEY + b" -1",
    "counter-more": b"HOTP alice - " + OATH_KEY + b" 4611686018427387905",
    "no-time": b"HOTP alice - " + OATH_KEY + b" 3 969429",
    "time": b"HOTP alice - " + OATH_KEY + b" 3 969429 2026-11-25",
    "more": b"HOTP a - " + OATH_KEY + b" 3 969429 2026-11-25T18:08:33L x",
}

# ---- sshd's PAM file: a byte (1: a key first, 2: an offer), then its text ----

DEBIAN = (b"# Debian\n@include common-auth\naccount required pam_nologin.so\n"
          b"@include common-account\nsession optional pam_motd.so\n")
ARCH = (b"auth include common-auth\nauth optional pam_faildelay.so\n"
        b"account include common-account")

PAM_FILES = {
    "empty": b"",
    "debian": DEBIAN,
    "arch": ARCH,
    "substack": b"auth required pam_env.so\nauth substack common-auth\n"
                b"account substack common-account\n",
    "own": b"auth required pam_unix.so\naccount required pam_unix.so\n",
    "all": b"@include common-all\n",
    "goes-on": b"auth required \\ \n pam_unix.so\naccount required pam_unix.so\n",
    "ours": b"auth requisite pam_sallyport.so\n" + DEBIAN,
    "new-passwords": DEBIAN + b"password requisite pam_sallyport.so\n",
    "itself": b"@include sshd\n",
    "missing": b"auth include nowhere\n" + DEBIAN,
    "permit": DEBIAN + b"auth     required    pam_permit.so\n",
    "broken": b"auth\nauth required\n" + DEBIAN,
}


# ---- lines of a log ----

MODULE = b"web1 sshd[7]: pam_sallyport(sshd:auth): "
ISO = b"2026-11-25T18:00:01+00:00 "
WRONG = b'event=wrong user="alice" rhost="192.0.2.7" tty="ssh" failures=2'
LOG = {
    "wrong": ISO + MODULE + WRONG,
    "drift": ISO + MODULE + WRONG + b' drift=-95s of="my phone"',
    "syslog": b"Nov 25 18:00:01 " + MODULE + WRONG,
    "syslog-day": b"Nov  5 18:00:01 " + MODULE + WRONG,
    "fraction": b"2026-11-25T18:00:01.123456Z " + MODULE + WRONG,
    "offset": b"2026-11-25T18:00:01-0830 " + MODULE + WRONG,
    "no-zone": b"2026-11-25T18:00:01 " + MODULE + WRONG,
    "date": b"2026-11-25 " + MODULE + WRONG,
    "leap": b"2016-12-31T23:59:60Z " + MODULE + WRONG,
    "hour": b"2026-11-25T24:00:00Z " + MODULE + WRONG,
    "verifier": ISO + b'web1 sallyport-verifier[9]: event=enrolled user="bob"'
                b' said_service="sallyport" said_rhost="2001:db8::1"'
                b' said_tty="" by_uid=1000 via=verifier authenticator="p"',
    "tool": ISO + b'web1 sallyport: event=unlocked user="alice" uid=1000'
            b' by_uid=0 login_uid=- sudo_user=""',
    "quoted-event": ISO + MODULE + b'event="wrong"',
    "escaped": ISO + MODULE + b'event=wrong user="a\\x22 rhost=\\x22b"',
    "cut": ISO + MODULE + b'event=wrong user="alice" rhost="192.0',
    "blank": ISO + MODULE + b"event=wrong ",
    "twice": ISO + MODULE + b"event=wrong failures=2 failures=x drift=+1s"
             b" drift=2s",
    "long-number": ISO + MODULE + b"event=wrong failures=1234567890",
    "control": ISO + MODULE + b'event=wrong user="\x1b[2J"',
    "others": ISO + b"web1 sshd[7]: Invalid user event=wrong from 192.0.2.1",
    "nul": ISO + MODULE + b"event=wrong\0user=x",
    "empty": b"",
}


def main():
    for name, data in PAM_FILES.items():
        write("pam-edit", name, b"\0" + data)
        write("pam-edit", name + "-key", b"\1" + data)
        write("pam-edit", name + "-offer", b"\2" + data)
    for name, data in SETTINGS.items():
        write("settings", name, data)
    for name, (first, them) in WORDS.items():
        write("words", name, words(first, them))
    for name, (settings, start, them) in ANSWERS.items():
        write("answers", name, answers(settings, start, them))
    for name, (stack, them) in LOGINS.items():
        write("login", name, logins(stack, them))
    for name, data in REQUESTS.items():
        write("request", name, data)
    for name, data in REPLIES.items():
        write("reply", name, data)
    for name, data in STEPS.items():
        write("change", name, data)
    for name, data in STATES.items():
        write("state", name, data)
    for name, parts in NETWORKS.items():
        write("networks", name, b"\0".join(parts))
    for name, parts in ORIGINS.items():
        write("origin", name, b"\0".join(parts))
    for name, data in ENROLMENTS.items():
        write("enrolment", name, data)
    for name, data in {**PAGES, **LISTS}.items():
        write("breach", name, data)
    for name, data in TEXTS.items():
        write("lines", name, data)
    for name, parts in STACKS.items():
        write("stack", name, services(b"\0\1", parts))
        write("stack", name + "-2", services(b"\5\7", parts))
    for name, (how, printed, file) in SSHDS.items():
        write("sshd", name, sshd_says(how, printed, file))
    for name, data in GOOGLES.items():
        write("google", name, data)
    for name, data in OATHS.items():
        write("oath", name, data)
    for name, data in LOG.items():
        write("log", name, data)


if __name__ == "__main__":
    main()
