#include "cmd.h"

#include "desk.h"
#include "io.h"
#include "mend.h"
#include "show.h"
#include "spent.h"

#include <stdio.h>
#include <time.h>

/* Begins, and says whether there is something to repair.  Returns EXIT_NO,
 * which is told, where there is no enrolment to repair it for. */
static int
begin(struct desk *desk, struct store_txn **txn_out, bool *needed_out)
{
	int r = store_begin_repairing(desk->store, &desk->account, txn_out);

	if (r < 0)
		return desk_fail(desk, "opening the enrolment", r);
	if (store_record(*txn_out) == NULL)
		return desk_not_enrolled(desk);
	desk_take_name(desk, store_record(*txn_out));
	*needed_out =
	    store_state_lost(*txn_out) ||
	    !state_knows(store_state(*txn_out), store_record(*txn_out));
	return EXIT_YES;
}

/* Without a lock while somebody thinks about it. */
static int
look(struct desk *desk, bool *needed_out)
{
	AUTO_TXN struct store_txn *txn = NULL;

	return begin(desk, &txn, needed_out);
}

static int
repair(const struct desk *desk, struct store_txn *txn)
{
	struct state *state = store_state(txn);
	int r = mend_lost(desk->settings, store_record(txn), state, time(NULL));

	if (r < 0)
		return desk_fail(desk, "making the state anew", r);
	if (io_random(&state->edition, sizeof state->edition) < 0)
		return desk_fail(desk, "drawing a number", ERR_IO);
	if ((r = store_commit(txn)) < 0)
		return desk_fail(desk, "writing the state", r);
	desk_note(desk, "repaired", NULL);
	return EXIT_YES;
}

static void
tell(const struct invocation *call, const struct desk *desk,
    struct store_txn *txn)
{
	AUTO_JSON json_object *out = NULL;

	if (call->json) {
		out = spent_json(&desk->account, store_record(txn),
		    store_state(txn));
		show_json(out);
		return;
	}
	printf("The state of %s is whole.\n", desk->account.name);
	spent_tell(&desk->account, store_record(txn), store_state(txn));
}

int
cmd_repair(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_TXN struct store_txn *txn = NULL;
	bool needed = false;
	int status;

	status = desk_open(&desk, &call->settings);
	if (status == EXIT_YES)
		status = desk_find_uid(&desk, call->operands[0]);
	if (status == EXIT_YES)
		status = look(&desk, &needed);
	if (status == EXIT_YES && needed)
		status = desk_agree(call,
		    "The state of %s is lost.  Make it anew, with all codes "
		    "spent? [y/N] ",
		    desk.account.name);
	if (status == EXIT_YES)
		status = begin(&desk, &txn, &needed);
	if (status == EXIT_YES && needed)
		status = repair(&desk, txn);
	if (status != EXIT_YES)
		return status;
	if (!needed)
		cmd_say("there was nothing to repair");
	tell(call, &desk, txn);
	return EXIT_YES;
}
