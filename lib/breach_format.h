/*
 * A breach index on disk; sallyport-breach(5) tells it to those who write
 * another reader.  One file: a header, then pages of 4096 bytes.  Every number
 * is little-endian and unaligned: read and written bytewise.
 *
 * Hashes are uniform, so the place of one can be computed.  An entry is the
 * first 64 bits of a hash (big-endian, so that their order is the list's),
 * scaled from 2^64 down to M values.  Entries ascend, and no two are equal:
 * hashes that become the same entry are one, with the larger of their counts.
 * With n entries a hash that is not in the list is taken for one that is with
 * probability n/M.
 */
#ifndef BREACH_FORMAT_H
#define BREACH_FORMAT_H

#include <stdint.h>

#define BREACH_MAGIC "\x89SLP\r\n\x1a\n" /* as PNG's: shows a text transfer */

enum {
	BREACH_MAGIC_BYTES = 8,
	BREACH_MAJOR = 1, /* another one: not for this reader */
	BREACH_MINOR = 0, /* a higher one: may be read all the same */

	BREACH_PAGE_BYTES = 4096,
	BREACH_HEADER_SMALL = 4096,  /* bytes, below BREACH_MANY entries */
	BREACH_HEADER_LARGE = 16384, /* so that the knots stay close */
	BREACH_MANY = 200 * 1000 * 1000,

	BREACH_SELF_TEST_BYTES = 8,

	BREACH_CODING_ELIAS_FANO = 1,
	BREACH_COUNTS_NONE = 0,
	BREACH_COUNTS_UNARY = 1,
	BREACH_CLASSES_MOST = 16,

	BREACH_PAGE_ENTRIES = 2048, /* at most */
	BREACH_LOW_MOST = 63,	    /* low bits of an entry, in its page */
	BREACH_BITS_LEAST = 16,	    /* k, in a false-positive rate of 2^-k */
	BREACH_BITS_MOST = 40,

	BREACH_PREFIX_BITS = 20, /* of a range file's name */
};

/* So that nothing computed from places in a file overflows 64 bits. */
#define BREACH_PAGES_MOST (UINT64_C(1) << 40)

/* Where what stands in the header. */
enum {
	BREACH_AT_MAGIC = 0,
	BREACH_AT_MAJOR = 8,	     /* 2 bytes */
	BREACH_AT_MINOR = 10,	     /* 2 */
	BREACH_AT_HEADER_BYTES = 12, /* 4 */
	BREACH_AT_PAGE_BYTES = 16,   /* 4 */
	BREACH_AT_KIND = 20,	     /* 1: enum breach_kind */
	BREACH_AT_CODING = 21,	     /* 1 */
	BREACH_AT_COUNTS = 22,	     /* 1 */
	BREACH_AT_FLAGS = 23,	     /* 1: none is defined; any other: refuse */
	BREACH_AT_ENTRIES = 24,	     /* 8: n */
	BREACH_AT_PAGES = 32,	     /* 8 */
	BREACH_AT_RANGE = 40,	     /* 8: M; 0 means 2^64 */
	BREACH_AT_FILE_BYTES = 48,   /* 8: the whole file's */
	/* What it was made from; lines = entries + the three dropped. */
	BREACH_AT_LINES = 56,	     /* 8 */
	BREACH_AT_DUPLICATES = 64,   /* 8: their entry was there already */
	BREACH_AT_ZERO_COUNTS = 72,  /* 8: padding of the range service */
	BREACH_AT_BELOW_LEAST = 80,  /* 8: seen less often than kept */
	BREACH_AT_LEAST_COUNT = 88,  /* 4: smallest count kept; not 0 */
	BREACH_AT_PREFIXES = 92,     /* 4: of 2^20, how many occur in lines */
	BREACH_AT_FIRST_PREFIX = 96, /* 4: the lowest that occurs */
	BREACH_AT_LAST_PREFIX = 100, /* 4: the highest */
	BREACH_AT_SELF_TEST = 104,   /* 8 bytes that begin "password"'s hash */
	BREACH_AT_CLASSES = 112,     /* 2: how many; 0 without counts */
	BREACH_AT_KNOT_COUNT = 114,  /* 2: 1 to pages; 0 without pages */
	/* 4 each: least count of each class; the first's is LEAST_COUNT */
	BREACH_AT_CLASS_LEAST = 116,
	/* 8 each: base of page floor(j * pages / knots) */
	BREACH_AT_KNOTS = BREACH_AT_CLASS_LEAST + 4 * BREACH_CLASSES_MOST,
	/* The last 8 bytes: XXH64, seed 0, of everything before.  Zeros
	 * between the last knot and them. */
	BREACH_SUM_BYTES = 8,
};

/*
 * Where what stands in a page.  Bit i of the payload is bit i % 8 of its byte
 * i / 8.  It holds, one after the other, without a gap:
 *
 *   low     the l lowest bits of each entry less base, entry by entry
 *   high    for each entry, as many zeros as its remaining bits exceed those
 *           of the entry before, and a one (Elias-Fano)
 *   counts  where there are counts, for each entry as many zeros as the
 *           number of its class, and a one
 *   zeros   to the page's end
 */
enum {
	BREACH_PAGE_SUM = 0,   /* 4: low half of XXH64 of everything behind
				it; seed: M + the page's number, so that
				no other index's page is taken for it */
	BREACH_PAGE_COUNT = 4, /* 2: entries, 1 to BREACH_PAGE_ENTRIES */
	BREACH_PAGE_LOW = 6,   /* 1: l, 0 to 63, as the page's density asks */
	BREACH_PAGE_FLAGS = 7, /* 1: none is defined; any other: refuse */
	BREACH_PAGE_BASE = 8,  /* 8: the first entry */
	BREACH_PAGE_NEXT = 16, /* 8: the next page's base; M for the last (0
				where M is 2^64) */
	BREACH_PAGE_PAYLOAD = 24,
	BREACH_PAYLOAD_BITS = 8 * (BREACH_PAGE_BYTES - BREACH_PAGE_PAYLOAD),
};

/* How many knots a header has room for. */
static inline uint32_t
breach_knots_most(uint32_t header_bytes)
{
	return (header_bytes - BREACH_AT_KNOTS - BREACH_SUM_BYTES) / 8;
}

/* floor(a * b / 2^64); many processors have one instruction for it. */
static inline uint64_t
breach_multiply_high(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	return (uint64_t)((unsigned __int128)a * b >> 64);
#else
	uint64_t a_low = a & UINT32_MAX, a_high = a >> 32;
	uint64_t b_low = b & UINT32_MAX, b_high = b >> 32;
	uint64_t cross = (a_low * b_low >> 32) + (a_high * b_low & UINT32_MAX) +
			 a_low * b_high;

	return a_high * b_high + (a_high * b_low >> 32) + (cross >> 32);
#endif
}

/* The entry that a hash becomes: its first 64 bits, scaled to M values. */
static inline uint64_t
breach_entry(uint64_t first_64_bits, uint64_t range)
{
	return range == 0 ? first_64_bits
			  : breach_multiply_high(first_64_bits, range);
}

#endif
