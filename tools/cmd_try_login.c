/* sallyport try-login: a whole attempt at a PAM service, and why it came out
 * as it did. */
#include "cmd.h"

#include "desk.h"
#include "doctor.h"
#include "journal.h"
#include "mem.h"
#include "pam_known.h"
#include "pam_paths.h"
#include "pam_try.h"
#include "service.h"
#include "show.h"
#include "term.h"
#include "text.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TTY_SIZE = 256 };

#define PAM_DIR	       "/etc/pam.d"
#define PAM_VENDOR_DIR "/usr/lib/pam.d"

/* What was typed for us, and what it comes to.  The module has judged it; this
 * is a second judgement, on the state as it was before, which is never
 * written: so nobody who logs in can learn from it. */
struct second_opinion {
	bool asked; /* our line has asked */
	bool judged;
	struct judgement judgement;
};

struct login_try {
	const struct invocation *call; /* borrowed */
	const char *service, *user, *dir;
	struct desk desk;
	struct pam_stack stack;
	struct pam_chain auth, account;
	size_t ours; /* the auth line that judges; auth.count: none */
	struct settings settings; /* of that line */
	struct settings asking;	  /* of the one that asks for it */
	const char *prompt;	  /* by which we know that it asks */
	struct store_txn *before; /* the enrolment as it was; never committed */
	struct second_opinion opinion;
	struct pam_tried tried;
};

static void
login_done(struct login_try *login)
{
	store_abort(login->before);
	pam_stack_done(&login->stack);
	desk_close(&login->desk);
}
#define AUTO_LOGIN __attribute__((cleanup(login_done)))

/*
 * Before
 */

static void
load_line(const struct login_try *login, const struct pam_rule *rule,
    struct settings *settings_out)
{
	const struct doctor doctor = { .settings_file = login->call->config };
	struct trouble why = { "" };

	if (doctor_load_line(&doctor, rule, settings_out, &why) < 0)
		cmd_say("our line refuses everybody: %s", why.text);
}

/* The line that asks for both speaks in place of the one that judges. */
static void
find_asking(struct login_try *login)
{
	login->asking = login->settings;
	for (size_t i = 0; login->settings.use_split && i < login->ours; i++) {
		const struct pam_rule *rule = login->auth.rules[i];

		if (pam_rule_role(rule) == ROLE_OURS &&
		    pam_rule_has(rule, "split"))
			load_line(login, rule, &login->asking);
	}
}

static void
find_ours(struct login_try *login)
{
	login->settings = login->call->settings;
	for (login->ours = 0; login->ours < login->auth.count; login->ours++)
		if (doctor_line_judges(login->auth.rules[login->ours]))
			break;
	if (login->ours < login->auth.count)
		load_line(login, login->auth.rules[login->ours],
		    &login->settings);
	find_asking(login);
}

static int
read_stack(struct login_try *login)
{
	const struct pam_dirs usual = { .dirs = { PAM_DIR, PAM_VENDOR_DIR } };
	const struct pam_dirs given = { .dirs = { login->dir, NULL } };
	struct trouble why = { "" };
	int r = pam_stack_read(&login->stack,
	    login->dir != NULL ? &given : &usual, login->service, &why);

	if (r == 0)
		r = pam_stack_chain(&login->stack, PAM_AUTH, &login->auth);
	if (r == 0)
		r = pam_stack_chain(&login->stack, PAM_ACCOUNT,
		    &login->account);
	if (r < 0)
		return cmd_fail("reading the stack", r, &why);
	if (login->stack.aborted)
		cmd_say("PAM gives %s up: %s", login->service,
		    login->stack.reason.text);
	find_ours(login);
	return EXIT_YES;
}

/* The prompt of the line that asks for what our line judges. */
static void
find_prompt(struct login_try *login)
{
	const struct settings *asking = &login->asking;

	login->prompt = asking->prompt[0] != '\0' ? asking->prompt
			: login->settings.use_split
			    ? "Password and one-time code: "
			    : "One-time code: ";
}

static int
open_store(struct login_try *login)
{
	struct desk *desk = &login->desk;
	int r, status = desk_find(desk, &login->settings, login->user);

	if (status != EXIT_YES)
		return status;
	if (desk->asks) {
		cmd_say("only root tries logins");
		return EXIT_UNKNOWN;
	}
	/* That it cannot be read may be what is to be found out. */
	if ((r = store_open(&login->settings, &desk->why, &desk->store)) < 0 ||
	    (r = store_read(desk->store, desk->account.uid, &login->before)) <
		0)
		(void)desk_fail(desk, "reading the enrolment", r);
	return EXIT_YES;
}

/*
 * Talking
 */

/* Judges on a copy of what was there before. */
static void
judge_typed(struct login_try *login, const char *typed)
{
	struct state state = *store_state(login->before);
	struct answer answer;

	if (login->settings.use_split)
		typed += answer_split(typed, (unsigned)login->settings.digits);
	answer_read(typed, &answer);
	judge(&login->settings, store_record(login->before), &state, &answer,
	    time(NULL), &login->opinion.judgement);
	login->opinion.judged = true;
	mem_wipe(&answer, sizeof answer);
}

/* Who need not give a code is asked all the same where one prompt is for both:
 * for his password. */
static bool
is_let_off(struct login_try *login)
{
	enum passage passage = PASSAGE_ASK;

	return login->settings.use_split &&
	       service_look(&login->asking, &login->desk.account,
		   &login->desk.asker, &passage, NULL) == 0 &&
	       passage != PASSAGE_ASK;
}

static int
ask(void *with, bool hidden, const char *prompt, char **answer_out)
{
	struct login_try *login = with;
	char typed[ANSWER_LONGEST + 1];
	bool ours = login->ours < login->auth.count &&
		    strcmp(prompt, login->prompt) == 0 && !is_let_off(login);
	int r = term_read(prompt, hidden, typed, sizeof typed);

	login->opinion.asked |= ours;
	if (r < 0)
		return r;
	if (ours && login->before != NULL)
		judge_typed(login, typed);
	*answer_out = strdup(typed);
	mem_wipe(typed, sizeof typed);
	return *answer_out != NULL ? 0 : ERR_MEMORY;
}

/* A module's text, without what could steer a terminal. */
static void
tell(void *with, const char *text)
{
	(void)with;
	fflush(stdout);
	for (; *text != '\0'; text++) {
		bool steers = ((unsigned char)*text < ' ' && *text != '\n' &&
				  *text != '\t') ||
			      *text == 0x7f;

		fputc(steers ? '?' : *text, stderr);
	}
	fputc('\n', stderr);
}

static int
try(struct login_try *login)
{
	struct pam_talk talk = { ask, tell, login };
	struct trouble why = { "" };
	char room[TTY_SIZE] = "";
	const char *tty = NULL;
	int r;

	if (ttyname_r(STDIN_FILENO, room, sizeof room) == 0)
		tty = room;
	cmd_say("this is a real attempt: a right code is spent, a wrong one "
		"counts");
	r = pam_try(login->dir, login->service, login->desk.account.name, tty,
	    &talk, &login->tried, &why);
	if (r < 0)
		return cmd_fail("trying", r, &why);
	journal_note("login-tried", &login->desk.account, NULL);
	return EXIT_YES;
}

/*
 * Telling
 */

static bool
is_in(const struct pam_tried *tried)
{
	return tried->account_asked &&
	       (tried->account == RESULT_SUCCESS ||
		   tried->account == RESULT_NEW_AUTHTOK_REQD);
}

static int
result_of(enum verdict verdict)
{
	if (verdict_accepts(verdict))
		return RESULT_SUCCESS;
	return verdict_is_known(verdict) ? RESULT_AUTH_ERR
					 : RESULT_AUTHINFO_UNAVAIL;
}

/* Whether our line, had it been reached, had asked for a code. */
static bool
is_asking(const struct login_try *login)
{
	const struct settings *settings = &login->settings;

	return login->ours < login->auth.count && login->before != NULL &&
	       settings->enrolment == ENROLMENT_REQUIRED &&
	       !doctor_exempts(settings) && !settings->use_split &&
	       !settings->use_first_pass && !settings->try_first_pass;
}

static bool
is_unreached(const struct login_try *login)
{
	return is_asking(login) && !login->opinion.asked;
}

/* What each line of one type said, so far as that follows. */
static bool
know(const struct login_try *login, const struct pam_chain *chain, int status,
    unsigned known[PAM_RULES_MAX])
{
	const struct second_opinion *opinion = &login->opinion;
	struct pam_clue clue = { .ours = chain->count,
		.by_root = getuid() == 0,
		.status = status };

	if (chain == &login->auth) {
		clue.ours = login->ours;
		clue.reached = opinion->judged && !login->settings.use_split;
		clue.said = result_of(opinion->judgement.verdict);
		clue.unreached = is_unreached(login);
	}
	return pam_known(chain, &clue, known);
}

static void
print_chain(const struct login_try *login, const struct pam_chain *chain,
    const char *type, int result)
{
	unsigned known[PAM_RULES_MAX];
	bool can = know(login, chain, result, known);
	char room[PAM_KNOWN_SIZE];

	printf("%s: %s\n", type, pam_try_text(result));
	for (size_t i = 0; i < chain->count; i++) {
		const struct pam_rule *rule = chain->rules[i];

		if (rule->kind == RULE_SUBSTACK)
			continue;
		printf("  %s:%u %s: %s\n", rule->file, rule->line,
		    rule->kind == RULE_BROKEN ? "(cannot be read)"
					      : rule->module,
		    can ? pam_known_text(known[i], room) : "it cannot be told");
	}
}

/* By how much a clock is off is for root alone: a guesser could aim by it. */
static void
print_drift(const struct judgement *judgement)
{
	int64_t off = judgement->drift;

	if (judgement->drifted)
		printf("The code is right for a clock that is %" PRId64
		       " s %s.\n",
		    off < 0 ? -off : off, off < 0 ? "behind" : "ahead");
}

static void
print_opinion(const struct login_try *login)
{
	const struct second_opinion *opinion = &login->opinion;

	if (login->ours == login->auth.count)
		puts("No line of this service asks for a code.");
	else if (login->before == NULL ||
		 (opinion->judged &&
		     !verdict_is_known(opinion->judgement.verdict)))
		puts("No code can be judged: the enrolment cannot be read, or "
		     "is damaged.");
	else if (opinion->judged) {
		(void)words_judgement(&opinion->judgement, stdout);
		print_drift(&opinion->judgement);
	} else if (opinion->asked)
		puts("The code was asked for, and none was given.");
	else if (is_unreached(login))
		puts("No code was asked for: the stack ended before our line.");
	else
		show_prose(stdout,
		    "No code was asked for: our line was not reached, lets "
		    "this user pass, or took what was typed for another.");
}

static void
print_all(const struct login_try *login)
{
	const struct pam_tried *tried = &login->tried;

	print_chain(login, &login->auth, "auth", tried->auth);
	if (tried->account_asked)
		print_chain(login, &login->account, "account", tried->account);
	print_opinion(login);
	if (tried->user[0] != '\0' &&
	    strcmp(tried->user, login->desk.account.name) != 0)
		tell(NULL, "A line has put another user in this one's place.");
	puts(is_in(tried) ? "This login would be let in."
			  : "This login is refused.");
}

static json_object *
json_chain(const struct login_try *login, const struct pam_chain *chain,
    int result)
{
	json_object *out = json_object_new_object();
	json_object *lines = json_object_new_array();
	unsigned known[PAM_RULES_MAX];
	bool can = know(login, chain, result, known);
	char room[PAM_KNOWN_SIZE];

	for (size_t i = 0; i < chain->count; i++) {
		const struct pam_rule *rule = chain->rules[i];
		bool broken = rule->kind == RULE_BROKEN;
		json_object *line;

		if (rule->kind == RULE_SUBSTACK)
			continue;
		line = json_object_new_object();
		json_object_object_add(line, "file",
		    show_json_text(rule->file));
		json_object_object_add(line, "line",
		    json_object_new_int64(rule->line));
		json_object_object_add(line, "module",
		    broken ? NULL : show_json_text(rule->module));
		json_object_object_add(line, "said",
		    can ? json_object_new_string(pam_known_text(known[i], room))
			: NULL);
		json_object_array_add(lines, line);
	}
	json_object_object_add(out, "result",
	    json_object_new_string(pam_result_name(result)));
	json_object_object_add(out, "lines", lines);
	return out;
}

static void
print_json(const struct login_try *login)
{
	AUTO_JSON json_object *out = json_object_new_object();
	const struct second_opinion *opinion = &login->opinion;
	const struct pam_tried *tried = &login->tried;

	json_object_object_add(out, "user",
	    show_json_text(login->desk.account.name));
	json_object_object_add(out, "service", show_json_text(login->service));
	json_object_object_add(out, "in",
	    json_object_new_boolean(is_in(tried)));
	json_object_object_add(out, "auth",
	    json_chain(login, &login->auth, tried->auth));
	json_object_object_add(out, "account",
	    tried->account_asked
		? json_chain(login, &login->account, tried->account)
		: NULL);
	json_object_object_add(out, "verdict",
	    opinion->judged ? json_object_new_string(
				  verdict_name(opinion->judgement.verdict))
			    : NULL);
	json_object_object_add(out, "clock_ahead",
	    opinion->judged && opinion->judgement.drifted
		? json_object_new_int64(opinion->judgement.drift)
		: NULL);
	show_json(out);
}

int
cmd_try_login(struct invocation *call)
{
	AUTO_LOGIN struct login_try login = { .call = call,
		.service = call->operands[0],
		.user = call->operands[1],
		.dir = cmd_option(call, "pam-dir") };
	int status;

	if ((status = read_stack(&login)) != EXIT_YES ||
	    (status = open_store(&login)) != EXIT_YES)
		return status;
	find_prompt(&login);
	if ((status = try(&login)) != EXIT_YES)
		return status;
	if (call->json)
		print_json(&login);
	else
		print_all(&login);
	return is_in(&login.tried) ? EXIT_YES : EXIT_NO;
}
