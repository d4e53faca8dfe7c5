#include "summary.h"

#include "throttle.h"

#include <string.h>

static void
show(const struct authenticator *authenticator, struct state *state,
    struct summary_item *item)
{
	const struct state_entry *entry = state_find(state, authenticator->id);
	struct authenticator *shown = &item->authenticator;

	shown->kind = authenticator->kind;
	shown->algorithm = authenticator->algorithm;
	shown->digits = authenticator->digits;
	shown->period = authenticator->period;
	shown->pending = authenticator->pending;
	shown->created = authenticator->created;
	memcpy(shown->name, authenticator->name, sizeof shown->name);
	item->used = entry == NULL ? 0 : entry->used;
}

/* Until when a bypass is good that nobody has used. */
static int64_t
bypass_until(const struct bypass *bypass, struct state *state, int64_t now)
{
	const struct state_entry *entry = state_find(state, bypass->id);
	bool unspent = entry != NULL && entry->spent == 0;

	return unspent && bypass_holds(bypass, now) ? bypass->expires : 0;
}

void
summary_make(const struct settings *settings, const struct record *record,
    const struct state *state, int64_t now, struct summary *summary_out)
{
	struct summary *out = summary_out;
	struct state copy = *state; /* a stored wait may be cut to fit */

	memset(out, 0, sizeof *out);
	if (record == NULL)
		return;
	out->enrolled = true;
	out->uid = record->uid;
	memcpy(out->user, record->user, sizeof out->user);
	out->count = record->count;
	for (size_t i = 0; i < record->count; i++)
		show(&record->authenticators[i], &copy, &out->items[i]);
	out->recovery_left = state_recovery_left(&copy, record);
	out->recovery_unseen = (copy.notices & NOTICE_UNSEEN) != 0;
	out->bypass_until = bypass_until(&record->bypass, &copy, now);
	out->failures = copy.failures;
	out->wait = throttle_left(settings, &copy, now);
	out->disabled = throttle_disabled(settings, &copy);
	out->last_success = copy.last_success;
}
