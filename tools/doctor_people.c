/* Who will be refused because he has no authenticator, and whether an
 * administrator could still get in who has lost his phone. */
#include "doctor.h"

#include "account.h"
#include "names.h"
#include "store.h"
#include "summary.h"
#include "text.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMED_MOST = 8 };

static const char *const admin_groups[] = { "sudo", "wheel", "admin" };

enum { ADMIN_GROUPS = sizeof admin_groups / sizeof admin_groups[0] };

/* A census of the machine's users. */
struct census {
	struct doctor *doctor;
	const struct settings *settings; /* of the line that asks */
	struct store *store;
	struct names names;
	uid_t *enrolled; /* owned, ascending */
	size_t enrolled_count;
	uint64_t first_uid, last_uid; /* of people */
	gid_t admin_gids[ADMIN_GROUPS];
	char admin_names[2048];

	char missing[256]; /* the first of those who have none */
	size_t missing_count;
	size_t admins, able; /* administrators, and those who can get in; */
	size_t safe;	     /* and those of them with recovery codes */
	char admin[ACCOUNT_NAME_SIZE]; /* one who is able */
};

static void
census_done(struct census *census)
{
	store_auto_close(&census->store);
	names_free(&census->names);
	free(census->enrolled);
}

/* The number behind a name at the line's start, if it is that name's line. */
static void
take_number(const char *line, const char *name, uint64_t *number)
{
	const char *rest = text_after(line + strspn(line, " \t"), name);
	char word[24];

	if (rest == NULL || !text_is_blank(*rest))
		return;
	rest += strspn(rest, " \t");
	snprintf(word, sizeof word, "%.*s", (int)strcspn(rest, " \t\r\n"),
	    rest);
	(void)text_number(word, 0, UINT32_MAX, number);
}

/* Which uids are people's: by login.defs(5), or as it is usual. */
static void
read_range(struct census *census)
{
	FILE *file = fopen("/etc/login.defs", "re");
	char line[256];

	census->first_uid = 1000;
	census->last_uid = 60000;
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		take_number(line, "UID_MIN", &census->first_uid);
		take_number(line, "UID_MAX", &census->last_uid);
	}
	if (file != NULL)
		(void)fclose(file);
}

static bool
is_person(const struct census *census, const struct name *name)
{
	return name->logs_in && name->uid >= census->first_uid &&
	       name->uid <= census->last_uid;
}

/* The names of all administrators, as a list; their own group counts, too. */
static void
read_admins(struct census *census)
{
	for (size_t i = 0; i < ADMIN_GROUPS; i++) {
		const struct group *group = getgrnam(admin_groups[i]);

		census->admin_gids[i] =
		    group == NULL ? (gid_t)-1 : group->gr_gid;
		for (char **member = group == NULL ? NULL : group->gr_mem;
		     member != NULL && *member != NULL; member++)
			text_append(census->admin_names,
			    sizeof census->admin_names, "%s,", *member);
	}
}

static bool
is_admin(const struct census *census, const struct account *account)
{
	bool named = false;

	(void)account_listed(account, census->admin_names, "", &named, NULL);
	for (size_t i = 0; i < ADMIN_GROUPS; i++)
		named |= census->admin_gids[i] == account->gid;
	return named;
}

static bool
has_recovery(const struct census *census, uid_t uid)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct summary summary;

	if (store_read(census->store, uid, &txn) < 0 ||
	    store_record(txn) == NULL)
		return false;
	summary_make(census->settings, store_record(txn), store_state(txn),
	    time(NULL), &summary);
	return summary.recovery_left > 0;
}

static void
count_admin(struct census *census, const struct account *account, bool enrolled,
    bool exempt)
{
	census->admins++;
	if (!enrolled && !exempt)
		return;
	census->able++;
	census->safe += exempt || has_recovery(census, account->uid);
	snprintf(census->admin, sizeof census->admin, "%s", account->name);
}

static void
name_missing(struct census *census, const char *name)
{
	size_t used = strlen(census->missing);

	if (census->missing_count++ < NAMED_MOST)
		snprintf(census->missing + used, sizeof census->missing - used,
		    "%s%s", used == 0 ? "" : ", ", name);
}

static int
count_person(struct census *census, const struct name *name)
{
	const struct settings *settings = census->settings;
	struct account account = { .known = true,
		.uid = name->uid,
		.gid = name->gid };
	bool enrolled, exempt = false;
	int r;

	if (text_copy(account.name, sizeof account.name, name->name) < 0)
		return 0; /* no login takes such a name */
	r = account_listed(&account, settings->exempt_users,
	    settings->exempt_groups, &exempt, NULL);
	if (r < 0)
		return r;
	enrolled =
	    names_listed(census->enrolled, census->enrolled_count, account.uid);
	if (!enrolled && !exempt)
		name_missing(census, account.name);
	if (is_admin(census, &account))
		count_admin(census, &account, enrolled, exempt);
	return 0;
}

/* Many machines let root log in nowhere, so he is not missed; but if he is
 * enrolled, he can administer. */
static void
count_root(struct census *census)
{
	static const struct account root = { .known = true, .name = "root" };

	if (names_listed(census->enrolled, census->enrolled_count, root.uid))
		count_admin(census, &root, true, false);
}

static int
count_people(struct census *census)
{
	int r;

	if ((r = names_read(&census->names)) < 0)
		return r;
	count_root(census);
	for (size_t i = 0; i < census->names.count && r == 0; i++)
		if (is_person(census, &census->names.rows[i]))
			r = count_person(census, &census->names.rows[i]);
	return r;
}

static void
say_missing(struct census *census)
{
	size_t more = census->missing_count > NAMED_MOST
			  ? census->missing_count - NAMED_MOST
			  : 0;
	struct finding *f = doctor_find(census->doctor, SEVERITY_WARNING,
	    "users-not-enrolled", census->settings->store_dir, 0);

	finding_text(f,
	    "These users are not enrolled, and are refused wherever a code is "
	    "asked for: %s",
	    census->missing);
	if (more > 0)
		finding_text(f, " and %zu more", more);
	finding_text(f, ".");
	finding_fix(f, "sallyport invite USER (or: sallyport enroll --user "
		       "USER)");
	if (more > 0)
		finding_fix(f, "sallyport list --unenrolled shows all of them");
}

static void
say_no_admin(struct census *census)
{
	struct finding *f = doctor_find(census->doctor, SEVERITY_FAULT,
	    "no-administrator", census->settings->store_dir, 0);

	finding_text(f, "Nobody in the groups sudo, wheel or admin is "
			"enrolled: no administrator can log in.");
	finding_fix(f, "sallyport enroll --user YOU");
}

static void
say_unsafe(struct census *census)
{
	struct finding *f = doctor_find(census->doctor, SEVERITY_WARNING,
	    "administrator-without-recovery", census->settings->store_dir, 0);

	finding_text(f,
	    "No administrator has recovery codes left: with %s phone, the "
	    "last way to administer this machine would be lost.",
	    census->able == 1 ? "one" : "the last");
	finding_fix(f, "sallyport recovery --user %s", census->admin);
}

static void
say_unknown(struct doctor *doctor, const struct settings *settings, int r)
{
	struct finding *f = doctor_find(doctor, SEVERITY_UNKNOWN,
	    "users-unknown", settings->store_dir, 0);

	finding_text(f, "Who is enrolled could not be looked at: %s.",
	    err_text(r));
	finding_fix(f, "run this as root, while the user database answers");
}

static void
judge_census(struct census *census)
{
	if (census->missing_count > 0)
		say_missing(census);
	if (census->admins > 0 && census->able == 0)
		say_no_admin(census);
	if (census->able > 0 && census->safe == 0)
		say_unsafe(census);
}

/* Only where everybody has to give a code is anybody refused for having none. */
void
doctor_people_look(struct doctor *doctor, const struct settings *settings)
{
	__attribute__((cleanup(census_done))) struct census census = {
		.doctor = doctor,
		.settings = &doctor->asked_by,
	};
	struct trouble why = { "" };
	int r;

	if (!doctor->asks || doctor->asked_by.enrolment != ENROLMENT_REQUIRED)
		return;
	if (store_open(settings, &why, &census.store) < 0)
		return; /* which is said already */
	read_range(&census);
	read_admins(&census);
	if ((r = store_list(census.store, &census.enrolled,
		 &census.enrolled_count)) < 0 ||
	    (r = count_people(&census)) < 0) {
		say_unknown(doctor, settings, r);
		return;
	}
	judge_census(&census);
}
