#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "names.h"
#include "person.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
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
join_names(const struct summary *summary, char *room, size_t size)
{
	size_t used = 0;

	room[0] = '\0';
	for (size_t i = 0; i < summary->count && used < size; i++)
		used += (size_t)snprintf(room + used, size - used, "%s%s",
		    i == 0 ? "" : ", ", summary->items[i].authenticator.name);
}

static void
print_person(const struct person *person)
{
	const struct summary *summary = &person->summary;
	char names[RECORD_AUTHENTICATORS * (RECORD_NAME_SIZE + 2)];
	char recovery[16], when[SHOW_TIME_SIZE];
	int64_t last = summary->last_success;

	join_names(summary, names, sizeof names);
	snprintf(recovery, sizeof recovery, "%u", summary->recovery_left);
	print_row(summary->user, summary->uid, person->standing, recovery,
	    last == 0 ? "never" : show_local(last, when), names);
}

/* What a list is made from. */
struct list {
	struct desk desk;
	struct names names;
	uid_t *uids; /* owned */
	size_t count;
	int64_t now;
	json_object *array; /* NULL: as text */
};

/* What the user database says today outranks what codes did. */
static void
compare_name(const struct list *list, struct person *person)
{
	char name[ACCOUNT_NAME_SIZE];
	int r = names_find(&list->names, person->summary.uid, name);

	if (r == ERR_MISSING)
		person->standing = STANDING_ORPHAN;
	else if (r == 0 && strcmp(name, person->summary.user) != 0)
		person->standing = STANDING_RENAMED;
}

static void
list_damaged(const struct list *list, uid_t uid)
{
	const char *why = list->desk.why.text;
	char name[ACCOUNT_NAME_SIZE] = "?";
	json_object *out;

	cmd_say("uid %lu: %s", (unsigned long)uid, why);
	(void)names_find(&list->names, uid, name);
	if (list->array == NULL) {
		print_row(name, uid, STANDING_DAMAGED, "?", "?", "?");
		return;
	}
	out = json_object_new_object();
	json_object_object_add(out, "user", show_json_text(name));
	json_object_object_add(out, "uid", json_object_new_int64(uid));
	json_object_object_add(out, "state",
	    json_object_new_string(standing_name(STANDING_DAMAGED)));
	json_object_object_add(out, "trouble", show_json_text(why));
	json_object_array_add(list->array, out);
}

static void
list_one(struct list *list, uid_t uid)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct person person;

	if (store_read(list->desk.store, uid, &txn) < 0) {
		list_damaged(list, uid);
		return;
	}
	if (store_record(txn) == NULL)
		return; /* removed a moment ago */
	summary_make(list->desk.settings, store_record(txn), store_state(txn),
	    list->now, &person.summary);
	person.standing = standing_of(&person.summary);
	compare_name(list, &person);
	if (list->array == NULL)
		print_person(&person);
	else
		json_object_array_add(list->array,
		    person_json(&person, list->now));
}

static void
list_all(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list_one(list, list->uids[i]);
}

static void
list_json(struct list *list)
{
	AUTO_JSON json_object *out = json_object_new_object();

	list->array = json_object_new_array();
	list_all(list);
	json_object_object_add(out, "users", list->array);
	show_json(out);
}

static void
list_text(struct list *list)
{
	if (list->count == 0) {
		cmd_say("nobody is enrolled");
		return;
	}
	printf("%-12s %-8s %-8s %-8s %-23s %s\n", "USER", "UID", "STATE",
	    "RECOVERY", "LAST LOGIN", "AUTHENTICATORS");
	list_all(list);
}

static void
list_done(struct list *list)
{
	free(list->uids);
	names_free(&list->names);
	desk_close(&list->desk);
}

int
cmd_list(struct invocation *call)
{
	__attribute__((cleanup(list_done))) struct list list = { .now = time(
								     NULL) };
	struct desk *desk = &list.desk;
	int r, status;

	if ((status = desk_open(desk, &call->settings)) != EXIT_YES)
		return status;
	if ((r = store_list(desk->store, &list.uids, &list.count)) < 0)
		return desk_fail(desk, "listing the store", r);
	if ((r = names_read(&list.names)) < 0)
		return cmd_fail("listing the users", r, NULL);
	if (call->json)
		list_json(&list);
	else
		list_text(&list);
	return EXIT_YES;
}
