/* Asking a question about a user, wherever the answer is kept. */
#ifndef SERVICE_H
#define SERVICE_H

#include "account.h"
#include "answer.h"
#include "policy.h"
#include "settings.h"
#include "verdict.h"

/*
 * Whether this user has to be asked for a code.  Without proof that not, he
 * has to.  Returns 0 or an error; on error nothing is known.
 */
int service_look(const struct settings *settings, const struct account *account,
    enum passage *passage_out, struct trouble *why);

/*
 * One attempt: judges the answer and makes the outcome durable.  Only then is
 * *judgement_out written.  Returns 0 or an error; on error nobody gets in.
 */
int service_check_code(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct judgement *judgement_out, struct trouble *why);

/* service_local.c: the same, in this process. */
int service_look_local(const struct settings *settings,
    const struct account *account, enum passage *passage_out,
    struct trouble *why);
int service_check_code_local(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct judgement *judgement_out, struct trouble *why);

#endif
