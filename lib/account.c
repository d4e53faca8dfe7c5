#include "account.h"

#include "mem.h"
#include "text.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM_FIRST = 1024,
	ROOM_MOST = 1024 * 1024, /* bytes; for groups with many members */
	GROUPS_FIRST = 64,
	GROUPS_MOST = 65536, /* NGROUPS_MAX */
};

static int
directory_error(int error, const char *what, struct trouble *why)
{
	errno = error;
	if (error == ENOMEM)
		return err_say(why, ERR_MEMORY, "looking up the %s", what);
	return err_say(why, ERR_DIRECTORY,
	    "looking up the %s: %m; see nsswitch.conf's services", what);
}

/*
 * Only (0, NULL) means that there is no such user.  A directory service that
 * is down returns other values, and somebody's unknown user would be another
 * one's missing second factor.
 */
int
account_find(const char *name, struct account *account_out, struct trouble *why)
{
	AUTO_FREE char *room = NULL;
	struct account account = { false, (uid_t)-1, (gid_t)-1, "" };
	struct passwd entry, *found = NULL;
	int error = ERANGE;

	if (name[0] == '\0' || strlen(name) >= sizeof account.name) {
		*account_out = account;
		return 0;
	}
	for (size_t size = ROOM_FIRST; error == ERANGE && size <= ROOM_MOST;
	     size *= 4) {
		free(room);
		if ((room = malloc(size)) == NULL)
			return directory_error(ENOMEM, "user", why);
		do
			error = getpwnam_r(name, &entry, room, size, &found);
		while (error == EINTR);
	}
	if (error != 0)
		return directory_error(error, "user", why);
	if (found != NULL && found->pw_uid != (uid_t)-1) {
		if (text_copy(account.name, sizeof account.name,
			found->pw_name) < 0 ||
		    account.name[0] == '\0')
			return err_say(why, ERR_DIRECTORY,
			    "the user database gives a name of %zu bytes",
			    strlen(found->pw_name));
		account.known = true;
		account.uid = found->pw_uid;
		account.gid = found->pw_gid;
	}
	*account_out = account;
	return 0;
}

/* Whether a list of names has this one. */
static bool
list_has(const char *list, const char *name)
{
	size_t len, name_len = strlen(name);
	const char *word;

	while (text_next_word(&list, &word, &len))
		if (len == name_len && memcmp(word, name, len) == 0)
			return true;
	return false;
}

/* The group's number; ERR_MISSING: there is no such group. */
static int
group_find(const char *name, gid_t *gid_out, struct trouble *why)
{
	AUTO_FREE char *room = NULL;
	struct group entry, *found = NULL;
	int error = ERANGE;

	for (size_t size = ROOM_FIRST; error == ERANGE && size <= ROOM_MOST;
	     size *= 4) {
		free(room);
		if ((room = malloc(size)) == NULL)
			return directory_error(ENOMEM, "group", why);
		do
			error = getgrnam_r(name, &entry, room, size, &found);
		while (error == EINTR);
	}
	if (error != 0)
		return directory_error(error, "group", why);
	if (found == NULL)
		return ERR_MISSING;
	*gid_out = found->gr_gid;
	return 0;
}

/* All groups the account is in; *gids_out is the caller's to free. */
static int
groups_of(const struct account *account, gid_t **gids_out, int *count_out,
    struct trouble *why)
{
	for (int size = GROUPS_FIRST; size <= GROUPS_MOST; size *= 4) {
		gid_t *gids = malloc((size_t)size * sizeof *gids);
		int count = size;

		if (gids == NULL)
			return directory_error(ENOMEM, "user's groups", why);
		if (getgrouplist(account->name, account->gid, gids, &count) >=
		    0) {
			*gids_out = gids;
			*count_out = count;
			return 0;
		}
		free(gids);
	}
	return err_say(why, ERR_DIRECTORY, "the user is in more than %d groups",
	    GROUPS_MOST);
}

static bool
has_gid(const gid_t *gids, int count, gid_t gid)
{
	for (int i = 0; i < count; i++)
		if (gids[i] == gid)
			return true;
	return false;
}

static int
in_groups(const struct account *account, const char *groups, bool *in_out,
    struct trouble *why)
{
	AUTO_FREE gid_t *gids = NULL;
	char name[ACCOUNT_NAME_SIZE];
	const char *word;
	bool in = false;
	size_t len;
	gid_t gid = (gid_t)-1;
	int r, count = 0;

	if ((r = groups_of(account, &gids, &count, why)) < 0)
		return r;
	while (text_next_word(&groups, &word, &len)) {
		if (len >= sizeof name)
			continue;
		memcpy(name, word, len);
		name[len] = '\0';
		r = group_find(name, &gid, why);
		if (r == ERR_MISSING)
			continue;
		if (r < 0)
			return r;
		in |= has_gid(gids, count, gid);
	}
	*in_out = in;
	return 0;
}

int
account_listed(const struct account *account, const char *users,
    const char *groups, bool *listed_out, struct trouble *why)
{
	bool named = account->known && list_has(users, account->name);

	if (account->known && !named && groups[0] != '\0')
		return in_groups(account, groups, listed_out, why);
	*listed_out = named;
	return 0;
}

struct age {
	int64_t changed, least; /* the day of the last change; in days */
};

/* The entry has the password's hash, too: the room is a secret. */
static int
read_age(const char *name, char *room, size_t size, struct age *age_out)
{
	struct spwd entry, *found = NULL;
	int error;

	do
		error = getspnam_r(name, &entry, room, size, &found);
	while (error == EINTR);
	if (error == 0 && found != NULL)
		*age_out = (struct age){ entry.sp_lstchg, entry.sp_min };
	return error;
}

/* As pam_unix reckons, which would refuse the change: one that lies ahead, none
 * at all (-1) and one that was ordered (0) are no recent change. */
static bool
is_changeable(const struct age *age, int64_t day)
{
	return age->changed <= 0 || day < age->changed ||
	       day - age->changed >= age->least;
}

int
account_changeable(const struct account *account, int64_t day,
    bool *changeable_out, struct trouble *why)
{
	struct age age = { -1, -1 }; /* of who has no entry */
	int error = ERANGE;

	for (size_t size = ROOM_FIRST; error == ERANGE && size <= ROOM_MOST;
	     size *= 4) {
		char *room = secret_new(size);

		if (room == NULL)
			return directory_error(ENOMEM, "password's age", why);
		error = read_age(account->name, room, size, &age);
		secret_free(room, size);
	}
	if (error != 0)
		return directory_error(error, "password's age", why);
	*changeable_out = is_changeable(&age, day);
	return 0;
}
