#include "link.h"

#include "err.h"
#include "io.h"
#include "pack.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { LENGTH_BYTES = 4 };

/* Milliseconds left, as poll takes them; 0: none. */
static int
time_left(int64_t until)
{
	int64_t now = io_milliseconds();

	if (now < 0 || now >= until)
		return 0;
	return until - now > INT_MAX ? INT_MAX : (int)(until - now);
}

/* Waits until fd may be read from or written to, or has failed. */
static int
wait_for(int fd, short events, int64_t until)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int left, r;

	do {
		if ((left = time_left(until)) == 0)
			return ERR_BUSY;
		r = poll(&poll_fd, 1, left);
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r < 0 ? ERR_IO : 0;
}

static int
fail_with(int fd, int error)
{
	(void)close(fd);
	errno = error;
	return -1;
}

/* A listener whose queue is full makes connect wait, as long as a send may. */
static int
connect_until(int fd, const struct sockaddr_un *address, int64_t until)
{
	const struct sockaddr *to = (const struct sockaddr *)address;
	struct timeval wait;
	int left;

	do {
		if ((left = time_left(until)) == 0) {
			errno = ETIMEDOUT;
			return ERR_IO;
		}
		wait = (struct timeval){ left / 1000, left % 1000 * 1000 };
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait,
			sizeof wait) < 0)
			return ERR_IO;
		if (connect(fd, to, sizeof *address) == 0)
			return 0;
	} while (errno == EINTR || errno == EAGAIN);
	return ERR_IO;
}

int
link_connect(const char *path, int64_t until)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, len + 1);
	fd = io_above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (fd >= 0 && connect_until(fd, &address, until) < 0)
		return fail_with(fd, errno);
	return fd;
}

int
link_pair(int *one_out, int *other_out)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return ERR_IO;
	ends[0] = io_above_standard(ends[0]);
	ends[1] = io_above_standard(ends[1]);
	if (ends[0] < 0 || ends[1] < 0) {
		int saved = errno;

		(void)close(ends[0] < 0 ? ends[1] : ends[0]);
		errno = saved;
		return ERR_IO;
	}
	*one_out = ends[0];
	*other_out = ends[1];
	return 0;
}

int
link_peer(int fd, uid_t *uid_out)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return ERR_IO;
	*uid_out = peer.uid;
	return 0;
}

static int
send_all(int fd, const void *bytes, size_t n, int64_t until)
{
	const char *at = bytes;
	int r;

	while (n > 0) {
		ssize_t put = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put >= 0) {
			at += put;
			n -= (size_t)put;
		} else if (errno == EAGAIN) {
			if ((r = wait_for(fd, POLLOUT, until)) < 0)
				return r;
		} else if (errno != EINTR) {
			return ERR_IO;
		}
	}
	return 0;
}

/* Some bytes, at least one; *n_out is 0 where the other end has hung up. */
static int
receive_some(int fd, void *bytes, size_t room, size_t *n_out, int64_t until)
{
	ssize_t got;
	int r;

	while ((got = recv(fd, bytes, room, MSG_DONTWAIT)) < 0) {
		if (errno == EAGAIN) {
			if ((r = wait_for(fd, POLLIN, until)) < 0)
				return r;
		} else if (errno != EINTR) {
			return ERR_IO;
		}
	}
	*n_out = (size_t)got;
	return 0;
}

/* The deadline is for all of it: a byte now and then does not move it. */
static int
receive_all(int fd, void *bytes, size_t n, int64_t until)
{
	char *at = bytes;
	size_t got;
	int r;

	while (n > 0) {
		if (time_left(until) == 0)
			return ERR_BUSY;
		if ((r = receive_some(fd, at, n, &got, until)) < 0)
			return r;
		if (got == 0) {
			errno = 0;
			return ERR_IO;
		}
		at += got;
		n -= got;
	}
	return 0;
}

int
link_send(int fd, const void *bytes, size_t n, int64_t until)
{
	uint8_t length[LENGTH_BYTES];
	struct pack pack = { length, sizeof length, false };
	int r;

	pack_number(&pack, n, sizeof length);
	if ((r = send_all(fd, length, sizeof length, until)) < 0)
		return r;
	return send_all(fd, bytes, n, until);
}

int
link_receive(int fd, void *bytes, size_t room, size_t *n_out, int64_t until)
{
	uint8_t length[LENGTH_BYTES];
	struct unpack unpack = { length, sizeof length, false };
	size_t n;
	int r;

	if ((r = receive_all(fd, length, sizeof length, until)) < 0)
		return r;
	n = (size_t)unpack_number(&unpack, sizeof length);
	if (n > room)
		return ERR_INPUT;
	if ((r = receive_all(fd, bytes, n, until)) < 0)
		return r;
	*n_out = n;
	return 0;
}

int
link_ended(int fd, int64_t until)
{
	size_t got;
	char more;
	int r;

	if ((r = receive_some(fd, &more, 1, &got, until)) < 0)
		return r;
	return got == 0 ? 0 : ERR_INPUT;
}
