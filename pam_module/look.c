#include "look.h"

#include "policy.h"
#include "service.h"

/*
 * sshd puts what it knows into PAM's environment, where neither its own
 * environment nor what clients send gets to before auth and account are over.
 * Other programs have but PAM_RHOST, where a name stands as often as an
 * address; and no name exempts anybody.
 */
static void
learn_origin(struct login *login)
{
	struct origin *origin = &login->origin;
	const void *rhost = NULL;

	if (login->settings.trust == TRUST_SSHD) {
		origin_take_connection(origin,
		    pam_getenv(login->pamh, "SSH_CONNECTION"));
		origin_take_auth_info(origin,
		    pam_getenv(login->pamh, "SSH_AUTH_INFO_0"));
		return;
	}
	(void)pam_get_item(login->pamh, PAM_RHOST, &rhost); /* or NULL */
	origin_take_address(origin, rhost);
}

int
look_passage(struct login *login, enum passage *passage_out)
{
	enum passage passage;

	learn_origin(login);
	passage = judge_origin(&login->settings, &login->origin,
	    login->account.known);
	if (passage == PASSAGE_ASK)
		return service_look(&login->settings, &login->account,
		    &login->asker, passage_out, &login->why);
	*passage_out = passage;
	return 0;
}
