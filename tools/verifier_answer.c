#include "verifier.h"

#include "service.h"

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

static int
answer(const struct settings *settings, const struct account *account,
    const struct wire_request *request, struct wire_reply *reply,
    struct trouble *why)
{
	switch (request->kind) {
	case WIRE_ENROLLED:
		return service_enrolled_local(settings, account,
		    &reply->enrolled, why);
	case WIRE_VERIFY:
		return service_check_code_local(settings, account,
		    &request->answer, &reply->judgement, why);
	case WIRE_STATUS:
		return service_status_local(settings, account, &reply->summary,
		    why);
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
		r = answer(settings, account_out, request, reply_out, why);
	reply_out->err = r;
}
