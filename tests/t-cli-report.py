"""report: patterns in a log, as people and scripts ask for them."""

import datetime
import gzip
import json
import lzma
import os
import random
import shutil
import subprocess
import sys
import time

from cli import (PROGRAM, House, NO, Skip, Terminal, USAGE, YES, fits, main,
                 test)

START = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)


def iso(second):
    return (START + datetime.timedelta(seconds=second)).isoformat()


def syslog(second):
    when = START + datetime.timedelta(seconds=second)
    return when.strftime("%b %e %H:%M:%S")


def line(second, event, user, address="192.0.2.1", more="", stamp=iso):
    return (f"{stamp(second)} web1 sshd[{second % 30000}]: pam_sallyport"
            f'(sshd:auth): event={event} user="{user}" rhost="{address}"'
            f' tty="ssh"{more}\n')


def planted(stamp=iso, begin=0):
    """One of each pattern, and what has to be found."""
    lines, expected = [], []

    def put(*words, **more):
        lines.append(line(begin + len(lines), *words, stamp=stamp, **more))

    for number in range(6):
        put("wrong", f"victim{number}", "203.0.113.9")
    expected.append(("many-users", None, "203.0.113.9", 6))
    for number in range(3):
        put("wrong", "known", "203.0.113.10", more=f" failures={number + 1}")
    expected.append(("password-known", "known", "203.0.113.10", 3))
    for number in range(6):
        put("wrong", "guessed", "192.0.2.50", more=f" failures={number + 1}")
    put("accepted", "guessed", "192.0.2.50", more=" failures=6")
    expected.append(("success-after-failures", "guessed", "192.0.2.50", 6))
    put("accepted", "moved", "192.0.2.51")
    lines.append(f"{stamp(begin + len(lines))} web1 sallyport-verifier[5]: "
                 'event=enrolled user="moved" said_service="sallyport" '
                 'said_rhost="203.0.113.11" said_tty="/dev/pts/1" '
                 'by_uid=1000 via=verifier authenticator="phone"\n')
    expected.append(("new-address", "moved", "203.0.113.11", 1))
    for drift in 150, 181:
        put("wrong", "slow", more=f' drift=+{drift}s of="phone"')
    put("accepted", "slow")
    expected.append(("drift", "slow", None, 2))
    for number in range(3):
        put("wrong", f"clock{number}", more=f' drift=-{90 + number}s of="p"')
        put("accepted", f"clock{number}")
    expected.append(("host-clock", None, None, 3))
    return lines, expected


def found(document):
    return [(finding["pattern"],
             finding["names"][0] if finding["users"] == 1 else None,
             finding["address"], finding["count"])
            for finding in document["findings"]]


def write(house, lines, name="log"):
    with open(house.path(name), "w") as file:
        file.writelines(lines)
    return house.path(name)


NOISE = ["Nov 25 18:00:01 web1 CRON[7]: pam_unix(cron:session): session opened\n",
         iso(0) + " web1 sshd[7]: Invalid user event=wrong from 203.0.113.9\n",
         "\n", "not a log at all \0\xff\n"]


@test("each planted pattern is found, and nothing else")
def _():
    house = House()
    lines, expected = planted()
    log = write(house, NOISE + lines + NOISE)
    document = house.json("report", log, status=NO)
    assert found(document) == expected, document
    assert document["lines"] == len(lines) + 2 * len(NOISE), document
    assert document["events"] == len(lines), document
    assert document["first"] == "2026-11-01T00:00:00Z", document


@test("times as syslogd writes them are read as well")
def _():
    house = House()
    lines, expected = planted(stamp=syslog)
    document = house.json("report", write(house, lines), status=NO)
    assert found(document) == expected, document


@test("logs that are packed are read, and standard input is")
def _():
    house = House()
    lines, expected = planted()
    log = "".join(lines)
    for name, opener in ("log.gz", gzip.open), ("log.xz", lzma.open):
        with opener(house.path(name), "wt") as file:
            file.write(log)
        document = house.json("report", house.path(name), status=NO)
        assert found(document) == expected, document
    document = house.json("report", "-", status=NO, typed=log)
    assert found(document) == expected, document


@test("what programs get fits its schema, with findings and with no event")
def _():
    house = House()
    fits(house.json("report", write(house, planted()[0]), status=NO),
         "report.json")
    fits(house.json("report", "-", typed=""), "report.json")


@test("people get each pattern with what it means, and a last line in any case")
def _():
    house = House()
    lines, expected = planted()
    said = house.want(NO, "report", write(house, lines), env={"TZ": "UTC"}).out
    for words in (
            *(f"{pattern}: " for pattern, *_ in expected),
            "203.0.113.9: 6 users, 6 refusals",
            "victim0, victim1, victim2, victim3, victim4 and 1 more",
            "known from 203.0.113.10: 3 codes",
            "guessed from 192.0.2.50: after 6 wrong codes",
            "moved from 203.0.113.11: 1 login before, from elsewhere",
            'slow, "phone": 2 codes, 150 s ahead at first, 181 s ahead at last',
            "3 users, about 91 s behind",
            "2026-11-01 00:00:00 UTC to 2026-11-01 00:00:05 UTC",
            f"{len(lines)} lines, {len(lines)} events"):
        assert words in said, (words, said)
    said = house.want(YES, "report", write(house, [line(0, "accepted", "a")]))
    assert said.out.startswith("1 lines, 1 events"), said
    assert said.err == "", said


@test("the report is plain ASCII, and says the same on any terminal")
def _():
    house = House()
    log = write(house, planted()[0])
    said = house.want(NO, "report", log, env={"LC_ALL": "C"}).out
    assert said.isascii() and "\033" not in said, said
    terminal = Terminal(house.command("report", log), columns=40,
                        env={"TERM": "dumb", "LC_ALL": "C"})
    assert terminal.end() == NO
    assert terminal.text().split() == said.split(), terminal.text()


@test("--since leaves out what is older, by a time or a duration")
def _():
    house = House()
    old, expected = planted()
    log = write(house, old + [line(86400, "accepted", "late")])
    for since, status, events in (
            ("2026-11-01", NO, len(old) + 1), ("2026-11-02", YES, 1),
            (iso(3), NO, len(old) - 2), (iso(86400), YES, 1),
            (iso(86401), YES, 0), ("2026-11-02T01:00:00.5+01:00", YES, 1)):
        said = house.json("report", "--since", since, log, status=status,
                          env={"TZ": "UTC"})
        assert said["events"] == events, (since, said)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    log = write(house, [line(0, "accepted", "now", stamp=lambda _: now),
                        line(0, "accepted", "old", stamp=lambda _:
                             "2020-01-01T00:00:00Z")])
    for since, events in ("30d", 1), ("1h", 1), ("3650d", 2):
        assert house.json("report", "--since", since, log)["events"] == events


@test("wrong words, and a log that cannot be read, are told with their status")
def _():
    house = House()
    for since in ("yesterday", "7", "7w", "0d", "2026-13-01", "2026-11-25T",
                  "2026-11-25T18:00:01+00:00 ", ""):
        said = house.want(USAGE, "report", "--since", since, "-")
        assert "--since takes" in said.err, said
    said = house.want(USAGE, "report", house.path("none"))
    assert f"cannot open {house.path('none')}" in said.err, said
    said = house.want(USAGE, "report", house.dir)
    assert "is a folder" in said.err, said
    with open(house.path("cut.gz"), "wb") as file:
        file.write(gzip.compress(b"x" * 1000)[:-9])
    said = house.run("report", house.path("cut.gz"))
    assert said.status not in (YES, NO) and "cut.gz" in said.err, said


@test("a log without a line of ours is no good news, and is told")
def _():
    house = House()
    for log in "", "".join(NOISE[:3]):
        said = house.want(YES, "report", "-", typed=log)
        assert "no line there is of Sallyport's" in said.err, said


@test("lines of any length are taken or passed over, and the next one is read")
def _():
    house = House()
    long = "x" * 400000 + "\n"
    last = line(1, "accepted", "late").rstrip()
    log = write(house, [long, line(0, "accepted", "a"), long * 3, last])
    said = house.json("report", log)
    assert said["events"] == 2, said
    # A line that fits nowhere hides no event in itself, either.
    log = write(house, ["y" * 300000 + "\n" + line(0, "accepted", "a"),
                        "z" * 327680 + line(0, "accepted", "b")])
    assert house.json("report", log)["events"] == 1


@test("without a file the journal is asked, as journalctl tells it")
def _():
    if shutil.which("journalctl") is None:
        raise Skip("journalctl is not installed")
    house = House()
    asked = subprocess.run(
        ["journalctl", "--no-pager", "--output=short-iso",
         "SYSLOG_FACILITY=10"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    said = house.run("--json", "report")
    assert said.status in (YES, NO), said
    if "No entries" in asked.stdout.decode():
        assert json.loads(said.out)["events"] == 0, said
    house.run("report", "--since", "1h")


@test("in a million lines each planted pattern is found")
def _():
    house = House()
    dice = random.Random(1)
    lines, expected = planted(begin=500000)
    with open(house.path("log"), "w") as file:
        for second in range(1000000 - len(lines)):
            if second == 500000:
                file.writelines(lines)
            user = dice.randrange(20000)
            event = "wrong" if dice.random() < 0.02 else "accepted"
            if second < 20000:
                user, event = second, "accepted"
            elif second % 10 == 0:
                file.write(f"{iso(second)} web1 sshd[7]: Connection closed "
                           f"by 192.0.2.{second % 250} port {second % 60000}\n")
                continue
            file.write(line(second, event, f"u{user}", f"10.0.{user % 200}.1"
                            f"{user % 100}"))
    # However long it takes: a sanitizer makes it slow.
    began = os.times()
    done = subprocess.run(house.command("--json", "report", house.path("log")),
                          stdout=subprocess.PIPE)
    ended = os.times()
    print(f"# a million lines in {ended.elapsed - began.elapsed:.1f} s,"
          f" {ended.children_user - began.children_user:.1f} s of a processor")
    assert done.returncode == NO, done
    document = json.loads(done.stdout)
    assert document["lines"] == 1000000, document["lines"]
    assert found(document) == expected, document["findings"]
    os.unlink(house.path("log"))


assert os.path.exists(PROGRAM)
sys.exit(main())
