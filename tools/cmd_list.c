#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "person.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Rows are printed as they are read, so that a large store needs no memory. */
static void
print_row(const char *user, uid_t uid, enum standing standing,
    const char *recovery, const char *last, const char *authenticators)
{
	char shown[256];

	printf("%-12s %-8lu %-8s %-8s %-23s %s\n",
	    text_escape(shown, sizeof shown, user), (unsigned long)uid,
	    standing_name(standing), recovery, last, authenticators);
}

/* "phone, token" */
static void
join_names(const struct record *record, char *room, size_t size)
{
	size_t used = 0;

	room[0] = '\0';
	for (size_t i = 0; i < record->count && used < size; i++)
		used += (size_t)snprintf(room + used, size - used, "%s%s",
		    i == 0 ? "" : ", ", record->authenticators[i].name);
}

static void
print_person(struct person *person)
{
	const struct record *record = person->record;
	char names[RECORD_AUTHENTICATORS * (RECORD_NAME_SIZE + 2)];
	char recovery[16], when[SHOW_TIME_SIZE];
	int64_t last = person->state.last_success;

	join_names(record, names, sizeof names);
	snprintf(recovery, sizeof recovery, "%u",
	    state_recovery_left(&person->state, record));
	print_row(record->user, record->uid, person->standing, recovery,
	    last == 0 ? "never" : show_local(last, when), names);
}

/* What the user database says today outranks what codes did. */
static void
compare_name(struct person *person)
{
	char name[ACCOUNT_NAME_SIZE];
	int r = person_name(person->record->uid, name);

	if (r == ERR_MISSING)
		person->standing = STANDING_ORPHAN;
	else if (r == 0 && strcmp(name, person->record->user) != 0)
		person->standing = STANDING_RENAMED;
}

static void
list_damaged(const struct desk *desk, uid_t uid, json_object *array)
{
	char name[ACCOUNT_NAME_SIZE] = "?";
	json_object *out;

	cmd_say("uid %lu: %s", (unsigned long)uid, desk->why.text);
	(void)person_name(uid, name);
	if (array == NULL) {
		print_row(name, uid, STANDING_DAMAGED, "?", "?", "?");
		return;
	}
	out = json_object_new_object();
	json_object_object_add(out, "user", show_json_text(name));
	json_object_object_add(out, "uid", json_object_new_int64(uid));
	json_object_object_add(out, "state",
	    json_object_new_string(standing_name(STANDING_DAMAGED)));
	json_object_object_add(out, "trouble", show_json_text(desk->why.text));
	json_object_array_add(array, out);
}

static void
list_one(struct desk *desk, uid_t uid, int64_t now, json_object *array)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct person person;

	if (store_read(desk->store, uid, &txn) < 0) {
		list_damaged(desk, uid, array);
		return;
	}
	if (store_record(txn) == NULL)
		return; /* removed a moment ago */
	person_describe(desk->settings, txn, now, &person);
	compare_name(&person);
	if (array == NULL)
		print_person(&person);
	else
		json_object_array_add(array, person_json(&person, now));
}

static void
list_json(struct desk *desk, const uid_t *uids, size_t count, int64_t now)
{
	AUTO_JSON json_object *out = json_object_new_object();
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		list_one(desk, uids[i], now, array);
	json_object_object_add(out, "users", array);
	show_json(out);
}

static void
list_text(struct desk *desk, const uid_t *uids, size_t count, int64_t now)
{
	if (count == 0) {
		cmd_say("nobody is enrolled");
		return;
	}
	printf("%-12s %-8s %-8s %-8s %-23s %s\n", "USER", "UID", "STATE",
	    "RECOVERY", "LAST LOGIN", "AUTHENTICATORS");
	for (size_t i = 0; i < count; i++)
		list_one(desk, uids[i], now, NULL);
}

int
cmd_list(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_FREE uid_t *uids = NULL;
	size_t count = 0;
	int r, status;

	if ((status = desk_open(&desk, &call->settings)) != EXIT_YES)
		return status;
	if ((r = store_list(desk.store, &uids, &count)) < 0)
		return desk_fail(&desk, "listing the store", r);
	if (call->json)
		list_json(&desk, uids, count, time(NULL));
	else
		list_text(&desk, uids, count, time(NULL));
	return EXIT_YES;
}
