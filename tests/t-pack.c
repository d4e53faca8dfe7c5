/* Numbers and bytes in a fixed order, never past the end. */
#include "pack.h"
#include "test.h"

#include <string.h>

TEST("numbers stand with their low byte first, as wide as they are told")
{
	uint8_t room[15];
	struct pack pack = { room, sizeof room, false };

	pack_number(&pack, 0x0102030405060708, 8);
	pack_number(&pack, 0x0a0b0c0d, 4);
	pack_number(&pack, 0xfe, 1);
	pack_bytes(&pack, "xy", 2);
	expect(!pack.bad);
	expect_int(pack.left, 0);
	expect_bytes(room,
	    "\x08\x07\x06\x05\x04\x03\x02\x01\x0d\x0c\x0b\x0a"
	    "\xfexy",
	    15);
}

TEST("what was packed is what is unpacked")
{
	static const uint64_t numbers[] = { 0, 1, 255, 256, 0x7fffffff,
		0x80000000, UINT64_C(0x8000000000000000), UINT64_MAX };
	uint8_t room[8];

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		struct pack pack = { room, sizeof room, false };
		struct unpack unpack = { room, sizeof room, false };

		pack_number(&pack, numbers[i], 8);
		expect(unpack_number(&unpack, 8) == numbers[i]);
		expect(!unpack.bad);
	}
}

TEST("a text stands with zeros behind it, and comes back")
{
	uint8_t room[9] = "xxxxxxxxx";
	struct pack pack = { room, 8, false };
	struct unpack unpack = { room, 8, false };
	char text[6];

	pack_text(&pack, "abc", 5);
	pack_padded(&pack, "de", 2, 3);
	expect(!pack.bad && pack.left == 0);
	expect_bytes(room, "abc\0\0de\0x", 9);
	unpack_text(&unpack, text, 5);
	expect_text(text, "abc");
	expect(!unpack.bad);
	expect_int(unpack.left, 3);
}

TEST("a text may fill its place, and longer ones are not written")
{
	uint8_t room[4] = { 1, 2, 3, 4 };
	struct pack pack = { room, 3, false };
	struct unpack unpack = { room, 3, false };
	char text[4];

	pack_text(&pack, "abcd", 3);
	expect(pack.bad);
	expect_bytes(room, "\1\2\3\4", 4);
	pack = (struct pack){ room, 3, false };
	pack_text(&pack, "abc", 4);
	expect(pack.bad);
	expect_bytes(room, "\1\2\3\4", 4);
	pack = (struct pack){ room, 3, false };
	pack_text(&pack, "abc", 3);
	expect(!pack.bad);
	unpack_text(&unpack, text, 3);
	expect_text(text, "abc");
	expect(!unpack.bad);
}

TEST("a text with something behind its end is bad")
{
	struct unpack unpack = { (const uint8_t *)"a\0b", 3, false };
	char text[4];

	unpack_text(&unpack, text, 3);
	expect(unpack.bad);
}

TEST("what does not fit is not written at all, and is remembered")
{
	uint8_t room[4] = { 1, 2, 3, 4 };
	struct pack pack = { room, 3, false };

	pack_number(&pack, 0, 4);
	expect(pack.bad);
	expect_bytes(room, "\x01\x02\x03\x04", 4);
	pack_number(&pack, 9, 1);
	expect(pack.bad);
	expect_int(room[3], 4);
}

TEST("reading past the end gives zeros, and is remembered")
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct unpack unpack = { bytes, sizeof bytes, false };
	uint8_t room[4] = { 9, 9, 9, 9 };

	unpack_bytes(&unpack, room, 4);
	expect(unpack.bad);
	expect_bytes(room, "\0\0\0\0", 4);
	expect_int(unpack_number(&unpack, 4), 0);
	expect(unpack_number(&unpack, 3) == 0x030201);
	expect(unpack.bad);
	expect_int(unpack.left, 0);
	expect_int(unpack_number(&unpack, 1), 0);
}

TEST("a rest is zero only if all of it is")
{
	uint8_t bytes[9] = { 0 };
	struct unpack unpack = { bytes, sizeof bytes, false };

	expect(unpack_rest_is_zero(&unpack));
	bytes[8] = 1;
	expect(!unpack_rest_is_zero(&unpack));
	unpack.left = 8;
	expect(unpack_rest_is_zero(&unpack));
	unpack.left = 0;
	expect(unpack_rest_is_zero(&unpack));
}
