#include "verifier.h"

#include "text.h"

#include <stdio.h>
#include <syslog.h>

enum { FIELD_SIZE = 4 * 256 + 1 }; /* 256 bytes, all escaped */

/* The uid is proven; what the program says of itself is not. */
static void
log_event(int priority, const char *event, const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const char *more)
{
	const struct said *said = &request->said;
	char user[FIELD_SIZE], service[FIELD_SIZE], rhost[FIELD_SIZE];
	char tty[FIELD_SIZE];

	syslog(LOG_AUTHPRIV | priority,
	    "event=%s user=\"%s\" said_service=\"%s\" said_rhost=\"%s\" "
	    "said_tty=\"%s\" by_uid=%lu via=verifier%s",
	    event,
	    text_escape(user, sizeof user,
		account->known ? account->name : "(unknown)"),
	    text_escape(service, sizeof service, said->service),
	    text_escape(rhost, sizeof rhost, said->rhost),
	    text_escape(tty, sizeof tty, said->tty), (unsigned long)peer->uid,
	    more);
}

void
verifier_log_judgement(const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const struct judgement *judgement)
{
	char more[JUDGEMENT_TEXT_SIZE];

	log_event(verdict_accepts(judgement->verdict) ? LOG_INFO : LOG_NOTICE,
	    verdict_name(judgement->verdict), peer, request, account,
	    judgement_text(judgement, more));
}

/* What an act that was done is called in the log. */
static const char *
event_of(enum act act)
{
	switch (act) {
	case ACT_BEGIN:
		return "enrolment-begun";
	case ACT_CONFIRM:
		return "enrolled";
	case ACT_RENAME:
		return "renamed";
	case ACT_REMOVE:
		return "removed";
	case ACT_RECOVERY:
		return "recovery-codes-replaced";
	default:
		return "changed";
	}
}

/* " authenticator=..." */
static void
say_which(const struct changed *changed, char *text, size_t size)
{
	text[0] = '\0';
	if (changed->name[0] != '\0')
		snprintf(text, size, " authenticator=\"%s\"", changed->name);
}

/* " proof=accepted", " proof=accepted-recovery left=9" */
static void
say_proof(const struct judgement *judgement, char *text, size_t size)
{
	text[0] = '\0';
	if (judgement->verdict == VERDICT_ACCEPTED_RECOVERY)
		snprintf(text, size, " proof=%s left=%u",
		    verdict_name(judgement->verdict), judgement->recovery_left);
	else if (verdict_is_known(judgement->verdict))
		snprintf(text, size, " proof=%s",
		    verdict_name(judgement->verdict));
}

/* An answer that was no proof is an attempt, and has an attempt's event. */
void
verifier_log_change(const struct peer *peer, const struct wire_request *request,
    const struct account *account, const struct changed *changed)
{
	const char *event = event_of(request->wanted.act);
	char which[RECORD_NAME_SIZE + 32], proof[64];
	char more[JUDGEMENT_TEXT_SIZE], text[sizeof more + 256];

	say_which(changed, which, sizeof which);
	say_proof(&changed->judgement, proof, sizeof proof);
	if (changed->change == CHANGE_UNPROVEN) {
		snprintf(text, sizeof text, "%s for=%s",
		    judgement_text(&changed->judgement, more), event);
		event = verdict_name(changed->judgement.verdict);
	} else if (changed->change != CHANGE_DONE) {
		snprintf(text, sizeof text, " for=%s why=%s%s", event,
		    change_name(changed->change), which);
		event = "change-refused";
	} else {
		snprintf(text, sizeof text, "%s%s%s", which, proof,
		    changed->ended ? " now=not-enrolled" : "");
	}
	log_event(LOG_NOTICE, event, peer, request, account, text);
}

void
verifier_log_trouble(const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const char *doing, const struct trouble *why)
{
	char text[FIELD_SIZE], more[FIELD_SIZE + 128];

	snprintf(more, sizeof more, " doing=\"%s\" why=\"%s\"", doing,
	    text_escape(text, sizeof text, why->text));
	log_event(LOG_ERR, verdict_name(VERDICT_CANNOT_TELL), peer, request,
	    account, more);
}
