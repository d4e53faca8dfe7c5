/* Some hashes of a list, on their way from its lines to the index. */
#ifndef BREACH_BATCH_H
#define BREACH_BATCH_H

#include "breach_format.h"

#include <stddef.h>
#include <stdint.h>

enum { BREACH_BATCH = 2048 };
struct breach_batch {
	size_t count;
	uint64_t hashes[BREACH_BATCH]; /* the first 64 bits of each */
	uint32_t counts[BREACH_BATCH]; /* how often it was seen */
};

/* What is kept of a count is its step: the last on this ladder that is not
 * above it. */
enum { BREACH_LADDER = BREACH_CLASSES_MOST };
extern const uint32_t breach_ladder[BREACH_LADDER];

static inline uint8_t
breach_step(uint32_t count)
{
	const uint64_t of_0_to_9 = 0x2222211100; /* nine of ten counts */
	uint8_t step = 3;

	if (count < 10)
		return of_0_to_9 >> 4 * count & 15;
	while (step + 1 < BREACH_LADDER && count >= breach_ladder[step + 1])
		step++;
	return step;
}

#endif
