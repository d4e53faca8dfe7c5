/*
 * Users and groups.  This program is its own user database: the four calls
 * below stand in front of libc's, so that a directory service can be down,
 * slow, huge or strange without one being there.
 */
#include "account.h"
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

enum { USERS_GID = 100, WHEEL_GID = 10, FAR_GID = 70000 };

static struct database {
	int error;	      /* what a look-up of a user or group says */
	unsigned interrupted; /* that many times EINTR before */
	size_t needs;	      /* bytes of room an answer needs */
	const char *name;     /* the one user there is; NULL: none */
	bool any_name;	      /* he answers to every name */
	uid_t uid;
	int group_error;
	const char *group; /* the one group there is */
	gid_t gid;
	gid_t gids[300]; /* the user's */
	int gid_count;
	int endless; /* in more groups than anybody can list */
	int shadow_error;
	bool no_shadow;	     /* the user has no entry there */
	long changed, least; /* the last change's day, the minimum age */
	unsigned calls;
} database;

static struct trouble why;

static void
alice(void)
{
	memset(&database, 0, sizeof database);
	database.name = "alice";
	database.uid = 1000;
	database.group = "wheel";
	database.gid = WHEEL_GID;
	database.gids[0] = USERS_GID;
	database.gid_count = 1;
	why.text[0] = '\0';
}

/* What both look-ups do before they answer. */
static int
trouble_of(int error, size_t room)
{
	database.calls++;
	if (database.interrupted > 0) {
		database.interrupted--;
		return EINTR;
	}
	if (error != 0)
		return error;
	return room < database.needs ? ERANGE : 0;
}

int
getpwnam_r(const char *name, struct passwd *entry, char *room, size_t size,
    struct passwd **found)
{
	int error = trouble_of(database.error, size);

	*found = NULL;
	if (error != 0)
		return error;
	if (database.name == NULL ||
	    (!database.any_name && strcasecmp(name, database.name) != 0))
		return 0;
	memset(entry, 0, sizeof *entry);
	snprintf(room, size, "%s", database.name);
	entry->pw_name = room;
	entry->pw_uid = database.uid;
	entry->pw_gid = USERS_GID;
	*found = entry;
	return 0;
}

int
getgrnam_r(const char *name, struct group *entry, char *room, size_t size,
    struct group **found)
{
	int error = trouble_of(database.group_error, size);

	*found = NULL;
	if (error != 0)
		return error;
	if (database.group == NULL || strcmp(name, database.group) != 0)
		return 0;
	memset(entry, 0, sizeof *entry);
	snprintf(room, size, "%s", database.group);
	entry->gr_name = room;
	entry->gr_gid = database.gid;
	*found = entry;
	return 0;
}

int
getgrouplist(const char *user, gid_t gid, gid_t *gids, int *count)
{
	int room = *count;

	(void)user;
	(void)gid;
	*count = database.endless ? room + 1 : database.gid_count;
	for (int i = 0; i < room && i < database.gid_count; i++)
		gids[i] = database.gids[i];
	return *count > room ? -1 : *count;
}

int
getspnam_r(const char *name, struct spwd *entry, char *room, size_t size,
    struct spwd **found)
{
	int error = trouble_of(database.shadow_error, size);

	*found = NULL;
	if (error != 0)
		return error;
	if (database.no_shadow || strcmp(name, database.name) != 0)
		return 0;
	memset(entry, 0, sizeof *entry);
	snprintf(room, size, "%s", "$y$a secret");
	entry->sp_pwdp = room;
	entry->sp_lstchg = database.changed;
	entry->sp_min = database.least;
	*found = entry;
	return 0;
}

static struct account
found(const char *name)
{
	struct account account;

	memset(&account, 0xff, sizeof account);
	expect_int(account_find(name, &account, &why), 0);
	return account;
}

static bool
listed(const char *users, const char *groups)
{
	struct account account = found("alice");
	bool is = false;

	expect_int(account_listed(&account, users, groups, &is, &why), 0);
	return is;
}

static int
listing_fails(const char *users, const char *groups)
{
	struct account account = found("alice");
	bool is = false;
	int r;

	r = account_listed(&account, users, groups, &is, &why);
	expect(!is && why.text[0] != '\0');
	return r;
}

TEST("a user has the number, group and name that the database gives")
{
	struct account account;

	alice();
	account = found("alice");
	expect(account.known);
	expect_int(account.uid, 1000);
	expect_int(account.gid, USERS_GID);
	expect_text(account.name, "alice");
}

TEST("a user is unknown only if the database says so without an error")
{
	struct account account;

	alice();
	database.name = NULL;
	account = found("alice");
	expect(!account.known);
	expect_int(account.uid, (uid_t)-1);
	expect_text(account.name, "");
}

TEST("a database that is in trouble could not tell, whatever it returns")
{
	/* ENOENT, ESRCH, EBADF and EPERM are what the manual page allows for
	 * "not found", and what services that are down return. */
	static const int errors[] = { EIO, EMFILE, ENFILE, ENOENT, ESRCH, EBADF,
		EPERM, EAGAIN, ETIMEDOUT, ECONNREFUSED, ERANGE, -1 };
	struct account account = { .uid = 7 };

	for (size_t i = 0; i < ROWS(errors); i++) {
		alice();
		database.error = errors[i];
		expect_int(account_find("alice", &account, &why),
		    ERR_DIRECTORY);
		expect(why.text[0] != '\0');
		expect_int(account.uid, 7);
	}
}

TEST("a database without memory is no memory, not an answer")
{
	struct account account;

	alice();
	database.error = ENOMEM;
	expect_int(account_find("alice", &account, &why), ERR_MEMORY);
}

TEST("an interrupted look-up is tried again")
{
	alice();
	database.interrupted = 3;
	expect(found("alice").known);
	expect_int(database.calls, 4);
}

TEST("a user whose entry needs 64 KiB is found")
{
	alice();
	database.needs = 64 * 1024;
	expect(found("alice").known);
}

TEST("an entry that never fits ends the search, without an answer")
{
	struct account account;

	alice();
	database.needs = SIZE_MAX;
	expect_int(account_find("alice", &account, &why), ERR_DIRECTORY);
	expect(database.calls < 20);
}

TEST("a user with the number -1 is nobody")
{
	alice();
	database.uid = (uid_t)-1;
	expect(!found("alice").known);
}

TEST("a user with the number 2^31 keeps it, and so does the last there is")
{
	alice();
	database.uid = (uid_t)1 << 31;
	expect(found("alice").known);
	expect(found("alice").uid == (uid_t)1 << 31);
	database.uid = (uid_t)-2;
	expect(found("alice").uid == (uid_t)-2);
}

TEST("a user typed in another case has the name that the database spells")
{
	alice();
	expect_text(found("ALICE").name, "alice");
	database.name = "Alice@example.org";
	expect_text(found("alice@EXAMPLE.org").name, "Alice@example.org");
}

TEST("an empty name and one that is too long are unknown without a look-up")
{
	char name[100000];

	alice();
	expect(!found("").known);
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	expect(!found(name).known);
	name[ACCOUNT_NAME_SIZE] = '\0';
	expect(!found(name).known);
	expect_int(database.calls, 0);
	name[ACCOUNT_NAME_SIZE - 1] = '\0';
	database.name = name;
	expect(found(name).known);
}

TEST("a database that gives an endless or an empty name could not tell")
{
	struct account account = { .uid = 7 };
	char name[600];

	alice();
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	database.any_name = true;
	database.name = name;
	expect_int(account_find("alice", &account, &why), ERR_DIRECTORY);
	database.name = "";
	expect_int(account_find("alice", &account, &why), ERR_DIRECTORY);
	expect_int(account.uid, 7);
}

TEST("who is named in the list is listed, whole name and case")
{
	alice();
	expect(listed("alice", ""));
	expect(listed("root, alice", ""));
	expect(listed("root\talice bob", ""));
	expect(!listed("", ""));
	expect(!listed("alic", ""));
	expect(!listed("alice2 malice", ""));
	expect(!listed("Alice", ""));
	expect(!listed("root,bob", ""));
	expect(!listed("1000", ""));
}

TEST("who is in a listed group is listed")
{
	alice();
	expect(!listed("", "wheel"));
	database.gids[database.gid_count++] = WHEEL_GID;
	expect(listed("", "wheel"));
	expect(listed("bob", "nosuchgroup, wheel"));
	expect(!listed("", "whee wheels"));
	expect(!listed("", "nosuchgroup"));
}

TEST("a group that is not there lists nobody, and its number is not reused")
{
	alice();
	database.gids[database.gid_count++] = WHEEL_GID;
	expect(!listed("", "nosuchgroup,another"));
	database.group = NULL;
	expect(!listed("", "wheel"));
}

TEST("a user in three hundred groups is found in the last of them")
{
	alice();
	database.gid_count = ROWS(database.gids);
	database.gids[database.gid_count - 1] = FAR_GID;
	database.gid = FAR_GID;
	expect(listed("", "wheel"));
	database.gids[database.gid_count - 1] = USERS_GID;
	expect(!listed("", "wheel"));
}

TEST("a user in more groups than can be listed is an error, not an answer")
{
	alice();
	database.endless = 1;
	expect_int(listing_fails("", "wheel"), ERR_DIRECTORY);
}

TEST("a group that cannot be looked up is an error, not an absent group")
{
	static const int errors[] = { EIO, EMFILE, ENOENT, ESRCH, ERANGE };

	for (size_t i = 0; i < ROWS(errors); i++) {
		alice();
		database.group_error = errors[i];
		expect_int(listing_fails("", "wheel"), ERR_DIRECTORY);
	}
	alice();
	database.group_error = ENOMEM;
	expect_int(listing_fails("", "wheel"), ERR_MEMORY);
}

TEST("a group with many members is found in 64 KiB, after an interruption")
{
	struct account account;
	bool is = false;

	alice();
	database.gids[0] = WHEEL_GID;
	account = found("alice");
	database.needs = 64 * 1024;
	database.interrupted = 2;
	expect_int(account_listed(&account, "", "wheel", &is, &why), 0);
	expect(is);
}

TEST("a group's name that is too long to be one is passed over")
{
	char groups[1000];

	alice();
	database.gids[0] = WHEEL_GID;
	memset(groups, 'g', sizeof groups);
	strcpy(groups + 900, " wheel");
	expect(listed("", groups));
	groups[900] = '\0';
	expect(!listed("", groups));
}

TEST("the user list needs no group database")
{
	alice();
	database.endless = 1;
	database.group_error = EIO;
	expect(listed("alice", "wheel"));
	expect(!listed("bob", ""));
}

TEST("who is not known is not listed, even by the name of nobody")
{
	struct account account;
	bool is = true;

	alice();
	database.name = NULL;
	account = found("alice");
	expect_int(account_listed(&account, "alice,,", "wheel", &is, &why), 0);
	expect(!is);
}

/* Whether alice's password may be changed on day 20000. */
static bool
changeable(long changed, long least)
{
	struct account account = found("alice");
	bool is = false;

	database.changed = changed;
	database.least = least;
	expect_int(account_changeable(&account, 20000, &is, &why), 0);
	return is;
}

TEST("a password may be changed when it has reached its minimum age")
{
	alice();
	expect(changeable(20000, 0));
	expect(changeable(20000, -1));
	expect(!changeable(20000, 1));
	expect(changeable(19999, 1));
	expect(!changeable(19994, 7));
	expect(changeable(19993, 7));
}

TEST("no change, one that was ordered and one ahead are no recent changes")
{
	alice();
	expect(changeable(-1, 99999));
	expect(changeable(0, 99999));
	expect(changeable(20001, 7));
}

TEST("who is not in the shadow file has no minimum age")
{
	alice();
	database.no_shadow = true;
	expect(changeable(20000, 7));
}

TEST("a shadow file that cannot be read could not tell")
{
	static const int errors[] = { EACCES, EIO, ENOENT, EMFILE, ERANGE };
	struct account account;
	bool is = true;

	alice();
	account = found("alice");
	for (size_t i = 0; i < ROWS(errors); i++) {
		database.shadow_error = errors[i];
		why.text[0] = '\0';
		expect_int(account_changeable(&account, 20000, &is, &why),
		    ERR_DIRECTORY);
		expect(is);
		expect(why.text[0] != '\0');
	}
	database.shadow_error = ENOMEM;
	expect_int(account_changeable(&account, 20000, &is, &why), ERR_MEMORY);
}

TEST("an entry of 64 KiB in the shadow file is read, after an interruption")
{
	struct account account;
	bool is = true;

	alice();
	account = found("alice");
	database.changed = 20000;
	database.least = 1;
	database.needs = 65536;
	database.interrupted = 2;
	expect_int(account_changeable(&account, 20000, &is, &why), 0);
	expect(!is);
}
