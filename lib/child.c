#include "child.h"

#include "err.h"
#include "io.h"
#include "mem.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	STACK_BYTES = 32 * 1024,
	FDS_MOST = 65536,
	CANNOT_RUN = 127, /* as a shell says it */
	LAST_GASP = 100,  /* milliseconds for a killed program to be gone */
};

struct errand {
	const char *path;
	int fd;
	int64_t until;
	char *program_stack; /* its end, where a stack begins */
	int result, error;
};

static void
close_above_input(void)
{
	struct rlimit limit = { FDS_MOST, FDS_MOST };

	if (syscall(SYS_close_range, STDIN_FILENO + 1, UINT_MAX, 0) == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = STDIN_FILENO + 1;
	     fd < FDS_MOST && (rlim_t)fd < limit.rlim_cur; fd++)
		(void)close(fd);
}

static int
become_program(void *with)
{
	static char *const environment[] = { NULL };
	const struct errand *errand = with;
	char *argv[] = { (char *)(uintptr_t)errand->path, NULL };

	if (dup2(errand->fd, STDIN_FILENO) >= 0) {
		close_above_input();
		/* The call itself: some builds do more at the function. */
		(void)syscall(SYS_execve, errand->path, argv, environment);
	}
	return CANNOT_RUN;
}

static bool
ends_until(int pidfd, int64_t until)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int64_t now;
	int r;

	do {
		now = io_milliseconds();
		if (now < 0 || now >= until)
			return false;
		r = poll(&poll_fd, 1,
		    until - now > INT_MAX ? INT_MAX : (int)(until - now));
	} while (r == 0 || (r < 0 && errno == EINTR));
	return r > 0;
}

static int
wait_for_end(int pidfd, int64_t until)
{
	siginfo_t info = { 0 };

	if (!ends_until(pidfd, until)) {
		(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		(void)ends_until(pidfd, io_milliseconds() + LAST_GASP);
		return ERR_BUSY;
	}
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
		return ERR_IO;
	return info.si_code == CLD_EXITED && info.si_status == 0 ? 0
								 : ERR_INPUT;
}

/* What happens to SIGCHLD here is this process's own affair. */
static int
supervise(void *with)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	struct errand *errand = with;
	int pidfd = -1;

	if (sigaction(SIGCHLD, &usual, NULL) == 0 &&
	    clone(become_program, errand->program_stack,
		CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, errand,
		&pidfd) >= 0)
		errand->result = wait_for_end(pidfd, errand->until);
	errand->error = errno;
	return 0;
}

/*
 * An exec gives a process back the signal that tells its parent of its end, so
 * the program is a grandchild.  Its parent is a process without that signal,
 * which runs no program: nothing but a wait that asks for such (__WCLONE) sees
 * it.  It borrows our memory while we stand still, as posix_spawn's does, and
 * makes system calls alone.  What outlives it is nobody's child but init's.
 * No handler of the host's runs in either, as every signal is held back.
 */
static int
send_out(struct errand *errand, char *stack)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	if ((errno = pthread_sigmask(SIG_SETMASK, &all, &before)) != 0)
		return ERR_IO;
	pid = clone(supervise, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK,
	    errand);
	if (pid < 0)
		errand->error = errno;
	else
		while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
			;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = errand->error;
	return errand->result;
}

int
child_run(const char *path, int fd, int64_t until)
{
	AUTO_FREE char *stacks = malloc(2 * STACK_BYTES);
	struct errand errand = { .path = path,
		.fd = fd,
		.until = until,
		.result = ERR_IO };

	if (stacks == NULL)
		return ERR_MEMORY;
	errand.program_stack = stacks + 2 * STACK_BYTES;
	return send_out(&errand, stacks);
}
