#include "breach_build.h"

#include "breach_output.h"
#include "breach_sort.h"
#include "breach_write.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* What a list may be denser than its first hashes are: the rate of
	 * false positives is then that much above 2^-k. */
	DENSER_PARTS = 32,
	COUNTS_TRIED = 1 << 16, /* for a size: the largest least count, + 1 */
};

/* A build at work. */
struct work {
	const struct breach_build *build; /* borrowed */
	uint32_t least;			  /* as build, or chosen for a size */
	struct breach_output output;
	struct breach_input *input; /* owned; so are the others */
	struct breach_sort *sort;   /* NULL: as long as the list is in order */
	struct breach_write *write;
	struct breach_lines lines;
	struct breach_text text;
	struct breach_batch batch;
	bool merging; /* the list comes from sort, not from input */
};

/* ---- one batch after the other ---- */

static void
tell(const struct work *work, bool ascending)
{
	const struct breach_build *build = work->build;
	struct breach_stage progress = { .doing = "reading",
		.lines = work->lines.lines,
		.part = breach_input_part(work->input),
		.ascending = ascending,
		.range = work->lines.prefix };

	if (build->watch == NULL)
		return;
	if (work->merging) {
		progress.doing = "writing";
		progress.lines = breach_sort_given(work->sort);
		progress.part = (double)progress.lines /
				(double)breach_sort_count(work->sort);
	}
	build->watch(build->watch_with, &progress);
}

/* Takes lines until the batch is full, the input ends, or a line is out of
 * order. */
static int
fill_batch(struct work *work, struct trouble *why)
{
	int r;

	work->batch.count = 0;
	for (;;) {
		r = breach_lines_take(&work->lines, &work->text, &work->batch,
		    why);
		if (r < 0 || work->lines.descends ||
		    work->batch.count == BREACH_BATCH)
			return r;
		r = breach_input_next(work->input, &work->text, why);
		if (r <= 0)
			return r;
		tell(work, work->lines.ascending);
	}
}

static int
begin_reading(struct work *work, bool ascending, struct trouble *why)
{
	const struct breach_build *build = work->build;

	work->merging = false;
	work->text = (struct breach_text){ .at = NULL };
	work->lines.words = build->words;
	work->lines.kind = build->kind;
	work->lines.counting = build->want_counts   ? BREACH_COUNTING_WANTED
			       : build->drop_counts ? BREACH_COUNTING_IGNORED
						    : BREACH_COUNTING_AS_FIRST;
	work->lines.least = work->least;
	work->lines.ascending = ascending;
	breach_lines_start(&work->lines);
	return breach_input_rewind(work->input, why);
}

/* ---- choosing the smallest count for a size ---- */

/* An upper bound for the size of an index of so many entries whose counts take
 * so many bits in all.  Elias-Fano takes at most 2 bits beside k. */
static uint64_t
size_for(const struct breach_build *build, uint64_t entries,
    uint64_t count_bits)
{
	double bits = (double)entries * (build->bits + 2.03) +
		      (double)(build->drop_counts ? 0 : count_bits);

	return BREACH_HEADER_LARGE +
	       BREACH_PAGE_BYTES * (2 + (uint64_t)(bits / BREACH_PAYLOAD_BITS));
}

/* The smallest count that keeps few enough; tally says how often each count
 * occurs, its last row also what is above.  0: there is none. */
static uint32_t
least_for_size(const struct breach_build *build, const uint64_t *tally)
{
	uint64_t entries = 0, steps = 0;
	uint32_t least = 0;

	for (uint32_t count = COUNTS_TRIED - 1; count > 0; count--) {
		uint64_t step = breach_step(count);

		entries += tally[count];
		/* what is in the last row may be on the last step */
		steps += tally[count] *
			 (count == COUNTS_TRIED - 1 ? BREACH_LADDER - 1 : step);
		if (size_for(build, entries, steps - entries * step + entries) >
		    build->target_bytes)
			break;
		least = count;
	}
	return least;
}

static int
tally_counts(struct work *work, uint64_t *tally, struct trouble *why)
{
	int r;

	if ((r = begin_reading(work, false, why)) < 0)
		return r;
	do {
		if ((r = fill_batch(work, why)) < 0)
			return r;
		for (size_t i = 0; i < work->batch.count; i++) {
			uint32_t count = work->batch.counts[i];

			tally[count < COUNTS_TRIED ? count
						   : COUNTS_TRIED - 1]++;
		}
	} while (work->batch.count > 0);
	return 0;
}

static int
choose_least(struct work *work, struct trouble *why)
{
	AUTO_FREE uint64_t *tally = calloc(COUNTS_TRIED, sizeof *tally);
	uint32_t least;
	int r;

	if (tally == NULL)
		return ERR_MEMORY;
	if (!breach_input_repeats(work->input))
		return err_say(why, ERR_INPUT,
		    "--target-size reads the list twice, so that it cannot "
		    "come from a pipe");
	if ((r = tally_counts(work, tally, why)) < 0)
		return r;
	if (work->lines.lines > 0 && !work->lines.counted)
		return err_say(why, ERR_INPUT,
		    "--target-size chooses by counts, and the list has none");
	if ((least = least_for_size(work->build, tally)) == 0)
		return err_say(why, ERR_INPUT,
		    "not even what was seen %d times or more fits into "
		    "--target-size",
		    COUNTS_TRIED - 1);
	work->least = least;
	return 0;
}

/* ---- putting a list in order ---- */

static int
sort_sample(struct work *work, const struct breach_sample *sample,
    struct trouble *why)
{
	struct breach_batch *batch = &work->batch;
	int r = 0;

	for (size_t i = 0; i < sample->count && r == 0; i += batch->count) {
		size_t left = sample->count - i;

		batch->count = left < BREACH_BATCH ? left : BREACH_BATCH;
		memcpy(batch->hashes, sample->hashes + i,
		    batch->count * sizeof batch->hashes[0]);
		memcpy(batch->counts, sample->counts + i,
		    batch->count * sizeof batch->counts[0]);
		r = breach_sort_add(work->sort, batch, why);
	}
	return r;
}

static int
sort_rest(struct work *work, struct trouble *why)
{
	int r;

	do {
		if ((r = fill_batch(work, why)) < 0 ||
		    (r = breach_sort_add(work->sort, &work->batch, why)) < 0)
			return r;
	} while (work->batch.count > 0);
	if ((r = breach_sort_start(work->sort, why)) < 0)
		return r;
	work->merging = true;
	return 0;
}

/* Where the reading has come to a line that is out of order: as long as all
 * before it is still a sample, goes on from there, else from the start. */
static int
sort_from_here(struct work *work, struct trouble *why)
{
	const struct breach_sample *sample = breach_write_sample(work->write);
	int r;

	if (sample == NULL && !breach_input_repeats(work->input))
		return err_say(why, ERR_INPUT,
		    "%s line %llu: it is out of order, and a pipe cannot be "
		    "read again: sort the list before, or put it into a file",
		    work->text.file, (unsigned long long)work->text.line + 1);
	r = breach_sort_new(work->build->memory, work->build->spill,
	    &work->sort, why);
	if (r < 0)
		return r;
	if (sample == NULL)
		r = begin_reading(work, false, why);
	else
		r = sort_sample(work, sample, why);
	work->lines.ascending = work->lines.descends = false;
	return r < 0 ? r : sort_rest(work, why);
}

/* ---- writing ---- */

static int
new_write(struct work *work, uint64_t entries, struct trouble *why)
{
	struct breach_write_choices choices = { .fd = work->output.fd,
		.file = work->build->output,
		.bits = work->build->bits,
		.counts = work->lines.counted && !work->build->drop_counts,
		.entries = entries };

	breach_write_free(work->write);
	work->write = breach_write_new(&choices);
	if (work->write == NULL)
		return ERR_MEMORY;
	if (ftruncate(work->output.fd, 0) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m",
		    work->build->output);
	return 0;
}

static int
next_batch(struct work *work, struct trouble *why)
{
	if (!work->merging)
		return fill_batch(work, why);
	tell(work, true);
	return breach_sort_next(work->sort, &work->batch, why);
}

/* Writes all pages; entries as in struct breach_write_choices.  What the first
 * line is like says whether there are counts. */
static int
write_pages(struct work *work, uint64_t entries, struct trouble *why)
{
	int r;

	if ((r = next_batch(work, why)) < 0 ||
	    (r = new_write(work, entries, why)) < 0)
		return r;
	while (work->batch.count > 0 || work->lines.descends) {
		r = breach_write_add(work->write, &work->batch, why);
		if (r == 0 && work->lines.descends &&
		    (r = sort_from_here(work, why)) == 0)
			r = new_write(work, entries, why);
		if (r < 0 || (r = next_batch(work, why)) < 0)
			return r;
	}
	return breach_write_pages(work->write, why);
}

static int
write_first(struct work *work, struct trouble *why)
{
	int r;

	if ((r = begin_reading(work, !work->build->words, why)) < 0)
		return r;
	if (work->build->words) {
		r = breach_sort_new(work->build->memory, work->build->spill,
		    &work->sort, why);
		if (r < 0 || (r = sort_rest(work, why)) < 0)
			return r;
	}
	return write_pages(work, 0, why);
}

static bool
is_too_dense(const struct work *work)
{
	uint64_t promised = breach_write_promised(work->write);

	return breach_write_entries(work->write) >
	       promised + promised / DENSER_PARTS;
}

/* A list that is denser than its beginning has too many entries for their
 * range.  Now their number is known. */
static int
write_again(struct work *work, struct trouble *why)
{
	uint64_t entries = breach_write_entries(work->write);
	int r;

	if (!work->merging && !breach_input_repeats(work->input))
		return err_say(why, ERR_INPUT,
		    "the list is denser than its first %d hashes are, and a "
		    "pipe cannot be read again: put the list into a file",
		    BREACH_SAMPLE);
	r = work->merging ? breach_sort_start(work->sort, why)
			  : begin_reading(work, true, why);
	return r < 0 ? r : write_pages(work, entries, why);
}

static int
write_index(struct work *work, struct trouble *why)
{
	int r;

	if ((r = write_first(work, why)) < 0)
		return r;
	if (breach_write_entries(work->write) == 0 &&
	    !work->build->input.partial)
		return err_say(why, ERR_INPUT,
		    "there is nothing to keep in the list; --partial makes an "
		    "index of nothing");
	return is_too_dense(work) ? write_again(work, why) : 0;
}

/* ---- the whole ---- */

static void
describe(const struct work *work, struct breach_about *about)
{
	const struct breach_lines *lines = &work->lines;
	struct breach_coverage coverage =
	    breach_prefixes_coverage(&lines->prefixes);

	*about = (struct breach_about){
		.kind = lines->kind == 0 ? BREACH_SHA1 : lines->kind,
		.lines = lines->lines,
		.zero_counts = lines->zero_counts,
		.below_least = lines->below_least,
		.least_count = work->least,
		.prefixes = coverage.count,
		.first_prefix = coverage.first,
		.last_prefix = coverage.last,
	};
}

static int
finish(struct work *work, struct breach_built *built, struct trouble *why)
{
	uint64_t target = work->build->target_bytes;
	int r;

	describe(work, &built->about);
	r = breach_write_header(work->write, &built->about, why);
	if (r < 0)
		return r;
	if (target > 0 && built->about.bytes > target)
		return err_say(why, ERR_INPUT,
		    "%llu bytes came out: the list is too uneven for "
		    "--target-size; use --min-count",
		    (unsigned long long)built->about.bytes);
	built->sorted = work->merging;
	built->not_utf8 = work->lines.not_utf8;
	built->prefixes = work->lines.prefixes;
	return breach_output_commit(&work->output, why);
}

static int
run(struct work *work, struct breach_built *built, struct trouble *why)
{
	const struct breach_build *build = work->build;
	int r;

	if ((r = breach_input_open(&build->input, &work->input, why)) < 0 ||
	    (r = breach_output_begin(build->output, &work->output, why)) < 0)
		return r;
	if (build->target_bytes > 0 && (r = choose_least(work, why)) < 0)
		return r;
	if ((r = write_index(work, why)) < 0)
		return r;
	return finish(work, built, why);
}

int
breach_build(const struct breach_build *build, struct breach_built *built_out,
    struct trouble *why)
{
	struct work *work = calloc(1, sizeof *work);
	int r;

	if (work == NULL)
		return ERR_MEMORY;
	work->build = build;
	work->least = build->least;
	work->output.dir = work->output.fd = -1;
	r = run(work, built_out, why);
	breach_write_free(work->write);
	breach_sort_free(work->sort);
	breach_input_close(work->input);
	breach_output_end(&work->output);
	free(work);
	return r;
}
