/* Where the code comes from: the user, a module before us, or the end of what
 * was asked for at one prompt. */
#ifndef ASK_H
#define ASK_H

#include "answer.h"
#include "login.h"

/* Learns the answer that is to be judged, as the line says.  Returns 0 or an
 * error. */
int ask_answer(struct login *login, struct answer *answer_out);

/*
 * Asks once for password and code, hands the password on and keeps the code.
 * Who needs no code gives the password alone, as the module after us relies on
 * one; the prompt is the same, because nothing is proven yet and strangers need
 * not learn who he is.  Returns 0 or an error.
 */
int ask_both(struct login *login);

#endif
