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

/* Reading past the end gives zeros and sets bad. */
struct unpack {
	const uint8_t *at;
	size_t left;
	bool bad;
};
void unpack_bytes(struct unpack *unpack, void *bytes, size_t n);
uint64_t unpack_number(struct unpack *unpack, size_t bytes);

/* Whether all that is left is zero. */
bool unpack_rest_is_zero(const struct unpack *unpack);

#endif
