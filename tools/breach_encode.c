#include "breach_encode.h"

#include "breach_page.h"

#include <endian.h>
#include <string.h>

/* ---- how many fit ---- */

static uint64_t
bits_of(const struct breach_entries *entries, size_t n, unsigned low_bits)
{
	uint64_t span = entries->values[n - 1] - entries->values[0];

	return n * (low_bits + 1) + (span >> low_bits) +
	       (entries->sums[n] - entries->sums[0]);
}

/* The most of the first entries that fit with so many low bits.  One always
 * does. */
static size_t
most_with(const struct breach_entries *entries, unsigned low_bits)
{
	size_t fits = 1, beyond = BREACH_PAGE_ENTRIES + 1;

	if (entries->count < BREACH_PAGE_ENTRIES)
		beyond = entries->count + 1;
	while (beyond - fits > 1) {
		size_t middle = fits + (beyond - fits) / 2;

		if (bits_of(entries, middle, low_bits) <= BREACH_PAYLOAD_BITS)
			fits = middle;
		else
			beyond = middle;
	}
	return fits;
}

/* The logarithm of the mean distance of the first n entries. */
static unsigned
density(const struct breach_entries *entries, size_t n)
{
	uint64_t gap = (entries->values[n - 1] - entries->values[0]) / n;

	return gap == 0 ? 0 : 63 - (unsigned)__builtin_clzll(gap);
}

/*
 * The best number of low bits is near the logarithm of the mean distance.
 * Where a list has gaps, such as ranges that are missing, that is another one
 * for the next few entries than for all that might fit.
 */
size_t
breach_encode_fit(const struct breach_entries *entries, unsigned *low_bits_out)
{
	unsigned before = BREACH_LOW_MOST + 1;
	size_t best = 0;

	for (size_t n = BREACH_PAGE_ENTRIES; n >= 32; n /= 8) {
		unsigned near =
		    density(entries, n < entries->count ? n : entries->count);

		for (unsigned low_bits = near == 0 ? 0 : near - 1;
		     near != before && low_bits <= near + 1 &&
		     low_bits <= BREACH_LOW_MOST;
		     low_bits++) {
			size_t fits = most_with(entries, low_bits);

			if (fits > best) {
				best = fits;
				*low_bits_out = low_bits;
			}
		}
		before = near;
	}
	return best;
}

/* ---- and how they are written ---- */

static void
put(uint8_t *at, uint64_t number, size_t bytes)
{
	number = htole64(number);
	memcpy(at, &number, bytes);
}

static inline void
set_bit(uint8_t *payload, size_t at)
{
	payload[at / 8] |= (uint8_t)(1 << at % 8);
}

static void
put_low(const uint64_t *values, size_t n, unsigned low_bits, uint8_t *at)
{
	const uint64_t mask = (UINT64_C(1) << low_bits) - 1, base = values[0];
	uint64_t bits = 0;
	unsigned used = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t low = (values[i] - base) & mask;

		bits |= low << used;
		used += low_bits;
		if (used >= 64) {
			put(at, bits, 8);
			at += 8;
			used -= 64;
			bits = low >> (low_bits - used);
		}
	}
	put(at, bits, (used + 7) / 8);
}

static void
put_high(const uint64_t *values, size_t n, unsigned low_bits, size_t at,
    uint8_t *payload)
{
	const uint64_t base = values[0];

	for (size_t i = 0; i < n; i++)
		set_bit(payload,
		    at + i + (size_t)((values[i] - base) >> low_bits));
}

static void
put_counts(const uint32_t *sums, size_t n, size_t at, uint8_t *payload)
{
	const uint32_t before = sums[0] + 1;

	if (sums[n] == sums[0])
		return;
	for (size_t i = 1; i <= n; i++)
		set_bit(payload, at + (uint32_t)(sums[i] - before));
}

void
breach_encode(const struct breach_entries *entries, unsigned low_bits,
    uint64_t next, uint64_t seed, uint8_t page[BREACH_PAGE_BYTES])
{
	const uint64_t *values = entries->values;
	const size_t n = entries->count;
	uint64_t span = values[n - 1] - values[0];
	uint8_t *payload = page + BREACH_PAGE_PAYLOAD;

	memset(page, 0, BREACH_PAGE_BYTES);
	put(page + BREACH_PAGE_COUNT, n, 2);
	put(page + BREACH_PAGE_LOW, low_bits, 1);
	put(page + BREACH_PAGE_BASE, values[0], 8);
	put(page + BREACH_PAGE_NEXT, next, 8);
	put_low(values, n, low_bits, payload);
	put_high(values, n, low_bits, n * low_bits, payload);
	put_counts(entries->sums, n,
	    n * low_bits + n + (size_t)(span >> low_bits), payload);
	put(page + BREACH_PAGE_SUM,
	    breach_sum(page + BREACH_PAGE_COUNT,
		BREACH_PAGE_BYTES - BREACH_PAGE_COUNT, seed),
	    4);
}
