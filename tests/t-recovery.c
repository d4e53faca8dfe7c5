/* Recovery codes, against values from another program.  liboath's base32 stands
 * here in front of the real one, so that a test can make it fail. */
#include "err.h"
#include "recovery.h"
#include "test.h"

#include <dlfcn.h>
#include <liboath/oath.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const struct {
	const char *bytes, *text;
} codes[] = {
	{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "00000-00000-00000-00000-00000" },
	{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	    "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZS" },
	{ "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
	    "04106-1050R-3GG28-A1C60-T3GF6" },
	{ "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee",
	    "008J4-CT4AN-K7F24-SNAXW-SQFEE" },
};
static bool memory_ends;

int
oath_base32_encode(const char *in, size_t inlen, char **out, size_t *outlen)
{
	__typeof__(&oath_base32_encode) encode =
	    dlsym(RTLD_NEXT, "oath_base32_encode");

	return memory_ends ? OATH_MALLOC_ERROR : encode(in, inlen, out, outlen);
}

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The shown form without its dashes. */
static void
plain(const char *shown, char out[RECOVERY_CHARS + 1])
{
	size_t n = 0;

	for (; *shown != '\0'; shown++)
		if (*shown != '-')
			out[n++] = *shown;
	out[n] = '\0';
	expect_int(n, RECOVERY_CHARS);
}

TEST("a code is shown as five groups of five, and read back as it was")
{
	for (size_t i = 0; i < ROWS(codes); i++) {
		uint8_t bytes[RECOVERY_BYTES], back[RECOVERY_BYTES];
		char shown[RECOVERY_TEXT_SIZE], typed[RECOVERY_CHARS + 1];

		memcpy(bytes, codes[i].bytes, sizeof bytes);
		expect_int(recovery_show(bytes, shown), 0);
		expect_text(shown, codes[i].text);
		plain(shown, typed);
		expect_int(recovery_read(typed, back), 0);
		expect_bytes(back, bytes, sizeof bytes);
	}
}

TEST("bytes with a check symbol that is hard to type are not shown")
{
	uint8_t bytes[RECOVERY_BYTES] = { 0 };
	char shown[RECOVERY_TEXT_SIZE];

	for (uint8_t low = 0; low < 37; low++) {
		bytes[RECOVERY_BYTES - 1] = low;
		expect_int(recovery_show(bytes, shown),
		    low < 32 ? 0 : ERR_INPUT);
	}
}

TEST("a code that there is no memory for is not shown")
{
	const uint8_t bytes[RECOVERY_BYTES] = { 1 };
	char shown[RECOVERY_TEXT_SIZE] = "before";

	memory_ends = true;
	expect_int(recovery_show(bytes, shown), ERR_MEMORY);
	memory_ends = false;
	expect_text(shown, "before");
}

TEST("a code with a check symbol that is never shown is not read either")
{
	uint8_t back[RECOVERY_BYTES];

	expect_int(recovery_read("000000000000000000000010*", back), ERR_INPUT);
	expect_int(recovery_read("000000000000000000000014U", back), ERR_INPUT);
	expect_int(recovery_read("000000000000000000000014u", back), ERR_INPUT);
}

TEST("any one character mistyped is noticed")
{
	for (size_t row = 0; row < ROWS(codes); row++)
		for (size_t i = 0; i < RECOVERY_CHARS; i++)
			for (const char *c = letters; *c != '\0'; c++) {
				char typed[RECOVERY_CHARS + 1];
				uint8_t back[RECOVERY_BYTES];
				int same;

				plain(codes[row].text, typed);
				same = typed[i] == *c;
				typed[i] = *c;
				expect_int(recovery_read(typed, back),
				    same ? 0 : ERR_INPUT);
			}
}

TEST("any two neighbours exchanged are noticed")
{
	for (size_t row = 0; row < ROWS(codes); row++)
		for (size_t i = 0; i + 1 < RECOVERY_CHARS; i++) {
			char typed[RECOVERY_CHARS + 1], first;
			uint8_t back[RECOVERY_BYTES];

			plain(codes[row].text, typed);
			first = typed[i];
			typed[i] = typed[i + 1];
			typed[i + 1] = first;
			expect_int(recovery_read(typed, back),
			    typed[i] == first ? 0 : ERR_INPUT);
		}
}

TEST("lower case reads as upper, and i, l and o as the digits they look like")
{
	uint8_t back[RECOVERY_BYTES];

	expect_int(recovery_read("o4io6lo50r3gg28a1c60t3gf6", back), 0);
	expect_bytes(back, codes[2].bytes, RECOVERY_BYTES);
	expect_int(recovery_read("O4IO6LO50R3GG28A1C60T3GF6", back), 0);
	expect_bytes(back, codes[2].bytes, RECOVERY_BYTES);
	expect_int(recovery_read("zzzzzzzzzzzzzzzzzzzzzzzzs", back), 0);
	expect_bytes(back, codes[1].bytes, RECOVERY_BYTES);
}

TEST("what is no code leaves nothing behind")
{
	static const char *const bad[] = { "", "0", "041061050R3GG28A1C60T3GF",
		"041061050R3GG28A1C60T3GF66", "04106-1050R-3GG28-A1C60-T3GF6",
		"041061050R3GG28A1C60T3GF ", " 41061050R3GG28A1C60T3GF6",
		"U41061050R3GG28A1C60T3GF6", "041061050R3GG28A1C60T3G\xc3\xa9",
		"041061050R3GG28A1C60T3GF\x86" };
	static const uint8_t untouched[RECOVERY_BYTES] = { 7 };
	uint8_t back[RECOVERY_BYTES] = { 7 };

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(recovery_read(bad[i], back), ERR_INPUT);
	expect_bytes(back, untouched, sizeof back);
}

TEST("a hash is what another program computes, so stored ones stay good")
{
	static const uint8_t right[RECOVERY_HASH_BYTES] = { 0xb9, 0x3b, 0xe5,
		0x42, 0x18, 0x79, 0xf3, 0xbb, 0xf9, 0xaf, 0x04, 0x6d, 0xe4,
		0xed, 0x41, 0xb4, 0xd5, 0x23, 0x19, 0xe3, 0xcd, 0x79, 0x4c,
		0xe3, 0xc9, 0x38, 0xcf, 0x5d, 0xc3, 0x59, 0xba, 0x6c };
	uint8_t key[RECOVERY_KEY_BYTES] = { 1, 2, 3 };
	uint8_t code[RECOVERY_BYTES] = { 4, 5, 6 };
	uint8_t hash[RECOVERY_HASH_BYTES];

	recovery_hash(key, code, hash);
	expect_bytes(hash, right, sizeof right);
}

TEST("a hash differs with every bit of the code and of the set's key")
{
	uint8_t key[RECOVERY_KEY_BYTES] = { 1, 2, 3 };
	uint8_t code[RECOVERY_BYTES] = { 4, 5, 6 };
	uint8_t right[RECOVERY_HASH_BYTES], other[RECOVERY_HASH_BYTES];

	recovery_hash(key, code, right);
	for (size_t i = 0; i < 8 * sizeof code; i++) {
		code[i / 8] ^= (uint8_t)(1 << i % 8);
		recovery_hash(key, code, other);
		expect(memcmp(right, other, sizeof right) != 0);
		code[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t i = 0; i < 8 * sizeof key; i++) {
		key[i / 8] ^= (uint8_t)(1 << i % 8);
		recovery_hash(key, code, other);
		expect(memcmp(right, other, sizeof right) != 0);
		key[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	recovery_hash(key, code, other);
	expect_bytes(right, other, sizeof right);
}
