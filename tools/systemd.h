/* systemd, where it runs. */
#ifndef SYSTEMD_H
#define SYSTEMD_H

#include "err.h"

#include <stdbool.h>

bool systemd_runs(void);
bool systemd_is_active(const char *unit);

/* "reload UNIT" and its like; unit may be NULL.  Returns 0, or ERR_IO. */
int systemd_do(const char *verb, const char *unit, struct trouble *why);

#endif
