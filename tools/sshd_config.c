#include "sshd_config.h"

#include "file_text.h"
#include "mem.h"
#include "program.h"
#include "text.h"

#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INCLUDES_MOST = 16 }; /* deep, as in sshd */

static const char *const programs[] = { "/usr/sbin/sshd",
	"/usr/local/sbin/sshd", "/sbin/sshd", "/usr/bin/sshd" };

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

/* Where the last line of this text begins, and how long it is. */
static const char *
last_line(const char *said, const char *end, size_t *len_out)
{
	const char *start;

	while (end > said && isspace((unsigned char)end[-1]))
		end--;
	for (start = end; start > said && start[-1] != '\n'; start--)
		;
	*len_out = (size_t)(end - start);
	return start;
}

/* The last thing it said is the error that ended it; but how many bad lines
 * there are says less than the last of them. */
static void
tell_last_line(const char *said, struct trouble *why)
{
	size_t len;
	const char *line = last_line(said, said + strlen(said), &len);

	if (memmem(line, len, ": terminating, ", 15) != NULL)
		line = last_line(said, line, &len);
	err_say(why, 0, "%.*s", (int)len, line);
}

bool
sshd_config_is_refusal(const char *words)
{
	static const char *const refusals[] = { "cannot be satisfied",
		"onfiguration option", " line ", "requires that ",
		"not supported" };

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (strstr(words, refusals[i]) != NULL)
			return true;
	return false;
}

static int
ask(const char *const argv[], char **effective_out, struct trouble *why)
{
	AUTO_CLOSE
	int out = memfd_create("sshd output", MFD_CLOEXEC);
	AUTO_CLOSE
	int err = memfd_create("sshd errors", MFD_CLOEXEC);
	const int files[] = { -1, out, err };
	AUTO_FREE char *said = NULL;
	int r;

	if (out < 0 || err < 0 || (r = program_run(argv, files)) < 0)
		return err_say(why, ERR_IO, "cannot run %s: %m", argv[0]);
	if (r == 0)
		return file_text(out, effective_out);
	if ((r = file_text(err, &said)) < 0)
		return r;
	tell_last_line(said, why);
	return ERR_INPUT;
}

/*
 * -T also wants host keys and a folder in /run; -G, from OpenSSH 9.3 on, only
 * reads.  What -T complains of is the better reason to give.  spec is for -C;
 * NULL: none.
 */
static int
ask_both(const char *program, const char *file, const char *spec,
    char **effective_out, struct trouble *why)
{
	const char *of = spec != NULL ? "-C" : NULL;
	const char *test[] = { program, "-T", "-f", file, of, spec, NULL };
	const char *print[] = { program, "-G", "-f", file, of, spec, NULL };
	int r;

	if ((r = ask(test, effective_out, why)) != ERR_INPUT)
		return r;
	return ask(print, effective_out, NULL) == 0 ? 0 : r;
}

/* Where a Match is about a port, some say nothing of all; but they do of somebody
 * whom no block names. */
static int
ask_of_all(struct sshd_config *config, const char *program, struct trouble *why)
{
	static const char nobody[] = "user=nobody,host=host.example,"
				     "addr=192.0.2.1,laddr=192.0.2.2,lport=1";
	int r;

	r = ask_both(program, config->file, NULL, &config->effective, why);
	if (r != ERR_INPUT ||
	    strstr(why->text, "connection test specification") == NULL)
		return r;
	return ask_both(program, config->file, nobody, &config->effective, why);
}

/* What it will not say of somebody is not known; what holds for all is. */
static int
ask_of_match(const struct sshd_config *config, const char *program,
    struct sshd_match *match)
{
	char spec[SSHD_SPEC_ROOM];
	int r;

	if (!sshd_match_example(match->criteria, &match->example))
		return 0;
	sshd_match_spec(&match->example, spec);
	r = ask_both(program, config->file, spec, &match->effective, NULL);
	return r == ERR_MEMORY ? r : 0;
}

static int
ask_of_matches(struct sshd_config *config, const char *program)
{
	int r = 0;

	for (size_t i = 0; i < config->match_count && r == 0; i++)
		r = ask_of_match(config, program, &config->matches[i]);
	return r;
}

/*
 * Where things are written
 */

static int scan_file(struct sshd_config *config, const char *file, size_t match,
    int depth);

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
scan_pattern(struct sshd_config *config, const char *pattern, size_t match,
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
			r = scan_file(config, found.gl_pathv[i], match,
			    depth + 1);
	globfree(&found);
	return r;
}

/* Text without the blanks at its ends, cut to fit. */
static void
copy_trimmed(char *room, size_t size, const char *text)
{
	size_t len;

	text += strspn(text, " \t\r=");
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	snprintf(room, size, "%.*s", (int)len, text);
}

static int
remember(struct sshd_config *config, const struct sshd_line *like,
    const char *keyword, const char *value)
{
	struct sshd_line *lines =
	    reallocarray(config->lines, config->line_count + 1, sizeof *lines);
	struct sshd_line *line;

	if (lines == NULL)
		return ERR_MEMORY;
	config->lines = lines;
	line = &lines[config->line_count];
	*line = *like;
	if ((line->file = strdup(like->file)) == NULL)
		return ERR_MEMORY;
	config->line_count++;
	copy_trimmed(line->value, sizeof line->value, value);
	snprintf(line->keyword, sizeof line->keyword, "%s", keyword);
	for (char *c = line->keyword; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

/* Begins a block.  "Match all" ends one, and is of everybody. */
static int
begin_match(struct sshd_config *config, const char *criteria, size_t *match_out)
{
	struct sshd_match *matches;
	char *own;

	if (strncasecmp(criteria, "all", 3) == 0 && criteria[3] == '\0') {
		*match_out = SSHD_MATCH_ALL;
		return 0;
	}
	matches = reallocarray(config->matches, config->match_count + 1,
	    sizeof *matches);
	if (matches == NULL)
		return ERR_MEMORY;
	config->matches = matches;
	if ((own = strdup(criteria)) == NULL)
		return ERR_MEMORY;
	matches[config->match_count++] = (struct sshd_match){ .criteria = own };
	*match_out = config->match_count;
	return 0;
}

/* at is where the line stands; its match changes where a block begins. */
static int
scan_line(struct sshd_config *config, struct sshd_line *at, char *line,
    int depth)
{
	char *keyword = next_word(&line), *word;
	char criteria[SSHD_SPEC_ROOM];
	int r;

	if (keyword == NULL)
		return 0;
	if (strcasecmp(keyword, "match") == 0) {
		copy_trimmed(criteria, sizeof criteria, line);
		return begin_match(config, criteria, &at->match);
	}
	if (strcasecmp(keyword, "include") != 0)
		return remember(config, at, keyword, line);
	while ((word = next_word(&line)) != NULL)
		if ((r = scan_pattern(config, word, at->match, depth)) < 0)
			return r;
	return 0;
}

/* A file that cannot be read has no lines: sshd has had the say already. */
static int
scan_file(struct sshd_config *config, const char *file, size_t match, int depth)
{
	AUTO_CLOSE
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO_FREE char *name = strdup(file);
	AUTO_FREE char *text = NULL;
	struct sshd_line at = { .file = name, .line = 1, .match = match };
	int r;

	if (name == NULL)
		return ERR_MEMORY;
	if (fd < 0 || depth > INCLUDES_MOST)
		return 0;
	if ((r = file_text(fd, &text)) < 0)
		return r == ERR_MEMORY ? r : 0;
	for (char *line = text, *next; line != NULL; line = next, at.line++) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if ((r = scan_line(config, &at, line, depth)) < 0)
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
	if ((r = ask_of_all(config, program, why)) < 0 ||
	    (r = scan_file(config, file, 0, 0)) < 0)
		return r;
	return ask_of_matches(config, program);
}

int
sshd_config_test(const char *program, const char *file, struct trouble *why)
{
	const char *argv[] = { program, "-t", "-f", file, NULL };
	AUTO_FREE char *nothing = NULL;

	if (program == NULL && (argv[0] = find_sshd()) == NULL)
		return err_say(why, ERR_MISSING, "there is no sshd");
	return ask(argv, &nothing, why);
}

int
sshd_config_take(struct sshd_config *config, const char *file,
    const char *effective)
{
	*config = (struct sshd_config){ .file = file };
	if ((config->effective = strdup(effective)) == NULL)
		return ERR_MEMORY;
	return scan_file(config, file, 0, 0);
}

int
sshd_config_take_match(struct sshd_config *config, size_t match,
    const char *effective)
{
	struct sshd_match *taken = &config->matches[match - 1];

	(void)sshd_match_example(taken->criteria, &taken->example);
	taken->effective = strdup(effective);
	return taken->effective == NULL ? ERR_MEMORY : 0;
}

struct sshd_config
sshd_config_of_match(const struct sshd_config *config, size_t match)
{
	struct sshd_config view = *config;

	view.match = match;
	view.effective = config->matches[match - 1].effective;
	return view;
}

void
sshd_config_done(struct sshd_config *config)
{
	for (size_t i = 0; i < config->line_count; i++)
		free(config->lines[i].file);
	for (size_t i = 0; i < config->match_count; i++) {
		free(config->matches[i].criteria);
		free(config->matches[i].effective);
	}
	free(config->lines);
	free(config->matches);
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
sshd_config_in_match(const struct sshd_config *config, size_t match,
    const char *keyword)
{
	for (size_t i = 0; i < config->line_count; i++)
		if (config->lines[i].match == match &&
		    strcmp(config->lines[i].keyword, keyword) == 0)
			return &config->lines[i];
	return NULL;
}

const struct sshd_line *
sshd_config_line(const struct sshd_config *config, const char *keyword)
{
	const struct sshd_line *line = NULL;

	if (config->match > 0)
		line = sshd_config_in_match(config, config->match, keyword);
	if (line == NULL)
		line = sshd_config_in_match(config, SSHD_MATCH_ALL, keyword);
	return line != NULL ? line : sshd_config_in_match(config, 0, keyword);
}

const struct sshd_line *
sshd_config_late(const struct sshd_config *config, const struct sshd_line *line)
{
	const struct sshd_line *end = config->lines + config->line_count;

	if (line->match != 0 && line->match != SSHD_MATCH_ALL)
		return NULL;
	for (const struct sshd_line *late = line + 1; late < end; late++)
		if (late->match == line->match &&
		    strcmp(late->keyword, line->keyword) == 0 &&
		    strcasecmp(late->value, line->value) != 0)
			return late;
	return NULL;
}
