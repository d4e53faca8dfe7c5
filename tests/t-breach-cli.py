"""breach build as people and scripts use it: what lists come as, what is told,
and what becomes of the file when something goes wrong."""

import gzip
import hashlib
import json
import lzma
import os
import re
import shutil
import signal
import subprocess
import sys

from cli import (PATIENCE, PROGRAM, USAGE, YES, House, Skip, Terminal, main,
                 test)

MARK = b"\xef\xbb\xbf"
WORDS = [f"word{n}" for n in range(4000)]


def sha1(word):
    return hashlib.sha1(word.encode()).hexdigest().upper()


# Of the real list: a hash, and how often it was seen.
COUNTS = {sha1(word): n % 13 + 1 for n, word in enumerate(WORDS)}
LINES = [f"{digest}:{COUNTS[digest]}" for digest in sorted(COUNTS)]
TEXT = ("\n".join(LINES) + "\n").encode()
SMALL = ("\n".join(LINES[:10]) + "\n").encode()


class Works(House):
    """A folder in which lists become indexes."""

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def read(self, name="index"):
        with open(self.path(name), "rb") as file:
            return file.read()

    def build(self, *words, status=YES, name="index", **more):
        return self.want(status, "breach", "build", "-o", self.path(name),
                         *words, **more)

    def told(self, *words):
        """The summary, as JSON."""
        done = self.want(YES, "--json", "breach", "build", "-o",
                         self.path("index"), *words)
        return json.loads(done.out)

    def index_of(self, content, *words):
        """The index's bytes that a list becomes."""
        self.build(*words, self.write("list", content))
        return self.read()

    def refused(self, content, *words):
        """Why a list is refused; a small index was there before."""
        self.build(self.write("small", SMALL))
        before = self.read()
        done = self.build(*words, self.write("list", content), status=USAGE)
        assert self.read() == before
        self.no_litter()
        return done.err

    def no_litter(self):
        odd = [name for name in os.listdir(self.dir)
               if name not in ("conf", "index", "list", "small", "ranges",
                               "disk")]
        assert not odd, odd


def ranges_of(lines):
    """By the first five digits, what else stands in their lines."""
    ranges = {}
    for line in lines:
        ranges.setdefault(line[:5], []).append(line[5:])
    return ranges


# ---- what lists come as ----

@test("packed by gzip or xz, in one piece or several, it is the same list")
def _():
    works = Works()
    want = works.index_of(TEXT)
    half = len(TEXT) // 2
    for packed in (gzip.compress(TEXT), lzma.compress(TEXT),
                   gzip.compress(TEXT[:half]) + gzip.compress(TEXT[half:]),
                   gzip.compress(TEXT) + bytes(512),
                   lzma.compress(TEXT[:half]) + lzma.compress(TEXT[half:])):
        assert works.index_of(packed) == want
        with open(works.path("list"), "rb") as file:
            subprocess.run(works.command("breach", "build", "-o",
                                         works.path("index"), "-"),
                           stdin=file, check=True, stdout=subprocess.PIPE,
                           timeout=PATIENCE)
        assert works.read() == want


@test("standard input may be a pipe, or a file that is read twice")
def _():
    works = Works()
    want = works.index_of(TEXT)
    works.build("-", typed=TEXT.decode())
    assert works.read() == want
    works.write("list", "\n".join(reversed(LINES)).encode())
    for words in (["-"], ["--target-size", "1M", "-"]):
        with open(works.path("list"), "rb") as file:
            subprocess.run(works.command("breach", "build", "-o",
                                         works.path("index"), *words),
                           stdin=file, check=True, stdout=subprocess.PIPE,
                           timeout=PATIENCE)
        assert works.read() == want
    done = works.build("--target-size", "1M", "-", typed=TEXT.decode(),
                       status=USAGE)
    assert "cannot come from a pipe" in done.err, done


@test("packed files that are cut, damaged or not alone are refused")
def _():
    works = Works()
    for packed, why in ((gzip.compress(TEXT)[:-9], "cut short"),
                        (gzip.compress(TEXT)[:40], "cut short"),
                        (gzip.compress(TEXT) + b"more", "strange end"),
                        (b"\x1f\x8bnothing that gzip wrote", "gzip wrote"),
                        (lzma.compress(TEXT)[:-9], "cut short"),
                        (lzma.compress(TEXT)[:30], "cut short"),
                        (lzma.compress(TEXT) + b"more" * 9, "xz wrote"),
                        (lzma.compress(TEXT)[:50] + bytes(100), "xz wrote")):
        told = works.refused(packed)
        assert f"{works.path('list')} cannot be unpacked" in told, told
        assert why in told, told


@test("unpacking takes no more memory than it may")
def _():
    works = Works()
    large = lzma.compress(TEXT, filters=[{"id": lzma.FILTER_LZMA2,
                                          "dict_size": 1 << 26}])
    assert "more than --memory" in works.refused(large, "--memory", "16M")
    works.build("--memory", "128M", works.path("list"))


@test("a folder of ranges is the list that it was made from")
def _():
    works = Works()
    want = works.index_of(TEXT)
    for ending in (".txt", ""):
        for number, (prefix, rest) in enumerate(ranges_of(LINES).items()):
            content = "\r\n".join(rest).encode()  # as curl leaves it
            if number % 3 == 0:
                content = MARK + content + b"\r\n"
            works.write(f"ranges/{prefix}{ending}", content)
        works.write("ranges/00000.index", b"no list")
        works.write("ranges/notes", b"no list either")
        works.build("--partial", works.path("ranges"))
        assert works.read() == want
        shutil.rmtree(works.path("ranges"))


@test("ranges that are missing are listed, and refused unless that is wanted")
def _():
    works = Works()
    for prefix in (*range(0x10), 0x12, *range(0x20, 0x100)):
        works.write(f"ranges/{prefix:05X}.txt", f"{'A' * 35}:1".encode())
    done = works.build(works.path("ranges"), status=USAGE)
    assert "lacks 1048335 of 1048576 ranges: 00010 to 00011, 00013 to 0001F," \
        " 00100 to FFFFF; --partial does without" in done.err, done
    done = works.build(works.path("conf"), works.path("ranges"), status=USAGE)
    assert "lacks" in done.err, done
    told = works.told("--partial", works.path("ranges"))
    assert told["entries"] == told["prefixes"] == 241, told
    assert told["last_prefix"] == 0xFF, told


@test("a range file that is empty counts as missing")
def _():
    works = Works()
    works.write("ranges/00000.txt", b"")
    works.write("ranges/00001.txt", f"{'A' * 35}:1".encode())
    told = works.told("--partial", works.path("ranges"))
    assert told["prefixes"] == 1, told


@test("an error page inside a range is told with its file and line")
def _():
    works = Works()
    works.write("ranges/00000.txt", f"{'A' * 35}:1\r\n".encode())
    for page in (b"<html>\n502\n", f"{'A' * 35}:1\n<html>".encode(),
                 f"{'A' * 27}:1\n".encode(), f"{'A' * 40}:1\n".encode(),
                 f"{'A' * 35}:1\n{'A' * 20}".encode()):
        works.write("ranges/00001.txt", page)
        done = works.build("--partial", works.path("ranges"), status=USAGE)
        line = 2 if page.startswith(f"{'A' * 35}:".encode()) else 1
        assert f"ranges/00001.txt line {line}: " in done.err, done
        assert not os.path.exists(works.path("index"))


@test("lists with marks, either end of line and either case are the same list")
def _():
    works = Works()
    want = works.index_of(TEXT)
    for odd in (MARK + TEXT, TEXT.rstrip(b"\n"), TEXT.lower(),
                TEXT.replace(b"\n", b"\r\n"),
                b"\n".join(MARK * (n % 5 == 0) + line.encode()
                           for n, line in enumerate(LINES)),
                b"\n" + TEXT + b"\r\n\n"):
        assert works.index_of(odd) == want


@test("NT lists are told by their lines, and are not taken for the other kind")
def _():
    works = Works()
    lines = "".join(f"{line[:32]}:1\n" for line in LINES)
    works.write("list", lines.encode())
    assert works.told(works.path("list"))["kind"] == "nt"
    assert works.told("--hash", "nt", works.path("list"))["kind"] == "nt"
    assert "32 hexadecimal digits, not 40" in works.refused(
        lines.encode(), "--hash", "sha1")
    assert "40 hexadecimal digits, not 32" in works.refused(TEXT, "--hash",
                                                            "nt")
    told = works.refused(TEXT + lines[:35].encode())
    assert f"list line {len(LINES) + 1}: " in told, told


@test("a word list becomes the index of its words' hashes")
def _():
    works = Works()
    bare = "".join(f"{line.split(':')[0]}\n" for line in LINES).encode()
    want = works.index_of(bare)
    for end in ("\n", "\r\n"):
        words = end.join(WORDS + WORDS[:0]).encode()
        assert works.index_of(words, "--words") == want
    told = works.told("--words", works.write("list", b"a\nb\na\n\xff\n"))
    assert told["entries"] == 3 and told["duplicates"] == 1, told
    told = works.told("--words", "--hash", "nt", works.path("list"))
    assert told["entries"] == 2 and told["not_utf8"] == 1, told
    assert told["kind"] == "nt" and told["classes"] == [], told


# ---- choices ----

@test("options that do not go together, or have no such value, are told")
def _():
    works = Works()
    works.write("list", TEXT)
    for words, why in ((["--bits", "15"], "16 to 40"),
                       (["--bits", "41"], "16 to 40"),
                       (["--bits", "x"], "16 to 40"),
                       (["--min-count", "0"], "1 to 4294967295"),
                       (["--target-size", "x"], "such as"),
                       (["--target-size", "0"], "such as"),
                       (["--target-size", "1X"], "such as"),
                       (["--target-size", "G"], "such as"),
                       (["--memory", "15M"], "at least 16M"),
                       (["--memory", "99999999T"], "at least 16M"),
                       (["--hash", "md5"], "sha1 or nt"),
                       (["--counts", "--no-counts"], "does not go with"),
                       (["--words", "--counts"], "does not go with"),
                       (["--words", "--min-count", "2"], "does not go"),
                       (["--words", "--target-size", "1M"], "does not go"),
                       (["--min-count", "2", "--target-size", "1M"],
                        "does not go")):
        done = works.build(*words, works.path("list"), status=USAGE)
        assert why in done.err, (words, done)
    assert not os.path.exists(works.path("index"))


@test("what is kept can be chosen: counts, a smallest one, a size, a rate")
def _():
    works = Works()
    path = works.write("list", TEXT)
    whole = works.told(path)
    assert whole["entries"] == len(LINES), whole
    assert whole["classes"][0] == whole["least_count"] == 1, whole
    assert works.told("--counts", path) == whole
    told = works.told("--no-counts", path)
    assert told["classes"] == [] and told["bytes"] <= whole["bytes"], told
    told = works.told("--min-count", "5", path)
    few = sum(count < 5 for count in COUNTS.values())
    assert told["below_least"] == few, told
    assert told["entries"] == len(LINES) - few, told
    assert told["classes"][0] == told["least_count"] == 5, told
    told = works.told("--target-size", "32K", path)
    assert told["bytes"] <= 32768 and told["least_count"] > 1, told
    for bits in (16, 30):
        told = works.told("--bits", str(bits), path)
        assert abs(told["false_positive_rate"] * 2 ** bits - 1) < .01, told


@test("a list without counts is told where counts are wanted")
def _():
    works = Works()
    bare = TEXT.replace(b":", b"#").split(b"#")[0] + b"\n"
    assert "no count" in works.refused(bare, "--counts")
    assert "no count" in works.refused(bare, "--min-count", "2")
    assert "has none" in works.refused(bare, "--target-size", "1M")
    assert "a count, other than" in works.refused(bare + TEXT[:43])
    works.build("--no-counts", works.write("list", bare + TEXT[:43]))


# ---- what is told ----

@test("the summary says what was taken and what was dropped")
def _():
    works = Works()
    digest = LINES[7].split(":")[0]
    path = works.write("list", TEXT + f"{digest}:0\n{digest}:3\n".encode())
    done = works.build("--min-count", "2", path)
    few = sum(count < 2 for count in COUNTS.values())
    for line in (
            f"{works.path('index')}: 3,692 SHA-1 hashes in ",
            f"  4,002 lines: 1 duplicates, 1 of padding, {few} seen less"
            " than 2 times",
            " of 1,048,576 ranges, 000", "as at least 2 5 10 20",
            "  one other password in 16,777,216 is taken for one of them"):
        assert line in done.out, done
    assert done.err == "", done
    told = works.told("--min-count", "2", path)
    assert told["file"] == works.path("index") and told["sorted"], told
    assert told["lines"] == 4002 and told["zero_counts"] == 1, told
    assert told["bytes"] == len(works.read()), told


@test("a list that ends in the middle looks cut short, and that is told")
def _():
    works = Works()
    half = "\n".join(LINES[:2000]).encode()
    done = works.build(works.write("list", half))
    assert re.search(r"nothing outside of the ranges 000.. to 8....: was its"
                     " download cut short", done.err), done
    done = works.build("--partial", works.path("list"))
    assert done.err == "", done
    works.build(works.write("list", "\n".join(LINES[2000:]).encode()))
    done = works.build(works.path("list"))
    assert "cut short" in done.err, done


@test("on a terminal a line says how far it is, and goes away")
def _():
    works = Works()
    os.mkfifo(works.path("pipe"))
    terminal = Terminal(works.command("breach", "build", "-o",
                                      works.path("index"),
                                      works.path("pipe")))
    with open(works.path("pipe"), "wb", buffering=0) as pipe:
        pipe.write(SMALL)
        while "lines, " not in terminal.text():
            pipe.write(b"\n" * 4096)  # says nothing, for as long as it takes
            terminal.read_what_is_there()
        assert re.search(r"reading [\d,]+ lines, [\d.]+ million/s, range 0"
                         "[0-9A-F]{4} of FFFFF", terminal.text()), \
            terminal.text()
        pipe.write(TEXT[len(SMALL):])
    assert terminal.end() == YES
    shown = terminal.text()
    assert "\r\033[K" + works.path("index") in shown, shown


# ---- when something goes wrong ----

@test("a build that is ended leaves the old index and nothing else")
def _():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGKILL):
        works = Works()
        before = works.index_of(TEXT)
        build = subprocess.Popen(
            works.command("breach", "build", "-o", works.path("index"), "-"),
            stdin=subprocess.PIPE)
        build.stdin.write(TEXT * 200)  # more than a pipe holds
        build.stdin.flush()
        build.send_signal(number)
        assert build.wait(PATIENCE) == -number
        assert works.read() == before
        works.no_litter()


@test("what is no index is not replaced: a list named twice, say")
def _():
    works = Works()
    works.write("index", TEXT)
    done = works.build(works.path("index"), status=USAGE)
    assert "is no index; it stays as it is" in done.err, done
    assert works.read() == TEXT
    done = works.build(works.path("index"), name="none/index", status=USAGE)
    assert "none/: No such file" in done.err, done


@test("a full disk is told, and the old index stays")
def _():
    works = Works()
    os.mkdir(works.path("disk"))
    script = """
        mount -t tmpfs -o size=64k none "$2/disk" || exit 77
        "$1" --config "$2/conf" breach build -o "$2/disk/index" "$2/small" ||
            exit 1
        cp "$2/disk/index" "$2/before"
        "$1" --config "$2/conf" breach build -o "$2/disk/index" "$2/list"
        test $? = 3 || exit 2
        cmp "$2/disk/index" "$2/before" || exit 3
        test "$(ls -A "$2/disk")" = index || exit 4
    """
    works.write("small", SMALL)
    works.write("list", TEXT * 2 + "".join(
        f"{sha1(str(n))}:1\n" for n in range(20000)).encode())
    try:
        done = subprocess.run(
            ["unshare", "-Urm", "sh", "-c", script, "sh", PROGRAM, works.dir],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    except FileNotFoundError as error:
        raise Skip("unshare is not installed") from error
    if done.returncode == 77 or b"unshare failed" in done.stderr:
        raise Skip("no mount namespaces here")
    assert done.returncode == 0, done
    assert b"disk/index: No space left on device" in done.stderr, done


sys.exit(main())
