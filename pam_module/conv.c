#include "conv.h"

#include "mem.h"

#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>

static int
as_err(int pam)
{
	switch (pam) {
	case PAM_SUCCESS:
		return 0;
	case PAM_CONV_AGAIN:
	case PAM_INCOMPLETE:
		return ERR_TALK_LATER;
	case PAM_BUF_ERR:
		return ERR_MEMORY;
	default:
		return ERR_TALK;
	}
}

int
conv_user(struct login *login, const char **user_out)
{
	const char *user = NULL;
	int r = as_err(pam_get_user(login->pamh, &user, NULL));

	if (r < 0)
		return err_say(&login->why, r, "no user name was given");
	if (user == NULL)
		return err_say(&login->why, ERR_TALK, "no user name was given");
	*user_out = user;
	return 0;
}

/* Sends one message; *answer_out may be NULL even on success. */
static int
converse(struct login *login, int style, const char *text, char **answer_out)
{
	const struct pam_message message = { style, text };
	const struct pam_message *messages[] = { &message };
	struct pam_response *response = NULL;
	const void *item = NULL;
	const struct pam_conv *conv;
	AUTO_WIPE char *answer = NULL;
	int r;

	if (pam_get_item(login->pamh, PAM_CONV, &item) != PAM_SUCCESS ||
	    (conv = item) == NULL || conv->conv == NULL)
		return err_say(&login->why, ERR_TALK,
		    "the program has no conversation function");
	r = conv->conv(1, messages, &response, conv->appdata_ptr);
	if (response != NULL)
		answer = response->resp; /* even beside an error: wiped */
	free(response);
	if (r != PAM_SUCCESS)
		return err_say(&login->why, as_err(r),
		    "the conversation failed: %s",
		    pam_strerror(login->pamh, r));
	*answer_out = answer;
	answer = NULL;
	return 0;
}

int
conv_ask(struct login *login, const char *prompt, char **answer_out)
{
	char *answer = NULL;
	int r;

	r = converse(login,
	    login->settings.echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF,
	    prompt, &answer);
	if (r < 0)
		return r;
	if (answer == NULL)
		return err_say(&login->why, ERR_TALK, "there was no answer");
	*answer_out = answer;
	return 0;
}

/* What libpam's own questions came to. */
static int
password_error(struct login *login, int pam)
{
	int r = pam == PAM_BUF_ERR ? ERR_MEMORY : ERR_TALK;

	return err_say(&login->why, r, "no new password was given: %s",
	    pam_strerror(login->pamh, pam));
}

int
conv_new_password(struct login *login, const char **password_out)
{
	const char *password = NULL;
	int r = pam_get_authtok_noverify(login->pamh, &password, NULL);

	if (r != PAM_SUCCESS || password == NULL)
		return password_error(login, r);
	*password_out = password;
	return 0;
}

int
conv_new_password_again(struct login *login, const char *password)
{
	int r = pam_get_authtok_verify(login->pamh, &password, NULL);

	if (r == PAM_TRY_AGAIN)
		return ERR_INPUT;
	return r == PAM_SUCCESS ? 0 : password_error(login, r);
}

void
conv_tell(struct login *login, int style, const char *text)
{
	AUTO_WIPE char *answer = NULL;
	struct trouble kept = login->why;

	if ((login->flags & PAM_SILENT) == 0)
		(void)converse(login, style, text, &answer);
	login->why = kept; /* a deaf program is not what went wrong */
}
