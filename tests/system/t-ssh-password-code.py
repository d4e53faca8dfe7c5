#!/usr/bin/python3
"""A real sshd with the stack that asks for the password, then the code."""

import bench
import tap
from bench import Bench
from journal import Journal
from sshd import Sshd, finish
from talk import CODE, PASSWORD

STACK = "sshd-password-code"
CROWD = [f"guest{number:02d}" for number in range(60)]
NAMES = ["anna", "bert", "cleo", "dora", "egon", "fred", "gina", "hugo", "inga"]

site = journal = sshd = None


def prepare():
    global site, journal, sshd
    journal = Journal()
    site = Bench()
    site.add_users(*NAMES, *CROWD)
    site.stack(STACK, "sshd")
    sshd = Sshd(site.folder, "sshd", bench.sshd_settings(STACK))
    tap.on_failure.append(lambda: "\n".join(journal.lines[-20:]))


def login(user, code):
    return sshd.login(user, (PASSWORD, site.passwords[user]), (CODE, code))[0]


def password_only(user):
    return sshd.login(user, (PASSWORD, site.passwords[user]))[0]


@tap.test("password and code open the door")
def _():
    tap.expect(login("anna", site.enrol("anna").code()) == "in", "kept out")


@tap.test("a code opens the door only once")
def _():
    code = site.enrol("bert").code()
    tap.expect(login("bert", code) == "in", "the first time it is right")
    tap.expect(login("bert", code) == "refused", "it opened twice")


@tap.test("who is refused after a right password is told why")
def _():
    phone = site.enrol("hugo")
    code = phone.code()
    tap.expect(login("hugo", code) == "in", "the right code")
    for bad, why in ((code, "used"), (phone.wrong(), "wrong")):
        _, text = sshd.login("hugo", (PASSWORD, site.passwords["hugo"]),
                             (CODE, bad))
        tap.expect(why in text, f"nothing of {why!r}:\n{text}")


@tap.test("after a wrong code, a right one still opens the door")
def _():
    phone = site.enrol("cleo")
    tap.expect(login("cleo", phone.wrong()) == "refused", "wrong, but in")
    tap.expect(login("cleo", phone.code()) == "in", "right, but out")


@tap.test("each recovery code opens the door once")
def _():
    site.enrol("dora")
    first, second = site.recovery_codes("dora")[:2]
    tap.expect(login("dora", first) == "in", "the first recovery code")
    tap.expect(login("dora", first) == "refused", "it opened twice")
    tap.expect(login("dora", second) == "in", "the second recovery code")


@tap.test("a wrong password is not followed by a question for the code")
def _():
    outcome, text = sshd.login("anna", (PASSWORD, "not the password"))
    tap.expect(outcome == "refused", f"it is {outcome}:\n{text}")


@tap.test("who is not enrolled is refused where enrolment is required")
def _():
    tap.expect(login("egon", "123456") == "refused", "in without an enrolment")


@tap.test("who is not enrolled is not asked where enrolment is optional")
def _():
    site.settings(enrolment="optional")
    tap.expect(password_only("egon") == "in", "the password has to do")
    tap.expect(password_only("bert") == "asked again", "bert is enrolled")
    site.settings()


@tap.test("exempt users, and members of exempt groups, are not asked")
def _():
    bench.run("groupadd", "robots")
    bench.run("usermod", "-aG", "robots", "gina")
    tap.expect(password_only("fred") == "asked again", "not exempt yet")
    site.settings(exempt_users="fred", exempt_groups="robots")
    tap.expect(password_only("fred") == "in", "exempt by name")
    tap.expect(password_only("gina") == "in", "exempt by group")
    tap.expect(password_only("egon") == "asked again", "not exempt at all")
    site.settings()


@tap.test("an unknown user meets the same questions and no answer")
def _():
    outcome, text = sshd.login("nobody-here", (PASSWORD, "anything"))
    tap.expect(outcome == "refused", f"it is {outcome}:\n{text}")


@tap.test("the log names user and outcome, and never the code")
def _():
    phone = site.enrol("egon")
    mark = journal.mark()
    wrong = phone.wrong()
    login("egon", wrong)
    line = journal.wait(mark, "sallyport.*egon")
    tap.expect(line, "no line in the log")
    tap.expect(not journal.since(mark, wrong), "the code is in the log")


@tap.test("of twenty clients at their prompts with one code, one gets in")
def _():
    phone = site.enrol("inga")
    talks = [sshd.connect("inga") for _ in range(20)]
    for talk in talks:
        talk.answer(PASSWORD, site.passwords["inga"])
    for talk in talks:
        talk.see(CODE)
    code = phone.code()
    for talk in talks:
        talk.child.sendline(code)
    outcomes = [finish(talk)[0] for talk in talks]
    tap.expect(outcomes.count("in") == 1 and outcomes.count("refused") == 19,
               f"they were {outcomes}")
    tap.expect(login("inga", phone.code()) == "in", "the next code, alone")


@tap.test("sixty users at once, each with a right code, are all let in")
def _():
    phones = {user: site.enrol(user) for user in CROWD}
    talks = {user: sshd.connect(user) for user in CROWD}
    for user, talk in talks.items():
        talk.answer(PASSWORD, site.passwords[user])
    for talk in talks.values():
        talk.see(CODE)
    codes = {user: phone.code() for user, phone in phones.items()}
    for user, talk in talks.items():
        talk.child.sendline(codes[user])
    outcomes = [finish(talk)[0] for talk in talks.values()]
    tap.expect(outcomes.count("in") == len(CROWD),
               f"{outcomes.count('in')} of {len(CROWD)} got in")


tap.main(prepare)
