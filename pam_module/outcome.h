/* The only place where a verdict or an error becomes a PAM code.  Each leaves
 * one line in the log, and each refusal asks for the same delay. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "breach.h"
#include "login.h"
#include "policy.h"
#include "verdict.h"

/* An attempt was judged, and the judgement is durable. */
int outcome_judgement(struct login *login, const struct judgement *judgement);

/* Nothing had to be asked, provably. */
int outcome_passage(struct login *login, enum passage passage);

/* The guard has seen a verified login, or one that verified nothing. */
int outcome_guard(struct login *login, bool verified);

/* Who was not enrolled has enrolled in this login, has put it off for so many
 * days at most, or can do neither, because of why. */
void outcome_enrolled(const struct login *login, const char *name);
int outcome_postponed(struct login *login, unsigned days);
int outcome_not_enrolled(struct login *login, const char *why);

/* There is no picture to scan; the key as text has to do. */
void outcome_no_picture(struct login *login, int err);

/* A new password, as it was found. */
struct choice {
	enum fitness fitness;
	struct breach_seen seen;
	bool given;	/* by a module before us */
	uint64_t tries; /* with this one */
};

/* A new password was judged. */
int outcome_choice(struct login *login, const struct choice *choice);

/* A login with a breached password; code is what is answered otherwise. */
int outcome_breached(struct login *login, enum aftermath aftermath,
    const struct breach_seen *seen, int code);

/* Whether a login's password is breached could not be told, which stops
 * nobody; login->why has the reason. */
void outcome_breached_unknown(struct login *login, int err);

/* Something failed while doing what doing says; login->why has the reason. */
int outcome_error(struct login *login, const char *doing, int err);

#endif
