#include "breach_write.h"

#include "breach_encode.h"
#include "breach_page.h"
#include "io.h"
#include "pack.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* Entries that wait for their page: those of one, the one behind it,
	 * and room so that they need not be moved up for each page. */
	WINDOW = 4 * BREACH_PAGE_ENTRIES,
	PAGES_AT_ONCE = 64, /* 256 KiB a write */
	SPACING_BITS = 46,  /* with those of the sample: fewer than 64 */
};

struct breach_write {
	struct breach_write_choices choices;
	struct breach_sample *sample; /* owned; NULL once it was full */
	uint64_t promised; /* entries, where all are as dense as the sample */
	/* What it decides. */
	uint64_t range; /* M */
	uint32_t header_bytes;
	unsigned first_step;		   /* the first class's */
	unsigned lowest_step;		   /* that occurs */
	uint32_t step_bits[BREACH_LADDER]; /* that a count takes */
	/* Entries that are in no page yet: from start to end. */
	size_t start, end;
	uint64_t values[WINDOW];
	uint32_t sums[WINDOW + 1]; /* as struct breach_entries has them */
	uint8_t last_step;
	uint64_t entries;
	/* Pages that are not written yet. */
	uint64_t pages;
	unsigned waiting;
	uint8_t *room; /* owned */
};

struct breach_write *
breach_write_new(const struct breach_write_choices *choices)
{
	struct breach_write *write = calloc(1, sizeof *write);

	if (write == NULL)
		return NULL;
	write->choices = *choices;
	write->sample = calloc(1, sizeof *write->sample);
	write->room = malloc(PAGES_AT_ONCE * BREACH_PAGE_BYTES);
	if (write->sample == NULL || write->room == NULL) {
		breach_write_free(write);
		return NULL;
	}
	return write;
}

void
breach_write_free(struct breach_write *write)
{
	if (write == NULL)
		return;
	free(write->sample);
	free(write->room);
	free(write);
}

/* ---- pages ---- */

static off_t
page_place(const struct breach_write *write, uint64_t page)
{
	return (off_t)(write->header_bytes + page * BREACH_PAGE_BYTES);
}

static int
flush(struct breach_write *write, struct trouble *why)
{
	uint64_t first = write->pages - write->waiting;

	if (write->waiting == 0)
		return 0;
	if (io_write_at(write->choices.fd, write->room,
		write->waiting * (size_t)BREACH_PAGE_BYTES,
		page_place(write, first)) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m",
		    write->choices.file);
	write->waiting = 0;
	return 0;
}

/* Writes one page.  Behind its entries there is another one in the window,
 * except at the list's end. */
static int
put_page(struct breach_write *write, struct trouble *why)
{
	struct breach_entries entries = { write->values + write->start,
		write->sums + write->start, write->end - write->start };
	uint64_t next = write->range;
	unsigned low_bits;
	size_t n = breach_encode_fit(&entries, &low_bits);

	if (n < entries.count)
		next = entries.values[n];
	entries.count = n;
	breach_encode(&entries, low_bits, next, write->range + write->pages,
	    write->room + write->waiting * (size_t)BREACH_PAGE_BYTES);
	write->start += n;
	write->pages++;
	return ++write->waiting == PAGES_AT_ONCE ? flush(write, why) : 0;
}

/* Makes room in the window, by pages that are surely full. */
static int
put_full_pages(struct breach_write *write, struct trouble *why)
{
	size_t left;
	int r;

	while (write->end - write->start > BREACH_PAGE_ENTRIES)
		if ((r = put_page(write, why)) < 0)
			return r;
	left = write->end - write->start;
	memmove(write->values, write->values + write->start,
	    left * sizeof write->values[0]);
	memmove(write->sums, write->sums + write->start,
	    (left + 1) * sizeof write->sums[0]);
	write->start = 0;
	write->end = left;
	return 0;
}

/* Adds to the window, which has room for them all. */
static void
add_entries(struct breach_write *write, const uint64_t *hashes,
    const uint32_t *counts, size_t n)
{
	const uint64_t range = write->range;
	unsigned lowest = write->lowest_step;
	uint8_t last_step = write->last_step;
	size_t end = write->end;

	for (size_t i = 0; i < n; i++) {
		uint64_t entry = breach_entry(hashes[i], range);
		uint8_t step = breach_step(counts[i]);

		if (end > 0 && entry == write->values[end - 1]) {
			if (step <= last_step)
				continue;
			end--; /* the larger count is kept */
		} else if (last_step < lowest) {
			lowest = last_step;
		}
		write->values[end] = entry;
		write->sums[end + 1] =
		    write->sums[end] + write->step_bits[step];
		last_step = step;
		end++;
	}
	write->lowest_step = lowest;
	write->last_step = last_step;
	write->entries += end - write->end;
	write->end = end;
}

static int
add_hashes(struct breach_write *write, const uint64_t *hashes,
    const uint32_t *counts, size_t n, struct trouble *why)
{
	while (n > 0) {
		size_t some = n < BREACH_PAGE_ENTRIES ? n : BREACH_PAGE_ENTRIES;
		int r;

		if (WINDOW - write->end < some &&
		    (r = put_full_pages(write, why)) < 0)
			return r;
		add_entries(write, hashes, counts, some);
		hashes += some;
		counts += some;
		n -= some;
	}
	return 0;
}

/* ---- the sample ---- */

/* How many hashes there are in all if they are as dense everywhere. */
static uint64_t
promise(const struct breach_sample *sample)
{
	uint64_t span = sample->hashes[BREACH_SAMPLE - 1] - sample->hashes[0];

	span >>= 64 - SPACING_BITS;
	if (span == 0)
		span = 1;
	return ((uint64_t)(BREACH_SAMPLE - 1) << SPACING_BITS) / span;
}

/* M; 0 means 2^64, and more than that there is not. */
static uint64_t
range_for(uint64_t entries, unsigned bits)
{
	return entries >> (64 - bits) != 0 ? 0 : entries << bits;
}

static uint32_t
least_count(const struct breach_sample *sample)
{
	uint32_t least = sample->count > 0 ? UINT32_MAX : 1;

	for (size_t i = 0; i < sample->count; i++)
		if (sample->counts[i] < least)
			least = sample->counts[i];
	return least;
}

/* Should a smaller count than the sample's come later, then it is one of the
 * first class, which begins where the smallest is. */
static void
decide_classes(struct breach_write *write)
{
	unsigned first = breach_step(least_count(write->sample));

	write->first_step = write->lowest_step = first;
	write->last_step = BREACH_LADDER; /* of no entry yet */
	for (unsigned step = 0; write->choices.counts && step < BREACH_LADDER;
	     step++)
		write->step_bits[step] = step < first ? 1 : step - first + 1;
}

/* entries: how many there are, as far as is known. */
static int
end_sample(struct breach_write *write, uint64_t entries, struct trouble *why)
{
	int r;

	if (write->choices.entries != 0)
		entries = write->choices.entries;
	decide_classes(write);
	write->promised = entries;
	write->range = range_for(entries, write->choices.bits);
	write->header_bytes =
	    entries < BREACH_MANY ? BREACH_HEADER_SMALL : BREACH_HEADER_LARGE;
	r = add_hashes(write, write->sample->hashes, write->sample->counts,
	    write->sample->count, why);
	free(write->sample);
	write->sample = NULL;
	return r;
}

/* Adds to the sample what fits, each hash once.  Returns how many are used. */
static size_t
add_sample(struct breach_sample *sample, const struct breach_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		uint64_t hash = batch->hashes[i];
		uint32_t count = batch->counts[i];
		size_t n = sample->count;

		if (n > 0 && hash == sample->hashes[n - 1]) {
			if (count > sample->counts[n - 1])
				sample->counts[n - 1] = count;
			continue;
		}
		if (n == BREACH_SAMPLE)
			return i;
		sample->hashes[n] = hash;
		sample->counts[n] = count;
		sample->count++;
	}
	return batch->count;
}

const struct breach_sample *
breach_write_sample(const struct breach_write *write)
{
	return write->sample;
}

int
breach_write_add(struct breach_write *write, const struct breach_batch *batch,
    struct trouble *why)
{
	size_t used = 0;
	int r;

	if (write->sample != NULL) {
		used = add_sample(write->sample, batch);
		if (used == batch->count)
			return 0;
		r = end_sample(write, promise(write->sample), why);
		if (r < 0)
			return r;
	}
	return add_hashes(write, batch->hashes + used, batch->counts + used,
	    batch->count - used, why);
}

int
breach_write_pages(struct breach_write *write, struct trouble *why)
{
	int r;

	if (write->sample != NULL &&
	    (r = end_sample(write, write->sample->count, why)) < 0)
		return r;
	while (write->start < write->end)
		if ((r = put_page(write, why)) < 0)
			return r;
	return flush(write, why);
}

uint64_t
breach_write_entries(const struct breach_write *write)
{
	return write->entries;
}

uint64_t
breach_write_promised(const struct breach_write *write)
{
	return write->promised;
}

/* ---- the header ---- */

/* Of what count the lowest step is; the last entry is not among them yet. */
static unsigned
lowest_step(const struct breach_write *write)
{
	return write->last_step < write->lowest_step ? write->last_step
						     : write->lowest_step;
}

static void
fill_in(const struct breach_write *write, struct breach_about *about)
{
	about->entries = write->entries;
	about->pages = write->pages;
	about->bytes = (uint64_t)page_place(write, write->pages);
	about->range = write->range;
	about->duplicates = about->lines - about->zero_counts -
			    about->below_least - about->entries;
	about->classes = 0;
	if (about->least_count == 1)
		about->least_count = breach_ladder[lowest_step(write)];
	if (!write->choices.counts)
		return;
	for (unsigned step = write->first_step; step < BREACH_LADDER; step++)
		about->class_least[about->classes++] = breach_ladder[step];
	about->class_least[0] = about->least_count;
}

/* Where something stands in a header that is being packed. */
static void
put(uint8_t *header, unsigned at, uint64_t number, size_t bytes)
{
	struct pack pack = { header + at, bytes, false };

	pack_number(&pack, number, bytes);
}

static int
put_knots(const struct breach_write *write, uint8_t *header,
    struct trouble *why)
{
	uint64_t knots = breach_knots_most(write->header_bytes);
	uint8_t base[8];

	if (write->pages < knots)
		knots = write->pages;
	put(header, BREACH_AT_KNOT_COUNT, knots, 2);
	for (uint64_t j = 0; j < knots; j++) {
		off_t place = page_place(write, j * write->pages / knots);

		if (io_read_at(write->choices.fd, base, sizeof base,
			place + BREACH_PAGE_BASE) < 0)
			return err_say(why, ERR_IO, "cannot read back %s: %m",
			    write->choices.file);
		memcpy(header + BREACH_AT_KNOTS + 8 * j, base, sizeof base);
	}
	return 0;
}

static void
put_form(const struct breach_write *write, const struct breach_about *about,
    uint8_t *header)
{
	static const char known[] = "password";
	uint8_t hash[BREACH_HASH_MOST];

	memcpy(header + BREACH_AT_MAGIC, BREACH_MAGIC, BREACH_MAGIC_BYTES);
	put(header, BREACH_AT_MAJOR, BREACH_MAJOR, 2);
	put(header, BREACH_AT_MINOR, BREACH_MINOR, 2);
	put(header, BREACH_AT_HEADER_BYTES, write->header_bytes, 4);
	put(header, BREACH_AT_PAGE_BYTES, BREACH_PAGE_BYTES, 4);
	put(header, BREACH_AT_KIND, about->kind, 1);
	put(header, BREACH_AT_CODING, BREACH_CODING_ELIAS_FANO, 1);
	put(header, BREACH_AT_COUNTS,
	    about->classes > 0 ? BREACH_COUNTS_UNARY : BREACH_COUNTS_NONE, 1);
	(void)breach_hash(about->kind, known, sizeof known - 1, hash);
	memcpy(header + BREACH_AT_SELF_TEST, hash, BREACH_SELF_TEST_BYTES);
}

static void
put_about(const struct breach_about *about, uint8_t *header)
{
	put(header, BREACH_AT_ENTRIES, about->entries, 8);
	put(header, BREACH_AT_PAGES, about->pages, 8);
	put(header, BREACH_AT_RANGE, about->range, 8);
	put(header, BREACH_AT_FILE_BYTES, about->bytes, 8);
	put(header, BREACH_AT_LINES, about->lines, 8);
	put(header, BREACH_AT_DUPLICATES, about->duplicates, 8);
	put(header, BREACH_AT_ZERO_COUNTS, about->zero_counts, 8);
	put(header, BREACH_AT_BELOW_LEAST, about->below_least, 8);
	put(header, BREACH_AT_LEAST_COUNT, about->least_count, 4);
	put(header, BREACH_AT_PREFIXES, about->prefixes, 4);
	put(header, BREACH_AT_FIRST_PREFIX, about->first_prefix, 4);
	put(header, BREACH_AT_LAST_PREFIX, about->last_prefix, 4);
	put(header, BREACH_AT_CLASSES, about->classes, 2);
	for (unsigned i = 0; i < about->classes; i++)
		put(header, BREACH_AT_CLASS_LEAST + 4 * i,
		    about->class_least[i], 4);
}

int
breach_write_header(struct breach_write *write, struct breach_about *about,
    struct trouble *why)
{
	uint32_t sum_at = write->header_bytes - BREACH_SUM_BYTES;
	uint8_t header[BREACH_HEADER_LARGE] = { 0 };
	int r;

	fill_in(write, about);
	put_form(write, about, header);
	put_about(about, header);
	if ((r = put_knots(write, header, why)) < 0)
		return r;
	put(header, sum_at, breach_sum(header, sum_at, 0), BREACH_SUM_BYTES);
	if (io_write_at(write->choices.fd, header, write->header_bytes, 0) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m",
		    write->choices.file);
	return 0;
}
