/*
 * oath: lines of users.oath.
 *
 * Input: a line.
 *
 * Oracle: a regular expression says which lines are taken, notes or refused,
 * and what their columns are.  A code of the authenticator that is taken over
 * is never unspent where the line says that it was the last one used.
 */
#include "fuzz.h"
#include "mem.h"
#include "model.h"
#include "oath_line.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define B "[ \t\r\n]+"
#define C "([^ \t\r\n]+)"

static const char note_form[] = "^[ \t\r\n]*(#.*)?$";
static const char line_form[] =
    "^[ \t\r\n]*(HOTP|HOTP/E(/[678])?|HOTP/T[36]0(/[678])?)" B C B C B
    "(([0-9a-fA-F]{2}){1,128})"
    "(" B "([0-9]+)(" B "([0-9]{6,8})(" B C ")?)?)?[ \t\r\n]*$";

enum {
	ALL,
	TYPE,
	EVENT_DIGITS,
	TIME_DIGITS,
	USER,
	PIN,
	KEY,
	BYTE,
	MORE,
	COUNTER,
	USED,
	CODE,
	AFTER,
	WHEN,
	PARTS
};

/* regex is compiled at its first use, and kept. */
static bool
matches(regex_t *regex, const char *form, const char *text,
    regmatch_t parts[PARTS])
{
	if (regex->re_nsub == 0)
		MUST(regcomp(regex, form, REG_EXTENDED) == 0);
	return regexec(regex, text, PARTS, parts, 0) == 0;
}

static char *
part(const char *text, const regmatch_t *at)
{
	return at->rm_so < 0
		   ? NULL
		   : strndup(text + at->rm_so, (size_t)(at->rm_eo - at->rm_so));
}

static void
check_shape(const struct authenticator *a, const char *type)
{
	const char *digits = strrchr(type, '/');
	bool said = digits != NULL && strchr("678", digits[1]) != NULL;

	MUST(a->digits == (said ? (unsigned)(digits[1] - '0') : 6));
	MUST(a->period == (strstr(type, "T30") != NULL	    ? 30
			      : strstr(type, "T60") != NULL ? 60
							    : 0));
	MUST((a->kind == AUTHENTICATOR_TOTP) == (a->period != 0));
	MUST(a->algorithm == ALGORITHM_SHA1);
}

static void
check_key(const struct authenticator *a, const char *hex)
{
	unsigned byte;

	MUST(a->key_len == strlen(hex) / 2);
	for (size_t i = 0; i < a->key_len; i++) {
		MUST(sscanf(hex + 2 * i, "%2x", &byte) == 1);
		MUST(a->key[i] == byte);
	}
}

static void
check_spent(const struct takeover *takeover, const char *counter,
    const char *used)
{
	const struct authenticator *a = &takeover->authenticator;
	uint64_t n = counter == NULL ? 0 : strtoull(counter, NULL, 10);
	char code[TOTP_CODE_SIZE];

	if (a->kind == AUTHENTICATOR_TOTP) {
		MUST((takeover->spent > 0) == (used != NULL));
		return;
	}
	model_code(a, n, code);
	MUST(takeover->spent == n + (used != NULL && strcmp(used, code) == 0));
}

static void
check_taken(const struct takeover *takeover, const char *text,
    const regmatch_t parts[PARTS])
{
	char *type = part(text, &parts[TYPE]), *pin = part(text, &parts[PIN]);
	char *user = part(text, &parts[USER]), *key = part(text, &parts[KEY]);
	char *counter = part(text, &parts[COUNTER]);
	char *used = part(text, &parts[CODE]);

	check_shape(&takeover->authenticator, type);
	check_key(&takeover->authenticator, key);
	MUST(strcmp(takeover->user, user) == 0);
	MUST(takeover->pin == (strcmp(pin, "-") != 0 && strcmp(pin, "+") != 0));
	check_spent(takeover, counter, used);
	free(type);
	free(pin);
	free(user);
	free(key);
	free(counter);
	free(used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static regex_t note, line;
	AUTO_TAKEOVER struct takeover *takeover = takeover_new();
	char *text = strndup((const char *)bytes, n);
	struct trouble why = { "" };
	regmatch_t parts[PARTS];
	int r;

	MUST(takeover != NULL && text != NULL);
	setenv("TZ", "UTC", 1);
	r = oath_line_parse(text, takeover, &why);
	if (strlen(text) >= OATH_LINE_SIZE)
		MUST(r == ERR_INPUT);
	else if (matches(&note, note_form, text, parts))
		MUST(r == 0);
	else if (!matches(&line, line_form, text, parts))
		MUST(r == ERR_INPUT);
	else if (r == 1)
		check_taken(takeover, text, parts);
	else /* a counter, time, user or number of digits that cannot be */
		MUST(r == ERR_INPUT);
	MUST(r >= 0 || is_one_line(&why));
	free(text);
	return 0;
}
