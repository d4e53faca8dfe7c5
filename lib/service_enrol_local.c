/* Enrolments changed in this process, in the store. */
#include "service_enrol.h"

#include "codes.h"
#include "io.h"
#include "mem.h"
#include "store.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- a change in the making ---- */

struct making {
	const struct settings *settings; /* borrowed */
	struct account account;
	struct store *store;   /* owned */
	struct store_txn *txn; /* owned */
	struct record *record; /* owned: the enrolment as it is to be */
	bool enrolled;	       /* before */
	struct invitation invitation;
	int64_t now;
	struct changed *changed; /* borrowed: what came of it, so far */
	struct trouble *why;	 /* borrowed */
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
    const struct account *account, struct changed *changed, struct trouble *why)
{
	*making = (struct making){ .settings = settings,
		.account = *account,
		.changed = changed,
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

/* ---- who may ---- */

/*
 * Looks at the proof.  An answer of who is enrolled is judged: a refusal is
 * durable when this returns, an acceptance with the state that the change
 * writes.  Returns 1: he may; 0: he may not; or an error.
 */
static int
prove(struct making *making, const struct proof *proof)
{
	const struct record *record = store_record(making->txn);
	struct changed *changed = making->changed;
	int r;

	if (record == NULL && proof->kind == PROOF_ANSWER &&
	    (r = store_invitation(making->txn, &making->invitation)) < 0)
		return r;
	changed->change = judge_proof(making->settings, making->account.name,
	    record, &making->invitation, proof, making->now);
	if (changed->change != CHANGE_DONE)
		return 0;
	if (record == NULL || proof->kind != PROOF_ANSWER)
		return 1;
	if ((r = service_judge(making->settings, making->txn, &proof->answer,
		 making->now, &changed->judgement, making->why)) < 0)
		return r;
	if (verdict_accepts(changed->judgement.verdict))
		return 1;
	changed->change = CHANGE_UNPROVEN;
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
 * Returns 1, 0: there is no place for it, or an error. */
static int
place(struct making *making, struct authenticator *add)
{
	struct record *record = making->record;
	struct changed *changed = making->changed;
	int r;

	if (add->name[0] == '\0')
		first_free_name(record, add->name);
	memcpy(changed->name, add->name, sizeof changed->name);
	if (record->count == RECORD_AUTHENTICATORS)
		changed->change = CHANGE_FULL;
	else if (record_find(record, add->name) != NULL)
		changed->change = CHANGE_NAME_TAKEN;
	else
		changed->change = CHANGE_DONE;
	if (changed->change != CHANGE_DONE)
		return 0;
	add->created = making->now;
	if ((r = record_add(record, add)) < 0)
		return err_say(making->why, r,
		    "no such authenticator can be enrolled");
	return 1;
}

/* Stores the record to be, whose last authenticator is new. */
static int
store_added(struct making *making, uint64_t spent, enum proof_kind proof)
{
	uint64_t starts[RECORD_AUTHENTICATORS] = { 0 };
	struct record *record = making->record;
	int r;

	starts[record->count - 1] = spent;
	if (record->recovery.id == 0 &&
	    (r = codes_draw(making->now, &record->recovery,
		 &making->changed->codes)) < 0)
		return err_say(making->why, r, "drawing recovery codes");
	note(making, NOTICE_ADDED, proof);
	if (proof == PROOF_LOGIN)
		note(making, NOTICE_UNSEEN, proof);
	return store_enrol(making->txn, record, starts);
}

static bool
is_same(const struct authenticator *a, const struct authenticator *b)
{
	return a->kind == b->kind && a->algorithm == b->algorithm &&
	       a->digits == b->digits && a->period == b->period &&
	       a->key_len == b->key_len &&
	       mem_equal(a->key, b->key, a->key_len);
}

/* The user's authenticator that would be added a second time, or NULL. */
static const struct authenticator *
find_same(const struct record *record, const struct authenticator *add)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		if (is_same(a, add) &&
		    (add->name[0] == '\0' || strcmp(a->name, add->name) == 0))
			return a;
	}
	return NULL;
}

/* A code of a key opens once, whatever other program or name took it: in each
 * entry of the key, and for a new one in *spent, stands the most that any knows
 * of.  Returns whether an entry had less. */
static bool
spend_key(struct making *making, const struct authenticator *add,
    uint64_t *spent)
{
	const struct record *record = making->record;
	struct state_entry *entries[RECORD_AUTHENTICATORS];
	size_t count = 0;
	bool more = false;

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		if (!is_same(a, add))
			continue;
		entries[count] = state_find(store_state(making->txn), a->id);
		if (entries[count]->spent > *spent)
			*spent = entries[count]->spent;
		count++;
	}
	for (size_t i = 0; i < count; i++) {
		more |= entries[i]->spent < *spent;
		entries[i]->spent = *spent;
	}
	return more;
}

static int
add_one(struct making *making, struct authenticator *add, uint64_t spent)
{
	struct changed *changed = making->changed;
	const struct authenticator *same = find_same(making->record, add);
	bool more;
	int r;

	if ((r = store_agree(making->txn)) < 0)
		return r;
	more = spend_key(making, add, &spent);
	if (same != NULL) {
		changed->change = CHANGE_DONE;
		changed->already = true;
		memcpy(changed->name, same->name, sizeof same->name);
		return more ? store_commit(making->txn) : 0;
	}
	if ((r = codes_draw_id(&add->id)) < 0)
		return err_say(making->why, r, "no randomness: %m");
	if ((r = place(making, add)) > 0)
		r = store_added(making, spent, PROOF_ADMINISTRATOR);
	return r;
}

int
service_add(const struct settings *settings, const struct account *account,
    struct authenticator *add, uint64_t spent, struct changed *changed_out,
    struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	AUTO_CHANGED struct changed *changed = changed_new();
	int r;

	if (changed == NULL)
		return err_say(why, ERR_MEMORY, "enrolling");
	if ((r = open_store(&making, settings, account, changed, why)) < 0 ||
	    (r = lock(&making, store_begin_enrolling)) < 0 ||
	    (r = add_one(&making, add, spent)) < 0)
		return r;
	*changed_out = *changed;
	return 0;
}

/* ---- beginning ---- */

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
seal(struct making *making, const struct proof *proof)
{
	AUTO_OFFER struct offer *offer = offer_new();
	struct changed *changed = making->changed;

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
	offer->authenticator = changed->begun;
	return store_seal_offer(making->store, offer, changed->blob);
}

/* Nothing is handed out for an answer before that is spent; and what would not
 * have a place costs nobody one. */
static int
begin_one(struct making *making, const struct wanted *wanted)
{
	struct authenticator *begun = &making->changed->begun;
	int r;

	if ((r = draw(&wanted->which, begun, making->why)) < 0 ||
	    (r = place(making, begun)) <= 0 ||
	    (r = prove(making, &wanted->proof)) <= 0)
		return r;
	if (wanted->proof.kind == PROOF_ANSWER &&
	    (r = store_commit(making->txn)) < 0)
		return r;
	return seal(making, &wanted->proof);
}

/* ---- confirming ---- */

/* Whether the offer and the code for it are good: as place(), with what of it
 * is then spent. */
static int
take_offer(struct making *making, struct offer *offer,
    const struct wanted *wanted, uint64_t *spent_out)
{
	struct changed *changed = making->changed;
	int r;

	if (offer->invitation != 0 &&
	    (r = store_invitation(making->txn, &making->invitation)) < 0)
		return r;
	changed->change =
	    judge_offer(making->settings, offer, making->account.name,
		store_record(making->txn), store_state(making->txn),
		&making->invitation, wanted->proof.kind, making->now);
	if (changed->change != CHANGE_DONE)
		return 0;
	r = judge_confirmation(making->settings, &offer->authenticator,
	    &wanted->answer, 0, making->now, spent_out);
	if (r == ERR_INPUT) {
		changed->change = CHANGE_UNCONFIRMED;
		return 0;
	}
	if (r < 0)
		return err_say(making->why, r, "checking the code");
	return place(making, &offer->authenticator);
}

static int
confirm(struct making *making, const struct wanted *wanted)
{
	AUTO_OFFER struct offer *offer = offer_new();
	uint64_t spent = 0;
	int r;

	if (offer == NULL)
		return err_say(making->why, ERR_MEMORY, "enrolling");
	if (store_open_offer(making->store, making->account.uid, wanted->blob,
		offer) < 0) {
		making->changed->change = CHANGE_OVER; /* if it ever was */
		return 0;
	}
	if ((r = lock(making, store_begin_enrolling)) < 0 ||
	    (r = take_offer(making, offer, wanted, &spent)) <= 0)
		return r;
	return store_added(making, spent, wanted->proof.kind);
}

/* Whoever has what was begun, which he alone was given, says so. */
static int
end_unseen(struct making *making, const struct wanted *wanted)
{
	AUTO_OFFER struct offer *offer = offer_new();
	const struct record *record;
	bool his = false;
	int r;

	if (offer == NULL)
		return err_say(making->why, ERR_MEMORY, "enrolling");
	making->changed->change = CHANGE_OVER;
	if (store_open_offer(making->store, making->account.uid, wanted->blob,
		offer) < 0)
		return 0;
	if ((r = lock(making, store_begin)) < 0)
		return r;
	record = store_record(making->txn);
	for (size_t i = 0; record != NULL && i < record->count; i++)
		his |= record->authenticators[i].id == offer->authenticator.id;
	if (!his)
		return 0;
	making->changed->change = CHANGE_DONE;
	store_state(making->txn)->notices &= ~(uint32_t)NOTICE_UNSEEN;
	return store_commit(making->txn);
}

/* ---- changing what is there ---- */

static const uint64_t nothing_new[RECORD_AUTHENTICATORS];

/* The authenticator that was looked at before, in the record to be; NULL, with
 * what that comes to: the user has none. */
static struct authenticator *
find(struct making *making, const struct authenticator *which)
{
	struct authenticator *found = record_find(making->record, which->name);
	struct changed *changed = making->changed;

	memcpy(changed->name, which->name, sizeof changed->name);
	if (found != NULL && found->created == which->created)
		return found;
	changed->change =
	    making->enrolled ? CHANGE_NAME_UNKNOWN : CHANGE_UNENROLLED;
	return NULL;
}

static int
rename_one(struct making *making, const struct wanted *wanted)
{
	struct authenticator *found = find(making, &wanted->which);
	int r;

	if (found == NULL)
		return 0;
	if (!record_name_fits(wanted->name))
		return err_say(making->why, ERR_INPUT,
		    "no authenticator can have that name");
	if (record_find(making->record, wanted->name) != NULL) {
		making->changed->change = CHANGE_NAME_TAKEN;
		return 0;
	}
	if ((r = prove(making, &wanted->proof)) <= 0)
		return r;
	memcpy(found->name, wanted->name, sizeof found->name);
	note(making, NOTICE_RENAMED, wanted->proof.kind);
	return store_enrol(making->txn, making->record, nothing_new);
}

static int
remove_one(struct making *making, const struct wanted *wanted)
{
	struct authenticator *found = find(making, &wanted->which);
	int r;

	if (found == NULL || (r = prove(making, &wanted->proof)) == 0)
		return 0;
	if (r < 0)
		return r;
	record_drop(making->record, found);
	making->changed->ended = making->record->count == 0;
	if (making->changed->ended)
		return store_remove(making->txn);
	note(making, NOTICE_REMOVED, wanted->proof.kind);
	return store_enrol(making->txn, making->record, nothing_new);
}

static int
replace_codes(struct making *making, const struct wanted *wanted)
{
	int r;

	if (!making->enrolled) {
		making->changed->change = CHANGE_UNENROLLED;
		return 0;
	}
	if ((r = prove(making, &wanted->proof)) <= 0)
		return r;
	if ((r = codes_draw(making->now, &making->record->recovery,
		 &making->changed->codes)) < 0)
		return err_say(making->why, r, "drawing recovery codes");
	note(making, NOTICE_RECOVERY, wanted->proof.kind);
	store_state(making->txn)->notices &= ~(uint32_t)NOTICE_UNSEEN;
	return store_enrol(making->txn, making->record, nothing_new);
}

/* ---- all of them ---- */

static int
make_change(struct making *making, const struct wanted *wanted)
{
	int r;

	if (wanted->act == ACT_CONFIRM)
		return confirm(making, wanted);
	if (wanted->act == ACT_SEEN)
		return end_unseen(making, wanted);
	if ((r = lock(making, store_begin)) < 0)
		return r;
	switch (wanted->act) {
	case ACT_BEGIN:
		return begin_one(making, wanted);
	case ACT_RENAME:
		return rename_one(making, wanted);
	case ACT_REMOVE:
		return remove_one(making, wanted);
	case ACT_RECOVERY:
		return replace_codes(making, wanted);
	case ACT_CONFIRM:
	case ACT_SEEN:
	default:
		return err_say(making->why, ERR_INPUT, "no such change");
	}
}

int
service_change_local(const struct settings *settings,
    const struct account *account, const struct wanted *wanted,
    struct changed *changed_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	AUTO_CHANGED struct changed *changed = changed_new();
	int r;

	if (changed == NULL)
		return err_say(why, ERR_MEMORY, "changing an enrolment");
	if ((r = open_store(&making, settings, account, changed, why)) < 0 ||
	    (r = make_change(&making, wanted)) < 0)
		return r;
	/* What was drawn and not given is nobody's. */
	if (changed->change != CHANGE_DONE || wanted->act != ACT_BEGIN)
		mem_wipe(&changed->begun, sizeof changed->begun);
	*changed_out = *changed;
	return 0;
}

/* ---- inviting ---- */

int
service_invite(const struct settings *settings, const struct account *account,
    int64_t seconds, char code_out[RECOVERY_TEXT_SIZE], int64_t *expires_out,
    struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	struct invitation *invitation = &making.invitation;
	int r;

	if ((r = open_store(&making, settings, account, NULL, why)) < 0 ||
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
service_uninvite(const struct settings *settings, const struct account *account,
    bool *ended_out, struct trouble *why)
{
	AUTO_MAKING struct making making = { .store = NULL };
	bool there;
	int r;

	if ((r = open_store(&making, settings, account, NULL, why)) < 0 ||
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
