#include "cmd.h"

#include "codes.h"
#include "desk.h"
#include "journal.h"
#include "show.h"

#include <stdio.h>
#include <time.h>

/* Only good codes are worth a question. */
static int
ask(struct invocation *call, struct desk *desk)
{
	AUTO_TXN struct store_txn *txn = NULL;
	unsigned left;
	int status;

	if ((status = desk_read_enrolled(desk, &txn)) != EXIT_YES)
		return status;
	left = state_recovery_left(store_state(txn), store_record(txn));
	if (left == 0)
		return EXIT_YES;
	return desk_agree(call,
	    "Void the %u recovery codes that %s has left? [y/N] ", left,
	    desk->account.name);
}

static int
replace(struct desk *desk, struct codes *codes)
{
	const uint64_t nothing_new[RECORD_AUTHENTICATORS] = { 0 };
	AUTO_RECORD struct record *record = record_new();
	AUTO_TXN struct store_txn *txn = NULL;
	int r, status;

	if (record == NULL)
		return cmd_fail("drawing recovery codes", ERR_MEMORY, NULL);
	if ((status = desk_begin_enrolled(desk, &txn)) != EXIT_YES)
		return status;
	*record = *store_record(txn);
	if ((r = codes_draw(time(NULL), &record->recovery, codes)) < 0)
		return cmd_fail("drawing recovery codes", r, NULL);
	if ((r = store_enrol(txn, record, nothing_new)) < 0)
		return desk_fail(desk, "storing recovery codes", r);
	return EXIT_YES;
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
	AUTO_CODES struct codes *codes = codes_new();
	int status;

	if (codes == NULL)
		return cmd_fail("drawing recovery codes", ERR_MEMORY, NULL);
	status =
	    desk_open_for(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = ask(call, &desk);
	if (status == EXIT_YES)
		status = replace(&desk, codes);
	if (status != EXIT_YES)
		return status;
	journal_note("recovery-codes-replaced", &desk.account, NULL);
	if (call->json) {
		tell_json(&desk.account, codes);
		return EXIT_YES;
	}
	printf("New recovery codes of %s; all earlier ones are void.\n",
	    desk.account.name);
	show_codes(codes, stdout);
	return EXIT_YES;
}
