#include "cmd.h"

#include "answer.h"
#include "desk.h"
#include "mem.h"
#include "mend.h"
#include "release.h"
#include "show.h"
#include "term.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct resync {
	bool all;
	json_object *array; /* of what was mended; NULL: as text */
};

static void
tell(const struct resync *resync, const struct account *account,
    const char *authenticator)
{
	json_object *one;

	if (resync->array == NULL && authenticator == NULL)
		printf("%s: that the clock was ahead is forgotten.\n",
		    account->name);
	if (resync->array == NULL && authenticator != NULL)
		printf("\"%s\" of %s is in step again.\n", authenticator,
		    account->name);
	if (resync->array == NULL)
		return;
	one = json_object_new_object();
	json_object_object_add(one, "user", show_json_text(account->name));
	json_object_object_add(one, "uid", json_object_new_int64(account->uid));
	json_object_object_add(one, "authenticator",
	    authenticator == NULL ? NULL
				  : json_object_new_string(authenticator));
	json_object_array_add(resync->array, one);
}

/* ---- the clock ---- */

static int
tell_stuck(const struct desk *desk, const struct authenticator *stuck)
{
	cmd_say("%s: while the clock was ahead, codes of \"%s\" were used "
		"whose time is still to come, and they would open again; "
		"remove it and enrol anew, or wait until then",
	    desk->account.name, stuck->name);
	return EXIT_NO;
}

static int
resync_clock(struct desk *desk, void *with)
{
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = NULL;
	const struct resync *resync = with;
	const struct authenticator *stuck;
	int64_t now = time(NULL);
	int status;

	if ((status = desk_begin_whoever(desk, &txn)) != EXIT_YES ||
	    (status = desk_copy(desk, txn, &record)) != EXIT_YES)
		return status;
	if (!mend_clock_is_behind(record, store_state(txn), now)) {
		if (!resync->all)
			cmd_say("the clock is not behind what happened to %s; "
				"for an authenticator that counts, say --name",
			    desk->account.name);
		return EXIT_YES;
	}
	stuck = mend_clock(desk->settings, record, store_state(txn), now);
	if (stuck != NULL)
		return tell_stuck(desk, stuck);
	status = desk_enrol(desk, "storing the enrolment", txn, record);
	if (status != EXIT_YES)
		return status;
	desk_note(desk, "resynced", NULL);
	tell(resync, &desk->account, NULL);
	return EXIT_YES;
}

/* ---- a counter ---- */

static int
read_code(const char *prompt, const struct authenticator *of,
    struct answer *answer_out)
{
	char typed[ANSWER_LONGEST + 1];
	int r = term_read(prompt, false, typed, sizeof typed);

	if (r == ERR_MISSING)
		return cmd_usage("two codes are read from standard input");
	if (r < 0 && r != ERR_INPUT)
		return cmd_fail("reading a code", r, NULL);
	answer_read(r < 0 ? "" : typed, answer_out);
	mem_wipe(typed, sizeof typed);
	if (answer_out->kind == ANSWER_CODE &&
	    strlen(answer_out->code) == of->digits)
		return EXIT_YES;
	return cmd_usage("a code of \"%s\" has %u digits", of->name,
	    of->digits);
}

static int
mend(struct desk *desk, const char *name, const struct answer codes[2])
{
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = NULL;
	const struct authenticator *a;
	int r, status;

	if ((status = desk_begin_whoever(desk, &txn)) != EXIT_YES ||
	    (status = desk_copy(desk, txn, &record)) != EXIT_YES)
		return status;
	a = record_find(record, name);
	if (a == NULL || a->kind != AUTHENTICATOR_HOTP) {
		cmd_say("the enrolment of %s has changed meanwhile",
		    desk->account.name);
		return EXIT_UNKNOWN;
	}
	r = mend_counter(a, state_find(store_state(txn), a->id), codes[0].code,
	    codes[1].code);
	if (r == ERR_INPUT) {
		cmd_say("these are no two codes that follow each other, or "
			"they are spent, or more than %d counters ahead",
		    MEND_AHEAD);
		return EXIT_NO;
	}
	if (r == 0)
		r = store_commit(txn);
	return r < 0 ? desk_fail(desk, "resyncing", r) : EXIT_YES;
}

static int
resync_counter(struct desk *desk, void *with, const char *name)
{
	const struct authenticator *a;
	struct summary summary;
	struct answer codes[2];
	int status;

	if ((status = desk_status_enrolled(desk, &summary)) != EXIT_YES)
		return status;
	if ((a = desk_pick(desk, &summary, name)) == NULL)
		return EXIT_USAGE;
	if (a->kind != AUTHENTICATOR_HOTP)
		return cmd_usage("\"%s\" goes by time, not by a counter", name);
	if ((status = read_code("A code: ", a, &codes[0])) == EXIT_YES &&
	    (status = read_code("The one behind it: ", a, &codes[1])) ==
		EXIT_YES)
		status = mend(desk, name, codes);
	mem_wipe(codes, sizeof codes);
	if (status != EXIT_YES)
		return status;
	desk_note(desk, "resynced", name);
	tell(with, &desk->account, name);
	return EXIT_YES;
}

static int
run(struct invocation *call, struct desk *desk, struct resync *resync)
{
	const char *name = cmd_option(call, "name");
	int status;

	if (resync->all && name != NULL)
		return cmd_usage("--all and --name exclude each other");
	if (name == NULL && time(NULL) < RELEASE_TIME) {
		cmd_say("this machine's clock stands before this program's "
			"release; set it first");
		return EXIT_UNKNOWN;
	}
	if (name == NULL)
		return desk_visit(desk, call, resync_clock, resync);
	if (call->operand_count == 0)
		return cmd_usage("USER is missing");
	status = desk_open_for(desk, &call->settings, call->operands[0]);
	return status == EXIT_YES ? resync_counter(desk, resync, name) : status;
}

int
cmd_resync(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_JSON json_object *out = json_object_new_object();
	struct resync resync = { .all = cmd_option(call, "all") != NULL };
	int status;

	if (call->json) {
		resync.array = json_object_new_array();
		json_object_object_add(out, "resynced", resync.array);
	}
	status = run(call, &desk, &resync);
	if (call->json && status != EXIT_USAGE)
		show_json(out);
	return status;
}
