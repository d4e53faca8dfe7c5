/* Entries as one page of an index; see breach_format.h. */
#ifndef BREACH_ENCODE_H
#define BREACH_ENCODE_H

#include "breach_format.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Entries, ascending, each once.  The bits of their counts are known by their
 * sums: those of entry i take sums[i + 1] - sums[i], none where no counts are
 * kept.  Both are borrowed; sums has one more than values.
 */
struct breach_entries {
	const uint64_t *values;
	const uint32_t *sums;
	size_t count; /* at least 1 */
};

/* How many of the first entries fit into a page, and with which low bits they
 * do.  At most BREACH_PAGE_ENTRIES are looked at. */
size_t breach_encode_fit(const struct breach_entries *entries,
    unsigned *low_bits_out);

/* Writes them as the page of this number; next is the base of the one behind
 * it, and what the sum depends on is seed. */
void breach_encode(const struct breach_entries *entries, unsigned low_bits,
    uint64_t next, uint64_t seed, uint8_t page_out[BREACH_PAGE_BYTES]);

#endif
