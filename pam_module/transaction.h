/* What one phase leaves for a later one of the same transaction. */
#ifndef TRANSACTION_H
#define TRANSACTION_H

#include "breach.h"
#include "login.h"

/* The next attempt begins with nothing verified or breached.  Returns 0, or
 * ERR_PAM. */
int transaction_forget(struct login *login);

/*
 * That a code has been verified for this user, by uid and name: the
 * application may still change its mind about PAM_USER.  Where this cannot be
 * kept, or told, the guard refuses, which is the safe side.
 */
void transaction_note_verified(struct login *login);
bool transaction_was_verified(struct login *login);

/*
 * The same, that this login let the user on because account will enrol him.
 * Noting returns 0 or an error: nobody would, so he must not go on.  Telling
 * returns 0, or ERR_PAM: neither must he then.
 */
int transaction_note_offered(struct login *login);
int transaction_was_offered(struct login *login, bool *offered_out);
void transaction_forget_offered(struct login *login);

/* The same of a password that is breached, with how often it was seen (said of
 * such a one alone), until another has been chosen.  Noting returns 0 or an
 * error: it is not noted.  Telling returns 0 or ERR_PAM. */
int transaction_note_breached(struct login *login,
    const struct breach_seen *seen);
int transaction_was_breached(struct login *login, bool *breached_out,
    struct breach_seen *seen_out);
void transaction_forget_breached(struct login *login);

/*
 * The code of a split answer, from the line that asked to the one that judges.
 * Keeping takes it in any case; taking gives it, to be wiped and freed.
 * Both return 0 or an error; ERR_SETTINGS: no line has kept one.
 */
int transaction_keep_code(struct login *login, char *code);
int transaction_take_code(struct login *login, char **code_out);

#endif
