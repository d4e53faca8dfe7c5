#include "io.h"

#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	GUEST_FLAGS = O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW,
	FIRST_OWN_FD = 3, /* 0 to 2 are the host's, even where it closed them */
	LOCK_POLL_FIRST_NS = 500 * 1000,
	LOCK_POLL_LONGEST_NS = 10 * 1000 * 1000,
};

int
io_above_standard(int fd)
{
	int moved, saved;

	if (fd < 0 || fd >= FIRST_OWN_FD)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return moved;
}

int
io_open_path(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | GUEST_FLAGS, 0600);
	while (fd < 0 && errno == EINTR);
	return io_above_standard(fd);
}

int
io_open_dir(const char *path)
{
	return io_open_path(path, O_RDONLY | O_DIRECTORY);
}

static int
open_beneath(int dir, const char *name, int flags, mode_t mode)
{
	struct open_how how = { 0 };
	long fd;

	how.flags = (uint64_t)flags;
	how.mode = mode;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	do
		fd = syscall(SYS_openat2, dir, name, &how, sizeof how);
	while (fd < 0 && errno == EINTR);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return (int)fd;
	/* An old kernel, or a seccomp filter that does not know openat2.  Our
	 * names have no slash, so O_NOFOLLOW says the same. */
	do
		fd = openat(dir, name, flags, mode);
	while (fd < 0 && errno == EINTR);
	return (int)fd;
}

int
io_open_beneath(int dir, const char *name, int flags)
{
	mode_t mode = (flags & O_CREAT) ? 0600 : 0;
	int fd;

	if (strchr(name, '/') != NULL || name[0] == '.') {
		errno = EINVAL;
		return -1;
	}
	fd = io_above_standard(
	    open_beneath(dir, name, flags | GUEST_FLAGS, mode));
	/* The caller's umask has no say in what we create. */
	if (fd >= 0 && (flags & O_CREAT) && fchmod(fd, 0600) < 0) {
		int saved = errno;

		(void)close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int
io_check(int fd, const char *name, const struct io_expect *expect,
    struct trouble *why)
{
	struct stat st;

	return io_look(fd, name, expect, &st, why);
}

int
io_look(int fd, const char *name, const struct io_expect *expect,
    struct stat *found_out, struct trouble *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_say(why, ERR_IO, "cannot look at %s: %m", name);
	*found_out = st;
	if ((st.st_mode & S_IFMT) != expect->kind)
		return err_say(why, ERR_UNTRUSTED, "%s is not a %s", name,
		    expect->kind == S_IFDIR ? "folder" : "regular file");
	if (st.st_uid != expect->owner && !(expect->root_too && st.st_uid == 0))
		return err_say(why, ERR_UNTRUSTED,
		    "%s belongs to uid %lu, not to uid %lu", name,
		    (unsigned long)st.st_uid, (unsigned long)expect->owner);
	if ((st.st_mode & expect->forbidden) != 0)
		return err_say(why, ERR_UNTRUSTED,
		    "%s has mode %04o; bits %04o must be clear", name,
		    (unsigned)(st.st_mode & 07777),
		    (unsigned)expect->forbidden);
	if (expect->kind == S_IFREG && !expect->many_links && st.st_nlink != 1)
		return err_say(why, ERR_UNTRUSTED, "%s has %lu links, not one",
		    name, (unsigned long)st.st_nlink);
	if (expect->size >= 0 && st.st_size != expect->size)
		return err_say(why, ERR_DAMAGED, "%s has %lld bytes, not %lld",
		    name, (long long)st.st_size, (long long)expect->size);
	return 0;
}

int
io_read_at(int fd, void *buffer, size_t n, off_t offset)
{
	char *at = buffer;

	while (n > 0) {
		ssize_t got = pread(fd, at, n, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0) {
			errno = 0;
			return ERR_IO;
		}
		at += got;
		offset += got;
		n -= (size_t)got;
	}
	return 0;
}

ssize_t
io_read_up_to(int fd, void *buffer, size_t n)
{
	char *at = buffer;
	size_t sum = 0;

	while (sum < n) {
		ssize_t got = pread(fd, at + sum, n - sum, (off_t)sum);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		sum += (size_t)got;
	}
	return (ssize_t)sum;
}

static int
write_all(int fd, const void *buffer, size_t n, off_t offset)
{
	const char *at = buffer;

	while (n > 0) {
		ssize_t put = pwrite(fd, at, n, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return ERR_IO;
		if (put == 0) {
			errno = EIO; /* no progress and no reason */
			return ERR_IO;
		}
		at += put;
		offset += put;
		n -= (size_t)put;
	}
	return 0;
}

/*
 * Under a file size limit (`ulimit -f 0`) a write raises SIGXFSZ, which would
 * kill the login program that has us as a guest.  The signal is held back in
 * this thread and, if it is ours, taken away; EFBIG then says the same.
 */
int
io_write_at(int fd, const void *buffer, size_t n, off_t offset)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t ours, before, pending;
	bool was_pending;
	int r, saved;

	sigemptyset(&ours);
	sigaddset(&ours, SIGXFSZ);
	if (sigpending(&pending) < 0)
		return ERR_IO;
	was_pending = sigismember(&pending, SIGXFSZ) == 1;
	if ((errno = pthread_sigmask(SIG_BLOCK, &ours, &before)) != 0)
		return ERR_IO;
	r = write_all(fd, buffer, n, offset);
	saved = errno;
	if (r < 0 && !was_pending)
		while (
		    sigtimedwait(&ours, NULL, &at_once) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return r;
}

int
io_sync_data(int fd)
{
	int r;

	do
		r = fdatasync(fd);
	while (r < 0 && errno == EINTR);
	return r < 0 ? ERR_IO : 0;
}

int
io_sync(int fd)
{
	int r;

	do
		r = fsync(fd);
	while (r < 0 && errno == EINTR);
	return r < 0 ? ERR_IO : 0;
}

static int
write_temporary(int dir, const char *temporary, const void *buffer, size_t n)
{
	AUTO_CLOSE int fd = -1;
	int r;

	/* A leftover of a killed writer: the lock says nobody uses it. */
	if (unlinkat(dir, temporary, 0) < 0 && errno != ENOENT)
		return ERR_IO;
	fd = io_open_beneath(dir, temporary, O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0)
		return ERR_IO;
	if ((r = io_write_at(fd, buffer, n, 0)) < 0)
		return r;
	return io_sync(fd);
}

int
io_replace(int dir, const char *name, const void *buffer, size_t n)
{
	char temporary[NAME_MAX + 1];
	int r;

	if (snprintf(temporary, sizeof temporary, "%s.new", name) >=
	    (int)sizeof temporary) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	if ((r = write_temporary(dir, temporary, buffer, n)) < 0 ||
	    renameat(dir, temporary, dir, name) < 0) {
		int saved = errno;

		(void)unlinkat(dir, temporary, 0);
		errno = saved;
		return ERR_IO;
	}
	return io_sync(dir);
}

int64_t
io_milliseconds(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return -1;
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
io_try_lock(int fd, off_t offset, off_t n)
{
	struct flock lock = { 0 };

	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	lock.l_start = offset;
	lock.l_len = n;
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return ERR_BUSY;
	return ERR_IO;
}

int
io_lock(int fd, int64_t milliseconds)
{
	int64_t start = io_milliseconds();
	long pause = LOCK_POLL_FIRST_NS;

	for (;;) {
		struct timespec nap = { 0, pause };
		int r = io_try_lock(fd, 0, 0);
		int64_t now;

		if (r != ERR_BUSY)
			return r;
		/* Polled: a waiting F_OFD_SETLKW has no deadline short of a
		 * signal, and signals are the host's. */
		now = io_milliseconds();
		if (start < 0 || now < 0 || now - start >= milliseconds)
			return ERR_BUSY;
		(void)nanosleep(&nap, NULL);
		if (pause < LOCK_POLL_LONGEST_NS)
			pause += pause / 2;
	}
}

void
io_unlock(int fd)
{
	struct flock lock = { 0 };

	lock.l_type = F_UNLCK;
	lock.l_whence = SEEK_SET;
	(void)fcntl(fd, F_OFD_SETLK, &lock);
}

int
io_random(void *buffer, size_t n)
{
	char *at = buffer;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_IO;
		at += got;
		n -= (size_t)got;
	}
	return 0;
}
