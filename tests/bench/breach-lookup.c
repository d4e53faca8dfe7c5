/*
 * What lookups in an index cost, and whether they are right:
 *
 *	breach-lookup members INDEX RANDOM <LINES	are all found?
 *	breach-lookup cold INDEX <LINES			pages made resident
 *	breach-lookup reads INDEX GAP <LINES		reads a lookup
 *	breach-lookup flips INDEX COUNT <LINES		bits turned over
 *	breach-lookup pair INDEX LIBRARY FILTER <WORDS	beside libpasswdqc
 *	breach-lookup memory COMMAND...			bytes at most
 *
 * LINES are those of a list.  Each prints numbers in one line.  What reads and
 * flips change they change back.
 */
#include "breach.h"
#include "breach_page.h"

#include <dlfcn.h>
#include <endian.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_SIZE = 600,
	WORDS_MOST = 20000,
	ROUNDS = 9, /* of pair */
	MEMORY_PAGE = 4096,
};

#define MUST(condition) ((condition) ? (void)0 : die(__LINE__, #condition))

static struct trouble why;

_Noreturn static void
die(int line, const char *condition)
{
	fprintf(stderr, "breach-lookup.c:%d: not %s; %s\n", line, condition,
	    why.text);
	exit(1);
}

/* Stands in front of libc's, and counts. */
static uint64_t reads;

ssize_t __attribute__((visibility("default")))
pread(int fd, void *room, size_t n, off_t offset)
{
	reads++;
	return syscall(SYS_pread64, fd, room, n, offset);
}

ssize_t __attribute__((visibility("default")))
pread64(int fd, void *room, size_t n, off_t offset)
{
	return pread(fd, room, n, offset);
}

static uint64_t
chance(void)
{
	static uint64_t state = 99;
	uint64_t z = state += 0x9e3779b97f4a7c15; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* The next line's hash and count; false at the end. */
static bool
next_member(uint8_t hash[BREACH_HASH_MOST], uint32_t *count)
{
	char line[LINE_SIZE];

	if (fgets(line, sizeof line, stdin) == NULL)
		return false;
	for (int i = 0; i < 20; i++)
		MUST(sscanf(line + 2 * i, "%2hhx", hash + i) == 1);
	*count = (uint32_t)strtoul(line + 41, NULL, 10);
	return true;
}

static struct breach *
open_index(const char *path)
{
	struct breach *breach;

	MUST(breach_open(path, &breach, &why) == 0);
	return breach;
}

static struct breach_seen
look(struct breach *breach, const uint8_t *hash)
{
	struct breach_seen seen;

	MUST(breach_look(breach, hash, &seen, &why) == 0);
	return seen;
}

/* ---- members ---- */

/* Prints how many lines were found with their count, how many not, and how
 * many of so many random hashes were taken for members. */
static void
members(const char *index, uint64_t random)
{
	struct breach *breach = open_index(index);
	uint64_t found = 0, lost = 0, alarms = 0;
	uint8_t hash[BREACH_HASH_MOST] = { 0 };
	struct breach_seen seen;
	uint32_t count;

	while (next_member(hash, &count)) {
		seen = look(breach, hash);
		if (seen.least > 0 && count <= seen.most)
			found++;
		else
			lost++;
	}
	for (uint64_t i = 0; i < random; i++) {
		uint64_t number = chance();

		memcpy(hash, &number, sizeof number);
		alarms += look(breach, hash).least > 0;
	}
	printf("%llu %llu %llu\n", (unsigned long long)found,
	    (unsigned long long)lost, (unsigned long long)alarms);
	breach_close(breach);
}

/* ---- cold ---- */

static unsigned
resident(int fd, size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	size_t pages = (bytes + MEMORY_PAGE - 1) / MEMORY_PAGE;
	unsigned char *in = malloc(pages);
	unsigned count = 0;

	MUST(map != MAP_FAILED && in != NULL);
	MUST(mincore(map, bytes, in) == 0);
	for (size_t i = 0; i < pages; i++)
		count += in[i] & 1;
	MUST(munmap(map, bytes) == 0);
	free(in);
	return count;
}

/* Prints how many pages a lookup made resident on average and at most, with
 * all that opening reads, and how many lookups there were. */
static void
cold(const char *index)
{
	int fd = open(index, O_RDONLY | O_CLOEXEC);
	unsigned lookups = 0, most = 0, sum = 0, pages;
	uint8_t hash[BREACH_HASH_MOST];
	uint32_t count;
	struct stat st;

	MUST(fd >= 0 && fstat(fd, &st) == 0);
	while (next_member(hash, &count)) {
		struct breach *breach;

		MUST(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
		MUST(resident(fd, (size_t)st.st_size) == 0);
		breach = open_index(index);
		MUST(look(breach, hash).least > 0);
		breach_close(breach);
		pages = resident(fd, (size_t)st.st_size);
		sum += pages;
		most = pages > most ? pages : most;
		lookups++;
	}
	printf("%.3f %u %u\n", (double)sum / lookups, most, lookups);
	close(fd);
}

/* ---- reads ---- */

struct file {
	int fd;
	uint64_t pages;
	uint32_t header_bytes;
	uint8_t header[BREACH_HEADER_LARGE];
};

static uint64_t
get(const uint8_t *at, size_t bytes)
{
	uint64_t number = 0;

	memcpy(&number, at, bytes);
	return le64toh(number);
}

static void
put(uint8_t *at, uint64_t number, size_t bytes)
{
	number = htole64(number);
	memcpy(at, &number, bytes);
}

static void
file_open(const char *index, struct file *file)
{
	file->fd = open(index, O_RDWR | O_CLOEXEC);
	MUST(file->fd >= 0);
	MUST(pread(file->fd, file->header, sizeof file->header, 0) ==
	     sizeof file->header);
	file->header_bytes =
	    (uint32_t)get(file->header + BREACH_AT_HEADER_BYTES, 4);
	file->pages = get(file->header + BREACH_AT_PAGES, 8);
}

static off_t
place(const struct file *file, uint64_t page)
{
	return (off_t)(file->header_bytes + page * BREACH_PAGE_BYTES);
}

static uint64_t
base(const struct file *file, uint64_t page)
{
	uint8_t bytes[8];

	MUST(pread(file->fd, bytes, 8, place(file, page) + BREACH_PAGE_BASE) ==
	     8);
	return get(bytes, 8);
}

static void
write_header(const struct file *file, uint8_t *header)
{
	uint32_t sum_at = file->header_bytes - BREACH_SUM_BYTES;

	put(header + sum_at, breach_sum(header, sum_at, 0), 8);
	MUST(pwrite(file->fd, header, file->header_bytes, 0) ==
	     file->header_bytes);
}

/* A header whose knots are so many pages apart. */
static void
spread_knots(const struct file *file, uint64_t gap)
{
	uint8_t header[BREACH_HEADER_LARGE];
	uint64_t knots = file->pages / gap > 0 ? file->pages / gap : 1;

	memcpy(header, file->header, sizeof header);
	MUST(knots <= get(header + BREACH_AT_KNOT_COUNT, 2));
	memset(header + BREACH_AT_KNOTS, 0,
	    file->header_bytes - BREACH_AT_KNOTS);
	put(header + BREACH_AT_KNOT_COUNT, knots, 2);
	for (uint64_t j = 0; j < knots; j++)
		put(header + BREACH_AT_KNOTS + 8 * j,
		    base(file, j * file->pages / knots), 8);
	write_header(file, header);
}

/* Prints how many reads a lookup takes behind the header, where knots are gap
 * pages apart (0: as they are), and how many lookups there were. */
static void
count_reads(const char *index, uint64_t gap)
{
	uint8_t hash[BREACH_HASH_MOST];
	struct breach *breach;
	unsigned lookups = 0;
	struct file file;
	uint32_t count;

	file_open(index, &file);
	if (gap > 0)
		spread_knots(&file, gap);
	breach = open_index(index);
	reads = 0;
	while (next_member(hash, &count)) {
		MUST(look(breach, hash).least > 0);
		lookups++;
	}
	printf("%.4f %u\n", (double)reads / lookups, lookups);
	breach_close(breach);
	write_header(&file, file.header);
	close(file.fd);
}

/* ---- flips ---- */

/* The page that answers for a hash. */
static uint64_t
page_of(const struct file *file, const uint8_t *hash)
{
	uint64_t first = 0, end = file->pages, number, entry;

	memcpy(&number, hash, sizeof number);
	entry = breach_entry(be64toh(number),
	    get(file->header + BREACH_AT_RANGE, 8));
	while (end - first > 1) {
		uint64_t middle = first + (end - first) / 2;

		if (base(file, middle) <= entry)
			first = middle;
		else
			end = middle;
	}
	return first;
}

static void
flip(const struct file *file, off_t at, uint8_t bit)
{
	uint8_t byte;

	MUST(pread(file->fd, &byte, 1, at) == 1);
	byte ^= bit;
	MUST(pwrite(file->fd, &byte, 1, at) == 1);
}

/* Prints how many bits were turned over in the page of a member, and how many
 * times that member was then said not to be one, or the change unnoticed. */
static void
flips(const char *index, unsigned times)
{
	struct breach *breach = open_index(index);
	unsigned clean = 0, unnoticed = 0, done = 0;
	uint8_t hash[BREACH_HASH_MOST];
	struct file file;
	uint32_t count;

	file_open(index, &file);
	while (done < times && next_member(hash, &count)) {
		uint64_t random = chance();
		off_t at = place(&file, page_of(&file, hash)) +
			   (off_t)(random % BREACH_PAGE_BYTES);
		uint8_t bit = (uint8_t)(1 << (random >> 32) % 8);
		struct breach_seen seen = { 0, 0 };
		int r;

		flip(&file, at, bit);
		r = breach_look(breach, hash, &seen, &why);
		flip(&file, at, bit);
		unnoticed += r == 0;
		clean += r == 0 && seen.least == 0;
		MUST(look(breach, hash).least > 0);
		done++;
	}
	printf("%u %u %u\n", done, clean, unnoticed);
	close(file.fd);
	breach_close(breach);
}

/* ---- beside libpasswdqc ---- */

/* As in passwdqc.h of version 2. */
struct params {
	int min[5], max;
	int passphrase_words, match_length, similar_deny, random_bits;
	char *wordlist, *denylist, *filter;
};

typedef const char *check_function(const struct params *params,
    const char *new_password, const char *old_password,
    const struct passwd *pw);

static char words[WORDS_MOST][64];
static unsigned word_count;

static double
now(void)
{
	struct timespec time;

	MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double
time_ours(const char *index, bool open_each)
{
	struct breach *breach = open_each ? NULL : open_index(index);
	double began = now();

	for (unsigned i = 0; i < word_count; i++) {
		uint8_t hash[BREACH_HASH_MOST];

		if (open_each)
			breach = open_index(index);
		MUST(breach_hash(BREACH_SHA1, words[i], strlen(words[i]),
			 hash) == 0);
		MUST(look(breach, hash).least > 0);
		if (open_each)
			breach_close(breach);
	}
	began = (now() - began) / word_count;
	if (!open_each)
		breach_close(breach);
	return began;
}

static double
time_theirs(check_function *check, const char *filter)
{
	struct params params = { .max = 10000, .filter = strdup(filter) };
	double began, with;

	began = now();
	for (unsigned i = 0; i < word_count; i++)
		MUST(check(&params, words[i], NULL, NULL) != NULL);
	with = now() - began;
	free(params.filter);
	params.filter = NULL;
	began = now();
	for (unsigned i = 0; i < word_count; i++)
		MUST(check(&params, words[i], NULL, NULL) == NULL);
	return (with - (now() - began)) / word_count;
}

/* What opening a filter, looking at its head and closing it takes, as
 * libpasswdqc does that for each check. */
static double
time_opening(const char *filter)
{
	double began = now();

	for (unsigned i = 0; i < word_count; i++) {
		int fd = open(filter, O_RDONLY);
		char head[64];

		MUST(fd >= 0 && read(fd, head, sizeof head) == sizeof head);
		MUST(lseek(fd, 0, SEEK_END) > 0);
		MUST(close(fd) == 0);
	}
	return (now() - began) / word_count;
}

/* Prints, for each round, nanoseconds of the processor: our lookup in an open
 * index, ours from open to close, what libpasswdqc's check takes longer with a
 * filter, and what of that is for opening it. */
static void
pair(const char *index, const char *library, const char *filter)
{
	void *handle = dlopen(library, RTLD_NOW);
	check_function *check;

	MUST(handle != NULL);
	*(void **)&check = dlsym(handle, "passwdqc_check");
	MUST(check != NULL);
	while (word_count < WORDS_MOST &&
	       fgets(words[word_count], sizeof words[0], stdin) != NULL) {
		words[word_count][strcspn(words[word_count], "\n")] = '\0';
		word_count++;
	}
	for (int i = 0; i < ROUNDS; i++)
		printf("%.0f %.0f %.0f %.0f\n", time_ours(index, false),
		    time_ours(index, true), time_theirs(check, filter),
		    time_opening(filter));
}

/* ---- memory ---- */

/* Runs a command from a process that is small itself, as what a parent had
 * counts as the child's, and prints how much memory it had at most. */
static int
memory(char **command)
{
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	MUST(child > 0 && wait4(child, &status, 0, &usage) == child);
	printf("\nmemory %ld\n", usage.ru_maxrss * 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int
main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "memory") == 0)
		return memory(argv + 2);
	if (argc == 4 && strcmp(argv[1], "members") == 0)
		members(argv[2], strtoull(argv[3], NULL, 10));
	else if (argc == 3 && strcmp(argv[1], "cold") == 0)
		cold(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "reads") == 0)
		count_reads(argv[2], strtoull(argv[3], NULL, 10));
	else if (argc == 4 && strcmp(argv[1], "flips") == 0)
		flips(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	else if (argc == 5 && strcmp(argv[1], "pair") == 0)
		pair(argv[2], argv[3], argv[4]);
	else
		return 2;
	return 0;
}
