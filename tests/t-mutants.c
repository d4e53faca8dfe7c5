/* What `./dev mutate` found that no other test would have noticed: the edges
 * of waits and searches, each word that users and logs are told, and an
 * attempt whose outcome cannot be written, through the whole module.
 *
 * The calls below stand in front of libc's, for the module too, so that a test
 * can make one fail.  A fortified libc has bodies of its own for some of
 * them. */
#undef _FORTIFY_SOURCE
#include "host.h"
#include "mem.h"
#include "policy.h"
#include "release.h"
#include "seal.h"
#include "service.h"
#include "test.h"
#include "throttle.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#if UINTPTR_MAX == UINT32_MAX
/* They have 16 bits for a uid there, and 32 for a place in a file. */
const char test_left_out[] = "it hands calls on by numbers of 64-bit machines";
#define SYS_newfstatat SYS_fstatat64
#endif

#define IN_FRONT    __attribute__((visibility("default")))
#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* ---- a system that fails ---- */

static bool write_fails, sync_fails, stat_fails, groups_fail; /* each time */

static struct {
	unsigned at; /* the call that fails, from 1; 0: none */
	unsigned calls;
	int error; /* that it failed with */
} fault;

/* What service.c does to its process; calls count from 1, 0 is none. */
static struct {
	int get_fails_at, set_fails_at, mask_fails_at; /* these calls fail */
	int gets, sets, masks;
	uid_t while_writing; /* the real uid */
	bool held_back;	     /* signals, then */
} caller;

static void
all_works(void)
{
	write_fails = sync_fails = stat_fails = groups_fail = false;
	memset(&fault, 0, sizeof fault);
	memset(&caller, 0, sizeof caller);
}

static bool
fails(int error)
{
	if (++fault.calls != fault.at)
		return false;
	errno = fault.error = error;
	return true;
}

IN_FRONT ssize_t
pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)buffer, n };

	sigset_t mask;

	caller.while_writing = getuid();
	sigprocmask(SIG_SETMASK, NULL, &mask);
	caller.held_back = sigismember(&mask, SIGTSTP) == 1 &&
			   sigismember(&mask, SIGTERM) == 1;
	if (fails(EIO))
		return -1;
	if (!write_fails)
		return pwritev(fd, &part, 1, offset);
	errno = ENOSPC;
	return -1;
}

IN_FRONT ssize_t
pread(int fd, void *buffer, size_t n, off_t offset)
{
	struct iovec part = { buffer, n };

	return fails(EIO) ? -1 : preadv(fd, &part, 1, offset);
}

IN_FRONT int
fdatasync(int fd)
{
	if (fails(EIO))
		return -1;
	if (!sync_fails)
		return (int)syscall(SYS_fdatasync, fd);
	errno = EIO;
	return -1;
}

IN_FRONT int
fsync(int fd)
{
	return fails(EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

IN_FRONT int
ftruncate(int fd, off_t size)
{
	return fails(EIO) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

IN_FRONT int
fchmod(int fd, mode_t mode)
{
	return fails(EIO) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

IN_FRONT int
chmod(const char *path, mode_t mode)
{
	return fails(EIO) ? -1
			  : (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

IN_FRONT int
mkdir(const char *path, mode_t mode)
{
	return fails(EIO) ? -1
			  : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

IN_FRONT int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails(EIO) ? -1 : renameat2(from_dir, from, to_dir, to, 0);
}

IN_FRONT int
unlinkat(int dir, const char *name, int flags)
{
	return fails(EIO) ? -1 : (int)syscall(SYS_unlinkat, dir, name, flags);
}

IN_FRONT ssize_t
getrandom(void *buffer, size_t n, unsigned flags)
{
	return fails(ENOSYS) ? -1 : syscall(SYS_getrandom, buffer, n, flags);
}

static int mapped, maps; /* pieces of memory; calls that took one */

IN_FRONT void *
mmap(void *at, size_t n, int access, int flags, int fd, off_t offset)
{
	if (fails(ENOMEM))
		return MAP_FAILED;
	mapped++;
	maps++;
	return (void *)syscall(SYS_mmap, at, n, access, flags, fd, offset);
}

IN_FRONT int
munmap(void *at, size_t n)
{
	mapped--;
	return (int)syscall(SYS_munmap, at, n);
}

IN_FRONT struct dirent *
readdir(DIR *dir)
{
	union {
		void *symbol;
		struct dirent *(*function)(DIR *);
	} next = { dlsym(RTLD_NEXT, "readdir") };

	return fails(EIO) ? NULL : next.function(dir);
}

IN_FRONT int
fstatat(int dir, const char *restrict name, struct stat *restrict st, int flags)
{
	if (!stat_fails)
		return (int)syscall(SYS_newfstatat, dir, name, st, flags);
	errno = EIO;
	return -1;
}

/* There are two groups: everybody is in users, nobody can tell of another. */
IN_FRONT int
getgrnam_r(const char *restrict name, struct group *restrict entry,
    char *restrict room, size_t size, struct group **restrict found)
{
	(void)size;
	*found = NULL;
	if (strcmp(name, "users") != 0)
		return groups_fail ? EIO : 0;
	*entry = (struct group){ .gr_name = room, .gr_gid = 100 };
	*found = entry;
	return 0;
}

IN_FRONT int
getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
	if (++caller.gets != caller.get_fails_at)
		return (int)syscall(SYS_getresuid, real, effective, saved);
	errno = EPERM;
	return -1;
}

IN_FRONT int
setresuid(uid_t real, uid_t effective, uid_t saved)
{
	if (++caller.sets != caller.set_fails_at)
		return (int)syscall(SYS_setresuid, real, effective, saved);
	errno = EAGAIN;
	return -1;
}

IN_FRONT int
pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	if (++caller.masks == caller.mask_fails_at)
		return EINVAL;
	return sigprocmask(how, set, old) < 0 ? errno : 0;
}

/* ---- what tests do ---- */

static void
with_alice(struct host *host, const char *settings)
{
	all_works();
	host_new(host, settings);
	host_enrol(host, "alice", 1000);
}

/* Right at no time near noon; found by search, and checked here. */
static const char *
wrong(void)
{
	for (int64_t t = NOON - 9000; t < NOON + 9000; t += 30)
		expect(strcmp("000001", host_code(1000, t)) != 0);
	return "000001";
}

static void
fail_times(struct host *host, int times)
{
	const char *code = wrong();

	for (int i = 0; i < times; i++)
		expect_int(host_try(host, "alice", code), PAM_AUTH_ERR);
}

static bool
logged(const char *words)
{
	return strstr(host_log, words) != NULL;
}

/* Everything that was said after the prompt. */
static const char *
told(struct host *host, const char *user, const char *answer, int want)
{
	static struct talk talk;

	talk = (struct talk){ .answers = { answer } };
	expect_int(host_login(host, user, &talk), want);
	return strchr(talk.said, '\n') + 1;
}

/* A refusal, and words of what is told with it. */
static void
expect_told(struct host *host, const char *user, const char *answer,
    const char *words)
{
	expect(strstr(told(host, user, answer, PAM_AUTH_ERR), words) != NULL);
}

/* ---- an outcome that is not written ---- */

static void
expect_no_answer(struct host *host, const char *answer)
{
	host_log[0] = '\0';
	expect_int(host_try(host, "alice", answer), PAM_AUTHINFO_UNAVAIL);
	expect(logged("event=cannot-tell"));
	expect(!logged("event=accepted") && !logged("event=wrong"));
}

TEST("an attempt that cannot be written opens nothing, whatever was typed")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	write_fails = true;
	expect_no_answer(&host, host_code(1000, NOON));
	expect_no_answer(&host, host_recovery(1000, 1));
	expect_no_answer(&host, wrong());
	write_fails = false;
	expect_int(host_failures(&host, 1000), 0);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

TEST("an attempt that may not last on the disk opens nothing")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	sync_fails = true;
	expect_no_answer(&host, host_code(1000, NOON));
	expect_no_answer(&host, host_recovery(1000, 1));
	sync_fails = false;
	host_clock = NOON + 60;
	expect_int(host_try(&host, "alice", host_code(1000, host_clock)),
	    PAM_SUCCESS);
}

TEST("an attempt that no answer came of leaves no judgement either")
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct account alice = { .known = true, .uid = 1000, .name = "alice" };
	AUTO_HOST struct host host;
	struct asker asker = { .logged = false };
	struct answer answer;
	struct trouble why;

	with_alice(&host, "");
	answer_read(host_code(1000, NOON), &answer);
	write_fails = true;
	expect_int(service_check_code(&host.scratch.settings, &alice, &answer,
		       &asker, &judgement, &why),
	    ERR_IO);
	expect_int(judgement.verdict, VERDICT_CANNOT_TELL);
}

/* ---- what users are told ---- */

TEST("with explain each refusal has words of its own")
{
	AUTO_HOST struct host host;

	with_alice(&host, "disable_after = 6\n");
	expect_told(&host, "alice", wrong(), "That code is wrong");
	expect_told(&host, "alice", "hello", "That is not a code");
	expect_told(&host, "carol", "123456", "No authenticator is enrolled");
	expect_text(told(&host, "alice", host_code(1000, NOON), PAM_SUCCESS),
	    "");
	expect_told(&host, "alice", host_code(1000, NOON),
	    "That code has been used");
	expect_text(told(&host, "alice",
			"\b\n\r\177INCORRECT\b\n\r\177INCORRECT", PAM_AUTH_ERR),
	    "");
	fail_times(&host, 6);
	expect_told(&host, "alice", wrong(), "Codes are disabled");
	host_clock = NOON - 86400;
	expect_told(&host, "alice", "123456", "This machine's clock is behind");
}

TEST("the host's time is told to the second, with its zeros")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	host_clock = NOON + 3 * 3600 + 4 * 60 + 5;
	expect_told(&host, "alice", wrong(), ": 15:04:05 UTC.");
	host_clock = NOON + 11 * 3600 + 59 * 60 + 59;
	expect_told(&host, "alice", wrong(), ": 23:59:59 UTC.");
	host_clock++;
	expect_told(&host, "alice", wrong(), ": 00:00:00 UTC.");
}

TEST("a wait is told in seconds, from two minutes on in minutes rounded up")
{
	static const struct {
		int64_t passed;
		const char *words;
	} rows[] = {
		{ 0, "counts in 60 minutes" },
		{ 59, "counts in 60 minutes" },
		{ 60, "counts in 59 minutes" },
		{ 3600 - 121, "counts in 3 minutes" },
		{ 3600 - 120, "counts in 2 minutes" },
		{ 3600 - 119, "counts in 119 seconds" },
		{ 3600 - 1, "counts in 1 seconds" },
	};
	AUTO_HOST struct host host;

	with_alice(&host, "free_tries = 1\nfirst_wait = 1h\n"
			  "longest_wait = 1h\n");
	fail_times(&host, 1);
	for (size_t i = 0; i < ROWS(rows); i++) {
		host_clock = NOON + rows[i].passed;
		expect_told(&host, "alice", host_code(1000, host_clock),
		    rows[i].words);
	}
	host_clock = NOON + 3600;
	expect_text(told(&host, "alice", host_code(1000, host_clock),
			PAM_SUCCESS),
	    "");
}

TEST("with explain a fault is told without its reason, and without it is not")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	write_fails = true;
	expect_text(told(&host, "alice", host_code(1000, NOON),
			PAM_AUTHINFO_UNAVAIL),
	    "Your code could not be judged, because of a fault on this "
	    "machine. Tell your administrator.\n");
	host_stack(&host, "auth required %M\n");
	expect_text(told(&host, "alice", host_code(1000, NOON),
			PAM_AUTHINFO_UNAVAIL),
	    "");
}

TEST("a fault is delayed like a refusal")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	with_alice(&host, "");
	write_fails = true;
	expect_int(host_login(&host, "alice", &talk), PAM_AUTHINFO_UNAVAIL);
	expect(talk.delay >= 1000000);
}

/* ---- what the log says ---- */

TEST("the log says what an attempt counted, cost and ended")
{
	AUTO_HOST struct host host;

	with_alice(&host, "disable_after = 7\n");
	fail_times(&host, 1);
	expect_text(strchr(host_log, ' '),
	    " event=wrong user=\"alice\" rhost=\"\" tty=\"\" failures=1\n");
	fail_times(&host, 4);
	expect(logged(" failures=5 wait=30s\n"));
	fail_times(&host, 1);
	expect(logged("event=waiting user=\"alice\" rhost=\"\" tty=\"\" "
		      "failures=6 wait=60s\n"));
	expect(!logged("now=disabled"));
	fail_times(&host, 1);
	expect(logged(" failures=7 wait=120s now=disabled\n"));
	host_log[0] = '\0';
	expect_int(host_try(&host, "alice", host_recovery(1000, 0)),
	    PAM_SUCCESS);
	expect(logged("event=accepted-recovery user=\"alice\" rhost=\"\" "
		      "tty=\"\" failures=7 left=9\n"));
}

static void
expect_priority(struct host *host, const char *answer, int result, int want)
{
	host_log_priority = -1;
	expect_int(host_try(host, "alice", answer), result);
	expect_int(host_log_priority, LOG_AUTHPRIV | want);
}

TEST("the log tells refusals from acceptances, and both from faults")
{
	AUTO_HOST struct host host;

	with_alice(&host, "enrolment = optional\n");
	expect_priority(&host, host_code(1000, NOON), PAM_SUCCESS, LOG_INFO);
	expect_priority(&host, host_recovery(1000, 0), PAM_SUCCESS, LOG_INFO);
	expect_priority(&host, host_recovery(1000, 0), PAM_AUTH_ERR,
	    LOG_NOTICE);
	expect_priority(&host, wrong(), PAM_AUTH_ERR, LOG_NOTICE);
	expect_priority(&host, "nonsense", PAM_AUTH_ERR, LOG_NOTICE);
	write_fails = true;
	expect_priority(&host, wrong(), PAM_AUTHINFO_UNAVAIL, LOG_ERR);
	write_fails = false;
	host_stack(&host, "auth required %M exempt_users=alice\n"
			  "account required %M guard\n");
	expect_priority(&host, NULL, PAM_PERM_DENIED, LOG_INFO);
	expect(logged("event=exempt"));
}

TEST("that a guard refused, or somebody needs no code, is no fault")
{
	AUTO_HOST struct host host;
	struct talk talk = { .again = 0 };
	pam_handle_t *pamh;

	with_alice(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\naccount required %M guard\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect(logged("event=guard-refused"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_NOTICE);
	expect_int(pam_end(pamh, PAM_PERM_DENIED), PAM_SUCCESS);
	pamh = host_start(&host, "bob", &talk);
	(void)pam_authenticate(pamh, 0);
	expect(logged("event=unenrolled"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_INFO);
	expect_int(pam_end(pamh, PAM_PERM_DENIED), PAM_SUCCESS);
}

TEST("the log of a right code has no drift, and of a drifted one no more")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	expect(logged("tty=\"\" authenticator=\"phone\"\n"));
	host_log[0] = '\0';
	expect_int(host_try(&host, "alice", host_code(1000, NOON - 600)),
	    PAM_AUTH_ERR);
	expect(logged("tty=\"\" failures=1 drift=-600s of=\"phone\"\n"));
}

TEST("the log says what failed and why, also where nobody is told")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	write_fails = true;
	host_stack(&host, "auth required %M\n");
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTHINFO_UNAVAIL);
	expect(logged("event=cannot-tell user=\"alice\" rhost=\"\" tty=\"\" "
		      "doing=\"judging the code\" why=\"cannot write the "
		      "state of uid 1000: No space left on device\"\n"));
}

/* ---- edges of the judgement ---- */

enum { PERIOD = 30 };

struct person {
	struct settings settings;
	struct record record;
	struct state state;
	struct judgement last;
};

/* Alice of the store, without a store. */
static void
person(struct person *alice, unsigned authenticators)
{
	memset(alice, 0, sizeof *alice);
	alice->settings = settings_default;
	alice->record.uid = alice->state.uid = 1000;
	for (unsigned i = 0; i < authenticators; i++) {
		struct authenticator a = { .id = i + 1,
			.kind = AUTHENTICATOR_TOTP,
			.algorithm = ALGORITHM_SHA1,
			.digits = 6,
			.period = PERIOD,
			.key_len = 20 };

		snprintf(a.name, sizeof a.name, "number %u", i);
		memset(a.key, 65 + (int)i, sizeof a.key);
		expect_int(record_add(&alice->record, &a), 0);
		expect_int(state_add(&alice->state, a.id, 0), 0);
	}
}

static const char *
code_of(const struct person *alice, unsigned i, int64_t at)
{
	static char ring[4][TOTP_CODE_SIZE];
	static unsigned turn;
	const struct authenticator *a = &alice->record.authenticators[i];
	struct totp totp = authenticator_totp(a);
	char *code = ring[turn++ % 4];

	expect_int(totp_code(&totp, (uint64_t)at / a->period, code), 0);
	return code;
}

static enum verdict
try(struct person *alice, const char *text, int64_t now)
{
	struct answer answer;

	answer_read(text, &answer);
	judge(&alice->settings, &alice->record, &alice->state, &answer, now,
	    &alice->last);
	return alice->last.verdict;
}

TEST("drift is looked for from outside the window to one hour, either way")
{
	static const struct {
		int64_t off;
		bool found;
	} rows[] = { { 60, true }, { -60, true }, { 3600, true },
		{ -3600, true }, { 3630, false }, { -3630, false } };
	struct person alice;

	for (size_t i = 0; i < ROWS(rows); i++) {
		person(&alice, 1);
		expect_int(try(&alice, code_of(&alice, 0, NOON + rows[i].off),
			       NOON),
		    VERDICT_WRONG);
		expect_int(alice.last.drifted, rows[i].found);
		expect_int(alice.last.drift, rows[i].found ? rows[i].off : 0);
	}
}

TEST("drift is found on any authenticator, and the log names that one")
{
	struct person alice;

	person(&alice, 2);
	expect_int(try(&alice, code_of(&alice, 1, NOON + 900), NOON),
	    VERDICT_WRONG);
	expect(alice.last.drifted);
	expect_int(alice.last.drift, 900);
	expect_text(alice.last.authenticator, "number 1");
}

TEST("drift is not looked for on a counter, but behind one it is")
{
	struct person alice;

	person(&alice, 2);
	alice.record.authenticators[0].kind = AUTHENTICATOR_HOTP;
	alice.record.authenticators[0].period = 0;
	expect_int(try(&alice, code_of(&alice, 1, NOON - 900), NOON),
	    VERDICT_WRONG);
	expect_int(alice.last.drift, -900);
	expect_text(alice.last.authenticator, "number 1");
}

TEST("a clock before anything of the enrolment was made is behind")
{
	struct person alice;

	person(&alice, 3);
	for (int i = 0; i < 3; i++) {
		alice.record.authenticators[i].created = NOON + 61;
		expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
		    VERDICT_CLOCK_BEHIND);
		alice.record.authenticators[i].created = 0;
	}
	alice.record.recovery.created = NOON + 61;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_CLOCK_BEHIND);
	alice.record.recovery.created = 0;
	alice.record.created = NOON + 61;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_CLOCK_BEHIND);
	alice.record.created = 0;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_ACCEPTED);
}

TEST("a clock may be back by the longest of an enrolment's steps")
{
	struct person alice;

	person(&alice, 2);
	alice.record.authenticators[1].period = 90;
	alice.state.last_attempt = NOON + 90;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_ACCEPTED);
	alice.state.last_attempt = NOON + 91;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_CLOCK_BEHIND);
	person(&alice, 1);
	alice.record.authenticators[0].period = 15;
	alice.state.last_attempt = NOON + 30;
	expect_int(try(&alice, code_of(&alice, 0, NOON), NOON),
	    VERDICT_ACCEPTED);
}

TEST("the release's own second is late enough for a code")
{
	struct person alice;

	person(&alice, 1);
	expect_int(try(&alice, code_of(&alice, 0, RELEASE_TIME), RELEASE_TIME),
	    VERDICT_ACCEPTED);
}

/* A set in which only code number one counts: 15 bytes, all of them one. */
static void
give_recovery(struct person *alice)
{
	struct recovery_set *set = &alice->record.recovery;
	uint8_t code[RECOVERY_BYTES];

	memset(code, 1, sizeof code);
	set->id = 9;
	recovery_hash(set->key, code, set->hash[0]);
	expect_int(state_add(&alice->state, set->id, 0), 0);
}

static const char *
recovery_one(void)
{
	static char text[RECOVERY_TEXT_SIZE];
	uint8_t code[RECOVERY_BYTES];

	memset(code, 1, sizeof code);
	expect_int(recovery_show(code, text), 0);
	return text;
}

TEST("a recovery code gives no spent code back, and moves no counter")
{
	struct person alice;

	person(&alice, 3);
	give_recovery(&alice);
	alice.record.authenticators[1].kind = AUTHENTICATOR_HOTP;
	alice.record.authenticators[1].period = 0;
	alice.state.entries[0].spent = NOON / PERIOD + 5;
	alice.state.entries[1].spent = 17;
	expect_int(try(&alice, recovery_one(), NOON),
	    VERDICT_ACCEPTED_RECOVERY);
	expect_int(alice.state.entries[0].spent, NOON / PERIOD + 5);
	expect_int(alice.state.entries[1].spent, 17);
	expect_int(alice.state.entries[2].spent, NOON / PERIOD + 2);
	expect_int(alice.state.entries[3].spent, 1);
	expect_int(alice.state.entries[3].used, NOON);
	expect_int(alice.state.last_success, NOON);
	expect_int(alice.last.recovery_left, RECOVERY_CODES - 1);
}

/* ---- what the store says of a fault ---- */

static const struct account alice_account = { .known = true,
	.uid = 1000,
	.name = "alice" };
static struct trouble why;

static int
enrol_ids(struct host *host, uint64_t id, uint64_t recovery)
{
	static const uint64_t spent[RECORD_AUTHENTICATORS];
	struct authenticator a = { .id = id,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = PERIOD,
		.name = "phone",
		.key_len = 20 };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct record record = { .uid = 1000, .user = "alice" };
	int r;

	memset(a.key, 7, a.key_len);
	(void)record_add(&record, &a);
	record.recovery.id = recovery;
	if ((r = store_open(&host->scratch.settings, &why, &store)) != 0 ||
	    (r = store_begin_enrolling(store, &alice_account, &txn)) != 0)
		return r;
	return store_enrol(txn, &record, spent);
}

static int
enrols_first(struct host *host)
{
	return enrol_ids(host, 1, 9);
}

static int
enrols_another(struct host *host)
{
	return enrol_ids(host, 2, 8);
}

static int
attempts(struct host *host)
{
	struct asker asker = { .logged = false };
	struct judgement judgement;
	struct answer answer;

	answer_read("123456", &answer);
	return service_check_code(&host->scratch.settings, &alice_account,
	    &answer, &asker, &judgement, &why);
}

static int
removes(struct host *host)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&host->scratch.settings, &why, &store)) != 0 ||
	    (r = store_begin_removing(store, 1000, &txn)) != 0)
		return r;
	return store_remove(txn);
}

static int
looks(struct host *host)
{
	struct asker asker = { .logged = false };
	enum passage passage;

	host->scratch.settings.enrolment = ENROLMENT_OPTIONAL;
	return service_look(&host->scratch.settings, &alice_account, &asker,
	    &passage, &why);
}

static int
reads(struct host *host)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&host->scratch.settings, &why, &store)) != 0)
		return r;
	return store_read(store, 1000, &txn);
}

static int
lists(struct host *host)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_FREE uid_t *uids = NULL;
	size_t count;
	int r;

	if ((r = store_open(&host->scratch.settings, &why, &store)) != 0)
		return r;
	return store_list(store, &uids, &count);
}

static int
sets_up(struct host *host)
{
	struct settings *settings = &host->scratch.settings;

	strcat(settings->store_dir, "2");
	strcat(settings->key_file, "2");
	return store_create(settings, &why);
}

/* Whether there was a call number n to fail. */
static bool
one_fault(int (*does)(struct host *), bool enrolled, unsigned n)
{
	AUTO_HOST struct host host;
	bool failed;
	int r;

	all_works();
	host_new(&host, "");
	if (enrolled)
		expect_int(enrols_first(&host), 0);
	why.text[0] = '\0';
	fault.calls = 0;
	fault.at = n;
	r = does(&host);
	failed = fault.calls >= n;
	fault.at = 0;
	if (!failed)
		expect_int(r, 0);
	else if (fault.error == ENOMEM)
		expect_int(r, ERR_MEMORY);
	else
		expect_int(r, ERR_IO);
	expect(!failed || why.text[0] != '\0');
	if (r == ERR_IO && strstr(why.text, strerror(fault.error)) == NULL)
		fail_msg("call %u: %s", n, why.text);
	return failed;
}

static void
expect_faults_told(int (*does)(struct host *), bool enrolled)
{
	unsigned n = 1;

	while (one_fault(does, enrolled, n))
		n++;
	expect(n > 2);
}

TEST("whichever call fails, an attempt and a look say what it was")
{
	expect_faults_told(attempts, true);
	expect_faults_told(looks, true);
	expect_faults_told(looks, false);
}

TEST("whichever call fails, enrolling and removing say what it was")
{
	expect_faults_told(enrols_first, false);
	expect_faults_told(enrols_another, true);
	expect_faults_told(removes, true);
}

TEST("whichever call fails, reading, listing and setting up say what it was")
{
	expect_faults_told(reads, true);
	expect_faults_told(lists, true);
	expect_faults_told(sets_up, false);
}

TEST("files begin as files of this format do, and are as long")
{
	static const uint8_t enrolment[] = { 0x89, 'S', 'P', 'E', 'N', '\r',
		'\n', 0x1a };
	static const uint8_t marker[] = { 0x89, 'S', 'P', 'M', 'K', '\r', '\n',
		1 };
	static const uint8_t state[] = { 0x89, 'S', 'P', 'S', 'T', '\r', '\n',
		2 };
	AUTO_HOST struct host host;
	uint8_t bytes[8193];

	with_alice(&host, "");
	expect_int(scratch_read(&host.scratch, "store/marker", bytes,
		       sizeof bytes),
	    56);
	expect_bytes(bytes, marker, sizeof marker);
	expect_int(scratch_read(&host.scratch, "store/1000.enrolment", bytes,
		       sizeof bytes),
	    4096);
	expect_bytes(bytes, enrolment, sizeof enrolment);
	expect_int(scratch_read(&host.scratch, "store/1000.state", bytes,
		       sizeof bytes),
	    8192);
	expect_bytes(bytes, state, sizeof state);
	expect_bytes(bytes + 4096, state, sizeof state);
}

TEST("a file that is no enrolment is called that")
{
	AUTO_HOST struct host host;
	uint8_t bytes[4096];

	with_alice(&host, "");
	scratch_read(&host.scratch, "store/1000.enrolment", bytes,
	    sizeof bytes);
	bytes[1] ^= 1;
	scratch_write(&host.scratch, "store/1000.enrolment", bytes,
	    sizeof bytes);
	expect_int(reads(&host), ERR_DAMAGED);
	expect_text(why.text, "1000.enrolment is not an enrolment");
}

TEST("a store that cannot be opened is told apart from one that is not there")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	snprintf(host.scratch.settings.store_dir, SETTINGS_PATH_SIZE, "%s",
	    scratch_path(&host.scratch, "etc/store.key/store"));
	expect_int(attempts(&host), ERR_IO);
	expect(strstr(why.text, "cannot open the store /") == why.text);
	snprintf(host.scratch.settings.store_dir, SETTINGS_PATH_SIZE, "%s",
	    scratch_path(&host.scratch, "nowhere"));
	expect_int(attempts(&host), ERR_MISSING);
	expect(strstr(why.text, "there is no store /") == why.text);
}

TEST("a state is dropped only where there provably is no enrolment")
{
	AUTO_STORE struct store *store = NULL;
	AUTO_HOST struct host host;
	struct store_txn *txn = NULL;

	all_works();
	host_new(&host, "");
	expect_int(store_open(&host.scratch.settings, &why, &store), 0);
	for (int fails_too = 1; fails_too >= 0; fails_too--) {
		expect_int(store_begin_enrolling(store, &alice_account, &txn),
		    0);
		stat_fails = fails_too;
		store_abort(txn);
		stat_fails = false;
		expect_int(scratch_has(&host.scratch, "store/1000.state"),
		    fails_too);
	}
}

static int
descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	int open = 0;

	expect(list != NULL);
	while (readdir(list) != NULL)
		open++;
	(void)closedir(list);
	return open;
}

TEST("opening, using and closing a store leaves no descriptor open")
{
	AUTO_HOST struct host host;
	int before;

	with_alice(&host, "");
	before = descriptors();
	for (int i = 0; i < 3; i++) {
		expect_int(attempts(&host), 0);
		expect_int(looks(&host), 0);
		expect_int(reads(&host), 0);
		expect_int(lists(&host), 0);
		expect_int(enrols_another(&host), 0);
		expect_int(removes(&host), 0);
		host_enrol(&host, "alice", 1000);
	}
	expect_int(descriptors(), before);
}

/* Opens a store, reads two users at once, then one after the other; how many
 * pieces of memory the latter took. */
static int
read_two(struct host *host)
{
	AUTO_STORE struct store *store = NULL;
	struct store_txn *first = NULL, *second = NULL;
	int before;

	expect_int(store_open(&host->scratch.settings, &why, &store), 0);
	expect_int(store_read(store, 1000, &first), 0);
	expect_int(store_read(store, 1001, &second), 0);
	store_abort(first);
	store_abort(second);
	before = maps;
	for (uid_t uid = 1000; uid < 1002; uid++) {
		expect_int(store_read(store, uid, &first), 0);
		expect_int(store_record(first)->uid, uid);
		store_abort(first);
	}
	return maps - before;
}

TEST("a store takes memory for secrets once, and gives it back")
{
	AUTO_HOST struct host host;
	int before;

	with_alice(&host, "");
	host_enrol(&host, "bob", 1001);
	before = mapped;
	expect_int(read_two(&host), 0);
	expect_int(mapped, before);
}

TEST("a lock ends with its transaction, though a child has inherited it")
{
	AUTO_STORE struct store *store = NULL;
	struct store_txn *txn = NULL;
	AUTO_HOST struct host host;
	int ends[2];
	char nothing;
	pid_t child;

	with_alice(&host, "");
	expect_int(store_open(&host.scratch.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice_account, &txn), 0);
	expect_int(pipe(ends), 0);
	if ((child = fork()) == 0) {
		close(ends[1]);
		_exit((int)read(ends[0], &nothing, 1));
	}
	store_abort(txn);
	expect_int(attempts(&host), 0);
	close(ends[1]);
	expect_int(waitpid(child, NULL, 0), child);
	close(ends[0]);
}

/* Seals other bytes in alice's enrolment, as only the host's key can. */
static void
forge(struct host *host, const uint8_t record[RECORD_BYTES])
{
	enum { ABOUT = 16, AT = ABOUT + SEAL_SALT_BYTES };
	uint8_t key[SEAL_KEY_BYTES], file[4096];
	const struct seal_about about = { file, ABOUT, 1000 };

	scratch_read(&host->scratch, "etc/store.key", key, sizeof key);
	scratch_read(&host->scratch, "store/1000.enrolment", file, sizeof file);
	memcpy(file + AT, record, RECORD_BYTES);
	seal_close(key, file + ABOUT, &about, file + AT, RECORD_BYTES,
	    file + AT + RECORD_BYTES);
	scratch_write(&host->scratch, "store/1000.enrolment", file,
	    sizeof file);
}

TEST("a genuine seal makes no record of other bytes, or of another uid's")
{
	struct record bobs = { .uid = 1001, .user = "alice" };
	uint8_t bytes[RECORD_BYTES] = { 0 };
	AUTO_HOST struct host host;

	with_alice(&host, "");
	forge(&host, bytes);
	expect_int(attempts(&host), ERR_DAMAGED);
	expect_int(looks(&host), ERR_DAMAGED);
	record_format(&bobs, bytes);
	forge(&host, bytes);
	expect_int(attempts(&host), ERR_DAMAGED);
	expect_int(looks(&host), ERR_DAMAGED);
	bobs.uid = 1000;
	record_format(&bobs, bytes);
	forge(&host, bytes);
	expect_int(looks(&host), 0);
}

TEST("a state that does not know the enrolment is damage, and stays as it is")
{
	static const char file[] = "store/1000.state";
	AUTO_HOST struct host host;
	uint8_t older[8192], after[8192];

	with_alice(&host, "");
	scratch_read(&host.scratch, file, older, sizeof older);
	expect_int(enrols_another(&host), 0);
	scratch_write(&host.scratch, file, older, sizeof older);
	expect_int(attempts(&host), ERR_DAMAGED);
	expect(strstr(why.text, "do not belong together") != NULL);
	scratch_read(&host.scratch, file, after, sizeof after);
	expect_bytes(after, older, sizeof after);
}

TEST("a group that cannot be looked up exempts nobody, also not a member")
{
	AUTO_HOST struct host host;

	with_alice(&host, "exempt_groups = users, others\n"
			  "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	expect_int(host_try(&host, "alice", NULL), PAM_SUCCESS);
	groups_fail = true;
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTHINFO_UNAVAIL);
	expect_int(host_try(&host, "carol", "123456"), PAM_AUTHINFO_UNAVAIL);
	expect(!logged("event=unenrolled"));
}

TEST("being exempt alone is no success: the stack needs another")
{
	AUTO_HOST struct host host;

	with_alice(&host, "exempt_users = alice\n");
	expect_int(host_try(&host, "alice", NULL), PAM_PERM_DENIED);
	expect(logged("event=exempt"));
}

/* ---- set-uid programs ---- */

enum { USER = 4242, MASK_CHANGED = 60, UIDS_CHANGED, SHOWN, NOT_SET };

static struct host *its_host;

/* As a set-uid root program that USER started; returns the error's positive,
 * or what is wrong besides. */
static int
attempt_as_user(void *nothing)
{
	sigset_t before, after;
	uid_t real, effective, saved;
	int r;

	if (syscall(SYS_setresuid, USER, 0, 0) < 0)
		return NOT_SET;
	sigemptyset(&before);
	sigaddset(&before, SIGUSR1);
	sigprocmask(SIG_SETMASK, &before, NULL);
	(void)nothing;
	r = -attempts(its_host);
	sigprocmask(SIG_SETMASK, NULL, &after);
	if (sigismember(&after, SIGUSR1) != 1 ||
	    sigismember(&after, SIGTERM) != 0)
		return MASK_CHANGED;
	syscall(SYS_getresuid, &real, &effective, &saved);
	if (caller.set_fails_at == 0 &&
	    (real != USER || effective != 0 || saved != 0))
		return UIDS_CHANGED;
	if (r == 0 && (caller.while_writing != 0 || !caller.held_back))
		return SHOWN;
	return r;
}

TEST("a set-uid program is root's alone while it writes, and the user's after")
{
	AUTO_HOST struct host host;

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	with_alice(&host, "");
	its_host = &host;
	all_works();
	expect_int(scratch_child(attempt_as_user, NULL), 0);
	expect_int(host_failures(&host, 1000), 1);
}

TEST("a set-uid program that cannot become root or go back gets no answer")
{
	AUTO_HOST struct host host;

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	with_alice(&host, "");
	its_host = &host;
	all_works();
	caller.get_fails_at = 1;
	expect_int(scratch_child(attempt_as_user, NULL), -ERR_CALLER);
	all_works();
	caller.mask_fails_at = 1;
	expect_int(scratch_child(attempt_as_user, NULL), -ERR_CALLER);
	all_works();
	caller.set_fails_at = 1;
	expect_int(scratch_child(attempt_as_user, NULL), -ERR_CALLER);
	expect_int(host_failures(&host, 1000), 0);
	all_works();
	caller.set_fails_at = 2;
	expect_int(scratch_child(attempt_as_user, NULL), -ERR_CALLER);
}

TEST("an ordinary program keeps its signals and uids throughout")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	expect_int(attempts(&host), 0);
	expect_int(caller.sets, 0);
	expect(!caller.held_back);
}
