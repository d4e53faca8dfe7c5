#include "password.h"

#include "breach.h"
#include "conv.h"
#include "outcome.h"
#include "policy.h"
#include "transaction.h"

#include <security/pam_modules.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_OF_DAY = 24 * 60 * 60 };

static const char *
token(const struct login *login)
{
	const void *password = NULL;

	if (pam_get_item(login->pamh, PAM_AUTHTOK, &password) != PAM_SUCCESS)
		return NULL;
	return password;
}

/* ---- chosen ---- */

/* The change that a login demands is the user's, whoever runs the program. */
static bool
by_root(const struct login *login)
{
	return getuid() == 0 &&
	       (login->flags & PAM_CHANGE_EXPIRED_AUTHTOK) == 0;
}

/* Only trouble with the lists is for the settings to forgive. */
static int
look_up(struct login *login, const char *password, struct choice *choice)
{
	int r = breach_search(login->settings.breach_lists, password,
	    (uint32_t)login->settings.breach_min_count, &choice->seen,
	    &login->why);

	if (r == ERR_MEMORY)
		return r;
	choice->fitness = judge_new_password(&login->settings, r == 0,
	    choice->seen.most, by_root(login));
	return 0;
}

/* One password: learned, looked up and, if it was asked for here, typed once
 * more. */
static int
choose_once(struct login *login, struct choice *choice)
{
	const char *password = token(login);
	int r;

	choice->given = password != NULL;
	choice->fitness = FITNESS_ABSENT;
	if (!choice->given && login->settings.use_authtok)
		return 0;
	if (!choice->given && (r = conv_new_password(login, &password)) < 0)
		return r;
	if ((r = look_up(login, password, choice)) < 0)
		return r;
	if (choice->given || !fitness_taken(choice->fitness))
		return 0;
	if ((r = conv_new_password_again(login, password)) == ERR_INPUT)
		choice->fitness = FITNESS_MISTYPED;
	return r == ERR_INPUT ? 0 : r;
}

/* A password of a module before us is not asked for again here, as that module
 * would not see the next one. */
static bool
may_ask_again(const struct login *login, const struct choice *choice)
{
	return !choice->given && choice->tries < login->settings.retry &&
	       (choice->fitness == FITNESS_REFUSED ||
		   choice->fitness == FITNESS_MISTYPED);
}

int
password_choose(struct login *login)
{
	struct choice choice = { .fitness = FITNESS_UNKNOWN };
	int code, r;

	do {
		choice.tries++;
		if ((r = choose_once(login, &choice)) < 0)
			code = outcome_error(login, "asking for a new password",
			    r);
		else
			code = outcome_choice(login, &choice);
		if (code == PAM_SUCCESS) {
			transaction_forget_breached(login);
			return code;
		}
		/* A stack may go on though we refuse: nothing is to store. */
		(void)pam_set_item(login->pamh, PAM_AUTHTOK, NULL);
	} while (r == 0 && may_ask_again(login, &choice));
	return code;
}

/* ---- used ---- */

void
password_note(struct login *login)
{
	const struct settings *settings = &login->settings;
	bool is_code = settings->use_first_pass || login->token_is_code;
	const char *password = is_code ? NULL : token(login);
	struct breach_seen seen;
	int r;

	if (settings->breach_at_login == AT_LOGIN_IGNORE || password == NULL)
		return;
	r = breach_search(settings->breach_lists, password,
	    (uint32_t)settings->breach_min_count, &seen, &login->why);
	if (r == 0 && judge_breached(settings, seen.most))
		r = transaction_note_breached(login, &seen);
	if (r < 0)
		outcome_breached_unknown(login, r);
}

/* Whether the user could change the password now.  Where that cannot be told,
 * no: the demand might lock him out. */
static bool
is_changeable(struct login *login)
{
	bool changeable = false;

	(void)account_changeable(&login->account, time(NULL) / SECONDS_OF_DAY,
	    &changeable, &login->why);
	return changeable;
}

int
password_account(struct login *login, int code)
{
	const struct settings *settings = &login->settings;
	bool breached = false, changeable;
	enum aftermath aftermath;
	struct breach_seen seen;
	int r;

	if ((r = transaction_was_breached(login, &breached, &seen)) < 0)
		outcome_breached_unknown(login, r);
	if (!breached)
		return code;
	login->why = (struct trouble){ "" }; /* of whatever came before */
	changeable = settings->breach_at_login == AT_LOGIN_CHANGE &&
		     is_changeable(login);
	aftermath = judge_breached_login(settings, changeable);
	return outcome_breached(login, aftermath, &seen, code);
}
