/* Another program, run to its end. */
#ifndef PROGRAM_H
#define PROGRAM_H

/*
 * Runs argv[0], an absolute path, with the usual PATH and no other environment.
 * files are its standard input, output and errors; -1: /dev/null.  Returns its
 * exit status; ERR_IO with errno (a signal ended it: EINTR); or ERR_MEMORY.
 */
int program_run(const char *const argv[], const int files[3]);

#endif
