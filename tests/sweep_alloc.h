/* Memory that runs out on purpose: malloc, calloc and realloc of the whole
 * program, in front of libc's (strdup and the like call them). */
#ifndef SWEEP_ALLOC_H
#define SWEEP_ALLOC_H

#include <stdbool.h>

/* From now on, counts allocations and fails the k-th; on: and all after it.
 * k = 0 fails none. */
void alloc_begin(unsigned k, bool on);

/* Ends it; how many there were. */
unsigned alloc_end(void);

/* Whether any does: a tool that watches memory may give it out itself. */
bool alloc_can_fail(void);

#endif
