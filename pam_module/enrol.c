#include "enrol.h"

#include "conv.h"
#include "explain.h"
#include "mem.h"
#include "outcome.h"
#include "service_enrol.h"
#include "text.h"
#include "transaction.h"

#include <stdlib.h>
#include <string.h>

enum {
	CONFIRMATIONS = 5, /* wrong codes after which it is something else */
	PROMPTS = 12,	   /* of all kinds */
	CLOCK_SIZE = 16,
};

/* Everything between the first key byte and the stored enrolment, in memory for
 * secrets, but for the prompt: such memory is empty in a child, and a program may
 * show a prompt in one. */
struct enrolling {
	struct wanted wanted;
	struct changed begun;
	struct changed changed;
	struct symbol symbol; /* width 0: none */
	char key[BASE32_GROUPED_SIZE(TOTP_KEY_MOST)];
	char *prompt; /* owned, EXPLAIN_OFFER_SIZE bytes */
	struct explain_offer offer;
	unsigned wrong;
};

static void
enrolling_auto_free(struct enrolling **enrolling)
{
	struct enrolling *e = *enrolling;

	if (e == NULL)
		return;
	mem_wipe(e->prompt, EXPLAIN_OFFER_SIZE);
	free(e->prompt);
	secret_free(e, sizeof *e);
}
#define AUTO_ENROLLING __attribute__((cleanup(enrolling_auto_free)))

/* ---- ends ---- */

static int
refuse(struct login *login, const char *why, const char *told)
{
	int code = outcome_not_enrolled(login, why);

	conv_tell(login, PAM_ERROR_MSG, told);
	return code;
}

/* Whoever is here has passed all factors, so he may know. */
static int
fail(struct login *login, const char *doing, int err)
{
	int code = outcome_error(login, doing, err);

	conv_tell(login, PAM_ERROR_MSG,
	    "You could not be enrolled, because of a fault on this machine. "
	    "Tell your administrator.");
	return code;
}

/* A prompt may have waited for days: whether he can go on without a code is
 * proven anew. */
static int
postpone(struct login *login, const struct enrolling *e)
{
	const struct trouble kept = login->why; /* why not now; or nothing */
	enum passage passage = PASSAGE_ASK;
	int r = service_look(&login->settings, &login->account, &login->asker,
	    &passage, &login->why);

	if (r < 0)
		return fail(login, "putting an enrolment off", r);
	if (passage == PASSAGE_ASK)
		return refuse(login, change_name(CHANGE_OVER),
		    "That cannot be put off any more: the day for it has come, "
		    "or you have enrolled elsewhere meanwhile. Log in again.");
	login->why = kept;
	return outcome_postponed(login, e->offer.days);
}

/* Nobody can be shown anything, or asked for a code: it waits where it can. */
static int
cannot(struct login *login, const struct enrolling *e, const char *why)
{
	char text[EXPLAIN_TEXT_SIZE];
	int code;

	if (!e->offer.can_wait)
		return refuse(login, why, explain_how_to_enrol);
	err_say(&login->why, 0, "%s", why);
	if ((code = postpone(login, e)) != PAM_IGNORE)
		return code;
	explain_countdown(e->offer.days, text);
	conv_tell(login, PAM_TEXT_INFO, text);
	return code;
}

/* ---- the recovery codes ---- */

/* An answer, whichever, says that he has them.  Without one, his next logins
 * tell him that he may have missed them. */
static void
show_codes(struct login *login, struct enrolling *e)
{
	AUTO_WIPE char *text = NULL;

	explain_codes(&e->changed.codes, e->changed.name, e->prompt);
	if (conv_ask(login, e->prompt, &text) < 0)
		return;
	e->wanted.act = ACT_SEEN;
	(void)service_change(&login->settings, &login->account, &login->asker,
	    &e->wanted, &e->changed, &login->why);
}

static int
finish(struct login *login, struct enrolling *e)
{
	outcome_enrolled(login, e->changed.name);
	transaction_forget_offered(login);
	transaction_note_verified(login); /* the code that has confirmed it */
	show_codes(login, e);
	return PAM_IGNORE;
}

/* ---- the conversation ---- */

static int
begin(struct login *login, struct enrolling *e)
{
	struct authenticator *which = &e->wanted.which;
	int r;

	e->wanted.act = ACT_BEGIN;
	e->wanted.proof.kind = PROOF_LOGIN;
	which->kind = AUTHENTICATOR_TOTP;
	which->algorithm = ALGORITHM_SHA1; /* the one that every app knows */
	which->digits = (unsigned)login->settings.digits;
	which->period = TOTP_PERIOD_DEFAULT;
	r = service_change(&login->settings, &login->account, &login->asker,
	    &e->wanted, &e->begun, &login->why);
	if (r < 0 || e->begun.change != CHANGE_DONE)
		return r;
	memcpy(e->wanted.blob, e->begun.blob, sizeof e->wanted.blob);
	return base32_grouped(e->begun.begun.key, e->begun.begun.key_len,
	    e->key);
}

static void
draw(struct login *login, struct enrolling *e)
{
	int r = service_picture(&login->settings, &login->account,
	    &login->asker, e->wanted.blob, &e->symbol, &login->why);

	if (r < 0)
		outcome_no_picture(login, r);
}

static bool
is_blank(const char *text)
{
	while (text_is_blank(*text) || *text == '\r' || *text == '\n')
		text++;
	return *text == '\0';
}

/* Takes a code.  Returns what came of it, or an error. */
static int
try_code(struct login *login, struct enrolling *e, const char *text)
{
	e->wanted.act = ACT_CONFIRM;
	answer_read(text, &e->wanted.answer);
	return service_change(&login->settings, &login->account, &login->asker,
	    &e->wanted, &e->changed, &login->why);
}

/* Asks once.  Returns PAM_IGNORE: ask again; or the code of the end. */
static int
ask(struct login *login, struct enrolling *e, bool *over_out)
{
	AUTO_WIPE char *text = NULL;
	int r;

	*over_out = true;
	if (conv_ask(login, e->prompt, &text) < 0)
		return cannot(login, e, login->why.text);
	if (is_blank(text) && e->offer.can_wait) {
		login->why = (struct trouble){ "" };
		return postpone(login, e);
	}
	*over_out = false;
	if (e->symbol.width > 0 &&
	    (strcmp(text, "i") == 0 || strcmp(text, "I") == 0)) {
		e->offer.inverted = !e->offer.inverted;
		explain_offer(&e->offer, e->prompt);
		return PAM_IGNORE;
	}
	if ((r = try_code(login, e, text)) == 0 &&
	    e->changed.change == CHANGE_UNCONFIRMED) {
		e->wrong++;
		explain_unconfirmed(&e->offer, e->prompt);
		return PAM_IGNORE;
	}
	*over_out = true;
	if (r < 0)
		return fail(login, "storing the enrolment", r);
	if (e->changed.change == CHANGE_DONE)
		return finish(login, e);
	return refuse(login, change_name(e->changed.change),
	    "That does not hold any more: it has taken longer than 15 minutes, "
	    "or you have enrolled elsewhere meanwhile. Log in again.");
}

static int
converse(struct login *login, struct enrolling *e)
{
	bool over = false;
	int code;

	e->offer.symbol = &e->symbol;
	e->offer.key = e->key;
	e->offer.digits = e->begun.begun.digits;
	explain_offer(&e->offer, e->prompt);
	for (int i = 0; i < PROMPTS && e->wrong < CONFIRMATIONS; i++) {
		code = ask(login, e, &over);
		if (over)
			return code;
	}
	return refuse(login, "no right code came",
	    "No right code came, so nothing is enrolled. Log in again to try "
	    "again.");
}

int
enrol_in_login(struct login *login)
{
	AUTO_ENROLLING struct enrolling *e = secret_new(sizeof *e);
	bool asks = false;
	int64_t now = 0;
	int r;

	if (e == NULL || (e->prompt = malloc(EXPLAIN_OFFER_SIZE)) == NULL)
		return fail(login, "enrolling", ERR_MEMORY);
	if ((r = service_now(&now, &login->why)) < 0 ||
	    (r = service_asks(&login->settings, &asks, &login->why)) < 0)
		return fail(login, "enrolling", r);
	e->offer.can_wait =
	    judge_postponing(&login->settings, now, &e->offer.days);
	if (asks)
		return cannot(login, e, "the program is not root's");
	if ((login->flags & PAM_SILENT) != 0)
		return cannot(login, e, "the program wants silence");
	if ((r = begin(login, e)) < 0)
		return fail(login, "beginning an enrolment", r);
	if (e->begun.change != CHANGE_DONE)
		return refuse(login, change_name(e->begun.change),
		    explain_how_to_enrol);
	draw(login, e);
	return converse(login, e);
}
