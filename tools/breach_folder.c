#include "breach_folder.h"

#include "breach_prefixes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const endings[] = { ".txt", "" };
enum { ENDINGS = sizeof endings / sizeof endings[0] };

void
breach_folder_start(struct breach_folder *folder, int dir, const char *name)
{
	*folder = (struct breach_folder){ .dir = dir, .name = name };
}

void
breach_folder_close(struct breach_folder *folder)
{
	for (; folder->given < folder->opened; folder->given++) {
		int fd = folder->ahead[folder->given % BREACH_FOLDER_AHEAD].fd;

		if (fd >= 0)
			(void)close(fd);
	}
	(void)close(folder->dir);
}

static void
name_range(struct breach_range *range, uint32_t prefix, const char *ending)
{
	snprintf(range->name, sizeof range->name, "%05X%s", prefix, ending);
}

/* How many bytes a range has; 0 where it is not there.  A file without any is
 * what a download that failed leaves behind. */
static int
look_at_range(const struct breach_folder *folder, uint32_t prefix,
    uint64_t *bytes_out, struct trouble *why)
{
	struct breach_range range;
	struct stat st;

	for (size_t i = 0; i < ENDINGS; i++) {
		name_range(&range, prefix, endings[i]);
		if (fstatat(folder->dir, range.name, &st, 0) == 0) {
			*bytes_out = (uint64_t)st.st_size;
			return 0;
		}
		if (errno != ENOENT)
			return err_say(why, ERR_IO, "cannot look at %s/%s: %m",
			    folder->name, range.name);
	}
	*bytes_out = 0;
	return 0;
}

static int
find_ranges(const struct breach_folder *folder, struct breach_prefixes *there,
    uint64_t *bytes_out, struct trouble *why)
{
	uint64_t sum = 0, bytes = 0;
	int r;

	for (uint32_t i = 0; i < BREACH_RANGES; i++) {
		if ((r = look_at_range(folder, i, &bytes, why)) < 0)
			return r;
		if (bytes > 0)
			breach_prefixes_add(there, i);
		sum += bytes;
	}
	*bytes_out = sum;
	return 0;
}

int
breach_folder_look(const struct breach_folder *folder, bool partial,
    uint64_t *bytes_out, struct trouble *why)
{
	struct breach_prefixes *there = calloc(1, sizeof *there);
	char gaps[BREACH_GAPS_SIZE];
	uint32_t count;
	int r;

	if (there == NULL)
		return ERR_MEMORY;
	r = find_ranges(folder, there, bytes_out, why);
	count = breach_prefixes_coverage(there).count;
	if (r == 0 && count == 0)
		r = err_say(why, ERR_INPUT,
		    "%s has no range files, as 00000.txt or 00000",
		    folder->name);
	if (r == 0 && count < BREACH_RANGES && !partial)
		r = err_say(why, ERR_INPUT,
		    "%s lacks %u of %d ranges: %s; --partial does without",
		    folder->name, BREACH_RANGES - count, BREACH_RANGES,
		    breach_prefixes_gaps(there, gaps));
	free(there);
	return r;
}

/* Opens a range, and has its bytes fetched until it is their turn. */
static int
open_range(const struct breach_folder *folder, uint32_t prefix,
    struct breach_range *range, struct trouble *why)
{
	for (size_t i = 0; i < ENDINGS; i++) {
		name_range(range, prefix, endings[i]);
		do
			range->fd = openat(folder->dir, range->name,
			    O_RDONLY | O_CLOEXEC | O_NOCTTY);
		while (range->fd < 0 && errno == EINTR);
		if (range->fd >= 0) {
			(void)posix_fadvise(range->fd, 0, 0,
			    POSIX_FADV_WILLNEED);
			return 0;
		}
		if (errno != ENOENT)
			return err_say(why, ERR_IO, "cannot open %s/%s: %m",
			    folder->name, range->name);
	}
	return 0;
}

static int
open_ahead(struct breach_folder *folder, struct trouble *why)
{
	int r;

	while (folder->opened < BREACH_RANGES &&
	       folder->opened - folder->given < BREACH_FOLDER_AHEAD) {
		r = open_range(folder, folder->opened,
		    &folder->ahead[folder->opened % BREACH_FOLDER_AHEAD], why);
		if (r < 0)
			return r;
		folder->opened++;
	}
	return 0;
}

int
breach_folder_next(struct breach_folder *folder, uint32_t *prefix_out,
    struct breach_range *range_out, struct trouble *why)
{
	int r;

	do {
		if ((r = open_ahead(folder, why)) < 0)
			return r;
		if (folder->given == folder->opened)
			return 0;
		*prefix_out = folder->given;
		*range_out = folder->ahead[folder->given % BREACH_FOLDER_AHEAD];
		folder->given++;
	} while (range_out->fd < 0);
	return 1;
}
