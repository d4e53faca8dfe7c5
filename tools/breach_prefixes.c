#include "breach_prefixes.h"

#include <stdio.h>

enum { GAPS_SHOWN = 10 };

struct breach_coverage
breach_prefixes_coverage(const struct breach_prefixes *prefixes)
{
	struct breach_coverage coverage = { 0, 0, 0 };

	for (uint32_t i = 0; i < sizeof prefixes->bits; i++)
		coverage.count += __builtin_popcount(prefixes->bits[i]);
	if (coverage.count == 0)
		return coverage;
	while (!breach_prefixes_have(prefixes, coverage.first))
		coverage.first++;
	coverage.last = BREACH_PREFIXES - 1;
	while (!breach_prefixes_have(prefixes, coverage.last))
		coverage.last--;
	return coverage;
}

/* Where a run of what is there, or is not, ends. */
static uint32_t
run_end(const struct breach_prefixes *prefixes, uint32_t from, bool there)
{
	while (from < BREACH_PREFIXES &&
	       breach_prefixes_have(prefixes, from) == there)
		from++;
	return from;
}

const char *
breach_prefixes_gaps(const struct breach_prefixes *prefixes,
    char room[BREACH_GAPS_SIZE])
{
	uint32_t from = 0, to, more = 0;
	size_t used = 0;

	room[0] = '\0';
	for (unsigned gap = 0;; gap++, from = to) {
		from = run_end(prefixes, from, true);
		to = run_end(prefixes, from, false);
		if (from == to)
			break;
		if (gap >= GAPS_SHOWN) {
			more += to - from;
			continue;
		}
		used += (size_t)snprintf(room + used, BREACH_GAPS_SIZE - used,
		    "%s%05X", gap == 0 ? "" : ", ", from);
		if (to - from > 1)
			used += (size_t)snprintf(room + used,
			    BREACH_GAPS_SIZE - used, " to %05X", to - 1);
	}
	if (more > 0)
		snprintf(room + used, BREACH_GAPS_SIZE - used, " and %u more",
		    more);
	return room;
}
