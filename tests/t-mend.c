/* What an administrator sets right: never does it open again what may have
 * been used. */
#include "answer.h"
#include "err.h"
#include "mend.h"
#include "policy.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC, a step's start */

enum { DAY = 24 * 60 * 60, PHONE = 1, TOKEN = 2, SET = 9, BYPASS = 8 };

/* One user, with a phone and a token that has counted to 100. */
struct person {
	struct settings settings;
	struct record record;
	struct state state;
};

static struct authenticator
authenticator(uint64_t id, enum authenticator_kind kind, const char *name)
{
	struct authenticator a = { .id = id,
		.kind = kind,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = kind == AUTHENTICATOR_TOTP ? 30 : 0,
		.created = NOON - DAY,
		.key_len = 20 };

	snprintf(a.name, sizeof a.name, "%s", name);
	memset(a.key, (int)id, a.key_len);
	return a;
}

static struct person
nobody(void)
{
	struct person person = { .settings = settings_default };

	person.record.uid = person.state.uid = 1000;
	person.record.created = NOON - DAY;
	strcpy(person.record.user, "alice");
	return person;
}

static void
give(struct person *person, const struct authenticator *a, uint64_t spent)
{
	expect_int(record_add(&person->record, a), 0);
	expect_int(state_add(&person->state, a->id, spent), 0);
}

static struct person
alice(void)
{
	struct person person = nobody();
	struct authenticator phone =
	    authenticator(PHONE, AUTHENTICATOR_TOTP, "phone");
	struct authenticator token =
	    authenticator(TOKEN, AUTHENTICATOR_HOTP, "token");

	give(&person, &phone, 0);
	give(&person, &token, 100);
	person.record.recovery.id = SET;
	person.record.recovery.created = NOON - DAY;
	person.record.bypass.id = BYPASS;
	person.record.bypass.created = NOON - 60;
	person.record.bypass.expires = NOON + 3600;
	expect_int(state_add(&person.state, SET, 4), 0);
	expect_int(state_add(&person.state, BYPASS, 0), 0);
	return person;
}

static struct authenticator *
of(struct person *person, uint64_t id)
{
	for (size_t i = 0; i < person->record.count; i++)
		if (person->record.authenticators[i].id == id)
			return &person->record.authenticators[i];
	return NULL;
}

static uint64_t
spent(struct person *person, uint64_t id)
{
	return state_find(&person->state, id)->spent;
}

static const char *
code(struct person *person, uint64_t id, uint64_t factor)
{
	static char ring[4][TOTP_CODE_SIZE];
	static unsigned turn;
	struct totp totp = authenticator_totp(of(person, id));
	char *text = ring[turn++ % 4];

	expect_int(totp_code(&totp, factor, text), 0);
	return text;
}

static enum verdict
try(struct person *person, const char *text, int64_t now)
{
	struct judgement judgement;
	struct answer answer;

	answer_read(text, &answer);
	judge(&person->settings, &person->record, &person->state, &answer, now,
	    &judgement);
	return judgement.verdict;
}

/* ---- spending ---- */

TEST("after a restore, codes of the window and all before it are spent")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
	for (int64_t t = NOON - 30; t <= NOON + 30; t += 30)
		expect_int(try(&p, code(&p, PHONE, (uint64_t)t / 30), NOON),
		    VERDICT_REPLAYED);
	expect_int(try(&p, code(&p, PHONE, NOON / 30 + 2), NOON + 60),
	    VERDICT_ACCEPTED);
}

TEST("after a restore, no recovery code, bypass or counter opens")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(state_recovery_left(&p.state, &p.record), 0);
	expect(spent(&p, BYPASS) != 0);
	expect(mend_is_spent(of(&p, TOKEN), state_find(&p.state, TOKEN)));
	for (uint64_t n = 90; n < 200; n++)
		expect(try(&p, code(&p, TOKEN, n), NOON) != VERDICT_ACCEPTED);
}

TEST("where time_t has 32 bits, codes of a token that is spent are computed, "
     "too")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect(spent(&p, TOKEN) + MEND_ANYWHERE <= INT32_MAX);
}

TEST("spending takes nothing back that is spent further")
{
	struct person p = alice();

	state_find(&p.state, PHONE)->spent = NOON;
	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(spent(&p, PHONE), NOON);
}

/* ---- a lost state ---- */

TEST("a lost state is made anew with everything spent")
{
	struct person p = alice();

	memset(&p.state, 0, sizeof p.state);
	p.state.uid = 1000;
	expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON), 4);
	expect(state_knows(&p.state, &p.record));
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
	expect(mend_is_spent(of(&p, TOKEN), state_find(&p.state, TOKEN)));
	expect_int(state_recovery_left(&p.state, &p.record), 0);
	expect(spent(&p, BYPASS) != 0);
}

TEST("of a state that lacks one id, the others stay as they are")
{
	struct person p = alice();

	state_drop(&p.state, PHONE);
	expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON), 1);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
	expect_int(spent(&p, TOKEN), 100);
	expect_int(spent(&p, SET), 4);
	expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON + DAY), 0);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
}

TEST("a state without room for what it lacks is told so")
{
	struct person p = alice();

	state_drop(&p.state, PHONE);
	for (uint64_t id = 100; state_add(&p.state, id, 0) == 0; id++)
		;
	expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON),
	    ERR_INPUT);
}

/* ---- a token ---- */

static int
mend(struct person *p, uint64_t first, uint64_t second)
{
	return mend_counter(of(p, TOKEN), state_find(&p->state, TOKEN),
	    code(p, TOKEN, first), code(p, TOKEN, second));
}

TEST("two codes that follow each other bring a token back into step")
{
	struct person p = alice();

	expect_int(try(&p, code(&p, TOKEN, 500), NOON), VERDICT_WRONG);
	expect_int(mend(&p, 500, 501), 0);
	expect_int(spent(&p, TOKEN), 502);
	expect_int(try(&p, code(&p, TOKEN, 501), NOON), VERDICT_REPLAYED);
	expect_int(try(&p, code(&p, TOKEN, 502), NOON), VERDICT_ACCEPTED);
}

TEST("a token is found from the next counter to a thousand ahead, not beyond")
{
	struct person p = alice();

	expect_int(mend(&p, 99, 100), ERR_INPUT);
	expect_int(mend(&p, 100 + MEND_AHEAD, 101 + MEND_AHEAD), ERR_INPUT);
	expect_int(spent(&p, TOKEN), 100);
	expect_int(mend(&p, 99 + MEND_AHEAD, 100 + MEND_AHEAD), 0);
	p = alice();
	expect_int(mend(&p, 100, 101), 0);
}

TEST("codes apart, in the wrong order, twice, or spent bring nothing back")
{
	struct person p = alice();

	expect_int(mend(&p, 500, 502), ERR_INPUT);
	expect_int(mend(&p, 501, 500), ERR_INPUT);
	expect_int(mend(&p, 500, 500), ERR_INPUT);
	expect_int(mend(&p, 50, 51), ERR_INPUT);
	expect_int(spent(&p, TOKEN), 100);
}

TEST("a token of which all is spent is brought back from wherever it stands")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(mend(&p, 20000, 20002), ERR_INPUT);
	expect_int(mend(&p, 20000, 20001), 0);
	expect_int(spent(&p, TOKEN), 20002);
	expect(!mend_is_spent(of(&p, TOKEN), state_find(&p.state, TOKEN)));
	expect_int(mend(&p, 20000, 20001), ERR_INPUT);
}

/* ---- a clock ---- */

TEST("a clock that was ahead is noticed in each time that is kept")
{
	struct person p = alice();
	int64_t *times[] = { &p.state.last_attempt, &p.record.created,
		&p.record.recovery.created, &p.record.bypass.created,
		&p.record.authenticators[1].created };

	expect(!mend_clock_is_behind(&p.record, &p.state, NOON));
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		int64_t was = *times[i];

		*times[i] = NOON + 1;
		expect(mend_clock_is_behind(&p.record, &p.state, NOON));
		*times[i] = was;
	}
}

TEST("what a clock ahead has seen is forgotten, and codes open again")
{
	struct person p = alice();

	p.state.last_attempt = p.state.last_success = NOON + DAY;
	expect_int(try(&p, code(&p, PHONE, NOON / 30), NOON),
	    VERDICT_CLOCK_BEHIND);
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect(!mend_clock_is_behind(&p.record, &p.state, NOON));
	expect_int(p.state.last_success, NOON);
	expect_int(try(&p, code(&p, PHONE, NOON / 30), NOON), VERDICT_ACCEPTED);
}

TEST("what a recovery code spent ahead of time is unspent, up to the window")
{
	struct person p = alice();

	p.state.last_attempt = NOON + DAY;
	state_find(&p.state, PHONE)->spent = (NOON + DAY) / 30 + 2;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
	expect_int(spent(&p, TOKEN), 100);
	expect_int(spent(&p, SET), 4);
}

TEST("where codes of a later time were used, nothing is forgotten")
{
	struct person p = alice(), was;
	struct authenticator twin =
	    authenticator(3, AUTHENTICATOR_TOTP, "twin");

	p.state.last_attempt = NOON + DAY;
	state_find(&p.state, PHONE)->spent = (NOON + DAY) / 30 + 1;
	state_find(&p.state, PHONE)->used = NOON + DAY;
	was = p;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) ==
	       of(&p, PHONE));
	expect_bytes(&p, &was, sizeof p);
	/* Noted as one's, it may have been the code of another. */
	give(&p, &twin, (NOON + DAY) / 30 + 1);
	state_find(&p.state, PHONE)->spent = 0;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == of(&p, 3));
	/* When its time has come, it is no matter any more. */
	expect(
	    mend_clock(&p.settings, &p.record, &p.state, NOON + DAY) == NULL);
}

TEST("an authenticator confirmed ahead of time keeps its code spent")
{
	struct person p = alice();

	of(&p, PHONE)->created = NOON + DAY;
	state_find(&p.state, PHONE)->spent = (NOON + DAY) / 30 + 1;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) ==
	       of(&p, PHONE));
	expect_int(of(&p, PHONE)->created, NOON + DAY);
	/* One that no code has confirmed has none to keep. */
	state_find(&p.state, PHONE)->spent = 0;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(of(&p, PHONE)->created, NOON);
}

TEST("a bypass of a clock ahead is void")
{
	struct person p = alice();

	p.record.bypass.created = NOON + DAY;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect(p.record.bypass.id == 0 && p.record.bypass.expires == 0);
	p = alice();
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(p.record.bypass.id, BYPASS);
}

/* ---- edges ---- */

TEST("who has neither recovery codes nor a bypass has nothing else spent")
{
	struct person p = nobody();
	struct authenticator phone =
	    authenticator(PHONE, AUTHENTICATOR_TOTP, "phone");

	give(&p, &phone, 0);
	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(p.state.count, 1);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
	state_drop(&p.state, PHONE);
	expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON), 1);
	expect_int(p.state.count, 1);
	mend_spend(&p.settings, &p.record, &p.state, -NOON);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
}

TEST("before 1970 the first steps are spent, and no more")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, -NOON);
	expect_int(spent(&p, PHONE), 2);
}

TEST("there has to be room for recovery codes and a bypass, too")
{
	static const uint64_t ids[] = { SET, BYPASS };

	for (size_t i = 0; i < 2; i++) {
		struct person p = alice();

		state_drop(&p.state, ids[i]);
		for (uint64_t id = 100; state_add(&p.state, id, 0) == 0; id++)
			;
		expect_int(mend_lost(&p.settings, &p.record, &p.state, NOON),
		    ERR_INPUT);
	}
}

TEST("a token of which all is spent may stand at its very first codes")
{
	struct person p = alice();

	mend_spend(&p.settings, &p.record, &p.state, NOON);
	expect_int(mend(&p, 0, 1), 0);
	expect_int(spent(&p, TOKEN), 2);
}

TEST("a clock that stands where it stood is not behind")
{
	struct person p = alice();

	p.state.last_attempt = p.state.last_success = NOON;
	p.record.created = p.record.recovery.created = NOON;
	p.record.bypass.created = NOON;
	of(&p, PHONE)->created = of(&p, TOKEN)->created = NOON;
	expect(!mend_clock_is_behind(&p.record, &p.state, NOON));
	of(&p, PHONE)->created = NOON + 1;
	expect(mend_clock_is_behind(&p.record, &p.state, NOON));
	of(&p, PHONE)->created = NOON;
	state_find(&p.state, PHONE)->used = NOON;
	state_find(&p.state, PHONE)->spent = NOON / 30 + 9;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(p.record.bypass.id, BYPASS);
	expect_int(spent(&p, PHONE), NOON / 30 + 2);
}

TEST("times that lie ahead become now, and those before stay")
{
	struct person p = alice();

	p.record.created = p.record.recovery.created = NOON + 5;
	of(&p, TOKEN)->created = NOON + 5;
	p.state.last_attempt = p.state.last_success = NOON - 7;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(p.record.created, NOON);
	expect_int(p.record.recovery.created, NOON);
	expect_int(of(&p, TOKEN)->created, NOON);
	expect_int(of(&p, PHONE)->created, NOON - DAY);
	expect_int(p.state.last_attempt, NOON - 7);
	expect_int(p.state.last_success, NOON - 7);
}

TEST("each authenticator is looked at, and only what lies behind the window")
{
	struct person p = alice();
	struct authenticator twin =
	    authenticator(3, AUTHENTICATOR_TOTP, "twin");

	give(&p, &twin, NOON / 30 + 2);
	state_find(&p.state, 3)->used = NOON + 20;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	state_find(&p.state, 3)->spent = NOON / 30 + 3;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == of(&p, 3));
	state_find(&p.state, 3)->used = 0;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) == NULL);
	expect_int(spent(&p, 3), NOON / 30 + 2);
	/* Noted as the last one's, it may have been the code of the first. */
	state_find(&p.state, PHONE)->spent = NOON / 30 + 3;
	state_find(&p.state, 3)->used = NOON + 20;
	expect(mend_clock(&p.settings, &p.record, &p.state, NOON) ==
	       of(&p, PHONE));
}
