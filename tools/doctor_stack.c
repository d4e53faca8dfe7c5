/* What a service's lines say, one by one and to each other. */
#include "doctor.h"

#include "pam_paths.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
doctor_exempts(const struct settings *settings)
{
	return settings->exempt_users[0] != '\0' ||
	       settings->exempt_groups[0] != '\0' ||
	       settings->exempt_networks[0] != '\0' ||
	       (settings->exempt_keys != EXEMPT_KEYS_NONE &&
		   settings->trust == TRUST_SSHD);
}

/*
 * Modules
 */

/* Whether some folder that the pattern names has such a file. */
static bool
has_file(const char *dirs, const char *name)
{
	char pattern[512];
	glob_t found = { 0 };
	int r;

	snprintf(pattern, sizeof pattern, "%s/%s", dirs, name);
	r = glob(pattern, GLOB_BRACE, NULL, &found);
	globfree(&found);
	return r != GLOB_NOMATCH;
}

/* Where not even pam_permit.so is, we do not know where modules are. */
bool
doctor_module_missing(const struct doctor *doctor, const struct pam_rule *rule)
{
	if (doctor->module_dirs == NULL || rule->kind != RULE_MODULE ||
	    strpbrk(rule->module, "$*?[{\\") != NULL)
		return false;
	if (rule->module[0] == '/')
		return access(rule->module, F_OK) < 0 && errno == ENOENT;
	return !has_file(doctor->module_dirs, rule->module) &&
	       has_file(doctor->module_dirs, "pam_permit.so");
}

static void
look_at_module(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *rule)
{
	int action = rule->actions[RESULT_MODULE_UNKNOWN];
	struct finding *f;

	if ((action != ACTION_BAD && action != ACTION_DIE) ||
	    !doctor_module_missing(doctor, rule))
		return;
	f = doctor_find(doctor, SEVERITY_FAULT, "module-missing", rule->file,
	    rule->line);
	finding_text(f,
	    "There is no %s among PAM's modules: %s refuses everyone who comes "
	    "to this line.",
	    rule->module, facts->service);
	finding_fix(f, "install what brings it, or remove that line");
}

/*
 * Our lines, one by one
 */

int
doctor_load_line(const struct doctor *doctor, const struct pam_rule *rule,
    struct settings *settings, struct trouble *why)
{
	static const enum settings_place places[PAM_TYPES] = {
		[PAM_AUTH] = PLACE_AUTH,
		[PAM_ACCOUNT] = PLACE_ACCOUNT,
		[PAM_PASSWORD] = PLACE_PASSWORD,
	};
	const char *file = doctor->settings_file;

	for (int i = 0; i < rule->arg_count; i++)
		if (strncmp(rule->args[i], "config=", 7) == 0)
			file = NULL; /* the line's own goes first */
	return settings_load(settings, places[rule->type], file,
	    rule->arg_count, rule->args, why);
}

/* Only sshd fills PAM's environment with what is believed there. */
static void
say_trust_elsewhere(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *rule)
{
	struct finding *f = doctor_find(doctor, SEVERITY_WARNING,
	    "trust-elsewhere", rule->file, rule->line);

	finding_text(f,
	    "%s is not sshd and does not say in this way where its clients "
	    "are and which keys they have: nobody is exempt by that, unless "
	    "somebody else says it.",
	    facts->service);
	finding_fix(f, "take trust=sshd out of that line");
}

static void
look_at_words(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *rule)
{
	struct trouble why = { "" };
	struct settings settings;
	struct finding *f;
	int r = doctor_load_line(doctor, rule, &settings, &why);

	if (r == 0 && settings.trust == TRUST_SSHD && !facts->is_sshd)
		say_trust_elsewhere(doctor, facts, rule);
	if (r == 0)
		return;
	f = doctor_find(doctor,
	    r == ERR_SETTINGS ? SEVERITY_FAULT : SEVERITY_UNKNOWN,
	    "line-refused", rule->file, rule->line);
	finding_text(f, "%s refuses everyone who comes to this line: %s.",
	    facts->service, why.text[0] != '\0' ? why.text : err_text(r));
	finding_fix(f, "mend that; pam_sallyport(8) lists the words of a line");
}

static void
say_wrong_type(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *rule)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT, "wrong-type",
	    rule->file, rule->line);

	finding_text(f,
	    "pam_sallyport.so has no session part: it fails for "
	    "everyone who comes to this line of %s.",
	    facts->service);
	doctor_fix_ours(doctor, f,
	    "remove that line; codes are asked by: auth requisite", "explain");
}

static void
say_broken(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *rule)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT, "broken-line",
	    rule->file, rule->line);

	finding_text(f,
	    "PAM cannot read this line of %s, or not the file it "
	    "includes: it fails for everyone.",
	    facts->service);
	finding_fix(f, "write it as: TYPE CONTROL MODULE [WORD ...]");
}

static void
look_at_line(struct doctor *doctor, struct stack_facts *facts,
    const struct pam_rule *rule)
{
	bool ours = pam_rule_role(rule) == ROLE_OURS;

	if (rule->kind == RULE_BROKEN && rule->type != PAM_SESSION)
		say_broken(doctor, facts, rule);
	look_at_module(doctor, facts, rule);
	if (!ours)
		return;
	if (rule->type == PAM_SESSION)
		say_wrong_type(doctor, facts, rule);
	else
		look_at_words(doctor, facts, rule);
}

/* The first line of ours of a type that has the word, or (word NULL) that
 * judges. */
static const struct pam_rule *
find_ours(const struct pam_stack *stack, enum pam_type type, const char *word)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct pam_rule *rule = &stack->rules[i];

		if (rule->type != type || pam_rule_role(rule) != ROLE_OURS)
			continue;
		if (word == NULL ? doctor_line_judges(rule)
				 : pam_rule_has(rule, word))
			return rule;
	}
	return NULL;
}

/*
 * auth
 */

/* One prompt for both takes two lines, in this order. */
static void
look_at_split(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_rule *use)
{
	const struct pam_rule *split = facts->split;
	struct finding *f;

	if (split != NULL && use == NULL) {
		f = doctor_find(doctor, SEVERITY_FAULT, "split-alone",
		    split->file, split->line);
		finding_text(f,
		    "%s asks for a code here, but no line judges "
		    "it: any code will do.",
		    facts->service);
		doctor_fix_ours(doctor, f,
		    "add below the password's line: auth requisite",
		    "use_split explain");
	}
	if (use != NULL && (split == NULL || split > use)) {
		f = doctor_find(doctor, SEVERITY_FAULT, "use-split-alone",
		    use->file, use->line);
		finding_text(f,
		    "%s refuses everyone: no line with split "
		    "comes before this one.",
		    facts->service);
		doctor_fix_ours(doctor, f,
		    "add above the password's line: auth requisite", "split");
	}
}

/* Whether "other" stands in for the whole service. */
static bool
is_other(const struct stack_facts *facts)
{
	const char *slash = strrchr(facts->own_file, '/');

	return strcmp(slash != NULL ? slash + 1 : facts->own_file, "other") ==
		   0 &&
	       strcmp(facts->service, "other") != 0;
}

/* A line of ours in "other" would ask for codes in every service that has no
 * file. */
static void
say_no_file(struct doctor *doctor, const struct stack_facts *facts)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT, "ours-missing",
	    facts->own_file, 0);

	finding_text(f,
	    "%s has no file, so that PAM goes by other: that asks nobody for a "
	    "code.",
	    facts->service);
	finding_fix(f, DOCTOR_FIX_NO_FILE);
}

/* Where our line goes: below the last of auth. */
static void
say_missing(struct doctor *doctor, const struct pam_stack *stack,
    const struct stack_facts *facts)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT, "ours-missing",
	    facts->own_file, 0);
	unsigned last = 0;
	char before[64];

	for (size_t i = 0; i < stack->count; i++)
		if (stack->rules[i].type == PAM_AUTH)
			last = stack->rules[i].top_line;
	finding_text(f,
	    "%s asks nobody for a code: no auth line of it calls "
	    "pam_sallyport.so.",
	    facts->service);
	snprintf(before, sizeof before, "add: auth requisite");
	if (last > 0)
		snprintf(before, sizeof before,
		    "add below line %u: auth requisite", last);
	doctor_fix_ours(doctor, f, before, "explain");
}

/* The settings of a line; where it is refused (and that is said already), the
 * usual ones. */
static void
load_or_default(const struct doctor *doctor, const struct pam_rule *rule,
    struct settings *settings)
{
	if (doctor_load_line(doctor, rule, settings, NULL) < 0)
		*settings = settings_default;
}

/* Lockers: they run as their user, who may not open the store. */
static bool
is_users(const char *service)
{
	static const char *const lockers[] = { "cinnamon-screensaver",
		"gnome-screensaver", "hyprlock", "i3lock", "kde",
		"kscreenlocker", "mate-screensaver", "swaylock", "vlock",
		"waylock", "xlock", "xscreensaver" };

	for (size_t i = 0; i < sizeof lockers / sizeof lockers[0]; i++)
		if (strcmp(service, lockers[i]) == 0)
			return true;
	return false;
}

/* For what is asked of the machine: who has to have an authenticator, and
 * whether somebody has to ask for him.  sshd's word on the first counts most. */
static void
note_asking(struct doctor *doctor, const struct stack_facts *facts,
    const struct settings *settings)
{
	if (!doctor->asks || facts->is_sshd)
		doctor->asked_by = *settings;
	doctor->asks = true;
	doctor->runs_as_user |= is_users(facts->service);
}

/* The service that the verifier asks for a password alone; who needs no code
 * passes by us there. */
static void
look_at_self_enrolment(struct doctor *doctor, const struct stack_facts *facts,
    const struct settings *settings)
{
	const struct pam_rule *judge = facts->judge;
	struct finding *f;

	if (strcmp(facts->service, "sallyport") != 0 ||
	    settings->self_enrolment != SELF_ENROLMENT_YES ||
	    settings->enrolment != ENROLMENT_REQUIRED)
		return;
	f = doctor_find(doctor, SEVERITY_FAULT, "self-enrolment-asks",
	    judge->file, judge->line);
	finding_text(f,
	    "Nobody can enrol himself with his password: PAM's service "
	    "sallyport, which is to ask for that alone, asks for a code here, "
	    "which who enrols has not.");
	if (strcmp(judge->file, facts->own_file) == 0)
		finding_fix(f, "remove that line");
	else
		finding_fix(f,
		    "in %s, in place of line %u: the auth lines of %s without "
		    "that one",
		    facts->own_file, judge->top_line, judge->file);
}

static void
look_at_auth(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	struct settings settings;

	facts->judge = find_ours(stack, PAM_AUTH, NULL);
	facts->split = find_ours(stack, PAM_AUTH, "split");
	look_at_split(doctor, facts, find_ours(stack, PAM_AUTH, "use_split"));
	if (facts->judge == NULL) {
		if (facts->split == NULL && facts->wanted && is_other(facts))
			say_no_file(doctor, facts);
		else if (facts->split == NULL && facts->wanted)
			say_missing(doctor, stack, facts);
		return;
	}
	load_or_default(doctor, facts->judge, &settings);
	facts->unenrolled = settings.enrolment == ENROLMENT_OPTIONAL;
	facts->offers = settings.enrolment == ENROLMENT_OFFERED;
	facts->exempts = doctor_exempts(&settings);
	note_asking(doctor, facts, &settings);
	look_at_self_enrolment(doctor, facts, &settings);
	doctor_paths_look(doctor, stack, PAM_AUTH, &settings, facts);
}

/*
 * account
 */

static void
say_guard_elsewhere(struct doctor *doctor, const struct pam_rule *guard)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT,
	    "guard-elsewhere", guard->file, guard->line);

	finding_text(f,
	    "This guard also refuses cron jobs, cached sudo, "
	    "root's su and whatever else reads %s: they ask for no code.",
	    guard->file);
	finding_fix(f, "move this line into the file of sshd itself, above "
		       "its account lines");
}

static bool
asks_origin(const struct settings *settings)
{
	return settings->exempt_networks[0] != '\0' ||
	       settings->exempt_keys != EXEMPT_KEYS_NONE;
}

static bool
is_same_passage(const struct settings *a, const struct settings *b)
{
	return a->enrolment == b->enrolment &&
	       strcmp(a->exempt_users, b->exempt_users) == 0 &&
	       strcmp(a->exempt_groups, b->exempt_groups) == 0 &&
	       strcmp(a->exempt_networks, b->exempt_networks) == 0 &&
	       a->exempt_keys == b->exempt_keys &&
	       (!asks_origin(a) || a->trust == b->trust);
}

/* Who need not give a code in auth must not be refused for it in account. */
static void
look_at_agreement(struct doctor *doctor, const struct stack_facts *facts)
{
	struct settings asks, guards;
	struct finding *f;

	if (facts->judge == NULL ||
	    doctor_load_line(doctor, facts->judge, &asks, NULL) < 0 ||
	    doctor_load_line(doctor, facts->guard, &guards, NULL) < 0 ||
	    is_same_passage(&asks, &guards))
		return;
	f = doctor_find(doctor, SEVERITY_FAULT, "guard-disagrees",
	    facts->guard->file, facts->guard->line);
	finding_text(f,
	    "The guard and the auth line (%s:%u) leave different "
	    "people out: some need no code there and are refused here, or "
	    "the reverse.",
	    facts->judge->file, facts->judge->line);
	finding_fix(f,
	    "give both lines the same enrolment=, exempt_ and trust= "
	    "words");
}

/* The offer is made in account; without our line there, it never is. */
static void
look_at_offer(struct doctor *doctor, const struct pam_stack *stack,
    const struct stack_facts *facts)
{
	struct finding *f;

	for (size_t i = 0; i < stack->count; i++)
		if (stack->rules[i].type == PAM_ACCOUNT &&
		    pam_rule_role(&stack->rules[i]) == ROLE_OURS)
			return;
	f = doctor_find(doctor, SEVERITY_WARNING, "offer-unmade",
	    facts->own_file, 0);
	finding_text(f,
	    "Who has no authenticator gets into %s without a code, and is "
	    "offered none: no account line of it calls pam_sallyport.so.",
	    facts->service);
	doctor_fix_ours(doctor, f,
	    "add above its other account lines: account required", "");
}

static void
look_at_account(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	const struct pam_rule *guard = find_ours(stack, PAM_ACCOUNT, NULL);
	struct settings settings;

	if (facts->offers)
		look_at_offer(doctor, stack, facts);
	if (guard == NULL) {
		if (facts->judge != NULL)
			doctor_account_look(doctor, stack, facts);
		return;
	}
	if (!facts->is_sshd || strcmp(guard->file, facts->own_file) != 0) {
		say_guard_elsewhere(doctor, guard);
		return;
	}
	facts->guard = guard;
	look_at_agreement(doctor, facts);
	load_or_default(doctor, guard, &settings);
	doctor_paths_look(doctor, stack, PAM_ACCOUNT, &settings, facts);
}

void
doctor_stack_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	for (size_t i = 0; i < stack->count; i++)
		look_at_line(doctor, facts, &stack->rules[i]);
	look_at_auth(doctor, stack, facts);
	look_at_account(doctor, stack, facts);
	doctor_list_look(doctor, stack, facts);
}
