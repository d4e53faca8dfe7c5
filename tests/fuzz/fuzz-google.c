/*
 * google: .google_authenticator files.
 *
 * Input: a file.
 *
 * Oracle: what was taken can be written as a file in the one usual form, and
 * that reads as the same.  A second reading, line by line and by strtoull(),
 * finds the same key length, kind, step, counter, used steps and scratch codes.
 * A refusal names what is wrong in one line.
 */
#include "fuzz.h"
#include "google_file.h"
#include "mem.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the second reading found. */
struct found {
	uint64_t counter, reused, step;
	unsigned scratch_codes, key_digits;
	bool totp;
};

/* What follows the option of that name on a line, or NULL. */
static const char *
behind(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, "\" ", 2) != 0 || strncmp(line + 2, name, len) != 0)
		return NULL;
	line += 2 + len;
	return *line == '\0' || strchr(" \t\r", *line) != NULL ? line : NULL;
}

static void
find_option(const char *line, struct found *found)
{
	const char *value;
	char *at;

	if ((value = behind(line, "HOTP_COUNTER")) != NULL)
		found->counter = strtoull(value, NULL, 10);
	if ((value = behind(line, "STEP_SIZE")) != NULL)
		found->step = strtoull(value, NULL, 10);
	if (behind(line, "TOTP_AUTH") != NULL)
		found->totp = true;
	if ((value = behind(line, "DISALLOW_REUSE")) == NULL)
		return;
	for (; strtoull(value, &at, 10), at != value; value = at)
		if (found->reused < strtoull(value, NULL, 10) + 1)
			found->reused = strtoull(value, NULL, 10) + 1;
}

static struct found
find_all(const char *text)
{
	struct found found = { .step = 30 };
	char *copy = strdup(text), *at = copy, *line;
	bool first = true;

	MUST(copy != NULL);
	for (; (line = strsep(&at, "\n")) != NULL; first = false) {
		for (const char *p = line; first && *p != '\0'; p++)
			found.key_digits += isalnum((unsigned char)*p) != 0;
		if (!first && isdigit((unsigned char)line[0]))
			found.scratch_codes++;
		if (!first)
			find_option(line, &found);
	}
	free(copy);
	return found;
}

static void
check_found(const struct takeover *takeover, const char *text)
{
	const struct authenticator *a = &takeover->authenticator;
	struct found found = find_all(text);

	MUST(a->key_len == found.key_digits * 5 / 8);
	MUST(a->algorithm == ALGORITHM_SHA1 && a->digits == 6);
	MUST(takeover->scratch_codes == found.scratch_codes);
	MUST(found.counter > 0 || found.totp);
	if (found.counter > 0) {
		MUST(a->kind == AUTHENTICATOR_HOTP && a->period == 0);
		MUST(takeover->spent == found.counter);
	} else {
		MUST(a->kind == AUTHENTICATOR_TOTP && a->period == found.step);
		MUST(a->period >= 15 && a->period <= 120);
		MUST(takeover->spent == found.reused);
	}
	MUST(!takeover->pin && takeover->user[0] == '\0');
	MUST(memchr(takeover->notes, '\0', sizeof takeover->notes) != NULL);
}

/* As its own program would write it. */
static void
check_again(const struct takeover *takeover)
{
	const struct authenticator *a = &takeover->authenticator;
	char text[1024], key[BASE32_SIZE(TOTP_KEY_MOST)];
	struct takeover again = { .spent = 0 };
	struct trouble why = { "" };
	uint64_t spent = takeover->spent;

	MUST(base32_encode(a->key, a->key_len, key) == 0);
	if (a->kind == AUTHENTICATOR_HOTP)
		snprintf(text, sizeof text, "%s\n\" HOTP_COUNTER %" PRIu64 "\n",
		    key, spent);
	else if (spent > 0)
		snprintf(text, sizeof text,
		    "%s\n\" STEP_SIZE %u\n\" DISALLOW_REUSE %" PRIu64
		    "\n\" TOTP_AUTH\n",
		    key, a->period, spent - 1);
	else
		snprintf(text, sizeof text,
		    "%s\n\" STEP_SIZE %u\n\" TOTP_AUTH\n", key, a->period);
	MUST(google_file_parse(text, &again, &why) == 0);
	MUST(memcmp(&again.authenticator, a, sizeof *a) == 0);
	MUST(again.spent == spent);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	AUTO_TAKEOVER struct takeover *takeover = takeover_new();
	char *text = strndup((const char *)bytes, n);
	struct trouble why = { "" };
	int r;

	MUST(takeover != NULL && text != NULL);
	r = google_file_parse(text, takeover, &why);
	if (r == 0) {
		check_found(takeover, text);
		check_again(takeover);
	} else {
		MUST(r == ERR_INPUT && is_one_line(&why));
	}
	free(text);
	return 0;
}
