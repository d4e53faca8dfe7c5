/* The questions answered in this process, from the store. */
#include "service.h"

#include "store.h"

#include <string.h>
#include <time.h>

int
service_now(int64_t *now_out, struct trouble *why)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return err_say(why, ERR_IO, "cannot read the clock: %m");
	*now_out = now.tv_sec;
	return 0;
}

int
service_enrolled_local(const struct settings *settings,
    const struct account *account, bool *enrolled_out, struct trouble *why)
{
	AUTO_STORE struct store *store = NULL;
	int r;

	if ((r = store_open(settings, why, &store)) < 0)
		return r;
	return store_look(store, account, enrolled_out);
}

int
service_judge(const struct settings *settings, struct store_txn *txn,
    const struct answer *answer, int64_t now, struct judgement *judgement_out,
    struct trouble *why)
{
	int r;

	if ((r = store_agree(txn)) < 0)
		return r;
	judge(settings, store_record(txn), store_state(txn), answer, now,
	    judgement_out);
	if (judgement_out->verdict != VERDICT_CANNOT_TELL)
		return 0;
	return err_say(why, ERR_MEMORY, "no code could be computed");
}

int
service_check_code_local(const struct settings *settings,
    const struct account *account, const struct answer *answer, bool shows,
    struct judgement *judgement_out, struct trouble *why)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn =
	    NULL; /* leaving early changes nothing */
	struct judgement judgement = { 0 };
	int64_t now = 0;
	int r;

	if ((r = store_open(settings, why, &store)) < 0)
		return r;
	if (!account->known) {
		judgement_out->verdict = VERDICT_NOT_ENROLLED;
		return 0;
	}
	if ((r = store_begin(store, account, &txn)) < 0)
		return r;
	if ((r = service_now(&now, why)) < 0 ||
	    (r = service_judge(settings, txn, answer, now, &judgement, why)) <
		0)
		return r;
	if (shows && verdict_accepts(judgement.verdict))
		store_state(txn)->notices &= NOTICE_UNSEEN;
	if ((r = store_commit(txn)) < 0)
		return r; /* what is not remembered is not allowed */
	*judgement_out = judgement;
	return 0;
}

int
service_status_local(const struct settings *settings,
    const struct account *account, struct summary *summary_out,
    struct trouble *why)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	const struct record *record;
	int64_t now = 0;
	int r;

	if ((r = store_open(settings, why, &store)) < 0 ||
	    (r = store_read(store, account->uid, &txn)) < 0 ||
	    (r = service_now(&now, why)) < 0)
		return r;
	record = store_record(txn);
	if (record != NULL && strcmp(record->user, account->name) != 0)
		return err_say(why, ERR_RENAMED,
		    "uid %lu was enrolled as %s and is now %s",
		    (unsigned long)account->uid, record->user, account->name);
	summary_make(settings, record, store_state(txn), now, summary_out);
	return 0;
}
