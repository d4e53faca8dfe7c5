/*
 * An attempt and an enrolment of which one thing goes wrong, whichever it is:
 * killed at any system call, any call failing for any reason, any allocation
 * failing, any read and write short.  What has to hold after each stands in
 * right_code_holds(), wrong_code_holds() and the three for enrolments.
 */
#undef _FORTIFY_SOURCE /* its inline pread would be in front of ours */

#include "breach_list.h"
#include "host.h"
#include "mem.h"
#include "sweep.h"
#include "sweep_alloc.h"
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define IN_FRONT    __attribute__((visibility("default")))

#define ENROLMENT  "store/1000.enrolment"
#define STATE	   "store/1000.state"
#define UNFINISHED "store/1000.enrolment.new"
#define STORED	   "stored" /* by the line behind ours */

enum { FILE_MOST = 65536, WRONG_BEFORE = 2 };

/* Why a call may fail: first the reasons that anything asks for or that stand
 * for a kind of trouble, then more of the same.  ENOENT is not among them: it
 * is an answer, and has tests of its own. */
static const int reasons[] = { EIO, ENOSPC, ENOSYS, EPERM, EINTR, EAGAIN,
	EACCES, ENOMEM, EDQUOT, EROFS, EFBIG, EMFILE, ENFILE, EINVAL, EBADF,
	ELOOP, ENOLCK, ESTALE, EBUSY, ENOTDIR, EOVERFLOW, ETIMEDOUT };
static const int nothing_there[] = { ENOENT };
enum { REASONS_SANITIZED = 2, REASONS_LASTING = 4, REASONS_SHORT = 6 };

/* ---- what is being tried, and what came of it ---- */

static char now[200];

#define must(condition) \
	do { \
		if (!(condition)) \
			fail_msg("%s: not so: %s", now, #condition); \
	} while (0)

/* What a child leaves for us to read. */
static struct report {
	int result; /* of what was tried; NO_RESULT: it did not come so far */
	int fds_before, fds_after;
	bool mask_kept;
	bool reached; /* the fault */
} * report;

enum { NO_RESULT = 1000 };

/* A child that does not say otherwise changed nothing. */
static void
report_new(void)
{
	if (report == NULL)
		report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(report != MAP_FAILED);
	*report = (struct report){ .result = NO_RESULT, .mask_kept = true };
}

/* The signals held back, as bits. */
static uint64_t
signal_mask(void)
{
	uint64_t bits = 0;
	sigset_t mask;

	(void)sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int n = 1; n < 64; n++)
		if (sigismember(&mask, n) == 1)
			bits |= UINT64_C(1) << n;
	return bits;
}

static int
count_fds(void)
{
	DIR *list = opendir("/proc/self/fd");
	int count = 0;

	while (list != NULL && readdir(list) != NULL)
		count++;
	if (list != NULL)
		(void)closedir(list);
	return count;
}

/* ---- reads and writes that move less than asked for ---- */

static struct {
	unsigned calls, at; /* counted while at is not 0 */
	bool all;	    /* from that one on */
	size_t most;	    /* bytes that it moves; 0: half of them */
} transfer;

static size_t
share(size_t n)
{
	size_t most = transfer.most > 0 ? transfer.most : n / 2;

	if (transfer.at == 0 || ++transfer.calls < transfer.at ||
	    (transfer.calls > transfer.at && !transfer.all))
		return n;
	return most > 0 && most < n ? most : n;
}

IN_FRONT ssize_t
pread(int fd, void *buffer, size_t n, off_t offset)
{
	struct iovec part = { buffer, share(n) };

	return preadv(fd, &part, 1, offset);
}

IN_FRONT ssize_t
pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)buffer, share(n) };

	return pwritev(fd, &part, 1, offset);
}

IN_FRONT ssize_t
getrandom(void *buffer, size_t n, unsigned flags)
{
	return syscall(SYS_getrandom, buffer, share(n), flags);
}

/* ---- the scene ---- */

struct bytes {
	bool there;
	size_t n;
	uint8_t at[STATE_FILE_BYTES];
};

/* A host on which one thing is tried again and again, always from the same
 * files. */
struct scene {
	struct host host;
	struct talk talk;
	pam_handle_t *pamh; /* ready to authenticate, in each child */
	char answer[64];
	int64_t next; /* seconds until a code that is not spent with it */
	struct bytes enrolment, state;
	int (*act)(struct scene *scene); /* what is tried */
	struct record *record; /* to enrol; not in memory that a fork wipes */
	unsigned fault_at;     /* the transfer or allocation, from 1 */
	bool fault_stays;      /* and all after it */
	size_t fault_bytes;
};

/* libpam's program has no memory left either, but minds it. */
static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct scene *scene = data;
	struct pam_response *response = calloc(1, sizeof *response);

	if (response == NULL || count != 1)
		return PAM_BUF_ERR;
	*responses = response;
	if (messages[0]->msg_style != PAM_PROMPT_ECHO_OFF)
		return PAM_SUCCESS;
	response->resp = strdup(scene->answer);
	return response->resp != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int
act_login(struct scene *scene)
{
	return pam_authenticate(scene->pamh, 0);
}

static void
keep_file(const struct scene *scene, const char *name, struct bytes *bytes)
{
	bytes->there = scratch_has(&scene->host.scratch, name);
	if (bytes->there)
		bytes->n = scratch_read(&scene->host.scratch, name, bytes->at,
		    sizeof bytes->at);
}

static void
put_back(const struct scene *scene, const char *name, const struct bytes *bytes)
{
	if (bytes->there)
		scratch_write(&scene->host.scratch, name, bytes->at, bytes->n);
	else
		(void)unlink(scratch_path(&scene->host.scratch, name));
}

static void
scene_keep(struct scene *scene)
{
	keep_file(scene, ENROLMENT, &scene->enrolment);
	keep_file(scene, STATE, &scene->state);
}

static void
scene_reset(struct scene *scene)
{
	host_clock = NOON;
	host_log[0] = '\0';
	put_back(scene, ENROLMENT, &scene->enrolment);
	put_back(scene, STATE, &scene->state);
	(void)unlink(scratch_path(&scene->host.scratch, UNFINISHED));
	(void)unlink(scratch_path(&scene->host.scratch, STORED));
	report_new();
}

/* Alice, enrolled, who answers so to this stack. */
static void
scene_new(struct scene *scene, const char *settings, const char *stack,
    const char *answer)
{
	struct pam_conv conv = { converse, scene };

	memset(scene, 0, sizeof *scene);
	snprintf(now, sizeof now, "making a scene");
	scratch_in_memory();
	host_new(&scene->host, settings);
	host_enrol(&scene->host, "alice", 1000);
	host_stack(&scene->host, stack);
	snprintf(scene->answer, sizeof scene->answer, "%s", answer);
	scene->next = 30;
	scene->act = act_login;
	scene->pamh = host_start(&scene->host, "alice", &scene->talk);
	must(pam_set_item(scene->pamh, PAM_CONV, &conv) == PAM_SUCCESS);
	scene_keep(scene);
}

static void
scene_free(struct scene *scene)
{
	if (scene->pamh != NULL)
		(void)pam_end(scene->pamh, PAM_SUCCESS);
	free(scene->record);
	host_free(&scene->host);
}
#define AUTO_SCENE __attribute__((cleanup(scene_free)))

/* In the child: what is tried, and the process before and after. */
static int
play(void *with)
{
	struct scene *scene = with;
	uint64_t mask = signal_mask();
	int result;

	report->fds_before = count_fds();
	sweep_begin();
	result = scene->act(scene);
	sweep_end();
	report->fds_after = count_fds();
	report->mask_kept = signal_mask() == mask;
	report->result = result;
	return 0;
}

static bool
try_once(struct scene *scene, struct sweep *sweep)
{
	scene_reset(scene);
	return sweep_run(sweep, play, scene);
}

/* Alice's record as it is, in memory that a child sees too. */
static struct record *
copy_of_record(const struct scene *scene)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct record *copy = calloc(1, sizeof *copy);
	struct trouble why;

	must(copy != NULL);
	must(store_open(&scene->host.scratch.settings, &why, &store) == 0);
	must(store_read(store, 1000, &txn) == 0);
	*copy = *store_record(txn);
	return copy;
}

/* ---- what has to hold ---- */

static const char *
files_in_store(const struct scene *scene)
{
	static char text[1024];
	struct dirent **entries;
	int count = scandir(scratch_path(&scene->host.scratch, "store"),
	    &entries, NULL, alphasort);

	text[0] = '\0';
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.') {
			strcat(text, " ");
			strcat(text, entries[i]->d_name);
		}
		free(entries[i]);
	}
	must(count >= 0);
	free(entries);
	return text;
}

static bool
store_has(const struct scene *scene, const char *files)
{
	return strcmp(files_in_store(scene), files) == 0;
}

static const char both[] = " 1000.enrolment 1000.state marker";
static const char neither[] = " marker";
static const char state_alone[] = " 1000.state marker";
static const char unfinished[] = " 1000.enrolment.new 1000.state marker";
static const char replaced_unfinished[] =
    " 1000.enrolment 1000.enrolment.new 1000.state marker";

/* host_enrol's keys are those of RFC 6238 but for their first two bytes. */
static bool
holds_secret(const struct scene *scene, const char *name)
{
	static uint8_t bytes[FILE_MOST];
	const char *secrets[] = { "345678901234567890",
		"GY3TQOJQGEZDGNBVGY3TQOJQ", host_code(1000, NOON),
		host_code(1000, NOON + 30), host_recovery(1000, 0) };
	size_t n =
	    scratch_read(&scene->host.scratch, name, bytes, sizeof bytes);

	for (size_t i = 0; i < ROWS(secrets); i++)
		if (memmem(bytes, n, secrets[i], strlen(secrets[i])) != NULL)
			return true;
	return false;
}

static void
no_secrets(const struct scene *scene)
{
	static const char *const names[] = { ENROLMENT, STATE, UNFINISHED };

	for (size_t i = 0; i < ROWS(names); i++)
		must(!scratch_has(&scene->host.scratch, names[i]) ||
		     !holds_secret(scene, names[i]));
	must(strstr(host_log, host_code(1000, NOON)) == NULL);
}

/* The program that we were a guest in lives, and is as it was.  A close that
 * was not made keeps its file open, a mask not set is as it was before: that
 * is the fault itself. */
static void
caller_holds(const struct sweep *sweep)
{
	if (sweep->how == SWEEP_KILL && sweep->reached) {
		must(sweep->status == 128 + SIGKILL);
		return;
	}
	must(sweep->status == 0);
	must(report->result != NO_RESULT);
	if (!sweep->reached || sweep->call != SYS_close)
		must(report->fds_after == report->fds_before);
	if (!sweep->reached || sweep->call != SYS_rt_sigprocmask)
		must(report->mask_kept);
}

/* A right code opens once; what came of it or not, the next one opens. */
static void
right_code_holds(struct scene *scene, const struct sweep *sweep)
{
	caller_holds(sweep);
	must(store_has(scene, both));
	no_secrets(scene);
	if (report->result != PAM_SUCCESS)
		(void)host_try(&scene->host, "alice", scene->answer);
	must(host_try(&scene->host, "alice", scene->answer) == PAM_AUTH_ERR);
	host_clock = NOON + scene->next;
	must(host_try(&scene->host, "alice", host_code(1000, host_clock)) ==
	     PAM_SUCCESS);
}

/* A wrong code neither opens nor passes (the next line of its stack would let
 * it in), is counted where it is called wrong, forgets none before it, and
 * costs a right one nothing. */
static void
wrong_code_holds(struct scene *scene, const struct sweep *sweep)
{
	bool called_wrong = report->result == PAM_AUTH_ERR;
	unsigned more = host_failures(&scene->host, 1000) - WRONG_BEFORE;

	must(report->result != PAM_SUCCESS);
	must(more == 1 || (more == 0 && !called_wrong));
	caller_holds(sweep);
	must(store_has(scene, both));
	no_secrets(scene);
	must(host_try(&scene->host, "alice", host_code(1000, NOON)) ==
	     PAM_SUCCESS);
}

typedef void holds(struct scene *scene, const struct sweep *sweep);

/* ---- sweeping ---- */

/* Counts what is tried without a fault; leaves the test where there are no
 * means. */
static unsigned
control(struct scene *scene, struct sweep *sweep, int result)
{
	snprintf(now, sizeof now, "without a fault");
	if (!try_once(scene, sweep))
		NOT_TESTED("no program may watch another's system calls here");
	caller_holds(sweep);
	must(report->result == result);
	must(sweep->calls > 0 && !sweep->reached);
	return sweep->calls;
}

static bool
disturb(struct scene *scene, struct sweep *sweep, holds *hold)
{
	snprintf(now, sizeof now, "call %u, way %d, errno %d", sweep->at,
	    (int)sweep->how, sweep->error);
	try_once(scene, sweep);
	snprintf(now, sizeof now, "call %u (%s), way %d, %s: got %d", sweep->at,
	    sweep->reached ? sweep_name(sweep->call) : "not reached",
	    (int)sweep->how, strerror(sweep->error), report->result);
	hold(scene, sweep);
	return sweep->reached;
}

static void
kill_everywhere(struct scene *scene, struct sweep sweep, int result,
    holds *hold)
{
	unsigned calls = control(scene, &sweep, result);

	sweep.how = SWEEP_KILL;
	for (sweep.at = 1; disturb(scene, &sweep, hold); sweep.at++)
		must(sweep.at < 2 * calls);
	must(sweep.at + 2 >= calls);
	print_message("# killed at %u system calls\n", sweep.at - 1);
}

/* How many of the reasons are tried.  What fails for good fails for those that
 * are no reason to try again. */
static size_t
reasons_for(enum sweep_how how)
{
	size_t most =
	    how == SWEEP_FAIL_ON ? (size_t)REASONS_LASTING : ROWS(reasons);
	size_t count = test_sanitized() ? (size_t)REASONS_SANITIZED
					: (size_t)REASONS_SHORT;

	if (test_long() || count >= most)
		return most;
	print_message("# %zu reasons of %zu; SALLYPORT_LONG=1 tries all\n",
	    count, most);
	return count;
}

static void
fail_for(const int *errors, size_t count, struct scene *scene,
    struct sweep sweep, int result, holds *hold)
{
	enum sweep_how how = sweep.how;
	unsigned calls, faults = 0, before;

	sweep.how = SWEEP_WATCH;
	calls = control(scene, &sweep, result);
	sweep.how = how;
	sweep.at = 1;
	do {
		before = faults;
		for (size_t i = 0; i < count; i++) {
			sweep.error = errors[i];
			if (disturb(scene, &sweep, hold))
				faults++;
		}
		must(sweep.at++ < 2 * calls);
	} while (faults > before);
	must(sweep.at + 2 >= calls);
	print_message("# %u system calls failed, for %zu reasons each\n",
	    sweep.at - 2, count);
}

static void
fail_everywhere(struct scene *scene, struct sweep sweep, enum sweep_how how,
    int result, holds *hold)
{
	sweep.how = how;
	fail_for(reasons, reasons_for(how), scene, sweep, result, hold);
}

/* An attempt ends where libpam begins to tell the kernel's audit of it. */
static struct sweep
of_attempt(void)
{
	struct sweep sweep = sweep_whole;

	sweep.last = SWEEP_SOCKET;
	return sweep;
}

static const char ours_alone[] = "auth required %M explain\n";

/* What we ignore, the next line lets in. */
static const char permissive[] = "auth required %M\n"
				 "auth required pam_permit.so\n";

static const char optional[] = "enrolment = optional\n";

static void
right_scene(struct scene *scene)
{
	scene_new(scene, "", ours_alone, host_code(1000, NOON));
}

/* Not the first wrong codes. */
static void
guess_before(struct scene *scene)
{
	for (int i = 0; i < WRONG_BEFORE; i++)
		must(host_try(&scene->host, "alice",
			 host_code(1000, NOON + 6000)) == PAM_AUTH_ERR);
	scene_keep(scene);
}

static void
wrong_scene(struct scene *scene)
{
	scene_new(scene, optional, permissive, host_code(1000, NOON + 6000));
	guess_before(scene);
}

/* Which spends the codes of now and of the step after, too. */
static void
recovery_scene(struct scene *scene)
{
	scene_new(scene, optional, ours_alone, host_recovery(1000, 3));
	scene->next = 90;
}

/* ---- the attempt, call by call ---- */

TEST("a watched attempt makes the calls that are to be disturbed")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	right_scene(&scene);
	expect(control(&scene, &sweep, PAM_SUCCESS) > 20);
	expect(sweep.seen[SYS_openat2] >= 3);
	expect(sweep.seen[SYS_preadv] >= 4);
	expect(sweep.seen[SWEEP_FCNTL] >= 2);
	expect_int(sweep.seen[SYS_pwritev], 1);
	expect_int(sweep.seen[SYS_fdatasync], 1);
	expect_int(sweep.seen[SYS_fsync], 0);
	right_code_holds(&scene, &sweep);
}

TEST("a call that is told to fail fails, and a child killed at it is dead")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	right_scene(&scene);
	control(&scene, &sweep, PAM_SUCCESS);
	sweep.how = SWEEP_FAIL_ALL;
	sweep.kind = SYS_fdatasync;
	sweep.error = EIO;
	try_once(&scene, &sweep);
	expect(sweep.reached);
	expect_int(report->result, PAM_AUTHINFO_UNAVAIL);
	sweep.how = SWEEP_KILL;
	sweep.at = 5;
	try_once(&scene, &sweep);
	expect(sweep.reached);
	expect_int(sweep.calls, 5);
	expect_int(sweep.status, 128 + SIGKILL);
	expect_int(report->result, NO_RESULT);
}

TEST("a secret in a file would be found")
{
	AUTO_SCENE struct scene scene;
	struct authenticator *phone;
	char base32[BASE32_SIZE(TOTP_KEY_MOST)];

	right_scene(&scene);
	scene.record = copy_of_record(&scene);
	phone = &scene.record->authenticators[0];
	expect(!holds_secret(&scene, STATE));
	scratch_write(&scene.host.scratch, "bytes", phone->key, phone->key_len);
	expect(holds_secret(&scene, "bytes"));
	expect_int(base32_encode(phone->key, phone->key_len, base32), 0);
	scratch_write_text(&scene.host.scratch, "text", base32);
	expect(holds_secret(&scene, "text"));
}

TEST("killed at any system call, a right code opens once and never twice")
{
	AUTO_SCENE struct scene scene;

	right_scene(&scene);
	kill_everywhere(&scene, of_attempt(), PAM_SUCCESS, right_code_holds);
}

TEST("killed at any system call, a wrong code costs a right one nothing")
{
	AUTO_SCENE struct scene scene;

	wrong_scene(&scene);
	kill_everywhere(&scene, of_attempt(), PAM_AUTH_ERR, wrong_code_holds);
}

TEST("killed at any system call, a recovery code opens once and never twice")
{
	AUTO_SCENE struct scene scene;

	recovery_scene(&scene);
	kill_everywhere(&scene, of_attempt(), PAM_SUCCESS, right_code_holds);
}

TEST("whichever call fails once, for whatever reason, a right code opens once")
{
	AUTO_SCENE struct scene scene;

	right_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_SUCCESS,
	    right_code_holds);
}

TEST("whichever call fails once, a wrong code never opens, even where optional")
{
	AUTO_SCENE struct scene scene;

	wrong_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_AUTH_ERR,
	    wrong_code_holds);
}

TEST("whichever call fails once, a recovery code opens once")
{
	AUTO_SCENE struct scene scene;

	recovery_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_SUCCESS,
	    right_code_holds);
}

TEST("whichever call fails from then on, a right code opens once")
{
	AUTO_SCENE struct scene scene;

	right_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL_ON, PAM_SUCCESS,
	    right_code_holds);
}

TEST("whichever call fails from then on, a wrong code never opens")
{
	AUTO_SCENE struct scene scene;

	wrong_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL_ON, PAM_AUTH_ERR,
	    wrong_code_holds);
}

/* ---- calls that find nothing ---- */

/* Where a code is always required, also who is not enrolled is refused. */
static void
required_holds(struct scene *scene, const struct sweep *sweep)
{
	must(report->result != PAM_SUCCESS);
	caller_holds(sweep);
	must(store_has(scene, both));
	must(host_try(&scene->host, "alice", host_code(1000, NOON)) ==
	     PAM_SUCCESS);
}

TEST("whichever call finds nothing there, a wrong code never opens")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	scene_new(&scene, "", permissive, host_code(1000, NOON + 6000));
	sweep.how = SWEEP_FAIL;
	fail_for(nothing_there, 1, &scene, sweep, PAM_AUTH_ERR, required_holds);
}

TEST("whichever call finds nothing there, a right code opens once")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	right_scene(&scene);
	sweep.how = SWEEP_FAIL;
	fail_for(nothing_there, 1, &scene, sweep, PAM_SUCCESS,
	    right_code_holds);
}

static unsigned passes; /* attempts that were not refused */

static void
few_pass(struct scene *scene, const struct sweep *sweep)
{
	if (report->result == PAM_SUCCESS) {
		must(sweep->call == SYS_openat2);
		passes++;
	} else {
		required_holds(scene, sweep);
	}
}

/* And that only before the code was asked for. */
TEST("where it is optional, a missing enrolment alone is proof of absence")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	wrong_scene(&scene);
	passes = 0;
	sweep.how = SWEEP_FAIL;
	fail_for(nothing_there, 1, &scene, sweep, PAM_AUTH_ERR, few_pass);
	expect_int(passes, 1);
}

/* ---- a guard ---- */

static int
act_account(struct scene *scene)
{
	return pam_acct_mgmt(scene->pamh, 0);
}

static void
guard_holds(struct scene *scene, const struct sweep *sweep)
{
	must(report->result != PAM_SUCCESS);
	caller_holds(sweep);
	must(store_has(scene, both));
}

/* Optional, so that it has to look whether she is enrolled. */
static void
guard_scene(struct scene *scene)
{
	scene_new(scene, optional,
	    "account required %M guard\naccount required pam_permit.so\n", "");
	scene->act = act_account;
}

TEST("whichever call fails, a guard lets in nobody who gave no code")
{
	AUTO_SCENE struct scene scene;

	guard_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_PERM_DENIED,
	    guard_holds);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL_ON, PAM_PERM_DENIED,
	    guard_holds);
}

/* ---- an offer ---- */

static int
act_offer(struct scene *scene)
{
	int r = pam_authenticate(scene->pamh, 0);

	return r == PAM_SUCCESS ? pam_acct_mgmt(scene->pamh, 0) : r;
}

static void
offer_holds(struct scene *scene, const struct sweep *sweep)
{
	must(report->result != PAM_SUCCESS);
	caller_holds(sweep);
	must(!scratch_has(&scene->host.scratch, ENROLMENT));
}

/* Alice is not enrolled, and has no code. */
static void
offer_scene(struct scene *scene)
{
	scene_new(scene, "enrolment = offered\n",
	    "auth required %M\nauth required pam_permit.so\n"
	    "account required %M\naccount required pam_permit.so\n",
	    "no code");
	must(unlink(scratch_path(&scene->host.scratch, ENROLMENT)) == 0);
	must(unlink(scratch_path(&scene->host.scratch, STATE)) == 0);
	scene_keep(scene);
	scene->act = act_offer;
}

TEST("whichever call fails, an offer lets nobody past who gave no code")
{
	AUTO_SCENE struct scene scene;

	offer_scene(&scene);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL, PAM_PERM_DENIED,
	    offer_holds);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL_ON, PAM_PERM_DENIED,
	    offer_holds);
}

/* ---- what must not refuse a right code ---- */

/* The calls that a signal may end early; close among them has closed. */
static bool
may_be_interrupted(long call)
{
	static const long calls[] = { SYS_openat, SYS_openat2, SYS_preadv,
		SYS_pwritev, SYS_read, SYS_write, SWEEP_FCNTL, SYS_fdatasync,
		SYS_fsync, SYS_close, SYS_getrandom };

	for (size_t i = 0; i < ROWS(calls); i++)
		if (calls[i] == call)
			return true;
	return false;
}

static void
interruption_holds(struct scene *scene, const struct sweep *sweep)
{
	if (sweep->reached && may_be_interrupted(sweep->call))
		must(report->result == PAM_SUCCESS);
	right_code_holds(scene, sweep);
}

TEST("an interruption of any call that may have one refuses no right code")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();
	unsigned calls;

	right_scene(&scene);
	calls = control(&scene, &sweep, PAM_SUCCESS);
	sweep.how = SWEEP_FAIL;
	sweep.error = EINTR;
	for (sweep.at = 1; disturb(&scene, &sweep, interruption_holds);)
		sweep.at++;
	expect(sweep.at + 2 >= calls);
}

/* An old kernel, a container, a sandbox, a hardened limit. */
TEST("where openat2, mlock and madvise are unknown or forbidden, a code opens")
{
	static const long calls[] = { SYS_openat2, SYS_mlock, SYS_madvise };
	static const int errors[] = { ENOSYS, EPERM };
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	right_scene(&scene);
	control(&scene, &sweep, PAM_SUCCESS);
	sweep.how = SWEEP_FAIL_ALL;
	for (size_t i = 0; i < ROWS(calls) * ROWS(errors); i++) {
		sweep.kind = calls[i / 2];
		sweep.error = errors[i % 2];
		disturb(&scene, &sweep, interruption_holds);
		must(report->result == PAM_SUCCESS);
		must(sweep.reached || test_sanitized());
	}
}

/* A lease of another program makes opening without waiting fail so. */
TEST("a file that cannot be opened now, and never can, ends in a refusal")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = of_attempt();

	right_scene(&scene);
	control(&scene, &sweep, PAM_SUCCESS);
	sweep.how = SWEEP_FAIL_ALL;
	sweep.kind = SYS_openat2;
	sweep.error = EAGAIN;
	disturb(&scene, &sweep, right_code_holds);
	must(sweep.reached && report->result != PAM_SUCCESS);
}

/* ---- short reads and writes ---- */

/* In the child: with transfers from the at-th on, or it alone, cut short. */
static int
play_short(void *with)
{
	struct scene *scene = with;

	transfer.at = scene->fault_at;
	transfer.all = scene->fault_stays;
	transfer.most = scene->fault_bytes;
	report->result = scene->act(scene);
	report->reached = transfer.calls >= transfer.at;
	return 0;
}

/* Tries with each transfer short in turn, and with all.  Nothing else may come
 * of it than without. */
static void
shorten_everywhere(struct scene *scene, int result, holds *hold)
{
	static const size_t bytes[] = { 1, 7, 0 };
	struct sweep none = sweep_whole;

	for (size_t i = 0; i < ROWS(bytes); i++) {
		scene->fault_bytes = bytes[i];
		scene->fault_stays = true;
		scene->fault_at = 0;
		do {
			scene->fault_at++;
			scene_reset(scene);
			snprintf(now, sizeof now, "transfer %u, %zu bytes%s",
			    scene->fault_at, bytes[i],
			    scene->fault_stays ? ", and all after it" : "");
			none.status = scratch_child(play_short, scene);
			must(report->result == result);
			hold(scene, &none);
			scene->fault_stays = false;
		} while (report->reached);
		must(scene->fault_at > 5);
	}
}

TEST("short reads and writes refuse no right code, and burn it")
{
	AUTO_SCENE struct scene scene;
	AUTO_SCENE struct scene other;

	right_scene(&scene);
	shorten_everywhere(&scene, PAM_SUCCESS, right_code_holds);
	recovery_scene(&other);
	shorten_everywhere(&other, PAM_SUCCESS, right_code_holds);
}

TEST("short reads and writes let no wrong code in, and count it")
{
	AUTO_SCENE struct scene scene;

	wrong_scene(&scene);
	shorten_everywhere(&scene, PAM_AUTH_ERR, wrong_code_holds);
}

/* ---- memory that runs out ---- */

static int
play_without_memory(void *with)
{
	struct scene *scene = with;
	uint64_t mask = signal_mask();

	report->fds_before = count_fds();
	alloc_begin(scene->fault_at, scene->fault_stays);
	report->result = scene->act(scene);
	report->reached = alloc_end() >= scene->fault_at;
	report->fds_after = count_fds();
	report->mask_kept = signal_mask() == mask;
	return 0;
}

/* Tries with each allocation failing in turn: alone, or with all after it. */
static void
starve_everywhere(struct scene *scene, int result, holds *hold)
{
	struct sweep none = sweep_whole;
	unsigned least = 0;

	for (int stays = 0; stays < 2; stays++) {
		scene->fault_stays = stays != 0;
		scene->fault_at = 0;
		do {
			scene->fault_at++;
			scene_reset(scene);
			snprintf(now, sizeof now, "allocation %u%s",
			    scene->fault_at, stays ? ", and all after it" : "");
			none.status = scratch_child(play_without_memory, scene);
			hold(scene, &none);
		} while (report->reached);
		must(report->result == result);
		least = scene->fault_at - 1;
		must(least >= 2);
	}
	print_message("# %u allocations failed, 2 ways each\n", least);
}

TEST("whichever allocation fails, a right code opens once and burns")
{
	AUTO_SCENE struct scene scene;

	right_scene(&scene);
	starve_everywhere(&scene, PAM_SUCCESS, right_code_holds);
}

TEST("whichever allocation fails, a recovery code opens once and burns")
{
	AUTO_SCENE struct scene scene;

	recovery_scene(&scene);
	starve_everywhere(&scene, PAM_SUCCESS, right_code_holds);
}

TEST("whichever allocation fails, a guard lets in nobody who gave no code")
{
	AUTO_SCENE struct scene scene;

	guard_scene(&scene);
	starve_everywhere(&scene, PAM_PERM_DENIED, guard_holds);
}

TEST("whichever allocation fails, a wrong code never opens")
{
	AUTO_SCENE struct scene scene;

	wrong_scene(&scene);
	starve_everywhere(&scene, PAM_AUTH_ERR, wrong_code_holds);
}

TEST("whichever allocation fails where both are asked at once, none opens")
{
	AUTO_SCENE struct scene scene;
	char answer[64];

	snprintf(answer, sizeof answer, "hunter2%s",
	    host_code(1000, NOON + 6000));
	scene_new(&scene, optional,
	    "auth required %M split\n"
	    "auth required %M use_split explain\n"
	    "auth required pam_permit.so\n",
	    answer);
	guess_before(&scene);
	starve_everywhere(&scene, PAM_AUTH_ERR, wrong_code_holds);
}

TEST("whichever allocation fails, users are listed whole or not at all")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_FREE uid_t *uids = NULL;
	struct trouble why = { "" };
	unsigned k = 0;
	size_t count = 7;
	int r = -1;

	scratch_new_store(&s);
	scratch_write_text(&s, "store/5.enrolment", "");
	expect_int(store_open(&s.settings, &why, &store), 0);
	while (r < 0) {
		expect(uids == NULL && count == 7);
		alloc_begin(++k, false);
		r = store_list(store, &uids, &count);
		(void)alloc_end();
		if (r < 0 && strstr(why.text, strerror(ENOMEM)) == NULL)
			fail_msg("allocation %u: %s", k, why.text);
		expect(k != 2 || r == ERR_MEMORY); /* of ours, the first */
	}
	expect(k > 2);
	expect_int(count, 1);
	expect_int(uids[0], 5);
}

/* ---- passwords ---- */

static const char breached[] = "password";
static const char fresh[] = "tangerine-vellum-oxbow-41";

/* For root, too, whoever runs this. */
static const char choosing[] =
    "password requisite %M retry=1 enforce_for_root\n"
    "password required %S %D/stored\n";

static int
act_choose(struct scene *scene)
{
	return pam_chauthtok(scene->pamh, 0);
}

static void
write_list(const struct scene *scene)
{
	AUTO_LIST struct breach_list list = { .kind = BREACH_SHA1 };

	breach_list_add_password(&list, breached, 1);
	breach_list_add_many(&list, 100, 7);
	must(mkdir(scratch_path(&scene->host.scratch, "lists"), 0755) == 0);
	breach_list_write(&list, &scene->host.scratch, "lists/all.breach");
}

/* Alice, who chooses this password. */
static void
choosing_scene(struct scene *scene, const char *password)
{
	scene_new(scene, "", choosing, password);
	write_list(scene);
	scene->act = act_choose;
}

/* Alice, whose password is looked up at her login, and is in no list. */
static void
looking_scene(struct scene *scene)
{
	char answer[64];

	snprintf(answer, sizeof answer, "hunter2%s", host_code(1000, NOON));
	scene_new(scene, "breach_at_login = deny\n",
	    "auth required %M split\n"
	    "auth required %M use_split\n",
	    answer);
	write_list(scene);
}

static void
breached_holds(struct scene *scene, const struct sweep *sweep)
{
	must(report->result != PAM_SUCCESS);
	caller_holds(sweep);
	must(!scratch_has(&scene->host.scratch, STORED));
}

/* What is not stored whole is not said to be. */
static void
fresh_holds(struct scene *scene, const struct sweep *sweep)
{
	char text[64] = "";

	caller_holds(sweep);
	if (scratch_has(&scene->host.scratch, STORED))
		scratch_read(&scene->host.scratch, STORED, text,
		    sizeof text - 1);
	if (report->result == PAM_SUCCESS)
		must(strcmp(text, fresh) == 0);
}

static void
all_is_stored(struct scene *scene, const struct sweep *sweep)
{
	must(report->result == PAM_SUCCESS);
	fresh_holds(scene, sweep);
}

TEST("killed at any system call, a breached password is never stored")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, breached);
	kill_everywhere(&scene, of_attempt(), PAM_AUTHTOK_ERR, breached_holds);
}

TEST("whichever call fails once, a breached password is never stored")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, breached);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_AUTHTOK_ERR,
	    breached_holds);
}

TEST("whichever call fails from then on, a breached password is never stored")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, breached);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL_ON, PAM_AUTHTOK_ERR,
	    breached_holds);
}

TEST("whichever call fails once, a fresh password is stored, or is not said to "
     "be")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, fresh);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_SUCCESS,
	    fresh_holds);
}

TEST("short reads refuse no fresh password")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, fresh);
	shorten_everywhere(&scene, PAM_SUCCESS, all_is_stored);
}

TEST("whichever allocation fails, a breached password is never stored")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, breached);
	starve_everywhere(&scene, PAM_AUTHTOK_ERR, breached_holds);
}

TEST(
    "whichever allocation fails, a fresh password is stored, or not said to be")
{
	AUTO_SCENE struct scene scene;

	choosing_scene(&scene, fresh);
	starve_everywhere(&scene, PAM_SUCCESS, fresh_holds);
}

TEST("whichever call fails while a password is looked up, a right code opens "
     "once")
{
	AUTO_SCENE struct scene scene;

	looking_scene(&scene);
	fail_everywhere(&scene, of_attempt(), SWEEP_FAIL, PAM_SUCCESS,
	    right_code_holds);
}

TEST("whichever allocation fails while one is looked up, a right code opens "
     "once")
{
	AUTO_SCENE struct scene scene;

	looking_scene(&scene);
	starve_everywhere(&scene, PAM_SUCCESS, right_code_holds);
}

/* ---- enrolments ---- */

static const struct account alice = { true, 1000, 100, "alice" };

static int
act_enrol(struct scene *scene)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;
	int r;

	if ((r = store_open(&scene->host.scratch.settings, &why, &store)) < 0 ||
	    (r = store_begin_enrolling(store, &alice, &txn)) < 0)
		return r;
	return store_enrol(txn, scene->record, spent);
}

static int
act_remove(struct scene *scene)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;
	int r;

	if ((r = store_open(&scene->host.scratch.settings, &why, &store)) < 0 ||
	    (r = store_begin(store, &alice, &txn)) < 0)
		return r;
	return store_remove(txn);
}

static bool
opens(struct scene *scene, const char *answer)
{
	return host_try(&scene->host, "alice", answer) == PAM_SUCCESS;
}

/* Nobody is enrolled, or alice is. */
static void
first_scene(struct scene *scene)
{
	scene_new(scene, "", ours_alone, host_code(1000, NOON));
	scene->record = copy_of_record(scene);
	scene->act = act_enrol;
	scene->enrolment.there = scene->state.there = false;
}

/* Whether the store may have a state that is nobody's: it was made, and then
 * there was no life to remove it, no call to, or no lock that would let us. */
static bool
state_may_stay(const struct sweep *sweep)
{
	return sweep->how == SWEEP_KILL || sweep->how == SWEEP_FAIL_ON ||
	       (sweep->reached && sweep->seen[SYS_pwritev] == 0);
}

/* A killed one leaves what the next one takes away, a failed one nothing. */
static void
first_enrolment_holds(struct scene *scene, const struct sweep *sweep)
{
	caller_holds(sweep);
	no_secrets(scene);
	must(store_has(scene, both) || store_has(scene, neither) ||
	     (store_has(scene, state_alone) && state_may_stay(sweep)) ||
	     (store_has(scene, unfinished) && sweep->how == SWEEP_KILL));
	must(report->result != 0 || store_has(scene, both));
	must(!opens(scene, host_code(1000, NOON + 6000)));
	must(act_enrol(scene) == 0);
	must(store_has(scene, both));
	no_secrets(scene);
	must(opens(scene, host_code(1000, NOON)));
	must(!opens(scene, host_code(1000, NOON)));
}

TEST("a watched enrolment makes the calls that are to be disturbed")
{
	AUTO_SCENE struct scene scene;
	struct sweep sweep = sweep_whole;

	first_scene(&scene);
	expect(control(&scene, &sweep, 0) > 40);
	expect(sweep.seen[SYS_openat2] >= 4);
	expect(sweep.seen[SYS_pwritev] >= 2);
	expect(sweep.seen[SYS_fsync] >= 3);
	expect(sweep.seen[SYS_unlinkat] >= 1);
	first_enrolment_holds(&scene, &sweep);
}

TEST("killed at any system call, a first enrolment is whole or can be repeated")
{
	AUTO_SCENE struct scene scene;

	first_scene(&scene);
	kill_everywhere(&scene, sweep_whole, 0, first_enrolment_holds);
}

TEST("whichever call fails once, a first enrolment is whole, or leaves nothing")
{
	AUTO_SCENE struct scene scene;

	first_scene(&scene);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL, 0,
	    first_enrolment_holds);
}

TEST("whichever call fails from then on, a first enrolment can be repeated")
{
	AUTO_SCENE struct scene scene;

	first_scene(&scene);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL_ON, 0,
	    first_enrolment_holds);
}

TEST("whichever allocation fails, a first enrolment is whole or leaves nothing")
{
	AUTO_SCENE struct scene scene;

	first_scene(&scene);
	starve_everywhere(&scene, 0, first_enrolment_holds);
}

TEST("short reads and writes change nothing of an enrolment")
{
	AUTO_SCENE struct scene scene;

	first_scene(&scene);
	shorten_everywhere(&scene, 0, first_enrolment_holds);
}

/* A second authenticator beside the phone, which has spent a code. */
static void
second_scene(struct scene *scene)
{
	struct authenticator fob;

	scene_new(scene, "", ours_alone, host_code(1000, NOON));
	scene->record = copy_of_record(scene);
	scene->act = act_enrol;
	fob = scene->record->authenticators[0];
	fob.id = 77;
	fob.key[19] ^= 1;
	strcpy(fob.name, "fob");
	must(record_add(scene->record, &fob) == 0);
	must(opens(scene, host_code(1000, NOON)));
	scene_keep(scene);
}

static const char *
code_of_fob(const struct scene *scene, int64_t time)
{
	static char code[TOTP_CODE_SIZE];
	struct totp totp =
	    authenticator_totp(&scene->record->authenticators[1]);

	must(totp_code(&totp, (uint64_t)time / 30, code) == 0);
	return code;
}

static void
second_enrolment_holds(struct scene *scene, const struct sweep *sweep)
{
	caller_holds(sweep);
	no_secrets(scene);
	must(store_has(scene, both) ||
	     (sweep->how == SWEEP_KILL &&
		 store_has(scene, replaced_unfinished)));
	must(!opens(scene, host_code(1000, NOON)));
	must(report->result != 0 || opens(scene, code_of_fob(scene, NOON)));
	must(act_enrol(scene) == 0);
	must(store_has(scene, both));
	must(!opens(scene, host_code(1000, NOON)));
	host_clock = NOON + 30;
	must(opens(scene, host_code(1000, host_clock)));
	must(opens(scene, code_of_fob(scene, host_clock)));
}

TEST("killed while one is added, neither authenticator is lost or forgets")
{
	AUTO_SCENE struct scene scene;

	second_scene(&scene);
	kill_everywhere(&scene, sweep_whole, 0, second_enrolment_holds);
}

TEST("whichever call fails while one is added, neither is lost or forgets")
{
	AUTO_SCENE struct scene scene;

	second_scene(&scene);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL, 0,
	    second_enrolment_holds);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL_ON, 0,
	    second_enrolment_holds);
}

TEST("whichever allocation fails while one is added, neither is lost")
{
	AUTO_SCENE struct scene scene;

	second_scene(&scene);
	starve_everywhere(&scene, 0, second_enrolment_holds);
}

static void
removing_scene(struct scene *scene)
{
	scene_new(scene, "", ours_alone, host_code(1000, NOON));
	scene->act = act_remove;
}

/* Enrolled or not, never half. */
static void
removal_holds(struct scene *scene, const struct sweep *sweep)
{
	bool enrolled = store_has(scene, both);

	caller_holds(sweep);
	must(enrolled || store_has(scene, state_alone) ||
	     store_has(scene, neither));
	must(report->result != 0 || store_has(scene, neither));
	must(opens(scene, host_code(1000, NOON)) == enrolled);
	must(act_remove(scene) == 0);
	must(store_has(scene, neither));
}

TEST("killed at any system call, a removal has happened, or can be repeated")
{
	AUTO_SCENE struct scene scene;

	removing_scene(&scene);
	kill_everywhere(&scene, sweep_whole, 0, removal_holds);
}

TEST("whichever call fails, a removal has happened, or can be repeated")
{
	AUTO_SCENE struct scene scene;

	removing_scene(&scene);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL, 0, removal_holds);
	fail_everywhere(&scene, sweep_whole, SWEEP_FAIL_ON, 0, removal_holds);
}

/* ---- the command line ---- */

/* The key of RFC 4226, whose codes are known, and need no clock. */
static const char card[] =
    "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0\n";
static const char first_code[] = "755224\n";

/* One run of the tool, for the user who runs this test. */
struct command {
	struct scratch scratch;
	char tool[1024], config[SCRATCH_PATH_SIZE], user[64];
	const char *const *words;
	const char *typed;
	bool watched;
};

/* In the child: becomes the tool, with what is typed, silent. */
static int
become(void *with)
{
	struct command *command = with;
	const char *words[12] = { command->tool, "--config", command->config };
	int typed = open(scratch_path(&command->scratch, "typed"),
		O_RDONLY | O_CLOEXEC),
	    nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
	size_t count = 3;

	for (size_t i = 0; command->words[i] != NULL; i++)
		words[count++] = command->words[i];
	words[count++] = "--user";
	words[count] = command->user;
	if (dup2(typed, 0) < 0 || dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0)
		return 100;
	/* Looking for leaks is another process, and not the tool's doing. */
	(void)setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
	if (command->watched)
		sweep_begin();
	(void)execv(command->tool, (char *const *)(uintptr_t)words);
	return 100;
}

static void
command_new(struct command *command)
{
	const struct passwd *user = getpwuid(getuid());
	const char *build = getenv("top_builddir");

	memset(command, 0, sizeof *command);
	if (user == NULL)
		NOT_TESTED("whoever runs this has no name");
	scratch_in_memory();
	scratch_new_store(&command->scratch);
	snprintf(command->user, sizeof command->user, "%s", user->pw_name);
	snprintf(command->tool, sizeof command->tool, "%s/tools/sallyport",
	    build != NULL ? build : ".");
	snprintf(command->config, sizeof command->config, "%s",
	    scratch_config(&command->scratch, ""));
}

static void
command_free(struct command *command)
{
	scratch_free(&command->scratch);
}
#define AUTO_COMMAND __attribute__((cleanup(command_free)))

static const char *const import[] = { "import", "uri", "--name", "card", NULL };
static const char *const verify[] = { "verify", NULL };

static int
run_tool(struct command *command, const char *const *words, const char *typed)
{
	command->words = words;
	command->watched = false;
	scratch_write_text(&command->scratch, "typed", typed);
	return scratch_child(become, command);
}

static const char *
name_of(const char *suffix)
{
	static char names[4][64];
	static unsigned turn;
	char *name = names[turn++ % 4];

	snprintf(name, sizeof names[0], "store/%lu.%s", (unsigned long)getuid(),
	    suffix);
	return name;
}

/* Tries it from nothing.  False: this system has no means. */
static bool
import_watched(struct command *command, struct sweep *sweep)
{
	const struct scratch *scratch = &command->scratch;

	(void)unlink(scratch_path(scratch, name_of("state")));
	(void)unlink(scratch_path(scratch, name_of("enrolment")));
	scratch_write_text(scratch, "typed", card);
	command->words = import;
	command->watched = true;
	return sweep_run(sweep, become, command);
}

static void
import_holds(struct command *command)
{
	const struct scratch *scratch = &command->scratch;

	must(run_tool(command, import, card) == 0); /* there already, or now */
	must(scratch_has(scratch, name_of("enrolment")));
	must(!scratch_has(scratch, name_of("enrolment.new")));
	must(run_tool(command, verify, first_code) == 0);
	must(run_tool(command, verify, first_code) == 1);
}

/* Watches it without a fault; how many calls there are to disturb. */
static unsigned
control_import(struct command *command, struct sweep *sweep)
{
	sweep->first = SYS_openat2; /* what comes before knows no store */
	snprintf(now, sizeof now, "the tool without a fault");
	if (!import_watched(command, sweep))
		NOT_TESTED("no program may watch another's system calls here");
	must(sweep->status == 0 && sweep->calls > 40);
	return sweep->calls;
}

static bool
disturb_import(struct command *command, struct sweep *sweep)
{
	import_watched(command, sweep);
	snprintf(now, sizeof now, "call %u (%s) of the tool: %s, it ended %d",
	    sweep->at, sweep_name(sweep->call), strerror(sweep->error),
	    sweep->status);
	if (sweep->reached && sweep->how == SWEEP_KILL)
		must(sweep->status == 128 + SIGKILL);
	else
		must(sweep->status < 128);
	if (sweep->status == 0)
		must(scratch_has(&command->scratch, name_of("enrolment")));
	import_holds(command);
	return sweep->reached;
}

/* By so many calls one run may differ from another: recovery codes that have no
 * form easy to type are drawn again. */
enum { DRAWS = 3 * RECOVERY_CODES };

TEST("the tool killed at any system call has enrolled, or can be run again")
{
	AUTO_COMMAND struct command command;
	struct sweep sweep = sweep_whole;
	unsigned calls;

	command_new(&command);
	calls = control_import(&command, &sweep);
	sweep.how = SWEEP_KILL;
	for (sweep.at = 1; disturb_import(&command, &sweep); sweep.at++)
		;
	must(sweep.at + DRAWS > calls);
	print_message("# killed at %u system calls\n", sweep.at - 1);
}

TEST("whichever call of the tool fails, it says so, or has enrolled")
{
	AUTO_COMMAND struct command command;
	struct sweep sweep = sweep_whole;
	unsigned calls, most;

	command_new(&command);
	calls = control_import(&command, &sweep);
	sweep.how = SWEEP_FAIL;
	most = test_long() ? REASONS_SHORT : 1;
	for (unsigned i = 0; i < most; i++) {
		sweep.error = reasons[i];
		for (sweep.at = 1; disturb_import(&command, &sweep); sweep.at++)
			must(sweep.at < 2 * calls);
		must(sweep.at + DRAWS > calls);
	}
	print_message("# %u system calls failed, for %u reasons each\n", calls,
	    most);
}
