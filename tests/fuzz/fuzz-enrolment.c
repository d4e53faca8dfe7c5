/*
 * enrolment: the sealed file that a login only reads.
 *
 * Input: a byte, then what it says.
 *
 *	0  a file, byte by byte
 *	1  changes to a genuine file (input_edit)
 *	2  a genuine file, longer or shorter by two signed bytes
 *	3  the record inside, sealed with the right key
 *
 * Oracle: a file that is not byte for byte one that was sealed with this key
 * is an error, never an enrolment and never the proof that there is none.  A
 * record is taken if it is what record_format would write; then every
 * authenticator in it is within its range, a code that is right for none of
 * them is not accepted, and one that is, is accepted once.
 */
#include "model.h"
#include "seal.h"
#include "store.h"
#include "wallet.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* Magic, version and uid; salt; record; tag. */
	ABOUT = 16,
	SEALED_AT = ABOUT + SEAL_SALT_BYTES,
	TAG_AT = SEALED_AT + RECORD_BYTES,
	FILE_BYTES = TAG_AT + SEAL_TAG_BYTES,
	FILE_SIZE = FILE_BYTES + 64,
};

static const char file_name[] = "store/1000.enrolment";
static const struct account alice = { .known = true,
	.uid = WALLET_UID,
	.name = WALLET_USER };

/* Under a salt that never changes, so that inputs mean the same each time. */
static void
seal(const uint8_t record[RECORD_BYTES], uint8_t file[FILE_BYTES])
{
	static const uint8_t head[ABOUT] = { 0x89, 'S', 'P', 'E', 'N', '\r',
		'\n', 0x1a, 1, 0, 0, 0, WALLET_UID & 0xff, WALLET_UID >> 8 };
	const struct seal_about about = { file, ABOUT, WALLET_UID };

	memcpy(file, head, ABOUT);
	memset(file + ABOUT, 's', SEAL_SALT_BYTES);
	memcpy(file + SEALED_AT, record, RECORD_BYTES);
	seal_close(fuzz_key(), file + ABOUT, &about, file + SEALED_AT,
	    RECORD_BYTES, file + TAG_AT);
}

static void
genuine(uint8_t file[FILE_BYTES])
{
	static uint8_t kept[FILE_BYTES];
	uint8_t bytes[RECORD_BYTES];
	struct record record;

	if (kept[0] == 0) {
		wallet_record(&record);
		record_format(&record, bytes);
		seal(bytes, kept);
	}
	memcpy(file, kept, FILE_BYTES);
}

/* What a login makes of the file. */
static int
read_file(const uint8_t *file, size_t size, bool *enrolled_out)
{
	AUTO_STORE struct store *store = NULL;
	struct trouble why = { "" };
	int r;

	scratch_write(fuzz_store(), file_name, file, size);
	MUST(store_open(&fuzz_store()->settings, &why, &store) == 0);
	r = store_look(store, &alice, enrolled_out);
	MUST(r == 0 || is_one_line(&why));
	return r;
}

static void
check_file(const uint8_t *file, size_t size, bool is_genuine)
{
	bool enrolled = false;
	int r = read_file(file, size, &enrolled);

	if (is_genuine)
		MUST(r == 0 && enrolled);
	else
		MUST(r == ERR_DAMAGED && !enrolled);
}

/* ---- a record ---- */

static void
check_authenticator(const struct authenticator *a)
{
	MUST(a->id != 0);
	MUST(a->kind == AUTHENTICATOR_TOTP || a->kind == AUTHENTICATOR_HOTP);
	MUST(a->kind == AUTHENTICATOR_TOTP ? a->period >= 15 && a->period <= 120
					   : a->period == 0);
	MUST(algorithm_name(a->algorithm) != NULL);
	MUST(a->digits >= 6 && a->digits <= 8);
	MUST(a->key_len >= 10 && a->key_len <= sizeof a->key);
	MUST(a->created >= 0);
	MUST(memchr(a->name, '\0', sizeof a->name) != NULL);
	MUST(record_name_fits(a->name));
}

static void
check_record(struct record *record)
{
	MUST(record->count <= RECORD_AUTHENTICATORS);
	MUST(record->user[0] != '\0' && record->created >= 0);
	MUST(memchr(record->user, '\0', sizeof record->user) != NULL);
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		check_authenticator(a);
		MUST(a->id != record->recovery.id);
		MUST(a->id != record->bypass.id);
		MUST(record_find(record, a->name) == a);
		for (size_t k = 0; k < i; k++)
			MUST(record->authenticators[k].id != a->id);
	}
}

/* The state right after enrolling. */
static void
make_state(const struct record *record, struct state *state)
{
	memset(state, 0, sizeof *state);
	state->uid = record->uid;
	for (size_t i = 0; i < record->count; i++)
		MUST(state_add(state, record->authenticators[i].id, 0) == 0);
	if (record->recovery.id != 0)
		MUST(state_add(state, record->recovery.id, 0) == 0);
	if (record->bypass.id != 0)
		MUST(state_add(state, record->bypass.id, 0) == 0);
}

static void
check_codes(const struct record *record)
{
	static const char *const guesses[] = { "000000", "0000000", "00000000",
		"", "00000-00000-00000-00000-00000" };
	const struct settings *settings = &settings_default;
	char code[TOTP_CODE_SIZE];
	struct state state;

	for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++) {
		make_state(record, &state);
		(void)model_try(settings, record, &state, guesses[i],
		    WALLET_NOON);
	}
	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];
		uint64_t period = a->period;

		make_state(record, &state);
		model_code(a, period > 0 ? (uint64_t)WALLET_NOON / period : 0,
		    code);
		(void)model_try(settings, record, &state, code, WALLET_NOON);
	}
}

static void
check_plain(const uint8_t plain[RECORD_BYTES], uint8_t file[FILE_BYTES])
{
	AUTO_RECORD struct record *record = record_new();
	uint8_t again[RECORD_BYTES];
	bool enrolled = false;
	int r;

	MUST(record != NULL);
	seal(plain, file);
	r = read_file(file, FILE_BYTES, &enrolled);
	if (record_parse(plain, record) < 0) {
		MUST(r == ERR_DAMAGED);
		return;
	}
	MUST(enrolled == (record->uid == WALLET_UID));
	MUST(r == (enrolled ? 0 : ERR_DAMAGED));
	record_format(record, again);
	MUST(memcmp(plain, again, sizeof again) == 0);
	check_record(record);
	check_codes(record);
}

/* ---- the four kinds of input ---- */

static void
check_input(struct input *input, uint8_t file[FILE_SIZE])
{
	uint8_t plain[RECORD_BYTES];
	size_t size;

	switch (input_number(input, 1)) {
	case 0:
		size = input_bytes(input, file, FILE_SIZE);
		check_file(file, size, false);
		break;
	case 1:
		genuine(file);
		size = input_edit(input, file, FILE_BYTES);
		check_file(file, FILE_BYTES, size == 0);
		break;
	case 2:
		genuine(file);
		size = FILE_BYTES + (size_t)(int16_t)input_number(input, 2);
		check_file(file, size <= FILE_SIZE ? size : 0,
		    size == FILE_BYTES);
		break;
	case 3:
		(void)input_bytes(input, plain, sizeof plain);
		check_plain(plain, file);
		break;
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	uint8_t *file = calloc(1, FILE_SIZE);

	MUST(file != NULL);
	check_input(&input, file);
	free(file);
	return 0;
}
