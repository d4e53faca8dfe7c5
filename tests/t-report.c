/* Patterns in a log: what is told, and what is not. */
#include "report.h"
#include "test.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

enum { NOON = 1795608000, MINUTE = 60, HOUR = 60 * MINUTE };

/* A line of the module's, as it is read. */
static void
say(struct report *report, int64_t at, const char *event, const char *user,
    const char *address, const char *more)
{
	struct log_line line;
	char text[400];

	snprintf(text, sizeof text,
	    "2026-11-25T12:00:00Z web1 sshd[7]: pam_sallyport(sshd:auth): "
	    "event=%s user=\"%s\" rhost=\"%s\" tty=\"ssh\"%s",
	    event, user, address, more);
	expect(log_line_read(text, strlen(text), &line));
	expect_int(report_take(report, &line, at), 0);
}

/* The one finding there has to be; NULL: none. */
static const struct report_finding *
only(struct report *report, enum report_pattern pattern)
{
	expect_int(report_finish(report), 0);
	if (report->count == 0)
		return NULL;
	expect_int(report->count, 1);
	expect_int(report->findings[0].pattern, pattern);
	return &report->findings[0];
}

static const char *
user_name(int i)
{
	static char name[16];

	snprintf(name, sizeof name, "user%02d", i);
	return name;
}

/* ---- many users from one address ---- */

TEST("five users refused from one address within an hour are told, with how "
     "many")
{
	AUTO_REPORT struct report report = { 0 };
	const struct report_finding *found;

	for (int i = 0; i < 17; i++)
		say(&report, NOON + i * MINUTE, "wrong", user_name(i),
		    "203.0.113.9", "");
	say(&report, NOON + 5 * HOUR, "wrong", "user00", "203.0.113.9", "");
	expect((found = only(&report, REPORT_MANY_USERS)) != NULL);
	expect_text(found->address, "203.0.113.9");
	expect(found->user == NULL);
	expect_int(found->users, 17);
	expect_int(found->count, 18);
	expect_text(found->names[0], "user00");
	expect_text(found->names[4], "user04");
	expect(found->first == NOON && found->last == NOON + 5 * HOUR);
}

TEST("four users, or five in more than an hour, are no such thing")
{
	AUTO_REPORT struct report report = { 0 };

	for (int i = 0; i < 40; i++)
		say(&report, NOON + i * MINUTE, "caller-blocked",
		    user_name(i % 4), "203.0.113.9", "");
	for (int i = 0; i < 40; i++)
		say(&report, NOON + 3 * HOUR + i * 16 * MINUTE,
		    "caller-blocked", user_name(i), "203.0.113.10", "");
	expect(only(&report, REPORT_MANY_USERS) == NULL);
}

TEST("who gets in from there is not counted: an office mistypes, too")
{
	AUTO_REPORT struct report report = { 0 };

	for (int i = 0; i < 9; i++)
		say(&report, NOON + i, "wrong", user_name(i), "192.0.2.1", "");
	for (int i = 0; i < 5; i++)
		say(&report, NOON + 60 + i, "accepted", user_name(i),
		    "192.0.2.1", "");
	expect(only(&report, REPORT_MANY_USERS) == NULL);
}

TEST("many users refused at the machine itself are just its users")
{
	AUTO_REPORT struct report report = { 0 };

	for (int i = 0; i < 9; i++)
		say(&report, NOON + i, "wrong", user_name(i), "", "");
	expect(only(&report, REPORT_MANY_USERS) == NULL);
}

/* ---- codes refused after a right password ---- */

TEST(
    "three codes refused from where a user never got in: his password is known")
{
	static const char *const events[] = { "wrong", "replayed", "waiting",
		"disabled", "malformed", "not-enrolled" };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		AUTO_REPORT struct report report = { 0 };
		const struct report_finding *found;

		say(&report, NOON, "accepted", "alice", "192.0.2.1", "");
		for (int n = 1; n <= 3; n++)
			say(&report, NOON + n, events[i], "alice",
			    "203.0.113.9", "");
		found = only(&report, REPORT_PASSWORD_KNOWN);
		expect(found != NULL);
		expect_text(found->user, "alice");
		expect_text(found->address, "203.0.113.9");
		expect_int(found->count, 3);
		expect(found->first == NOON + 1 && found->last == NOON + 3);
	}
}

TEST("two are not told, nor any if he got in from there before or afterwards")
{
	AUTO_REPORT struct report report = { 0 };

	say(&report, NOON, "exempt", "bob", "192.0.2.1", "");
	for (int n = 0; n < 4; n++) {
		if (n < 2)
			say(&report, NOON + n, "wrong", "alice", "192.0.2.1",
			    "");
		say(&report, NOON + n, "wrong", "bob", "192.0.2.1", "");
		say(&report, NOON + n, "wrong", "carol", "192.0.2.1", "");
	}
	say(&report, NOON + 9, "accepted", "carol", "192.0.2.1", "");
	expect(only(&report, REPORT_PASSWORD_KNOWN) == NULL);
}

TEST(
    "what sshd refuses itself, or is nobody's name, says nothing of a password")
{
	AUTO_REPORT struct report report = { 0 };

	for (int n = 0; n < 9; n++) {
		say(&report, NOON + n, "caller-blocked", "root", "192.0.2.1",
		    "");
		say(&report, NOON + n, "not-enrolled", "(unknown)", "192.0.2.1",
		    "");
	}
	expect(only(&report, REPORT_PASSWORD_KNOWN) == NULL);
}

/* ---- success after failures ---- */

TEST("a right code after five wrong ones is told, with where and how many")
{
	static const char *const events[] = { "accepted", "accepted-recovery",
		"accepted-bypass" };

	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
		AUTO_REPORT struct report report = { 0 };
		const struct report_finding *found;

		for (int n = 0; n < 5; n++)
			say(&report, NOON + n, "wrong", "alice", "192.0.2.1",
			    "");
		say(&report, NOON + 9, events[i], "alice", "192.0.2.1", "");
		say(&report, NOON + 99, events[i], "alice", "192.0.2.1", "");
		found = only(&report, REPORT_SUCCESS_AFTER_FAILURES);
		expect(found != NULL);
		expect_text(found->user, "alice");
		expect_text(found->address, "192.0.2.1");
		expect_int(found->count, 5);
		expect(found->first == NOON && found->last == NOON + 9);
	}
}

TEST("wrong codes that are older than the log are told by the line itself")
{
	AUTO_REPORT struct report report = { 0 };
	const struct report_finding *found;

	say(&report, NOON, "accepted", "alice", "192.0.2.1", " failures=12");
	found = only(&report, REPORT_SUCCESS_AFTER_FAILURES);
	expect(found != NULL);
	expect_int(found->count, 12);
}

TEST("four wrong codes before a right one are a bad day")
{
	AUTO_REPORT struct report report = { 0 };

	for (int n = 0; n < 4; n++)
		say(&report, NOON + n, "wrong", "alice", "192.0.2.1", "");
	for (int n = 0; n < 4; n++)
		say(&report, NOON + n, "replayed", "alice", "192.0.2.1", "");
	say(&report, NOON + 9, "accepted", "alice", "192.0.2.1", " failures=4");
	expect(only(&report, REPORT_SUCCESS_AFTER_FAILURES) == NULL);
}

/* ---- enrolment from a new address ---- */

TEST("an enrolment from where its user never logged in is told")
{
	AUTO_REPORT struct report report = { 0 };
	const struct report_finding *found;

	say(&report, NOON, "unenrolled", "alice", "192.0.2.1", "");
	say(&report, NOON + 1, "accepted", "alice", "192.0.2.2", "");
	say(&report, NOON + 2, "accepted", "bob", "203.0.113.9", "");
	say(&report, NOON + 3, "enrolled", "alice", "203.0.113.9", "");
	found = only(&report, REPORT_NEW_ADDRESS);
	expect(found != NULL);
	expect_text(found->user, "alice");
	expect_text(found->address, "203.0.113.9");
	expect_int(found->count, 2);
}

TEST("from an address of his, from none, or by who is new, it is not")
{
	AUTO_REPORT struct report report = { 0 };

	say(&report, NOON, "unenrolled", "alice", "192.0.2.1", "");
	say(&report, NOON + 1, "enrolled", "alice", "192.0.2.1", "");
	say(&report, NOON + 2, "enrolled", "alice", "", "");
	say(&report, NOON + 3, "enrolled", "bob", "203.0.113.9", "");
	expect(only(&report, REPORT_NEW_ADDRESS) == NULL);
}

/* ---- clocks ---- */

TEST("a phone that is off twice is told, with how its clock went")
{
	AUTO_REPORT struct report report = { 0 };
	const struct report_finding *found;

	say(&report, NOON, "wrong", "alice", "192.0.2.1",
	    " drift=+61s of=\"phone\"");
	say(&report, NOON + HOUR, "accepted", "alice", "192.0.2.1", "");
	say(&report, NOON + 2 * HOUR, "wrong", "alice", "192.0.2.1",
	    " drift=+95s of=\"phone\"");
	found = only(&report, REPORT_DRIFT);
	expect(found != NULL);
	expect_text(found->user, "alice");
	expect_text(found->authenticator, "phone");
	expect_int(found->count, 2);
	expect_int(found->drift_first, 61);
	expect_int(found->drift, 95);
}

TEST("three phones that are off by the same are told as this machine's clock")
{
	AUTO_REPORT struct report report = { 0 };
	const struct report_finding *found;

	say(&report, NOON, "wrong", "zoe", "", " drift=+300s of=\"phone\"");
	say(&report, NOON + 1, "wrong", "alice", "", " drift=-95s of=\"p\"");
	say(&report, NOON + 2, "wrong", "bob", "", " drift=-90s of=\"p\"");
	say(&report, NOON + 3, "wrong", "carol", "", " drift=-65s of=\"p\"");
	found = only(&report, REPORT_HOST_CLOCK);
	expect(found != NULL);
	expect_int(found->users, 3);
	expect_int(found->drift, -90);
	expect(found->first == NOON + 1 && found->last == NOON + 3);
}

TEST("phones that are off each in its own way are left alone the first time")
{
	AUTO_REPORT struct report report = { 0 };

	say(&report, NOON, "wrong", "alice", "", " drift=-95s of=\"p\"");
	say(&report, NOON + 1, "wrong", "bob", "", " drift=+95s of=\"p\"");
	say(&report, NOON + 2, "wrong", "carol", "", " drift=-64s of=\"p\"");
	expect(only(&report, REPORT_HOST_CLOCK) == NULL);
}

/* ---- all of them ---- */

TEST("findings come by pattern and time, and every event is counted")
{
	AUTO_REPORT struct report report = { 0 };

	for (int n = 0; n < 3; n++) {
		say(&report, NOON + n, "wrong", "bob", "203.0.113.9", "");
		say(&report, NOON + n, "wrong", "alice", "203.0.113.9", "");
	}
	say(&report, NOON + 9, "accepted", "dora", "192.0.2.1", " failures=5");
	say(&report, NOON + 10, "cannot-tell", "dora", "192.0.2.1", "");
	expect_int(report_finish(&report), 0);
	expect_int(report.count, 3);
	expect_text(report.findings[0].user, "alice");
	expect_text(report.findings[1].user, "bob");
	expect_int(report.findings[2].pattern, REPORT_SUCCESS_AFTER_FAILURES);
	expect_int(report.events, 8);
	expect_int(report.accepted, 1);
	expect_int(report.refused, 6);
	expect(report.first == NOON && report.last == NOON + 10);
}

TEST("every pattern has its name and says what to do")
{
	for (int i = 0; i < REPORT_PATTERNS; i++) {
		expect(strlen(report_pattern_name(i)) > 3);
		expect(strlen(report_pattern_meaning(i)) > 20);
	}
}
