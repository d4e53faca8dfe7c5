/* Settings from files and from a PAM line.  Where anything is odd, the login
 * is refused: a typo must not weaken it. */
#include "settings.h"

#include "io.h"
#include "mem.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_MOST = 64 * 1024, /* bytes */
	NAMES_MOST = 32,       /* more settings than there are */
};

/* One line, cut in place: "name = value", a comment, or nothing. */
static int
cut_line(char *line, char **name_out, char **value_out)
{
	char *equals, *end;

	while (text_is_blank(*line))
		line++;
	*name_out = NULL;
	if (*line == '\0' || *line == '#')
		return 0;
	if ((equals = strchr(line, '=')) == NULL || equals == line)
		return ERR_SETTINGS;
	for (end = equals; end > line && text_is_blank(end[-1]); end--)
		;
	*end = '\0';
	for (equals++; text_is_blank(*equals); equals++)
		;
	for (end = equals + strlen(equals); end > equals; end--)
		if (!text_is_blank(end[-1]))
			break;
	*end = '\0';
	*name_out = line;
	*value_out = equals;
	return 0;
}

static bool
seen_before(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	if (*count == NAMES_MOST)
		return true;
	names[(*count)++] = name;
	return false;
}

/* text has no NUL but its last. */
static int
read_lines(struct settings *settings, char *text, const char *file,
    struct trouble *why)
{
	const char *names[NAMES_MOST];
	struct trouble word = { "" };
	size_t count = 0;
	unsigned number = 0;

	for (char *line = text, *next; line != NULL; line = next) {
		char *name, *value;

		number++;
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		if (strchr(line, '\r') != NULL)
			return err_say(why, ERR_SETTINGS,
			    "%s:%u: a carriage return; lines end with a "
			    "newline alone",
			    file, number);
		if (cut_line(line, &name, &value) < 0)
			return err_say(why, ERR_SETTINGS,
			    "%s:%u: not a \"name = value\" line", file, number);
		if (name == NULL)
			continue;
		if (settings_set(settings, PLACE_FILE, name, value, &word) < 0)
			return err_say(why, ERR_SETTINGS, "%s:%u: %s", file,
			    number, word.text);
		if (seen_before(names, &count, name))
			return err_say(why, ERR_SETTINGS,
			    "%s:%u: %s stands twice in this file", file, number,
			    name);
	}
	return 0;
}

/* What others can write could weaken a login. */
static struct io_expect
expect_unwritable(mode_t kind)
{
	return (struct io_expect){ .kind = kind,
		.owner = geteuid(),
		.root_too = 1,
		.forbidden = S_IWGRP | S_IWOTH,
		.size = -1 };
}

/* errno says why not. */
static int
cannot_open(const char *file, struct trouble *why)
{
	if (errno == ELOOP)
		return err_say(why, ERR_SETTINGS,
		    "%s is a link: put the file itself there", file);
	return err_say(why, ERR_SETTINGS, "cannot open %s: %m", file);
}

static int
load_fd(struct settings *settings, int fd, const char *file,
    struct trouble *why)
{
	const struct io_expect expect = expect_unwritable(S_IFREG);
	AUTO_FREE char *text = NULL;
	ssize_t got;

	if (io_check(fd, file, &expect, why) < 0)
		return ERR_SETTINGS;
	if ((text = malloc(FILE_MOST + 1)) == NULL)
		return err_say(why, ERR_MEMORY, "reading %s", file);
	if ((got = io_read_up_to(fd, text, FILE_MOST + 1)) < 0)
		return err_say(why, ERR_SETTINGS, "cannot read %s: %m", file);
	if (got > FILE_MOST)
		return err_say(why, ERR_SETTINGS, "%s is longer than %d KiB",
		    file, FILE_MOST / 1024);
	text[got] = '\0';
	if (strlen(text) != (size_t)got)
		return err_say(why, ERR_SETTINGS, "%s holds a NUL byte", file);
	return read_lines(settings, text, file, why);
}

static int
is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* no locale */
}

static int
load_drop_in(struct settings *settings, int dir, const char *path,
    const char *name, struct trouble *why)
{
	AUTO_CLOSE int fd = io_open_beneath(dir, name, O_RDONLY);
	char file[2 * SETTINGS_PATH_SIZE + NAME_MAX];

	snprintf(file, sizeof file, "%s/%s", path, name);
	if (fd < 0)
		return cannot_open(file, why);
	return load_fd(settings, fd, file, why);
}

static int
load_drop_ins(struct settings *settings, const char *config,
    struct trouble *why)
{
	const struct io_expect expect = expect_unwritable(S_IFDIR);
	char path[SETTINGS_PATH_SIZE + 8];
	struct dirent **entries = NULL;
	AUTO_CLOSE int dir = -1;
	int count, r = 0;

	snprintf(path, sizeof path, "%s.d", config);
	if ((dir = io_open_dir(path)) < 0 && errno == ENOENT)
		return 0;
	if (dir < 0)
		return cannot_open(path, why);
	if (io_check(dir, path, &expect, why) < 0)
		return ERR_SETTINGS;
	count = scandirat(dir, ".", &entries, is_drop_in, by_bytes);
	if (count < 0)
		return err_say(why, ERR_SETTINGS, "cannot read %s: %m", path);
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = load_drop_in(settings, dir, path,
			    entries[i]->d_name, why);
		free(entries[i]);
	}
	free(entries);
	return r;
}

/* The settings file itself; absent is fine where may_miss. */
static int
load_file(struct settings *settings, const char *file, bool may_miss,
    struct trouble *why)
{
	AUTO_CLOSE int fd = io_open_path(file, O_RDONLY);

	if (fd < 0 && errno == ENOENT && may_miss)
		return 0;
	if (fd < 0)
		return cannot_open(file, why);
	return load_fd(settings, fd, file, why);
}

/* A PAM line's word, "name" or "name=value". */
static int
set_word(struct settings *settings, enum settings_place place, const char *word,
    struct trouble *why)
{
	const char *equals = strchr(word, '=');
	char name[SETTINGS_WORD_SIZE];
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	if (len >= sizeof name)
		return err_say(why, ERR_SETTINGS,
		    "a word of the PAM line is too long");
	memcpy(name, word, len);
	name[len] = '\0';
	return settings_set(settings, place, name, equals ? equals + 1 : NULL,
	    why);
}

/* Whether two words of a PAM line set the same. */
static bool
same_name(const char *word, const char *other)
{
	size_t len = strcspn(word, "=");

	return len == strcspn(other, "=") && strncmp(word, other, len) == 0;
}

static int
check_repeats(int argc, const char **argv, struct trouble *why)
{
	char name[SETTINGS_WORD_SIZE], shown[2 * SETTINGS_WORD_SIZE];

	for (int i = 1; i < argc; i++)
		for (int k = 0; k < i; k++) {
			if (!same_name(argv[i], argv[k]))
				continue;
			snprintf(name, sizeof name, "%.*s",
			    (int)strcspn(argv[i], "="), argv[i]);
			return err_say(why, ERR_SETTINGS,
			    "%s stands twice on the PAM line",
			    text_escape(shown, sizeof shown, name));
		}
	return 0;
}

static const char *
config_word(int argc, const char **argv)
{
	for (int i = 0; i < argc; i++)
		if (text_after(argv[i], "config=") != NULL)
			return text_after(argv[i], "config=");
	return NULL;
}

int
settings_load(struct settings *settings, enum settings_place place,
    const char *config, int argc, const char **argv, struct trouble *why)
{
	struct trouble disagreement = { "" };
	bool may_miss = false;
	int r;

	*settings = settings_default;
	if ((r = check_repeats(argc, argv, why)) < 0)
		return r;
	if (config == NULL)
		config = config_word(argc, argv);
	if (config == NULL) {
		config = CONF_FILE;
		may_miss = true;
	}
	if (config[0] != '/' || strlen(config) >= SETTINGS_PATH_SIZE)
		return err_say(why, ERR_SETTINGS,
		    "the settings file's path "
		    "must begin with / and be shorter than %d bytes",
		    SETTINGS_PATH_SIZE);
	if ((r = load_file(settings, config, may_miss, why)) < 0)
		return r;
	if ((r = load_drop_ins(settings, config, why)) < 0)
		return r;
	for (int i = 0; i < argc; i++)
		if (text_after(argv[i], "config=") == NULL &&
		    (r = set_word(settings, place, argv[i], why)) < 0)
			return r;
	if (settings_agree(settings, &disagreement) < 0)
		return err_say(why, ERR_SETTINGS, "%s%s: %s", config,
		    place == PLACE_FILE ? "" : " and the PAM line",
		    disagreement.text);
	return 0;
}
