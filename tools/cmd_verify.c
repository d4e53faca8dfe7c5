#include "cmd.h"

#include "desk.h"
#include "journal.h"
#include "mem.h"
#include "service.h"
#include "show.h"
#include "term.h"

#include <stdio.h>
#include <time.h>

/* clang-format off */
static const struct word {
	enum verdict verdict;
	const char *words;
	int status;
} words[] = {
	{ VERDICT_ACCEPTED,
	    "Accepted: a right code.", EXIT_YES },
	{ VERDICT_ACCEPTED_RECOVERY,
	    "Accepted: a recovery code, spent now.", EXIT_YES },
	{ VERDICT_WRONG,
	    "Refused: a wrong code.", EXIT_NO },
	{ VERDICT_REPLAYED,
	    "Refused: this code was used already; wait for the next one.",
	    EXIT_NO },
	{ VERDICT_WAITING,
	    "Refused: too many wrong codes, so only a recovery code is "
	    "accepted for now.",
	    EXIT_NO },
	{ VERDICT_DISABLED,
	    "Refused: disabled after too many wrong codes.  A recovery code "
	    "or\n'sallyport unlock' helps.", EXIT_NO },
	{ VERDICT_MALFORMED,
	    "Refused: neither a code of this user's length nor a recovery "
	    "code, or a\nmistyped one.", EXIT_NO },
	{ VERDICT_CLOCK_BEHIND,
	    "Refused: this machine's clock is behind what happened before.",
	    EXIT_NO },
	{ VERDICT_NOT_ENROLLED,
	    "Refused: not enrolled.", EXIT_NO },
	{ VERDICT_CALLER_BLOCKED,
	    "Refused: this is what sshd answers for a login it will refuse.",
	    EXIT_NO },
};
/* clang-format on */

static const struct word *
find_word(enum verdict verdict)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].verdict == verdict)
			return &words[i];
	return NULL;
}

/* The user compares clocks himself: by how much one is off would tell a
 * guesser where to look. */
static void
tell_clock(void)
{
	char clock[SHOW_CLOCK_SIZE];

	printf("This machine's clock: %s.\n", show_clock(time(NULL), clock));
}

static void
tell(const struct word *word, const struct judgement *judgement)
{
	char when[SHOW_TIME_SIZE];

	puts(word->words);
	if (judgement->verdict == VERDICT_ACCEPTED)
		printf("Authenticator: %s\n", judgement->authenticator);
	if (judgement->verdict == VERDICT_ACCEPTED_RECOVERY)
		printf("Recovery codes left: %u\n", judgement->recovery_left);
	if (judgement->verdict == VERDICT_WRONG)
		printf("Wrong codes in a row: %u\n", judgement->failures);
	if (word->status == EXIT_NO && judgement->wait > 0)
		printf("No code is accepted before %s.\n",
		    show_local(time(NULL) + judgement->wait, when));
	if (judgement->verdict == VERDICT_WRONG ||
	    judgement->verdict == VERDICT_CLOCK_BEHIND)
		tell_clock();
}

static void
tell_json(const struct account *account, const struct judgement *judgement)
{
	AUTO_JSON json_object *out = json_object_new_object();
	bool accepted = judgement->verdict == VERDICT_ACCEPTED;

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "verdict",
	    json_object_new_string(verdict_name(judgement->verdict)));
	json_object_object_add(out, "authenticator",
	    accepted ? json_object_new_string(judgement->authenticator) : NULL);
	json_object_object_add(out, "failures",
	    json_object_new_int64(judgement->failures));
	json_object_object_add(out, "wait",
	    json_object_new_int64(judgement->wait));
	json_object_object_add(out, "recovery_codes_left",
	    json_object_new_int64(judgement->recovery_left));
	show_json(out);
}

/* One line of standard input as an answer; too long a one is malformed. */
static int
ask(struct answer *answer_out)
{
	char typed[ANSWER_LONGEST + 1];
	int r = term_read("Code: ", false, typed, sizeof typed);

	if (r < 0 && r != ERR_INPUT)
		return r;
	answer_read(r < 0 ? NULL : typed, answer_out);
	mem_wipe(typed, sizeof typed);
	return 0;
}

static int
tell_verdict(struct invocation *call, const struct account *account,
    const struct judgement *judgement)
{
	const struct word *word = find_word(judgement->verdict);

	if (word == NULL) {
		journal_note(verdict_name(judgement->verdict), account, NULL);
		return cmd_fail("checking the code", ERR_DAMAGED, NULL);
	}
	journal_note(verdict_name(judgement->verdict), account,
	    judgement->verdict == VERDICT_ACCEPTED ? judgement->authenticator
						   : NULL);
	if (call->json)
		tell_json(account, judgement);
	else
		tell(word, judgement);
	return word->status;
}

int
cmd_verify(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	struct answer answer;
	int r, status;

	status =
	    desk_open_for(&desk, &call->settings, cmd_option(call, "user"));
	if (status != EXIT_YES)
		return status;
	if ((r = ask(&answer)) == ERR_MISSING)
		return cmd_usage("there was no code on standard input");
	if (r < 0)
		return cmd_fail("reading the code", r, NULL);
	r = service_check_code(&call->settings, &desk.account, &answer, &asker,
	    &judgement, &desk.why);
	mem_wipe(&answer, sizeof answer);
	if (r < 0)
		return desk_fail(&desk, "checking the code", r);
	return tell_verdict(call, &desk.account, &judgement);
}
