#include "outcome.h"

#include "explain.h"
#include "text.h"

#include <inttypes.h>
#include <security/pam_ext.h>
#include <stdio.h>
#include <syslog.h>

enum {
	REFUSAL_DELAY = 2 * 1000 * 1000, /* microseconds; libpam varies it */
	FIELD_SIZE = 4 * 256 + 1,	 /* a name of 256 bytes, all escaped */
	WHY_SIZE = FIELD_SIZE + 128,
};

static int
verdict_code(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ACCEPTED:
	case VERDICT_ACCEPTED_RECOVERY:
	case VERDICT_ACCEPTED_BYPASS:
		return PAM_SUCCESS;
	case VERDICT_WRONG:
	case VERDICT_REPLAYED:
	case VERDICT_WAITING:
	case VERDICT_DISABLED:
	case VERDICT_MALFORMED:
	case VERDICT_CLOCK_BEHIND:
	case VERDICT_NOT_ENROLLED:
	case VERDICT_CALLER_BLOCKED:
		return PAM_AUTH_ERR;
	case VERDICT_CANNOT_TELL:
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

static int
choice_code(const struct choice *choice)
{
	if (fitness_taken(choice->fitness))
		return PAM_SUCCESS;
	switch (choice->fitness) {
	case FITNESS_REFUSED:
	case FITNESS_MISTYPED:
		return choice->tries > 1 ? PAM_MAXTRIES : PAM_AUTHTOK_ERR;
	case FITNESS_ABSENT:
		return PAM_AUTHTOK_RECOVERY_ERR;
	case FITNESS_UNKNOWN:
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

/* otherwise: what is answered where the password is no matter. */
static int
aftermath_code(enum aftermath aftermath, int otherwise)
{
	switch (aftermath) {
	case AFTERMATH_NONE:
	case AFTERMATH_LOGGED:
	case AFTERMATH_WARNED:
	case AFTERMATH_POSTPONED:
		return otherwise;
	case AFTERMATH_CHANGE:
		return PAM_NEW_AUTHTOK_REQD;
	case AFTERMATH_REFUSED:
	default:
		return PAM_PERM_DENIED;
	}
}

static int
error_code(int err)
{
	switch (err) {
	case ERR_MEMORY:
		return PAM_BUF_ERR;
	case ERR_TALK:
		return PAM_CONV_ERR;
	case ERR_TALK_LATER:
		return PAM_INCOMPLETE;
	case ERR_SETTINGS:
	case ERR_UNSUPPORTED:
		return PAM_SERVICE_ERR;
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

/* ---- the log ---- */

static const char *
item(const struct login *login, int type, char *room, size_t room_size)
{
	const void *value = NULL;

	if (pam_get_item(login->pamh, type, &value) != PAM_SUCCESS)
		value = NULL;
	return text_escape(room, room_size, value);
}

/* One line for one decision.  A name that is no user's is not printed: it is
 * often a password typed too early. */
static void
log_event(const struct login *login, int priority, const char *event,
    const char *more)
{
	char user[FIELD_SIZE], rhost[FIELD_SIZE], tty[FIELD_SIZE];

	text_escape(user, sizeof user,
	    login->account.known ? login->account.name : "(unknown)");
	item(login, PAM_RHOST, rhost, sizeof rhost);
	item(login, PAM_TTY, tty, sizeof tty);
	pam_syslog(login->pamh, priority,
	    "event=%s user=\"%s\" rhost=\"%s\" tty=\"%s\"%s", event, user,
	    rhost, tty, more);
}

static void
append_why(char line[WHY_SIZE], const struct login *login, int err)
{
	char why[FIELD_SIZE];

	text_escape(why, sizeof why,
	    login->why.text[0] != '\0' ? login->why.text : err_text(err));
	text_append(line, WHY_SIZE, " why=\"%s\"", why);
}

static void
log_judgement(const struct login *login, int code,
    const struct judgement *judgement)
{
	char more[JUDGEMENT_TEXT_SIZE];

	log_event(login, code == PAM_SUCCESS ? LOG_INFO : LOG_NOTICE,
	    verdict_name(judgement->verdict), judgement_text(judgement, more));
}

/* ---- the outcomes ---- */

int
outcome_judgement(struct login *login, const struct judgement *judgement)
{
	int code = verdict_code(judgement->verdict);

	if (!login->asker.logged)
		log_judgement(login, code, judgement);
	if (judgement->verdict == VERDICT_ACCEPTED_RECOVERY)
		explain_recovery_left(login, judgement->recovery_left);
	if (code == PAM_SUCCESS && judgement->notices != 0)
		explain_notices(login, judgement->notices);
	if (code == PAM_SUCCESS)
		return code;
	(void)pam_fail_delay(login->pamh, REFUSAL_DELAY);
	if (login->settings.explain)
		explain_judgement(login, judgement);
	return code;
}

/* And what lets him off.  Only a numeric address is in a network, so nothing
 * has to be escaped. */
static void
log_exempt(const struct login *login, enum passage passage)
{
	char by[ORIGIN_ADDRESS_SIZE + 64] = " by=list";

	if (passage == PASSAGE_NETWORK)
		snprintf(by, sizeof by, " by=network address=\"%s\"",
		    login->origin.address);
	if (passage == PASSAGE_KEY)
		snprintf(by, sizeof by, " by=key type=\"%s\"",
		    login->origin.key);
	log_event(login, LOG_INFO, "exempt", by);
}

int
outcome_passage(struct login *login, enum passage passage)
{
	switch (passage) {
	case PASSAGE_EXEMPT:
	case PASSAGE_NETWORK:
	case PASSAGE_KEY:
		log_exempt(login, passage);
		return PAM_IGNORE;
	case PASSAGE_UNENROLLED:
		log_event(login, LOG_INFO, "unenrolled", "");
		return PAM_IGNORE;
	case PASSAGE_OFFERED:
		log_event(login, LOG_INFO, "enrolment-offered", "");
		return PAM_IGNORE;
	case PASSAGE_ASK:
	default:
		return PAM_AUTHINFO_UNAVAIL;
	}
}

int
outcome_guard(struct login *login, bool verified)
{
	if (verified)
		return PAM_SUCCESS; /* logged when it was verified */
	log_event(login, LOG_NOTICE, "guard-refused", "");
	return PAM_PERM_DENIED;
}

/* ---- an enrolment in the login ---- */

void
outcome_enrolled(const struct login *login, const char *name)
{
	char more[RECORD_NAME_SIZE + 64];

	snprintf(more, sizeof more, " authenticator=\"%s\" by=login", name);
	log_event(login, LOG_NOTICE, "enrolled", more);
}

int
outcome_postponed(struct login *login, unsigned days)
{
	char more[WHY_SIZE] = "";

	text_append(more, sizeof more, " days=%u", days);
	if (login->why.text[0] != '\0')
		append_why(more, login, 0);
	log_event(login, LOG_INFO, "enrolment-postponed", more);
	return PAM_IGNORE;
}

int
outcome_not_enrolled(struct login *login, const char *why)
{
	char more[WHY_SIZE] = "";

	err_say(&login->why, 0, "%s", why);
	append_why(more, login, 0);
	log_event(login, LOG_NOTICE, "enrolment-refused", more);
	return PAM_PERM_DENIED;
}

void
outcome_no_picture(struct login *login, int err)
{
	char more[WHY_SIZE] = "";

	append_why(more, login, err);
	log_event(login, LOG_WARNING, "picture-missing", more);
}

int
outcome_choice(struct login *login, const struct choice *choice)
{
	char more[WHY_SIZE] = "";
	int code = choice_code(choice);
	int priority = code == PAM_SUCCESS ? LOG_INFO : LOG_NOTICE;

	if (choice->fitness == FITNESS_UNKNOWN ||
	    choice->fitness == FITNESS_UNCHECKED) {
		priority = code == PAM_SUCCESS ? LOG_WARNING : LOG_ERR;
		append_why(more, login, ERR_MISSING);
	}
	log_event(login, priority, fitness_name(choice->fitness), more);
	explain_choice(login, choice->fitness, &choice->seen);
	return code;
}

int
outcome_breached(struct login *login, enum aftermath aftermath,
    const struct breach_seen *seen, int code)
{
	char more[WHY_SIZE] = "";

	if (aftermath == AFTERMATH_NONE)
		return code;
	if (login->why.text[0] != '\0') /* it cannot be changed, because: */
		append_why(more, login, 0);
	log_event(login, LOG_NOTICE, aftermath_name(aftermath), more);
	explain_breached(login, aftermath, seen);
	return aftermath_code(aftermath, code);
}

void
outcome_breached_unknown(struct login *login, int err)
{
	char more[WHY_SIZE] = "";

	append_why(more, login, err);
	log_event(login, LOG_ERR, "breached-unknown", more);
}

int
outcome_error(struct login *login, const char *doing, int err)
{
	char more[WHY_SIZE] = "";
	int code = error_code(err);

	if (code == PAM_INCOMPLETE)
		return code; /* not decided yet */
	text_append(more, sizeof more, " doing=\"%s\"", doing);
	append_why(more, login, err);
	if (!login->asker.logged)
		log_event(login, LOG_ERR, verdict_name(VERDICT_CANNOT_TELL),
		    more);
	(void)pam_fail_delay(login->pamh, REFUSAL_DELAY);
	if (login->settings.explain && code != PAM_CONV_ERR)
		explain_fault(login);
	return code;
}
