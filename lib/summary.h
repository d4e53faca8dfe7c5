/* One enrolment as its user may see it: nothing secret is in it. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "record.h"
#include "settings.h"
#include "state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct summary_item {
	struct authenticator authenticator; /* without its id and key */
	int64_t used; /* Unix time of the last accepted code; 0: none yet */
};

struct summary {
	bool enrolled; /* where false, the rest is zero */
	uid_t uid;
	char user[RECORD_USER_SIZE]; /* as enrolled */
	size_t count;
	struct summary_item items[RECORD_AUTHENTICATORS];
	unsigned recovery_left;
	bool recovery_unseen; /* nothing says that the user has those codes */
	int64_t bypass_until; /* Unix time; 0: no bypass opens anything */
	uint32_t failures;    /* since the last success */
	int64_t wait;	      /* seconds until a code can be accepted */
	bool disabled;	      /* until unlocked, or a recovery code is used */
	int64_t last_success;
};

/* Sums up at Unix time now.  record may be NULL: not enrolled. */
void summary_make(const struct settings *settings, const struct record *record,
    const struct state *state, int64_t now, struct summary *summary_out);

#endif
