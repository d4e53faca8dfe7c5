#include "pam_try.h"

#include "pam_answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
answer(void *with, const struct pam_message *message,
    struct pam_response *response)
{
	const struct pam_talk *talk = with;
	bool hidden = message->msg_style == PAM_PROMPT_ECHO_OFF;
	const char *text = message->msg != NULL ? message->msg : "";

	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_ON:
	case PAM_PROMPT_ECHO_OFF:
		return talk->ask(talk->with, hidden, text, &response->resp) < 0
			   ? PAM_CONV_ERR
			   : PAM_SUCCESS;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		talk->tell(talk->with, text);
		return PAM_SUCCESS;
	default:
		return PAM_CONV_ERR;
	}
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses_out, void *with)
{
	return pam_answers(count, messages, responses_out, answer, with);
}

/* Who guesses here could read the store; so nobody is made to wait. */
static void
no_delay(int code, unsigned microseconds, void *with)
{
	(void)code;
	(void)microseconds;
	(void)with;
}

static int
set_items(pam_handle_t *pamh, const char *tty)
{
	void (*delay)(int, unsigned, void *) = no_delay;
	const void *item;
	int code;

	/* A function's address is handed on as data. */
	memcpy(&item, &delay, sizeof item);
	code = pam_set_item(pamh, PAM_FAIL_DELAY, item);
	if (code == PAM_SUCCESS && tty != NULL)
		code = pam_set_item(pamh, PAM_TTY, tty);
	return code;
}

static void
attempt(pam_handle_t *pamh, struct pam_tried *tried)
{
	const void *user = NULL;

	tried->auth = pam_authenticate(pamh, 0);
	tried->account_asked = tried->auth == PAM_SUCCESS;
	if (tried->account_asked)
		tried->account = pam_acct_mgmt(pamh, 0);
	if (pam_get_item(pamh, PAM_USER, &user) == PAM_SUCCESS && user != NULL)
		snprintf(tried->user, sizeof tried->user, "%s",
		    (const char *)user);
}

int
pam_try(const char *dir, const char *service, const char *user, const char *tty,
    struct pam_talk *talk, struct pam_tried *tried_out, struct trouble *why)
{
	const struct pam_conv conv = { converse, talk };
	struct pam_tried tried = { .account_asked = false };
	pam_handle_t *pamh = NULL;
	int code;

	code = dir != NULL ? pam_start_confdir(service, user, &conv, dir, &pamh)
			   : pam_start(service, user, &conv, &pamh);
	if (code == PAM_SUCCESS)
		code = set_items(pamh, tty);
	if (code == PAM_SUCCESS)
		attempt(pamh, &tried);
	else
		err_say(why, ERR_PAM, "libpam will not begin with %s: %s",
		    service, pam_try_text(code));
	if (pamh != NULL)
		(void)pam_end(pamh,
		    tried.account_asked ? tried.account : tried.auth);
	if (code != PAM_SUCCESS)
		return ERR_PAM;
	*tried_out = tried;
	return 0;
}

const char *
pam_try_text(int result)
{
	return pam_strerror(NULL, result);
}
