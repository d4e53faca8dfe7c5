/* What users are told, in words. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "breach.h"
#include "login.h"
#include "policy.h"

/* Why a code was refused. */
void explain_judgement(struct login *login, const struct judgement *judgement);

/* How many recovery codes are left, after one was used. */
void explain_recovery_left(struct login *login, unsigned left);

/* What was changed since the login before (state.h's notices). */
void explain_notices(struct login *login, uint32_t notices);

/* That no code can be judged now. */
void explain_fault(struct login *login);

/* What is thought of a new password, where there is something to say. */
void explain_choice(struct login *login, enum fitness fitness,
    const struct breach_seen *seen);

/* What a login with a breached password comes to. */
void explain_breached(struct login *login, enum aftermath aftermath,
    const struct breach_seen *seen);

#endif
