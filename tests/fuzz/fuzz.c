#include "fuzz.h"

#include "seal.h"
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fuzz_broken(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line,
	    condition);
	abort();
}

uint64_t
input_number(struct input *input, size_t bytes)
{
	uint64_t number = 0;
	uint8_t room[8];

	(void)input_bytes(input, room, bytes);
	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)room[i] << (8 * i);
	return number;
}

size_t
input_bytes(struct input *input, void *room, size_t n)
{
	size_t used = n < input->left ? n : input->left;

	memset(room, 0, n);
	if (used > 0)
		memcpy(room, input->at, used);
	input->at += used;
	input->left -= used;
	return used;
}

bool
input_edit(struct input *input, uint8_t *bytes, size_t n)
{
	uint8_t *original = malloc(n);
	bool changed;

	MUST(original != NULL);
	memcpy(original, bytes, n);
	while (input->left > 0) {
		size_t where = (size_t)input_number(input, 2) % n;

		bytes[where] ^= (uint8_t)input_number(input, 1);
	}
	changed = memcmp(original, bytes, n) != 0;
	free(original);
	return changed;
}

bool
is_one_line(const struct trouble *why)
{
	for (const char *c = why->text; *c != '\0'; c++)
		if ((uint8_t)*c < ' ' || *c == 127)
			return false;
	return why->text[0] != '\0';
}

const struct scratch *
fuzz_store(void)
{
	static struct scratch scratch;

	if (scratch.dir[0] == '\0')
		scratch_new_store(&scratch);
	return &scratch;
}

const uint8_t *
fuzz_key(void)
{
	static uint8_t key[SEAL_KEY_BYTES];
	static bool read;

	if (!read)
		MUST(scratch_read(fuzz_store(), "etc/store.key", key,
			 sizeof key) == sizeof key);
	read = true;
	return key;
}
