#include "sshd_config.h"

#include "io.h"
#include "mem.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FILE_MOST = 1024 * 1024, /* bytes */
	INCLUDES_MOST = 16,	 /* deep, as in sshd */
};

static const char *const programs[] = { "/usr/sbin/sshd",
	"/usr/local/sbin/sshd", "/sbin/sshd", "/usr/bin/sshd" };

/*
 * Text of files and programs
 */

/* All of an open file, NUL-terminated. */
static int
read_all(int fd, char **text_out)
{
	char *text = malloc(FILE_MOST + 1);
	ssize_t n;

	if (text == NULL)
		return ERR_MEMORY;
	if ((n = io_read_up_to(fd, text, FILE_MOST)) < 0) {
		free(text);
		return ERR_IO;
	}
	text[n] = '\0';
	*text_out = text;
	return 0;
}

/*
 * Asking sshd
 */

static const char *
find_sshd(void)
{
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	return NULL;
}

/* Runs it with both outputs in files.  Returns its exit status, or ERR_IO. */
static int
run(const char *const argv[], int out, int err)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t files;
	int status, failure;
	pid_t child;

	if (posix_spawn_file_actions_init(&files) != 0)
		return ERR_MEMORY;
	failure = posix_spawn_file_actions_addopen(&files, STDIN_FILENO,
	    "/dev/null", O_RDONLY, 0);
	if (failure == 0)
		failure = posix_spawn_file_actions_adddup2(&files, out,
		    STDOUT_FILENO);
	if (failure == 0)
		failure = posix_spawn_file_actions_adddup2(&files, err,
		    STDERR_FILENO);
	if (failure == 0) /* posix_spawn takes strings it does not change */
		failure = posix_spawn(&child, argv[0], &files, NULL,
		    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&files);
	if (failure != 0) {
		errno = failure;
		return ERR_IO;
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_IO;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ERR_IO;
}

/* The last thing it said: the error that ended it. */
static void
tell_last_line(const char *said, struct trouble *why)
{
	const char *end = said + strlen(said), *start;

	while (end > said && isspace((unsigned char)end[-1]))
		end--;
	for (start = end; start > said && start[-1] != '\n'; start--)
		;
	err_say(why, 0, "%.*s", (int)(end - start), start);
}

static int
ask(struct sshd_config *config, const char *const argv[], struct trouble *why)
{
	AUTO_CLOSE
	int out = memfd_create("sshd output", MFD_CLOEXEC);
	AUTO_CLOSE
	int err = memfd_create("sshd errors", MFD_CLOEXEC);
	AUTO_FREE char *said = NULL;
	int r;

	if (out < 0 || err < 0 || (r = run(argv, out, err)) < 0)
		return err_say(why, ERR_IO, "cannot run %s: %m", argv[0]);
	if (r == 0)
		return read_all(out, &config->effective);
	if ((r = read_all(err, &said)) < 0)
		return r;
	tell_last_line(said, why);
	return ERR_INPUT;
}

/*
 * -T also wants host keys and a folder in /run; -G, from OpenSSH 9.3 on, only
 * reads.  What -T complains of is the better reason to give.
 */
static int
ask_both(struct sshd_config *config, const char *program, struct trouble *why)
{
	const char *test[] = { program, "-T", "-f", config->file, NULL };
	const char *print[] = { program, "-G", "-f", config->file, NULL };
	int r;

	if ((r = ask(config, test, why)) != ERR_INPUT)
		return r;
	return ask(config, print, NULL) == 0 ? 0 : r;
}

/*
 * Where things are written
 */

static int scan_file(struct sshd_config *config, const char *file,
    bool in_match, int depth);

/* The next word of a line, without its quotes; a "=" also separates. */
static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r=");
	const char *stop = " \t\r=";
	char *end;

	if (*word == '\0' || *word == '#')
		return NULL;
	if (*word == '"') {
		word++;
		stop = "\"";
	}
	end = word + strcspn(word, stop);
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

static int
scan_pattern(struct sshd_config *config, const char *pattern, bool in_match,
    int depth)
{
	AUTO_FREE char *path = NULL;
	glob_t found = { 0 };
	int r = 0;

	if (asprintf(&path, "%s%s", pattern[0] == '/' ? "" : "/etc/ssh/",
		pattern) < 0)
		return ERR_MEMORY;
	if (glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && r == 0; i++)
			r = scan_file(config, found.gl_pathv[i], in_match,
			    depth + 1);
	globfree(&found);
	return r;
}

static int
remember(struct sshd_config *config, const char *file, unsigned number,
    const char *keyword, bool in_match)
{
	struct sshd_line *lines =
	    reallocarray(config->lines, config->line_count + 1, sizeof *lines);
	struct sshd_line *line;

	if (lines == NULL)
		return ERR_MEMORY;
	config->lines = lines;
	line = &lines[config->line_count];
	*line = (struct sshd_line){ .line = number, .in_match = in_match };
	if ((line->file = strdup(file)) == NULL)
		return ERR_MEMORY;
	config->line_count++;
	snprintf(line->keyword, sizeof line->keyword, "%s", keyword);
	for (char *c = line->keyword; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

static int
scan_line(struct sshd_config *config, const char *file, unsigned number,
    char *line, bool *in_match, int depth)
{
	char *keyword = next_word(&line), *word;
	int r;

	if (keyword == NULL)
		return 0;
	if (strcasecmp(keyword, "match") == 0) {
		word = next_word(&line);
		*in_match = word == NULL || strcasecmp(word, "all") != 0;
		return 0;
	}
	if (strcasecmp(keyword, "include") != 0)
		return remember(config, file, number, keyword, *in_match);
	while ((word = next_word(&line)) != NULL)
		if ((r = scan_pattern(config, word, *in_match, depth)) < 0)
			return r;
	return 0;
}

/* A file that cannot be read has no lines: sshd has had the say already. */
static int
scan_file(struct sshd_config *config, const char *file, bool in_match,
    int depth)
{
	AUTO_CLOSE
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO_FREE char *text = NULL;
	unsigned number = 1;
	int r;

	if (fd < 0 || depth > INCLUDES_MOST)
		return 0;
	if ((r = read_all(fd, &text)) < 0)
		return r == ERR_MEMORY ? r : 0;
	for (char *line = text, *next; line != NULL; line = next, number++) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if ((r = scan_line(config, file, number, line, &in_match,
			 depth)) < 0)
			return r;
	}
	return 0;
}

/*
 * The whole
 */

int
sshd_config_ask(struct sshd_config *config, const char *program,
    const char *file, struct trouble *why)
{
	int r;

	*config = (struct sshd_config){ .file = file };
	if (program == NULL && (program = find_sshd()) == NULL)
		return err_say(why, ERR_MISSING, "there is no sshd");
	if ((r = ask_both(config, program, why)) < 0)
		return r;
	return scan_file(config, file, false, 0);
}

int
sshd_config_take(struct sshd_config *config, const char *file,
    const char *effective)
{
	*config = (struct sshd_config){ .file = file };
	if ((config->effective = strdup(effective)) == NULL)
		return ERR_MEMORY;
	return scan_file(config, file, false, 0);
}

void
sshd_config_done(struct sshd_config *config)
{
	for (size_t i = 0; i < config->line_count; i++)
		free(config->lines[i].file);
	free(config->lines);
	free(config->effective);
	*config = (struct sshd_config){ 0 };
}

bool
sshd_config_get(const struct sshd_config *config, const char *keyword,
    char *room, size_t room_size)
{
	const char *line = config->effective;

	for (; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
		const char *value;

		line += strspn(line, "\n");
		value = text_after(line, keyword);
		if (value == NULL || *value != ' ')
			continue;
		value += strspn(value, " ");
		snprintf(room, room_size, "%.*s", (int)strcspn(value, "\n"),
		    value);
		return true;
	}
	return false;
}

bool
sshd_config_is(const struct sshd_config *config, const char *keyword,
    const char *value)
{
	char found[64];

	return sshd_config_get(config, keyword, found, sizeof found) &&
	       strcmp(found, value) == 0;
}

const struct sshd_line *
sshd_config_line(const struct sshd_config *config, const char *keyword,
    bool in_match)
{
	for (size_t i = 0; i < config->line_count; i++)
		if (config->lines[i].in_match == in_match &&
		    strcmp(config->lines[i].keyword, keyword) == 0)
			return &config->lines[i];
	return NULL;
}
