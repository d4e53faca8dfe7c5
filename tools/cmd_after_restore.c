#include "cmd.h"

#include "desk.h"
#include "journal.h"
#include "mem.h"
#include "mend.h"
#include "person.h"
#include "release.h"
#include "show.h"
#include "spent.h"

#include <stdio.h>
#include <time.h>

struct restored {
	size_t count, invitations;
	json_object *array; /* of who is enrolled; NULL: as text */
};

static int
spend(struct desk *desk, void *with)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct restored *restored = with;
	struct state *state;
	int r, status;

	if ((status = desk_begin_whoever(desk, &txn)) != EXIT_YES)
		return status;
	state = store_state(txn);
	mend_spend(desk->settings, store_record(txn), state, time(NULL));
	if ((r = store_commit(txn)) < 0)
		return desk_fail(desk, "writing the state", r);
	restored->count++;
	if (restored->array == NULL)
		spent_tell(&desk->account, store_record(txn), state);
	else
		json_object_array_add(restored->array,
		    spent_json(&desk->account, store_record(txn), state));
	return EXIT_YES;
}

/* One that was taken up since the backup would invite a second time. */
static int
end_invitation(struct desk *desk, uid_t uid, struct restored *restored)
{
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	desk->account = (struct account){ .known = true, .uid = uid };
	if (person_name(uid, desk->account.name) == ERR_DIRECTORY)
		return cmd_fail("looking up the user", ERR_DIRECTORY, NULL);
	if ((r = store_begin_enrolling(desk->store, &desk->account, &txn)) <
		0 ||
	    (r = store_uninvite(txn)) < 0)
		return desk_fail(desk, "ending an invitation", r);
	restored->invitations++;
	return EXIT_YES;
}

static int
end_invitations(struct desk *desk, struct restored *restored)
{
	AUTO_FREE uid_t *uids = NULL;
	int r, status, worst = EXIT_YES;
	size_t count = 0;

	if ((r = store_list_invited(desk->store, &uids, &count)) < 0)
		return desk_fail(desk, "listing the store", r);
	for (size_t i = 0; i < count; i++) {
		status = end_invitation(desk, uids[i], restored);
		worst = status > worst ? status : worst;
	}
	return worst;
}

static void
tell(const struct restored *restored)
{
	AUTO_JSON json_object *out = NULL;

	if (restored->array == NULL) {
		printf("Enrolments of which all is spent that may have been "
		       "used: %zu.\nInvitations ended: %zu.\n",
		    restored->count, restored->invitations);
		return;
	}
	out = json_object_new_object();
	json_object_object_add(out, "restored", restored->array);
	json_object_object_add(out, "invitations_ended",
	    json_object_new_int64((int64_t)restored->invitations));
	show_json(out);
}

/* Codes of a time that the clock has not reached would stay unspent. */
static int
check_clock(void)
{
	if (time(NULL) >= RELEASE_TIME)
		return EXIT_YES;
	cmd_say("this machine's clock stands before this program's release; "
		"set it first");
	return EXIT_UNKNOWN;
}

int
cmd_after_restore(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	struct restored restored = { 0 };
	int status, invited;

	if ((status = check_clock()) != EXIT_YES ||
	    (status = desk_open(&desk, &call->settings)) != EXIT_YES)
		return status;
	status = desk_agree(call,
	    "Void everybody's recovery codes, bypasses and invitations? "
	    "[y/N] ");
	if (status != EXIT_YES)
		return status;
	journal_note("after-restore", NULL, NULL);
	if (call->json)
		restored.array = json_object_new_array();
	status = desk_visit_all(&desk, spend, &restored);
	invited = end_invitations(&desk, &restored);
	tell(&restored);
	return status > invited ? status : invited;
}
