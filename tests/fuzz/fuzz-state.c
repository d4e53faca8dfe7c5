/*
 * state: the file that a login reads and rewrites.
 *
 * Input: a byte, then what it says.
 *
 *	0  a file, byte by byte
 *	1  changes to a genuine file (input_edit)
 *	2  its two slots and what is then typed: for each slot a byte (bit 0:
 *	   the sum over it is right) and two bytes of length before that many
 *	   of its own; then as for answers
 *
 * Oracle: without the host key's sum over it no slot is ever read; with it,
 * exactly what state_format could have written is, now or in the form before,
 * and of two the later.  What
 * was read then goes through attempts with the real store: model.c agrees with
 * each verdict, nothing spent comes back (model_check), and the file holds
 * what the verdict was founded on before anybody hears it.
 */
#include "model.h"
#include "seal.h"
#include "store.h"
#include "wallet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ANSWERS_MOST = 8,
	FILE_SIZE = STATE_FILE_BYTES + 64,
	VERSION_AT = 7,
	ADDED_AT = 8 + 4 + 8 + 4 + 3 * 8, /* with the second version */
	ADDED_BYTES = 8 + 4,
};

static const char file_name[] = "store/1000.state";
static const struct account alice = { .known = true,
	.uid = WALLET_UID,
	.name = WALLET_USER };

struct slot {
	uint8_t *bytes; /* STATE_SLOT_BYTES, in the file */
	bool valid;	/* what the store has to think of it */
	struct state state;
};

/* ---- the store ---- */

static bool
same(const struct state *a, const struct state *b)
{
	uint8_t in_a[STATE_BODY_BYTES], in_b[STATE_BODY_BYTES];

	state_format(a, in_a);
	state_format(b, in_b);
	return memcmp(in_a, in_b, sizeof in_a) == 0;
}

static struct store *
open_store(struct trouble *why)
{
	struct store *store = NULL;

	MUST(store_open(&fuzz_store()->settings, why, &store) == 0);
	return store;
}

static void
enrol(void)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	struct trouble why = { "" };
	AUTO_STORE struct store *store = open_store(&why);
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();

	MUST(record != NULL);
	wallet_record(record);
	MUST(store_begin_enrolling(store, &alice, &txn) == 0);
	MUST(store_enrol(txn, record, spent) == 0);
}

/* The genuine file, as enrolling made it. */
static const uint8_t *
genuine(void)
{
	static uint8_t file[STATE_FILE_BYTES];

	if (file[0] == 0) {
		enrol();
		MUST(scratch_read(fuzz_store(), file_name, file, sizeof file) ==
		     sizeof file);
	}
	return file;
}

/* What the store makes of the file.  Without a lock it takes the same, where
 * that knows the enrolment. */
static int
read_state(struct state *state_out)
{
	struct trouble why = { "" };
	AUTO_STORE struct store *store = open_store(&why);
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_TXN struct store_txn *unlocked = NULL;
	int r = store_begin(store, &alice, &txn);

	if (r < 0) {
		MUST(is_one_line(&why));
		MUST(store_read(store, WALLET_UID, &unlocked) == r);
		return r;
	}
	*state_out = *store_state(txn);
	if (!state_knows(state_out, store_record(txn)))
		MUST(store_read(store, WALLET_UID, &unlocked) == ERR_DAMAGED);
	else
		MUST(store_read(store, WALLET_UID, &unlocked) == 0 &&
		     same(store_state(unlocked), state_out));
	return 0;
}

/* ---- slots ---- */

static void
sum(const uint8_t *slot, uint8_t mac_out[SEAL_MAC_BYTES])
{
	seal_mac(fuzz_key(), "sallyport state", WALLET_UID, slot,
	    STATE_BODY_BYTES, mac_out);
}

/* The form before had no edition and no notices. */
static void
check_before(const struct state *state, const uint8_t *slot,
    uint8_t again[STATE_BODY_BYTES])
{
	MUST(state->edition == 0 && state->notices == 0);
	MUST(again[VERSION_AT] == 2);
	MUST(memcmp(slot, again, VERSION_AT) == 0);
	MUST(memcmp(slot + VERSION_AT + 1, again + VERSION_AT + 1,
		 ADDED_AT - VERSION_AT - 1) == 0);
	MUST(memcmp(slot + ADDED_AT, again + ADDED_AT + ADDED_BYTES,
		 STATE_BODY_BYTES - ADDED_AT - ADDED_BYTES) == 0);
}

/* A slot is worth what formatting would write of it again. */
static bool
is_valid(const uint8_t *slot, struct state *state_out)
{
	uint8_t mac[SEAL_MAC_BYTES], again[STATE_BODY_BYTES];

	sum(slot, mac);
	if (state_parse(slot, state_out) < 0)
		return false;
	state_format(state_out, again);
	if (slot[VERSION_AT] == 1)
		check_before(state_out, slot, again);
	else
		MUST(memcmp(slot, again, sizeof again) == 0);
	MUST(state_out->count <= STATE_ENTRIES);
	MUST(state_out->wait_until >= 0 && state_out->last_attempt >= 0 &&
	     state_out->last_success >= 0);
	for (size_t i = 0; i < state_out->count; i++) {
		struct state_entry *entry = &state_out->entries[i];

		MUST(entry->id != 0 && entry->used >= 0);
		MUST(state_find(state_out, entry->id) == entry);
	}
	return memcmp(mac, slot + STATE_BODY_BYTES, sizeof mac) == 0 &&
	       state_out->uid == WALLET_UID;
}

/* The slot that counts, or NULL: the file is damaged. */
static const struct slot *
current(const struct slot slots[2])
{
	uint64_t ahead = slots[1].state.sequence - slots[0].state.sequence;

	if (!slots[0].valid || !slots[1].valid)
		return slots[0].valid	? &slots[0]
		       : slots[1].valid ? &slots[1]
					: NULL;
	if (ahead == 0)
		return NULL;
	return ahead >> 63 == 0 ? &slots[1] : &slots[0];
}

static const struct slot *
look(uint8_t *file, struct slot slots[2])
{
	for (int i = 0; i < 2; i++) {
		slots[i].bytes = file + (size_t)i * STATE_SLOT_STRIDE;
		slots[i].valid = is_valid(slots[i].bytes, &slots[i].state);
	}
	return current(slots);
}

/* ---- the three kinds of input ---- */

static void
check_file(uint8_t *file, size_t size)
{
	const struct slot *want;
	struct slot slots[2];
	struct state is;
	int r;

	scratch_write(fuzz_store(), file_name, file, size);
	r = read_state(&is);
	want = look(file, slots);
	if (size != STATE_FILE_BYTES || want == NULL)
		MUST(r == ERR_DAMAGED);
	else
		MUST(r == 0 && same(&is, &want->state));
}

static void
check_bytes(struct input *input)
{
	uint8_t *file = calloc(1, FILE_SIZE);
	size_t size;

	MUST(file != NULL);
	size = input_bytes(input, file, FILE_SIZE);
	for (int i = 0; i < 2; i++) {
		uint8_t *slot = file + (size_t)i * STATE_SLOT_STRIDE;
		uint8_t mac[SEAL_MAC_BYTES];

		sum(slot, mac); /* nobody makes up such bytes */
		MUST(memcmp(mac, slot + STATE_BODY_BYTES, sizeof mac) != 0);
	}
	check_file(file, size);
	free(file);
}

static void
check_changes(struct input *input)
{
	uint8_t *file = malloc(STATE_FILE_BYTES);
	const uint8_t *was = genuine();
	struct slot slots[2];

	MUST(file != NULL);
	memcpy(file, was, STATE_FILE_BYTES);
	(void)input_edit(input, file, STATE_FILE_BYTES);
	(void)look(file, slots);
	for (size_t at = 0; at < STATE_FILE_BYTES; at += STATE_SLOT_STRIDE)
		MUST(slots[at / STATE_SLOT_STRIDE].valid ==
		     (memcmp(file + at, was + at, STATE_SLOT_BYTES) == 0));
	check_file(file, STATE_FILE_BYTES);
	free(file);
}

static void
take_slot(struct input *input, uint8_t *slot)
{
	bool right = (input_number(input, 1) & 1) != 0;
	size_t len = (size_t)input_number(input, 2) % (STATE_BODY_BYTES + 1);
	uint8_t mac[SEAL_MAC_BYTES];

	(void)input_bytes(input, slot, len);
	sum(slot, mac);
	if (right)
		memcpy(slot + STATE_BODY_BYTES, mac, sizeof mac);
}

/* One attempt as service_local.c makes it; the file is read again after. */
static void
attempt(const struct settings *settings, const char *text, int64_t now)
{
	struct trouble why = { "" };
	AUTO_STORE struct store *store = open_store(&why);
	AUTO_TXN struct store_txn *txn = NULL;
	struct state state, on_disk;
	enum verdict verdict;

	MUST(store_begin(store, &alice, &txn) == 0);
	state = *store_state(txn);
	verdict = model_try(settings, store_record(txn), &state, text, now);
	if (verdict == VERDICT_CANNOT_TELL)
		return;
	*store_state(txn) = state;
	MUST(store_commit(txn) == 0);
	state.sequence++;
	MUST(read_state(&on_disk) == 0);
	MUST(same(&on_disk, &state));
}

static void
check_slots(struct input *input)
{
	uint8_t *file = calloc(1, STATE_FILE_BYTES);
	char text[WALLET_TEXT_SIZE];
	struct settings settings;
	struct state state;
	int64_t now;

	MUST(file != NULL);
	take_slot(input, file);
	take_slot(input, file + STATE_SLOT_STRIDE);
	check_file(file, STATE_FILE_BYTES);
	free(file);
	wallet_settings(input, &settings);
	now = WALLET_NOON + (int32_t)input_number(input, 4);
	for (int i = 0; i < ANSWERS_MOST && input->left > 0; i++) {
		if (read_state(&state) < 0)
			return;
		now += (int16_t)input_number(input, 2);
		wallet_type(input, &state, now, text);
		attempt(&settings, text, now);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };

	(void)genuine();
	switch (input_number(&input, 1)) {
	case 0:
		check_bytes(&input);
		break;
	case 1:
		check_changes(&input);
		break;
	case 2:
		check_slots(&input);
		break;
	default:
		break;
	}
	return 0;
}
