/* A stack of another module for one-time codes, as one of ours. */
#ifndef MIGRATION_H
#define MIGRATION_H

#include "pam_stack.h"

enum { MIGRATION_FILES = 4, MIGRATION_UNEQUAL = 32, MIGRATION_OPTION = 128 };

/* A service file, written anew. */
struct migrated_file {
	const char *file; /* the stack's */
	char *text;	  /* owned */
};

/* An option, or a control, that has no equal here. */
struct unequal {
	char option[MIGRATION_OPTION];
	const char *file; /* the stack's */
	unsigned line;
	const char *why;
};

/* All that has to be written and done.  migration_done frees; it lives no
 * longer than the stack it was made of. */
struct migration {
	struct migrated_file files[MIGRATION_FILES];
	size_t file_count;
	char settings[512];  /* lines for sallyport.conf */
	char commands[2048]; /* lines for a shell */
	struct unequal unequal[MIGRATION_UNEQUAL];
	size_t unequal_count;
};

/*
 * Makes it of a stack's auth lines that call pam_google_authenticator or
 * pam_oath.  Where there is none, there are no files.  config names other
 * settings than the usual ones, or is NULL.  Returns 0, or ERR_IO, ERR_MEMORY
 * or ERR_INPUT (more of everything than there is room for) with the reason in
 * *why.
 */
int migration_make(struct migration *migration, const struct pam_stack *stack,
    const char *config, struct trouble *why);
void migration_done(struct migration *migration);
#define AUTO_MIGRATION __attribute__((cleanup(migration_done)))

#endif
