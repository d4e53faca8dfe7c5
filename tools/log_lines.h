/* The lines of a log: of a file, of standard input, or of the journal. */
#ifndef LOG_LINES_H
#define LOG_LINES_H

#include "err.h"

#include <stdint.h>
#include <stddef.h>

struct log_lines;

/*
 * Opens a file, packed by gzip or xz or neither; "-" is standard input; with
 * NULL, journalctl is asked for what came since that Unix time.  The name is
 * borrowed.  Returns 0, or an error with the name in *why.
 */
int log_lines_open(const char *file, int64_t since,
    struct log_lines **lines_out, struct trouble *why);

/*
 * The next line, without its newline; it stays until the next call.  What is
 * too long for a log is skipped.  Returns 1; 0, where nothing is left and all
 * of it was read; or an error.
 */
int log_lines_next(struct log_lines *lines, const char **line_out,
    size_t *len_out, struct trouble *why);

void log_lines_close(struct log_lines *lines);

#endif
