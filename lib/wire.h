/*
 * What is asked of the verifier and what it answers, as bytes.
 *
 * A frame is magic, version, direction and kind, then the fields of that kind
 * in a fixed order: numbers of a fixed width, texts with their length before
 * them.  Each value has one spelling, and a frame of one direction is none of
 * the other.  The question crosses, never the secret: no reply says at which
 * other time a wrong code would have been right, and the one key that any frame
 * has is that of an authenticator which is just begun, for its user to scan.
 */
#ifndef WIRE_H
#define WIRE_H

#include "answer.h"
#include "change.h"
#include "err.h"
#include "record.h"
#include "settings.h"
#include "summary.h"
#include "symbol.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_MOST = 16 * 1024, /* bytes of a frame */
	WIRE_SAID_SIZE = 257,
};

/* Values are sent. */
enum wire_kind {
	WIRE_ENROLLED = 1, /* is this user enrolled? */
	WIRE_VERIFY = 2,   /* judge this answer */
	WIRE_STATUS = 3,   /* what protects this account? */
	WIRE_CHANGE = 4,   /* make this change */
	WIRE_PICTURE = 5,  /* draw what was begun, for its user to scan */
};

/* What the asking program says of itself: for the log, and proof of nothing.
 * Cut where it is too long. */
struct said {
	char service[WIRE_SAID_SIZE];
	char rhost[WIRE_SAID_SIZE];
	char tty[WIRE_SAID_SIZE];
	bool shows; /* an acceptance's notices, to the user */
};
void said_set(char room[WIRE_SAID_SIZE], const char *text); /* or NULL */

struct wire_request {
	enum wire_kind kind;
	char store_dir[SETTINGS_PATH_SIZE]; /* that the question is about */
	char user[RECORD_USER_SIZE];
	struct said said;
	struct answer answer; /* of WIRE_VERIFY: as read, not as typed */
	struct wanted wanted; /* of WIRE_CHANGE */
	uint8_t blob[OFFER_BLOB_BYTES]; /* of WIRE_PICTURE */
};

struct wire_reply {
	enum wire_kind kind;	    /* of the question */
	int err;		    /* where negative, nothing below is said */
	bool enrolled;		    /* of WIRE_ENROLLED */
	struct judgement judgement; /* of WIRE_VERIFY, without a drift */
	struct summary summary;	    /* of WIRE_STATUS */
	struct changed changed;	    /* of WIRE_CHANGE */
	struct symbol symbol;	    /* of WIRE_PICTURE: as good as the key */
};

/*
 * Formatting writes at most WIRE_MOST bytes and gives their number; it returns
 * 0, or ERR_INPUT: a field is out of range.  Parsing takes exactly what
 * formatting writes, all n bytes of it, and returns 0 or ERR_INPUT; what it
 * has filled is then to be thrown away.
 */
int wire_format_request(const struct wire_request *request,
    uint8_t out[WIRE_MOST], size_t *n_out);
int wire_parse_request(const uint8_t *in, size_t n,
    struct wire_request *request_out);
int wire_format_reply(const struct wire_reply *reply, uint8_t out[WIRE_MOST],
    size_t *n_out);
int wire_parse_reply(const uint8_t *in, size_t n, struct wire_reply *reply_out);

#endif
