/* What stands for it that whoever asks may change an enrolment. */
#ifndef PROOF_H
#define PROOF_H

#include "answer.h"

/* Zero is nothing.  Values are stored and sent. */
enum proof_kind {
	PROOF_NONE = 0,
	PROOF_PASSWORD = 1,	 /* found right, of who is not enrolled */
	PROOF_ANSWER = 2,	 /* a code, a recovery code or an invitation */
	PROOF_LOGIN = 3,	 /* the login that this is a part of */
	PROOF_ADMINISTRATOR = 4, /* it is root, or the store's owner */
};

enum { PROOF_PASSWORD_SIZE = 513 };

struct proof {
	enum proof_kind kind;
	struct answer answer;		    /* of PROOF_ANSWER */
	char password[PROOF_PASSWORD_SIZE]; /* secret, until it is looked at */
};

#endif
