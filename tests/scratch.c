#include "scratch.h"

#include "err.h"
#include "mem.h"
#include "store.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[SCRATCH_DIR_SIZE]; /* of this process; "": none yet */
static pid_t owner;		    /* of root; a forked child is not */

/* Removes a file, or a folder with all in it, and follows no link. */
static void
remove_all(int dir, const char *name)
{
	struct dirent *entry;
	struct stat st;
	DIR *list;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		(void)unlinkat(dir, name, 0);
		return;
	}
	if (fchmodat(dir, name, 0700, 0) < 0)
		return;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (list = fdopendir(fd)) != NULL) {
		while ((entry = readdir(list)) != NULL)
			if (strcmp(entry->d_name, ".") != 0 &&
			    strcmp(entry->d_name, "..") != 0)
				remove_all(fd, entry->d_name);
		(void)closedir(list);
	}
	(void)unlinkat(dir, name, AT_REMOVEDIR);
}

static void
remove_root(void)
{
	if (owner == getpid())
		remove_all(AT_FDCWD, root);
}

void
scratch_in_memory(void)
{
	if (access("/dev/shm", W_OK | X_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 0);
}

static void
need_root(void)
{
	const char *tmp = getenv("TMPDIR");
	int len;

	if (root[0] != '\0')
		return;
	len = snprintf(root, sizeof root - 8, "%s/sallyport-test.XXXXXX",
	    tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (len < 0 || len >= (int)sizeof root - 8 || mkdtemp(root) == NULL) {
		root[0] = '\0';
		fail_msg("cannot make a folder in $TMPDIR: %s",
		    strerror(errno));
	}
	owner = getpid();
	expect_int(atexit(remove_root), 0);
}

void
scratch_new(struct scratch *scratch)
{
	static unsigned count;

	need_root();
	memset(scratch, 0, sizeof *scratch);
	scratch->settings = settings_default;
	snprintf(scratch->dir, sizeof scratch->dir, "%.*s/%u",
	    (int)(sizeof scratch->dir - 12), root, count++);
	expect_int(mkdir(scratch->dir, 0700), 0);
	snprintf(scratch->settings.store_dir,
	    sizeof scratch->settings.store_dir, "%s/store", scratch->dir);
	snprintf(scratch->settings.key_file, sizeof scratch->settings.key_file,
	    "%s/etc/store.key", scratch->dir);
}

void
scratch_new_store(struct scratch *scratch)
{
	struct trouble why = { "" };

	scratch_new(scratch);
	if (store_create(&scratch->settings, &why) < 0)
		fail_msg("cannot make a store: %s", why.text);
}

void
scratch_free(struct scratch *scratch)
{
	remove_all(AT_FDCWD, scratch->dir);
}

const char *
scratch_path(const struct scratch *scratch, const char *name)
{
	static char paths[4][SCRATCH_PATH_SIZE];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	int len;

	len = snprintf(path, SCRATCH_PATH_SIZE, "%s%s%s", scratch->dir,
	    name[0] == '\0' ? "" : "/", name);
	expect(len > 0 && len < SCRATCH_PATH_SIZE);
	return path;
}

void
scratch_write(const struct scratch *scratch, const char *name,
    const void *bytes, size_t n)
{
	AUTO_CLOSE
	int fd = open(scratch_path(scratch, name),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	expect(fd >= 0);
	expect_int(write(fd, bytes, n), n);
}

void
scratch_write_text(const struct scratch *scratch, const char *name,
    const char *text)
{
	scratch_write(scratch, name, text, strlen(text));
}

size_t
scratch_read(const struct scratch *scratch, const char *name, void *bytes,
    size_t room)
{
	AUTO_CLOSE
	int fd = open(scratch_path(scratch, name), O_RDONLY | O_CLOEXEC);
	ssize_t got;

	expect(fd >= 0);
	got = read(fd, bytes, room);
	expect(got >= 0);
	return (size_t)got;
}

int
scratch_has(const struct scratch *scratch, const char *name)
{
	struct stat st;

	return lstat(scratch_path(scratch, name), &st) == 0;
}

mode_t
scratch_mode(const struct scratch *scratch, const char *name)
{
	struct stat st;

	expect_int(lstat(scratch_path(scratch, name), &st), 0);
	return st.st_mode & 07777;
}

/* By a short name, as $TMPDIR may be longer than an address. */
void
scratch_socket(const struct scratch *scratch, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	AUTO_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	expect(fd >= 0 && here >= 0);
	strcpy(address.sun_path, "socket");
	expect_int(chdir(scratch->dir), 0);
	expect_int(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	expect_int(fchdir(here), 0);
	expect_int(rename(scratch_path(scratch, "socket"),
		       scratch_path(scratch, name)),
	    0);
	expect_int(chmod(scratch_path(scratch, name), 0600), 0);
}

const char *
scratch_config(const struct scratch *scratch, const char *more)
{
	char text[4096];
	int len;

	len = snprintf(text, sizeof text,
	    "store_dir = %s\nkey_file = %s\nbreach_lists = %s/lists/*.breach\n"
	    "%s",
	    scratch->settings.store_dir, scratch->settings.key_file,
	    scratch->dir, more);
	expect(len > 0 && len < (int)sizeof text);
	scratch_write_text(scratch, "sallyport.conf", text);
	return scratch_path(scratch, "sallyport.conf");
}

int
scratch_child(int (*run)(void *with), void *with)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	if ((child = fork()) == 0)
		_exit(run(with));
	expect(child > 0);
	while (waitpid(child, &status, 0) < 0)
		expect_int(errno, EINTR);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
