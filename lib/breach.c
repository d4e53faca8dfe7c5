#include "breach.h"

#include "breach_page.h"
#include "io.h"
#include "mem.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	GUESSES = 4,	      /* by interpolation; then the bracket is halved */
	MANY_PAGES = 1 << 30, /* in a bracket: any guess is near an edge */
	PROGRESS_PAGES = 4096,
};

/* Neighbouring pages.  The first one's base is least, and the last one answers
 * up to most. */
struct bracket {
	uint64_t first, end, least, most;
};

/* What tells of the hash looked for; wiped after each lookup. */
struct look {
	uint64_t entry;
	struct bracket within;
	struct breach_page page;
	uint64_t have_first; /* page in the room */
	unsigned have;	     /* so many, two at most */
	uint8_t room[BREACH_PAGE_BYTES + BREACH_PAGE_ROOM];
};

struct breach {
	int fd;
	char *path; /* owned */
	struct breach_about about;
	uint32_t header_bytes;
	uint64_t *knots; /* owned, knot_count */
	unsigned knot_count;
	struct look look;
};

/* ---- the header ---- */

/* Tells that an index is not what it should be. */
static int
damaged(const struct breach *breach, const char *what, struct trouble *why)
{
	return err_say(why, ERR_DAMAGED, "%s %s", breach->path, what);
}

/* Tells that a read has failed. */
static int
unread(const struct breach *breach, struct trouble *why)
{
	if (errno == 0)
		return damaged(breach, "is cut short", why);
	return err_say(why, ERR_IO, "cannot read %s: %m", breach->path);
}

static uint64_t
number_at(const uint8_t *header, unsigned at, size_t bytes)
{
	uint64_t number = 0;

	memcpy(&number, header + at, bytes); /* many knots: byte by byte, they
						were half of what opening takes */
	return le64toh(number);
}

/* What is wrong with the first bytes, which say how to read on; or NULL. */
static const char *
take_form(struct breach *breach, const uint8_t *header)
{
	if (memcmp(header, BREACH_MAGIC, BREACH_MAGIC_BYTES) != 0)
		return memcmp(header + 1, &BREACH_MAGIC[1], 3) == 0
			   ? "was damaged by a transfer that took it for text"
			   : "is not a breach index";
	if (number_at(header, BREACH_AT_MAJOR, 2) != BREACH_MAJOR)
		return "has a format that this program does not know";
	breach->header_bytes =
	    (uint32_t)number_at(header, BREACH_AT_HEADER_BYTES, 4);
	if (breach->header_bytes != BREACH_HEADER_SMALL &&
	    breach->header_bytes != BREACH_HEADER_LARGE)
		return "has a header of a wrong size";
	return NULL;
}

/* Into BREACH_HEADER_LARGE bytes; its sum is right. */
static int
read_header(struct breach *breach, uint8_t *header, struct trouble *why)
{
	const char *wrong;
	uint32_t sum_at;

	if (io_read_at(breach->fd, header, BREACH_HEADER_SMALL, 0) < 0)
		return unread(breach, why);
	if ((wrong = take_form(breach, header)) != NULL)
		return damaged(breach, wrong, why);
	if (io_read_at(breach->fd, header + BREACH_HEADER_SMALL,
		breach->header_bytes - BREACH_HEADER_SMALL,
		BREACH_HEADER_SMALL) < 0)
		return unread(breach, why);
	sum_at = breach->header_bytes - BREACH_SUM_BYTES;
	if (number_at(header, sum_at, BREACH_SUM_BYTES) !=
	    breach_sum(header, sum_at, 0))
		return damaged(breach, "has a damaged header", why);
	return 0;
}

/* What is wrong with the sizes, or NULL. */
static const char *
take_sizes(struct breach *breach, const uint8_t *header, uint64_t real_bytes)
{
	struct breach_about *about = &breach->about;
	uint64_t bytes = number_at(header, BREACH_AT_FILE_BYTES, 8);

	about->entries = number_at(header, BREACH_AT_ENTRIES, 8);
	about->pages = number_at(header, BREACH_AT_PAGES, 8);
	about->range = number_at(header, BREACH_AT_RANGE, 8);
	about->bytes = real_bytes;
	if (number_at(header, BREACH_AT_PAGE_BYTES, 4) != BREACH_PAGE_BYTES ||
	    about->pages > BREACH_PAGES_MOST ||
	    bytes != breach->header_bytes + about->pages * BREACH_PAGE_BYTES)
		return "has a header with wrong sizes";
	if (real_bytes < bytes)
		return "is cut short";
	if (real_bytes > bytes)
		return "is longer than its header says";
	if (about->entries < about->pages ||
	    about->entries > about->pages * BREACH_PAGE_ENTRIES ||
	    (about->entries > 0 && about->entries - 1 > about->range - 1))
		return "has a header with a wrong number of entries";
	return NULL;
}

/* Whether this is a list of hashes of that kind, and we make the same. */
static bool
kind_is_right(enum breach_kind kind, const uint8_t *header)
{
	static const char known[] = "password";
	uint8_t hash[BREACH_HASH_MOST];

	return (kind == BREACH_SHA1 || kind == BREACH_NT) &&
	       breach_hash(kind, known, sizeof known - 1, hash) == 0 &&
	       memcmp(hash, header + BREACH_AT_SELF_TEST,
		   BREACH_SELF_TEST_BYTES) == 0;
}

/* What is wrong with the counts, or NULL. */
static const char *
take_classes(struct breach_about *about, const uint8_t *header)
{
	static const char wrong[] = "has a header with wrong counts";
	uint64_t classes = number_at(header, BREACH_AT_CLASSES, 2);
	unsigned counts = header[BREACH_AT_COUNTS];

	about->least_count =
	    (uint32_t)number_at(header, BREACH_AT_LEAST_COUNT, 4);
	if (about->least_count == 0 || counts > BREACH_COUNTS_UNARY ||
	    (classes > 0) != (counts == BREACH_COUNTS_UNARY) ||
	    classes > BREACH_CLASSES_MOST)
		return wrong;
	about->classes = (unsigned)classes;
	for (unsigned i = 0; i < about->classes; i++) {
		uint32_t least = (uint32_t)number_at(header,
		    BREACH_AT_CLASS_LEAST + 4 * i, 4);

		if (i == 0 ? least != about->least_count
			   : least <= about->class_least[i - 1])
			return wrong;
		about->class_least[i] = least;
	}
	return NULL;
}

/* What is wrong with what it says of its source, or NULL. */
static const char *
take_source(struct breach_about *about, const uint8_t *header)
{
	about->lines = number_at(header, BREACH_AT_LINES, 8);
	about->duplicates = number_at(header, BREACH_AT_DUPLICATES, 8);
	about->zero_counts = number_at(header, BREACH_AT_ZERO_COUNTS, 8);
	about->below_least = number_at(header, BREACH_AT_BELOW_LEAST, 8);
	about->prefixes = (uint32_t)number_at(header, BREACH_AT_PREFIXES, 4);
	about->first_prefix =
	    (uint32_t)number_at(header, BREACH_AT_FIRST_PREFIX, 4);
	about->last_prefix =
	    (uint32_t)number_at(header, BREACH_AT_LAST_PREFIX, 4);
	if (about->lines != about->entries + about->duplicates +
				about->zero_counts + about->below_least)
		return "has a header with a wrong number of lines";
	if (about->first_prefix > about->last_prefix ||
	    about->last_prefix >> BREACH_PREFIX_BITS != 0 ||
	    about->prefixes > about->last_prefix - about->first_prefix + 1)
		return "has a header with wrong ranges";
	return NULL;
}

static int
take_knots(struct breach *breach, const uint8_t *header, struct trouble *why)
{
	uint64_t pages = breach->about.pages;
	uint64_t count = number_at(header, BREACH_AT_KNOT_COUNT, 2);

	if (count > pages || count > breach_knots_most(breach->header_bytes) ||
	    (count == 0 && pages > 0))
		return damaged(breach, "has a header with wrong knots", why);
	breach->knots = calloc((size_t)count + 1, sizeof *breach->knots);
	if (breach->knots == NULL)
		return err_say(why, ERR_MEMORY, "no memory for knots");
	breach->knot_count = (unsigned)count;
	for (unsigned i = 0; i < count; i++) {
		uint64_t knot = number_at(header, BREACH_AT_KNOTS + 8 * i, 8);

		if (knot > breach->about.range - 1 ||
		    (i > 0 && knot <= breach->knots[i - 1]))
			return damaged(breach, "has a header with wrong knots",
			    why);
		breach->knots[i] = knot;
	}
	return 0;
}

/* Takes a header of which the sum is right, and trusts nothing else. */
static int
take_header(struct breach *breach, const uint8_t *header, uint64_t real_bytes,
    struct trouble *why)
{
	const char *wrong = NULL;

	breach->about.kind = header[BREACH_AT_KIND];
	if (!kind_is_right(breach->about.kind, header))
		wrong = "holds hashes that this program does not make";
	else if (header[BREACH_AT_CODING] != BREACH_CODING_ELIAS_FANO ||
		 header[BREACH_AT_FLAGS] != 0)
		wrong = "has a format that this program does not know";
	if (wrong == NULL)
		wrong = take_sizes(breach, header, real_bytes);
	if (wrong == NULL)
		wrong = take_classes(&breach->about, header);
	if (wrong == NULL)
		wrong = take_source(&breach->about, header);
	if (wrong != NULL)
		return damaged(breach, wrong, why);
	return take_knots(breach, header, why);
}

/* ---- opening ---- */

static int
open_file(struct breach *breach, struct stat *found_out, struct trouble *why)
{
	struct io_expect expect = { .kind = S_IFREG,
		.owner = geteuid(),
		.root_too = 1,
		.forbidden = S_IWGRP | S_IWOTH,
		.size = -1,
		.many_links = 1 }; /* anybody may be able to make one */

	breach->fd = io_open_path(breach->path, O_RDONLY);
	if (breach->fd >= 0) {
		/* Else the kernel reads more than the page that is asked for
		 * into memory.  It is only advice. */
		(void)posix_fadvise(breach->fd, 0, 0, POSIX_FADV_RANDOM);
		return io_look(breach->fd, breach->path, &expect, found_out,
		    why);
	}
	if (errno == ELOOP)
		return err_say(why, ERR_UNTRUSTED, "%s is a link",
		    breach->path);
	return err_say(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
	    "cannot open %s: %m", breach->path);
}

static int
load_header(struct breach *breach, uint64_t real_bytes, struct trouble *why)
{
	AUTO_FREE uint8_t *header = malloc(BREACH_HEADER_LARGE);
	int r;

	if (header == NULL)
		return err_say(why, ERR_MEMORY, "no memory for a header");
	if ((r = read_header(breach, header, why)) < 0)
		return r;
	return take_header(breach, header, real_bytes, why);
}

int
breach_open(const char *path, struct breach **breach_out, struct trouble *why)
{
	AUTO_BREACH struct breach *breach = calloc(1, sizeof *breach);
	struct stat st;
	int r;

	if (breach == NULL)
		return err_say(why, ERR_MEMORY, "no memory for %s", path);
	breach->fd = -1;
	if ((breach->path = strdup(path)) == NULL)
		return err_say(why, ERR_MEMORY, "no memory for %s", path);
	if ((r = open_file(breach, &st, why)) < 0)
		return r;
	breach->about.modified = st.st_mtime;
	if ((r = load_header(breach, (uint64_t)st.st_size, why)) < 0)
		return r;
	*breach_out = breach;
	breach = NULL;
	return 0;
}

void
breach_close(struct breach *breach)
{
	if (breach == NULL)
		return;
	mem_auto_close(&breach->fd);
	free(breach->knots);
	free(breach->path);
	free(breach);
}

void
breach_auto_close(struct breach **breach)
{
	breach_close(*breach);
}

const struct breach_about *
breach_about(const struct breach *breach)
{
	return &breach->about;
}

/* ---- looking up ---- */

/* The pages between the two knots around an entry, which is not below the
 * first knot. */
static struct bracket
knots_around(const struct breach *breach, uint64_t entry)
{
	uint64_t pages = breach->about.pages, count = breach->knot_count;
	uint64_t low = 0, high = count, next = breach->about.range;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (breach->knots[middle] <= entry)
			low = middle;
		else
			high = middle;
	}
	if (high < count)
		next = breach->knots[high];
	return (struct bracket){
		.first = low * pages / count,
		.end = high * pages / count,
		.least = breach->knots[low],
		.most = next - 1,
	};
}

/* part / whole in units of 2^-64, to 31 bits; below 1. */
static uint64_t
fraction(uint64_t part, uint64_t whole)
{
	int shift = 0;

	if (part >= whole)
		return UINT64_MAX;
	if (whole > UINT32_MAX)
		shift = 32 - __builtin_clzll(whole);
	part = (part >> shift << 32) / (whole >> shift);
	return part > UINT32_MAX ? UINT64_MAX : part << 32;
}

/*
 * Where the entry should be, as entries are spread evenly.  *beside is the
 * page next to it where the place is so near an edge that the entry may well
 * be beyond; else the same page.
 *
 * Of n entries between two fixed ones, n * t are expected before a place at
 * part t, give or take sqrt(n * t * (1 - t)).  An edge is near within sqrt(3)
 * times that: then it is beyond once in 24 times or more.  To read again is
 * another trip to the disk; to read two pages at once is hardly more than one.
 */
static uint64_t
guess(const struct breach *breach, uint64_t *beside)
{
	const struct bracket *within = &breach->look.within;
	uint64_t per_page = breach->about.entries / breach->about.pages;
	uint64_t pages = within->end - within->first;
	uint64_t t = fraction(breach->look.entry - within->least,
	    within->most - within->least);
	uint64_t place = breach_multiply_high(t, pages << 16);
	uint64_t i = within->first + (place >> 16), to_edge = place & 0xffff;
	bool below = to_edge < 0x8000;

	*beside = i;
	if (!below)
		to_edge = 0x10000 - to_edge;
	t >>= 48;
	if (pages <= MANY_PAGES &&
	    to_edge * to_edge * per_page > 3 * pages * t * (0x10000 - t))
		return i;
	if (below && i > within->first)
		*beside = i - 1;
	else if (!below && i + 1 < within->end)
		*beside = i + 1;
	return i;
}

/* Has page i in the room; where it must be read, the one beside it too. */
static int
need_page(struct breach *breach, uint64_t i, uint64_t beside,
    struct trouble *why)
{
	struct look *look = &breach->look;
	uint64_t first = i < beside ? i : beside;
	unsigned count = i == beside ? 1 : 2;

	if (i >= look->have_first && i - look->have_first < look->have)
		return 0;
	look->have = 0;
	if (io_read_at(breach->fd, look->room,
		(size_t)count * BREACH_PAGE_BYTES,
		(off_t)(breach->header_bytes + first * BREACH_PAGE_BYTES)) < 0)
		return unread(breach, why);
	look->have_first = first;
	look->have = count;
	return 0;
}

/* Takes page i, which is in the room. */
static int
take_page(struct breach *breach, uint64_t i)
{
	struct look *look = &breach->look;
	uint64_t at = (i - look->have_first) * BREACH_PAGE_BYTES;

	return breach_page_take(look->room + at, i, breach->about.range,
	    &look->page);
}

/* Whether the page taken, i, can be one of the bracket's. */
static bool
page_belongs(const struct look *look, uint64_t i)
{
	const struct bracket *within = &look->within;
	uint64_t base = look->page.base, last = look->page.last;

	return (i == within->first ? base == within->least
				   : base > within->least) &&
	       (i == within->end - 1 ? last == within->most
				     : last < within->most);
}

/*
 * Takes the page that answers for the entry.  What is read is compared with
 * what is known of its neighbours, so the bracket never loses the entry, and
 * as each turn makes it smaller, there is a last turn.
 */
static int
find_page(struct breach *breach, struct trouble *why)
{
	struct look *look = &breach->look;
	struct bracket *within = &look->within;
	int r;

	*within = knots_around(breach, look->entry);
	for (unsigned turn = 0;; turn++) {
		uint64_t beside, i = guess(breach, &beside);

		if (turn >= GUESSES) /* uneven: there are gaps */
			i = beside = (within->first + within->end) / 2;
		if ((r = need_page(breach, i, beside, why)) < 0)
			return r;
		if (take_page(breach, i) < 0 || !page_belongs(look, i))
			return damaged(breach, "has a damaged page", why);
		if (look->entry < look->page.base) {
			within->end = i;
			within->most = look->page.base - 1;
		} else if (look->entry > look->page.last) {
			within->first = i + 1;
			within->least = look->page.last + 1;
		} else {
			return 0;
		}
	}
}

/* What a class says. */
static struct breach_seen
seen_as(const struct breach_about *about, int class)
{
	struct breach_seen seen = { about->least_count, UINT32_MAX };

	if (about->classes == 0)
		return seen;
	seen.least = about->class_least[class];
	if ((unsigned)class + 1 < about->classes)
		seen.most = about->class_least[class + 1] - 1;
	return seen;
}

static int
find_entry(struct breach *breach, int *class_out, struct trouble *why)
{
	const struct look *look = &breach->look;
	int r;

	*class_out = BREACH_NO_CLASS;
	if (breach->knot_count == 0 || look->entry < breach->knots[0])
		return 0;
	if ((r = find_page(breach, why)) < 0)
		return r;
	if (breach_page_find(&look->page, breach->about.classes, look->entry,
		class_out) < 0)
		return damaged(breach, "has a damaged page", why);
	return 0;
}

int
breach_look(struct breach *breach, const uint8_t *hash,
    struct breach_seen *seen_out, struct trouble *why)
{
	struct breach_seen seen = { 0, 0 };
	uint64_t first_64_bits = 0;
	int class, r;

	for (int i = 0; i < 8; i++)
		first_64_bits = first_64_bits << 8 | hash[i];
	breach->look.entry = breach_entry(first_64_bits, breach->about.range);
	mem_wipe(&first_64_bits, sizeof first_64_bits);
	r = find_entry(breach, &class, why);
	mem_wipe(&breach->look, sizeof breach->look);
	if (r < 0)
		return r;
	if (class != BREACH_NO_CLASS)
		seen = seen_as(&breach->about, class);
	*seen_out = seen;
	return 0;
}

/* ---- all indexes ---- */

static int
search_one(const char *path, const char *password, struct breach_seen *seen_out,
    struct trouble *why)
{
	AUTO_BREACH struct breach *breach = NULL;
	uint8_t hash[BREACH_HASH_MOST];
	int r;

	if ((r = breach_open(path, &breach, why)) < 0)
		return r;
	*seen_out = (struct breach_seen){ 0, 0 };
	if (breach_hash(breach->about.kind, password, strlen(password), hash) <
	    0)
		return 0; /* no such list can hold it */
	r = breach_look(breach, hash, seen_out, why);
	mem_wipe(hash, sizeof hash);
	return r;
}

/* glob asks whether to give up: not because there is no folder. */
static int
folder_fails(const char *path, int error)
{
	(void)path;
	return error != ENOENT;
}

int
breach_glob(const char *pattern, glob_t *found_out, struct trouble *why)
{
	glob_t found = { 0 };
	int r;

	switch (glob(pattern, 0, folder_fails, &found)) {
	case 0:
		*found_out = found;
		return 0;
	case GLOB_NOMATCH:
		return err_say(why, ERR_MISSING, "there is no %s", pattern);
	case GLOB_NOSPACE:
		globfree(&found);
		return err_say(why, ERR_MEMORY, "no memory for %s", pattern);
	default:
		r = errno == ENOMEM ? ERR_MEMORY : ERR_IO;
		globfree(&found);
		return err_say(why, r, "cannot read the folder of %s", pattern);
	}
}

/* Each bound by itself: an index that knows only a lower one may have seen the
 * password more often than another that is sure of what it has. */
static void
take_larger(struct breach_seen *most, const struct breach_seen *seen)
{
	if (seen->least > most->least)
		most->least = seen->least;
	if (seen->most > most->most)
		most->most = seen->most;
}

int
breach_search(const char *pattern, const char *password, uint32_t enough,
    struct breach_seen *seen_out, struct trouble *why)
{
	struct breach_seen most = { 0, 0 };
	struct trouble first_why = { "" };
	int r, first_error = 0;
	glob_t found;

	if ((r = breach_glob(pattern, &found, why)) < 0)
		return r;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct trouble its_why = { "" };
		struct breach_seen seen;

		r = search_one(found.gl_pathv[i], password, &seen, &its_why);
		if (r == 0) {
			take_larger(&most, &seen);
		} else if (first_error == 0) {
			first_error = r;
			first_why = its_why;
		}
	}
	globfree(&found);
	if (most.most < enough && first_error < 0)
		return err_say(why, first_error, "%s", first_why.text);
	*seen_out = most;
	return 0;
}

/* ---- checking it all ---- */

/* Takes page i and checks it.  Unless it is the first, it must begin where the
 * one before ends, which is not the end of all. */
static int
check_page(struct breach *breach, uint64_t i, uint64_t begin,
    struct trouble *why)
{
	const struct breach_page *page = &breach->look.page;
	int r;

	if ((r = need_page(breach, i, i, why)) < 0)
		return r;
	if (take_page(breach, i) < 0 ||
	    (i > 0 && (page->base != begin || begin == 0)) ||
	    breach_page_check(page, breach->about.classes) < 0)
		return err_say(why, ERR_DAMAGED, "%s: page %llu is damaged",
		    breach->path, (unsigned long long)i);
	return 0;
}

static int
check_pages(struct breach *breach, breach_progress *progress, void *with,
    struct trouble *why)
{
	const struct breach_about *about = &breach->about;
	const struct breach_page *page = &breach->look.page;
	uint64_t entries = 0, knot = 0, next = 0;
	int r;

	for (uint64_t i = 0; i < about->pages; i++) {
		if ((r = check_page(breach, i, next, why)) < 0)
			return r;
		next = page->last + 1;
		entries += page->entries;
		if (knot < breach->knot_count &&
		    i == knot * about->pages / breach->knot_count &&
		    page->base != breach->knots[knot++])
			return damaged(breach, "has a wrong knot", why);
		if (progress != NULL && (i + 1) % PROGRESS_PAGES == 0)
			progress(with, i + 1);
	}
	if (about->pages > 0 && next != about->range)
		return damaged(breach, "goes on behind its last page", why);
	if (entries != about->entries)
		return damaged(breach, "has a wrong number of entries", why);
	return 0;
}

int
breach_check(struct breach *breach, breach_progress *progress, void *with,
    struct trouble *why)
{
	int r;

	(void)posix_fadvise(breach->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	r = check_pages(breach, progress, with, why);
	(void)posix_fadvise(breach->fd, 0, 0, POSIX_FADV_RANDOM);
	mem_wipe(&breach->look, sizeof breach->look);
	return r;
}
