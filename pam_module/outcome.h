/* The only place where a verdict or an error becomes a PAM code.  Each leaves
 * one line in the log, and each refusal asks for the same delay. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "login.h"
#include "policy.h"
#include "verdict.h"

/* An attempt was judged, and the judgement is durable. */
int outcome_judgement(struct login *login, const struct judgement *judgement);

/* Nothing had to be asked, provably. */
int outcome_passage(struct login *login, enum passage passage);

/* The guard has seen a verified login, or one that verified nothing. */
int outcome_guard(struct login *login, bool verified);

/* Something failed while doing what doing says; login->why has the reason. */
int outcome_error(struct login *login, const char *doing, int err);

#endif
