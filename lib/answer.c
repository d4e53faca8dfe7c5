#include "answer.h"

#include "err.h"
#include "mem.h"
#include "text.h"

#include <string.h>

/*
 * What sshd answers in a user's place when it will refuse him whatever we say:
 * this, repeated and cut to the length of what the user typed.  Nobody can type
 * it, and it must not count as a guess.
 */
static const char sshd_filler[] = "\b\n\r\177INCORRECT";

static bool
is_sshd_filler(const char *text)
{
	const size_t period = sizeof sshd_filler - 1;
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != sshd_filler[i % period])
			return false;
	return i > 0;
}

static bool
is_filling(char c)
{
	return text_is_blank(c) || c == '\r' || c == '\n' || c == '-';
}

/* text without its filling, if room holds it.  Returns the length, or 0. */
static size_t
squeeze(const char *text, char *room, size_t room_size)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (is_filling(*text))
			continue;
		if (len + 1 >= room_size)
			return 0;
		room[len++] = *text;
	}
	room[len] = '\0';
	return len;
}

static bool
all_digits(const char *text)
{
	while (text_is_digit(*text))
		text++;
	return *text == '\0';
}

void
answer_read(const char *text, struct answer *answer_out)
{
	char plain[RECOVERY_CHARS + 1];
	size_t len;

	memset(answer_out, 0, sizeof *answer_out); /* ANSWER_MALFORMED */
	if (text == NULL || strnlen(text, ANSWER_LONGEST + 1) > ANSWER_LONGEST)
		return;
	if (is_sshd_filler(text)) {
		answer_out->kind = ANSWER_CALLER_BLOCKED;
		return;
	}
	len = squeeze(text, plain, sizeof plain);
	if (len >= TOTP_DIGITS_LEAST && len <= TOTP_DIGITS_MOST &&
	    all_digits(plain)) {
		memcpy(answer_out->code, plain, len + 1);
		answer_out->kind = ANSWER_CODE;
	} else if (len == RECOVERY_CHARS &&
		   recovery_read(plain, answer_out->recovery) == 0) {
		answer_out->kind = ANSWER_RECOVERY;
	}
	mem_wipe(plain, sizeof plain);
}

/* Whether text is a recovery code exactly as it is shown. */
static bool
is_shown_recovery(const char *text)
{
	char plain[RECOVERY_CHARS + 1];
	uint8_t code[RECOVERY_BYTES];
	bool is;

	for (size_t i = 0; i < RECOVERY_TEXT_SIZE - 1; i++)
		if ((text[i] == '-') != (i % 6 == 5))
			return false;
	is = squeeze(text, plain, sizeof plain) == RECOVERY_CHARS &&
	     recovery_read(plain, code) == 0;
	mem_wipe(plain, sizeof plain);
	mem_wipe(code, sizeof code);
	return is;
}

size_t
answer_split(const char *text, unsigned digits)
{
	size_t len = strnlen(text, ANSWER_LONGEST + 1);

	if (is_sshd_filler(text))
		return 0;
	if (len > ANSWER_LONGEST)
		return strlen(text);
	if (len >= RECOVERY_TEXT_SIZE - 1 &&
	    is_shown_recovery(text + len - (RECOVERY_TEXT_SIZE - 1)))
		return len - (RECOVERY_TEXT_SIZE - 1);
	if (len >= digits && all_digits(text + len - digits))
		return len - digits;
	return len;
}
