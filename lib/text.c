#include "text.h"

#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ESCAPE_MAX = 256 }; /* bytes of somebody's text that a log line shows */

bool
text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
text_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The digits of text[0..len) as a number within [0, most]. */
static int
digits_value(const char *text, size_t len, uint64_t most, uint64_t *value_out)
{
	uint64_t value = 0;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return ERR_INPUT;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit;

		if (!text_is_digit(text[i]))
			return ERR_INPUT;
		digit = (uint64_t)(text[i] - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return ERR_INPUT;
		value = value * 10 + digit;
	}
	if (value > most)
		return ERR_INPUT;
	*value_out = value;
	return 0;
}

int
text_number(const char *text, uint64_t least, uint64_t most,
    uint64_t *number_out)
{
	uint64_t number;
	int r;

	if ((r = digits_value(text, strlen(text), most, &number)) < 0)
		return r;
	if (number < least)
		return ERR_INPUT;
	*number_out = number;
	return 0;
}

static uint64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 60 * 60;
	case 'd':
		return 24 * 60 * 60;
	default:
		return 0;
	}
}

int
text_duration(const char *text, uint64_t least, uint64_t most,
    uint64_t *seconds_out)
{
	size_t len = strlen(text);
	uint64_t unit, number;
	int r;

	if (len < 2 || (unit = unit_seconds(text[len - 1])) == 0)
		return ERR_INPUT;
	if ((r = digits_value(text, len - 1, most / unit, &number)) < 0)
		return r;
	if (number * unit < least)
		return ERR_INPUT;
	*seconds_out = number * unit;
	return 0;
}

/* So many decimal digits, whatever they begin with. */
static int
digits_of_width(const char *text, size_t width, unsigned *value_out)
{
	unsigned value = 0;

	for (size_t i = 0; i < width; i++) {
		if (!text_is_digit(text[i]))
			return ERR_INPUT;
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	*value_out = value;
	return 0;
}

/* Leap years up to this one, in the Gregorian calendar. */
static unsigned
leaps(unsigned year)
{
	return year / 4 - year / 100 + year / 400;
}

static unsigned
days_in(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (month == 2 && leaps(year) != leaps(year - 1))
		return 29;
	return days[month - 1];
}

int
text_date(const char *text, uint64_t *time_out)
{
	unsigned year, month, day;
	uint64_t days;

	if (strlen(text) != strlen("YYYY-MM-DD") || text[4] != '-' ||
	    text[7] != '-' || digits_of_width(text, 4, &year) < 0 ||
	    digits_of_width(text + 5, 2, &month) < 0 ||
	    digits_of_width(text + 8, 2, &day) < 0)
		return ERR_INPUT;
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return ERR_INPUT;
	days = 365 * (year - 1970) + leaps(year - 1) - leaps(1969) + day - 1;
	for (unsigned m = 1; m < month; m++)
		days += days_in(year, m);
	*time_out = days * 24 * 60 * 60;
	return 0;
}

const char *
text_after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

int
text_copy(char *room, size_t room_size, const char *text)
{
	size_t len = strlen(text);

	if (len >= room_size)
		return ERR_INPUT;
	memcpy(room, text, len + 1);
	return 0;
}

bool
text_next_word(const char **at, const char **word_out, size_t *len_out)
{
	const char *p = *at;

	while (*p == ',' || text_is_blank(*p))
		p++;
	if (*p == '\0')
		return false;
	*word_out = p;
	while (*p != '\0' && *p != ',' && !text_is_blank(*p))
		p++;
	*len_out = (size_t)(p - *word_out);
	*at = p;
	return true;
}

char *
text_escape(char *room, size_t room_size, const char *text)
{
	size_t used = 0;

	if (text == NULL)
		text = "";
	for (size_t i = 0; i < ESCAPE_MAX && text[i] != '\0'; i++) {
		unsigned char c = (unsigned char)text[i];
		bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
		size_t need = plain ? 1 : 4;

		if (used + need >= room_size)
			break;
		if (plain)
			room[used] = text[i];
		else
			snprintf(room + used, room_size - used, "\\x%02x", c);
		used += need;
	}
	room[used] = '\0';
	return room;
}

void
text_append(char *room, size_t room_size, const char *format, ...)
{
	size_t used = strlen(room);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(room + used, room_size - used, format, args);
	va_end(args);
}
