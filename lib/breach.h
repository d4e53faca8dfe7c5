/* Whether a password stands in a local list of breached ones. */
#ifndef BREACH_H
#define BREACH_H

#include "breach_format.h"
#include "err.h"

#include <glob.h>
#include <stddef.h>
#include <stdint.h>

/* Which hash of a password a list holds.  Values are stored. */
enum breach_kind {
	BREACH_SHA1 = 1, /* of the password's bytes */
	BREACH_NT = 2,	 /* MD4 of the password in UTF-16 */
};

enum { BREACH_HASH_MOST = 20 /* bytes */ };

/* Bytes of such a hash. */
size_t breach_hash_bytes(enum breach_kind kind);

/*
 * Hashes len bytes of a password.  Returns 0, or ERR_INPUT: they are not
 * UTF-8, so no NT list can hold them.
 */
int breach_hash(enum breach_kind kind, const void *password, size_t len,
    uint8_t hash_out[BREACH_HASH_MOST]);

/* What an index says of itself. */
struct breach_about {
	enum breach_kind kind;
	uint64_t entries, pages, bytes;
	uint64_t range; /* M; 0 means 2^64 */
	/* what it was made from */
	uint64_t lines, duplicates, zero_counts, below_least;
	uint32_t least_count; /* the smallest count kept */
	/* of the 2^20 first five digits: how many occur, lowest, highest */
	uint32_t prefixes, first_prefix, last_prefix;
	/* least count of each class, ascending; none: no counts are kept */
	unsigned classes;
	uint32_t class_least[BREACH_CLASSES_MOST];
	int64_t modified; /* Unix time at which the file was made */
};

/* An open index.  The file may be replaced, truncated or changed meanwhile:
 * what is then read is checked, and nothing is mapped.  One thread's at a
 * time. */
struct breach;

/*
 * The file must belong to root or the effective user, and be writable by
 * nobody else.  Returns 0, or an error with the file's name in *why:
 * ERR_MEMORY, ERR_MISSING, ERR_IO, ERR_UNTRUSTED, or ERR_DAMAGED.
 */
int breach_open(const char *path, struct breach **breach_out,
    struct trouble *why);
void breach_close(struct breach *breach);
void breach_auto_close(struct breach **breach);
#define AUTO_BREACH __attribute__((cleanup(breach_auto_close)))

const struct breach_about *breach_about(const struct breach *breach);

/* How often a password was seen, as closely as the index knows; all zero: it
 * is not in the list.  most is UINT32_MAX where there is no upper bound. */
struct breach_seen {
	uint32_t least, most;
};

/*
 * Looks one hash, of the index's kind, up: by one read of one or two pages as
 * a rule.  Returns 0, or an error: then nothing is known.  *why does not say
 * which page, as that would be part of the hash.
 */
int breach_look(struct breach *breach, const uint8_t *hash,
    struct breach_seen *seen_out, struct trouble *why);

/* The files that a pattern (of glob(7)) names, for globfree().  Returns 0, or
 * an error; ERR_MISSING: there is none. */
int breach_glob(const char *pattern, glob_t *found_out, struct trouble *why);

/*
 * Looks a password up in every index that the pattern names; the one that has
 * seen it most often counts, whichever that may be.  Where one index may have
 * seen it enough times (1 or more), another that cannot be read does not
 * matter.  Returns 0, or an error, as breach_glob, too.
 */
int breach_search(const char *pattern, const char *password, uint32_t enough,
    struct breach_seen *seen_out, struct trouble *why);

/* Is told now and then how many pages are done. */
typedef void breach_progress(void *with, uint64_t pages);

/*
 * Reads all pages and checks everything in them.  progress may be NULL.
 * Returns 0, or an error with the page's number in *why.
 */
int breach_check(struct breach *breach, breach_progress *progress, void *with,
    struct trouble *why);

#endif
