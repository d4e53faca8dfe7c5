/* An index as it is written: hashes in ascending order come in, pages go out,
 * the header comes last.  What is written depends on the hashes alone, not on
 * how many come at once. */
#ifndef BREACH_WRITE_H
#define BREACH_WRITE_H

#include "breach.h"
#include "breach_batch.h"

#include <stdbool.h>
#include <sys/types.h>

/* How many of the first hashes tell how dense a list is. */
enum { BREACH_SAMPLE = 1 << 17 };
struct breach_sample {
	size_t count;
	uint64_t hashes[BREACH_SAMPLE];
	uint32_t counts[BREACH_SAMPLE];
};

struct breach_write;

struct breach_write_choices {
	int fd; /* an empty file to write to and read from; borrowed */
	const char *file; /* its name, for messages */
	unsigned bits;	  /* k, in a false-positive rate of 2^-k */
	bool counts;	  /* keep counts */
	uint64_t entries; /* as many there are; 0: as dense as the sample */
};

/* NULL: no memory. */
struct breach_write *breach_write_new(
    const struct breach_write_choices *choices);
void breach_write_free(struct breach_write *write);

/* The hashes added so far, each once, as long as they are a sample and nothing
 * is written; NULL after that.  They are borrowed. */
const struct breach_sample *breach_write_sample(
    const struct breach_write *write);

/* Adds hashes, none lower than one before.  Returns 0, or ERR_IO. */
int breach_write_add(struct breach_write *write,
    const struct breach_batch *batch, struct trouble *why);

/* Writes what is left of the pages. */
int breach_write_pages(struct breach_write *write, struct trouble *why);

/* How many entries there are now, and how many the sample promised. */
uint64_t breach_write_entries(const struct breach_write *write);
uint64_t breach_write_promised(const struct breach_write *write);

/*
 * Writes the header, after the pages.  The caller fills in what the index is
 * made from (lines and prefixes), the kind, and the smallest count to keep; the
 * rest is filled in here.
 */
int breach_write_header(struct breach_write *write, struct breach_about *about,
    struct trouble *why);

#endif
