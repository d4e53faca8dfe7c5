/*
 * Makes the store that a settings file names, and enrols users there, quickly:
 *
 *	enrol SETTINGS FIRST COUNT [token]
 *
 * They are userN with uid 100000 + N, and have the phone of RFC 6238's seed
 * and recovery codes that nobody knows.  With token it counts, from the number
 * of attempt.c's first step, so that its codes are those of the phone.
 */
#include "io.h"
#include "record.h"
#include "release.h"
#include "settings.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_UID = 100000,
	FIRST_STEP = 1800014400 / TOTP_PERIOD_DEFAULT, /* attempt.c's noon */
};

static struct trouble why;
static bool is_token;

static void
die(const char *doing, const char *text)
{
	fprintf(stderr, "enrol: %s: %s\n", doing, text);
	exit(1);
}

static void
need(int r, const char *doing)
{
	if (r < 0)
		die(doing, why.text[0] != '\0' ? why.text : err_text(r));
}

static void
describe(struct record *record, const struct account *account)
{
	static const char seed[] = "12345678901234567890";
	struct authenticator phone = { .id = 1,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = TOTP_PERIOD_DEFAULT,
		.created = RELEASE_TIME,
		.name = "phone",
		.key_len = sizeof seed - 1 };

	if (is_token) {
		phone.kind = AUTHENTICATOR_HOTP;
		phone.period = 0;
	}
	memcpy(phone.key, seed, phone.key_len);
	record->uid = account->uid;
	record->created = RELEASE_TIME;
	memcpy(record->user, account->name, sizeof record->user);
	need(record_add(record, &phone), "adding a phone");
	record->recovery.id = 2;
	record->recovery.created = RELEASE_TIME;
	need(io_random(record->recovery.key, sizeof record->recovery.key),
	    "randomness");
	need(io_random(record->recovery.hash, sizeof record->recovery.hash),
	    "randomness");
}

static void
enrol(struct store *store, unsigned n)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { is_token ? FIRST_STEP
								 : 0 };
	struct account account = { .known = true, .uid = FIRST_UID + n };
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();

	if (record == NULL)
		die(account.name, "no memory");
	snprintf(account.name, sizeof account.name, "user%u", n);
	describe(record, &account);
	need(store_begin_enrolling(store, &account, &txn), account.name);
	need(store_enrol(txn, record, spent), account.name);
}

int
main(int argc, char **argv)
{
	AUTO_STORE struct store *store = NULL;
	static struct settings settings;
	unsigned first, count;

	if (argc != 4 && argc != 5)
		die("usage", "SETTINGS FIRST COUNT [token]");
	is_token = argc == 5;
	first = (unsigned)strtoul(argv[2], NULL, 10);
	count = (unsigned)strtoul(argv[3], NULL, 10);
	need(settings_load(&settings, PLACE_FILE, argv[1], 0, NULL, &why),
	    "settings");
	need(store_create(&settings, &why), "making the store");
	need(store_open(&settings, &why, &store), "opening the store");
	for (unsigned n = first; n < first + count; n++)
		enrol(store, n);
	return 0;
}
