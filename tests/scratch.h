/* A folder of a test's own, and the settings of a private store in it. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "settings.h"

#include <stddef.h>
#include <sys/types.h>

enum { SCRATCH_DIR_SIZE = 160, SCRATCH_PATH_SIZE = 256 };

/*
 * Beneath $TMPDIR or /tmp; the settings put the store in DIR/store and the key
 * in DIR/etc/store.key.  What cannot be made fails the test.  What a failed
 * test leaves behind goes when the program ends.
 */
struct scratch {
	char dir[SCRATCH_DIR_SIZE];
	struct settings settings;
};

void scratch_new(struct scratch *scratch);
void scratch_free(struct scratch *scratch);
#define AUTO_SCRATCH __attribute__((cleanup(scratch_free)))

/* Puts all of them in memory from now on, where there is a place and nobody
 * chose another: attempts by the thousand that try no disk wait for none. */
void scratch_in_memory(void);

/* The same with its store made. */
void scratch_new_store(struct scratch *scratch);

/* DIR/name, or DIR for ""; good until the fourth call after this one. */
const char *scratch_path(const struct scratch *scratch, const char *name);

/* A file's bytes, as a whole, mode 0600 where it is new; folders on the way
 * must be there.  scratch_write_text takes a string. */
void scratch_write(const struct scratch *scratch, const char *name,
    const void *bytes, size_t n);
void scratch_write_text(const struct scratch *scratch, const char *name,
    const char *text);
size_t scratch_read(const struct scratch *scratch, const char *name,
    void *bytes, size_t room);
int scratch_has(const struct scratch *scratch, const char *name);
mode_t scratch_mode(const struct scratch *scratch, const char *name);

/* A socket that somebody once listened at. */
void scratch_socket(const struct scratch *scratch, const char *name);

/* Writes DIR/sallyport.conf, which names store, key and DIR/lists for the lists
 * and holds more (lines, or ""), and returns its path. */
const char *scratch_config(const struct scratch *scratch, const char *more);

/*
 * Runs something in a process of its own, and waits for it.  Returns what it
 * returned (0 to 100), or the number of the signal that ended it plus 128.  It
 * must not use expect, which would go on with the next test there.
 */
int scratch_child(int (*run)(void *with), void *with);

/* Leaves a test that this system has no means for; see tap.sh. */
#define NOT_TESTED(reason) \
	do { \
		print_message("# not tested: %s\n", reason); \
		skip(); \
	} while (0)

#endif
