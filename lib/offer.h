/*
 * An authenticator on offer: its user has seen the key, and a code has to
 * confirm it before it is stored.  Until then it is nowhere but with him,
 * sealed, together with what it was begun on.
 */
#ifndef OFFER_H
#define OFFER_H

#include "proof.h"
#include "record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	OFFER_BYTES = 512,	/* as formatted */
	OFFER_BLOB_BYTES = 576, /* sealed */
	OFFER_LIFE = 15 * 60,	/* seconds */
};

struct offer {
	uid_t uid;
	char user[RECORD_USER_SIZE];
	int64_t begun; /* Unix time */
	enum proof_kind proof;
	uint64_t invitation; /* whose code was the proof; else 0 */
	bool enrolled;	     /* the user was, then, and this was */
	uint64_t edition;    /* his enrolment's edition */
	struct authenticator authenticator;
};

/* In memory for secrets, or NULL. */
struct offer *offer_new(void);
void offer_auto_free(struct offer **offer);
#define AUTO_OFFER __attribute__((cleanup(offer_auto_free)))

/* As bytes, and back.  Parsing returns 0 or ERR_DAMAGED. */
void offer_format(const struct offer *offer, uint8_t out[OFFER_BYTES]);
int offer_parse(const uint8_t in[OFFER_BYTES], struct offer *offer);

#endif
