#include "pack.h"

#include <string.h>

void
pack_bytes(struct pack *pack, const void *bytes, size_t n)
{
	if (n > pack->left) {
		pack->bad = true;
		return;
	}
	if (n > 0)
		memcpy(pack->at, bytes, n);
	pack->at += n;
	pack->left -= n;
}

void
pack_number(struct pack *pack, uint64_t number, size_t bytes)
{
	uint8_t room[8];

	for (size_t i = 0; i < bytes; i++)
		room[i] = (uint8_t)(number >> (8 * i));
	pack_bytes(pack, room, bytes);
}

void
pack_padded(struct pack *pack, const void *bytes, size_t n, size_t size)
{
	if (n > size || size > pack->left) {
		pack->bad = true;
		return;
	}
	memset(pack->at + n, 0, size - n);
	pack_bytes(pack, bytes, n);
	pack->at += size - n;
	pack->left -= size - n;
}

void
pack_text(struct pack *pack, const char *text, size_t size)
{
	pack_padded(pack, text, strlen(text), size);
}

void
unpack_bytes(struct unpack *unpack, void *bytes, size_t n)
{
	if (n > unpack->left) {
		unpack->bad = true;
		memset(bytes, 0, n);
		return;
	}
	if (n > 0)
		memcpy(bytes, unpack->at, n);
	unpack->at += n;
	unpack->left -= n;
}

uint64_t
unpack_number(struct unpack *unpack, size_t bytes)
{
	uint64_t number = 0;
	uint8_t room[8];

	unpack_bytes(unpack, room, bytes);
	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)room[i] << (8 * i);
	return number;
}

void
unpack_text(struct unpack *unpack, char *text, size_t size)
{
	size_t len;

	unpack_bytes(unpack, text, size);
	text[size] = '\0';
	len = strlen(text);
	for (size_t i = len; i < size; i++)
		unpack->bad |= text[i] != '\0';
}

bool
unpack_rest_is_zero(const struct unpack *unpack)
{
	const uint8_t *at = unpack->at;

	/* The first is zero, and each is like the one before. */
	return unpack->left == 0 ||
	       (at[0] == 0 && memcmp(at, at + 1, unpack->left - 1) == 0);
}
