#include "pam_paths.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *module;
	enum pam_role role;
} roles[] = {
	{ "pam_sallyport",    ROLE_OURS },
	{ "pam_permit",       ROLE_PERMIT },
	{ "pam_deny",         ROLE_DENY },
	{ "pam_rootok",       ROLE_ROOT },
	/* what only sets things up */
	{ "pam_env",          ROLE_SILENT },
	{ "pam_faildelay",    ROLE_SILENT },
	{ "pam_group",        ROLE_SILENT },
	/* what an administrator writes to treat some people differently */
	{ "pam_access",       ROLE_CONDITION },
	{ "pam_listfile",     ROLE_CONDITION },
	{ "pam_localuser",    ROLE_CONDITION },
	{ "pam_succeed_if",   ROLE_CONDITION },
	{ "pam_time",         ROLE_CONDITION },
	{ "pam_usertype",     ROLE_CONDITION },
	{ "pam_wheel",        ROLE_CONDITION },
	/* what looks at something else than who it is */
	{ "pam_abl",          ROLE_OTHER },
	{ "pam_cap",          ROLE_OTHER },
	{ "pam_ck_connector", ROLE_OTHER },
	{ "pam_cracklib",     ROLE_OTHER },
	{ "pam_echo",         ROLE_OTHER },
	{ "pam_ecryptfs",     ROLE_OTHER },
	{ "pam_exec",         ROLE_OTHER },
	{ "pam_faillock",     ROLE_OTHER },
	{ "pam_gnome_keyring", ROLE_OTHER },
	{ "pam_issue",        ROLE_OTHER },
	{ "pam_keyinit",      ROLE_OTHER },
	{ "pam_kwallet5",     ROLE_OTHER },
	{ "pam_mount",        ROLE_OTHER },
	{ "pam_nologin",      ROLE_OTHER },
	{ "pam_cracklib",     ROLE_OTHER },
	{ "pam_passwdqc",     ROLE_OTHER },
	{ "pam_pwhistory",    ROLE_OTHER },
	{ "pam_pwquality",    ROLE_OTHER },
	{ "pam_passwdqc",     ROLE_OTHER },
	{ "pam_pwhistory",    ROLE_OTHER },
	{ "pam_pwquality",    ROLE_OTHER },
	{ "pam_securetty",    ROLE_OTHER },
	{ "pam_selinux",      ROLE_OTHER },
	{ "pam_sepermit",     ROLE_OTHER },
	{ "pam_shells",       ROLE_OTHER },
	{ "pam_tally2",       ROLE_OTHER },
	{ "pam_warn",         ROLE_OTHER },
	/* what asks for one-time codes */
	{ "pam_duo",          ROLE_CODE },
	{ "pam_google_authenticator", ROLE_CODE },
	{ "pam_oath",         ROLE_CODE },
	{ "pam_otpw",         ROLE_CODE },
	{ "pam_privacyidea",  ROLE_CODE },
	{ "pam_yubico",       ROLE_CODE },
	/* what proves something */
	{ "pam_extrausers",   ROLE_FACTOR },
	{ "pam_fprintd",      ROLE_FACTOR },
	{ "pam_krb5",         ROLE_FACTOR },
	{ "pam_ldap",         ROLE_FACTOR },
	{ "pam_ldapd",        ROLE_FACTOR },
	{ "pam_pkcs11",       ROLE_FACTOR },
	{ "pam_p11",          ROLE_FACTOR },
	{ "pam_pwdfile",      ROLE_FACTOR },
	{ "pam_radius_auth",  ROLE_FACTOR },
	{ "pam_sss",          ROLE_FACTOR },
	{ "pam_ssh_agent_auth", ROLE_FACTOR },
	{ "pam_systemd_home", ROLE_FACTOR },
	{ "pam_tacplus",      ROLE_FACTOR },
	{ "pam_u2f",          ROLE_FACTOR },
	{ "pam_unix",         ROLE_FACTOR },
	{ "pam_userdb",       ROLE_FACTOR },
	{ "pam_winbind",      ROLE_FACTOR },
};
/* clang-format on */

enum pam_role
pam_rule_role(const struct pam_rule *rule)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (pam_rule_calls(rule, roles[i].module))
			return roles[i].role;
	return ROLE_UNKNOWN;
}

/* Whether libpam goes on the same after either result. */
static bool
is_same(const struct pam_rule *rule, int a, int b)
{
	bool good = a == RESULT_SUCCESS || a == RESULT_NEW_AUTHTOK_REQD ||
		    b == RESULT_SUCCESS || b == RESULT_NEW_AUTHTOK_REQD;

	return a == b || (!good && rule->actions[a] == rule->actions[b]);
}

void
pam_answers_add(struct pam_answers *answers, const struct pam_rule *rule,
    int result)
{
	for (int i = 0; i < answers->count; i++)
		if (is_same(rule, answers->results[i], result))
			return;
	if (answers->count < PAM_ANSWERS_MAX)
		answers->results[answers->count++] = result;
}

/* A module that can say yes, or no in one of several ways.  renews: it also
 * knows of passwords to be changed. */
static void
add_usual(struct pam_answers *answers, const struct pam_rule *rule, bool renews)
{
	static const int refusals[] = { RESULT_AUTH_ERR, RESULT_USER_UNKNOWN,
		RESULT_AUTHINFO_UNAVAIL, RESULT_PERM_DENIED, RESULT_MAXTRIES,
		RESULT_ACCT_EXPIRED };

	pam_answers_add(answers, rule, RESULT_SUCCESS);
	if (renews && rule->type == PAM_ACCOUNT)
		pam_answers_add(answers, rule, RESULT_NEW_AUTHTOK_REQD);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		pam_answers_add(answers, rule, refusals[i]);
}

void
pam_answers_of(struct pam_answers *answers, const struct pam_rule *rule,
    bool by_root)
{
	*answers = (struct pam_answers){ .count = 0 };
	switch (pam_rule_role(rule)) {
	case ROLE_PERMIT:
		pam_answers_add(answers, rule, RESULT_SUCCESS);
		break;
	case ROLE_DENY:
		pam_answers_add(answers, rule, RESULT_AUTH_ERR);
		break;
	case ROLE_SILENT:
		pam_answers_add(answers, rule, RESULT_IGNORE);
		break;
	case ROLE_ROOT:
		/* In su and its like root is let in on purpose. */
		pam_answers_add(answers, rule,
		    by_root ? RESULT_SUCCESS : RESULT_AUTH_ERR);
		break;
	case ROLE_FACTOR:
		add_usual(answers, rule, true);
		break;
	case ROLE_CONDITION:
	case ROLE_OTHER:
		add_usual(answers, rule, false);
		pam_answers_add(answers, rule, RESULT_IGNORE);
		break;
	case ROLE_UNKNOWN:
	case ROLE_CODE:
	case ROLE_OURS:
	default:
		add_usual(answers, rule, true);
		pam_answers_add(answers, rule, RESULT_IGNORE);
		break;
	}
}

static void
choose(struct pam_paths *paths, size_t i, int choice)
{
	paths->choice[i] = choice;
	paths->results[i] = paths->answers[i].results[choice];
}

void
pam_paths_begin(struct pam_paths *paths, const struct pam_chain *chain,
    const struct pam_answers *answers)
{
	paths->chain = chain;
	paths->answers = answers;
	paths->count = 0;
	paths->cut = false;
	for (size_t i = 0; i < chain->count; i++)
		choose(paths, i, 0);
}

/* The last rule called that has another answer gives it; what came behind it
 * starts afresh. */
static bool
turn(struct pam_paths *paths)
{
	for (size_t n = paths->walk.count; n > 0; n--) {
		size_t i = paths->walk.called[n - 1];

		if (paths->choice[i] + 1 < paths->answers[i].count) {
			choose(paths, i, paths->choice[i] + 1);
			return true;
		}
		choose(paths, i, 0);
	}
	return false;
}

bool
pam_paths_next(struct pam_paths *paths)
{
	if (paths->count > 0 && !turn(paths))
		return false;
	if (paths->count == PAM_PATHS_MAX) {
		paths->cut = true;
		return false;
	}
	paths->count++;
	pam_chain_walk(paths->chain, paths->results, &paths->walk);
	return true;
}
