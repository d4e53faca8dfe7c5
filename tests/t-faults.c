/*
 * Asking the verifier, and its start, with each call to the system failing
 * once, or being interrupted.  The calls stand in front of libc's and hand on
 * to the kernel.
 */
#include "booth.h"
#include "child.h"
#include "io.h"
#include "link.h"
#include "mem.h"
#include "service.h"
#include "sweep.h"
#include "sweep_alloc.h"
#include "test.h"
#include "verifier.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

#if UINTPTR_MAX == UINT32_MAX
/* They have 16 bits for a uid there, and 32 for a place in a file. */
const char test_left_out[] = "it hands calls on by numbers of 64-bit machines";
#endif

/* ---- the one call that fails ---- */

static struct {
	const char *call; /* NULL: none */
	unsigned at, seen;
	int error;
} fault;

static bool
fails(const char *call)
{
	if (fault.call == NULL || strcmp(fault.call, call) != 0 ||
	    ++fault.seen != fault.at)
		return false;
	errno = fault.error;
	return true;
}

static void
arm(const char *call, unsigned at, int error)
{
	fault.call = call;
	fault.at = at;
	fault.seen = 0;
	fault.error = error;
}

/* Whether the call had been made, so that it failed. */
static bool
disarm(void)
{
	fault.call = NULL;
	return fault.seen >= fault.at;
}

/* clang-format off */
#define IN_FRONT(type, name, parameters, number, ...) \
	type name parameters \
	{ \
		if (fails(#name)) \
			return -1; \
		return (type)syscall(number, __VA_ARGS__); \
	}

IN_FRONT(int, socket, (int family, int type, int protocol), SYS_socket, family,
    type, protocol)
IN_FRONT(int, socketpair, (int family, int type, int protocol, int ends[2]),
    SYS_socketpair, family, type, protocol, ends)
IN_FRONT(int, connect, (int fd, const struct sockaddr *address, socklen_t size),
    SYS_connect, fd, address, size)
IN_FRONT(int, setsockopt,
    (int fd, int level, int name, const void *value, socklen_t size),
    SYS_setsockopt, fd, level, name, value, size)
IN_FRONT(int, getsockopt,
    (int fd, int level, int name, void *value, socklen_t *size), SYS_getsockopt,
    fd, level, name, value, size)
IN_FRONT(ssize_t, send, (int fd, const void *bytes, size_t n, int flags),
    SYS_sendto, fd, bytes, n, flags, NULL, 0)
IN_FRONT(ssize_t, recv, (int fd, void *bytes, size_t n, int flags),
    SYS_recvfrom, fd, bytes, n, flags, NULL, NULL)
IN_FRONT(int, chdir, (const char *path), SYS_chdir, path)
IN_FRONT(int, setgroups, (size_t n, const gid_t *gids), SYS_setgroups, n, gids)
IN_FRONT(int, setresuid, (uid_t r, uid_t e, uid_t s), SYS_setresuid, r, e, s)
IN_FRONT(int, setresgid, (gid_t r, gid_t e, gid_t s), SYS_setresgid, r, e, s)
IN_FRONT(int, getresuid, (uid_t * r, uid_t *e, uid_t *s), SYS_getresuid, r, e,
    s)
IN_FRONT(int, clock_gettime, (clockid_t clock, struct timespec *now),
    SYS_clock_gettime, clock, now)

/* clang-format on */

int
clearenv(void)
{
	if (fails("clearenv"))
		return -1;
	environ = NULL;
	return 0;
}

int
poll(struct pollfd *fds, nfds_t n, int milliseconds)
{
	struct timespec wait = { milliseconds / 1000,
		milliseconds % 1000 * 1000000L };

	if (fails("poll"))
		return -1;
	return (int)syscall(SYS_ppoll, fds, n, &wait, NULL, 8);
}

int
fcntl(int fd, int command, ...)
{
	va_list args;
	void *value;

	va_start(args, command);
	value = va_arg(args, void *);
	va_end(args);
	if (fails("fcntl"))
		return -1;
	return (int)syscall(SYS_fcntl, fd, command, value);
}

int
prctl(int option, ...)
{
	va_list args;
	unsigned long value;

	va_start(args, option);
	value = va_arg(args, unsigned long);
	va_end(args);
	if (fails("prctl"))
		return -1;
	return (int)syscall(SYS_prctl, option, value, 0UL, 0UL, 0UL);
}

int
open(const char *path, int flags, ...)
{
	va_list args;
	unsigned mode;

	va_start(args, flags);
	mode = va_arg(args, unsigned);
	va_end(args);
	if (fails("open"))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

void *
mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	if (fails("mmap"))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, n, protection, flags, fd, offset);
}

pid_t
waitpid(pid_t pid, int *status, int options)
{
	if (fails("waitpid"))
		return -1;
	return (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
}

int
waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
	if (fails("waitid"))
		return -1;
	return (int)syscall(SYS_waitid, kind, id, info, options, NULL);
}

/* What libc does more for than to hand it on. */
static void *
real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	expect(function != NULL);
	return function;
}

int
clone(int (*run)(void *), void *stack, int flags, void *with, ...)
{
	int (*handed)(int (*)(void *), void *, int, void *, int *);
	va_list args;
	int *pidfd;

	va_start(args, with);
	pidfd = va_arg(args, int *);
	va_end(args);
	if (fails("clone"))
		return -1;
	*(void **)&handed = real("clone");
	return handed(run, stack, flags, with, pidfd);
}

int
pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
	int (*handed)(int, const sigset_t *, sigset_t *);

	if (fails("pthread_sigmask"))
		return fault.error;
	*(void **)&handed = real("pthread_sigmask");
	return handed(how, set, before);
}

/* What is said to be there in the set-uid program's place; mode 0: nothing. */
static struct {
	mode_t mode;
	uid_t owner;
} program;

static const mode_t setuid_file = S_IFREG | S_ISUID | 0755;

int
lstat(const char *path, struct stat *st)
{
	if (program.mode != 0 && strcmp(path, VERIFIER_PROGRAM) == 0) {
		memset(st, 0, sizeof *st);
		st->st_mode = program.mode;
		st->st_uid = program.owner;
		return 0;
	}
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* ---- asking ---- */

static struct trouble why;
static struct asker asker;

static int
ask(struct booth *booth, enum verdict *verdict_out)
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct account account = { .known = true, .uid = geteuid() };
	struct answer answer;
	int r;

	snprintf(account.name, sizeof account.name, "%s", booth_me());
	answer_read("00000000", &answer); /* of no token here */
	r = service_check_code_verifier(&booth->scratch.settings, &account,
	    &answer, &asker, &judgement, &why);
	*verdict_out = judgement.verdict;
	return r;
}

static int
lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void
with_booth(struct booth *booth)
{
	scratch_in_memory();
	booth_new(booth, "");
	booth_enrol(booth, booth_me(), geteuid());
}

static bool
tells(int error)
{
	return strstr(why.text, strerror(error)) != NULL;
}

static const char *const of_asking[] = { "mmap", "socket", "setsockopt",
	"connect", "getsockopt", "send", "recv", "poll", "clock_gettime" };

/* Whatever fails, it is told, and no descriptor is left; what is tried again
 * comes to the same. */
TEST("whichever call fails on the way to a verifier and back, nobody gets in")
{
	AUTO_BOOTH struct booth booth;
	enum verdict verdict;

	with_booth(&booth);
	booth_open(&booth);
	for (size_t i = 0; i < ROWS(of_asking); i++)
		for (unsigned at = 1;; at++) {
			int free = lowest_free(), r;

			arm(of_asking[i], at, EIO);
			r = ask(&booth, &verdict);
			if (!disarm())
				break;
			expect_int(lowest_free(), free);
			expect(r < 0 || verdict == VERDICT_MALFORMED);
			expect(r == 0 || verdict == VERDICT_CANNOT_TELL);
			expect(r == 0 || why.text[0] != '\0');
			if (r == ERR_IO && !tells(EIO))
				fail_msg("%s: %s", of_asking[i], why.text);
		}
}

TEST("a call that is interrupted is made again")
{
	AUTO_BOOTH struct booth booth;
	enum verdict verdict;

	with_booth(&booth);
	booth_open(&booth);
	for (size_t i = 0; i < ROWS(of_asking); i++) {
		if (strstr("connect send recv poll", of_asking[i]) == NULL)
			continue;
		for (unsigned at = 1;; at++) {
			int r;

			arm(of_asking[i], at, EINTR);
			r = ask(&booth, &verdict);
			if (!disarm())
				break;
			expect_int(r, 0);
			expect_int(verdict, VERDICT_MALFORMED);
		}
	}
}

TEST("a set-uid program that cannot be run, or be asked, is refused")
{
	static const char *const calls[] = { "socketpair", "send", "poll",
		"clock_gettime" };
	AUTO_BOOTH struct booth booth;
	enum verdict verdict;

	if (access(VERIFIER_PROGRAM, F_OK) == 0)
		NOT_TESTED("a verifier is installed here");
	with_booth(&booth);
	program.mode = setuid_file;
	expect_int(ask(&booth, &verdict), ERR_INPUT);
	expect(strstr(why.text, "did not end well") != NULL);
	for (size_t i = 0; i < ROWS(calls); i++) {
		int free = lowest_free(), r;

		arm(calls[i], 1, EIO);
		r = ask(&booth, &verdict);
		expect(r < 0);
		expect_int(verdict, VERDICT_CANNOT_TELL);
		expect(disarm());
		expect_int(lowest_free(), free);
		if (r == ERR_IO && !tells(EIO))
			fail_msg("%s: %s", calls[i], why.text);
	}
	program.mode = 0;
}

TEST("a program that others could have put there is not run")
{
	static const struct {
		mode_t mode;
		uid_t owner;
	} bad[] = {
		{ S_IFREG | S_ISUID | 0755, 65533 },
		{ S_IFREG | S_ISUID | 0775, 0 },
		{ S_IFREG | S_ISUID | 0757, 0 },
		{ S_IFLNK | 0777, 0 },
	};
	AUTO_BOOTH struct booth booth;
	enum verdict verdict;

	with_booth(&booth);
	for (size_t i = 0; i < ROWS(bad); i++) {
		program.mode = bad[i].mode;
		program.owner = bad[i].owner;
		expect_int(ask(&booth, &verdict), ERR_CALLER);
		expect_int(verdict, VERDICT_CANNOT_TELL);
		expect(strstr(why.text, "no verifier answers") != NULL);
	}
	program.mode = 0;
	program.owner = 0;
}

/* ---- a connection's two ends ---- */

static int
pair_without_standard(void *with)
{
	int one, other, error, r;

	(void)with;
	close(0);
	close(1);
	arm("fcntl", 2, EMFILE);
	r = link_pair(&one, &other);
	error = errno;
	disarm();
	for (int fd = 0; fd < 2; fd++)
		if (fstatat(fd, "", &(struct stat){ 0 }, AT_EMPTY_PATH) == 0)
			return 1;
	return r == ERR_IO && error == EMFILE ? 0 : 2;
}

TEST("where the second end finds no place, the first is given up")
{
	expect_int(scratch_child(pair_without_standard, NULL), 0);
}

/* What comes of running a program that ends well. */
static int
run_true(int fd)
{
	return child_run("/bin/true", fd, io_milliseconds() + 60 * 1000);
}

static int
run_true_with(const char *call, unsigned at, int error)
{
	int one, other, r;

	expect_int(link_pair(&one, &other), 0);
	arm(call, at, error);
	r = run_true(one);
	expect(disarm());
	close(one);
	close(other);
	return r;
}

TEST("a program that cannot be started, or waited for, has not ended well")
{
	expect_int(run_true(-1), ERR_INPUT);
	expect_int(run_true_with("pthread_sigmask", 1, EINVAL), ERR_IO);
	expect_int(run_true_with("clone", 1, EAGAIN), ERR_IO);
	expect_int(errno, EAGAIN);
	expect_int(run_true_with("clone", 2, EAGAIN), ERR_IO);
	expect_int(errno, EAGAIN);
	expect_int(run_true_with("poll", 1, EIO), ERR_BUSY);
	expect_int(run_true_with("clock_gettime", 2, EINVAL), ERR_BUSY);
	expect_int(run_true_with("waitid", 1, ECHILD), ERR_IO);
	expect_int(run_true_with("poll", 1, EINTR), 0);
	expect_int(run_true_with("waitpid", 1, EINTR), 0);
}

TEST("without memory for two stacks nothing is run")
{
	int r;

	alloc_begin(1, false);
	r = run_true(0);
	expect_int(alloc_end(), 1);
	expect_int(r, ERR_MEMORY);
}

/* ---- the verifier's start ---- */

struct uids {
	uid_t real, effective;
};

static const struct uids setuid_root = { 4242, 0 };
static const struct uids setuid_other = { 4242, 4343 };

/* Ends as a program does, so that coverage is counted; but no sanitizer can look
 * for leaks in one that made itself undumpable. */
static _Noreturn void
end(int status)
{
	if (test_sanitized())
		_exit(status);
	exit(status);
}

static int
start_as(const struct uids *uids, const char *call, unsigned at)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	if ((child = fork()) == 0) {
		uid_t real = (uid_t)-1;
		int r;

		/* So that there is something to be asked for. */
		if (strcmp(call, "open") == 0)
			(void)close(1);
		if (geteuid() == 0)
			(void)syscall(SYS_setresuid, uids->real,
			    uids->effective, uids->effective);
		arm(call, at, EPERM);
		r = verifier_start(&real, &why);
		if (!disarm())
			end(100);
		end(r < 0 ? -r : 0);
	}
	expect(child > 0);
	expect_int(waitpid(child, &status, 0), child);
	expect(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
start(const char *call, unsigned at)
{
	return start_as(&setuid_root, call, at);
}

TEST("a start that cannot make itself root's alone is none")
{
	static const struct {
		const char *call;
		bool by_root; /* it is made by root only */
		int err;
	} calls[] = {
		{ "getresuid", false, ERR_CALLER },
		{ "clearenv", false, ERR_CALLER },
		{ "chdir", false, ERR_CALLER },
		{ "setgroups", true, ERR_CALLER },
		{ "setresgid", true, ERR_CALLER },
		{ "setresuid", true, ERR_CALLER },
	};

	expect_int(start("none", 1), 100);
	for (size_t i = 0; i < ROWS(calls); i++)
		if (geteuid() == 0 || !calls[i].by_root)
			expect_int(start(calls[i].call, 1), -calls[i].err);
	expect_int(start("open", 1), -ERR_IO);
	/* The last of two. */
	expect_int(start("prctl", 2), -ERR_CALLER);
	/* What cannot be seen to have come about has not. */
	if (geteuid() == 0)
		expect_int(start("getresuid", 3), -ERR_CALLER);
}

TEST("a program that is somebody else's than root's begins nothing")
{
	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	expect_int(start_as(&setuid_other, "getresuid", 1), -ERR_CALLER);
	expect_int(start_as(&setuid_other, "chdir", 1), 100);
}
