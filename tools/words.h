/* Judgements and changes in words, for whoever runs the tool. */
#ifndef WORDS_H
#define WORDS_H

#include "account.h"
#include "change.h"
#include "verdict.h"

#include <stdio.h>

/* Says what an answer came to.  Returns the exit status that fits it, or
 * EXIT_UNKNOWN, where it says nothing: there is no such verdict. */
int words_judgement(const struct judgement *judgement, FILE *out);

/* Says on standard error that a user has no authenticator of this name, in
 * whatever bytes.  Returns EXIT_USAGE. */
int words_unknown_name(const char *user, const char *name);

/* Says on standard error why a change was not made, and what helps.  Returns
 * the exit status that fits it; EXIT_YES, where it was made. */
int words_change(const struct changed *changed, const struct account *whose);

#endif
