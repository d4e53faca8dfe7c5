/* Hashes in any order, given back in ascending order: sorted in memory, and
 * beyond that in runs on disk that are merged.  Of their counts, the steps are
 * kept. */
#ifndef BREACH_SORT_H
#define BREACH_SORT_H

#include "breach_batch.h"
#include "err.h"

struct breach_sort;

/*
 * memory: bytes for hashes, at least BREACH_SORT_LEAST.  Runs go to a file
 * without a name in the folder spill.  Returns 0, or an error.
 */
#define BREACH_SORT_LEAST (UINT64_C(1) << 20)
int breach_sort_new(uint64_t memory, const char *spill,
    struct breach_sort **sort_out, struct trouble *why);
void breach_sort_free(struct breach_sort *sort);

int breach_sort_add(struct breach_sort *sort, const struct breach_batch *batch,
    struct trouble *why);

/* After the last of them, and whenever they are wanted from the start. */
int breach_sort_start(struct breach_sort *sort, struct trouble *why);

/* Fills the batch with the next ones; none: that were all. */
int breach_sort_next(struct breach_sort *sort, struct breach_batch *batch,
    struct trouble *why);

/* How many there are, and how many of them were given since the start. */
uint64_t breach_sort_count(const struct breach_sort *sort);
uint64_t breach_sort_given(const struct breach_sort *sort);

#endif
