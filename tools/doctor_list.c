/* What a service's password and account lines do about breached passwords. */
#include "doctor.h"

#include "breach.h"
#include "pam_paths.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
	DAY = 24 * 60 * 60,
	OLD_DAYS = 366,
	SAMPLE = 64, /* pages of a list */
};

/* A look at one chain of a service. */
struct view {
	struct doctor *doctor;
	const struct stack_facts *facts;
	struct pam_chain chain;
	struct pam_answers answers[PAM_RULES_MAX];
	size_t ours;  /* the first line of ours; the chain's count: none */
	bool refused; /* that line's words are wrong, which is said already */
	struct settings settings; /* of that line */
};

static const struct pam_rule *
rule_at(const struct view *view, size_t i)
{
	return view->chain.rules[i];
}

static struct finding *
find_at(const struct view *view, enum severity severity, const char *id,
    size_t i)
{
	return doctor_find(view->doctor, severity, id, rule_at(view, i)->file,
	    rule_at(view, i)->line);
}

static bool
has_ours(const struct view *view)
{
	return view->ours < view->chain.count;
}

/* Returns 0, or ERR_INPUT: the chain is too long to be looked at, which is
 * said where its paths are. */
static int
view_begin(struct view *view, const struct pam_stack *stack, enum pam_type type)
{
	int r;

	if ((r = pam_stack_chain(stack, type, &view->chain)) < 0)
		return r;
	view->ours = view->chain.count;
	for (size_t i = 0; i < view->chain.count; i++) {
		const struct pam_rule *rule = rule_at(view, i);
		bool ours = pam_rule_role(rule) == ROLE_OURS;

		view->answers[i] = (struct pam_answers){ .count = 0 };
		if (!ours)
			pam_answers_of(&view->answers[i], rule, true);
		else if (type == PAM_ACCOUNT)
			pam_answers_add(&view->answers[i], rule, RESULT_IGNORE);
		else
			pam_answers_add(&view->answers[i], rule,
			    RESULT_SUCCESS);
		if (ours && !has_ours(view))
			view->ours = i;
	}
	view->refused = has_ours(view) && doctor_load_line(view->doctor,
					      rule_at(view, view->ours),
					      &view->settings, NULL) < 0;
	return 0;
}

/*
 * The lists
 */

static void
say_list(struct doctor *doctor, const struct settings *settings, bool change,
    const char *file, int err, const char *why)
{
	bool known =
	    err == ERR_MISSING || err == ERR_UNTRUSTED || err == ERR_DAMAGED;
	bool denies = change && settings->breach_at_change == AT_CHANGE_DENY &&
		      settings->breach_when_missing == WHEN_MISSING_DENY;
	struct finding *f = doctor_find(doctor,
	    !known   ? SEVERITY_UNKNOWN
	    : denies ? SEVERITY_FAULT
		     : SEVERITY_WARNING,
	    err == ERR_MISSING ? "list-missing" : "list-unreadable", file, 0);

	finding_text(f, "%s: %s.",
	    denies   ? "Nobody but root can change a password"
	    : change ? "New passwords are not looked up"
		     : "Passwords that log in are not looked up",
	    why[0] != '\0' ? why : err_text(err));
	if (err == ERR_MISSING)
		finding_fix(f,
		    "sallyport breach build -o %.*s/pwned.breach "
		    "INPUT",
		    (int)(strrchr(file, '/') - file), file);
	else if (err == ERR_UNTRUSTED)
		finding_fix(f,
		    "make it a regular file that only root can write");
	else if (known)
		finding_fix(f, "sallyport breach build -o %s INPUT", file);
	else
		finding_fix(f, "run this as root");
}

/* Passwords that were breached since nobody finds. */
static void
say_old(struct doctor *doctor, const char *file, int64_t days)
{
	struct finding *f =
	    doctor_find(doctor, SEVERITY_WARNING, "list-old", file, 0);

	finding_text(f,
	    "This list was made %lld days ago: passwords breached since are "
	    "taken.",
	    (long long)days);
	finding_fix(f, "sallyport breach build -o %s INPUT", file);
}

/* Looks hashes from all over the list up: each reads a page and checks its
 * sum. */
static int
read_sample(struct breach *breach, struct trouble *why)
{
	uint8_t hash[BREACH_HASH_MOST] = { 0 };
	struct breach_seen seen;
	int r = 0;

	for (int i = 0; i < SAMPLE && r == 0; i++) {
		hash[0] = (uint8_t)(i * 256 / SAMPLE);
		r = breach_look(breach, hash, &seen, why);
	}
	return r;
}

static void
look_at_list(struct doctor *doctor, const struct settings *settings,
    bool change, const char *file)
{
	AUTO_BREACH struct breach *breach = NULL;
	struct trouble why = { "" };
	int64_t days;
	int r;

	if ((r = breach_open(file, &breach, &why)) < 0 ||
	    (r = read_sample(breach, &why)) < 0) {
		say_list(doctor, settings, change, file, r, why.text);
		return;
	}
	days = ((int64_t)time(NULL) - breach_about(breach)->modified) / DAY;
	if (days > OLD_DAYS)
		say_old(doctor, file, days);
}

static int
folder_fails(const char *path, int error)
{
	(void)path;
	return error != ENOENT;
}

/* Each by itself: one that has a password hides what is wrong with another. */
static void
look_at_lists(struct doctor *doctor, const struct settings *settings,
    bool change)
{
	glob_t found = { 0 };
	int r = glob(settings->breach_lists, 0, folder_fails, &found);

	if (r == GLOB_NOMATCH)
		say_list(doctor, settings, change, settings->breach_lists,
		    ERR_MISSING, "there is no list");
	else if (r != 0)
		say_list(doctor, settings, change, settings->breach_lists,
		    ERR_IO, "the folder cannot be read");
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
		look_at_list(doctor, settings, change, found.gl_pathv[i]);
	globfree(&found);
}

/*
 * password
 */

static bool
stores(const struct view *view, size_t i)
{
	return pam_rule_role(rule_at(view, i)) == ROLE_FACTOR;
}

/* Those that ask for a new password themselves, unless they are told to take
 * what is there. */
static bool
knows_use_authtok(const struct pam_rule *rule)
{
	static const char *const modules[] = { "pam_unix", "pam_sss",
		"pam_ldap", "pam_krb5", "pam_winbind", "pam_extrausers" };

	for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++)
		if (pam_rule_calls(rule, modules[i]))
			return true;
	return false;
}

/* Those that judge a password's strength, and ask for it. */
static bool
is_judge(const struct pam_rule *rule)
{
	return pam_rule_calls(rule, "pam_pwquality") ||
	       pam_rule_calls(rule, "pam_passwdqc") ||
	       pam_rule_calls(rule, "pam_cracklib");
}

static void
say_stored_before(const struct view *view, size_t storer)
{
	const struct pam_rule *rule = rule_at(view, storer);
	struct finding *f =
	    find_at(view, SEVERITY_FAULT, "list-after-store", view->ours);

	finding_text(f,
	    "%s has stored a new password (%s:%u) before this line looks it "
	    "up: breached ones are stored.",
	    rule->module, rule->file, rule->line);
	finding_fix(f, "move this line above that one");
}

static void
say_skipped(const struct view *view, size_t skipper)
{
	const struct pam_rule *rule = rule_at(view, skipper);
	bool condition = pam_rule_role(rule) == ROLE_CONDITION;
	struct finding *f =
	    find_at(view, condition ? SEVERITY_WARNING : SEVERITY_FAULT,
		"list-skipped", skipper);

	finding_text(f,
	    "This line leads past pam_sallyport.so: new passwords are stored "
	    "that nobody has looked up.");
	finding_fix(f, condition ? "if that is not meant, remove that line"
				 : "let it lead to the line of "
				   "pam_sallyport.so");
}

/* The line that was called last before ours would have been. */
static size_t
find_skipper(const struct view *view, const struct pam_walk *walk)
{
	size_t skipper = 0;

	for (size_t n = 0; n < walk->count; n++)
		if (walk->called[n] < view->ours)
			skipper = walk->called[n];
	return skipper;
}

/* A path on which something is stored that we have not seen. */
static void
look_at_store_path(const struct view *view, const struct pam_paths *paths)
{
	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];

		if (pam_rule_role(rule_at(view, i)) == ROLE_OURS)
			return;
		if (!stores(view, i) || paths->results[i] != RESULT_SUCCESS)
			continue;
		if (i < view->ours)
			say_stored_before(view, i);
		else
			say_skipped(view, find_skipper(view, &paths->walk));
		return;
	}
}

static void
look_at_stores(const struct view *view)
{
	struct pam_paths paths;

	pam_paths_begin(&paths, &view->chain, view->answers);
	while (pam_paths_next(&paths))
		look_at_store_path(view, &paths);
}

/* Where one of them asks by itself, after a refusal of ours or its own, nobody
 * looks at what it gets. */
static void
look_at_asking(const struct view *view)
{
	for (size_t i = view->ours + 1; i < view->chain.count; i++) {
		const struct pam_rule *rule = rule_at(view, i);
		struct finding *f;

		if (!stores(view, i) || !knows_use_authtok(rule) ||
		    pam_rule_has(rule, "use_authtok"))
			continue;
		f = find_at(view, SEVERITY_FAULT, "store-asks", i);
		finding_text(f,
		    "Where this line does not like a password, it asks for "
		    "another, which it stores and nobody looks up.");
		finding_fix(f, "add use_authtok to it");
	}
}

/* Whether anything before ours may have asked. */
static bool
is_asked_before(const struct view *view)
{
	for (size_t i = 0; i < view->ours; i++) {
		enum pam_role role = pam_rule_role(rule_at(view, i));

		if (is_judge(rule_at(view, i)) || role == ROLE_UNKNOWN ||
		    role == ROLE_FACTOR)
			return true;
	}
	return false;
}

static void
look_at_our_words(const struct view *view)
{
	bool takes = pam_rule_has(rule_at(view, view->ours), "use_authtok");
	struct finding *f;

	if (takes && !is_asked_before(view)) {
		f = find_at(view, SEVERITY_FAULT, "use-authtok-alone",
		    view->ours);
		finding_text(f,
		    "No line before this one asks for a new password, and "
		    "this one is told not to: nobody can change his.");
		finding_fix(f, "remove use_authtok from it");
	}
	for (size_t i = 0; !takes && i < view->ours; i++) {
		if (!is_judge(rule_at(view, i)))
			continue;
		f = find_at(view, SEVERITY_WARNING, "list-asks-behind",
		    view->ours);
		finding_text(f,
		    "Where %s has given a password up and the stack goes on, "
		    "this line asks for another, which %s never sees.",
		    rule_at(view, i)->module, rule_at(view, i)->module);
		finding_fix(f, "add use_authtok to it");
	}
}

static bool
look_at_password(struct doctor *doctor, const struct pam_stack *stack,
    const struct stack_facts *facts)
{
	struct view view = { .doctor = doctor, .facts = facts };

	if (view_begin(&view, stack, PAM_PASSWORD) < 0 || !has_ours(&view))
		return false;
	look_at_stores(&view);
	look_at_asking(&view);
	look_at_our_words(&view);
	if (!view.refused)
		look_at_lists(doctor, &view.settings, true);
	return true;
}

/*
 * account
 */

static bool
goes_on(int action)
{
	return action == ACTION_OK || action == ACTION_DONE;
}

static void
say_unheeded(const struct view *view, const char *what, const char *result)
{
	struct finding *f =
	    find_at(view, SEVERITY_FAULT, "account-unheeded", view->ours);

	finding_text(f, "%s %s, as this line's control does not heed %s.",
	    view->facts->service, what, result);
	finding_fix(f, "write it as: account required %s",
	    rule_at(view, view->ours)->module);
}

static void
look_at_control(const struct view *view)
{
	const struct pam_rule *rule = rule_at(view, view->ours);
	const int *actions = rule->actions;

	if (view->settings.breach_at_login == AT_LOGIN_CHANGE &&
	    !goes_on(actions[RESULT_NEW_AUTHTOK_REQD]))
		say_unheeded(view, "never demands another password",
		    "new_authtok_reqd");
	if (view->settings.breach_at_login == AT_LOGIN_DENY &&
	    actions[RESULT_PERM_DENIED] != ACTION_BAD &&
	    actions[RESULT_PERM_DENIED] != ACTION_DIE)
		say_unheeded(view, "lets breached passwords in", "perm_denied");
}

/* Somebody who gets in with our line not asked. */
static void
look_at_account_path(const struct view *view, const struct pam_paths *paths)
{
	int status = paths->walk.status;
	const struct pam_rule *rule;
	struct finding *f;
	size_t skipper;

	if (status != RESULT_SUCCESS && status != RESULT_NEW_AUTHTOK_REQD)
		return;
	for (size_t n = 0; n < paths->walk.count; n++)
		if (paths->walk.called[n] == view->ours)
			return;
	skipper = find_skipper(view, &paths->walk);
	rule = rule_at(view, skipper);
	f = find_at(view, SEVERITY_FAULT, "account-skipped", view->ours);
	finding_text(f,
	    "Where %s answers %s, this line is not asked: breached passwords "
	    "get into %s as if they were not.",
	    rule->module, pam_result_name(paths->results[skipper]),
	    view->facts->service);
	finding_fix(f, "move it above line %u of %s", rule->top_line,
	    view->facts->own_file);
}

static void
look_at_ways(const struct view *view)
{
	struct pam_paths paths;

	pam_paths_begin(&paths, &view->chain, view->answers);
	while (pam_paths_next(&paths))
		look_at_account_path(view, &paths);
}

/* The change that this service demands could end in another breached one. */
static void
say_change_unchecked(const struct view *view)
{
	struct finding *f =
	    find_at(view, SEVERITY_WARNING, "change-unchecked", view->ours);

	finding_text(f,
	    "%s demands another password, and takes any: no password line of "
	    "it calls pam_sallyport.so.",
	    view->facts->service);
	doctor_fix_ours(view->doctor, f,
	    "add above the line that stores (in common-password): password "
	    "requisite",
	    "");
}

/* Where breach_at_login is set, and nothing in the service acts on it. */
static void
say_no_account(struct doctor *doctor, const struct stack_facts *facts)
{
	struct finding *f = doctor_find(doctor, SEVERITY_WARNING,
	    "account-missing", facts->own_file, 0);

	finding_text(f,
	    "breach_at_login comes to nothing at %s: no account line of it "
	    "calls pam_sallyport.so.",
	    facts->service);
	doctor_fix_ours(doctor, f,
	    "add above its other account lines: account required", "");
}

static bool
minds_logins(const struct doctor *doctor, const struct stack_facts *facts)
{
	struct settings settings;

	return facts->judge != NULL &&
	       doctor_load_line(doctor, facts->judge, &settings, NULL) == 0 &&
	       settings.breach_at_login != AT_LOGIN_IGNORE;
}

/* Programs in which people log in, other than to act as somebody else. */
static bool
is_login(const struct stack_facts *facts)
{
	return facts->is_sshd || strcmp(facts->service, "login") == 0;
}

static void
look_at_account(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	struct view view = { .doctor = doctor, .facts = facts };

	if (view_begin(&view, stack, PAM_ACCOUNT) < 0 ||
	    !minds_logins(doctor, facts))
		return;
	if (!has_ours(&view)) {
		if (is_login(facts))
			say_no_account(doctor, facts);
		return;
	}
	if (view.refused)
		return;
	look_at_control(&view);
	look_at_ways(&view);
	look_at_lists(doctor, &view.settings, false);
	facts->demands_change =
	    view.settings.breach_at_login == AT_LOGIN_CHANGE;
	if (facts->demands_change && !facts->looks_up)
		say_change_unchecked(&view);
}

void
doctor_list_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	facts->looks_up = look_at_password(doctor, stack, facts);
	look_at_account(doctor, stack, facts);
}
