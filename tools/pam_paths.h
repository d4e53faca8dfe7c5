/* Every way a chain can go, from what its modules can answer. */
#ifndef PAM_PATHS_H
#define PAM_PATHS_H

#include "pam_stack.h"

/* What a module is to a login. */
enum pam_role {
	ROLE_UNKNOWN,	/* could be anything */
	ROLE_FACTOR,	/* proves who it is: a password, a token */
	ROLE_CODE,	/* asks for a one-time code, as we do */
	ROLE_CONDITION, /* is true of some users, hosts or times */
	ROLE_OTHER,	/* known, and proves nothing of who it is */
	ROLE_PERMIT,
	ROLE_DENY,
	ROLE_SILENT, /* never has a say */
	ROLE_ROOT,   /* is true if the program was started by root */
	ROLE_OURS,
};

enum pam_role pam_rule_role(const struct pam_rule *rule);

enum { PAM_ANSWERS_MAX = 10 };

/* What one rule may answer; the kindest answer first. */
struct pam_answers {
	int results[PAM_ANSWERS_MAX];
	int count;
};

/*
 * Adds an answer, unless one that the rule treats the same is there: the
 * paths would differ in nothing.
 */
void pam_answers_add(struct pam_answers *answers, const struct pam_rule *rule,
    int result);

/* Fills in what a module other than ours may answer.  by_root: the program
 * that asks runs as root whoever the user is. */
void pam_answers_of(struct pam_answers *answers, const struct pam_rule *rule,
    bool by_root);

enum { PAM_PATHS_MAX = 1 << 16 };

/*
 * Goes through a chain's paths.  Begin, then after each true of next look at
 * results (by rule) and walk.  cut: there were more than PAM_PATHS_MAX.
 */
struct pam_paths {
	const struct pam_chain *chain;
	const struct pam_answers *answers; /* one for each rule */
	int choice[PAM_RULES_MAX];
	int results[PAM_RULES_MAX];
	struct pam_walk walk;
	size_t count;
	bool cut;
};

void pam_paths_begin(struct pam_paths *paths, const struct pam_chain *chain,
    const struct pam_answers *answers);
bool pam_paths_next(struct pam_paths *paths);

#endif
