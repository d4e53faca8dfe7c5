/* What an import takes, one room for each. */
#ifndef IMPORT_H
#define IMPORT_H

#include "cmd.h"
#include "takeover.h"

/* An otpauth: address on standard input. */
int import_uri(struct invocation *call);

/* The file FILE, or with --all-homes that of every user; and users.oath. */
int import_google(struct invocation *call, struct desk *desk,
    const struct takeover_terms *terms);
int import_oath(struct invocation *call, struct desk *desk,
    const struct takeover_terms *terms);

#endif
