/* No copy of this program is older than this, so no right clock is earlier. */
#ifndef RELEASE_H
#define RELEASE_H

#include <stdint.h>

#define RELEASE_TIME INT64_C(1767225600) /* 2026-01-01 00:00 UTC */

#endif
