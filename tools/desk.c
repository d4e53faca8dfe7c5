#include "desk.h"

#include "journal.h"
#include "mem.h"
#include "origin.h"
#include "person.h"
#include "term.h"
#include "text.h"
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
desk_close(struct desk *desk)
{
	store_close(desk->store);
}

/* What helps, behind what is wrong: with the store as a whole, or with what is
 * of one user in it. */
static const char *
advice(const struct desk *desk, int err)
{
	if (desk->asks && err != ERR_CALLER)
		return "your administrator can look what is wrong";
	if (err == ERR_DAMAGED && store_check(desk->settings, NULL) < 0)
		err = ERR_UNTRUSTED;
	switch (err) {
	case ERR_RENAMED:
		return "'sallyport adopt' gives it to the new name, if that "
		       "is the same person; else 'sallyport reset' ends it";
	case ERR_DAMAGED:
		return "'sallyport repair' makes a damaged state anew; for "
		       "an enrolment, restore this user's two files from a "
		       "backup, or end it with 'sallyport reset'";
	case ERR_UNTRUSTED:
		return "'sallyport doctor' tells what store and key must be";
	default:
		return NULL;
	}
}

int
desk_fail(const struct desk *desk, const char *doing, int err)
{
	int status = cmd_fail(doing, err, &desk->why);
	const char *more = advice(desk, err);

	if (more != NULL)
		cmd_say("%s", more);
	return status;
}

/* ---- who ---- */

static int
look_up(struct desk *desk, const char *user)
{
	struct account *account = &desk->account;
	char shown[256], own[ACCOUNT_NAME_SIZE];
	int r;

	/* Who runs the program: the real uid, which no variable can change. */
	if (user == NULL) {
		if (person_name(getuid(), own) < 0)
			return cmd_usage("uid %lu has no name; say --user",
			    (unsigned long)getuid());
		user = own;
	}
	if ((r = account_find(user, account, &desk->why)) < 0)
		return cmd_fail("looking up the user", r, &desk->why);
	if (account->known)
		return EXIT_YES;
	cmd_say("there is no user %s", text_escape(shown, sizeof shown, user));
	return EXIT_USAGE;
}

/* For the verifier's log. */
static void
introduce(struct desk *desk)
{
	char tty[WIRE_SAID_SIZE] = "";
	struct origin origin = { .address = "" };

	said_set(desk->asker.said.service, "sallyport");
	origin_take_connection(&origin, getenv("SSH_CONNECTION"));
	said_set(desk->asker.said.rhost, origin.address);
	if (ttyname_r(STDIN_FILENO, tty, sizeof tty) == 0)
		said_set(desk->asker.said.tty, tty);
}

int
desk_find(struct desk *desk, const struct settings *settings, const char *user)
{
	int r, status;

	memset(desk, 0, sizeof *desk);
	desk->settings = settings;
	if ((status = look_up(desk, user)) != EXIT_YES)
		return status;
	if ((r = service_asks(settings, &desk->asks, &desk->why)) < 0)
		return desk_fail(desk, "beginning", r);
	if (desk->asks && desk->account.uid != getuid()) {
		cmd_say("only root looks after others");
		return EXIT_UNKNOWN;
	}
	introduce(desk);
	return EXIT_YES;
}

/* ---- whoever runs the program ---- */

int
desk_status(struct desk *desk, struct summary *summary_out)
{
	int r = service_status(desk->settings, &desk->account, &desk->asker,
	    summary_out, &desk->why);

	return r < 0 ? desk_fail(desk, "reading the enrolment", r) : EXIT_YES;
}

const char *
desk_whom(const struct desk *desk, char room[DESK_WHOM_SIZE])
{
	const struct account *account = &desk->account;

	if (account->name[0] != '\0')
		return account->name;
	snprintf(room, DESK_WHOM_SIZE, "uid %lu", (unsigned long)account->uid);
	return room;
}

int
desk_not_enrolled(const struct desk *desk)
{
	char room[DESK_WHOM_SIZE];

	cmd_say("%s is not enrolled", desk_whom(desk, room));
	return EXIT_NO;
}

int
desk_status_enrolled(struct desk *desk, struct summary *summary_out)
{
	int status = desk_status(desk, summary_out);

	if (status == EXIT_YES && !summary_out->enrolled)
		status = desk_not_enrolled(desk);
	return status;
}

const struct authenticator *
desk_pick(const struct desk *desk, const struct summary *summary,
    const char *name)
{
	for (size_t i = 0; i < summary->count; i++)
		if (strcmp(summary->items[i].authenticator.name, name) == 0)
			return &summary->items[i].authenticator;
	(void)words_unknown_name(desk->account.name, name);
	return NULL;
}

/* What is typed is a code, or what only who is not enrolled can give: an
 * invitation has its own form, and anything else is a password. */
static void
read_proof(const struct desk *desk, bool enrolled, struct proof *proof)
{
	bool password;

	answer_read(proof->password, &proof->answer);
	password = !enrolled && proof->answer.kind != ANSWER_RECOVERY &&
		   desk->settings->self_enrolment == SELF_ENROLMENT_YES;
	proof->kind = password ? PROOF_PASSWORD : PROOF_ANSWER;
	if (!password)
		mem_wipe(proof->password, sizeof proof->password);
}

int
desk_prove(struct desk *desk, bool enrolled, struct proof *proof_out)
{
	const char *user = desk->account.name;
	bool password =
	    !enrolled && desk->settings->self_enrolment == SELF_ENROLMENT_YES;
	char prompt[ACCOUNT_NAME_SIZE + 64];
	int r;

	if (!desk->asks)
		return EXIT_YES;
	if (enrolled)
		snprintf(prompt, sizeof prompt,
		    "A code of %s's, or a recovery code: ", user);
	else if (password)
		snprintf(prompt, sizeof prompt,
		    "Password of %s, or an invitation: ", user);
	else
		snprintf(prompt, sizeof prompt, "Invitation of %s: ", user);
	r = term_read(prompt, password, proof_out->password,
	    sizeof proof_out->password);
	if (r == ERR_MISSING)
		return cmd_usage("there was no answer on standard input");
	if (r < 0)
		return cmd_fail("reading the answer", r, NULL);
	read_proof(desk, enrolled, proof_out);
	return EXIT_YES;
}

int
desk_try_change(struct desk *desk, const struct wanted *wanted,
    struct changed *changed_out)
{
	int r = service_change(desk->settings, &desk->account, &desk->asker,
	    wanted, changed_out, &desk->why);

	return r < 0 ? desk_fail(desk, "changing the enrolment", r) : EXIT_YES;
}

int
desk_change(struct desk *desk, const struct wanted *wanted,
    struct changed *changed_out)
{
	int status = desk_try_change(desk, wanted, changed_out);

	return status == EXIT_YES ? words_change(changed_out, &desk->account)
				  : status;
}

void
desk_note(const struct desk *desk, const char *event, const char *authenticator)
{
	if (!desk->asker.logged)
		journal_note(event, &desk->account, authenticator);
}

/* ---- an administrator ---- */

int
desk_open(struct desk *desk, const struct settings *settings)
{
	int r;

	memset(desk, 0, sizeof *desk);
	desk->settings = settings;
	r = store_open(settings, &desk->why, &desk->store);
	return r < 0 ? desk_fail(desk, "opening the store", r) : EXIT_YES;
}

int
desk_open_for(struct desk *desk, const struct settings *settings,
    const char *user)
{
	int status = desk_open(desk, settings);

	return status == EXIT_YES ? look_up(desk, user) : status;
}

int
desk_find_uid(struct desk *desk, const char *who)
{
	uint64_t uid;
	char shown[256];
	int r;

	if ((r = account_find(who, &desk->account, &desk->why)) < 0)
		return cmd_fail("looking up the user", r, &desk->why);
	if (desk->account.known)
		return EXIT_YES;
	if (text_number(who, 0, UINT32_MAX - 1, &uid) < 0) {
		cmd_say("there is no user %s; an enrolment without a user has "
			"a uid, which 'sallyport list' shows",
		    text_escape(shown, sizeof shown, who));
		return EXIT_USAGE;
	}
	desk->account.known = true;
	desk->account.uid = (uid_t)uid;
	return EXIT_YES;
}

int
desk_begin_enrolled(struct desk *desk, struct store_txn **txn_out)
{
	int r = store_begin(desk->store, &desk->account, txn_out);

	if (r < 0)
		return desk_fail(desk, "opening the enrolment", r);
	return store_record(*txn_out) == NULL ? desk_not_enrolled(desk)
					      : EXIT_YES;
}

void
desk_take_name(struct desk *desk, const struct record *record)
{
	if (desk->account.name[0] == '\0')
		memcpy(desk->account.name, record->user, sizeof record->user);
}

int
desk_begin_whoever(struct desk *desk, struct store_txn **txn_out)
{
	const struct record *record;
	int r = store_begin_renamed(desk->store, &desk->account, txn_out);

	if (r < 0)
		return desk_fail(desk, "opening the enrolment", r);
	if ((record = store_record(*txn_out)) == NULL)
		return desk_not_enrolled(desk);
	desk_take_name(desk, record);
	if ((r = store_agree(*txn_out)) < 0)
		return desk_fail(desk, "opening the enrolment", r);
	return EXIT_YES;
}

int
desk_copy(const struct desk *desk, const struct store_txn *txn,
    struct record **record_out)
{
	if ((*record_out = record_new()) == NULL)
		return desk_fail(desk, "copying the enrolment", ERR_MEMORY);
	**record_out = *store_record(txn);
	return EXIT_YES;
}

int
desk_enrol(const struct desk *desk, const char *doing, struct store_txn *txn,
    const struct record *record)
{
	static const uint64_t nothing_new[RECORD_AUTHENTICATORS];
	int r = store_enrol(txn, record, nothing_new);

	return r < 0 ? desk_fail(desk, doing, r) : EXIT_YES;
}

int
desk_visit_all(struct desk *desk, int (*visit)(struct desk *desk, void *with),
    void *with)
{
	AUTO_FREE uid_t *uids = NULL;
	int r, status, worst = EXIT_YES;
	size_t count = 0;

	if ((r = store_list(desk->store, &uids, &count)) < 0)
		return desk_fail(desk, "listing the store", r);
	for (size_t i = 0; i < count; i++) {
		desk->account =
		    (struct account){ .known = true, .uid = uids[i] };
		r = person_name(uids[i], desk->account.name);
		if (r < 0 && r != ERR_MISSING)
			status = cmd_fail("looking up the user", r, NULL);
		else
			status = visit(desk, with);
		if (status > worst)
			worst = status;
	}
	return worst;
}

int
desk_visit(struct desk *desk, const struct invocation *call,
    int (*visit)(struct desk *desk, void *with), void *with)
{
	bool all = cmd_option(call, "all") != NULL;
	int status;

	if (all == (call->operand_count > 0))
		return cmd_usage("it is either USER or --all");
	if (all)
		status = desk_open(desk, &call->settings);
	else
		status =
		    desk_open_for(desk, &call->settings, call->operands[0]);
	if (status != EXIT_YES)
		return status;
	return all ? desk_visit_all(desk, visit, with) : visit(desk, with);
}

/* ---- both ---- */

int
desk_agree(const struct invocation *call, const char *format, ...)
{
	char question[512];
	va_list args;
	int agreed;

	if (cmd_option(call, "yes") != NULL)
		return EXIT_YES;
	va_start(args, format);
	vsnprintf(question, sizeof question, format, args);
	va_end(args);
	agreed = term_agree(question);
	if (agreed < 0)
		return cmd_usage("there is nobody to ask; say --yes");
	if (agreed == 0)
		cmd_say("nothing was changed");
	return agreed ? EXIT_YES : EXIT_NO;
}

int
desk_name(const char *what, const char *given, char name_out[RECORD_NAME_SIZE])
{
	if (given != NULL && !record_name_fits(given))
		return cmd_usage("%s takes 1 to 32 printable ASCII "
				 "characters, no quotes or backslashes",
		    what);
	(void)text_copy(name_out, RECORD_NAME_SIZE, given == NULL ? "" : given);
	return EXIT_YES;
}
