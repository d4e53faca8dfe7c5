/* Lines of users.oath: each type and column, and what is not right. */
#include "err.h"
#include "oath_line.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The key of RFC 4226 appendix D, whose codes begin so. */
#define KEY "3132333435363738393031323334353637383930"
static const char *const codes[] = { "755224", "287082", "359152", "969429" };

static struct takeover takeover;
static struct trouble why;

static int
parse(const char *line)
{
	memset(&takeover, 0, sizeof takeover);
	why.text[0] = '\0';
	return oath_line_parse(line, &takeover, &why);
}

static void
expect_refused(const char *line, const char *say)
{
	expect_int(parse(line), ERR_INPUT);
	if (strstr(why.text, say) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, say);
	expect(strstr(why.text, "3132") == NULL);
}

TEST("each type has its digits and its step")
{
	static const struct {
		const char *type;
		unsigned digits, period;
	} types[] = { { "HOTP", 6, 0 }, { "HOTP/E", 6, 0 },
		{ "HOTP/E/6", 6, 0 }, { "HOTP/E/7", 7, 0 },
		{ "HOTP/E/8", 8, 0 }, { "HOTP/T30", 6, 30 },
		{ "HOTP/T30/6", 6, 30 }, { "HOTP/T30/7", 7, 30 },
		{ "HOTP/T30/8", 8, 30 }, { "HOTP/T60", 6, 60 },
		{ "HOTP/T60/7", 7, 60 }, { "HOTP/T60/8", 8, 60 } };
	const struct authenticator *a = &takeover.authenticator;
	char line[200];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		snprintf(line, sizeof line, "%s alice - " KEY, types[i].type);
		expect_int(parse(line), 1);
		expect_int(a->digits, types[i].digits);
		expect_int(a->period, types[i].period);
		expect_int(a->kind, types[i].period == 0 ? AUTHENTICATOR_HOTP
							 : AUTHENTICATOR_TOTP);
		expect_int(a->algorithm, ALGORITHM_SHA1);
		expect_text(takeover.user, "alice");
		expect_int(a->key_len, 20);
		expect_bytes(a->key, "12345678901234567890", 20);
		expect_int(takeover.spent, 0);
	}
}

TEST("what is none of those types is refused")
{
	static const char *const types[] = { "hotp", "HOTP/", "HOTP/6", "HOTPX",
		"HOTP/E/", "HOTP/E/5", "HOTP/E/9", "HOTP/E/66", "HOTP/T",
		"HOTP/T45", "HOTP/T300", "HOTP/T30/5", "MOTP", "TOTP" };
	char line[200];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		snprintf(line, sizeof line, "%s alice - " KEY, types[i]);
		expect_refused(line, "column 1");
	}
}

TEST("empty lines and notes say nothing")
{
	expect_int(parse(""), 0);
	expect_int(parse(" \t\r"), 0);
	expect_int(parse("# HOTP alice - " KEY), 0);
	expect_int(parse("\t#HOTP alice"), 0);
	expect_int(parse("# a note of more words than there are columns in it"),
	    0);
}

TEST("columns stand apart by blanks, with tabs and line ends among them")
{
	expect_int(parse(" HOTP\t alice\t-  " KEY "\t7\r"), 1);
	expect_text(takeover.user, "alice");
	expect_int(takeover.spent, 7);
	expect_refused("HOTP alice -", "less than 4 columns");
	expect_refused("HOTP", "less than 4 columns");
	expect_refused("HOTP alice - " KEY " 1 755224 2026-11-25T18:08:33L x",
	    "more than 7 columns");
}

TEST("a PIN is told, and no PIN, or another module's, is none")
{
	expect_int(parse("HOTP alice - " KEY), 1);
	expect(!takeover.pin);
	expect_int(parse("HOTP alice + " KEY), 1);
	expect(!takeover.pin);
	expect_int(parse("HOTP alice 4711 " KEY), 1);
	expect(takeover.pin);
	expect_int(parse("HOTP alice -- " KEY), 1);
	expect(takeover.pin);
}

TEST("a key is hexadecimal of either case, up to 128 bytes")
{
	char line[400];

	expect_int(parse("HOTP alice - aAbBcCdDeEfF0099"), 1);
	expect_bytes(takeover.authenticator.key,
	    "\xaa\xbb\xcc\xdd\xee\xff\x00\x99", 8);
	expect_refused("HOTP alice - 123", "column 4");
	expect_refused("HOTP alice - 12g4", "column 4");
	expect_refused("HOTP alice - 0x12", "column 4");
	snprintf(line, sizeof line, "HOTP alice - %0256d", 0);
	expect_int(parse(line), 1);
	expect_int(takeover.authenticator.key_len, TOTP_KEY_MOST);
	snprintf(line, sizeof line, "HOTP alice - %0258d", 0);
	expect_refused(line, "column 4");
}

TEST("a counter without a last code is the next one")
{
	expect_int(parse("HOTP alice - " KEY " 3"), 1);
	expect_int(takeover.spent, 3);
	expect_int(parse("HOTP alice - " KEY " 003"), 1);
	expect_int(takeover.spent, 3);
	expect_refused("HOTP alice - " KEY " -3", "column 5");
	expect_refused("HOTP alice - " KEY " 3x", "column 5");
	expect_refused("HOTP alice - " KEY " 18446744073709551615", "column 5");
}

TEST("the counter of the last code is spent")
{
	char line[200];

	for (int n = 0; n < 4; n++) {
		snprintf(line, sizeof line,
		    "HOTP alice - " KEY " %d %s 2026-11-25T18:08:33L", n,
		    codes[n]);
		expect_int(parse(line), 1);
		expect_int(takeover.spent, n + 1);
	}
	expect_int(parse("HOTP alice - " KEY " 1 755224 2026-11-25T18:08:33L"),
	    1);
	expect_int(takeover.spent, 1);
}

TEST("a last code without its time, or of other digits, is refused")
{
	expect_refused("HOTP alice - " KEY " 0 755224", "column 7");
	expect_refused("HOTP alice - " KEY " 0 755224 yesterday", "column 7");
	expect_refused("HOTP alice - " KEY " 0 755224 2026-11-25T18:08:33",
	    "column 7");
	expect_refused("HOTP alice - " KEY " 0 755224 1026-11-25T18:08:33L",
	    "column 7");
	expect_refused("HOTP alice - " KEY " 0 75522 2026-11-25T18:08:33L",
	    "column 6");
	expect_refused("HOTP alice - " KEY " 0 75522x 2026-11-25T18:08:33L",
	    "column 6");
}

/* A line of a clock's codes: that of one step, used at a time. */
static void
parse_used(uint64_t step, const char *when)
{
	struct totp totp = { .key = (const uint8_t *)"12345678901234567890",
		.key_len = 20,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6 };
	char code[TOTP_CODE_SIZE], line[200];

	expect_int(totp_code(&totp, step, code), 0);
	snprintf(line, sizeof line, "HOTP/T30 alice - " KEY " 0 %s %s", code,
	    when);
	expect_int(parse(line), 1);
}

TEST("the step of the last code is spent, also beside the time of its use")
{
	static const char when[] = "2027-01-15T12:00:00L"; /* UTC */
	const uint64_t step = 1800014400 / 30;

	setenv("TZ", "UTC", 1);
	tzset();
	parse_used(step, when);
	expect_int(takeover.spent, step + 1);
	parse_used(step - 3, when);
	expect_int(takeover.spent, step - 2);
	parse_used(step + 20, when);
	expect_int(takeover.spent, step + 21);
	/* Of no step around: whatever was until then is spent. */
	parse_used(step - 100000, when);
	expect_int(takeover.spent, step + 1);
	setenv("TZ", "UTC-2", 1);
	tzset();
	parse_used(step, "2027-01-15T14:00:00L");
	expect_int(takeover.spent, step + 1);
}

TEST("a line that is too long is refused")
{
	static char line[OATH_LINE_SIZE + 100];

	memset(line, 'x', sizeof line - 1);
	expect_refused(line, "too long");
	memcpy(line, "HOTP ", 5);
	strcpy(line + 5 + 257, " - " KEY);
	expect_refused(line, "column 2");
}
