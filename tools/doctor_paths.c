/* Who gets past our line, who is stopped by it, and by which path. */
#include "doctor.h"

#include "pam_paths.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A look at one chain. */
struct view {
	struct doctor *doctor;
	struct stack_facts *facts;
	enum pam_type type;
	struct pam_chain chain;
	enum pam_role roles[PAM_RULES_MAX];
	bool judges[PAM_RULES_MAX]; /* our lines that refuse who has no code */
	struct pam_answers answers[PAM_RULES_MAX];
	size_t first;		  /* of our judging lines */
	struct settings settings; /* of that line */
};

/*
 * Words
 */

/* "auth requisite pam_x.so [a word]", in place of a line's own control. */
static void
fix_line(struct finding *f, const struct pam_rule *rule, const char *control)
{
	char args[FINDING_TEXT] = "";
	size_t used = 0;

	for (int i = 0; i < rule->arg_count && used < sizeof args; i++) {
		bool whole = strpbrk(rule->args[i], " \t") == NULL;
		int n = snprintf(args + used, sizeof args - used,
		    whole ? " %s" : " [%s]", rule->args[i]);

		used += n > 0 ? (size_t)n : 0;
	}
	finding_fix(f, "%s %s %s%s", pam_type_name(rule->type), control,
	    rule->module, args);
}

/* Where the service's own file has to be changed for a rule: at its line, or
 * at the include that leads to it. */
static void
fix_place(struct finding *f, const struct view *view,
    const struct pam_rule *rule)
{
	if (strcmp(rule->file, view->facts->own_file) == 0)
		finding_fix(f, "write line %u as:", rule->line);
	else
		finding_fix(f,
		    "in %s, in place of line %u:", view->facts->own_file,
		    rule->top_line);
}

static struct finding *
find_at(const struct view *view, enum severity severity, const char *id,
    const struct pam_rule *rule)
{
	return doctor_find(view->doctor, severity, id, rule->file, rule->line);
}

static const struct pam_rule *
rule_at(const struct view *view, size_t i)
{
	return view->chain.rules[i];
}

static size_t
count_role(const struct view *view, enum pam_role role)
{
	size_t sum = 0;

	for (size_t i = 0; i < view->chain.count; i++)
		sum += view->roles[i] == role;
	return sum;
}

/*
 * Lines that stop there unless the password was right: one module alone, or
 * several of which one must know the password, the shape of Debian's
 * common-auth.
 */
static void
fix_factors(struct finding *f, const struct view *view)
{
	size_t left = count_role(view, ROLE_FACTOR);
	char control[64];

	for (size_t i = 0; i < view->chain.count; i++) {
		if (view->roles[i] != ROLE_FACTOR)
			continue;
		snprintf(control, sizeof control,
		    "[success=%zu default=ignore]", left);
		if (count_role(view, ROLE_FACTOR) == 1)
			snprintf(control, sizeof control,
			    "[success=ok default=die]");
		fix_line(f, rule_at(view, i), control);
		left--;
	}
	if (count_role(view, ROLE_FACTOR) > 1) {
		finding_fix(f, "auth requisite pam_deny.so");
		finding_fix(f, "auth required pam_permit.so");
	}
}

/*
 * Setting up
 */

static bool
is_refusal(int result)
{
	return result != RESULT_SUCCESS && result != RESULT_IGNORE;
}

/* Whether the line can leave somebody out, by its settings. */
static bool
may_pass(const struct settings *settings)
{
	return settings->enrolment != ENROLMENT_REQUIRED ||
	       doctor_exempts(settings);
}

/* What our own lines answer; those that do not judge have no say. */
static void
our_answers(struct view *view, size_t i)
{
	static const int refusals[] = { RESULT_AUTH_ERR,
		RESULT_AUTHINFO_UNAVAIL, RESULT_PERM_DENIED, RESULT_SERVICE_ERR,
		RESULT_BUF_ERR, RESULT_CONV_ERR, RESULT_MODULE_UNKNOWN };
	const struct pam_rule *rule = rule_at(view, i);
	struct pam_answers *answers = &view->answers[i];

	if (view->judges[i])
		pam_answers_add(answers, rule, RESULT_SUCCESS);
	if (!view->judges[i] || may_pass(&view->settings))
		pam_answers_add(answers, rule, RESULT_IGNORE);
	if (!view->judges[i])
		return;
	for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++)
		pam_answers_add(answers, rule, refusals[k]);
}

/* Programs that root starts for everyone; others are set-uid, and pam_rootok
 * tells them who started them. */
static bool
runs_as_root(const struct stack_facts *facts)
{
	return facts->is_sshd || strcmp(facts->service, "login") == 0;
}

static void
fill_answers(struct view *view)
{
	for (size_t i = 0; i < view->chain.count; i++) {
		view->answers[i] = (struct pam_answers){ .count = 0 };
		if (doctor_module_missing(view->doctor, rule_at(view, i)))
			pam_answers_add(&view->answers[i], rule_at(view, i),
			    RESULT_MODULE_UNKNOWN);
		else if (view->roles[i] == ROLE_OURS)
			our_answers(view, i);
		else
			pam_answers_of(&view->answers[i], rule_at(view, i),
			    runs_as_root(view->facts));
	}
}

bool
doctor_line_judges(const struct pam_rule *rule)
{
	if (pam_rule_role(rule) != ROLE_OURS)
		return false;
	if (rule->type == PAM_ACCOUNT)
		return pam_rule_has(rule, "guard");
	return rule->type == PAM_AUTH && !pam_rule_has(rule, "split");
}

static int
view_begin(struct view *view, const struct pam_stack *stack)
{
	int r;

	if ((r = pam_stack_chain(stack, view->type, &view->chain)) < 0)
		return r;
	view->first = view->chain.count;
	for (size_t i = 0; i < view->chain.count; i++) {
		view->roles[i] = pam_rule_role(rule_at(view, i));
		view->judges[i] = doctor_line_judges(rule_at(view, i));
		if (view->judges[i] && view->first == view->chain.count)
			view->first = i;
	}
	return 0;
}

/*
 * What a path comes to
 */

struct path {
	bool accepted;
	bool judged;	  /* one of our judging lines was called, */
	bool refused;	  /* and refused, */
	bool right;	  /* or was given a right code, */
	bool passed;	  /* or let the user off */
	bool proven;	  /* another module was satisfied */
	bool asked_early; /* we asked with nothing proven but something failed,
			   * or still to be asked */
	bool by_rule;	  /* a condition steered it */
	size_t failed;	  /* the factor that failed before we asked */
};

static bool
is_steering(int action)
{
	return action == ACTION_DONE || action > 0;
}

static void
path_step(const struct view *view, size_t i, int result, struct path *path)
{
	const struct pam_rule *rule = rule_at(view, i);

	switch (view->roles[i]) {
	case ROLE_FACTOR:
	case ROLE_CODE:
	case ROLE_UNKNOWN:
		if (result == RESULT_SUCCESS)
			path->proven = true;
		else if (view->roles[i] == ROLE_FACTOR && !path->proven &&
			 path->failed == view->chain.count)
			path->failed = i;
		break;
	case ROLE_CONDITION:
		if (is_steering(rule->actions[result]))
			path->by_rule = true;
		break;
	default:
		break;
	}
}

static void
path_judged(const struct view *view, int result, struct path *path)
{
	if (!path->judged && !path->proven &&
	    (path->failed < view->chain.count ||
		count_role(view, ROLE_FACTOR) > 0))
		path->asked_early = true;
	path->judged = true;
	path->refused |= is_refusal(result);
	path->right |= result == RESULT_SUCCESS;
	path->passed |= result == RESULT_IGNORE;
}

/* In account, a password to be changed is no refusal. */
static bool
is_accepted(enum pam_type type, int status)
{
	return status == RESULT_SUCCESS ||
	       (type == PAM_ACCOUNT && status == RESULT_NEW_AUTHTOK_REQD);
}

static struct path
path_of(const struct view *view, const struct pam_paths *paths)
{
	struct path path = { .failed = view->chain.count };

	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];

		if (view->judges[i])
			path_judged(view, paths->results[i], &path);
		else
			path_step(view, i, paths->results[i], &path);
	}
	path.accepted = is_accepted(view->type, paths->walk.status);
	return path;
}

/*
 * Past us
 */

/* The rule that led past our line. */
static size_t
find_skipper(const struct view *view, const struct pam_walk *walk)
{
	for (size_t n = walk->count; n > 0; n--)
		if (walk->called[n - 1] < view->first)
			return walk->called[n - 1];
	return view->first;
}

/* How many jumps lead from rule i to our line; 0: it is next, or they do not
 * lead there. */
static int
jumps_to_us(const struct view *view, size_t i)
{
	for (int n = 1; pam_chain_jump(&view->chain, i, n) <= view->first; n++)
		if (pam_chain_jump(&view->chain, i, n) == view->first)
			return n;
	return 0;
}

/* The word in the control that gave the action: the result's or default's. */
static const char *
pair_name(const struct pam_rule *rule, int result)
{
	const char *name = pam_result_name(result);

	return strstr(rule->control, name) != NULL ? name : "default";
}

static void
fix_jump(struct finding *f, const struct view *view, size_t i, int result)
{
	const struct pam_rule *rule = rule_at(view, i);
	const char *name = pair_name(rule, result);
	int n = jumps_to_us(view, i);

	if (n > 0)
		finding_fix(f, "write %s=%d there, not %s=%d", name, n, name,
		    rule->actions[result]);
	else
		finding_fix(f, "write %s=ok there, not %s=%d", name, name,
		    rule->actions[result]);
}

static void
fix_skipper(struct finding *f, const struct view *view, size_t i, int result)
{
	const struct pam_rule *rule = rule_at(view, i);

	if (view->type == PAM_ACCOUNT)
		finding_fix(f, "move line %u of %s above line %u",
		    rule_at(view, view->first)->top_line, view->facts->own_file,
		    rule->top_line);
	else if (view->roles[i] == ROLE_CONDITION)
		finding_fix(f, "if that is not meant, remove that line");
	else if (rule->actions[result] > 0)
		fix_jump(f, view, i, result);
	else if (view->roles[i] == ROLE_FACTOR) {
		fix_place(f, view, rule);
		fix_factors(f, view);
	} else if (view->roles[i] == ROLE_OTHER) {
		fix_place(f, view, rule);
		fix_line(f, rule, "required");
	} else
		finding_fix(f, "remove that line");
}

static const char *
skip_id(const struct view *view, size_t i, int action)
{
	if (view->type == PAM_ACCOUNT)
		return "guard-skipped";
	if (view->roles[i] == ROLE_CONDITION)
		return "skipped-by-condition";
	if (action > 0)
		return "skipped-by-jump";
	return strcasecmp(rule_at(view, i)->control, "sufficient") == 0
		   ? "skipped-by-sufficient"
		   : "skipped-by-done";
}

static void
say_skipped(const struct view *view, const struct pam_paths *paths)
{
	size_t i = find_skipper(view, &paths->walk);
	const struct pam_rule *rule = rule_at(view, i);
	int result = paths->results[i];
	int action = rule->actions[result];
	bool condition = view->roles[i] == ROLE_CONDITION;
	struct finding *f =
	    find_at(view, condition ? SEVERITY_WARNING : SEVERITY_FAULT,
		skip_id(view, i, action), rule);

	if (view->type == PAM_ACCOUNT)
		finding_text(f,
		    "Where %s answers %s, the guard is not asked: "
		    "key-only logins get past it.",
		    rule->module, pam_result_name(result));
	else if (condition)
		finding_text(f,
		    "Those for whom %s is true get into %s without a code.",
		    rule->module, view->facts->service);
	else
		finding_text(f,
		    "Whoever satisfies %s gets into %s without a code.",
		    rule->module, view->facts->service);
	fix_skipper(f, view, i, result);
}

/*
 * In spite of us
 */

/* "auth_err, authinfo_unavail": all refusals that the line treats so. */
static void
name_refusals(struct finding *f, const struct pam_rule *rule, int action)
{
	static const int refusals[] = { RESULT_AUTH_ERR, RESULT_PERM_DENIED,
		RESULT_AUTHINFO_UNAVAIL, RESULT_SERVICE_ERR, RESULT_BUF_ERR,
		RESULT_CONV_ERR, RESULT_MODULE_UNKNOWN };
	const char *comma = "";

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (rule->actions[refusals[i]] != action)
			continue;
		finding_text(f, "%s%s", comma, pam_result_name(refusals[i]));
		comma = ", ";
	}
}

static void
say_ignored(const struct view *view, const struct pam_paths *paths, size_t i)
{
	const struct pam_rule *rule = rule_at(view, i);
	bool optional = strcasecmp(rule->control, "optional") == 0;
	struct finding *f = find_at(view, SEVERITY_FAULT,
	    optional ? "ours-optional" : "refusal-ignored", rule);

	finding_text(f, "%s goes on where this line refuses (",
	    view->facts->service);
	name_refusals(f, rule, rule->actions[paths->results[i]]);
	finding_text(f, "): people get in without a code.");
	finding_fix(f, "write line %u of %s as:", rule->line, rule->file);
	fix_line(f, rule, view->type == PAM_AUTH ? "requisite" : "required");
}

/* The judging line that refused. */
static size_t
find_refuser(const struct view *view, const struct pam_paths *paths)
{
	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];

		if (view->judges[i] && is_refusal(paths->results[i]))
			return i;
	}
	return view->first;
}

/*
 * Before its turn
 */

static void
say_early(const struct view *view, const struct path *path)
{
	const struct pam_rule *ours = rule_at(view, view->first);
	struct finding *f;

	if (path->failed == view->chain.count) {
		f = find_at(view, SEVERITY_FAULT, "no-stop-before", ours);
		finding_text(f,
		    "%s asks for a code before the password: "
		    "strangers can use up a user's tries.",
		    view->facts->service);
		finding_fix(f, "move this line below the password's");
		return;
	}
	f = find_at(view, SEVERITY_FAULT, "no-stop-before",
	    rule_at(view, path->failed));
	finding_text(f,
	    "After a wrong password %s still asks for a code: "
	    "strangers can use up a user's tries.",
	    view->facts->service);
	fix_place(f, view, rule_at(view, path->failed));
	fix_factors(f, view);
}

static void
say_code_alone(const struct view *view, bool factor)
{
	const struct pam_rule *ours = rule_at(view, view->first);
	struct finding *f = find_at(view,
	    factor ? SEVERITY_FAULT : SEVERITY_WARNING, "code-alone", ours);

	finding_text(f, "A right code alone opens %s; no password is needed.",
	    view->facts->service);
	finding_fix(f, "put this line below the password's, as:");
	fix_line(f, ours, "requisite");
}

/*
 * Two codes
 */

static void
say_twice(const struct view *view, size_t one, size_t other)
{
	bool ours = view->judges[one] && view->judges[other];
	bool turned = view->judges[other] && !ours;
	const struct pam_rule *a = rule_at(view, turned ? other : one);
	const struct pam_rule *b = rule_at(view, turned ? one : other);
	struct finding *f;

	f = find_at(view, ours ? SEVERITY_FAULT : SEVERITY_WARNING,
	    "asks-twice", b);
	finding_text(f,
	    "%s asks for a code here and at %s:%u: ", view->facts->service,
	    a->file, a->line);
	finding_text(f,
	    ours ? "the code that was right there is spent, and everybody has "
		   "to wait for another."
		 : "everybody has to give two.");
	finding_fix(f,
	    ours ? "remove one of the two lines"
		 : "if that is not meant, remove this line; 'sallyport doctor "
		   "--migrate' shows what takes its place");
}

/* A login in which two codes are right. */
static void
look_for_two(const struct view *view, const struct pam_paths *paths)
{
	size_t one = view->chain.count;

	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];

		if ((!view->judges[i] && view->roles[i] != ROLE_CODE) ||
		    paths->results[i] != RESULT_SUCCESS)
			continue;
		if (one < view->chain.count &&
		    (view->judges[i] || view->judges[one])) {
			say_twice(view, one, i);
			return;
		}
		one = i;
	}
}

/*
 * Nobody gets in
 */

/* The first way in which right answers came to nothing. */
struct refusal {
	bool known;
	bool judged;	/* our line was called */
	size_t spoiler; /* who said no; the chain's count: nobody said yes */
	size_t skipper; /* where we were not called, because of this rule, */
	int result;	/* which answered this */
};

static void
refusal_note(struct refusal *refusal, const struct view *view,
    const struct pam_paths *paths, const struct path *path)
{
	if (refusal->known)
		return;
	refusal->known = true;
	refusal->judged = path->judged;
	refusal->spoiler = paths->walk.spoiler;
	refusal->skipper = find_skipper(view, &paths->walk);
	refusal->result = paths->results[refusal->skipper];
}

static void
fix_refusal(struct finding *f, const struct view *view,
    const struct refusal *refusal)
{
	size_t no = refusal->spoiler;
	bool denied = no < view->chain.count;

	if (!refusal->judged && denied)
		finding_fix(f, "move the line of pam_sallyport.so below it");
	else if (!refusal->judged)
		fix_skipper(f, view, refusal->skipper, refusal->result);
	else if (denied)
		finding_fix(f, "let right answers jump over that line");
	else
		finding_fix(f, "add below it: %s required pam_permit.so",
		    pam_type_name(view->type));
}

static void
say_locked_out(const struct view *view, const struct refusal *refusal,
    const char *who)
{
	size_t i = refusal->spoiler;
	bool denied = i < view->chain.count;
	const struct pam_rule *rule;
	struct finding *f;

	if (!denied)
		i = refusal->judged ? view->chain.count - 1 : refusal->skipper;
	rule = rule_at(view, i);
	if (doctor_module_missing(view->doctor, rule) ||
	    doctor_module_missing(view->doctor, rule_at(view, view->first)))
		return; /* that is said of the line itself */
	f = find_at(view, SEVERITY_FAULT, "locks-out", rule);
	finding_text(f, "%s refuses %s: ", view->facts->service, who);
	if (!denied)
		finding_text(f, "no line says yes.");
	else if (rule->kind == RULE_BROKEN)
		finding_text(f, "PAM cannot read this line.");
	else
		finding_text(f, "%s says no.", rule->module);
	fix_refusal(f, view, refusal);
}

static void
say_nobody_unasked(const struct view *view)
{
	const struct pam_rule *ours = rule_at(view, view->first);
	struct finding *f =
	    find_at(view, SEVERITY_FAULT, "ignore-denies", ours);

	finding_text(f,
	    "Who need not give a code is refused by %s: after "
	    "this line no other says yes.",
	    view->facts->service);
	finding_fix(f, "add below it: %s required pam_permit.so",
	    pam_type_name(view->type));
}

/*
 * All paths
 */

/* What is true of some path. */
struct sum {
	bool good;	 /* right answers get in */
	bool unasked_in; /* who need not give a code gets in */
	bool unasked_tried;
	bool early, alone;
	struct refusal refusal;
	struct {
		bool good;
		struct refusal refusal;
	} factors[PAM_RULES_MAX];
};

/* The same for those whose password one module knows. */
static void
sum_factors(const struct view *view, const struct pam_paths *paths,
    const struct path *path, struct sum *sum)
{
	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];

		if (view->roles[i] != ROLE_FACTOR ||
		    paths->results[i] != RESULT_SUCCESS)
			continue;
		sum->factors[i].good |= path->accepted;
		refusal_note(&sum->factors[i].refusal, view, paths, path);
	}
}

/* Somebody who gets in though we did not agree. */
static void
look_for_holes(const struct view *view, const struct pam_paths *paths,
    const struct path *path)
{
	if (!path->accepted)
		return;
	if (!path->judged)
		say_skipped(view, paths);
	else if (path->refused && !path->right && !path->passed)
		say_ignored(view, paths, find_refuser(view, paths));
}

/* Whom we ask, and what is proven without us. */
static void
sum_auth(const struct view *view, const struct path *path, struct sum *sum)
{
	if (path->by_rule)
		return; /* somebody wanted it so */
	if (path->asked_early && !sum->early && !view->facts->key_first)
		say_early(view, path);
	sum->early |= path->asked_early;
	sum->alone |= path->accepted && path->right && !path->proven;
}

static void
look_at_path(const struct view *view, const struct pam_paths *paths,
    struct sum *sum)
{
	struct path path = path_of(view, paths);

	look_for_holes(view, paths, &path);
	if (path.refused)
		return;
	if (view->type == PAM_AUTH)
		sum_auth(view, &path, sum);
	if (view->type == PAM_AUTH && path.accepted)
		look_for_two(view, paths);
	refusal_note(&sum->refusal, view, paths, &path);
	sum->good |= path.accepted;
	sum->unasked_tried |= path.passed;
	sum->unasked_in |= path.passed && path.accepted;
	sum_factors(view, paths, &path, sum);
}

static void
look_at_sum(const struct view *view, const struct sum *sum)
{
	bool factor = count_role(view, ROLE_FACTOR) > 0;

	if (!sum->good && sum->refusal.known)
		say_locked_out(view, &sum->refusal, "right answers");
	else if (sum->unasked_tried && !sum->unasked_in)
		say_nobody_unasked(view);
	for (size_t i = 0; sum->good && i < view->chain.count; i++)
		if (sum->factors[i].refusal.known && !sum->factors[i].good)
			say_locked_out(view, &sum->factors[i].refusal,
			    "those whom one of its modules knows");
	if (view->type != PAM_AUTH)
		return;
	view->facts->factor = factor || !sum->alone;
	if (sum->alone && !view->facts->key_first &&
	    (factor || !view->facts->is_sshd))
		say_code_alone(view, factor);
}

static void
say_cut(const struct view *view)
{
	struct finding *f = doctor_find(view->doctor, SEVERITY_UNKNOWN,
	    "too-many-paths", view->facts->own_file, 0);

	finding_text(f, "%s can go more than %d ways; not all were looked at.",
	    view->facts->service, PAM_PATHS_MAX);
	finding_fix(f, "write fewer lines whose answer is passed over");
}

static void
look_at_paths(struct view *view)
{
	struct sum sum = { .good = false };
	struct pam_paths paths;

	fill_answers(view);
	pam_paths_begin(&paths, &view->chain, view->answers);
	while (pam_paths_next(&paths))
		look_at_path(view, &paths, &sum);
	look_at_sum(view, &sum);
	if (paths.cut)
		say_cut(view);
}

static bool
root_passes(const struct view *view)
{
	for (size_t i = 0; i < view->first; i++)
		if (view->roles[i] == ROLE_ROOT && !runs_as_root(view->facts) &&
		    is_steering(rule_at(view, i)->actions[RESULT_SUCCESS]))
			return true;
	return false;
}

static void
say_closed(struct doctor *doctor, const struct stack_facts *facts)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT,
	    "account-closed", facts->own_file, 0);

	finding_text(f,
	    "No account line of %s says yes, or of the service \"other\" where "
	    "it has none: everyone is refused behind his code.",
	    facts->service);
	finding_fix(f, "add the lines that other services have, such as: "
		       "account required pam_unix.so");
}

static void
say_too_long(struct doctor *doctor, const struct stack_facts *facts)
{
	struct finding *f = doctor_find(doctor, SEVERITY_UNKNOWN,
	    "stack-too-long", facts->own_file, 0);

	finding_text(f,
	    "%s has more than %d lines of one type; they were not looked at.",
	    facts->service, PAM_RULES_MAX);
	finding_fix(f, "write fewer lines");
}

void
doctor_paths_look(struct doctor *doctor, const struct pam_stack *stack,
    enum pam_type type, const struct settings *settings,
    struct stack_facts *facts)
{
	struct view view = { .doctor = doctor,
		.facts = facts,
		.type = type,
		.settings = *settings };

	if (view_begin(&view, stack) < 0) {
		say_too_long(doctor, facts);
		return;
	}
	if (type == PAM_AUTH)
		facts->root_passes = root_passes(&view);
	look_at_paths(&view);
}

/* Without a line of ours, too, there has to be a way through. */
void
doctor_account_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts)
{
	struct view view = { .doctor = doctor,
		.facts = facts,
		.type = PAM_ACCOUNT };
	struct pam_paths paths;

	if (view_begin(&view, stack) < 0) {
		say_too_long(doctor, facts);
		return;
	}
	fill_answers(&view);
	pam_paths_begin(&paths, &view.chain, view.answers);
	while (pam_paths_next(&paths))
		if (is_accepted(PAM_ACCOUNT, paths.walk.status))
			return;
	if (!paths.cut)
		say_closed(doctor, facts);
}
