#include "breach_list.h"

#include "mem.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- numbers ---- */

uint64_t
breach_list_get(const uint8_t *bytes, size_t at, unsigned size)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < size; i++)
		number += (uint64_t)bytes[at + i] << 8 * i;
	return number;
}

void
breach_list_put(uint8_t *bytes, size_t at, unsigned size, uint64_t number)
{
	for (unsigned i = 0; i < size; i++)
		bytes[at + i] = (uint8_t)(number >> 8 * i);
}

uint64_t
breach_list_random(uint64_t *state)
{
	uint64_t n = *state += UINT64_C(0x9e3779b97f4a7c15);

	n = (n ^ n >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	n = (n ^ n >> 27) * UINT64_C(0x94d049bb133111eb);
	return n ^ n >> 31;
}

/* ---- lines ---- */

void
breach_list_usual_classes(struct breach_list *list)
{
	static const uint32_t usual[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500,
		1000, 2000, 5000, 10000, 20000, 50000, 100000 };

	memcpy(list->class_least, usual, sizeof usual);
	list->classes = BREACH_CLASSES_MOST;
}

void
breach_list_add(struct breach_list *list, const uint8_t *hash, uint32_t count)
{
	if (list->count == list->room) {
		list->room = list->room * 2 + 64;
		list->lines =
		    realloc(list->lines, list->room * sizeof *list->lines);
		if (list->lines == NULL)
			abort();
	}
	memset(&list->lines[list->count], 0, sizeof *list->lines);
	memcpy(list->lines[list->count].hash, hash,
	    list->kind == BREACH_NT ? 16 : 20);
	list->lines[list->count++].count = count;
}

void
breach_list_add_password(struct breach_list *list, const char *password,
    uint32_t count)
{
	uint8_t hash[BREACH_HASH_MOST] = { 0 };

	if (breach_hash(list->kind == 0 ? BREACH_SHA1 : list->kind, password,
		strlen(password), hash) < 0)
		abort();
	breach_list_add(list, hash, count);
}

void
breach_list_add_many(struct breach_list *list, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t hash[24];

		for (unsigned j = 0; j < 3; j++)
			breach_list_put(hash, 8 * j, 8,
			    breach_list_random(&seed));
		breach_list_add(list, hash,
		    (uint32_t)(200000 /
			       (1 + breach_list_random(&seed) % 200000)));
	}
}

void
breach_list_free(struct breach_list *list)
{
	free(list->lines);
	list->lines = NULL;
	list->count = list->room = 0;
}

/* ---- entries ---- */

struct entry {
	uint64_t value;
	unsigned class;
};

static uint32_t
least_count(const struct breach_list *list)
{
	if (list->classes > 0)
		return list->class_least[0];
	return list->least_count > 0 ? list->least_count : 1;
}

/* The number of values; 0 means 2^64. */
static uint64_t
range_of(const struct breach_list *list)
{
	unsigned bits = list->bits > 0 ? list->bits : 24;
	uint64_t kept = 0;

	if (list->whole_range)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		kept += list->lines[i].count >= least_count(list);
	return (kept > 0 ? kept : 1) << bits;
}

/* As on paper, with digits of 32 bits. */
uint64_t
breach_list_scaled(uint64_t first, uint64_t range)
{
	uint64_t digits[4] = { 0 }, a[2], b[2];

	if (range == 0)
		return first;
	a[0] = first & UINT32_MAX;
	a[1] = first >> 32;
	b[0] = range & UINT32_MAX;
	b[1] = range >> 32;
	for (int i = 0; i < 2; i++) {
		uint64_t carry = 0;

		for (int j = 0; j < 2; j++) {
			carry += digits[i + j] + a[i] * b[j];
			digits[i + j] = carry & UINT32_MAX;
			carry >>= 32;
		}
		digits[i + 2] = carry;
	}
	return digits[3] << 32 | digits[2];
}

static uint64_t
value_of(const uint8_t *hash, uint64_t range)
{
	uint64_t first = 0;

	for (int i = 0; i < 8; i++)
		first = first * 256 + hash[i];
	return breach_list_scaled(first, range);
}

static unsigned
class_of(const struct breach_list *list, uint32_t count)
{
	unsigned class = 0;

	while (
	    class + 1 < list->classes && count >= list->class_least[class + 1])
		class ++;
	return class;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->class < y->class ? -1 : x->class > y->class;
}

/* Ascending entries without equals, to be freed. */
static struct entry *
make_entries(const struct breach_list *list, size_t *n_out)
{
	struct entry *entries = calloc(list->count + 1, sizeof *entries);
	uint64_t range = range_of(list);
	size_t n = 0, kept = 0;

	if (entries == NULL)
		abort();
	for (size_t i = 0; i < list->count; i++) {
		const struct breach_line *line = &list->lines[i];

		if (line->count < least_count(list))
			continue;
		entries[n].value = value_of(line->hash, range);
		entries[n++].class = class_of(list, line->count);
	}
	qsort(entries, n, sizeof *entries, compare_entries);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || entries[i].value != entries[i + 1].value)
			entries[kept++] = entries[i];
	*n_out = kept;
	return entries;
}

struct breach_seen
breach_list_seen(const struct breach_list *list, const uint8_t *hash)
{
	uint64_t range = range_of(list), value = value_of(hash, range);
	struct breach_seen seen = { 0, 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct breach_line *line = &list->lines[i];
		unsigned class = class_of(list, line->count);
		uint32_t least = list->classes > 0 ? list->class_least[class]
						   : least_count(list);

		if (line->count < least_count(list) || least < seen.least ||
		    value_of(line->hash, range) != value)
			continue;
		seen.least = least;
		seen.most = class + 1 < list->classes
				? list->class_least[class + 1] - 1
				: UINT32_MAX;
	}
	return seen;
}

/* ---- pages ---- */

static void
put_bit(uint8_t *page, unsigned *at, unsigned bit)
{
	page[BREACH_PAGE_PAYLOAD + *at / 8] |= (uint8_t)(bit << *at % 8);
	++*at;
}

/* How many bits n entries take with so many low ones, less their counts. */
static uint64_t
value_bits(const struct entry *entries, size_t n, unsigned low)
{
	uint64_t zeros = (entries[n - 1].value - entries[0].value) >> low;

	return zeros > UINT32_MAX ? UINT64_MAX / 2 : n * low + n + zeros;
}

static unsigned
best_low(const struct entry *entries, size_t n)
{
	unsigned best = 0;

	for (unsigned low = 1; low <= BREACH_LOW_MOST; low++)
		if (value_bits(entries, n, low) < value_bits(entries, n, best))
			best = low;
	return best;
}

static uint64_t
count_bits(const struct breach_list *list, const struct entry *entries,
    size_t n)
{
	uint64_t bits = 0;

	for (size_t i = 0; list->classes > 0 && i < n; i++)
		bits += entries[i].class + 1;
	return bits;
}

/* How many of n entries go into the next page: with more of them more bits
 * are needed, so what is not known is halved. */
static size_t
page_takes(const struct breach_list *list, const struct entry *entries,
    size_t n)
{
	size_t few = 1, many = BREACH_PAGE_ENTRIES;

	if (list->page_entries > 0)
		many = list->page_entries;
	if (many > n)
		many = n;
	while (few < many) {
		size_t middle = (few + many + 1) / 2;
		unsigned low = best_low(entries, middle);

		if (value_bits(entries, middle, low) +
			count_bits(list, entries, middle) <=
		    BREACH_PAYLOAD_BITS)
			few = middle;
		else
			many = middle - 1;
	}
	return few;
}

static void
write_page(const struct breach_list *list, const struct entry *entries,
    size_t n, uint64_t next, uint8_t *page)
{
	unsigned low = best_low(entries, n), at = 0;
	uint64_t base = entries[0].value, high = 0;

	breach_list_put(page, BREACH_PAGE_COUNT, 2, n);
	breach_list_put(page, BREACH_PAGE_LOW, 1, low);
	breach_list_put(page, BREACH_PAGE_BASE, 8, base);
	breach_list_put(page, BREACH_PAGE_NEXT, 8, next);
	for (size_t i = 0; i < n; i++)
		for (unsigned bit = 0; bit < low; bit++)
			put_bit(page, &at,
			    (entries[i].value - base) >> bit & 1);
	for (size_t i = 0; i < n; i++) {
		for (; high < (entries[i].value - base) >> low; high++)
			put_bit(page, &at, 0);
		put_bit(page, &at, 1);
	}
	for (size_t i = 0; list->classes > 0 && i < n; i++) {
		for (unsigned j = 0; j < entries[i].class; j++)
			put_bit(page, &at, 0);
		put_bit(page, &at, 1);
	}
}

/* ---- the header ---- */

static int
compare_prefixes(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
put_prefixes(const struct breach_list *list, uint8_t *header)
{
	AUTO_FREE uint32_t *all = calloc(list->count + 1, sizeof *all);
	uint32_t prefixes = 0;

	if (all == NULL)
		abort();
	for (size_t i = 0; i < list->count; i++)
		all[i] = (uint32_t)(value_of(list->lines[i].hash, 0) >> 44);
	qsort(all, list->count, sizeof *all, compare_prefixes);
	for (size_t i = 0; i < list->count; i++)
		prefixes += i == 0 || all[i] != all[i - 1];
	breach_list_put(header, BREACH_AT_PREFIXES, 4, prefixes);
	breach_list_put(header, BREACH_AT_FIRST_PREFIX, 4, all[0]);
	breach_list_put(header, BREACH_AT_LAST_PREFIX, 4,
	    list->count > 0 ? all[list->count - 1] : 0);
}

static void
put_lines(const struct breach_list *list, size_t entries, uint8_t *header)
{
	uint64_t zeros = 0, below = 0;

	for (size_t i = 0; i < list->count; i++) {
		uint32_t count = list->lines[i].count;

		zeros += count == 0;
		below += count > 0 && count < least_count(list);
	}
	breach_list_put(header, BREACH_AT_LINES, 8, list->count);
	breach_list_put(header, BREACH_AT_DUPLICATES, 8,
	    list->count - zeros - below - entries);
	breach_list_put(header, BREACH_AT_ZERO_COUNTS, 8, zeros);
	breach_list_put(header, BREACH_AT_BELOW_LEAST, 8, below);
}

static void
put_knots(const struct breach_list *list, uint32_t header_bytes, uint64_t pages,
    uint8_t *bytes)
{
	uint64_t knots = (header_bytes - 180 - 8) / 8;

	if (list->knots > 0 && knots > list->knots)
		knots = list->knots;
	if (knots > pages)
		knots = pages;
	breach_list_put(bytes, BREACH_AT_KNOT_COUNT, 2, knots);
	for (uint64_t j = 0; j < knots; j++) {
		size_t page = header_bytes + (size_t)(j * pages / knots) * 4096;

		breach_list_put(bytes, 180 + 8 * (size_t)j, 8,
		    breach_list_get(bytes, page + BREACH_PAGE_BASE, 8));
	}
}

static void
write_header(const struct breach_list *list, size_t entries, uint64_t pages,
    uint32_t header_bytes, uint8_t *bytes)
{
	bool nt = list->kind == BREACH_NT;

	memcpy(bytes, "\x89SLP\r\n\x1a\n", 8);
	breach_list_put(bytes, BREACH_AT_MAJOR, 2, 1);
	breach_list_put(bytes, BREACH_AT_HEADER_BYTES, 4, header_bytes);
	breach_list_put(bytes, BREACH_AT_PAGE_BYTES, 4, 4096);
	breach_list_put(bytes, BREACH_AT_KIND, 1, nt ? 2 : 1);
	breach_list_put(bytes, BREACH_AT_CODING, 1, 1);
	breach_list_put(bytes, BREACH_AT_COUNTS, 1, list->classes > 0);
	breach_list_put(bytes, BREACH_AT_ENTRIES, 8, entries);
	breach_list_put(bytes, BREACH_AT_PAGES, 8, pages);
	breach_list_put(bytes, BREACH_AT_RANGE, 8, range_of(list));
	breach_list_put(bytes, BREACH_AT_FILE_BYTES, 8,
	    header_bytes + pages * 4096);
	put_lines(list, entries, bytes);
	put_prefixes(list, bytes);
	breach_list_put(bytes, BREACH_AT_LEAST_COUNT, 4, least_count(list));
	memcpy(bytes + BREACH_AT_SELF_TEST,
	    nt ? "\x88\x46\xf7\xea\xee\x8f\xb1\x17"
	       : "\x5b\xaa\x61\xe4\xc9\xb9\x3f\x3f",
	    8);
	breach_list_put(bytes, BREACH_AT_CLASSES, 2, list->classes);
	for (unsigned i = 0; i < list->classes; i++)
		breach_list_put(bytes, 116 + 4 * i, 4, list->class_least[i]);
	put_knots(list, header_bytes, pages, bytes);
}

/* ---- the whole ---- */

void
breach_list_mend_page(uint8_t *page, uint64_t range, uint64_t number)
{
	breach_list_put(page, 0, 4, XXH64(page + 4, 4092, range + number));
}

void
breach_list_mend(uint8_t *bytes, size_t n)
{
	uint64_t range = breach_list_get(bytes, BREACH_AT_RANGE, 8);
	uint32_t header =
	    (uint32_t)breach_list_get(bytes, BREACH_AT_HEADER_BYTES, 4);

	if (header != BREACH_HEADER_SMALL && header != BREACH_HEADER_LARGE)
		header = BREACH_HEADER_SMALL;
	if (n < header)
		return;
	breach_list_put(bytes, header - 8, 8, XXH64(bytes, header - 8, 0));
	for (uint64_t i = 0; header + (i + 1) * 4096 <= n; i++)
		breach_list_mend_page(bytes + header + i * 4096, range, i);
}

uint8_t *
breach_list_bytes(const struct breach_list *list, size_t *n_out)
{
	uint32_t header_bytes =
	    list->header_bytes > 0 ? list->header_bytes : BREACH_HEADER_SMALL;
	size_t n, at = 0, pages = 0, took;
	AUTO_FREE struct entry *entries = make_entries(list, &n);
	uint8_t *bytes;

	for (; at < n; at += took, pages++)
		took = page_takes(list, entries + at, n - at);
	bytes = calloc(header_bytes + pages * 4096, 1);
	if (bytes == NULL)
		abort();
	*n_out = header_bytes;
	for (at = 0; at < n; at += took, *n_out += 4096) {
		took = page_takes(list, entries + at, n - at);
		write_page(list, entries + at, took,
		    at + took < n ? entries[at + took].value : range_of(list),
		    bytes + *n_out);
	}
	write_header(list, n, pages, header_bytes, bytes);
	breach_list_mend(bytes, *n_out);
	return bytes;
}

const char *
breach_list_write(const struct breach_list *list, const struct scratch *scratch,
    const char *name)
{
	size_t n;
	AUTO_FREE uint8_t *bytes = breach_list_bytes(list, &n);

	scratch_write(scratch, name, bytes, n);
	return scratch_path(scratch, name);
}
