#include "cmd.h"

#include "desk.h"
#include "show.h"

#include <stdio.h>

/* Only good codes are worth a question. */
static int
ask(struct invocation *call, struct desk *desk, struct wanted *wanted)
{
	struct summary summary;
	int status;

	if ((status = desk_status_enrolled(desk, &summary)) != EXIT_YES)
		return status;
	if (summary.recovery_left > 0)
		status = desk_agree(call,
		    "Void the %u recovery codes that %s has left? [y/N] ",
		    summary.recovery_left, desk->account.name);
	return status == EXIT_YES ? desk_prove(desk, true, &wanted->proof)
				  : status;
}

static void
tell_json(const struct account *account, const struct codes *codes)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "recovery_codes", show_json_codes(codes));
	show_json(out);
}

int
cmd_recovery(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_WANTED struct wanted *wanted = wanted_new();
	AUTO_CHANGED struct changed *changed = changed_new();
	int status;

	if (wanted == NULL || changed == NULL)
		return cmd_fail("drawing recovery codes", ERR_MEMORY, NULL);
	wanted->act = ACT_RECOVERY;
	status = desk_find(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = ask(call, &desk, wanted);
	if (status == EXIT_YES)
		status = desk_change(&desk, wanted, changed);
	if (status != EXIT_YES)
		return status;
	desk_note(&desk, "recovery-codes-replaced", NULL);
	if (call->json) {
		tell_json(&desk.account, &changed->codes);
		return EXIT_YES;
	}
	printf("New recovery codes of %s; all earlier ones are void.\n",
	    desk.account.name);
	show_codes(&changed->codes, stdout);
	return EXIT_YES;
}
