/* Runs a fuzz target on files, in place of libFuzzer: on those named as
 * arguments, or on its corpus, as one test that prints TAP. */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDER_SIZE = 1024, PATH_SIZE = FOLDER_SIZE + 1 + NAME_MAX + 1 };

/* The bytes stand in memory of exactly their size, so that a sanitizer sees
 * who reads on behind them. */
static void
replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long size;

	printf("# %s\n", path);
	fflush(stdout); /* the last one named is the one that broke something */
	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0 ||
	    (bytes = malloc(size == 0 ? 1 : (size_t)size)) == NULL ||
	    fread(bytes, 1, (size_t)size, file) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	(void)LLVMFuzzerTestOneInput(bytes, (size_t)size);
	free(bytes);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Returns how many files it held. */
static int
replay_folder(const char *folder)
{
	struct dirent **entries = NULL;
	char path[PATH_SIZE];
	int count = scandir(folder, &entries, is_visible, alphasort);

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder,
		    entries[i]->d_name);
		replay(path);
		free(entries[i]);
	}
	free(entries);
	return count;
}

/* Of the program fuzz-NAME, NAME. */
static const char *
name_of(const char *program)
{
	const char *slash = strrchr(program, '/');
	const char *base = slash == NULL ? program : slash + 1;
	const char *dash = strchr(base, '-');

	return dash == NULL ? base : dash + 1;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	char folder[FOLDER_SIZE];
	int count;

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc > 1)
		return 0;
	if (fuzz_left_out != NULL) {
		printf("1..0 # SKIP %s\n", fuzz_left_out);
		return 0;
	}
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", name_of(argv[0]));
	printf("1..1\n");
	count = replay_folder(folder);
	printf("%s 1 - what was found once holds (%d inputs)\n",
	    count > 0 ? "ok" : "not ok", count);
	return count > 0 ? 0 : 1;
}
