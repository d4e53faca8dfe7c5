/* Asking a question about a user, wherever the answer is kept. */
#ifndef SERVICE_H
#define SERVICE_H

#include "account.h"
#include "answer.h"
#include "policy.h"
#include "settings.h"
#include "summary.h"
#include "verdict.h"
#include "wire.h"

/*
 * Root's programs, and whoever owns a private store, answer it themselves;
 * everybody else asks the verifier.  Its answers are the same, and it has then
 * written the event of what it judged, or could not, to the log: nobody else
 * does.
 */
struct asker {
	struct said said; /* for the verifier's log */
	bool logged;	  /* out: it has written the event */
};

/*
 * Whether this user has to be asked for a code.  Without proof that not, he
 * has to.  Returns 0 or an error; on error nothing is known.
 */
int service_look(const struct settings *settings, const struct account *account,
    struct asker *asker, enum passage *passage_out, struct trouble *why);

/*
 * One attempt: judges the answer and makes the outcome durable.  Only then is
 * *judgement_out written.  Returns 0 or an error; on error nobody gets in.
 * An acceptance's notices are over with it, where asker->said.shows says that
 * they will be shown.
 */
int service_check_code(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct asker *asker, struct judgement *judgement_out, struct trouble *why);

/* What protects the account.  Returns 0 or an error. */
int service_status(const struct settings *settings,
    const struct account *account, struct asker *asker,
    struct summary *summary_out, struct trouble *why);

/* service_local.c: answered in this process, from the store. */
int service_enrolled_local(const struct settings *settings,
    const struct account *account, bool *enrolled_out, struct trouble *why);
int service_check_code_local(const struct settings *settings,
    const struct account *account, const struct answer *answer, bool shows,
    struct judgement *judgement_out, struct trouble *why);
int service_status_local(const struct settings *settings,
    const struct account *account, struct summary *summary_out,
    struct trouble *why);

/* service_verifier.c: asked of the verifier. */
int service_enrolled_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker, bool *enrolled_out,
    struct trouble *why);
int service_check_code_verifier(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct asker *asker, struct judgement *judgement_out, struct trouble *why);
int service_status_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    struct summary *summary_out, struct trouble *why);

/* Whether something listens where this settings' verifier would. */
bool service_has_verifier(const struct settings *settings);

/* For rooms of this row: the time that attempts are judged by, and a judgement
 * within a transaction, which is not durable yet.  Both return 0 or an error. */
struct store_txn;
int service_now(int64_t *now_out, struct trouble *why);
int service_judge(const struct settings *settings, struct store_txn *txn,
    const struct answer *answer, int64_t now, struct judgement *judgement_out,
    struct trouble *why);

#endif
