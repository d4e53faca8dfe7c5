#include "verifier.h"

#include "mem.h"
#include "service_enrol.h"

#include <string.h>

/* A program that was pointed at another store must not be judged by this one. */
static int
check_store(const struct settings *settings, const struct wire_request *request,
    struct trouble *why)
{
	if (strcmp(request->store_dir, settings->store_dir) == 0)
		return 0;
	return err_say(why, ERR_SETTINGS,
	    "the program's settings name another store than %s",
	    settings->store_dir);
}

static int
check_peer(const struct peer *peer, const struct account *account,
    struct trouble *why)
{
	if (peer->about_anyone || (account->known && account->uid == peer->uid))
		return 0;
	return err_say(why, ERR_CALLER, "uid %lu asks about somebody else",
	    (unsigned long)peer->uid);
}

/*
 * A password is looked at where it could be proof.  Anywhere else it is none,
 * also where the enrolment that is in its way ends before the change.  Returns
 * 1: it is right, or none is looked at; 0: it is wrong; or an error.
 */
static int
check_password(const struct settings *settings, const struct account *account,
    struct wanted *wanted, struct trouble *why)
{
	bool enrolled = true, right = false;
	int r;

	if (wanted->proof.kind != PROOF_PASSWORD)
		return 1;
	if (settings->self_enrolment == SELF_ENROLMENT_YES &&
	    (wanted->act == ACT_BEGIN || wanted->act == ACT_CONFIRM) &&
	    (r = service_enrolled_local(settings, account, &enrolled, why)) < 0)
		return r;
	if (enrolled) { /* or no password would do */
		wanted->proof.kind = PROOF_NONE;
		return 1;
	}
	r = verifier_password(account, wanted->proof.password, &right, why);
	return r < 0 ? r : right;
}

static int
change(const struct settings *settings, const struct peer *peer,
    const struct account *account, const struct wanted *wanted,
    struct changed *changed, struct trouble *why)
{
	AUTO_WANTED struct wanted *own = wanted_new();
	int r;

	if (own == NULL)
		return err_say(why, ERR_MEMORY, "changing an enrolment");
	*own = *wanted;
	if (!account->known)
		return err_say(why, ERR_INPUT, "no such user");
	if (peer->about_anyone) {
		own->proof.kind = PROOF_ADMINISTRATOR;
	} else if ((r = check_password(settings, account, own, why)) <= 0) {
		changed->change = CHANGE_WRONG_PASSWORD;
		return r;
	}
	mem_wipe(own->proof.password, sizeof own->proof.password);
	return service_change_local(settings, account, own, changed, why);
}

static int
answer(const struct settings *settings, const struct peer *peer,
    const struct account *account, const struct wire_request *request,
    struct wire_reply *reply, struct trouble *why)
{
	switch (request->kind) {
	case WIRE_ENROLLED:
		return service_enrolled_local(settings, account,
		    &reply->enrolled, why);
	case WIRE_VERIFY:
		return service_check_code_local(settings, account,
		    &request->answer, request->said.shows, &reply->judgement,
		    why);
	case WIRE_STATUS:
		return service_status_local(settings, account, &reply->summary,
		    why);
	case WIRE_CHANGE:
		return change(settings, peer, account, &request->wanted,
		    &reply->changed, why);
	case WIRE_PICTURE:
		return verifier_picture(settings, account, request->blob,
		    &reply->symbol, why);
	default:
		return err_say(why, ERR_INPUT, "no such question");
	}
}

void
verifier_answer(const struct settings *settings, const struct peer *peer,
    const struct wire_request *request, struct account *account_out,
    struct wire_reply *reply_out, struct trouble *why)
{
	int r;

	memset(reply_out, 0, sizeof *reply_out);
	reply_out->kind = request->kind;
	if ((r = check_store(settings, request, why)) == 0 &&
	    (r = account_find(request->user, account_out, why)) == 0 &&
	    (r = check_peer(peer, account_out, why)) == 0)
		r = answer(settings, peer, account_out, request, reply_out,
		    why);
	reply_out->err = r;
}
