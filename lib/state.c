#include "state.h"

#include "err.h"
#include "pack.h"

#include <string.h>

/* Followed by the form's number. */
static const uint8_t magic[] = { 0x89, 'S', 'P', 'S', 'T', '\r', '\n' };
enum { FORM_BEFORE = 1, FORM = 2 };

struct state_entry *
state_find(struct state *state, uint64_t id)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->entries[i].id == id)
			return &state->entries[i];
	return NULL;
}

int
state_add(struct state *state, uint64_t id, uint64_t spent)
{
	struct state_entry entry = { .id = id, .spent = spent };

	if (state->count == STATE_ENTRIES || state_find(state, id) != NULL)
		return ERR_INPUT;
	state->entries[state->count++] = entry;
	return 0;
}

void
state_drop(struct state *state, uint64_t id)
{
	struct state_entry *entry = state_find(state, id);

	if (entry == NULL)
		return;
	*entry = state->entries[state->count - 1];
	state->count--;
	memset(&state->entries[state->count], 0, sizeof *entry);
}

bool
state_knows(struct state *state, const struct record *record)
{
	if (record->uid != state->uid)
		return false;
	if (record->recovery.id != 0 &&
	    state_find(state, record->recovery.id) == NULL)
		return false;
	if (record->bypass.id != 0 &&
	    state_find(state, record->bypass.id) == NULL)
		return false;
	for (size_t i = 0; i < record->count; i++)
		if (state_find(state, record->authenticators[i].id) == NULL)
			return false;
	return true;
}

unsigned
state_recovery_left(struct state *state, const struct record *record)
{
	const struct state_entry *set = state_find(state, record->recovery.id);
	unsigned left = 0;

	if (record->recovery.id == 0 || set == NULL)
		return 0;
	for (unsigned i = 0; i < RECOVERY_CODES; i++)
		if ((set->spent >> i & 1) == 0)
			left++;
	return left;
}

void
state_format(const struct state *state, uint8_t out[STATE_BODY_BYTES])
{
	struct pack pack = { out, STATE_BODY_BYTES, false };

	memset(out, 0, STATE_BODY_BYTES);
	pack_bytes(&pack, magic, sizeof magic);
	pack_number(&pack, FORM, 1);
	pack_number(&pack, state->uid, 4);
	pack_number(&pack, state->sequence, 8);
	pack_number(&pack, state->failures, 4);
	pack_number(&pack, (uint64_t)state->wait_until, 8);
	pack_number(&pack, (uint64_t)state->last_attempt, 8);
	pack_number(&pack, (uint64_t)state->last_success, 8);
	pack_number(&pack, state->edition, 8);
	pack_number(&pack, state->notices, 4);
	pack_number(&pack, state->count, 1);
	for (size_t i = 0; i < state->count; i++) {
		pack_number(&pack, state->entries[i].id, 8);
		pack_number(&pack, state->entries[i].spent, 8);
		pack_number(&pack, (uint64_t)state->entries[i].used, 8);
	}
}

static int
parse_entries(struct unpack *in, struct state *state)
{
	size_t count = (size_t)unpack_number(in, 1);

	if (count > STATE_ENTRIES)
		return ERR_DAMAGED;
	for (size_t i = 0; i < count; i++) {
		uint64_t id = unpack_number(in, 8);
		uint64_t spent = unpack_number(in, 8);
		int64_t used = (int64_t)unpack_number(in, 8);

		if (id == 0 || used < 0 || state_add(state, id, spent) < 0)
			return ERR_DAMAGED;
		state->entries[i].used = used;
	}
	return 0;
}

int
state_parse(const uint8_t in[STATE_BODY_BYTES], struct state *state)
{
	struct unpack unpack = { in, STATE_BODY_BYTES, false };
	uint8_t start[sizeof magic];
	uint64_t form;

	memset(state, 0, sizeof *state);
	unpack_bytes(&unpack, start, sizeof start);
	form = unpack_number(&unpack, 1);
	state->uid = (uid_t)unpack_number(&unpack, 4);
	state->sequence = unpack_number(&unpack, 8);
	state->failures = (uint32_t)unpack_number(&unpack, 4);
	state->wait_until = (int64_t)unpack_number(&unpack, 8);
	state->last_attempt = (int64_t)unpack_number(&unpack, 8);
	state->last_success = (int64_t)unpack_number(&unpack, 8);
	if (form != FORM_BEFORE) {
		state->edition = unpack_number(&unpack, 8);
		state->notices = (uint32_t)unpack_number(&unpack, 4);
	}
	if (memcmp(start, magic, sizeof magic) != 0 || form < FORM_BEFORE ||
	    form > FORM || parse_entries(&unpack, state) < 0 || unpack.bad ||
	    !unpack_rest_is_zero(&unpack) || state->wait_until < 0 ||
	    state->last_attempt < 0 || state->last_success < 0)
		return ERR_DAMAGED;
	return 0;
}

int
state_choose(const struct state *first, bool first_valid,
    const struct state *second, bool second_valid)
{
	if (first_valid && second_valid) {
		if (first->sequence == second->sequence)
			return ERR_DAMAGED;
		/* RFC 1982: later, if the way ahead is the shorter one. */
		return (int64_t)(second->sequence - first->sequence) > 0;
	}
	if (first_valid)
		return 0;
	return second_valid ? 1 : ERR_DAMAGED;
}
