#include "cmd.h"

#include "desk.h"
#include "person.h"
#include "show.h"

#include <stdio.h>

/* The one that is looked at now is the one that is removed, whatever has its
 * name by the time the question is answered. */
static int
look_and_ask(struct invocation *call, struct desk *desk, const char *name,
    struct wanted *wanted)
{
	const struct authenticator *found;
	struct summary summary;
	int status;

	if ((status = desk_status_enrolled(desk, &summary)) != EXIT_YES)
		return status;
	if ((found = desk_pick(desk, &summary, name)) == NULL)
		return EXIT_USAGE;
	wanted->which = *found;
	if (summary.count == 1)
		cmd_say("it is the last one: then %s is not enrolled, and is "
			"%s",
		    desk->account.name, person_unenrolled(desk->settings));
	status = desk_agree(call, "Remove \"%s\" of %s? [y/N] ", name,
	    desk->account.name);
	return status == EXIT_YES ? desk_prove(desk, true, &wanted->proof)
				  : status;
}

static void
tell_json(const struct account *account, const char *name, bool last)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "removed", show_json_text(name));
	json_object_object_add(out, "enrolled", json_object_new_boolean(!last));
	show_json(out);
}

int
cmd_remove(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_WANTED struct wanted *wanted = wanted_new();
	AUTO_CHANGED struct changed *changed = changed_new();
	const char *name = call->operands[0];
	int status;

	if (wanted == NULL || changed == NULL)
		return cmd_fail("removing", ERR_MEMORY, NULL);
	wanted->act = ACT_REMOVE;
	status = desk_find(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = look_and_ask(call, &desk, name, wanted);
	if (status == EXIT_YES)
		status = desk_change(&desk, wanted, changed);
	if (status != EXIT_YES)
		return status;
	desk_note(&desk, "removed", name);
	if (call->json)
		tell_json(&desk.account, name, changed->ended);
	else
		printf("Removed \"%s\" of %s%s.\n", name, desk.account.name,
		    changed->ended ? ", who is not enrolled any more" : "");
	return EXIT_YES;
}
