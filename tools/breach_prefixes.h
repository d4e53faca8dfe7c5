/* Which of the 2^20 beginnings of a hash occur in a list: a whole list has all
 * of them, one cut short lacks the last. */
#ifndef BREACH_PREFIXES_H
#define BREACH_PREFIXES_H

#include "breach_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BREACH_PREFIXES = 1 << BREACH_PREFIX_BITS };

struct breach_prefixes {
	uint8_t bits[BREACH_PREFIXES / 8];
};

static inline void
breach_prefixes_add(struct breach_prefixes *prefixes, uint32_t prefix)
{
	prefixes->bits[prefix / 8] |= (uint8_t)(1 << prefix % 8);
}

static inline bool
breach_prefixes_have(const struct breach_prefixes *prefixes, uint32_t prefix)
{
	return (prefixes->bits[prefix / 8] >> prefix % 8 & 1) != 0;
}

struct breach_coverage {
	uint32_t count, first, last; /* all 0 where there is none */
};
struct breach_coverage breach_prefixes_coverage(
    const struct breach_prefixes *prefixes);

/* Those that are missing, as a text like "00010, 0A000 to 0A00B and 7 more".
 * Returns room; "" where none is. */
enum { BREACH_GAPS_SIZE = 240 };
const char *breach_prefixes_gaps(const struct breach_prefixes *prefixes,
    char room[BREACH_GAPS_SIZE]);

#endif
