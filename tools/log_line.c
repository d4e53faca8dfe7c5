#include "log_line.h"

#include "text.h"

#include <string.h>
#include <time.h>

enum {
	DAY = 24 * 60 * 60,
	DIGITS_MOST = 9, /* of a number in a line: it fits 32 bits */
};

/* What is left of the line. */
struct cursor {
	const char *at, *end;
};

static bool
take(struct cursor *cursor, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(cursor->end - cursor->at) < len ||
	    memcmp(cursor->at, word, len) != 0)
		return false;
	cursor->at += len;
	return true;
}

static bool
is_at(const struct cursor *cursor, char c)
{
	return cursor->at < cursor->end && *cursor->at == c;
}

/* Exactly so many digits. */
static bool
take_digits(struct cursor *cursor, int digits, int *number_out)
{
	int number = 0;

	if (cursor->end - cursor->at < digits)
		return false;
	for (int i = 0; i < digits; i++) {
		if (!text_is_digit(cursor->at[i]))
			return false;
		number = number * 10 + (cursor->at[i] - '0');
	}
	cursor->at += digits;
	*number_out = number;
	return true;
}

/* Up to a character, which is passed too. */
static bool
take_until(struct cursor *cursor, char c, struct log_text *text_out)
{
	size_t left = (size_t)(cursor->end - cursor->at);
	const char *found = memchr(cursor->at, c, left);

	if (found == NULL)
		return false;
	*text_out =
	    (struct log_text){ cursor->at, (size_t)(found - cursor->at) };
	cursor->at = found + 1;
	return true;
}

/* ---- times ---- */

static bool
stamp_is_possible(const struct log_stamp *stamp)
{
	return stamp->month >= 1 && stamp->month <= 12 && stamp->day >= 1 &&
	       stamp->day <= 31 && stamp->hour <= 23 && stamp->minute <= 59 &&
	       stamp->second <= 60;
}

static bool
take_clock(struct cursor *cursor, struct log_stamp *stamp)
{
	return take_digits(cursor, 2, &stamp->hour) && take(cursor, ":") &&
	       take_digits(cursor, 2, &stamp->minute) && take(cursor, ":") &&
	       take_digits(cursor, 2, &stamp->second);
}

/* "Nov 25 18:00:01", "Nov  5 18:00:01" */
static bool
take_traditional(struct cursor *cursor, struct log_stamp *stamp)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (cursor->end - cursor->at >= 3 &&
		    memcmp(cursor->at, months + 3 * i, 3) == 0)
			stamp->month = i + 1;
	if (stamp->month == 0)
		return false;
	cursor->at += 3;
	if (!take(cursor, " ") ||
	    !(take(cursor, " ") ? take_digits(cursor, 1, &stamp->day)
				: take_digits(cursor, 2, &stamp->day)))
		return false;
	return take(cursor, " ") && take_clock(cursor, stamp);
}

/* ".123456", which is dropped: nothing here is that close. */
static bool
skip_fraction(struct cursor *cursor)
{
	if (!take(cursor, "."))
		return true;
	if (cursor->at == cursor->end || !text_is_digit(*cursor->at))
		return false;
	while (cursor->at < cursor->end && text_is_digit(*cursor->at))
		cursor->at++;
	return true;
}

/* "Z", "+01:00", "+0100", or nothing. */
static bool
take_offset(struct cursor *cursor, struct log_stamp *stamp)
{
	int hours, minutes, sign = is_at(cursor, '-') ? -1 : 1;

	stamp->has_offset = take(cursor, "Z");
	if (stamp->has_offset || !(take(cursor, "+") || take(cursor, "-")))
		return true;
	if (!take_digits(cursor, 2, &hours))
		return false;
	(void)take(cursor, ":");
	if (!take_digits(cursor, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	stamp->has_offset = true;
	stamp->offset = sign * (hours * 60 + minutes) * 60;
	return true;
}

const char *
log_stamp_read(const char *text, const char *end, struct log_stamp *stamp_out)
{
	struct log_stamp stamp = { 0 };
	struct cursor cursor = { text, end };

	if (!take_digits(&cursor, 4, &stamp.year) || stamp.year == 0 ||
	    !take(&cursor, "-") || !take_digits(&cursor, 2, &stamp.month) ||
	    !take(&cursor, "-") || !take_digits(&cursor, 2, &stamp.day))
		return NULL;
	if (take(&cursor, "T") &&
	    (!take_clock(&cursor, &stamp) || !skip_fraction(&cursor) ||
		!take_offset(&cursor, &stamp)))
		return NULL;
	if (!stamp_is_possible(&stamp))
		return NULL;
	*stamp_out = stamp;
	return cursor.at;
}

/* mktime, or timegm where the zone was written. */
static int64_t
time_of(const struct log_stamp *stamp, int year)
{
	struct tm parts = { .tm_year = year - 1900,
		.tm_mon = stamp->month - 1,
		.tm_mday = stamp->day,
		.tm_hour = stamp->hour,
		.tm_min = stamp->minute,
		.tm_isdst = -1 };

	return stamp->has_offset ? timegm(&parts) - stamp->offset
				 : mktime(&parts);
}

static int
year_of(int64_t time)
{
	time_t when = (time_t)time;
	struct tm parts;

	return localtime_r(&when, &parts) == NULL ? 1970 : parts.tm_year + 1900;
}

/* Without a year it is the last one in which the time is not to come; a clock
 * that was a little ahead is forgiven. */
static int64_t
begin_minute(const struct log_clock *clock, const struct log_stamp *stamp)
{
	int year = stamp->year;
	int64_t time;

	if (year != 0)
		return time_of(stamp, year);
	year = year_of(clock->now);
	time = time_of(stamp, year);
	return time > clock->now + DAY ? time_of(stamp, year - 1) : time;
}

static bool
same_minute(const struct log_stamp *a, const struct log_stamp *b)
{
	return a->minute == b->minute && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year &&
	       a->has_offset == b->has_offset && a->offset == b->offset;
}

int64_t
log_clock_read(struct log_clock *clock, const struct log_stamp *stamp)
{
	if (clock->minute.month == 0 || !same_minute(&clock->minute, stamp)) {
		clock->minute = *stamp;
		clock->base = begin_minute(clock, stamp);
	}
	return clock->base + stamp->second;
}

/* ---- what the line says ---- */

bool
log_text_is(const struct log_text *text, const char *word)
{
	return text->len == strlen(word) &&
	       memcmp(text->at, word, text->len) == 0;
}

/* Up to DIGITS_MOST digits, and a sign where one may be, before the unit. */
static bool
read_number(const struct log_text *value, bool is_signed, const char *unit,
    int32_t *number_out)
{
	struct cursor cursor = { value->at, value->at + value->len };
	bool negative = is_signed && is_at(&cursor, '-');
	int32_t number = 0;
	int digits = 0;

	if (is_signed && !take(&cursor, "-") && !take(&cursor, "+"))
		return false;
	for (; cursor.at < cursor.end && text_is_digit(*cursor.at); digits++) {
		if (digits == DIGITS_MOST)
			return false;
		number = number * 10 + (*cursor.at++ - '0');
	}
	if (digits == 0 || !take(&cursor, unit) || cursor.at != cursor.end)
		return false;
	*number_out = negative ? -number : number;
	return true;
}

/* What else there is says nothing to us.  A value that is not as we write it
 * is none. */
static void
keep(struct log_line *line, const struct log_text *name,
    const struct log_text *value)
{
	int32_t number;

	if (log_text_is(name, "user"))
		line->user = *value;
	else if (log_text_is(name, "rhost") || log_text_is(name, "said_rhost"))
		line->address = *value;
	else if (log_text_is(name, "of"))
		line->of = *value;
	else if (log_text_is(name, "failures") &&
		 read_number(value, false, "", &number))
		line->failures = (uint32_t)number;
	else if (log_text_is(name, "drift"))
		line->drifted = read_number(value, true, "s", &line->drift);
}

static bool
is_name(const struct log_text *name)
{
	for (size_t i = 0; i < name->len; i++)
		if ((name->at[i] < 'a' || name->at[i] > 'z') &&
		    name->at[i] != '_' && name->at[i] != '-')
			return false;
	return name->len > 0;
}

/* Quoted, or up to a blank; behind it is a blank and more, or the end. */
static bool
take_value(struct cursor *cursor, struct log_text *value_out)
{
	if (take(cursor, "\"")) {
		if (!take_until(cursor, '"', value_out))
			return false;
	} else {
		const char *start = cursor->at;

		while (cursor->at < cursor->end && *cursor->at != ' ')
			cursor->at++;
		*value_out =
		    (struct log_text){ start, (size_t)(cursor->at - start) };
		if (value_out->len == 0)
			return false;
	}
	return cursor->at == cursor->end ||
	       (take(cursor, " ") && cursor->at < cursor->end);
}

/* We escape whatever is not: so nothing that is shown of a line moves a
 * terminal's cursor. */
static bool
is_printable(const struct cursor *cursor)
{
	for (const char *c = cursor->at; c < cursor->end; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return true;
}

static bool
take_fields(struct cursor *cursor, struct log_line *line)
{
	struct log_text name, value;

	if (!is_printable(cursor) || !take(cursor, "event=") ||
	    !take_value(cursor, &line->event) || !is_name(&line->event))
		return false;
	while (cursor->at < cursor->end) {
		if (!take_until(cursor, '=', &name) || !is_name(&name) ||
		    !take_value(cursor, &value))
			return false;
		keep(line, &name, &value);
	}
	return true;
}

/* The name before "[7]". */
static bool
is_program(const struct log_text *tag, const char *name)
{
	size_t len = strlen(name);

	return tag->len >= len && memcmp(tag->at, name, len) == 0 &&
	       (tag->len == len || tag->at[len] == '[');
}

/* "host sshd[7]: pam_sallyport(sshd:auth): ", "host sallyport[7]: " */
static bool
take_writer(struct cursor *cursor)
{
	struct log_text host, tag, what;

	if (!take_until(cursor, ' ', &host) || host.len == 0 ||
	    !take_until(cursor, ' ', &tag) || tag.len < 2 ||
	    tag.at[tag.len - 1] != ':')
		return false;
	tag.len--;
	if (is_program(&tag, "sallyport") ||
	    is_program(&tag, "sallyport-verifier"))
		return true;
	return take(cursor, "pam_sallyport(") &&
	       take_until(cursor, ')', &what) && take(cursor, ": ");
}

static bool
take_stamp(struct cursor *cursor, struct log_stamp *stamp)
{
	const char *behind = log_stamp_read(cursor->at, cursor->end, stamp);

	if (behind == NULL)
		return take_traditional(cursor, stamp) &&
		       stamp_is_possible(stamp);
	cursor->at = behind;
	return true;
}

bool
log_line_read(const char *text, size_t len, struct log_line *line_out)
{
	struct cursor cursor = { text, text + len };

	memset(line_out, 0, sizeof *line_out);
	line_out->user = line_out->address = line_out->of =
	    (struct log_text){ text, 0 };
	return take_stamp(&cursor, &line_out->stamp) && take(&cursor, " ") &&
	       take_writer(&cursor) && take_fields(&cursor, line_out);
}
