/* A folder of range files: NNNNN.txt, or NNNNN, for the first five digits of
 * the hashes whose rest stands in it. */
#ifndef BREACH_FOLDER_H
#define BREACH_FOLDER_H

#include "breach_format.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	BREACH_RANGES = 1 << BREACH_PREFIX_BITS,
	BREACH_FOLDER_AHEAD = 32, /* files that are fetched while one is read */
	BREACH_RANGE_NAME_SIZE = 10,
};

struct breach_folder {
	int dir;	  /* owned */
	const char *name; /* borrowed */
	uint32_t opened;  /* ranges before it are open, done, or missing */
	uint32_t given;	  /* so are those before it, and not ahead */
	struct breach_range {
		int fd; /* owned; -1: missing */
		char name[BREACH_RANGE_NAME_SIZE];
	} ahead[BREACH_FOLDER_AHEAD]; /* range i at i % BREACH_FOLDER_AHEAD */
};

/* Takes the open folder dir.  breach_folder_close is needed even so. */
void breach_folder_start(struct breach_folder *folder, int dir,
    const char *name);
void breach_folder_close(struct breach_folder *folder);

/* Looks that they are there.  Returns 0, or ERR_INPUT: all of them are missing,
 * or some and not partial; then they are listed. */
int breach_folder_look(const struct breach_folder *folder, bool partial,
    struct trouble *why);

/* The next range file that is there: its descriptor is the caller's.  Returns
 * 1, 0 at the end, or an error. */
int breach_folder_next(struct breach_folder *folder, uint32_t *prefix_out,
    struct breach_range *range_out, struct trouble *why);

#endif
