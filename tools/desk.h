/* Where a command meets one user's enrolment.  What goes wrong is told here:
 * calls return EXIT_YES, or the exit status of what they told. */
#ifndef DESK_H
#define DESK_H

#include "account.h"
#include "cmd.h"
#include "codes.h"
#include "store.h"

struct desk {
	const struct settings *settings; /* borrowed */
	struct store *store;		 /* owned */
	struct account account;
	struct trouble why; /* of the store's calls; so a desk stays put */
};

void desk_close(struct desk *desk);
#define AUTO_DESK __attribute__((cleanup(desk_close)))

/* Looks up a user, or the one who runs the program where user is NULL. */
int desk_find(struct desk *desk, const char *user);

/* Opens the store; with a user as above. */
int desk_open(struct desk *desk, const struct settings *settings);
int desk_open_for(struct desk *desk, const struct settings *settings,
    const char *user);

/* The user's enrolment as it is now, without a lock: for looking, and while
 * somebody types. */
int desk_read(struct desk *desk, struct store_txn **txn_out);

/* A transaction; its record is NULL where the user is not enrolled. */
int desk_begin(struct desk *desk, struct store_txn **txn_out);

/* The same, where not being enrolled is told and is the answer no. */
int desk_read_enrolled(struct desk *desk, struct store_txn **txn_out);
int desk_begin_enrolled(struct desk *desk, struct store_txn **txn_out);

/*
 * Stores one more authenticator, whose id and time of creation are set here;
 * spent as in struct state_entry.  A user without recovery codes gets them in
 * *codes.
 */
int desk_add(struct desk *desk, struct authenticator *add, uint64_t spent,
    struct codes *codes);

/* Tells a failure of a store call. */
int desk_fail(const struct desk *desk, const char *doing, int err);

/* Asks before something that cannot be undone, unless --yes was given. */
int desk_agree(const struct invocation *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The name for an authenticator, given or found: it fits and is free. */
int desk_name(struct desk *desk, const char *wish,
    char name_out[RECORD_NAME_SIZE]);

#endif
