/* A user as the system's user database knows him. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ACCOUNT_NAME_SIZE = 257 };

struct account {
	bool known; /* false: the database has, for certain, no such user */
	uid_t uid;
	gid_t gid;
	char name[ACCOUNT_NAME_SIZE]; /* as the database spells it */
};

/* Looks a name up.  Returns 0; ERR_DIRECTORY: the database could not tell;
 * or ERR_MEMORY. */
int account_find(const char *name, struct account *account_out,
    struct trouble *why);

/* Whether the account is named in users, or in one of groups (lists separated
 * by commas or blanks).  Returns 0, ERR_DIRECTORY or ERR_MEMORY. */
int account_listed(const struct account *account, const char *users,
    const char *groups, bool *listed_out, struct trouble *why);

/*
 * Whether the shadow file lets this password be changed on a day, counted from
 * 1970: its minimum age may forbid that.  Returns 0, ERR_DIRECTORY or
 * ERR_MEMORY.
 */
int account_changeable(const struct account *account, int64_t day,
    bool *changeable_out, struct trouble *why);

#endif
