/* A PAM service's stacks, read and walked as Linux-PAM does both. */
#ifndef PAM_STACK_H
#define PAM_STACK_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

enum pam_type { PAM_AUTH, PAM_ACCOUNT, PAM_PASSWORD, PAM_SESSION, PAM_TYPES };

/* What a module answers, by Linux-PAM's numbers. */
enum pam_result {
	RESULT_SUCCESS = 0,
	RESULT_SERVICE_ERR = 3,
	RESULT_BUF_ERR = 5,
	RESULT_PERM_DENIED = 6,
	RESULT_AUTH_ERR = 7,
	RESULT_AUTHINFO_UNAVAIL = 9,
	RESULT_USER_UNKNOWN = 10,
	RESULT_MAXTRIES = 11,
	RESULT_NEW_AUTHTOK_REQD = 12,
	RESULT_ACCT_EXPIRED = 13,
	RESULT_CONV_ERR = 19,
	RESULT_IGNORE = 25,
	RESULT_MODULE_UNKNOWN = 28,
	RESULT_COUNT = 32,
};

/* What a line makes of a result; a positive number jumps over so many. */
enum pam_action {
	ACTION_IGNORE = 0,
	ACTION_OK = -1,
	ACTION_DONE = -2,
	ACTION_BAD = -3,
	ACTION_DIE = -4,
	ACTION_RESET = -5,
	ACTION_UNSET = -6, /* while a line is being read */
};

enum pam_rule_kind {
	RULE_MODULE,
	RULE_BROKEN,   /* a line libpam cannot read: it fails when reached */
	RULE_SUBSTACK, /* where a substack begins; calls nothing */
};

enum { PAM_LEVELS = 16 }; /* of substacks, in libpam */

/* One line, at its place in the whole stack.  Its pam_stack owns it. */
struct pam_rule {
	enum pam_rule_kind kind;
	enum pam_type type;
	int level; /* how many substacks it is in */
	int actions[RESULT_COUNT];
	const char *control; /* as written, without brackets; "" if broken */
	const char *module;  /* as written; "" if broken */
	const char **args;
	int arg_count;
	const char *file;
	unsigned line;
	unsigned top_line; /* in the service's own file: this line, or the
			    * include that led here */
	char *text;	   /* owned: what control, module and args point into */
};

/* A service's lines of all types, in order.  Owns everything it points to;
 * pam_stack_done frees it, also after a failure to read. */
struct pam_stack {
	struct pam_rule *rules;
	size_t count;
	char **files; /* every file read, the service's own first */
	size_t file_count;
	bool aborted;	       /* libpam gives up on it: every call fails, */
	struct trouble reason; /* because of this */
	/* The first line that was to go on in the next, where a comment or a
	 * blank line is the next; releases differ in it.  NULL: none. */
	const char *torn_file;
	unsigned torn_line;
};

/* Releases of Linux-PAM that read a file differently.  Since 1.6 a line has
 * room without end, a comment or a blank line ends one that was to go on, and
 * files include each other 15 deep. */
enum pam_release { PAM_AS_BUILT, PAM_BEFORE_1_6, PAM_SINCE_1_6 };

/* Where service files are looked for, the first folder first, and for which
 * libpam. */
struct pam_dirs {
	const char *dirs[2]; /* NULL: none */
	enum pam_release release;
};

/*
 * Reads a service, with the "other" service for types it says nothing of.
 * What libpam would stumble over is in the stack, as broken rules or as
 * aborted.  Fails only where we cannot know what libpam would see: ERR_IO
 * (*why names the file) or ERR_MEMORY.
 */
int pam_stack_read(struct pam_stack *stack, const struct pam_dirs *dirs,
    const char *service, struct trouble *why);
void pam_stack_done(struct pam_stack *stack);
#define AUTO_STACK __attribute__((cleanup(pam_stack_done)))

enum { PAM_RULES_MAX = 200 }; /* of one type; far above any real stack */

/* One type's lines: what libpam walks in one call. */
struct pam_chain {
	const struct pam_rule *rules[PAM_RULES_MAX];
	size_t count;
};

/* Returns 0, or ERR_INPUT: more lines than there is room for. */
int pam_stack_chain(const struct pam_stack *stack, enum pam_type type,
    struct pam_chain *chain_out);

/* What came out of a walk, and which rules were called, in order. */
struct pam_walk {
	int status; /* an enum pam_result */
	size_t called[PAM_RULES_MAX];
	size_t count;
	size_t spoiler; /* the rule that made it a failure; chain's count if
			 * none did */
};

/* Walks a chain whose rule i answers results[i].  Pure. */
void pam_chain_walk(const struct pam_chain *chain, const int *results,
    struct pam_walk *walk_out);

/* The rule that n jumps lead to from rule i (chain's count: past the end). */
size_t pam_chain_jump(const struct pam_chain *chain, size_t i, int n);

/* Whether the line calls this module, by file name without folder or ".so". */
bool pam_rule_calls(const struct pam_rule *rule, const char *module);

/* Whether the line has this word among its arguments. */
bool pam_rule_has(const struct pam_rule *rule, const char *word);

/* "auth", "account", ... and "success", "auth_err", ..., as stacks write them. */
const char *pam_type_name(enum pam_type type);
const char *pam_result_name(int result);

#endif
