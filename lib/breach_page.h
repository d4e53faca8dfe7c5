/* One page of a breach index, as bytes already read; foreign bytes, even where
 * their sum is right. */
#ifndef BREACH_PAGE_H
#define BREACH_PAGE_H

#include "breach_format.h"

#include <stddef.h>
#include <stdint.h>

/* Room to have a page in: eight bytes may be taken from where its last bit
 * is.  What stands in the eight behind it does not matter. */
enum { BREACH_PAGE_ROOM = BREACH_PAGE_BYTES + 8 };

/* XXH64 of n bytes. */
uint64_t breach_sum(const void *bytes, size_t n, uint64_t seed)
    __attribute__((nonnull));

/* A page of which sum and head are right.  It answers for entries from base
 * to last. */
struct breach_page {
	const uint8_t *payload; /* borrowed */
	unsigned entries, low_bits;
	uint64_t base, last;
};

/* Takes the page of this number from an index of this range.  Returns 0, or
 * ERR_DAMAGED. */
int breach_page_take(const uint8_t bytes[BREACH_PAGE_ROOM], uint64_t number,
    uint64_t range, struct breach_page *page_out);

enum { BREACH_NO_CLASS = -1 };

/*
 * Looks for an entry that the page answers for.  Gives its class, 0 where an
 * index has none, or BREACH_NO_CLASS: it is not there.  Returns 0, or
 * ERR_DAMAGED.
 */
int breach_page_find(const struct breach_page *page, unsigned classes,
    uint64_t entry, int *class_out);

/* Reads the page to its end.  Returns 0, or ERR_DAMAGED: something in it is
 * not as sallyport-breach(5) has it. */
int breach_page_check(const struct breach_page *page, unsigned classes);

#endif
