/* Talking with the user, through whatever program the login runs in. */
#ifndef CONV_H
#define CONV_H

#include "login.h"

/* Learns PAM_USER; *user_out is libpam's.  Returns 0, ERR_TALK or
 * ERR_TALK_LATER. */
int conv_user(struct login *login, const char **user_out);

/*
 * Asks one question in one message, hidden unless the line says echo.  The
 * answer is the caller's to wipe and free, and is never NULL on success.
 * Returns 0, ERR_TALK, ERR_TALK_LATER or ERR_MEMORY.
 */
int conv_ask(struct login *login, const char *prompt, char **answer_out);

/*
 * Asks for a new password, in libpam's words, which programs know.  It stands
 * in PAM_AUTHTOK then, and is libpam's.  Returns 0, ERR_TALK or ERR_MEMORY.
 */
int conv_new_password(struct login *login, const char **password_out);

/* Asks for it once more.  Returns 0; ERR_INPUT: it was another, which libpam
 * has told; or as above. */
int conv_new_password_again(struct login *login, const char *password);

/* Tells something, in one message, unless the program wants silence.  Nobody's
 * login hangs on it, so nothing is returned. */
void conv_tell(struct login *login, int style, const char *text);

#endif
