/*
 * A program run for one conversation, by a process that is not ours to change:
 * whatever the host does with its children's ends (ignores them, waits for
 * all, has a handler), it neither sees this one nor takes its status from us.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdint.h>

/*
 * Runs the program at path, which finds fd as its standard input and nothing
 * else: no other descriptor, no argument, an empty environment, every signal
 * held back.  Waits for its end until a time of io_milliseconds(), then kills
 * it if this process may; a set-uid program ends by its own deadlines.
 *
 * Returns 0: it ended with exit status 0; ERR_INPUT: it ended otherwise;
 * ERR_BUSY: it did not in time; ERR_MEMORY; or ERR_IO with errno.
 */
int child_run(const char *path, int fd, int64_t until);

#endif
