/*
 * A store that was kept from the day its formats were fixed.  What cannot read
 * it would lock everybody out who updates: where one of these sentences fails,
 * the program has to learn the older form too, and the files stay as they are.
 */
#include "scratch.h"
#include "store.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHONE = 11, FOB = 22, CODES = 99, BYPASS = 77, NOON = 1800000000 };

static const struct account alice = { true, 1000, 100, "alice" };
static struct trouble why;

/* ---- what was written then ---- */

static void
make_record(struct record *record)
{
	struct authenticator phone = { .id = PHONE,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA256,
		.digits = 8,
		.period = 60,
		.created = NOON + 1,
		.name = "phone",
		.key_len = 32 };
	struct authenticator fob = { .id = FOB,
		.kind = AUTHENTICATOR_HOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.pending = true,
		.created = NOON + 2,
		.name = "grey fob",
		.key_len = 20 };

	record->uid = alice.uid;
	strcpy(record->user, alice.name);
	record->created = NOON;
	memset(phone.key, 'p', phone.key_len);
	memset(fob.key, 'f', fob.key_len);
	(void)record_add(record, &phone);
	(void)record_add(record, &fob);
	record->recovery.id = CODES;
	record->recovery.created = NOON + 3;
	memset(record->recovery.key, 'r', sizeof record->recovery.key);
	for (int i = 0; i < RECOVERY_CODES; i++)
		memset(record->recovery.hash[i], 'A' + i, RECOVERY_HASH_BYTES);
	record->bypass.id = BYPASS;
	record->bypass.created = NOON + 4;
	record->bypass.expires = NOON + 3604;
	memset(record->bypass.key, 'b', sizeof record->bypass.key);
	memset(record->bypass.hash, 'h', sizeof record->bypass.hash);
}

static void
change_state(struct state *state)
{
	state->edition = 0x1122334455667788;
	state->failures = 3;
	state->wait_until = NOON + 40;
	state->last_attempt = NOON + 30;
	state->last_success = NOON + 20;
	state->notices = NOTICE_ADDED | NOTICE_UNSEEN |
			 NOTICE_BYPASS << NOTICE_BY_ADMINISTRATOR;
	state_find(state, PHONE)->spent = 30000001;
	state_find(state, PHONE)->used = NOON + 20;
	state_find(state, CODES)->spent = 0x209;
}

static struct invitation
make_invitation(void)
{
	struct invitation invitation = { .id = 33,
		.uid = alice.uid,
		.user = "alice",
		.created = NOON,
		.expires = NOON + 259200 };

	memset(invitation.key, 'k', sizeof invitation.key);
	memset(invitation.hash, 'i', sizeof invitation.hash);
	return invitation;
}

static void
make_offer(struct offer *offer)
{
	AUTO_RECORD struct record *record = record_new();

	expect(record != NULL);
	make_record(record);
	offer->uid = alice.uid;
	strcpy(offer->user, alice.name);
	offer->begun = NOON + 5;
	offer->proof = PROOF_ANSWER;
	offer->invitation = 33;
	offer->enrolled = true;
	offer->edition = 0x1122334455667788;
	offer->authenticator = record->authenticators[0];
}

/* ---- and is read today ---- */

static size_t
read_kept(const char *name, uint8_t *bytes, size_t room)
{
	const char *top = getenv("top_srcdir");
	char path[SCRATCH_PATH_SIZE];
	size_t n;
	FILE *file;

	snprintf(path, sizeof path, "%s/tests/kept-store/%s",
	    top != NULL ? top : ".", name);
	if ((file = fopen(path, "re")) == NULL)
		fail_msg("cannot open %s", path);
	n = fread(bytes, 1, room, file);
	(void)fclose(file);
	return n;
}

static void
put(const struct scratch *s, const char *name, const char *as)
{
	uint8_t bytes[STATE_FILE_BYTES + 1];
	size_t n = read_kept(name, bytes, sizeof bytes);

	scratch_write(s, as, bytes, n);
}

static void
with_kept_store(struct scratch *s)
{
	scratch_new_store(s);
	put(s, "store.key", "etc/store.key");
	put(s, "marker", "store/marker");
	put(s, "1000.enrolment", "store/1000.enrolment");
	put(s, "1000.state", "store/1000.state");
	put(s, "1000.invitation", "store/1000.invitation");
}

static void
must_be_0(int r)
{
	if (r < 0)
		fail_msg("%s", why.text);
}

/* And begins alice's transaction in it. */
static void
begin_in_kept_store(struct scratch *s, struct store **store_out,
    struct store_txn **txn_out)
{
	with_kept_store(s);
	must_be_0(store_open(&s->settings, &why, store_out));
	must_be_0(store_begin(*store_out, &alice, txn_out));
}

TEST("a kept enrolment is read, every field of it")
{
	AUTO_RECORD struct record *record = record_new();
	uint8_t is[RECORD_BYTES], should[RECORD_BYTES];
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_SCRATCH struct scratch s;

	begin_in_kept_store(&s, &store, &txn);
	make_record(record);
	record_format(store_record(txn), is);
	record_format(record, should);
	expect_bytes(is, should, sizeof is);
	expect_text(store_record(txn)->authenticators[1].name, "grey fob");
	expect(store_record(txn)->authenticators[1].pending);
	expect_int(store_record(txn)->authenticators[0].period, 60);
	expect_int(store_record(txn)->bypass.expires, NOON + 3604);
}

TEST("a kept state is read, with what is spent, counted and to be told")
{
	struct state should = { .uid = 1000, .sequence = 3 };
	uint8_t is_bytes[STATE_BODY_BYTES], should_bytes[STATE_BODY_BYTES];
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_SCRATCH struct scratch s;

	begin_in_kept_store(&s, &store, &txn);
	expect(state_knows(store_state(txn), store_record(txn)));
	(void)state_add(&should, PHONE, 0);
	(void)state_add(&should, FOB, 7);
	(void)state_add(&should, CODES, 0);
	(void)state_add(&should, BYPASS, 0);
	change_state(&should);
	state_format(store_state(txn), is_bytes);
	state_format(&should, should_bytes);
	expect_bytes(is_bytes, should_bytes, sizeof is_bytes);
	expect_int(store_state(txn)->failures, 3);
	expect_int(state_find(store_state(txn), FOB)->spent, 7);
}

TEST("a kept state is written on in place, and read again")
{
	AUTO_STORE struct store *store = NULL;
	AUTO_SCRATCH struct scratch s;

	with_kept_store(&s);
	must_be_0(store_open(&s.settings, &why, &store));
	for (unsigned failures = 3; failures < 6; failures++) {
		AUTO_TXN struct store_txn *txn = NULL;

		must_be_0(store_begin(store, &alice, &txn));
		expect_int(store_state(txn)->failures, failures);
		store_state(txn)->failures++;
		must_be_0(store_commit(txn));
	}
}

TEST("a kept invitation is read, every field of it")
{
	uint8_t is_bytes[INVITATION_BYTES], should_bytes[INVITATION_BYTES];
	struct invitation is, should = make_invitation();
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_SCRATCH struct scratch s;

	begin_in_kept_store(&s, &store, &txn);
	must_be_0(store_invitation(txn, &is));
	invitation_format(&is, is_bytes);
	invitation_format(&should, should_bytes);
	expect_bytes(is_bytes, should_bytes, sizeof is_bytes);
	expect_int(is.expires, NOON + 259200);
}

TEST("a kept offer is opened, every field of it")
{
	AUTO_OFFER struct offer *is = offer_new();
	AUTO_OFFER struct offer *should = offer_new();
	uint8_t is_bytes[OFFER_BYTES], should_bytes[OFFER_BYTES];
	uint8_t blob[OFFER_BLOB_BYTES + 1];
	AUTO_STORE struct store *store = NULL;
	AUTO_SCRATCH struct scratch s;

	with_kept_store(&s);
	must_be_0(store_open(&s.settings, &why, &store));
	expect_int(read_kept("offer", blob, sizeof blob), OFFER_BLOB_BYTES);
	must_be_0(store_open_offer(store, alice.uid, blob, is));
	make_offer(should);
	offer_format(is, is_bytes);
	offer_format(should, should_bytes);
	expect_bytes(is_bytes, should_bytes, sizeof is_bytes);
	expect_int(is->proof, PROOF_ANSWER);
}
