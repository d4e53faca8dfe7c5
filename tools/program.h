/* Another program, run to its end, or beside this one. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <sys/types.h>

/*
 * Runs argv[0], an absolute path, with the usual PATH and no other environment.
 * files are its standard input, output and errors; -1: /dev/null.  Returns its
 * exit status; ERR_IO with errno (a signal ended it: EINTR); or ERR_MEMORY.
 */
int program_run(const char *const argv[], const int files[3]);

/* The same in two steps: begins it, and waits for its end.  Beginning returns
 * 0, or ERR_IO with errno (ENOENT: there is none), or ERR_MEMORY. */
int program_begin(const char *const argv[], const int files[3],
    pid_t *child_out);
int program_end(pid_t child);

#endif
