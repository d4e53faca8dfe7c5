/*
 * log: a line of a system log, which anybody may have written.
 *
 * Input: the line.
 *
 * Oracle: a second reader, slow and written from sallyport-log(5), takes the
 * same lines for Sallyport's, and the same words and numbers from them.  What
 * is taken stands in the line, and is printable.  The time is one that a
 * calendar has, and a clock reads it the same whatever it read before.
 */
#include "fuzz.h"
#include "log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1795629600 }; /* 2026-11-25 */

/* ---- the second reader: it cuts a copy of the line into strings ---- */

struct reading {
	char *event, *user, *address, *of; /* NULL: not said */
	char *failures, *drift;
};

static const char lower[] = "abcdefghijklmnopqrstuvwxyz-_";

static bool
fits(const char *text, const char *shape)
{
	for (; *shape != '\0'; shape++, text++) {
		if (*shape == '0' ? *text < '0' || *text > '9'
				  : *text != *shape)
			return false;
	}
	return *text == '\0';
}

/* Whether it is a clock's reading from 00:00:00 to 23:59:60. */
static bool
is_clock(const char *text)
{
	return fits(text, "00:00:00") && atoi(text) < 24 &&
	       atoi(text + 3) < 60 && atoi(text + 6) <= 60;
}

static bool
is_zone(const char *text)
{
	if (strcmp(text, "") == 0 || strcmp(text, "Z") == 0)
		return true;
	if (*text != '+' && *text != '-')
		return false;
	text++;
	return (fits(text, "0000") && atoi(text) / 100 < 24 &&
		   atoi(text + 2) < 60) ||
	       (fits(text, "00:00") && atoi(text) < 24 && atoi(text + 3) < 60);
}

static bool
is_date(const char *text)
{
	return fits(text, "0000-00-00") && atoi(text) > 0 &&
	       atoi(text + 5) >= 1 && atoi(text + 5) <= 12 &&
	       atoi(text + 8) >= 1 && atoi(text + 8) <= 31;
}

/* Takes it apart. */
static bool
is_iso(char *text)
{
	char *clock = strchr(text, 'T');
	char seconds[9] = "";

	if (clock == NULL)
		return is_date(text);
	*clock++ = '\0';
	if (!is_date(text) || strlen(clock) < 8)
		return false;
	memcpy(seconds, clock, 8);
	clock += 8;
	if (*clock == '.') {
		size_t digits = strspn(clock + 1, "0123456789");

		if (digits == 0)
			return false;
		clock += 1 + digits;
	}
	return is_clock(seconds) && is_zone(clock);
}

/* The word that ends at the next blank; *rest is behind it. */
static char *
cut(char **rest)
{
	char *word = *rest, *blank = strchr(word, ' ');

	if (blank == NULL)
		return NULL;
	*blank = '\0';
	*rest = blank + 1;
	return word;
}

static bool
is_traditional(char **rest)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char *month = cut(rest), *day, *clock;
	bool known = false, short_day;

	for (int i = 0; month != NULL && i < 12; i++)
		known = known || strcmp(month, months[i]) == 0;
	if (!known)
		return false;
	short_day = **rest == ' ';
	*rest += short_day;
	day = cut(rest);
	clock = day == NULL ? NULL : cut(rest);
	return clock != NULL && fits(day, short_day ? "0" : "00") &&
	       atoi(day) >= 1 && atoi(day) <= 31 && is_clock(clock);
}

static bool
is_ours(char **rest)
{
	char *host = cut(rest), *tag = host == NULL ? NULL : cut(rest);
	size_t len = tag == NULL ? 0 : strlen(tag);
	char *bracket, *closing;

	if (len < 2 || *host == '\0' || tag[len - 1] != ':')
		return false;
	tag[len - 1] = '\0';
	if ((bracket = strchr(tag, '[')) != NULL)
		*bracket = '\0';
	if (strcmp(tag, "sallyport") == 0 ||
	    strcmp(tag, "sallyport-verifier") == 0)
		return true;
	if (strncmp(*rest, "pam_sallyport(", 14) != 0 ||
	    (closing = strchr(*rest, ')')) == NULL ||
	    strncmp(closing, "): ", 3) != 0)
		return false;
	*rest = closing + 3;
	return true;
}

/* name=value, name="value", with a blank between. */
static char *
cut_field(char **rest, char **value)
{
	char *name = *rest;
	size_t len = strspn(name, lower);
	char *end;

	if (len == 0 || name[len] != '=')
		return NULL;
	name[len] = '\0';
	*value = name + len + 1;
	if (**value == '"')
		end = strchr(++*value, '"');
	else
		end = *value + strcspn(*value, " ");
	if (end == NULL || (end == *value && *end != '"'))
		return NULL;
	if (*end == '"')
		*end++ = '\0';
	*rest = end;
	if (*end != '\0' && (*end != ' ' || end[1] == '\0'))
		return NULL;
	if (*end == ' ') {
		*end = '\0';
		*rest = end + 1;
	}
	return name;
}

static bool
read_fields(char *rest, struct reading *reading)
{
	char *name, *value;

	for (char *c = rest; *c != '\0'; c++)
		if (*c < 32 || *c > 126)
			return false;
	name = cut_field(&rest, &reading->event);
	if (name == NULL || strcmp(name, "event") != 0 ||
	    reading->event[0] == '\0' ||
	    reading->event[strspn(reading->event, lower)] != '\0')
		return false;
	while (*rest != '\0') {
		if ((name = cut_field(&rest, &value)) == NULL)
			return false;
		if (strcmp(name, "user") == 0)
			reading->user = value;
		if (strcmp(name, "rhost") == 0 ||
		    strcmp(name, "said_rhost") == 0)
			reading->address = value;
		if (strcmp(name, "of") == 0)
			reading->of = value;
		if (strcmp(name, "failures") == 0 && value[0] != '\0' &&
		    strlen(value) <= 9 &&
		    value[strspn(value, "0123456789")] == '\0')
			reading->failures = value;
		if (strcmp(name, "drift") == 0) {
			size_t digits = value[0] == '\0'
					    ? 0
					    : strspn(value + 1, "0123456789");

			reading->drift =
			    (value[0] == '+' || value[0] == '-') &&
				    digits >= 1 && digits <= 9 &&
				    strcmp(value + 1 + digits, "s") == 0
				? value
				: NULL;
		}
	}
	return true;
}

static bool
read_slowly(char *text, struct reading *reading)
{
	char *rest = text, *blank = strchr(text, ' ');

	memset(reading, 0, sizeof *reading);
	if (blank == NULL)
		return false;
	if (text[0] >= '0' && text[0] <= '9') {
		if (!is_iso(cut(&rest)))
			return false;
	} else if (!is_traditional(&rest)) {
		return false;
	}
	return is_ours(&rest) && read_fields(rest, reading);
}

/* ---- the oracle ---- */

static void
same_text(const struct log_text *is, const char *want, const uint8_t *bytes,
    size_t n)
{
	MUST(log_text_is(is, want == NULL ? "" : want));
	if (is->len > 0) {
		MUST(is->at >= (const char *)bytes);
		MUST(is->at + is->len <= (const char *)bytes + n);
	}
}

static void
same_time(const struct log_line *line)
{
	static struct log_clock before = { .now = NOW };
	struct log_clock fresh = { .now = NOW };

	MUST(line->stamp.month >= 1 && line->stamp.month <= 12);
	MUST(log_clock_read(&before, &line->stamp) ==
	     log_clock_read(&fresh, &line->stamp));
	if (line->stamp.year == 0)
		MUST(log_clock_read(&fresh, &line->stamp) <=
		     NOW + 2 * 24 * 60 * 60);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct log_line line;
	struct reading want;
	char *copy = malloc(n + 1);
	bool is = log_line_read((const char *)bytes, n, &line);

	MUST(copy != NULL);
	if (n > 0)
		memcpy(copy, bytes, n);
	copy[n] = '\0';
	if (memchr(copy, '\0', n) != NULL) {
		free(copy); /* it cannot be cut into strings */
		return 0;
	}
	MUST(is == read_slowly(copy, &want));
	if (is) {
		same_text(&line.event, want.event, bytes, n);
		same_text(&line.user, want.user, bytes, n);
		same_text(&line.address, want.address, bytes, n);
		same_text(&line.of, want.of, bytes, n);
		MUST(line.failures ==
		     (want.failures ? (uint32_t)atoi(want.failures) : 0));
		MUST(line.drifted == (want.drift != NULL));
		if (line.drifted)
			MUST(line.drift == atoi(want.drift));
		same_time(&line);
	}
	free(copy);
	return 0;
}
