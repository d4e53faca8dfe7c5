#include "cmd.h"

#include "desk.h"
#include "show.h"

#include <stdio.h>

static int
look(struct desk *desk, const char *name, struct wanted *wanted)
{
	const struct authenticator *found;
	struct summary summary;
	int status;

	if ((status = desk_status_enrolled(desk, &summary)) != EXIT_YES)
		return status;
	if ((found = desk_pick(desk, &summary, name)) == NULL)
		return EXIT_USAGE;
	wanted->which = *found;
	return desk_prove(desk, true, &wanted->proof);
}

static void
tell_json(const struct account *account, const char *name,
    const struct wanted *wanted)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "renamed", show_json_text(name));
	json_object_object_add(out, "name", show_json_text(wanted->name));
	show_json(out);
}

int
cmd_rename(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_WANTED struct wanted *wanted = wanted_new();
	AUTO_CHANGED struct changed *changed = changed_new();
	const char *name = call->operands[0];
	int status;

	if (wanted == NULL || changed == NULL)
		return cmd_fail("renaming", ERR_MEMORY, NULL);
	wanted->act = ACT_RENAME;
	status = desk_name("NEW", call->operands[1], wanted->name);
	if (status == EXIT_YES)
		status =
		    desk_find(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = look(&desk, name, wanted);
	if (status == EXIT_YES)
		status = desk_change(&desk, wanted, changed);
	if (status != EXIT_YES)
		return status;
	desk_note(&desk, "renamed", name);
	if (call->json)
		tell_json(&desk.account, name, wanted);
	else
		printf("\"%s\" of %s is \"%s\" now.\n", name, desk.account.name,
		    wanted->name);
	return EXIT_YES;
}
