#include "choices.h"

#include "addresses.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIGITS_MOST = 9 }; /* more digits than any bound has */

/* Where a choice is kept, and what the manual's word for a text leaves open:
 * its least length and its room.  A new row of the table needs one here. */
static const struct field {
	const char *name;
	size_t at, least, room;
} fields[] = {
#define AT(field) offsetof(struct settings, field)
	{ "store_dir", AT(store_dir), 1, SETTINGS_PATH_SIZE },
	{ "key_file", AT(key_file), 1, SETTINGS_PATH_SIZE },
	{ "verifier_socket", AT(verifier_socket), 1, SETTINGS_SOCKET_SIZE },
	{ "issuer", AT(issuer), 1, SETTINGS_WORD_SIZE },
	{ "digits", AT(digits), 0, 0 },
	{ "enrolment", AT(enrolment), 0, 0 },
	{ "enrol_by", AT(enrol_by), 0, 0 },
	{ "self_enrolment", AT(self_enrolment), 0, 0 },
	{ "exempt_users", AT(exempt_users), 0, SETTINGS_LIST_SIZE },
	{ "exempt_groups", AT(exempt_groups), 0, SETTINGS_LIST_SIZE },
	{ "exempt_networks", AT(exempt_networks), 0, SETTINGS_LIST_SIZE },
	{ "exempt_keys", AT(exempt_keys), 0, 0 },
	{ "window", AT(window), 0, 0 },
	{ "hotp_lookahead", AT(hotp_lookahead), 0, 0 },
	{ "free_tries", AT(free_tries), 0, 0 },
	{ "first_wait", AT(first_wait), 0, 0 },
	{ "longest_wait", AT(longest_wait), 0, 0 },
	{ "disable_after", AT(disable_after), 0, 0 },
	{ "breach_lists", AT(breach_lists), 1, SETTINGS_PATH_SIZE },
	{ "breach_min_count", AT(breach_min_count), 0, 0 },
	{ "breach_at_login", AT(breach_at_login), 0, 0 },
	{ "breach_at_change", AT(breach_at_change), 0, 0 },
	{ "breach_when_missing", AT(breach_when_missing), 0, 0 },
	{ "guard", AT(guard), 0, 0 },
	{ "trust", AT(trust), 0, 0 },
	{ "split", AT(split), 0, 0 },
	{ "use_split", AT(use_split), 0, 0 },
	{ "explain", AT(explain), 0, 0 },
	{ "prompt", AT(prompt), 1, SETTINGS_PROMPT_SIZE },
	{ "echo", AT(echo), 0, 0 },
	{ "try_first_pass", AT(try_first_pass), 0, 0 },
	{ "use_first_pass", AT(use_first_pass), 0, 0 },
	{ "retry", AT(retry), 0, 0 },
	{ "use_authtok", AT(use_authtok), 0, 0 },
	{ "enforce_for_root", AT(enforce_for_root), 0, 0 },
#undef AT
};

enum kind { FLAG, NUMBER, DURATION, DATE, ONE_OF, PATH, NETWORKS, TEXT };

static const struct field *
field_of(const char *name)
{
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	fprintf(stderr, "tests/fuzz/choices.c does not know %s\n", name);
	abort();
}

static enum kind
kind_of(const struct settings_row *row)
{
	const char *values = row->values;

	if (values[0] == '\0')
		return FLAG;
	if (strstr(values, "..") != NULL)
		return strpbrk(values, "smhd") != NULL ? DURATION : NUMBER;
	if (strchr(values, '|') != NULL)
		return ONE_OF;
	if (strcmp(values, "YYYY-MM-DD") == 0)
		return DATE;
	if (strcmp(values, "NETWORKS") == 0)
		return NETWORKS;
	return strcmp(values, "PATH") == 0 ? PATH : TEXT;
}

/* text[0..len) as digits and, of a duration, a unit; -1: it is neither. */
static long long
amount(const char *text, size_t len, enum kind kind)
{
	static const char units[] = "smhd";
	static const int seconds[] = { 1, 60, 60 * 60, 24 * 60 * 60 };
	const char *unit;
	long long factor = 1;

	if (kind == DURATION) {
		if (len == 0 || text[len - 1] == '\0' ||
		    (unit = strchr(units, text[len - 1])) == NULL)
			return -1;
		factor = seconds[unit - units];
		len--;
	}
	if (len == 0 || len > DIGITS_MOST || strspn(text, "0123456789") < len ||
	    (text[0] == '0' && len > 1))
		return -1;
	return strtoll(text, NULL, 10) * factor;
}

static void
write_date(time_t time, char text[CHOICE_TEXT_SIZE])
{
	MUST(strftime(text, CHOICE_TEXT_SIZE, "%Y-%m-%d", gmtime(&time)) > 0);
}

/* As libc's calendar has it, if it writes the same again; 0 says none. */
static bool
set_date(uint64_t *at, const char *value)
{
	char again[CHOICE_TEXT_SIZE];
	struct tm tm = { 0 };
	time_t time;

	if (strlen(value) != 10 || strptime(value, "%Y-%m-%d", &tm) == NULL ||
	    (time = timegm(&tm)) <= 0)
		return false;
	write_date(time, again);
	if (strcmp(again, value) != 0)
		return false;
	*at = (uint64_t)time;
	return true;
}

static bool
set_amount(uint64_t *at, const struct settings_row *row, const char *value)
{
	const char *dots = strstr(row->values, "..");
	enum kind kind = kind_of(row);
	long long is = amount(value, strlen(value), kind);
	long long least =
	    amount(row->values, (size_t)(dots - row->values), kind);
	long long most = amount(dots + 2, strlen(dots + 2), kind);

	MUST(least >= 0 && most >= least);
	if (is < least || is > most)
		return false;
	*at = (uint64_t)is;
	return true;
}

/* Word number n of "a|b|c"; false: there are fewer. */
static bool
nth_word(const char *words, uint64_t n, char word_out[CHOICE_TEXT_SIZE])
{
	for (; n > 0; n--) {
		if ((words = strchr(words, '|')) == NULL)
			return false;
		words++;
	}
	snprintf(word_out, CHOICE_TEXT_SIZE, "%.*s", (int)strcspn(words, "|"),
	    words);
	return true;
}

static bool
set_one_of(uint64_t *at, const struct settings_row *row, const char *value)
{
	char word[CHOICE_TEXT_SIZE];

	for (uint64_t n = 0; nth_word(row->values, n, word); n++) {
		if (strcmp(word, value) != 0)
			continue;
		*at = n;
		return true;
	}
	return false;
}

static bool
set_text(char *at, const struct field *field, enum kind kind, const char *value)
{
	size_t len = strlen(value);

	if (len < field->least || len >= field->room ||
	    (kind == PATH && value[0] != '/') ||
	    (kind == NETWORKS && !addresses_fit(value)))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)value[i] < 32 || value[i] == 127)
			return false;
	memcpy(at, value, len + 1);
	return true;
}

static const struct settings_row *
row_of(const char *name)
{
	const struct settings_row *row;

	for (size_t i = 0; (row = settings_row(i)) != NULL; i++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool
choice_set(struct settings *settings, enum settings_place place,
    const char *name, const char *value)
{
	const struct settings_row *row = row_of(name);
	const struct field *field;
	void *at;

	if (row == NULL || (row->places & place) == 0 ||
	    (kind_of(row) == FLAG) != (value == NULL))
		return false;
	field = field_of(name);
	at = (char *)settings + field->at;
	switch (kind_of(row)) {
	case FLAG:
		*(bool *)at = true;
		return true;
	case NUMBER:
	case DURATION:
		return set_amount(at, row, value);
	case DATE:
		return set_date(at, value);
	case ONE_OF:
		return set_one_of(at, row, value);
	case PATH:
	case NETWORKS:
	case TEXT:
	default:
		return set_text(at, field, kind_of(row), value);
	}
}

bool
choices_agree(const struct settings *s)
{
	int lines = s->split + s->use_split;
	int first_passes = s->try_first_pass + s->use_first_pass;

	return s->first_wait <= s->longest_wait &&
	       s->free_tries <= s->disable_after && lines + first_passes <= 1 &&
	       !(s->split && s->echo);
}

static bool
row_equal(const struct settings_row *row, const struct settings *a,
    const struct settings *b)
{
	size_t at = field_of(row->name)->at;
	const char *in_a = (const char *)a + at, *in_b = (const char *)b + at;

	switch (kind_of(row)) {
	case FLAG:
		return *(const bool *)(const void *)in_a ==
		       *(const bool *)(const void *)in_b;
	case NUMBER:
	case DURATION:
	case DATE:
	case ONE_OF:
		return memcmp(in_a, in_b, sizeof(uint64_t)) == 0;
	case PATH:
	case NETWORKS:
	case TEXT:
	default:
		return strcmp(in_a, in_b) == 0;
	}
}

bool
choices_equal(const struct settings *a, const struct settings *b)
{
	const struct settings_row *row;

	for (size_t i = 0; (row = settings_row(i)) != NULL; i++)
		if (!row_equal(row, a, b))
			return false;
	return true;
}

bool
choice_text(const struct settings *settings, size_t i,
    char text_out[CHOICE_TEXT_SIZE])
{
	const struct settings_row *row = settings_row(i);
	const char *at = (const char *)settings + field_of(row->name)->at;
	uint64_t number;

	if (row_equal(row, settings, &settings_default))
		return false;
	switch (kind_of(row)) {
	case FLAG:
		text_out[0] = '\0';
		break;
	case NUMBER:
	case DURATION:
		memcpy(&number, at, sizeof number);
		snprintf(text_out, CHOICE_TEXT_SIZE, "%llu%s",
		    (unsigned long long)number,
		    kind_of(row) == DURATION ? "s" : "");
		break;
	case DATE:
		memcpy(&number, at, sizeof number);
		write_date((time_t)number, text_out);
		break;
	case ONE_OF:
		memcpy(&number, at, sizeof number);
		MUST(nth_word(row->values, number, text_out));
		break;
	case PATH:
	case NETWORKS:
	case TEXT:
	default:
		snprintf(text_out, CHOICE_TEXT_SIZE, "%s", at);
	}
	return true;
}
