/* Sealing, against values from another implementation of RFC 5869, RFC 8439
 * and RFC 2104. */
#include "err.h"
#include "seal.h"
#include "test.h"

#include <string.h>

enum { LEN = 19, UID = 1000 };

static const char plain[] = "the quick brown fox";
static const struct seal_about about = { "about", 5, UID };
static const uint8_t zeros[LEN];

/* Key 00 01 02 …, salt 100 101 102 … */
struct sealed {
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t salt[SEAL_SALT_BYTES];
	uint8_t data[LEN];
	uint8_t tag[SEAL_TAG_BYTES];
};

_Static_assert(sizeof(struct sealed) ==
		   SEAL_KEY_BYTES + SEAL_SALT_BYTES + LEN + SEAL_TAG_BYTES,
    "no padding");

static struct sealed
closed(void)
{
	struct sealed sealed;

	for (uint8_t i = 0; i < SEAL_KEY_BYTES; i++) {
		sealed.key[i] = i;
		sealed.salt[i] = (uint8_t)(100 + i);
	}
	memcpy(sealed.data, plain, LEN);
	seal_close(sealed.key, sealed.salt, &about, sealed.data, LEN,
	    sealed.tag);
	return sealed;
}

static int
opened(struct sealed *sealed, const struct seal_about *as)
{
	return seal_open(sealed->key, sealed->salt, as, sealed->data, LEN,
	    sealed->tag);
}

TEST("sealed bytes are those that the RFCs give")
{
	struct sealed sealed = closed();

	expect_bytes(sealed.data,
	    "\x26\x91\x8e\x17\xbe\x58\x64\x53\x30\xe4\xf3\x16\x6c\xc8\x34\x08"
	    "\x49\xda\x97",
	    LEN);
	expect_bytes(sealed.tag,
	    "\x6e\x0d\x2f\x83\x7b\x5e\x60\xf7\x48\x74\x67\xe5\x37\xa3\x79\xda",
	    SEAL_TAG_BYTES);
}

TEST("what was sealed can be opened")
{
	struct sealed sealed = closed();

	expect_int(opened(&sealed, &about), 0);
	expect_bytes(sealed.data, plain, LEN);
}

TEST("one wrong bit of key, salt, data or tag opens nothing")
{
	for (size_t i = 0; i < sizeof(struct sealed) * 8; i++) {
		struct sealed sealed = closed();

		((uint8_t *)&sealed)[i / 8] ^= (uint8_t)(1 << i % 8);
		expect_int(opened(&sealed, &about), ERR_DAMAGED);
		expect_bytes(sealed.data, zeros, LEN);
	}
}

TEST("bytes sealed about one user and thing open for no other")
{
	static const struct seal_about others[] = { { "about", 5, UID + 1 },
		{ "about", 5, 0 }, { "About", 5, UID }, { "abou", 4, UID },
		{ "about\0", 6, UID }, { "", 0, UID } };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct sealed sealed = closed();

		expect_int(opened(&sealed, &others[i]), ERR_DAMAGED);
		expect_bytes(sealed.data, zeros, LEN);
	}
}

TEST("another salt gives other bytes for the same plain text")
{
	struct sealed a = closed(), b = closed();

	memcpy(b.data, plain, LEN);
	b.salt[31] ^= 1;
	seal_close(b.key, b.salt, &about, b.data, LEN, b.tag);
	for (size_t i = 0; i + 4 <= LEN; i++)
		expect(memcmp(a.data + i, b.data + i, 4) != 0);
}

TEST("a checksum is HMAC-SHA256 over purpose, user and data")
{
	struct sealed sealed = closed();
	uint8_t mac[SEAL_MAC_BYTES];

	seal_mac(sealed.key, "purpose", UID, "data", 4, mac);
	expect_bytes(mac,
	    "\x67\x6c\x9d\xb8\xdb\xfb\x3d\xc4\xaa\x9e\x37\x02\xb5\x72\xc3\xb8"
	    "\x3c\x02\xbd\x25\xfa\x9d\x2c\xc5\x8b\x17\xb2\xb2\xc9\x3b\x72\x32",
	    sizeof mac);
}

TEST("a checksum differs with key, purpose, user and data")
{
	struct sealed sealed = closed();
	uint8_t macs[6][SEAL_MAC_BYTES];

	seal_mac(sealed.key, "purpose", UID, "data", 4, macs[0]);
	seal_mac(sealed.key, "purposE", UID, "data", 4, macs[1]);
	seal_mac(sealed.key, "purpose", UID + 1, "data", 4, macs[2]);
	seal_mac(sealed.key, "purpose", UID, "datA", 4, macs[3]);
	seal_mac(sealed.key, "purpose", UID, "data", 3, macs[4]);
	sealed.key[0] ^= 1;
	seal_mac(sealed.key, "purpose", UID, "data", 4, macs[5]);
	for (int a = 0; a < 6; a++)
		for (int b = a + 1; b < 6; b++)
			expect(memcmp(macs[a], macs[b], SEAL_MAC_BYTES) != 0);
}
