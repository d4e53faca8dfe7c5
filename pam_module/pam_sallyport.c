/* The six entry points. */
#include "ask.h"
#include "conv.h"
#include "enrol.h"
#include "login.h"
#include "look.h"
#include "mem.h"
#include "outcome.h"
#include "password.h"
#include "service.h"
#include "transaction.h"

#include <security/pam_modules.h>

#define EXPORT __attribute__((visibility("default")))

/* For the verifier's log, where it has to be asked. */
static void
introduce(struct login *login)
{
	struct said *said = &login->asker.said;
	const void *service = NULL, *rhost = NULL, *tty = NULL;

	(void)pam_get_item(login->pamh, PAM_SERVICE, &service);
	(void)pam_get_item(login->pamh, PAM_RHOST, &rhost);
	(void)pam_get_item(login->pamh, PAM_TTY, &tty);
	said_set(said->service, service);
	said_set(said->rhost, rhost);
	said_set(said->tty, tty);
	said->shows = (login->flags & PAM_SILENT) == 0;
}

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
	introduce(login);
	return account_find(user, &login->account, &login->why);
}

static int
authenticate(struct login *login)
{
	enum passage passage = PASSAGE_ASK;
	struct judgement judgement = { 0 }; /* VERDICT_CANNOT_TELL */
	struct answer answer;
	int code, r;

	if ((r = look_passage(login, &passage)) < 0)
		return outcome_error(login, "looking the user up", r);
	if (passage == PASSAGE_OFFERED &&
	    (r = transaction_note_offered(login)) < 0)
		return outcome_error(login, "remembering the offer", r);
	if (passage != PASSAGE_ASK) {
		code = outcome_passage(login, passage);
		password_note(login);
		return code;
	}
	if ((r = ask_answer(login, &answer)) < 0)
		return outcome_error(login, "asking for the code", r);
	r = service_check_code(&login->settings, &login->account, &answer,
	    &login->asker, &judgement, &login->why);
	mem_wipe(&answer, sizeof answer);
	if (r < 0)
		return outcome_error(login, "judging the code", r);
	code = outcome_judgement(login, &judgement);
	if (code == PAM_SUCCESS) {
		transaction_note_verified(login);
		password_note(login);
	}
	return code;
}

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct login login = { .pamh = pamh, .flags = flags };
	int r;

	if ((r = transaction_forget(&login)) < 0)
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
static int
guard(struct login *login, bool offered)
{
	enum passage passage = PASSAGE_ASK;
	int r;

	if (transaction_was_verified(login))
		return outcome_guard(login, true);
	if ((r = look_passage(login, &passage)) < 0)
		return outcome_error(login, "looking the user up", r);
	if (passage == PASSAGE_OFFERED && offered)
		return PAM_IGNORE; /* and he has put it off */
	if (passage != PASSAGE_ASK && passage != PASSAGE_OFFERED)
		return outcome_passage(login, passage);
	return outcome_guard(login, false);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct login login = { .pamh = pamh, .flags = flags };
	int code = PAM_IGNORE, r;
	bool offered = false;

	if ((r = begin(&login, PLACE_ACCOUNT, argc, argv)) < 0 ||
	    (r = transaction_was_offered(&login, &offered)) < 0)
		return outcome_error(&login, "beginning", r);
	if (offered)
		code = enrol_in_login(&login);
	if (code == PAM_IGNORE && login.settings.guard)
		code = guard(&login, offered);
	if (code == PAM_SUCCESS || code == PAM_IGNORE)
		code = password_account(&login, code);
	return code;
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

/* All modules are asked first whether they could; the new password comes
 * later, when the old one has been proven. */
EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct login login = { .pamh = pamh, .flags = flags };
	int r;

	if ((r = begin(&login, PLACE_PASSWORD, argc, argv)) < 0)
		return outcome_error(&login, "beginning", r);
	if ((flags & PAM_PRELIM_CHECK) != 0)
		return PAM_SUCCESS;
	return password_choose(&login);
}

static int
session(pam_handle_t *pamh, int flags)
{
	struct login login = { .pamh = pamh, .flags = flags };

	err_say(&login.why, ERR_UNSUPPORTED,
	    "this module does nothing on a session line; remove it");
	return outcome_error(&login, "reading the PAM line", ERR_UNSUPPORTED);
}

EXPORT int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	return session(pamh, flags);
}

EXPORT int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)argc;
	(void)argv;
	return session(pamh, flags);
}
