#include "breach_folder.h"

#include "breach_prefixes.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Notes a file's name, if it is one of a range. */
static void
note_name(const char *name, struct breach_prefixes *there)
{
	struct breach_range range;
	char *end;
	unsigned long prefix = strtoul(name, &end, 16);

	if (end == name || prefix >= BREACH_RANGES)
		return;
	for (size_t i = 0; i < ENDINGS; i++) {
		name_range(&range, (uint32_t)prefix, endings[i]);
		if (strcmp(name, range.name) == 0)
			breach_prefixes_add(there, (uint32_t)prefix);
	}
}

static int
note_names(DIR *dir, struct breach_prefixes *there)
{
	const struct dirent *entry;

	for (;;) {
		errno = 0; /* only so does an end differ from an error */
		if ((entry = readdir(dir)) == NULL)
			return errno == 0 ? 0 : ERR_IO;
		note_name(entry->d_name, there);
	}
}

/* Their order on disk does not matter here. */
static int
find_ranges(const struct breach_folder *folder, struct breach_prefixes *there,
    struct trouble *why)
{
	int fd = openat(folder->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = dir == NULL ? ERR_IO : note_names(dir, there);

	if (r < 0)
		(void)err_say(why, r, "cannot read the folder %s: %m",
		    folder->name);
	if (dir != NULL)
		(void)closedir(dir);
	else
		mem_auto_close(&fd);
	return r;
}

int
breach_folder_look(const struct breach_folder *folder, bool partial,
    struct trouble *why)
{
	struct breach_prefixes *there = calloc(1, sizeof *there);
	char gaps[BREACH_GAPS_SIZE];
	uint32_t count;
	int r;

	if (there == NULL)
		return ERR_MEMORY;
	r = find_ranges(folder, there, why);
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
