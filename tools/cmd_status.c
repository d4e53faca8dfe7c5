#include "cmd.h"

#include "desk.h"
#include "person.h"
#include "show.h"

#include <stdio.h>
#include <time.h>

static void
print_authenticators(struct person *person)
{
	for (size_t i = 0; i < person->record->count; i++) {
		const struct authenticator *a =
		    &person->record->authenticators[i];
		int64_t used = person_used(person, i);
		char shape[PERSON_SHAPE_SIZE], when[SHOW_TIME_SIZE];

		printf("\n  %s: %s\n", a->name, person_shape(a, shape));
		printf("    enrolled %s\n", show_local(a->created, when));
		if (used != 0)
			printf("    last used %s\n", show_local(used, when));
		else
			puts(a->pending ? "    pending: its first right code "
					  "at a login confirms it"
					: "    not used yet");
	}
	putchar('\n');
}

static void
print_lock(const struct person *person, int64_t now)
{
	char when[SHOW_TIME_SIZE];

	printf("Wrong codes in a row: %u\n", person->state.failures);
	if (person->standing == STANDING_DISABLED)
		puts("Disabled: a recovery code or 'sallyport unlock' helps.");
	else if (person->wait > 0)
		printf("Waiting: no code is accepted before %s.\n",
		    show_local(now + person->wait, when));
}

static void
print_person(struct person *person, int64_t now)
{
	const struct record *record = person->record;
	char when[SHOW_TIME_SIZE];

	printf("%s (uid %lu) is enrolled.\n", record->user,
	    (unsigned long)record->uid);
	print_authenticators(person);
	printf("Recovery codes left: %u\n",
	    state_recovery_left(&person->state, record));
	printf("Last login with a code: %s\n",
	    person->state.last_success == 0
		? "none yet"
		: show_local(person->state.last_success, when));
	print_lock(person, now);
}

static void
tell_unenrolled(const struct invocation *call, const struct account *account)
{
	AUTO_JSON json_object *out = NULL;

	if (!call->json) {
		printf("%s (uid %lu) is not enrolled, and is %s.\n",
		    account->name, (unsigned long)account->uid,
		    person_unenrolled(&call->settings));
		return;
	}
	out = json_object_new_object();
	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "uid", json_object_new_int64(account->uid));
	json_object_object_add(out, "enrolled", json_object_new_boolean(0));
	show_json(out);
}

static void
tell_enrolled(const struct invocation *call, struct store_txn *txn)
{
	AUTO_JSON json_object *out = NULL;
	int64_t now = time(NULL);
	struct person person;

	person_describe(&call->settings, txn, now, &person);
	if (call->json) {
		out = person_json(&person, now);
		show_json(out);
	} else {
		print_person(&person, now);
	}
}

int
cmd_status(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_TXN struct store_txn *txn = NULL;
	int status;

	status =
	    desk_open_for(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = desk_read(&desk, &txn);
	if (status != EXIT_YES)
		return status;
	if (store_record(txn) == NULL) {
		tell_unenrolled(call, &desk.account);
		return EXIT_NO;
	}
	tell_enrolled(call, txn);
	return EXIT_YES;
}
