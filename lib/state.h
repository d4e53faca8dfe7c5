/* What a login changes: spent codes, failures, waits.  Two slots on disk. */
#ifndef STATE_H
#define STATE_H

#include "record.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	STATE_SLOT_BYTES = 1024, /* as formatted, sum included */
	STATE_BODY_BYTES = STATE_SLOT_BYTES - 32,
	STATE_SLOT_STRIDE = 4096, /* each slot on a block of its own */
	STATE_FILE_BYTES = 2 * STATE_SLOT_STRIDE,
	/* While an enrolment is replaced, the old one's and the new one's:
	 * authenticators, recovery codes, and a bypass. */
	STATE_ENTRIES = 2 * (RECORD_AUTHENTICATORS + 2),
};

/* What is remembered of one authenticator, of one set of recovery codes, or of
 * a bypass. */
struct state_entry {
	uint64_t id;
	/* What can open no door again.  Authenticator: every moving factor
	 * (time step or counter) below this one.  Recovery set: code i, where
	 * bit i is set.  Bypass: itself, where not 0.  Never falls by itself,
	 * never loses a bit. */
	uint64_t spent;
	int64_t used; /* Unix time of the last accepted code; 0: none yet */
};

/* What has changed in an enrolment that its user was not told of yet; the same
 * in the bits NOTICE_BY_ADMINISTRATOR further up, where he did not do it. */
enum notice {
	NOTICE_ADDED = 1 << 0,	  /* an authenticator */
	NOTICE_RENAMED = 1 << 1,  /* an authenticator */
	NOTICE_REMOVED = 1 << 2,  /* an authenticator */
	NOTICE_RECOVERY = 1 << 3, /* the recovery codes were replaced */
	/* The recovery codes were shown in a login that did not say that its
	 * user has them.  Telling him does not end it. */
	NOTICE_UNSEEN = 1 << 4,
	NOTICE_BYPASS = 1 << 5, /* a code for one login was given out */
};
enum { NOTICE_BY_ADMINISTRATOR = 16 };

struct state {
	uid_t uid;
	uint64_t sequence;    /* of this slot; one more with every write */
	uint64_t edition;     /* random; another with every changed enrolment */
	uint32_t failures;    /* wrong guesses since the last success */
	int64_t wait_until;   /* Unix time before which no code is accepted */
	int64_t last_attempt; /* Unix time of the latest judged attempt */
	int64_t last_success;
	uint32_t notices; /* enum notice, or-ed */
	size_t count;
	struct state_entry entries[STATE_ENTRIES];
};

/* The part that belongs to an id, or NULL: the state does not know it. */
struct state_entry *state_find(struct state *state, uint64_t id);

/* Adds what belongs to an id, or drops it.  Adding returns 0, or ERR_INPUT: no
 * room, or known already. */
int state_add(struct state *state, uint64_t id, uint64_t spent);
void state_drop(struct state *state, uint64_t id);

/* Whether the state knows every id of the record; one it does not know has
 * lost its protection from replay.  Both must be of the same user. */
bool state_knows(struct state *state, const struct record *record);

/* How many recovery codes of the record's set are unspent. */
unsigned state_recovery_left(struct state *state, const struct record *record);

/* A slot's body as bytes, and back; the sum over it is seal.h's business.
 * Parsing takes the form before this one too, which had neither edition nor
 * notices: both are then 0.  It returns 0 or ERR_DAMAGED. */
void state_format(const struct state *state, uint8_t out[STATE_BODY_BYTES]);
int state_parse(const uint8_t in[STATE_BODY_BYTES], struct state *state);

/*
 * Which of two slots is current, 0 or 1: the valid one, or of two the later.
 * Sequence numbers compare as RFC 1982 serials, so they may wrap.  Returns
 * ERR_DAMAGED where neither is valid or both claim to be the same write.
 */
int state_choose(const struct state *first, bool first_valid,
    const struct state *second, bool second_valid);

#endif
