"""What completes the words of the tool, in bash, fish and zsh themselves."""

import os
import re
import shutil
import subprocess
import sys

from cli import (PATIENCE, PROGRAM, House, Skip, Terminal, USAGE, YES, listed,
                 main, test)

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
COMPLETIONS = os.path.join(SOURCE, "data", "completions")
ENVIRONMENT = {
    **os.environ, "LC_ALL": "C.UTF-8",
    "PATH": f"{os.path.dirname(os.path.realpath(PROGRAM))}:/usr/bin:/bin"}

BASH = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_sallyport
printf '%s\\n' "${COMPREPLY[@]}"
"""


def need(shell):
    if shutil.which(shell) is None:
        raise Skip(f"{shell} is not installed")


def run(*command, folder=None):
    """What it prints, a word a line, in order."""
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=folder,
                          stderr=subprocess.DEVNULL, env=ENVIRONMENT,
                          timeout=PATIENCE, text=True)
    return sorted(line.split("\t")[0].rstrip()
                  for line in done.stdout.splitlines() if line.strip())


def bash(*words, folder=None):
    return run("bash", "--norc", "-c", BASH, "bash",
               os.path.join(COMPLETIONS, "sallyport"), "sallyport", *words,
               folder=folder)


def fish(*words, folder=None):
    need("fish")
    line = " ".join(["sallyport", *words])
    return run("fish", "--no-config", "-c",
               f"source {COMPLETIONS}/sallyport.fish; complete -C '{line}'",
               folder=folder)


def options(*command):
    said = House().want(YES, *command, "--help").out
    return re.findall(r"^  (?:-o, )?(--[a-z-]+)", said, re.M)


def check_all(complete):
    """Every command, second word and option that help shows, and no other."""
    names = listed()
    firsts = sorted({name.split()[0] for name in names})
    assert [word for word in complete("") if word[0] != "-"] == firsts
    for first in firsts:
        assert first in complete(first[:-1]), first
        seconds = [name.split()[1] for name in names
                   if name.startswith(f"{first} ")]
        if seconds:
            found = complete(first, "")
            assert [word for word in found if word[0] != "-"] == sorted(seconds)
    for name in names:
        assert complete(*name.split(), "--") == sorted(
            options(*name.split())), name


def check_values(complete):
    """Operands and values: files, users, words, or nothing at all."""
    house = House()
    folder = house.path("folder")
    os.mkdir(folder)
    with open(os.path.join(folder, "pwned list.txt"), "w"):
        pass
    files = ["pwned list.txt"]
    for words in (("report", ""), ("breach", "build", ""),
                  ("breach", "build", "--output", ""),
                  ("breach", "check", "--list", "pw"),
                  ("--config", "pw"), ("list", "--config", ""),
                  ("import", "oath", "pw")):
        assert complete(*words, folder=folder) == files, words
    for words in ("unlock", "roo"), ("status", "--user", "roo"):
        assert "root" in complete(*words), words
    assert complete("enroll", "--name", "", folder=folder) == []
    assert [word for word in complete("completion", "")
            if word[0] != "-"] == ["bash", "fish", "zsh"]
    assert complete("import", "goo") == ["google-authenticator"]
    # An option's value is no command's word.
    assert "check" in complete("--config", "breach", "breach", "")


@test("bash completes every command and option that help shows")
def _():
    check_all(bash)


@test("and files, users and words where one stands for a value")
def _():
    check_values(bash)


@test("fish completes every command and option that help shows")
def _():
    check_all(fish)


@test("and, in fish, files, users and words where one stands for a value")
def _():
    check_values(fish)


def zsh():
    """An interactive one that has found the completion by itself."""
    need("zsh")
    shell = Terminal(["/usr/bin/env", "zsh", "-f", "-i"],
                     columns=200, env=ENVIRONMENT)
    shell.type(f"fpath=({COMPLETIONS} $fpath); autoload -Uz compinit;"
               " compinit -u -D; PS1='rea''dy> '; LISTMAX=999\n")
    shell.wait("ready> ")
    return shell


def see(shell, words):
    """Until these stand on its screen, however they came there."""
    while True:
        text = re.sub("\033\\[[0-9;?]*[A-Za-z]|\a", "", shell.text())
        text = re.sub("[^\b]\b", "", text)
        if words in text:
            return
        assert shell.read(), f"no {words!r} in {text!r}"


@test("zsh completes a command that is begun, and its option")
def _():
    shell = zsh()
    for typed, seen in (
            ("enr\t--pen\t", "sallyport enroll --pending"),
            ("breach ver\t--par\t", "sallyport breach verify --partial"),
            ("completion zs\t", "sallyport completion zsh"),
            ("status --user roo\t", "sallyport status --user root"),
            (f"report {SOURCE}/tests/t-complet\t", "tests/t-completion.")):
        shell.type(f"sallyport {typed}")
        see(shell, seen)
        shell.type("\x15")
    shell.type("exit\n")
    assert shell.end() == 0, shell.text()


@test("zsh lists every command, with what it is for")
def _():
    shell = zsh()
    shell.type("sallyport \t")
    for name in listed():
        shell.wait(name.split()[0] + " ")
    shell.wait("enrol an authenticator, confirmed by its first code"[:40])
    shell.type("\x15exit\n")
    assert shell.end() == 0, shell.text()


@test("there is no completion for other shells")
def _():
    said = House().want(USAGE, "completion", "csh")
    assert "bash, fish and zsh" in said.err, said


sys.exit(main())
