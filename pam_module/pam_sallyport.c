/* The six entry points. */
#include "answer.h"
#include "conv.h"
#include "login.h"
#include "mem.h"
#include "outcome.h"
#include "service.h"
#include "text.h"

#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- what one phase leaves for a later one of the same transaction ---- */

static const char verified_key[] = "sallyport_verified";
static const char split_key[] = "sallyport_split";

static void
free_verified(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

static void
free_split(pam_handle_t *pamh, void *data, int status)
{
	char *code = data;

	(void)pamh;
	(void)status;
	mem_auto_wipe(&code);
}

static int
keep(struct login *login, const char *key, void *data,
    void (*cleanup)(pam_handle_t *, void *, int))
{
	if (pam_set_data(login->pamh, key, data, cleanup) == PAM_SUCCESS)
		return 0;
	if (data != NULL)
		cleanup(login->pamh, data, PAM_SYSTEM_ERR);
	return err_say(&login->why, ERR_PAM, "cannot keep data for %s", key);
}

/* Whom a code has been verified for, by uid and name: the application may
 * still change its mind about PAM_USER.  Where this cannot be kept, the guard
 * refuses, which is the safe side. */
static void
remember_verified(struct login *login)
{
	struct account *who = malloc(sizeof *who);

	if (who == NULL)
		return;
	*who = login->account;
	(void)keep(login, verified_key, who, free_verified);
}

static int
forget_verified(struct login *login)
{
	return keep(login, verified_key, NULL, free_verified);
}

static bool
was_verified(const struct login *login)
{
	const struct account *who;
	const void *data = NULL;

	if (pam_get_data(login->pamh, verified_key, &data) != PAM_SUCCESS ||
	    (who = data) == NULL)
		return false;
	return who->known && login->account.known &&
	       who->uid == login->account.uid &&
	       strcmp(who->name, login->account.name) == 0;
}

/* ---- learning the code ---- */

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

static int
take_split(struct login *login, char **text_out)
{
	const void *code = NULL;

	if (pam_get_data(login->pamh, split_key, &code) != PAM_SUCCESS ||
	    code == NULL)
		return err_say(&login->why, ERR_SETTINGS,
		    "use_split needs a line with split before it");
	if ((*text_out = strdup(code)) == NULL)
		return err_say(&login->why, ERR_MEMORY, "taking the code");
	return keep(login, split_key, NULL, free_split);
}

static int
learn_answer(struct login *login, struct answer *answer_out)
{
	const struct settings *settings = &login->settings;
	AUTO_WIPE char *first = NULL;
	AUTO_WIPE char *text = NULL;
	int r = 0;

	if (settings->use_split)
		r = take_split(login, &text);
	else if (settings->use_first_pass)
		r = take_first_pass(login, &text);
	else if (settings->try_first_pass &&
		 (r = take_first_pass(login, &first)) == 0) {
		answer_read(first, answer_out);
		if (answer_out->kind != ANSWER_MALFORMED)
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
	r = keep(login, split_key, code, free_split);
	code = NULL; /* libpam's now, or gone */
	return r;
}

/* Asks once for password and code.  Who needs no code gives the password
 * alone, as the module after us relies on one; the prompt is the same, because
 * nothing is proven yet and strangers need not learn who he is. */
static int
ask_both(struct login *login)
{
	const char *prompt = login->settings.prompt;
	AUTO_WIPE char *text = NULL;
	enum passage passage = PASSAGE_ASK;
	int r;

	r = service_look(&login->settings, &login->account, &passage,
	    &login->why);
	if (r < 0)
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

/* ---- the phases ---- */

/* What every phase needs to know first. */
static int
begin(struct login *login, enum settings_place place, int argc,
    const char **argv)
{
	const char *user = NULL;
	int r;

	if ((r = settings_load(&login->settings, place, NULL, argc, argv,
		 &login->why)) < 0) {
		login->settings = settings_default;
		return r;
	}
	if ((r = conv_user(login, &user)) < 0)
		return r;
	return account_find(user, &login->account, &login->why);
}

static int
authenticate(struct login *login)
{
	enum passage passage = PASSAGE_ASK;
	struct judgement judgement = { 0 }; /* VERDICT_CANNOT_TELL */
	struct answer answer;
	int code, r;

	if ((r = service_look(&login->settings, &login->account, &passage,
		 &login->why)) < 0)
		return outcome_error(login, "looking the user up", r);
	if (passage != PASSAGE_ASK)
		return outcome_passage(login, passage);
	if ((r = learn_answer(login, &answer)) < 0)
		return outcome_error(login, "asking for the code", r);
	r = service_check_code(&login->settings, &login->account, &answer,
	    &judgement, &login->why);
	mem_wipe(&answer, sizeof answer);
	if (r < 0)
		return outcome_error(login, "judging the code", r);
	code = outcome_judgement(login, &judgement);
	if (code == PAM_SUCCESS)
		remember_verified(login);
	return code;
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct login login = { .pamh = pamh, .flags = flags };
	int r;

	if ((r = forget_verified(&login)) < 0)
		return outcome_error(&login, "beginning", r);
	if ((r = begin(&login, PLACE_AUTH, argc, argv)) < 0)
		return outcome_error(&login, "beginning", r);
	if (!login.settings.split)
		return authenticate(&login);
	if ((r = ask_both(&login)) < 0)
		return outcome_error(&login, "asking for both", r);
	return PAM_IGNORE; /* nothing is proven yet, and nothing refused */
}

/* Where sshd is content with a key alone, auth is never called and no code
 * verified; cron, sudo's cache and others do the same for good reasons, so
 * only a line that says guard refuses. */
EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct login login = { .pamh = pamh, .flags = flags };
	enum passage passage = PASSAGE_ASK;
	int r;

	if ((r = begin(&login, PLACE_ACCOUNT, argc, argv)) < 0)
		return outcome_error(&login, "beginning", r);
	if (!login.settings.guard)
		return PAM_IGNORE;
	if (was_verified(&login))
		return outcome_guard(&login, true);
	if ((r = service_look(&login.settings, &login.account, &passage,
		 &login.why)) < 0)
		return outcome_error(&login, "looking the user up", r);
	if (passage != PASSAGE_ASK)
		return outcome_passage(&login, passage);
	return outcome_guard(&login, false);
}

/* sshd gives a login up where this is not PAM_SUCCESS. */
EXPORT int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}

static int
unsupported(pam_handle_t *pamh, int flags, const char *type)
{
	struct login login = { .pamh = pamh, .flags = flags };

	err_say(&login.why, ERR_UNSUPPORTED,
	    "this module does nothing on a %s line; remove it", type);
	return outcome_error(&login, "reading the PAM line", ERR_UNSUPPORTED);
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	return unsupported(pamh, flags, "password");
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	return unsupported(pamh, flags, "session");
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	return unsupported(pamh, flags, "session");
}
