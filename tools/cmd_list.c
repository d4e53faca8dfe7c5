#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "names.h"
#include "person.h"
#include "show.h"
#include "term.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FEW_CODES = 3 }; /* fewer are few */

/* Who is to be shown; where several are said, who fits all of them. */
struct filter {
	bool locked, disabled, never_used, few_codes, unenrolled;
};

/* What a list is made from. */
struct list {
	struct desk desk;
	struct names names;
	uid_t *uids; /* owned */
	size_t count;
	struct filter filter;
	size_t shown;
	struct term_view view; /* that it is printed to */
	int64_t now;
	json_object *array; /* NULL: as text */
};

/* Rows are printed as they are read, so that a large store needs no memory.
 * On a terminal that is too narrow for them each field has a line. */
static void
print_row(struct list *list, const char *user, uid_t uid, const char *state,
    const char *recovery, const char *last, const char *authenticators)
{
	char shown[256];

	text_escape(shown, sizeof shown, user);
	if (list->view.columns < TERM_USUAL_COLUMNS) {
		printf("user: %s\n  uid: %lu\n  state: %s\n  recovery: %s\n"
		       "  last login: %s\n  authenticators: %s\n",
		    shown, (unsigned long)uid, state, recovery, last,
		    authenticators);
		return;
	}
	if (list->shown == 1)
		printf("%-12s %-10s %-8s %-8s %-23s %s\n", "USER", "UID",
		    "STATE", "RECOVERY", "LAST LOGIN", "AUTHENTICATORS");
	/* For programs everybody has one line. */
	if (list->view.terminal && strlen(shown) > 12) {
		puts(shown);
		shown[0] = '\0';
	}
	printf("%-12s %-10lu %-8s %-8s %-23s %s\n", shown, (unsigned long)uid,
	    state, recovery, last, authenticators);
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
print_person(struct list *list, const struct person *person)
{
	const struct summary *summary = &person->summary;
	char names[RECORD_AUTHENTICATORS * (RECORD_NAME_SIZE + 2)];
	char recovery[16], when[SHOW_TIME_SIZE];
	int64_t last = summary->last_success;

	join_names(summary, names, sizeof names);
	snprintf(recovery, sizeof recovery, "%u", summary->recovery_left);
	print_row(list, summary->user, summary->uid,
	    standing_name(person->standing), recovery,
	    last == 0 ? "never" : show_local(last, when), names);
}

static json_object *
json_unenrolled(const struct account *account)
{
	json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "uid", json_object_new_int64(account->uid));
	json_object_object_add(out, "enrolled", json_object_new_boolean(0));
	return out;
}

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

static bool
is_filtered(const struct filter *filter)
{
	return filter->locked || filter->disabled || filter->never_used ||
	       filter->few_codes;
}

static bool
fits(const struct filter *filter, const struct summary *summary)
{
	if (filter->locked && !summary->disabled && summary->wait == 0)
		return false;
	if (filter->disabled && !summary->disabled)
		return false;
	if (filter->never_used && summary->last_success != 0)
		return false;
	return !filter->few_codes || summary->recovery_left < FEW_CODES;
}

static void
list_damaged(struct list *list, uid_t uid)
{
	const char *why = list->desk.why.text;
	char name[ACCOUNT_NAME_SIZE] = "?";
	json_object *out;

	cmd_say("uid %lu: %s", (unsigned long)uid, why);
	if (is_filtered(&list->filter))
		return; /* nobody knows */
	list->shown++;
	(void)names_find(&list->names, uid, name);
	if (list->array == NULL) {
		print_row(list, name, uid, standing_name(STANDING_DAMAGED), "?",
		    "?", "?");
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
	if (!fits(&list->filter, &person.summary))
		return;
	list->shown++;
	if (list->array == NULL)
		print_person(list, &person);
	else
		json_object_array_add(list->array,
		    person_json(&person, list->now));
}

/* Who could log in, and has no code to do it with. */
static int
list_unenrolled_one(struct list *list, const struct name *name)
{
	const struct settings *settings = list->desk.settings;
	struct account account = { .known = true,
		.uid = name->uid,
		.gid = name->gid };
	bool exempt = false;
	int r;

	if (!name->logs_in || names_listed(list->uids, list->count, name->uid))
		return EXIT_YES;
	if (text_copy(account.name, sizeof account.name, name->name) < 0)
		return EXIT_YES; /* no login takes such a name */
	r = account_listed(&account, settings->exempt_users,
	    settings->exempt_groups, &exempt, &list->desk.why);
	if (r < 0)
		return desk_fail(&list->desk, "looking who is exempt", r);
	if (exempt)
		return EXIT_YES;
	list->shown++;
	if (list->array == NULL)
		print_row(list, account.name, account.uid, "none", "-", "-",
		    "-");
	else
		json_object_array_add(list->array, json_unenrolled(&account));
	return EXIT_YES;
}

static int
list_unenrolled(struct list *list)
{
	int status = EXIT_YES;

	for (size_t i = 0; i < list->names.count && status == EXIT_YES; i++)
		status = list_unenrolled_one(list, &list->names.rows[i]);
	return status;
}

static int
list_all(struct list *list)
{
	if (list->filter.unenrolled)
		return list_unenrolled(list);
	for (size_t i = 0; i < list->count; i++)
		list_one(list, list->uids[i]);
	return EXIT_YES;
}

static int
list_json(struct list *list)
{
	AUTO_JSON json_object *out = json_object_new_object();
	int status;

	list->array = json_object_new_array();
	json_object_object_add(out, "users", list->array);
	if ((status = list_all(list)) == EXIT_YES)
		show_json(out);
	return status;
}

static int
list_text(struct list *list)
{
	int status = list_all(list);

	if (status == EXIT_YES && list->shown == 0)
		cmd_say(list->count == 0 && !list->filter.unenrolled
			    ? "nobody is enrolled"
			    : "that is nobody");
	return status;
}

static int
read_filter(const struct invocation *call, struct filter *filter_out)
{
	*filter_out = (struct filter){
		.locked = cmd_option(call, "locked") != NULL,
		.disabled = cmd_option(call, "disabled") != NULL,
		.never_used = cmd_option(call, "never-used") != NULL,
		.few_codes = cmd_option(call, "few-recovery-codes") != NULL,
		.unenrolled = cmd_option(call, "unenrolled") != NULL,
	};
	if (filter_out->unenrolled && is_filtered(filter_out))
		return cmd_usage("who is not enrolled is nothing else; say "
				 "--unenrolled alone");
	return EXIT_YES;
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
	__attribute__((cleanup(list_done))) struct list list = { .count = 0 };
	struct desk *desk = &list.desk;
	int r, status;

	list.now = time(NULL);
	list.view = term_look(stdout);
	if ((status = read_filter(call, &list.filter)) != EXIT_YES ||
	    (status = desk_open(desk, &call->settings)) != EXIT_YES)
		return status;
	if ((r = store_list(desk->store, &list.uids, &list.count)) < 0)
		return desk_fail(desk, "listing the store", r);
	if ((r = names_read(&list.names)) < 0)
		return cmd_fail("listing the users", r, NULL);
	return call->json ? list_json(&list) : list_text(&list);
}
