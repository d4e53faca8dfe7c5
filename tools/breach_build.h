/* A list made into an index: choices in, a file and what it is like out. */
#ifndef BREACH_BUILD_H
#define BREACH_BUILD_H

#include "breach_input.h"

#include <stdbool.h>
#include <stdint.h>

/* What is being done, for whoever watches. */
struct breach_stage {
	const char *doing; /* "reading", "writing" */
	uint64_t lines;	   /* done of it so far */
	double part;	   /* of all there is, 0 to 1; negative: unknown */
	bool ascending;	   /* range says how far it is */
	uint32_t range;	   /* of the 2^20, where it is */
};

struct breach_build {
	struct breach_input_choices input;
	const char *output;
	unsigned bits;	       /* k, in a false-positive rate of 2^-k */
	enum breach_kind kind; /* 0: as the first line is long */
	bool words;
	bool drop_counts;      /* also where the list has them */
	bool want_counts;      /* a list without them is an error */
	uint32_t least;	       /* the smallest count to keep, at least 1 */
	uint64_t target_bytes; /* choose least so that it fits; 0: do not */
	uint64_t memory;       /* for sorting */
	const char *spill;     /* the folder for what does not fit */
	/* Called now and then; or NULL. */
	void (*watch)(void *with, const struct breach_stage *progress);
	void *watch_with;
};

/* What came of it, beside what the index says of itself. */
struct breach_built {
	struct breach_about about;
	bool sorted;	   /* the list was not in order */
	uint64_t not_utf8; /* words that an NT list cannot hold */
	struct breach_prefixes prefixes;
};

/* Builds.  Returns 0, or an error that names file and line, where it has any;
 * then nothing has changed. */
int breach_build(const struct breach_build *build,
    struct breach_built *built_out, struct trouble *why);

#endif
