/* Counting failures, and what they cost. */
#ifndef THROTTLE_H
#define THROTTLE_H

#include "settings.h"
#include "state.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Seconds to wait after so many failures in a row: none for the free tries'
 * first, then first_wait, doubling up to longest_wait (NIST SP 800-63B-4
 * section 3.2.2).
 */
int64_t throttle_wait(const struct settings *settings, uint32_t failures);

/* Notes one more wrong guess at time now; the count stops at its top. */
void throttle_count(const struct settings *settings, struct state *state,
    int64_t now);

/* Forgets failures and wait. */
void throttle_clear(struct state *state);

/* Whether guessing is over until somebody proves more than a guess. */
bool throttle_disabled(const struct settings *settings,
    const struct state *state);

/* Seconds still to wait at time now; 0: none.  A wait stored further ahead
 * than the longest there is, is cut to that, in the state too. */
int64_t throttle_left(const struct settings *settings, struct state *state,
    int64_t now);

#endif
