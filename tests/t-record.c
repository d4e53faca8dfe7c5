/* One enrolment: what it takes, and its form as bytes. */
#include "err.h"
#include "record.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* Where the parts of a formatted record stand. */
enum {
	USER_AT = 4 + 8,
	COUNT_AT = USER_AT + 256 + 8 + 8 + 32 + 320,
	FIRST_AT = COUNT_AT + 1,
	ONE_BYTES = 182,
	NAME_AT = 8 + 5 + 8 + 1, /* in one authenticator */
	BYPASS_AT = RECORD_BYTES - 88,
};

static struct authenticator
one(uint64_t id, const char *name)
{
	struct authenticator a = { .id = id,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.created = 1800000000,
		.key_len = 20 };

	snprintf(a.name, sizeof a.name, "%s", name);
	memset(a.key, 0x40 + (int)id, a.key_len);
	return a;
}

/* A record with two authenticators and recovery codes. */
static struct record *
full(void)
{
	struct authenticator phone = one(1, "phone"), fob = one(2, "key fob");
	struct record *record = record_new();

	expect(record != NULL);
	record->uid = 1000;
	record->created = 1790000000;
	strcpy(record->user, "alice");
	fob.kind = AUTHENTICATOR_HOTP;
	fob.algorithm = ALGORITHM_SHA512;
	fob.digits = 8;
	fob.period = 0;
	fob.pending = true;
	fob.key_len = TOTP_KEY_MOST;
	memset(fob.key, 0x42, sizeof fob.key);
	expect_int(record_add(record, &phone), 0);
	expect_int(record_add(record, &fob), 0);
	record->recovery.id = 3;
	record->recovery.created = 1800000001;
	memset(record->recovery.key, 0x33, sizeof record->recovery.key);
	memset(record->recovery.hash, 0x44, sizeof record->recovery.hash);
	return record;
}

static int
add_changed(struct authenticator a)
{
	AUTO_RECORD struct record *record = record_new();

	expect(record != NULL);
	return record_add(record, &a);
}

/* Parses the full record's bytes after a change at one place. */
static int
parse_changed(size_t at, const void *bytes, size_t n)
{
	AUTO_RECORD struct record *record = full();
	uint8_t formatted[RECORD_BYTES];

	record_format(record, formatted);
	memcpy(formatted + at, bytes, n);
	return record_parse(formatted, record);
}

TEST("a record is the same after formatting and parsing")
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	uint8_t bytes[RECORD_BYTES];
	const struct authenticator *fob;

	expect(back != NULL);
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_int(back->uid, 1000);
	expect_text(back->user, "alice");
	expect_int(back->created, 1790000000);
	expect_int(back->count, 2);
	expect_text(back->authenticators[0].name, "phone");
	fob = &back->authenticators[1];
	expect_text(fob->name, "key fob");
	expect_int(fob->kind, AUTHENTICATOR_HOTP);
	expect_int(fob->algorithm, ALGORITHM_SHA512);
	expect_int(fob->digits, 8);
	expect_int(fob->period, 0);
	expect(fob->pending);
	expect_int(fob->key_len, TOTP_KEY_MOST);
	expect_bytes(fob->key, record->authenticators[1].key, TOTP_KEY_MOST);
	expect_int(back->recovery.id, 3);
	expect_bytes(&back->recovery.hash, &record->recovery.hash,
	    sizeof record->recovery.hash);
}

TEST("a record of eight authenticators with the longest names fits")
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	uint8_t bytes[RECORD_BYTES];
	char name[RECORD_NAME_SIZE];

	expect(back != NULL);
	memset(record->user, 'u', RECORD_USER_SIZE - 1);
	for (unsigned i = 2; i < RECORD_AUTHENTICATORS; i++) {
		struct authenticator a;

		snprintf(name, sizeof name, "%032u", i);
		a = one(UINT64_MAX - i, name);
		a.key_len = TOTP_KEY_MOST;
		memset(a.key, 0xff, sizeof a.key);
		expect_int(record_add(record, &a), 0);
	}
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_int(back->count, RECORD_AUTHENTICATORS);
	expect_text(back->user, record->user);
	expect_text(back->authenticators[7].name, name);
}

TEST("equal records have equal bytes, whatever was in memory before")
{
	AUTO_RECORD struct record *record = full();
	uint8_t a[RECORD_BYTES], b[RECORD_BYTES];

	memset(a, 0x00, sizeof a);
	memset(b, 0xff, sizeof b);
	record_format(record, a);
	record_format(record, b);
	expect_bytes(a, b, sizeof a);
}

TEST("what an older, longer name or key left in memory is not written")
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	struct authenticator *fob = &record->authenticators[1];
	uint8_t bytes[RECORD_BYTES];

	expect(back != NULL);
	strcpy(fob->name, "fob");
	fob->key_len = 20;
	strcpy(record->user, "al");
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_text(back->user, "al");
	expect_text(back->authenticators[1].name, "fob");
	expect_int(back->authenticators[1].key_len, 20);
}

TEST("whichever bit is wrong, what can be parsed is what would be formatted")
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	uint8_t bytes[RECORD_BYTES], again[RECORD_BYTES];
	unsigned refused = 0;

	expect(back != NULL);
	record_format(record, bytes);
	for (size_t i = 0; i < (size_t)RECORD_BYTES * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (record_parse(bytes, back) == 0) {
			record_format(back, again);
			expect_bytes(again, bytes, sizeof bytes);
		} else {
			refused++;
		}
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* All behind the second authenticator, and more. */
	expect(refused > 8 * (BYPASS_AT - FIRST_AT - 2 * ONE_BYTES));
}

TEST("random bytes, zeros and ones are no record")
{
	AUTO_RECORD struct record *record = record_new();
	uint8_t bytes[RECORD_BYTES];
	uint32_t seed = 1;

	expect(record != NULL);
	for (int n = 0; n < 200; n++) {
		for (size_t i = 0; i < sizeof bytes; i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		expect_int(record_parse(bytes, record), ERR_DAMAGED);
	}
	memset(bytes, 0, sizeof bytes);
	expect_int(record_parse(bytes, record), ERR_DAMAGED);
	memset(bytes, 0xff, sizeof bytes);
	expect_int(record_parse(bytes, record), ERR_DAMAGED);
}

TEST("a record without a user name, or one that does not end, is damaged")
{
	uint8_t user[256];

	memset(user, 0, sizeof user);
	expect_int(parse_changed(USER_AT, user, sizeof user), ERR_DAMAGED);
	memcpy(user, "alice\0x", 7);
	expect_int(parse_changed(USER_AT, user, sizeof user), ERR_DAMAGED);
	memset(user, 'u', sizeof user);
	expect_int(parse_changed(USER_AT, user, sizeof user), 0);
}

TEST("a record of nine authenticators is damaged, and so is one too few")
{
	expect_int(parse_changed(COUNT_AT, "\x09", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\xff", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x03", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x01", 1), ERR_DAMAGED);
	expect_int(parse_changed(COUNT_AT, "\x02", 1), 0);
}

TEST("a record created before 1970 is damaged")
{
	expect_int(parse_changed(4, "\0\0\0\0\0\0\0\x80", 8), ERR_DAMAGED);
}

TEST("two authenticators of one id, or of one name, are damage")
{
	expect_int(parse_changed(FIRST_AT, "\x02\0\0\0\0\0\0\0", 8),
	    ERR_DAMAGED);
	expect_int(parse_changed(FIRST_AT + NAME_AT, "key fob", 7),
	    ERR_DAMAGED);
	expect_int(parse_changed(FIRST_AT, "\x03\0\0\0\0\0\0\0", 8),
	    ERR_DAMAGED); /* the recovery set's */
}

TEST("the same authenticator, id or name is not added twice")
{
	AUTO_RECORD struct record *record = full();
	struct authenticator a = one(1, "phone");

	expect_int(record_add(record, &a), ERR_EXISTS);
	a = one(9, "phone");
	expect_int(record_add(record, &a), ERR_EXISTS);
	a = one(1, "tablet");
	expect_int(record_add(record, &a), ERR_EXISTS);
	a = one(3, "tablet");
	expect_int(record_add(record, &a), ERR_EXISTS);
	expect_int(record->count, 2);
	a = one(9, "tablet");
	expect_int(record_add(record, &a), 0);
	expect_int(record->count, 3);
}

TEST("a ninth authenticator finds no room")
{
	AUTO_RECORD struct record *record = record_new();
	struct authenticator a;
	char name[8];

	expect(record != NULL);
	for (unsigned i = 1; i <= RECORD_AUTHENTICATORS; i++) {
		snprintf(name, sizeof name, "n%u", i);
		a = one(i, name);
		expect_int(record_add(record, &a), 0);
	}
	a = one(100, "ninth");
	expect_int(record_add(record, &a), ERR_INPUT);
	expect_int(record->count, RECORD_AUTHENTICATORS);
}

TEST("an authenticator with a field out of range is not added")
{
	struct authenticator a;

	expect_int(add_changed(one(1, "phone")), 0);
	expect_int(add_changed(one(0, "phone")), ERR_INPUT);
	a = one(1, "phone"), a.kind = 0;
	expect_int(add_changed(a), ERR_INPUT);
	a = one(1, "phone"), a.kind = 3;
	expect_int(add_changed(a), ERR_INPUT);
	a = one(1, "phone"), a.algorithm = 0;
	expect_int(add_changed(a), ERR_INPUT);
	a = one(1, "phone"), a.algorithm = 4;
	expect_int(add_changed(a), ERR_INPUT);
	a = one(1, "phone"), a.created = -1;
	expect_int(add_changed(a), ERR_INPUT);
}

TEST("codes have six to eight digits")
{
	struct authenticator a = one(1, "phone");

	for (a.digits = 0; a.digits < 12; a.digits++)
		expect_int(add_changed(a),
		    a.digits >= 6 && a.digits <= 8 ? 0 : ERR_INPUT);
}

TEST("keys have 10 to 128 bytes, the shortest for imports that are forced")
{
	struct authenticator a = one(1, "phone");
	static const size_t bad[] = { 0, 1, 9, 129, 1024, SIZE_MAX };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		a.key_len = bad[i];
		expect_int(add_changed(a), ERR_INPUT);
	}
	a.key_len = 10;
	expect_int(add_changed(a), 0);
	a.key_len = 128;
	expect_int(add_changed(a), 0);
}

TEST("a time step has 15 to 120 seconds, and a counter has none")
{
	struct authenticator a = one(1, "phone");

	for (a.period = 0; a.period < 200; a.period++)
		expect_int(add_changed(a),
		    a.period >= 15 && a.period <= 120 ? 0 : ERR_INPUT);
	a.kind = AUTHENTICATOR_HOTP;
	a.period = 0;
	expect_int(add_changed(a), 0);
	a.period = 30;
	expect_int(add_changed(a), ERR_INPUT);
}

TEST("a name is one to 32 printable characters that need no quoting")
{
	expect(record_name_fits("phone"));
	expect(record_name_fits("Alice's phone, 2nd"));
	expect(record_name_fits("x"));
	expect(record_name_fits("12345678901234567890123456789012"));
	expect(!record_name_fits("123456789012345678901234567890123"));
	expect(!record_name_fits(""));
	expect(!record_name_fits(" phone"));
	expect(!record_name_fits("phone "));
	expect(!record_name_fits("a\"b"));
	expect(!record_name_fits("a\\b"));
	expect(!record_name_fits("a\nb"));
	expect(!record_name_fits("a\tb"));
	expect(!record_name_fits("a\177b"));
	expect(!record_name_fits("t\xc3\xa9l\xc3\xa9phone"));
}

TEST("an authenticator is found by its whole name, case and all")
{
	AUTO_RECORD struct record *record = full();

	expect(record_find(record, "phone") == &record->authenticators[0]);
	expect(record_find(record, "key fob") == &record->authenticators[1]);
	expect(record_find(record, "Phone") == NULL);
	expect(record_find(record, "phon") == NULL);
	expect(record_find(record, "") == NULL);
}

TEST("a dropped authenticator leaves no byte of its key behind")
{
	AUTO_RECORD struct record *record = full();
	static const struct authenticator nothing;

	record_drop(record, record_find(record, "phone"));
	expect_int(record->count, 1);
	expect_text(record->authenticators[0].name, "key fob");
	expect_int(record->authenticators[0].id, 2);
	expect_bytes(&record->authenticators[1], &nothing, sizeof nothing);
	record_drop(record, &record->authenticators[0]);
	expect_int(record->count, 0);
	expect_bytes(&record->authenticators[0], &nothing, sizeof nothing);
}

TEST("dropping the last of eight keeps the other seven in order")
{
	AUTO_RECORD struct record *record = record_new();
	char name[8];

	expect(record != NULL);
	for (unsigned i = 1; i <= RECORD_AUTHENTICATORS; i++) {
		struct authenticator a;

		snprintf(name, sizeof name, "n%u", i);
		a = one(i, name);
		expect_int(record_add(record, &a), 0);
	}
	record_drop(record, record_find(record, "n8"));
	record_drop(record, record_find(record, "n3"));
	expect_int(record->count, 6);
	expect_int(record->authenticators[1].id, 2);
	expect_int(record->authenticators[2].id, 4);
	expect_int(record->authenticators[5].id, 7);
}

TEST("codes are computed with the authenticator's own key and shape")
{
	AUTO_RECORD struct record *record = full();
	struct totp totp = authenticator_totp(&record->authenticators[1]);

	expect(totp.key == record->authenticators[1].key);
	expect_int(totp.key_len, TOTP_KEY_MOST);
	expect_int(totp.algorithm, ALGORITHM_SHA512);
	expect_int(totp.digits, 8);
}

/* ---- a bypass ---- */

static const struct bypass a_bypass = { .id = 7,
	.created = 1800000000,
	.expires = 1800003600,
	.key = { 1, 2, 3 },
	.hash = { 4, 5, 6 } };

TEST("a bypass is the same after formatting and parsing, and none is none")
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	uint8_t bytes[RECORD_BYTES];
	struct authenticator a = one(7, "tablet");

	expect(back != NULL);
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_int(back->bypass.id, 0);
	record->bypass = a_bypass;
	expect_int(record_add(record, &a), ERR_EXISTS);
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_bytes(&back->bypass, &a_bypass, sizeof a_bypass);
	record->bypass.id = 0; /* what is left of it is not written */
	record_format(record, bytes);
	expect_int(record_parse(bytes, back), 0);
	expect_int(back->bypass.expires, 0);
}

/* Parses the full record with a bypass, after a change at one place. */
static int
parse_bypass_changed(size_t at, const void *bytes, size_t n)
{
	AUTO_RECORD struct record *record = full();
	AUTO_RECORD struct record *back = record_new();
	uint8_t formatted[RECORD_BYTES];

	expect(back != NULL);
	record->bypass = a_bypass;
	record_format(record, formatted);
	memcpy(formatted + BYPASS_AT + at, bytes, n);
	return record_parse(formatted, back);
}

TEST("a bypass of another's id, or none, or of a time before 1970, is damage")
{
	expect_int(parse_bypass_changed(0, "\x08", 1), 0);
	expect_int(parse_bypass_changed(0, "\x00", 1), ERR_DAMAGED);
	expect_int(parse_bypass_changed(0, "\x01", 1), ERR_DAMAGED);
	expect_int(parse_bypass_changed(0, "\x02", 1), ERR_DAMAGED);
	expect_int(parse_bypass_changed(0, "\x03", 1), ERR_DAMAGED);
	expect_int(parse_bypass_changed(15, "\x80", 1), ERR_DAMAGED);
	expect_int(parse_bypass_changed(23, "\x80", 1), ERR_DAMAGED);
}
