/* Changes of an enrolment: what is wanted, and what it came to. */
#ifndef CHANGE_H
#define CHANGE_H

#include "answer.h"
#include "offer.h"
#include "proof.h"
#include "record.h"
#include "recovery.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

/* What a change came to.  Zero, and any value not listed, is no change. */
enum change {
	CHANGE_NONE = 0,
	CHANGE_DONE = 0x2d5b93c6,
	CHANGE_UNPROVEN = 0x11e3,	  /* the answer was refused */
	CHANGE_NEEDS_CODE = 0x26f8,	  /* of an authenticator, or recovery */
	CHANGE_NEEDS_PASSWORD = 0x3ac5,	  /* or an invitation */
	CHANGE_NEEDS_INVITATION = 0x4d1e, /* a password does not do */
	CHANGE_WRONG_PASSWORD = 0x5297,
	CHANGE_UNINVITED = 0x64b2, /* no invitation holds, or it is another's */
	CHANGE_UNENROLLED = 0x7a4d,
	CHANGE_NAME_TAKEN = 0x0b7c,
	CHANGE_NAME_UNKNOWN = 0x1d38,
	CHANGE_FULL = 0x2ea1,	     /* no more authenticators have room */
	CHANGE_UNCONFIRMED = 0x47d6, /* not a code of what was begun */
	CHANGE_OVER = 0x5969,	     /* what was begun does not hold any more */
};

/* Its one stable name, as in the log; "none" for what is not listed. */
const char *change_name(enum change change);

/* Whether it is one of those above, other than "none". */
bool change_is_known(enum change change);

/* Values are sent. */
enum act {
	ACT_BEGIN = 1,	 /* an authenticator: nothing is stored yet */
	ACT_CONFIRM = 2, /* and stored, with its first code */
	ACT_RENAME = 3,
	ACT_REMOVE = 4,
	ACT_RECOVERY = 5, /* new recovery codes */
	ACT_SEEN = 6,	  /* the user has those that ACT_CONFIRM has drawn */
};

/* What is wanted, in memory for secrets. */
struct wanted {
	enum act act;
	/* For ACT_CONFIRM of the same kind as for ACT_BEGIN, where a password
	 * is wanted again, and an answer, which is spent, is not. */
	struct proof proof;
	/* ACT_BEGIN: kind, algorithm, digits, period and name, "" for the
	 * first that is free.  ACT_RENAME, ACT_REMOVE: name and created, so
	 * that it is the one that was looked at before. */
	struct authenticator which;
	char name[RECORD_NAME_SIZE];	/* of ACT_RENAME: the new one */
	uint8_t blob[OFFER_BLOB_BYTES]; /* of ACT_CONFIRM and ACT_SEEN */
	struct answer answer;		/* of ACT_CONFIRM: a code of it */
};
struct wanted *wanted_new(void); /* zeroed, or NULL */
void wanted_auto_free(struct wanted **wanted);
#define AUTO_WANTED __attribute__((cleanup(wanted_auto_free)))

/* What came of it, in memory for secrets. */
struct changed {
	enum change change;
	struct judgement judgement;  /* of an answer that was proof: if known */
	char name[RECORD_NAME_SIZE]; /* of the authenticator it is about */
	bool ended;		     /* ACT_REMOVE: it was the last one */
	bool already;		     /* service_add: nothing had to be added */
	/* ACT_BEGIN: an authenticator for its user to scan, with its key, and
	 * the same sealed, to be handed in with its first code. */
	struct authenticator begun;
	uint8_t blob[OFFER_BLOB_BYTES];
	struct codes codes; /* count 0: none were drawn */
};
struct changed *changed_new(void); /* zeroed, or NULL */
void changed_auto_free(struct changed **changed);
#define AUTO_CHANGED __attribute__((cleanup(changed_auto_free)))

#endif
