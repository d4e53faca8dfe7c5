#include "wallet.h"

#include "model.h"
#include "recovery.h"
#include "store.h"

#include <ctype.h>
#include <string.h>

enum { HELD = 5 };

static const struct authenticator held[HELD] = {
	{ .id = 11,
	    .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 6,
	    .period = 30,
	    .name = "phone",
	    .key_len = 20 },
	{ .id = 12,
	    .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 6,
	    .period = 30,
	    .name = "old phone",
	    .key_len = 20 },
	{ .id = 13,
	    .kind = AUTHENTICATOR_HOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 6,
	    .name = "token",
	    .key_len = 20 },
	{ .id = 14,
	    .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA256,
	    .digits = 8,
	    .period = 60,
	    .name = "tablet",
	    .key_len = 32 },
	{ .id = 15,
	    .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA512,
	    .digits = 7,
	    .period = 120,
	    .name = "desk",
	    .key_len = 64 },
};

enum { SET_ID = 99, BYPASS_ID = 98, BYPASS = RECOVERY_CODES };

/* Some bytes have a check symbol that is not shown; the next ones are taken. */
static void
recovery_bytes(unsigned n, uint8_t code[RECOVERY_BYTES])
{
	char text[RECOVERY_TEXT_SIZE];

	memset(code, (int)(n * 17 + 1), RECOVERY_BYTES);
	for (code[1] = 0; recovery_show(code, text) < 0; code[1]++)
		;
}

void
wallet_recovery(unsigned n, char text_out[RECOVERY_TEXT_SIZE])
{
	uint8_t code[RECOVERY_BYTES];

	recovery_bytes(n, code);
	MUST(recovery_show(code, text_out) == 0);
}

void
wallet_record(struct record *record_out)
{
	struct record *record = record_out;
	uint8_t code[RECOVERY_BYTES];

	memset(record, 0, sizeof *record);
	record->uid = WALLET_UID;
	strcpy(record->user, WALLET_USER);
	record->created = WALLET_NOON - 86400;
	for (size_t i = 0; i < HELD; i++) {
		struct authenticator one = held[i];

		one.created = record->created;
		/* The two phones have one key. */
		memset(one.key, i == 1 ? 'a' : 'a' + (int)i, one.key_len);
		MUST(record_add(record, &one) == 0);
	}
	record->recovery.id = SET_ID;
	record->recovery.created = record->created;
	memset(record->recovery.key, 'k', RECOVERY_KEY_BYTES);
	for (unsigned n = 0; n < RECOVERY_CODES; n++) {
		recovery_bytes(n, code);
		recovery_hash(record->recovery.key, code,
		    record->recovery.hash[n]);
	}
	record->bypass.id = BYPASS_ID;
	record->bypass.created = record->created;
	record->bypass.expires = WALLET_NOON + 3600;
	memset(record->bypass.key, 'b', RECOVERY_KEY_BYTES);
	recovery_bytes(BYPASS, code);
	recovery_hash(record->bypass.key, code, record->bypass.hash);
}

void
wallet_enrol(const struct settings *settings)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	const struct account alice = { .known = true,
		.uid = WALLET_UID,
		.name = WALLET_USER };
	struct trouble why = { "" };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();

	MUST(record != NULL);
	wallet_record(record);
	MUST(store_open(settings, &why, &store) == 0);
	MUST(store_begin_enrolling(store, &alice, &txn) == 0);
	MUST(store_enrol(txn, record, spent) == 0);
}

void
wallet_read(const struct settings *settings, struct state *state_out,
    struct record *record_out)
{
	struct trouble why = { "" };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	MUST(store_open(settings, &why, &store) == 0);
	MUST(store_read(store, WALLET_UID, &txn) == 0);
	*state_out = *store_state(txn);
	*record_out = *store_record(txn);
}

void
wallet_state(struct state *state_out)
{
	memset(state_out, 0, sizeof *state_out);
	state_out->uid = WALLET_UID;
	for (size_t i = 0; i < HELD; i++)
		MUST(state_add(state_out, held[i].id, 0) == 0);
	MUST(state_add(state_out, SET_ID, 0) == 0);
	MUST(state_add(state_out, BYPASS_ID, 0) == 0);
}

void
wallet_settings(struct input *input, struct settings *settings_out)
{
	struct settings *s = settings_out;
	uint64_t most = 60 * 60;

	*s = settings_default;
	s->window = input_number(input, 1) % 3;
	s->hotp_lookahead = 1 + input_number(input, 1) % 100;
	s->free_tries = 1 + input_number(input, 1) % 20;
	s->disable_after = s->free_tries < 5 ? 5 : s->free_tries;
	s->disable_after += input_number(input, 1) % (101 - s->disable_after);
	s->first_wait = 1 + input_number(input, 2) % most;
	s->longest_wait = s->first_wait;
	s->longest_wait += input_number(input, 2) % (most + 1 - s->first_wait);
}

/* ---- what is typed ---- */

struct typing {
	char *text; /* WALLET_TEXT_SIZE */
	size_t len;
};

static void
type(struct typing *typing, const char *bytes, size_t n)
{
	if (typing->len + n >= WALLET_TEXT_SIZE)
		return;
	memcpy(typing->text + typing->len, bytes, n);
	typing->len += n;
	typing->text[typing->len] = '\0';
}

static void
type_code(struct typing *typing, struct state *state, int64_t now, unsigned how)
{
	static struct record record;
	char code[TOTP_CODE_SIZE];
	const struct authenticator *a;
	uint64_t factor;

	if (record.count == 0)
		wallet_record(&record);
	a = &record.authenticators[(how & 7) % HELD];
	if (a->kind == AUTHENTICATOR_TOTP)
		factor = (uint64_t)(now > 0 ? now : 0) / a->period;
	else
		factor = state_find(state, a->id) == NULL
			     ? 0
			     : state_find(state, a->id)->spent;
	model_code(a, factor + (how >> 3) - 3, code);
	type(typing, code, strlen(code));
}

static void
type_recovery(struct typing *typing, unsigned n, bool sloppily)
{
	char text[RECOVERY_TEXT_SIZE], c;

	wallet_recovery(n, text);
	for (size_t i = 0; text[i] != '\0'; i++) {
		c = text[i];
		if (sloppily && c == '-')
			continue;
		if (sloppily)
			c = (char)(c == '1'   ? 'l'
				   : c == '0' ? 'o'
					      : tolower(c));
		type(typing, &c, 1);
	}
}

static void
type_again(struct typing *typing, uint64_t times)
{
	char last;

	if (typing->len == 0)
		return;
	last = typing->text[typing->len - 1];
	for (; times > 0; times--)
		type(typing, &last, 1);
}

static void
type_special(struct typing *typing, struct input *input, struct state *state,
    int64_t now, uint8_t byte)
{
	static const char filler[] = "\b\n\r\177INCORRECT";
	static const char unknown[] = "00000-00000-00000-00000-00022";
	char plain;

	if (byte <= 0xbf) {
		type_code(typing, state, now, byte & 0x3f);
	} else if (byte <= 0xdf) {
		type_recovery(typing, (byte & 0xf) % RECOVERY_CODES,
		    (byte & 0x10) != 0);
	} else if (byte == 0xfb) {
		type_recovery(typing, BYPASS, false);
	} else if (byte == 0xfc) {
		type(typing, unknown, strlen(unknown));
	} else if (byte == 0xfd) {
		type_again(typing, input_number(input, 1));
	} else if (byte == 0xfe) {
		type(typing, filler, strlen(filler));
	} else {
		plain = (char)input_number(input, 1);
		if (plain != '\0')
			type(typing, &plain, 1);
	}
}

void
wallet_type(struct input *input, struct state *state, int64_t now,
    char text_out[WALLET_TEXT_SIZE])
{
	struct typing typing = { text_out, 0 };
	uint8_t byte;
	char plain;

	text_out[0] = '\0';
	while ((byte = (uint8_t)input_number(input, 1)) != 0) {
		plain = (char)byte;
		if (byte < 0x80)
			type(&typing, &plain, 1);
		else
			type_special(&typing, input, state, now, byte);
	}
}
