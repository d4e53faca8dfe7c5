/* One attempt at a PAM service, through libpam, as a login program makes it. */
#ifndef PAM_TRY_H
#define PAM_TRY_H

#include "err.h"

#include <stdbool.h>

/* How the attempt talks.  ask returns 0 and an answer that is wiped and freed
 * for it, or an error, which ends the attempt. */
struct pam_talk {
	int (*ask)(void *with, bool hidden, const char *prompt,
	    char **answer_out);
	void (*tell)(void *with, const char *text);
	void *with;
};

/* What came of it, by Linux-PAM's numbers; see enum pam_result. */
struct pam_tried {
	int auth;
	bool account_asked; /* only where auth was a success */
	int account;
	char user[257]; /* whom it was about in the end; "": nobody */
};

/*
 * dir holds the stacks (NULL: the system's).  tty is the terminal's name, or
 * NULL.  Nobody waits after a refusal.  Returns 0, or ERR_PAM: there was no
 * attempt.
 */
int pam_try(const char *dir, const char *service, const char *user,
    const char *tty, struct pam_talk *talk, struct pam_tried *tried_out,
    struct trouble *why);

/* libpam's English for a result. */
const char *pam_try_text(int result);

#endif
