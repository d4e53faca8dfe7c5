#include "cmd.h"

#include "codes.h"
#include "desk.h"
#include "mem.h"
#include "show.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { USUAL = 60 * 60, DAYS_MOST = 1 };

static void
tell(const struct account *account, const char *code, int64_t expires)
{
	char when[SHOW_TIME_SIZE];

	show_prose(stdout,
	    "Bypass of %s, shown this once: in place of a code it opens the "
	    "door one time, until %s.",
	    account->name, show_local(expires, when));
	printf("\n  %s\n\n", code);
	show_prose(stdout, "It has no letters I, L, O and U, and dashes do not "
			   "matter.");
}

/* In place of one before. */
static int
draw(const struct desk *desk, uint64_t seconds, struct record *record,
    char code_out[RECOVERY_TEXT_SIZE])
{
	struct bypass *bypass = &record->bypass;
	int r;

	bypass->created = time(NULL);
	bypass->expires = bypass->created + (int64_t)seconds;
	r = codes_draw_bypass(bypass, code_out);
	return r < 0 ? desk_fail(desk, "drawing a code", r) : EXIT_YES;
}

static int
give(struct invocation *call, struct desk *desk, struct store_txn *txn,
    struct record *record, uint64_t seconds)
{
	char code[RECOVERY_TEXT_SIZE];
	int64_t expires;
	int status;

	if ((status = draw(desk, seconds, record, code)) != EXIT_YES)
		return status;
	expires = record->bypass.expires;
	store_state(txn)->notices |= NOTICE_BYPASS << NOTICE_BY_ADMINISTRATOR;
	status = desk_enrol(desk, "storing the bypass", txn, record);
	if (status == EXIT_YES) {
		desk_note(desk, "bypass-given", NULL);
		if (call->json)
			show_json_given("bypass", desk->account.name, code,
			    expires);
		else
			tell(&desk->account, code, expires);
	}
	mem_wipe(code, sizeof code);
	return status;
}

static int
cancel(struct invocation *call, struct desk *desk, struct store_txn *txn,
    struct record *record)
{
	int status;

	if (record->bypass.id == 0) {
		cmd_say("%s has no bypass", desk->account.name);
		return EXIT_NO;
	}
	memset(&record->bypass, 0, sizeof record->bypass);
	status = desk_enrol(desk, "ending the bypass", txn, record);
	if (status != EXIT_YES)
		return status;
	desk_note(desk, "bypass-ended", NULL);
	if (call->json)
		show_json_given("bypass", desk->account.name, NULL, 0);
	else
		printf("The bypass of %s is void.\n", desk->account.name);
	return EXIT_YES;
}

int
cmd_bypass(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = NULL;
	bool ends = cmd_option(call, "cancel") != NULL;
	uint64_t seconds;
	int status;

	if ((status = cmd_duration(call, USUAL, DAYS_MOST, &seconds)) !=
	    EXIT_YES)
		return status;
	if (ends && cmd_option(call, "for") != NULL)
		return cmd_usage("--cancel and --for exclude each other");
	status = desk_open_for(&desk, &call->settings, call->operands[0]);
	if (status == EXIT_YES)
		status = desk_begin_enrolled(&desk, &txn);
	if (status == EXIT_YES)
		status = desk_copy(&desk, txn, &record);
	if (status != EXIT_YES)
		return status;
	return ends ? cancel(call, &desk, txn, record)
		    : give(call, &desk, txn, record, seconds);
}
