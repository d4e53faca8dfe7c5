/* A folder of range files: NNNNN.txt, or NNNNN, for the first five digits of
 * the hashes whose rest stands in it. */
#ifndef BREACH_FOLDER_H
#define BREACH_FOLDER_H

#include "breach_prefixes.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	BREACH_FOLDER_AHEAD = 32, /* files that are fetched while one is read */
	BREACH_FOLDER_ENDINGS = 2,
	BREACH_RANGE_NAME_SIZE = 10,
};

struct breach_range {
	int fd;
	char name[BREACH_RANGE_NAME_SIZE];
};

struct breach_folder {
	int dir;	  /* owned */
	const char *name; /* borrowed */
	/* which ranges it has, by how their names end */
	struct breach_prefixes there[BREACH_FOLDER_ENDINGS];
	uint32_t next; /* no range before it is left to be opened */
	/* opened and not given yet; their descriptors are owned */
	struct breach_range ahead[BREACH_FOLDER_AHEAD];
	uint32_t ahead_prefix[BREACH_FOLDER_AHEAD];
	unsigned opened, given; /* so many; i is at i % BREACH_FOLDER_AHEAD */
};

/* Takes the open folder dir, and lists what it has.  Returns 0, or ERR_IO;
 * breach_folder_close is needed even then. */
int breach_folder_open(struct breach_folder *folder, int dir, const char *name,
    struct trouble *why);
void breach_folder_close(struct breach_folder *folder);

/* Returns 0, or ERR_INPUT: all ranges are missing, or some and not partial;
 * then they are listed. */
int breach_folder_check(const struct breach_folder *folder, bool partial,
    struct trouble *why);

/* The next range file: its descriptor is the caller's.  Returns 1, 0 at the
 * end, or an error. */
int breach_folder_next(struct breach_folder *folder, uint32_t *prefix_out,
    struct breach_range *range_out, struct trouble *why);

#endif
