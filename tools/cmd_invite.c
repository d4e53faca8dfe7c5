#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "show.h"

#include <stdio.h>

enum { USUAL = 3 * 24 * 60 * 60, DAYS_MOST = 30 };

static int
invite(struct invocation *call, struct desk *desk, uint64_t seconds)
{
	char code[RECOVERY_TEXT_SIZE], when[SHOW_TIME_SIZE];
	int64_t expires = 0;
	int r;

	r = service_invite(&call->settings, &desk->account, (int64_t)seconds,
	    code, &expires, &desk->why);
	if (r < 0)
		return desk_fail(desk, "inviting", r);
	desk_note(desk, "invited", NULL);
	if (call->json) {
		show_json_given("invitation", desk->account.name, code,
		    expires);
	} else {
		show_prose(stdout,
		    "Invitation of %s, shown this once: 'sallyport enroll' "
		    "takes it until %s.",
		    desk->account.name, show_local(expires, when));
		printf("\n  %s\n\n", code);
	}
	mem_wipe(code, sizeof code);
	return EXIT_YES;
}

static int
cancel(struct invocation *call, struct desk *desk)
{
	bool ended = false;
	int r;

	r = service_uninvite(&call->settings, &desk->account, &ended,
	    &desk->why);
	if (r < 0)
		return desk_fail(desk, "ending the invitation", r);
	if (!ended) {
		cmd_say("%s has no invitation", desk->account.name);
		return EXIT_NO;
	}
	desk_note(desk, "invitation-ended", NULL);
	if (call->json)
		show_json_given("invitation", desk->account.name, NULL, 0);
	else
		printf("The invitation of %s is void.\n", desk->account.name);
	return EXIT_YES;
}

int
cmd_invite(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	bool ends = cmd_option(call, "cancel") != NULL;
	uint64_t seconds;
	int status;

	if ((status = cmd_duration(call, USUAL, DAYS_MOST, &seconds)) !=
	    EXIT_YES)
		return status;
	if (ends && cmd_option(call, "for") != NULL)
		return cmd_usage("--cancel and --for exclude each other");
	status = desk_open_for(&desk, &call->settings, call->operands[0]);
	if (status != EXIT_YES)
		return status;
	return ends ? cancel(call, &desk) : invite(call, &desk, seconds);
}
