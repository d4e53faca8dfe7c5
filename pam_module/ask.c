#include "ask.h"

#include "conv.h"
#include "look.h"
#include "mem.h"
#include "service.h"
#include "transaction.h"

#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

static int
ask_code(struct login *login, char **text_out)
{
	const char *prompt = login->settings.prompt;

	return conv_ask(login,
	    prompt[0] != '\0' ? prompt : "One-time code: ", text_out);
}

/* The password that a module before us got, as an answer to us. */
static int
take_first_pass(struct login *login, char **text_out)
{
	const void *token = NULL;

	if (pam_get_item(login->pamh, PAM_AUTHTOK, &token) != PAM_SUCCESS)
		token = NULL;
	*text_out = strdup(token != NULL ? token : "");
	if (*text_out == NULL)
		return err_say(&login->why, ERR_MEMORY, "taking the password");
	return 0;
}

int
ask_answer(struct login *login, struct answer *answer_out)
{
	const struct settings *settings = &login->settings;
	AUTO_WIPE char *first = NULL;
	AUTO_WIPE char *text = NULL;
	int r = 0;

	if (settings->use_split)
		r = transaction_take_code(login, &text);
	else if (settings->use_first_pass)
		r = take_first_pass(login, &text);
	else if (settings->try_first_pass &&
		 (r = take_first_pass(login, &first)) == 0) {
		answer_read(first, answer_out);
		login->token_is_code = answer_out->kind != ANSWER_MALFORMED;
		if (login->token_is_code)
			return 0;
	}
	if (r == 0 && text == NULL)
		r = ask_code(login, &text);
	if (r == 0)
		answer_read(text, answer_out);
	return r;
}

/* ---- one prompt for both ---- */

static int
hand_on(struct login *login, char *text, size_t password_len)
{
	AUTO_WIPE char *code = strdup(text + password_len);
	int r;

	if (code == NULL)
		return err_say(&login->why, ERR_MEMORY, "splitting");
	mem_wipe(text + password_len, strlen(text + password_len));
	if (pam_set_item(login->pamh, PAM_AUTHTOK, text) != PAM_SUCCESS)
		return err_say(&login->why, ERR_PAM,
		    "cannot hand on the password");
	r = transaction_keep_code(login, code);
	code = NULL; /* libpam's now, or gone */
	return r;
}

int
ask_both(struct login *login)
{
	const char *prompt = login->settings.prompt;
	AUTO_WIPE char *text = NULL;
	enum passage passage = PASSAGE_ASK;
	int r;

	if ((r = look_passage(login, &passage)) < 0)
		return r;
	if (prompt[0] == '\0')
		prompt = "Password and one-time code: ";
	if ((r = conv_ask(login, prompt, &text)) < 0)
		return r;
	if (passage != PASSAGE_ASK)
		return hand_on(login, text, strlen(text));
	return hand_on(login, text,
	    answer_split(text, (unsigned)login->settings.digits));
}
