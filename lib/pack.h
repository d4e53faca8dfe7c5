/* Numbers and bytes in a fixed order, little-endian, never past the end. */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Going past the end sets bad and touches nothing; look at it once, after. */
struct pack {
	uint8_t *at;
	size_t left;
	bool bad;
};
void pack_bytes(struct pack *pack, const void *bytes, size_t n);
void pack_number(struct pack *pack, uint64_t number, size_t bytes);

/* n bytes with zeros behind, size bytes in all: equal values have equal bytes,
 * whatever an older, longer one left in memory.  A text without its NUL. */
void pack_padded(struct pack *pack, const void *bytes, size_t n, size_t size);
void pack_text(struct pack *pack, const char *text, size_t size);

/* Reading past the end gives zeros and sets bad. */
struct unpack {
	const uint8_t *at;
	size_t left;
	bool bad;
};
void unpack_bytes(struct unpack *unpack, void *bytes, size_t n);
uint64_t unpack_number(struct unpack *unpack, size_t bytes);

/* The text, for which there is room for size bytes and a NUL.  Something else
 * than zeros behind its end sets bad. */
void unpack_text(struct unpack *unpack, char *text, size_t size);

/* Whether all that is left is zero. */
bool unpack_rest_is_zero(const struct unpack *unpack);

#endif
