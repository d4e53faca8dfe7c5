/*
 * Login programs as they are: with limits, without descriptors, with signals,
 * threads and environments of their own.  Each finds its code judged and itself
 * unchanged.
 */
#include "breach_list.h"
#include "host.h"
#include "process.h"
#include "sweep.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define IN_FRONT    __attribute__((visibility("default")))

/* What a child answers beside PAM's codes. */
enum { CALLER_CHANGED = 60, CALLER_FAILED = 61, SECRETS_LEFT = 62 };

/* ---- a caller and what it does to itself ---- */

struct caller {
	struct host *host;
	const char *answer;
	/* Between pam_start and pam_authenticate, in a child: */
	bool (*prepare)(const struct caller *caller);
	bool (*still)(const struct caller *caller); /* afterwards */
	rlim_t limit;
	int which; /* limit */
};

/* In a child: alice's login from such a caller. */
static int
log_in(void *with)
{
	const struct caller *caller = with;
	struct talk talk = { .answers = { caller->answer } };
	pam_handle_t *pamh = host_start(caller->host, "alice", &talk);
	int r;

	if (caller->prepare != NULL && !caller->prepare(caller))
		return CALLER_FAILED;
	r = pam_authenticate(pamh, 0);
	if (caller->still != NULL && !caller->still(caller))
		return CALLER_CHANGED;
	return r;
}

static int
from(struct host *host, bool (*prepare)(const struct caller *),
    bool (*still)(const struct caller *))
{
	struct caller caller = { .host = host,
		.answer = host_code(1000, host_clock),
		.prepare = prepare,
		.still = still };

	return scratch_child(log_in, &caller);
}

static void
with_alice(struct host *host, const char *settings)
{
	scratch_in_memory();
	host_new(host, settings);
	host_enrol(host, "alice", 1000);
}

/* The code of now has had its chance, and opens no more; the next one does. */
static void
expect_next_opens(struct host *host)
{
	(void)host_try(host, "alice", host_code(1000, host_clock));
	expect_int(host_try(host, "alice", host_code(1000, host_clock)),
	    PAM_AUTH_ERR);
	host_clock += 30;
	expect_int(host_try(host, "alice", host_code(1000, host_clock)),
	    PAM_SUCCESS);
	host_clock += 30;
}

/* Burnt already, where it opened. */
static void
expect_burnt(struct host *host)
{
	expect_int(host_try(host, "alice", host_code(1000, host_clock)),
	    PAM_AUTH_ERR);
}

/* ---- limits ---- */

static bool
set_limit(const struct caller *caller)
{
	struct rlimit limit;

	if (getrlimit(caller->which, &limit) < 0)
		return false;
	limit.rlim_cur = caller->limit;
	return setrlimit(caller->which, &limit) == 0;
}

/* The signal that kills programs by default has not come, and is not on its
 * way. */
static bool
no_signal_waits(const struct caller *caller)
{
	struct sigaction action;
	sigset_t waiting, mask;

	(void)caller;
	return sigaction(SIGXFSZ, NULL, &action) == 0 &&
	       action.sa_handler == SIG_DFL && sigpending(&waiting) == 0 &&
	       sigismember(&waiting, SIGXFSZ) == 0 &&
	       pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 &&
	       sigismember(&mask, SIGXFSZ) == 0;
}

static int
under_limit(struct host *host, int which, rlim_t limit, const char *answer)
{
	struct caller caller = { .host = host,
		.answer = answer,
		.prepare = set_limit,
		.still = no_signal_waits,
		.which = which,
		.limit = limit };

	return scratch_child(log_in, &caller);
}

TEST("under any file size limit a right code opens once or never, unharmed")
{
	static const rlim_t limits[] = { 0, 1, 100, 512, 1024, 5000, 8192 };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i < ROWS(limits); i++) {
		int r = under_limit(&host, RLIMIT_FSIZE, limits[i],
		    host_code(1000, host_clock));

		if (r == PAM_SUCCESS)
			expect_burnt(&host);
		else
			expect_int(r, PAM_AUTHINFO_UNAVAIL);
		expect(limits[i] >= 1024 || r != PAM_SUCCESS);
		expect(limits[i] < 8192 || r == PAM_SUCCESS);
		expect_next_opens(&host);
	}
}

TEST("a write that a limit breaks off brings no spent code back")
{
	static const rlim_t limits[] = { 100, 512, 4096 + 100, 4096 + 512 };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i < 2 * ROWS(limits); i++) {
		expect_next_opens(&host);
		if (i % 2 != 0) /* so that the other half of the file is due */
			(void)host_try(&host, "alice", "nonsense");
		(void)under_limit(&host, RLIMIT_FSIZE, limits[i / 2],
		    host_code(1000, host_clock));
		expect_int(host_try(&host, "alice",
			       host_code(1000, host_clock - 30)),
		    PAM_AUTH_ERR);
	}
}

static void
die_of(int number)
{
	(void)number;
	_exit(CALLER_CHANGED);
}

static bool
minds_signal(const struct caller *caller)
{
	const struct caller limits = { .which = RLIMIT_FSIZE };

	(void)caller;
	return signal(SIGXFSZ, die_of) != SIG_ERR && set_limit(&limits);
}

TEST("a caller's own handler for too large files is not called for ours")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, minds_signal, NULL), PAM_AUTHINFO_UNAVAIL);
	expect_next_opens(&host);
}

/* A wrong code must not pass either, though it is optional and the next line
 * lets in whom we ignore. */
static void
expect_wrong_refused(int which, rlim_t limit)
{
	AUTO_HOST struct host host;

	with_alice(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	expect(under_limit(&host, which, limit, host_code(1000, NOON + 6000)) !=
	       PAM_SUCCESS);
}

TEST("with few descriptors or none left nobody wrong gets in, and none is lost")
{
	AUTO_HOST struct host host;
	int r = PAM_SUCCESS;

	with_alice(&host, "");
	for (rlim_t limit = 0; limit < 24; limit++) {
		r = under_limit(&host, RLIMIT_NOFILE, limit,
		    host_code(1000, host_clock));
		expect(r < CALLER_CHANGED);
		expect(limit > 3 || r != PAM_SUCCESS);
		expect_next_opens(&host);
	}
	expect_int(r, PAM_SUCCESS);
	for (rlim_t limit = 0; limit < 24; limit++)
		expect_wrong_refused(RLIMIT_NOFILE, limit);
}

static rlim_t
address_space(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	expect(file != NULL && fscanf(file, "%lu", &pages) == 1);
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

TEST("with little memory or none left nobody wrong gets in, and none is lost")
{
	static const rlim_t more[] = { 0, 4096, 8192, 12288, 16384, 32768,
		65536, 262144, 16777216 };
	AUTO_HOST struct host host;
	int r = PAM_SUCCESS;

	if (test_sanitized())
		NOT_TESTED("a sanitizer needs all address space there is");
	with_alice(&host, "");
	for (size_t i = 0; i < ROWS(more); i++) {
		r = under_limit(&host, RLIMIT_AS, address_space() + more[i],
		    host_code(1000, host_clock));
		expect(r < CALLER_CHANGED);
		expect(i > 0 || r != PAM_SUCCESS);
		expect_next_opens(&host);
	}
	expect_int(r, PAM_SUCCESS);
	for (size_t i = 0; i < ROWS(more); i++)
		expect_wrong_refused(RLIMIT_AS, address_space() + more[i]);
}

TEST("without processes, locked memory, core files and queued signals: as ever")
{
	static const int limits[] = { RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_CORE,
		RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE, RLIMIT_DATA };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i + (test_sanitized() ? 1 : 0) < ROWS(limits); i++) {
		int r = under_limit(&host, limits[i], 0,
		    host_code(1000, host_clock));

		expect(r == PAM_SUCCESS || limits[i] == RLIMIT_DATA);
		expect_next_opens(&host);
	}
}

/* ---- descriptors ---- */

static bool prints_meanwhile; /* in a child */

static bool
close_standard(const struct caller *caller)
{
	(void)caller;
	prints_meanwhile = true;
	return close(0) == 0 && close(1) == 0 && close(2) == 0;
}

static bool
prints_nowhere(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (write(fd, "garbage", 7) != -1 || errno != EBADF)
			return false;
	return true;
}

static int printed_meanwhile, printed_somewhere;

/* In front of libc's: the middle of a transaction, where another thread of the
 * caller prints. */
IN_FRONT int
fdatasync(int fd)
{
	if (prints_meanwhile) {
		printed_meanwhile++;
		printed_somewhere += !prints_nowhere();
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static bool
standard_closed(const struct caller *caller)
{
	(void)caller;
	return printed_meanwhile == 1 && printed_somewhere == 0 &&
	       prints_nowhere();
}

TEST("a caller without standard descriptors prints into no file of the store")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, close_standard, standard_closed), PAM_SUCCESS);
	expect_burnt(&host);
	expect_next_opens(&host);
}

static int standard_pipes[3][2];

/* Whatever is read from 0 or written to 1 and 2 is missing or found. */
static bool
plug_pipes(const struct caller *caller)
{
	(void)caller;
	return dup2(standard_pipes[0][0], 0) == 0 &&
	       dup2(standard_pipes[1][1], 1) == 1 &&
	       dup2(standard_pipes[2][1], 2) == 2;
}

static ssize_t
bytes_in(int fd)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof bytes);

	return n < 0 && errno == EAGAIN ? 0 : n;
}

static void
open_pipes(void)
{
	for (int i = 0; i < 3; i++)
		expect_int(pipe2(standard_pipes[i], O_CLOEXEC | O_NONBLOCK), 0);
	expect_int(write(standard_pipes[0][1], "typed", 5), 5);
}

static void
close_pipes(void)
{
	for (int i = 0; i < 3; i++) {
		close(standard_pipes[i][0]);
		close(standard_pipes[i][1]);
	}
}

static void
expect_silence(void)
{
	expect_int(bytes_in(standard_pipes[0][0]), 5);
	expect_int(bytes_in(standard_pipes[1][0]), 0);
	expect_int(bytes_in(standard_pipes[2][0]), 0);
	close_pipes();
}

TEST("nothing is read from or written to standard descriptors, come what may")
{
	const char *answers[] = { host_code(1000, NOON), "000", "nonsense", "",
		NULL };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i < ROWS(answers) + 1; i++) {
		struct caller caller = { .host = &host,
			.answer = i < ROWS(answers) ? answers[i] : "123456",
			.prepare = plug_pipes };

		if (i == ROWS(answers))
			expect_int(unlink(scratch_path(&host.scratch,
				       "store/1000.state")),
			    0);
		open_pipes();
		expect((scratch_child(log_in, &caller) == PAM_SUCCESS) ==
		       (i == 0));
		expect_silence();
	}
}

/* Its own reader is gone: the first byte we wrote would be its death. */
static bool
break_pipes(const struct caller *caller)
{
	int ends[2];

	(void)caller;
	return pipe(ends) == 0 && close(ends[0]) == 0 &&
	       dup2(ends[1], 1) == 1 && dup2(ends[1], 2) == 2 &&
	       signal(SIGPIPE, SIG_DFL) != SIG_ERR;
}

TEST("a caller whose reader is gone does not die of us")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, break_pipes, NULL), PAM_SUCCESS);
	expect_burnt(&host);
}

/* ---- files' surroundings ---- */

static mode_t umask_of_caller;

static bool
set_umask(const struct caller *caller)
{
	(void)caller;
	(void)umask(umask_of_caller);
	return true;
}

static bool
umask_kept(const struct caller *caller)
{
	(void)caller;
	return umask(umask_of_caller) == umask_of_caller;
}

TEST("the caller's umask, none or all, changes no login and no mode")
{
	static const mode_t masks[] = { 0, 0777 };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i < ROWS(masks); i++) {
		umask_of_caller = masks[i];
		expect_int(from(&host, set_umask, umask_kept), PAM_SUCCESS);
		expect_burnt(&host);
		expect_int(scratch_mode(&host.scratch, "store/1000.state"),
		    0600);
		host_clock += 30;
	}
}

static bool
lose_folder(const struct caller *caller)
{
	const char *folder = scratch_path(&caller->host->scratch, "gone");

	return mkdir(folder, 0700) == 0 && chdir(folder) == 0 &&
	       rmdir(folder) == 0;
}

static bool
folder_lost(const struct caller *caller)
{
	char room[256];

	(void)caller;
	return getcwd(room, sizeof room) == NULL && errno == ENOENT;
}

TEST("a caller whose working folder was removed logs people in")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, lose_folder, folder_lost), PAM_SUCCESS);
	expect_burnt(&host);
}

/* Without root: whoever may make a namespace of users is root in it. */
static bool
leave_for_nowhere(const struct caller *caller)
{
	const char *folder = scratch_path(&caller->host->scratch, "empty");

	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		return false;
	return mkdir(folder, 0700) == 0 && chroot(folder) == 0 &&
	       chdir("/") == 0;
}

TEST("a caller that sees an empty root lets nobody in, and counts nothing")
{
	AUTO_HOST struct host host;
	int r;

	with_alice(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	if ((r = from(&host, leave_for_nowhere, NULL)) == CALLER_FAILED)
		NOT_TESTED("this user may not change his root");
	expect_int(r, PAM_SERVICE_ERR);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

/* ---- children and signals ---- */

static bool
ignore_children(const struct caller *caller)
{
	(void)caller;
	return signal(SIGCHLD, SIG_IGN) != SIG_ERR;
}

static bool
children_ignored(const struct caller *caller)
{
	(void)caller;
	return wait(NULL) == -1 && errno == ECHILD &&
	       signal(SIGCHLD, SIG_IGN) == SIG_IGN;
}

TEST("a caller that ignores its children's ends gets its answer")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, ignore_children, children_ignored), PAM_SUCCESS);
	expect_burnt(&host);
}

static void *
reap_everything(void *nothing)
{
	for (;;)
		if (wait(NULL) < 0)
			(void)sched_yield();
	return nothing;
}

static bool
start_reaper(const struct caller *caller)
{
	pthread_t thread;

	(void)caller;
	return pthread_create(&thread, NULL, reap_everything, NULL) == 0;
}

TEST("a caller that reaps every child there is gets its answer")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(from(&host, start_reaper, NULL), PAM_SUCCESS);
	expect_burnt(&host);
}

static volatile sig_atomic_t ticks;

static void
tick(int number)
{
	(void)number;
	ticks++;
}

/* A fast clock whose signal ends system calls early. */
static void
start_ticking(void)
{
	const int period = test_sanitized() ? 5000 : 100; /* microseconds */
	const struct itimerval fast = { { 0, period }, { 0, period } };
	struct sigaction action = { .sa_handler = tick };

	expect_int(sigaction(SIGALRM, &action, NULL), 0);
	expect_int(setitimer(ITIMER_REAL, &fast, NULL), 0);
	while (ticks < 3)
		(void)pause();
}

static void
stop_ticking(void)
{
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct itimerval then;

	expect_int(setitimer(ITIMER_REAL, &never, &then), 0);
	expect(then.it_interval.tv_usec > 0); /* still the caller's */
	signal(SIGALRM, SIG_DFL);
}

TEST("a caller's timer that fires all the time refuses nobody")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (int i = 0; i < 50; i++) {
		struct talk talk = { .answers = {
					 host_code(1000, host_clock) } };
		pam_handle_t *pamh = host_start(&host, "alice", &talk);
		int r;

		ticks = 0;
		start_ticking();
		r = pam_authenticate(pamh, 0);
		stop_ticking();
		expect_int(r, PAM_SUCCESS);
		expect_int(pam_end(pamh, r), PAM_SUCCESS);
		host_clock += 30;
	}
}

/* ---- the process before and after ---- */

TEST("what a guest may leave behind in a process is seen")
{
	sigset_t mask, old;
	int fd;

	process_remember();
	process_expect_same();
	fd = dup(2);
	process_expect_other();
	close(fd);
	process_expect_other();
	sigfillset(&mask);
	pthread_sigmask(SIG_BLOCK, &mask, &old);
	process_expect_other();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	process_expect_other();
	setenv("LEFT", "behind", 1);
	process_expect_other();
	unsetenv("LEFT");
	process_expect_other();
	expect_int(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
	process_expect_other();
	expect_int(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}

/* Before and after an attempt, and what comes with it. */
static void
expect_unchanged(struct host *host, const char *answer, int result)
{
	struct talk talk = { .answers = { answer } };
	pam_handle_t *pamh = host_start(host, "alice", &talk);
	int r;

	process_remember();
	r = pam_authenticate(pamh, 0);
	process_expect_same();
	expect_int(r, result);
	(void)pam_setcred(pamh, PAM_ESTABLISH_CRED);
	(void)pam_acct_mgmt(pamh, 0);
	process_expect_same();
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
}

TEST("uids, signals, limits, files, memory and environment are as they were")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	host_stack(&host, "auth required %M explain\n"
			  "account required %M guard\n");
	expect_unchanged(&host, host_code(1000, NOON), PAM_SUCCESS);
	expect_unchanged(&host, host_code(1000, NOON), PAM_AUTH_ERR);
	expect_unchanged(&host, host_code(1000, NOON + 6000), PAM_AUTH_ERR);
	expect_unchanged(&host, "nonsense", PAM_AUTH_ERR);
	expect_unchanged(&host, host_recovery(1000, 1), PAM_SUCCESS);
	expect_unchanged(&host, NULL, PAM_CONV_ERR);
	expect_int(unlink(scratch_path(&host.scratch, "store/1000.state")), 0);
	expect_unchanged(&host, "123456", PAM_AUTHINFO_UNAVAIL);
	expect_int(unlink(scratch_path(&host.scratch, "store/marker")), 0);
	expect_unchanged(&host, "123456", PAM_AUTHINFO_UNAVAIL);
	expect_int(unlink(host.config), 0);
	expect_unchanged(&host, "123456", PAM_SERVICE_ERR);
}

/* A list in which "password" stands, and a stack that has a use of it. */
static void
with_list(struct host *host)
{
	AUTO_LIST struct breach_list list = { .kind = BREACH_SHA1 };

	with_alice(host, "breach_at_login = change\n");
	host_stack(host, "auth required %M split\n"
			 "auth required %M use_split\n"
			 "account required %M\n"
			 "password requisite %M retry=1 enforce_for_root\n");
	breach_list_add_password(&list, "password", 1);
	breach_list_add_many(&list, 1000, 3);
	expect_int(mkdir(scratch_path(&host->scratch, "lists"), 0755), 0);
	breach_list_write(&list, &host->scratch, "lists/all.breach");
}

static const char fresh[] = "tangerine-vellum-oxbow-41";

static void
expect_unchanged_by_change(struct host *host, const char *password, int result)
{
	struct talk talk = { .answers = { password, password } };
	pam_handle_t *pamh = host_start(host, "alice", &talk);

	process_remember();
	expect_int(pam_chauthtok(pamh, 0), result);
	process_expect_same();
	expect_int(pam_end(pamh, result), PAM_SUCCESS);
}

TEST("so they are after a password was looked up, and whatever came of it")
{
	AUTO_HOST struct host host;
	char both[64];

	with_list(&host);
	expect_unchanged_by_change(&host, fresh, PAM_SUCCESS);
	expect_unchanged_by_change(&host, "password", PAM_AUTHTOK_ERR);
	snprintf(both, sizeof both, "password%s", host_code(1000, NOON));
	expect_unchanged(&host, both, PAM_SUCCESS);
	expect(strstr(host_log, "event=breached-change ") != NULL);
	expect_int(truncate(scratch_path(&host.scratch, "lists/all.breach"),
		       5000),
	    0);
	expect_unchanged_by_change(&host, fresh, PAM_AUTHINFO_UNAVAIL);
	host_clock = NOON + 30;
	snprintf(both, sizeof both, "password%s", host_code(1000, host_clock));
	expect_unchanged(&host, both, PAM_SUCCESS);
	expect(strstr(host_log, "event=breached-unknown ") != NULL);
}

/* ---- being loaded again and again ---- */

static unsigned long
resident_pages(void)
{
	unsigned long size = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	expect(file != NULL && fscanf(file, "%lu %lu", &size, &resident) == 2);
	fclose(file);
	return resident;
}

static bool
is_mapped(const char *name)
{
	FILE *file = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[1024];

	expect(file != NULL);
	while (fgets(line, sizeof line, file) != NULL)
		found |= strstr(line, name) != NULL;
	fclose(file);
	return found;
}

static void
log_in_often(struct host *host, int times)
{
	for (int i = 0; i < times; i++) {
		host_log[0] = '\0';
		expect_int(host_try(host, "alice", host_code(1000, host_clock)),
		    PAM_SUCCESS);
		host_clock += 30;
	}
}

TEST("loaded, asked and unloaded a thousand times, nothing grows")
{
	enum { WARM = 200, TIMES = 1000, SLACK = 16 /* pages */ };
	AUTO_HOST struct host host;
	unsigned long pages;

	with_alice(&host, "");
	log_in_often(&host, WARM);
	process_remember();
	pages = resident_pages();
	log_in_often(&host, TIMES - WARM);
	process_expect_same();
	if (!test_sanitized()) { /* which keeps freed memory for a while */
		expect(resident_pages() <= pages + SLACK);
		expect(!is_mapped("pam_sallyport.so"));
	}
}

/* ---- threads ---- */

enum { SMALL_STACK = 64 * 1024 };

struct errand {
	pam_handle_t *pamh;
	int result;
};

static void *
authenticate(void *with)
{
	struct errand *errand = with;

	errand->result = pam_authenticate(errand->pamh, 0);
	return NULL;
}

TEST("a thread with a stack of 64 KiB is enough")
{
	const char *answers[] = { host_code(1000, NOON),
		host_code(1000, NOON + 6000), "nonsense" };
	AUTO_HOST struct host host;
	pthread_attr_t attr;
	pthread_t thread;

	with_alice(&host, "");
	expect_int(pthread_attr_init(&attr), 0);
	expect_int(pthread_attr_setstacksize(&attr, SMALL_STACK), 0);
	for (size_t i = 0; i < ROWS(answers); i++) {
		struct talk talk = { .answers = { answers[i] } };
		struct errand errand = { host_start(&host, "alice", &talk),
			PAM_ABORT };

		expect_int(pthread_create(&thread, &attr, authenticate,
			       &errand),
		    0);
		expect_int(pthread_join(thread, NULL), 0);
		expect_int(errand.result, i == 0 ? PAM_SUCCESS : PAM_AUTH_ERR);
		pam_end(errand.pamh, errand.result);
	}
	pthread_attr_destroy(&attr);
}

static void *
change_password(void *with)
{
	struct errand *errand = with;

	errand->result = pam_chauthtok(errand->pamh, 0);
	return NULL;
}

static void *
log_in_with_password(void *with)
{
	struct errand *errand = with;

	errand->result = pam_authenticate(errand->pamh, 0);
	if (errand->result == PAM_SUCCESS)
		errand->result = pam_acct_mgmt(errand->pamh, 0);
	return NULL;
}

TEST("it is enough to look passwords up, too")
{
	char both[64];
	struct {
		void *(*run)(void *);
		const char *answer;
		int result;
	} rows[] = {
		{ change_password, fresh, PAM_SUCCESS },
		{ change_password, "password", PAM_AUTHTOK_ERR },
		{ log_in_with_password, both, PAM_NEW_AUTHTOK_REQD },
	};
	AUTO_HOST struct host host;
	pthread_attr_t attr;
	pthread_t thread;

	with_list(&host);
	snprintf(both, sizeof both, "password%s", host_code(1000, NOON));
	expect_int(pthread_attr_init(&attr), 0);
	expect_int(pthread_attr_setstacksize(&attr, SMALL_STACK), 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct talk talk = { .answers = { rows[i].answer,
					 rows[i].answer } };
		struct errand errand = { host_start(&host, "alice", &talk),
			PAM_ABORT };

		expect_int(pthread_create(&thread, &attr, rows[i].run, &errand),
		    0);
		expect_int(pthread_join(thread, NULL), 0);
		expect_int(errand.result, rows[i].result);
		pam_end(errand.pamh, errand.result);
	}
	pthread_attr_destroy(&attr);
}

/* ---- conversations that do not come back, or come back twice ---- */

static jmp_buf way_out;

static void
jump_out(void)
{
	longjmp(way_out, 1);
}

static int
leave_by_jump(void *with)
{
	struct host *host = with;
	struct talk talk = { .answers = { "123456" }, .during = jump_out };
	pam_handle_t *pamh = host_start(host, "alice", &talk);

	if (setjmp(way_out) == 0)
		return pam_authenticate(pamh, 0);
	return host_try(host, "alice", host_code(1000, host_clock));
}

TEST("a caller that jumps out of its conversation can log in anew at once")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(scratch_child(leave_by_jump, &host), PAM_SUCCESS);
	expect_burnt(&host);
}

static void
exit_thread(void)
{
	pthread_exit(NULL);
}

static void
be_cancelled(void)
{
	(void)pthread_cancel(pthread_self());
	pthread_testcancel();
}

static int
leave_by_thread(struct host *host, void (*during)(void))
{
	struct talk talk = { .answers = { "123456" }, .during = during };
	struct errand errand = { host_start(host, "alice", &talk), PAM_ABORT };
	pthread_t thread;

	if (pthread_create(&thread, NULL, authenticate, &errand) != 0 ||
	    pthread_join(thread, NULL) != 0 || errand.result != PAM_ABORT)
		return CALLER_FAILED;
	return host_try(host, "alice", host_code(1000, host_clock));
}

static int
leave_by_exit(void *with)
{
	return leave_by_thread(with, exit_thread);
}

static int
leave_by_cancel(void *with)
{
	return leave_by_thread(with, be_cancelled);
}

TEST("a thread that ends in its conversation, or is cancelled, holds no lock")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(scratch_child(leave_by_exit, &host), PAM_SUCCESS);
	host_clock += 30;
	expect_int(scratch_child(leave_by_cancel, &host), PAM_SUCCESS);
	expect_burnt(&host);
}

static pid_t twin;

static void
fork_twin(void)
{
	if ((twin = fork()) == 0)
		pause();
}

TEST("a child that was forked in the conversation and lives on holds no lock")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) },
		.during = fork_twin };

	with_alice(&host, "");
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_next_opens(&host);
	kill(twin, SIGKILL);
	expect_int(waitpid(twin, NULL, 0), twin);
}

static void
fork_and_go_on(void)
{
	twin = fork();
}

TEST("if both sides of a fork in the conversation go on, one of them gets in")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) },
		.during = fork_and_go_on };
	pam_handle_t *pamh;
	int r, status = 0;

	with_alice(&host, "");
	pamh = host_start(&host, "alice", &talk);
	r = pam_authenticate(pamh, 0);
	if (twin == 0)
		_exit(r);
	expect_int(waitpid(twin, &status, 0), twin);
	expect(WIFEXITED(status));
	expect((r == PAM_SUCCESS) != (WEXITSTATUS(status) == PAM_SUCCESS));
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
}

TEST("a forked child that ends the transaction takes nothing from its parent")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };
	pam_handle_t *pamh;
	int status = 0;
	pid_t child;

	with_alice(&host, "");
	host_stack(&host, "auth required %M\naccount required %M guard\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	if ((child = fork()) == 0)
		_exit(pam_end(pamh, PAM_SUCCESS | PAM_DATA_SILENT));
	expect_int(waitpid(child, &status, 0), child);
	expect_int(status, 0);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	expect_int(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
}

/* ---- odd orders ---- */

TEST("account, credentials and sessions may come before, between and twice")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON),
				 host_code(1000, NOON + 6000) } };
	pam_handle_t *pamh;

	with_alice(&host, "");
	host_stack(&host, "auth required %M\n"
			  "account required %M guard\n"
			  "session required %M\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	(void)pam_setcred(pamh, PAM_DELETE_CRED);
	expect_int(pam_open_session(pamh, 0), PAM_SERVICE_ERR);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	for (int i = 0; i < 2; i++) {
		expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
		expect_int(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
		expect_int(pam_setcred(pamh, PAM_REFRESH_CRED), PAM_SUCCESS);
	}
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect_int(pam_close_session(pamh, 0), PAM_SERVICE_ERR);
	expect_int(pam_end(pamh, PAM_AUTH_ERR), PAM_SUCCESS);
}

TEST("transactions of two users in one process do not mix")
{
	AUTO_HOST struct host host;
	struct talk for_alice = { .answers = { host_code(1000, NOON) } };
	struct talk for_bob = { .answers = { host_code(1001, NOON + 6000) } };
	pam_handle_t *alice, *bob;

	with_alice(&host, "");
	host_enrol(&host, "bob", 1001);
	host_stack(&host, "auth required %M\naccount required %M guard\n");
	alice = host_start(&host, "alice", &for_alice);
	bob = host_start(&host, "bob", &for_bob);
	expect_int(pam_authenticate(alice, 0), PAM_SUCCESS);
	expect_int(pam_authenticate(bob, 0), PAM_AUTH_ERR);
	expect_int(pam_acct_mgmt(bob, 0), PAM_PERM_DENIED);
	expect_int(pam_acct_mgmt(alice, 0), PAM_SUCCESS);
	expect_int(pam_end(bob, PAM_AUTH_ERR), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(alice, 0), PAM_SUCCESS);
	expect_int(pam_end(alice, PAM_SUCCESS), PAM_SUCCESS);
}

/* ---- the delay, and the log ---- */

static struct host *waiting_host;
static int got_in_meanwhile;

static void
somebody_logs_in(int status, unsigned microseconds, void *data)
{
	(void)status;
	(void)microseconds;
	(void)data;
	got_in_meanwhile =
	    host_try(waiting_host, "alice", host_code(1000, host_clock));
}

TEST("while a refusal is delayed, its user's lock is free")
{
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { .function = somebody_logs_in };
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON + 6000) } };
	pam_handle_t *pamh;

	with_alice(&host, "");
	waiting_host = &host;
	got_in_meanwhile = PAM_ABORT;
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_set_item(pamh, PAM_FAIL_DELAY, delay.item), PAM_SUCCESS);
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(got_in_meanwhile, PAM_SUCCESS);
	expect_int(pam_end(pamh, PAM_AUTH_ERR), PAM_SUCCESS);
}

static int interruption; /* a signal */

static void
be_interrupted(int status, unsigned microseconds, void *data)
{
	(void)status;
	(void)microseconds;
	(void)data;
	raise(interruption);
}

static int
guess_and_leave(void *with)
{
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { .function = be_interrupted };
	struct talk talk = { .answers = { host_code(1000, NOON + 6000) } };
	pam_handle_t *pamh = host_start(with, "alice", &talk);

	if (pam_set_item(pamh, PAM_FAIL_DELAY, delay.item) != PAM_SUCCESS)
		return CALLER_FAILED;
	return pam_authenticate(pamh, 0);
}

TEST("who interrupts or hangs up while his refusal is delayed has been counted")
{
	static const int signals[] = { SIGINT, SIGHUP, SIGTERM, SIGKILL };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (size_t i = 0; i < ROWS(signals); i++) {
		interruption = signals[i];
		expect_int(scratch_child(guess_and_leave, &host),
		    128 + signals[i]);
		expect_int(host_failures(&host, 1000), i + 1);
	}
}

/* These stand in front of libc's, so that who calls them is found out. */
static int log_openings;

IN_FRONT void
openlog(const char *ident, int options, int facility)
{
	(void)ident;
	(void)options;
	(void)facility;
	log_openings++;
}

IN_FRONT void
closelog(void)
{
	log_openings++;
}

IN_FRONT int
setlogmask(int mask)
{
	log_openings++;
	return mask;
}

TEST("the caller's own name, options and mask in the system log stay")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	log_openings = 0;
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	expect_int(host_try(&host, "alice", "nonsense"), PAM_AUTH_ERR);
	expect(strstr(host_log, "event=accepted") != NULL);
	expect_int(log_openings, 0);
}

/* ---- names ---- */

/* A program's own functions with names of the module's, and such as many
 * programs have.  It exports them, and is searched before the module. */
static int mistaken;

#define OWN(name) \
	IN_FRONT int name(void); \
	int name(void) \
	{ \
		mistaken++; \
		return -1; \
	}
OWN(conv_ask)
OWN(conv_tell)
OWN(conv_user)
OWN(outcome_error)
OWN(outcome_judgement)
OWN(outcome_passage)
OWN(hmac_init)
OWN(hotp)
OWN(md5_init)
OWN(sha1_init)
OWN(sha256_init)
OWN(totp)

TEST("a program's own functions of the same names are not mistaken for ours")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	mistaken = 0;
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTH_ERR);
	expect_int(mistaken, 0);
	expect_int(conv_ask(), -1);
	expect_int(mistaken, 1);
}

/* ---- what is left in memory ---- */

enum { LINKS = 16 }; /* bytes that malloc writes over in what is freed */

/* In a form that is not what is looked for. */
struct secret {
	uint8_t inverted[64];
	size_t n;
};

static void
add_byte(struct secret *secret, char byte)
{
	if (secret->n < sizeof secret->inverted)
		secret->inverted[secret->n++] = (uint8_t)~byte;
}

static bool
is_secret(const uint8_t *at, const struct secret *secret)
{
	for (size_t i = 0; i < secret->n; i++)
		if ((at[i] ^ secret->inverted[i]) != 0xff)
			return false;
	return true;
}

/* In all that this process may write to. */
static bool
in_memory(const struct secret *secret)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	char line[1024], access[5];
	bool found = maps == NULL;

	while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, access) != 3 ||
		    access[0] != 'r' || access[1] != 'w')
			continue;
		for (; from + secret->n <= to; from++)
			found |= is_secret((const uint8_t *)from, secret);
	}
	if (maps != NULL)
		fclose(maps);
	return found;
}

static bool
learn_host_key(struct secret *secret, const char *folder)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dir, "../etc/store.key", O_RDONLY | O_CLOEXEC);
	char byte;

	while (read(fd, &byte, 1) == 1)
		add_byte(secret, byte);
	close(fd);
	close(dir);
	return secret->n == 32;
}

/* Without the program's own copy of the answer, which shows before that what
 * is in memory is found. */
static bool
is_forgotten(char *answer, const char *folder)
{
	static const char phone[] = "345678901234567890"; /* most of its key */
	struct secret typed = { .n = 0 }, seed = { .n = 0 }, key = { .n = 0 };
	const char *end = answer + (strlen(answer) > LINKS ? LINKS : 0);
	bool found;

	for (const char *c = end; *c != '\0'; c++)
		add_byte(&typed, *c);
	for (const char *c = phone; *c != '\0'; c++)
		add_byte(&seed, *c);
	found = in_memory(&typed);
	explicit_bzero(answer, strlen(answer));
	return found && learn_host_key(&key, folder) && !in_memory(&typed) &&
	       !in_memory(&seed) && !in_memory(&key);
}

/* ---- a caller of its own: environment and stack from the start ---- */

/* This program, started again with a variable that says so, is a caller that
 * knows no tests: it logs alice in and ends with PAM's answer.  Only so are
 * libraries loaded and a stack made under what it was started with. */
static const char guest_variable[] = "SALLYPORT_GUEST";
static const char memory_variable[] = "SALLYPORT_GUEST_LOOKS_AT_MEMORY";
static char *guest_answer;

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *response = calloc(1, sizeof *response);

	(void)data;
	if (response == NULL || count != 1)
		return PAM_BUF_ERR;
	*responses = response;
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF)
		response->resp = strdup(guest_answer);
	return PAM_SUCCESS;
}

/* Instead of sleeping. */
static void
do_not_wait(int status, unsigned microseconds, void *data)
{
	(void)status;
	(void)microseconds;
	(void)data;
}

/* "ANSWER FOLDER-OF-STACKS" */
__attribute__((constructor)) static void
be_guest(void)
{
	const struct pam_conv conv = { converse, NULL };
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { .function = do_not_wait };
	char *words = getenv(guest_variable), *folder;
	pam_handle_t *pamh = NULL;
	int r;

	if (words == NULL)
		return;
	if ((folder = strchr(words, ' ')) == NULL)
		_exit(CALLER_FAILED);
	*folder++ = '\0';
	guest_answer = words;
	r = pam_start_confdir("test", "alice", &conv, folder, &pamh);
	if (r != PAM_SUCCESS ||
	    pam_set_item(pamh, PAM_FAIL_DELAY, delay.item) != PAM_SUCCESS)
		_exit(CALLER_FAILED);
	r = pam_authenticate(pamh, PAM_SILENT);
	if (getenv(memory_variable) != NULL &&
	    !is_forgotten(guest_answer, folder))
		_exit(SECRETS_LEFT);
	_exit(pam_end(pamh, r) == PAM_SUCCESS ? r : CALLER_FAILED);
}

struct guest {
	const char *const *environment;
	char words[512];
	rlim_t stack; /* 0: as it is */
};

static int
become_guest(void *with)
{
	const struct guest *guest = with;
	const char *environment[32] = { guest->words };
	const struct caller limits = { .which = RLIMIT_STACK,
		.limit = guest->stack };
	char *const arguments[] = { (char *)(uintptr_t) "guest", NULL };
	size_t count = 1;

	for (size_t i = 0; guest->environment[i] != NULL; i++)
		environment[count++] = guest->environment[i];
	if (!plug_pipes(NULL) || (guest->stack != 0 && !set_limit(&limits)))
		return CALLER_FAILED;
	(void)execve("/proc/self/exe", arguments,
	    (char *const *)(uintptr_t)environment);
	return CALLER_FAILED;
}

static int
as_guest(struct host *host, const char *const *environment, rlim_t stack,
    const char *answer)
{
	struct guest guest = { .environment = environment, .stack = stack };

	snprintf(guest.words, sizeof guest.words, "%s=%s %s", guest_variable,
	    answer, host->conf_dir);
	return scratch_child(become_guest, &guest);
}

/* A right code, its replay, and a wrong one. */
static void
expect_ordinary(const char *const *environment, rlim_t stack)
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(as_guest(&host, environment, stack, host_code(1000, NOON)),
	    PAM_SUCCESS);
	expect_int(as_guest(&host, environment, stack, host_code(1000, NOON)),
	    PAM_AUTH_ERR);
	expect_int(as_guest(&host, environment, stack,
		       host_code(1000, NOON + 6000)),
	    PAM_AUTH_ERR);
	expect_next_opens(&host);
}

TEST("a hostile environment changes no answer, and makes nobody talk")
{
	static const char *const hostile[] = { "TZ=:/dev/tty",
		"LC_ALL=tr_TR.UTF-8", "LANG=xx", "LANGUAGE=../../x",
		"LOCPATH=/nowhere", "NLSPATH=/nowhere/%N", "HOME=/nowhere",
		"PATH=", "USER=root", "LOGNAME=root", "SHELL=/bin/false",
		"LD_LIBRARY_PATH=/nowhere", "LD_BIND_NOW=1", "LD_ORIGIN_PATH=/",
		"MALLOC_CHECK_=3", "MALLOC_PERTURB_=165", "MALLOC_ARENA_MAX=1",
		"GLIBC_TUNABLES=glibc.malloc.perturb=85", "GCONV_PATH=/nowhere",
		"RES_OPTIONS=debug", "HOSTALIASES=/x", "TMPDIR=/nowhere",
		"IFS=x", "SALLYPORT_CONFIG=/nowhere", "POSIXLY_CORRECT=1",
		NULL };

	open_pipes();
	expect_ordinary(hostile, 0);
	expect_silence();
}

TEST("no environment at all changes no answer")
{
	static const char *const nothing[] = { NULL };

	open_pipes();
	expect_ordinary(nothing, 0);
	expect_silence();
}

TEST("whatever nettle's own variable makes it print, the answer is the same")
{
	static const char *const loud[] = { "NETTLE_FAT_VERBOSE=1", NULL };

	open_pipes();
	expect_ordinary(loud, 0);
	close_pipes();
}

TEST("a program with a stack of 128 KiB logs people in")
{
	static const char *const nothing[] = { NULL };

	if (test_sanitized())
		NOT_TESTED("a sanitizer's frames are larger");
	open_pipes();
	expect_ordinary(nothing, 128 * 1024);
	expect_silence();
}

TEST("no key and nothing that was typed is left in the program's memory")
{
	static const char *const looks[] = {
		"SALLYPORT_GUEST_LOOKS_AT_MEMORY=1", NULL
	};

	if (test_sanitized())
		NOT_TESTED("a sanitizer's shadow memory has no end");
	open_pipes();
	expect_ordinary(looks, 0);
	expect_silence();
}

TEST("so it is with a recovery code, and where both are typed at once")
{
	static const char *const looks[] = {
		"SALLYPORT_GUEST_LOOKS_AT_MEMORY=1", NULL
	};
	AUTO_HOST struct host host;
	char both[64];

	if (test_sanitized())
		NOT_TESTED("a sanitizer's shadow memory has no end");
	with_alice(&host, "");
	open_pipes();
	expect_int(as_guest(&host, looks, 0, host_recovery(1000, 0)),
	    PAM_SUCCESS);
	host_stack(&host, "auth required %M split\n"
			  "auth required %M use_split\n");
	snprintf(both, sizeof both, "correct-horse-battery%s",
	    host_code(1000, NOON + 6000));
	expect_int(as_guest(&host, looks, 0, both), PAM_AUTH_ERR);
	close_pipes();
}
