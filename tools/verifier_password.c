#include "verifier.h"

#include "pam_answers.h"

#include <stdlib.h>
#include <string.h>

static const char service[] = "sallyport";

/* One password, for the first who asks for one. */
struct purse {
	const char *password; /* borrowed; NULL: given already */
};

/* A stack that asks for more than a password is none for this purpose; what
 * it tells, nobody reads. */
static int
give(void *with, const struct pam_message *message,
    struct pam_response *response)
{
	struct purse *purse = with;
	int style = message->msg_style;

	if (style == PAM_TEXT_INFO || style == PAM_ERROR_MSG)
		return PAM_SUCCESS;
	if (style != PAM_PROMPT_ECHO_OFF || purse->password == NULL)
		return PAM_CONV_ERR;
	response->resp = strdup(purse->password);
	purse->password = NULL;
	return response->resp == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses_out, void *purse)
{
	return pam_answers(count, messages, responses_out, give, purse);
}

/* The stack may put another user in this one's place. */
static int
check_user(pam_handle_t *pamh, const struct account *account)
{
	const void *user = NULL;

	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS ||
	    user == NULL || strcmp(user, account->name) != 0)
		return PAM_USER_UNKNOWN;
	return PAM_SUCCESS;
}

static int
authenticate(pam_handle_t *pamh, const struct account *account)
{
	const int flags = PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK;
	int code;

	if ((code = pam_set_item(pamh, PAM_RUSER, account->name)) ==
		PAM_SUCCESS &&
	    (code = pam_authenticate(pamh, flags)) == PAM_SUCCESS &&
	    (code = check_user(pamh, account)) == PAM_SUCCESS)
		code = pam_acct_mgmt(pamh, flags);
	return code;
}

/* Whether PAM has said no, as against that it cannot say. */
static bool
is_refusal(int code)
{
	switch (code) {
	case PAM_AUTH_ERR:
	case PAM_USER_UNKNOWN:
	case PAM_MAXTRIES:
	case PAM_PERM_DENIED:
	case PAM_ACCT_EXPIRED:
	case PAM_NEW_AUTHTOK_REQD:
		return true;
	default:
		return false;
	}
}

int
verifier_password(const struct account *account, const char *password,
    bool *right_out, struct trouble *why)
{
	struct purse purse = { password };
	const struct pam_conv conv = { converse, &purse };
	pam_handle_t *pamh = NULL;
	int code;

	if (password[0] ==
	    '\0') { /* proves nothing, though some stacks say so */
		*right_out = false;
		return 0;
	}
	code = pam_start(service, account->name, &conv, &pamh);
	if (code == PAM_SUCCESS)
		code = authenticate(pamh, account);
	if (code != PAM_SUCCESS && !is_refusal(code))
		err_say(why, ERR_IO, "PAM's service %s cannot tell: %s",
		    service, pam_strerror(pamh, code));
	(void)pam_end(pamh, code);
	if (code != PAM_SUCCESS && !is_refusal(code))
		return ERR_IO;
	*right_out = code == PAM_SUCCESS;
	return 0;
}
