#include "cmd.h"

#include "desk.h"
#include "journal.h"
#include "mem.h"
#include "person.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

/* Enrolments are opened by the name they were made for; whoever resets one of
 * a renamed or deleted user means that one. */
static int
take_enrolled_name(struct desk *desk, const char *who)
{
	AUTO_TXN struct store_txn *txn = NULL;
	const struct record *record;
	int r;

	r = store_read(desk->store, desk->account.uid, &txn);
	if (r == ERR_DAMAGED) {
		cmd_say("%s", desk->why.text);
		return EXIT_YES; /* resetting is what helps */
	}
	if (r < 0)
		return desk_fail(desk, "reading the enrolment", r);
	if ((record = store_record(txn)) == NULL) {
		cmd_say("%s is not enrolled", who);
		return EXIT_NO;
	}
	if (strcmp(record->user, desk->account.name) != 0)
		cmd_say("this enrolment was made as %s", record->user);
	memcpy(desk->account.name, record->user, sizeof record->user);
	return EXIT_YES;
}

static int
ask(struct invocation *call, const struct desk *desk)
{
	char room[DESK_WHOM_SIZE];
	const char *whom = desk_whom(desk, room);

	cmd_say("then %s is not enrolled, and is %s", whom,
	    person_unenrolled(desk->settings));
	return desk_agree(call,
	    "Void all authenticators and recovery codes of %s? [y/N] ", whom);
}

static int
reset(struct desk *desk)
{
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	r = store_begin_removing(desk->store, desk->account.uid, &txn);
	if (r < 0)
		return desk_fail(desk, "locking the enrolment", r);
	if ((r = store_remove(txn)) < 0)
		return desk_fail(desk, "removing the enrolment", r);
	return EXIT_YES;
}

static void
tell_json(const struct account *account)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "enrolled", json_object_new_boolean(0));
	show_json(out);
}

int
cmd_reset(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	const char *who = call->operands[0];
	char room[DESK_WHOM_SIZE];
	int status;

	status = desk_open(&desk, &call->settings);
	if (status == EXIT_YES)
		status = desk_find_uid(&desk, who);
	if (status == EXIT_YES)
		status = take_enrolled_name(&desk, who);
	if (status == EXIT_YES)
		status = ask(call, &desk);
	if (status == EXIT_YES)
		status = reset(&desk);
	if (status != EXIT_YES)
		return status;
	journal_note("reset", &desk.account, NULL);
	if (call->json)
		tell_json(&desk.account);
	else
		printf("%s is not enrolled any more.\n",
		    desk_whom(&desk, room));
	return EXIT_YES;
}
