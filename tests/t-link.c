/* Messages to another process, before a deadline, and whose process it is. */
#include "err.h"
#include "io.h"
#include "link.h"
#include "mem.h"
#include "scratch.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds: far more than anything takes, and what is waited for here. */
enum { PLENTY = 60 * 1000, A_MOMENT = 50 };

struct ends {
	int a, b;
};

static struct ends
connected(void)
{
	int fds[2];

	expect_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	return (struct ends){ fds[0], fds[1] };
}

static void
hang_up(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
part(struct ends *ends)
{
	hang_up(&ends->a);
	hang_up(&ends->b);
}

#define AUTO_ENDS __attribute__((cleanup(part))) struct ends

static int64_t
in(int64_t milliseconds)
{
	return io_milliseconds() + milliseconds;
}

TEST("a message arrives as it was sent, and an empty one too")
{
	AUTO_ENDS ends = connected();
	char room[16] = "";
	size_t n = 99;

	expect_int(link_send(ends.a, "hello", 5, in(PLENTY)), 0);
	expect_int(link_send(ends.a, "", 0, in(PLENTY)), 0);
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(PLENTY)), 0);
	expect_int(n, 5);
	expect_bytes(room, "hello", 5);
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(PLENTY)), 0);
	expect_int(n, 0);
}

TEST("a message of exactly the room is taken, and a longer one not")
{
	AUTO_ENDS ends = connected();
	char room[4];
	size_t n;

	expect_int(link_send(ends.a, "1234", 4, in(PLENTY)), 0);
	expect_int(link_send(ends.a, "12345", 5, in(PLENTY)), 0);
	expect_int(link_receive(ends.b, room, 4, &n, in(PLENTY)), 0);
	expect_int(link_receive(ends.b, room, 4, &n, in(PLENTY)), ERR_INPUT);
}

TEST("who hangs up in the middle is told from who is late")
{
	AUTO_ENDS ends = connected();
	char room[16];
	size_t n;

	expect_int(write(ends.a, "\5\0\0\0he", 6), 6);
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(A_MOMENT)),
	    ERR_BUSY);
	hang_up(&ends.a);
	errno = EIO;
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(PLENTY)),
	    ERR_IO);
	expect_int(errno, 0);
}

/* In a child: a byte now and then, and never the end of it. */
static int
drip(void *with)
{
	const struct ends *ends = with;
	const struct timespec nap = { 0, 1000 * 1000 };

	while (send(ends->a, "\1", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&nap, NULL);
	return 0;
}

TEST("a byte now and then moves no deadline")
{
	AUTO_ENDS ends = connected();
	static char room[1 << 25]; /* the length of it is 01 01 01 01 */
	pid_t child = fork();
	size_t n;

	expect(child >= 0);
	if (child == 0) {
		close(ends.b);
		_exit(drip(&ends));
	}
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(A_MOMENT)),
	    ERR_BUSY);
	expect_int(kill(child, SIGKILL), 0);
}

TEST("who does not read is not waited for longer than the deadline")
{
	AUTO_ENDS ends = connected();
	static char much[1 << 22];

	expect_int(link_send(ends.a, much, sizeof much, in(A_MOMENT)),
	    ERR_BUSY);
}

/* In a child: takes a message of any size in small pieces, and says whether
 * each byte of it is what it was. */
static int
take_much(const struct ends *ends, size_t n)
{
	static char room[1 << 22];
	size_t got;

	if (link_receive(ends->b, room, sizeof room, &got, in(PLENTY)) < 0 ||
	    got != n)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (room[i] != (char)(i % 251))
			return 2;
	return 0;
}

TEST("a message that no buffer holds arrives whole, piece by piece")
{
	static char much[1 << 22];
	AUTO_ENDS ends = connected();
	int status = 0;
	pid_t child;

	for (size_t i = 0; i < sizeof much; i++)
		much[i] = (char)(i % 251);
	fflush(NULL);
	if ((child = fork()) == 0)
		_exit(take_much(&ends, sizeof much));
	expect(child > 0);
	expect_int(link_send(ends.a, much, sizeof much, in(PLENTY)), 0);
	expect_int(waitpid(child, &status, 0), child);
	expect_int(status, 0);
}

TEST("two ends of one connection are two, above standard error, closed on exec")
{
	AUTO_ENDS ends = { -1, -1 };
	char room[4];
	size_t n;

	expect_int(link_pair(&ends.a, &ends.b), 0);
	expect(ends.a > 2 && ends.b > 2 && ends.a != ends.b);
	expect_int(fcntl(ends.a, F_GETFD), FD_CLOEXEC);
	expect_int(fcntl(ends.b, F_GETFD), FD_CLOEXEC);
	expect_int(link_send(ends.a, "1", 1, in(PLENTY)), 0);
	expect_int(link_receive(ends.b, room, sizeof room, &n, in(PLENTY)), 0);
	expect_int(link_send(ends.b, "2", 1, in(PLENTY)), 0);
	expect_int(link_receive(ends.a, room, sizeof room, &n, in(PLENTY)), 0);
}

/* In a child: none of the three is a connection's, where they were closed. */
static int
pair_above_standard(void *with)
{
	int one, other;

	(void)with;
	close(0);
	close(1);
	close(2);
	if (link_pair(&one, &other) < 0 || one < 3 || other < 3)
		return 1;
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 2;
	return 0;
}

TEST("a host without standard descriptors gets none of a connection's")
{
	expect_int(scratch_child(pair_above_standard, NULL), 0);
}

static int
pair_without_descriptors(void *with)
{
	const struct rlimit none = { 0, 0 };
	int one = -5, other = -5;

	(void)with;
	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return 1;
	if (link_pair(&one, &other) != ERR_IO || errno != EMFILE)
		return 2;
	return one == -5 && other == -5 ? 0 : 3;
}

/* In a child: of two ends, the first has a place above standard error, and the
 * other none. */
static int
pair_with_one_place(void *with)
{
	const struct rlimit four = { 4, 4 };
	int one = -5, other = -5;

	(void)with;
	(void)syscall(SYS_close_range, 0, ~0U, 0);
	if (setrlimit(RLIMIT_NOFILE, &four) < 0)
		return 1;
	if (link_pair(&one, &other) != ERR_IO || errno != EMFILE)
		return 2;
	for (int fd = 0; fd < 4; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 3;
	return one == -5 && other == -5 ? 0 : 4;
}

TEST("a connection of which one end has no place leaves none of it")
{
	expect_int(scratch_child(pair_with_one_place, NULL), 0);
}

/* In a child: poll takes no more descriptors than the limit has. */
static int
wait_without_descriptors(void *with)
{
	const struct rlimit none = { 0, 0 };
	const struct ends *ends = with;
	char room[4];
	size_t n;

	if (setrlimit(RLIMIT_NOFILE, &none) < 0)
		return 1;
	return link_receive(ends->b, room, sizeof room, &n, in(PLENTY)) ==
			   ERR_IO &&
		       errno == EINVAL
		   ? 0
		   : 2;
}

TEST("where it cannot be waited at all, that is told at once")
{
	AUTO_ENDS ends = connected();

	expect_int(scratch_child(wait_without_descriptors, &ends), 0);
}

static void
take_signal(int number)
{
	(void)number;
}

TEST("a host's signals in between neither end nor lengthen a wait")
{
	const struct sigaction taken = { .sa_handler = take_signal };
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	const struct timespec nap = { 0, A_MOMENT * 1000 * 1000 };
	AUTO_ENDS ends = connected();
	struct sigaction before;
	pid_t child = fork();
	int first, second;
	char room[4];
	size_t n = 0;

	expect(child >= 0);
	if (child == 0) {
		nanosleep(&nap, NULL);
		_exit(link_send(ends.a, "1", 1, in(PLENTY)) == 0 ? 0 : 1);
	}
	expect_int(sigaction(SIGALRM, &taken, &before), 0);
	expect_int(setitimer(ITIMER_REAL, &often, NULL), 0);
	first = link_receive(ends.b, room, sizeof room, &n, in(PLENTY));
	second = link_ended(ends.b, in(A_MOMENT));
	expect_int(setitimer(ITIMER_REAL, &never, NULL), 0);
	expect_int(sigaction(SIGALRM, &before, NULL), 0);
	expect_int(first, 0);
	expect_int(n, 1);
	expect_int(second, ERR_BUSY);
	expect_int(waitpid(child, NULL, 0), child);
}

TEST("where there are no descriptors left there is no connection, and why")
{
	expect_int(scratch_child(pair_without_descriptors, NULL), 0);
}

TEST("who has hung up raises no signal")
{
	AUTO_ENDS ends = connected();

	hang_up(&ends.b);
	expect_int(link_send(ends.a, "hello", 5, in(PLENTY)), ERR_IO);
	expect_int(errno, EPIPE);
}

TEST("the end is an end only if nothing comes before it")
{
	AUTO_ENDS ends = connected();

	expect_int(link_ended(ends.b, in(A_MOMENT)), ERR_BUSY);
	expect_int(write(ends.a, "x", 1), 1);
	expect_int(link_ended(ends.b, in(PLENTY)), ERR_INPUT);
	hang_up(&ends.a);
	expect_int(link_ended(ends.b, in(PLENTY)), 0);
}

TEST("what is no connection sends and receives nothing, and has no peer")
{
	AUTO_CLOSE int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	char room[4];
	uid_t uid;
	size_t n;

	expect_int(link_send(fd, "1", 1, in(PLENTY)), ERR_IO);
	expect_int(link_receive(fd, room, sizeof room, &n, in(PLENTY)), ERR_IO);
	expect_int(link_ended(fd, in(PLENTY)), ERR_IO);
	expect_int(link_peer(fd, &uid), ERR_IO);
}

TEST("whose process is at the other end is told by the kernel")
{
	AUTO_ENDS ends = connected();
	uid_t uid = (uid_t)-1;

	expect_int(link_peer(ends.a, &uid), 0);
	expect_int(uid, geteuid());
}

/* ---- connecting ---- */

static int
listen_at(const char *path, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	expect(fd >= 0 && strlen(path) < sizeof address.sun_path);
	strcpy(address.sun_path, path);
	expect_int(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	expect_int(listen(fd, backlog), 0);
	return fd;
}

TEST("a connection has a descriptor above standard error, closed on exec")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_CLOSE int listener = -1;
	AUTO_CLOSE int fd = -1;

	scratch_new(&scratch);
	listener = listen_at(scratch_path(&scratch, "socket"), 8);
	fd = link_connect(scratch_path(&scratch, "socket"), in(PLENTY));
	expect(fd > 2);
	expect_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST("where nobody listens, or no path can lead, errno says so")
{
	AUTO_SCRATCH struct scratch scratch;
	char path[300];
	int next;

	scratch_new(&scratch);
	next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(next);
	expect_int(link_connect(scratch_path(&scratch, "no"), in(PLENTY)), -1);
	expect_int(errno, ENOENT);
	scratch_socket(&scratch, "left");
	expect_int(link_connect(scratch_path(&scratch, "left"), in(PLENTY)),
	    -1);
	expect_int(errno, ECONNREFUSED);
	memset(path, 'a', sizeof path - 1);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	expect_int(link_connect(path, in(PLENTY)), -1);
	expect_int(errno, ENAMETOOLONG);
	/* Nothing is left open. */
	expect_int(open("/dev/null", O_RDONLY | O_CLOEXEC), next);
	close(next);
}

TEST("a listener that takes nobody in is not waited for longer either")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_CLOSE int listener = -1;
	int waiting[4], last = 0;
	size_t count = 0;

	scratch_new(&scratch);
	listener = listen_at(scratch_path(&scratch, "socket"), 0);
	while (last >= 0 && count < sizeof waiting / sizeof waiting[0]) {
		last = link_connect(scratch_path(&scratch, "socket"),
		    in(A_MOMENT));
		if (last >= 0)
			waiting[count++] = last;
	}
	expect_int(last, -1);
	expect_int(errno, ETIMEDOUT);
	while (count > 0)
		close(waiting[--count]);
}
