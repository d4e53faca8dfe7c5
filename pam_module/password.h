/* What becomes of passwords: of one that is chosen, and of one that has logged
 * in. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include "login.h"

/* The password phase: a new password that is fit to be stored stands in
 * PAM_AUTHTOK afterwards, and none that is not.  Returns a PAM code. */
int password_choose(struct login *login);

/*
 * In auth, once the user has been let on: if the password that a line before
 * ours has asked for is breached, the transaction remembers it.  What cannot
 * be looked up is logged, and stops nobody.
 */
void password_note(struct login *login);

/* In account: what is answered where such a password was noted; or else code.
 * Returns a PAM code. */
int password_account(struct login *login, int code);

#endif
