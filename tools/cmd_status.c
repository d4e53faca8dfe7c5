#include "cmd.h"

#include "desk.h"
#include "person.h"
#include "show.h"

#include <stdio.h>
#include <time.h>

static void
print_authenticators(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++) {
		const struct authenticator *a =
		    &summary->items[i].authenticator;
		int64_t used = summary->items[i].used;
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
print_lock(const struct summary *summary, int64_t now)
{
	char when[SHOW_TIME_SIZE];

	printf("Wrong codes in a row: %u\n", summary->failures);
	if (summary->disabled)
		puts("Disabled: a recovery code or 'sallyport unlock' helps.");
	else if (summary->wait > 0)
		printf("Waiting: no code is accepted before %s.\n",
		    show_local(now + summary->wait, when));
}

static void
print_summary(const struct summary *summary, int64_t now)
{
	char when[SHOW_TIME_SIZE];

	printf("%s (uid %lu) is enrolled.\n", summary->user,
	    (unsigned long)summary->uid);
	print_authenticators(summary);
	printf("Recovery codes left: %u", summary->recovery_left);
	if (summary->recovery_unseen)
		printf("; nothing says that the user has them ('sallyport "
		       "recovery --user %s' makes new ones)",
		    summary->user);
	putchar('\n');
	if (summary->bypass_until != 0)
		printf("A bypass code is out: good for one login, until %s.\n",
		    show_local(summary->bypass_until, when));
	printf("Last login with a code: %s\n",
	    summary->last_success == 0
		? "none yet"
		: show_local(summary->last_success, when));
	print_lock(summary, now);
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
tell_enrolled(const struct invocation *call, const struct person *person)
{
	AUTO_JSON json_object *out = NULL;
	int64_t now = time(NULL);

	if (call->json) {
		out = person_json(person, now);
		show_json(out);
	} else {
		print_summary(&person->summary, now);
	}
}

int
cmd_status(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	struct person person;
	int status;

	status = desk_find(&desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = desk_status(&desk, &person.summary);
	if (status != EXIT_YES)
		return status;
	if (!person.summary.enrolled) {
		tell_unenrolled(call, &desk.account);
		return EXIT_NO;
	}
	person.standing = standing_of(&person.summary);
	tell_enrolled(call, &person);
	return EXIT_YES;
}
