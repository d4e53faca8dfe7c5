/* sshd's own PAM file, changed so that it asks for a code. */
#ifndef PAM_EDIT_H
#define PAM_EDIT_H

#include "pam_stack.h"

/* What comes before the code; EDIT_OFFER: the password, and in account a line
 * that offers an authenticator. */
enum pam_edit { EDIT_PASSWORD, EDIT_OFFER, EDIT_KEY };

/*
 * Makes the new text of a service's own file, of which stack was read.  words
 * (" config=FILE", or "") go to our lines.  Nothing of the file is lost: what
 * would ask for a password before EDIT_KEY's code becomes a comment.
 *
 * *text_out is the caller's to free.  Returns 0; ERR_EXISTS: it calls our
 * module already; ERR_UNSUPPORTED: another module asks for a code, or it has a
 * form that only a person can change; or ERR_MEMORY.
 */
int pam_edit(const struct pam_stack *stack, const char *text,
    enum pam_edit edit, const char *words, char **text_out,
    struct trouble *why);

#endif
