/* Enrolment as a part of the login. */
#ifndef ENROL_H
#define ENROL_H

#include "login.h"

/*
 * In account, for a user whom this transaction's auth has let on for it: shows
 * an authenticator to scan or to type in, and stores it when a code confirms
 * it.  The transaction has then verified a code.  Returns PAM_IGNORE where the
 * login goes on, enrolled or put off as long as the settings let it, or else
 * the code of a refusal, which the user is told.
 */
int enrol_in_login(struct login *login);

#endif
