#include "wire.h"

#include "mem.h"
#include "pack.h"
#include "text.h"

#include <string.h>

enum {
	THIS_VERSION = 1,
	REQUEST = 1,
	REPLY = 2,
	FLAG_MOST = 1,
	LAST_KIND = WIRE_PICTURE,
	/* What the verifier's own work can fail with; the conversation is the
	 * module's. */
	ERR_LAST = -ERR_EXISTS,
};

static const uint8_t magic[4] = { 0x89, 'S', 'P', 'V' };

/*
 * Writing and reading are one walk over the fields, so that both always mean
 * the same.  A value out of range sets bad in either direction.
 */
struct wire {
	struct pack *out; /* one of the two */
	struct unpack *in;
	bool bad;
};

static uint64_t
number(struct wire *wire, uint64_t value, size_t bytes, uint64_t least,
    uint64_t most)
{
	if (wire->in != NULL)
		value = unpack_number(wire->in, bytes);
	if (value < least || value > most) {
		wire->bad = true;
		value = least;
	}
	if (wire->out != NULL)
		pack_number(wire->out, value, bytes);
	return value;
}

static void
flag(struct wire *wire, bool *value)
{
	*value = number(wire, *value, 1, 0, FLAG_MOST) != 0;
}

static void
number_32(struct wire *wire, uint32_t *value)
{
	*value = (uint32_t)number(wire, *value, 4, 0, UINT32_MAX);
}

static void
small(struct wire *wire, unsigned *value, unsigned most)
{
	*value = (unsigned)number(wire, *value, 1, 0, most);
}

/* Seconds, or a Unix time that is not before 1970. */
static void
seconds(struct wire *wire, int64_t *value)
{
	*value = (int64_t)number(wire, (uint64_t)*value, 8, 0, INT64_MAX);
}

/* n bytes, as they are. */
static void
bytes(struct wire *wire, void *value, size_t n)
{
	if (wire->in != NULL)
		unpack_bytes(wire->in, value, n);
	else
		pack_bytes(wire->out, value, n);
}

/* A string that fits its room, with no NUL but its own, which is not sent. */
static void
text(struct wire *wire, char *value, size_t size)
{
	size_t len = (size_t)number(wire,
	    wire->in != NULL ? 0 : strnlen(value, size), 2, 0, size - 1);

	bytes(wire, value, len);
	if (wire->in == NULL)
		return;
	memset(value + len, 0, size - len);
	if (strlen(value) != len)
		wire->bad = true;
}

/* ---- fields ---- */

static bool
code_fits(const char *code)
{
	size_t len = strlen(code);

	for (size_t i = 0; i < len; i++)
		if (!text_is_digit(code[i]))
			return false;
	return len >= TOTP_DIGITS_LEAST;
}

static void
answer(struct wire *wire, struct answer *value)
{
	value->kind = (enum answer_kind)number(wire, value->kind, 1,
	    ANSWER_MALFORMED, ANSWER_RECOVERY);
	if (value->kind == ANSWER_CODE) {
		text(wire, value->code, sizeof value->code);
		wire->bad |= !code_fits(value->code);
	} else if (value->kind == ANSWER_RECOVERY) {
		bytes(wire, value->recovery, sizeof value->recovery);
	}
}

static void
said(struct wire *wire, struct said *value)
{
	text(wire, value->service, sizeof value->service);
	text(wire, value->rhost, sizeof value->rhost);
	text(wire, value->tty, sizeof value->tty);
	flag(wire, &value->shows);
}

/* The name of an authenticator is said of a code that opened, and of no other:
 * that a wrong code would be right at another time must not be guessed. */
static void
judgement(struct wire *wire, struct judgement *value)
{
	value->verdict =
	    (enum verdict)number(wire, value->verdict, 4, 0, UINT32_MAX);
	wire->bad |= !verdict_is_known(value->verdict);
	if (value->verdict == VERDICT_ACCEPTED) {
		text(wire, value->authenticator, sizeof value->authenticator);
		wire->bad |= !record_name_fits(value->authenticator);
	}
	number_32(wire, &value->failures);
	seconds(wire, &value->wait);
	small(wire, &value->recovery_left, RECOVERY_CODES);
	flag(wire, &value->caused_disable);
	if (verdict_accepts(value->verdict))
		number_32(wire, &value->notices);
}

static void
item(struct wire *wire, struct summary_item *value)
{
	struct authenticator *a = &value->authenticator;

	text(wire, a->name, sizeof a->name);
	wire->bad |= !record_name_fits(a->name);
	a->kind = (enum authenticator_kind)number(wire, a->kind, 1,
	    AUTHENTICATOR_TOTP, AUTHENTICATOR_HOTP);
	a->algorithm = (enum algorithm)number(wire, a->algorithm, 1,
	    ALGORITHM_SHA1, ALGORITHM_SHA512);
	small(wire, &a->digits, TOTP_DIGITS_MOST);
	small(wire, &a->period, TOTP_PERIOD_MOST);
	flag(wire, &a->pending);
	seconds(wire, &a->created);
	seconds(wire, &value->used);
}

static void
summary(struct wire *wire, struct summary *value)
{
	unsigned count = (unsigned)value->count;

	flag(wire, &value->enrolled);
	if (!value->enrolled)
		return;
	number_32(wire, &value->uid);
	text(wire, value->user, sizeof value->user);
	small(wire, &count, RECORD_AUTHENTICATORS);
	value->count = count;
	for (size_t i = 0; i < count; i++)
		item(wire, &value->items[i]);
	small(wire, &value->recovery_left, RECOVERY_CODES);
	flag(wire, &value->recovery_unseen);
	seconds(wire, &value->bypass_until);
	number_32(wire, &value->failures);
	seconds(wire, &value->wait);
	flag(wire, &value->disabled);
	seconds(wire, &value->last_success);
}

/* ---- changes ---- */

/* Only what can be looked at there: that somebody is an administrator, or in
 * the middle of a login, is not for him to say. */
static void
proof(struct wire *wire, struct proof *value)
{
	value->kind = (enum proof_kind)number(wire, value->kind, 1, PROOF_NONE,
	    PROOF_ANSWER);
	if (value->kind == PROOF_PASSWORD)
		text(wire, value->password, sizeof value->password);
	else if (value->kind == PROOF_ANSWER)
		answer(wire, &value->answer);
}

static void
shape(struct wire *wire, struct authenticator *value)
{
	value->kind = (enum authenticator_kind)number(wire, value->kind, 1,
	    AUTHENTICATOR_TOTP, AUTHENTICATOR_HOTP);
	value->algorithm = (enum algorithm)number(wire, value->algorithm, 1,
	    ALGORITHM_SHA1, ALGORITHM_SHA512);
	small(wire, &value->digits, TOTP_DIGITS_MOST);
	small(wire, &value->period, TOTP_PERIOD_MOST);
}

static void
name(struct wire *wire, char value[RECORD_NAME_SIZE])
{
	text(wire, value, RECORD_NAME_SIZE);
	wire->bad |= value[0] != '\0' && !record_name_fits(value);
}

static void
wanted(struct wire *wire, struct wanted *value)
{
	value->act =
	    (enum act)number(wire, value->act, 1, ACT_BEGIN, ACT_RECOVERY);
	proof(wire, &value->proof);
	switch (value->act) {
	case ACT_BEGIN:
		name(wire, value->which.name);
		shape(wire, &value->which);
		break;
	case ACT_CONFIRM:
		bytes(wire, value->blob, sizeof value->blob);
		answer(wire, &value->answer);
		break;
	case ACT_RENAME:
	case ACT_REMOVE:
		name(wire, value->which.name);
		seconds(wire, &value->which.created);
		if (value->act == ACT_RENAME)
			name(wire, value->name);
		break;
	case ACT_RECOVERY:
	case ACT_SEEN: /* in logins alone */
		break;
	}
}

static void
begun(struct wire *wire, struct changed *value)
{
	unsigned key_len = (unsigned)value->begun.key_len;

	small(wire, &key_len, sizeof value->begun.key);
	value->begun.key_len = key_len;
	if (key_len == 0)
		return;
	bytes(wire, value->begun.key, key_len);
	name(wire, value->begun.name);
	shape(wire, &value->begun);
	bytes(wire, value->blob, sizeof value->blob);
}

static void
codes(struct wire *wire, struct codes *value)
{
	unsigned count = (unsigned)value->count;

	small(wire, &count, RECOVERY_CODES);
	value->count = count;
	for (size_t i = 0; i < count; i++)
		text(wire, value->text[i], sizeof value->text[i]);
}

static void
changed(struct wire *wire, struct changed *value)
{
	bool judged = verdict_is_known(value->judgement.verdict);

	value->change =
	    (enum change)number(wire, value->change, 4, 0, UINT32_MAX);
	wire->bad |= !change_is_known(value->change);
	name(wire, value->name);
	flag(wire, &judged);
	if (judged)
		judgement(wire, &value->judgement);
	if (value->change != CHANGE_DONE)
		return;
	flag(wire, &value->ended);
	begun(wire, value);
	codes(wire, &value->codes);
}

/* Bits behind the last module are 0, so that there is one spelling. */
static void
symbol(struct wire *wire, struct symbol *value)
{
	small(wire, &value->width, SYMBOL_WIDTH_MOST);
	bytes(wire, value->bits, symbol_bytes(value));
	wire->bad |= !symbol_fits(value);
}

/* ---- frames ---- */

static void
head(struct wire *wire, unsigned direction, enum wire_kind *kind)
{
	uint8_t is[sizeof magic];

	memcpy(is, magic, sizeof is);
	bytes(wire, is, sizeof is);
	wire->bad |= memcmp(is, magic, sizeof is) != 0;
	(void)number(wire, THIS_VERSION, 1, THIS_VERSION, THIS_VERSION);
	(void)number(wire, direction, 1, direction, direction);
	*kind =
	    (enum wire_kind)number(wire, *kind, 1, WIRE_ENROLLED, LAST_KIND);
}

static void
request(struct wire *wire, struct wire_request *value)
{
	head(wire, REQUEST, &value->kind);
	text(wire, value->store_dir, sizeof value->store_dir);
	text(wire, value->user, sizeof value->user);
	said(wire, &value->said);
	if (value->kind == WIRE_VERIFY)
		answer(wire, &value->answer);
	else if (value->kind == WIRE_CHANGE)
		wanted(wire, &value->wanted);
	else if (value->kind == WIRE_PICTURE)
		bytes(wire, value->blob, sizeof value->blob);
}

static void
reply(struct wire *wire, struct wire_reply *value)
{
	unsigned err = (unsigned)-value->err;

	head(wire, REPLY, &value->kind);
	small(wire, &err, ERR_LAST);
	value->err = -(int)err;
	if (value->err < 0)
		return;
	switch (value->kind) {
	case WIRE_ENROLLED:
		flag(wire, &value->enrolled);
		break;
	case WIRE_VERIFY:
		judgement(wire, &value->judgement);
		break;
	case WIRE_STATUS:
		summary(wire, &value->summary);
		break;
	case WIRE_CHANGE:
		changed(wire, &value->changed);
		break;
	case WIRE_PICTURE:
		symbol(wire, &value->symbol);
		break;
	}
}

static int
written(const struct wire *wire, size_t *n_out)
{
	if (wire->bad || wire->out->bad)
		return ERR_INPUT;
	*n_out = WIRE_MOST - wire->out->left;
	return 0;
}

static int
read_whole(const struct wire *wire)
{
	return wire->bad || wire->in->bad || wire->in->left > 0 ? ERR_INPUT : 0;
}

int
wire_format_request(const struct wire_request *value, uint8_t out[WIRE_MOST],
    size_t *n_out)
{
	struct pack pack = { out, WIRE_MOST, false };
	struct wire wire = { &pack, NULL, false };
	struct wire_request copy = *value;

	request(&wire, &copy);
	mem_wipe(&copy, sizeof copy);
	return written(&wire, n_out);
}

int
wire_parse_request(const uint8_t *in, size_t n,
    struct wire_request *request_out)
{
	struct unpack unpack = { in, n, false };
	struct wire wire = { NULL, &unpack, false };

	memset(request_out, 0, sizeof *request_out);
	request(&wire, request_out);
	return read_whole(&wire);
}

int
wire_format_reply(const struct wire_reply *value, uint8_t out[WIRE_MOST],
    size_t *n_out)
{
	struct pack pack = { out, WIRE_MOST, false };
	struct wire wire = { &pack, NULL, false };
	struct wire_reply copy = *value;

	reply(&wire, &copy);
	mem_wipe(&copy, sizeof copy);
	return written(&wire, n_out);
}

int
wire_parse_reply(const uint8_t *in, size_t n, struct wire_reply *reply_out)
{
	struct unpack unpack = { in, n, false };
	struct wire wire = { NULL, &unpack, false };

	memset(reply_out, 0, sizeof *reply_out);
	reply(&wire, reply_out);
	return read_whole(&wire);
}

/* ---- what a program says ---- */

void
said_set(char room[WIRE_SAID_SIZE], const char *text)
{
	size_t len = text == NULL ? 0 : strnlen(text, WIRE_SAID_SIZE - 1);

	if (len > 0)
		memcpy(room, text, len);
	memset(room + len, 0, WIRE_SAID_SIZE - len);
}
