/* One line on a terminal that says how far long work has come. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>

struct progress {
	bool shown;	/* standard error is a terminal that can erase lines */
	double started; /* seconds */
	double told;	/* when it was last */
};

void progress_begin(struct progress *progress);

/* Whether it is time to say something again. */
bool progress_is_due(const struct progress *progress);

/* Seconds since the beginning; not 0. */
double progress_elapsed(const struct progress *progress);

/* Puts one line in place of the one before, and how long it will take, where
 * the part that is done (0 to 1) is known: it is not negative then. */
void progress_tell(struct progress *progress, double part, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Takes the line away. */
void progress_end(const struct progress *progress);

#endif
