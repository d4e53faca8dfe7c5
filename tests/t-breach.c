/* The breach index, as its reader has it. */
#include "breach.h"
#include "breach_list.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

/* ---- hashes ---- */

static void
expect_hash(enum breach_kind kind, const char *password, const char *hex)
{
	uint8_t hash[BREACH_HASH_MOST];
	char text[2 * BREACH_HASH_MOST + 1];

	expect_int(breach_hash(kind, password, strlen(password), hash), 0);
	for (size_t i = 0; i < breach_hash_bytes(kind); i++)
		snprintf(text + 2 * i, 3, "%02X", hash[i]);
	expect_text(text, hex);
}

TEST("a password's SHA-1 and NT hashes are those that lists have")
{
	expect_hash(BREACH_SHA1, "password",
	    "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
	expect_hash(BREACH_SHA1, "",
	    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
	expect_hash(BREACH_NT, "password", "8846F7EAEE8FB117AD06BDD830B7586C");
	expect_hash(BREACH_NT, "", "31D6CFE0D16AE931B73C59D7E0C089C0");
}

/* ---- members ---- */

static void
expect_members(const struct breach_list *list)
{
	AUTO_SCRATCH struct scratch s;
	AUTO_BREACH struct breach *breach = NULL;
	struct trouble why = { "" };

	scratch_new(&s);
	if (breach_open(breach_list_write(list, &s, "x"), &breach, &why) < 0)
		fail_msg("%s", why.text);
	if (breach_check(breach, NULL, NULL, &why) < 0)
		fail_msg("%s", why.text);
	for (size_t i = 0; i < list->count; i++) {
		struct breach_seen seen = { 7, 7 }, want;

		if (breach_look(breach, list->lines[i].hash, &seen, &why) < 0)
			fail_msg("%s", why.text);
		want = breach_list_seen(list, list->lines[i].hash);
		expect_int(seen.least, want.least);
		expect_int(seen.most, want.most);
	}
}

TEST("members are found")
{
	for (unsigned k = 16; k <= 40; k += 6) {
		AUTO_LIST struct breach_list list = { .bits = k };

		breach_list_add_many(&list, 5000, k);
		expect_members(&list);
		breach_list_usual_classes(&list);
		expect_members(&list);
	}
}
