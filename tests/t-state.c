/* What a login changes, and its form as bytes. */
#include "err.h"
#include "state.h"
#include "test.h"

#include <string.h>

/* Where the parts of a formatted state stand. */
enum {
	VERSION_AT = 7,
	MAGIC_BYTES = 8,
	WAIT_AT = MAGIC_BYTES + 4 + 8 + 4,
	EDITION_AT = WAIT_AT + 3 * 8,
	COUNT_AT = EDITION_AT + 8 + 4,
	ENTRIES_AT = COUNT_AT + 1,
	ENTRY_BYTES = 24,
};

static struct state
full(void)
{
	struct state state = { .uid = 1000,
		.sequence = UINT64_MAX - 1,
		.failures = UINT32_MAX,
		.wait_until = 1800003600,
		.last_attempt = 1800000000,
		.last_success = INT64_MAX,
		.edition = UINT64_MAX - 2,
		.notices = UINT32_MAX - 1 };

	expect_int(state_add(&state, 1, 60000000), 0);
	expect_int(state_add(&state, UINT64_MAX, UINT64_MAX), 0);
	expect_int(state_add(&state, 3, 0x3ff), 0);
	state.entries[0].used = 1799999999;
	return state;
}

static void
expect_same(const struct state *a, const struct state *b)
{
	expect_int(a->uid, b->uid);
	expect(a->sequence == b->sequence);
	expect_int(a->failures, b->failures);
	expect(a->wait_until == b->wait_until);
	expect(a->last_attempt == b->last_attempt);
	expect(a->last_success == b->last_success);
	expect(a->edition == b->edition);
	expect(a->notices == b->notices);
	expect_int(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		expect(a->entries[i].id == b->entries[i].id);
		expect(a->entries[i].spent == b->entries[i].spent);
		expect(a->entries[i].used == b->entries[i].used);
	}
}

static int
parse_changed(size_t at, const void *bytes, size_t n)
{
	uint8_t formatted[STATE_BODY_BYTES];
	struct state state = full();

	state_format(&state, formatted);
	memcpy(formatted + at, bytes, n);
	return state_parse(formatted, &state);
}

TEST("a state is the same after formatting and parsing")
{
	struct state state = full(), back;
	uint8_t bytes[STATE_BODY_BYTES];

	state_format(&state, bytes);
	expect_int(state_parse(bytes, &back), 0);
	expect_same(&state, &back);
}

TEST("a state with every entry it has room for fits its slot")
{
	struct state state = { .uid = 1 }, back;
	uint8_t bytes[STATE_BODY_BYTES];

	for (uint64_t i = 1; i <= STATE_ENTRIES; i++)
		expect_int(state_add(&state, i, UINT64_MAX), 0);
	expect_int(state_add(&state, 1000, 0), ERR_INPUT);
	state_format(&state, bytes);
	expect_int(state_parse(bytes, &back), 0);
	expect_same(&state, &back);
}

TEST("whichever bit is wrong, what can be parsed is what would be formatted")
{
	uint8_t bytes[STATE_BODY_BYTES], again[STATE_BODY_BYTES];
	struct state state = full(), back;
	unsigned refused = 0;

	state_format(&state, bytes);
	for (size_t i = 0; i < (size_t)STATE_BODY_BYTES * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (state_parse(bytes, &back) == 0) {
			state_format(&back, again);
			expect_bytes(again, bytes, sizeof bytes);
		} else {
			refused++;
		}
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* The magic, and all behind the third entry, at the least. */
	expect(refused > 8 * MAGIC_BYTES + 8 * (STATE_BODY_BYTES - ENTRIES_AT -
						   3 * ENTRY_BYTES));
}

TEST("zeros, ones and another magic are no state")
{
	uint8_t bytes[STATE_BODY_BYTES];
	struct state state;

	memset(bytes, 0, sizeof bytes);
	expect_int(state_parse(bytes, &state), ERR_DAMAGED);
	memset(bytes, 0xff, sizeof bytes);
	expect_int(state_parse(bytes, &state), ERR_DAMAGED);
	expect_int(parse_changed(0, "\x02", 1), ERR_DAMAGED);
}

TEST("a state of the form before this one is read, and written in this one")
{
	uint8_t bytes[STATE_BODY_BYTES], before[STATE_BODY_BYTES] = { 0 };
	struct state state = full(), back;

	state_format(&state, bytes);
	memcpy(before, bytes, EDITION_AT);
	memcpy(before + EDITION_AT, bytes + COUNT_AT, sizeof bytes - COUNT_AT);
	before[VERSION_AT] = 1;
	expect_int(state_parse(before, &back), 0);
	state.edition = 0;
	state.notices = 0;
	expect_same(&state, &back);
	state_format(&back, bytes);
	expect_int(bytes[VERSION_AT], 2);
	expect_int(state_parse(bytes, &back), 0);
	expect_same(&state, &back);
}

TEST("a state of a form after this one, or of none, is damage")
{
	expect_int(parse_changed(VERSION_AT, "\x03", 1), ERR_DAMAGED);
	expect_int(parse_changed(VERSION_AT, "\x00", 1), ERR_DAMAGED);
	expect_int(parse_changed(VERSION_AT, "\xff", 1), ERR_DAMAGED);
}

TEST("negative times, id zero, a known id and too many entries are damage")
{
	static const uint8_t minus[8] = { [7] = 0x80 }, zero[8];
	static const uint8_t one[8] = { 1 };

	for (size_t i = 0; i < 3; i++)
		expect_int(parse_changed(WAIT_AT + i * 8, minus, 8),
		    ERR_DAMAGED);
	expect_int(parse_changed(ENTRIES_AT + 16, minus, 8), ERR_DAMAGED);
	expect_int(parse_changed(ENTRIES_AT, zero, 8), ERR_DAMAGED);
	expect_int(parse_changed(ENTRIES_AT + ENTRY_BYTES, one, 8),
	    ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x13", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\xff", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x02", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x03", 1), 0);
}

TEST("an id is added once, found, and gone when dropped")
{
	struct state state = full();

	expect(state_find(&state, 3)->spent == 0x3ff);
	expect(state_find(&state, 4) == NULL);
	expect(state_find(&state, 0) == NULL);
	expect_int(state_add(&state, 3, 0), ERR_INPUT);
	expect(state_find(&state, 3)->spent == 0x3ff);
	state_drop(&state, 1);
	expect_int(state.count, 2);
	expect(state_find(&state, 1) == NULL);
	expect(state_find(&state, 3)->spent == 0x3ff);
	expect(state_find(&state, UINT64_MAX)->spent == UINT64_MAX);
	state_drop(&state, 1);
	expect_int(state.count, 2);
}

TEST("an id that comes back has nothing of its past")
{
	struct state state = full();

	state_drop(&state, 1);
	expect_int(state_add(&state, 1, 5), 0);
	expect(state_find(&state, 1)->spent == 5);
	expect(state_find(&state, 1)->used == 0);
}

/* A record with authenticators 1 and UINT64_MAX, and recovery set 3. */
static struct record *
fitting(void)
{
	struct record *record = record_new();

	expect(record != NULL);
	record->uid = 1000;
	record->count = 2;
	record->authenticators[0].id = 1;
	record->authenticators[1].id = UINT64_MAX;
	record->recovery.id = 3;
	return record;
}

TEST("a state knows a record if it knows every id in it")
{
	AUTO_RECORD struct record *record = fitting();
	struct state state = full();

	expect(state_knows(&state, record));
	record->authenticators[1].id = 4;
	expect(!state_knows(&state, record));
	record->count = 1;
	expect(state_knows(&state, record));
	record->recovery.id = 4;
	expect(!state_knows(&state, record));
	record->recovery.id = 0;
	expect(state_knows(&state, record));
	record->bypass.id = 4;
	expect(!state_knows(&state, record));
	record->bypass.id = 3;
	expect(state_knows(&state, record));
	record->uid = 1001;
	expect(!state_knows(&state, record));
}

TEST("recovery codes are left as long as their bit is not set")
{
	AUTO_RECORD struct record *record = fitting();
	struct state state = full();

	expect_int(state_recovery_left(&state, record), 0);
	state_find(&state, 3)->spent = 0;
	expect_int(state_recovery_left(&state, record), RECOVERY_CODES);
	state_find(&state, 3)->spent = 1 << 9 | 1;
	expect_int(state_recovery_left(&state, record), 8);
	record->recovery.id = 0;
	expect_int(state_recovery_left(&state, record), 0);
	record->recovery.id = 4;
	expect_int(state_recovery_left(&state, record), 0);
}

static int
choose(uint64_t first, uint64_t second)
{
	struct state a = { .sequence = first }, b = { .sequence = second };

	return state_choose(&a, true, &b, true);
}

TEST("of two valid slots the later one is current, also when numbers wrap")
{
	expect_int(choose(1, 2), 1);
	expect_int(choose(3, 2), 0);
	expect_int(choose(UINT64_MAX, 0), 1);
	expect_int(choose(0, UINT64_MAX), 0);
	expect_int(choose(INT64_MAX, UINT64_C(1) << 63), 1);
	expect_int(choose(UINT64_C(1) << 63, INT64_MAX), 0);
}

TEST("two slots that claim to be the same write are damage")
{
	expect_int(choose(7, 7), ERR_DAMAGED);
	expect_int(choose(0, 0), ERR_DAMAGED);
}

TEST("of one valid slot and one damaged the valid one is current")
{
	struct state a = { .sequence = 1 }, b = { .sequence = 2 };

	expect_int(state_choose(&a, true, &b, false), 0);
	expect_int(state_choose(&a, false, &b, true), 1);
	expect_int(state_choose(&a, false, &b, false), ERR_DAMAGED);
}
