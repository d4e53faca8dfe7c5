/* What can be known of each line of a stack from how the whole came out. */
#ifndef PAM_KNOWN_H
#define PAM_KNOWN_H

#include "pam_stack.h"

#include <stdbool.h>

/* What a line may have said; several bits: one of these. */
enum pam_known {
	KNOWN_UNREACHED = 1 << 0,
	KNOWN_YES = 1 << 1,
	KNOWN_NO = 1 << 2,
	KNOWN_NO_OPINION = 1 << 3,
};

/* What is known from elsewhere. */
struct pam_clue {
	size_t ours; /* the rule of which more is known; chain's count: none */
	bool reached, unreached; /* that it was, that it was not */
	int said;		 /* where reached: what it answered */
	bool by_root;		 /* root runs the program */
	int status;		 /* how the whole came out */
};

/*
 * Goes through all ways in which the chain can come out like this and marks, by
 * rule, what it answers in them.  False: there is none, or there are too many
 * to go through.
 */
bool pam_known(const struct pam_chain *chain, const struct pam_clue *clue,
    unsigned known_out[PAM_RULES_MAX]);

/* "yes", "yes or not reached", ... */
enum { PAM_KNOWN_SIZE = 48 };
const char *pam_known_text(unsigned known, char room[PAM_KNOWN_SIZE]);

#endif
