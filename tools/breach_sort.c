#include "breach_sort.h"

#include "breach_output.h"
#include "io.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ENTRY_BYTES = sizeof(uint64_t) + 1, /* a hash and its step */
	BUCKETS = 256,			    /* one byte of the hash */
	FEW = 32,			    /* are sorted by insertion */
	CHUNK_MOST = 1 << 16,		    /* entries of a run read at once */
	CHUNK_LEAST = 256,
};

/* Hashes and steps, in two arrays that are permuted alike. */
struct pairs {
	uint64_t *hashes;
	uint8_t *steps;
};

/* A part of the spill file: count hashes in order, and then their steps.  A
 * chunk of it is in memory. */
struct run {
	off_t place;
	uint64_t count, read; /* entries in all, and before the chunk's end */
	struct pairs chunk;   /* borrowed */
	size_t at, end;
};

struct breach_sort {
	uint64_t memory;
	const char *spill; /* borrowed */
	size_t room;	   /* entries in memory */
	size_t used;
	struct pairs pairs; /* owned */
	uint64_t count, given;
	int fd; /* owned; -1: nothing was spilt */
	off_t end;
	struct run *runs; /* owned */
	size_t run_count;
	size_t *heap; /* owned; of runs, the lowest hash first */
	size_t heap_count;
	size_t chunk; /* entries of one run in memory */
};

static void
free_pairs(struct pairs *pairs)
{
	free(pairs->hashes);
	free(pairs->steps);
	*pairs = (struct pairs){ NULL, NULL };
}

static int
new_pairs(size_t n, struct pairs *pairs_out, struct trouble *why)
{
	struct pairs pairs = { malloc(n * sizeof *pairs.hashes), malloc(n) };

	if (pairs.hashes == NULL || pairs.steps == NULL) {
		free_pairs(&pairs);
		return err_say(why, ERR_MEMORY,
		    "there is not as much memory as --memory says");
	}
	*pairs_out = pairs;
	return 0;
}

int
breach_sort_new(uint64_t memory, const char *spill,
    struct breach_sort **sort_out, struct trouble *why)
{
	struct breach_sort *sort = calloc(1, sizeof *sort);
	int r;

	if (sort == NULL)
		return ERR_MEMORY;
	sort->fd = -1;
	sort->memory = memory;
	sort->spill = spill;
	sort->room = (size_t)(memory / ENTRY_BYTES);
	if ((r = new_pairs(sort->room, &sort->pairs, why)) < 0) {
		free(sort);
		return r;
	}
	*sort_out = sort;
	return 0;
}

void
breach_sort_free(struct breach_sort *sort)
{
	if (sort == NULL)
		return;
	free_pairs(&sort->pairs);
	mem_auto_close(&sort->fd);
	free(sort->runs);
	free(sort->heap);
	free(sort);
}

uint64_t
breach_sort_count(const struct breach_sort *sort)
{
	return sort->count;
}

uint64_t
breach_sort_given(const struct breach_sort *sort)
{
	return sort->given;
}

/* ---- in memory ---- */

static inline void
swap(struct pairs pairs, size_t a, size_t b)
{
	uint64_t hash = pairs.hashes[a];
	uint8_t step = pairs.steps[a];

	pairs.hashes[a] = pairs.hashes[b];
	pairs.steps[a] = pairs.steps[b];
	pairs.hashes[b] = hash;
	pairs.steps[b] = step;
}

static void
insertion_sort(struct pairs pairs, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++)
		for (size_t k = i;
		     k > from && pairs.hashes[k - 1] > pairs.hashes[k]; k--)
			swap(pairs, k - 1, k);
}

/* Puts each entry into the bucket of one of its bytes, in place: whatever is
 * at a bucket's next free place is swapped to where it belongs, until it is
 * one that belongs there. */
static void
distribute(struct pairs pairs, size_t from, size_t to, unsigned shift,
    size_t ends[BUCKETS])
{
	size_t next[BUCKETS], at = from;

	memset(ends, 0, BUCKETS * sizeof ends[0]);
	for (size_t i = from; i < to; i++)
		ends[pairs.hashes[i] >> shift & (BUCKETS - 1)]++;
	for (unsigned b = 0; b < BUCKETS; b++) {
		next[b] = at;
		at += ends[b];
		ends[b] = at;
	}
	for (unsigned b = 0; b < BUCKETS; b++)
		while (next[b] < ends[b]) {
			size_t i = next[b];
			unsigned home =
			    pairs.hashes[i] >> shift & (BUCKETS - 1);

			if (home != b)
				swap(pairs, i, next[home]);
			next[home]++;
		}
}

/* Sorts by the byte at shift, and by those below it.  It calls itself at most
 * once for each byte of a hash. */
static void
radix_sort(struct pairs pairs, size_t from, size_t to, unsigned shift)
{
	size_t ends[BUCKETS];

	if (to - from <= FEW) {
		insertion_sort(pairs, from, to);
		return;
	}
	distribute(pairs, from, to, shift, ends);
	if (shift == 0)
		return;
	for (unsigned b = 0; b < BUCKETS; b++) {
		radix_sort(pairs, from, ends[b], shift - 8);
		from = ends[b];
	}
}

/* ---- on disk ---- */

static int
spill_error(const struct breach_sort *sort, struct trouble *why)
{
	return err_say(why, ERR_IO, "a temporary file in %s: %m", sort->spill);
}

static int
write_spill(struct breach_sort *sort, const void *bytes, size_t n,
    struct trouble *why)
{
	if (io_write_at(sort->fd, bytes, n, sort->end) < 0)
		return spill_error(sort, why);
	sort->end += (off_t)n;
	return 0;
}

/* Writes what is in memory as a run. */
static int
spill(struct breach_sort *sort, struct trouble *why)
{
	struct run *runs =
	    realloc(sort->runs, (sort->run_count + 1) * sizeof *runs);
	int r;

	if (runs == NULL)
		return ERR_MEMORY;
	sort->runs = runs;
	if (sort->fd < 0 && (sort->fd = breach_output_scratch(sort->spill)) < 0)
		return spill_error(sort, why);
	runs[sort->run_count] =
	    (struct run){ .place = sort->end, .count = sort->used };
	radix_sort(sort->pairs, 0, sort->used, 56);
	if ((r = write_spill(sort, sort->pairs.hashes,
		 sort->used * sizeof(uint64_t), why)) < 0 ||
	    (r = write_spill(sort, sort->pairs.steps, sort->used, why)) < 0)
		return r;
	sort->run_count++;
	sort->used = 0;
	return 0;
}

int
breach_sort_add(struct breach_sort *sort, const struct breach_batch *batch,
    struct trouble *why)
{
	int r;

	if (sort->room - sort->used < batch->count &&
	    (r = spill(sort, why)) < 0)
		return r;
	memcpy(sort->pairs.hashes + sort->used, batch->hashes,
	    batch->count * sizeof batch->hashes[0]);
	for (size_t i = 0; i < batch->count; i++)
		sort->pairs.steps[sort->used + i] =
		    breach_step(batch->counts[i]);
	sort->used += batch->count;
	sort->count += batch->count;
	return 0;
}

/* ---- merging ---- */

static int
read_chunk(struct breach_sort *sort, struct run *run, struct trouble *why)
{
	uint64_t left = run->count - run->read;
	size_t n = left < sort->chunk ? (size_t)left : sort->chunk;

	run->at = 0;
	run->end = n;
	if (n == 0)
		return 0;
	if (io_read_at(sort->fd, run->chunk.hashes, n * sizeof(uint64_t),
		run->place + (off_t)(run->read * sizeof(uint64_t))) < 0 ||
	    io_read_at(sort->fd, run->chunk.steps, n,
		run->place + (off_t)(run->count * sizeof(uint64_t)) +
		    (off_t)run->read) < 0)
		return spill_error(sort, why);
	run->read += n;
	return 0;
}

static uint64_t
lowest(const struct breach_sort *sort, size_t place)
{
	const struct run *run = &sort->runs[sort->heap[place]];

	return run->chunk.hashes[run->at];
}

/* Moves what stands at a place down, until nothing below it is lower. */
static void
sift_down(struct breach_sort *sort, size_t place)
{
	for (;;) {
		size_t least = place, below = 2 * place + 1;

		for (size_t i = below; i < below + 2; i++)
			if (i < sort->heap_count &&
			    lowest(sort, i) < lowest(sort, least))
				least = i;
		if (least == place)
			return;
		size_t run = sort->heap[place];
		sort->heap[place] = sort->heap[least];
		sort->heap[least] = run;
		place = least;
	}
}

/* The memory that sorting took is what merging gets. */
static int
begin_merge(struct breach_sort *sort, struct trouble *why)
{
	int r;

	sort->chunk = sort->room / sort->run_count;
	if (sort->chunk > CHUNK_MOST)
		sort->chunk = CHUNK_MOST;
	if (sort->chunk < CHUNK_LEAST)
		return err_say(why, ERR_INPUT,
		    "the list is too long for so little --memory");
	sort->heap_count = 0;
	for (size_t i = 0; i < sort->run_count; i++) {
		struct run *run = &sort->runs[i];

		run->chunk.hashes = sort->pairs.hashes + i * sort->chunk;
		run->chunk.steps = sort->pairs.steps + i * sort->chunk;
		run->read = 0;
		if ((r = read_chunk(sort, run, why)) < 0)
			return r;
		sort->heap[sort->heap_count++] = i;
	}
	for (size_t i = sort->heap_count; i > 0; i--)
		sift_down(sort, i - 1);
	return 0;
}

int
breach_sort_start(struct breach_sort *sort, struct trouble *why)
{
	int r;

	sort->given = 0;
	if (sort->run_count == 0) {
		radix_sort(sort->pairs, 0, sort->used, 56);
		return 0;
	}
	if (sort->used > 0 && (r = spill(sort, why)) < 0)
		return r;
	if (sort->heap == NULL)
		sort->heap = calloc(sort->run_count, sizeof *sort->heap);
	if (sort->heap == NULL)
		return ERR_MEMORY;
	return begin_merge(sort, why);
}

static int
merge_one(struct breach_sort *sort, struct breach_batch *batch,
    struct trouble *why)
{
	struct run *run = &sort->runs[sort->heap[0]];
	int r;

	batch->hashes[batch->count] = run->chunk.hashes[run->at];
	batch->counts[batch->count] = breach_ladder[run->chunk.steps[run->at]];
	batch->count++;
	if (++run->at == run->end && (r = read_chunk(sort, run, why)) < 0)
		return r;
	if (run->end == 0)
		sort->heap[0] = sort->heap[--sort->heap_count];
	sift_down(sort, 0);
	return 0;
}

static void
copy_some(const struct breach_sort *sort, struct breach_batch *batch)
{
	size_t left = (size_t)(sort->count - sort->given);
	size_t n = left < BREACH_BATCH ? left : BREACH_BATCH;

	memcpy(batch->hashes, sort->pairs.hashes + sort->given,
	    n * sizeof batch->hashes[0]);
	for (size_t i = 0; i < n; i++)
		batch->counts[i] =
		    breach_ladder[sort->pairs.steps[sort->given + i]];
	batch->count = n;
}

int
breach_sort_next(struct breach_sort *sort, struct breach_batch *batch,
    struct trouble *why)
{
	int r;

	batch->count = 0;
	if (sort->run_count == 0)
		copy_some(sort, batch);
	while (sort->run_count > 0 && batch->count < BREACH_BATCH &&
	       sort->heap_count > 0)
		if ((r = merge_one(sort, batch, why)) < 0)
			return r;
	sort->given += batch->count;
	return 0;
}
