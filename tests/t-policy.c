/* The judgements: every rule about codes, windows, replay, waits, recovery
 * codes and clocks, with a clock that is an argument; and about passwords. */
#include "answer.h"
#include "err.h"
#include "policy.h"
#include "record.h"
#include "release.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* The seed of the RFCs, of which SHA-1 takes the first 20 bytes. */
static const char seed[] =
    "1234567890123456789012345678901234567890123456789012345678901234";

enum {
	PERIOD = 30,
	PHONE = 1, /* ids */
	CARD = 2,
	SET = 9,
};

#define NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC, a step's start */

/* One user: enrolment, state and the site's settings. */
struct person {
	struct settings settings;
	struct record record;
	struct state state;
	struct judgement last;
};

static struct authenticator
authenticator(uint64_t id, const char *name)
{
	struct authenticator a = { .id = id,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = PERIOD,
		.created = NOON - 86400,
		.key_len = 20 };

	snprintf(a.name, sizeof a.name, "%s", name);
	memcpy(a.key, seed, a.key_len);
	return a;
}

static void
give(struct person *person, const struct authenticator *a, uint64_t spent)
{
	expect_int(record_add(&person->record, a), 0);
	expect_int(state_add(&person->state, a->id, spent), 0);
}

static struct person
nobody(void)
{
	struct person person = { .settings = settings_default };

	person.record.uid = person.state.uid = 1000;
	person.record.created = NOON - 86400;
	strcpy(person.record.user, "alice");
	return person;
}

/* Alice, with a phone. */
static struct person
enrolled(void)
{
	struct person alice = nobody();
	struct authenticator phone = authenticator(PHONE, "phone");

	give(&alice, &phone, 0);
	return alice;
}

/* Alice, with a counter-based card that stands at counter. */
static struct person
with_card(uint64_t counter)
{
	struct person alice = nobody();
	struct authenticator card = authenticator(CARD, "card");

	card.kind = AUTHENTICATOR_HOTP;
	card.period = 0;
	give(&alice, &card, counter);
	return alice;
}

/* Code number n of alice's recovery set: 15 bytes, all of them n. */
static const char *
recovery(unsigned n)
{
	static char text[RECOVERY_TEXT_SIZE];
	uint8_t code[RECOVERY_BYTES];

	memset(code, (int)n, sizeof code);
	expect_int(recovery_show(code, text), 0);
	return text;
}

static void
give_recovery(struct person *person)
{
	struct recovery_set *set = &person->record.recovery;
	uint8_t code[RECOVERY_BYTES];

	set->id = SET;
	set->created = NOON - 86400;
	memset(set->key, 7, sizeof set->key);
	for (unsigned n = 0; n < RECOVERY_CODES; n++) {
		memset(code, (int)n + 1, sizeof code);
		recovery_hash(set->key, code, set->hash[n]);
	}
	expect_int(state_add(&person->state, SET, 0), 0);
}

/* The phone's code, at a time; in a ring of buffers. */
static const char *
code_of(const struct authenticator *a, uint64_t factor)
{
	static char ring[8][TOTP_CODE_SIZE];
	static unsigned turn;
	struct totp totp = authenticator_totp(a);
	char *code = ring[turn++ % 8];

	expect_int(totp_code(&totp, factor, code), 0);
	return code;
}

static const char *
code_at(const struct person *person, int64_t time)
{
	const struct authenticator *a = &person->record.authenticators[0];

	return code_of(a, (uint64_t)time / a->period);
}

static enum verdict
try(struct person *person, const char *text, int64_t now)
{
	struct answer answer;

	answer_read(text, &answer);
	judge(&person->settings, &person->record, &person->state, &answer, now,
	    &person->last);
	return person->last.verdict;
}

/* Six digits that are no code of the person's within hours of now. */
static const char *
wrong_code(const struct person *person, int64_t now)
{
	static char text[TOTP_CODE_SIZE];

	for (unsigned n = 0;; n++) {
		bool right = false;

		snprintf(text, sizeof text, "%06u", n);
		for (int64_t t = now - 8000; t <= now + 8000; t += PERIOD)
			right |= strcmp(text, code_at(person, t)) == 0;
		if (!right)
			return text;
	}
}

static void
fail_times(struct person *person, unsigned times, int64_t now)
{
	for (unsigned i = 0; i < times; i++)
		try(person, wrong_code(person, now), now);
}

/* ---- right codes and replay ---- */

TEST("a right code opens the door")
{
	struct person alice = enrolled();

	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_text(alice.last.authenticator, "phone");
	expect_int(alice.state.entries[0].used, NOON);
	expect_int(alice.state.last_success, NOON);
}

TEST("a code opens the door only once")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, NOON);

	expect_int(try(&alice, code, NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, NOON), VERDICT_REPLAYED);
	expect_int(try(&alice, code, NOON + 20), VERDICT_REPLAYED);
	expect_int(try(&alice, code, NOON + 40), VERDICT_REPLAYED);
}

TEST("a replay in another spelling is a replay")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, NOON);
	char spaced[32];

	expect_int(try(&alice, code, NOON), VERDICT_ACCEPTED);
	snprintf(spaced, sizeof spaced, " %.3s-%s\r\n", code, code + 3);
	expect_int(try(&alice, spaced, NOON), VERDICT_REPLAYED);
}

TEST("a replay is not counted as a failure")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, NOON);

	try(&alice, code, NOON);
	for (int i = 0; i < 200; i++)
		expect_int(try(&alice, code, NOON), VERDICT_REPLAYED);
	expect_int(alice.state.failures, 0);
}

TEST("an older code after a newer one is refused")
{
	struct person alice = enrolled();

	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, NOON - PERIOD), NOON),
	    VERDICT_REPLAYED);
}

TEST("the next step's code opens the door again")
{
	struct person alice = enrolled();

	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD), NOON + PERIOD),
	    VERDICT_ACCEPTED);
}

/* Found by search: this key has one code for two steps in a row. */
#define TWINS INT64_C(1862261040)

TEST("a code that two neighbouring steps share opens once in each")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, TWINS);

	expect_text(code_at(&alice, TWINS + PERIOD), code);
	expect_int(try(&alice, code, TWINS), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, TWINS + PERIOD), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, TWINS + PERIOD), VERDICT_REPLAYED);
}

TEST("a code that the next step shares does not open twice in one step")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, TWINS);

	expect_int(try(&alice, code, TWINS), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, TWINS + PERIOD - 1), VERDICT_REPLAYED);
}

TEST("a code that the step before shares does not open twice in one step")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, TWINS);

	expect_int(try(&alice, code, TWINS + PERIOD), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, TWINS + PERIOD), VERDICT_REPLAYED);
	expect_int(try(&alice, code, TWINS + 2 * PERIOD), VERDICT_REPLAYED);
}

TEST("a code spent in the step before is found right in this one")
{
	struct person alice = enrolled();
	uint64_t step = TWINS / PERIOD;

	alice.state.entries[0].spent = step + 1;
	expect_int(try(&alice, code_at(&alice, TWINS), TWINS + PERIOD),
	    VERDICT_ACCEPTED);
	expect_int(alice.state.entries[0].spent, step + 2);
}

TEST("the code that confirmed the enrolment cannot log in")
{
	struct person alice = nobody();
	struct authenticator phone = authenticator(PHONE, "phone");
	struct answer answer;
	uint64_t spent = 0;

	answer_read(code_of(&phone, NOON / PERIOD), &answer);
	expect_int(judge_confirmation(&alice.settings, &phone, &answer, 0, NOON,
		       &spent),
	    0);
	give(&alice, &phone, spent);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_REPLAYED);
}

TEST("a confirming code that the step before shares cannot log in either")
{
	struct person alice = nobody();
	struct authenticator phone = authenticator(PHONE, "phone");
	uint64_t spent = 0;
	struct answer answer;

	answer_read(code_of(&phone, TWINS / PERIOD), &answer);
	expect_int(judge_confirmation(&alice.settings, &phone, &answer, 0,
		       TWINS + PERIOD, &spent),
	    0);
	give(&alice, &phone, spent);
	expect_int(try(&alice, answer.code, TWINS + PERIOD), VERDICT_REPLAYED);
}

/* ---- window and time ---- */

TEST("the window takes one step either way, and not two")
{
	for (int off = -3; off <= 3; off++) {
		struct person alice = enrolled();
		int64_t at = NOON + off * PERIOD;
		bool inside = off >= -1 && off <= 1;

		expect_int(try(&alice, code_at(&alice, at), NOON),
		    inside ? VERDICT_ACCEPTED : VERDICT_WRONG);
	}
}

TEST("the window's setting is what is used")
{
	for (unsigned window = 0; window <= 2; window++)
		for (int off = -3; off <= 3; off++) {
			struct person alice = enrolled();
			int64_t at = NOON + off * PERIOD;
			bool inside = off >= -(int)window && off <= (int)window;

			alice.settings.window = window;
			expect_int(try(&alice, code_at(&alice, at), NOON),
			    inside ? VERDICT_ACCEPTED : VERDICT_WRONG);
		}
}

TEST("a step begins with its first second and ends with its last")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, NOON);

	alice.settings.window = 0;
	expect_int(try(&alice, code, NOON - 1), VERDICT_WRONG);
	expect_int(try(&alice, code, NOON + PERIOD), VERDICT_WRONG);
	expect_int(try(&alice, code, NOON + PERIOD - 1), VERDICT_CLOCK_BEHIND);
	alice = enrolled();
	alice.settings.window = 0;
	expect_int(try(&alice, code, NOON + PERIOD - 1), VERDICT_ACCEPTED);
}

TEST("an authenticator with steps of 60 seconds is judged by them")
{
	struct person alice = nobody();
	struct authenticator slow = authenticator(PHONE, "slow");

	slow.period = 60;
	give(&alice, &slow, 0);
	expect_int(try(&alice, code_of(&slow, NOON / 60), NOON + 59),
	    VERDICT_ACCEPTED);
}

TEST("SHA-256 and SHA-512 with seven and eight digits are judged alike")
{
	static const enum algorithm algorithms[] = { ALGORITHM_SHA256,
		ALGORITHM_SHA512 };

	for (unsigned i = 0; i < 2; i++) {
		struct person alice = nobody();
		struct authenticator phone = authenticator(PHONE, "phone");
		const char *code;

		phone.algorithm = algorithms[i];
		phone.digits = 7 + i;
		phone.key_len = algorithm_bytes(algorithms[i]);
		memcpy(phone.key, seed, phone.key_len);
		give(&alice, &phone, 0);
		code = code_at(&alice, NOON);
		expect_int(strlen(code), 7 + i);
		expect_int(try(&alice, code, NOON), VERDICT_ACCEPTED);
		expect_int(try(&alice, code, NOON), VERDICT_REPLAYED);
	}
}

TEST("codes are right beyond 2038, beyond 2106 and in 9999")
{
	static const int64_t times[] = { INT64_C(2147483648),
		INT64_C(4294967296), INT64_C(253402300799) };
	/* liboath counts to 4011 where time_t has 32 bits. */
	size_t count = sizeof(time_t) > 4 ? 3 : 2;

	for (size_t i = 0; i < count; i++) {
		struct person alice = enrolled();

		expect_int(try(&alice, code_at(&alice, times[i]), times[i]),
		    VERDICT_ACCEPTED);
		expect_int(try(&alice, code_at(&alice, times[i]), times[i]),
		    VERDICT_REPLAYED);
	}
}

TEST("a leap second repeats a second and neither loses nor doubles a code")
{
	struct person alice = enrolled();
	const char *code = code_at(&alice, NOON);

	expect_int(try(&alice, code, NOON + 1), VERDICT_ACCEPTED);
	expect_int(try(&alice, code, NOON), VERDICT_REPLAYED);
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD), NOON),
	    VERDICT_ACCEPTED);
}

/* ---- a clock that is behind ---- */

TEST("before 1970, in 1970 and before the release every code is refused")
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 1,
		RELEASE_TIME - 1 };

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		struct person alice = enrolled();
		int64_t at = times[i] > 0 ? times[i] : 0;

		alice.record.created = 0;
		alice.record.authenticators[0].created = 0;
		expect_int(try(&alice, code_at(&alice, at), times[i]),
		    VERDICT_CLOCK_BEHIND);
		expect_int(alice.state.failures, 0);
		expect_int(alice.state.last_attempt, 0);
	}
}

TEST("a clock set back behind the last attempt is noticed, and not counted")
{
	struct person alice = enrolled();
	int64_t back = NOON - 600;

	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, back), back),
	    VERDICT_CLOCK_BEHIND);
	expect_int(try(&alice, wrong_code(&alice, back), back),
	    VERDICT_CLOCK_BEHIND);
	expect_int(alice.state.failures, 0);
	expect_int(alice.state.last_attempt, NOON);
}

TEST("a clock stepped back by less than the window goes unremarked")
{
	struct person alice = enrolled();

	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD), NOON - PERIOD),
	    VERDICT_WRONG);
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD),
		       NOON - PERIOD - 1),
	    VERDICT_CLOCK_BEHIND);
}

TEST("a clock before the enrolment is behind")
{
	struct person alice = enrolled();
	int64_t before = alice.record.authenticators[0].created - 3600;

	expect_int(try(&alice, code_at(&alice, before), before),
	    VERDICT_CLOCK_BEHIND);
}

TEST("a clock that ran ahead and came back refuses until it catches up")
{
	struct person alice = enrolled();
	int64_t ahead = NOON + 86400;

	expect_int(try(&alice, code_at(&alice, ahead), ahead),
	    VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, NOON), NOON),
	    VERDICT_CLOCK_BEHIND);
	expect_int(try(&alice, code_at(&alice, ahead + 60), ahead + 60),
	    VERDICT_ACCEPTED);
}

TEST("a recovery code works while the clock is behind")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	alice.state.last_attempt = NOON;
	expect_int(try(&alice, recovery(1), NOON - 86400),
	    VERDICT_ACCEPTED_RECOVERY);
	expect_int(try(&alice, recovery(1), NOON - 86400), VERDICT_REPLAYED);
}

TEST(
    "a recovery code that is nobody's is not counted while the clock is behind")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	alice.state.last_attempt = NOON;
	expect_int(try(&alice, recovery(20), NOON - 86400),
	    VERDICT_CLOCK_BEHIND);
	expect_int(alice.state.failures, 0);
	expect_int(try(&alice, recovery(20), NOON), VERDICT_WRONG);
	expect_int(alice.state.failures, 1);
}

TEST("a recovery code used before 1970 is spent in what is written, too")
{
	struct person alice = enrolled();
	uint8_t bytes[STATE_BODY_BYTES];
	struct state read;

	give_recovery(&alice);
	expect_int(try(&alice, recovery(1), -86400), VERDICT_ACCEPTED_RECOVERY);
	state_format(&alice.state, bytes);
	expect_int(state_parse(bytes, &read), 0);
	expect_int(state_find(&read, SET)->spent, 1);
}

TEST("a clock that is behind neither ends nor shortens a wait")
{
	struct person alice = enrolled();
	int64_t until;

	fail_times(&alice, 5, NOON);
	until = alice.state.wait_until;
	expect_int(until, NOON + 30);
	expect_int(try(&alice, code_at(&alice, 0), 0), VERDICT_CLOCK_BEHIND);
	expect_int(alice.state.wait_until, until);
	expect_int(alice.last.wait, 0); /* which nobody can tell */
}

/* ---- counters ---- */

TEST("a counter's code opens once, and the next one after it")
{
	struct person alice = with_card(0);
	const struct authenticator *card = &alice.record.authenticators[0];

	expect_int(try(&alice, code_of(card, 0), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_of(card, 0), NOON), VERDICT_REPLAYED);
	expect_int(try(&alice, code_of(card, 1), NOON), VERDICT_ACCEPTED);
	expect_int(alice.state.entries[0].spent, 2);
}

TEST("the look-ahead takes ten counters ahead and not eleven")
{
	struct person alice = with_card(100);
	const struct authenticator *card = &alice.record.authenticators[0];

	expect_int(try(&alice, code_of(card, 111), NOON), VERDICT_WRONG);
	expect_int(alice.state.entries[0].spent, 100);
	expect_int(try(&alice, code_of(card, 110), NOON), VERDICT_ACCEPTED);
	expect_int(alice.state.entries[0].spent, 111);
	expect_int(try(&alice, code_of(card, 105), NOON), VERDICT_REPLAYED);
}

TEST("a wrong code never moves the counter")
{
	struct person alice = with_card(50);
	const struct authenticator *card = &alice.record.authenticators[0];

	for (uint64_t far = 100; far < 104; far++)
		expect_int(try(&alice, code_of(card, far), NOON),
		    VERDICT_WRONG);
	expect_int(alice.state.entries[0].spent, 50);
}

TEST("a counter's code that a later counter shares is a replay")
{
	struct person alice = with_card(2386);
	const struct authenticator *card = &alice.record.authenticators[0];

	expect_text(code_of(card, 2386), code_of(card, 2394));
	expect_int(try(&alice, code_of(card, 2386), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, code_of(card, 2386), NOON), VERDICT_REPLAYED);
}

TEST("a counter at the end of its range refuses and does not wrap")
{
	struct person alice = with_card(UINT64_MAX - 3);

	expect(try(&alice, "000000", NOON) != VERDICT_ACCEPTED);
	expect_int(alice.state.entries[0].spent, UINT64_MAX - 3);
}

/* ---- several authenticators ---- */

TEST("any of several authenticators opens, each with its own replay")
{
	struct person alice = enrolled();
	struct authenticator second = authenticator(7, "second");

	second.key[0] ^= 1;
	give(&alice, &second, 0);
	expect_int(try(&alice, code_of(&second, NOON / PERIOD), NOON),
	    VERDICT_ACCEPTED);
	expect_text(alice.last.authenticator, "second");
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_text(alice.last.authenticator, "phone");
	expect_int(try(&alice, code_of(&second, NOON / PERIOD), NOON),
	    VERDICT_REPLAYED);
}

TEST("a code that two authenticators share opens once")
{
	struct person alice = enrolled();
	struct authenticator twin = authenticator(7, "twin");
	const char *code = code_at(&alice, NOON);

	give(&alice, &twin, 0);
	expect_int(try(&alice, code, NOON), VERDICT_ACCEPTED);
	expect_text(alice.last.authenticator, "phone");
	expect_int(state_find(&alice.state, PHONE)->used, NOON);
	expect_int(state_find(&alice.state, 7)->used, 0);
	expect_int(try(&alice, code, NOON), VERDICT_REPLAYED);
}

TEST("what stands in memory behind the last authenticator is nobody's")
{
	struct person alice = enrolled();
	struct authenticator gone = authenticator(CARD, "gone");

	give_recovery(&alice);
	gone.digits = 8;
	gone.created = NOON + 86400;
	alice.record.authenticators[1] = gone;
	expect_int(try(&alice, code_of(&gone, NOON / PERIOD), NOON),
	    VERDICT_MALFORMED);
	gone.digits = 6;
	gone.key[0] ^= 1;
	alice.record.authenticators[1] = gone;
	expect_int(try(&alice, code_of(&gone, NOON / PERIOD + 20), NOON),
	    VERDICT_WRONG);
	expect(!alice.last.drifted);
	expect_int(try(&alice, recovery(1), NOON), VERDICT_ACCEPTED_RECOVERY);
}

TEST("an authenticator that no code can be computed of tells nothing")
{
	struct person alice = enrolled();
	struct state before = alice.state;
	struct answer answer;
	uint64_t spent = 7;

	alice.record.authenticators[0].key_len = 0;
	expect_int(try(&alice, "755224", NOON), VERDICT_CANNOT_TELL);
	expect_int(alice.state.failures, 0);
	expect_int(state_find(&alice.state, PHONE)->spent,
	    state_find(&before, PHONE)->spent);
	answer_read("755224", &answer);
	expect(
	    judge_confirmation(&alice.settings, &alice.record.authenticators[0],
		&answer, 0, NOON, &spent) < 0);
	expect_int(spent, 7);
}

TEST("a card whose counters are all spent does not keep a phone out")
{
	struct authenticator card = authenticator(CARD, "card");
	static const uint64_t ends[] = { INT64_MAX - 3, INT64_MAX, UINT64_MAX };

	card.kind = AUTHENTICATOR_HOTP;
	card.period = 0;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct person alice = enrolled();

		give(&alice, &card, ends[i]);
		expect_int(try(&alice, wrong_code(&alice, NOON), NOON),
		    VERDICT_WRONG);
		expect_int(try(&alice, code_at(&alice, NOON), NOON),
		    VERDICT_ACCEPTED);
	}
}

TEST("authenticators with other numbers of digits stand side by side")
{
	struct person alice = enrolled();
	struct authenticator eight = authenticator(8, "eight");

	eight.digits = 8;
	give(&alice, &eight, 0);
	expect_int(try(&alice, code_of(&eight, NOON / PERIOD), NOON),
	    VERDICT_ACCEPTED);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(try(&alice, "1234567", NOON), VERDICT_MALFORMED);
}

TEST("another user's code is a wrong code")
{
	struct person alice = enrolled();
	struct authenticator bobs = authenticator(3, "bob's");

	bobs.key[5] ^= 0x55;
	expect_int(try(&alice, code_of(&bobs, NOON / PERIOD), NOON),
	    VERDICT_WRONG);
}

/* ---- what is not a code ---- */

TEST("malformed answers are refused and never counted")
{
	static const char *const texts[] = { "", "12345", "1234567",
		"123456789", "secret", "+12345", "-1234 5", "0x1234", "1e5000",
		"12345.", "12 34",
		"\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6", "\xff\xfe",
		"\x1b[31m", "123456\v", "123a56" };
	struct person alice = enrolled();

	for (int round = 0; round < 7000; round++)
		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			expect_int(try(&alice, texts[i], NOON),
			    VERDICT_MALFORMED);
	expect_int(alice.state.failures, 0);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
}

TEST("what sshd types for a blocked login is told apart and not counted")
{
	struct person alice = enrolled();

	expect_int(try(&alice, "\b\n\r\177INCORRECT\b\n\r\177INC", NOON),
	    VERDICT_CALLER_BLOCKED);
	expect_int(alice.state.failures, 0);
}

TEST("who is not enrolled has no right code")
{
	struct settings settings = settings_default;
	struct state state = { .uid = 1000 };
	struct judgement judgement;
	struct answer answer;

	answer_read("755224", &answer);
	judge(&settings, NULL, &state, &answer, NOON, &judgement);
	expect_int(judgement.verdict, VERDICT_NOT_ENROLLED);
	expect_int(state.failures, 0);
}

TEST("an authenticator the state does not know denies and changes nothing")
{
	struct person alice = enrolled();
	struct authenticator stranger = authenticator(77, "stranger");
	struct state before = alice.state;

	expect_int(record_add(&alice.record, &stranger), 0);
	expect_int(try(&alice, code_at(&alice, NOON), NOON),
	    VERDICT_CANNOT_TELL);
	expect_bytes(&alice.state, &before, sizeof before);
}

TEST("a recovery set the state does not know denies")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	state_drop(&alice.state, SET);
	expect_int(try(&alice, recovery(1), NOON), VERDICT_CANNOT_TELL);
}

TEST("a state of another uid denies")
{
	struct person alice = enrolled();

	alice.state.uid = 1001;
	expect_int(try(&alice, code_at(&alice, NOON), NOON),
	    VERDICT_CANNOT_TELL);
}

/* ---- failures, waits, disabling ---- */

TEST("five wrong codes are free, and after them a wait of 30 seconds binds")
{
	struct person alice = enrolled();

	for (int i = 0; i < 5; i++)
		expect_int(try(&alice, wrong_code(&alice, NOON), NOON),
		    VERDICT_WRONG);
	expect_int(alice.last.wait, 30);
	expect_int(try(&alice, code_at(&alice, NOON), NOON + 29),
	    VERDICT_WAITING);
	expect_int(try(&alice, code_at(&alice, NOON + 30), NOON + 30),
	    VERDICT_ACCEPTED);
}

TEST("four wrong codes cost nothing")
{
	struct person alice = enrolled();

	fail_times(&alice, 4, NOON);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_ACCEPTED);
	expect_int(alice.last.failures, 4);
}

TEST("waits double up to an hour")
{
	static const int64_t waits[] = { 30, 60, 120, 240, 480, 960, 1920, 3600,
		3600, 3600 };
	struct person alice = enrolled();
	int64_t now = NOON;

	fail_times(&alice, 4, now);
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		expect_int(try(&alice, wrong_code(&alice, now), now),
		    VERDICT_WRONG);
		expect_int(alice.last.wait, waits[i]);
		now += waits[i];
	}
}

TEST("a wrong code during a wait counts, a right one does not open or count")
{
	struct person alice = enrolled();

	fail_times(&alice, 5, NOON);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_WAITING);
	expect_int(alice.state.failures, 5);
	expect_int(try(&alice, wrong_code(&alice, NOON), NOON),
	    VERDICT_WAITING);
	expect_int(alice.state.failures, 6);
}

TEST("a code refused because of a wait is not spent by that")
{
	struct person alice = enrolled();
	const char *code;

	fail_times(&alice, 5, NOON);
	code = code_at(&alice, NOON + 30);
	expect_int(try(&alice, code, NOON + 29), VERDICT_WAITING);
	expect_int(try(&alice, code, NOON + 30), VERDICT_ACCEPTED);
}

TEST("success forgets the failures")
{
	struct person alice = enrolled();

	fail_times(&alice, 4, NOON);
	try(&alice, code_at(&alice, NOON), NOON);
	expect_int(alice.state.failures, 0);
	expect_int(alice.last.failures, 4);
	fail_times(&alice, 4, NOON + 60);
	expect_int(try(&alice, code_at(&alice, NOON + 60), NOON + 60),
	    VERDICT_ACCEPTED);
}

TEST("99 failures and then a right code opens")
{
	struct person alice = enrolled();

	fail_times(&alice, 99, NOON);
	expect_int(alice.state.failures, 99);
	expect_int(try(&alice, code_at(&alice, NOON + 3600), NOON + 3600),
	    VERDICT_ACCEPTED);
}

TEST("the hundredth failure disables codes for good, and says so once")
{
	struct person alice = enrolled();
	int64_t much_later = NOON + 86400 * 365;

	fail_times(&alice, 99, NOON);
	expect(!alice.last.caused_disable);
	fail_times(&alice, 1, NOON);
	expect(alice.last.caused_disable);
	fail_times(&alice, 1, NOON);
	expect(!alice.last.caused_disable);
	expect_int(try(&alice, code_at(&alice, much_later), much_later),
	    VERDICT_DISABLED);
	expect_int(try(&alice, wrong_code(&alice, much_later), much_later),
	    VERDICT_DISABLED);
}

TEST("a site may disable earlier")
{
	struct person alice = enrolled();

	alice.settings.disable_after = 7;
	fail_times(&alice, 7, NOON);
	expect_int(try(&alice, code_at(&alice, NOON + 7200), NOON + 7200),
	    VERDICT_DISABLED);
}

TEST("a wait stored far ahead is cut to an hour")
{
	struct person alice = enrolled();

	alice.state.failures = 5;
	alice.state.wait_until = NOON + INT64_C(86400) * 3650;
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_WAITING);
	expect_int(alice.state.wait_until, NOON + 3600);
	expect_int(try(&alice, code_at(&alice, NOON + 3600), NOON + 3600),
	    VERDICT_ACCEPTED);
}

TEST("the count of failures stops at its top")
{
	struct person alice = enrolled();

	alice.state.failures = UINT32_MAX;
	expect_int(try(&alice, wrong_code(&alice, NOON), NOON),
	    VERDICT_DISABLED);
	expect_int(alice.state.failures, UINT32_MAX);
}

/* ---- recovery codes ---- */

TEST("a recovery code opens once")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	expect_int(try(&alice, recovery(3), NOON), VERDICT_ACCEPTED_RECOVERY);
	expect_int(alice.last.recovery_left, 9);
	expect_int(try(&alice, recovery(3), NOON), VERDICT_REPLAYED);
	expect_int(try(&alice, recovery(4), NOON), VERDICT_ACCEPTED_RECOVERY);
	expect_int(alice.last.recovery_left, 8);
}

TEST("a recovery code may be typed in any of its spellings, and opens once")
{
	struct person alice = enrolled();
	const char *shown = recovery(5);
	char other[64] = "  ";

	give_recovery(&alice);
	for (size_t i = 0, n = 2; shown[i] != '\0'; i++) {
		char c = shown[i];

		if (c == '-')
			other[n++] = ' ';
		else if (c == '1')
			other[n++] = i % 2 ? 'l' : 'I';
		else if (c == '0')
			other[n++] = 'o';
		else
			other[n++] = (char)(c >= 'A' ? c - 'A' + 'a' : c);
	}
	expect_int(try(&alice, other, NOON), VERDICT_ACCEPTED_RECOVERY);
	expect_int(try(&alice, shown, NOON), VERDICT_REPLAYED);
}

TEST("a mistyped recovery code is malformed, and not counted")
{
	struct person alice = enrolled();
	char text[RECOVERY_TEXT_SIZE];

	give_recovery(&alice);
	strcpy(text, recovery(6));
	text[2] = text[2] == 'A' ? 'B' : 'A';
	expect_int(try(&alice, text, NOON), VERDICT_MALFORMED);
	expect_int(alice.state.failures, 0);
}

TEST("a well-formed recovery code that is nobody's counts as a guess")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	expect_int(try(&alice, recovery(200), NOON), VERDICT_WRONG);
	expect_int(alice.state.failures, 1);
}

TEST("a recovery code opens while codes wait or are disabled, and ends both")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	fail_times(&alice, 150, NOON);
	expect_int(try(&alice, recovery(1), NOON), VERDICT_ACCEPTED_RECOVERY);
	expect_int(alice.state.failures, 0);
	expect_int(alice.last.wait, 0);
	expect_int(try(&alice, code_at(&alice, NOON + 90), NOON + 90),
	    VERDICT_ACCEPTED);
}

TEST("using a recovery code spends the codes of the window")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	expect_int(try(&alice, recovery(1), NOON), VERDICT_ACCEPTED_RECOVERY);
	for (int off = -1; off <= 1; off++)
		expect_int(try(&alice, code_at(&alice, NOON + off * PERIOD),
			       NOON),
		    VERDICT_REPLAYED);
	expect_int(try(&alice, code_at(&alice, NOON + 2 * PERIOD),
		       NOON + 2 * PERIOD),
	    VERDICT_ACCEPTED);
}

TEST("a recovery code without a recovery set is a wrong guess")
{
	struct person alice = enrolled();

	expect_int(try(&alice, recovery(1), NOON), VERDICT_WRONG);
	expect_int(alice.last.recovery_left, 0);
}

/* ---- drift, for the log ---- */

TEST("a phone that is ten minutes ahead is recognised, and refused")
{
	struct person alice = enrolled();

	expect_int(try(&alice, code_at(&alice, NOON + 600), NOON),
	    VERDICT_WRONG);
	expect(alice.last.drifted);
	expect_int(alice.last.drift, 600);
	expect_text(alice.last.authenticator, "phone");
	expect_int(try(&alice, code_at(&alice, NOON - 1800), NOON),
	    VERDICT_WRONG);
	expect_int(alice.last.drift, -1800);
}

TEST("without a window, drift of one step is drift")
{
	struct person alice = enrolled();

	alice.settings.window = 0;
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD), NOON),
	    VERDICT_WRONG);
	expect(alice.last.drifted);
	expect_int(alice.last.drift, PERIOD);
}

TEST("a code that is right at no time within an hour has no drift")
{
	struct person alice = enrolled();

	expect_int(try(&alice, wrong_code(&alice, NOON), NOON), VERDICT_WRONG);
	expect(!alice.last.drifted);
}

/* ---- who is asked ---- */

TEST("only who is exempt, or not enrolled where that is optional, passes")
{
	struct settings settings = settings_default;

	expect_int(judge_passage(&settings, false, false, NOON), PASSAGE_ASK);
	expect_int(judge_passage(&settings, false, true, NOON), PASSAGE_ASK);
	expect_int(judge_passage(&settings, true, true, NOON), PASSAGE_EXEMPT);
	settings.enrolment = ENROLMENT_OPTIONAL;
	expect_int(judge_passage(&settings, false, true, NOON), PASSAGE_ASK);
	expect_int(judge_passage(&settings, false, false, NOON),
	    PASSAGE_UNENROLLED);
}

/* ---- an offer ---- */

/* Until a quarter of a day after noon. */
static struct settings
offering(void)
{
	struct settings settings = settings_default;

	settings.enrolment = ENROLMENT_OFFERED;
	settings.enrol_by = NOON + 6 * 60 * 60;
	return settings;
}

TEST("an offer lets who is not enrolled on to it, and nobody else")
{
	struct settings settings = offering();

	expect_int(judge_passage(&settings, false, false, NOON),
	    PASSAGE_OFFERED);
	expect_int(judge_passage(&settings, false, true, NOON), PASSAGE_ASK);
	expect_int(judge_passage(&settings, true, false, NOON), PASSAGE_EXEMPT);
	settings.enrol_by = 0;
	expect_int(judge_passage(&settings, false, false, NOON),
	    PASSAGE_OFFERED);
	expect_int(judge_passage(&settings, false, false, -1), PASSAGE_OFFERED);
}

TEST("an offer ends to the second, and a clock put back does not renew it")
{
	struct settings settings = offering();
	int64_t end = (int64_t)settings.enrol_by;

	expect_int(judge_passage(&settings, false, false, end - 1),
	    PASSAGE_OFFERED);
	expect_int(judge_passage(&settings, false, false, end), PASSAGE_ASK);
	expect_int(judge_passage(&settings, false, false, RELEASE_TIME),
	    PASSAGE_OFFERED);
	expect_int(judge_passage(&settings, false, false, RELEASE_TIME - 1),
	    PASSAGE_ASK);
	expect_int(judge_passage(&settings, false, false, -1), PASSAGE_ASK);
}

TEST("an offer with an end can be put off for the days that are left")
{
	struct settings settings = offering();
	int64_t end = (int64_t)settings.enrol_by;
	unsigned days = 7;

	expect(judge_postponing(&settings, end - 1, &days));
	expect_int(days, 1);
	expect(judge_postponing(&settings, end - 24 * 60 * 60, &days));
	expect_int(days, 1);
	expect(judge_postponing(&settings, end - 24 * 60 * 60 - 1, &days));
	expect_int(days, 2);
	days = 7;
	expect(!judge_postponing(&settings, end, &days));
	settings.enrol_by = 0;
	expect(!judge_postponing(&settings, NOON, &days));
	settings = offering();
	settings.enrolment = ENROLMENT_OPTIONAL;
	expect(!judge_postponing(&settings, NOON, &days));
	expect_int(days, 7);
}

TEST("a login is proof for a first enrolment, while that is offered")
{
	struct settings settings = offering();
	const struct proof login = { .kind = PROOF_LOGIN };
	const struct invitation none = { .id = 0 };
	int64_t end = (int64_t)settings.enrol_by;

	expect_int(judge_proof(&settings, "alice", NULL, &none, &login, NOON),
	    CHANGE_DONE);
	expect_int(judge_proof(&settings, "alice", NULL, &none, &login, end),
	    CHANGE_NEEDS_INVITATION);
	settings.enrolment = ENROLMENT_OPTIONAL;
	expect_int(judge_proof(&settings, "alice", NULL, &none, &login, NOON),
	    CHANGE_NEEDS_INVITATION);
	settings.enrolment = ENROLMENT_REQUIRED;
	settings.self_enrolment = SELF_ENROLMENT_YES;
	expect_int(judge_proof(&settings, "alice", NULL, &none, &login, NOON),
	    CHANGE_NEEDS_PASSWORD);
}

TEST("where a login comes from lets known users pass, if the settings say so")
{
	const struct origin inside = { "192.0.2.7", NULL };
	const struct origin token = { "203.0.113.9", "sk-of-a-test" };
	const struct origin both = { "192.0.2.7", "sk-of-a-test" };
	struct settings settings = settings_default;

	expect_int(judge_origin(&settings, &both, true), PASSAGE_ASK);
	strcpy(settings.exempt_networks, "192.0.2.0/24");
	expect_int(judge_origin(&settings, &inside, true), PASSAGE_NETWORK);
	expect_int(judge_origin(&settings, &token, true), PASSAGE_ASK);
	settings.exempt_keys = EXEMPT_KEYS_SK;
	expect_int(judge_origin(&settings, &token, true), PASSAGE_KEY);
	expect_int(judge_origin(&settings, &both, true), PASSAGE_NETWORK);
	expect_int(judge_origin(&settings, &both, false), PASSAGE_ASK);
	strcpy(settings.exempt_networks, "");
	expect_int(judge_origin(&settings, &inside, true), PASSAGE_ASK);
}

/* ---- confirming an enrolment ---- */

TEST("a confirmation takes a right code and says what is spent by it")
{
	struct settings settings = settings_default;
	struct authenticator phone = authenticator(PHONE, "phone");
	struct answer answer;
	uint64_t spent = 0;

	answer_read(code_of(&phone, NOON / PERIOD + 1), &answer);
	expect_int(judge_confirmation(&settings, &phone, &answer, 0, NOON,
		       &spent),
	    0);
	expect_int(spent, NOON / PERIOD + 2);
}

TEST("a confirmation refuses a wrong code, a recovery code and nonsense")
{
	struct settings settings = settings_default;
	struct authenticator phone = authenticator(PHONE, "phone");
	const char *const texts[] = { code_of(&phone, NOON / PERIOD + 5),
		recovery(1), "", "hello" };
	uint64_t spent = 42;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct answer answer;

		answer_read(texts[i], &answer);
		expect_int(judge_confirmation(&settings, &phone, &answer, 0,
			       NOON, &spent),
		    ERR_INPUT);
	}
	expect_int(spent, 42);
}

TEST("a counter's confirmation looks ahead from where the counter stands")
{
	struct settings settings = settings_default;
	struct authenticator card = authenticator(CARD, "card");
	struct answer answer;
	uint64_t spent = 0;

	card.kind = AUTHENTICATOR_HOTP;
	card.period = 0;
	answer_read(code_of(&card, 4), &answer);
	expect_int(judge_confirmation(&settings, &card, &answer, 0, NOON,
		       &spent),
	    0);
	expect_int(spent, 5);
	expect_int(judge_confirmation(&settings, &card, &answer, 5, NOON,
		       &spent),
	    ERR_INPUT);
}

/* ---- passwords ---- */

/* The settings with these choices for breached passwords. */
static struct settings
choosing(enum at_change at_change, enum when_missing when_missing)
{
	struct settings settings = settings_default;

	settings.breach_at_change = at_change;
	settings.breach_when_missing = when_missing;
	return settings;
}

/* A new password that was seen so often, on a user's own behalf. */
static enum fitness
choose_seen(const struct settings *settings, uint32_t seen)
{
	return judge_new_password(settings, true, seen, false);
}

TEST("a password counts as breached from so many times on, as the site says")
{
	struct settings settings = settings_default;

	expect(!judge_breached(&settings, 0));
	expect(judge_breached(&settings, 1));
	settings.breach_min_count = 10;
	expect(!judge_breached(&settings, 9));
	expect(judge_breached(&settings, 10));
	expect(judge_breached(&settings, UINT32_MAX));
	settings.breach_min_count = 0; /* no file can say so */
	expect(!judge_breached(&settings, 0));
}

TEST("a new password that is breached is refused, warned of or logged")
{
	struct settings deny = choosing(AT_CHANGE_DENY, WHEN_MISSING_DENY);
	struct settings warn = choosing(AT_CHANGE_WARN, WHEN_MISSING_DENY);
	struct settings log = choosing(AT_CHANGE_LOG, WHEN_MISSING_DENY);
	struct settings bent = choosing(77, 77);

	expect_int(choose_seen(&deny, 1), FITNESS_REFUSED);
	expect_int(choose_seen(&warn, 1), FITNESS_WARNED);
	expect_int(choose_seen(&log, 1), FITNESS_LOGGED);
	expect_int(choose_seen(&bent, 1), FITNESS_REFUSED);
	expect_int(choose_seen(&deny, 0), FITNESS_CLEAN);
	expect_int(choose_seen(&warn, 0), FITNESS_CLEAN);
	expect_int(choose_seen(&log, 0), FITNESS_CLEAN);
	deny.breach_min_count = 2;
	expect_int(choose_seen(&deny, 1), FITNESS_CLEAN);
	expect_int(choose_seen(&deny, 2), FITNESS_REFUSED);
}

TEST("root is only warned of a breached password, unless that is enforced")
{
	struct settings deny = choosing(AT_CHANGE_DENY, WHEN_MISSING_DENY);
	struct settings log = choosing(AT_CHANGE_LOG, WHEN_MISSING_DENY);

	expect_int(judge_new_password(&deny, true, 1, true), FITNESS_WARNED);
	expect_int(judge_new_password(&log, true, 1, true), FITNESS_LOGGED);
	expect_int(judge_new_password(&deny, true, 0, true), FITNESS_CLEAN);
	deny.enforce_for_root = true;
	expect_int(judge_new_password(&deny, true, 1, true), FITNESS_REFUSED);
	expect_int(judge_new_password(&deny, true, 0, true), FITNESS_CLEAN);
}

TEST("where no list can tell, a new password is refused or taken unchecked")
{
	struct settings deny = choosing(AT_CHANGE_DENY, WHEN_MISSING_DENY);
	struct settings allow = choosing(AT_CHANGE_DENY, WHEN_MISSING_ALLOW);
	struct settings bent = choosing(AT_CHANGE_DENY, 77);

	for (uint32_t seen = 0; seen < 2; seen++) {
		expect_int(judge_new_password(&deny, false, seen, false),
		    FITNESS_UNKNOWN);
		expect_int(judge_new_password(&allow, false, seen, false),
		    FITNESS_UNCHECKED);
		expect_int(judge_new_password(&bent, false, seen, false),
		    FITNESS_UNKNOWN);
	}
}

TEST("not knowing refuses nobody who would be granted a breached password")
{
	struct settings deny = choosing(AT_CHANGE_DENY, WHEN_MISSING_DENY);
	struct settings warn = choosing(AT_CHANGE_WARN, WHEN_MISSING_DENY);
	struct settings log = choosing(AT_CHANGE_LOG, WHEN_MISSING_DENY);

	expect_int(judge_new_password(&deny, false, 0, true),
	    FITNESS_UNCHECKED);
	expect_int(judge_new_password(&warn, false, 0, false),
	    FITNESS_UNCHECKED);
	expect_int(judge_new_password(&log, false, 0, false),
	    FITNESS_UNCHECKED);
	deny.enforce_for_root = true;
	expect_int(judge_new_password(&deny, false, 0, true), FITNESS_UNKNOWN);
}

TEST("a login with a breached password comes to what the site says")
{
	static const struct {
		uint64_t choice;
		enum aftermath changeable, fixed;
	} rows[] = {
		{ AT_LOGIN_IGNORE, AFTERMATH_NONE, AFTERMATH_NONE },
		{ AT_LOGIN_LOG, AFTERMATH_LOGGED, AFTERMATH_LOGGED },
		{ AT_LOGIN_WARN, AFTERMATH_WARNED, AFTERMATH_WARNED },
		{ AT_LOGIN_CHANGE, AFTERMATH_CHANGE, AFTERMATH_POSTPONED },
		{ AT_LOGIN_DENY, AFTERMATH_REFUSED, AFTERMATH_REFUSED },
		{ 77, AFTERMATH_REFUSED, AFTERMATH_REFUSED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct settings settings = settings_default;

		settings.breach_at_login = rows[i].choice;
		expect_int(judge_breached_login(&settings, true),
		    rows[i].changeable);
		expect_int(judge_breached_login(&settings, false),
		    rows[i].fixed);
	}
}

/* ---- a bypass ---- */

enum { BYPASS = 8, BYPASS_CODE = 77 };

/* Good for an hour. */
static void
give_bypass(struct person *person)
{
	struct bypass *bypass = &person->record.bypass;
	uint8_t code[RECOVERY_BYTES];

	bypass->id = BYPASS;
	bypass->created = NOON;
	bypass->expires = NOON + 3600;
	memset(bypass->key, 5, sizeof bypass->key);
	memset(code, BYPASS_CODE, sizeof code);
	recovery_hash(bypass->key, code, bypass->hash);
	expect_int(state_add(&person->state, BYPASS, 0), 0);
}

TEST("a bypass opens the door once")
{
	struct person alice = enrolled();

	give_recovery(&alice);
	give_bypass(&alice);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON + 60),
	    VERDICT_ACCEPTED_BYPASS);
	expect_text(alice.last.authenticator, "");
	expect_int(alice.last.recovery_left, RECOVERY_CODES);
	expect_int(alice.state.last_success, NOON + 60);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON + 61),
	    VERDICT_REPLAYED);
	expect_int(alice.state.failures, 0);
}

TEST("a bypass opens until its last second, and is then a wrong code")
{
	struct person alice = enrolled(), bob = enrolled();

	give_bypass(&alice);
	give_bypass(&bob);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON + 3599),
	    VERDICT_ACCEPTED_BYPASS);
	expect_int(try(&bob, recovery(BYPASS_CODE), NOON + 3600),
	    VERDICT_WRONG);
	expect_int(bob.state.failures, 1);
	expect_int(state_find(&bob.state, BYPASS)->spent, 0);
}

TEST("a bypass that is over does not open where the clock is set back")
{
	struct person alice = enrolled(), bob = enrolled();

	give_bypass(&alice);
	expect_int(try(&alice, "1", NOON + 4000), VERDICT_MALFORMED);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON + 60),
	    VERDICT_CLOCK_BEHIND);
	expect_int(alice.state.failures, 0);
	give_bypass(&bob); /* given out after this time */
	expect_int(try(&bob, recovery(BYPASS_CODE), NOON - 3600),
	    VERDICT_CLOCK_BEHIND);
}

TEST("a bypass opens through a wait and a disabling, and clears them")
{
	struct person alice = enrolled();

	give_bypass(&alice);
	fail_times(&alice, 120, NOON);
	expect_int(try(&alice, code_at(&alice, NOON), NOON), VERDICT_DISABLED);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON),
	    VERDICT_ACCEPTED_BYPASS);
	expect_int(alice.state.failures, 0);
}

TEST("using a bypass spends the codes of the window")
{
	struct person alice = enrolled();

	give_bypass(&alice);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON),
	    VERDICT_ACCEPTED_BYPASS);
	expect_int(try(&alice, code_at(&alice, NOON + PERIOD), NOON),
	    VERDICT_REPLAYED);
	expect_int(try(&alice, code_at(&alice, NOON + 60), NOON + 60),
	    VERDICT_ACCEPTED);
}

TEST("where there is no bypass, none opens; and one bit makes another code")
{
	struct person alice = enrolled();
	uint8_t code[RECOVERY_BYTES];
	char text[RECOVERY_TEXT_SIZE];

	expect_int(try(&alice, recovery(BYPASS_CODE), NOON), VERDICT_WRONG);
	give_bypass(&alice);
	alice.settings.free_tries = 20;
	for (unsigned bit = 0; bit < 8 * RECOVERY_BYTES; bit++) {
		memset(code, BYPASS_CODE, sizeof code);
		code[bit / 8] ^= (uint8_t)(1 << bit % 8);
		alice.state.failures = 0;
		if (recovery_show(code, text) == 0)
			expect_int(try(&alice, text, NOON), VERDICT_WRONG);
	}
	alice.record.bypass.id = 0;
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON), VERDICT_WRONG);
}

TEST("a bypass that the state does not know is damage")
{
	struct person alice = enrolled();

	give_bypass(&alice);
	state_drop(&alice.state, BYPASS);
	expect_int(try(&alice, recovery(BYPASS_CODE), NOON),
	    VERDICT_CANNOT_TELL);
	expect_int(try(&alice, code_at(&alice, NOON), NOON),
	    VERDICT_CANNOT_TELL);
}
