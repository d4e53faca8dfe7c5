#include "mend.h"

#include "err.h"

#include <string.h>

/* The first step behind the window around now. */
static uint64_t
behind_window(const struct settings *settings, const struct authenticator *a,
    int64_t now)
{
	uint64_t step = now > 0 ? (uint64_t)now / a->period : 0;

	return step + settings->window + 1;
}

static void
spend_up_to(struct state_entry *entry, uint64_t spent)
{
	if (entry->spent < spent)
		entry->spent = spent;
}

static void
spend_authenticator(const struct settings *settings,
    const struct authenticator *a, struct state_entry *entry, int64_t now)
{
	spend_up_to(entry, a->kind == AUTHENTICATOR_TOTP
			       ? behind_window(settings, a, now)
			       : TOTP_COUNTER_MOST);
}

/* Of a recovery set or a bypass, whose codes are bits. */
static void
spend_bits(struct state *state, uint64_t id)
{
	struct state_entry *entry = state_find(state, id);

	if (entry != NULL) /* id 0, where there is none, is never in a state */
		entry->spent |= (UINT64_C(1) << RECOVERY_CODES) - 1;
}

void
mend_spend(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		spend_authenticator(settings, a, state_find(state, a->id), now);
	}
	spend_bits(state, record->recovery.id);
	spend_bits(state, record->bypass.id);
}

/* Returns 1: it was not there; 0; or ERR_INPUT. */
static int
learn(struct state *state, uint64_t id)
{
	if (id == 0 || state_find(state, id) != NULL)
		return 0;
	return state_add(state, id, 0) < 0 ? ERR_INPUT : 1;
}

static int
learn_bits(struct state *state, uint64_t id, int *lost)
{
	int r = learn(state, id);

	if (r <= 0)
		return r;
	spend_bits(state, id);
	++*lost;
	return 0;
}

int
mend_lost(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now)
{
	int r, lost = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		if ((r = learn(state, a->id)) < 0)
			return r;
		if (r == 0)
			continue;
		spend_authenticator(settings, a, state_find(state, a->id), now);
		lost++;
	}
	if ((r = learn_bits(state, record->recovery.id, &lost)) < 0 ||
	    (r = learn_bits(state, record->bypass.id, &lost)) < 0)
		return r;
	return lost;
}

bool
mend_is_spent(const struct authenticator *authenticator,
    const struct state_entry *entry)
{
	return authenticator->kind == AUTHENTICATOR_HOTP &&
	       entry->spent >= TOTP_COUNTER_MOST;
}

/* RFC 4226 section 7.4 and appendix E.4: a sequence of codes. */
int
mend_counter(const struct authenticator *authenticator,
    struct state_entry *entry, const char *first, const char *second)
{
	bool anywhere = mend_is_spent(authenticator, entry);
	uint64_t from = anywhere ? 0 : entry->spent;
	uint64_t width = anywhere ? MEND_ANYWHERE : MEND_AHEAD;
	struct totp totp = authenticator_totp(authenticator);
	bool is_first, is_second, after_first = false;
	int r;

	for (uint64_t counter = from; counter <= from + width; counter++) {
		if ((r = totp_matches(&totp, counter, second, &is_second)) <
			0 ||
		    (r = totp_matches(&totp, counter, first, &is_first)) < 0)
			return r;
		if (after_first && is_second) {
			entry->spent = counter + 1;
			return 0;
		}
		after_first = is_first;
	}
	return ERR_INPUT;
}

bool
mend_clock_is_behind(const struct record *record, const struct state *state,
    int64_t now)
{
	if (state->last_attempt > now || record->created > now ||
	    record->recovery.created > now || record->bypass.created > now)
		return true;
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].created > now)
			return true;
	return false;
}

/* Where two have the same key, a code is noted as one's and spent for both. */
static bool
any_was_used(const struct record *record, struct state *state, int64_t now)
{
	for (size_t i = 0; i < record->count; i++)
		if (state_find(state, record->authenticators[i].id)->used > now)
			return true;
	return false;
}

/* Later codes of it were typed, when it was confirmed or at a login: a number
 * cannot say that they are spent, and those before them are not. */
static const struct authenticator *
find_stuck(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now)
{
	bool used = any_was_used(record, state, now);

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		if (a->kind == AUTHENTICATOR_TOTP &&
		    state_find(state, a->id)->spent >
			behind_window(settings, a, now) &&
		    (used || a->created > now))
			return a;
	}
	return NULL;
}

static void
not_after(int64_t *time, int64_t now)
{
	if (*time > now)
		*time = now;
}

const struct authenticator *
mend_clock(const struct settings *settings, struct record *record,
    struct state *state, int64_t now)
{
	const struct authenticator *stuck =
	    find_stuck(settings, record, state, now);

	for (size_t i = 0; stuck == NULL && i < record->count; i++) {
		struct authenticator *a = &record->authenticators[i];
		struct state_entry *entry = state_find(state, a->id);
		uint64_t behind = a->kind == AUTHENTICATOR_TOTP
				      ? behind_window(settings, a, now)
				      : entry->spent;

		if (entry->spent > behind)
			entry->spent = behind;
		not_after(&a->created, now);
	}
	if (stuck != NULL)
		return stuck;
	if (record->bypass.created > now)
		memset(&record->bypass, 0, sizeof record->bypass);
	not_after(&record->created, now);
	not_after(&record->recovery.created, now);
	not_after(&state->last_attempt, now);
	not_after(&state->last_success, now);
	return NULL;
}
