#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "service.h"
#include "show.h"
#include "term.h"
#include "words.h"

#include <stdio.h>

static void
tell_json(const struct account *account, const struct judgement *judgement)
{
	AUTO_JSON json_object *out = json_object_new_object();
	bool accepted = judgement->verdict == VERDICT_ACCEPTED;

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "verdict",
	    json_object_new_string(verdict_name(judgement->verdict)));
	json_object_object_add(out, "authenticator",
	    accepted ? json_object_new_string(judgement->authenticator) : NULL);
	json_object_object_add(out, "failures",
	    json_object_new_int64(judgement->failures));
	json_object_object_add(out, "wait",
	    json_object_new_int64(judgement->wait));
	json_object_object_add(out, "recovery_codes_left",
	    json_object_new_int64(judgement->recovery_left));
	show_json(out);
}

/* One line of standard input as an answer; too long a one is malformed. */
static int
ask(struct answer *answer_out)
{
	char typed[ANSWER_LONGEST + 1];
	int r = term_read("Code: ", false, typed, sizeof typed);

	if (r < 0 && r != ERR_INPUT)
		return r;
	answer_read(r < 0 ? NULL : typed, answer_out);
	mem_wipe(typed, sizeof typed);
	return 0;
}

static int
tell_verdict(struct invocation *call, const struct desk *desk,
    const struct judgement *judgement)
{
	bool accepted = verdict_accepts(judgement->verdict);

	desk_note(desk, verdict_name(judgement->verdict),
	    judgement->verdict == VERDICT_ACCEPTED ? judgement->authenticator
						   : NULL);
	if (!verdict_is_known(judgement->verdict))
		return cmd_fail("checking the code", ERR_DAMAGED, NULL);
	if (!call->json)
		return words_judgement(judgement, stdout);
	tell_json(&desk->account, judgement);
	return accepted ? EXIT_YES : EXIT_NO;
}

int
cmd_verify(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct summary summary;
	struct answer answer;
	int r, status;

	/* Nobody is asked for a code that could not be judged. */
	status = desk_find(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = desk_status(&desk, &summary);
	if (status != EXIT_YES)
		return status;
	if ((r = ask(&answer)) == ERR_MISSING)
		return cmd_usage("there was no code on standard input");
	if (r < 0)
		return cmd_fail("reading the code", r, NULL);
	r = service_check_code(&call->settings, &desk.account, &answer,
	    &desk.asker, &judgement, &desk.why);
	mem_wipe(&answer, sizeof answer);
	if (r < 0)
		return desk_fail(&desk, "checking the code", r);
	return tell_verdict(call, &desk, &judgement);
}
