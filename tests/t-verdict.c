/* The answers there are. */
#include "test.h"
#include "verdict.h"

#include <string.h>

static const enum verdict refusals[] = { VERDICT_CANNOT_TELL, VERDICT_WRONG,
	VERDICT_REPLAYED, VERDICT_WAITING, VERDICT_DISABLED, VERDICT_MALFORMED,
	VERDICT_CLOCK_BEHIND, VERDICT_NOT_ENROLLED, VERDICT_CALLER_BLOCKED };
static const enum verdict successes[] = { VERDICT_ACCEPTED,
	VERDICT_ACCEPTED_RECOVERY, VERDICT_ACCEPTED_BYPASS };

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

static const enum fitness taken[] = { FITNESS_CLEAN, FITNESS_WARNED,
	FITNESS_LOGGED, FITNESS_UNCHECKED };
static const enum fitness not_taken[] = { FITNESS_UNKNOWN, FITNESS_REFUSED,
	FITNESS_MISTYPED, FITNESS_ABSENT };
static const enum aftermath aftermaths[] = { AFTERMATH_REFUSED, AFTERMATH_NONE,
	AFTERMATH_LOGGED, AFTERMATH_WARNED, AFTERMATH_CHANGE,
	AFTERMATH_POSTPONED };

TEST("five flipped bits do not make a password fit, or a login unbreached")
{
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 4; j++)
			expect(bits_between(taken[i], not_taken[j]) > 5);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			expect(bits_between(aftermaths[i], aftermaths[j]) > 5);
}

TEST("zero is no answer, so what was never set denies and asks")
{
	expect_int(VERDICT_CANNOT_TELL, 0);
	expect_int(PASSAGE_ASK, 0);
	expect_int(FITNESS_UNKNOWN, 0);
	expect_int(AFTERMATH_REFUSED, 0);
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
	expect_text(verdict_name(VERDICT_ACCEPTED_BYPASS), "accepted-bypass");
}

TEST("a number that is no verdict is told as cannot-tell")
{
	expect_text(verdict_name((enum verdict)1), "cannot-tell");
	expect_text(verdict_name((enum verdict) - 1), "cannot-tell");
	expect_text(verdict_name((enum verdict)(VERDICT_ACCEPTED ^ 1)),
	    "cannot-tell");
}

TEST("what is not known as taken is not taken")
{
	for (size_t i = 0; i < 4; i++) {
		expect(fitness_taken(taken[i]));
		expect(!fitness_taken(not_taken[i]));
		for (unsigned bit = 0; bit < 32; bit++)
			expect(!fitness_taken(
			    (enum fitness)(taken[i] ^ 1U << bit)));
	}
}

TEST("what becomes of a password has names of its own, too")
{
	static const char *const yes[] = { "password-clean", "password-warned",
		"password-logged", "password-unchecked" };
	static const char *const no[] = { "password-unknown",
		"password-refused", "password-mistyped", "password-absent" };
	static const char *const logins[] = { "breached-refused", NULL,
		"breached-logged", "breached-warned", "breached-change",
		"breached-postponed" };

	for (size_t i = 0; i < 4; i++) {
		expect_text(fitness_name(taken[i]), yes[i]);
		expect_text(fitness_name(not_taken[i]), no[i]);
	}
	for (size_t i = 0; i < 6; i++)
		if (aftermaths[i] != AFTERMATH_NONE) /* is not logged */
			expect_text(aftermath_name(aftermaths[i]), logins[i]);
	expect_text(fitness_name((enum fitness)1), "password-unknown");
	expect_text(aftermath_name((enum aftermath)1), "breached-refused");
}

TEST("every verdict but \"cannot tell\" is known, and two of them open")
{
	for (size_t i = 0; i < REFUSALS; i++) {
		expect(verdict_is_known(refusals[i]) == (i > 0));
		expect(!verdict_accepts(refusals[i]));
	}
	for (size_t i = 0; i < SUCCESSES; i++) {
		expect(verdict_is_known(successes[i]));
		expect(verdict_accepts(successes[i]));
	}
	expect(!verdict_is_known((enum verdict)(VERDICT_ACCEPTED ^ 1)));
	expect(!verdict_accepts((enum verdict)(VERDICT_ACCEPTED ^ 1)));
}

TEST("a line of the log says what there is to say, and nothing more")
{
	struct judgement judgement = { .verdict = VERDICT_WRONG };
	char text[JUDGEMENT_TEXT_SIZE];

	expect_text(judgement_text(&judgement, text), "");
	judgement.failures = 6;
	judgement.wait = 30;
	expect_text(judgement_text(&judgement, text), " failures=6 wait=30s");
	strcpy(judgement.authenticator, "phone");
	judgement.drifted = true;
	judgement.drift = -60;
	expect_text(judgement_text(&judgement, text),
	    " failures=6 wait=30s drift=-60s of=\"phone\"");
	judgement = (struct judgement){ .verdict = VERDICT_ACCEPTED_RECOVERY,
		.caused_disable = true,
		.recovery_left = 9 };
	expect_text(judgement_text(&judgement, text), " now=disabled left=9");
}
