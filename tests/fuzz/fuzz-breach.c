/*
 * breach: an index, and its pages.
 *
 * Input: a byte, then what it says.
 *
 *	0  a page: how many classes there are, what its bytes are filled with,
 *	   M and its number (8 bytes each), an entry (8); its head; then in two
 *	   bytes where in the payload the rest is put
 *	1  a list: how it is written (take_list), in one byte how many lines it
 *	   has, the lines (take_line); then changes to the file (input_edit).
 *	   Bit 7 of the first byte: the sums are made right again
 *
 * Oracle: the reader below, which takes a file bit by bit from the front and
 * keeps all it finds.  What it takes is opened, checked and says the same of
 * each hash; what it refuses is refused.  A hash that a changed file, of which
 * the sums were left alone, has an answer to has the same in the list.
 */
#include "../breach_list.h"
#include "breach_page.h"
#include "fuzz.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MOST = 200, FOUND_MOST = LINES_MOST * BREACH_PAGE_ENTRIES };

static const char file_name[] = "x.breach";

/* ---- a slow reader ---- */

struct found {
	uint64_t entry;
	unsigned class;
};

/* All that is in an index, or in a page. */
struct slow {
	const uint8_t *bytes;
	uint64_t range;
	unsigned classes;
	struct found found[FOUND_MOST];
	size_t count;
};

static unsigned
bit(const uint8_t *page, unsigned at)
{
	return page[BREACH_PAGE_PAYLOAD + at / 8] >> at % 8 & 1;
}

/* How many zeros stand before the next one; false: there is none. */
static bool
zeros_to_one(const uint8_t *page, unsigned *at, unsigned *zeros_out)
{
	unsigned from = *at;

	while (*at < BREACH_PAYLOAD_BITS && bit(page, *at) == 0)
		*at += page[BREACH_PAGE_PAYLOAD + *at / 8] >> *at % 8 == 0
			   ? 8 - *at % 8 /* all that is left of the byte */
			   : 1;
	*zeros_out = *at - from;
	return (*at)++ < BREACH_PAYLOAD_BITS;
}

static bool
slow_head(const struct slow *slow, const uint8_t *page)
{
	uint64_t count = breach_list_get(page, BREACH_PAGE_COUNT, 2);
	uint64_t base = breach_list_get(page, BREACH_PAGE_BASE, 8);
	uint64_t next = breach_list_get(page, BREACH_PAGE_NEXT, 8);

	if (count == 0 || count > 2048 || page[BREACH_PAGE_LOW] > 63 ||
	    count * (page[BREACH_PAGE_LOW] + 1U) > BREACH_PAYLOAD_BITS ||
	    page[BREACH_PAGE_FLAGS] != 0)
		return false;
	if (next == 0)
		return slow->range == 0;
	return base < next && (slow->range == 0 || next <= slow->range);
}

static bool
slow_page(struct slow *slow, const uint8_t *page)
{
	unsigned count = (unsigned)breach_list_get(page, BREACH_PAGE_COUNT, 2);
	uint64_t base = breach_list_get(page, BREACH_PAGE_BASE, 8), high = 0;
	uint64_t next = breach_list_get(page, BREACH_PAGE_NEXT, 8);
	unsigned low = page[BREACH_PAGE_LOW], at = count * low, zeros;
	struct found *found = slow->found + slow->count;

	for (unsigned i = 0; i < count; i++) {
		uint64_t above, entry;

		if (!zeros_to_one(page, &at, &zeros))
			return false;
		high += zeros;
		above = high << low;
		if (above >> low != high)
			return false;
		for (unsigned j = 0; j < low; j++)
			above += (uint64_t)bit(page, i * low + j) << j;
		entry = base + above;
		if (entry < base || (next != 0 && entry >= next) ||
		    (i > 0 && entry <= found[i - 1].entry))
			return false;
		found[i].entry = entry;
		found[i].class = 0;
	}
	if (found[0].entry != base)
		return false;
	for (unsigned i = 0; slow->classes > 0 && i < count; i++) {
		if (!zeros_to_one(page, &at, &found[i].class) ||
		    found[i].class >= slow->classes)
			return false;
	}
	slow->count += count;
	return !zeros_to_one(page, &at, &zeros);
}

static const struct found *
slow_find(const struct slow *slow, uint64_t entry)
{
	for (size_t i = 0; i < slow->count; i++)
		if (slow->found[i].entry == entry)
			return &slow->found[i];
	return NULL;
}

static uint64_t
number(const struct slow *slow, size_t at, unsigned size)
{
	return breach_list_get(slow->bytes, at, size);
}

/* Numbers of an index that have only one right value, or few. */
static bool
slow_form(const struct slow *slow)
{
	const uint8_t *bytes = slow->bytes;
	uint64_t kind = number(slow, BREACH_AT_KIND, 1);

	return memcmp(bytes, "\x89SLP\r\n\x1a\n\x01\0", 10) == 0 &&
	       number(slow, BREACH_AT_PAGE_BYTES, 4) == 4096 &&
	       number(slow, BREACH_AT_CODING, 1) == 1 &&
	       number(slow, BREACH_AT_FLAGS, 1) == 0 &&
	       ((kind == 1 &&
		    memcmp(bytes + BREACH_AT_SELF_TEST,
			"\x5b\xaa\x61\xe4\xc9\xb9\x3f\x3f", 8) == 0) ||
		   (kind == 2 &&
		       memcmp(bytes + BREACH_AT_SELF_TEST,
			   "\x88\x46\xf7\xea\xee\x8f\xb1\x17", 8) == 0));
}

static bool
slow_classes(const struct slow *slow)
{
	uint64_t least = number(slow, BREACH_AT_LEAST_COUNT, 4);

	if (least == 0 || slow->classes > BREACH_CLASSES_MOST ||
	    number(slow, BREACH_AT_COUNTS, 1) != (slow->classes > 0))
		return false;
	for (unsigned i = 0; i < slow->classes; i++) {
		uint64_t its = number(slow, BREACH_AT_CLASS_LEAST + 4 * i, 4);

		if (i == 0 ? its != least
			   : its <= number(slow,
					BREACH_AT_CLASS_LEAST + 4 * (i - 1), 4))
			return false;
	}
	return true;
}

static bool
slow_source(const struct slow *slow)
{
	uint64_t prefixes = number(slow, BREACH_AT_PREFIXES, 4);
	uint64_t first = number(slow, BREACH_AT_FIRST_PREFIX, 4);
	uint64_t last = number(slow, BREACH_AT_LAST_PREFIX, 4);

	return number(slow, BREACH_AT_LINES, 8) ==
		   number(slow, BREACH_AT_ENTRIES, 8) +
		       number(slow, BREACH_AT_DUPLICATES, 8) +
		       number(slow, BREACH_AT_ZERO_COUNTS, 8) +
		       number(slow, BREACH_AT_BELOW_LEAST, 8) &&
	       first <= last && last <= 0xfffff && first + prefixes <= last + 1;
}

/* As far as the header alone can tell. */
static bool
slow_knots(const struct slow *slow, uint64_t pages, size_t header)
{
	uint64_t knots = number(slow, BREACH_AT_KNOT_COUNT, 2);

	if (knots > pages || (knots == 0) != (pages == 0) ||
	    180 + 8 * knots + 8 > header)
		return false;
	for (size_t i = 0; i < knots; i++) {
		uint64_t knot = number(slow, 180 + 8 * i, 8);

		if ((slow->range != 0 && knot >= slow->range) ||
		    (i > 0 && knot <= number(slow, 180 + 8 * (i - 1), 8)))
			return false;
	}
	return true;
}

static bool
slow_header(struct slow *slow, size_t n)
{
	size_t header = (size_t)number(slow, BREACH_AT_HEADER_BYTES, 4);
	uint64_t pages = number(slow, BREACH_AT_PAGES, 8);
	uint64_t entries = number(slow, BREACH_AT_ENTRIES, 8);

	slow->range = number(slow, BREACH_AT_RANGE, 8);
	slow->classes = (unsigned)number(slow, BREACH_AT_CLASSES, 2);
	if (!slow_form(slow) || (header != 4096 && header != 16384) ||
	    header > n || pages != (n - header) / 4096 ||
	    number(slow, BREACH_AT_FILE_BYTES, 8) != n)
		return false;
	if (entries < pages || entries > pages * 2048 ||
	    (slow->range != 0 && entries > slow->range))
		return false;
	return slow_classes(slow) && slow_source(slow) &&
	       slow_knots(slow, pages, header);
}

static bool
slow_pages(struct slow *slow, size_t n)
{
	size_t header = (size_t)number(slow, BREACH_AT_HEADER_BYTES, 4);
	uint64_t knots = number(slow, BREACH_AT_KNOT_COUNT, 2), next = 0;
	uint64_t pages = (n - header) / 4096;

	for (size_t i = 0; i < pages; i++) {
		const uint8_t *page = slow->bytes + header + i * 4096;
		uint64_t base = breach_list_get(page, BREACH_PAGE_BASE, 8);

		if (!slow_head(slow, page) || !slow_page(slow, page) ||
		    (i > 0 && (base != next || next == 0)))
			return false;
		for (size_t j = 0; j < knots; j++)
			if (j * pages / knots == i &&
			    number(slow, 180 + 8 * j, 8) != base)
				return false;
		next = breach_list_get(page, BREACH_PAGE_NEXT, 8);
	}
	return (pages == 0 || next == slow->range) &&
	       slow->count == number(slow, BREACH_AT_ENTRIES, 8);
}

/* ---- a page ---- */

/* The page's answer to an entry it answers for. */
static int
page_class(const struct breach_page *page, const struct slow *slow,
    uint64_t entry)
{
	unsigned most = slow->classes > 0 ? slow->classes : 1;
	int class = -7, r;

	r = breach_page_find(page, slow->classes, entry, &class);
	MUST(r == 0 || r == ERR_DAMAGED);
	MUST(class >= BREACH_NO_CLASS && class < (int)most);
	return r < 0 ? -7 : class;
}

static void
page_agrees(const struct breach_page *page, const struct slow *slow,
    uint64_t entry)
{
	const struct found *found = slow_find(slow, entry);

	if (entry >= page->base && entry <= page->last)
		MUST(page_class(page, slow, entry) ==
		     (found == NULL ? BREACH_NO_CLASS : (int)found->class));
}

static void
check_page(struct input *input, struct slow *slow)
{
	/* Of exactly this size, so that a sanitizer sees who reads on. */
	AUTO_FREE uint8_t *bytes = malloc(BREACH_PAGE_ROOM);
	uint64_t its_number, entry;
	struct breach_page page;
	size_t at;
	int r;

	MUST(bytes != NULL);
	slow->classes =
	    (unsigned)input_number(input, 1) % (BREACH_CLASSES_MOST + 1);
	memset(bytes, (int)input_number(input, 1), BREACH_PAGE_ROOM);
	slow->range = input_number(input, 8);
	its_number = input_number(input, 8);
	entry = input_number(input, 8);
	(void)input_bytes(input, bytes + BREACH_PAGE_COUNT,
	    BREACH_PAGE_PAYLOAD - BREACH_PAGE_COUNT);
	at =
	    BREACH_PAGE_PAYLOAD + (size_t)input_number(input, 2) %
				      (BREACH_PAGE_BYTES - BREACH_PAGE_PAYLOAD);
	if (input->left > BREACH_PAGE_BYTES - at)
		input->left = BREACH_PAGE_BYTES - at;
	(void)input_bytes(input, bytes + at, input->left);
	breach_list_mend_page(bytes, slow->range, its_number);
	r = breach_page_take(bytes, its_number, slow->range, &page);
	MUST(r == (slow_head(slow, bytes) ? 0 : ERR_DAMAGED));
	if (r < 0)
		return;
	if (!slow_page(slow, bytes)) {
		MUST(breach_page_check(&page, slow->classes) == ERR_DAMAGED);
		(void)page_class(&page, slow, page.base);
		(void)page_class(&page, slow, page.last);
		if (entry >= page.base && entry <= page.last)
			(void)page_class(&page, slow, entry);
		return;
	}
	MUST(breach_page_check(&page, slow->classes) == 0);
	page_agrees(&page, slow, entry);
	page_agrees(&page, slow, page.last);
	for (size_t i = 0; i < slow->count; i++)
		for (int beside = -1; beside <= 1; beside++)
			page_agrees(&page, slow,
			    slow->found[i].entry + (uint64_t)beside);
}

/* ---- a list ---- */

static void
take_line(struct input *input, struct breach_list *list, uint64_t *first)
{
	static const uint32_t counts[] = { 0, 1, 2, 3, 4, 9, 100, UINT32_MAX };
	uint8_t how = (uint8_t)input_number(input, 1), hash[BREACH_HASH_MOST];

	/* Up to eight bytes further, or back. */
	*first += input_number(input, (how & 7) + 1);
	memset(hash, how, sizeof hash);
	for (int i = 0; i < 8; i++)
		hash[i] = (uint8_t)(*first >> (56 - 8 * i));
	breach_list_add(list, hash, counts[how >> 3 & 7]);
}

static void
take_list(struct input *input, struct breach_list *list)
{
	uint8_t how = (uint8_t)input_number(input, 1);
	uint64_t first = 0;
	size_t lines;

	list->kind = how & 1 ? BREACH_NT : BREACH_SHA1;
	list->whole_range = (how & 2) != 0;
	list->header_bytes = how & 4 ? BREACH_HEADER_LARGE : 0;
	if (how & 8)
		breach_list_usual_classes(list);
	list->least_count = how & 16 ? 3 : 0;
	list->bits = 16 + (unsigned)input_number(input, 1) % 25;
	list->page_entries = (unsigned)input_number(input, 1);
	list->knots = (unsigned)input_number(input, 1);
	lines = (size_t)input_number(input, 1) % (LINES_MOST + 1);
	for (size_t i = 0; i < lines && input->left > 0; i++)
		take_line(input, list, &first);
}

static struct breach_seen
slow_seen(const struct slow *slow, uint64_t first)
{
	const struct found *found =
	    slow_find(slow, breach_list_scaled(first, slow->range));
	struct breach_seen seen = { 0, 0 };
	size_t at;

	if (found == NULL)
		return seen;
	seen.least = (uint32_t)number(slow, BREACH_AT_LEAST_COUNT, 4);
	seen.most = UINT32_MAX;
	at = BREACH_AT_CLASS_LEAST + 4 * found->class;
	if (slow->classes > 0)
		seen.least = (uint32_t)number(slow, at, 4);
	if (found->class + 1 < slow->classes)
		seen.most = (uint32_t)number(slow, at + 4, 4) - 1;
	return seen;
}

/* Looks up what the list has, and what is beside it. */
static void
look_all(struct breach *breach, const struct breach_list *list,
    const struct slow *slow, bool intact)
{
	for (size_t i = 0; i < 3 * list->count; i++) {
		uint8_t hash[BREACH_HASH_MOST];
		struct breach_seen seen = { 7, 7 }, want;
		struct trouble why = { "" };
		uint64_t first = 0;
		int r;

		memcpy(hash, list->lines[i / 3].hash, sizeof hash);
		hash[7] = (uint8_t)(hash[7] + i % 3); /* nearly beside it */
		for (int j = 0; j < 8; j++)
			first = first << 8 | hash[j];
		r = breach_look(breach, hash, &seen, &why);
		if (r < 0) {
			MUST(r == ERR_DAMAGED && is_one_line(&why) && !intact);
			MUST(seen.least == 7 && seen.most == 7);
			continue;
		}
		if (slow == NULL)
			want = breach_list_seen(list, hash);
		else if (intact)
			want = slow_seen(slow, first);
		else
			continue;
		MUST(seen.least == want.least && seen.most == want.most);
	}
}

static void
check_list(struct input *input, bool mend, struct slow *slow)
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_BREACH struct breach *breach = NULL;
	struct trouble why = { "" };
	bool changed, intact;
	size_t n;
	int r;

	take_list(input, &list);
	slow->bytes = bytes = breach_list_bytes(&list, &n);
	changed = input_edit(input, bytes, n);
	if (mend)
		breach_list_mend(bytes, n);
	scratch_write(fuzz_store(), file_name, bytes, n);
	r = breach_open(scratch_path(fuzz_store(), file_name), &breach, &why);
	if (changed && !mend) {
		MUST(r == 0 || (r == ERR_DAMAGED && is_one_line(&why)));
		if (r == 0)
			look_all(breach, &list, NULL, false);
		return;
	}
	if (!slow_header(slow, n)) {
		MUST(r == ERR_DAMAGED && is_one_line(&why));
		return;
	}
	MUST(r == 0);
	intact = slow_pages(slow, n);
	MUST(intact || changed);
	MUST(breach_check(breach, NULL, NULL, &why) ==
	     (intact ? 0 : ERR_DAMAGED));
	look_all(breach, &list, slow, intact);
	if (!changed)
		look_all(breach, &list, NULL, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct slow slow;
	struct input input = { bytes, n };
	uint8_t kind = (uint8_t)input_number(&input, 1);

	slow.count = 0;
	switch (kind & 0x7f) {
	case 0:
		check_page(&input, &slow);
		break;
	case 1:
		check_list(&input, kind >> 7, &slow);
		break;
	default:
		break;
	}
	return 0;
}
