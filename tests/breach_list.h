/*
 * A writer of breach indexes that is slow and obvious, so that tests of the
 * reader need not believe the real one, nor the reader's arithmetic.
 */
#ifndef BREACH_LIST_H
#define BREACH_LIST_H

#include "breach.h"
#include "scratch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct breach_line {
	uint8_t hash[BREACH_HASH_MOST];
	uint32_t count;
};

/* What is to be written, and how; all but the lines may be left zero. */
struct breach_list {
	enum breach_kind kind; /* 0: BREACH_SHA1 */
	unsigned bits;	       /* k; 0: 24 */
	bool whole_range;      /* M is 2^64, whatever k is */
	uint32_t least_count;  /* 0: 1 */
	unsigned classes;      /* 0: no counts */
	uint32_t class_least[BREACH_CLASSES_MOST];
	uint32_t header_bytes; /* 0: the small one */
	unsigned knots;	       /* at most; 0: as many as there is room for */
	unsigned page_entries; /* at most; 0: as many as there is room for */

	struct breach_line *lines; /* owned */
	size_t count, room;
};

/* 1, 2, 5, 10, 20, ... 100000: sixteen of them. */
void breach_list_usual_classes(struct breach_list *list);

void breach_list_add(struct breach_list *list, const uint8_t *hash,
    uint32_t count);
void breach_list_add_password(struct breach_list *list, const char *password,
    uint32_t count);

/* Lines with hashes that look random and are the same each time, with counts
 * that are mostly small. */
void breach_list_add_many(struct breach_list *list, size_t n, uint64_t seed);
void breach_list_free(struct breach_list *list);
#define AUTO_LIST __attribute__((cleanup(breach_list_free)))

/* The index, to be freed. */
uint8_t *breach_list_bytes(const struct breach_list *list, size_t *n_out);

/* Writes DIR/name, and returns its path. */
const char *breach_list_write(const struct breach_list *list,
    const struct scratch *scratch, const char *name);

/* What an index of these lines has to say of a hash; looks at each line. */
struct breach_seen breach_list_seen(const struct breach_list *list,
    const uint8_t *hash);

/* Makes all sums right again, after damage; or that of one page alone. */
void breach_list_mend(uint8_t *bytes, size_t n);
void breach_list_mend_page(uint8_t *page, uint64_t range, uint64_t number);

/* Numbers in an index. */
uint64_t breach_list_get(const uint8_t *bytes, size_t at, unsigned size);
void breach_list_put(uint8_t *bytes, size_t at, unsigned size, uint64_t number);

/* The entry that the first 64 bits of a hash become among range values; 0: as
 * many as there are. */
uint64_t breach_list_scaled(uint64_t first, uint64_t range);

/* Numbers that look random and are the same each time (splitmix64). */
uint64_t breach_list_random(uint64_t *state);

#endif
