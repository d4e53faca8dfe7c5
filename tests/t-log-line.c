/* Lines of a log: which are ours, and what they say. */
#include "log_line.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WHEN   "2026-11-25T18:00:01+00:00 "
#define MODULE WHEN "web1 sshd[7]: pam_sallyport(sshd:auth): "
#define WRONG \
	"event=wrong user=\"alice\" rhost=\"192.0.2.7\" tty=\"ssh\" " \
	"failures=2"

static bool
reads(const char *text, struct log_line *line)
{
	return log_line_read(text, strlen(text), line);
}

static bool
is_ours(const char *text)
{
	struct log_line line;

	return reads(text, &line);
}

TEST("what the module writes is read, field by field")
{
	struct log_line line;

	expect(
	    reads(MODULE WRONG " wait=30s drift=-95s of=\"my phone\"", &line));
	expect(log_text_is(&line.event, "wrong"));
	expect(log_text_is(&line.user, "alice"));
	expect(log_text_is(&line.address, "192.0.2.7"));
	expect_int(line.failures, 2);
	expect(line.drifted);
	expect_int(line.drift, -95);
	expect(log_text_is(&line.of, "my phone"));
}

TEST("so is what the verifier and the tool write")
{
	struct log_line line;

	expect(
	    reads(WHEN "web1 sallyport-verifier[9]: event=enrolled "
		       "user=\"bob\" said_service=\"sallyport\" "
		       "said_rhost=\"2001:db8::1\" said_tty=\"\" by_uid=1000 "
		       "via=verifier authenticator=\"phone\"",
		&line));
	expect(log_text_is(&line.event, "enrolled"));
	expect(log_text_is(&line.address, "2001:db8::1"));
	expect(reads(WHEN "web1 sallyport[9]: event=setup by_uid=0 login_uid=- "
			  "sudo_user=\"\"",
	    &line));
	expect(log_text_is(&line.event, "setup"));
	expect_int(line.user.len, 0);
	expect(!line.drifted);
	expect(is_ours(WHEN "web1 sallyport: event=setup"));
}

TEST("what others write is not ours, whatever it says")
{
	static const char *const others[] = {
		WHEN "web1 sshd[7]: " WRONG,
		WHEN "web1 sshd[7]: pam_unix(sshd:auth): " WRONG,
		WHEN
		"web1 sshd[7]: Invalid user pam_sallyport(sshd:auth): " WRONG,
		WHEN "web1 sallyportal[7]: " WRONG,
		WHEN "web1 sallyport-verifiers[7]: " WRONG,
		WHEN "web1 sallyport[7] " WRONG,
		WHEN "sallyport[7]: " WRONG,
		WHEN "web1 sallyport[7]:  " WRONG,
		WHEN "web1 sallyport[7]: more " WRONG,
		"",
		WHEN,
		"\n",
	};

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		expect(!is_ours(others[i]));
}

static size_t
quotes(const char *text, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += text[i] == '"';
	return count;
}

TEST(
    "a line that is cut short in quotes, or not as we write it, is passed over")
{
	static const char whole[] = MODULE WRONG " of=\"phone\"";
	static const char *const odd[] = {
		MODULE "user=\"alice\" event=wrong",
		MODULE "event=",
		MODULE "event=Wrong",
		MODULE "event=wrong ",
		MODULE "event=wrong  user=\"alice\"",
		MODULE "event=wrong user=",
		MODULE "event=wrong user",
		MODULE "event=wrong =\"alice\"",
		MODULE "event=wrong user=\"alice\"x",
		MODULE "event=wrong user=\"al\x1b[2Jice\"",
		MODULE "event=wrong user=\"al\xc3\xbcice\"",
		MODULE "event=wrong user=\"alice\"\r",
	};
	struct log_line line;

	for (size_t n = 0; n < sizeof whole - 1; n++)
		if (log_line_read(whole, n, &line))
			expect(quotes(whole, n) % 2 == 0);
	expect(is_ours(whole));
	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
		expect(!is_ours(odd[i]));
	expect(!log_line_read("2026-11-25T18:00:01Z a sallyport: event=a\0b=c",
	    45, &line));
}

TEST("words of others, quoted, add no field")
{
	struct log_line line;

	expect(
	    reads(MODULE "event=cannot-tell user=\"alice\" rhost=\"192.0.2.7\""
			 " tty=\"ssh\" why=\"x user=\\x22bob\\x22 rhost=y\"",
		&line));
	expect(log_text_is(&line.user, "alice"));
	expect(log_text_is(&line.address, "192.0.2.7"));
}

TEST("a number that is not as we write it is none")
{
	static const char *const odd[] = { "failures=-1", "failures=1s",
		"failures=1234567890", "failures=\"\"", "drift=95s", "drift=+s",
		"drift=+95", "drift=++9s" };
	struct log_line line;

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		char text[200] = MODULE "event=wrong ";

		expect(reads(strcat(text, odd[i]), &line));
		expect_int(line.failures, 0);
		expect(!line.drifted);
	}
}

/* ---- times ---- */

static int64_t
time_in(const char *stamp, int64_t now)
{
	struct log_clock clock = { .now = now };
	char text[200];
	struct log_line line;

	text[0] = '\0';
	strcat(strcat(text, stamp), " web1 sallyport: event=setup");
	if (!reads(text, &line))
		return -1;
	return log_clock_read(&clock, &line.stamp);
}

enum { NOVEMBER = 1795629600 }; /* 2026-11-25 18:00:00 UTC */

TEST("an ISO time is read with its zone, and without as this machine's")
{
	setenv("TZ", "XST-2", 1); /* two hours east */
	tzset();
	expect(time_in("2026-11-25T18:00:01Z", 0) == NOVEMBER + 1);
	expect(time_in("2026-11-25T18:00:01+00:00", 0) == NOVEMBER + 1);
	expect(time_in("2026-11-25T18:00:01.987654+00:00", 0) == NOVEMBER + 1);
	expect(time_in("2026-11-25T19:30:01+0130", 0) == NOVEMBER + 1);
	expect(time_in("2026-11-25T10:00:01-08:00", 0) == NOVEMBER + 1);
	expect(time_in("2026-11-25T20:00:01", 0) == NOVEMBER + 1);
}

TEST("a time without a year is the last such time there was")
{
	setenv("TZ", "UTC", 1);
	tzset();
	expect(time_in("Nov 25 18:00:01", NOVEMBER + 60) == NOVEMBER + 1);
	expect(time_in("Nov 25 18:00:01", NOVEMBER - 60) == NOVEMBER + 1);
	expect(
	    time_in("Nov 25 18:00:01", NOVEMBER + 300 * 86400) == NOVEMBER + 1);
	expect(
	    time_in("Nov  5 18:00:01", NOVEMBER) == NOVEMBER + 1 - 20 * 86400);
	expect(time_in("Dec 25 18:00:00", NOVEMBER) == NOVEMBER - 335 * 86400);
}

TEST("one clock reads times of many minutes")
{
	struct log_clock clock = { .now = NOVEMBER };
	struct log_line line;

	for (int i = 0; i < 4; i++) {
		expect(
		    reads(i % 2 == 0
			      ? "2026-11-25T18:00:01Z a sallyport: event=setup"
			      : "2026-11-25T18:01:01Z a sallyport: event=setup",
			&line));
		expect(log_clock_read(&clock, &line.stamp) ==
		       NOVEMBER + 1 + 60 * (i % 2));
	}
}

TEST("what is no time begins no line of a log")
{
	static const char *const bad[] = { "Nov 31 24:00:01", "Nov 0 18:00:01",
		"Nov 25 18:00", "Nix 25 18:00:01", "nov 25 18:00:01",
		"2026-13-25T18:00:01Z", "2026-11-32T18:00:01Z",
		"2026-11-25T18:60:01Z", "2026-11-25T18:00:01.Z",
		"2026-11-25T18:00:01+1", "2026-11-25T18:00:01+24:00",
		"26-11-25T18:00:01Z", "0000-11-25T18:00:01Z", "now" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect(time_in(bad[i], NOVEMBER) == -1);
}
