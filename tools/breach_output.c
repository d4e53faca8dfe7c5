#include "breach_output.h"

#include "breach_format.h"
#include "io.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0644 };

/* ---- files without a name ---- */

/* Where a file system knows none, a name is taken away at once. */
static int
scratch_in(int dir)
{
	static const char name[] = "sallyport-scratch";
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	fd = io_open_beneath(dir, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd >= 0)
		(void)unlinkat(dir, name, 0);
	return fd;
}

int
breach_output_scratch(const char *folder)
{
	AUTO_CLOSE int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -1 : scratch_in(dir);
}

/* ---- what is there already ---- */

/* Whatever else somebody has there is not ours to replace: a list, say. */
static int
check_old(const struct breach_output *output, struct trouble *why)
{
	AUTO_CLOSE int fd = -1;
	uint8_t magic[BREACH_MAGIC_BYTES];
	struct stat st;

	if (fstatat(output->dir, output->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			   ? 0
			   : err_say(why, ERR_IO, "cannot look at %s: %m",
				 output->path);
	if (!S_ISREG(st.st_mode))
		return err_say(why, ERR_EXISTS,
		    "%s is there, and is no regular file", output->path);
	fd = io_open_beneath(output->dir, output->name, O_RDONLY);
	if (fd < 0)
		return err_say(why, ERR_IO, "cannot open %s: %m", output->path);
	if (io_read_at(fd, magic, sizeof magic, 0) < 0 ||
	    memcmp(magic, BREACH_MAGIC, sizeof magic) != 0)
		return err_say(why, ERR_EXISTS,
		    "%s is there, and is no index; it stays as it is",
		    output->path);
	return 0;
}

/* ---- a name from the beginning, where it cannot be otherwise ---- */

static struct breach_output *unfinished; /* to be removed by a signal */

static void
remove_unfinished(int number)
{
	if (unfinished != NULL)
		(void)unlinkat(unfinished->dir, unfinished->temporary, 0);
	raise(number); /* which now ends the program */
}

static void
remove_when_ended(struct breach_output *output)
{
	static const int endings[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = remove_unfinished,
		.sa_flags = (int)SA_RESETHAND },
			 before;

	unfinished = output;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		sigaction(endings[i], NULL, &before);
		if (before.sa_handler != SIG_IGN) /* as nohup has it */
			sigaction(endings[i], &action, NULL);
	}
}

/* Whether the locked file still has its name: another build may just have
 * finished it, and then it is the index. */
static bool
still_named(const struct breach_output *output)
{
	struct stat file, name;

	return fstat(output->fd, &file) == 0 &&
	       fstatat(output->dir, output->temporary, &name,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	       file.st_dev == name.st_dev && file.st_ino == name.st_ino;
}

/* A killed build leaves its file behind, which is not locked any more: the
 * next build takes it over. */
static int
begin_named(struct breach_output *output, struct trouble *why)
{
	int r;

	output->fd =
	    io_open_beneath(output->dir, output->temporary, O_RDWR | O_CREAT);
	if (output->fd < 0)
		return err_say(why, ERR_IO, "cannot make %s beside %s: %m",
		    output->temporary, output->path);
	r = io_lock(output->fd, 0);
	if (r == ERR_BUSY || (r == 0 && !still_named(output)))
		return err_say(why, ERR_BUSY, "%s is being built already",
		    output->path);
	if (r < 0 || ftruncate(output->fd, 0) < 0)
		return err_say(why, ERR_IO, "cannot use %s beside %s: %m",
		    output->temporary, output->path);
	output->named = true;
	remove_when_ended(output);
	return 0;
}

/* ---- begin, commit, end ---- */

/* A file without a name is given one through /proc. */
static const char *
descriptor_path(const struct breach_output *output, char room[40])
{
	snprintf(room, 40, "/proc/self/fd/%d", output->fd);
	return room;
}

static int
open_folder(struct breach_output *output, struct trouble *why)
{
	const char *slash = strrchr(output->path, '/');
	AUTO_FREE char *folder = NULL;

	output->name = slash == NULL ? output->path : slash + 1;
	folder = slash == NULL ? strdup(".")
			       : strndup(output->path,
				     (size_t)(slash + 1 - output->path));
	if (folder == NULL)
		return ERR_MEMORY;
	if (output->name[0] == '\0' ||
	    snprintf(output->temporary, sizeof output->temporary, "%s.new",
		output->name) >= (int)sizeof output->temporary)
		return err_say(why, ERR_INPUT, "\"%s\" cannot be a file's name",
		    output->path);
	output->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (output->dir < 0)
		return err_say(why, errno == ENOENT ? ERR_INPUT : ERR_IO,
		    "cannot open the folder %s: %m", folder);
	return 0;
}

int
breach_output_begin(const char *path, struct breach_output *output,
    struct trouble *why)
{
	char proc[40];
	int r;

	*output = (struct breach_output){ .path = path, .dir = -1, .fd = -1 };
	if ((r = open_folder(output, why)) < 0 ||
	    (r = check_old(output, why)) < 0)
		return r;
	output->fd =
	    openat(output->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (output->fd >= 0 && access(descriptor_path(output, proc), F_OK) == 0)
		return 0;
	mem_auto_close(&output->fd);
	return begin_named(output, why);
}

/* In one piece, as far as signals go: between the two steps the file has a
 * name that nobody wants to see. */
static int
take_name(struct breach_output *output)
{
	char proc[40];
	sigset_t all, before;
	int r = 0, saved;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (!output->named) {
		(void)unlinkat(output->dir, output->temporary, 0);
		r = linkat(AT_FDCWD, descriptor_path(output, proc), output->dir,
		    output->temporary, AT_SYMLINK_FOLLOW);
		output->named = r == 0;
	}
	if (r == 0)
		r = renameat(output->dir, output->temporary, output->dir,
		    output->name);
	if (r == 0)
		output->named = false;
	saved = errno;
	if (r == 0)
		unfinished = NULL;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return r;
}

int
breach_output_commit(struct breach_output *output, struct trouble *why)
{
	if (fchmod(output->fd, MODE) < 0 || io_sync(output->fd) < 0 ||
	    take_name(output) < 0 || io_sync(output->dir) < 0)
		return err_say(why, ERR_IO, "cannot finish %s: %m",
		    output->path);
	return 0;
}

void
breach_output_end(struct breach_output *output)
{
	if (output->named)
		(void)unlinkat(output->dir, output->temporary, 0);
	if (unfinished == output)
		unfinished = NULL;
	mem_auto_close(&output->fd);
	mem_auto_close(&output->dir);
}
