#include "breach_input.h"

#include "breach_folder.h"
#include "breach_unpack.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK_BYTES = 256 * 1024,
	NAME_SIZE = 256, /* of a file, for messages */
};

/* What one of the names stands for. */
enum source { SOURCE_NONE, SOURCE_FILE, SOURCE_FOLDER };

struct breach_input {
	struct breach_input_choices choices;
	bool repeats;
	off_t stdin_start;
	uint64_t bytes;	       /* of all files; 0: nobody knows */
	uint64_t taken_before; /* by unpack, when this reading began */
	int at;		       /* the name whose turn it is next */
	enum source source;
	struct breach_folder folder; /* of SOURCE_FOLDER */
	int fd;			     /* of the open file, -1: none */
	char file[NAME_SIZE];
	struct breach_unpack *unpack; /* owned */
	/* The beginning of a line is put before the block that continues it. */
	uint8_t room[BREACH_LINE_MOST + BLOCK_BYTES + BREACH_TEXT_PADDING];
};

static bool
is_stdin(const char *name)
{
	return strcmp(name, "-") == 0;
}

static const char *
shown(const char *name)
{
	return is_stdin(name) ? "standard input" : name;
}

/* ---- what there is ---- */

static int
open_name(const char *name, struct trouble *why)
{
	int fd;

	do
		fd = is_stdin(name)
			 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return err_say(why, errno == ENOENT ? ERR_INPUT : ERR_IO,
		    "cannot open %s: %m", shown(name));
	return fd;
}

static int
look_at_folder(struct breach_input *input, const char *name,
    struct trouble *why)
{
	int fd, r;

	if ((fd = open_name(name, why)) < 0)
		return fd;
	r = breach_folder_open(&input->folder, fd, name, why);
	if (r == 0)
		r = breach_folder_check(&input->folder, input->choices.partial,
		    why);
	breach_folder_close(&input->folder);
	return r;
}

/* A pipe is not opened before its turn: whoever writes to it notices. */
static int
look_at_name(struct breach_input *input, const char *name, bool *sized,
    struct trouble *why)
{
	struct stat st;

	if ((is_stdin(name) ? fstat(STDIN_FILENO, &st) : stat(name, &st)) < 0)
		return err_say(why, errno == ENOENT ? ERR_INPUT : ERR_IO,
		    "cannot look at %s: %m", shown(name));
	if (S_ISREG(st.st_mode)) {
		input->bytes += (uint64_t)st.st_size;
		return 0;
	}
	*sized = false;
	if (S_ISDIR(st.st_mode))
		return look_at_folder(input, name, why);
	input->repeats = false;
	return 0;
}

static int
look_at_all(struct breach_input *input, struct trouble *why)
{
	bool sized = true;
	int r;

	for (int i = 0; i < input->choices.count; i++) {
		r = look_at_name(input, input->choices.names[i], &sized, why);
		if (r < 0)
			return r;
	}
	if (!sized)
		input->bytes = 0;
	return 0;
}

int
breach_input_open(const struct breach_input_choices *choices,
    struct breach_input **input_out, struct trouble *why)
{
	struct breach_input *input = calloc(1, sizeof *input);
	int r;

	if (input == NULL)
		return ERR_MEMORY;
	input->choices = *choices;
	input->fd = -1;
	input->repeats = true;
	input->stdin_start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	input->unpack = breach_unpack_new(choices->memory);
	r = input->unpack == NULL ? ERR_MEMORY : look_at_all(input, why);
	if (r < 0) {
		breach_input_close(input);
		return r;
	}
	*input_out = input;
	return 0;
}

static void
end_file(struct breach_input *input)
{
	mem_auto_close(&input->fd);
	input->fd = -1;
}

static void
end_source(struct breach_input *input)
{
	end_file(input);
	if (input->source == SOURCE_FOLDER)
		breach_folder_close(&input->folder);
	input->source = SOURCE_NONE;
}

void
breach_input_close(struct breach_input *input)
{
	if (input == NULL)
		return;
	end_source(input);
	breach_unpack_free(input->unpack);
	free(input);
}

bool
breach_input_repeats(const struct breach_input *input)
{
	return input->repeats;
}

int
breach_input_rewind(struct breach_input *input, struct trouble *why)
{
	end_source(input);
	input->at = 0;
	input->taken_before = breach_unpack_taken(input->unpack);
	for (int i = 0; input->repeats && i < input->choices.count; i++)
		if (is_stdin(input->choices.names[i]) &&
		    lseek(STDIN_FILENO, input->stdin_start, SEEK_SET) < 0)
			return err_say(why, ERR_IO,
			    "cannot read standard input again: %m");
	return 0;
}

double
breach_input_part(const struct breach_input *input)
{
	uint64_t taken =
	    breach_unpack_taken(input->unpack) - input->taken_before;

	if (input->bytes == 0)
		return -1;
	return taken < input->bytes ? (double)taken / (double)input->bytes : 1;
}

/* ---- one file after the other ---- */

static void
begin_file(struct breach_input *input, int fd, int prefix,
    struct breach_text *text)
{
	input->fd = fd;
	breach_unpack_start(input->unpack, fd, input->file);
	*text = (struct breach_text){ .file = input->file, .prefix = prefix };
}

static int
begin_source(struct breach_input *input, struct breach_text *text,
    struct trouble *why)
{
	const char *name = input->choices.names[input->at++];
	struct stat st;
	int fd;

	if ((fd = open_name(name, why)) < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		input->source = SOURCE_FOLDER;
		return breach_folder_open(&input->folder, fd, name, why);
	}
	snprintf(input->file, sizeof input->file, "%s", shown(name));
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	begin_file(input, fd, BREACH_NO_PREFIX, text);
	input->source = SOURCE_FILE;
	return 0;
}

static int
begin_range(struct breach_input *input, struct breach_text *text,
    struct trouble *why)
{
	struct breach_range range;
	uint32_t prefix;
	int r;

	r = breach_folder_next(&input->folder, &prefix, &range, why);
	if (r <= 0)
		return r;
	snprintf(input->file, sizeof input->file, "%s/%s", input->folder.name,
	    range.name);
	begin_file(input, range.fd, (int)prefix, text);
	return 1;
}

/* Opens the next file.  Returns 1, 0 where none is left, or an error. */
static int
next_file(struct breach_input *input, struct breach_text *text,
    struct trouble *why)
{
	int r;

	end_file(input);
	while (input->fd < 0) {
		if (input->source == SOURCE_FOLDER) {
			r = begin_range(input, text, why);
			if (r != 0)
				return r;
		}
		end_source(input);
		if (input->at == input->choices.count)
			return 0;
		if ((r = begin_source(input, text, why)) < 0)
			return r;
	}
	return 1;
}

/* Puts more of the file behind what is left of the text. */
static int
read_more(struct breach_input *input, struct breach_text *text,
    struct trouble *why)
{
	uint8_t *block = input->room + BREACH_LINE_MOST;
	size_t left = (size_t)(text->end - text->at), got;
	int r;

	if (left > 0)
		memmove(block - left, text->at, left);
	r = breach_unpack_read(input->unpack, block, BLOCK_BYTES, &got, why);
	if (r < 0)
		return r;
	memset(block + got, 0, BREACH_TEXT_PADDING);
	text->at = block - left;
	text->end = block + got;
	text->whole = got == 0;
	/* what a download that failed leaves behind */
	if (got == 0 && text->prefix != BREACH_NO_PREFIX &&
	    !input->choices.partial && left == 0 && text->line == 0)
		return err_say(why, ERR_INPUT,
		    "%s is empty; --partial does without", input->file);
	return 0;
}

int
breach_input_next(struct breach_input *input, struct breach_text *text,
    struct trouble *why)
{
	int r;

	do {
		if (input->fd < 0 || text->whole) {
			r = next_file(input, text, why);
			if (r <= 0)
				return r;
		}
		if ((r = read_more(input, text, why)) < 0)
			return r;
	} while (text->at == text->end);
	return 1;
}
