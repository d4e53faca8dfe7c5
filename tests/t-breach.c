/*
 * The breach index, as its reader has it.  pread below stands in front of
 * libc's and hands on to the kernel: it counts, and what a disk does once in a
 * year, or another process in between, happens when told.
 */
#include "breach.h"
#include "breach_list.h"
#include "breach_page.h"
#include "mem.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* ---- the disk ---- */

static struct {
	unsigned calls;	     /* since it was set */
	size_t largest;	     /* bytes one asked for */
	size_t most;	     /* bytes a call moves; 0: all */
	unsigned interrupts; /* calls that end with EINTR first */
	unsigned fails_at;   /* the call that ends with EIO; 0: none */
	unsigned at;	     /* before this call, */
	void (*happens)(void);
} disk;

ssize_t
pread(int fd, void *buffer, size_t n, off_t offset)
{
	struct iovec part = { buffer, n };

	if (disk.interrupts > 0) {
		disk.interrupts--;
		errno = EINTR;
		return -1;
	}
	disk.calls++;
	if (n > disk.largest)
		disk.largest = n;
	if (disk.calls == disk.fails_at) {
		errno = EIO;
		return -1;
	}
	if (disk.calls == disk.at)
		disk.happens();
	if (disk.most > 0 && n > disk.most)
		part.iov_len = disk.most;
	return preadv(fd, &part, 1, offset);
}

static void
disk_works(void)
{
	memset(&disk, 0, sizeof disk);
}

/* ---- indexes ---- */

static struct breach *
open_path(const char *path)
{
	struct breach *breach = NULL;
	struct trouble why = { "" };

	if (breach_open(path, &breach, &why) < 0)
		fail_msg("%s", why.text);
	return breach;
}

/* The index of a list, in a file that is gone by name. */
static struct breach *
open_list(const struct breach_list *list)
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	return open_path(breach_list_write(list, &s, "x.breach"));
}

static struct breach_seen
look(struct breach *breach, const uint8_t *hash)
{
	struct breach_seen seen = { 7, 7 };
	struct trouble why = { "" };

	if (breach_look(breach, hash, &seen, &why) < 0)
		fail_msg("%s", why.text);
	return seen;
}

/* A hash that begins with these 64 bits: where M is 2^64, its entry. */
static const uint8_t *
hash_from(uint64_t first)
{
	static uint8_t hash[BREACH_HASH_MOST];

	for (int i = 0; i < 8; i++)
		hash[i] = (uint8_t)(first >> (56 - 8 * i));
	return hash;
}

static void
add_value(struct breach_list *list, uint64_t value)
{
	breach_list_add(list, hash_from(value), 1);
}

static uint64_t
value_of(const uint8_t *hash)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | hash[i];
	return value;
}

static void
expect_seen(struct breach_seen is, struct breach_seen want)
{
	expect_int(is.least, want.least);
	expect_int(is.most, want.most);
}

static void
expect_absent(struct breach *breach, const uint8_t *hash)
{
	expect_seen(look(breach, hash), (struct breach_seen){ 0, 0 });
}

/* Expects an index of bytes to be refused with these words. */
static void
expect_refused(const uint8_t *bytes, size_t n, const char *words)
{
	AUTO_SCRATCH struct scratch s;
	struct breach *breach = NULL;
	struct trouble why = { "" };

	scratch_new(&s);
	scratch_write(&s, "x", bytes, n);
	expect_int(breach_open(scratch_path(&s, "x"), &breach, &why),
	    ERR_DAMAGED);
	expect(breach == NULL);
	if (strstr(why.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", why.text, words);
}

/* ---- hashes ---- */

static void
expect_hash(enum breach_kind kind, const char *password, const char *hex)
{
	uint8_t hash[BREACH_HASH_MOST];
	char text[2 * BREACH_HASH_MOST + 1];

	expect_int(breach_hash(kind, password, strlen(password), hash), 0);
	for (size_t i = 0; i < breach_hash_bytes(kind); i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	expect_text(text, hex);
}

TEST("a password's SHA-1 and NT hashes are those that lists have")
{
	expect_hash(BREACH_SHA1, "password",
	    "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
	expect_hash(BREACH_SHA1, "",
	    "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	expect_hash(BREACH_SHA1, "Z\xc3\xbcrich",
	    "9b5ee41a2d0900fd6c2177616c90f64eee41b55a");
	expect_hash(BREACH_NT, "password", "8846f7eaee8fb117ad06bdd830b7586c");
	expect_hash(BREACH_NT, "", "31d6cfe0d16ae931b73c59d7e0c089c0");
}

TEST("an NT hash is that of UTF-16, beyond its first plane too")
{
	expect_hash(BREACH_NT, "Z\xc3\xbcrich",
	    "5cc5d98cedbb3be18bc0089651013b1b");
	expect_hash(BREACH_NT,
	    "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
	    "507e3ee80df7db7c1fdd8d50ae8db606");
	expect_hash(BREACH_NT, "\xf0\x9f\x94\x92pass",
	    "ac366fee8ef462bbf5abfec475f4451b");
}

TEST("what is not UTF-8 has no NT hash")
{
	static const char *const bad[] = {
		"\x80", "\xbf", "a\xff", "\xfe",    /* no such first byte */
		"\xc3", "\xe2\x82", "\xf0\x9f\x94", /* cut short */
		"\xc3(", "\xe2(\xa1", "\xe2\x82(",  /* not gone on with */
		"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", /* halves of UTF-16 */
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80" /* too large */
	};
	static const char *const good[] = { "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	uint8_t hash[BREACH_HASH_MOST];

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(breach_hash(BREACH_NT, bad[i], strlen(bad[i]), hash),
		    ERR_INPUT);
	for (size_t i = 0; i < ROWS(good); i++)
		expect_int(breach_hash(BREACH_NT, good[i], strlen(good[i]),
			       hash),
		    0);
}

/* ---- members ---- */

/* Looks up every line of a list, and what it is the neighbour of. */
static void
expect_all_lines(const struct breach_list *list)
{
	AUTO_BREACH struct breach *breach = open_list(list);

	for (size_t i = 0; i < list->count; i++) {
		const uint8_t *hash = list->lines[i].hash;

		expect_seen(look(breach, hash), breach_list_seen(list, hash));
	}
}

TEST("every member is found, whatever k and size are, with counts and without")
{
	static const unsigned ks[] = { 16, 20, 24, 30, 33, 40 };
	static const size_t sizes[] = { 0, 1, 2, 600, 2047, 2048, 2049 };

	for (size_t i = 0; i < ROWS(ks) * ROWS(sizes); i++) {
		AUTO_LIST struct breach_list list = { .bits =
							  ks[i % ROWS(ks)] };

		breach_list_add_many(&list, sizes[i / ROWS(ks)], i);
		expect_all_lines(&list);
		breach_list_usual_classes(&list);
		expect_all_lines(&list);
	}
}

TEST("every member of a million is found, by little more than a read each")
{
	AUTO_LIST struct breach_list list = { .bits = 24 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_usual_classes(&list);
	breach_list_add_many(&list, 1000 * 1000, 1);
	breach = open_list(&list);
	disk_works();
	for (size_t i = 0; i < list.count; i++) {
		struct breach_seen seen = look(breach, list.lines[i].hash);

		/* Where two became one entry, the larger count was kept. */
		expect(seen.least > 0 && seen.most >= list.lines[i].count);
		if (seen.least > list.lines[i].count)
			expect_seen(seen,
			    breach_list_seen(&list, list.lines[i].hash));
	}
	expect(disk.calls < 1001 * 1000);
	expect_int(disk.largest, 2 * BREACH_PAGE_BYTES);
}

TEST("as with two billion entries, a member is found by 1.05 reads on average")
{
	/* How far off a guess is, in pages, depends on pages between knots by
	 * entries in a page: 846 by 1170 there, 14.5 by 20 here. */
	AUTO_LIST struct breach_list list = { .page_entries = 20 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_add_many(&list, 488 * 290, 1);
	breach = open_list(&list);
	disk_works();
	for (size_t i = 0; i < list.count; i++)
		expect_int(look(breach, list.lines[i].hash).least, 1);
	expect(disk.calls * 100 < list.count * 105);
}

TEST("the first, the last and the ends of pages are found, not what is beside")
{
	AUTO_LIST struct breach_list list = { .whole_range = true,
		.page_entries = 7 };
	AUTO_BREACH struct breach *breach = NULL;
	uint64_t seed = 3;

	for (int i = 0; i < 700; i++)
		add_value(&list, breach_list_random(&seed));
	breach = open_list(&list);
	expect_int(breach_about(breach)->pages, 100);
	for (size_t i = 0; i < list.count; i++) {
		uint64_t value = value_of(list.lines[i].hash);

		expect_int(look(breach, hash_from(value)).least, 1);
		expect_absent(breach, hash_from(value - 1));
		expect_absent(breach, hash_from(value + 1));
	}
}

TEST("hashes of zeros alone and of ones alone are members like others")
{
	static const uint8_t zeros[BREACH_HASH_MOST];
	uint8_t ones[BREACH_HASH_MOST];

	memset(ones, 0xff, sizeof ones);
	for (int turn = 0; turn < 8; turn++) {
		AUTO_LIST struct breach_list list = { .whole_range = turn & 1 };
		AUTO_BREACH struct breach *breach = NULL;

		breach_list_add_many(&list, turn & 2 ? 5000 : 0, 4);
		if (turn & 4) {
			breach_list_add(&list, zeros, 1);
			breach_list_add(&list, ones, 1);
		}
		breach = open_list(&list);
		expect_int(look(breach, zeros).least, (turn & 4) != 0);
		expect_int(look(breach, ones).least, (turn & 4) != 0);
	}
}

TEST(
    "pages of one entry and full pages, few knots and many, make no difference")
{
	for (unsigned turn = 0; turn < 12; turn++) {
		AUTO_LIST struct breach_list list = { .page_entries = turn % 3,
			.knots = turn % 4,
			.header_bytes = turn < 6 ? BREACH_HEADER_SMALL
						 : BREACH_HEADER_LARGE };

		breach_list_add_many(&list, 1200, turn);
		expect_all_lines(&list);
	}
}

TEST("2,048 neighbours fill a page, and one more begins another")
{
	for (unsigned n = 2047; n <= 2049; n++) {
		AUTO_LIST struct breach_list list = { .whole_range = true };
		AUTO_BREACH struct breach *breach = NULL;

		for (unsigned i = 0; i < n; i++)
			add_value(&list, 1000 + i);
		breach = open_list(&list);
		expect_int(breach_about(breach)->pages, n > 2048 ? 2 : 1);
		expect_absent(breach, hash_from(999));
		expect_absent(breach, hash_from(1000 + n));
		expect_all_lines(&list);
	}
}

TEST("an empty list has nothing in it, and is no error")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_BREACH struct breach *breach = open_list(&list);
	struct trouble why = { "" };

	expect_absent(breach, hash_from(0));
	expect_absent(breach, hash_from(UINT64_MAX));
	expect_int(breach_check(breach, NULL, NULL, &why), 0);
}

/* ---- uneven lists ---- */

/* Members of a list are found by at most so many reads each; so is what is
 * beside them, which is not in it. */
static void
expect_reads(const struct breach_list *list, unsigned most)
{
	AUTO_BREACH struct breach *breach = open_list(list);

	for (size_t i = 0; i < list->count; i++) {
		uint64_t value = value_of(list->lines[i].hash);

		disk_works();
		expect_int(look(breach, hash_from(value)).least, 1);
		expect(disk.calls <= most);
		disk_works();
		expect_absent(breach, hash_from(value ^ 1));
		expect(disk.calls <= most);
	}
}

TEST("where whole ranges are missing, members are found all the same")
{
	AUTO_LIST struct breach_list list = { .whole_range = true,
		.page_entries = 5,
		.knots = 3 };
	uint64_t seed = 8;

	/* In two of 4,096 parts, far apart: 400 pages in 3 brackets. */
	for (int i = 0; i < 2000; i++)
		add_value(&list, (breach_list_random(&seed) >> 13 << 1) |
				     (uint64_t)(i % 2 ? 0x123 : 0xfed) << 52);
	expect_reads(&list, 4 + 9);
}

TEST("where each page is twice as wide as the one before, members are found")
{
	AUTO_LIST struct breach_list list = { .whole_range = true,
		.page_entries = 1,
		.knots = 1 };

	for (int i = 1; i < 64; i++)
		add_value(&list, UINT64_C(1) << i);
	expect_reads(&list, 4 + 6);
}

/* ---- who is not in it ---- */

TEST("a hash that is not in the list is taken for one with probability 2^-k")
{
	enum { LOOKS = 3000 * 1000, EXPECTED = LOOKS >> 16, SIGMA = 7 };
	AUTO_LIST struct breach_list list = { .bits = 16 };
	AUTO_BREACH struct breach *breach = NULL;
	uint64_t seed = 12345;
	int taken = 0;

	breach_list_add_many(&list, 5000, 6);
	breach = open_list(&list);
	for (int i = 0; i < LOOKS; i++) {
		const uint8_t *hash = hash_from(breach_list_random(&seed));

		if (look(breach, hash).least == 0)
			continue;
		taken++;
		expect_int(breach_list_seen(&list, hash).least, 1);
	}
	expect(taken > EXPECTED - 3 * SIGMA && taken < EXPECTED + 3 * SIGMA);
}

/* ---- counts ---- */

TEST("a count is told as the class that it is in")
{
	static const uint32_t rows[][3] = { { 1, 1, 1 }, { 2, 2, 4 },
		{ 4, 2, 4 }, { 5, 5, 9 }, { 9, 5, 9 }, { 10, 10, 19 },
		{ 49999, 20000, 49999 }, { 50000, 50000, 99999 },
		{ 100000, 100000, UINT32_MAX },
		{ UINT32_MAX, 100000, UINT32_MAX } };
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_usual_classes(&list);
	breach_list_add_many(&list, 5000, 7);
	for (size_t i = 0; i < ROWS(rows); i++)
		breach_list_add(&list, hash_from((uint64_t)i << 59),
		    rows[i][0]);
	breach = open_list(&list);
	for (size_t i = 0; i < ROWS(rows); i++)
		expect_seen(look(breach, hash_from((uint64_t)i << 59)),
		    (struct breach_seen){ rows[i][1], rows[i][2] });
}

TEST("without counts, a member was seen as often as is kept at least")
{
	AUTO_LIST struct breach_list list = { .least_count = 5 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_add(&list, hash_from(1), 4);
	breach_list_add(&list, hash_from(UINT64_MAX), 500);
	breach = open_list(&list);
	expect_absent(breach, hash_from(1));
	expect_seen(look(breach, hash_from(UINT64_MAX)),
	    (struct breach_seen){ 5, UINT32_MAX });
}

TEST("of hashes that become one entry, the larger count is told")
{
	AUTO_LIST struct breach_list list = { .whole_range = true };
	uint8_t other[BREACH_HASH_MOST] = { 0 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_usual_classes(&list);
	memcpy(other, hash_from(77), sizeof other);
	other[19] = 1;
	breach_list_add(&list, other, 1000);
	breach_list_add(&list, hash_from(77), 1);
	breach = open_list(&list);
	expect_int(breach_about(breach)->entries, 1);
	expect_int(breach_about(breach)->duplicates, 1);
	expect_int(look(breach, hash_from(77)).least, 1000);
}

TEST("an index says what it was made from")
{
	AUTO_LIST struct breach_list list = { .least_count = 3, .bits = 30 };
	AUTO_BREACH struct breach *breach = NULL;
	const struct breach_about *about;

	breach_list_add(&list, hash_from(UINT64_C(0x12345) << 44), 3);
	breach_list_add(&list, hash_from(UINT64_C(0x12345) << 44), 4);
	breach_list_add(&list, hash_from(UINT64_C(0xabcde) << 44), 9);
	breach_list_add(&list, hash_from(UINT64_C(0x33333) << 44), 2);
	breach_list_add(&list, hash_from(UINT64_C(0x44444) << 44), 0);
	breach = open_list(&list);
	about = breach_about(breach);
	expect_int(about->kind, BREACH_SHA1);
	expect_int(about->entries, 2);
	expect_int(about->pages, 1);
	expect_int(about->bytes, 8192);
	expect_int(about->range, UINT64_C(3) << 30);
	expect_int(about->lines, 5);
	expect_int(about->duplicates, 1);
	expect_int(about->zero_counts, 1);
	expect_int(about->below_least, 1);
	expect_int(about->least_count, 3);
	expect_int(about->classes, 0);
	expect_int(about->prefixes, 4);
	expect_int(about->first_prefix, 0x12345);
	expect_int(about->last_prefix, 0xabcde);
}

/* ---- what is not an index ---- */

static int
open_error(const char *path, const char *words)
{
	struct breach *breach = NULL;
	struct trouble why = { "" };
	int r = breach_open(path, &breach, &why);

	expect(breach == NULL);
	if (strstr(why.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", why.text, words);
	return r;
}

TEST("a folder, a pipe, a link and a device are not an index, and nobody waits")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };

	scratch_new(&s);
	breach_list_write(&list, &s, "x");
	expect_int(mkdir(scratch_path(&s, "folder"), 0755), 0);
	expect_int(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	expect_int(symlink("x", scratch_path(&s, "link")), 0);
	scratch_socket(&s, "socket");
	expect_int(open_error(scratch_path(&s, "folder"), "not a regular file"),
	    ERR_UNTRUSTED);
	expect_int(open_error(scratch_path(&s, "pipe"), "not a regular file"),
	    ERR_UNTRUSTED);
	expect_int(open_error("/dev/null", "not a regular file"),
	    ERR_UNTRUSTED);
	expect_int(open_error(scratch_path(&s, "link"), "link"), ERR_UNTRUSTED);
	expect_int(open_error(scratch_path(&s, "socket"), "cannot open"),
	    ERR_IO);
	expect_int(open_error(scratch_path(&s, "none"), "none"), ERR_MISSING);
}

TEST("an index that group or others may write is not trusted")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	const char *path;

	scratch_new(&s);
	path = breach_list_write(&list, &s, "x");
	expect_int(chmod(path, 0664), 0);
	expect_int(open_error(path, "mode 0664"), ERR_UNTRUSTED);
	expect_int(chmod(path, 0602), 0);
	expect_int(open_error(path, "mode 0602"), ERR_UNTRUSTED);
	expect_int(chmod(path, 0444), 0);
	breach_close(open_path(path));
}

/* Opens an index, beneath the current folder, as somebody. */
static int
open_as(uid_t uid, const char *name)
{
	struct breach *breach = NULL;
	int r;

	if (seteuid(uid) < 0)
		return 1;
	r = breach_open(name, &breach, NULL);
	breach_close(breach);
	return seteuid(0) < 0 ? 1 : r;
}

TEST("an index of somebody else is not trusted, and root's is")
{
	enum { SOMEBODY = 54321, ANOTHER };
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_CLOSE
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (geteuid() != 0)
		NOT_TESTED("needs root, to give a file away");
	scratch_new(&s);
	breach_list_write(&list, &s, "x");
	expect_int(chdir(s.dir), 0);
	expect_int(chmod(".", 0755), 0);
	expect_int(chmod("x", 0644), 0);
	expect_int(open_as(0, "x"), 0);
	expect_int(open_as(SOMEBODY, "x"), 0);
	expect_int(chown("x", SOMEBODY, 0), 0);
	expect_int(open_error("x", "belongs to uid 54321"), ERR_UNTRUSTED);
	expect_int(open_as(SOMEBODY, "x"), 0);
	expect_int(open_as(ANOTHER, "x"), ERR_UNTRUSTED);
	expect_int(fchdir(here), 0);
}

TEST("an index may have a second name")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };

	scratch_new(&s);
	expect_int(link(breach_list_write(&list, &s, "x"),
		       scratch_path(&s, "y")),
	    0);
	breach_close(open_path(scratch_path(&s, "x")));
}

/* ---- damage ---- */

TEST("an index cut anywhere is damaged, and one with something behind it")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	const char *path;

	scratch_new(&s);
	breach_list_add_many(&list, 10, 1);
	path = breach_list_write(&list, &s, "x");
	expect_int(truncate(path, 8193), 0);
	expect_int(open_error(path, "is longer than its header says"),
	    ERR_DAMAGED);
	for (off_t cut = 8191; cut >= 0; cut--) {
		expect_int(truncate(path, cut), 0);
		expect_int(open_error(path, "is cut short"), ERR_DAMAGED);
	}
}

TEST("a transfer that took the file for text is told from other damage")
{
	static const char *const begins[] = { "\x89SLP\n\x1a\n",
		"\x89SLP\r\r\n", "\x09SLP\r\n\x1a\n", "\x89SLP\r\n" };
	uint8_t bytes[BREACH_HEADER_SMALL] = { 0 };

	for (size_t i = 0; i < ROWS(begins); i++) {
		memset(bytes, 0, sizeof bytes);
		memcpy(bytes, begins[i], strlen(begins[i]));
		expect_refused(bytes, sizeof bytes, "took it for text");
	}
	memset(bytes, 'A', sizeof bytes);
	expect_refused(bytes, sizeof bytes, "is not a breach index");
}

TEST("a header with any one bit wrong is refused")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_CLOSE
	int fd = -1;
	AUTO_FREE uint8_t *bytes = NULL;
	const char *path;
	size_t n;

	scratch_new(&s);
	breach_list_add_many(&list, 10, 1);
	bytes = breach_list_bytes(&list, &n);
	path = breach_list_write(&list, &s, "x");
	expect((fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0);
	for (size_t at = 0; at < BREACH_HEADER_SMALL; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct breach *breach = NULL;
			uint8_t wrong = bytes[at] ^ (uint8_t)(1 << bit);

			expect_int(pwrite(fd, &wrong, 1, (off_t)at), 1);
			expect_int(breach_open(path, &breach, NULL),
			    ERR_DAMAGED);
			expect_int(pwrite(fd, bytes + at, 1, (off_t)at), 1);
		}
	breach_close(open_path(path));
}

/* How many members it cannot tell of; what it tells is right. */
static size_t
errors_of(const struct breach_list *list, const char *path)
{
	AUTO_BREACH struct breach *breach = NULL;
	size_t errors = 0;

	if (breach_open(path, &breach, NULL) < 0)
		return list->count;
	for (size_t i = 0; i < list->count; i++) {
		const uint8_t *hash = list->lines[i].hash;
		struct breach_seen seen = { 7, 7 };

		if (breach_look(breach, hash, &seen, NULL) < 0)
			errors++;
		else
			expect_seen(seen, breach_list_seen(list, hash));
	}
	return errors;
}

TEST("of 10,000 bits turned over none lets a member pass without an error")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_CLOSE
	int fd = -1;
	AUTO_FREE uint8_t *bytes = NULL;
	uint64_t seed = 10;
	const char *path;
	size_t n;

	scratch_new(&s);
	breach_list_usual_classes(&list);
	breach_list_add_many(&list, 20, 1);
	list.page_entries = 4; /* five pages: four members of each */
	bytes = breach_list_bytes(&list, &n);
	expect_int(n, BREACH_HEADER_SMALL + 5 * BREACH_PAGE_BYTES);
	path = breach_list_write(&list, &s, "x");
	expect((fd = open(path, O_WRONLY | O_CLOEXEC)) >= 0);
	for (int turn = 0; turn < 10000; turn++) {
		size_t at = (size_t)breach_list_random(&seed) % n;
		uint8_t wrong =
		    bytes[at] ^ (uint8_t)(1 << breach_list_random(&seed) % 8);

		expect_int(pwrite(fd, &wrong, 1, (off_t)at), 1);
		expect(errors_of(&list, path) >= 4);
		expect_int(pwrite(fd, bytes + at, 1, (off_t)at), 1);
	}
	expect_int(errors_of(&list, path), 0);
}

/* A header's number, another one in its place, and what is said of it. */
struct header_row {
	unsigned at, size;
	uint64_t number;
	const char *words;
};

static void
expect_headers_refused(const struct breach_list *list,
    const struct header_row *rows, size_t count)
{
	size_t n;
	AUTO_FREE uint8_t *bytes = breach_list_bytes(list, &n);

	for (size_t i = 0; i < count; i++) {
		uint64_t was = breach_list_get(bytes, rows[i].at, rows[i].size);

		expect(was != rows[i].number);
		breach_list_put(bytes, rows[i].at, rows[i].size,
		    rows[i].number);
		breach_list_mend(bytes, n);
		expect_refused(bytes, n, rows[i].words);
		breach_list_put(bytes, rows[i].at, rows[i].size, was);
	}
}

static const char unknown[] = "has a format that this program does not know";
static const char wrong_sizes[] = "has a header with wrong sizes";
static const char wrong_entries[] =
    "has a header with a wrong number of entries";
static const char wrong_counts[] = "has a header with wrong counts";
static const char wrong_lines[] = "has a header with a wrong number of lines";
static const char wrong_ranges[] = "has a header with wrong ranges";
static const char wrong_knots[] = "has a header with wrong knots";
static const char other_kind[] = "holds hashes that this program does not make";

TEST("another format or kind of hash is refused, and a wrong sum told apart")
{
	static const struct header_row rows[] = {
		{ BREACH_AT_MAJOR, 2, 0, unknown },
		{ BREACH_AT_MAJOR, 2, 2, unknown },
		{ BREACH_AT_MAJOR, 2, 0x101, unknown },
		{ BREACH_AT_HEADER_BYTES, 4, 0, "a header of a wrong size" },
		{ BREACH_AT_HEADER_BYTES, 4, 8192, "a header of a wrong size" },
		{ BREACH_AT_HEADER_BYTES, 4, 0x80001000,
		    "a header of a wrong size" },
		{ BREACH_AT_KIND, 1, 0, other_kind },
		{ BREACH_AT_KIND, 1, BREACH_NT, other_kind },
		{ BREACH_AT_KIND, 1, 3, other_kind },
		{ BREACH_AT_SELF_TEST, 8, 1, other_kind },
		{ BREACH_AT_CODING, 1, 2, unknown },
		{ BREACH_AT_FLAGS, 1, 1, unknown },
		{ BREACH_AT_FLAGS, 1, 0x80, unknown },
	};
	AUTO_LIST struct breach_list list = { 0 };
	size_t n;
	AUTO_FREE uint8_t *bytes = NULL;

	breach_list_add_many(&list, 10, 1);
	expect_headers_refused(&list, rows, ROWS(rows));
	bytes = breach_list_bytes(&list, &n);
	bytes[BREACH_AT_ENTRIES]++;
	expect_refused(bytes, n, "has a damaged header");
}

TEST("a newer index of the same format is read")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_FREE uint8_t *bytes = NULL;
	size_t n;

	scratch_new(&s);
	bytes = breach_list_bytes(&list, &n);
	breach_list_put(bytes, BREACH_AT_MINOR, 2, 0xffff);
	breach_list_mend(bytes, n);
	scratch_write(&s, "x", bytes, n);
	breach_close(open_path(scratch_path(&s, "x")));
}

TEST("numbers in a header that do not go together are refused, however large")
{
	static const uint64_t top = UINT64_MAX;
	const struct header_row rows[] = {
		{ BREACH_AT_PAGE_BYTES, 4, 0, wrong_sizes },
		{ BREACH_AT_PAGE_BYTES, 4, 8192, wrong_sizes },
		{ BREACH_AT_PAGES, 8, 0, wrong_sizes },
		{ BREACH_AT_PAGES, 8, 2, wrong_sizes },
		/* times 4096: the same in 64 bits */
		{ BREACH_AT_PAGES, 8, (UINT64_C(1) << 52) + 1, wrong_sizes },
		{ BREACH_AT_PAGES, 8, top, wrong_sizes },
		{ BREACH_AT_FILE_BYTES, 8, 4096, wrong_sizes },
		{ BREACH_AT_FILE_BYTES, 8, top, wrong_sizes },
		{ BREACH_AT_ENTRIES, 8, 0, wrong_entries },
		{ BREACH_AT_ENTRIES, 8, 2049, wrong_entries },
		{ BREACH_AT_ENTRIES, 8, top, wrong_entries },
		{ BREACH_AT_RANGE, 8, 9, wrong_entries },
		{ BREACH_AT_LINES, 8, 9, wrong_lines },
		{ BREACH_AT_LINES, 8, 11, wrong_lines },
		{ BREACH_AT_DUPLICATES, 8, 1, wrong_lines },
		{ BREACH_AT_ZERO_COUNTS, 8, top, wrong_lines },
		{ BREACH_AT_BELOW_LEAST, 8, 1, wrong_lines },
		{ BREACH_AT_PREFIXES, 4, (1 << 20) + 1, wrong_ranges },
		{ BREACH_AT_PREFIXES, 4, UINT32_MAX, wrong_ranges },
		{ BREACH_AT_FIRST_PREFIX, 4, 1 << 20, wrong_ranges },
		{ BREACH_AT_LAST_PREFIX, 4, 0, wrong_ranges },
		{ BREACH_AT_LAST_PREFIX, 4, 1 << 20, wrong_ranges },
		{ BREACH_AT_KNOT_COUNT, 2, 0, wrong_knots },
		{ BREACH_AT_KNOT_COUNT, 2, 2, wrong_knots },
		{ BREACH_AT_KNOT_COUNT, 2, 0xffff, wrong_knots },
		{ BREACH_AT_KNOTS, 8, top, wrong_knots },
	};
	AUTO_LIST struct breach_list list = { 0 };

	breach_list_add_many(&list, 10, 1);
	expect_headers_refused(&list, rows, ROWS(rows));
}

TEST("pages without entries, and entries without pages, are refused")
{
	static const struct header_row rows[] = {
		{ BREACH_AT_ENTRIES, 8, 1, wrong_entries },
		{ BREACH_AT_KNOT_COUNT, 2, 1, wrong_knots },
	};
	AUTO_LIST struct breach_list list = { 0 };

	expect_headers_refused(&list, rows, ROWS(rows));
}

TEST("knots that do not ascend, or are too many for the header, are refused")
{
	AUTO_LIST struct breach_list list = { .page_entries = 1 };
	const struct header_row rows[] = {
		{ BREACH_AT_KNOTS + 8, 8, 0, wrong_knots },
		{ BREACH_AT_KNOTS + 8 * 487, 8, UINT64_MAX, wrong_knots },
		{ BREACH_AT_KNOT_COUNT, 2, 489, wrong_knots },
	};
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_add_many(&list, 600, 1);
	breach = open_list(&list);
	expect_int(breach_about(breach)->pages, 600);
	expect_headers_refused(&list, rows, ROWS(rows));
}

TEST("count classes that make no sense are refused")
{
	static const struct header_row with[] = {
		{ BREACH_AT_COUNTS, 1, BREACH_COUNTS_NONE, wrong_counts },
		{ BREACH_AT_COUNTS, 1, 2, wrong_counts },
		{ BREACH_AT_CLASSES, 2, 0, wrong_counts },
		{ BREACH_AT_CLASSES, 2, 17, wrong_counts },
		{ BREACH_AT_CLASSES, 2, 0xffff, wrong_counts },
		{ BREACH_AT_LEAST_COUNT, 4, 0, wrong_counts },
		{ BREACH_AT_LEAST_COUNT, 4, 2, wrong_counts },
		{ BREACH_AT_CLASS_LEAST, 4, 2, wrong_counts },
		{ BREACH_AT_CLASS_LEAST + 8, 4, 2, wrong_counts },
		{ BREACH_AT_CLASS_LEAST + 60, 4, 0, wrong_counts },
	};
	static const struct header_row without[] = {
		{ BREACH_AT_COUNTS, 1, BREACH_COUNTS_UNARY, wrong_counts },
		{ BREACH_AT_CLASSES, 2, 1, wrong_counts },
		{ BREACH_AT_LEAST_COUNT, 4, 0, wrong_counts },
	};
	AUTO_LIST struct breach_list list = { 0 };

	expect_headers_refused(&list, without, ROWS(without));
	breach_list_usual_classes(&list);
	expect_headers_refused(&list, with, ROWS(with));
}

/* ---- more than any test can hold ---- */

TEST("an index of 8,000,000,000 entries is read where the entry is")
{
	enum { HERE = 3000000 };
	static const uint64_t pages = UINT64_C(1) << 22, top = UINT64_MAX;
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .whole_range = true };
	AUTO_BREACH struct breach *breach = NULL;
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_CLOSE
	int fd = -1;
	uint64_t base = (uint64_t)HERE << 42; /* pages are 2^42 wide */
	struct trouble why = { "" };
	struct breach_seen seen;
	size_t n;

	scratch_new(&s);
	for (unsigned i = 0; i < 100; i++)
		add_value(&list, base + ((uint64_t)i << 35));
	bytes = breach_list_bytes(&list, &n);
	breach_list_put(bytes, BREACH_AT_PAGES, 8, pages);
	breach_list_put(bytes, BREACH_AT_ENTRIES, 8, pages * 1900);
	breach_list_put(bytes, BREACH_AT_LINES, 8, pages * 1900);
	breach_list_put(bytes, BREACH_AT_DUPLICATES, 8, 0);
	breach_list_put(bytes, BREACH_AT_FILE_BYTES, 8, 4096 + pages * 4096);
	breach_list_put(bytes, BREACH_AT_KNOTS, 8, 0);
	breach_list_put(bytes, 4096 + BREACH_PAGE_NEXT, 8,
	    base + (UINT64_C(1) << 42));
	breach_list_mend(bytes, n);
	breach_list_mend_page(bytes + 4096, 0, HERE);
	/* All the other pages are a hole in the file. */
	scratch_write(&s, "x", bytes, 4096);
	fd = open(scratch_path(&s, "x"), O_WRONLY | O_CLOEXEC);
	expect(fd >= 0);
	if (ftruncate(fd, (off_t)(4096 + pages * 4096)) < 0)
		NOT_TESTED("no files of 17 GB here, not even hollow ones");
	expect_int(pwrite(fd, bytes + 4096, 4096, 4096 + HERE * INT64_C(4096)),
	    4096);
	breach = open_path(scratch_path(&s, "x"));
	for (size_t i = 0; i < list.count; i++)
		expect_int(look(breach, list.lines[i].hash).least, 1);
	expect_absent(breach, hash_from(base + 1));
	expect_int(breach_look(breach, hash_from(base - 1), &seen, &why),
	    ERR_DAMAGED);
	expect_int(breach_look(breach, hash_from(top), &seen, &why),
	    ERR_DAMAGED);
}

/* ---- pages with a right sum that are not right ---- */

enum { PAGE_0 = BREACH_HEADER_SMALL, PAGE_1 = PAGE_0 + BREACH_PAGE_BYTES };

/* Ten pages with entries 1000, 1007, 1014, ..., four in each. */
static void
sevens(struct breach_list *list)
{
	list->whole_range = true;
	list->page_entries = 4;
	list->knots = 2;
	for (unsigned i = 0; i < 40; i++)
		add_value(list, 1000 + 7 * i);
}

/* What looking up and checking make of sevens with other bytes somewhere. */
static void
expect_damage(size_t at, unsigned size, uint64_t number, uint64_t entry,
    const char *words)
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_BREACH struct breach *breach = NULL;
	AUTO_FREE uint8_t *bytes = NULL;
	struct trouble why = { "" };
	struct breach_seen seen = { 7, 7 };
	size_t n;

	scratch_new(&s);
	sevens(&list);
	bytes = breach_list_bytes(&list, &n);
	breach_list_put(bytes, at, size, number);
	breach_list_mend(bytes, n);
	scratch_write(&s, "x", bytes, n);
	breach = open_path(scratch_path(&s, "x"));
	if (entry != 0) {
		disk_works();
		expect_int(breach_look(breach, hash_from(entry), &seen, &why),
		    ERR_DAMAGED);
		expect(strstr(why.text, "has a damaged page") != NULL);
		expect(disk.calls <= 10);
		expect_int(seen.least, 7);
	}
	expect_int(breach_check(breach, NULL, NULL, &why), ERR_DAMAGED);
	if (strstr(why.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", why.text, words);
}

TEST("a page that does not fit its neighbours is damaged, and the search ends")
{
	/* Page 1 has 1028, 1035, 1042 and 1049. */
	static const size_t base = PAGE_1 + BREACH_PAGE_BASE;
	static const size_t next = PAGE_1 + BREACH_PAGE_NEXT;
	static const char page_1[] = ": page 1 is damaged";
	static const char page_2[] = ": page 2 is damaged";

	expect_damage(base, 8, 1000, 1028, page_1);
	expect_damage(base, 8, 1029, 0, page_1);
	expect_damage(base, 8, 0, 1028, page_1);
	expect_damage(base, 8, UINT64_MAX, 1028, page_1);
	expect_damage(next, 8, 1028, 1028, page_1);
	expect_damage(next, 8, 1055, 0, page_2);
	expect_damage(next, 8, 1140, 1028, page_2);
	expect_damage(next, 8, 0, 1028, page_2);
	expect_damage(PAGE_0 + BREACH_PAGE_BASE, 8, 999, 1001,
	    "has a wrong knot");
	expect_damage(PAGE_0 + 9 * BREACH_PAGE_BYTES + BREACH_PAGE_NEXT, 8,
	    5000, UINT64_MAX, "goes on behind its last page");
}

TEST("a page's head may only hold what is written")
{
	static const char page_1[] = ": page 1 is damaged";

	expect_damage(PAGE_1 + BREACH_PAGE_COUNT, 2, 0, 1028, page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_COUNT, 2, 2049, 1028, page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_COUNT, 2, 0xffff, 1028, page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_LOW, 1, 64, 1028, page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_LOW, 1, 255, 1028, page_1);
	/* 510 times 63 low bits fit; a one more for each does not. */
	expect_damage(PAGE_1 + BREACH_PAGE_COUNT, 3, 510 | 63 << 16, 1028,
	    page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_FLAGS, 1, 1, 1028, page_1);
	expect_damage(PAGE_1 + BREACH_PAGE_FLAGS, 1, 0x80, 1028, page_1);
}

TEST("a page is not taken whose head makes no sense, whatever index it is in")
{
	static const struct {
		unsigned at, size;
		uint64_t number;
	} rows[] = {
		{ BREACH_PAGE_COUNT, 2, 0 }, { BREACH_PAGE_COUNT, 2, 2049 },
		{ BREACH_PAGE_COUNT, 3, 510 | 63 << 16 },
		{ BREACH_PAGE_LOW, 1, 64 }, { BREACH_PAGE_FLAGS, 1, 1 },
		{ BREACH_PAGE_BASE, 8, 1056 }, /* its next */
		{ BREACH_PAGE_NEXT, 8, 1028 }, /* its base */
		{ BREACH_PAGE_NEXT, 8, 2001 }, /* beyond M */
		{ BREACH_PAGE_NEXT, 8, 0 },    /* 2^64 */
	};
	enum { RANGE = 2000 };
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_FREE uint8_t *bytes = NULL;
	struct breach_page page;
	size_t n;

	sevens(&list);
	bytes = breach_list_bytes(&list, &n);
	for (size_t i = 0; i < ROWS(rows); i++) {
		uint8_t wrong[BREACH_PAGE_ROOM];

		memcpy(wrong, bytes + PAGE_1, sizeof wrong);
		/* This is full to its last bit, and right. */
		breach_list_put(wrong, BREACH_PAGE_COUNT, 3, 509 | 63 << 16);
		breach_list_mend_page(wrong, RANGE, 1);
		expect_int(breach_page_take(wrong, 1, RANGE, &page), 0);
		breach_list_put(wrong, rows[i].at, rows[i].size,
		    rows[i].number);
		breach_list_mend_page(wrong, RANGE, 1);
		expect_int(breach_page_take(wrong, 1, RANGE, &page),
		    ERR_DAMAGED);
	}
}

TEST("a page with any one bit wrong is not taken")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_FREE uint8_t *bytes = NULL;
	struct breach_page page;
	uint64_t range;
	size_t n;

	breach_list_add_many(&list, 500, 1);
	bytes = breach_list_bytes(&list, &n);
	range = breach_list_get(bytes, BREACH_AT_RANGE, 8);
	bytes = realloc(bytes, n + 8);
	expect_int(breach_page_take(bytes + PAGE_0, 0, range, &page), 0);
	for (size_t bit = 0; bit < 8 * (size_t)BREACH_PAGE_BYTES; bit++) {
		uint8_t *wrong = bytes + PAGE_0 + bit / 8;

		*wrong ^= (uint8_t)(1 << bit % 8);
		expect_int(breach_page_take(bytes + PAGE_0, 0, range, &page),
		    ERR_DAMAGED);
		*wrong ^= (uint8_t)(1 << bit % 8);
	}
}

TEST("a page of another index, or from another place, is not taken for its own")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 }, other = { 0 };
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_FREE uint8_t *its_bytes = NULL;
	AUTO_BREACH struct breach *breach = NULL;
	struct breach_seen seen = { 7, 7 };
	size_t n;

	scratch_new(&s);
	list.page_entries = other.page_entries = 10;
	breach_list_add_many(&list, 40, 1);
	breach_list_add_many(&other, 39, 1);
	bytes = breach_list_bytes(&list, &n);
	its_bytes = breach_list_bytes(&other, &n);
	expect_int(n, BREACH_HEADER_SMALL + 4 * BREACH_PAGE_BYTES);
	memcpy(bytes + PAGE_0, its_bytes + PAGE_0, BREACH_PAGE_BYTES);
	memmove(bytes + PAGE_1, bytes + PAGE_1 + BREACH_PAGE_BYTES,
	    BREACH_PAGE_BYTES);
	scratch_write(&s, "x", bytes, n);
	breach = open_path(scratch_path(&s, "x"));
	for (size_t page = 0; page < 2; page++) {
		uint64_t base =
		    breach_list_get(bytes, BREACH_AT_KNOTS + 8 * page, 8);
		uint64_t step = UINT64_MAX / breach_about(breach)->range;

		expect_int(breach_look(breach, hash_from((base + 1) * step),
			       &seen, NULL),
		    ERR_DAMAGED);
	}
	expect_int(seen.least, 7);
}

TEST("checking an index notices a list that ends and begins again")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .whole_range = true,
		.page_entries = 1,
		.knots = 1 };
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_BREACH struct breach *breach = NULL;
	size_t n;

	scratch_new(&s);
	add_value(&list, 0);
	add_value(&list, 5);
	bytes = breach_list_bytes(&list, &n);
	breach_list_put(bytes, PAGE_0 + BREACH_PAGE_NEXT, 8, 0); /* 2^64 */
	breach_list_put(bytes, PAGE_1 + BREACH_PAGE_BASE, 8, 0);
	breach_list_mend(bytes, n);
	scratch_write(&s, "x", bytes, n);
	breach = open_path(scratch_path(&s, "x"));
	expect_int(breach_check(breach, NULL, NULL, NULL), ERR_DAMAGED);
}

TEST("checking an index reads all of each page")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_BREACH struct breach *breach = NULL;
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_CLOSE
	int fd = -1;
	uint8_t *page;
	size_t n;

	scratch_new(&s);
	sevens(&list);
	bytes = breach_list_bytes(&list, &n);
	page = bytes + PAGE_1;
	scratch_write(&s, "x", bytes, n);
	breach = open_path(scratch_path(&s, "x"));
	fd = open(scratch_path(&s, "x"), O_WRONLY | O_CLOEXEC);
	expect(fd >= 0);
	expect_int(breach_check(breach, NULL, NULL, NULL), 0);
	for (size_t bit = 0; bit < BREACH_PAYLOAD_BITS; bit++) {
		size_t at = BREACH_PAGE_PAYLOAD + bit / 8;

		page[at] ^= (uint8_t)(1 << bit % 8);
		breach_list_mend_page(page, 0, 1);
		expect_int(pwrite(fd, page, BREACH_PAGE_BYTES, PAGE_1),
		    BREACH_PAGE_BYTES);
		/* With another low bit the entries may still ascend. */
		if (breach_check(breach, NULL, NULL, NULL) == 0)
			expect(bit < 4U * page[BREACH_PAGE_LOW]);
		page[at] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
count_calls(void *with, uint64_t pages)
{
	unsigned *calls = with;

	expect_int(pages % 4096, 0);
	++*calls;
}

TEST("checking an index tells how far it is, and counts its entries")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .page_entries = 1 };
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_BREACH struct breach *breach = NULL;
	AUTO_BREACH struct breach *wrong = NULL;
	struct trouble why = { "" };
	unsigned calls = 0;
	size_t n;

	scratch_new(&s);
	breach_list_add_many(&list, 9000, 1);
	bytes = breach_list_bytes(&list, &n);
	scratch_write(&s, "x", bytes, n);
	breach = open_path(scratch_path(&s, "x"));
	expect_int(breach_check(breach, count_calls, &calls, &why), 0);
	expect_int(calls, 2);
	breach_list_put(bytes, BREACH_AT_ENTRIES, 8, 9001);
	breach_list_put(bytes, BREACH_AT_LINES, 8, 9001);
	breach_list_mend(bytes, n);
	scratch_write(&s, "y", bytes, n);
	wrong = open_path(scratch_path(&s, "y"));
	expect_int(breach_check(wrong, NULL, NULL, &why), ERR_DAMAGED);
	expect(strstr(why.text, "wrong number of entries") != NULL);
}

TEST("a member whose count class is missing or unknown is an error")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .whole_range = true };
	AUTO_FREE uint8_t *bytes = NULL;
	AUTO_BREACH struct breach *breach = NULL;
	struct breach_seen seen = { 7, 7 };
	struct trouble why = { "" };
	uint8_t *payload;
	size_t n;

	scratch_new(&s);
	breach_list_usual_classes(&list);
	breach_list_add(&list, hash_from(77), 1);
	bytes = breach_list_bytes(&list, &n);
	payload = bytes + PAGE_0 + BREACH_PAGE_PAYLOAD;
	expect_int(payload[0], 3); /* l is 0: an entry's one, a class's one */
	for (int turn = 0; turn < 2; turn++) {
		payload[0] = 1;
		payload[2] = turn == 0 ? 0 : 2; /* no class; class 16 */
		breach_list_mend(bytes, n);
		scratch_write(&s, "x", bytes, n);
		breach_close(breach);
		breach = open_path(scratch_path(&s, "x"));
		expect_int(breach_look(breach, hash_from(77), &seen, &why),
		    ERR_DAMAGED);
		expect(strstr(why.text, "has a damaged page") != NULL);
		expect_int(breach_check(breach, NULL, NULL, &why), ERR_DAMAGED);
		expect_int(seen.least, 7);
	}
}

/* ---- a disk that fails, and others that write ---- */

TEST("a read that fails is no answer")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .knots = 1,
		.header_bytes = BREACH_HEADER_LARGE };
	struct trouble why = { "" };
	struct breach_seen seen = { 7, 7 };
	struct breach *breach = NULL;
	const char *path;

	scratch_new(&s);
	breach_list_add_many(&list, 20000, 1);
	path = breach_list_write(&list, &s, "x");
	for (unsigned at = 1; at <= 2; at++) { /* a large header takes two */
		disk_works();
		disk.fails_at = at;
		expect_int(open_error(path, "cannot read"), ERR_IO);
	}
	disk_works();
	breach = open_path(path);
	disk_works();
	disk.fails_at = 1;
	expect_int(breach_look(breach, list.lines[0].hash, &seen, &why),
	    ERR_IO);
	expect(strstr(why.text, "cannot read") != NULL);
	expect_int(breach_check(breach, NULL, NULL, &why), 0);
	disk_works();
	disk.fails_at = 3;
	expect_int(breach_check(breach, NULL, NULL, &why), ERR_IO);
	disk_works();
	expect_int(seen.least, 7);
	breach_close(breach);
}

TEST("reads that are short or interrupted give the same answers")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_BREACH struct breach *breach = NULL;

	breach_list_usual_classes(&list);
	breach_list_add_many(&list, 3000, 1);
	disk_works();
	disk.most = 1000;
	disk.interrupts = 3;
	breach = open_list(&list);
	for (size_t i = 0; i < list.count; i += 100) {
		const uint8_t *hash = list.lines[i].hash;

		disk.interrupts = 2;
		expect_seen(look(breach, hash), breach_list_seen(&list, hash));
	}
	disk_works();
}

/* The files of the next three tests, for what happens in between. */
static char in_use[SCRATCH_PATH_SIZE], new_one[SCRATCH_PATH_SIZE];

/* Another process does it, and is done before we go on. */
static void
another_process(int (*run)(void *with))
{
	expect_int(scratch_child(run, NULL), 0);
}

static int
cut_now(void *unused)
{
	(void)unused;
	return truncate(in_use, BREACH_HEADER_SMALL + 100) < 0;
}

static int
empty_now(void *unused)
{
	(void)unused;
	return truncate(in_use, 0) < 0;
}

static int
replace_now(void *unused)
{
	(void)unused;
	return rename(new_one, in_use) < 0;
}

/* As cp does. */
static int
copy_over_now(void *unused)
{
	static uint8_t bytes[1 << 20];
	int from = open(new_one, O_RDONLY), to = open(in_use, O_WRONLY);
	ssize_t n = read(from, bytes, sizeof bytes);

	(void)unused;
	return n <= 0 || write(to, bytes, (size_t)n) != n;
}

static void
cut(void)
{
	another_process(cut_now);
}

static void
empty(void)
{
	another_process(empty_now);
}

static void
replace(void)
{
	another_process(replace_now);
}

static void
copy_over(void)
{
	another_process(copy_over_now);
}

/* Two lists of which the second has other members and the same size. */
static void
write_two(const struct scratch *s, struct breach_list *old,
    struct breach_list *new)
{
	breach_list_add_many(old, 3000, 1);
	breach_list_add_many(new, 3001, 2);
	snprintf(in_use, sizeof in_use, "%s",
	    breach_list_write(old, s, "x.breach"));
	snprintf(new_one, sizeof new_one, "%s", breach_list_write(new, s, "y"));
}

TEST("an index truncated during a lookup is damaged, and kills nobody")
{
	void (*const ways[])(void) = { cut, empty };

	for (size_t i = 0; i < ROWS(ways); i++) {
		AUTO_SCRATCH struct scratch s;
		AUTO_LIST struct breach_list old = { 0 }, new = { 0 };
		AUTO_BREACH struct breach *breach = NULL;
		struct trouble why = { "" };
		struct breach_seen seen = { 7, 7 };

		scratch_new(&s);
		write_two(&s, &old, &new);
		breach = open_path(in_use);
		disk_works();
		disk.at = 1;
		disk.happens = ways[i];
		expect_int(breach_look(breach, old.lines[0].hash, &seen, &why),
		    ERR_DAMAGED);
		expect(strstr(why.text, "is cut short") != NULL);
		expect_int(seen.least, 7);
		disk_works();
	}
}

TEST("an index truncated while it is opened is damaged")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list old = { 0 }, new = { 0 };

	scratch_new(&s);
	write_two(&s, &old, &new);
	disk_works();
	disk.at = 1;
	disk.happens = empty;
	expect_int(open_error(in_use, "is cut short"), ERR_DAMAGED);
	disk_works();
}

TEST("an index replaced during a lookup answers as it was opened")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list old = { 0 }, new = { 0 };
	AUTO_BREACH struct breach *breach = NULL, *next = NULL;

	scratch_new(&s);
	write_two(&s, &old, &new);
	breach = open_path(in_use);
	disk_works();
	disk.at = 1;
	disk.happens = replace;
	expect_int(look(breach, old.lines[0].hash).least, 1);
	expect_int(disk.calls, 1);
	expect_int(look(breach, old.lines[1].hash).least, 1);
	expect_absent(breach, new.lines[0].hash);
	next = open_path(in_use);
	expect_int(look(next, new.lines[0].hash).least, 1);
	expect_absent(next, old.lines[0].hash);
	disk_works();
}

TEST("an index with another one copied over it during a lookup does not answer")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list old = { 0 }, new = { 0 };
	AUTO_BREACH struct breach *breach = NULL;
	struct breach_seen seen = { 7, 7 };

	scratch_new(&s);
	write_two(&s, &old, &new);
	breach = open_path(in_use);
	disk_works();
	disk.at = 1;
	disk.happens = copy_over;
	for (int i = 0; i < 100; i++)
		expect_int(breach_look(breach, old.lines[i].hash, &seen, NULL),
		    ERR_DAMAGED);
	expect_int(seen.least, 7);
	disk_works();
}

/* Replaces the index by two others in turn, until it is killed. */
static int
replace_for_ever(const struct scratch *s)
{
	static const char *const names[] = { "a", "b" };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return 1;
	for (unsigned turn = 0;; turn++)
		if (link(scratch_path(s, names[turn % 2]),
			scratch_path(s, "next")) < 0 ||
		    rename(scratch_path(s, "next"),
			scratch_path(s, "x.breach")) < 0)
			return 1;
}

TEST("while another process replaces an index all the time, answers are right")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list a = { 0 }, b = { .bits = 33 };
	pid_t child;
	int status;

	scratch_new(&s);
	breach_list_usual_classes(&a);
	breach_list_add_many(&a, 100, 1);
	breach_list_add_many(&b, 5000, 2);
	breach_list_add_password(&a, "password", 1);
	breach_list_add_password(&b, "password", 1);
	breach_list_write(&a, &s, "a");
	breach_list_write(&b, &s, "b");
	breach_list_write(&b, &s, "x.breach");
	if ((child = fork()) == 0)
		_exit(replace_for_ever(&s));
	expect(child > 0);
	for (int i = 0; i < 3000; i++) {
		struct breach_seen seen = { 7, 7 };
		struct trouble why = { "" };

		if (breach_search(scratch_path(&s, "*.breach"), "password", 1,
			&seen, &why) < 0)
			fail_msg("%s", why.text);
		expect_int(seen.least, 1);
	}
	expect_int(kill(child, SIGKILL), 0);
	expect_int(waitpid(child, &status, 0), child);
	expect(WIFSIGNALED(status)); /* it has not ended before */
}

/* ---- what a lookup leaves behind ---- */

TEST("a lookup leaves nothing of the hash and the page in memory")
{
	AUTO_LIST struct breach_list list = { .whole_range = true };
	AUTO_BREACH struct breach *breach = NULL;
	AUTO_FREE uint8_t *bytes = NULL;
	uint64_t entry;
	size_t n;

	breach_list_add_many(&list, 900, 1);
	bytes = breach_list_bytes(&list, &n);
	breach = open_list(&list);
	entry = value_of(list.lines[0].hash);
	expect_int(look(breach, hash_from(entry)).least, 1);
	expect(memmem(breach, malloc_usable_size(breach), &entry,
		   sizeof entry) == NULL);
	expect(memmem(breach, malloc_usable_size(breach),
		   bytes + PAGE_0 + BREACH_PAGE_PAYLOAD, 16) == NULL);
}

TEST("what is opened is closed, whatever comes of it")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	struct breach_seen seen;
	int before = dup(0);
	const char *path;

	expect(before > 2);
	expect_int(close(before), 0);
	scratch_new(&s);
	breach_list_add_many(&list, 100, 1);
	path = breach_list_write(&list, &s, "x");
	for (unsigned at = 0; at <= 3; at++) {
		disk_works();
		disk.fails_at = at;
		(void)breach_search(path, "password", 1, &seen, NULL);
		expect_int(fcntl(before, F_GETFD), -1);
	}
	disk_works();
}

/* ---- all indexes ---- */

static int
search(const struct scratch *s, const char *pattern, const char *password,
    struct breach_seen *seen_out, struct trouble *why)
{
	disk_works();
	*seen_out = (struct breach_seen){ 7, 7 };
	return breach_search(scratch_path(s, pattern), password, 1, seen_out,
	    why);
}

static void
expect_found(const struct scratch *s, const char *pattern, const char *password,
    uint32_t least)
{
	struct breach_seen seen;
	struct trouble why = { "" };

	if (search(s, pattern, password, &seen, &why) < 0)
		fail_msg("%s", why.text);
	expect_int(seen.least, least);
}

TEST("of several indexes the one counts that has seen a password most often")
{
	static const char *const names[] = { "a.breach", "b.breach",
		"c.breach" };
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	for (size_t i = 0; i < ROWS(names); i++) {
		AUTO_LIST struct breach_list list = {
			.kind = i == 1 ? BREACH_NT : BREACH_SHA1
		};

		breach_list_usual_classes(&list);
		breach_list_add_password(&list, "both",
		    i == 1 ? 100000 : (uint32_t)(1 + i));
		breach_list_add_password(&list, names[i], 50);
		breach_list_write(&list, &s, names[i]);
	}
	expect_found(&s, "*.breach", "both", 100000);
	expect_found(&s, "[ac].breach", "both", 2);
	expect_found(&s, "a.breach", "both", 1);
	expect_found(&s, "*.breach", "a.breach", 50);
	expect_found(&s, "*.breach", "b.breach", 50);
	expect_found(&s, "*.breach", "c.breach", 50);
	expect_found(&s, "*.breach", "neither", 0);
}

TEST("what one index may have seen often another does not make seldom")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list counts = { .kind = BREACH_SHA1 };
	AUTO_LIST struct breach_list none = { .kind = BREACH_SHA1 };
	struct breach_seen seen;
	struct trouble why = { "" };
	uint32_t counts_least;

	scratch_new(&s);
	breach_list_usual_classes(&counts);
	breach_list_add_password(&counts, "password", 5);
	breach_list_write(&counts, &s, "counts.breach");
	breach_list_add_password(&none, "password", 1);
	breach_list_write(&none, &s, "none.breach");
	expect_int(search(&s, "none.breach", "password", &seen, &why), 0);
	expect_int(seen.most, UINT32_MAX);
	expect_int(search(&s, "counts.breach", "password", &seen, &why), 0);
	expect(seen.least > 1 && seen.most < 50);
	counts_least = seen.least;
	expect_int(search(&s, "*.breach", "password", &seen, &why), 0);
	expect_int(seen.least, counts_least);
	expect_int(seen.most, UINT32_MAX);
}

TEST("an index that cannot be read matters where the others saw it too seldom")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .kind = BREACH_SHA1 };
	struct breach_seen seen = { 7, 7 };
	struct trouble why = { "" };
	const char *lists;

	scratch_new(&s);
	breach_list_usual_classes(&list);
	breach_list_add_password(&list, "password", 1);
	breach_list_add_password(&list, "often", 70000);
	breach_list_write(&list, &s, "b.breach");
	scratch_write_text(&s, "a.breach", "no index");
	lists = scratch_path(&s, "*.breach");
	expect_int(breach_search(lists, "password", 2, &seen, &why),
	    ERR_DAMAGED);
	expect_int(seen.least, 7);
	expect_int(breach_search(lists, "password", 1, &seen, &why), 0);
	expect_int(breach_search(lists, "often", 60000, &seen, &why), 0);
	expect_int(seen.least, 50000);
}

TEST("an index that cannot be read matters unless another has the password")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	struct breach_seen seen;
	struct trouble why = { "" };

	scratch_new(&s);
	breach_list_add_password(&list, "password", 1);
	breach_list_write(&list, &s, "b.breach");
	scratch_write_text(&s, "a.breach", "no index");
	scratch_write_text(&s, "c.breach", "");
	expect_found(&s, "*.breach", "password", 1);
	expect_int(search(&s, "*.breach", "other", &seen, &why), ERR_DAMAGED);
	expect(strstr(why.text, "/a.breach is cut short") != NULL);
	expect_int(seen.least, 7);
	expect_int(search(&s, "a.breach", "password", &seen, &why),
	    ERR_DAMAGED);
}

TEST("where there is no index, that is no answer")
{
	AUTO_SCRATCH struct scratch s;
	struct breach_seen seen;
	struct trouble why = { "" };

	scratch_new(&s);
	expect_int(search(&s, "*.breach", "password", &seen, &why),
	    ERR_MISSING);
	expect(strstr(why.text, "/*.breach") != NULL);
	expect_int(search(&s, "x.breach", "password", &seen, &why),
	    ERR_MISSING);
	expect_int(search(&s, "none/*.breach", "password", &seen, &why),
	    ERR_MISSING);
	expect_int(search(&s, "none/x.breach", "password", &seen, &why),
	    ERR_MISSING);
	expect_int(seen.least, 7);
}

static int
search_locked(void *unused)
{
	struct breach_seen seen;
	struct trouble why = { "" };

	(void)unused;
	if (geteuid() == 0 && setuid(54321) < 0)
		return 100;
	return -breach_search("locked/*.breach", "password", 1, &seen, &why);
}

TEST("a folder that cannot be read is not one without indexes")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_CLOSE
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	scratch_new(&s);
	expect_int(mkdir(scratch_path(&s, "locked"), 0700), 0);
	breach_list_write(&list, &s, "locked/x.breach");
	expect_int(chmod(scratch_path(&s, "locked"), 0), 0);
	expect_int(chmod(s.dir, 0755), 0);
	expect_int(chdir(s.dir), 0);
	expect_int(scratch_child(search_locked, NULL), -ERR_IO);
	expect_int(fchdir(here), 0);
}

TEST("odd passwords are looked up like others")
{
	enum { LARGE = 16 << 20 };
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_FREE char *large = malloc(LARGE + 1);
	char all_bytes[256];

	scratch_new(&s);
	expect(large != NULL);
	memset(large, 'x', LARGE);
	large[LARGE] = '\0';
	for (int i = 0; i < 255; i++)
		all_bytes[i] = (char)(i + 1);
	all_bytes[255] = '\0';
	breach_list_add_password(&list, "", 1);
	breach_list_add_password(&list, large, 1);
	breach_list_add_password(&list, all_bytes, 1);
	breach_list_add_password(&list, "\n", 1);
	breach_list_write(&list, &s, "x");
	expect_found(&s, "x", "", 1);
	expect_found(&s, "x", large, 1);
	expect_found(&s, "x", all_bytes, 1);
	expect_found(&s, "x", "\n", 1);
	expect_found(&s, "x", large + 1, 0);
	expect_found(&s, "x", all_bytes + 1, 0);
	expect_found(&s, "x", " ", 0);
}

TEST("a password that is not UTF-8 is in no NT list")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_LIST struct breach_list list = { .kind = BREACH_NT };

	scratch_new(&s);
	breach_list_add_password(&list, "\xf0\x9f\x94\x92", 1);
	breach_list_add_password(&list, "", 1);
	breach_list_write(&list, &s, "x");
	expect_found(&s, "x", "\xf0\x9f\x94\x92", 1);
	expect_found(&s, "x", "", 1);
	expect_found(&s, "x", "\xf0\x9f\x94", 0);
	expect_found(&s, "x", "\xff", 0);
}
