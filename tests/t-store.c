/*
 * The store: what is proof and what is damage, and that neither a power cut
 * nor a full disk, neither a swapped file nor a stranger's, opens a door or
 * shuts one for good.
 *
 * The calls below that change a disk, lock or look at a file, and syscall, stand
 * in front of libc's, as meanwhile.c does, and hand on to the kernel, so that a
 * test can make one fail, stop the machine at it, or do something while somebody waits
 * for a lock, has found no file, or is about to make a folder.
 */
#include "io.h"
#include "mem.h"
#include "meanwhile.h"
#include "policy.h"
#include "scratch.h"
#include "seal.h"
#include "store.h"
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_newfstatat /* where 32 bits are a word */
#define SYS_newfstatat SYS_fstatat64
#endif

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

#define KEY	    "etc/store.key"
#define MARKER	    "store/marker"
#define ENROLMENT   "store/1000.enrolment"
#define STATE	    "store/1000.state"
#define INVITATION  "store/1000.invitation"
#define B_ENROLMENT "store/1001.enrolment"
#define B_STATE	    "store/1001.state"

enum { PHONE = 11, FOB = 22, CODES = 99, NOON = 1800000000 };

static const struct account alice = { true, 1000, 100, "alice" };
static const struct account bob = { true, 1001, 100, "bob" };
static struct trouble why;

/* ---- a disk that fails ---- */

enum how {
	FAILS_ONCE,   /* the one call; what follows works */
	STOPS,	      /* nothing reaches the disk from that call on */
	STOPS_WITHIN, /* the same, and of that write the first half did */
};

static struct {
	unsigned fails_at; /* the call, from 1; 0: none */
	enum how how;
	unsigned calls;
	unsigned data_syncs, syncs;
	ino_t synced[8]; /* the files of the last syncs */
} disk;

static bool
disk_fails(void)
{
	disk.calls++;
	if (disk.fails_at == 0 || disk.calls < disk.fails_at ||
	    (disk.calls > disk.fails_at && disk.how == FAILS_ONCE))
		return false;
	errno = EIO;
	return true;
}

ssize_t
pwrite(int fd, const void *buffer, size_t n, off_t offset)
{
	struct iovec part = { (void *)(uintptr_t)buffer, n };
	bool fails = disk_fails();

	if (fails && disk.calls == disk.fails_at && disk.how == STOPS_WITHIN) {
		part.iov_len = n / 2;
		(void)!pwritev(fd, &part, 1, offset);
		errno = EIO;
	}
	return fails ? -1 : pwritev(fd, &part, 1, offset);
}

int
fdatasync(int fd)
{
	disk.data_syncs++;
	return disk_fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		disk.synced[disk.syncs % ROWS(disk.synced)] = st.st_ino;
	disk.syncs++;
	return disk_fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return disk_fails() ? -1 : renameat2(from_dir, from, to_dir, to, 0);
}

int
unlinkat(int dir, const char *name, int flags)
{
	return disk_fails() ? -1 : (int)syscall(SYS_unlinkat, dir, name, flags);
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

/* The first failing call works again, and so do all. */
static void
mend_disk(void)
{
	memset(&disk, 0, sizeof disk);
}

/* What happens before a folder is made; once. */
static void (*before_folder)(void);

int
mkdir(const char *path, mode_t mode)
{
	void (*happens)(void) = before_folder;

	before_folder = NULL;
	if (happens != NULL)
		happens();
	return mkdirat(AT_FDCWD, path, mode);
}

static int lock_error; /* of every lock; 0: locks are given */

int
fcntl(int fd, int command, ...)
{
	va_list args;
	void *more;

	va_start(args, command);
	more = va_arg(args, void *);
	va_end(args);
	if (command == F_OFD_SETLK && lock_error != 0) {
		errno = lock_error;
		return -1;
	}
	return (int)syscall(SYS_fcntl, fd, command, more);
}

static bool swaps; /* whatever is looked at by name is another file by then */

int
fstatat(int dir, const char *restrict name, struct stat *restrict st, int flags)
{
	int r;

	/* The memory sanitizer does not see what a system call writes. */
	memset(st, 0, sizeof *st);
	r = (int)syscall(SYS_newfstatat, dir, name, st, flags);
	if (swaps)
		st->st_ino++;
	return r;
}

/* What happens as soon as a file was looked for and is not there; once. */
static void (*when_missing)(void);

/* The way to openat2, for which libc has no function. */
long
syscall(long number, ...)
{
	union {
		void *symbol;
		long (*function)(long, ...);
	} next = { dlsym(RTLD_NEXT, "syscall") };
	void (*happens)(void) = when_missing;
	long a[4], r;
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < ROWS(a); i++)
		a[i] = va_arg(args, long);
	va_end(args);
	r = next.function(number, a[0], a[1], a[2], a[3]);
	if (number != SYS_openat2 || r >= 0 || errno != ENOENT ||
	    happens == NULL)
		return r;
	when_missing = NULL;
	happens();
	errno = ENOENT;
	return r;
}

/* ---- what tests do ---- */

static struct authenticator
authenticator(uint64_t id)
{
	struct authenticator a = { .id = id,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.created = NOON,
		.key_len = 20 };

	snprintf(a.name, sizeof a.name, "number %u", (unsigned)id);
	memset(a.key, (int)id, a.key_len);
	return a;
}

/* An enrolment with one authenticator or two (second 0: one), and recovery
 * codes.  NULL: no memory. */
static struct record *
record_of(const struct account *account, uint64_t first, uint64_t second)
{
	struct authenticator a = authenticator(first);
	struct record *record = record_new();

	if (record == NULL)
		return NULL;
	record->uid = account->uid;
	record->created = NOON;
	strcpy(record->user, account->name);
	(void)record_add(record, &a);
	a = authenticator(second);
	if (second != 0)
		(void)record_add(record, &a);
	record->recovery.id = CODES;
	record->recovery.created = NOON;
	return record;
}

static int
enrol_record(const struct scratch *s, const struct account *account,
    const struct record *record)
{
	static const uint64_t spent[RECORD_AUTHENTICATORS] = { 100, 200 };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin_enrolling(store, account, &txn)) < 0)
		return r;
	return store_enrol(txn, record, spent);
}

static int
enrol(const struct scratch *s, const struct account *account, uint64_t first,
    uint64_t second)
{
	AUTO_RECORD struct record *record = record_of(account, first, second);

	return record == NULL ? ERR_MEMORY : enrol_record(s, account, record);
}

static int
unenrol(const struct scratch *s, const struct account *account)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin(store, account, &txn)) < 0)
		return r;
	return store_remove(txn);
}

/* What a login sees. */
struct seen {
	bool enrolled;
	size_t count;
	uint64_t first, second; /* ids of authenticators; 0: none */
	bool known;		/* to the state */
	struct state state;
};

static int
look_in(struct store *store, const struct account *account, struct seen *seen)
{
	AUTO_TXN struct store_txn *txn = NULL;
	const struct record *record;
	int r;

	memset(seen, 0, sizeof *seen);
	if ((r = store_begin(store, account, &txn)) < 0)
		return r;
	record = store_record(txn);
	seen->state = *store_state(txn);
	if (record == NULL)
		return 0;
	seen->enrolled = true;
	seen->count = record->count;
	seen->first = record->count > 0 ? record->authenticators[0].id : 0;
	seen->second = record->count > 1 ? record->authenticators[1].id : 0;
	seen->known = state_knows(store_state(txn), record);
	return 0;
}

static int
look(const struct scratch *s, const struct account *account, struct seen *seen)
{
	AUTO_STORE struct store *store = NULL;
	int r;

	why.text[0] = '\0';
	if ((r = store_open(&s->settings, &why, &store)) < 0)
		return r;
	return look_in(store, account, seen);
}

/* The number of failures on record; or an error. */
static int
failures(const struct scratch *s, const struct account *account)
{
	struct seen seen;
	int r = look(s, account, &seen);

	return r < 0 ? r : (int)seen.state.failures;
}

/* Counts a failure, durably. */
static int
count_failure(const struct scratch *s, const struct account *account)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin(store, account, &txn)) < 0)
		return r;
	store_state(txn)->failures++;
	return store_commit(txn);
}

/* What nothing but proof makes "not enrolled" of. */
static int
proven_absent(const struct scratch *s, const struct account *account)
{
	AUTO_STORE struct store *store = NULL;
	bool enrolled = true;

	if (store_open(&s->settings, &why, &store) < 0 ||
	    store_look(store, account, &enrolled) < 0)
		return 0;
	return !enrolled;
}

static void
expect_enrolled(const struct scratch *s, const struct account *account,
    uint64_t first, uint64_t second)
{
	struct seen seen;

	if (look(s, account, &seen) < 0)
		fail_msg("%s", why.text);
	expect(seen.enrolled && seen.known);
	expect_int(seen.first, first);
	expect_int(seen.second, second);
}

static void
expect_not_enrolled(const struct scratch *s, const struct account *account)
{
	struct seen seen;

	if (look(s, account, &seen) < 0)
		fail_msg("%s", why.text);
	expect(!seen.enrolled);
	expect(proven_absent(s, account));
}

/* A store in which alice has her phone. */
static void
with_alice(struct scratch *s)
{
	mend_disk();
	meanwhile = NULL;
	scratch_new_store(s);
	expect_int(enrol(s, &alice, PHONE, 0), 0);
}

static void
copy(const struct scratch *from, const char *source, const struct scratch *to,
    const char *target)
{
	uint8_t bytes[STATE_FILE_BYTES + 1];
	size_t n = scratch_read(from, source, bytes, sizeof bytes);

	scratch_write(to, target, bytes, n);
}

static void
flip(const struct scratch *s, const char *name, size_t bit)
{
	AUTO_CLOSE int fd = open(scratch_path(s, name), O_RDWR | O_CLOEXEC);
	uint8_t byte;

	expect(fd >= 0);
	expect_int(io_read_at(fd, &byte, 1, (off_t)(bit / 8)), 0);
	byte ^= (uint8_t)(1 << bit % 8);
	expect_int(io_write_at(fd, &byte, 1, (off_t)(bit / 8)), 0);
}

static void
truncate_to(const struct scratch *s, const char *name, off_t size)
{
	expect_int(truncate(scratch_path(s, name), size), 0);
}

static off_t
size_of(const struct scratch *s, const char *name)
{
	struct stat st;

	expect_int(stat(scratch_path(s, name), &st), 0);
	return st.st_size;
}

static void
move(const struct scratch *s, const char *from, const char *to)
{
	expect_int(rename(scratch_path(s, from), scratch_path(s, to)), 0);
}

static bool
was_synced(const struct scratch *s, const char *name)
{
	struct stat st;

	expect_int(stat(scratch_path(s, name), &st), 0);
	for (size_t i = 0; i < ROWS(disk.synced); i++)
		if (disk.synced[i] == st.st_ino)
			return true;
	return false;
}

static void
set_mode(const struct scratch *s, const char *name, mode_t mode)
{
	expect_int(chmod(scratch_path(s, name), mode), 0);
}

/* ---- making a store ---- */

TEST("a store that was made can be used, and is its owner's alone")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect_int(store_check(&s.settings, &why), 0);
	expect_int(scratch_mode(&s, "store"), 0700);
	expect_int(scratch_mode(&s, KEY), 0600);
	expect_int(scratch_mode(&s, MARKER), 0600);
	expect_int(size_of(&s, KEY), SEAL_KEY_BYTES);
	expect_not_enrolled(&s, &alice);
}

TEST("the caller's umask changes no mode")
{
	static const mode_t masks[] = { 0, 0777 };

	for (size_t i = 0; i < ROWS(masks); i++) {
		AUTO_SCRATCH struct scratch s;
		int made, enrolled;
		mode_t before;

		mend_disk();
		scratch_new(&s);
		before = umask(masks[i]);
		made = store_create(&s.settings, &why);
		enrolled = enrol(&s, &alice, PHONE, 0);
		umask(before);
		expect_int(made, 0);
		expect_int(enrolled, 0);
		expect_int(scratch_mode(&s, "store"), 0700);
		expect_int(scratch_mode(&s, KEY), 0600);
		expect_int(scratch_mode(&s, MARKER), 0600);
		expect_int(scratch_mode(&s, ENROLMENT), 0600);
		expect_int(scratch_mode(&s, STATE), 0600);
		expect_enrolled(&s, &alice, PHONE, 0);
	}
}

TEST("two stores have different keys and markers")
{
	AUTO_SCRATCH struct scratch a, b;
	uint8_t one[100], other[100];
	size_t n;

	mend_disk();
	scratch_new_store(&a);
	scratch_new_store(&b);
	n = scratch_read(&a, KEY, one, sizeof one);
	expect_int(scratch_read(&b, KEY, other, sizeof other), n);
	expect(memcmp(one, other, n) != 0);
	n = scratch_read(&a, MARKER, one, sizeof one);
	expect_int(scratch_read(&b, MARKER, other, sizeof other), n);
	expect(memcmp(one + 8, other + 8, 16) != 0);
}

TEST("a store that is there is not made again")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(store_create(&s.settings, &why), ERR_EXISTS);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("a key whose store is not mounted is not given another store")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	move(&s, "store", "elsewhere");
	expect_int(store_create(&s.settings, &why), ERR_UNTRUSTED);
	expect(!scratch_has(&s, "store"));
	expect_int(mkdir(scratch_path(&s, "store"), 0700), 0);
	expect_int(store_create(&s.settings, &why), ERR_UNTRUSTED);
	expect(!scratch_has(&s, MARKER));
	expect_int(rmdir(scratch_path(&s, "store")), 0);
	move(&s, "elsewhere", "store");
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("a store whose key is lost is not given another key")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	move(&s, KEY, "etc/saved.key");
	expect_int(store_create(&s.settings, &why), ERR_UNTRUSTED);
	expect(!scratch_has(&s, KEY));
	move(&s, "etc/saved.key", KEY);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("a store is made in an empty folder, but not in one others can enter")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new(&s);
	expect_int(mkdir(scratch_path(&s, "store"), 0755), 0);
	set_mode(&s, "store", 0755);
	expect_int(store_create(&s.settings, &why), ERR_UNTRUSTED);
	expect(!scratch_has(&s, KEY) && !scratch_has(&s, MARKER));
	set_mode(&s, "store", 0700);
	expect_int(store_create(&s.settings, &why), 0);
	expect_int(store_check(&s.settings, &why), 0);
	expect_int(scratch_mode(&s, "etc"), 0755);
}

TEST("a store is not made where its key cannot be")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new(&s);
	strcpy(s.settings.key_file, "/proc/store.key"); /* nobody makes files */
	expect_int(store_create(&s.settings, &why), ERR_IO);
	expect(strstr(why.text, "cannot make /proc/store.key") != NULL);
	expect(!scratch_has(&s, MARKER));
}

TEST("a store is not made where a link, a file or no parent folder is")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new(&s);
	expect_int(mkdir(scratch_path(&s, "real"), 0700), 0);
	expect_int(symlink("real", scratch_path(&s, "store")), 0);
	expect(store_create(&s.settings, &why) < 0);
	expect(!scratch_has(&s, "real/marker") && !scratch_has(&s, KEY));
	expect_int(unlink(scratch_path(&s, "store")), 0);
	scratch_write_text(&s, "store", "");
	expect(store_create(&s.settings, &why) < 0);
	expect_int(unlink(scratch_path(&s, "store")), 0);
	strcpy(s.settings.store_dir, scratch_path(&s, "a/b/store"));
	expect(store_create(&s.settings, &why) < 0);
	expect(!scratch_has(&s, KEY));
}

TEST("setting up that failed at any write can be tried again")
{
	int r = -1;

	for (unsigned at = 1; r < 0; at++) {
		AUTO_SCRATCH struct scratch s;

		mend_disk();
		scratch_new(&s);
		disk.fails_at = at;
		r = store_create(&s.settings, &why);
		expect((r == 0) == (disk.calls < at));
		mend_disk();
		if (r < 0 && store_create(&s.settings, &why) < 0)
			fail_msg("after write %u failed: %s", at, why.text);
		expect_int(store_check(&s.settings, &why), 0);
		expect(at < 50);
	}
}

TEST("of a store that was made, files and folders have their names for good")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect(was_synced(&s, KEY) && was_synced(&s, MARKER));
	expect(was_synced(&s, "store")); /* where the marker's name is, */
	expect(was_synced(&s, "etc"));	 /* and the key's, */
	expect(was_synced(&s, "."));	 /* and theirs */
}

static const struct scratch *shared;

static void
other_sets_up(void)
{
	expect_int(store_create(&shared->settings, &why), 0);
}

TEST("of two that set up at once, the later leaves the earlier's store alone")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new(&s);
	shared = &s;
	before_folder = other_sets_up;
	expect(store_create(&s.settings, &why) < 0);
	expect(before_folder == NULL);
	expect_int(store_check(&s.settings, &why), 0);
}

/* ---- opening ---- */

TEST("a missing, an empty and another's folder prove nobody's absence")
{
	AUTO_SCRATCH struct scratch s, other;
	struct seen seen;

	with_alice(&s);
	with_alice(&other);
	move(&s, "store", "elsewhere");
	expect_int(look(&s, &bob, &seen), ERR_MISSING);
	expect(!proven_absent(&s, &bob));
	expect_int(mkdir(scratch_path(&s, "store"), 0700), 0);
	expect_int(look(&s, &bob, &seen), ERR_UNTRUSTED);
	expect(!proven_absent(&s, &bob));
	copy(&other, MARKER, &s, MARKER);
	expect_int(look(&s, &bob, &seen), ERR_UNTRUSTED);
	expect(!proven_absent(&s, &bob));
}

TEST("a folder that group or others can enter is not trusted")
{
	static const mode_t bad[] = { 0710, 0720, 0740, 0701, 0702, 0704, 0777,
		01777, 0755 };
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	for (size_t i = 0; i < ROWS(bad); i++) {
		set_mode(&s, "store", bad[i]);
		expect_int(look(&s, &bob, &seen), ERR_UNTRUSTED);
		expect_int(scratch_mode(&s, "store"), bad[i]); /* unmended */
	}
	set_mode(&s, "store", 0700);
	expect_not_enrolled(&s, &bob);
}

TEST("a folder that cannot be entered proves nobody's absence")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;
	int r;

	if (geteuid() == 0)
		NOT_TESTED("root enters any folder");
	with_alice(&s);
	set_mode(&s, "store", 0);
	r = look(&s, &bob, &seen);
	set_mode(&s, "store", 0600); /* may be listed, not looked into */
	expect(r < 0);
	r = look(&s, &bob, &seen);
	set_mode(&s, "store", 0700);
	expect(r < 0);
}

TEST("a link or a file in the folder's place is not followed")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	move(&s, "store", "real");
	expect_int(symlink("real", scratch_path(&s, "store")), 0);
	expect_int(look(&s, &alice, &seen), ERR_IO);
	expect_int(unlink(scratch_path(&s, "store")), 0);
	scratch_write_text(&s, "store", "");
	expect_int(look(&s, &alice, &seen), ERR_IO);
}

TEST("a marker that is missing or differs by one bit opens no store")
{
	AUTO_SCRATCH struct scratch s;
	size_t bits;

	with_alice(&s);
	bits = 8 * (size_t)size_of(&s, MARKER);
	for (size_t i = 0; i < bits; i++) {
		flip(&s, MARKER, i);
		expect_int(store_check(&s.settings, &why), ERR_UNTRUSTED);
		flip(&s, MARKER, i);
	}
	expect_int(store_check(&s.settings, &why), 0);
	expect_int(unlink(scratch_path(&s, MARKER)), 0);
	expect_int(store_check(&s.settings, &why), ERR_UNTRUSTED);
	expect(strstr(why.text, "marker") != NULL);
}

TEST("a key that is missing, zero or differs by one bit opens no store")
{
	static const uint8_t zeros[SEAL_KEY_BYTES];
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	for (size_t i = 0; i < 8 * SEAL_KEY_BYTES; i++) {
		flip(&s, KEY, i);
		expect_int(store_check(&s.settings, &why), ERR_UNTRUSTED);
		flip(&s, KEY, i);
	}
	expect_int(store_check(&s.settings, &why), 0);
	scratch_write(&s, KEY, zeros, sizeof zeros);
	expect_int(store_check(&s.settings, &why), ERR_UNTRUSTED);
	expect_int(unlink(scratch_path(&s, KEY)), 0);
	expect_int(store_check(&s.settings, &why), ERR_MISSING);
	expect(strstr(why.text, "store.key") != NULL);
}

TEST("a key that anybody else may read is not used")
{
	static const mode_t bad[] = { 0640, 0604, 0620, 0602, 0610, 0601 };
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	for (size_t i = 0; i < ROWS(bad); i++) {
		set_mode(&s, KEY, bad[i]);
		expect_int(store_check(&s.settings, &why), ERR_UNTRUSTED);
	}
	set_mode(&s, KEY, 0400);
	expect_int(store_check(&s.settings, &why), 0);
}

TEST("with no descriptor left there is no answer")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	struct rlimit before, none;
	struct seen seen;
	int opened, begun, looked, listed;
	bool enrolled = true;
	uid_t *uids = NULL;
	size_t count = 0;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	expect_int(setrlimit(RLIMIT_NOFILE, &none), 0);
	opened = store_check(&s.settings, &why);
	begun = look_in(store, &bob, &seen);
	looked = store_look(store, &bob, &enrolled);
	listed = store_list(store, &uids, &count);
	expect_int(setrlimit(RLIMIT_NOFILE, &before), 0);
	expect_int(opened, ERR_IO);
	expect_int(begun, ERR_IO);
	expect_int(looked, ERR_IO);
	expect_int(listed, ERR_IO);
	expect(enrolled && uids == NULL);
	expect_int(look_in(store, &bob, &seen), 0);
}

/* ---- files that are not what they should be ---- */

static void
make_link(const struct scratch *s, const char *name)
{
	move(s, name, "real");
	expect_int(symlink(scratch_path(s, "real"), scratch_path(s, name)), 0);
}

static void
make_dangling(const struct scratch *s, const char *name)
{
	expect_int(unlink(scratch_path(s, name)), 0);
	expect_int(symlink("nowhere", scratch_path(s, name)), 0);
}

static void
make_second_name(const struct scratch *s, const char *name)
{
	expect_int(link(scratch_path(s, name), scratch_path(s, "also")), 0);
}

static void
make_pipe(const struct scratch *s, const char *name)
{
	expect_int(unlink(scratch_path(s, name)), 0);
	expect_int(mkfifo(scratch_path(s, name), 0600), 0);
}

static void
make_folder(const struct scratch *s, const char *name)
{
	expect_int(unlink(scratch_path(s, name)), 0);
	expect_int(mkdir(scratch_path(s, name), 0700), 0);
}

static void
make_socket(const struct scratch *s, const char *name)
{
	expect_int(unlink(scratch_path(s, name)), 0);
	scratch_socket(s, name);
}

static void
make_readable(const struct scratch *s, const char *name)
{
	set_mode(s, name, 0640);
}

static void
make_writable(const struct scratch *s, const char *name)
{
	set_mode(s, name, 0602);
}

static void
make_empty(const struct scratch *s, const char *name)
{
	truncate_to(s, name, 0);
}

static void
make_short(const struct scratch *s, const char *name)
{
	truncate_to(s, name, size_of(s, name) - 1);
}

static void
make_long(const struct scratch *s, const char *name)
{
	truncate_to(s, name, size_of(s, name) + 1);
}

static void
make_huge(const struct scratch *s, const char *name)
{
	truncate_to(s, name, (off_t)10 << 30);
}

static const char *const files[] = { KEY, MARKER, ENROLMENT, STATE };

/* Distorts each file of a store in turn.  Alice must get an error, this one,
 * and must not seem absent. */
static void
expect_refused(void (*distort)(const struct scratch *, const char *), int err,
    int err_of_state)
{
	for (size_t i = 0; i < ROWS(files); i++) {
		AUTO_SCRATCH struct scratch s;
		struct seen seen;
		int r;

		with_alice(&s);
		distort(&s, files[i]);
		r = look(&s, &alice, &seen);
		if (r != (i == 3 ? err_of_state : err))
			fail_msg("%s: %s: %s", files[i], err_text(r), why.text);
		expect(why.text[0] != '\0');
		expect(!proven_absent(&s, &alice));
		expect(count_failure(&s, &alice) < 0);
		expect(enrol(&s, &alice, FOB, 0) < 0);
	}
}

TEST("a link in a file's place is not followed")
{
	expect_refused(make_link, ERR_IO, ERR_IO);
}

TEST("a link that points nowhere is not an absent file")
{
	expect_refused(make_dangling, ERR_IO, ERR_IO);
}

TEST("a file with a second name elsewhere is not trusted")
{
	expect_refused(make_second_name, ERR_UNTRUSTED, ERR_UNTRUSTED);
}

TEST("a pipe in a file's place is noticed without waiting for its writer")
{
	expect_refused(make_pipe, ERR_UNTRUSTED, ERR_UNTRUSTED);
}

TEST("a folder in a file's place is refused")
{
	expect_refused(make_folder, ERR_UNTRUSTED, ERR_IO);
}

TEST("a socket in a file's place is refused")
{
	expect_refused(make_socket, ERR_IO, ERR_IO);
}

TEST("a file that the group may read or others write is not trusted")
{
	expect_refused(make_readable, ERR_UNTRUSTED, ERR_UNTRUSTED);
	expect_refused(make_writable, ERR_UNTRUSTED, ERR_UNTRUSTED);
}

TEST("an empty, a shorter and a longer file are damaged")
{
	expect_refused(make_empty, ERR_DAMAGED, ERR_DAMAGED);
	expect_refused(make_short, ERR_DAMAGED, ERR_DAMAGED);
	expect_refused(make_long, ERR_DAMAGED, ERR_DAMAGED);
}

TEST("a sparse file of ten gigabytes is damaged, and not read")
{
	expect_refused(make_huge, ERR_DAMAGED, ERR_DAMAGED);
}

/* ---- enrolments ---- */

TEST("an enrolment is read as it was written, with what is spent")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_RECORD struct record *want = record_of(&alice, PHONE, FOB);
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	uint8_t is[RECORD_BYTES], should[RECORD_BYTES];

	mend_disk();
	scratch_new_store(&s);
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	record_format(store_record(txn), is);
	record_format(want, should);
	expect_bytes(is, should, sizeof is);
	expect(state_find(store_state(txn), PHONE)->spent == 100);
	expect(state_find(store_state(txn), FOB)->spent == 200);
	expect(state_find(store_state(txn), CODES)->spent == 0);
	expect_int(store_state(txn)->uid, 1000);
	expect_int(store_state(txn)->failures, 0);
}

TEST("no byte of a key can be read in the store, nor a name")
{
	AUTO_SCRATCH struct scratch s;
	uint8_t bytes[4097];
	uint8_t key[20];
	size_t n;

	with_alice(&s);
	memset(key, PHONE, sizeof key);
	n = scratch_read(&s, ENROLMENT, bytes, sizeof bytes);
	expect_int(n, 4096);
	expect(memmem(bytes, n, key, 4) == NULL);
	expect(memmem(bytes, n, "alice", 5) == NULL);
	expect(memmem(bytes, n, "number", 6) == NULL);
}

TEST("the same enrolment is sealed in other bytes each time")
{
	AUTO_SCRATCH struct scratch s;
	uint8_t one[4096], other[4096];
	unsigned equal = 0;

	with_alice(&s);
	scratch_read(&s, ENROLMENT, one, sizeof one);
	expect_int(enrol(&s, &alice, PHONE, 0), 0);
	scratch_read(&s, ENROLMENT, other, sizeof other);
	for (size_t i = 48; i < sizeof one; i++)
		equal += one[i] == other[i];
	expect(equal < 100); /* 16 expected */
}

TEST("an enrolment with any one byte wrong is damaged")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	struct seen seen;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	for (size_t i = 0; i < 4096; i++) {
		size_t bit = 8 * i + i % 8;

		flip(&s, ENROLMENT, bit);
		expect_int(look_in(store, &alice, &seen), ERR_DAMAGED);
		flip(&s, ENROLMENT, bit);
	}
	expect_int(look_in(store, &alice, &seen), 0);
}

TEST("an enrolment of a newer format is told from a damaged one")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	flip(&s, ENROLMENT, 8 * 8);
	flip(&s, ENROLMENT, 8 * 8 + 1); /* 1 becomes 2 */
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
	expect(strstr(why.text, "format 2") != NULL);
}

TEST("one user's files are no other's")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(enrol(&s, &bob, FOB, 0), 0);
	copy(&s, ENROLMENT, &s, B_ENROLMENT);
	expect_int(look(&s, &bob, &seen), ERR_DAMAGED);
	expect(strstr(why.text, "written for another uid") != NULL);
	copy(&s, STATE, &s, B_STATE);
	expect_int(look(&s, &bob, &seen), ERR_DAMAGED);
	expect_int(unenrol(&s, &bob), ERR_DAMAGED);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("one user's state under another's enrolment is damaged")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(enrol(&s, &bob, PHONE, 0), 0);
	copy(&s, STATE, &s, B_STATE);
	expect_int(look(&s, &bob, &seen), ERR_DAMAGED);
}

TEST("another host's enrolment is damaged here, and so is its state")
{
	AUTO_SCRATCH struct scratch s, other;
	struct seen seen;

	with_alice(&s);
	with_alice(&other);
	copy(&other, STATE, &s, STATE);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
	copy(&other, ENROLMENT, &s, ENROLMENT);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
	expect(!proven_absent(&s, &alice));
}

TEST("a store copied without its key gives nobody a code")
{
	AUTO_SCRATCH struct scratch s, thief;
	struct seen seen;

	with_alice(&s);
	mend_disk();
	scratch_new_store(&thief);
	copy(&s, ENROLMENT, &thief, ENROLMENT);
	copy(&s, STATE, &thief, STATE);
	expect_int(look(&thief, &alice, &seen), ERR_DAMAGED);
	copy(&s, MARKER, &thief, MARKER);
	expect_int(look(&thief, &alice, &seen), ERR_UNTRUSTED);
}

TEST("a state without an enrolment is nobody's enrolment")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(unlink(scratch_path(&s, ENROLMENT)), 0);
	expect_not_enrolled(&s, &alice);
	expect_int(enrol(&s, &alice, FOB, 0), 0);
	expect_enrolled(&s, &alice, FOB, 0);
}

TEST("a state without an enrolment may be damaged, and is nobody's still")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(unlink(scratch_path(&s, ENROLMENT)), 0);
	truncate_to(&s, STATE, 100);
	expect_not_enrolled(&s, &alice);
	expect_int(enrol(&s, &alice, FOB, 0), 0);
	expect_enrolled(&s, &alice, FOB, 0);
}

TEST("an enrolment without a state is damage, and enrolling does not mend it")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
	expect(!scratch_has(&s, STATE));
	expect(!proven_absent(&s, &alice));
	expect_int(enrol(&s, &alice, PHONE, 0), ERR_DAMAGED);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
}

TEST("a user who was renamed, or whose number another one has, is told so")
{
	static const struct account renamed = { true, 1000, 100, "alicia" };
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &renamed, &seen), ERR_RENAMED);
	expect(strstr(why.text, "alice") != NULL);
	expect(strstr(why.text, "alicia") != NULL);
	expect_int(enrol(&s, &renamed, FOB, 0), ERR_RENAMED);
	expect(!proven_absent(&s, &renamed));
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("a user who was made again under another number has no enrolment")
{
	static const struct account again = { true, 1005, 100, "alice" };
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_not_enrolled(&s, &again);
}

TEST("a user with the largest number there is can enrol")
{
	static const struct account far = { true, (uid_t)-2, 100, "far" };
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(enrol(&s, &far, FOB, 0), 0);
	expect_enrolled(&s, &far, FOB, 0);
	expect(scratch_has(&s, "store/4294967294.state"));
}

TEST("there is no transaction about a user who is not known")
{
	static const struct account nobody = { false, (uid_t)-1, 0, "" };
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &nobody, &seen), ERR_INPUT);
	expect_int(enrol(&s, &nobody, FOB, 0), ERR_INPUT);
	expect(!proven_absent(&s, &nobody));
}

/* ---- enrolling, changing and removing ---- */

TEST("an added authenticator leaves what is spent of the others as it was")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0);
	expect_int(enrol(&s, &alice, FOB, PHONE), 0);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.known && seen.count == 2);
	expect(state_find(&seen.state, PHONE)->spent == 100);
	expect(state_find(&seen.state, FOB)->spent == 100);
	expect_int(seen.state.failures, 1);
}

TEST("a removed authenticator is forgotten, and comes back as a new one")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(enrol(&s, &alice, FOB, 0), 0);
	expect_int(look(&s, &alice, &seen), 0);
	expect(state_find(&seen.state, PHONE) == NULL);
	expect_int(seen.state.count, 2);
	expect_enrolled(&s, &alice, FOB, 0);
}

/* Nine ids that are multiples of base. */
static int
enrol_many(const struct scratch *s, uint64_t base)
{
	AUTO_RECORD struct record *record = record_of(&alice, base, 0);

	for (uint64_t i = 2; i <= RECORD_AUTHENTICATORS; i++) {
		struct authenticator a = authenticator(i * base);

		expect_int(record_add(record, &a), 0);
	}
	record->recovery.id = 9 * base;
	return enrol_record(s, &alice, record);
}

/* Enrols alice's phone, with a bypass of this id (0: none). */
static void
enrol_with_bypass(const struct scratch *s, uint64_t id)
{
	AUTO_RECORD struct record *record = record_of(&alice, PHONE, 0);

	record->bypass.id = id;
	record->bypass.created = NOON;
	record->bypass.expires = NOON + 60;
	expect_int(enrol_record(s, &alice, record), 0);
}

TEST("a bypass is known to the state, unspent, and forgotten when it ends")
{
	enum { BYPASS = 77, ANOTHER = 78 };
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	enrol_with_bypass(&s, BYPASS);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.known);
	expect_int(state_find(&seen.state, BYPASS)->spent, 0);
	enrol_with_bypass(&s, ANOTHER);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.known && state_find(&seen.state, BYPASS) == NULL);
	enrol_with_bypass(&s, 0);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.known && seen.state.count == 2);
}

TEST("eight authenticators can be replaced by eight others at once")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	mend_disk();
	scratch_new_store(&s);
	expect_int(enrol_many(&s, 1), 0);
	expect_int(enrol_many(&s, 100), 0);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.known);
	expect_int(seen.count, RECORD_AUTHENTICATORS);
	expect_int(seen.state.count, RECORD_AUTHENTICATORS + 1);
}

TEST("adding that fails time and again takes no room from what comes after")
{
	enum { RENAMING = 6 }; /* the enrolment, when the state knows of it */
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	for (uint64_t id = 1000; id < 1000 + 2 * STATE_ENTRIES; id++) {
		mend_disk();
		disk.fails_at = RENAMING;
		expect_int(enrol(&s, &alice, PHONE, id), ERR_IO);
	}
	mend_disk();
	expect_enrolled(&s, &alice, PHONE, 0);
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_enrolled(&s, &alice, PHONE, FOB);
}

TEST("what changed in the state is kept with a new enrolment of the same ids")
{
	static const uint64_t spent[RECORD_AUTHENTICATORS];
	AUTO_SCRATCH struct scratch s;
	AUTO_RECORD struct record *record = record_of(&alice, PHONE, 0);
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	store_state(txn)->failures = 7;
	state_find(store_state(txn), PHONE)->spent = 1234;
	record->authenticators[0].pending = true;
	expect_int(store_enrol(txn, record, spent), 0);
	expect_int(failures(&s, &alice), 7);
}

TEST("an enrolment of another user is not written in this one's place")
{
	static const uint64_t spent[RECORD_AUTHENTICATORS];
	AUTO_SCRATCH struct scratch s;
	AUTO_RECORD struct record *record = record_of(&bob, FOB, 0);
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	expect_int(store_enrol(txn, record, spent), ERR_INPUT);
	store_abort(txn);
	txn = NULL;
	expect_enrolled(&s, &alice, PHONE, 0);
	expect_not_enrolled(&s, &bob);
}

TEST("nobody is enrolled in a transaction that has no lock")
{
	static const uint64_t spent[RECORD_AUTHENTICATORS];
	AUTO_SCRATCH struct scratch s;
	AUTO_RECORD struct record *record = record_of(&bob, FOB, 0);
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &bob, &txn), 0);
	expect_int(store_enrol(txn, record, spent), ERR_INPUT);
	expect_not_enrolled(&s, &bob);
}

TEST("enrolling that is broken off leaves nothing behind")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	struct store_txn *txn = NULL;

	mend_disk();
	scratch_new_store(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin_enrolling(store, &alice, &txn), 0);
	expect(store_record(txn) == NULL);
	store_abort(txn);
	expect(!scratch_has(&s, STATE) && !scratch_has(&s, ENROLMENT));
}

TEST("a change that is broken off changes no byte")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	uint8_t before[STATE_FILE_BYTES], after[STATE_FILE_BYTES];
	struct store_txn *txn = NULL;

	with_alice(&s);
	scratch_read(&s, STATE, before, sizeof before);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin_enrolling(store, &alice, &txn), 0);
	store_state(txn)->failures = 50;
	store_abort(txn);
	scratch_read(&s, STATE, after, sizeof after);
	expect_bytes(before, after, sizeof before);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("what is removed is gone, and what comes after begins anew")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0);
	expect_int(unenrol(&s, &alice), 0);
	expect(!scratch_has(&s, ENROLMENT) && !scratch_has(&s, STATE));
	expect_not_enrolled(&s, &alice);
	expect_int(unenrol(&s, &alice), 0);
	expect_int(enrol(&s, &alice, PHONE, 0), 0);
	expect_int(failures(&s, &alice), 0);
}

/* What the help desk does where nothing can be read any more. */
static int
reset(const struct scratch *s)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin_removing(store, 1000, &txn)) < 0)
		return r;
	return store_remove(txn);
}

TEST("what is damaged can be removed, and enrolled again")
{
	static const char *const names[] = { ENROLMENT, STATE };
	void (*const damages[])(const struct scratch *,
	    const char *) = { make_empty, make_short, make_long };

	for (size_t i = 0; i < ROWS(names) * ROWS(damages); i++) {
		AUTO_SCRATCH struct scratch s;

		with_alice(&s);
		damages[i / 2](&s, names[i % 2]);
		expect_int(reset(&s), 0);
		expect(!scratch_has(&s, ENROLMENT) && !scratch_has(&s, STATE));
		expect_int(enrol(&s, &alice, FOB, 0), 0);
		expect_enrolled(&s, &alice, FOB, 0);
	}
}

TEST("an enrolment without a state can be removed, and so can nothing at all")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	expect_int(reset(&s), 0);
	expect_not_enrolled(&s, &alice);
	expect_int(reset(&s), 0);
	expect_not_enrolled(&s, &alice);
	expect(!scratch_has(&s, ENROLMENT) && !scratch_has(&s, STATE));
}

static uint64_t
edition(const struct scratch *s)
{
	struct seen seen;

	expect_int(look(s, &alice, &seen), 0);
	return seen.state.edition;
}

TEST("every changed enrolment has another edition, and an attempt has not")
{
	AUTO_SCRATCH struct scratch s;
	uint64_t first, second;

	with_alice(&s);
	first = edition(&s);
	expect_int(count_failure(&s, &alice), 0);
	expect(edition(&s) == first);
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	second = edition(&s);
	expect(second != first);
	expect_int(enrol(&s, &alice, PHONE, 0), 0);
	expect(edition(&s) != second && edition(&s) != first);
	expect_int(unenrol(&s, &alice), 0);
	expect_int(enrol(&s, &alice, PHONE, 0), 0);
	expect(edition(&s) != first);
}

/* ---- invitations ---- */

static struct invitation
invitation_of(const struct account *account, uint64_t id)
{
	struct invitation invitation = { .id = id,
		.uid = account->uid,
		.created = NOON,
		.expires = NOON + 60 };

	strcpy(invitation.user, account->name);
	memset(invitation.key, 'k', sizeof invitation.key);
	return invitation;
}

/* With id 0, ends what there is. */
static int
invite(const struct scratch *s, const struct account *account, uint64_t id)
{
	const struct invitation invitation = invitation_of(account, id);
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin_enrolling(store, account, &txn)) < 0)
		return r;
	return id != 0 ? store_invite(txn, &invitation) : store_uninvite(txn);
}

/* The id of the invitation; 0: none. */
static int
invited(const struct scratch *s, const struct account *account,
    uint64_t *id_out)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct invitation invitation;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin(store, account, &txn)) < 0 ||
	    (r = store_invitation(txn, &invitation)) < 0)
		return r;
	if (invitation.id != 0)
		expect_text(invitation.user, account->name);
	*id_out = invitation.id;
	return 0;
}

static void
expect_invited(const struct scratch *s, const struct account *account,
    uint64_t id)
{
	uint64_t is = UINT64_MAX;

	if (invited(s, account, &is) < 0)
		fail_msg("%s", why.text);
	expect(is == id);
}

TEST("who is invited is not enrolled, and nobody else is invited")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect_invited(&s, &alice, 0);
	expect_int(invite(&s, &alice, 7), 0);
	expect_invited(&s, &alice, 7);
	expect_invited(&s, &bob, 0);
	expect_not_enrolled(&s, &alice);
	expect_int(scratch_mode(&s, INVITATION), 0600);
	expect(!scratch_has(&s, STATE) && !scratch_has(&s, ENROLMENT));
}

TEST("an invitation takes the place of the one before, and can be ended")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect_int(invite(&s, &alice, 7), 0);
	expect_int(invite(&s, &alice, 8), 0);
	expect_invited(&s, &alice, 8);
	expect_int(invite(&s, &alice, 0), 0);
	expect_invited(&s, &alice, 0);
	expect(!scratch_has(&s, INVITATION));
	expect_int(invite(&s, &alice, 0), 0);
}

TEST("a first enrolment ends an invitation, and so does ending that one")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect_int(invite(&s, &alice, 7), 0);
	expect_int(enrol(&s, &alice, PHONE, 0), 0);
	expect_invited(&s, &alice, 0);
	expect_int(invite(&s, &alice, 7), 0);
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_invited(&s, &alice, 7);
	expect_int(unenrol(&s, &alice), 0);
	expect_invited(&s, &alice, 0);
}

TEST("nobody is invited in a transaction without a lock, or as another")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct invitation invitation = invitation_of(&bob, 7);

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &bob, &txn), 0);
	expect_int(store_invite(txn, &invitation), ERR_INPUT);
	expect_int(store_uninvite(txn), ERR_INPUT);
	store_abort(txn);
	txn = NULL;
	expect_int(store_begin(store, &alice, &txn), 0);
	expect_int(store_invite(txn, &invitation), ERR_INPUT);
	expect(!scratch_has(&s, INVITATION));
}

TEST("an invitation with any one byte wrong is damaged, and can be replaced")
{
	AUTO_SCRATCH struct scratch s;
	uint64_t id = 0;

	mend_disk();
	scratch_new_store(&s);
	expect_int(invite(&s, &alice, 7), 0);
	for (off_t at = 0, size = size_of(&s, INVITATION); at < size; at++) {
		flip(&s, INVITATION, (size_t)at * 8 + (size_t)at % 8);
		expect_int(invited(&s, &alice, &id), ERR_DAMAGED);
		flip(&s, INVITATION, (size_t)at * 8 + (size_t)at % 8);
	}
	flip(&s, INVITATION, 0);
	expect_not_enrolled(&s, &alice);
	expect_int(invite(&s, &alice, 8), 0);
	expect_invited(&s, &alice, 8);
}

TEST("one user's invitation is no other's, and no enrolment")
{
	AUTO_SCRATCH struct scratch s;
	uint64_t id = 0;

	mend_disk();
	scratch_new_store(&s);
	expect_int(invite(&s, &bob, 7), 0);
	move(&s, "store/1001.invitation", INVITATION);
	expect_int(invited(&s, &alice, &id), ERR_DAMAGED);
	move(&s, INVITATION, ENROLMENT);
	expect(!proven_absent(&s, &alice));
}

static int
act_invite(const struct scratch *s)
{
	int r = invite(s, &alice, 7);

	return r < 0 ? r : invite(s, &alice, 8);
}

static void
verify_invited(const struct scratch *s)
{
	uint64_t id;

	if (invited(s, &alice, &id) < 0)
		fail_msg("%s", why.text);
	expect(id == 0 || id == 7 || id == 8);
	expect_int(invite(s, &alice, 9), 0);
	expect_invited(s, &alice, 9);
}

static int
act_end_invited(const struct scratch *s)
{
	int r = invite(s, &alice, 7);

	return r < 0 ? r : unenrol(s, &alice);
}

/* An invitation that was for another enrolment never outlives it. */
static void
verify_ended(const struct scratch *s)
{
	struct seen seen;
	uint64_t id;

	if (look(s, &alice, &seen) < 0 || invited(s, &alice, &id) < 0)
		fail_msg("%s", why.text);
	expect(seen.enrolled || id == 0);
}

/* ---- offers ---- */

static void
seal_offer(const struct scratch *s, const struct account *account,
    uint8_t blob[OFFER_BLOB_BYTES])
{
	AUTO_OFFER struct offer *offer = offer_new();
	AUTO_STORE struct store *store = NULL;

	offer->uid = account->uid;
	strcpy(offer->user, account->name);
	offer->begun = NOON;
	offer->proof = PROOF_PASSWORD;
	offer->authenticator = authenticator(PHONE);
	expect_int(store_open(&s->settings, &why, &store), 0);
	expect_int(store_seal_offer(store, offer, blob), 0);
}

static int
open_offer(const struct scratch *s, uid_t uid,
    const uint8_t blob[OFFER_BLOB_BYTES], struct offer *offer)
{
	AUTO_STORE struct store *store = NULL;

	expect_int(store_open(&s->settings, &why, &store), 0);
	return store_open_offer(store, uid, blob, offer);
}

TEST("an offer is opened as it was sealed, and the store has nothing of it")
{
	AUTO_OFFER struct offer *offer = offer_new();
	uint8_t blob[OFFER_BLOB_BYTES], key[20];
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	seal_offer(&s, &alice, blob);
	expect_int(open_offer(&s, alice.uid, blob, offer), 0);
	expect_text(offer->user, "alice");
	expect(offer->authenticator.id == PHONE);
	memset(key, PHONE, sizeof key);
	expect_bytes(offer->authenticator.key, key, sizeof key);
	expect(memmem(blob, sizeof blob, key, sizeof key) == NULL);
	expect(memmem(blob, sizeof blob, "alice", 5) == NULL);
	expect(!scratch_has(&s, STATE) && !scratch_has(&s, ENROLMENT));
	mend_disk();
	seal_offer(&s, &alice, blob);
	expect_int(disk.calls, 0);
}

TEST("an offer with any one byte wrong is none, nor is another user's")
{
	AUTO_OFFER struct offer *offer = offer_new();
	uint8_t blob[OFFER_BLOB_BYTES];
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	seal_offer(&s, &alice, blob);
	expect_int(open_offer(&s, bob.uid, blob, offer), ERR_DAMAGED);
	for (size_t i = 0; i < sizeof blob; i++) {
		blob[i] ^= (uint8_t)(1 << i % 8);
		expect_int(open_offer(&s, alice.uid, blob, offer), ERR_DAMAGED);
		blob[i] ^= (uint8_t)(1 << i % 8);
	}
	expect_int(open_offer(&s, alice.uid, blob, offer), 0);
}

TEST("another host's offer is none, nor is an enrolment or an invitation")
{
	AUTO_OFFER struct offer *offer = offer_new();
	uint8_t blob[OFFER_BLOB_BYTES], file[4096];
	AUTO_SCRATCH struct scratch s;
	AUTO_SCRATCH struct scratch other;

	with_alice(&s);
	scratch_new_store(&other);
	seal_offer(&other, &alice, blob);
	expect_int(open_offer(&s, alice.uid, blob, offer), ERR_DAMAGED);
	expect_int(invite(&s, &alice, 7), 0);
	memset(file, 0, sizeof file);
	scratch_read(&s, INVITATION, file, sizeof file);
	expect_int(open_offer(&s, alice.uid, file, offer), ERR_DAMAGED);
	scratch_read(&s, ENROLMENT, file, sizeof file);
	expect_int(open_offer(&s, alice.uid, file, offer), ERR_DAMAGED);
}

/* ---- writes that fail ---- */

TEST("leftovers of a crash by the enrolment are in nobody's way")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	scratch_write_text(&s, ENROLMENT ".new", "half an enrolm");
	expect_enrolled(&s, &alice, PHONE, 0);
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_enrolled(&s, &alice, PHONE, FOB);
	expect(!scratch_has(&s, ENROLMENT ".new"));
}

static struct {
	enum how how;
	unsigned at;
} swept;

static void
fail_swept(void)
{
	fail_msg("way %d, write %u: %s", (int)swept.how, swept.at, why.text);
}

/* Does something to alice's enrolment with every write of it failing in turn,
 * in each way, in a store of its own each time. */
static void
sweep(int (*act)(const struct scratch *), bool enrolled_before,
    void (*verify)(const struct scratch *))
{
	static const enum how hows[] = { FAILS_ONCE, STOPS, STOPS_WITHIN };

	for (size_t i = 0; i < ROWS(hows); i++) {
		int r = -1;

		for (unsigned at = 1; r < 0; at++) {
			AUTO_SCRATCH struct scratch s;

			mend_disk();
			scratch_new_store(&s);
			if (enrolled_before)
				expect_int(enrol(&s, &alice, PHONE, 0), 0);
			mend_disk();
			disk.fails_at = swept.at = at;
			disk.how = swept.how = hows[i];
			r = act(&s);
			expect((r == 0) == (disk.calls < at));
			mend_disk();
			verify(&s);
			expect(at < 50);
		}
	}
}

static int
act_enrol(const struct scratch *s)
{
	return enrol(s, &alice, PHONE, 0);
}

static int
act_add(const struct scratch *s)
{
	return enrol(s, &alice, PHONE, FOB);
}

static int
act_replace(const struct scratch *s)
{
	return enrol(s, &alice, FOB, 0);
}

static int
act_remove(const struct scratch *s)
{
	return unenrol(s, &alice);
}

static int
act_commit(const struct scratch *s)
{
	return count_failure(s, &alice);
}

/* Enrolled or not, but never damaged; and both can be done from here. */
static void
verify_either(const struct scratch *s)
{
	struct seen seen;

	if (look(s, &alice, &seen) < 0)
		fail_swept();
	if (seen.enrolled)
		expect_enrolled(s, &alice, PHONE, 0);
	expect_int(enrol(s, &alice, PHONE, 0), 0);
	expect_int(unenrol(s, &alice), 0);
	expect_not_enrolled(s, &alice);
}

/* The enrolment before or the one after, and nothing that was spent is not. */
static void
verify_changed(const struct scratch *s)
{
	const struct state_entry *phone;
	struct seen seen;

	if (look(s, &alice, &seen) < 0)
		fail_swept();
	expect(seen.enrolled && seen.known);
	expect(seen.first == PHONE || (seen.first == FOB && seen.count == 1));
	phone = state_find(&seen.state, PHONE);
	if (seen.first == PHONE)
		expect(phone != NULL && phone->spent == 100);
	expect_int(count_failure(s, &alice), 0);
	expect_int(enrol(s, &alice, PHONE, FOB), 0);
	expect_enrolled(s, &alice, PHONE, FOB);
}

static void
verify_committed(const struct scratch *s)
{
	int n = failures(s, &alice);

	expect(n == 0 || n == 1);
	expect_enrolled(s, &alice, PHONE, 0);
	expect_int(count_failure(s, &alice), 0);
	expect_int(count_failure(s, &alice), 0);
	expect_int(failures(s, &alice), n + 2);
}

TEST("whichever write fails, a first enrolment is whole or absent")
{
	sweep(act_enrol, false, verify_either);
}

TEST("whichever write fails, an added authenticator is known or not there")
{
	sweep(act_add, true, verify_changed);
}

TEST("whichever write fails, a replaced authenticator is the old or the new")
{
	sweep(act_replace, true, verify_changed);
}

TEST("whichever write fails, removing leaves no damage")
{
	sweep(act_remove, true, verify_either);
}

TEST("whichever write fails, an invitation is the old or the new, or none")
{
	sweep(act_invite, true, verify_invited);
}

TEST("whichever write fails, no invitation outlives the enrolment before it")
{
	sweep(act_end_invited, true, verify_ended);
}

TEST("whichever write fails, an attempt is not remembered, or whole")
{
	sweep(act_commit, true, verify_committed);
}

/* ---- states ---- */

TEST("an attempt is written in place, into the older slot alone")
{
	AUTO_SCRATCH struct scratch s;
	uint8_t before[STATE_FILE_BYTES], after[STATE_FILE_BYTES];
	struct stat was, is;

	with_alice(&s);
	for (unsigned n = 0; n < 4; n++) {
		size_t written = (n % 2) * STATE_SLOT_STRIDE;
		size_t kept = STATE_SLOT_STRIDE - written;

		scratch_read(&s, STATE, before, sizeof before);
		expect_int(stat(scratch_path(&s, STATE), &was), 0);
		expect_int(count_failure(&s, &alice), 0);
		scratch_read(&s, STATE, after, sizeof after);
		expect_int(stat(scratch_path(&s, STATE), &is), 0);
		expect(was.st_ino == is.st_ino && was.st_dev == is.st_dev);
		expect_int(is.st_size, STATE_FILE_BYTES);
		expect(memcmp(before + written, after + written,
			   STATE_SLOT_BYTES) != 0);
		expect_bytes(before + kept, after + kept, STATE_SLOT_STRIDE);
		expect_bytes(before + written + STATE_SLOT_BYTES,
		    after + written + STATE_SLOT_BYTES,
		    STATE_SLOT_STRIDE - STATE_SLOT_BYTES);
		expect_int(failures(&s, &alice), n + 1);
	}
}

TEST("every byte of a new state is on the disk, so that none needs room later")
{
	AUTO_SCRATCH struct scratch s;
	struct stat st;

	with_alice(&s);
	expect_int(stat(scratch_path(&s, STATE), &st), 0);
	expect(st.st_blocks * 512 >= STATE_FILE_BYTES);
}

TEST("a state that could not be read back is not written")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	store_state(txn)->failures = 0;
	store_state(txn)->last_attempt = -1;
	expect_int(store_commit(txn), ERR_DAMAGED);
	expect(strstr(why.text, "read back") != NULL);
	expect_int(failures(&s, &alice), 1);
}

TEST("an attempt costs one fdatasync and no fsync")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	mend_disk();
	expect_int(count_failure(&s, &alice), 0);
	expect_int(disk.data_syncs, 1);
	expect_int(disk.syncs, 0);
}

TEST("an attempt of somebody who is not enrolled writes nothing")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	mend_disk();
	expect_int(count_failure(&s, &bob), 0);
	expect_int(disk.calls, 0);
	expect(!scratch_has(&s, B_STATE) && !scratch_has(&s, B_ENROLMENT));
}

TEST("a state with one slot damaged is read from the other, and heals")
{
	for (size_t bad = 0; bad < 2; bad++) {
		AUTO_SCRATCH struct scratch s;
		size_t at = 8 * STATE_SLOT_STRIDE;
		int n;

		with_alice(&s);
		expect_int(count_failure(&s, &alice), 0);
		flip(&s, STATE, bad * at);
		expect((n = failures(&s, &alice)) >= 0);
		expect_int(count_failure(&s, &alice), 0);
		flip(&s, STATE, (1 - bad) * at);
		expect_int(failures(&s, &alice), n + 1);
	}
}

TEST("any bit wrong in one slot leaves the other in use")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	struct seen seen;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0); /* slot 0: 1, slot 1: 0 */
	expect_int(store_open(&s.settings, &why, &store), 0);
	for (size_t i = 0; i < 8 * STATE_SLOT_BYTES; i++) {
		flip(&s, STATE, i);
		expect_int(look_in(store, &alice, &seen), 0);
		expect_int(seen.state.failures, 0);
		flip(&s, STATE, i);
	}
	expect_int(failures(&s, &alice), 1);
}

TEST("any bit wrong in the only good slot is damage, and stays so")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	struct seen seen;

	with_alice(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	flip(&s, STATE, 8 * STATE_SLOT_STRIDE);
	for (size_t i = 0; i < 8 * STATE_SLOT_BYTES; i++) {
		flip(&s, STATE, i);
		expect_int(look_in(store, &alice, &seen), ERR_DAMAGED);
		flip(&s, STATE, i);
	}
	expect_int(look_in(store, &alice, &seen), 0);
	flip(&s, STATE, 0);
	expect_int(count_failure(&s, &alice), ERR_DAMAGED);
	expect_int(enrol(&s, &alice, FOB, 0), ERR_DAMAGED);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
}

/* Writes a slot as the holder of the key would. */
static void
forge_slot(const struct scratch *s, size_t slot, const struct state *state)
{
	AUTO_CLOSE int fd = open(scratch_path(s, STATE), O_RDWR | O_CLOEXEC);
	uint8_t bytes[STATE_SLOT_BYTES], key[SEAL_KEY_BYTES];

	expect_int(scratch_read(s, KEY, key, sizeof key), sizeof key);
	state_format(state, bytes);
	seal_mac(key, "sallyport state", state->uid, bytes, STATE_BODY_BYTES,
	    bytes + STATE_BODY_BYTES);
	expect_int(io_write_at(fd, bytes, sizeof bytes,
		       (off_t)(slot * STATE_SLOT_STRIDE)),
	    0);
}

TEST("two slots that claim to be the same write are damage")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &alice, &seen), 0);
	seen.state.sequence = 7;
	forge_slot(&s, 0, &seen.state);
	seen.state.failures = 3;
	forge_slot(&s, 1, &seen.state);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
}

TEST("the number of a write may come around to zero")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &alice, &seen), 0);
	seen.state.sequence = UINT64_MAX - 1;
	forge_slot(&s, 0, &seen.state);
	seen.state.sequence = UINT64_MAX;
	forge_slot(&s, 1, &seen.state);
	for (int n = 1; n <= 3; n++) {
		expect_int(count_failure(&s, &alice), 0);
		expect_int(failures(&s, &alice), n);
	}
	expect_int(look(&s, &alice, &seen), 0);
	expect_int(seen.state.sequence, 2);
}

TEST("a state of a user with another number is damage, though genuine")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &alice, &seen), 0);
	seen.state.uid = 1001;
	forge_slot(&s, 0, &seen.state);
	forge_slot(&s, 1, &seen.state);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
}

TEST("a state that this program would not write is damage, though genuine")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(look(&s, &alice, &seen), 0);
	seen.state.last_attempt = -1;
	forge_slot(&s, 0, &seen.state);
	forge_slot(&s, 1, &seen.state);
	expect_int(look(&s, &alice, &seen), ERR_DAMAGED);
}

/* What a login comes to with an answer that is no code at all. */
static enum verdict
judged(const struct scratch *s)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct judgement judgement;
	struct answer answer = { .kind = ANSWER_CODE, .code = "123456" };

	expect_int(store_open(&s->settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	judge(&s->settings, store_record(txn), store_state(txn), &answer,
	    NOON + 1000, &judgement);
	return judgement.verdict;
}

TEST("an older state than the enrolment's does not know it, and denies")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	copy(&s, STATE, &s, "older.state");
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_int(judged(&s), VERDICT_WRONG);
	copy(&s, "older.state", &s, STATE);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.enrolled && !seen.known);
	expect_int(judged(&s), VERDICT_CANNOT_TELL);
}

TEST("an older enrolment with an authenticator since removed is not known")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	copy(&s, ENROLMENT, &s, "older.enrolment");
	expect_int(enrol(&s, &alice, FOB, 0), 0);
	copy(&s, "older.enrolment", &s, ENROLMENT);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.enrolled && !seen.known);
	expect_int(judged(&s), VERDICT_CANNOT_TELL);
}

TEST("an enrolment that its state does not know is not changed, but can end")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	copy(&s, STATE, &s, "older.state");
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	copy(&s, "older.state", &s, STATE);
	expect_int(enrol(&s, &alice, PHONE, FOB), ERR_DAMAGED);
	expect(strstr(why.text, "do not belong together") != NULL);
	expect_int(look(&s, &alice, &seen), 0);
	expect(seen.enrolled && !seen.known);
	expect_int(unenrol(&s, &alice), 0);
	expect_not_enrolled(&s, &alice);
}

/* ---- locks ---- */

static struct store *other_store;
static struct store_txn *other_txn;

/* Somebody else's transaction on alice, in progress. */
static void
other_begins(const struct scratch *s)
{
	expect_int(store_open(&s->settings, &why, &other_store), 0);
	expect_int(store_begin(other_store, &alice, &other_txn), 0);
	shared = s;
}

static void
other_ends(void)
{
	store_abort(other_txn);
	store_close(other_store);
	other_txn = NULL;
	other_store = NULL;
}

static void
other_counts(void)
{
	store_state(other_txn)->failures++;
	(void)store_commit(other_txn);
	other_ends();
}

static void
other_removes(void)
{
	(void)store_remove(other_txn);
	other_ends();
}

static void
other_enrols_anew(void)
{
	(void)store_remove(other_txn);
	(void)enrol(shared, &alice, FOB, 0);
	other_ends();
}

static void
other_aborts(void)
{
	other_ends();
}

TEST("a login that waited sees what the one before it wrote")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	other_begins(&s);
	meanwhile = other_counts;
	expect_int(count_failure(&s, &alice), 0);
	expect(meanwhile == NULL);
	expect_int(failures(&s, &alice), 2);
}

TEST("a login that waited while the enrolment was removed finds none")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	other_begins(&s);
	meanwhile = other_removes;
	expect_not_enrolled(&s, &alice);
	expect(meanwhile == NULL);
}

TEST("a login that waited while both files were replaced reads the new ones")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0);
	other_begins(&s);
	meanwhile = other_enrols_anew;
	expect_enrolled(&s, &alice, FOB, 0);
	expect(meanwhile == NULL);
	expect_int(failures(&s, &alice), 0);
	expect_int(count_failure(&s, &alice), 0);
	expect_int(failures(&s, &alice), 1);
}

TEST("a login that waited for enrolling that was broken off finds none")
{
	AUTO_SCRATCH struct scratch s;

	mend_disk();
	scratch_new_store(&s);
	expect_int(store_open(&s.settings, &why, &other_store), 0);
	expect_int(store_begin_enrolling(other_store, &alice, &other_txn), 0);
	meanwhile = other_aborts;
	expect_not_enrolled(&s, &alice);
	expect(meanwhile == NULL);
	expect(!scratch_has(&s, STATE));
}

static void
somebody_enrols(void)
{
	expect_int(enrol(shared, &alice, PHONE, 0), 0);
}

/* Nobody is enrolled until the state was found missing. */
static void
with_nobody_yet(struct scratch *s)
{
	mend_disk();
	scratch_new_store(s);
	shared = s;
	when_missing = somebody_enrols;
}

TEST("a login that begins while its user is being enrolled holds a lock")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;

	with_nobody_yet(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_begin(store, &alice, &txn), 0);
	expect(when_missing == NULL);
	expect(state_knows(store_state(txn), store_record(txn)));
	store_state(txn)->failures++;
	expect_int(store_commit(txn), 0);
	expect_int(failures(&s, &alice), 1);
}

static void
other_adds(void)
{
	static const uint64_t nothing_new[RECORD_AUTHENTICATORS];
	AUTO_RECORD struct record *record = record_of(&alice, PHONE, FOB);

	(void)store_enrol(other_txn, record, nothing_new);
	other_ends();
}

static void
somebody_enrols_and_adds(void)
{
	somebody_enrols();
	other_begins(shared);
	meanwhile = other_adds;
}

TEST("what is read before there is a lock is read again behind it")
{
	AUTO_SCRATCH struct scratch s;

	with_nobody_yet(&s);
	when_missing = somebody_enrols_and_adds;
	expect_enrolled(&s, &alice, PHONE, FOB);
	expect(when_missing == NULL && meanwhile == NULL);
}

static void
somebody_enrols_and_removes(void)
{
	somebody_enrols();
	other_begins(shared);
	meanwhile = other_removes;
}

TEST("an enrolment that is gone before there is a lock is no damage")
{
	AUTO_SCRATCH struct scratch s;

	with_nobody_yet(&s);
	when_missing = somebody_enrols_and_removes;
	expect_not_enrolled(&s, &alice);
	expect(when_missing == NULL && meanwhile == NULL);
}

TEST("of two that enrol one user at once, the later adds to the earlier")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_nobody_yet(&s);
	expect_int(enrol(&s, &alice, FOB, PHONE), 0);
	expect(when_missing == NULL);
	expect_enrolled(&s, &alice, FOB, PHONE);
	expect_int(look(&s, &alice, &seen), 0);
	expect_int(state_find(&seen.state, PHONE)->spent, 100);
	expect_int(state_find(&seen.state, FOB)->spent, 100);
}

TEST("enrolling that waited for another's adds to what that one wrote")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	other_begins(&s);
	meanwhile = other_enrols_anew;
	expect_int(enrol(&s, &alice, FOB, PHONE), 0);
	expect(meanwhile == NULL);
	expect_enrolled(&s, &alice, FOB, PHONE);
}

TEST("a lock ends with the commit, before the transaction is freed")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	other_begins(&s);
	expect_int(store_commit(other_txn), 0);
	expect_int(count_failure(&s, &alice), 0);
	other_ends();
}

TEST("a lock that the kernel cannot give is none, whatever it says of it")
{
	static const int errors[] = { ENOLCK, EINVAL, EBADF, EIO };
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	for (size_t i = 0; i < ROWS(errors); i++) {
		lock_error = errors[i];
		expect_int(count_failure(&s, &alice), ERR_IO);
		lock_error = 0;
		expect(strstr(why.text, "cannot lock") != NULL);
		expect_int(failures(&s, &alice), 0);
	}
}

TEST("a state that is another file at each look is given up")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	swaps = true;
	expect_int(count_failure(&s, &alice), ERR_BUSY);
	swaps = false;
	expect(strstr(why.text, "replaced all the time") != NULL);
	expect_int(failures(&s, &alice), 0);
}

static int
look_as_somebody_else(void *with)
{
	const struct scratch *s = with;
	struct store *store = NULL;

	if (setresuid(65533, 65533, 65533) < 0)
		return 1;
	return store_open(&s->settings, &why, &store) == ERR_CALLER ? 0 : 2;
}

TEST("root's store is not there for others, and they are told whose it is")
{
	AUTO_SCRATCH struct scratch s;
	char above[SCRATCH_PATH_SIZE];

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	scratch_new_store(&s);
	snprintf(above, sizeof above, "%s", s.dir);
	expect_int(chmod(above, 0711), 0);
	*strrchr(above, '/') = '\0';
	(void)chmod(above, 0711);
	expect_int(scratch_child(look_as_somebody_else, &s), 0);
}

struct holding {
	const struct scratch *scratch;
	int tell; /* a pipe's end, to tell when the lock is held */
};

/* In a process of its own: locks alice, and stays. */
static void
hold(const struct holding *holding)
{
	struct store *store = NULL;
	struct store_txn *txn = NULL;

	if (store_open(&holding->scratch->settings, &why, &store) < 0 ||
	    store_begin(store, &alice, &txn) < 0 ||
	    write(holding->tell, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static pid_t
child_that_holds(const struct scratch *s)
{
	struct holding holding = { s, -1 };
	int ends[2];
	pid_t child;
	char byte;

	expect_int(pipe2(ends, O_CLOEXEC), 0);
	holding.tell = ends[1];
	fflush(NULL);
	if ((child = fork()) == 0)
		hold(&holding);
	expect(child > 0);
	close(ends[1]);
	expect_int(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return child;
}

TEST("a process that hangs keeps its own user waiting 5 seconds, nobody else")
{
	AUTO_SCRATCH struct scratch s;
	struct timespec before, after;
	struct seen seen;
	pid_t child;
	int r;

	with_alice(&s);
	expect_int(enrol(&s, &bob, FOB, 0), 0);
	child = child_that_holds(&s);
	expect_int(kill(child, SIGSTOP), 0);
	expect_int(count_failure(&s, &bob), 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	r = look(&s, &alice, &seen);
	clock_gettime(CLOCK_MONOTONIC, &after);
	expect_int(kill(child, SIGKILL), 0);
	expect_int(waitpid(child, NULL, 0), child);
	expect_int(r, ERR_BUSY);
	expect(after.tv_sec - before.tv_sec >= 4);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("a process that is killed within its transaction changes nothing")
{
	AUTO_SCRATCH struct scratch s;
	pid_t child;

	with_alice(&s);
	child = child_that_holds(&s);
	expect_int(kill(child, SIGKILL), 0);
	expect_int(waitpid(child, NULL, 0), child);
	expect_int(failures(&s, &alice), 0);
	expect_int(count_failure(&s, &alice), 0);
}

static int
count_many(void *with)
{
	for (int n = 0; n < 25; n++)
		if (count_failure(with, &alice) < 0)
			return 1;
	return 0;
}

TEST("of four processes that count at once, no count is lost")
{
	AUTO_SCRATCH struct scratch s;
	pid_t children[3];
	int status = 1;

	with_alice(&s);
	fflush(NULL);
	for (size_t i = 0; i < ROWS(children); i++)
		if ((children[i] = fork()) == 0)
			_exit(count_many(&s));
	expect_int(count_many(&s), 0);
	for (size_t i = 0; i < ROWS(children); i++) {
		expect(waitpid(children[i], &status, 0) == children[i]);
		expect_int(status, 0);
	}
	expect_int(failures(&s, &alice), 100);
}

/* ---- a full disk ---- */

enum { NO_SUCH_DISK = 77 };

static int
write_file(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) > 0 ? 0 : -1;
}

/* A disk of 64 KiB for this process alone, without being root. */
static int
mount_small_disk(const char *path)
{
	unsigned long uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -1;
	snprintf(map, sizeof map, "%lu %lu 1", uid, uid);
	if (write_file("/proc/self/setgroups", "deny") < 0 ||
	    write_file("/proc/self/uid_map", map) < 0)
		return -1;
	snprintf(map, sizeof map, "%lu %lu 1", gid, gid);
	if (write_file("/proc/self/gid_map", map) < 0)
		return -1;
	return mount("none", path, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k");
}

static void
fill_disk(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char page[1024] = "";

	while (write(fd, page, sizeof page) > 0)
		;
	while (write(fd, page, 1) > 0)
		;
}

static int
live_on_full_disk(void *with)
{
	const struct scratch *s = with;
	struct seen seen;

	if (mount_small_disk(s->dir) < 0)
		return NO_SUCH_DISK;
	if (store_create(&s->settings, &why) < 0 ||
	    enrol(s, &alice, PHONE, 0) < 0)
		return 1;
	fill_disk(scratch_path(s, "fill"));
	for (int n = 0; n < 5; n++)
		if (count_failure(s, &alice) < 0)
			return 2;
	if (enrol(s, &bob, FOB, 0) >= 0 || !proven_absent(s, &bob))
		return 3;
	if (enrol(s, &alice, PHONE, FOB) >= 0 || look(s, &alice, &seen) < 0 ||
	    !seen.known || seen.count != 1 || seen.state.failures != 5)
		return 4;
	if (unenrol(s, &alice) < 0 || !proven_absent(s, &alice))
		return 5;
	if (unlink(scratch_path(s, "fill")) < 0 || enrol(s, &bob, FOB, 0) < 0 ||
	    proven_absent(s, &bob))
		return 6;
	return 0;
}

TEST("a full disk locks nobody out, and lets nobody half in")
{
	AUTO_SCRATCH struct scratch s;
	int r;

	mend_disk();
	scratch_new(&s);
	if ((r = scratch_child(live_on_full_disk, &s)) == NO_SUCH_DISK)
		NOT_TESTED("there are no user namespaces here");
	expect_int(r, 0);
}

/* ---- listing ---- */

TEST("enrolments are listed by number, and nothing else in the folder is")
{
	static const char *const strays[] = { "store/12.state",
		"store/.enrolment", "store/03.enrolment", "store/-3.enrolment",
		"store/3.enrolment.new", "store/3.enrolments", "store/3",
		"store/x.enrolment", "store/3 .enrolment",
		"store/4294967295.enrolment", "store/4294967296.enrolment",
		"store/99999999999999999999999999999999999999999.enrolment",
		"store/3.Enrolment", "store/3x.enrolment" };
	static const uid_t want[] = { 0, 9, 10, 1000, 1001, (uid_t)-2 };
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_FREE uid_t *uids = NULL;
	size_t count = 0;

	with_alice(&s);
	expect_int(enrol(&s, &bob, FOB, 0), 0);
	scratch_write_text(&s, "store/10.enrolment", "");
	scratch_write_text(&s, "store/9.enrolment", "");
	scratch_write_text(&s, "store/0.enrolment", "");
	scratch_write_text(&s, "store/4294967294.enrolment", "");
	for (size_t i = 0; i < ROWS(strays); i++)
		scratch_write_text(&s, strays[i], "");
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_list(store, &uids, &count), 0);
	expect_int(count, ROWS(want));
	expect_bytes(uids, want, sizeof want);
}

TEST("a store with nobody in it lists nobody, twice over")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;

	mend_disk();
	scratch_new_store(&s);
	expect_int(store_open(&s.settings, &why, &store), 0);
	for (int i = 0; i < 2; i++) {
		AUTO_FREE uid_t *uids = NULL;
		size_t count = 7;

		expect_int(store_list(store, &uids, &count), 0);
		expect_int(count, 0);
	}
}

TEST("three hundred enrolments are listed")
{
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_FREE uid_t *uids = NULL;
	size_t count = 0;
	char name[40];

	mend_disk();
	scratch_new_store(&s);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "store/%u.enrolment", 5300 - i);
		scratch_write_text(&s, name, "");
	}
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_list(store, &uids, &count), 0);
	expect_int(count, 300);
	for (unsigned i = 0; i < 300; i++)
		expect_int(uids[i], 5001 + i);
}

static int
read_uid(const struct scratch *s, uid_t uid, char user[RECORD_USER_SIZE])
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	user[0] = '\0';
	expect_int(store_open(&s->settings, &why, &store), 0);
	if ((r = store_read(store, uid, &txn)) < 0)
		return r;
	if (store_record(txn) != NULL)
		strcpy(user, store_record(txn)->user);
	return 0;
}

TEST("an enrolment is read by number, without its user's name and lock")
{
	AUTO_SCRATCH struct scratch s;
	char user[RECORD_USER_SIZE];

	with_alice(&s);
	other_begins(&s);
	expect_int(read_uid(&s, 1000, user), 0);
	other_ends();
	expect_text(user, "alice");
	expect_int(read_uid(&s, 1001, user), 0);
	expect_text(user, "");
	expect(!scratch_has(&s, B_STATE));
}

TEST("a damaged enrolment or state is not listed as a sound one")
{
	AUTO_SCRATCH struct scratch s;
	char user[RECORD_USER_SIZE];

	with_alice(&s);
	flip(&s, ENROLMENT, 8 * 100);
	expect_int(read_uid(&s, 1000, user), ERR_DAMAGED);
	flip(&s, ENROLMENT, 8 * 100);
	truncate_to(&s, STATE, 100);
	expect_int(read_uid(&s, 1000, user), ERR_DAMAGED);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	expect_int(read_uid(&s, 1000, user), ERR_DAMAGED);
}

TEST("an enrolment that its state does not know is not listed as a sound one")
{
	AUTO_SCRATCH struct scratch s;
	char user[RECORD_USER_SIZE];

	with_alice(&s);
	copy(&s, STATE, &s, "older.state");
	expect_int(enrol(&s, &alice, PHONE, FOB), 0);
	expect_int(read_uid(&s, 1000, user), 0);
	copy(&s, "older.state", &s, STATE);
	expect_int(read_uid(&s, 1000, user), ERR_DAMAGED);
}

TEST("a state that cannot be opened is not taken for a damaged one")
{
	AUTO_SCRATCH struct scratch s;
	char user[RECORD_USER_SIZE];

	with_alice(&s);
	move(&s, STATE, "elsewhere");
	expect_int(symlink("../elsewhere", scratch_path(&s, STATE)), 0);
	expect_int(read_uid(&s, 1000, user), ERR_IO);
	expect(strstr(why.text, strerror(ELOOP)) != NULL);
}

static void
enrolment_ends(void)
{
	expect_int(unlink(scratch_path(shared, ENROLMENT)), 0);
}

TEST("an enrolment that ends while it is read is none, and no damage")
{
	AUTO_SCRATCH struct scratch s;
	char user[RECORD_USER_SIZE];

	with_alice(&s);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	shared = &s;
	when_missing = enrolment_ends;
	expect_int(read_uid(&s, 1000, user), 0);
	expect(when_missing == NULL);
	expect_text(user, "");
}

TEST("invitations are listed by number, and nothing else in the folder is")
{
	static const uid_t want[] = { 9, 10 };
	AUTO_SCRATCH struct scratch s;
	AUTO_STORE struct store *store = NULL;
	AUTO_FREE uid_t *uids = NULL;
	size_t count = 0;

	with_alice(&s);
	scratch_write_text(&s, "store/10.invitation", "");
	scratch_write_text(&s, "store/9.invitation", "");
	scratch_write_text(&s, "store/9.invitation.new", "");
	scratch_write_text(&s, "store/x.invitation", "");
	expect_int(store_open(&s.settings, &why, &store), 0);
	expect_int(store_list_invited(store, &uids, &count), 0);
	expect_int(count, ROWS(want));
	expect_bytes(uids, want, sizeof want);
}

/* ---- setting right ---- */

/* Gives the enrolment of alice's uid to another name. */
static int
give_to(const struct scratch *s, const struct account *account)
{
	static const uint64_t nothing_new[RECORD_AUTHENTICATORS];
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();
	int r;

	if (record == NULL)
		return ERR_MEMORY;
	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin_renamed(store, account, &txn)) < 0)
		return r;
	*record = *store_record(txn);
	strcpy(record->user, account->name);
	return store_enrol(txn, record, nothing_new);
}

TEST("an enrolment is given to another name with what is spent in it")
{
	static const struct account renamed = { true, 1000, 100, "alicia" };
	AUTO_SCRATCH struct scratch s;
	struct seen seen;

	with_alice(&s);
	expect_int(count_failure(&s, &alice), 0);
	expect_int(give_to(&s, &renamed), 0);
	expect_int(look(&s, &renamed, &seen), 0);
	expect(seen.known);
	expect_int(seen.state.failures, 1);
	expect_int(state_find(&seen.state, PHONE)->spent, 100);
	expect_int(look(&s, &alice, &seen), ERR_RENAMED);
}

TEST("giving to another name takes no damaged state for a sound one")
{
	static const struct account renamed = { true, 1000, 100, "alicia" };
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	truncate_to(&s, STATE, 100);
	expect_int(give_to(&s, &renamed), ERR_DAMAGED);
}

/* Makes the state anew where it is lost, with one failure in it.  Returns
 * whether it was, or an error. */
static int
repair(const struct scratch *s, const struct account *account)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct state *state;
	int r;

	if ((r = store_open(&s->settings, &why, &store)) < 0 ||
	    (r = store_begin_repairing(store, account, &txn)) < 0)
		return r;
	if (!store_state_lost(txn))
		return 0;
	state = store_state(txn);
	if (state_add(state, PHONE, 300) < 0 || state_add(state, CODES, 1) < 0)
		return ERR_INPUT;
	r = store_commit(txn);
	return r < 0 ? r : 1;
}

static void
expect_repaired(const struct scratch *s)
{
	struct seen seen;

	expect_int(look(s, &alice, &seen), 0);
	expect(seen.known);
	expect_int(state_find(&seen.state, PHONE)->spent, 300);
	expect_int(state_find(&seen.state, CODES)->spent, 1);
	expect_int(count_failure(s, &alice), 0);
	expect_int(count_failure(s, &alice), 0);
	expect_int(failures(s, &alice), 2);
}

TEST("a damaged, cut or missing state is made anew, and then kept as any")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	flip(&s, STATE, 8 * 100);
	flip(&s, STATE, 8 * (STATE_SLOT_STRIDE + 100));
	expect_int(repair(&s, &alice), 1);
	expect_repaired(&s);
	truncate_to(&s, STATE, 100);
	expect_int(repair(&s, &alice), 1);
	expect_repaired(&s);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	expect_int(repair(&s, &alice), 1);
	expect_repaired(&s);
}

TEST("a whole state is not lost, nor one with one slot damaged")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(repair(&s, &alice), 0);
	flip(&s, STATE, 8 * 100);
	expect_int(repair(&s, &alice), 0);
	expect_enrolled(&s, &alice, PHONE, 0);
}

TEST("no state is made anew for a damaged enrolment, for none, or over a link")
{
	AUTO_SCRATCH struct scratch s;

	with_alice(&s);
	expect_int(repair(&s, &bob), 0);
	expect(!scratch_has(&s, B_STATE));
	flip(&s, ENROLMENT, 8 * 100);
	expect_int(repair(&s, &alice), ERR_DAMAGED);
	flip(&s, ENROLMENT, 8 * 100);
	expect_int(unlink(scratch_path(&s, STATE)), 0);
	expect_int(symlink("elsewhere", scratch_path(&s, STATE)), 0);
	expect(repair(&s, &alice) < 0);
	expect(!scratch_has(&s, "store/elsewhere"));
}

TEST("repairing that is broken off leaves a lost state, or the new one")
{
	AUTO_SCRATCH struct scratch s;
	struct seen seen;
	int r = ERR_IO;

	with_alice(&s);
	for (unsigned n = 1; r < 0; n++) {
		mend_disk();
		truncate_to(&s, STATE, 100);
		disk.fails_at = n;
		disk.how = STOPS_WITHIN;
		r = repair(&s, &alice);
		mend_disk();
		expect(r == 1 || r == ERR_IO);
		if (look(&s, &alice, &seen) == 0)
			expect_int(state_find(&seen.state, PHONE)->spent, 300);
		else
			expect(r == ERR_IO);
	}
	expect_repaired(&s);
}

static unsigned misses; /* of the state, before somebody else repairs it */

static void
somebody_repairs(void)
{
	if (misses-- > 0) {
		when_missing = somebody_repairs;
		return;
	}
	expect_int(repair(shared, &alice), 1);
	expect_int(count_failure(shared, &alice), 0);
}

TEST("of two that repair at once, the later leaves alone what is whole again")
{
	for (unsigned n = 0; n < 3; n++) {
		AUTO_SCRATCH struct scratch s;
		bool repaired;
		int r;

		with_alice(&s);
		expect_int(unlink(scratch_path(&s, STATE)), 0);
		shared = &s;
		misses = n;
		when_missing = somebody_repairs;
		r = repair(&s, &alice);
		repaired = when_missing == NULL;
		when_missing = NULL;
		expect(repaired || n > 0);
		expect_int(r, repaired ? 0 : 1);
		expect_int(failures(&s, &alice), repaired ? 1 : 0);
	}
}

/* ---- seats ---- */

TEST("a uid has eight seats at a time, and takes none of another's")
{
	AUTO_SCRATCH struct scratch s;
	int seats[STORE_SEATS], other, one_more = -1;

	scratch_new_store(&s);
	for (int i = 0; i < STORE_SEATS; i++)
		expect_int(store_seat(&s.settings, 1000, &seats[i], &why), 0);
	expect_int(store_seat(&s.settings, 1000, &one_more, &why), ERR_BUSY);
	expect_int(one_more, -1);
	expect_int(store_seat(&s.settings, 1001, &other, &why), 0);
	close(other);
	expect_int(store_seat(&s.settings, 999, &other, &why), 0);
	close(other);
	expect_int(store_seat(&s.settings, UINT32_MAX - 1, &other, &why), 0);
	close(other);
	close(seats[3]);
	expect_int(store_seat(&s.settings, 1000, &seats[3], &why), 0);
	for (int i = 0; i < STORE_SEATS; i++)
		close(seats[i]);
}

TEST("where there is no store there is no seat")
{
	AUTO_SCRATCH struct scratch s;
	int seat;

	scratch_new(&s);
	expect_int(store_seat(&s.settings, 1000, &seat, &why), ERR_MISSING);
	expect_int(store_create(&s.settings, &why), 0);
	expect_int(unlink(scratch_path(&s, MARKER)), 0);
	expect_int(store_seat(&s.settings, 1000, &seat, &why), ERR_IO);
}
