#include "model.h"

#include "answer.h"
#include "fuzz.h"
#include "release.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_MOST = 64, SHOWN = RECOVERY_TEXT_SIZE - 1 };

/* ---- what was typed ---- */

/* What sshd types is repeated and cut to a length that is not its choice. */
static bool
is_filler(const char *text)
{
	static const char whole[] = "\b\n\r\177INCORRECT";
	const char *at = whole;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++, at++) {
		if (*at == '\0')
			at = whole;
		if (*text != *at)
			return false;
	}
	return true;
}

static bool
all_in(const char *text, size_t len, const char *set)
{
	return strspn(text, set) >= len;
}

/* Crockford's value of a character; -1: it has none. */
static int
crockford(char c)
{
	static const char upper[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	static const char lower[] = "0123456789abcdefghjkmnpqrstvwxyz";

	if (c == 'o' || c == 'O')
		return 0;
	if (c == 'i' || c == 'I' || c == 'l' || c == 'L')
		return 1;
	for (int i = 0; i < 32; i++)
		if (c == upper[i] || c == lower[i])
			return i;
	return -1;
}

/* 24 characters of five bits each, and the number they are, modulo 37. */
static bool
decode(const char *plain, uint8_t code[RECOVERY_BYTES])
{
	int value, rest = 0;

	memset(code, 0, RECOVERY_BYTES);
	for (int i = 0; i < RECOVERY_CHARS - 1; i++) {
		if ((value = crockford(plain[i])) < 0)
			return false;
		rest = (rest * 32 + value) % 37;
		for (int bit = 0; bit < 5; bit++)
			if ((value >> (4 - bit) & 1) != 0)
				code[(i * 5 + bit) / 8] |=
				    (uint8_t)(0x80 >> (i * 5 + bit) % 8);
	}
	return crockford(plain[RECOVERY_CHARS - 1]) == rest;
}

struct typed
model_read(const char *text)
{
	struct typed typed = { SHAPE_NONE, "", { 0 } };
	char plain[ANSWER_LONGEST + 1] = "";
	size_t len = 0;

	if (strlen(text) > ANSWER_LONGEST)
		return typed;
	if (is_filler(text)) {
		typed.shape = SHAPE_BLOCKED;
		return typed;
	}
	for (size_t i = 0; text[i] != '\0'; i++)
		if (strchr(" \t\r\n-", text[i]) == NULL)
			plain[len++] = text[i];
	if (len >= 6 && len <= 8 && all_in(plain, len, "0123456789")) {
		typed.shape = SHAPE_CODE;
		memcpy(typed.digits, plain, len + 1);
	} else if (len == RECOVERY_CHARS && decode(plain, typed.recovery)) {
		typed.shape = SHAPE_RECOVERY;
	}
	return typed;
}

size_t
model_split(const char *text, unsigned digits)
{
	size_t len = strlen(text);
	const char *end = text + len;
	bool dashed = len >= SHOWN;

	if (is_filler(text))
		return 0;
	if (len > ANSWER_LONGEST)
		return len;
	for (int i = 0; dashed && i < SHOWN; i++)
		dashed = (end[i - SHOWN] == '-') == (i % 6 == 5);
	/* A group of its own, and not a blank of the password before it. */
	if (dashed &&
	    all_in(end - SHOWN, SHOWN,
		"-0123456789ABCDEFGHIJKLMNO"
		"PQRSTVWXYZabcdefghijklmno"
		"pqrstvwxyz") &&
	    model_read(end - SHOWN).shape == SHAPE_RECOVERY)
		return len - SHOWN;
	if (len >= digits && all_in(end - digits, digits, "0123456789"))
		return len - digits;
	return len;
}

/* ---- what would have been right ---- */

static size_t
hmac(const struct authenticator *a, const uint8_t message[8],
    uint8_t out[HASH_MOST])
{
	struct hmac_sha1_ctx sha1;
	struct hmac_sha256_ctx sha256;
	struct hmac_sha512_ctx sha512;

	switch (a->algorithm) {
	case ALGORITHM_SHA1:
		hmac_sha1_set_key(&sha1, a->key_len, a->key);
		hmac_sha1_update(&sha1, 8, message);
		hmac_sha1_digest(&sha1, 20, out);
		return 20;
	case ALGORITHM_SHA256:
		hmac_sha256_set_key(&sha256, a->key_len, a->key);
		hmac_sha256_update(&sha256, 8, message);
		hmac_sha256_digest(&sha256, 32, out);
		return 32;
	case ALGORITHM_SHA512:
	default:
		hmac_sha512_set_key(&sha512, a->key_len, a->key);
		hmac_sha512_update(&sha512, 8, message);
		hmac_sha512_digest(&sha512, 64, out);
		return 64;
	}
}

void
model_code(const struct authenticator *a, uint64_t factor,
    char code_out[TOTP_CODE_SIZE])
{
	uint8_t message[8], hash[HASH_MOST], *at;
	uint32_t number;

	for (int i = 0; i < 8; i++)
		message[i] = (uint8_t)(factor >> (56 - 8 * i));
	at = hash;
	at += hash[hmac(a, message, hash) - 1] & 0xf;
	number = (at[0] & 0x7fU) << 24 | (uint32_t)at[1] << 16 |
		 (uint32_t)at[2] << 8 | at[3];
	MUST(a->digits >= 6 && a->digits <= 8);
	memset(code_out, 0, TOTP_CODE_SIZE);
	for (unsigned i = a->digits; i > 0; i--, number /= 10)
		code_out[i - 1] = (char)('0' + number % 10);
}

static void
hash_of(const uint8_t key[RECOVERY_KEY_BYTES],
    const uint8_t code[RECOVERY_BYTES], uint8_t hash_out[RECOVERY_HASH_BYTES])
{
	static const uint8_t purpose[] = "recovery code\0\0\0\0";
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, RECOVERY_KEY_BYTES, key);
	hmac_sha256_update(&ctx, sizeof purpose, purpose);
	hmac_sha256_update(&ctx, RECOVERY_BYTES, code);
	hmac_sha256_digest(&ctx, RECOVERY_HASH_BYTES, hash_out);
}

/* Whether it is the bypass's code, at any time. */
static bool
is_bypass(const struct bypass *bypass, const uint8_t code[RECOVERY_BYTES])
{
	uint8_t hash[RECOVERY_HASH_BYTES];

	hash_of(bypass->key, code, hash);
	return bypass->id != 0 && memcmp(bypass->hash, hash, sizeof hash) == 0;
}

/* The recovery code's place in the set, or -1. */
static int
place_of(const struct recovery_set *set, const uint8_t code[RECOVERY_BYTES])
{
	uint8_t hash[RECOVERY_HASH_BYTES];
	int place = -1;

	hash_of(set->key, code, hash);
	for (int i = 0; i < RECOVERY_CODES; i++)
		if (memcmp(set->hash[i], hash, sizeof hash) == 0)
			place = i;
	return set->id == 0 ? -1 : place;
}

static const struct state_entry *
entry_of(const struct state *state, uint64_t id)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->entries[i].id == id)
			return &state->entries[i];
	return NULL;
}

/* ---- the verdict ---- */

static bool
belong_together(const struct record *record, const struct state *state)
{
	if (record->uid != state->uid ||
	    (record->recovery.id != 0 &&
		entry_of(state, record->recovery.id) == NULL) ||
	    (record->bypass.id != 0 &&
		entry_of(state, record->bypass.id) == NULL))
		return false;
	for (size_t i = 0; i < record->count; i++)
		if (entry_of(state, record->authenticators[i].id) == NULL)
			return false;
	return true;
}

static bool
is_behind(const struct settings *settings, const struct record *record,
    const struct state *state, int64_t now)
{
	int64_t forgiven = 30;
	bool behind;

	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].period > forgiven)
			forgiven = record->authenticators[i].period;
	forgiven *= (int64_t)settings->window;
	if (now < RELEASE_TIME)
		return true;
	behind = state->last_attempt - forgiven > now ||
		 record->created - forgiven > now ||
		 (record->bypass.created > 0 &&
		     record->bypass.created - forgiven > now) ||
		 (record->recovery.created > 0 &&
		     record->recovery.created - forgiven > now);
	for (size_t i = 0; i < record->count; i++)
		behind |= record->authenticators[i].created - forgiven > now;
	return behind;
}

static enum verdict
guessed(const struct settings *settings, const struct state *state, int64_t now,
    enum verdict otherwise)
{
	if (state->failures >= settings->disable_after)
		return VERDICT_DISABLED;
	return state->wait_until > now ? VERDICT_WAITING : otherwise;
}

/* What digits are to one authenticator: whether they belong to an unspent
 * factor that may be used now (which: *factor_out), or to a spent one. */
static bool
fits(const struct settings *settings, const struct authenticator *a,
    uint64_t spent, const char *digits, int64_t now, uint64_t *factor_out,
    bool *spent_out)
{
	bool timed = a->kind == AUTHENTICATOR_TOTP;
	uint64_t middle = timed ? (uint64_t)now / a->period : spent;
	uint64_t width = timed ? settings->window : settings->hotp_lookahead;
	char code[TOTP_CODE_SIZE];
	bool right = false, was_spent = false;
	uint64_t found = 0; /* the last whose time has come, or the next */

	if (middle > totp_factor_most + width)
		return false; /* liboath cannot count as far: no codes */
	for (uint64_t i = 0; i <= 2 * width; i++) {
		uint64_t factor = middle + width - i; /* latest first */

		if (factor > middle + width)
			break; /* before zero */
		if (factor > totp_factor_most)
			continue;
		model_code(a, factor, code);
		if (strcmp(code, digits) != 0)
			continue;
		if (factor < spent) {
			was_spent = true;
		} else if (!right || !timed || found > middle) {
			right = true;
			found = factor;
		}
	}
	/* The same digits a moment ago: those could have been watched, unless
	 * their own time has come. */
	if (was_spent && (!timed || found > middle))
		right = false;
	if (right)
		*factor_out = found;
	*spent_out |= was_spent;
	return right;
}

static enum verdict
judge_digits(const struct settings *settings, const struct record *record,
    const struct state *state, const char *digits, int64_t now)
{
	bool right = false, spent = false;
	uint64_t factor = 0;

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		right |= fits(settings, a, entry_of(state, a->id)->spent,
		    digits, now, &factor, &spent);
	}
	if (right)
		return guessed(settings, state, now, VERDICT_ACCEPTED);
	return guessed(settings, state, now,
	    spent ? VERDICT_REPLAYED : VERDICT_WRONG);
}

static bool
anybody_shows(const struct record *record, size_t digits)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].digits == digits)
			return true;
	return false;
}

enum verdict
model_judge(const struct settings *settings, const struct record *record,
    const struct state *state, const char *text, int64_t now)
{
	struct typed typed = model_read(text);
	bool behind = is_behind(settings, record, state, now);
	uint64_t spent;
	int place;

	if (!belong_together(record, state))
		return VERDICT_CANNOT_TELL;
	switch (typed.shape) {
	case SHAPE_BLOCKED:
		return VERDICT_CALLER_BLOCKED;
	case SHAPE_CODE:
		if (!anybody_shows(record, strlen(typed.digits)))
			return VERDICT_MALFORMED;
		if (behind)
			return VERDICT_CLOCK_BEHIND;
		return judge_digits(settings, record, state, typed.digits, now);
	case SHAPE_RECOVERY:
		place = place_of(&record->recovery, typed.recovery);
		if (place < 0 && behind)
			return VERDICT_CLOCK_BEHIND;
		if (place < 0 && now < record->bypass.expires &&
		    is_bypass(&record->bypass, typed.recovery))
			return entry_of(state, record->bypass.id)->spent != 0
				   ? VERDICT_REPLAYED
				   : VERDICT_ACCEPTED_BYPASS;
		if (place < 0)
			return guessed(settings, state, now, VERDICT_WRONG);
		spent = entry_of(state, record->recovery.id)->spent;
		return (spent >> place & 1) != 0 ? VERDICT_REPLAYED
						 : VERDICT_ACCEPTED_RECOVERY;
	case SHAPE_NONE:
	default:
		return VERDICT_MALFORMED;
	}
}

bool
model_accepts(enum verdict verdict)
{
	return verdict == VERDICT_ACCEPTED ||
	       verdict == VERDICT_ACCEPTED_RECOVERY ||
	       verdict == VERDICT_ACCEPTED_BYPASS;
}

/* ---- the step ---- */

/* How many entries have more spent than before; none may have less. */
static unsigned
count_spent(const struct record *record, const struct state *before,
    const struct state *after)
{
	unsigned moved = 0;

	MUST(after->uid == before->uid && after->count == before->count);
	MUST(after->sequence == before->sequence);
	for (size_t i = 0; i < before->count; i++) {
		const struct state_entry *was = &before->entries[i];
		const struct state_entry *is = &after->entries[i];

		MUST(is->id == was->id);
		if (was->id == record->recovery.id)
			MUST((is->spent & was->spent) == was->spent);
		MUST(is->spent >= was->spent);
		MUST(is->used == was->used || is->spent > was->spent);
		moved += is->spent > was->spent;
	}
	return moved;
}

static void
check_failures(const struct state *before, const struct state *after,
    enum verdict verdict)
{
	bool counted = verdict == VERDICT_WRONG || verdict == VERDICT_WAITING ||
		       verdict == VERDICT_DISABLED;

	if (model_accepts(verdict)) {
		MUST(after->failures == 0 && after->wait_until == 0);
		return;
	}
	MUST(after->failures >= before->failures);
	MUST(after->failures - before->failures <= (counted ? 1 : 0));
	if (verdict == VERDICT_WRONG && before->failures < UINT32_MAX)
		MUST(after->failures == before->failures + 1);
	MUST(after->last_success == before->last_success);
}

/* What of an authenticator has to be spent once digits were accepted. */
static uint64_t
spent_by_digits(const struct settings *settings, const struct authenticator *a,
    uint64_t was, const char *digits, int64_t now)
{
	uint64_t factor = 0;
	bool spent = false;

	return fits(settings, a, was, digits, now, &factor, &spent) ? factor + 1
								    : was;
}

/* ... and once a recovery code was: whoever types one may have been watched
 * typing others, so the codes of this moment are spent with it. */
static uint64_t
spent_by_recovery(const struct settings *settings,
    const struct authenticator *a, uint64_t was, int64_t now)
{
	uint64_t next;

	if (a->kind != AUTHENTICATOR_TOTP)
		return was;
	next = (uint64_t)(now > 0 ? now : 0) / a->period;
	next += settings->window + 1;
	return was > next ? was : next;
}

static void
check_acceptance(const struct settings *settings, const struct record *record,
    const struct state *before, const struct state *after, const char *text,
    int64_t now)
{
	struct typed typed = model_read(text);
	bool recovered = typed.shape == SHAPE_RECOVERY;
	uint64_t was, want;

	for (size_t i = 0; i < record->count; i++) {
		const struct authenticator *a = &record->authenticators[i];

		was = entry_of(before, a->id)->spent;
		want = recovered ? spent_by_recovery(settings, a, was, now)
				 : spent_by_digits(settings, a, was,
				       typed.digits, now);
		MUST(entry_of(after, a->id)->spent == want);
	}
	if (record->recovery.id == 0)
		return;
	want = was = entry_of(before, record->recovery.id)->spent;
	if (recovered && place_of(&record->recovery, typed.recovery) >= 0)
		want |= UINT64_C(1)
			<< place_of(&record->recovery, typed.recovery);
	MUST(entry_of(after, record->recovery.id)->spent == want);
}

void
model_check(const struct settings *settings, const struct record *record,
    const struct state *before, const struct state *after, const char *text,
    int64_t now, const struct judgement *judgement)
{
	enum verdict want = model_judge(settings, record, before, text, now);
	bool accepted = model_accepts(judgement->verdict);
	bool behind = is_behind(settings, record, before, now);
	unsigned moved = count_spent(record, before, after);

	MUST(judgement->verdict == want);
	MUST(accepted == (moved > 0));
	MUST(after->notices == before->notices);
	MUST(after->edition == before->edition);
	MUST(judgement->notices == (accepted ? before->notices : 0));
	check_failures(before, after, judgement->verdict);
	if (accepted)
		check_acceptance(settings, record, before, after, text, now);
	MUST(after->last_attempt >= before->last_attempt);
	MUST(after->last_success >= before->last_success);
	if (judgement->verdict != VERDICT_CANNOT_TELL)
		MUST(
		    after->last_attempt == (behind || before->last_attempt > now
						   ? before->last_attempt
						   : now));
	MUST(judgement->wait >= 0 &&
	     judgement->wait <= (int64_t)settings->longest_wait);
	if (!behind && judgement->verdict != VERDICT_CANNOT_TELL)
		MUST(
		    after->wait_until - now <= (int64_t)settings->longest_wait);
}

static enum verdict
judge_text(const struct settings *settings, const struct record *record,
    struct state *state, const char *text, int64_t now)
{
	const struct state before = *state;
	struct judgement judgement;
	struct answer answer;

	answer_read(text, &answer);
	judge(settings, record, state, &answer, now, &judgement);
	model_check(settings, record, &before, state, text, now, &judgement);
	return judgement.verdict;
}

enum verdict
model_try(const struct settings *settings, const struct record *record,
    struct state *state, const char *text, int64_t now)
{
	enum verdict verdict = judge_text(settings, record, state, text, now);
	char other[ANSWER_LONGEST + 64];
	struct state copy = *state;

	if (!model_accepts(verdict))
		return verdict;
	(void)judge_text(settings, record, &copy, text, now);
	copy = *state;
	snprintf(other, sizeof other, " %s-", text);
	(void)judge_text(settings, record, &copy, other, now + 1);
	return verdict;
}
