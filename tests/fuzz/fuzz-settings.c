/*
 * settings: the text of a settings file, and of its drop-ins.
 *
 * Input: the text of sallyport.conf; behind a first byte 0x1e the text of the
 * drop-in 9.conf, behind a second one that of 10.conf, which is read before
 * it.  A byte 0x1d stands for 4096 of the byte before it, so that small inputs
 * make large files.
 *
 * Oracle: a second reader, written from sallyport.conf(5), accepts the same
 * texts and reads the same choices in them.  A refusal names the file and the
 * line that the second reader stumbles over, in one line of text.  What was
 * accepted can be written down again, and reads the same.  Nothing with a NUL or
 * a carriage return, or longer than 64 KiB, is accepted.
 */
#include "choices.h"
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILES = 3,
	TEXT_MOST = 64 * 1024, /* bytes that a file may have */
	TEXT_SIZE = 18 * 4096, /* that this makes */
	SEPARATOR = 0x1e,
	PAD = 0x1d,
};

#if UINTPTR_MAX == UINT32_MAX
const char fuzz_left_out[] = "libc's calendar, the oracle's, ends in 2038 here";
#endif

struct text {
	char *bytes; /* owned */
	size_t len;
	bool there;
};

/* As given, and as read: by bytes, 10 comes before 9. */
static const char *const names[FILES] = { "sallyport.conf",
	"sallyport.conf.d/9.conf", "sallyport.conf.d/10.conf" };
static const int order[FILES] = { 0, 2, 1 };

static void
prepare(const struct scratch *scratch)
{
	static bool prepared;

	if (prepared)
		return;
	MUST(mkdir(scratch_path(scratch, "sallyport.conf.d"), 0700) == 0);
	scratch_write_text(scratch, "sallyport.conf.d/9.conf~", "nonsense\n");
	scratch_write_text(scratch, "sallyport.conf.d/.9.conf", "nonsense\n");
	prepared = true;
}

static void
add(struct text *text, uint8_t byte, size_t times)
{
	if (text->len + times > TEXT_SIZE)
		return;
	memset(text->bytes + text->len, byte, times);
	text->len += times;
}

static void
take_texts(const uint8_t *bytes, size_t n, struct text texts[FILES])
{
	int file = 0;

	texts[0].there = true;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == SEPARATOR && file + 1 < FILES)
			texts[++file].there = true;
		else if (bytes[i] == PAD && texts[file].len > 0)
			add(&texts[file],
			    (uint8_t)texts[file].bytes[texts[file].len - 1],
			    4096);
		else
			add(&texts[file], bytes[i], 1);
	}
}

static void
write_texts(const struct scratch *scratch, const struct text texts[FILES])
{
	for (int i = 0; i < FILES; i++) {
		if (texts[i].there)
			scratch_write(scratch, names[i], texts[i].bytes,
			    texts[i].len);
		else
			(void)unlink(scratch_path(scratch, names[i]));
	}
}

/* ---- the second reader ---- */

static bool
read_line(struct settings *settings, char *line, bool seen[])
{
	size_t name_len, i;
	char *name, *value;

	if (strchr(line, '\r') != NULL)
		return false;
	name = line + strspn(line, " \t");
	if (name[0] == '\0' || name[0] == '#')
		return true;
	if (name[0] == '=' || (value = strchr(name, '=')) == NULL)
		return false;
	*value++ = '\0';
	for (name_len = strlen(name); strchr(" \t", name[name_len - 1]);)
		name[--name_len] = '\0';
	value += strspn(value, " \t");
	for (i = strlen(value); i > 0 && strchr(" \t", value[i - 1]); i--)
		value[i - 1] = '\0';
	if (!choice_set(settings, PLACE_FILE, name, value))
		return false;
	for (i = 0; strcmp(settings_row(i)->name, name) != 0;)
		i++;
	if (seen[i])
		return false;
	return seen[i] = true;
}

/* 0: every line may stand there.  Or the number of the first that may not. */
static unsigned
read_text(struct settings *settings, const struct text *text)
{
	bool seen[64] = { false };
	char *copy = strndup(text->bytes, text->len), *line = copy, *end;
	unsigned bad = 0;

	MUST(copy != NULL);
	for (unsigned number = 1; line != NULL && bad == 0; number++) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end++ = '\0';
		if (!read_line(settings, line, seen))
			bad = number;
		line = end;
	}
	free(copy);
	return bad;
}

/* ---- the oracle ---- */

static void
check_refused(const struct scratch *scratch, const char *name, unsigned line,
    int r, const struct trouble *why)
{
	char where[SCRATCH_PATH_SIZE + 16];

	MUST(r == ERR_SETTINGS);
	MUST(is_one_line(why));
	snprintf(where, sizeof where, line > 0 ? "%s:%u: " : "%s",
	    scratch_path(scratch, name), line);
	MUST(strstr(why->text, where) != NULL);
}

static void
check_again(const struct scratch *scratch, const struct settings *settings)
{
	char text[4096] = "", value[CHOICE_TEXT_SIZE];
	struct text texts[FILES] = { { .bytes = text, .there = true } };
	struct trouble why = { "" };
	struct settings again;

	for (size_t i = 0; settings_row(i) != NULL; i++)
		if (choice_text(settings, i, value))
			texts[0].len += (size_t)snprintf(text + texts[0].len,
			    sizeof text - texts[0].len, "%s = %s\n",
			    settings_row(i)->name, value);
	MUST(texts[0].len < sizeof text);
	write_texts(scratch, texts);
	MUST(settings_load(&again, PLACE_FILE, scratch_path(scratch, names[0]),
		 0, NULL, &why) == 0);
	MUST(choices_equal(settings, &again));
}

static void
check(const struct scratch *scratch, const struct text texts[FILES])
{
	struct settings is, want = settings_default;
	struct trouble why = { "" };
	unsigned line;
	int r;

	r = settings_load(&is, PLACE_FILE, scratch_path(scratch, names[0]), 0,
	    NULL, &why);
	for (int i = 0; i < FILES; i++) {
		const struct text *text = &texts[order[i]];
		const char *name = names[order[i]];

		if (!text->there)
			continue;
		if (text->len > TEXT_MOST ||
		    memchr(text->bytes, '\0', text->len) != NULL) {
			check_refused(scratch, name, 0, r, &why);
			return;
		}
		if ((line = read_text(&want, text)) > 0) {
			check_refused(scratch, name, line, r, &why);
			return;
		}
	}
	if (!choices_agree(&want)) {
		check_refused(scratch, names[0], 0, r, &why);
		return;
	}
	MUST(r == 0);
	MUST(choices_equal(&is, &want));
	check_again(scratch, &is);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct scratch *scratch = fuzz_store();
	struct text texts[FILES] = { 0 };

	prepare(scratch);
	for (int i = 0; i < FILES; i++)
		MUST((texts[i].bytes = calloc(1, TEXT_SIZE + 1)) != NULL);
	take_texts(bytes, n, texts);
	write_texts(scratch, texts);
	check(scratch, texts);
	for (int i = 0; i < FILES; i++)
		free(texts[i].bytes);
	return 0;
}
