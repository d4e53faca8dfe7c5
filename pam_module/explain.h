/* What users are told, in words. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "breach.h"
#include "login.h"
#include "policy.h"
#include "recovery.h"
#include "symbol.h"

/* Why a code was refused. */
void explain_judgement(struct login *login, const struct judgement *judgement);

/* How many recovery codes are left, after one was used. */
void explain_recovery_left(struct login *login, unsigned left);

/* What was changed since the login before (state.h's notices). */
void explain_notices(struct login *login, uint32_t notices);

/* ---- enrolling in the login ---- */

enum {
	EXPLAIN_TEXT_SIZE = 512,
	EXPLAIN_OFFER_SIZE = SYMBOL_TEXT_SIZE + 1024, /* of a prompt */
};

/* What can be done elsewhere. */
extern const char explain_how_to_enrol[];

/* How long there is still a choice. */
void explain_countdown(unsigned days, char room[EXPLAIN_TEXT_SIZE]);

/* An authenticator, to be shown. */
struct explain_offer {
	const struct symbol *symbol; /* width 0: none */
	const char *key;	     /* in groups */
	unsigned digits;	     /* of its codes */
	bool inverted;
	bool can_wait; /* it can be put off: */
	unsigned days; /* so many more */
};

/* Prompts, each all that is said: first the picture and its key; then why a
 * code was not taken; in the end the recovery codes. */
void explain_offer(const struct explain_offer *offer,
    char prompt[EXPLAIN_OFFER_SIZE]);
void explain_unconfirmed(const struct explain_offer *offer,
    char prompt[EXPLAIN_OFFER_SIZE]);
void explain_codes(const struct codes *codes, const char *name,
    char prompt[EXPLAIN_OFFER_SIZE]);

/* That no code can be judged now. */
void explain_fault(struct login *login);

/* What is thought of a new password, where there is something to say. */
void explain_choice(struct login *login, enum fitness fitness,
    const struct breach_seen *seen);

/* What a login with a breached password comes to. */
void explain_breached(struct login *login, enum aftermath aftermath,
    const struct breach_seen *seen);

#endif
