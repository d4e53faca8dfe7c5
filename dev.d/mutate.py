#!/usr/bin/python3
"""Do the tests notice when a rule is broken?

Each mutant is the source with one small change: a comparison turned, a
constant one off, a call left out, an error returned as success.  The file is
compiled anew and the tests that concern it run, the quickest first; the
mutant is killed if one of them fails.  A survivor is a change that no test
sees: look whether it changes anything, and if it does, write the sentence.

Two kinds are no mutants: what does not compile, and what the compiler turns
into the same object code.  What else is left out is said with the totals.
"""

import argparse
import copy
import os
import queue
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
WORK = f"{ROOT}/build/mutate"
TREE = f"{WORK}/tree"  # a copy, so that nobody's editing disturbs a run
LEAST_KILLED = 90  # of a hundred

# What is mutated, and the tests that concern it.
FILES = {
    "lib/breach.c": ["t-breach"],
    "lib/breach_hash.c": ["t-breach"],
    "lib/breach_page.c": ["t-breach"],
    "lib/policy.c": ["t-policy", "t-mutants", "t-enrol", "t-pam",
                     "t-pam-password", "t-exempt"],
    "lib/network.c": ["t-network", "t-exempt"],
    "lib/origin.c": ["t-origin", "t-exempt"],
    "lib/throttle.c": ["t-throttle", "t-policy", "t-mutants"],
    "lib/totp.c": ["t-totp", "t-policy", "t-mutants"],
    "lib/recovery.c": ["t-recovery", "t-policy", "t-pam"],
    "lib/answer.c": ["t-answer", "t-policy", "t-pam"],
    "lib/state.c": ["t-state", "t-kept-store", "t-policy", "t-mutants", "t-pam", "t-store"],
    "lib/store.c": ["t-kept-store", "t-mutants", "t-pam", "t-store", "t-sweep"],
    "lib/store_file.c": ["t-mutants", "t-pam", "t-store", "t-sweep", "t-race"],
    "lib/service.c": ["t-mutants", "t-pam", "t-sweep"],
    "lib/service_local.c": ["t-mutants", "t-pam", "t-sweep", "t-race"],
    "lib/child.c": ["t-child"],
    "lib/link.c": ["t-link"],
    "lib/wire.c": ["t-wire"],
    "lib/service_enrol_local.c": ["t-enrol"],
    "lib/mend.c": ["t-mend"],
    "lib/offer.c": ["t-kept-store", "t-offer"],
    "lib/invitation.c": ["t-invitation", "t-kept-store", "t-enrol"],
    "lib/box.c": ["t-enrol", "t-kept-store", "t-store"],
    "lib/symbol.c": ["t-symbol", "t-wire"],
    "pam_module/enrol.c": ["t-offered", "t-pam-fails"],
    "pam_module/look.c": ["t-exempt", "t-pam"],
    "pam_module/outcome.c": ["t-pam", "t-pam-password", "t-mutants",
                             "t-pam-fails", "t-exempt", "t-offered"],
    "pam_module/password.c": ["t-pam-password", "t-pam-fails"],
    "pam_module/transaction.c": ["t-pam", "t-offered",
                                 "t-pam-password", "t-pam-fails"],
}

LEFT_OUT = """\
left out, as no test could or should tell:
  comments, texts, preprocessor lines, static assertions, declared sizes
  calls that wipe or free memory: {calls}
  a descriptor's number
  what nothing promises exactly: {tunables}
"""
DESCRIPTORS = ["fd", "dir", "fd_out"]
UNSEEN_CALLS = ["mem_wipe", "free", "secret_free", "record_free", "va_end"]
TUNABLES = ["LOCK_DEADLINE", "SWAPS_MOST", "REFUSAL_DELAY", "FIELD_SIZE", "WHY_SIZE",
            "GUESSES", "MANY_PAGES", "PROGRESS_PAGES"]


# What the tests may come to, beside the name of what failed.
SURVIVED = "no test failed"
NO_MUTANT = "does not compile, or compiles to the same"


class Trouble(Exception):
    """Something that is not a test's verdict on a mutant."""


# ---- reading C, as far as it takes ----

TOKEN = re.compile(r"""
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^\#(?:[^\n\\]|\\.)*)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>\d[\w.]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>->|\+\+|--|<<=?|>>=?|&&|\|\||[-+*/%&|^=!<>]=|.)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

Token = namedtuple("Token", "kind text start end")
Change = namedtuple("Change", "start end new")

OPENS = {"(": ")", "[": "]", "{": "}"}


def read_tokens(source):
    """The tokens of a file, without what a change to could not be seen."""
    tokens = [Token(m.lastgroup, m.group(), m.start(), m.end())
              for m in TOKEN.finditer(source) if m.lastgroup != "skip"]
    kept, i = [], 0
    while i < len(tokens):
        if tokens[i].text == "_Static_assert":
            i = closing(tokens, i + 1)
        else:
            kept.append(tokens[i])
        i += 1
    return kept


def closing(tokens, i):
    """Where the bracket at i is closed."""
    depth = 0
    for j in range(i, len(tokens)):
        if tokens[j].kind == "sign":
            depth += tokens[j].text in OPENS
            depth -= tokens[j].text in OPENS.values()
        if depth == 0:
            return j
    raise Trouble(f"a bracket that is not closed: {tokens[i]}")


def line_of(source, at):
    start = source.rfind("\n", 0, at) + 1
    end = source.find("\n", at)
    return source[start:end if end >= 0 else len(source)]


# ---- the changes ----

OPERATORS = {
    "==": ["!="], "!=": ["=="],
    "<": ["<=", ">="], "<=": ["<", ">"],
    ">": [">=", "<"], ">=": [">", "<"],
    "&&": ["||"], "||": ["&&"],
    "++": ["--"], "--": ["++"], "+=": ["-="], "-=": ["+="], "|=": ["&="],
}
WORDS = {"true": ["false"], "false": ["true"]}

# A constant of such a family becomes the most dangerous one of it, and that
# one the most different.
FAMILIES = {
    "VERDICT_": ("VERDICT_ACCEPTED", "VERDICT_WRONG"),
    "PASSAGE_": ("PASSAGE_EXEMPT", "PASSAGE_ASK"),
    "PAM_": ("PAM_SUCCESS", "PAM_AUTH_ERR"),
    "ANSWER_": ("ANSWER_CODE", "ANSWER_RECOVERY"),
    "AUTHENTICATOR_": ("AUTHENTICATOR_TOTP", "AUTHENTICATOR_HOTP"),
    "ENROLMENT_": ("ENROLMENT_OPTIONAL", "ENROLMENT_REQUIRED"),
    "ERR_": ("ERR_MISSING", "ERR_IO"),
}
NOT_IN_A_FAMILY = ["ENROLMENT_BYTES"]

DECLARED_SIZE = re.compile(
    r"\s*(?:(?:static|const|unsigned|struct|enum)\s+)*\w+\s+\**\w+\[")
SIGNS_BEFORE_A_VALUE = ("(", "[", "{", ",", "=", "?", ":", ";", "return",
                        "&&", "||", "==", "!=", "<", "<=", ">", ">=", "case")


def operator_changes(tokens, i, source):
    token = tokens[i]
    if in_declared_size(tokens, i, source):
        return
    for new in OPERATORS.get(token.text, []) + WORDS.get(token.text, []):
        yield Change(token.start, token.end, new)
    if token.text == "!":
        yield Change(token.start, token.end, "")
    if token.text in "+-" and tokens[i - 1].text not in SIGNS_BEFORE_A_VALUE:
        yield Change(token.start, token.end, "-" if token.text == "+" else "+")


def constant_changes(tokens, i, source):
    token = tokens[i]
    if token.kind != "number" or in_declared_size(tokens, i, source) or \
            is_tunable(line_of(source, token.start)):
        return
    # n < 1 is what n <= 0 is, which is tried already.
    if token.text != "0" or tokens[i - 1].text not in ("<", "<=", ">", ">="):
        yield Change(token.start, token.end, f"({token.text} + 1)")
    # -1 is only a number that is negative; 0 - 1 rarely has the type.
    if token.text != "0" and tokens[i - 1].text != "-":
        yield Change(token.start, token.end, f"({token.text} - 1)")


def in_declared_size(tokens, i, source):
    """Whether it stands in brackets before any "=" of a declaration."""
    begin = source.rfind("\n", 0, tokens[i].start) + 1
    before = source[begin:tokens[i].start]
    return DECLARED_SIZE.match(before) is not None and \
        "=" not in before and before.rfind("[") > before.rfind("]")


def is_tunable(line):
    return any(re.match(rf"\s*{name} =", line) for name in TUNABLES)


def family_changes(tokens, i, _source):
    token = tokens[i]
    if token.text in NOT_IN_A_FAMILY or token.kind != "word":
        return
    for prefix, (worst, other) in FAMILIES.items():
        if token.text.startswith(prefix):
            new = other if token.text == worst else worst
            yield Change(token.start, token.end, new)


def condition_changes(tokens, i, source):
    """What the condition does is still done; its answer is not asked."""
    if tokens[i].text != "if":
        return
    start, end = tokens[i + 1].end, tokens[closing(tokens, i + 1)].start
    condition = source[start:end]
    for force in ("|| 1", "&& 0"):
        yield Change(start, end, f"({condition}) {force}")


def return_changes(tokens, i, _source):
    """An error, told as success."""
    if tokens[i].text != "return":
        return
    value = tokens[i + 1]
    if value.text in ("r", "err_say") or value.text.startswith("ERR_"):
        yield Change(value.start, tokens[statement_end(tokens, i)].start, "0")


def statement_changes(tokens, i, _source):
    """A call or an assignment, left out."""
    if not begins_statement(tokens, i):
        return
    end = statement_end(tokens, i)
    name = tokens[i + 3] if tokens[i].text == "(" else tokens[i]
    if end is not None and name.text not in UNSEEN_CALLS:
        yield Change(tokens[i].start, tokens[end].start, "")


def begins_statement(tokens, i):
    if i == 0 or tokens[i - 1].text not in (";", "{", "}", ")", "else", ":"):
        return False
    if tokens[i - 1].text == ")" and not ends_condition(tokens, i - 1):
        return False
    if tokens[i].text == "(":
        return tokens[i + 1].text == "void"
    if tokens[i].text in ("*", "++", "--"):
        return True
    # Two words in a row, or a word and a star, are a declaration.
    return tokens[i].kind == "word" and tokens[i + 1].kind == "sign" and \
        tokens[i + 1].text in ("(", "=", "->", ".", "[", "++", "--", "+=",
                               "-=", "|=", "*=") and \
        tokens[i].text not in ("if", "for", "while", "switch", "return",
                               "sizeof", "__attribute__")


def ends_condition(tokens, i):
    """Whether the bracket closed at i belongs to an if or a loop."""
    return any(tokens[j].text in ("if", "for", "while") and
               closing(tokens, j + 1) == i
               for j in range(i) if tokens[j + 1].text == "(")


def statement_end(tokens, i):
    """The semicolon, or None where it is no statement after all."""
    while i < len(tokens) and tokens[i].text != ";":
        if tokens[i].kind == "sign" and tokens[i].text in OPENS.values():
            return None
        if tokens[i].kind == "sign" and tokens[i].text in OPENS:
            i = closing(tokens, i)
        i += 1
    return i


def about_a_descriptor(tokens, i):
    """What is said of one is only whether there is one: those there are stand
    above standard input, output and error, and -1 is any that there is not."""
    texts = [token.text for token in tokens[max(i - 3, 0):i + 2]]
    before, text = texts[:-2], texts[-2]
    if text in ("<", ">="):
        return before[-1] in DESCRIPTORS and texts[-1] == "0"
    if text == "0":
        return before[-1] in ("<", ">=") and before[-2] in DESCRIPTORS
    return text == "1" and before[-2:] == ["=", "-"] and \
        before[0] in DESCRIPTORS


KINDS = [operator_changes, constant_changes, family_changes,
         condition_changes, return_changes, statement_changes]


def changes_of(source):
    tokens = read_tokens(source)
    found = []
    for i in range(len(tokens) - 1):
        if about_a_descriptor(tokens, i):
            continue
        for kind in KINDS:
            found += kind(tokens, i, source)
    return sorted(set(found))


class Mutant:
    """One file with one change."""

    def __init__(self, file, source, change):
        self.file = file
        self.line = source.count("\n", 0, change.start) + 1
        self.old = source[change.start:change.end]
        self.new = change.new
        self.source = source[:change.start] + change.new + \
            source[change.end:]

    def __str__(self):
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{self.file}:{self.line}: {old} -> {new or '(nothing)'}"


# ---- building ----

PACKAGES = ["pam", "liboath", "nettle", "libqrencode", "json-c", "zlib",
            "liblzma", "libxxhash", "cmocka"]
BASE_SOURCES = ["scratch.c", "test_main.c"]


def run(*command):
    """Whether a command succeeded; and what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0, done.stdout


def must(*command):
    done, said = run(*command)
    if not done:
        raise Trouble(f"{' '.join(command)}\n{said}")
    return said


class Build:
    """The tree's objects, and programs linked with one of them replaced."""

    def __init__(self):
        shutil.rmtree(WORK, ignore_errors=True)
        for folder in ("lib", "pam_module", "tests", "tools"):
            shutil.copytree(f"{ROOT}/{folder}", f"{TREE}/{folder}")
        os.makedirs(f"{WORK}/objects")
        self.programs_in(f"{WORK}/0")
        self.cc = os.environ.get("CC", "cc")
        self.flags = self.compiler_flags()
        self.libs = must("pkg-config", "--libs", *PACKAGES).split()
        self.objects = {}  # by source
        self.fresh = set()  # programs linked with the present objects

    def programs_in(self, folder):
        self.folder = folder
        for name in ("mutant", "pam_module/.libs", "tests/.libs", "tools"):
            os.makedirs(f"{folder}/{name}")

    def beside(self, number):
        """Another that shares the objects so far, and links for itself."""
        other = copy.copy(self)
        other.programs_in(f"{WORK}/{number}")
        other.objects = dict(self.objects)
        other.fresh = set()
        return other

    @staticmethod
    def compiler_flags():
        flags = ["-O1", "-w", "-fPIC", "-D_GNU_SOURCE"]
        for folder in ("lib", "pam_module", "tests", "tools"):
            flags += ["-iquote", f"{TREE}/{folder}"]
        for name in ("CONF_FILE", "KEY_FILE", "LISTS_DIR", "STORE_DIR",
                     "VERIFIER_PROGRAM", "VERIFIER_SOCKET"):
            flags.append(f'-D{name}="{WORK}/absent/{name}"')
        flags += ['-DPACKAGE_STRING="sallyport"', "-DLIBPAM_SINCE_1_6=0"]
        return flags + must("pkg-config", "--cflags", *PACKAGES).split()

    def compile_tree(self):
        for folder in ("lib", "pam_module"):
            for name in sorted(os.listdir(f"{TREE}/{folder}")):
                if name.endswith(".c"):
                    self.compile_one(f"{folder}/{name}")
        for program in self.programs():
            for name in self.test_sources(program):
                self.compile_one(name)
        self.compile_one("tests/pam_stores.c")
        for name in sorted(os.listdir(f"{TREE}/tools")):
            if name.endswith(".c"):
                self.compile_one(f"tools/{name}")

    @staticmethod
    def tool_sources(*targets):
        """What tools/local.mk says that these are made of."""
        sources = []
        for target in targets:
            said = re.search(rf"^%C%_{target}_SOURCES = ((?:.*\\\n)*.*)",
                             read("tools/local.mk"), re.MULTILINE)
            sources += re.findall(r"%D%/(\w+\.c)", said.group(1))
        return [f"tools/{name}" for name in sources]

    def compile_one(self, source):
        target = f"{WORK}/objects/{source.replace('/', '_')}.o"
        if source not in self.objects:
            must(self.cc, *self.flags, "-c", f"{TREE}/{source}", "-o", target)
            self.objects[source] = target

    @staticmethod
    def programs():
        wanted = {name for names in FILES.values() for name in names}
        return [name for name in sorted(wanted)
                if os.path.exists(f"{TREE}/tests/{name}.c")]

    @staticmethod
    def test_sources(program):
        names = [f"{program}.c"] + BASE_SOURCES
        for header in re.findall(r'^#include "(.*)\.h"',
                                 read(f"tests/{program}.c"), re.MULTILINE):
            if f"{header}.c" not in names and \
                    os.path.exists(f"{TREE}/tests/{header}.c"):
                names.append(f"{header}.c")
        return [f"tests/{name}" for name in names]

    def compile_mutant(self, file, source):
        """The object, or None: it does not compile, or is the same."""
        text = f"{self.folder}/mutant/{os.path.basename(file)}"
        target = f"{self.folder}/mutant/object.o"
        with open(text, "w", encoding="utf-8") as out:
            out.write(source)
        done, _ = run(self.cc, *self.flags, "-c", text, "-o", target)
        if not done or same_bytes(target, self.objects[file]):
            return None
        return target

    def replace(self, file, target):
        """Programs linked from here on have this object in file's place."""
        self.objects[file] = target
        self.fresh = set()

    def link(self, program):
        if program in self.fresh:
            return
        rooms = [self.objects[s] for s in self.objects
                 if s.startswith("lib/")]
        own = [self.objects[s] for s in self.test_sources(program)]
        must(self.cc, "-rdynamic", *own, *rooms,
             "-o", f"{self.folder}/{program}", *self.libs)
        if "tests/host.c" in self.test_sources(program):
            self.link_module(rooms)
        if "tests/booth.c" in self.test_sources(program):
            self.link_tool("sallyport-verifier", rooms, "sallyport_verifier",
                           "libverifier_la", "libpicture_la")
        if program == "t-sweep":
            self.link_tool("sallyport", rooms, "sallyport", "libtools_la",
                           "libpicture_la")
        self.fresh.add(program)

    def link_tool(self, name, rooms, *targets):
        own = [self.objects[s] for s in self.tool_sources(*targets)]
        must(self.cc, *own, *rooms, "-o", f"{self.folder}/tools/{name}",
             *self.libs)

    def link_module(self, rooms):
        if "module" in self.fresh:
            return
        own = [self.objects[s] for s in self.objects
               if s.startswith("pam_module/")]
        must(self.cc, "-shared", "-Wl,-Bsymbolic",
             f"-Wl,--version-script={TREE}/pam_module/pam_sallyport.map",
             *own, *rooms, "-o",
             f"{self.folder}/pam_module/.libs/pam_sallyport.so", *self.libs)
        must(self.cc, "-shared", self.objects["tests/pam_stores.c"], "-o",
             f"{self.folder}/tests/.libs/pam_stores.so", *self.libs)
        self.fresh.add("module")


def same_bytes(one, other):
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


# ---- running tests ----


# A mutant may go astray; it shall not take the machine along.
BOUNDS = ["prlimit", "--core=0", f"--as={4 << 30}"]


class Tests:
    """Runs test programs; the first sentence that fails ends one."""

    def __init__(self, build, scratch):
        self.build = build
        self.scratch = scratch
        self.took = {}  # seconds, unmutated

    def beside(self, number):
        """Another that can run at the same time."""
        other = copy.copy(self)
        other.build = self.build.beside(number)
        other.scratch = f"{self.scratch}.{number}"
        os.mkdir(other.scratch)
        return other

    def environment(self):
        return {"PATH": os.environ["PATH"], "LC_ALL": "C",
                "TMPDIR": self.scratch, "top_builddir": self.build.folder,
                "top_srcdir": TREE}

    def limit(self, program):
        return 10 + 4 * self.took.get(program, 60)

    def failure(self, program):
        """SURVIVED if the program passes, or what failed."""
        self.build.link(program)
        process = subprocess.Popen(
            [*BOUNDS, f"{self.build.folder}/{program}"],
            env=self.environment(), cwd=self.scratch,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            return self.watch(program, process)
        finally:
            end_group(process)
            empty(self.scratch)

    def watch(self, program, process):
        deadline = time.monotonic() + self.limit(program)
        said = b""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return f"{program}: no end"
            if not select.select([process.stdout], [], [], left)[0]:
                continue
            more = os.read(process.stdout.fileno(), 65536)
            said += more
            bad = re.search(rb"^not ok (?!\d+ # SKIP)(.*)\n", said,
                            re.MULTILINE)
            if bad:
                return f"{program}: {bad.group(1).decode()}"
            if not more:
                break
        status = process.wait()
        return f"{program}: status {status}" if status != 0 else SURVIVED

    def measure(self, files):
        """Nothing can be learnt where the tests fail by themselves."""
        concerned = {name for file in files for name in FILES[file]}
        for program in self.build.programs():
            if program not in concerned:
                continue
            began = time.monotonic()
            failed = self.failure(program)
            if failed is not SURVIVED:
                raise Trouble(f"without any change, {failed}")
            self.took[program] = time.monotonic() - began
            say(f"{program} takes {self.took[program]:.1f} s")

    def first_failure(self, file):
        """The first failure among the tests that concern a file."""
        there = [name for name in FILES[file] if name in self.took]
        for program in sorted(there, key=self.took.get):
            failed = self.failure(program)
            if failed is not SURVIVED:
                return failed
        return SURVIVED

    def judge(self, file, source):
        """Of a file with other text: NO_MUTANT, SURVIVED, or what failed."""
        kept = self.build.objects[file]
        target = self.build.compile_mutant(file, source)
        if target is None:
            return NO_MUTANT
        self.build.replace(file, target)
        try:
            return self.first_failure(file)
        finally:
            self.build.replace(file, kept)


def end_group(process):
    """The program and its children; some tests stop or abandon theirs."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()


def empty(folder):
    for name in os.listdir(folder):
        shutil.rmtree(f"{folder}/{name}", ignore_errors=True)


# ---- the plants ----

Plant = namedtuple("Plant", "name file old new")

PLANTS = [
    Plant("the lock is skipped", "lib/store_file.c",
          "if ((r = io_lock(fd, LOCK_DEADLINE)) == ERR_BUSY)",
          "if ((r = 0) == ERR_BUSY)"),
    Plant("the answer is given though the write failed",
          "lib/service_local.c",
          "if ((r = store_commit(txn)) < 0)",
          "if ((r = store_commit(txn)) < 0 && 0)"),
    Plant("the answer is given and nothing is written", "lib/store.c",
          "\tif (txn->record != NULL)\n"
          "\t\tr = txn->lost ? write_first_state(txn) : save_state(txn);\n",
          ""),
    Plant("an error on the enrolment is read as not enrolled",
          "lib/store.c",
          "ENROLMENT_BYTES, store->why);\n\tif (r == ERR_MISSING) {",
          "ENROLMENT_BYTES, store->why);\n"
          "\tif (r == ERR_MISSING || r == ERR_IO) {"),
]


def run_plants(tests):
    unseen = 0
    for plant in PLANTS:
        source = read(plant.file)
        if source.count(plant.old) != 1:
            raise Trouble(f"{plant.file} has changed: no place to plant "
                          f'"{plant.name}"')
        killer = tests.judge(plant.file, source.replace(plant.old, plant.new))
        if killer in (SURVIVED, NO_MUTANT):
            unseen += 1
            killer = "NOT NOTICED"
        print(f"{plant.name}\n    {killer}", flush=True)
    print(f"{len(PLANTS) - unseen} of {len(PLANTS)} plants were noticed")
    return unseen == 0


# ---- the run ----


def say(text):
    print(f"mutate: {text}", flush=True)


def read(file):
    with open(f"{TREE}/{file}", encoding="utf-8") as source:
        return source.read()


class Count:
    """Of one file, or of all."""

    def __init__(self):
        self.killed = self.total = 0

    def add(self, killed):
        self.total += 1
        self.killed += killed

    @property
    def percent(self):
        return 100 * self.killed / self.total if self.total else 100

    def __str__(self):
        return f"{self.killed}/{self.total} killed, {self.percent:.1f} %"


def mutants_of(wanted):
    """Of FILE, or of FILE:LINE alone."""
    for name in wanted:
        file, _, line = name.partition(":")
        if file not in FILES:
            raise Trouble(f"{file} is not one of: {' '.join(FILES)}")
        source = read(file)
        for change in changes_of(source):
            mutant = Mutant(file, source, change)
            if line in ("", str(mutant.line)):
                yield mutant


def chosen(options):
    mutants = list(mutants_of(options.files or FILES))
    if options.sample is None or options.sample >= len(mutants):
        return mutants
    pick = random.Random(options.seed).sample(range(len(mutants)),
                                              options.sample)
    say(f"{options.sample} of {len(mutants)} mutants, seed {options.seed}")
    return [mutants[i] for i in sorted(pick)]


def judge_all(tests, mutants):
    """Each with what killed it, in order; a few at a time."""
    free = queue.Queue()
    at_once = os.cpu_count() or 1
    for number in range(1, at_once + 1):
        free.put(tests.beside(number))

    def judge(mutant):
        own = free.get()
        try:
            return own.judge(mutant.file, mutant.source)
        finally:
            free.put(own)

    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(mutants, pool.map(judge, mutants))


def run_mutants(tests, mutants, verbose):
    counts, whole, none = {}, Count(), 0
    for mutant, killer in judge_all(tests, mutants):
        if killer is NO_MUTANT:
            none += 1
            continue
        for count in (counts.setdefault(mutant.file, Count()), whole):
            count.add(killer is not SURVIVED)
        if killer is SURVIVED:
            print(f"survived: {mutant}", flush=True)
        elif verbose:
            print(f"killed:   {mutant}\n          {killer}", flush=True)
    report(counts, whole, none)
    return whole.percent >= LEAST_KILLED


def report(counts, whole, none):
    for file, count in counts.items():
        print(f"{file}: {count}")
    print(f"all: {whole}")
    print(f"not counted: {none} that do not compile, or to the same code")
    print(LEFT_OUT.format(calls=", ".join(UNSEEN_CALLS),
                          tunables=", ".join(TUNABLES)), end="")


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="./dev mutate", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE[:LINE]",
                        help="default: " + " ".join(FILES))
    parser.add_argument("--sample", type=int, metavar="N",
                        help="so many of them, by chance")
    parser.add_argument("--seed", type=int, default=1, metavar="S",
                        help="that chance; the same choice each time")
    parser.add_argument("--plants", action="store_true",
                        help="three known mistakes; each has to be noticed")
    parser.add_argument("--list", action="store_true",
                        help="name the mutants and run nothing")
    parser.add_argument("--verbose", action="store_true",
                        help="say of each mutant which test killed it")
    return parser.parse_args()


def scratch_parent():
    """Memory, where there is any: the tests write a lot, durably."""
    shm = "/dev/shm"
    return shm if os.access(shm, os.W_OK) else None


def main():
    options = parse_arguments()
    build = Build()
    if options.list:
        print(*chosen(options), sep="\n")
        return 0
    build.compile_tree()
    with tempfile.TemporaryDirectory(prefix="sallyport-mutate.",
                                     dir=scratch_parent()) as scratch:
        os.chmod(scratch, 0o711)  # a test is somebody else now and then
        os.mkdir(f"{scratch}/0")
        tests = Tests(build, f"{scratch}/0")
        if options.plants:
            tests.measure(plant.file for plant in PLANTS)
            good = run_plants(tests)
        else:
            mutants = chosen(options)
            tests.measure(mutant.file for mutant in mutants)
            good = run_mutants(tests, mutants, options.verbose)
    return 0 if good else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        sys.exit(main())
    except Trouble as trouble:
        sys.exit(f"mutate: {trouble}")
    except KeyboardInterrupt:
        sys.exit("mutate: interrupted")
