/* A line of the file users.oath, by which pam_oath knows its users: type, user,
 * PIN, key, counter, last code, and when that was used. */
#ifndef OATH_LINE_H
#define OATH_LINE_H

#include "err.h"
#include "takeover.h"

enum { OATH_LINE_SIZE = 4096 };

/*
 * Reads one, without its end, into *takeover, which is zeroed.  Returns 1; 0:
 * it is empty, or a note; or an error: that module would not take it, or it is
 * not clear what it says.  *why then names the column and never shows it, as it
 * may be the key.
 */
int oath_line_parse(const char *line, struct takeover *takeover,
    struct trouble *why);

#endif
