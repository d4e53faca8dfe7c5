#include "policy.h"

#include "err.h"
#include "mem.h"
#include "network.h"
#include "release.h"
#include "throttle.h"

#include <string.h>

enum {
	DRIFT_SEARCH = 60 * 60, /* seconds each way, for the log */
};

/* Moving factors to try, and the last that a clock has reached. */
struct range {
	uint64_t first, last, reached;
};

/* What a typed code is to one authenticator. */
struct match {
	bool spent; /* it belongs to a spent factor */
	bool right; /* it belongs to this one: */
	uint64_t factor;
};

static uint64_t
less(uint64_t n, uint64_t by)
{
	return n > by ? n - by : 0;
}

static uint64_t
time_step(const struct authenticator *a, int64_t now)
{
	return now > 0 ? (uint64_t)now / a->period : 0; /* RFC 6238 4.2 */
}

/* RFC 6238 section 5.2: a window around now.  RFC 4226 section 7.4: a look
 * ahead; as far back, a code is told from a wrong one, so as not to count. */
static struct range
range_around(const struct settings *settings, const struct authenticator *a,
    uint64_t spent, int64_t now)
{
	uint64_t step, width = settings->hotp_lookahead;

	if (a->kind == AUTHENTICATOR_HOTP)
		return (struct range){ less(spent, width), spent + width, 0 };
	step = time_step(a, now);
	width = settings->window;
	return (struct range){ less(step, width), step + width, step };
}

/*
 * Looks at every factor in range: neighbours may have equal codes, and the
 * first match may be the spent one.  Of several unspent ones it is the last
 * that the clock has reached, so that none with the same code stays open behind
 * it.  A code that also belongs to a spent factor is a replay, unless the clock
 * has reached a later factor with the same code.  A state may hold a counter that
 * is where there are no codes.
 */
static int
match_code(const struct authenticator *a, const char *code, uint64_t spent,
    struct range range, struct match *match_out)
{
	struct totp totp = authenticator_totp(a);
	struct match match = { false, false, 0 };
	bool equal;
	int r;

	for (uint64_t f = range.first; f <= range.last && f <= totp_factor_most;
	     f++) {
		if ((r = totp_matches(&totp, f, code, &equal)) < 0)
			return r;
		if (equal && f < spent) {
			match.spent = true;
		} else if (equal && (!match.right || f <= range.reached)) {
			match.right = true;
			match.factor = f;
		}
	}
	if (match.spent && match.factor > range.reached)
		match.right = false;
	*match_out = match;
	return 0;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A clock that stands before what is known to have happened gives spent codes
 * a second life.  The window's width is forgiven. */
static bool
clock_is_behind(const struct settings *settings, const struct record *record,
    const struct state *state, int64_t now)
{
	int64_t happened = later(state->last_attempt, record->created);
	unsigned period = TOTP_PERIOD_DEFAULT;

	happened = later(happened, record->recovery.created);
	happened = later(happened, record->bypass.created);
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		happened = later(happened, a->created);
		if (a->period > period)
			period = a->period;
	}
	if (now < RELEASE_TIME)
		return true;
	return happened - now > (int64_t)(settings->window * period);
}

/* A wrong guess counts, whatever it is answered with. */
static enum verdict
count_wrong(const struct settings *settings, struct state *state, int64_t now,
    struct judgement *out)
{
	bool disabled = throttle_disabled(settings, state);
	bool waiting = throttle_left(settings, state, now) > 0;

	throttle_count(settings, state, now);
	out->failures = state->failures;
	out->caused_disable = !disabled && throttle_disabled(settings, state);
	if (disabled)
		return VERDICT_DISABLED;
	return waiting ? VERDICT_WAITING : VERDICT_WRONG;
}

/* For the log alone: at which other time a wrong code would be right. */
static void
search_drift(const struct settings *settings, const struct record *record,
    const char *code, int64_t now, struct judgement *out)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];
		struct totp totp = authenticator_totp(a);
		uint64_t step, n;
		bool early = false, late = false;

		if (a->kind != AUTHENTICATOR_TOTP)
			continue;
		step = time_step(a, now);
		for (n = settings->window + 1; n <= DRIFT_SEARCH / a->period;
		     n++) {
			if (totp_matches(&totp, step + n, code, &early) < 0 ||
			    totp_matches(&totp, less(step, n), code, &late) < 0)
				return;
			if (early || late)
				break;
		}
		if (!early && !late)
			continue;
		out->drifted = true;
		out->drift = (int64_t)(n * a->period) * (early ? 1 : -1);
		memcpy(out->authenticator, a->name, sizeof a->name);
		return;
	}
}

static bool
digits_known(const struct record *record, const char *code)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].digits == strlen(code))
			return true;
	return false;
}

static void
accept(struct state *state, int64_t now, enum verdict verdict,
    struct judgement *out)
{
	out->notices = state->notices;
	throttle_clear(state);
	state->last_success = later(state->last_success, now);
	out->verdict = verdict;
}

/* Every authenticator the code is right for moves on: by chance two can share
 * a code, and it opens the door once. */
static void
spend(const struct record *record, struct state *state,
    const struct match matches[], int64_t now, struct judgement *out)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];
		struct state_entry *entry = state_find(state, a->id);

		if (!matches[i].right)
			continue;
		entry->spent = matches[i].factor + 1;
		if (out->authenticator[0] != '\0')
			continue;
		entry->used = later(now, 0);
		memcpy(out->authenticator, a->name, sizeof a->name);
	}
}

static void
judge_code(const struct settings *settings, const struct record *record,
    struct state *state, const char *code, int64_t now, struct judgement *out)
{
	struct match matches[RECORD_AUTHENTICATORS];
	bool any_right = false, any_spent = false;

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];
		uint64_t spent = state_find(state, a->id)->spent;

		if (match_code(a, code, spent,
			range_around(settings, a, spent, now), &matches[i]) < 0)
			return; /* cannot tell */
		any_right |= matches[i].right;
		any_spent |= matches[i].spent;
	}
	if (!any_right && !any_spent) {
		out->verdict = count_wrong(settings, state, now, out);
		search_drift(settings, record, code, now, out);
	} else if (throttle_disabled(settings, state)) {
		out->verdict = VERDICT_DISABLED;
	} else if (throttle_left(settings, state, now) > 0) {
		out->verdict = VERDICT_WAITING;
	} else if (!any_right) {
		out->verdict = VERDICT_REPLAYED;
	} else {
		spend(record, state, matches, now, out);
		accept(state, now, VERDICT_ACCEPTED, out);
	}
}

/* The index of a recovery code in its set, or -1.  Looks at all of them. */
static int
recovery_index(const struct recovery_set *set,
    const uint8_t code[RECOVERY_BYTES])
{
	uint8_t hash[RECOVERY_HASH_BYTES];
	int found = -1;

	if (set->id == 0)
		return -1;
	recovery_hash(set->key, code, hash);
	for (int i = 0; i < RECOVERY_CODES; i++)
		if (mem_equal(hash, set->hash[i], sizeof hash))
			found = i;
	mem_wipe(hash, sizeof hash);
	return found;
}

/* Whoever got in by a recovery code, or a bypass, may have been watched typing
 * codes. */
static void
burn_window(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];
		struct state_entry *entry = state_find(state, a->id);
		uint64_t behind;

		if (a->kind != AUTHENTICATOR_TOTP)
			continue;
		behind = time_step(a, now) + settings->window + 1;
		if (entry->spent < behind)
			entry->spent = behind;
	}
}

/* Whether this is the code that an administrator has given out, and holds. */
static bool
is_bypass(const struct bypass *bypass, const uint8_t code[RECOVERY_BYTES],
    int64_t now)
{
	uint8_t hash[RECOVERY_HASH_BYTES];
	bool is;

	if (!bypass_holds(bypass, now))
		return false;
	recovery_hash(bypass->key, code, hash);
	is = mem_equal(hash, bypass->hash, sizeof hash);
	mem_wipe(hash, sizeof hash);
	return is;
}

static void
judge_bypass(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now, struct judgement *out)
{
	struct state_entry *entry = state_find(state, record->bypass.id);

	if (entry->spent != 0) {
		out->verdict = VERDICT_REPLAYED;
		return;
	}
	entry->spent = 1;
	entry->used = now;
	burn_window(settings, record, state, now);
	accept(state, now, VERDICT_ACCEPTED_BYPASS, out);
}

/* Waits and disabling bind guessable codes; 120 bits are not guessed.  So no
 * stranger's guessing locks an owner out for good. */
static void
judge_recovery(const struct settings *settings, const struct record *record,
    struct state *state, const uint8_t code[RECOVERY_BYTES], bool clock_behind,
    int64_t now, struct judgement *out)
{
	int i = recovery_index(&record->recovery, code);
	struct state_entry *set = state_find(state, record->recovery.id);
	uint64_t bit = i < 0 ? 0 : UINT64_C(1) << i;

	if (i < 0 && clock_behind) {
		out->verdict = VERDICT_CLOCK_BEHIND;
	} else if (i < 0 && is_bypass(&record->bypass, code, now)) {
		judge_bypass(settings, record, state, now, out);
	} else if (i < 0) {
		out->verdict = count_wrong(settings, state, now, out);
	} else if ((set->spent & bit) != 0) {
		out->verdict = VERDICT_REPLAYED;
	} else {
		set->spent |= bit;
		set->used = later(now, 0); /* a clock may stand before 1970 */
		burn_window(settings, record, state, now);
		accept(state, now, VERDICT_ACCEPTED_RECOVERY, out);
	}
}

void
judge(const struct settings *settings, const struct record *record,
    struct state *state, const struct answer *answer, int64_t now,
    struct judgement *judgement_out)
{
	struct judgement *out = judgement_out;
	bool behind;

	memset(out, 0, sizeof *out); /* VERDICT_CANNOT_TELL */
	if (record == NULL) {
		out->verdict = VERDICT_NOT_ENROLLED;
		return;
	}
	if (!state_knows(state, record))
		return;
	behind = clock_is_behind(settings, record, state, now);
	out->failures = state->failures;

	if (answer->kind == ANSWER_CALLER_BLOCKED)
		out->verdict = VERDICT_CALLER_BLOCKED;
	else if (answer->kind == ANSWER_RECOVERY)
		judge_recovery(settings, record, state, answer->recovery,
		    behind, now, out);
	else if (answer->kind != ANSWER_CODE ||
		 !digits_known(record, answer->code))
		out->verdict = VERDICT_MALFORMED;
	else if (behind)
		out->verdict = VERDICT_CLOCK_BEHIND;
	else
		judge_code(settings, record, state, answer->code, now, out);

	if (!behind)
		state->last_attempt = later(state->last_attempt, now);
	/* A clock that is behind says nothing about waits. */
	out->wait = behind ? 0 : throttle_left(settings, state, now);
	out->recovery_left = state_recovery_left(state, record);
}

/* A clock that stands before this release would open it again. */
static bool
is_offered(const struct settings *settings, int64_t now)
{
	if (settings->enrolment != ENROLMENT_OFFERED)
		return false;
	return settings->enrol_by == 0 ||
	       (now >= RELEASE_TIME && (uint64_t)now < settings->enrol_by);
}

enum passage
judge_passage(const struct settings *settings, bool exempt, bool enrolled,
    int64_t now)
{
	if (exempt)
		return PASSAGE_EXEMPT;
	if (!enrolled && settings->enrolment == ENROLMENT_OPTIONAL)
		return PASSAGE_UNENROLLED;
	if (!enrolled && is_offered(settings, now))
		return PASSAGE_OFFERED;
	return PASSAGE_ASK;
}

bool
judge_postponing(const struct settings *settings, int64_t now,
    unsigned *days_out)
{
	const uint64_t day = 24 * 60 * 60;

	if (settings->enrol_by == 0 || !is_offered(settings, now))
		return false;
	*days_out =
	    (unsigned)((settings->enrol_by - (uint64_t)now + day - 1) / day);
	return true;
}

enum passage
judge_origin(const struct settings *settings, const struct origin *origin,
    bool known)
{
	if (!known)
		return PASSAGE_ASK;
	if (network_list_holds(settings->exempt_networks, origin->address))
		return PASSAGE_NETWORK;
	if (settings->exempt_keys == EXEMPT_KEYS_SK && origin->key != NULL)
		return PASSAGE_KEY;
	return PASSAGE_ASK;
}

int
judge_confirmation(const struct settings *settings,
    const struct authenticator *authenticator, const struct answer *answer,
    uint64_t spent, int64_t now, uint64_t *spent_out)
{
	struct match match;
	int r;

	if (answer->kind != ANSWER_CODE)
		return ERR_INPUT;
	r = match_code(authenticator, answer->code, spent,
	    range_around(settings, authenticator, spent, now), &match);
	if (r < 0)
		return r;
	if (!match.right)
		return ERR_INPUT;
	*spent_out = match.factor + 1;
	return 0;
}

bool
judge_breached(const struct settings *settings, uint32_t seen_most)
{
	return seen_most > 0 && seen_most >= settings->breach_min_count;
}

static enum fitness
breached_fitness(const struct settings *settings, bool spared)
{
	switch (settings->breach_at_change) {
	case AT_CHANGE_WARN:
		return FITNESS_WARNED;
	case AT_CHANGE_LOG:
		return FITNESS_LOGGED;
	case AT_CHANGE_DENY:
	default:
		return spared ? FITNESS_WARNED : FITNESS_REFUSED;
	}
}

/* Where a breached password would be taken, not knowing refuses nobody. */
enum fitness
judge_new_password(const struct settings *settings, bool known,
    uint32_t seen_most, bool by_root)
{
	bool spared = by_root && !settings->enforce_for_root;
	enum fitness breached = breached_fitness(settings, spared);

	if (known && judge_breached(settings, seen_most))
		return breached;
	if (known)
		return FITNESS_CLEAN;
	if (breached != FITNESS_REFUSED ||
	    settings->breach_when_missing == WHEN_MISSING_ALLOW)
		return FITNESS_UNCHECKED;
	return FITNESS_UNKNOWN;
}

enum aftermath
judge_breached_login(const struct settings *settings, bool changeable)
{
	switch (settings->breach_at_login) {
	case AT_LOGIN_IGNORE:
		return AFTERMATH_NONE;
	case AT_LOGIN_LOG:
		return AFTERMATH_LOGGED;
	case AT_LOGIN_WARN:
		return AFTERMATH_WARNED;
	case AT_LOGIN_CHANGE:
		return changeable ? AFTERMATH_CHANGE : AFTERMATH_POSTPONED;
	case AT_LOGIN_DENY:
	default:
		return AFTERMATH_REFUSED;
	}
}

/* What would be proof, where there was none. */
static enum change
proof_needed(const struct settings *settings, const struct record *record)
{
	if (record != NULL)
		return CHANGE_NEEDS_CODE;
	if (settings->self_enrolment == SELF_ENROLMENT_YES)
		return CHANGE_NEEDS_PASSWORD;
	return CHANGE_NEEDS_INVITATION;
}

static bool
is_invited(const char *user, const struct invitation *invitation,
    const struct answer *answer, int64_t now)
{
	return answer->kind == ANSWER_RECOVERY &&
	       invitation_holds(invitation, user, now) &&
	       invitation_matches(invitation, answer->recovery);
}

enum change
judge_proof(const struct settings *settings, const char *user,
    const struct record *record, const struct invitation *invitation,
    const struct proof *proof, int64_t now)
{
	switch (proof->kind) {
	case PROOF_ADMINISTRATOR:
		return CHANGE_DONE;
	case PROOF_ANSWER:
		if (record != NULL ||
		    is_invited(user, invitation, &proof->answer, now))
			return CHANGE_DONE;
		return CHANGE_UNINVITED;
	case PROOF_LOGIN: /* in which nobody was asked for a code */
		if (record == NULL && is_offered(settings, now))
			return CHANGE_DONE;
		return proof_needed(settings, record);
	case PROOF_PASSWORD:
		if (record == NULL &&
		    settings->self_enrolment == SELF_ENROLMENT_YES)
			return CHANGE_DONE;
		return proof_needed(settings, record);
	case PROOF_NONE:
	default:
		return proof_needed(settings, record);
	}
}

/* A password is proven anew, an invitation may have been ended, and a code's
 * or an administrator's word was about one edition of the enrolment. */
enum change
judge_offer(const struct settings *settings, const struct offer *offer,
    const char *user, const struct record *record, const struct state *state,
    const struct invitation *invitation, enum proof_kind proof, int64_t now)
{
	bool enrolled = record != NULL;

	if (strcmp(offer->user, user) != 0 || offer->proof != proof ||
	    now - offer->begun >= OFFER_LIFE ||
	    offer->begun - now >= OFFER_LIFE)
		return CHANGE_OVER;
	if (offer->enrolled != enrolled ||
	    (enrolled && offer->edition != state->edition))
		return CHANGE_OVER;
	if (proof == PROOF_PASSWORD &&
	    settings->self_enrolment != SELF_ENROLMENT_YES)
		return CHANGE_OVER;
	if (offer->invitation != 0 &&
	    (offer->invitation != invitation->id ||
		!invitation_holds(invitation, user, now)))
		return CHANGE_OVER;
	return CHANGE_DONE;
}
