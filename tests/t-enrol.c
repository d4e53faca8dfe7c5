/*
 * Changing enrolments: who may, what is stored when, and what holds no more.
 *
 * The clock stands in front of libc's, and so does a disk that is full.
 */
#include "io.h"
#include "mem.h"
#include "scratch.h"
#include "service.h"
#include "service_enrol.h"
#include "store.h"
#include "test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC, a step's start */

enum { STEP = 30, MINUTE = 60, DAY = 24 * 60 * 60 };

static const struct account alice = { true, 1000, 100, "alice" };
static const struct account bob = { true, 1001, 100, "bob" };
static struct trouble why;

/* ---- what stands in front of libc, and of liboath ---- */

static int64_t now;

int
clock_gettime(clockid_t clock, struct timespec *time)
{
	if (clock != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, clock, time);
	*time = (struct timespec){ .tv_sec = (time_t)now };
	return 0;
}

static bool disk_full;

ssize_t
pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)buffer, n };

	if (!disk_full)
		return pwritev(fd, &part, 1, offset);
	errno = ENOSPC;
	return -1;
}

static bool no_codes;

int
oath_totp_generate2(const char *secret, size_t secret_length, time_t time,
    unsigned time_step_size, time_t start_offset, unsigned digits, int flags,
    char *output_otp)
{
	__typeof__(&oath_totp_generate2) next;

	(void)oath_init(); /* which keeps the library itself linked */
	next = dlsym(RTLD_NEXT, "oath_totp_generate2");
	return no_codes ? OATH_CRYPTO_ERROR
			: next(secret, secret_length, time, time_step_size,
			      start_offset, digits, flags, output_otp);
}

/* ---- a house with its users ---- */

struct house {
	struct scratch scratch;
	struct settings *settings; /* the scratch's */
	struct wanted *wanted;	   /* the last */
	struct changed *changed;   /* what came of it */
	/* Of the last beginning, and the last codes that were drawn: */
	struct authenticator begun;
	uint8_t blob[OFFER_BLOB_BYTES];
	struct codes codes;
};

static void
house_close(struct house *house)
{
	wanted_auto_free(&house->wanted);
	changed_auto_free(&house->changed);
	scratch_free(&house->scratch);
}
#define AUTO_HOUSE __attribute__((cleanup(house_close)))

static void
house_open(struct house *house)
{
	now = NOON;
	disk_full = false;
	scratch_new_store(&house->scratch);
	house->settings = &house->scratch.settings;
	house->wanted = wanted_new();
	house->changed = changed_new();
	expect(house->wanted != NULL && house->changed != NULL);
}

/* ---- proofs and answers ---- */

static const struct proof administrator = { .kind = PROOF_ADMINISTRATOR };
static const struct proof password = { .kind = PROOF_PASSWORD };
static const struct proof login = { .kind = PROOF_LOGIN };
static const struct proof nothing = { .kind = PROOF_NONE };

static struct answer
answer(const char *text)
{
	struct answer read;

	answer_read(text, &read);
	return read;
}

static struct proof
proof(const char *text)
{
	return (struct proof){ .kind = PROOF_ANSWER, .answer = answer(text) };
}

/* The code that an authenticator shows at a time, or at a counter. */
static const char *
code_at(const struct authenticator *a, int64_t time)
{
	static char codes[4][TOTP_CODE_SIZE];
	static unsigned at;
	struct totp totp = authenticator_totp(a);
	char *code = codes[at++ % 4];

	expect_int(totp_code(&totp,
		       (uint64_t)(a->kind == AUTHENTICATOR_HOTP
				      ? time
				      : time / a->period),
		       code),
	    0);
	return code;
}

/* Six digits that are nobody's now. */
static const char *
wrong_code(const struct authenticator *a)
{
	static char code[TOTP_CODE_SIZE];
	bool right = true;

	for (unsigned n = 0; right; n++) {
		snprintf(code, sizeof code, "%06u", n);
		right = false;
		for (int i = -3; i <= 3; i++)
			right |= strcmp(code, code_at(a, now + i * STEP)) == 0;
	}
	return code;
}

/* ---- what is done ---- */

static struct authenticator
wish(const char *name)
{
	struct authenticator a = { .kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = STEP };

	strcpy(a.name, name);
	return a;
}

/* The same of one that counts, with a key. */
static struct authenticator
wish_token(void)
{
	struct authenticator token = wish("token");

	token.kind = AUTHENTICATOR_HOTP;
	token.period = 0;
	token.key_len = 20;
	return token;
}

static int
change(struct house *house, const struct account *whose, enum act act,
    const struct proof *on)
{
	struct changed *changed = house->changed;
	int r;

	memset(changed, 0, sizeof *changed);
	house->wanted->act = act;
	house->wanted->proof = *on;
	if ((r = service_change_local(house->settings, whose, house->wanted,
		 changed, &why)) < 0)
		return r;
	if (changed->begun.key_len > 0) {
		house->begun = changed->begun;
		memcpy(house->blob, changed->blob, sizeof house->blob);
	}
	if (changed->codes.count > 0)
		house->codes = changed->codes;
	return 0;
}

static enum change
changed(struct house *house, const struct account *whose, enum act act,
    const struct proof *on)
{
	if (change(house, whose, act, on) < 0)
		fail_msg("%s", why.text);
	return house->changed->change;
}

static enum change
begin_wish(struct house *house, const struct account *whose,
    const struct proof *on, const struct authenticator *what)
{
	house->wanted->which = *what;
	return changed(house, whose, ACT_BEGIN, on);
}

static enum change
begin(struct house *house, const struct account *whose, const struct proof *on)
{
	const struct authenticator usual = wish("");

	return begin_wish(house, whose, on, &usual);
}

static enum change
confirm_with(struct house *house, const struct account *whose,
    const struct proof *on, const char *text)
{
	memcpy(house->wanted->blob, house->blob, sizeof house->blob);
	house->wanted->answer = answer(text);
	return changed(house, whose, ACT_CONFIRM, on);
}

static enum change
confirm(struct house *house, const struct account *whose,
    const struct proof *on)
{
	return confirm_with(house, whose, on, code_at(&house->begun, now));
}

/* Enrolls one more authenticator, a step before now; *what_out is it. */
static void
enrol(struct house *house, const struct account *whose, const char *name,
    struct authenticator *what_out)
{
	const struct authenticator one = wish(name);

	expect(begin_wish(house, whose, &administrator, &one) == CHANGE_DONE);
	expect(confirm(house, whose, &administrator) == CHANGE_DONE);
	*what_out = house->begun;
	what_out->created = now;
	now += 2 * STEP;
}

static enum change
rename_to(struct house *house, const struct proof *on,
    const struct authenticator *which, const char *name)
{
	house->wanted->which = *which;
	strcpy(house->wanted->name, name);
	return changed(house, &alice, ACT_RENAME, on);
}

static enum change
remove_one(struct house *house, const struct proof *on,
    const struct authenticator *which)
{
	house->wanted->which = *which;
	return changed(house, &alice, ACT_REMOVE, on);
}

static enum change
replace_codes(struct house *house, const struct proof *on)
{
	return changed(house, &alice, ACT_RECOVERY, on);
}

/* An invitation's code. */
static const char *
invite(struct house *house, const struct account *whose, int64_t seconds)
{
	static char code[RECOVERY_TEXT_SIZE];
	int64_t expires = 0;

	if (service_invite(house->settings, whose, seconds, code, &expires,
		&why) < 0)
		fail_msg("%s", why.text);
	expect(expires == now + seconds);
	return code;
}

static bool
uninvite(struct house *house)
{
	bool ended = false;

	expect_int(service_uninvite(house->settings, &alice, &ended, &why), 0);
	return ended;
}

/* A login's attempt. */
static enum verdict
try(struct house *house, const char *text)
{
	const struct answer typed = answer(text);
	struct judgement judgement;

	if (service_check_code_local(house->settings, &alice, &typed, false,
		&judgement, &why) < 0)
		fail_msg("%s", why.text);
	return judgement.verdict;
}

/* ---- what there is ---- */

struct seen {
	size_t count;
	char names[RECORD_AUTHENTICATORS][RECORD_NAME_SIZE];
	uint32_t failures, notices;
	uint64_t edition;
	uint64_t spent; /* of the first authenticator */
	unsigned recovery_left;
};

static struct seen
look(struct house *house, const struct account *whose)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct seen seen = { 0 };
	const struct record *record;

	expect_int(store_open(house->settings, &why, &store), 0);
	expect_int(store_read(store, whose->uid, &txn), 0);
	if ((record = store_record(txn)) == NULL)
		return seen;
	expect(state_knows(store_state(txn), record));
	seen.count = record->count;
	for (size_t i = 0; i < record->count; i++)
		strcpy(seen.names[i], record->authenticators[i].name);
	seen.failures = store_state(txn)->failures;
	seen.notices = store_state(txn)->notices;
	seen.edition = store_state(txn)->edition;
	seen.spent =
	    state_find(store_state(txn), record->authenticators[0].id)->spent;
	seen.recovery_left = state_recovery_left(store_state(txn), record);
	return seen;
}

/* The store holds its marker, and no more files than these. */
static void
expect_files(const struct house *house, int others)
{
	DIR *dir = opendir(scratch_path(&house->scratch, "store"));
	struct dirent *entry;
	int files = 0;

	expect(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		files += entry->d_name[0] != '.';
	closedir(dir);
	expect_int(files, 1 + others);
}

/* ---- beginning and confirming ---- */

TEST("what is begun is stored nowhere before a code of it has come")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;

	house_open(&house);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	house.settings->enrolment = ENROLMENT_OFFERED;
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(begin(&house, &alice, &password) == CHANGE_DONE);
	expect(begin(&house, &alice, &login) == CHANGE_DONE);
	expect_files(&house, 0);
	enrol(&house, &alice, "phone", &phone);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect_files(&house, 2);
	expect_int(look(&house, &alice).count, 1);
}

TEST("a right code stores it, with ten recovery codes, and is spent")
{
	AUTO_HOUSE struct house house;
	const struct authenticator *phone;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	phone = &house.begun;
	expect_int(phone->key_len, 20);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	expect_text(house.changed->name, "phone");
	expect_int(house.codes.count, RECOVERY_CODES);
	expect_int(look(&house, &alice).count, 1);
	expect_int(look(&house, &alice).recovery_left, RECOVERY_CODES);
	expect(try(&house, code_at(phone, now)) == VERDICT_REPLAYED);
	expect(try(&house, code_at(phone, now + STEP)) == VERDICT_ACCEPTED);
	expect(try(&house, house.codes.text[9]) == VERDICT_ACCEPTED_RECOVERY);
}

TEST("each beginning has another key, as long as its hash")
{
	static const size_t lengths[] = { [ALGORITHM_SHA1] = 20,
		[ALGORITHM_SHA256] = 32,
		[ALGORITHM_SHA512] = 64 };
	AUTO_HOUSE struct house house;
	uint8_t before[TOTP_KEY_MOST] = { 0 };

	house_open(&house);
	for (int i = ALGORITHM_SHA1; i <= ALGORITHM_SHA512; i++) {
		struct authenticator one = wish("");

		one.algorithm = (enum algorithm)i;
		expect(begin_wish(&house, &alice, &administrator, &one) ==
		       CHANGE_DONE);
		expect_int(house.begun.key_len, lengths[i]);
		expect(memcmp(before, house.begun.key, 20) != 0);
		memcpy(before, house.begun.key, sizeof before);
	}
}

TEST("wrong codes store nothing, are counted nowhere, and leave the next one")
{
	AUTO_HOUSE struct house house;
	const struct authenticator *phone;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	phone = &house.begun;
	for (int i = 0; i < 20; i++)
		expect(confirm_with(&house, &alice, &administrator,
			   wrong_code(phone)) == CHANGE_UNCONFIRMED);
	expect(confirm_with(&house, &alice, &administrator, "12345") ==
	       CHANGE_UNCONFIRMED);
	expect(confirm_with(&house, &alice, &administrator,
		   "00000-00000-00000-00000-00000") == CHANGE_UNCONFIRMED);
	expect_files(&house, 0);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	expect_int(look(&house, &alice).failures, 0);
}

TEST("a counting token is confirmed by any of its first codes, which are spent")
{
	AUTO_HOUSE struct house house;
	struct authenticator token = wish("token");
	const struct authenticator *begun;

	house_open(&house);
	token.kind = AUTHENTICATOR_HOTP;
	token.period = 0;
	expect(
	    begin_wish(&house, &alice, &administrator, &token) == CHANGE_DONE);
	begun = &house.begun;
	expect(confirm_with(&house, &alice, &administrator,
		   code_at(begun, 3)) == CHANGE_DONE);
	expect(try(&house, code_at(begun, 3)) == VERDICT_REPLAYED);
	expect(try(&house, code_at(begun, 4)) == VERDICT_ACCEPTED);
}

TEST("what was begun holds for fifteen minutes, whichever way the clock goes")
{
	AUTO_HOUSE struct house house;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	now = NOON + 15 * MINUTE;
	expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
	now = NOON - 15 * MINUTE;
	expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
	expect_files(&house, 0);
	now = NOON + 15 * MINUTE - 1;
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
}

TEST("what was begun is confirmed once")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	now += STEP;
	expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
	expect_int(look(&house, &alice).count, 1);
	/* Nor once more after it was removed again. */
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	phone = house.begun;
	phone.created = now;
	expect(remove_one(&house, &administrator, &phone) == CHANGE_DONE);
	now += STEP;
	expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
	expect_int(look(&house, &alice).count, 1);
}

TEST("another user's, another store's and a changed offer are none")
{
	AUTO_HOUSE struct house house;
	AUTO_HOUSE struct house other;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(confirm(&house, &bob, &administrator) == CHANGE_OVER);
	house_open(&other);
	other.begun = house.begun;
	memcpy(other.blob, house.blob, sizeof other.blob);
	expect(confirm(&other, &alice, &administrator) == CHANGE_OVER);
	for (size_t i = 0; i < OFFER_BLOB_BYTES; i++) {
		house.blob[i] ^= (uint8_t)(1 << i % 8);
		expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
		house.blob[i] ^= (uint8_t)(1 << i % 8);
	}
	expect_files(&house, 0);
	expect_files(&other, 0);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
}

TEST("an offer to who was renamed since, or has the number now, is none")
{
	static const struct account alicia = { true, 1000, 100, "alicia" };
	AUTO_HOUSE struct house house;

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(confirm(&house, &alicia, &administrator) == CHANGE_OVER);
	expect_files(&house, 0);
}

TEST("of two that were begun, the one confirmed first is the one there is")
{
	AUTO_HOUSE struct house house;
	struct authenticator first;
	uint8_t blob[OFFER_BLOB_BYTES];

	house_open(&house);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	first = house.begun;
	memcpy(blob, house.blob, sizeof blob);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	house.begun = first;
	memcpy(house.blob, blob, sizeof blob);
	expect(confirm(&house, &alice, &administrator) == CHANGE_OVER);
	expect_int(look(&house, &alice).count, 1);
}

/* Something that changes alice's enrolment. */
static void
change_renamed(struct house *house, const struct authenticator *phone)
{
	expect(rename_to(house, &administrator, phone, "else") == CHANGE_DONE);
}

static void
change_removed(struct house *house, const struct authenticator *phone)
{
	expect(remove_one(house, &administrator, phone) == CHANGE_DONE);
}

static void
change_codes(struct house *house, const struct authenticator *phone)
{
	(void)phone;
	expect(replace_codes(house, &administrator) == CHANGE_DONE);
}

static void
change_added(struct house *house, const struct authenticator *phone)
{
	struct authenticator another = *phone;

	strcpy(another.name, "another");
	expect_int(service_add(house->settings, &alice, &another, 0,
		       house->changed, &why),
	    0);
	expect(house->changed->change == CHANGE_DONE);
}

/* Ended, and begun again with the same phone. */
static void
change_reset(struct house *house, const struct authenticator *phone)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	expect_int(store_open(house->settings, &why, &store), 0);
	expect_int(store_begin_removing(store, alice.uid, &txn), 0);
	expect_int(store_remove(txn), 0);
	change_added(house, phone);
}

TEST("whatever changes an enrolment ends what was begun for the one before")
{
	static void (*const changes[])(struct house *,
	    const struct authenticator *) = { change_renamed, change_removed,
		change_codes, change_added, change_reset };

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		AUTO_HOUSE struct house house;
		struct authenticator phone, fob;
		const struct proof *on = &administrator;
		struct proof code;
		size_t count;

		house_open(&house);
		enrol(&house, &alice, "phone", &phone);
		enrol(&house, &alice, "fob", &fob);
		if (i % 2 == 0) {
			code = proof(code_at(&phone, now));
			on = &code;
		}
		expect(begin(&house, &alice, on) == CHANGE_DONE);
		changes[i](&house, &phone);
		count = look(&house, &alice).count;
		expect(confirm(&house, &alice, on) == CHANGE_OVER);
		expect_int(look(&house, &alice).count, count);
	}
}

TEST("an attempt of a login does not end what was begun")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(try(&house, code_at(&phone, now)) == VERDICT_ACCEPTED);
	expect(confirm(&house, &alice, &administrator) == CHANGE_DONE);
	expect_int(look(&house, &alice).count, 2);
	expect_int(house.changed->codes.count, 0);
}

TEST("what was begun on one kind of proof is not confirmed on another")
{
	AUTO_HOUSE struct house house;
	const struct proof *kinds[] = { &nothing, &password, &login,
		&administrator };
	const struct proof code = proof("123456");

	house_open(&house);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	house.settings->enrolment = ENROLMENT_OFFERED;
	for (size_t i = 1; i < 4; i++) {
		expect(begin(&house, &alice, kinds[i]) == CHANGE_DONE);
		for (size_t k = 0; k < 4; k++)
			if (k != i)
				expect(confirm(&house, &alice, kinds[k]) ==
				       CHANGE_OVER);
		expect(confirm(&house, &alice, &code) == CHANGE_OVER);
	}
	expect_files(&house, 0);
}

/* ---- names and room ---- */

TEST("a name is the one wished for, or the first that is free")
{
	AUTO_HOUSE struct house house;
	struct authenticator one = wish("phone"), phone;
	struct seen seen;

	house_open(&house);
	enrol(&house, &alice, "", &phone);
	expect_text(phone.name, "phone");
	enrol(&house, &alice, "", &phone);
	expect_text(phone.name, "phone-2");
	enrol(&house, &alice, "my fob", &phone);
	expect(begin_wish(&house, &alice, &administrator, &one) ==
	       CHANGE_NAME_TAKEN);
	expect_text(house.changed->name, "phone");
	seen = look(&house, &alice);
	expect_int(seen.count, 3);
	expect_text(seen.names[2], "my fob");
}

TEST("a beginning that is refused hands out no key")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof wrong;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	wrong = proof(wrong_code(&phone));
	expect(begin(&house, &alice, &wrong) == CHANGE_UNPROVEN);
	expect_int(house.changed->begun.key_len, 0);
	expect(begin(&house, &alice, &password) == CHANGE_NEEDS_CODE);
	expect_int(house.changed->begun.key_len, 0);
}

TEST("an authenticator of a kind that does not exist is not begun")
{
	AUTO_HOUSE struct house house;
	struct authenticator odd[6];

	house_open(&house);
	for (size_t i = 0; i < 6; i++)
		odd[i] = wish("x");
	odd[0].digits = 9;
	odd[1].period = 14;
	odd[2].kind = (enum authenticator_kind)3;
	odd[3].algorithm = (enum algorithm)0;
	odd[4].name[0] = '"';
	odd[5].kind = AUTHENTICATOR_HOTP; /* with a period */
	for (size_t i = 0; i < 6; i++) {
		house.wanted->which = odd[i];
		expect_int(change(&house, &alice, ACT_BEGIN, &administrator),
		    ERR_INPUT);
		expect(house.changed->change == CHANGE_NONE);
	}
}

TEST("a user's wish never makes an authenticator that no code confirms")
{
	AUTO_HOUSE struct house house;
	struct authenticator one = wish("x");

	house_open(&house);
	one.pending = true;
	one.key_len = 10;
	expect(begin_wish(&house, &alice, &administrator, &one) == CHANGE_DONE);
	expect(!house.begun.pending);
	expect_int(house.begun.key_len, 20);
}

TEST("eight authenticators have room, and a ninth costs nobody a code")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone = { .id = 0 };
	struct proof code;

	house_open(&house);
	for (int i = 0; i < RECORD_AUTHENTICATORS; i++)
		enrol(&house, &alice, "", &phone);
	code = proof(code_at(&phone, now));
	expect(begin(&house, &alice, &code) == CHANGE_FULL);
	expect(try(&house, code_at(&phone, now)) == VERDICT_ACCEPTED);
}

/* ---- a password ---- */

TEST("a password lets who is not enrolled, where the settings say so")
{
	AUTO_HOUSE struct house house;

	house_open(&house);
	expect(begin(&house, &alice, &password) == CHANGE_NEEDS_INVITATION);
	expect(begin(&house, &alice, &nothing) == CHANGE_NEEDS_INVITATION);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	expect(begin(&house, &alice, &nothing) == CHANGE_NEEDS_PASSWORD);
	expect(begin(&house, &alice, &password) == CHANGE_DONE);
	house.settings->self_enrolment = SELF_ENROLMENT_NO;
	expect(confirm(&house, &alice, &password) == CHANGE_OVER);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	expect(confirm(&house, &alice, &password) == CHANGE_DONE);
}

TEST("who is enrolled changes nothing with a password, or with a login")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;

	house_open(&house);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	house.settings->enrolment = ENROLMENT_OFFERED;
	enrol(&house, &alice, "phone", &phone);
	const struct proof *weak[] = { &nothing, &password, &login };
	for (size_t i = 0; i < 3; i++) {
		expect(begin(&house, &alice, weak[i]) == CHANGE_NEEDS_CODE);
		expect(rename_to(&house, weak[i], &phone, "x") ==
		       CHANGE_NEEDS_CODE);
		expect(
		    remove_one(&house, weak[i], &phone) == CHANGE_NEEDS_CODE);
		expect(replace_codes(&house, weak[i]) == CHANGE_NEEDS_CODE);
	}
	expect_text(look(&house, &alice).names[0], "phone");
	expect_int(look(&house, &alice).failures, 0);
}

/* ---- an invitation ---- */

TEST("an invitation lets its user enrol once, and is spent with that")
{
	AUTO_HOUSE struct house house;
	struct proof code;

	house_open(&house);
	code = proof(invite(&house, &alice, DAY));
	expect(begin(&house, &bob, &code) == CHANGE_UNINVITED);
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	expect_files(&house, 1);
	expect(confirm(&house, &alice, &code) == CHANGE_DONE);
	expect_files(&house, 2);
	change_reset(&house, &house.begun);
	expect(remove_one(&house, &administrator,
		   &(struct authenticator){ .name = "another",
		       .created = now }) == CHANGE_DONE);
	expect(begin(&house, &alice, &code) == CHANGE_UNINVITED);
}

TEST("only its own code is an invitation, in any spelling")
{
	AUTO_HOUSE struct house house;
	const char *code;
	char spelt[RECOVERY_TEXT_SIZE];
	struct proof given;

	house_open(&house);
	given = proof("00000-00000-00000-00000-00000");
	expect(begin(&house, &alice, &given) == CHANGE_UNINVITED);
	code = invite(&house, &alice, DAY);
	expect(begin(&house, &alice, &given) == CHANGE_UNINVITED);
	given = proof("123456");
	expect(begin(&house, &alice, &given) == CHANGE_UNINVITED);
	given = proof("");
	expect(begin(&house, &alice, &given) == CHANGE_UNINVITED);
	for (size_t i = 0; i < sizeof spelt; i++)
		spelt[i] = code[i] == '-' ? ' '
			   : code[i] >= 'A' && code[i] <= 'Z'
			       ? (char)(code[i] + 32)
			       : code[i];
	given = proof(spelt);
	expect(begin(&house, &alice, &given) == CHANGE_DONE);
}

TEST("an invitation that is over lets nobody, begun or not")
{
	AUTO_HOUSE struct house house;
	struct proof code;

	house_open(&house);
	code = proof(invite(&house, &alice, 5 * MINUTE));
	now += 5 * MINUTE - 1;
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	now += 1;
	expect(confirm(&house, &alice, &code) == CHANGE_OVER);
	expect(begin(&house, &alice, &code) == CHANGE_UNINVITED);
}

TEST("an invitation that was ended or replaced lets nobody, begun or not")
{
	AUTO_HOUSE struct house house;
	struct proof code, next;

	house_open(&house);
	code = proof(invite(&house, &alice, DAY));
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	next = proof(invite(&house, &alice, DAY));
	expect(confirm(&house, &alice, &code) == CHANGE_OVER);
	expect(begin(&house, &alice, &code) == CHANGE_UNINVITED);
	expect(begin(&house, &alice, &next) == CHANGE_DONE);
	expect(uninvite(&house));
	expect(!uninvite(&house));
	expect(confirm(&house, &alice, &next) == CHANGE_OVER);
	expect(begin(&house, &alice, &next) == CHANGE_UNINVITED);
	expect_files(&house, 0);
}

TEST("who is enrolled is not invited, and no invitation is his proof")
{
	AUTO_HOUSE struct house house;
	char code[RECOVERY_TEXT_SIZE];
	struct authenticator phone;
	struct proof given;
	int64_t expires;

	house_open(&house);
	given = proof(invite(&house, &alice, DAY));
	enrol(&house, &alice, "phone", &phone);
	expect(begin(&house, &alice, &given) == CHANGE_UNPROVEN);
	expect(house.changed->judgement.verdict == VERDICT_WRONG);
	expect_int(service_invite(house.settings, &alice, DAY, code, &expires,
		       &why),
	    ERR_EXISTS);
}

TEST("a damaged invitation is in nobody's way but of who would use it")
{
	AUTO_HOUSE struct house house;
	struct proof code;

	house_open(&house);
	code = proof(invite(&house, &alice, DAY));
	scratch_write_text(&house.scratch, "store/1000.invitation", "x");
	house.wanted->which = wish("");
	expect_int(change(&house, &alice, ACT_BEGIN, &code), ERR_DAMAGED);
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	expect(uninvite(&house));
	expect_files(&house, 0);
}

/* ---- a code ---- */

TEST("a code of his lets who is enrolled, and is spent like a login's")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	code = proof(code_at(&phone, now));
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	expect(house.changed->judgement.verdict == VERDICT_ACCEPTED);
	expect(try(&house, code_at(&phone, now)) == VERDICT_REPLAYED);
	expect(begin(&house, &alice, &code) == CHANGE_UNPROVEN);
	expect(house.changed->judgement.verdict == VERDICT_REPLAYED);
	now += STEP;
	code = proof(code_at(&phone, now));
	expect(rename_to(&house, &code, &phone, "new") == CHANGE_DONE);
	expect(try(&house, code_at(&phone, now)) == VERDICT_REPLAYED);
	now += STEP;
	code = proof(code_at(&phone, now));
	expect(replace_codes(&house, &code) == CHANGE_DONE);
	expect(try(&house, code_at(&phone, now)) == VERDICT_REPLAYED);
}

TEST("wrong codes as proof count like a login's, and lead to the same wait")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	code = proof(wrong_code(&phone));
	expect(begin(&house, &alice, &code) == CHANGE_UNPROVEN);
	expect(rename_to(&house, &code, &phone, "x") == CHANGE_UNPROVEN);
	expect(remove_one(&house, &code, &phone) == CHANGE_UNPROVEN);
	expect(replace_codes(&house, &code) == CHANGE_UNPROVEN);
	expect(try(&house, wrong_code(&phone)) == VERDICT_WRONG);
	expect_int(look(&house, &alice).failures, 5);
	code = proof(code_at(&phone, now));
	expect(remove_one(&house, &code, &phone) == CHANGE_UNPROVEN);
	expect(house.changed->judgement.verdict == VERDICT_WAITING);
	expect_text(look(&house, &alice).names[0], "phone");
}

TEST("a recovery code is proof, too, and is gone then")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	code = proof(house.codes.text[3]);
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	expect_int(look(&house, &alice).recovery_left, RECOVERY_CODES - 1);
	expect(try(&house, house.codes.text[3]) == VERDICT_REPLAYED);
	expect(confirm(&house, &alice, &code) == CHANGE_DONE);
}

/* ---- changing what is there ---- */

TEST("a renamed authenticator keeps what is spent of it")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone, fob;
	struct seen seen;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	enrol(&house, &alice, "fob", &fob);
	expect(try(&house, code_at(&phone, now)) == VERDICT_ACCEPTED);
	expect(rename_to(&house, &administrator, &phone, "old") == CHANGE_DONE);
	expect_text(house.changed->name, "phone");
	seen = look(&house, &alice);
	expect_text(seen.names[0], "old");
	expect_text(seen.names[1], "fob");
	expect(try(&house, code_at(&phone, now)) == VERDICT_REPLAYED);
	expect(rename_to(&house, &administrator, &fob, "old") ==
	       CHANGE_NAME_TAKEN);
	expect(rename_to(&house, &administrator, &phone, "new") ==
	       CHANGE_NAME_UNKNOWN);
	house.wanted->which = fob;
	strcpy(house.wanted->name, " x");
	expect_int(change(&house, &alice, ACT_RENAME, &administrator),
	    ERR_INPUT);
}

TEST("an authenticator that took a name since is not the one meant by it")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone, fob;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	enrol(&house, &alice, "fob", &fob);
	expect(rename_to(&house, &administrator, &phone, "old") == CHANGE_DONE);
	expect(rename_to(&house, &administrator, &fob, "phone") == CHANGE_DONE);
	expect(
	    remove_one(&house, &administrator, &phone) == CHANGE_NAME_UNKNOWN);
	expect_int(look(&house, &alice).count, 2);
}

TEST("the last one that is removed ends the enrolment, and leaves nothing")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone, fob;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	enrol(&house, &alice, "fob", &fob);
	code = proof(code_at(&fob, now));
	expect(remove_one(&house, &code, &phone) == CHANGE_DONE);
	expect(!house.changed->ended);
	now += STEP;
	code = proof(code_at(&fob, now));
	expect(remove_one(&house, &code, &fob) == CHANGE_DONE);
	expect(house.changed->ended);
	expect_files(&house, 0);
	expect(remove_one(&house, &administrator, &fob) == CHANGE_UNENROLLED);
	expect(
	    rename_to(&house, &administrator, &fob, "x") == CHANGE_UNENROLLED);
	expect(replace_codes(&house, &administrator) == CHANGE_UNENROLLED);
}

TEST("replaced recovery codes are void, and the new ones open")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	char old[RECOVERY_TEXT_SIZE];

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	strcpy(old, house.codes.text[0]);
	expect(replace_codes(&house, &administrator) == CHANGE_DONE);
	expect_int(house.codes.count, RECOVERY_CODES);
	expect(try(&house, old) == VERDICT_WRONG);
	expect(try(&house, house.codes.text[0]) == VERDICT_ACCEPTED_RECOVERY);
}

TEST("each change is noted, and whether an administrator made it")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone, fob;
	struct proof code;
	const uint32_t by_him =
	    NOTICE_REMOVED | NOTICE_RENAMED | NOTICE_RECOVERY | NOTICE_ADDED;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	expect_int(look(&house, &alice).notices,
	    NOTICE_ADDED << NOTICE_BY_ADMINISTRATOR);
	expect(rename_to(&house, &administrator, &phone, "x") == CHANGE_DONE);
	strcpy(phone.name, "x");
	enrol(&house, &alice, "fob", &fob);
	expect(remove_one(&house, &administrator, &fob) == CHANGE_DONE);
	expect(replace_codes(&house, &administrator) == CHANGE_DONE);
	expect_int(look(&house, &alice).notices,
	    by_him << NOTICE_BY_ADMINISTRATOR);
	code = proof(house.codes.text[0]);
	expect(rename_to(&house, &code, &phone, "y") == CHANGE_DONE);
	strcpy(phone.name, "y");
	code = proof(house.codes.text[1]);
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	expect(confirm(&house, &alice, &code) == CHANGE_DONE);
	code = proof(house.codes.text[2]);
	expect(remove_one(&house, &code, &phone) == CHANGE_DONE);
	expect(look(&house, &alice).notices ==
	       (by_him << NOTICE_BY_ADMINISTRATOR |
		   (by_him & ~(unsigned)NOTICE_RECOVERY)));
}

TEST("who enrols himself at a login, or by his password, did it himself")
{
	AUTO_HOUSE struct house house;

	house_open(&house);
	house.settings->self_enrolment = SELF_ENROLMENT_YES;
	house.settings->enrolment = ENROLMENT_OFFERED;
	expect(begin(&house, &alice, &login) == CHANGE_DONE);
	expect(confirm(&house, &alice, &login) == CHANGE_DONE);
	expect(begin(&house, &bob, &password) == CHANGE_DONE);
	expect(confirm(&house, &bob, &password) == CHANGE_DONE);
	expect_int(look(&house, &alice).notices, NOTICE_ADDED | NOTICE_UNSEEN);
	expect_int(look(&house, &bob).notices, NOTICE_ADDED);
}

TEST("codes were seen by whoever has what is enrolled, and by nobody else")
{
	AUTO_HOUSE struct house house;
	uint8_t blob[OFFER_BLOB_BYTES];
	struct authenticator phone;

	house_open(&house);
	house.settings->enrolment = ENROLMENT_OFFERED;
	expect(begin(&house, &alice, &login) == CHANGE_DONE);
	memcpy(blob, house.blob, sizeof blob);
	expect(confirm(&house, &alice, &login) == CHANGE_DONE);
	phone = house.begun;
	phone.created = now;
	expect(begin(&house, &alice, &administrator) == CHANGE_DONE);
	memcpy(house.wanted->blob, house.blob, sizeof house.blob);
	expect(changed(&house, &alice, ACT_SEEN, &login) == CHANGE_OVER);
	memcpy(house.wanted->blob, blob, sizeof blob);
	expect(changed(&house, &bob, ACT_SEEN, &login) == CHANGE_OVER);
	expect_int(look(&house, &alice).notices, NOTICE_ADDED | NOTICE_UNSEEN);
	expect(changed(&house, &alice, ACT_SEEN, &login) == CHANGE_DONE);
	expect_int(look(&house, &alice).notices, NOTICE_ADDED);
	expect(remove_one(&house, &administrator, &phone) == CHANGE_DONE);
	memcpy(house.wanted->blob, blob, sizeof blob);
	expect(changed(&house, &alice, ACT_SEEN, &login) == CHANGE_OVER);
}

TEST("a wrong proof is noted by nobody")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof code;
	uint32_t before;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	before = look(&house, &alice).notices;
	code = proof(wrong_code(&phone));
	expect(rename_to(&house, &code, &phone, "x") == CHANGE_UNPROVEN);
	expect(replace_codes(&house, &code) == CHANGE_UNPROVEN);
	expect_int(look(&house, &alice).notices, before);
}

/* ---- a full disk ---- */

TEST("on a full disk nobody is half enrolled, and an invitation is not lost")
{
	AUTO_HOUSE struct house house;
	struct proof code;

	house_open(&house);
	code = proof(invite(&house, &alice, DAY));
	expect(begin(&house, &alice, &code) == CHANGE_DONE);
	memcpy(house.wanted->blob, house.blob, sizeof house.blob);
	house.wanted->answer = answer(code_at(&house.begun, now));
	disk_full = true;
	expect_int(change(&house, &alice, ACT_CONFIRM, &code), ERR_IO);
	expect(strstr(why.text, "No space left") != NULL);
	expect_files(&house, 1);
	disk_full = false;
	expect(confirm(&house, &alice, &code) == CHANGE_DONE);
}

TEST("on a full disk a change that needs room is not made, nor half of it")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	disk_full = true;
	house.wanted->which = phone;
	strcpy(house.wanted->name, "x");
	expect_int(change(&house, &alice, ACT_RENAME, &administrator), ERR_IO);
	expect_int(change(&house, &alice, ACT_RECOVERY, &administrator),
	    ERR_IO);
	disk_full = false;
	expect_text(look(&house, &alice).names[0], "phone");
	expect(try(&house, code_at(&phone, now)) == VERDICT_ACCEPTED);
	disk_full = true;
	expect(remove_one(&house, &administrator, &phone) == CHANGE_DONE);
	expect_files(&house, 0);
}

/* ---- what cannot be remembered or told ---- */

TEST(
    "where an answer cannot be remembered nothing is begun and nothing changed")
{
	static const enum act acts[] = { ACT_BEGIN, ACT_RENAME, ACT_REMOVE,
		ACT_RECOVERY };
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof wrong, right;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	wrong = proof(wrong_code(&phone));
	right = proof(code_at(&phone, now));
	strcpy(house.wanted->name, "new");
	disk_full = true;
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		house.wanted->which = acts[i] == ACT_BEGIN ? wish("") : phone;
		expect_int(change(&house, &alice, acts[i], &wrong), ERR_IO);
		expect_int(house.changed->begun.key_len, 0);
	}
	house.wanted->which = wish("");
	expect_int(change(&house, &alice, ACT_BEGIN, &right), ERR_IO);
	expect_int(house.changed->begun.key_len, 0);
	disk_full = false;
	expect_int(look(&house, &alice).count, 1);
	expect_text(look(&house, &alice).names[0], "phone");
	expect(try(&house, code_at(&phone, now)) == VERDICT_ACCEPTED);
}

TEST("an enrolment that its state does not know takes no proof and no change")
{
	static const enum act acts[] = { ACT_BEGIN, ACT_RENAME, ACT_REMOVE,
		ACT_RECOVERY };
	uint8_t older[STATE_FILE_BYTES];
	AUTO_HOUSE struct house house;
	struct authenticator phone, fob;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	scratch_read(&house.scratch, "store/1000.state", older, sizeof older);
	enrol(&house, &alice, "fob", &fob);
	scratch_write(&house.scratch, "store/1000.state", older, sizeof older);
	code = proof(code_at(&phone, now));
	strcpy(house.wanted->name, "new");
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		house.wanted->which = acts[i] == ACT_BEGIN ? wish("") : phone;
		expect_int(change(&house, &alice, acts[i], &code), ERR_DAMAGED);
		expect(house.changed->change == CHANGE_NONE);
		if (acts[i] == ACT_BEGIN)
			continue; /* changes nothing yet */
		expect_int(change(&house, &alice, acts[i], &administrator),
		    ERR_DAMAGED);
		expect(house.changed->change == CHANGE_NONE);
	}
}

TEST("an answer that cannot be compared is told as that, and is no damage")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone;
	struct proof code;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	code = proof(code_at(&phone, now));
	no_codes = true;
	expect_int(change(&house, &alice, ACT_RECOVERY, &code), ERR_MEMORY);
	no_codes = false;
	expect_int(change(&house, &alice, ACT_RECOVERY, &code), 0);
	expect(house.changed->change == CHANGE_DONE);
}

TEST("an administrator adds nothing under a taken name, and no ninth one")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone, another;
	uint64_t edition;

	house_open(&house);
	enrol(&house, &alice, "phone", &phone);
	another = phone;
	another.key[0] ^= 1;
	edition = look(&house, &alice).edition;
	expect_int(service_add(house.settings, &alice, &another, 0,
		       house.changed, &why),
	    0);
	expect(house.changed->change == CHANGE_NAME_TAKEN);
	expect_int(look(&house, &alice).count, 1);
	expect(look(&house, &alice).edition == edition);
	for (int i = 1; i < RECORD_AUTHENTICATORS; i++)
		enrol(&house, &alice, "", &another);
	another.name[0] = '\0';
	another.key[0] ^= 1;
	expect_int(service_add(house.settings, &alice, &another, 0,
		       house.changed, &why),
	    0);
	expect(house.changed->change == CHANGE_FULL);
	expect_int(look(&house, &alice).count, RECORD_AUTHENTICATORS);
}

TEST("what is added once more is there already, and what is spent only grows")
{
	AUTO_HOUSE struct house house;
	struct authenticator token = wish_token(), again;
	uint64_t edition;

	house_open(&house);
	again = token;
	expect_int(service_add(house.settings, &alice, &token, 5, house.changed,
		       &why),
	    0);
	expect(house.changed->change == CHANGE_DONE && !house.changed->already);
	edition = look(&house, &alice).edition;
	for (uint64_t spent = 4; spent <= 7; spent += 3) {
		again.name[0] = '\0'; /* whatever it is called */
		expect_int(service_add(house.settings, &alice, &again, spent,
			       house.changed, &why),
		    0);
		expect(house.changed->already);
		expect_text(house.changed->name, "token");
		expect_int(house.changed->codes.count, 0);
		expect_int(look(&house, &alice).count, 1);
		expect(look(&house, &alice).edition == edition);
		expect_int(look(&house, &alice).spent, spent < 5 ? 5 : 7);
	}
	strcpy(again.name, "spare");
	expect_int(service_add(house.settings, &alice, &again, 0, house.changed,
		       &why),
	    0);
	expect(!house.changed->already);
	expect_int(look(&house, &alice).count, 2);
}

TEST("a key that is added under another name begins with what is spent of it")
{
	AUTO_HOUSE struct house house;
	struct authenticator token = wish_token();
	char used[TOTP_CODE_SIZE];

	house_open(&house);
	strcpy(used, code_at(&token, 3));
	expect_int(service_add(house.settings, &alice, &token, 500,
		       house.changed, &why),
	    0);
	strcpy(token.name, "spare");
	expect_int(service_add(house.settings, &alice, &token, 0, house.changed,
		       &why),
	    0);
	expect(house.changed->change == CHANGE_DONE && !house.changed->already);
	expect(try(&house, used) == VERDICT_WRONG);
	expect(try(&house, code_at(&token, 500)) == VERDICT_ACCEPTED);
	expect(try(&house, code_at(&token, 500)) == VERDICT_REPLAYED);
}

TEST(
    "what is spent of a key that is added again, is so under each of its names")
{
	AUTO_HOUSE struct house house;
	struct authenticator token = wish_token();

	house_open(&house);
	expect_int(service_add(house.settings, &alice, &token, 500,
		       house.changed, &why),
	    0);
	strcpy(token.name, "spare");
	expect_int(service_add(house.settings, &alice, &token, 500,
		       house.changed, &why),
	    0);
	expect_int(service_add(house.settings, &alice, &token, 505,
		       house.changed, &why),
	    0);
	expect(house.changed->already);
	expect(try(&house, code_at(&token, 504)) == VERDICT_REPLAYED);
	expect(try(&house, code_at(&token, 505)) == VERDICT_ACCEPTED);
}

TEST(
    "what is spent of a key that is added under another name, is so under each")
{
	AUTO_HOUSE struct house house;
	struct authenticator token = wish_token();

	house_open(&house);
	expect_int(service_add(house.settings, &alice, &token, 500,
		       house.changed, &why),
	    0);
	strcpy(token.name, "spare");
	expect_int(service_add(house.settings, &alice, &token, 505,
		       house.changed, &why),
	    0);
	expect(!house.changed->already);
	expect(try(&house, code_at(&token, 504)) == VERDICT_REPLAYED);
	expect(try(&house, code_at(&token, 505)) == VERDICT_ACCEPTED);
}

TEST("an added authenticator that cannot be stored is an error, and not there")
{
	AUTO_HOUSE struct house house;
	struct authenticator phone = wish("phone");

	house_open(&house);
	phone.key_len = 20;
	disk_full = true;
	expect_int(service_add(house.settings, &alice, &phone, 0, house.changed,
		       &why),
	    ERR_IO);
	expect_files(&house, 0);
}
