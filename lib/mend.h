/* What an administrator sets right by his own word, after a clock was wrong, a
 * token was pressed too often, or a state was lost.  Nothing here opens a code
 * again that may have been used. */
#ifndef MEND_H
#define MEND_H

#include "record.h"
#include "settings.h"
#include "state.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	MEND_AHEAD = 1000,	/* counters that a token may have run away */
	MEND_ANYWHERE = 100000, /* the same, where nobody knows where it was */
};

/*
 * Spends whatever may have been used up to Unix time now without the state's
 * knowing: codes by time up to and with the window around now, all codes by
 * counter, recovery codes, and a bypass.  The state knows the record's ids.
 */
void mend_spend(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now);

/* Adds the record's ids that the state does not know, all of theirs spent as
 * above.  Returns how many there were, or ERR_INPUT: there is no room. */
int mend_lost(const struct settings *settings, const struct record *record,
    struct state *state, int64_t now);

/* Whether no code of a counting authenticator opens before mend_counter, as
 * all of them are spent. */
bool mend_is_spent(const struct authenticator *authenticator,
    const struct state_entry *entry);

/*
 * Brings an authenticator that counts back into step by two codes that follow
 * each other, not spent ones, MEND_AHEAD counters ahead at most; or from zero
 * to MEND_ANYWHERE where all were spent by mend_spend.  Both are then spent.
 * Returns 0, ERR_INPUT (they are no such codes), or ERR_MEMORY.
 */
int mend_counter(const struct authenticator *authenticator,
    struct state_entry *entry, const char *first, const char *second);

/* Whether the clock, at Unix time now, is behind what record or state have
 * seen, by however little. */
bool mend_clock_is_behind(const struct record *record,
    const struct state *state, int64_t now);

/*
 * Forgets, in record and state, that a clock has been ahead of Unix time now.
 * Codes by time that it spent without their having been typed are unspent, a
 * bypass of that time is void.  Returns NULL; or, with nothing changed, an
 * authenticator of which later codes were typed: those would open again.
 */
const struct authenticator *mend_clock(const struct settings *settings,
    struct record *record, struct state *state, int64_t now);

#endif
