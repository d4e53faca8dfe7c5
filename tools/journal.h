/* Who changed what, for the system's log. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "account.h"

/*
 * Writes one line: the event, whose account it is about (NULL: nobody's), an
 * authenticator's name (NULL: none), and who did it: the real uid, the uid that
 * logged in, and whom sudo names, which is a hint and no proof.  Names are
 * escaped here.  Never hand it a secret.
 */
void journal_note(const char *event, const struct account *whose,
    const char *authenticator);

#endif
