/* A file that others can write: read by root without being led elsewhere. */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "err.h"

#include <stddef.h>
#include <sys/types.h>

/* Whose a file may be, beside what nobody else may read or write. */
struct foreign_owner {
	uid_t uid;
	int or_root;
};

/* Its text, in memory for secrets. */
struct foreign {
	char *text;  /* owned; NUL-terminated, without a NUL inside */
	size_t room; /* of text */
	uid_t owner;
};
void foreign_done(struct foreign *foreign);
#define AUTO_FOREIGN __attribute__((cleanup(foreign_done)))

/*
 * Reads a file of so many bytes at most.  It has to be a regular one, not a
 * link, with one name, its owner's alone: what is opened is looked at, so that
 * nobody can put another in its place.  owner NULL: anybody's.  Returns 0;
 * ERR_MISSING: there is none; or an error, with *why naming the file.
 */
int foreign_read(const char *path, const struct foreign_owner *owner,
    size_t most, struct foreign *foreign_out, struct trouble *why);

#endif
