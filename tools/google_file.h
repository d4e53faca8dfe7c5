/* The file .google_authenticator, by which pam_google_authenticator knows a
 * user: a key, options, scratch codes. */
#ifndef GOOGLE_FILE_H
#define GOOGLE_FILE_H

#include "err.h"
#include "takeover.h"

enum { GOOGLE_FILE_MOST = 64 * 1024 }; /* bytes; what that module reads */

/*
 * Reads the text of one into *takeover, which is zeroed.  What that module
 * would not take is an error, with *why naming the line and never showing it,
 * as it may be the key.  Returns 0 or an error.
 */
int google_file_parse(const char *text, struct takeover *takeover,
    struct trouble *why);

#endif
