/* Enrolments changed in this process, in the store. */
#include "service_enrol.h"

#include "io.h"
#include "mem.h"
#include "service.h"
#include "store.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct begun *
begun_new(void)
{
	return secret_new(sizeof(struct begun));
}

void
begun_auto_free(struct begun **begun)
{
	secret_free(*begun, sizeof **begun);
}

/* ---- a change in the making ---- */

struct making {
	const struct settings *settings;
	struct account account;
	struct store *store;   /* owned */
	struct store_txn *txn; /* owned */
	struct record *record; /* owned: the enrolment as it is to be */
	bool enrolled;	       /* before */
	struct invitation invitation;
	int64_t now;
	struct trouble *why; /* borrowed */
};

static void
making_done(struct making *making)
{
	store_abort(making->txn);
	record_free(making->record);
	store_close(making->store);
	mem_wipe(making, sizeof *making);
}
#define AUTO_MAKING __attribute__((cleanup(making_done)))

static int
open_store(struct making *making, const struct settings *settings,
    const struct account *account, struct trouble *why)
{
	*making = (struct making){ .settings = settings,
		.account = *account,
		.why = why };
	if ((making->record = record_new()) == NULL)
		return err_say(why, ERR_MEMORY, "enrolling");
	return store_open(settings, why, &making->store);
}

/* What the user has, or the beginning of an enrolment. */
static int
copy_record(struct making *making)
{
	const struct record *is = store_record(making->txn);
	struct record *record = making->record;

	making->enrolled = is != NULL;
	if (is != NULL) {
		*record = *is;
		return 0;
	}
	record->uid = making->account.uid;
	record->created = making->now;
	return text_copy(record->user, sizeof record->user,
	    making->account.name);
}

/* begin is store_begin, or where a first enrolment may come of it,
 * store_begin_enrolling. */
static int
lock(struct making *making,
    int (*begin)(struct store *, const struct account *, struct store_txn **))
{
	int r;

	if ((r = begin(making->store, &making->account, &making->txn)) < 0 ||
	    (r = service_now(&making->now, making->why)) < 0)
		return r;
	return copy_record(making);
}

static int
start(struct making *making, const struct settings *settings,
    const struct account *account, struct trouble *why)
{
	int r = open_store(making, settings, account, why);

	return r < 0 ? r : lock(making, store_begin);
}

/* ---- who may ---- */

/*
 * Looks at the proof.  An answer of who is enrolled is judged: a refusal is
 * durable when this returns, an acceptance with the state that the change
 * writes.  CHANGE_DONE in *changed: he may.
 */
static int
prove(struct making *making, const struct proof *proof, struct changed *changed)
{
	const struct record *record = store_record(making->txn);
	int r;

	if (record == NULL && proof->kind == PROOF_ANSWER &&
	    (r = store_invitation(making->txn, &making->invitation)) < 0)
		return r;
	changed->change = judge_proof(making->settings, making->account.name,
	    record, &making->invitation, proof, making->now);
	if (changed->change != CHANGE_DONE || record == NULL ||
	    proof->kind != PROOF_ANSWER)
		return 0;
	judge(making->settings, record, store_state(making->txn),
	    &proof->answer, making->now, &changed->judgement);
	if (changed->judgement.verdict == VERDICT_ACCEPTED ||
	    changed->judgement.verdict == VERDICT_ACCEPTED_RECOVERY)
		return 0;
	changed->change = CHANGE_UNPROVEN;
	if (changed->judgement.verdict == VERDICT_CANNOT_TELL)
		return err_say(making->why, ERR_DAMAGED,
		    "the enrolment and the state of uid %lu do not belong "
		    "together",
		    (unsigned long)making->account.uid);
	return store_commit(making->txn);
}

static void
note(struct making *making, enum notice notice, enum proof_kind proof)
{
	unsigned shift =
	    proof == PROOF_ADMINISTRATOR ? NOTICE_BY_ADMINISTRATOR : 0;

	store_state(making->txn)->notices |= (uint32_t)notice << shift;
}

/* ---- adding ---- */

static void
first_free_name(struct record *record, char name_out[RECORD_NAME_SIZE])
{
	snprintf(name_out, RECORD_NAME_SIZE, "phone");
	for (int n = 2; record_find(record, name_out) != NULL; n++)
		snprintf(name_out, RECORD_NAME_SIZE, "phone-%d", n);
}

/* Gives a new authenticator what it lacks, and puts it into the record to be.
 * CHANGE_DONE: it has a place. */
static int
place(struct making *making, struct authenticator *add, struct changed *changed)
{
	struct record *record = making->record;
	int r;

	if (add->name[0] == '\0')
		first_free_name(record, add->name);
	memcpy(changed->name, add->name, sizeof changed->name);
	if (record->count == RECORD_AUTHENTICATORS) {
		changed->change = CHANGE_FULL;
		return 0;
	}
	if (record_find(record, add->name) != NULL) {
		changed->change = CHANGE_NAME_TAKEN;
		return 0;
	}
	add->created = making->now;
	if ((r = record_add(record, add)) < 0)
		return err_say(making->why, r,
		    "no such authenticator can be enrolled");
	changed->change = CHANGE_DONE;
	return 0;
}

/* Stores the record to be, whose last authenticator is new. */
static int
store_added(struct making *making, uint64_t spent, enum proof_kind proof,
    struct codes *codes)
{
	uint64_t starts[RECORD_AUTHENTICATORS] = { 0 };
	struct record *record = making->record;
	int r;

	starts[record->count - 1] = spent;
	codes->count = 0;
	if (record->recovery.id == 0 &&
	    (r = codes_draw(making->now, &record->recovery, codes)) < 0)
		return err_say(making->why, r, "drawing recovery codes");
	note(making, NOTICE_ADDED, proof);
	return store_enrol(making->txn, record, starts);
}

int
service_add_local(const struct settings *settings,
    const struct account *account, struct authenticator *add, uint64_t spent,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct changed changed = { .change = CHANGE_NONE };
	int r;

	if ((r = open_store(&making, settings, account, why)) < 0 ||
	    (r = lock(&making, store_begin_enrolling)) < 0)
		return r;
	if ((r = codes_draw_id(&add->id)) < 0)
		return err_say(why, r, "no randomness: %m");
	r = place(&making, add, &changed);
	if (r == 0 && changed.change == CHANGE_DONE)
		r = store_added(&making, spent, PROOF_ADMINISTRATOR, codes_out);
	if (r < 0)
		return r;
	*changed_out = changed;
	return 0;
}

/* ---- beginning and confirming ---- */

/* RFC 4226 section 4, R6 recommends 160 bits; RFC 6238 section 5.1 the length
 * of the hash. */
static int
draw(const struct authenticator *wish, struct authenticator *drawn,
    struct trouble *why)
{
	int r;

	*drawn = *wish;
	drawn->pending = false;
	drawn->key_len = algorithm_bytes(drawn->algorithm);
	memset(drawn->key, 0, sizeof drawn->key);
	if ((r = codes_draw_id(&drawn->id)) < 0 ||
	    (r = io_random(drawn->key, drawn->key_len)) < 0)
		return err_say(why, r, "no randomness: %m");
	return 0;
}

static int
seal(struct making *making, const struct proof *proof, struct begun *begun)
{
	AUTO_OFFER struct offer *offer = offer_new();

	if (offer == NULL)
		return err_say(making->why, ERR_MEMORY, "enrolling");
	offer->uid = making->account.uid;
	memcpy(offer->user, making->account.name, sizeof offer->user);
	offer->begun = making->now;
	offer->proof = proof->kind;
	offer->enrolled = making->enrolled;
	offer->edition = store_state(making->txn)->edition;
	if (!making->enrolled && proof->kind == PROOF_ANSWER)
		offer->invitation = making->invitation.id;
	offer->authenticator = begun->authenticator;
	return store_seal_offer(making->store, offer, begun->blob);
}

int
service_begin_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *wish, struct begun *begun_out,
    struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	AUTO_BEGUN struct begun *begun = begun_new();
	struct changed changed = { .change = CHANGE_NONE };
	int r;

	if (begun == NULL)
		return err_say(why, ERR_MEMORY, "enrolling");
	if ((r = start(&making, settings, account, why)) < 0 ||
	    (r = draw(wish, &begun->authenticator, why)) < 0 ||
	    (r = place(&making, &begun->authenticator, &changed)) < 0)
		return r;
	/* What would not have a place costs nobody a code. */
	if (changed.change == CHANGE_DONE)
		r = prove(&making, proof, &changed);
	/* Nothing is handed out for an answer before that is spent. */
	if (r == 0 && changed.change == CHANGE_DONE &&
	    proof->kind == PROOF_ANSWER)
		r = store_commit(making.txn);
	if (r == 0 && changed.change == CHANGE_DONE &&
	    (r = seal(&making, proof, begun)) == 0)
		*begun_out = *begun;
	if (r < 0)
		return r;
	*changed_out = changed;
	return 0;
}

/* Whether offer and code are good: then the authenticator is in the record to
 * be, and *spent_out says what of it is spent. */
static int
take_offer(struct making *making, struct offer *offer,
    const struct proof *proof, const struct answer *answer, uint64_t *spent_out,
    struct changed *changed)
{
	int r;

	if (offer->invitation != 0 &&
	    (r = store_invitation(making->txn, &making->invitation)) < 0)
		return r;
	changed->change =
	    judge_offer(making->settings, offer, making->account.name,
		store_record(making->txn), store_state(making->txn),
		&making->invitation, proof->kind, making->now);
	if (changed->change != CHANGE_DONE)
		return 0;
	r = judge_confirmation(making->settings, &offer->authenticator, answer,
	    0, making->now, spent_out);
	if (r == ERR_INPUT) {
		changed->change = CHANGE_UNCONFIRMED;
		return 0;
	}
	if (r < 0)
		return err_say(making->why, r, "checking the code");
	return place(making, &offer->authenticator, changed);
}

int
service_confirm_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const uint8_t blob[OFFER_BLOB_BYTES], const struct answer *answer,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	AUTO_OFFER struct offer *offer = offer_new();
	struct changed changed = { .change = CHANGE_OVER };
	uint64_t spent = 0;
	int r;

	if (offer == NULL)
		return err_say(why, ERR_MEMORY, "enrolling");
	if ((r = open_store(&making, settings, account, why)) < 0)
		return r;
	if (store_open_offer(making.store, account->uid, blob, offer) < 0) {
		*changed_out = changed; /* this store sealed nothing like it */
		return 0;
	}
	if ((r = lock(&making, store_begin_enrolling)) == 0)
		r = take_offer(&making, offer, proof, answer, &spent, &changed);
	if (r == 0 && changed.change == CHANGE_DONE)
		r = store_added(&making, spent, proof->kind, codes_out);
	if (r < 0)
		return r;
	*changed_out = changed;
	return 0;
}

/* ---- changing what is there ---- */

static const uint64_t nothing_new[RECORD_AUTHENTICATORS];

/* The authenticator that was looked at before, in the record to be; NULL, with
 * what that comes to: the user has none. */
static struct authenticator *
find(struct making *making, const struct authenticator *which,
    struct changed *changed)
{
	struct authenticator *found = record_find(making->record, which->name);

	(void)text_copy(changed->name, sizeof changed->name, which->name);
	if (found != NULL && found->created == which->created)
		return found;
	changed->change =
	    making->enrolled ? CHANGE_NAME_UNKNOWN : CHANGE_UNENROLLED;
	return NULL;
}

static int
rename_it(struct making *making, const struct proof *proof,
    struct authenticator *found, const char *name, struct changed *changed)
{
	const struct authenticator *other = record_find(making->record, name);
	int r;

	if (!record_name_fits(name))
		return err_say(making->why, ERR_INPUT,
		    "no authenticator can have that name");
	if (other != NULL) {
		changed->change = CHANGE_NAME_TAKEN;
		return 0;
	}
	if ((r = prove(making, proof, changed)) < 0 ||
	    changed->change != CHANGE_DONE)
		return r;
	(void)text_copy(found->name, sizeof found->name, name);
	note(making, NOTICE_RENAMED, proof->kind);
	return store_enrol(making->txn, making->record, nothing_new);
}

int
service_rename_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *which, const char *name,
    struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct changed changed = { .change = CHANGE_NONE };
	struct authenticator *found;
	int r;

	if ((r = start(&making, settings, account, why)) < 0)
		return r;
	if ((found = find(&making, which, &changed)) != NULL &&
	    (r = rename_it(&making, proof, found, name, &changed)) < 0)
		return r;
	*changed_out = changed;
	return 0;
}

static int
remove_it(struct making *making, const struct proof *proof,
    struct authenticator *found, struct changed *changed)
{
	int r;

	if ((r = prove(making, proof, changed)) < 0 ||
	    changed->change != CHANGE_DONE)
		return r;
	record_drop(making->record, found);
	changed->ended = making->record->count == 0;
	if (changed->ended)
		return store_remove(making->txn);
	note(making, NOTICE_REMOVED, proof->kind);
	return store_enrol(making->txn, making->record, nothing_new);
}

int
service_remove_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *which, struct changed *changed_out,
    struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct changed changed = { .change = CHANGE_NONE };
	struct authenticator *found;
	int r;

	if ((r = start(&making, settings, account, why)) < 0)
		return r;
	if ((found = find(&making, which, &changed)) != NULL &&
	    (r = remove_it(&making, proof, found, &changed)) < 0)
		return r;
	*changed_out = changed;
	return 0;
}

static int
replace_codes(struct making *making, const struct proof *proof,
    struct codes *codes, struct changed *changed)
{
	int r;

	if ((r = prove(making, proof, changed)) < 0 ||
	    changed->change != CHANGE_DONE)
		return r;
	if ((r = codes_draw(making->now, &making->record->recovery, codes)) < 0)
		return err_say(making->why, r, "drawing recovery codes");
	note(making, NOTICE_RECOVERY, proof->kind);
	return store_enrol(making->txn, making->record, nothing_new);
}

int
service_recovery_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct changed changed = { .change = CHANGE_UNENROLLED };
	int r;

	if ((r = start(&making, settings, account, why)) < 0 ||
	    (making.enrolled &&
		(r = replace_codes(&making, proof, codes_out, &changed)) < 0))
		return r;
	*changed_out = changed;
	return 0;
}

/* ---- inviting ---- */

int
service_invite_local(const struct settings *settings,
    const struct account *account, int64_t seconds,
    char code_out[RECOVERY_TEXT_SIZE], int64_t *expires_out,
    struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct invitation *invitation = &making.invitation;
	int r;

	if ((r = open_store(&making, settings, account, why)) < 0 ||
	    (r = lock(&making, store_begin_enrolling)) < 0)
		return r;
	if (making.enrolled)
		return err_say(why, ERR_EXISTS, "%s is enrolled",
		    account->name);
	invitation->uid = account->uid;
	memcpy(invitation->user, account->name, sizeof invitation->user);
	invitation->created = making.now;
	invitation->expires = making.now + seconds;
	if ((r = codes_draw_invitation(invitation, code_out)) < 0)
		return err_say(why, r, "drawing a code");
	if ((r = store_invite(making.txn, invitation)) < 0)
		return r;
	*expires_out = invitation->expires;
	return 0;
}

int
service_uninvite_local(const struct settings *settings,
    const struct account *account, bool *ended_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	bool there;
	int r;

	if ((r = open_store(&making, settings, account, why)) < 0 ||
	    (r = lock(&making, store_begin_enrolling)) < 0)
		return r;
	/* A damaged one goes, too. */
	there = store_invitation(making.txn, &making.invitation) < 0 ||
		making.invitation.id != 0;
	if ((r = store_uninvite(making.txn)) < 0)
		return r;
	*ended_out = there;
	return 0;
}
