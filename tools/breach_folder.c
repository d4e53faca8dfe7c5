#include "breach_folder.h"

#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const endings[BREACH_FOLDER_ENDINGS] = { ".txt", "" };

static void
name_range(char name[BREACH_RANGE_NAME_SIZE], uint32_t prefix, unsigned ending)
{
	snprintf(name, BREACH_RANGE_NAME_SIZE, "%05X%s", prefix,
	    endings[ending]);
}

/* ---- what there is ---- */

/* Notes a file's name, if it is one of a range. */
static void
note_name(struct breach_folder *folder, const char *name)
{
	char right[BREACH_RANGE_NAME_SIZE], *end;
	unsigned long prefix = strtoul(name, &end, 16);

	if (end == name || prefix >= BREACH_PREFIXES)
		return;
	for (unsigned i = 0; i < BREACH_FOLDER_ENDINGS; i++) {
		name_range(right, (uint32_t)prefix, i);
		if (strcmp(name, right) == 0)
			breach_prefixes_add(&folder->there[i],
			    (uint32_t)prefix);
	}
}

static int
note_names(struct breach_folder *folder, DIR *dir)
{
	const struct dirent *entry;

	for (;;) {
		errno = 0; /* only so does an end differ from an error */
		if ((entry = readdir(dir)) == NULL)
			return errno == 0 ? 0 : ERR_IO;
		note_name(folder, entry->d_name);
	}
}

int
breach_folder_open(struct breach_folder *folder, int dir, const char *name,
    struct trouble *why)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	int r;

	memset(folder, 0, sizeof *folder);
	folder->dir = dir;
	folder->name = name;
	r = list == NULL ? ERR_IO : note_names(folder, list);
	if (r < 0)
		(void)err_say(why, r, "cannot read the folder %s: %m", name);
	if (list != NULL)
		(void)closedir(list);
	else
		mem_auto_close(&fd);
	return r;
}

int
breach_folder_check(const struct breach_folder *folder, bool partial,
    struct trouble *why)
{
	struct breach_prefixes all = folder->there[0];
	char gaps[BREACH_GAPS_SIZE];
	uint32_t count;

	for (size_t i = 0; i < sizeof all.bits; i++)
		all.bits[i] |= folder->there[1].bits[i];
	count = breach_prefixes_coverage(&all).count;
	if (count == 0)
		return err_say(why, ERR_INPUT,
		    "%s has no range files, as 00000.txt or 00000",
		    folder->name);
	if (count < BREACH_PREFIXES && !partial)
		return err_say(why, ERR_INPUT,
		    "%s lacks %u of %d ranges: %s; --partial does without",
		    folder->name, BREACH_PREFIXES - count, BREACH_PREFIXES,
		    breach_prefixes_gaps(&all, gaps));
	return 0;
}

/* ---- one after the other ---- */

/* Opens a range, and has its bytes fetched until it is their turn. */
static int
open_range(struct breach_folder *folder, uint32_t prefix, unsigned ending,
    struct trouble *why)
{
	unsigned at = folder->opened % BREACH_FOLDER_AHEAD;
	struct breach_range *range = &folder->ahead[at];

	name_range(range->name, prefix, ending);
	do
		range->fd = openat(folder->dir, range->name,
		    O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (range->fd < 0 && errno == EINTR);
	if (range->fd < 0)
		return err_say(why, ERR_IO, "cannot open %s/%s: %m",
		    folder->name, range->name);
	(void)posix_fadvise(range->fd, 0, 0, POSIX_FADV_WILLNEED);
	folder->ahead_prefix[at] = prefix;
	folder->opened++;
	return 0;
}

static int
open_ahead(struct breach_folder *folder, struct trouble *why)
{
	int r = 0;

	while (r == 0 && folder->next < BREACH_PREFIXES &&
	       folder->opened - folder->given < BREACH_FOLDER_AHEAD) {
		uint32_t prefix = folder->next++;

		if (breach_prefixes_have(&folder->there[0], prefix))
			r = open_range(folder, prefix, 0, why);
		else if (breach_prefixes_have(&folder->there[1], prefix))
			r = open_range(folder, prefix, 1, why);
	}
	return r;
}

int
breach_folder_next(struct breach_folder *folder, uint32_t *prefix_out,
    struct breach_range *range_out, struct trouble *why)
{
	unsigned at = folder->given % BREACH_FOLDER_AHEAD;
	int r;

	if ((r = open_ahead(folder, why)) < 0)
		return r;
	if (folder->given == folder->opened)
		return 0;
	*prefix_out = folder->ahead_prefix[at];
	*range_out = folder->ahead[at];
	folder->given++;
	return 1;
}

void
breach_folder_close(struct breach_folder *folder)
{
	for (; folder->given < folder->opened; folder->given++)
		(void)close(
		    folder->ahead[folder->given % BREACH_FOLDER_AHEAD].fd);
	(void)close(folder->dir);
}
