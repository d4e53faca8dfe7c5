/* The user database's names by uid, for long lists: one pass over it in place
 * of a look-up for each, which reads a file of all users from its start. */
#ifndef NAMES_H
#define NAMES_H

#include "account.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct name {
	uid_t uid;
	gid_t gid;
	char *name;   /* owned */
	bool logs_in; /* has a shell that /etc/shells names */
};

struct names {
	struct name *rows; /* owned, by uid */
	size_t count;
};

/* Reads what the database lists.  A directory service need not list all that
 * it knows, so what is not found here is looked up. */
int names_read(struct names *names_out);
void names_free(struct names *names);

/* Whether a uid is among these, which ascend, as store_list has them. */
bool names_listed(const uid_t *uids, size_t count, uid_t uid);

/* As person_name. */
int names_find(const struct names *names, uid_t uid,
    char name_out[ACCOUNT_NAME_SIZE]);

#endif
