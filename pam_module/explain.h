/* What users are told, in words. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "login.h"
#include "policy.h"

/* Why a code was refused. */
void explain_judgement(struct login *login, const struct judgement *judgement);

/* How many recovery codes are left, after one was used. */
void explain_recovery_left(struct login *login, unsigned left);

/* That no code can be judged now. */
void explain_fault(struct login *login);

#endif
