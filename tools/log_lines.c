#include "log_lines.h"

#include "breach_unpack.h"
#include "mem.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINE_MOST = 64 * 1024,
	BLOCK_BYTES = 256 * 1024,
	UNPACK_MEMORY = 64 * 1024 * 1024,
};

struct log_lines {
	const char *name;	      /* borrowed */
	pid_t journal;		      /* who writes to fd; 0: a file */
	int fd;			      /* owned */
	struct breach_unpack *unpack; /* owned */
	size_t at, end;		      /* in the room: what is not taken yet */
	bool ended;
	bool skips; /* the rest of a line that is too long */
	char room[LINE_MOST + BLOCK_BYTES];
};

/* Its facility is authpriv; the zone is written, so that it does not matter
 * which one we are in. */
static int
open_journal(struct log_lines *lines, int64_t since, struct trouble *why)
{
	char from[64];
	const char *const argv[] = { "/usr/bin/journalctl", "--no-pager",
		"--output=short-iso", from, "SYSLOG_FACILITY=10", NULL };
	AUTO_CLOSE int its_end = -1;
	int ends[2], r;

	lines->name = "the journal";
	snprintf(from, sizeof from, "--since=@%" PRId64, since);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_say(why, ERR_IO, "cannot make a pipe: %m");
	lines->fd = ends[0];
	its_end = ends[1];
	r = program_begin(argv, (const int[]){ -1, its_end, STDERR_FILENO },
	    &lines->journal);
	if (r == ERR_IO && errno == ENOENT)
		return err_say(why, ERR_MISSING,
		    "there is no journalctl; name a log file");
	if (r < 0)
		return err_say(why, r, "cannot run journalctl: %m");
	return 0;
}

static int
open_file(struct log_lines *lines, const char *file, struct trouble *why)
{
	struct stat status;

	lines->name = file;
	if (strcmp(file, "-") == 0) {
		lines->name = "standard input";
		lines->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		lines->fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (lines->fd < 0 || fstat(lines->fd, &status) < 0)
		return err_say(why, errno == ENOENT ? ERR_INPUT : ERR_IO,
		    "cannot open %s: %m", lines->name);
	if (S_ISDIR(status.st_mode))
		return err_say(why, ERR_INPUT, "%s is a folder", file);
	return 0;
}

int
log_lines_open(const char *file, int64_t since, struct log_lines **lines_out,
    struct trouble *why)
{
	struct log_lines *lines = calloc(1, sizeof *lines);
	int r;

	if (lines == NULL)
		return ERR_MEMORY;
	lines->fd = -1;
	lines->unpack = breach_unpack_new(UNPACK_MEMORY);
	if (lines->unpack == NULL)
		r = ERR_MEMORY;
	else if (file == NULL)
		r = open_journal(lines, since, why);
	else
		r = open_file(lines, file, why);
	if (r < 0) {
		log_lines_close(lines);
		return r;
	}
	breach_unpack_start(lines->unpack, lines->fd, lines->name);
	*lines_out = lines;
	return 0;
}

/* What it has not written when we stop asking, it need not. */
void
log_lines_close(struct log_lines *lines)
{
	if (lines == NULL)
		return;
	mem_auto_close(&lines->fd);
	if (lines->journal != 0)
		(void)program_end(lines->journal);
	breach_unpack_free(lines->unpack);
	free(lines);
}

/* Whether journalctl has said all that there is. */
static int
end_journal(struct log_lines *lines, struct trouble *why)
{
	int status;

	if (lines->journal == 0)
		return 0;
	status = program_end(lines->journal);
	lines->journal = 0;
	if (status == 0)
		return 0;
	return err_say(why, ERR_IO, "journalctl has failed");
}

/* The beginning of a line is moved to the front, and more put behind it. */
static int
read_more(struct log_lines *lines, struct trouble *why)
{
	size_t left = lines->end - lines->at, got;
	int r;

	if (left > LINE_MOST) {
		lines->skips = true;
		left = 0;
	}
	memmove(lines->room, lines->room + lines->end - left, left);
	lines->at = 0;
	lines->end = left;
	r = breach_unpack_read(lines->unpack, lines->room + left, BLOCK_BYTES,
	    &got, why);
	if (r < 0)
		return r;
	lines->end += got;
	lines->ended = got == 0;
	return lines->ended ? end_journal(lines, why) : 0;
}

/* Returns false where there is no whole line in the room. */
static bool
take_line(struct log_lines *lines, const char **line_out, size_t *len_out)
{
	const char *start = lines->room + lines->at;
	size_t left = lines->end - lines->at;
	const char *newline = memchr(start, '\n', left);

	if (newline == NULL && !(lines->ended && left > 0))
		return false;
	*line_out = start;
	*len_out = newline == NULL ? left : (size_t)(newline - start);
	lines->at += *len_out + (newline != NULL);
	return true;
}

int
log_lines_next(struct log_lines *lines, const char **line_out, size_t *len_out,
    struct trouble *why)
{
	bool skipped;
	int r;

	do {
		while (!take_line(lines, line_out, len_out)) {
			if (lines->ended)
				return 0;
			if ((r = read_more(lines, why)) < 0)
				return r;
		}
		skipped = lines->skips;
		lines->skips = false;
	} while (skipped);
	return 1;
}
