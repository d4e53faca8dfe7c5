#include "google_file.h"

#include "mem.h"
#include "text.h"

#include <string.h>

enum {
	LINE_SIZE = 4096,
	KEY_TEXT_SIZE = 512,
	WINDOW_USUAL = 3,  /* codes: one step either way */
	WINDOW_LIKE_2 = 5, /* as ours with the setting 2 */
	LOOKAHEAD_USUAL = 10,
	SCRATCH_DIGITS = 8,
};

/* Far from where counting on would overflow. */
#define FACTOR_MOST (UINT64_C(1) << 62)

/* What the options say, as far as they have been read. */
struct reading {
	struct takeover *takeover; /* borrowed */
	unsigned line;
	unsigned seen; /* a bit for each row of the table */
	bool totp;
	uint64_t counter, reused, window, step, skew;
};

/* ---- numbers of a value ---- */

static bool
is_space(char c)
{
	return text_is_blank(c) || c == '\r';
}

/* The next number of a value, which strtoul() has to take whole.  Returns 1; 0
 * where the value has ended; or ERR_INPUT. */
static int
next_number(const char **at, uint64_t most, uint64_t *number_out)
{
	const char *p = *at;
	uint64_t number = 0;

	while (is_space(*p))
		p++;
	if (*p == '\0')
		return 0;
	if (!text_is_digit(*p))
		return ERR_INPUT;
	for (; text_is_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (number > (most - digit) / 10)
			return ERR_INPUT;
		number = number * 10 + digit;
	}
	if (*p != '\0' && !is_space(*p))
		return ERR_INPUT;
	*at = p;
	*number_out = number;
	return 1;
}

static int
only_number(const char *value, uint64_t least, uint64_t most,
    uint64_t *number_out)
{
	uint64_t none;

	if (next_number(&value, most, number_out) != 1 ||
	    next_number(&value, most, &none) != 0 || *number_out < least)
		return ERR_INPUT;
	return 0;
}

/* ---- options ---- */

static int
read_totp(struct reading *reading, const char *value)
{
	(void)value;
	reading->totp = true;
	return 0;
}

static int
read_counter(struct reading *reading, const char *value)
{
	return only_number(value, 1, TOTP_COUNTER_MOST, &reading->counter);
}

static int
read_window(struct reading *reading, const char *value)
{
	return only_number(value, 1, 100, &reading->window);
}

static int
read_step(struct reading *reading, const char *value)
{
	return only_number(value, TOTP_PERIOD_LEAST, TOTP_PERIOD_MOST,
	    &reading->step);
}

/* Time steps of which the code was used: the latest counts. */
static int
read_reused(struct reading *reading, const char *value)
{
	uint64_t step;
	int r;

	while ((r = next_number(&value, FACTOR_MOST, &step)) > 0)
		if (reading->reused < step + 1)
			reading->reused = step + 1;
	return r;
}

static int
read_skew(struct reading *reading, const char *value)
{
	while (is_space(*value))
		value++;
	if (*value == '-')
		value++;
	return only_number(value, 0, FACTOR_MOST, &reading->skew);
}

static int
read_rate(struct reading *reading, const char *value)
{
	(void)value;
	takeover_note(reading->takeover,
	    "RATE_LIMIT is no user's here: free_tries, first_wait and "
	    "longest_wait are everybody's");
	return 0;
}

static int
read_grace(struct reading *reading, const char *value)
{
	(void)value;
	takeover_note(reading->takeover,
	    "LAST0 to LAST9 have no equal: a code is asked for at every "
	    "login");
	return 0;
}

static int
read_nothing(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return 0;
}

/* LAST stands for LAST0 to LAST9. */
/* clang-format off */
static const struct option {
	const char *name;
	const char *must; /* "is not ..." */
	int (*read)(struct reading *reading, const char *value);
} options[] = {
	{ "DISALLOW_REUSE", "time steps", read_reused },
	{ "HOTP_COUNTER", "a number from 1", read_counter },
	{ "LAST", "", read_grace },
	{ "RATE_LIMIT", "", read_rate },
	{ "RESETTING_TIME_SKEW", "", read_nothing },
	{ "STEP_SIZE", "15 to 120 seconds", read_step },
	{ "TIME_SKEW", "a number of steps", read_skew },
	{ "TOTP_AUTH", "", read_totp },
	{ "WINDOW_SIZE", "a number from 1 to 100", read_window },
};
/* clang-format on */

enum { OPTIONS = sizeof options / sizeof options[0], GRACE = 2 };

static bool
is_grace(const char *name, size_t len)
{
	return len == 5 && memcmp(name, "LAST", 4) == 0 &&
	       text_is_digit(name[4]);
}

static int
find_option(const char *name, size_t len)
{
	for (int i = 0; i < OPTIONS; i++)
		if (i != GRACE && strlen(options[i].name) == len &&
		    memcmp(options[i].name, name, len) == 0)
			return i;
	return is_grace(name, len) ? GRACE : -1;
}

/* What follows a quote and a blank. */
static int
read_option(struct reading *reading, const char *text, struct trouble *why)
{
	size_t len = strcspn(text, " \t\r");
	int i = find_option(text, len);
	bool again;

	if (i < 0) {
		takeover_note(reading->takeover,
		    "line %u has an option that is not known, and is left out",
		    reading->line);
		return 0;
	}
	again = (reading->seen & 1U << i) != 0;
	reading->seen |= 1U << i;
	if (again && i == GRACE)
		return 0;
	if (again)
		return err_say(why, ERR_INPUT, "line %u: %s is there twice",
		    reading->line, options[i].name);
	if (options[i].read(reading, text + len) < 0)
		return err_say(why, ERR_INPUT, "line %u: %s is not %s",
		    reading->line, options[i].name, options[i].must);
	return 0;
}

/* ---- lines ---- */

/* What people mistake when they copy a key by hand, that module reads right. */
static char
as_meant(char c)
{
	switch (c) {
	case '0':
		return 'O';
	case '1':
		return 'L';
	case '8':
		return 'B';
	default:
		return c;
	}
}

static int
read_key(struct reading *reading, const char *line, struct trouble *why)
{
	struct authenticator *a = &reading->takeover->authenticator;
	char key[KEY_TEXT_SIZE];
	size_t used = 0;
	int r = 0;

	for (; *line != '\0' && r == 0; line++)
		if (used + 1 == sizeof key)
			r = ERR_INPUT;
		else if (*line != '\r')
			key[used++] = as_meant(*line);
	key[used] = '\0';
	a->key_len = sizeof a->key;
	if (r == 0)
		r = base32_decode(key, a->key, &a->key_len);
	mem_wipe(key, sizeof key);
	if (r == ERR_INPUT || (r == 0 && a->key_len == 0))
		return err_say(why, ERR_INPUT,
		    "line 1 is no key: base32 of up to %d bytes",
		    TOTP_KEY_MOST);
	return r;
}

static bool
is_scratch_code(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	return digits == SCRATCH_DIGITS && line[0] != '0' &&
	       line[digits + strspn(line + digits, "\r")] == '\0';
}

static int
read_line(struct reading *reading, const char *line, struct trouble *why)
{
	if (reading->line == 1)
		return read_key(reading, line, why);
	if (line[0] == '"' && line[1] == ' ')
		return read_option(reading, line + 2, why);
	if (line[strspn(line, "\r")] == '\0')
		return 0;
	if (!is_scratch_code(line))
		return err_say(why, ERR_INPUT,
		    "line %u is neither an option nor a scratch code",
		    reading->line);
	reading->takeover->scratch_codes++;
	return 0;
}

static int
read_lines(struct reading *reading, const char *text, struct trouble *why)
{
	char line[LINE_SIZE];
	int r = 0;

	for (const char *next; r == 0 && text != NULL; text = next) {
		size_t len = strcspn(text, "\n");

		next = text[len] == '\n' ? text + len + 1 : NULL;
		reading->line++;
		if (len >= sizeof line) {
			r = err_say(why, ERR_INPUT, "line %u is too long",
			    reading->line);
			break;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		r = read_line(reading, line, why);
	}
	mem_wipe(line, sizeof line);
	return r;
}

/* ---- the whole ---- */

static void
compare_window(const struct reading *reading)
{
	uint64_t window = reading->window;

	if (reading->counter > 0 && window > LOOKAHEAD_USUAL)
		takeover_note(reading->takeover,
		    "WINDOW_SIZE is no user's here: hotp_lookahead = %u is "
		    "the same for everybody",
		    (unsigned)window);
	else if (reading->counter == 0 && window > WINDOW_LIKE_2)
		takeover_note(reading->takeover,
		    "WINDOW_SIZE %u has no equal: codes are taken at most 2 "
		    "steps early or late, so the phone's clock has to be right",
		    (unsigned)window);
	else if (reading->counter == 0 && window > WINDOW_USUAL)
		takeover_note(reading->takeover,
		    "WINDOW_SIZE is no user's here: window = 2 is the same "
		    "for everybody");
}

static int
finish(struct reading *reading, struct trouble *why)
{
	struct takeover *takeover = reading->takeover;
	struct authenticator *a = &takeover->authenticator;
	bool counts = reading->counter > 0;

	if (!counts && !reading->totp)
		return err_say(why, ERR_INPUT,
		    "neither TOTP_AUTH nor HOTP_COUNTER says what codes the "
		    "key gives");
	a->kind = counts ? AUTHENTICATOR_HOTP : AUTHENTICATOR_TOTP;
	a->algorithm = ALGORITHM_SHA1;
	a->digits = 6;
	a->period = counts ? 0 : (unsigned)reading->step;
	takeover->spent = counts ? reading->counter : reading->reused;
	compare_window(reading);
	if (!counts && reading->skew != 0)
		takeover_note(takeover,
		    "TIME_SKEW has no equal: the phone's clock was off, and "
		    "has to be set right");
	return 0;
}

int
google_file_parse(const char *text, struct takeover *takeover,
    struct trouble *why)
{
	struct reading reading = { .takeover = takeover,
		.window = WINDOW_USUAL,
		.step = TOTP_PERIOD_DEFAULT };
	int r;

	if ((r = read_lines(&reading, text, why)) < 0)
		return r;
	return finish(&reading, why);
}
