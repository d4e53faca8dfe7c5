#include "breach_build.h"

#include "breach_list.h"
#include "breach_output.h"
#include "breach_write.h"
#include "mem.h"
#include "scratch.h"
#include "sweep.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LITTLE_MEMORY = 1 << 20, PLENTY = 1 << 28 };

/* A folder, choices as they are when nothing is chosen, and what comes of
 * them.  The index is DIR/index, a list DIR/list. */
struct job {
	struct scratch scratch;
	struct breach_build build;
	char output[SCRATCH_PATH_SIZE], input[2][SCRATCH_PATH_SIZE];
	char *names[2];
	struct breach_built built;
	struct trouble why;
};

static void
job_new(struct job *job)
{
	scratch_in_memory(); /* nobody waits for a disk */
	memset(job, 0, sizeof *job);
	scratch_new(&job->scratch);
	job->build =
	    (struct breach_build){ .input = { job->names, 1, false, PLENTY },
		    .output = job->output,
		    .bits = 24,
		    .least = 1,
		    .memory = PLENTY,
		    .spill = job->scratch.dir };
	snprintf(job->output, sizeof job->output, "%s",
	    scratch_path(&job->scratch, "index"));
	for (int i = 0; i < 2; i++) {
		snprintf(job->input[i], sizeof job->input[i], "%s",
		    scratch_path(&job->scratch, i == 0 ? "list" : "list2"));
		job->names[i] = job->input[i];
	}
}

static void
job_free(struct job *job)
{
	scratch_free(&job->scratch);
}
#define AUTO_JOB __attribute__((cleanup(job_free)))

/* ---- lists ---- */

static int
by_hash(const void *a, const void *b)
{
	return memcmp(((const struct breach_line *)a)->hash,
	    ((const struct breach_line *)b)->hash, BREACH_HASH_MOST);
}

static void
sort(struct breach_list *list)
{
	if (list->count > 0)
		qsort(list->lines, list->count, sizeof *list->lines, by_hash);
}

/* Lines that look random, in order. */
static void
many(struct breach_list *list, size_t n)
{
	breach_list_add_many(list, n, 1);
	sort(list);
}

static void
shuffle(struct breach_list *list)
{
	uint64_t state = 2;

	for (size_t i = list->count; i > 1; i--) {
		size_t k = (size_t)breach_list_random(&state) % i;
		struct breach_line line = list->lines[i - 1];

		list->lines[i - 1] = list->lines[k];
		list->lines[k] = line;
	}
}

/* Lines whose first 64 bits are given. */
static void
add(struct breach_list *list, uint64_t first, uint32_t count)
{
	uint8_t hash[BREACH_HASH_MOST] = { 0 };

	for (int i = 0; i < 8; i++)
		hash[i] = (uint8_t)(first >> (56 - 8 * i));
	breach_list_add(list, hash, count);
}

static char *
hex(char *at, const uint8_t *hash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (int i = 0; i < 20; i++) {
		*at++ = digits[hash[i] >> 4];
		*at++ = digits[hash[i] & 15];
	}
	return at;
}

/* The list as text, to be freed. */
static char *
text_of(const struct breach_list *list, size_t *n_out)
{
	char *text = malloc(list->count * 54 + 1), *at = text;

	expect(text != NULL);
	for (size_t i = 0; i < list->count; i++) {
		at = hex(at, list->lines[i].hash);
		at += sprintf(at, ":%u\n", list->lines[i].count);
	}
	*n_out = (size_t)(at - text);
	return text;
}

static void
write_list(struct job *job, const char *name, const struct breach_list *list)
{
	size_t n;
	char *text = text_of(list, &n);

	scratch_write(&job->scratch, name, text, n);
	free(text);
}

/* Writes the list into a pipe in pieces; the process is to be waited for. */
static pid_t
pipe_list(struct job *job, const char *name, const struct breach_list *list,
    size_t piece)
{
	size_t n;
	char *text = text_of(list, &n);
	pid_t child;

	expect_int(mkfifo(scratch_path(&job->scratch, name), 0600), 0);
	fflush(NULL);
	if ((child = fork()) == 0) {
		int fd = open(scratch_path(&job->scratch, name), O_WRONLY);

		for (size_t at = 0; at < n; at += piece)
			if (write(fd, text + at,
				n - at < piece ? n - at : piece) < 0)
				_exit(1);
		_exit(0);
	}
	expect(child > 0);
	free(text);
	return child;
}

static void
pipe_end(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		expect_int(errno, EINTR);
}

/* ---- building, and what came of it ---- */

static void
build(struct job *job)
{
	int r = breach_build(&job->build, &job->built, &job->why);

	if (r < 0)
		fail_msg("%s (%s)", job->why.text, err_text(r));
}

static void
build_list(struct job *job, const struct breach_list *list)
{
	write_list(job, "list", list);
	build(job);
}

static void
expect_error(struct job *job, int err, const char *why)
{
	job->why.text[0] = '\0';
	expect_int(breach_build(&job->build, &job->built, &job->why), err);
	if (strstr(job->why.text, why) == NULL)
		fail_msg("\"%s\" says nothing of \"%s\"", job->why.text, why);
}

static struct breach *
open_index(struct job *job)
{
	struct breach *breach = NULL;

	if (breach_open(job->output, &breach, &job->why) < 0)
		fail_msg("%s", job->why.text);
	return breach;
}

/* Every page is as it should be; of every line the count is known as closely
 * as its class.  Different hashes may have become one entry. */
static void
expect_members(struct job *job, const struct breach_list *list)
{
	AUTO_BREACH struct breach *breach = open_index(job);
	size_t merged = 0;

	if (breach_check(breach, NULL, NULL, &job->why) < 0)
		fail_msg("%s", job->why.text);
	for (size_t i = 0; i < list->count; i++) {
		const struct breach_line *line = &list->lines[i];
		struct breach_seen seen = { 0, 0 };

		expect_int(breach_look(breach, line->hash, &seen, &job->why),
		    0);
		expect(seen.least > 0);
		expect(line->count <= seen.most);
		merged += line->count < seen.least;
	}
	expect(merged <= list->count - breach_about(breach)->entries);
}

/* How many of so many random hashes are taken for members. */
static unsigned
false_alarms(struct job *job, unsigned tries)
{
	AUTO_BREACH struct breach *breach = open_index(job);
	uint64_t state = 77;
	unsigned alarms = 0;

	for (unsigned i = 0; i < tries; i++) {
		uint8_t hash[BREACH_HASH_MOST] = { 0 };
		struct breach_seen seen = { 0, 0 };

		breach_list_put(hash, 0, 8, breach_list_random(&state));
		expect_int(breach_look(breach, hash, &seen, &job->why), 0);
		alarms += seen.least > 0;
	}
	return alarms;
}

struct bytes {
	uint8_t *at; /* owned */
	size_t n;
};

static struct bytes
file_bytes(const struct job *job, const char *name)
{
	struct bytes bytes = { NULL, 0 };
	struct stat st;

	expect_int(stat(scratch_path(&job->scratch, name), &st), 0);
	bytes.at = malloc((size_t)st.st_size + 1);
	expect(bytes.at != NULL);
	bytes.n =
	    scratch_read(&job->scratch, name, bytes.at, (size_t)st.st_size + 1);
	return bytes;
}

static void
expect_index_is(const struct job *job, const struct bytes *want)
{
	struct bytes is = file_bytes(job, "index");

	expect_int(is.n, want->n);
	expect_bytes(is.at, want->at, want->n);
	free(is.at);
}

static unsigned
files_in(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned n = 0;

	expect(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* ---- members ---- */

TEST("every member is found, at each k and at the sizes where pages end")
{
	static const unsigned bits[] = { 16, 20, 24, 30, 33, 40 };
	static const size_t sizes[] = { 1, 2, 31, 33, 1000, 2047, 2048, 2049,
		5000, 70000 };

	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		AUTO_LIST struct breach_list list = { 0 };
		AUTO_JOB struct job job;

		job_new(&job);
		many(&list, sizes[s]);
		for (size_t k = 0; k < sizeof bits / sizeof bits[0]; k++)
			for (int counts = 0; counts < 2; counts++) {
				job.build.bits = bits[k];
				job.build.drop_counts = counts == 0;
				build_list(&job, &list);
				expect_int(job.built.about.lines, sizes[s]);
				expect_members(&job, &list);
			}
	}
}

TEST("every member of a million is found")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 1000000);
	build_list(&job, &list);
	expect_members(&job, &list);
}

TEST("a page filled to its last bit has all its members")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	/* a page has about 1,240 of these */
	job_new(&job);
	job.build.drop_counts = true;
	many(&list, 1300);
	for (size_t n = 1200; n < 1300; n++) {
		struct breach_list some = list;

		some.count = n;
		build_list(&job, &some);
		expect_members(&job, &some);
	}
}

TEST("hashes of zeros alone and of ones alone are members like others")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	uint8_t hash[BREACH_HASH_MOST];

	job_new(&job);
	memset(hash, 0xff, sizeof hash);
	breach_list_add(&list, hash, 3);
	memset(hash, 0, sizeof hash);
	breach_list_add(&list, hash, 3);
	sort(&list);
	build_list(&job, &list);
	expect_members(&job, &list);
	breach_list_add_many(&list, 5000, 3);
	sort(&list);
	build_list(&job, &list);
	expect_members(&job, &list);
}

TEST("an index answers as one that a slow and obvious writer has made")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	AUTO_BREACH struct breach *ours = NULL, *theirs = NULL;
	uint64_t state = 5;

	job_new(&job);
	list.bits = job.build.bits = 16;
	breach_list_usual_classes(&list);
	many(&list, 20000);
	list.lines[7].count = 1; /* so that both begin with it */
	build_list(&job, &list);
	ours = open_index(&job);
	expect_int(breach_open(breach_list_write(&list, &job.scratch, "slow"),
		       &theirs, &job.why),
	    0);
	expect_int(breach_about(ours)->entries, breach_about(theirs)->entries);
	expect_int(breach_about(ours)->range, breach_about(theirs)->range);
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t *hash = list.lines[i % list.count].hash;
		struct breach_seen is = { 0, 0 }, want = { 0, 0 };

		expect_int(breach_look(ours, hash, &is, &job.why), 0);
		expect_int(breach_look(theirs, hash, &want, &job.why), 0);
		expect_int(is.least, want.least);
		expect_int(is.most, want.most);
		/* the next time around, what is near to members */
		breach_list_put(hash, 3, 4, breach_list_random(&state));
	}
}

TEST("the rate of false alarms is the one that was asked for")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	unsigned alarms;

	job_new(&job);
	job.build.bits = 16;
	many(&list, 200000);
	build_list(&job, &list);
	/* 10 are to be expected in 2^16 * 10, and 3 sigma are 9.5 */
	alarms = false_alarms(&job, 10 << 16);
	expect(alarms >= 1 && alarms <= 19);
}

/* ---- the same bytes ---- */

TEST("order and pipes, large pieces and small, change no byte")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct bytes want;
	pid_t child;

	job_new(&job);
	many(&list, 200000);
	build_list(&job, &list);
	expect(!job.built.sorted);
	want = file_bytes(&job, "index");
	for (size_t piece = 1 << 20; piece > 1000; piece /= 37) {
		expect_int(unlink(job.input[0]), 0);
		child = pipe_list(&job, "list", &list, piece);
		build(&job);
		pipe_end(child);
		expect_index_is(&job, &want);
	}
	expect_int(unlink(job.input[0]), 0);
	shuffle(&list);
	build_list(&job, &list);
	expect(job.built.sorted);
	expect_index_is(&job, &want);
	job.build.memory = LITTLE_MEMORY; /* in runs on disk */
	build(&job);
	expect_index_is(&job, &want);
	expect_int(unlink(job.input[0]), 0);
	child = pipe_list(&job, "list", &list, 1 << 16);
	build(&job);
	pipe_end(child);
	expect_index_is(&job, &want);
	free(want.at);
}

TEST("several lists are one, whether one continues the other or not")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct breach_list half;
	struct bytes want;

	job_new(&job);
	many(&list, 10000);
	build_list(&job, &list);
	want = file_bytes(&job, "index");
	half = list;
	half.count = 4000;
	write_list(&job, "list", &half);
	half.lines += 4000;
	half.count = 6000;
	write_list(&job, "list2", &half);
	job.build.input.count = 2;
	build(&job);
	expect(!job.built.sorted);
	expect_index_is(&job, &want);
	job.names[0] = job.input[1];
	job.names[1] = job.input[0];
	build(&job);
	expect(job.built.sorted);
	expect_index_is(&job, &want);
	free(want.at);
}

TEST("a hash that occurs more than once is kept once, with its larger count")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	size_t n = 150000; /* more than tell how dense a list is */

	job_new(&job);
	many(&list, n);
	for (size_t i = 0; i < n; i++)
		list.lines[i].count = 100;
	for (size_t i = 0; i < n; i += 3) {
		breach_list_add(&list, list.lines[i].hash, 100);
		list.lines[i].count = 7;
	}
	for (int order = 0; order < 2; order++) {
		AUTO_BREACH struct breach *breach = NULL;
		struct breach_seen seen;

		if (order == 0)
			sort(&list);
		else
			shuffle(&list);
		build_list(&job, &list);
		expect_int(job.built.about.duplicates, n / 3);
		expect_int(job.built.about.entries, n);
		breach = open_index(&job);
		for (size_t i = 0; i < list.count; i += 100) {
			expect_int(breach_look(breach, list.lines[i].hash,
				       &seen, &job.why),
			    0);
			expect_int(seen.least, 100);
		}
	}
}

TEST("different hashes that become one entry are one, with the larger count")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	AUTO_BREACH struct breach *breach = NULL;
	struct breach_seen seen;

	job_new(&job);
	add(&list, 0x1000000000000000, 1);
	add(&list, 0x1000000000000001, 500);
	add(&list, 0x1000000000000002, 20);
	build_list(&job, &list);
	expect_int(job.built.about.entries, 1);
	expect_int(job.built.about.duplicates, 2);
	breach = open_index(&job);
	expect_int(breach_look(breach, list.lines[0].hash, &seen, &job.why), 0);
	expect_int(seen.least, 500);
}

/* ---- how dense a list is ---- */

static void
add_evenly(struct breach_list *list, uint64_t from, uint64_t to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(list, from + (to - from) / n * i + i % 7, 1);
}

TEST("a list that is denser than its beginning keeps the rate of false alarms")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct bytes sorted;
	pid_t child;

	job_new(&job);
	job.build.bits = 16;
	add_evenly(&list, 0, UINT64_MAX / 4 * 3, 140000);
	add_evenly(&list, UINT64_MAX / 4 * 3, UINT64_MAX - 100, 200000);
	build_list(&job, &list);
	expect_int(job.built.about.range, (uint64_t)list.count << 16);
	expect_members(&job, &list);
	sorted = file_bytes(&job, "index");
	shuffle(&list);
	build_list(&job, &list);
	expect_index_is(&job, &sorted);
	sort(&list);
	expect_int(unlink(job.input[0]), 0);
	child = pipe_list(&job, "list", &list, 4096);
	expect_error(&job, ERR_INPUT, "denser than its first 131072");
	pipe_end(child);
	expect_index_is(&job, &sorted);
	free(sorted.at);
}

TEST("where most of the ranges are missing, an entry takes no more room")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	uint64_t state = 3;

	job_new(&job);
	job.build.drop_counts = true;
	for (uint64_t range = 7; range < 1 << 20; range += 10000)
		for (size_t i = 0; i < 2000; i++)
			add(&list,
			    range << 44 | breach_list_random(&state) >> 20, 1);
	sort(&list);
	build_list(&job, &list);
	expect_members(&job, &list);
	/* k and two bits, as if nothing were missing */
	expect(job.built.about.bytes * 8 < list.count * 27);
}

TEST("hashes so close together that 64 bits are few are kept exactly")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	add_evenly(&list, 0x123400000000, 0x123410000000, 140000);
	sort(&list);
	build_list(&job, &list);
	expect_int(job.built.about.range, 0);
	expect_members(&job, &list);
}

/* ---- counts ---- */

TEST("the first class is that of the smallest count kept")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 140000);
	for (size_t i = 0; i < list.count; i++)
		list.lines[i].count = (uint32_t)(6 + i % 50);
	build_list(&job, &list);
	expect_int(job.built.about.classes, 14);
	expect_int(job.built.about.class_least[0], 5);
	expect_int(job.built.about.class_least[1], 10);
	expect_members(&job, &list);
	job.build.least = 7;
	build(&job);
	expect_int(job.built.about.class_least[0], 7);
	expect_int(job.built.about.class_least[1], 10);
	expect_int(job.built.about.below_least, 2800);
}

TEST("a smaller count than the first hashes have is one of the first class")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 140000);
	for (size_t i = 0; i < list.count; i++)
		list.lines[i].count = 30;
	list.lines[139999].count = 3;
	build_list(&job, &list);
	expect_int(job.built.about.classes, 12);
	expect_int(job.built.about.class_least[0], 2);
	expect_int(job.built.about.class_least[1], 50);
	expect_members(&job, &list);
}

TEST("the smallest count is chosen so that as much as possible fits")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	static const uint64_t targets[] = { 30000, 100000, 300000, 500000,
		700000, 1 << 20 };
	uint32_t least;

	job_new(&job);
	many(&list, 200000);
	for (size_t i = 0; i < list.count; i++)
		list.lines[i].count = (uint32_t)(200000 / (i + 1) + 1);
	write_list(&job, "list", &list);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		job.build.target_bytes = targets[i];
		job.build.least = 1;
		build(&job);
		expect(job.built.about.bytes <= targets[i]);
		least = job.built.about.least_count;
		if (job.built.about.below_least == 0)
			continue; /* all of it fits */
		job.build.target_bytes = 0;
		job.build.least = least - 1;
		build(&job);
		/* the header is taken for a large one, two pages are spare,
		 * and an entry is never smaller than thought */
		expect(job.built.about.bytes + job.built.about.bytes / 32 +
			   BREACH_HEADER_LARGE + 2 * BREACH_PAGE_BYTES >
		       targets[i]);
	}
	job.build.target_bytes = 10000;
	job.build.least = 1;
	expect_error(&job, ERR_INPUT, "fits into --target-size");
}

TEST("a size needs counts to choose by, and a list that can be read twice")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	pid_t child;

	job_new(&job);
	job.build.target_bytes = 1 << 20;
	scratch_write_text(&job.scratch, "list",
	    "FEDCBA9876543210FEDCBA9876543210FEDCBA98\n");
	expect_error(&job, ERR_INPUT, "the list has none");
	expect_int(unlink(job.input[0]), 0);
	many(&list, 10);
	child = pipe_list(&job, "list", &list, 100);
	expect_error(&job, ERR_INPUT, "cannot come from a pipe");
	expect_int(kill(child, SIGKILL), 0); /* nobody reads what it writes */
	pipe_end(child);
}

/* ---- lists that cannot be taken ---- */

TEST("a list that keeps nothing is refused, unless a part is enough")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	write_list(&job, "list", &list);
	expect_error(&job, ERR_INPUT, "nothing to keep");
	scratch_write_text(&job.scratch, "list",
	    "FEDCBA9876543210FEDCBA9876543210FEDCBA98:0\n");
	expect_error(&job, ERR_INPUT, "nothing to keep");
	expect(!scratch_has(&job.scratch, "index"));
	job.build.input.partial = true;
	build(&job);
	expect_int(job.built.about.entries, 0);
	expect_int(job.built.about.zero_counts, 1);
	expect_int(job.built.about.pages, 0);
	expect_members(&job, &list);
	expect_int(false_alarms(&job, 100), 0);
}

TEST("a pipe that is out of order beyond its first hashes is an error")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	pid_t child;

	job_new(&job);
	many(&list, 140000);
	add(&list, 5, 1);
	child = pipe_list(&job, "list", &list, 1 << 16);
	expect_error(&job, ERR_INPUT, "list line 140001: it is out of order");
	pipe_end(child);
	expect_int(unlink(job.input[0]), 0);
	build_list(&job, &list); /* a file can be read again */
	expect(job.built.sorted);
	expect_members(&job, &list);
}

TEST("a bad line anywhere is an error that names it")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 140000);
	write_list(&job, "list", &list);
	scratch_write_text(&job.scratch, "list2", "<html>\n");
	job.build.input.count = 2;
	expect_error(&job, ERR_INPUT, "/list2 line 1: it begins with 0 hexa");
	shuffle(&list);
	write_list(&job, "list", &list);
	expect_error(&job, ERR_INPUT, "/list2 line 1: it begins with 0 hexa");
}

TEST("what is not there, or cannot be read, is an error that names it")
{
	AUTO_JOB struct job job;

	job_new(&job);
	expect_error(&job, ERR_INPUT, "list: No such file");
	expect_int(mkdir(job.input[0], 0700), 0);
	expect_error(&job, ERR_INPUT, "list has no range files");
	expect_int(rmdir(job.input[0]), 0);
	scratch_socket(&job.scratch, "list");
	expect_error(&job, ERR_IO, "list: No such device");
}

TEST("a list that does not fit into memory and is too long for runs says so")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 400000);
	shuffle(&list);
	write_list(&job, "list", &list);
	job.build.memory = 30000; /* 3333 hashes */
	expect_error(&job, ERR_INPUT, "--memory");
	job.build.memory = LITTLE_MEMORY;
	job.build.spill = "/nowhere";
	expect_error(&job, ERR_IO, "/nowhere: No such file");
}

/* ---- the file that is made ---- */

TEST("an index is for everybody to read, whatever the umask")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	mode_t before;

	job_new(&job);
	many(&list, 10);
	before = umask(0777);
	build_list(&job, &list);
	umask(before);
	expect_int(scratch_mode(&job.scratch, "index"), 0644);
	expect_int(files_in(job.scratch.dir), 2);
}

TEST("what is no index is not replaced by one")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct bytes want;

	job_new(&job);
	many(&list, 1000);
	write_list(&job, "list", &list);
	want = file_bytes(&job, "list");
	write_list(&job, "index", &list); /* they were confused */
	expect_error(&job, ERR_EXISTS, "/index is there, and is no index");
	expect_index_is(&job, &want);
	scratch_write_text(&job.scratch, "index", "");
	expect_error(&job, ERR_EXISTS, "no index");
	expect_int(unlink(job.output), 0);
	expect_int(symlink("list", job.output), 0);
	expect_error(&job, ERR_EXISTS, "no regular file");
	expect_int(unlink(job.output), 0);
	expect_int(mkdir(job.output, 0700), 0);
	expect_error(&job, ERR_EXISTS, "no regular file");
	free(want.at);
}

TEST("a folder that is not there, or a name that is none, is an error")
{
	static const char *const wrong[] = { "/nowhere/index", "", "/tmp/" };
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;

	job_new(&job);
	many(&list, 10);
	write_list(&job, "list", &list);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		job.build.output = wrong[i];
		expect_error(&job, ERR_INPUT, i == 0 ? "/nowhere/" : wrong[i]);
	}
}

/* In a child: builds where no file may have more than so many bytes. */
static int
build_in_little_room(void *with)
{
	struct job *job = with;
	struct rlimit limit = { 1 << 17, 1 << 17 };

	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		return 100;
	if (breach_build(&job->build, &job->built, &job->why) != ERR_IO)
		return 1;
	return strstr(job->why.text, "/index: File too large") == NULL ? 2 : 0;
}

TEST("a build that fails leaves the old index, and nothing else")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct bytes want;

	job_new(&job);
	many(&list, 200);
	build_list(&job, &list);
	want = file_bytes(&job, "index");
	breach_list_add_many(&list, 100000, 9);
	sort(&list);
	write_list(&job, "list", &list);
	expect_int(scratch_child(build_in_little_room, &job), 0);
	expect_index_is(&job, &want);
	expect_int(files_in(job.scratch.dir), 2);
	scratch_write_text(&job.scratch, "list", "<html>");
	expect_error(&job, ERR_INPUT, "line 1");
	expect_index_is(&job, &want);
	expect_int(files_in(job.scratch.dir), 2);
	free(want.at);
}

/* Here no file can be without a name: as on a file system that knows none. */
static int
refuse_nameless(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[2]) +
			(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY,
		    0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
		   ? -1
		   : (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
			 &program);
}

static int
try_refusing(void *with)
{
	struct job *job = with;

	return refuse_nameless() < 0 ||
	       open(job->scratch.dir, O_TMPFILE | O_RDWR, 0600) >= 0;
}

static void
need_refusing(struct job *job)
{
	if (scratch_child(try_refusing, job) != 0)
		NOT_TESTED("system calls cannot be filtered here");
}

static int
build_named(void *with)
{
	struct job *job = with;
	int r;

	if (try_refusing(job) != 0)
		return 100;
	r = breach_build(&job->build, &job->built, &job->why);
	if (r < 0)
		fprintf(stderr, "# %s\n", job->why.text);
	return -r;
}

/* Starts the same, and waits until it has begun to read from the pipe. */
static pid_t
start_named(struct job *job, int *pipe_out)
{
	pid_t child;

	expect_int(mkfifo(job->input[0], 0600), 0);
	fflush(NULL);
	if ((child = fork()) == 0)
		_exit(build_named(job));
	expect(child > 0);
	*pipe_out = open(job->input[0], O_WRONLY | O_CLOEXEC);
	expect(*pipe_out >= 0);
	return child;
}

static int
end_of(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		expect_int(errno, EINTR);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

TEST("where no file can be without a name, an index is built all the same")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct bytes want;

	job_new(&job);
	need_refusing(&job);
	many(&list, 200000);
	build_list(&job, &list);
	want = file_bytes(&job, "index");
	shuffle(&list);
	write_list(&job, "list", &list);
	job.build.memory = LITTLE_MEMORY;
	expect_int(unlink(job.output), 0);
	expect_int(scratch_child(build_named, &job), 0);
	expect_index_is(&job, &want);
	expect_int(scratch_mode(&job.scratch, "index"), 0644);
	expect_int(files_in(job.scratch.dir), 2);
	scratch_write_text(&job.scratch, "list", "<html>");
	expect_int(scratch_child(build_named, &job), -ERR_INPUT);
	expect_index_is(&job, &want);
	expect_int(files_in(job.scratch.dir), 2);
	free(want.at);
}

TEST("there too, a signal that ends the build leaves nothing behind")
{
	static const int endings[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		AUTO_JOB struct job job;
		AUTO_CLOSE int line = -1;
		pid_t child;

		job_new(&job);
		need_refusing(&job);
		child = start_named(&job, &line);
		expect(scratch_has(&job.scratch, "index.new"));
		expect_int(kill(child, endings[i]), 0);
		expect_int(end_of(child), 128 + endings[i]);
		expect_int(files_in(job.scratch.dir), 1);
	}
}

TEST("there too, what a killed build left is taken over by the next, not two")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	AUTO_CLOSE int line = -1;
	pid_t child;

	job_new(&job);
	need_refusing(&job);
	child = start_named(&job, &line);
	job.names[0] = job.input[1];
	many(&list, 1000);
	write_list(&job, "list2", &list);
	expect_int(scratch_child(build_named, &job), -ERR_BUSY);
	expect_int(kill(child, SIGKILL), 0);
	expect_int(end_of(child), 128 + SIGKILL);
	expect(scratch_has(&job.scratch, "index.new"));
	expect_int(scratch_child(build_named, &job), 0);
	expect(!scratch_has(&job.scratch, "index.new"));
	expect_members(&job, &list);
}

/* ---- every system call ---- */

static int
build_swept(void *with)
{
	struct job *job = with;
	int r;

	sweep_begin();
	r = breach_build(&job->build, &job->built, &job->why);
	sweep_end();
	return -r;
}

/* Whether the index is the old one, or the new one whole; and what else there
 * may be. */
static void
expect_old_or_new(const struct job *job, const struct bytes *old,
    const struct bytes *new, bool killed)
{
	struct bytes is = file_bytes(job, "index");

	expect((is.n == old->n && memcmp(is.at, old->at, is.n) == 0) ||
	       (is.n == new->n &&memcmp(is.at, new->at, is.n) == 0));
	free(is.at);
	/* between its two names only a kill can leave it, and whole */
	if (killed && scratch_has(&job->scratch, "index.new")) {
		is = file_bytes(job, "index.new");
		expect_int(is.n, new->n);
		free(is.at);
		expect_int(unlink(scratch_path(&job->scratch, "index.new")), 0);
	}
	expect_int(files_in(job->scratch.dir), 2);
}

static void
sweep_build(enum sweep_how how, int error)
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	struct sweep sweep = sweep_whole;
	struct bytes old, new;
	unsigned litter = 0;

	job_new(&job);
	many(&list, 100);
	build_list(&job, &list);
	old = file_bytes(&job, "index");
	breach_list_add_many(&list, 10000, 9);
	shuffle(&list);
	job.build.memory = 30000; /* so that there are runs */
	build_list(&job, &list);
	new = file_bytes(&job, "index");
	sweep.how = how;
	sweep.error = error;
	for (sweep.at = 1;; sweep.at++) {
		scratch_write(&job.scratch, "index", old.at, old.n);
		if (!sweep_run(&sweep, build_swept, &job))
			NOT_TESTED("no program may watch another's system "
				   "calls here");
		litter += scratch_has(&job.scratch, "index.new") != 0;
		expect_old_or_new(&job, &old, &new, how == SWEEP_KILL);
		if (!sweep.reached)
			break;
	}
	expect(sweep.at > 20);
	expect(litter <= 1);
	free(old.at);
	free(new.at);
}

TEST("a build killed at any system call leaves the old index, or the new one")
{
	sweep_build(SWEEP_KILL, 0);
}

TEST("a build of which any system call fails leaves the old index, or the new")
{
	sweep_build(SWEEP_FAIL, EIO);
	sweep_build(SWEEP_FAIL, ENOSPC);
	sweep_build(SWEEP_FAIL, EINTR);
}

/* ---- memory ---- */

/* In a child: builds where all data may have 16 MiB. */
static int
build_in_little_memory(void *with)
{
	struct job *job = with;
	struct rlimit limit = { 16 << 20, 16 << 20 };

	if (setrlimit(RLIMIT_DATA, &limit) < 0)
		return 100;
	return -breach_build(&job->build, &job->built, &job->why);
}

TEST("a list in order needs 16 MiB of memory, however long it is")
{
	AUTO_LIST struct breach_list list = { 0 };
	AUTO_JOB struct job job;
	pid_t child;

	if (test_sanitized())
		NOT_TESTED("sanitizers need memory of their own");
	job_new(&job);
	many(&list, 500000);
	child = pipe_list(&job, "list", &list, 1 << 16);
	breach_list_free(&list);
	expect_int(scratch_child(build_in_little_memory, &job), 0);
	pipe_end(child);
}
