/* A program run for one conversation, whatever its host does with children. */
#include "child.h"
#include "err.h"
#include "io.h"
#include "link.h"
#include "mem.h"
#include "scratch.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLENTY = 60 * 1000 }; /* milliseconds */

/* Runs a shell script as the child; what it writes to its standard input,
 * which is a connection, is what it said. */
static int
run_script(const char *script, int64_t milliseconds, char *said, size_t size)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int its = -1;
	ssize_t got;
	int r;

	scratch_new(&scratch);
	scratch_write_text(&scratch, "script", script);
	expect_int(chmod(scratch_path(&scratch, "script"), 0700), 0);
	expect_int(link_pair(&ours, &its), 0);
	r = child_run(scratch_path(&scratch, "script"), its,
	    io_milliseconds() + milliseconds);
	got = recv(ours, said, size - 1, MSG_DONTWAIT);
	said[got > 0 ? got : 0] = '\0';
	return r;
}

static int
status_of(const char *script)
{
	char said[64];

	return run_script(script, PLENTY, said, sizeof said);
}

TEST("a child that ends with status 0 has come to a good end, and no other")
{
	expect_int(status_of("#!/bin/sh\nexit 0\n"), 0);
	expect_int(status_of("#!/bin/sh\nexit 1\n"), ERR_INPUT);
	expect_int(status_of("#!/bin/sh\nexit 127\n"), ERR_INPUT);
	expect_int(status_of("#!/bin/sh\nexit 255\n"), ERR_INPUT);
	expect_int(status_of("#!/bin/sh\nkill -KILL $$\n"), ERR_INPUT);
	expect_int(status_of("#!/nowhere/sh\n"), ERR_INPUT);
}

/* The shell itself has its script open, as number 10. */
static const char look_around[] =
    "#!/bin/sh\n"
    "for n in 0 1 2 3 4 5 6 7 8 9 11 12 13 14 15 16; do\n"
    "  [ -e /proc/$$/fd/$n ] && echo has $n >&0\n"
    "done\n"
    "echo words $# >&0\n"
    "tr '\\0' '\\n' </proc/$$/environ >&0\n"
    "exit 0\n";

TEST("a child has its input and nothing else: descriptors, words, environment")
{
	AUTO_CLOSE int other = open("/dev/null", O_RDONLY); /* left open */
	char said[4096];

	expect(other >= 0);
	setenv("SECRET", "of the host", 1);
	expect_int(run_script(look_around, PLENTY, said, sizeof said), 0);
	unsetenv("SECRET");
	expect_text(said, "has 0\nwords 0\n");
}

/* In a child process each: what a host may do with its children. */

static int
says_fine(void *with)
{
	int ours, its, r;

	(void)with;
	if (link_pair(&ours, &its) < 0)
		return 1;
	r = child_run("/bin/true", its, io_milliseconds() + PLENTY);
	close(ours);
	close(its);
	return r == 0 ? 0 : 2;
}

static int
ignores_ends(void *with)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN,
		.sa_flags = SA_NOCLDWAIT };

	if (sigaction(SIGCHLD, &ignore, NULL) < 0)
		return 10;
	return says_fine(with);
}

TEST("a host that ignores its children's ends learns how this one ended")
{
	expect_int(scratch_child(ignores_ends, NULL), 0);
}

static void *
wait_for_all(void *nothing)
{
	for (;;)
		if (wait(NULL) < 0)
			(void)sched_yield();
	return nothing;
}

static int
takes_every_end(void *with)
{
	pthread_t thread;
	int r = 0;

	if (pthread_create(&thread, NULL, wait_for_all, NULL) != 0)
		return 10;
	for (int i = 0; i < 20 && r == 0; i++)
		r = says_fine(with);
	return r;
}

TEST("a host that waits for every child there is does not get this one")
{
	expect_int(scratch_child(takes_every_end, NULL), 0);
}

static volatile sig_atomic_t signals;

static void
count_signal(int number)
{
	(void)number;
	signals++;
}

static int
counts_ends(void *with)
{
	const struct sigaction count = { .sa_handler = count_signal };
	int r;

	if (sigaction(SIGCHLD, &count, NULL) < 0)
		return 10;
	r = says_fine(with);
	return r == 0 && signals > 0 ? 11 : r;
}

TEST("a host's handler hears nothing of this child's end")
{
	expect_int(scratch_child(counts_ends, NULL), 0);
}

static int
leaves_nothing(void *with)
{
	int before = dup(2), after, r;

	close(before);
	if ((r = says_fine(with)) != 0)
		return r;
	after = dup(2);
	if (before != after)
		return 12;
	return waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD
		   ? 0
		   : 13;
}

TEST("nothing is left afterwards: no descriptor, no child")
{
	expect_int(scratch_child(leaves_nothing, NULL), 0);
}

static int
without_standard(void *with)
{
	int r;

	close(0);
	close(1);
	close(2);
	r = says_fine(with);
	for (int fd = 0; fd < 3 && r == 0; fd++)
		r = fcntl(fd, F_GETFD) < 0 ? 0 : 14;
	return r;
}

TEST("a host without standard descriptors still has none afterwards")
{
	expect_int(scratch_child(without_standard, NULL), 0);
}

TEST("a child that does not end is killed at the deadline, and reaped")
{
	char said[64];

	expect_int(run_script("#!/bin/sh\nread line\n", 50, said, sizeof said),
	    ERR_BUSY);
	expect_int(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	expect_int(errno, ECHILD);
}

static int
without_processes(void *with)
{
	const struct rlimit none = { 0, 0 };

	(void)with;
	if (setrlimit(RLIMIT_NPROC, &none) < 0 ||
	    (geteuid() == 0 && setresuid(4242, 4242, 4242) < 0))
		return 20;
	return child_run("/bin/true", 0, io_milliseconds() + PLENTY) ==
			   ERR_IO &&
		       errno == EAGAIN
		   ? 0
		   : 21;
}

TEST("where no process is to be had, errno says so")
{
	expect_int(scratch_child(without_processes, NULL), 0);
}

/* An older kernel, or a filter of a container, that does not know it. */
static bool
without_close_range(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof rules / sizeof rules[0], rules };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* The last test: from here on this process has none of it. */
TEST("where close_range is unknown, each descriptor is closed by itself")
{
	AUTO_CLOSE int other = open("/dev/null", O_RDONLY); /* left open */
	char said[4096];

	expect(other >= 0);
	if (!without_close_range())
		NOT_TESTED("system calls cannot be filtered here");
	expect_int(run_script(look_around, PLENTY, said, sizeof said), 0);
	expect_text(said, "has 0\nwords 0\n");
}
