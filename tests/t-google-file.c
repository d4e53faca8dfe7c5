/* .google_authenticator files: each option, and what is not right. */
#include "err.h"
#include "google_file.h"
#include "mem.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* 128 bits, as that program makes them. */
#define KEY "GEZDGNBVGY3TQOJQGEZDGNBVGY"

static struct takeover takeover;
static struct trouble why;

static int
parse(const char *text)
{
	memset(&takeover, 0, sizeof takeover);
	why.text[0] = '\0';
	return google_file_parse(text, &takeover, &why);
}

static void
expect_refused(const char *text, const char *say)
{
	expect_int(parse(text), ERR_INPUT);
	if (strstr(why.text, say) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, say);
	expect(strstr(why.text, "GEZD") == NULL);
}

static void
expect_note(const char *text, const char *say)
{
	expect_int(parse(text), 0);
	if (strstr(takeover.notes, say) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", takeover.notes, say);
}

TEST("a file of a clock's codes gives its key, shape and scratch codes")
{
	const struct authenticator *a = &takeover.authenticator;

	expect_int(parse(KEY "\n\" RATE_LIMIT 3 30\n\" WINDOW_SIZE 3\n"
			     "\" DISALLOW_REUSE\n\" TOTP_AUTH\n"
			     "17785903\n67110848\n"),
	    0);
	expect_int(a->kind, AUTHENTICATOR_TOTP);
	expect_int(a->algorithm, ALGORITHM_SHA1);
	expect_int(a->digits, 6);
	expect_int(a->period, 30);
	expect_int(a->key_len, 16);
	expect_bytes(a->key, "1234567890123456", 16);
	expect_int(takeover.scratch_codes, 2);
	expect_int(takeover.spent, 0);
	expect(!takeover.pin);
}

TEST("a file of a counter's codes gives the next counter")
{
	expect_int(parse(KEY "\n\" HOTP_COUNTER 47\n\" WINDOW_SIZE 3\n"), 0);
	expect_int(takeover.authenticator.kind, AUTHENTICATOR_HOTP);
	expect_int(takeover.authenticator.period, 0);
	expect_int(takeover.spent, 47);
	expect_text(takeover.notes, "");
	/* As that module reads it, the counter wins. */
	expect_int(parse(KEY "\n\" TOTP_AUTH\n\" HOTP_COUNTER 1\n"
			     "\" DISALLOW_REUSE 9\n\" STEP_SIZE 60\n"),
	    0);
	expect_int(takeover.authenticator.kind, AUTHENTICATOR_HOTP);
	expect_int(takeover.spent, 1);
}

TEST("the latest step whose code was used is spent, wherever it stands")
{
	expect_int(parse(KEY "\n\" TOTP_AUTH\n"
			     "\" DISALLOW_REUSE 60000480 60000482 60000481\n"),
	    0);
	expect_int(takeover.spent, 60000483);
	expect_int(parse(KEY "\n\" DISALLOW_REUSE 0\n\" TOTP_AUTH\n"), 0);
	expect_int(takeover.spent, 1);
}

TEST("a step of another length is kept, from 15 to 120 seconds")
{
	expect_int(parse(KEY "\n\" STEP_SIZE 60\n\" TOTP_AUTH\n"), 0);
	expect_int(takeover.authenticator.period, 60);
	expect_int(parse(KEY "\n\" STEP_SIZE 15\n\" TOTP_AUTH\n"), 0);
	expect_refused(KEY "\n\" STEP_SIZE 14\n\" TOTP_AUTH\n",
	    "line 2: STEP_SIZE is not 15 to 120 seconds");
	expect_refused(KEY "\n\" STEP_SIZE\n\" TOTP_AUTH\n", "STEP_SIZE");
	expect_refused(KEY "\n\" STEP_SIZE 30 30\n\" TOTP_AUTH\n", "STEP_SIZE");
}

TEST("what has no equal is named, each once")
{
	expect_note(KEY "\n\" TOTP_AUTH\n\" RATE_LIMIT 3 30 1795628913\n",
	    "free_tries");
	expect_note(KEY "\n\" TOTP_AUTH\n\" WINDOW_SIZE 17\n", "at most 2");
	expect_note(KEY "\n\" TOTP_AUTH\n\" WINDOW_SIZE 5\n", "window = 2");
	expect_note(KEY "\n\" HOTP_COUNTER 1\n\" WINDOW_SIZE 17\n",
	    "hotp_lookahead = 17");
	expect_note(KEY "\n\" TOTP_AUTH\n\" TIME_SKEW -4\n", "TIME_SKEW");
	expect_note(KEY "\n\" TOTP_AUTH\n\" FROB_NICATE 1\n", "line 3");
	expect_note(KEY "\n\" TOTP_AUTH\n\" LAST0 192.0.2.1 1795628913\n"
			"\" LAST9 192.0.2.2 1795628914\n",
	    "LAST0 to LAST9");
	expect(strchr(takeover.notes, '\n') == NULL);
	expect_int(parse(KEY "\n\" TOTP_AUTH\n\" WINDOW_SIZE 3\n"
			     "\" TIME_SKEW 0\n\" DISALLOW_REUSE\n"
			     "\" RESETTING_TIME_SKEW 59854297+3 59854298-3\n"),
	    0);
	expect_text(takeover.notes, "");
}

TEST("a key that was typed by hand is read as that module reads it")
{
	expect_int(parse("gezd gnbv-gy3t qojq gezd gnbv gy\r\n"
			 "\" TOTP_AUTH\r\n17785903\r\n"),
	    0);
	expect_bytes(takeover.authenticator.key, "1234567890123456", 16);
	expect_int(takeover.scratch_codes, 1);
	expect_int(parse("0L8AAAAA\n\" TOTP_AUTH\n"), 0);
	expect_int(parse("OLBAAAAA\n\" TOTP_AUTH\n"), 0);
	expect_int(takeover.authenticator.key_len, 5);
}

TEST("a file without a key, or without a word on its codes, is refused")
{
	expect_refused("", "line 1 is no key");
	expect_refused("\n" KEY "\n\" TOTP_AUTH\n", "line 1 is no key");
	expect_refused("\" TOTP_AUTH\n", "line 1 is no key");
	expect_refused(KEY "!\n\" TOTP_AUTH\n", "line 1 is no key");
	expect_refused(KEY "\n", "neither TOTP_AUTH nor HOTP_COUNTER");
	expect_refused(KEY, "neither TOTP_AUTH nor HOTP_COUNTER");
	expect_refused(KEY "\n17785903\n", "neither");
}

TEST("a key of 128 bytes is taken, and one more is none")
{
	char text[400];

	memset(text, 'A', sizeof text);
	strcpy(text + 205, "\n\" TOTP_AUTH\n"); /* 8 * 128 bits, and a bit */
	expect_int(parse(text), 0);
	expect_int(takeover.authenticator.key_len, TOTP_KEY_MOST);
	memset(text, 'A', sizeof text);
	strcpy(text + 207, "\n\" TOTP_AUTH\n");
	expect_refused(text, "line 1 is no key");
}

TEST("options said twice, or with values that they do not have, are refused")
{
	expect_refused(KEY "\n\" TOTP_AUTH\n\" TOTP_AUTH\n",
	    "line 3: TOTP_AUTH is there twice");
	expect_refused(KEY "\n\" HOTP_COUNTER\n", "HOTP_COUNTER is not");
	expect_refused(KEY "\n\" HOTP_COUNTER 0\n", "HOTP_COUNTER is not");
	expect_refused(KEY "\n\" HOTP_COUNTER -1\n", "HOTP_COUNTER is not");
	expect_refused(KEY "\n\" HOTP_COUNTER 1x\n", "HOTP_COUNTER is not");
	expect_refused(KEY "\n\" HOTP_COUNTER 99999999999999999999\n",
	    "HOTP_COUNTER is not");
	expect_refused(KEY "\n\" TOTP_AUTH\n\" WINDOW_SIZE 101\n", "100");
	expect_refused(KEY "\n\" TOTP_AUTH\n\" WINDOW_SIZE 0\n", "100");
	expect_refused(KEY "\n\" TOTP_AUTH\n\" DISALLOW_REUSE 1 x\n",
	    "time steps");
	expect_refused(KEY "\n\" TOTP_AUTH\n\" TIME_SKEW --1\n", "TIME_SKEW");
}

TEST("a line that is neither option nor scratch code is refused")
{
	expect_refused(KEY "\n\" TOTP_AUTH\n1778590\n", "line 3 is neither");
	expect_refused(KEY "\n\" TOTP_AUTH\n177859031\n", "line 3 is neither");
	expect_refused(KEY "\n\" TOTP_AUTH\n07785903\n", "line 3 is neither");
	expect_refused(KEY "\n\" TOTP_AUTH\n17785903 \n", "line 3 is neither");
	expect_refused(KEY "\n\" TOTP_AUTH\nsecret\n", "line 3 is neither");
	expect_refused(KEY "\n\"TOTP_AUTH\n", "line 2 is neither");
	expect_int(parse(KEY "\n\n\" TOTP_AUTH\n\n17785903\n\n"), 0);
}
