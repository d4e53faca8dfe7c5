#include "breach_page.h"

#include "err.h"
#include "pack.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t
breach_sum(const void *bytes, size_t n, uint64_t seed)
{
	return XXH64(bytes, n, seed);
}

static uint64_t
number_at(const uint8_t *bytes, unsigned at, size_t n)
{
	struct unpack unpack = { bytes + at, n, false };

	return unpack_number(&unpack, n);
}

int
breach_page_take(const uint8_t bytes[BREACH_PAGE_ROOM], uint64_t number,
    uint64_t range, struct breach_page *page_out)
{
	uint64_t sum = breach_sum(bytes + BREACH_PAGE_COUNT,
	    BREACH_PAGE_BYTES - BREACH_PAGE_COUNT, range + number);
	struct breach_page page = { 0 };

	if (number_at(bytes, BREACH_PAGE_SUM, 4) != (uint32_t)sum)
		return ERR_DAMAGED;
	page.payload = bytes + BREACH_PAGE_PAYLOAD;
	page.entries = (unsigned)number_at(bytes, BREACH_PAGE_COUNT, 2);
	page.low_bits = bytes[BREACH_PAGE_LOW];
	page.base = number_at(bytes, BREACH_PAGE_BASE, 8);
	page.last = number_at(bytes, BREACH_PAGE_NEXT, 8) - 1;
	if (page.entries < 1 || page.entries > BREACH_PAGE_ENTRIES ||
	    page.low_bits > BREACH_LOW_MOST ||
	    page.entries * (page.low_bits + 1) > BREACH_PAYLOAD_BITS ||
	    bytes[BREACH_PAGE_FLAGS] != 0)
		return ERR_DAMAGED;
	if (page.base > page.last || page.last > range - 1)
		return ERR_DAMAGED;
	*page_out = page;
	return 0;
}

/* 64 bits from a place inside the payload on. */
static uint64_t
bits_at(const struct breach_page *page, unsigned at)
{
	const uint8_t *bytes = page->payload + at / 8;
	unsigned shift = at % 8;
	uint64_t bits;

	memcpy(&bits, bytes, sizeof bits);
	bits = le64toh(bits) >> shift;
	if (shift > 0)
		bits |= (uint64_t)bytes[8] << (64 - shift);
	return bits;
}

static bool
one_at(const struct breach_page *page, unsigned at)
{
	return at < BREACH_PAYLOAD_BITS && (bits_at(page, at) & 1) != 0;
}

static uint64_t
low_of(const struct breach_page *page, unsigned i)
{
	uint64_t mask = (UINT64_C(1) << page->low_bits) - 1;

	return bits_at(page, i * page->low_bits) & mask;
}

/* The place behind the nth one in bits that have so many; n is not 0. */
static unsigned
behind_one(uint64_t bits, unsigned n)
{
	while (--n > 0)
		bits &= bits - 1;
	return (unsigned)__builtin_ctzll(bits) + 1;
}

enum bit { ZERO, ONE };

/* Moves *at behind the nth zero or one from there on; with n 0, not at all.
 * Returns false where the page has fewer. */
static bool
skip(const struct breach_page *page, enum bit bit, uint64_t n, unsigned *at)
{
	while (n > 0 && *at < BREACH_PAYLOAD_BITS) {
		unsigned left = BREACH_PAYLOAD_BITS - *at, count;
		uint64_t bits = bits_at(page, *at);

		if (bit == ZERO)
			bits = ~bits;
		if (left < 64)
			bits &= (UINT64_C(1) << left) - 1;
		count = (unsigned)__builtin_popcountll(bits);
		if (count >= n) {
			*at += behind_one(bits, (unsigned)n);
			return true;
		}
		n -= count;
		*at += 64;
	}
	return n == 0;
}

/* The class of entry i; high is where its one stands. */
static int
find_class(const struct breach_page *page, unsigned i, unsigned high,
    unsigned classes, int *class_out)
{
	unsigned at = high, from;

	if (!skip(page, ONE, page->entries - i, &at) ||
	    !skip(page, ONE, i, &at))
		return ERR_DAMAGED;
	from = at;
	if (!skip(page, ONE, 1, &at) || at - from > classes)
		return ERR_DAMAGED;
	*class_out = (int)(at - from - 1);
	return 0;
}

int
breach_page_find(const struct breach_page *page, unsigned classes,
    uint64_t entry, int *class_out)
{
	uint64_t offset = entry - page->base;
	uint64_t high = offset >> page->low_bits;
	uint64_t low = offset - (high << page->low_bits);
	unsigned start = page->entries * page->low_bits, at = start, i;

	*class_out = BREACH_NO_CLASS;
	/* That many zeros stand before the first entry with such high bits;
	 * where the page has fewer, its last entry is a lower one. */
	if (!skip(page, ZERO, high, &at))
		return 0;
	i = at - start - (unsigned)high;
	for (; i < page->entries && one_at(page, at); i++, at++) {
		uint64_t its_low = low_of(page, i);

		if (its_low > low)
			return 0;
		if (its_low < low)
			continue;
		if (classes > 0)
			return find_class(page, i, at, classes, class_out);
		*class_out = 0;
		return 0;
	}
	return 0;
}

int
breach_page_check(const struct breach_page *page, unsigned classes)
{
	unsigned at = page->entries * page->low_bits, from;
	uint64_t high = 0, before = 0;

	for (unsigned i = 0; i < page->entries; i++) {
		uint64_t offset;

		from = at;
		if (!skip(page, ONE, 1, &at))
			return ERR_DAMAGED;
		high += at - from - 1;
		if (high > UINT64_MAX >> page->low_bits)
			return ERR_DAMAGED;
		offset = (high << page->low_bits) + low_of(page, i);
		if (i == 0 ? offset != 0 : offset <= before)
			return ERR_DAMAGED;
		before = offset;
	}
	if (before > page->last - page->base)
		return ERR_DAMAGED;
	for (unsigned i = 0; classes > 0 && i < page->entries; i++) {
		from = at;
		if (!skip(page, ONE, 1, &at) || at - from > classes)
			return ERR_DAMAGED;
	}
	return skip(page, ONE, 1, &at) ? ERR_DAMAGED : 0;
}
