#include "import.h"

#include "foreign.h"
#include "google_file.h"
#include "mem.h"
#include "person.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char in_home[] = ".google_authenticator";

/* Of the user whom the desk is about. */
static int
take_over(const struct takeover_terms *terms, struct desk *desk,
    const char *path, const struct foreign *foreign)
{
	AUTO_TAKEOVER struct takeover *takeover = takeover_new();
	struct trouble why = { "" };
	int r, status;

	if (takeover == NULL)
		return cmd_fail("importing", ERR_MEMORY, NULL);
	if ((r = google_file_parse(foreign->text, takeover, &why)) < 0)
		return cmd_fail(path, r, &why);
	if ((status = takeover_check(terms, takeover, path)) != EXIT_YES)
		return status;
	return takeover_store(terms, desk, takeover);
}

/* Without --user, whose the file is says whom it is for; root keeps others'
 * files, too. */
static int
find_owner(struct desk *desk, const char *path, const struct foreign *foreign)
{
	char name[ACCOUNT_NAME_SIZE];
	int r;

	if (foreign->owner == 0)
		return cmd_usage("%s is root's; say --user", path);
	if ((r = person_name(foreign->owner, name)) < 0)
		return cmd_fail("looking up whose the file is", r, NULL);
	if ((r = account_find(name, &desk->account, &desk->why)) < 0)
		return cmd_fail("looking up the user", r, &desk->why);
	return EXIT_YES;
}

static int
import_file(struct invocation *call, struct desk *desk,
    const struct takeover_terms *terms, const char *path)
{
	AUTO_FOREIGN struct foreign foreign = { .text = NULL };
	const char *user = cmd_option(call, "user");
	struct foreign_owner owner = { 0, 1 };
	struct trouble why = { "" };
	int r, status;

	if (user == NULL)
		status = desk_open(desk, &call->settings);
	else
		status = desk_open_for(desk, &call->settings, user);
	if (status != EXIT_YES)
		return status;
	owner.uid = desk->account.uid;
	r = foreign_read(path, user == NULL ? NULL : &owner, GOOGLE_FILE_MOST,
	    &foreign, &why);
	if (r < 0)
		return cmd_fail("reading the file", r, &why);
	if (user == NULL)
		status = find_owner(desk, path, &foreign);
	return status == EXIT_YES ? take_over(terms, desk, path, &foreign)
				  : status;
}

/* ---- every home ---- */

static int
import_home(const struct takeover_terms *terms, struct desk *desk,
    const char *name, const char *home)
{
	AUTO_FOREIGN struct foreign foreign = { .text = NULL };
	AUTO_FREE char *path = NULL;
	struct foreign_owner owner = { 0, 0 };
	struct trouble why = { "" };
	int r;

	if ((r = account_find(name, &desk->account, &desk->why)) < 0)
		return cmd_fail("looking up the user", r, &desk->why);
	if (!desk->account.known)
		return EXIT_YES; /* gone a moment ago */
	if (asprintf(&path, "%s/%s", home, in_home) < 0) {
		path = NULL;
		return cmd_fail("importing", ERR_MEMORY, NULL);
	}
	owner.uid = desk->account.uid;
	r = foreign_read(path, &owner, GOOGLE_FILE_MOST, &foreign, &why);
	if (r == ERR_MISSING)
		return EXIT_YES;
	if (r < 0)
		return cmd_fail(name, r, &why);
	return take_over(terms, desk, path, &foreign);
}

static int
import_homes(struct desk *desk, const struct takeover_terms *terms)
{
	const struct passwd *entry;
	int status, worst = EXIT_YES;

	setpwent();
	while ((entry = getpwent()) != NULL) {
		AUTO_FREE char *name = strdup(entry->pw_name);
		AUTO_FREE char *home = strdup(entry->pw_dir);

		if (name == NULL || home == NULL)
			status = cmd_fail("importing", ERR_MEMORY, NULL);
		else
			status = import_home(terms, desk, name, home);
		worst = status > worst ? status : worst;
	}
	endpwent();
	return worst;
}

int
import_google(struct invocation *call, struct desk *desk,
    const struct takeover_terms *terms)
{
	bool all = cmd_option(call, "all-homes") != NULL;
	int status;

	if (all == (call->operand_count > 1))
		return cmd_usage("google-authenticator takes either FILE or "
				 "--all-homes");
	if (!all)
		return import_file(call, desk, terms, call->operands[1]);
	if (cmd_option(call, "user") != NULL)
		return cmd_usage("--all-homes and --user exclude each other");
	status = desk_open(desk, &call->settings);
	return status == EXIT_YES ? import_homes(desk, terms) : status;
}
