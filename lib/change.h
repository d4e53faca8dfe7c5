/* Changes of an enrolment: who may make one, and what it came to. */
#ifndef CHANGE_H
#define CHANGE_H

#include "answer.h"

#include <stdbool.h>

/* What stands for it that whoever asks may change this enrolment.  Zero is
 * nothing.  Values are stored. */
enum proof_kind {
	PROOF_NONE = 0,
	PROOF_PASSWORD = 1,	 /* found right, of who is not enrolled */
	PROOF_ANSWER = 2,	 /* a code, a recovery code or an invitation */
	PROOF_LOGIN = 3,	 /* the login that this is a part of */
	PROOF_ADMINISTRATOR = 4, /* it is the store's owner */
};

enum { PROOF_PASSWORD_SIZE = 513 };

struct proof {
	enum proof_kind kind;
	struct answer answer; /* of PROOF_ANSWER */
	char
	    password[PROOF_PASSWORD_SIZE]; /* secret; until it is found right */
};

/* What a change came to.  Zero, and any value not listed, is no change. */
enum change {
	CHANGE_NONE = 0,
	CHANGE_DONE = 0x2d5b93c6,
	CHANGE_UNPROVEN = 0x11e3,	  /* the answer was refused */
	CHANGE_NEEDS_CODE = 0x26f8,	  /* of an authenticator, or recovery */
	CHANGE_NEEDS_PASSWORD = 0x3ac5,	  /* or an invitation */
	CHANGE_NEEDS_INVITATION = 0x4d1e, /* a password does not do */
	CHANGE_WRONG_PASSWORD = 0x5297,
	CHANGE_UNINVITED =
	    0x64b2, /* no invitation is good, or it is another's */
	CHANGE_UNENROLLED = 0x7a4d,
	CHANGE_NAME_TAKEN = 0x0b7c,
	CHANGE_NAME_UNKNOWN = 0x1d38,
	CHANGE_FULL = 0x2ea1,	     /* no more authenticators have room */
	CHANGE_UNCONFIRMED = 0x47d6, /* not a code of what is on offer */
	CHANGE_OVER = 0x5969,	     /* what was begun does not hold any more */
};

/* Its one stable name, as in the log; "none" for what is not listed. */
const char *change_name(enum change change);

/* Whether it is one of those above, other than "none". */
bool change_is_known(enum change change);

#endif
