#include "oath_line.h"

#include "mem.h"
#include "text.h"

#include <string.h>
#include <time.h>

enum { TYPE, USER, PIN, KEY, COUNTER, CODE, WHEN, COLUMNS };
enum { STEPS_AROUND = 1000 }; /* how far from its time a used code may be */

/* The columns that there are, each ended; the others are NULL. */
struct columns {
	char text[OATH_LINE_SIZE];
	char *at[COLUMNS];
};

static int
split(const char *line, struct columns *columns, struct trouble *why)
{
	const char *blanks = " \t\r\n";
	char *p = columns->text;

	memset(columns->at, 0, sizeof columns->at);
	if (text_copy(columns->text, sizeof columns->text, line) < 0)
		return err_say(why, ERR_INPUT, "the line is too long");
	for (int i = 0;; i++) {
		p += strspn(p, blanks);
		if (*p == '\0')
			return 0;
		if (i == COLUMNS && columns->at[TYPE][0] == '#')
			return 0; /* a note */
		if (i == COLUMNS)
			return err_say(why, ERR_INPUT,
			    "there are more than %d columns", COLUMNS);
		columns->at[i] = p;
		p += strcspn(p, blanks);
		if (*p != '\0')
			*p++ = '\0';
	}
}

/* "HOTP", "HOTP/E", "HOTP/T30" or "HOTP/T60", and behind it "/6" to "/8"; the
 * first has no digits behind it. */
static int
read_type(const char *type, struct authenticator *a)
{
	static const struct {
		const char *name;
		unsigned period;
	} kinds[] = { { "HOTP/E", 0 }, { "HOTP/T30", 30 }, { "HOTP/T60", 60 },
		{ "HOTP", 0 } };
	const char *rest = NULL;
	size_t i;

	for (i = 0; i < 4 && rest == NULL; i++)
		rest = text_after(type, kinds[i].name);
	if (rest == NULL || (rest[0] != '\0' && i == 4))
		return ERR_INPUT;
	a->digits = 6;
	if (rest[0] == '/' && rest[1] >= '6' && rest[1] <= '8' &&
	    rest[2] == '\0')
		a->digits = (unsigned)(rest[1] - '0');
	else if (rest[0] != '\0')
		return ERR_INPUT;
	a->period = kinds[i - 1].period;
	a->kind = a->period == 0 ? AUTHENTICATOR_HOTP : AUTHENTICATOR_TOTP;
	a->algorithm = ALGORITHM_SHA1;
	return 0;
}

static int
hex_value(char c)
{
	const char *digits = "0123456789abcdefABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	if (found == NULL)
		return -1;
	return found - digits < 16 ? (int)(found - digits)
				   : (int)(found - digits) - 6;
}

static int
read_key(const char *hex, struct authenticator *a)
{
	size_t len = strlen(hex);

	if (len == 0 || len % 2 != 0 || len / 2 > sizeof a->key)
		return ERR_INPUT;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_value(hex[i]), low = hex_value(hex[i + 1]);

		if (high < 0 || low < 0)
			return ERR_INPUT;
		a->key[i / 2] = (uint8_t)(high << 4 | low);
	}
	a->key_len = len / 2;
	return 0;
}

static int
read_counter(const char *text, uint64_t *counter_out)
{
	while (text[0] == '0' && text[1] != '\0')
		text++;
	return text_number(text, 0, TOTP_COUNTER_MOST, counter_out);
}

/* "2026-11-25T18:08:33L", of this machine's zone. */
static int
read_when(const char *text, int64_t *when_out)
{
	struct tm parts = { .tm_isdst = -1 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	time_t when;

	if (end == NULL || strcmp(end, "L") != 0)
		return ERR_INPUT;
	parts.tm_isdst = -1;
	if ((when = mktime(&parts)) < 0)
		return ERR_INPUT;
	*when_out = when;
	return 0;
}

static bool
is_code(const char *text, unsigned digits)
{
	return strlen(text) == digits && strspn(text, "0123456789") == digits;
}

/* ---- what is spent ---- */

/* That module keeps the counter of the last code, and the code. */
static int
spend_counter(struct takeover *takeover, uint64_t counter, const char *code)
{
	struct totp totp = authenticator_totp(&takeover->authenticator);
	bool used = false;
	int r = code == NULL ? 0 : totp_matches(&totp, counter, code, &used);

	takeover->spent = counter + used;
	return r;
}

/* The step of the last code, as near as may be to when it was used. */
static int
spend_step(struct takeover *takeover, const char *code, int64_t when)
{
	struct totp totp = authenticator_totp(&takeover->authenticator);
	uint64_t step = (uint64_t)when / takeover->authenticator.period;
	bool later = false, earlier = false;
	int r;

	takeover->spent = step + 1;
	for (uint64_t n = 0; n <= STEPS_AROUND; n++) {
		if ((r = totp_matches(&totp, step + n, code, &later)) < 0)
			return r;
		if (!later && step >= n &&
		    (r = totp_matches(&totp, step - n, code, &earlier)) < 0)
			return r;
		if (later || earlier) {
			takeover->spent = (later ? step + n : step - n) + 1;
			return 0;
		}
	}
	return 0;
}

static int
read_spent(struct takeover *takeover, char *const at[COLUMNS],
    struct trouble *why)
{
	const struct authenticator *a = &takeover->authenticator;
	uint64_t counter = 0;
	int64_t when = 0;

	if (at[COUNTER] != NULL && read_counter(at[COUNTER], &counter) < 0)
		return err_say(why, ERR_INPUT,
		    "column 5, the counter, is no number in range");
	if (at[CODE] != NULL && !is_code(at[CODE], a->digits))
		return err_say(why, ERR_INPUT,
		    "column 6, the last code, has not %u digits", a->digits);
	if (at[CODE] != NULL &&
	    (at[WHEN] == NULL || read_when(at[WHEN], &when) < 0))
		return err_say(why, ERR_INPUT,
		    "column 7, when the last code was used, is no such time as "
		    "2026-01-31T12:00:00L");
	if (a->kind == AUTHENTICATOR_HOTP)
		return spend_counter(takeover, counter, at[CODE]);
	return at[CODE] == NULL ? 0 : spend_step(takeover, at[CODE], when);
}

/* ---- the whole ---- */

static int
read_columns(struct takeover *takeover, char *const at[COLUMNS],
    struct trouble *why)
{
	struct authenticator *a = &takeover->authenticator;

	if (read_type(at[TYPE], a) < 0)
		return err_say(why, ERR_INPUT,
		    "column 1, the type, is none of HOTP, HOTP/E, HOTP/T30 and "
		    "HOTP/T60, with /6 to /8 behind all but the first");
	if (at[KEY] == NULL)
		return err_say(why, ERR_INPUT, "there are less than 4 columns");
	if (text_copy(takeover->user, sizeof takeover->user, at[USER]) < 0)
		return err_say(why, ERR_INPUT,
		    "column 2, the user, is too long");
	/* "+": another module asks for a password. */
	takeover->pin = strcmp(at[PIN], "-") != 0 && strcmp(at[PIN], "+") != 0;
	if (read_key(at[KEY], a) < 0)
		return err_say(why, ERR_INPUT,
		    "column 4, the key, is not hexadecimal of up to %d bytes",
		    TOTP_KEY_MOST);
	return read_spent(takeover, at, why);
}

int
oath_line_parse(const char *line, struct takeover *takeover,
    struct trouble *why)
{
	struct columns columns;
	int r;

	r = split(line, &columns, why);
	if (r == 0 && columns.at[TYPE] != NULL && columns.at[TYPE][0] != '#') {
		r = read_columns(takeover, columns.at, why);
		r = r < 0 ? r : 1;
	}
	mem_wipe(&columns, sizeof columns);
	return r;
}
