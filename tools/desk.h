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

/* A user, or the uid of one who is gone (his name is then ""). */
int desk_find_uid(struct desk *desk, const char *who);

/* A transaction about an enrolled user. */
int desk_begin_enrolled(struct desk *desk, struct store_txn **txn_out);

/*
 * The same under whatever name it was made, with everything in it known to the
 * state; an account without a name then has that one.
 */
int desk_begin_whoever(struct desk *desk, struct store_txn **txn_out);

/* For an account without a name: the one in its enrolment. */
void desk_take_name(struct desk *desk, const struct record *record);

/* What to call the account: without a name, by its uid. */
enum { DESK_WHOM_SIZE = ACCOUNT_NAME_SIZE + 16 };
const char *desk_whom(const struct desk *desk, char room[DESK_WHOM_SIZE]);

/* The answer no: he is not enrolled. */
int desk_not_enrolled(const struct desk *desk);

/* The enrolment of a transaction as it is to be, in memory for secrets; and
 * made so.  doing is for the message. */
int desk_copy(const struct desk *desk, const struct store_txn *txn,
    struct record **record_out);
int desk_enrol(const struct desk *desk, const char *doing,
    struct store_txn *txn, const struct record *record);

/*
 * Visits the command's user, or with --all every uid that is enrolled, with
 * its name of today in desk->account, or "" where it has none.  Opens the
 * store.  Returns the worst of what the visits came to.
 */
int desk_visit(struct desk *desk, const struct invocation *call,
    int (*visit)(struct desk *desk, void *with), void *with);
int desk_visit_all(struct desk *desk,
    int (*visit)(struct desk *desk, void *with), void *with);

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
