#include "desk.h"

#include "mem.h"
#include "person.h"
#include "term.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void
desk_close(struct desk *desk)
{
	store_close(desk->store);
}

/* What helps, behind what is wrong. */
static const char *
advice(int err)
{
	switch (err) {
	case ERR_RENAMED:
		return "'sallyport reset' ends that enrolment; then enrol anew";
	case ERR_DAMAGED:
		return "restore this user's two files from a backup, or end "
		       "the enrolment with 'sallyport reset' and enrol anew";
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

	if (advice(err) != NULL)
		cmd_say("%s", advice(err));
	return status;
}

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
desk_find(struct desk *desk, const char *user)
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

int
desk_open_for(struct desk *desk, const struct settings *settings,
    const char *user)
{
	int status = desk_open(desk, settings);

	return status == EXIT_YES ? desk_find(desk, user) : status;
}

static int
not_enrolled(const struct desk *desk)
{
	cmd_say("%s is not enrolled", desk->account.name);
	return EXIT_NO;
}

int
desk_read(struct desk *desk, struct store_txn **txn_out)
{
	AUTO_TXN struct store_txn *txn = NULL;
	const struct account *account = &desk->account;
	const struct record *record;
	int r;

	if ((r = store_read(desk->store, account->uid, &txn)) < 0)
		return desk_fail(desk, "reading the enrolment", r);
	record = store_record(txn);
	if (record != NULL && strcmp(record->user, account->name) != 0) {
		r = err_say(&desk->why, ERR_RENAMED,
		    "uid %lu was enrolled as %s and is now %s",
		    (unsigned long)account->uid, record->user, account->name);
		return desk_fail(desk, "reading the enrolment", r);
	}
	*txn_out = txn;
	txn = NULL;
	return EXIT_YES;
}

int
desk_begin(struct desk *desk, struct store_txn **txn_out)
{
	int r = store_begin(desk->store, &desk->account, txn_out);

	return r < 0 ? desk_fail(desk, "opening the enrolment", r) : EXIT_YES;
}

int
desk_read_enrolled(struct desk *desk, struct store_txn **txn_out)
{
	int status = desk_read(desk, txn_out);

	if (status == EXIT_YES && store_record(*txn_out) == NULL)
		status = not_enrolled(desk);
	return status;
}

int
desk_begin_enrolled(struct desk *desk, struct store_txn **txn_out)
{
	int status = desk_begin(desk, txn_out);

	if (status == EXIT_YES && store_record(*txn_out) == NULL)
		status = not_enrolled(desk);
	return status;
}

static int
tell_unfit(const struct desk *desk, const struct authenticator *add, int err)
{
	if (err != ERR_EXISTS)
		return cmd_fail("adding the authenticator", err, NULL);
	cmd_say("%s has got another authenticator \"%s\" meanwhile; nothing "
		"was stored",
	    desk->account.name, add->name);
	return EXIT_USAGE;
}

/* What the user has, or the beginning of an enrolment. */
static int
begin_record(const struct store_txn *txn, const struct account *account,
    int64_t now, struct record *record)
{
	if (store_record(txn) != NULL) {
		*record = *store_record(txn);
		return 0;
	}
	record->uid = account->uid;
	record->created = now;
	return text_copy(record->user, sizeof record->user, account->name);
}

int
desk_add(struct desk *desk, struct authenticator *add, uint64_t spent,
    struct codes *codes)
{
	uint64_t starts[RECORD_AUTHENTICATORS] = { 0 };
	AUTO_RECORD struct record *record = record_new();
	AUTO_TXN struct store_txn *txn = NULL;
	int64_t now = time(NULL);
	int r;

	if (record == NULL)
		return cmd_fail("enrolling", ERR_MEMORY, NULL);
	r = store_begin_enrolling(desk->store, &desk->account, &txn);
	if (r < 0)
		return desk_fail(desk, "opening the enrolment", r);
	add->created = now;
	if ((r = codes_draw_id(&add->id)) < 0 ||
	    (r = begin_record(txn, &desk->account, now, record)) < 0 ||
	    (r = record_add(record, add)) < 0)
		return tell_unfit(desk, add, r);
	starts[record->count - 1] = spent;
	if (record->recovery.id == 0 &&
	    (r = codes_draw(now, &record->recovery, codes)) < 0)
		return cmd_fail("drawing recovery codes", r, NULL);
	if ((r = store_enrol(txn, record, starts)) < 0)
		return desk_fail(desk, "storing the enrolment", r);
	return EXIT_YES;
}

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

static bool
taken(const struct record *record, const char *name)
{
	for (size_t i = 0; record != NULL && i < record->count; i++)
		if (strcmp(record->authenticators[i].name, name) == 0)
			return true;
	return false;
}

static void
first_free(const struct record *record, char name_out[RECORD_NAME_SIZE])
{
	snprintf(name_out, RECORD_NAME_SIZE, "phone");
	for (int n = 2; taken(record, name_out); n++)
		snprintf(name_out, RECORD_NAME_SIZE, "phone-%d", n);
}

int
desk_name(struct desk *desk, const char *wish, char name_out[RECORD_NAME_SIZE])
{
	AUTO_TXN struct store_txn *txn = NULL;
	const struct record *record;
	int status;

	if (wish != NULL && !record_name_fits(wish))
		return cmd_usage("--name takes 1 to 32 printable ASCII "
				 "characters, no quotes or backslashes");
	if ((status = desk_read(desk, &txn)) != EXIT_YES)
		return status;
	record = store_record(txn);
	if (record != NULL && record->count == RECORD_AUTHENTICATORS)
		return cmd_usage("%s has %d authenticators, as many as there "
				 "can be; remove one first",
		    desk->account.name, RECORD_AUTHENTICATORS);
	if (wish != NULL && taken(record, wish))
		return cmd_usage("%s has an authenticator \"%s\" already",
		    desk->account.name, wish);
	if (wish == NULL)
		first_free(record, name_out);
	else
		(void)text_copy(name_out, RECORD_NAME_SIZE, wish);
	return EXIT_YES;
}
