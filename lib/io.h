/* Files, by descriptor: opened beneath a folder, checked, read and written
 * whole, locked.  Every call retries EINTR. */
#ifndef IO_H
#define IO_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Opens a file or folder by path, following no link in its last part, without
 * blocking and without a controlling terminal.  Files it creates have at most
 * mode 0600.  Returns a descriptor above 2, or -1 with errno. */
int io_open_path(const char *path, int flags);
int io_open_dir(const char *path);

/*
 * Opens name beneath the folder dir, without following links or leaving the
 * folder; otherwise as io_open_path.  Files it creates have mode 0600 whatever the umask.  Returns a descriptor
 * above 2, or -1 with errno.
 */
int io_open_beneath(int dir, const char *name, int flags);

/* fd, moved above the three that a host may have closed and still prints to.
 * Returns the descriptor, or -1 with errno; fd is then closed. */
int io_above_standard(int fd);

/* What an open descriptor must be. */
struct io_expect {
	mode_t kind; /* S_IFREG or S_IFDIR */
	uid_t owner; /* or root, where root_too */
	int root_too;
	mode_t forbidden; /* permission bits that must be clear */
	off_t size;	  /* exact size in bytes; -1: any */
	int many_links;	  /* a regular file need not have exactly one */
};

/*
 * Checks the open file, not its name, so that nothing can change between look
 * and use.  name is for the message only.  Returns 0, ERR_IO, or
 * ERR_UNTRUSTED; a wrong size is ERR_DAMAGED.
 */
int io_check(int fd, const char *name, const struct io_expect *expect,
    struct trouble *why);

/* The same, with what there is to see of it. */
int io_look(int fd, const char *name, const struct io_expect *expect,
    struct stat *found_out, struct trouble *why);

/* Reads exactly n bytes at offset.  Returns 0, or ERR_IO with errno (0: the
 * file ended). */
int io_read_at(int fd, void *buffer, size_t n, off_t offset);

/* Reads up to n bytes from the start.  Returns how many, or -1 with errno. */
ssize_t io_read_up_to(int fd, void *buffer, size_t n);

/*
 * Writes exactly n bytes at offset.  A SIGXFSZ of this write does not reach
 * the host process.  Returns 0, or ERR_IO with errno: part may be written.
 */
int io_write_at(int fd, const void *buffer, size_t n, off_t offset);

/* Makes what was written durable.  Returns 0, or ERR_IO with errno. */
int io_sync_data(int fd);
int io_sync(int fd);

/*
 * Replaces name in dir by n new bytes, whole or not at all, durably: temporary
 * file, fsync, rename, fsync of the folder.  The temporary file is name plus
 * ".new"; whoever calls holds the lock that keeps others from it.  Returns 0,
 * or ERR_IO with errno.
 */
int io_replace(int dir, const char *name, const void *buffer, size_t n);

/* An exclusive lock on n bytes from offset (0: on all behind it), of the kind
 * below, tried once.  Returns 0, ERR_BUSY, or ERR_IO. */
int io_try_lock(int fd, off_t offset, off_t n);

/*
 * An exclusive lock that belongs to the open file description, tried until
 * the deadline in milliseconds from now.  Returns 0, ERR_BUSY, or ERR_IO.
 * io_unlock is explicit, because a forked child keeps a description open.
 */
int io_lock(int fd, int64_t milliseconds);
void io_unlock(int fd);

/* Milliseconds of a clock that nobody sets, for deadlines; -1: there is none. */
int64_t io_milliseconds(void);

/* n bytes of the kernel's randomness, all or ERR_IO. */
int io_random(void *buffer, size_t n);

#endif
