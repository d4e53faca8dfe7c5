"""breach check, info and verify: the list, as people and scripts ask it.

And a reader of indexes that was written from sallyport-breach(5) alone.
"""

import hashlib
import os
import sys

from cli import House, NO, Terminal, UNKNOWN, USAGE, YES, main, test
from listreader import Index


def sha1(password):
    return hashlib.sha1(password.encode()).hexdigest().upper()


class Lists(House):
    """A house with a folder of lists, which the settings name."""

    def __init__(self):
        super().__init__()
        os.mkdir(self.path("lists"))
        with open(self.config, "a") as out:
            out.write(f"breach_lists = {self.index('*')}\n")

    def index(self, name):
        return os.path.join(self.path("lists"), name + ".breach")

    def source(self, name, text):
        with open(self.path(name), "w") as out:
            out.write(text)
        return self.path(name)

    def build(self, name, counts, *words):
        """An index of passwords with their counts, and the list it is of."""
        lines = sorted(f"{sha1(password)}:{count}\n"
                       for password, count in counts.items())
        source = self.source(name, "".join(lines))
        self.want(YES, "breach", "build", "-o", self.index(name), *words,
                  source)
        return source

    def damage(self, name, at):
        with open(self.index(name), "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))


USUAL = {"password": 70000, "hunter2": 1, "letmein": 7, "swordfish": 100000,
         "two": 2}


def usual():
    lists = Lists()
    lists.build("usual", USUAL)
    return lists


# ---- check ----

@test("a password is looked up, and how often it was seen is told")
def _():
    lists = usual()
    for password, words in [
            ("password", "seen between 50,000 and 99,999 times"),
            ("hunter2", "seen once"), ("two", "seen between 2 and 4 times"),
            ("swordfish", "seen 100,000 times or more")]:
        result = lists.want(NO, "breach", "check", typed=password + "\n")
        assert result.out == f"This password is in the list, {words}.\n", result
        assert result.err == "", result
    for typed in "Password\n", "correct horse", "\n":
        result = lists.want(YES, "breach", "check", typed=typed)
        assert result.out == "This password is not in the list.\n", result


@test("where no counts are kept, a password is in the list or not")
def _():
    lists = Lists()
    lists.build("all", USUAL, "--no-counts")
    assert lists.want(NO, "breach", "check", typed="two\n").out == (
        "This password is in the list.\n")
    lists.build("all", USUAL, "--no-counts", "--min-count", "5")
    assert lists.want(NO, "breach", "check", typed="password\n").out == (
        "This password is in the list, seen 5 times or more.\n")
    lists.want(YES, "breach", "check", typed="two\n")


@test("a program gets the result as one JSON document")
def _():
    lists = usual()
    check = "breach", "check"
    assert lists.json(*check, status=NO, typed="letmein\n") == {
        "found": True, "least": 5, "most": 9}
    assert lists.json(*check, status=NO, typed="swordfish\n") == {
        "found": True, "least": 100000, "most": None}
    assert lists.json(*check, typed="other\n") == {
        "found": False, "least": None, "most": None}


@test("many passwords get a line each, in their order, and none is repeated")
def _():
    lists = usual()
    typed = "password\nother\n\nhunter2"
    result = lists.want(NO, "breach", "check", "--batch", typed=typed)
    assert result.out == ("in the list, seen between 50,000 and 99,999 times\n"
                          "not in the list\nnot in the list\n"
                          "in the list, seen once\n"), result
    assert lists.json("breach", "check", "--batch", status=NO, typed=typed) == [
        {"found": True, "least": 50000, "most": 99999},
        {"found": False, "least": None, "most": None},
        {"found": False, "least": None, "most": None},
        {"found": True, "least": 1, "most": 1}]
    for nothing in "", "other\nanother\n":
        lists.want(YES, "breach", "check", "--batch", typed=nothing)
    assert lists.json("breach", "check", "--batch") == []


@test("a password is typed unseen on a terminal")
def _():
    lists = usual()
    terminal = Terminal(lists.command("breach", "check"))
    terminal.wait("Password: ")
    terminal.type("letmein\n")
    assert terminal.end() == NO
    assert "seen between 5 and 9 times" in terminal.text()
    assert "letmein" not in terminal.text()


@test("no password, and one with a NUL in it, are wrong usage")
def _():
    lists = usual()
    result = lists.want(USAGE, "breach", "check")
    assert "no password came" in result.err, result
    lists.want(USAGE, "breach", "check", typed="a\0b\n")
    result = lists.want(USAGE, "breach", "check", "--batch",
                        typed="a\0b\nother\n")
    assert result.out == "cannot tell\nnot in the list\n", result


@test("of several lists each is asked, or those that are named")
def _():
    lists = usual()
    lists.build("more", {"password": 3, "only here": 5})
    for password, seen in ("password", 50000), ("only here", 5), ("two", 2):
        assert lists.json("breach", "check", status=NO,
                          typed=password)["least"] == seen
    for name, seen in ("more", 2), ("us*", 50000), ("[mu]*", 50000):
        assert lists.json("breach", "check", "--list", lists.index(name),
                          status=NO, typed="password")["least"] == seen
    lists.want(YES, "breach", "check", "--list", lists.index("more"),
               typed="two")


@test("a list that is missing or damaged is not an answer")
def _():
    lists = Lists()
    for words in ("check",), ("check", "--batch"), ("info",), ("verify",):
        result = lists.want(UNKNOWN, "breach", *words, typed="password\n")
        assert f"there is no {lists.index('*')}" in result.err, result
    lists.build("usual", USUAL)
    lists.damage("usual", 4096)
    result = lists.want(UNKNOWN, "breach", "check", typed="password\n")
    assert "usual.breach has a damaged page" in result.err, result
    result = lists.want(UNKNOWN, "breach", "check", "--batch", typed="two\n")
    assert result.out == "cannot tell\n", result
    assert lists.run("--json", "breach", "check", "--batch",
                     typed="two\n").out == "[\n null\n]\n"
    os.truncate(lists.index("usual"), 4000)
    result = lists.want(UNKNOWN, "breach", "info")
    assert "usual.breach is cut short" in result.err, result


@test("a password that the list has seen is found although another is damaged")
def _():
    lists = usual()
    lists.source("lists/broken.breach", "no index")
    lists.want(NO, "breach", "check", typed="password\n")
    lists.want(UNKNOWN, "breach", "check", typed="other\n")


# ---- info ----

@test("a list says what it holds and what it was made from")
def _():
    lists = Lists()
    lists.build("usual", {**USUAL, "padding": 0}, "--min-count", "2")
    os.utime(lists.index("usual"), (0, 0))
    result = lists.want(YES, "breach", "info")
    for words in ("usual.breach: 4 SHA-1 hashes in 8,192 bytes",
                  "6 lines: 0 duplicates, 1 of padding, 1 seen less than 2",
                  "6 of 1,048,576 ranges, 4F571 to F3BBB",
                  "at least 2 5 10 20 50 100 200 500 1000 2000 5000 10000",
                  "one other password in 16,777,216 is taken",
                  "made 1970-01-01", " days ago"):
        assert words in result.out, (words, result)
    [about] = lists.json("breach", "info")
    assert about["file"] == lists.index("usual")
    for name, value in {
            "kind": "sha1", "entries": 4, "bytes": 8192, "lines": 6,
            "duplicates": 0, "zero_counts": 1, "below_least": 1,
            "least_count": 2, "prefixes": 6,
            "made": None}.items():
        assert about[name] == value, about
    assert about["classes"][:3] == [2, 5, 10]
    assert about["false_positive_rate"] == 2**-24


@test("each of several lists is shown, also where one cannot be read")
def _():
    lists = usual()
    lists.build("more", {"a": 1})
    os.truncate(lists.index("more"), 100)
    result = lists.want(UNKNOWN, "breach", "info")
    assert "usual.breach: 5 SHA-1" in result.out, result
    assert "more.breach is cut short" in result.err, result
    [about] = lists.json("breach", "info", status=UNKNOWN)
    assert about["entries"] == 5


@test("a list that ends long before the last range looks cut short")
def _():
    lists = Lists()
    hashes = [f"{n << 8:05X}" + "0" * 35 for n in range(1024)]
    source = lists.source("half", "".join(f"{h}:1\n" for h in hashes))
    lists.want(YES, "breach", "build", "-o", lists.index("half"), source)
    result = lists.want(YES, "breach", "info")
    assert "00000 to 3FF00; nothing outside of them" in result.out, result


# ---- verify ----

@test("a whole list is told from one with any page damaged")
def _():
    lists = Lists()
    lists.build("large", {f"p{n}": 1 for n in range(3000)})
    result = lists.want(YES, "breach", "verify")
    assert "large.breach: all 3 pages are whole" in result.out, result
    assert lists.json("breach", "verify") == [
        {"file": lists.index("large"), "whole": True}]
    lists.damage("large", 4096 * 3 + 4095)
    result = lists.want(NO, "breach", "verify")
    assert "large.breach: page 2 is damaged" in result.err, result
    assert lists.json("breach", "verify", status=NO) == [
        {"file": lists.index("large"), "whole": False}]


@test("every line of the list that an index was made from is looked up")
def _():
    lists = Lists()
    source = lists.build("usual", {**USUAL, "zero": 0}, "--min-count", "2")
    result = lists.want(YES, "breach", "verify", source)
    assert "4 of 4 lines are in it" in result.out, result
    words = lists.source("words", "password\ntwo\n")
    assert lists.json("breach", "verify", "--words", words) == [
        {"file": lists.index("usual"), "whole": True, "lines": 2,
         "missing": 0, "seen_less": 0}]


@test("a line that is not in the index, or was seen more often, is told")
def _():
    lists = usual()
    source = lists.source("more", f"{sha1('other')}:1\n{sha1('two')}:9\n")
    result = lists.want(NO, "breach", "verify", source)
    assert f"begins with {sha1('other')[:16]} is not in it" in result.err, result
    assert "1 of 2 lines are in it, 1 of them as seen less" in result.out, result
    [about] = lists.json("breach", "verify", source, status=NO)
    assert (about["lines"], about["missing"], about["seen_less"]) == (2, 1, 1)


@test("a source that cannot be read, or does not belong to one list, is told")
def _():
    lists = usual()
    result = lists.want(USAGE, "breach", "verify", lists.path("none"))
    assert "none" in result.err, result
    source = lists.source("words", "password\n")
    result = lists.want(USAGE, "breach", "verify", source)
    assert "words line 1" in result.err, result
    lists.build("more", USUAL)
    result = lists.want(USAGE, "breach", "verify", source)
    assert "several lists" in result.err, result
    lists.want(YES, "breach", "verify", "--list", lists.index("more"),
               "--words", source)


# ---- another reader ----

def agree(lists, *words):
    """The index of many, read by the program and by listreader.py."""
    counts = {f"p{n}": n * n % 4001 for n in range(6000)}
    lists.build("x", counts, *words)
    index = Index(lists.index("x"))
    asked = list(counts) + [f"q{n}" for n in range(2000)]
    answers = lists.json("breach", "check", "--batch", status=NO,
                         typed="".join(word + "\n" for word in asked))
    for word, answer in zip(asked, answers, strict=True):
        assert index.look(word) == (
            (answer["least"], answer["most"]) if answer["found"] else None)
    assert sum(answer["found"] for answer in answers) > 5000


@test("a reader written from the manual alone says the same")
def _():
    agree(Lists())
    agree(Lists(), "--no-counts", "--bits", "16")
    agree(Lists(), "--min-count", "3", "--bits", "40")


@test("the manual's example is what is written")
def _():
    lists = Lists()
    lists.build("one", {"password": 70000})
    with open(lists.index("one"), "rb") as file:
        page = file.read()[4096:]
    assert Index(lists.index("one")).classes == (50000, 100000)
    assert page[4:26].hex() == ("0100" "00" "00" "61aa5b0000000000"
                                "0000000100000000" "0300"), page[:26].hex()


@test("so it does of a list of NT hashes")
def _():
    lists = Lists()
    words = lists.source("words", "password\nhunter2\nZ\u00fcrich\n")
    lists.want(YES, "breach", "build", "-o", lists.index("nt"), "--words",
               "--hash", "nt", words)
    index = Index(lists.index("nt"))
    for nt in ("8846f7eaee8fb117ad06bdd830b7586c",
               "5cc5d98cedbb3be18bc0089651013b1b"):
        assert index.look_hash(bytes.fromhex(nt)) == (1, None)
    assert index.look_hash(bytes(16)) is None
    assert lists.json("breach", "check", status=NO, typed="Z\u00fcrich\n")


sys.exit(main())
