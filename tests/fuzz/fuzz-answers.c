/*
 * answers: what people type at the prompt, one answer after another.
 *
 * Input: eight bytes of settings (wallet_settings), the time of the first
 * answer as seconds from WALLET_NOON in four bytes, then answers.  Each has
 * two bytes of seconds since the one before (signed: clocks are set), and what
 * is typed up to a NUL, in the writing of wallet.h.
 *
 * Oracle: model.c reads the same in every answer, splits it from a password at
 * the same place, and comes to the same verdict.  What is spent, counted and
 * remembered moves one way (model_check).  What answer_split takes off a
 * password is what answer_read takes for a code.
 */
#include "answer.h"
#include "model.h"
#include "wallet.h"

#include <string.h>

enum { ANSWERS_MOST = 24 };

static void
check_reading(const char *text)
{
	struct typed typed = model_read(text);
	struct answer answer;

	answer_read(text, &answer);
	switch (answer.kind) {
	case ANSWER_MALFORMED:
		MUST(typed.shape == SHAPE_NONE);
		break;
	case ANSWER_CALLER_BLOCKED:
		MUST(typed.shape == SHAPE_BLOCKED);
		break;
	case ANSWER_CODE:
		MUST(typed.shape == SHAPE_CODE);
		MUST(strcmp(typed.digits, answer.code) == 0);
		break;
	case ANSWER_RECOVERY:
		MUST(typed.shape == SHAPE_RECOVERY);
		MUST(memcmp(typed.recovery, answer.recovery, RECOVERY_BYTES) ==
		     0);
		break;
	}
}

static void
check_splitting(const char *text, unsigned digits)
{
	size_t at = answer_split(text, digits);
	struct typed behind;

	MUST(at == model_split(text, digits));
	MUST(at <= strlen(text));
	behind = model_read(text + at);
	if (text[at] == '\0' || strlen(text) > ANSWER_LONGEST)
		MUST(behind.shape == SHAPE_NONE);
	else if (behind.shape == SHAPE_CODE)
		MUST(strlen(behind.digits) == digits);
	else
		MUST(behind.shape == SHAPE_RECOVERY ||
		     behind.shape == SHAPE_BLOCKED);
	check_reading(text + at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	static struct record record;
	char text[WALLET_TEXT_SIZE];
	struct settings settings;
	struct state state;
	int64_t now;

	wallet_record(&record);
	wallet_state(&state);
	wallet_settings(&input, &settings);
	now = WALLET_NOON + (int32_t)input_number(&input, 4);
	for (int i = 0; i < ANSWERS_MOST && input.left > 0; i++) {
		now += (int16_t)input_number(&input, 2);
		wallet_type(&input, &state, now, text);
		check_reading(text);
		for (unsigned digits = 6; digits <= 8; digits++)
			check_splitting(text, digits);
		(void)model_try(&settings, &record, &state, text, now);
	}
	return 0;
}
