/*
 * Files by descriptor.  pread and pwrite below stand in front of libc's, as
 * meanwhile.c does, and hand on to the kernel: what it does once in a year (an
 * interruption, a short read, an end before the end) happens when told.
 */
#include "io.h"
#include "mem.h"
#include "meanwhile.h"
#include "scratch.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct {
	size_t most;	     /* bytes a call moves; 0: all */
	unsigned interrupts; /* calls that end with EINTR first */
	int error;	     /* that a call ends with */
	bool nothing;	     /* a call moves no byte and has no reason */
} kernel;

/* Whether a call is over before the kernel is asked. */
static bool
over(ssize_t *result)
{
	*result = -1;
	if (kernel.interrupts > 0) {
		kernel.interrupts--;
		errno = EINTR;
		return true;
	}
	if (kernel.error != 0) {
		errno = kernel.error;
		return true;
	}
	*result = 0;
	return kernel.nothing;
}

static size_t
share(size_t n)
{
	return kernel.most > 0 && n > kernel.most ? kernel.most : n;
}

ssize_t
pread(int fd, void *buffer, size_t n, off_t offset)
{
	struct iovec part = { buffer, share(n) };
	ssize_t result;

	return over(&result) ? result : preadv(fd, &part, 1, offset);
}

ssize_t
pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)buffer, share(n) };
	ssize_t result;

	return over(&result) ? result : pwritev(fd, &part, 1, offset);
}

static int
open_dir(const struct scratch *s)
{
	int dir = io_open_dir(s->dir);

	expect(dir >= 0);
	return dir;
}

/* An open file for reading and writing, with n bytes of it written. */
static int
open_file(const struct scratch *s, const char *name, const char *text)
{
	int fd;

	scratch_write_text(s, name, text);
	fd = io_open_path(scratch_path(s, name), O_RDWR);
	expect(fd >= 0);
	return fd;
}

static void
expect_file(const struct scratch *s, const char *name, const char *text)
{
	char room[100];
	size_t n = scratch_read(s, name, room, sizeof room - 1);

	room[n] = '\0';
	expect_text(room, text);
}

/* ---- opening ---- */

TEST("an opened file is closed on exec and does not block")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	AUTO_CLOSE
	int fd = -1;
	AUTO_CLOSE
	int beneath = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	fd = open_file(&s, "x", "");
	beneath = io_open_beneath(dir, "x", O_RDONLY);
	expect(fcntl(dir, F_GETFD) & FD_CLOEXEC);
	expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	expect(fcntl(beneath, F_GETFD) & FD_CLOEXEC);
	expect(fcntl(fd, F_GETFL) & O_NONBLOCK);
	expect(fcntl(beneath, F_GETFL) & O_NONBLOCK);
}

TEST("a pipe that nobody writes to is opened without waiting")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	AUTO_CLOSE
	int fd = -1;
	AUTO_CLOSE
	int beneath = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	expect_int(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	expect((fd = io_open_path(scratch_path(&s, "pipe"), O_RDONLY)) >= 0);
	expect((beneath = io_open_beneath(dir, "pipe", O_RDONLY)) >= 0);
}

TEST("a link is not followed, to wherever it points")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	scratch_write_text(&s, "x", "");
	expect_int(symlink("x", scratch_path(&s, "file")), 0);
	expect_int(symlink(".", scratch_path(&s, "folder")), 0);
	expect_int(symlink("nowhere", scratch_path(&s, "gone")), 0);
	expect_int(io_open_path(scratch_path(&s, "file"), O_RDONLY), -1);
	expect_int(errno, ELOOP);
	expect_int(io_open_path(scratch_path(&s, "gone"), O_RDONLY), -1);
	expect_int(errno, ELOOP);
	expect_int(io_open_dir(scratch_path(&s, "folder")), -1);
	expect_int(io_open_beneath(dir, "file", O_RDONLY), -1);
	expect_int(errno, ELOOP);
	expect_int(io_open_beneath(dir, "gone", O_RDONLY), -1);
	expect_int(errno, ELOOP);
	expect_int(io_open_beneath(dir, "gone", O_RDWR | O_CREAT), -1);
	expect(!scratch_has(&s, "nowhere"));
}

TEST("nothing outside a folder is opened beneath it, nor a hidden file")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	static const char *const bad[] = { "..", ".", ".hidden", "../x", "/x",
		"a/x", "x/", "a/../x" };

	scratch_new(&s);
	dir = open_dir(&s);
	expect_int(mkdir(scratch_path(&s, "a"), 0700), 0);
	scratch_write_text(&s, "a/x", "");
	scratch_write_text(&s, "x", "");
	scratch_write_text(&s, ".hidden", "");
	for (size_t i = 0; i < ROWS(bad); i++) {
		expect_int(io_open_beneath(dir, bad[i], O_RDONLY), -1);
		expect_int(errno, EINVAL);
	}
}

TEST("a file that is not there is ENOENT, and nothing else is")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	expect_int(io_open_path(scratch_path(&s, "x"), O_RDONLY), -1);
	expect_int(errno, ENOENT);
	expect_int(io_open_beneath(dir, "x", O_RDONLY), -1);
	expect_int(errno, ENOENT);
	expect_int(io_open_beneath(-1, "x", O_RDONLY), -1);
	expect_int(errno, EBADF);
	scratch_write_text(&s, "x", "");
	expect_int(io_open_dir(scratch_path(&s, "x")), -1);
	expect_int(errno, ENOTDIR);
}

TEST("a new file can be read by its owner alone, whatever the umask")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	AUTO_CLOSE
	int a = -1;
	AUTO_CLOSE
	int b = -1;
	mode_t before;

	scratch_new(&s);
	dir = open_dir(&s);
	before = umask(0);
	a = io_open_beneath(dir, "a", O_RDWR | O_CREAT | O_EXCL);
	umask(0777);
	b = io_open_beneath(dir, "b", O_RDWR | O_CREAT | O_EXCL);
	umask(before);
	expect(a >= 0 && b >= 0);
	expect_int(scratch_mode(&s, "a"), 0600);
	expect_int(scratch_mode(&s, "b"), 0600);
}

static int
open_with_no_standard(void *with)
{
	const struct scratch *s = with;
	int dir, fd, made;

	close(0);
	close(1);
	close(2);
	if ((dir = io_open_dir(s->dir)) < 3)
		return 1;
	if ((fd = io_open_path(scratch_path(s, "x"), O_RDONLY)) < 3)
		return 2;
	if ((made = io_open_beneath(dir, "y", O_RDWR | O_CREAT)) < 3)
		return 3;
	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			return 4; /* left open */
	if ((fcntl(dir, F_GETFD) & FD_CLOEXEC) == 0 ||
	    (fcntl(made, F_GETFD) & FD_CLOEXEC) == 0)
		return 5;
	return 0;
}

TEST("a host that closed its first three descriptors finds them closed still")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "");
	expect_int(scratch_child(open_with_no_standard, &s), 0);
}

/* A kernel, or a filter of a container, that does not know openat2. */
static int
without_openat2(int error)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ROWS(rules), rules };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		return -1;
	return 0;
}

enum { NO_FILTERS = 77 };

static int
open_without(const struct scratch *s, int error)
{
	int dir = io_open_dir(s->dir);

	if (without_openat2(error) < 0)
		return NO_FILTERS;
	if (io_open_beneath(dir, "x", O_RDONLY) < 0)
		return 1;
	if (io_open_beneath(dir, "new", O_RDWR | O_CREAT | O_EXCL) < 0)
		return 2;
	if (io_open_beneath(dir, "link", O_RDONLY) >= 0 || errno != ELOOP)
		return 3;
	if (io_open_beneath(dir, "gone", O_RDONLY) >= 0 || errno != ENOENT)
		return 4;
	if (io_open_beneath(dir, "../x", O_RDONLY) >= 0)
		return 5;
	return 0;
}

static int
open_without_nosys(void *with)
{
	return open_without(with, ENOSYS);
}

static int
open_without_perm(void *with)
{
	return open_without(with, EPERM);
}

TEST("where openat2 is unknown or forbidden, openat opens the same, strictly")
{
	int (*const runs[])(void *) = { open_without_nosys, open_without_perm };

	for (size_t i = 0; i < ROWS(runs); i++) {
		AUTO_SCRATCH struct scratch s;
		int r;

		scratch_new(&s);
		scratch_write_text(&s, "x", "");
		expect_int(symlink("x", scratch_path(&s, "link")), 0);
		if ((r = scratch_child(runs[i], &s)) == NO_FILTERS)
			NOT_TESTED("system calls cannot be filtered here");
		expect_int(r, 0);
		expect_int(scratch_mode(&s, "new"), 0600);
	}
}

/* ---- checking ---- */

static int
check(const struct scratch *s, const char *name, struct io_expect expected)
{
	AUTO_CLOSE
	int fd = io_open_path(scratch_path(s, name), O_RDONLY);
	struct trouble why = { "" };
	int r;

	expect(fd >= 0);
	if ((r = io_check(fd, name, &expected, &why)) < 0)
		expect(strstr(why.text, name) != NULL);
	return r;
}

static struct io_expect
private_file(void)
{
	return (struct io_expect){ .kind = S_IFREG,
		.owner = geteuid(),
		.forbidden = S_IRWXG | S_IRWXO,
		.size = 5 };
}

TEST("a file is what it should be, or it is not trusted")
{
	AUTO_SCRATCH struct scratch s;
	struct io_expect expected = private_file();

	scratch_new(&s);
	scratch_write_text(&s, "x", "12345");
	expect_int(check(&s, "x", expected), 0);
	expected.owner = geteuid() + 1;
	expect_int(check(&s, "x", expected), ERR_UNTRUSTED);
	expected.root_too = 1;
	expect_int(check(&s, "x", expected),
	    geteuid() == 0 ? 0 : ERR_UNTRUSTED);
	expected = private_file();
	expected.kind = S_IFDIR;
	expect_int(check(&s, "x", expected), ERR_UNTRUSTED);
}

TEST("every permission of group and others is one too many")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "12345");
	for (mode_t bit = 1; bit <= 040; bit <<= 1) {
		expect_int(chmod(scratch_path(&s, "x"), 0600 | bit), 0);
		expect_int(check(&s, "x", private_file()), ERR_UNTRUSTED);
	}
	expect_int(chmod(scratch_path(&s, "x"), 0700), 0);
	expect_int(check(&s, "x", private_file()), 0);
}

TEST("a file with a second name is not trusted")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "12345");
	expect_int(link(scratch_path(&s, "x"), scratch_path(&s, "y")), 0);
	expect_int(check(&s, "x", private_file()), ERR_UNTRUSTED);
	expect_int(unlink(scratch_path(&s, "y")), 0);
	expect_int(check(&s, "x", private_file()), 0);
}

TEST("a file of another size is damaged, of any size fine where any will do")
{
	AUTO_SCRATCH struct scratch s;
	struct io_expect expected = private_file();

	scratch_new(&s);
	scratch_write_text(&s, "x", "1234");
	expect_int(check(&s, "x", expected), ERR_DAMAGED);
	scratch_write_text(&s, "x", "123456");
	expect_int(check(&s, "x", expected), ERR_DAMAGED);
	scratch_write_text(&s, "x", "");
	expect_int(check(&s, "x", expected), ERR_DAMAGED);
	expected.size = -1;
	expect_int(check(&s, "x", expected), 0);
}

TEST("a folder, a pipe and a device are no regular file")
{
	AUTO_SCRATCH struct scratch s;
	struct io_expect expected = private_file();
	AUTO_CLOSE
	int null = io_open_path("/dev/null", O_RDONLY);
	struct trouble why;

	scratch_new(&s);
	expect_int(mkdir(scratch_path(&s, "folder"), 0700), 0);
	expect_int(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	expected.size = -1;
	expect_int(check(&s, "folder", expected), ERR_UNTRUSTED);
	expect_int(check(&s, "pipe", expected), ERR_UNTRUSTED);
	expect_int(io_check(null, "null", &expected, &why), ERR_UNTRUSTED);
	expected.kind = S_IFDIR;
	expect_int(check(&s, "folder", expected), 0);
}

TEST("a socket cannot even be opened")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	scratch_socket(&s, "phone");
	expect_int(io_open_beneath(dir, "phone", O_RDONLY), -1);
	expect_int(errno, ENXIO);
}

TEST("what cannot be looked at is an error, not untrusted")
{
	struct io_expect expected = private_file();
	struct trouble why;

	expect_int(io_check(-1, "x", &expected, &why), ERR_IO);
}

/* ---- reading and writing ---- */

TEST("exactly the bytes asked for are read, from where they stand")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	char room[4] = "zzz";

	scratch_new(&s);
	fd = open_file(&s, "x", "0123456789");
	expect_int(io_read_at(fd, room, 3, 7), 0);
	expect_bytes(room, "789", 4);
	expect_int(io_read_at(fd, room, 0, 100), 0);
}

TEST("a file that ends too early is an error with errno 0")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	char room[20];

	scratch_new(&s);
	fd = open_file(&s, "x", "0123456789");
	errno = EXDEV;
	expect_int(io_read_at(fd, room, 11, 0), ERR_IO);
	expect_int(errno, 0);
	expect_int(io_read_at(fd, room, 1, 10), ERR_IO);
	expect_int(io_read_at(-1, room, 1, 0), ERR_IO);
	expect_int(errno, EBADF);
}

TEST("as much is read as there is and as fits")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	char room[20];

	scratch_new(&s);
	fd = open_file(&s, "x", "0123456789");
	expect_int(io_read_up_to(fd, room, 20), 10);
	expect_int(io_read_up_to(fd, room, 10), 10);
	expect_int(io_read_up_to(fd, room, 9), 9);
	expect_int(io_read_up_to(fd, room, 0), 0);
	expect_int(io_read_up_to(-1, room, 1), -1);
}

TEST("interruptions and short reads and writes change nothing")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	char room[20] = "";

	scratch_new(&s);
	fd = open_file(&s, "x", "");
	kernel.most = 3;
	kernel.interrupts = 2;
	expect_int(io_write_at(fd, "0123456789", 10, 0), 0);
	expect_int(kernel.interrupts, 0);
	kernel.interrupts = 2;
	expect_int(io_read_at(fd, room, 10, 0), 0);
	expect_text(room, "0123456789");
	memset(room, 0, sizeof room);
	kernel.interrupts = 2;
	expect_int(io_read_up_to(fd, room, 15), 10);
	expect_text(room, "0123456789");
	kernel.most = 0;
	expect_file(&s, "x", "0123456789");
}

TEST("a failed read or write tells why")
{
	static const int errors[] = { EIO, ENOSPC, EDQUOT, EROFS, EFBIG, EBADF,
		EINVAL };
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	int w, r, up_to, of_w, of_r;
	char room[4];

	scratch_new(&s);
	fd = open_file(&s, "x", "0123456789");
	for (size_t i = 0; i < ROWS(errors); i++) {
		kernel.error = errors[i];
		w = io_write_at(fd, "x", 1, 0);
		of_w = errno;
		r = io_read_at(fd, room, 4, 0);
		of_r = errno;
		up_to = (int)io_read_up_to(fd, room, 4);
		kernel.error = 0;
		expect_int(w, ERR_IO);
		expect_int(of_w, errors[i]);
		expect_int(r, ERR_IO);
		expect_int(of_r, errors[i]);
		expect_int(up_to, -1);
	}
}

TEST("a write that moves no byte and tells no reason does not go on for ever")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	int r;

	scratch_new(&s);
	fd = open_file(&s, "x", "");
	kernel.nothing = true;
	r = io_write_at(fd, "x", 1, 0);
	kernel.nothing = false;
	expect_int(r, ERR_IO);
	expect_int(errno, EIO);
}

/* ---- a file size limit, as `ulimit -f` sets it ---- */

static int
limit_files(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	return setrlimit(RLIMIT_FSIZE, &limit);
}

static int
write_beyond_limit(void *with)
{
	static const rlim_t limits[] = { 0, 1, 100, 512, 1023 };
	const struct scratch *s = with;
	int fd = io_open_path(scratch_path(s, "x"), O_RDWR);
	char bytes[1024] = "";

	signal(SIGXFSZ, SIG_DFL); /* would end this process */
	for (size_t i = 0; i < ROWS(limits); i++) {
		if (limit_files(limits[i]) < 0)
			return 1;
		if (io_write_at(fd, bytes, sizeof bytes, 0) != ERR_IO ||
		    errno != EFBIG)
			return 2;
		if (ftruncate(fd, 0) < 0)
			return 3;
	}
	return 0;
}

TEST("a write beyond a file size limit fails, and the host lives on")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "");
	expect_int(scratch_child(write_beyond_limit, &s), 0);
}

static volatile sig_atomic_t signals; /* SIGXFSZ that arrived */

static void
count_signal(int number)
{
	(void)number;
	signals++;
}

static int
write_with_handler(void *with)
{
	const struct scratch *s = with;
	int fd = io_open_path(scratch_path(s, "x"), O_RDWR);
	sigset_t before, after;

	signal(SIGXFSZ, count_signal);
	sigemptyset(&before);
	sigaddset(&before, SIGUSR1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (limit_files(0) < 0 || io_write_at(fd, "x", 1, 0) != ERR_IO)
		return 1;
	sigprocmask(SIG_SETMASK, NULL, &after);
	if (sigismember(&after, SIGXFSZ) || !sigismember(&after, SIGUSR1))
		return 2;
	if (signals != 0)
		return 3; /* ours reached the host */
	raise(SIGXFSZ);
	return signals == 1 ? 0 : 4;
}

TEST("the host's handler and mask for that signal are as before")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "");
	expect_int(scratch_child(write_with_handler, &s), 0);
}

static int
write_with_pending(void *with)
{
	const struct scratch *s = with;
	int fd = io_open_path(scratch_path(s, "x"), O_RDWR);
	sigset_t blocked, pending;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise(SIGXFSZ);
	if (limit_files(0) < 0 || io_write_at(fd, "x", 1, 0) != ERR_IO)
		return 1;
	if (sigpending(&pending) < 0 || !sigismember(&pending, SIGXFSZ))
		return 2; /* taken away, and not ours */
	return 0;
}

TEST("a signal that was waiting before the write is waiting still")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "x", "");
	expect_int(scratch_child(write_with_pending, &s), 0);
}

/* ---- replacing ---- */

TEST("a replaced file has the new bytes, is private and has no litter by it")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	AUTO_CLOSE
	int old = -1;
	char room[4] = "";
	mode_t before = umask(0);
	int r;

	scratch_new(&s);
	dir = open_dir(&s);
	old = open_file(&s, "x", "old");
	r = io_replace(dir, "x", "brand new", 9);
	umask(before);
	expect_int(r, 0);
	expect_file(&s, "x", "brand new");
	expect_int(scratch_mode(&s, "x"), 0600);
	expect(!scratch_has(&s, "x.new"));
	expect_int(io_read_at(old, room, 3, 0), 0);
	expect_text(room, "old"); /* whoever reads it has it whole */
}

TEST("a file that is not there yet is made")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	expect_int(io_replace(dir, "x", "new", 3), 0);
	expect_file(&s, "x", "new");
}

TEST("what a killed writer left is not in the way, and a link not followed")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;

	scratch_new(&s);
	dir = open_dir(&s);
	scratch_write_text(&s, "x.new", "half of a fi");
	expect_int(io_replace(dir, "x", "new", 3), 0);
	expect_file(&s, "x", "new");
	scratch_write_text(&s, "victim", "untouched");
	expect_int(symlink("victim", scratch_path(&s, "x.new")), 0);
	expect_int(io_replace(dir, "x", "newer", 5), 0);
	expect_file(&s, "x", "newer");
	expect_file(&s, "victim", "untouched");
}

TEST("where the new file cannot be written, the old one stays, without litter")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	int r, error;

	scratch_new(&s);
	dir = open_dir(&s);
	scratch_write_text(&s, "x", "old");
	kernel.error = ENOSPC;
	r = io_replace(dir, "x", "new", 3);
	error = errno;
	kernel.error = 0;
	expect_int(r, ERR_IO);
	expect_int(error, ENOSPC);
	expect_file(&s, "x", "old");
	expect(!scratch_has(&s, "x.new"));
	expect_int(mkdir(scratch_path(&s, "x.new"), 0700), 0);
	expect_int(io_replace(dir, "x", "new", 3), ERR_IO);
	expect_file(&s, "x", "old");
}

TEST("a name that leaves no room for the new file's is refused")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int dir = -1;
	char name[NAME_MAX + 1];

	scratch_new(&s);
	dir = open_dir(&s);
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	expect_int(io_replace(dir, name, "new", 3), ERR_IO);
	expect_int(errno, ENAMETOOLONG);
	expect_int(io_open_beneath(dir, name, O_RDONLY), -1);
}

TEST("what cannot be made durable is an error")
{
	int ends[2];

	expect_int(pipe2(ends, O_CLOEXEC), 0);
	expect_int(io_sync(ends[1]), ERR_IO);
	expect_int(io_sync_data(ends[1]), ERR_IO);
	close(ends[0]);
	close(ends[1]);
}

/* ---- locks ---- */

static int holder = -1;

static void
holder_lets_go(void)
{
	io_unlock(holder);
}

TEST("a lock is had once, and had again when it is given back")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int a = -1;
	AUTO_CLOSE
	int b = -1;

	scratch_new(&s);
	a = open_file(&s, "x", "");
	b = io_open_path(scratch_path(&s, "x"), O_RDWR);
	expect_int(io_lock(a, 0), 0);
	expect_int(io_lock(b, 0), ERR_BUSY);
	expect_int(io_lock(b, 20), ERR_BUSY);
	io_unlock(a);
	expect_int(io_lock(b, 0), 0);
	expect_int(io_lock(a, 0), ERR_BUSY);
}

TEST("who waits for a lock has it as soon as it is given back")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int a = -1;
	AUTO_CLOSE
	int b = -1;

	scratch_new(&s);
	a = open_file(&s, "x", "");
	b = io_open_path(scratch_path(&s, "x"), O_RDWR);
	expect_int(io_lock(a, 0), 0);
	holder = a;
	meanwhile = holder_lets_go;
	expect_int(io_lock(b, 5000), 0);
	expect(meanwhile == NULL);
}

static int
hold_and_stay(void *with)
{
	const int *fds = with; /* the file, a pipe's end to write to */

	if (io_lock(fds[0], 0) < 0 || write(fds[1], "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* A child that holds the lock when this returns. */
static pid_t
child_that_holds(const struct scratch *s)
{
	int ends[2], fds[2];
	pid_t child;
	char byte;

	expect_int(pipe2(ends, O_CLOEXEC), 0);
	fds[0] = io_open_path(scratch_path(s, "x"), O_RDWR);
	fds[1] = ends[1];
	expect(fds[0] >= 0);
	if ((child = fork()) == 0)
		_exit(hold_and_stay(fds));
	expect(child > 0);
	close(fds[0]);
	close(ends[1]);
	expect_int(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return child;
}

TEST("the lock of a process that is killed is free")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;
	pid_t child;

	scratch_new(&s);
	fd = open_file(&s, "x", "");
	child = child_that_holds(&s);
	expect_int(io_lock(fd, 0), ERR_BUSY);
	expect_int(kill(child, SIGKILL), 0);
	expect_int(waitpid(child, NULL, 0), child);
	expect_int(io_lock(fd, 0), 0);
}

TEST("a forked child that keeps the file open does not keep a lock given back")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int a = -1;
	AUTO_CLOSE
	int b = -1;
	pid_t child;
	int r;

	scratch_new(&s);
	a = open_file(&s, "x", "");
	b = io_open_path(scratch_path(&s, "x"), O_RDWR);
	expect_int(io_lock(a, 0), 0);
	if ((child = fork()) == 0)
		for (;;)
			pause();
	io_unlock(a);
	r = io_lock(b, 0);
	expect_int(kill(child, SIGKILL), 0);
	expect_int(waitpid(child, NULL, 0), child);
	expect_int(r, 0);
}

TEST("what cannot be locked is an error at once")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_CLOSE
	int fd = -1;

	scratch_new(&s);
	scratch_write_text(&s, "x", "");
	fd = io_open_path(scratch_path(&s, "x"), O_RDONLY);
	expect_int(io_lock(fd, 60000), ERR_IO);
	expect_int(io_lock(-1, 60000), ERR_IO);
	expect_int(errno, EBADF);
}

/* ---- randomness ---- */

TEST("randomness fills all it is asked for, each time with other bytes")
{
	enum { MUCH = 1 << 20 };
	uint8_t *a = calloc(1, MUCH), *b = calloc(1, MUCH);
	size_t zeros = 0;

	expect(a != NULL && b != NULL);
	expect_int(io_random(a, MUCH), 0);
	expect_int(io_random(b, MUCH), 0);
	for (size_t i = 0; i + 16 <= MUCH; i += 16)
		expect(memcmp(a + i, b + i, 16) != 0);
	for (size_t i = 0; i < MUCH; i++)
		zeros += a[i] == 0;
	expect(zeros > 3000 && zeros < 5300); /* 4096 expected, sd 64 */
	free(a);
	free(b);
}
