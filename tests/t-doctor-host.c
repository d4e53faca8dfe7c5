/*
 * What the doctor says of the machine: the store's disk, the clock, the
 * verifier, and who is not enrolled.  The user database stands in front of
 * libc's.
 */
#include "doctor.h"
#include "mem.h"
#include "recovery.h"
#include "scratch.h"
#include "store.h"
#include "test.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define IN_FRONT __attribute__((visibility("default")))

/*
 * The user database
 */

static const struct {
	char name[16], shell[32];
	uid_t uid;
	gid_t gid;
} users[] = {
	{ "root", "/bin/sh", 0, 0 },
	{ "daemon", "/usr/sbin/nologin", 1, 1 },
	{ "alice", "/bin/sh", 2000, 2000 },
	{ "bob", "/bin/sh", 2001, 27 },
	{ "carol", "/bin/sh", 2002, 2002 },
	{ "backup", "/bin/false", 2003, 2003 },
	{ "nobody", "/bin/sh", 65534, 65534 },
};
static size_t at;
static size_t crowd; /* so many more, after them */

IN_FRONT void
setpwent(void)
{
	at = 0;
}

IN_FRONT void
endpwent(void)
{
}

IN_FRONT struct passwd *
getpwent(void)
{
	enum { USERS = sizeof users / sizeof users[0] };
	static char name[32], shell[32];
	static struct passwd entry;

	if (at >= USERS + crowd)
		return NULL;
	if (at >= USERS) {
		snprintf(name, sizeof name, "user%zu", at - USERS);
		entry.pw_uid = (uid_t)(3000 + at++ - USERS);
		return &entry;
	}
	memcpy(name, users[at].name, sizeof users[at].name);
	memcpy(shell, users[at].shell, sizeof shell);
	entry = (struct passwd){ .pw_name = name,
		.pw_uid = users[at].uid,
		.pw_gid = users[at].gid,
		.pw_shell = shell };
	at++;
	return &entry;
}

/* alice is named as a member of sudo, and it is bob's own group. */
IN_FRONT struct group *
getgrnam(const char *name)
{
	static char alice[] = "alice";
	static char *members[] = { alice, NULL };
	static struct group sudo = { .gr_name = alice,
		.gr_gid = 27,
		.gr_mem = members };

	return strcmp(name, "sudo") == 0 ? &sudo : NULL;
}

static void
enrol(const struct scratch *scratch, const char *user, uid_t uid, bool recovery)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	struct authenticator phone = { .id = uid + 1,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.created = 1,
		.name = "phone",
		.key_len = 20 };
	struct account account = { .known = true, .uid = uid };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();
	struct trouble why;

	assert_non_null(record);
	snprintf(account.name, sizeof account.name, "%s", user);
	snprintf(record->user, sizeof record->user, "%s", user);
	record->uid = uid;
	record->created = 1;
	expect_int(record_add(record, &phone), 0);
	if (recovery)
		record->recovery.id = 7;
	expect_int(store_open(&scratch->settings, &why, &store), 0);
	expect_int(store_begin_enrolling(store, &account, &txn), 0);
	expect_int(store_enrol(txn, record, spent), 0);
}

static struct doctor
asking(const char *exempt)
{
	struct doctor doctor = { .asks = true, .asked_by = settings_default };

	snprintf(doctor.asked_by.exempt_users,
	    sizeof doctor.asked_by.exempt_users, "%s", exempt);
	return doctor;
}

static const struct finding *
find_in(const struct doctor *doctor, const char *id)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (strcmp(doctor->findings[i].id, id) == 0)
			return &doctor->findings[i];
	fail_msg("there is no finding %s", id);
	return NULL;
}

/*
 * People
 */

TEST("users who are not enrolled are named, and services' accounts are not")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("");
	const struct finding *f;

	scratch_new_store(&scratch);
	enrol(&scratch, "alice", 2000, true);
	doctor_people_look(&doctor, &scratch.settings);
	expect_int(doctor.count, 1);
	f = find_in(&doctor, "users-not-enrolled");
	expect_int(f->severity, SEVERITY_WARNING);
	expect_text(f->text,
	    "These users are not enrolled, and are refused wherever a code is "
	    "asked for: bob, carol.");
	expect(strstr(f->fix, "sallyport invite USER") == f->fix);
}

TEST("of many who are not enrolled some are named, and all are counted")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("alice,bob,carol");

	scratch_new_store(&scratch);
	enrol(&scratch, "alice", 2000, true);
	crowd = 20;
	doctor_people_look(&doctor, &scratch.settings);
	crowd = 0;
	expect_int(doctor.count, 1);
	expect(strstr(doctor.findings[0].text,
		   ": user0, user1, user2, user3, user4, user5, user6, user7 "
		   "and 12 more.") != NULL);
	expect(strstr(doctor.findings[0].fix, "sallyport list --unenrolled") !=
	       NULL);
}

TEST("who is exempt is not missed")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("bob carol");

	scratch_new_store(&scratch);
	enrol(&scratch, "alice", 2000, true);
	doctor_people_look(&doctor, &scratch.settings);
	expect_int(doctor.count, 0);
}

TEST("where nobody has to be enrolled, or no line asks, nobody is missed")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor optional = asking("");
	AUTO_DOCTOR struct doctor silent = { .asks = false };

	scratch_new_store(&scratch);
	optional.asked_by.enrolment = ENROLMENT_OPTIONAL;
	doctor_people_look(&optional, &scratch.settings);
	expect_int(optional.count, 0);
	doctor_people_look(&silent, &scratch.settings);
	expect_int(silent.count, 0);
}

TEST("that no administrator is enrolled is a fault")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("");

	scratch_new_store(&scratch);
	enrol(&scratch, "carol", 2002, true);
	doctor_people_look(&doctor, &scratch.settings);
	expect_int(doctor.count, 2);
	expect_int(find_in(&doctor, "no-administrator")->severity,
	    SEVERITY_FAULT);
	expect_text(find_in(&doctor, "no-administrator")->fix,
	    "sallyport enroll --user YOU\n");
}

TEST("root is an administrator, too, if he is enrolled")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("carol");

	scratch_new_store(&scratch);
	enrol(&scratch, "root", 0, true);
	doctor_people_look(&doctor, &scratch.settings);
	expect_int(doctor.count, 1);
	expect_text(doctor.findings[0].id, "users-not-enrolled");
}

TEST("administrators of whom none has recovery codes are warned")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor one = asking("carol");
	AUTO_DOCTOR struct doctor both = asking("carol");

	scratch_new_store(&scratch);
	enrol(&scratch, "alice", 2000, false);
	enrol(&scratch, "bob", 2001, false);
	doctor_people_look(&one, &scratch.settings);
	expect_int(one.count, 1);
	expect_text(find_in(&one, "administrator-without-recovery")->fix,
	    "sallyport recovery --user bob\n");
	scratch_free(&scratch);
	scratch_new_store(&scratch);
	enrol(&scratch, "alice", 2000, true);
	enrol(&scratch, "bob", 2001, false);
	doctor_people_look(&both, &scratch.settings);
	expect_int(both.count, 0);
}

TEST("a store that cannot be opened says nothing of users")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = asking("");

	scratch_new(&scratch);
	doctor_people_look(&doctor, &scratch.settings);
	expect_int(doctor.count, 0);
}

/*
 * The disk and the clock
 */

TEST("a disk that forgets, or is another machine's, is a fault")
{
	static const struct {
		uint32_t kind;
		bool copies;
		const char *id; /* NULL: it is well */
		enum severity severity;
		const char *name;
	} rows[] = {
		{ 0x01021994, true, "store-in-memory", SEVERITY_FAULT,
		    "tmpfs" },
		{ 0x6969, true, "store-remote", SEVERITY_FAULT, "NFS" },
		{ 0xfe534d42, true, "store-remote", SEVERITY_FAULT, "SMB" },
		{ 0x65735546, true, "store-remote", SEVERITY_FAULT, "FUSE" },
		{ 0x794c7630, true, "store-copies", SEVERITY_WARNING,
		    "overlay" },
		{ 0x2fc12fc1, true, "store-copies", SEVERITY_WARNING, "ZFS" },
		{ 0x9123683e, true, "store-copies", SEVERITY_WARNING, "btrfs" },
		{ 0x9123683e, false, NULL, SEVERITY_NOTE, "btrfs" },
		{ 0xef53, true, NULL, SEVERITY_NOTE, "ext4" },
		{ 0x58465342, true, NULL, SEVERITY_NOTE, "xfs" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO_DOCTOR struct doctor doctor = { 0 };

		doctor_disk_judge(&doctor, "/store", rows[i].kind,
		    rows[i].copies);
		expect_int(doctor.count, rows[i].id != NULL);
		if (rows[i].id == NULL)
			continue;
		expect_text(doctor.findings[0].id, rows[i].id);
		expect_int(doctor.findings[0].severity, rows[i].severity);
		expect(strstr(doctor.findings[0].text, rows[i].name) != NULL);
		expect(doctor.findings[0].fix[0] != '\0');
	}
}

TEST("a clock that nothing keeps right is a warning, with how far it may go")
{
	AUTO_DOCTOR struct doctor doctor = { 0 };
	struct settings settings = settings_default;

	doctor_clock_judge(&doctor, &settings, true);
	expect_int(doctor.count, 0);
	doctor_clock_judge(&doctor, &settings, false);
	expect_int(doctor.findings[0].severity, SEVERITY_WARNING);
	expect(strstr(doctor.findings[0].text, "more than 30 s") != NULL);
	doctor_done(&doctor);
	settings.window = 0;
	doctor_clock_judge(&doctor, &settings, false);
	expect(strstr(doctor.findings[0].text, "as soon as it is off") != NULL);
}

/*
 * The verifier
 */

/* Listens there until it is closed. */
static int
listen_at(const char *path, mode_t mode)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	expect(fd >= 0 && strlen(path) < sizeof address.sun_path);
	strcpy(address.sun_path, path);
	expect_int(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	expect_int(chmod(path, mode), 0);
	expect_int(listen(fd, 1), 0);
	return fd;
}

static struct settings
asked_at(const struct scratch *scratch)
{
	struct settings settings = settings_default;
	const char *path = scratch_path(scratch, "socket");

	if (strlen(path) >= sizeof settings.verifier_socket)
		NOT_TESTED("$TMPDIR is longer than an address has room for");
	strcpy(settings.verifier_socket, path);
	return settings;
}

/* A program as it is installed, if this is root; else any of root's. */
static const char *
some_program(void)
{
	return "/bin/true";
}

static void
expect_verifier(const struct settings *settings, const char *program,
    bool runs_as_user, const char *id, enum severity severity)
{
	AUTO_DOCTOR struct doctor doctor = { .runs_as_user = runs_as_user };

	doctor_verifier_look(&doctor, settings, program);
	expect_int(doctor.count, id != NULL);
	if (id == NULL)
		return;
	expect_text(doctor.findings[0].id, id);
	expect_int(doctor.findings[0].severity, severity);
	expect(doctor.findings[0].fix[0] != '\0');
}

TEST("without a verifier lockers refuse everyone, and others miss little")
{
	AUTO_SCRATCH struct scratch scratch;
	struct settings settings;

	scratch_new(&scratch);
	settings = asked_at(&scratch);
	expect_verifier(&settings, some_program(), true, "verifier-missing",
	    SEVERITY_FAULT);
	expect_verifier(&settings, some_program(), false, "verifier-missing",
	    SEVERITY_NOTE);
}

TEST("a socket at which nobody listens is told from one that is well")
{
	AUTO_SCRATCH struct scratch scratch;
	struct settings settings;

	scratch_new(&scratch);
	settings = asked_at(&scratch);
	{
		AUTO_CLOSE
		int fd = listen_at(settings.verifier_socket, 0666);

		expect_verifier(&settings, some_program(), true, NULL,
		    SEVERITY_NOTE);
		expect(fd >= 0);
	}
	expect_verifier(&settings, some_program(), false, "verifier-silent",
	    SEVERITY_WARNING);
	expect_verifier(&settings, some_program(), true, "verifier-silent",
	    SEVERITY_FAULT);
}

TEST("a socket that is not for everybody, and one without a program, is told")
{
	AUTO_SCRATCH struct scratch scratch;
	struct settings settings;
	AUTO_CLOSE int fd = -1;

	scratch_new(&scratch);
	settings = asked_at(&scratch);
	fd = listen_at(settings.verifier_socket, 0600);
	expect_verifier(&settings, some_program(), true, "verifier-closed",
	    SEVERITY_FAULT);
	expect_int(chmod(settings.verifier_socket, 0666), 0);
	expect_verifier(&settings, "/no/such/program", false,
	    "verifier-program", SEVERITY_WARNING);
}

TEST("a verifier that others than root can change is a fault")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { 0 };
	struct settings settings;

	scratch_new(&scratch);
	settings = asked_at(&scratch);
	scratch_write_text(&scratch, "program", "");
	expect_int(chmod(scratch_path(&scratch, "program"), 0775), 0);
	doctor_verifier_look(&doctor, &settings,
	    scratch_path(&scratch, "program"));
	expect_int(find_in(&doctor, "verifier-untrusted")->severity,
	    SEVERITY_FAULT);
	expect(strstr(find_in(&doctor, "verifier-untrusted")->fix,
		   "chmod 0755 ") != NULL);
}
