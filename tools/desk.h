/* Where a command meets one user's enrolment.  What goes wrong is told here:
 * calls return EXIT_YES, or the exit status of what they told. */
#ifndef DESK_H
#define DESK_H

#include "account.h"
#include "cmd.h"
#include "service_enrol.h"
#include "store.h"

#include <stdbool.h>

struct desk {
	const struct settings *settings; /* borrowed */
	struct account account;
	bool asks; /* the verifier, who wants proof */
	struct asker asker;
	struct store *store; /* owned; NULL where it is not open */
	struct trouble why;  /* of the store's calls; so a desk stays put */
};

void desk_close(struct desk *desk);
#define AUTO_DESK __attribute__((cleanup(desk_close)))

/* Looks the user up, or the one who runs the program where user is NULL. */
int desk_find(struct desk *desk, const struct settings *settings,
    const char *user);

/* ---- whoever runs the program ---- */

/* What protects the account; with the second, not being enrolled is told and
 * is the answer no. */
int desk_status(struct desk *desk, struct summary *summary_out);
int desk_status_enrolled(struct desk *desk, struct summary *summary_out);

/* The authenticator of that name; NULL, which is told: there is none. */
const struct authenticator *desk_pick(const struct desk *desk,
    const struct summary *summary, const char *name);

/* Asks at the terminal for what proves that it is the user himself; of an
 * administrator, nothing. */
int desk_prove(struct desk *desk, bool enrolled, struct proof *proof_out);

/*
 * Makes a change.  desk_change tells why it was not made, too; with
 * desk_try_change that is in *changed_out.
 */
int desk_try_change(struct desk *desk, const struct wanted *wanted,
    struct changed *changed_out);
int desk_change(struct desk *desk, const struct wanted *wanted,
    struct changed *changed_out);

/* Writes an event to the log, unless the verifier has done so. */
void desk_note(const struct desk *desk, const char *event,
    const char *authenticator);

/* ---- an administrator, at the store itself ---- */

/* Opens the store; with a user, as desk_find. */
int desk_open(struct desk *desk, const struct settings *settings);
int desk_open_for(struct desk *desk, const struct settings *settings,
    const char *user);

/* A transaction about an enrolled user. */
int desk_begin_enrolled(struct desk *desk, struct store_txn **txn_out);

/* The answer no: he is not enrolled. */
int desk_not_enrolled(const struct desk *desk);

/* The enrolment of a transaction as it is to be, in memory for secrets; and
 * made so.  doing is for the message. */
int desk_copy(const struct desk *desk, const struct store_txn *txn,
    struct record **record_out);
int desk_enrol(const struct desk *desk, const char *doing,
    struct store_txn *txn, const struct record *record);

/* ---- both ---- */

/* Tells a failure of a store call, or of a service's. */
int desk_fail(const struct desk *desk, const char *doing, int err);

/* Asks before something that cannot be undone, unless --yes was given. */
int desk_agree(const struct invocation *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An authenticator's name as it was given, or "" where it was not.  what is
 * the word it was given by. */
int desk_name(const char *what, const char *given,
    char name_out[RECORD_NAME_SIZE]);

#endif
