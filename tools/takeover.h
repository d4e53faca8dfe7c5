/* An authenticator that another program had, as its file tells of it. */
#ifndef TAKEOVER_H
#define TAKEOVER_H

#include "desk.h"
#include "record.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum { TAKEOVER_NOTES_SIZE = 1024 };

struct takeover {
	char user[RECORD_USER_SIZE];	    /* "": the file does not say */
	struct authenticator authenticator; /* without id, name and time */
	uint64_t spent;		/* of it, as in struct state_entry */
	unsigned scratch_codes; /* that are left */
	bool pin;		/* the user has one beside the password */
	/* What has no equal here, and why: a line each.  "": nothing. */
	char notes[TAKEOVER_NOTES_SIZE];
};

/* In memory for secrets, zeroed; or NULL. */
struct takeover *takeover_new(void);
void takeover_auto_free(struct takeover **takeover);
#define AUTO_TAKEOVER __attribute__((cleanup(takeover_auto_free)))

/* Adds a line to the notes. */
void takeover_note(struct takeover *takeover, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- the command's part ---- */

/* How takeovers are made: what the administrator has said of them. */
struct takeover_terms {
	const char *name; /* for the authenticator; NULL: the first free */
	bool force;	  /* also keys of less than 128 bits */
	bool drop_scratch_codes; /* where there are any */
	bool drop_pins;
	json_object *array; /* of what was taken over; NULL: as text */
};

/* Whether the terms let it be taken over; where not, that is told, from being
 * whose or where it is. */
int takeover_check(const struct takeover_terms *terms,
    const struct takeover *takeover, const char *from);

/* Takes it over for the user whom the desk is about, and tells it.  The same
 * key again is there already, and what the file knows as spent is spent. */
int takeover_store(const struct takeover_terms *terms, struct desk *desk,
    struct takeover *takeover);

#endif
