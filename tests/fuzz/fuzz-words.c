/*
 * words: the words of a PAM line.
 *
 * Input: a byte, then words, each ended by a NUL.  Bit 0 of the byte says
 * whether it is an auth or an account line, or by bit 5 a password line; bit 1,
 * whether the line has a config= word for a settings file that is there, bits
 * 2 to 4 before which word.  Without it the file is named by the caller, as a
 * tool would.
 *
 * Oracle: a second reader, written from pam_sallyport(8), accepts the same
 * lines and reads the same choices in them.  So a word that is unknown,
 * repeated, in the wrong place, a flag with a value or a value that is
 * missing or out of range, refuses the login, with a reason in one line.
 */
#include "choices.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 32 };

struct line {
	enum settings_place place;
	bool has_config;
	int argc;
	char *argv[WORDS_MOST]; /* owned */
};

static void
insert(struct line *line, int at, const char *word, size_t len)
{
	MUST(line->argc < WORDS_MOST);
	memmove(line->argv + at + 1, line->argv + at,
	    (size_t)(line->argc - at) * sizeof line->argv[0]);
	MUST((line->argv[at] = strndup(word, len)) != NULL);
	line->argc++;
}

static void
take_line(struct input *input, const char *config, struct line *line)
{
	unsigned first = (unsigned)input_number(input, 1);
	int at = first >> 2 & 7;

	line->place = first & 1 ? PLACE_ACCOUNT : PLACE_AUTH;
	if (first & 0x20)
		line->place = PLACE_PASSWORD;
	line->has_config = (first & 2) != 0;
	while (input->left > 0 && line->argc + 1 < WORDS_MOST) {
		const char *word = (const char *)input->at;
		size_t len = strnlen(word, input->left);

		insert(line, line->argc, word, len);
		if (len < input->left)
			len++;
		input->at += len;
		input->left -= len;
	}
	if (line->has_config)
		insert(line, at < line->argc ? at : line->argc, config,
		    strlen(config));
}

/* ---- the second reader ---- */

static bool
read_word(struct settings *settings, enum settings_place place,
    const char *word)
{
	const char *equals = strchr(word, '=');
	char *name;
	bool fits;

	if (strncmp(word, "config=", strlen("config=")) == 0)
		return true;
	MUST((name = strndup(word, strcspn(word, "="))) != NULL);
	fits = choice_set(settings, place, name,
	    equals == NULL ? NULL : equals + 1);
	free(name);
	return fits;
}

static bool
repeated(const struct line *line, int i)
{
	size_t len = strcspn(line->argv[i], "=");

	for (int k = 0; k < line->argc; k++)
		if (k != i && strcspn(line->argv[k], "=") == len &&
		    memcmp(line->argv[k], line->argv[i], len) == 0)
			return true;
	return false;
}

static bool
read_words(struct settings *settings, const struct line *line)
{
	for (int i = 0; i < line->argc; i++)
		if (repeated(line, i) ||
		    !read_word(settings, line->place, line->argv[i]))
			return false;
	return choices_agree(settings);
}

/* ---- the oracle ---- */

static void
check(const struct line *line, const char *config)
{
	struct settings is, want = settings_default;
	const char *argv[WORDS_MOST];
	struct trouble why = { "" };
	int r;

	for (int i = 0; i < line->argc; i++)
		argv[i] = line->argv[i];
	r = settings_load(&is, line->place, line->has_config ? NULL : config,
	    line->argc, argv, &why);
	if (!read_words(&want, line)) {
		MUST(r == ERR_SETTINGS);
		MUST(is_one_line(&why));
		return;
	}
	MUST(r == 0);
	MUST(choices_equal(&is, &want));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	struct line line = { 0 };
	static char word[SCRATCH_PATH_SIZE + 16];

	if (word[0] == '\0') {
		scratch_write_text(fuzz_store(), "empty.conf", "# nothing\n");
		snprintf(word, sizeof word, "config=%s",
		    scratch_path(fuzz_store(), "empty.conf"));
	}
	take_line(&input, word, &line);
	check(&line, word + strlen("config="));
	for (int i = 0; i < line.argc; i++)
		free(line.argv[i]);
	return 0;
}
