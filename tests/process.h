/* A process as its guest found it: everything that a module could change. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>

/* Remembers ids, capabilities, signals and what they do, mask, limits, umask,
 * folder, open files, timers, environment, threads, locked memory and more. */
void process_remember(void);

/* Expects each of them to be the same; or that one at least is not, and
 * remembers anew. */
void process_expect_same(void);
void process_expect_other(void);

#endif
