/* The file that a build makes: it takes its name when it is whole, and until
 * then what had that name stays, and nothing else is seen. */
#ifndef BREACH_OUTPUT_H
#define BREACH_OUTPUT_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>

struct breach_output {
	const char *path; /* borrowed */
	int dir;	  /* owned; the folder it is in */
	int fd;		  /* owned; to write to and read from */
	const char *name; /* in path */
	char temporary[NAME_MAX + 1];
	bool named; /* it is called that already */
};

/*
 * Begins a file that will be path.  What is there already must be an index.
 * Returns 0, or an error that names the folder or the file.
 * breach_output_end is needed even then.
 */
int breach_output_begin(const char *path, struct breach_output *output,
    struct trouble *why);

/* Makes it durable, readable for everybody, and gives it its name. */
int breach_output_commit(struct breach_output *output, struct trouble *why);

/* Closes it; what was not committed is gone. */
void breach_output_end(struct breach_output *output);

/* An empty file without a name in a folder.  A descriptor, or -1 with errno. */
int breach_output_scratch(const char *folder);

#endif
