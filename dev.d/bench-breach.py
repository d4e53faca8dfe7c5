#!/usr/bin/python3
"""How long a list of breached passwords takes to become an index, how large it
is, and what looking into it costs.

    bench-breach.py PEERS [--lines 100M] [--dir FOLDER]
    bench-breach.py PEERS --billion [--dir FOLDER]

PEERS is a folder with the unpacked packages of others.  The list is made up;
it and all that is made from it go to a temporary folder below build/bench, or
below FOLDER, which has to be on a disk with room for about 75 bytes a line.

--billion streams 1,000,000,000 lines (or as many as --lines says) through a
pipe into one index, and looks into that.
"""

import argparse
import glob
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
BENCH = f"{ROOT}/build/bench"
SALLYPORT = f"{os.environ['SALLYPORT_BUILD']}/tools/sallyport"

MEMBERS = 10000
RANDOM = 10 ** 6  # hashes that are in no list, looked up
COLD = 200  # lookups
FLIPS = 10000
WORDS = 10 ** 6  # for lookups beside libpasswdqc
COUNTED_LINES = 10 ** 6  # under callgrind
FEWER = 1000  # lines, to take away what starting costs
# Pages from knot to knot with 2 billion entries and counts.
LARGE_GAP = 848
MIB = 1 << 20

rows = []


def say(text):
    print(text, flush=True)


def row(what, target, measured, reached):
    verdict = "" if reached is None else "reached" if reached else "MISSED"
    rows.append((what, target, measured, verdict))
    say(f"  {what}: {measured}{' ' if verdict else ''}{verdict}")


# ---- running and measuring ----


class Run:
    """One run of a command: seconds by the clock and of the processor, and
    what it printed."""

    def __init__(self, command, stdin=None, ok=(0,)):
        with tempfile.TemporaryFile() as out, \
                open(stdin or os.devnull, "rb") as source:
            began = time.monotonic()
            child = subprocess.Popen(command, stdin=source, stdout=out,
                                     stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.clock = time.monotonic() - began
            out.seek(0)
            self.out = out.read().decode(errors="replace")
        self.user = usage.ru_utime
        self.processor = usage.ru_utime + usage.ru_stime
        if child.returncode not in ok:
            raise AssertionError(f"{' '.join(command)}: status"
                                 f" {child.returncode}; {self.out[-500:]}")


def build(source, output, *words, stdin=None):
    return Run([SALLYPORT, "breach", "build", *words, "-o", output, source],
               stdin)


def build_memory(source, output, stdin=None):
    """A build as a child of a small process, and its memory at most."""
    done = Run([f"{BENCH}/breach-lookup", "memory", SALLYPORT, "breach",
                "build", "-o", output, source], stdin)
    return done, int(re.search(r"^memory (\d+)", done.out, re.M).group(1))


def lookup(what, index, *more, lines):
    """The numbers that breach-lookup prints."""
    done = Run([f"{BENCH}/breach-lookup", what, index, *map(str, more)], lines)
    return [list(map(float, line.split())) for line in done.out.splitlines()]


def paired(rounds, contenders):
    """By name: its runs; in each round each has its turn."""
    runs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            runs[name].append(run())
    return runs


def ratios(runs, name, other, measure):
    return statistics.median(
        measure(b) / measure(a) for a, b in zip(runs[name], runs[other]))


def clock(run):
    return run.clock


def processor(run):
    return run.processor


# ---- what takes part ----


def find(peers, pattern):
    found = glob.glob(f"{peers}/**/{pattern}", recursive=True)
    return found[0] if found else None


def pwqfilter(peers, work, lines, load, *words):
    """A filter of so many entries that it is so full."""
    program = find(peers, "pwqfilter")
    capacity = math.ceil(lines / load)
    return lambda: Run([program, f"--create={capacity}", "--pre-hashed",
                        *words, "-o", f"{work}/filter"], f"{work}/list")


def hibp_convert(work):
    return lambda: Run(["hibp-convert", "--txt-to-bin", "--force", "-i",
                        f"{work}/list", "-o", f"{work}/hibp"])


def fuse16_bits(lines):
    """Bits an entry of hibp's binary fuse filter, by its published layout, in
    256 parts as hibp has it."""
    n = lines / 256
    segment = min(1 << math.floor(math.log(n) / math.log(3.33) + 2.25), 1 << 18)
    factor = max(1.125, 0.875 + 0.25 * math.log(1e6) / math.log(n))
    segments = max(math.ceil(round(n * factor) / segment), 3)
    return 16 * segments * segment / n


# ---- the numbers to reach ----


def in_cache(path):
    """Has a file read, so that everybody finds it in memory."""
    Run(["cat", path])


def compare_builds(peers, work, lines, rounds):
    in_cache(f"{work}/list")
    contenders = {"ours": lambda: build(f"{work}/list", f"{work}/index"),
                  "wc": lambda: Run(["wc", "-l", f"{work}/list"])}
    slow = {}
    if find(peers, "pwqfilter"):
        contenders["pwqfilter, 95 %"] = pwqfilter(peers, work, lines, .95)
        slow["pwqfilter, 98 %"] = pwqfilter(
            peers, work, lines, .98, "--optimize-fp-rate-at-high-load")
    else:
        say("  pwqfilter is not there to compare with")
    if shutil.which("hibp-convert"):
        contenders["hibp-convert"] = hibp_convert(work)
    else:
        say("  hibp's programs are not installed")
    runs = paired(rounds, contenders)
    for name, least in (("pwqfilter, 95 %", 10), ("hibp-convert", 3)):
        if name in runs:
            build_row(runs, name, least)
    if slow:
        runs = paired(max(1, rounds // 3), {"ours": contenders["ours"], **slow})
        build_row(runs, "pwqfilter, 98 %", 40)
        say(f"  {runs['pwqfilter, 98 %'][-1].out.strip()[-60:]}")
    return runs


def build_row(runs, name, least):
    by_clock = ratios(runs, "ours", name, clock)
    row(f"build vs {name}", f"{least}x faster",
        f"{by_clock:.1f}x by the clock,"
        f" {ratios(runs, 'ours', name, processor):.1f}x of the processor",
        by_clock >= least)


def cost_of_lines(work, lines, rounds):
    runs = paired(rounds * 3, {
        "ours": lambda: build(f"{work}/list", f"{work}/index"),
        "wc": lambda: Run(["wc", "-l", f"{work}/list"])})
    ratio = ratios(runs, "wc", "ours", processor)
    user = ratios(runs, "wc", "ours", lambda run: max(run.user, .001))
    nanoseconds = statistics.median(run.user for run in runs["ours"]) / lines
    row("build, user CPU vs wc -l", "5x",
        f"{user:.0f}x ({nanoseconds * 1e9:.1f} ns a line)", user <= 5)
    row("build, user and system CPU vs wc -l", "", f"{ratio:.1f}x", None)
    _, memory = build_memory(f"{work}/list", f"{work}/index")
    row("build, memory at most", "16 MiB", f"{memory / MIB:.1f} MiB",
        memory <= 16 * MIB)
    seconds = statistics.median(run.clock for run in runs["ours"])
    say(f"  {lines} lines in {seconds:.2f} s, {lines / seconds / 1e6:.1f}"
        " million a second")


def instructions(work, lines):
    """Of a build, as callgrind counts them."""
    Run(["sh", "-c", f"head -n {lines} {work}/list >{work}/few"])
    done = Run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                SALLYPORT, "breach", "build", "--partial", "-o",
                f"{work}/few.index", f"{work}/few"])
    return int(re.search(r"Collected : (\d+)", done.out).group(1))


def count_instructions(work):
    if not shutil.which("valgrind"):
        say("  valgrind is not installed: no instructions are counted")
        return
    more = instructions(work, COUNTED_LINES) - instructions(work, FEWER)
    each = more / (COUNTED_LINES - FEWER)
    row("build, instructions a line", "220", f"{each:.0f}", each <= 220)


def sizes(peers, work, lines):
    index = f"{work}/index"

    def bits(*words):
        build(f"{work}/list", index, *words)
        return os.path.getsize(index) * 8 / lines

    at_30, at_16 = bits("--bits", "30", "--no-counts"), bits("--bits", "16",
                                                             "--no-counts")
    if find(peers, "pwqfilter"):
        theirs = os.path.getsize(f"{work}/filter") * 8 / lines
        row("size at 2^-30 without counts vs pwqfilter's best", "1.00x",
            f"{at_30 / theirs:.3f}x ({at_30:.2f} bits an entry,"
            f" {theirs:.2f})", at_30 <= theirs)
    theirs = fuse16_bits(lines)
    row("size at 2^-16 without counts vs fuse 16", "1.00x",
        f"{at_16 / theirs:.3f}x ({at_16:.2f} bits an entry, {theirs:.2f} by"
        " its layout)", at_16 <= theirs)
    without, usual = bits("--no-counts"), bits()
    row("price of counts", "2.0 bits",
        f"{usual - without:.2f} bits ({usual:.2f} an entry with them)",
        usual - without <= 2)


def lookups(work):
    index, members = f"{work}/index", f"{work}/members"
    with open(members, encoding="ascii") as file:
        lines = file.readlines()
    with open(f"{work}/some", "w", encoding="ascii") as file:
        file.writelines(lines[::len(lines) // COLD])
    Run(["sync", index])
    (mean, most, _), = lookup("cold", index, lines=f"{work}/some")
    row("pages made resident by a cold lookup", "3",
        f"{mean:.2f}, {most:.0f} at most", most <= 3)
    (reads, _), = lookup("reads", index, LARGE_GAP, lines=members)
    (usual, _), = lookup("reads", index, 0, lines=members)
    row("reads after the header, knots as far apart as with 2 billion", "1.05",
        f"{reads:.3f} ({usual:.3f} as it is)", reads <= 1.05)
    (done, clean, unnoticed), = lookup("flips", index, FLIPS, lines=members)
    row(f"bits turned over unnoticed, of {done:.0f}", "0",
        f"{unnoticed:.0f}; members called clean: {clean:.0f}",
        unnoticed == 0 and clean == 0)
    found_row(index, members, RANDOM, 24)


def found_row(index, members, random, bits):
    (found, lost, alarms), = lookup("members", index, random, lines=members)
    expected = random / 2 ** bits
    row(f"members found, of {found + lost:.0f}", "all", f"{found:.0f}",
        lost == 0)
    row(f"false alarms, of {random}",
        f"{expected:.2f} +- {3 * math.sqrt(expected):.2f}", f"{alarms:.0f}",
        abs(alarms - expected) <= max(3 * math.sqrt(expected), 1))


def beside_libpasswdqc(peers, work):
    library, program = find(peers, "libpasswdqc.so.1"), find(peers, "pwqfilter")
    if not library or not program:
        return
    words = f"{work}/words"
    Run(["sh", "-c", f"seq -f 'Kx%.0f-qWm' {WORDS} >{words};"
         f"awk 'NR % 50 == 0' {words} >{work}/asked"])
    build(words, f"{work}/words.index", "--words")
    Run([program, f"--create={WORDS * 103 // 100}", "-o", f"{work}/filter"],
        words)
    times = lookup("pair", f"{work}/words.index", library, f"{work}/filter",
                   lines=f"{work}/asked")
    warm, ours, theirs, opening = map(statistics.median, zip(*times))
    ratio = statistics.median(round[1] / round[2] for round in times)
    row("from open to close vs libpasswdqc", "1.3x",
        f"{ratio:.2f}x ({ours / 1000:.1f} us, {theirs / 1000:.1f})",
        ratio <= 1.3)
    ratio = statistics.median(
        round[0] / (round[2] - round[3]) for round in times)
    row("warm lookup with its hash vs libpasswdqc", "1.0x",
        f"{ratio:.2f}x ({warm / 1000:.2f} us,"
        f" {(theirs - opening) / 1000:.2f})", ratio <= 1)


def make_list(work, lines):
    say(f"making a list of {lines} lines")
    with open(f"{work}/list", "wb") as out:
        subprocess.run([f"{BENCH}/breach-list", str(lines), "1", str(MEMBERS),
                        f"{work}/members"], stdout=out, check=True)


def all_numbers(peers, work, lines):
    rounds = 5 if lines <= 2 * 10 ** 7 else 3
    make_list(work, lines)
    compare_builds(peers, work, lines, rounds)
    cost_of_lines(work, lines, rounds)
    count_instructions(work)
    sizes(peers, work, lines)
    lookups(work)
    beside_libpasswdqc(peers, work)


# ---- a billion ----


def billion(work, lines):
    """From a generator through a pipe, as large as the real list."""
    index, members = f"{work}/index", f"{work}/members"
    source = subprocess.Popen([f"{BENCH}/breach-list", str(lines), "1",
                               str(MEMBERS), members], stdout=subprocess.PIPE)
    fifo = f"/proc/self/fd/{source.stdout.fileno()}"
    done, memory = build_memory("-", index, fifo)
    source.stdout.close()
    if source.wait() != 0:
        raise AssertionError("the list was not written to its end")
    say(done.out)
    say(f"  {done.clock:.0f} s, {lines / done.clock / 1e6:.1f} million lines a"
        f" second; {done.processor:.0f} s of the processor")
    row("memory at most", "32 MiB", f"{memory / MIB:.1f} MiB",
        memory <= 32 * MIB)
    with open(members, encoding="ascii") as file:
        count = sum(1 for _ in file)
    row("members asked for", MEMBERS, count, count == MEMBERS)
    (reads, _), = lookup("reads", index, 0, lines=members)
    row("reads after the header", "1.05", f"{reads:.3f}", reads <= 1.05)
    found_row(index, members, lines // 10, 24)


# ---- the table ----


def print_table():
    titles = ("", "at least", "measured", "")
    table = [titles, *rows]
    widths = [max(len(str(line[i])) for line in table) for i in range(3)]
    say("")
    for line in table:
        say("  ".join(f"{str(cell):<{width}}"
                      for cell, width in zip(line, widths)) + "  " + line[3])


def number(text):
    units = {"k": 10 ** 3, "M": 10 ** 6, "G": 10 ** 9}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def main():
    options = argparse.ArgumentParser(prog="./dev bench breach")
    options.add_argument("peers", help=argparse.SUPPRESS)
    options.add_argument("--lines", type=number)
    options.add_argument("--billion", action="store_true")
    options.add_argument("--dir", default=BENCH)
    chosen = options.parse_args()
    load, processors = os.getloadavg()[0], os.cpu_count()
    if load > processors / 2:
        say(f"The machine is busy (load {load:.1f}, {processors} processors):"
            " everything takes longer.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=chosen.dir) as work:
        if chosen.billion:
            billion(work, chosen.lines or 10 ** 9)
        else:
            all_numbers(chosen.peers, work, chosen.lines or 10 ** 7)
    print_table()
    say(f"\nall of it in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
