#include "store_file.h"

#include "io.h"
#include "mem.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	LOCK_DEADLINE = 5000, /* milliseconds */
	SWAPS_MOST = 100,     /* times a file may be swapped while we wait */
};

static struct io_expect
expect_private(off_t size)
{
	return (struct io_expect){ .kind = S_IFREG,
		.owner = geteuid(),
		.forbidden = S_IRWXG | S_IRWXO,
		.size = size };
}

int
store_file_dir(const char *path, int *dir_out, struct trouble *why)
{
	const struct io_expect expect = { .kind = S_IFDIR,
		.owner = geteuid(),
		.forbidden = S_IRWXG | S_IRWXO,
		.size = -1 };
	AUTO_CLOSE int dir = io_open_dir(path);
	int r;

	if (dir < 0 && errno == ENOENT)
		return err_say(why, ERR_MISSING,
		    "there is no store %s; \"sallyport setup\" makes it", path);
	if (dir < 0 && errno == EACCES && geteuid() != 0)
		return err_say(why, ERR_CALLER,
		    "the store is root's, and this program runs as uid %lu",
		    (unsigned long)geteuid());
	if (dir < 0)
		return err_say(why, ERR_IO, "cannot open the store %s: %m",
		    path);
	if ((r = io_check(dir, path, &expect, why)) < 0)
		return r;
	*dir_out = dir;
	dir = -1;
	return 0;
}

static int
get(int fd, const char *name, void *bytes, size_t n, struct trouble *why)
{
	const struct io_expect expect = expect_private((off_t)n);
	int r;

	if (fd < 0)
		return err_say(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
		    "cannot open %s: %m", name);
	if ((r = io_check(fd, name, &expect, why)) < 0)
		return r;
	if (io_read_at(fd, bytes, n, 0) < 0)
		return err_say(why, ERR_IO, "cannot read %s: %m", name);
	return 0;
}

int
store_file_get(int dir, const char *name, void *bytes, size_t n,
    struct trouble *why)
{
	AUTO_CLOSE int fd = io_open_beneath(dir, name, O_RDONLY);

	return get(fd, name, bytes, n, why);
}

int
store_file_get_path(const char *path, void *bytes, size_t n,
    struct trouble *why)
{
	AUTO_CLOSE int fd = io_open_path(path, O_RDONLY);

	return get(fd, path, bytes, n, why);
}

void
store_file_enrolment(uid_t uid, char name_out[STORE_FILE_NAME_SIZE])
{
	snprintf(name_out, STORE_FILE_NAME_SIZE, "%lu.enrolment",
	    (unsigned long)uid);
}

void
store_file_state(uid_t uid, char name_out[STORE_FILE_NAME_SIZE])
{
	snprintf(name_out, STORE_FILE_NAME_SIZE, "%lu.state",
	    (unsigned long)uid);
}

void
store_file_invitation(uid_t uid, char name_out[STORE_FILE_NAME_SIZE])
{
	snprintf(name_out, STORE_FILE_NAME_SIZE, "%lu.invitation",
	    (unsigned long)uid);
}

static bool
has_ending(const char *name, const char *ending, uid_t *uid_out)
{
	const char *dot = strchr(name, '.');
	char digits[STORE_FILE_NAME_SIZE];
	uint64_t uid;

	if (dot == NULL || strcmp(dot, ending) != 0 ||
	    (size_t)(dot - name) >= sizeof digits)
		return false;
	memcpy(digits, name, (size_t)(dot - name));
	digits[dot - name] = '\0';
	if (text_number(digits, 0, UINT32_MAX - 1, &uid) < 0)
		return false;
	*uid_out = (uid_t)uid;
	return true;
}

bool
store_file_is_enrolment(const char *name, uid_t *uid_out)
{
	return has_ending(name, ".enrolment", uid_out);
}

bool
store_file_is_invitation(const char *name, uid_t *uid_out)
{
	return has_ending(name, ".invitation", uid_out);
}

/*
 * On a copy-on-write file system, writing in place needs new blocks, and a
 * full disk would lock everybody out; btrfs can be told not to, file by file,
 * while the file is empty.  Elsewhere the flag is unknown, and not needed.
 */
static void
refuse_copy_on_write(int fd)
{
	int saved = errno, flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
		flags |= FS_NOCOW_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	errno = saved;
}

static int
open_state(int dir, const char *name, bool make)
{
	int fd = io_open_beneath(dir, name, O_RDWR);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	fd = io_open_beneath(dir, name, O_RDWR | O_CREAT | O_EXCL);
	if (fd >= 0)
		refuse_copy_on_write(fd);
	else if (errno == EEXIST) /* somebody was faster */
		fd = io_open_beneath(dir, name, O_RDWR);
	return fd;
}

/* Whether the open file still has the name. */
static bool
is_current(int dir, const char *name, int fd)
{
	struct stat open_file, named;

	return fstat(fd, &open_file) == 0 &&
	       fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       open_file.st_dev == named.st_dev &&
	       open_file.st_ino == named.st_ino;
}

static int
lock_once(int dir, const char *name, bool make, int *fd_out,
    struct trouble *why)
{
	AUTO_CLOSE int fd = open_state(dir, name, make);
	int r;

	if (fd < 0)
		return err_say(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
		    "cannot open %s: %m", name);
	if ((r = io_lock(fd, LOCK_DEADLINE)) == ERR_BUSY)
		return err_say(why, r,
		    "%s stayed locked for %d s; another "
		    "login of this user hangs",
		    name, LOCK_DEADLINE / 1000);
	if (r < 0)
		return err_say(why, r, "cannot lock %s: %m", name);
	if (!is_current(dir, name, fd)) {
		io_unlock(fd);
		*fd_out = -1; /* once more */
		return 0;
	}
	*fd_out = fd; /* what it is, whoever reads it looks */
	fd = -1;
	return 0;
}

int
store_file_lock(int dir, uid_t uid, bool make, int *fd_out, struct trouble *why)
{
	char name[STORE_FILE_NAME_SIZE];
	int r;

	store_file_state(uid, name);
	for (int swaps = 0; swaps < SWAPS_MOST; swaps++) {
		if ((r = lock_once(dir, name, make, fd_out, why)) < 0)
			return r;
		if (*fd_out >= 0)
			return 0;
	}
	return err_say(why, ERR_BUSY, "%s is being replaced all the time",
	    name);
}
