#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct adoption {
	struct invocation *call;
	bool all;
	json_object *array; /* of those that came about; NULL: as text */
};

/* The name that an enrolment was made under.  It is asked about without a
 * lock. */
static int
enrolled_name(struct desk *desk, char name_out[RECORD_USER_SIZE])
{
	AUTO_TXN struct store_txn *txn = NULL;
	int r = store_read(desk->store, desk->account.uid, &txn);

	if (r < 0)
		return desk_fail(desk, "reading the enrolment", r);
	if (store_record(txn) == NULL)
		return desk_not_enrolled(desk);
	memcpy(name_out, store_record(txn)->user, RECORD_USER_SIZE);
	return EXIT_YES;
}

static int
rename_enrolment(struct desk *desk, const char *was)
{
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = NULL;
	int r, status;

	if ((r = store_begin_renamed(desk->store, &desk->account, &txn)) < 0)
		return desk_fail(desk, "opening the enrolment", r);
	if (store_record(txn) == NULL ||
	    strcmp(store_record(txn)->user, was) != 0) {
		cmd_say("the enrolment of %s has changed meanwhile",
		    desk->account.name);
		return EXIT_UNKNOWN;
	}
	if ((status = desk_copy(desk, txn, &record)) != EXIT_YES)
		return status;
	memcpy(record->user, desk->account.name, sizeof record->user);
	return desk_enrol(desk, "storing the enrolment", txn, record);
}

static void
tell(const struct adoption *adoption, const struct account *account,
    const char *was)
{
	json_object *one;

	if (adoption->array == NULL) {
		printf("The enrolment of %s is %s's now.\n", was,
		    account->name);
		return;
	}
	one = json_object_new_object();
	json_object_object_add(one, "user", show_json_text(account->name));
	json_object_object_add(one, "uid", json_object_new_int64(account->uid));
	json_object_object_add(one, "was", show_json_text(was));
	json_object_array_add(adoption->array, one);
}

static int
adopt(struct desk *desk, void *with)
{
	struct adoption *adoption = with;
	const struct account *account = &desk->account;
	char was[RECORD_USER_SIZE];
	int status;

	if (account->name[0] == '\0')
		return EXIT_YES; /* nobody's: reset ends it */
	if ((status = enrolled_name(desk, was)) != EXIT_YES)
		return status;
	if (strcmp(was, account->name) == 0) {
		if (!adoption->all)
			cmd_say("that is the name %s was enrolled under", was);
		return EXIT_YES;
	}
	status = desk_agree(adoption->call,
	    "uid %lu was enrolled as %s and is now %s.  Is that the same "
	    "person? [y/N] ",
	    (unsigned long)account->uid, was, account->name);
	if (status == EXIT_YES)
		status = rename_enrolment(desk, was);
	if (status != EXIT_YES)
		return status;
	desk_note(desk, "adopted", NULL);
	tell(adoption, account, was);
	return EXIT_YES;
}

int
cmd_adopt(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_JSON json_object *out = json_object_new_object();
	struct adoption adoption = { .call = call,
		.all = cmd_option(call, "all") != NULL };
	int status;

	if (call->json) {
		adoption.array = json_object_new_array();
		json_object_object_add(out, "adopted", adoption.array);
	}
	status = desk_visit(&desk, call, adopt, &adoption);
	if (call->json && status != EXIT_USAGE)
		show_json(out);
	return status;
}
