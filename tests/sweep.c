#include "sweep.h"

#include "mem.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LINE_FD = 200,	      /* to us, in the child; the filter knows it */
	MARK = 0x53616c6c,    /* no option of prctl */
	PATIENCE = 30 * 1000, /* milliseconds until a child hangs */
	CALLS_MOST = 100000,  /* of a child, until it is in a loop */
};

const struct sweep sweep_whole = { .first = -1, .last = -1 };

/* ---- in the child ---- */

/* Asks about every system call but the message that hands the listener on,
 * which nobody could answer yet. */
static int
install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0]) +
			(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LINE_FD, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* A descriptor as a message; -1 says that there is none. */
static void
send_fd(int line, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof fd)];
	} control = { 0 };
	char byte = fd >= 0 ? 'y' : 'n';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
	}
	/* libc may have another call for it. */
	(void)syscall(SYS_sendmsg, line, &message, 0);
}

void
sweep_begin(void)
{
	int listener = install_filter();

	send_fd(LINE_FD, listener);
	if (listener < 0)
		_exit(0);
	(void)close(listener);
	(void)prctl(MARK, 0, 0, 0, 0);
}

void
sweep_end(void)
{
	(void)prctl(MARK, 1, 0, 0, 0);
}

/* ---- in the test ---- */

/* The listener.  False: the child could make none; without a listener but
 * true, it ended before it began. */
static bool
receive_fd(int line, int *fd_out)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = '\0';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control };

	*fd_out = -1;
	if (recvmsg(line, &message, MSG_CMSG_CLOEXEC) == 1 && byte == 'y' &&
	    message.msg_controllen >= sizeof control.header)
		memcpy(fd_out, CMSG_DATA(&control.header), sizeof *fd_out);
	return byte != 'n';
}

/* Where in the child's life a call stands. */
enum stretch { BEFORE, COUNTING, AFTER };

static void
take_mark(const struct sweep *sweep, const struct seccomp_data *call,
    enum stretch *stretch)
{
	long kind = call->nr;

	if (kind == SYS_prctl && call->args[0] == MARK)
		*stretch = call->args[1] != 0 ? AFTER
			   : sweep->first < 0 ? COUNTING
					      : BEFORE;
	else if (*stretch == BEFORE && kind == sweep->first)
		*stretch = COUNTING;
	else if (*stretch == COUNTING && kind == sweep->last)
		*stretch = AFTER;
}

/* What never fails is not made to, and brk not with an error, as it has none:
 * libc would take one for an address.  A sanitizer's runtime does not live
 * without memory, and keeps those calls. */
static bool
is_spared(long kind)
{
	static const long memory[] = {
#ifdef SYS_mmap
		SYS_mmap,
#else
		SYS_mmap2,
#endif
		SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise
	};

	if (kind == SYS_geteuid || kind == SYS_getpid || kind == SYS_gettid ||
	    kind == SYS_exit_group || kind == SYS_brk)
		return true;
	for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++)
		if (memory[i] == kind)
			return test_sanitized();
	return false;
}

/* Whether this call is one to disturb. */
static bool
is_chosen(const struct sweep *sweep, long kind)
{
	switch (sweep->how) {
	case SWEEP_FAIL:
	case SWEEP_KILL:
		return sweep->calls == sweep->at;
	case SWEEP_FAIL_ON:
		return sweep->calls == sweep->at ||
		       (sweep->reached && kind == sweep->call);
	case SWEEP_FAIL_ALL:
		return kind == sweep->kind;
	case SWEEP_WATCH:
	default:
		return false;
	}
}

static bool
disturbs(struct sweep *sweep, const struct seccomp_data *call,
    enum stretch *stretch)
{
	long kind = call->nr;

	take_mark(sweep, call, stretch);
	if (*stretch != COUNTING || is_spared(kind) ||
	    (kind == SYS_prctl && call->args[0] == MARK))
		return false;
	sweep->calls++;
	if (kind >= 0 && kind < SWEEP_KINDS)
		sweep->seen[kind]++;
	if (!is_chosen(sweep, kind))
		return false;
	sweep->reached = true;
	sweep->call = kind;
	return true;
}

enum next { CALL, ENDED, HANGS };

static enum next
next_call(int listener, struct seccomp_notif *call, size_t size)
{
	struct pollfd ready = { listener, POLLIN, 0 };

	for (;;) {
		memset(call, 0, size);
		switch (poll(&ready, 1, PATIENCE)) {
		case 0:
			return HANGS;
		case -1:
			continue; /* a signal of the test's own */
		default:
			break;
		}
		if ((ready.revents & POLLIN) == 0)
			return ENDED;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, call) == 0)
			return CALL;
	}
}

/* Answers for the kernel until the child has ended, or is to. */
static enum next
supervise(struct sweep *sweep, int listener)
{
	/* The kernel's idea of the structures may be longer than ours. */
	union {
		struct seccomp_notif call;
		char room[1024];
	} in;
	union {
		struct seccomp_notif_resp reply;
		char room[1024];
	} out;
	enum stretch stretch = BEFORE;

	for (unsigned n = 0; n < CALLS_MOST; n++) {
		enum next next = next_call(listener, &in.call, sizeof in);

		if (next != CALL)
			return next;
		memset(&out, 0, sizeof out);
		out.reply.id = in.call.id;
		if (!disturbs(sweep, &in.call.data, &stretch))
			out.reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		else if (sweep->how == SWEEP_KILL)
			return HANGS; /* for good */
		else
			out.reply.error = -sweep->error;
		(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out.reply);
	}
	return HANGS;
}

static int
status_of(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		expect_int(errno, EINTR);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static pid_t
start(int line, int (*run)(void *), void *with)
{
	pid_t child;

	fflush(NULL);
	if ((child = fork()) != 0)
		return child;
	if (dup3(line, LINE_FD, O_CLOEXEC) < 0)
		_exit(100);
	(void)close(line);
	_exit(run(with));
}

bool
sweep_run(struct sweep *sweep, int (*run)(void *with), void *with)
{
	AUTO_CLOSE int listener = -1;
	bool possible;
	int line[2];
	pid_t child;

	sweep->reached = false;
	sweep->calls = 0;
	memset(sweep->seen, 0, sizeof sweep->seen);
	expect_int(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line),
	    0);
	child = start(line[1], run, with);
	expect(child > 0);
	(void)close(line[1]);
	possible = receive_fd(line[0], &listener);
	if (listener >= 0 && supervise(sweep, listener) == HANGS)
		(void)kill(child, SIGKILL);
	(void)close(line[0]);
	sweep->status = status_of(child);
	return possible;
}

/* ---- names ---- */

const char *
sweep_name(long call)
{
	static const struct {
		long call;
		const char *name;
	} names[] = {
		{ SYS_openat, "openat" },
		{ SYS_openat2, "openat2" },
		{ SYS_close, "close" },
		{ SYS_preadv, "preadv" },
		{ SYS_pwritev, "pwritev" },
		{ SWEEP_FCNTL, "fcntl" },
		{ SYS_fdatasync, "fdatasync" },
		{ SYS_fsync, "fsync" },
		{ SYS_ftruncate, "ftruncate" },
		{ SYS_unlinkat, "unlinkat" },
	};
	static char number[32];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].call == call)
			return names[i].name;
	snprintf(number, sizeof number, "system call %ld", call);
	return number;
}
