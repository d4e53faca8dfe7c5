/* The answers there are. */
#include "test.h"
#include "verdict.h"

#include <string.h>

static const enum verdict refusals[] = { VERDICT_CANNOT_TELL, VERDICT_WRONG,
	VERDICT_REPLAYED, VERDICT_WAITING, VERDICT_DISABLED, VERDICT_MALFORMED,
	VERDICT_CLOCK_BEHIND, VERDICT_NOT_ENROLLED, VERDICT_CALLER_BLOCKED };
static const enum verdict successes[] = { VERDICT_ACCEPTED,
	VERDICT_ACCEPTED_RECOVERY };

enum {
	REFUSALS = sizeof refusals / sizeof refusals[0],
	SUCCESSES = sizeof successes / sizeof successes[0],
};

static int
bits_between(unsigned a, unsigned b)
{
	return __builtin_popcount(a ^ b);
}

TEST("five flipped bits do not make an acceptance of a refusal, or of nothing")
{
	for (size_t i = 0; i < SUCCESSES; i++)
		for (size_t j = 0; j < REFUSALS; j++)
			expect(bits_between(successes[i], refusals[j]) > 5);
	expect(bits_between(PASSAGE_EXEMPT, PASSAGE_ASK) > 5);
	expect(bits_between(PASSAGE_UNENROLLED, PASSAGE_ASK) > 5);
}

TEST("zero is no answer, so what was never set denies and asks")
{
	expect_int(VERDICT_CANNOT_TELL, 0);
	expect_int(PASSAGE_ASK, 0);
}

TEST("every verdict has a name of its own, which logs may rely on")
{
	static const char *const names[] = { "cannot-tell", "wrong", "replayed",
		"waiting", "disabled", "malformed", "clock-behind",
		"not-enrolled", "caller-blocked" };

	for (size_t i = 0; i < REFUSALS; i++)
		expect_text(verdict_name(refusals[i]), names[i]);
	expect_text(verdict_name(VERDICT_ACCEPTED), "accepted");
	expect_text(verdict_name(VERDICT_ACCEPTED_RECOVERY),
	    "accepted-recovery");
}

TEST("a number that is no verdict is told as cannot-tell")
{
	expect_text(verdict_name((enum verdict)1), "cannot-tell");
	expect_text(verdict_name((enum verdict) - 1), "cannot-tell");
	expect_text(verdict_name((enum verdict)(VERDICT_ACCEPTED ^ 1)),
	    "cannot-tell");
}
