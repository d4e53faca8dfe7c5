/* What 'sallyport setup' is made of. */
#ifndef SETUP_H
#define SETUP_H

#include "cmd.h"
#include "trial.h"

/* Makes store and key where there are none.  Like the calls below, returns
 * EXIT_YES, or the exit status of what it told. */
int setup_store(const struct settings *settings, bool *made_out);

/* Has sshd ask for a code, on trial; ends the trial; takes the change back,
 * asking first, or without a word where nobody has confirmed it. */
int setup_ssh(struct invocation *call);
int setup_confirm(struct invocation *call);
int setup_undo(struct invocation *call);
int setup_roll_back(struct invocation *call);

/* Puts the files back, has sshd read them, and ends the trial, if there is
 * one. */
int setup_take_back(const struct trial *trial);

/* Shows what a file would become, as diff(1) does; after is open, at its
 * start. */
int setup_show_change(const char *file, const char *name, int after);

#endif
