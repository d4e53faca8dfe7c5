#include "cmd.h"

#include "desk.h"
#include "journal.h"
#include "show.h"
#include "throttle.h"

#include <stdio.h>
#include <time.h>

/* What stood before a clearing. */
struct lock {
	unsigned failures;
	bool disabled;
	int64_t wait_until; /* 0: no wait was left */
};

static struct lock
look_at_lock(const struct settings *settings, struct state *state)
{
	int64_t now = time(NULL), wait = throttle_left(settings, state, now);

	return (struct lock){ state->failures,
		throttle_disabled(settings, state), wait > 0 ? now + wait : 0 };
}

static void
tell_json(const struct account *account, const struct lock *was)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "failures",
	    json_object_new_int64(was->failures));
	json_object_object_add(out, "disabled",
	    json_object_new_boolean(was->disabled));
	json_object_object_add(out, "waiting_until",
	    show_json_time(was->wait_until));
	show_json(out);
}

static void
tell(const struct account *account, const struct lock *was)
{
	char when[SHOW_TIME_SIZE];

	printf("%s had %u wrong codes in a row", account->name, was->failures);
	if (was->disabled)
		fputs(" and was disabled", stdout);
	else if (was->wait_until != 0)
		printf(" and was waiting until %s",
		    show_local(was->wait_until, when));
	puts(was->failures == 0 ? ": nothing to unlock." : ": forgotten.");
}

static int
unlock(struct desk *desk, struct store_txn *txn)
{
	int r;

	throttle_clear(store_state(txn));
	if ((r = store_commit(txn)) < 0)
		return desk_fail(desk, "unlocking", r);
	journal_note("unlocked", &desk->account, NULL);
	return EXIT_YES;
}

int
cmd_unlock(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_TXN struct store_txn *txn = NULL;
	struct lock was;
	int status;

	status = desk_open_for(&desk, &call->settings, call->operands[0]);
	if (status == EXIT_YES)
		status = desk_begin_enrolled(&desk, &txn);
	if (status != EXIT_YES)
		return status;
	was = look_at_lock(&call->settings, store_state(txn));
	if (was.failures > 0 || was.wait_until != 0)
		status = unlock(&desk, txn);
	if (status != EXIT_YES)
		return status;
	if (call->json)
		tell_json(&desk.account, &was);
	else
		tell(&desk.account, &was);
	return EXIT_YES;
}
