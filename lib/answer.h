/* What somebody typed at the prompt, read once and strictly. */
#ifndef ANSWER_H
#define ANSWER_H

#include "recovery.h"
#include "totp.h"

#include <stddef.h>

enum {
	ANSWER_LONGEST = 512, /* bytes; longer ones are not looked at */
};

enum answer_kind {
	ANSWER_MALFORMED = 0,
	ANSWER_CALLER_BLOCKED, /* sshd typed, for a login it will refuse */
	ANSWER_CODE,
	ANSWER_RECOVERY,
};

struct answer {
	enum answer_kind kind;
	char code[TOTP_CODE_SIZE];	  /* of ANSWER_CODE: 6 to 8 digits */
	uint8_t recovery[RECOVERY_BYTES]; /* of ANSWER_RECOVERY */
};

/* Blanks, line ends and dashes are dropped; what is left is a code, a
 * recovery code, or malformed.  text may be NULL. */
void answer_read(const char *text, struct answer *answer_out);

/*
 * Where the code begins in a password with a code behind it: the last digits
 * digits, or a recovery code in its shown form with dashes.  The length of
 * text where there is neither; 0 for what sshd typed.
 */
size_t answer_split(const char *text, unsigned digits);

#endif
