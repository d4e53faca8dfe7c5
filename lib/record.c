#include "record.h"

#include "err.h"
#include "mem.h"
#include "pack.h"
#include "text.h"

#include <string.h>

enum {
	NAME_BYTES = RECORD_NAME_SIZE - 1,
	USER_BYTES = RECORD_USER_SIZE - 1,
	BYPASS_BYTES = 8 + 8 + 8 + RECOVERY_KEY_BYTES + RECOVERY_HASH_BYTES,
	SET_BYTES =
	    8 + 8 + RECOVERY_KEY_BYTES + RECOVERY_CODES * RECOVERY_HASH_BYTES,
};
_Static_assert(4 + 8 + USER_BYTES + SET_BYTES + 1 +
		       RECORD_AUTHENTICATORS * AUTHENTICATOR_BYTES +
		       BYPASS_BYTES <=
		   RECORD_BYTES,
    "there is room for all of it");

struct record *
record_new(void)
{
	return secret_new(sizeof(struct record));
}

void
record_free(struct record *record)
{
	secret_free(record, sizeof *record);
}

void
record_auto_free(struct record **record)
{
	record_free(*record);
}

bool
record_name_fits(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_BYTES || name[0] == ' ' ||
	    name[len - 1] == ' ')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] < ' ' || name[i] > '~' || name[i] == '"' ||
		    name[i] == '\\')
			return false;
	return true;
}

struct authenticator *
record_find(struct record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (strcmp(record->authenticators[i].name, name) == 0)
			return &record->authenticators[i];
	return NULL;
}

struct totp
authenticator_totp(const struct authenticator *authenticator)
{
	return (struct totp){
		.key = authenticator->key,
		.key_len = authenticator->key_len,
		.algorithm = authenticator->algorithm,
		.digits = authenticator->digits,
	};
}

static bool
in_range(uint64_t n, uint64_t least, uint64_t most)
{
	return n >= least && n <= most;
}

static bool
fits(const struct authenticator *a)
{
	bool period_fits =
	    a->kind == AUTHENTICATOR_TOTP
		? in_range(a->period, TOTP_PERIOD_LEAST, TOTP_PERIOD_MOST)
		: a->kind == AUTHENTICATOR_HOTP && a->period == 0;

	return period_fits && a->id != 0 && a->created >= 0 &&
	       in_range(a->algorithm, ALGORITHM_SHA1, ALGORITHM_SHA512) &&
	       in_range(a->digits, TOTP_DIGITS_LEAST, TOTP_DIGITS_MOST) &&
	       in_range(a->key_len, TOTP_KEY_FORCED, TOTP_KEY_MOST) &&
	       record_name_fits(a->name);
}

static bool
id_taken(const struct record *record, uint64_t id)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].id == id)
			return true;
	return record->recovery.id == id || record->bypass.id == id;
}

int
record_add(struct record *record, const struct authenticator *add)
{
	if (record->count == RECORD_AUTHENTICATORS || !fits(add))
		return ERR_INPUT;
	if (record_find(record, add->name) != NULL || id_taken(record, add->id))
		return ERR_EXISTS;
	record->authenticators[record->count++] = *add;
	return 0;
}

void
record_drop(struct record *record, struct authenticator *drop)
{
	struct authenticator *last = &record->authenticators[record->count - 1];

	memmove(drop, drop + 1, (size_t)((char *)last - (char *)drop));
	mem_wipe(last, sizeof *last);
	record->count--;
}

bool
bypass_holds(const struct bypass *bypass, int64_t now)
{
	return bypass->id != 0 && now < bypass->expires;
}

void
authenticator_pack(struct pack *out, const struct authenticator *a)
{
	pack_number(out, a->id, 8);
	pack_number(out, a->kind, 1);
	pack_number(out, a->algorithm, 1);
	pack_number(out, a->digits, 1);
	pack_number(out, a->period, 1);
	pack_number(out, a->pending, 1);
	pack_number(out, (uint64_t)a->created, 8);
	pack_number(out, a->key_len, 1);
	pack_text(out, a->name, NAME_BYTES);
	pack_padded(out, a->key, a->key_len, sizeof a->key);
}

static bool
zero_behind(const void *bytes, size_t used, size_t size)
{
	struct unpack rest = { (const uint8_t *)bytes + used, size - used,
		false };

	return unpack_rest_is_zero(&rest);
}

int
authenticator_unpack(struct unpack *in, struct authenticator *a)
{
	uint64_t pending;

	memset(a, 0, sizeof *a);
	a->id = unpack_number(in, 8);
	a->kind = (enum authenticator_kind)unpack_number(in, 1);
	a->algorithm = (enum algorithm)unpack_number(in, 1);
	a->digits = (unsigned)unpack_number(in, 1);
	a->period = (unsigned)unpack_number(in, 1);
	pending = unpack_number(in, 1);
	a->pending = pending != 0;
	a->created = (int64_t)unpack_number(in, 8);
	a->key_len = (size_t)unpack_number(in, 1);
	unpack_text(in, a->name, NAME_BYTES);
	unpack_bytes(in, a->key, sizeof a->key);
	if (in->bad || pending > 1 || !fits(a) ||
	    !zero_behind(a->key, a->key_len, sizeof a->key))
		return ERR_DAMAGED;
	return 0;
}

/* At the end, where records of before it have zeros. */
static void
pack_bypass(struct pack *out, const struct bypass *bypass)
{
	struct pack end = { out->at + out->left - BYPASS_BYTES, BYPASS_BYTES,
		false };

	if (bypass->id == 0)
		return;
	pack_number(&end, bypass->id, 8);
	pack_number(&end, (uint64_t)bypass->created, 8);
	pack_number(&end, (uint64_t)bypass->expires, 8);
	pack_bytes(&end, bypass->key, sizeof bypass->key);
	pack_bytes(&end, bypass->hash, sizeof bypass->hash);
}

static int
unpack_bypass(const struct unpack *in, struct record *record)
{
	struct unpack between = { in->at, in->left - BYPASS_BYTES, false };
	struct unpack end = { in->at + between.left, BYPASS_BYTES, false };
	struct bypass bypass;

	if (!unpack_rest_is_zero(&between))
		return ERR_DAMAGED;
	if (unpack_rest_is_zero(&end))
		return 0;
	bypass.id = unpack_number(&end, 8);
	bypass.created = (int64_t)unpack_number(&end, 8);
	bypass.expires = (int64_t)unpack_number(&end, 8);
	unpack_bytes(&end, bypass.key, sizeof bypass.key);
	unpack_bytes(&end, bypass.hash, sizeof bypass.hash);
	if (bypass.id == 0 || id_taken(record, bypass.id) ||
	    bypass.created < 0 || bypass.expires < 0)
		return ERR_DAMAGED;
	record->bypass = bypass;
	return 0;
}

void
record_format(const struct record *record, uint8_t out[RECORD_BYTES])
{
	struct pack pack = { out, RECORD_BYTES, false };

	memset(out, 0, RECORD_BYTES);
	pack_number(&pack, record->uid, 4);
	pack_number(&pack, (uint64_t)record->created, 8);
	pack_text(&pack, record->user, USER_BYTES);
	pack_number(&pack, record->recovery.id, 8);
	pack_number(&pack, (uint64_t)record->recovery.created, 8);
	pack_bytes(&pack, record->recovery.key, sizeof record->recovery.key);
	pack_bytes(&pack, record->recovery.hash, sizeof record->recovery.hash);
	pack_number(&pack, record->count, 1);
	for (size_t i = 0; i < record->count; i++)
		authenticator_pack(&pack, &record->authenticators[i]);
	pack_bypass(&pack, &record->bypass);
}

int
record_parse(const uint8_t in[RECORD_BYTES], struct record *record)
{
	struct unpack unpack = { in, RECORD_BYTES, false };
	struct authenticator one;
	size_t count;
	int r = 0;

	memset(record, 0, sizeof *record);
	record->uid = (uid_t)unpack_number(&unpack, 4);
	record->created = (int64_t)unpack_number(&unpack, 8);
	unpack_text(&unpack, record->user, USER_BYTES);
	record->recovery.id = unpack_number(&unpack, 8);
	record->recovery.created = (int64_t)unpack_number(&unpack, 8);
	unpack_bytes(&unpack, record->recovery.key,
	    sizeof record->recovery.key);
	unpack_bytes(&unpack, record->recovery.hash,
	    sizeof record->recovery.hash);
	count = (size_t)unpack_number(&unpack, 1);
	if (count > RECORD_AUTHENTICATORS)
		return ERR_DAMAGED;
	for (size_t i = 0; i < count && r == 0; i++)
		if ((r = authenticator_unpack(&unpack, &one)) == 0)
			r = record_add(record, &one);
	mem_wipe(&one, sizeof one);
	if (r < 0 || unpack.bad || unpack_bypass(&unpack, record) < 0 ||
	    record->user[0] == '\0' || record->created < 0)
		return ERR_DAMAGED;
	return 0;
}
