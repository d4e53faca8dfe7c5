/*
 * The store: every user's enrolment and state, behind the host key.
 *
 * "Not enrolled" is an answer and needs proof: the store open, its marker
 * right, and no enrolment file.  Everything else that goes wrong is an error.
 */
#ifndef STORE_H
#define STORE_H

#include "account.h"
#include "invitation.h"
#include "offer.h"
#include "record.h"
#include "settings.h"
#include "state.h"

struct store;
struct store_txn;

/* Opens folder and key, and checks both and the marker.  why is kept and
 * filled by the calls below until store_close; it may not be NULL. */
int store_open(const struct settings *settings, struct trouble *why,
    struct store **store_out);
void store_close(struct store *store);
void store_auto_close(struct store **store);
#define AUTO_STORE __attribute__((cleanup(store_auto_close)))

/* Makes folder, key and marker where none of them is; ERR_EXISTS if any is
 * (if all are and are right, too).  Nothing else ever makes one. */
int store_create(const struct settings *settings, struct trouble *why);

/* Whether there is a key without a marker, or the reverse, of which
 * store_create makes no whole store. */
bool store_is_half(const struct settings *settings);

/* Whether folder, key and marker are what a login needs. */
int store_check(const struct settings *settings, struct trouble *why);

/* Whether the account has an enrolment, without a lock: proof of absence for
 * those who then need no code, and nothing else. */
int store_look(struct store *store, const struct account *account,
    bool *enrolled_out);

/*
 * Begins a transaction on one account: locks (5 s deadline), loads, verifies.
 * What was begun must be ended by one of commit, enrol, remove or abort;
 * aborting changes nothing.  A transaction's record and state live as long as
 * it does.
 */
int store_begin(struct store *store, const struct account *account,
    struct store_txn **txn_out);
void store_abort(struct store_txn *txn);
void store_auto_abort(struct store_txn **txn);
#define AUTO_TXN __attribute__((cleanup(store_auto_abort)))

const struct record *store_record(const struct store_txn *txn); /* NULL: none */
struct state *store_state(struct store_txn *txn);

/* Whether the state knows every id of the enrolment, where there is one: else
 * nobody knows what is spent.  Returns 0 or ERR_DAMAGED. */
int store_agree(struct store_txn *txn);

/* Makes the changed state durable, in place, with one fdatasync, and ends the
 * lock.  The transaction is still to be freed by store_abort. */
int store_commit(struct store_txn *txn);

/*
 * The same with a new enrolment, which gets another edition.  What the one
 * before did not have is added to the state (spent gives what of a new
 * authenticator is spent from the start, by position in the record), what is no
 * longer in the record dropped, in the order that never leaves the record with
 * an unknown id, wherever the machine may stop.  One before whose ids the state
 * does not know is damage, and stays.  A first one ends the user's invitation.
 */
int store_enrol(struct store_txn *txn, const struct record *record,
    const uint64_t spent[RECORD_AUTHENTICATORS]);

/* Ends the enrolment: removes it, then the state.  An invitation that is left
 * goes before, as it was for what is now ended. */
int store_remove(struct store_txn *txn);

/* For removing what may be damaged, or nobody's any more: locks and loads
 * nothing; only store_remove or store_abort may follow. */
int store_begin_removing(struct store *store, uid_t uid,
    struct store_txn **txn_out);

/* For enrolling: as store_begin, but makes an empty state where there is no
 * enrolment yet. */
int store_begin_enrolling(struct store *store, const struct account *account,
    struct store_txn **txn_out);

/* For giving an enrolment to another name: as store_begin, under whatever name
 * it was made. */
int store_begin_renamed(struct store *store, const struct account *account,
    struct store_txn **txn_out);

/*
 * For repairing: the same, also where the state is missing or damaged.  It is
 * then empty, store_state_lost() says so, and committing makes it anew.
 */
int store_begin_repairing(struct store *store, const struct account *account,
    struct store_txn **txn_out);
bool store_state_lost(const struct store_txn *txn);

/*
 * The invitation of the user whom a transaction is about; its id is 0 where he
 * has none.  Making one (in place of another) or ending it wants the lock, and
 * does not end the transaction.
 */
int store_invitation(struct store_txn *txn, struct invitation *invitation_out);
int store_invite(struct store_txn *txn, const struct invitation *invitation);
int store_uninvite(struct store_txn *txn);

/*
 * An offer sealed, to be kept by its user, and opened again.  Opening returns
 * 0, or ERR_DAMAGED: it was not sealed by this store, or for another uid; the
 * offer is then to be thrown away.
 */
int store_seal_offer(struct store *store, const struct offer *offer,
    uint8_t blob_out[OFFER_BLOB_BYTES]);
int store_open_offer(struct store *store, uid_t uid,
    const uint8_t blob[OFFER_BLOB_BYTES], struct offer *offer_out);

/*
 * As store_begin without a lock or a wish to write, by uid, for listing: the
 * enrolled name is not compared with anything, the state is, by store_agree.
 */
int store_read(struct store *store, uid_t uid, struct store_txn **txn_out);

/*
 * One of the seats that a uid has among those who are being served at a time,
 * so that nobody's many askings keep others out.  Closing *fd_out, or the
 * process's end, gives it up.  Returns 0; ERR_BUSY: all are taken; or another
 * error.
 */
enum { STORE_SEATS = 8 };
int store_seat(const struct settings *settings, uid_t uid, int *fd_out,
    struct trouble *why);

/* Uids of all enrolments, or invitations, ascending; *uids_out is the caller's
 * to free. */
int store_list(struct store *store, uid_t **uids_out, size_t *count_out);
int store_list_invited(struct store *store, uid_t **uids_out,
    size_t *count_out);

#endif
