#include "cmd.h"

#include "desk.h"
#include "journal.h"
#include "person.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* By id: the name may be another's by the time the question is answered. */
static struct authenticator *
find_id(struct record *record, uint64_t id)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].id == id)
			return &record->authenticators[i];
	return NULL;
}

static int
no_such_name(const struct desk *desk, const char *name)
{
	char shown[256];

	cmd_say("%s has no authenticator \"%s\"; 'sallyport status' names them",
	    desk->account.name, text_escape(shown, sizeof shown, name));
	return EXIT_USAGE;
}

/* Looks without a lock, as a person may take long to answer. */
static int
look_and_ask(struct invocation *call, struct desk *desk, const char *name,
    uint64_t *id_out)
{
	AUTO_RECORD struct record *record = record_new();
	AUTO_TXN struct store_txn *txn = NULL;
	const struct authenticator *found;
	int status;

	if (record == NULL)
		return cmd_fail("reading the enrolment", ERR_MEMORY, NULL);
	if ((status = desk_read_enrolled(desk, &txn)) != EXIT_YES)
		return status;
	*record = *store_record(txn);
	if ((found = record_find(record, name)) == NULL)
		return no_such_name(desk, name);
	*id_out = found->id;
	if (record->count == 1)
		cmd_say("it is the last one: then %s is not enrolled, and is "
			"%s",
		    desk->account.name, person_unenrolled(desk->settings));
	return desk_agree(call, "Remove \"%s\" of %s? [y/N] ", name,
	    desk->account.name);
}

static int
remove_id(struct desk *desk, const char *name, uint64_t id, bool *last_out)
{
	const uint64_t nothing_new[RECORD_AUTHENTICATORS] = { 0 };
	AUTO_RECORD struct record *record = record_new();
	AUTO_TXN struct store_txn *txn = NULL;
	struct authenticator *found;
	int r, status;

	if (record == NULL)
		return cmd_fail("removing", ERR_MEMORY, NULL);
	if ((status = desk_begin_enrolled(desk, &txn)) != EXIT_YES)
		return status;
	*record = *store_record(txn);
	if ((found = find_id(record, id)) == NULL)
		return no_such_name(desk, name);
	record_drop(record, found);
	*last_out = record->count == 0;
	r = *last_out ? store_remove(txn)
		      : store_enrol(txn, record, nothing_new);
	return r < 0 ? desk_fail(desk, "removing the authenticator", r)
		     : EXIT_YES;
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
	const char *name = call->operands[0];
	uint64_t id = 0;
	bool last = false;
	int status;

	status =
	    desk_open_for(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = look_and_ask(call, &desk, name, &id);
	if (status == EXIT_YES)
		status = remove_id(&desk, name, id, &last);
	if (status != EXIT_YES)
		return status;
	journal_note("removed", &desk.account, name);
	if (call->json)
		tell_json(&desk.account, name, last);
	else
		printf("Removed \"%s\" of %s%s.\n", name, desk.account.name,
		    last ? ", who is not enrolled any more" : "");
	return EXIT_YES;
}
