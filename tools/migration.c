#include "migration.h"

#include "mem.h"
#include "pam_paths.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_ROOM = 512, LINE_MOST = 4096, WINDOW_MOST = 2, AHEAD_MOST = 100 };

#define GOOGLE "pam_google_authenticator"
#define OATH   "pam_oath"

void
migration_done(struct migration *migration)
{
	for (size_t i = 0; i < migration->file_count; i++)
		free(migration->files[i].text);
	*migration = (struct migration){ 0 };
}

/*
 * Options
 */

/* What takes an option's place. */
enum equal {
	EQUAL_NONE,
	EQUAL_NOTHING, /* it is so anyway */
	EQUAL_WORD,    /* on the line */
	EQUAL_SETTING, /* in the file */
	EQUAL_SPLIT,   /* two lines around the password's */
	EQUAL_FILE,    /* where the keys are: an import */
	EQUAL_WINDOW,
	EQUAL_DIGITS,
};

/* clang-format off */
static const struct option {
	const char *module;
	const char *name; /* with its "=" if it has a value */
	enum equal equal;
	const char *text; /* the word or setting; or why there is no equal */
} options[] = {
	{ GOOGLE, "nullok",                 EQUAL_SETTING, "enrolment = optional" },
	{ GOOGLE, "forward_pass",           EQUAL_SPLIT,   "" },
	{ GOOGLE, "try_first_pass",         EQUAL_WORD,    "try_first_pass" },
	{ GOOGLE, "use_first_pass",         EQUAL_WORD,    "use_first_pass" },
	{ GOOGLE, "echo_verification_code", EQUAL_WORD,    "echo" },
	{ GOOGLE, "authtok_prompt=",        EQUAL_WORD,    "prompt=" },
	{ GOOGLE, "secret=",                EQUAL_FILE,    "" },
	{ GOOGLE, "noskewadj",              EQUAL_NOTHING, "" },
	{ GOOGLE, "no_increment_hotp",      EQUAL_NOTHING, "" },
	{ GOOGLE, "no_strict_owner",        EQUAL_NOTHING, "" },
	{ GOOGLE, "user=",                  EQUAL_NONE,
	    "the keys are in root's store, and are read as nobody else" },
	{ GOOGLE, "allowed_perm=",          EQUAL_NONE,
	    "the keys are in root's store, where nobody else may read" },
	{ GOOGLE, "grace_period=",          EQUAL_NONE,
	    "every login is asked; exempt_networks lets networks off" },
	{ GOOGLE, "allow_readonly",         EQUAL_NONE,
	    "a code that cannot be remembered as spent opens nothing" },
	{ GOOGLE, "debug",                  EQUAL_NONE,
	    "the reason of every refusal is in the log as it is" },
	{ OATH,   "usersfile=",             EQUAL_FILE,    "" },
	{ OATH,   "window=",                EQUAL_WINDOW,
	    "a code by time holds two steps each way at most" },
	{ OATH,   "digits=",                EQUAL_DIGITS,  "digits = " },
	{ OATH,   "try_first_pass",         EQUAL_SPLIT,   "" },
	{ OATH,   "use_first_pass",         EQUAL_SPLIT,   "" },
	{ OATH,   "alwaysok",               EQUAL_NONE,
	    "a wrong code is always refused; 'sallyport verify' tries one" },
	{ OATH,   "no_usersfile_okay",      EQUAL_NONE,
	    "where the store is missing everyone is refused" },
	{ OATH,   "debug",                  EQUAL_NONE,
	    "the reason of every refusal is in the log as it is" },
};
/* clang-format on */

/* A line that is to be replaced, and what comes of its words. */
struct work {
	struct migration *migration;
	const struct pam_stack *stack;
	const struct pam_rule *rule;
	const char *config; /* NULL: the usual settings */
	bool google;
	bool later;		/* a password is asked for behind it */
	bool split;		/* it takes password and code in one answer */
	bool optional;		/* who is not enrolled passes */
	bool imported;		/* it says where the keys are */
	char words[WORDS_ROOM]; /* of our line, each behind a blank */
};

static void
add_unequal(struct work *work, const char *option, const char *why)
{
	struct migration *migration = work->migration;
	struct unequal *unequal;

	if (migration->unequal_count == MIGRATION_UNEQUAL)
		return;
	unequal = &migration->unequal[migration->unequal_count++];
	*unequal = (struct unequal){ .file = work->rule->file,
		.line = work->rule->line,
		.why = why };
	snprintf(unequal->option, sizeof unequal->option, "%s", option);
}

static void
add_line(char *room, size_t size, const char *line)
{
	if (strstr(room, line) == NULL)
		text_append(room, size, "%s\n", line);
}

static void
add_setting(struct work *work, const char *setting)
{
	add_line(work->migration->settings, sizeof work->migration->settings,
	    setting);
}

static void
add_command(struct work *work, const char *command)
{
	bool other = work->config != NULL;
	char line[LINE_MOST + 512];

	snprintf(line, sizeof line, "sallyport %s%s%simport %s",
	    other ? "--config " : "", other ? work->config : "",
	    other ? " " : "", command);
	add_line(work->migration->commands, sizeof work->migration->commands,
	    line);
}

/* A value with blanks goes into brackets, in which a "]" is written so. */
static void
add_word(struct work *work, const char *word, const char *value)
{
	size_t size = sizeof work->words;
	bool bracket = strpbrk(value, " \t[]") != NULL;

	text_append(work->words, size, " %s%s", bracket ? "[" : "", word);
	for (; *value != '\0'; value++)
		text_append(work->words, size, "%s%c",
		    *value == ']' ? "\\" : "", *value);
	if (bracket)
		text_append(work->words, size, "]");
}

static void
take_file(struct work *work, const char *value)
{
	char command[LINE_MOST];

	work->imported = true;
	if (!work->google)
		snprintf(command, sizeof command, "oath %s", value);
	else if (strcmp(value, "~/.google_authenticator") == 0 ||
		 strcmp(value, "${HOME}/.google_authenticator") == 0)
		snprintf(command, sizeof command,
		    "google-authenticator --all-homes");
	else
		snprintf(command, sizeof command,
		    "google-authenticator --user USER '%s'   # for each user",
		    value);
	add_command(work, command);
}

/* How far codes are looked for: steps by time, and counters. */
static void
take_window(struct work *work, const char *option, const char *value,
    const char *why)
{
	char line[64];
	uint64_t n;

	if (text_number(value, 0, UINT32_MAX, &n) < 0) {
		add_unequal(work, option, "it is not a number");
		return;
	}
	if (n > WINDOW_MOST)
		add_unequal(work, option, why);
	snprintf(line, sizeof line, "window = %u",
	    n > WINDOW_MOST ? WINDOW_MOST : (unsigned)n);
	add_setting(work, line);
	if (n == 0)
		return;
	snprintf(line, sizeof line, "hotp_lookahead = %u",
	    n > AHEAD_MOST ? AHEAD_MOST : (unsigned)n);
	add_setting(work, line);
}

static void
take_digits(struct work *work, const char *name, const char *value)
{
	char line[MIGRATION_OPTION];

	snprintf(line, sizeof line, "%s%s", name, value);
	add_setting(work, line);
}

static void
take_equal(struct work *work, const struct option *option, const char *word)
{
	const char *value = word + strlen(option->name);

	switch (option->equal) {
	case EQUAL_NONE:
		add_unequal(work, word, option->text);
		break;
	case EQUAL_NOTHING:
		break;
	case EQUAL_WORD:
		add_word(work, option->text, value);
		break;
	case EQUAL_SETTING:
		work->optional = true;
		add_setting(work, option->text);
		break;
	case EQUAL_SPLIT:
		if (work->later)
			work->split = true;
		else if (!work->google) /* the code alone was typed before */
			add_word(work, option->name, "");
		break;
	case EQUAL_FILE:
		take_file(work, value);
		break;
	case EQUAL_WINDOW:
		take_window(work, word, value, option->text);
		break;
	case EQUAL_DIGITS:
	default:
		take_digits(work, option->text, value);
		break;
	}
}

static bool
is_option(const struct option *option, const char *word)
{
	size_t len = strlen(option->name);

	return option->name[len - 1] == '='
		   ? text_after(word, option->name) != NULL
		   : strcmp(word, option->name) == 0;
}

static void
take_option(struct work *work, const char *word)
{
	const char *module = work->google ? GOOGLE : OATH;

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(options[i].module, module) == 0 &&
		    is_option(&options[i], word)) {
			take_equal(work, &options[i], word);
			return;
		}
	add_unequal(work, word, "it is not known what it does");
}

static void
take_options(struct work *work)
{
	for (int i = 0; i < work->rule->arg_count; i++)
		take_option(work, work->rule->args[i]);
	if (!work->imported)
		take_file(work, work->google ? "~/.google_authenticator"
					     : "/etc/users.oath");
}

/*
 * Our lines
 */

static void
write_module(const struct work *work, FILE *out)
{
	fputs(" pam_sallyport.so", out);
	if (work->config != NULL)
		fprintf(out, " config=%s", work->config);
}

/*
 * Whoever has no right code goes no further, and a right one lets the next line
 * ask.  A jump stays one: what it leads past may be a refusal.
 */
static void
write_line(const struct work *work, FILE *out)
{
	int jump = work->later ? 0 : work->rule->actions[RESULT_SUCCESS];

	if (jump > 0 && work->optional)
		fprintf(out, "auth [success=%d ignore=%d default=die]", jump,
		    jump);
	else if (jump > 0)
		fprintf(out, "auth [success=%d default=die]", jump);
	else
		fputs("auth requisite", out);
	write_module(work, out);
	if (work->split)
		fputs(" use_split explain\n", out);
	else
		fprintf(out, " explain%s\n", work->words);
}

static void
write_split(const struct work *work, FILE *out)
{
	fputs("auth requisite", out);
	write_module(work, out);
	fputs(" split\n", out);
}

/* Whether some other line of auth can say yes, which a login without a code
 * needs. */
static bool
is_opened_by_others(const struct work *work)
{
	for (size_t i = 0; i < work->stack->count; i++) {
		const struct pam_rule *rule = &work->stack->rules[i];
		enum pam_role role = pam_rule_role(rule);

		if (rule->type == PAM_AUTH && rule != work->rule &&
		    (role == ROLE_FACTOR || role == ROLE_PERMIT))
			return true;
	}
	return false;
}

static void
write_ours(const struct work *work, FILE *out)
{
	write_line(work, out);
	if (work->optional && !is_opened_by_others(work))
		fprintf(out, "auth required pam_permit.so\n");
}

static void
judge_control(struct work *work)
{
	int action = work->rule->actions[RESULT_SUCCESS];

	if (action == ACTION_DONE)
		add_unequal(work, work->rule->control,
		    "a right code was enough there; ours is asked for beside "
		    "the lines below it");
	if (action <= 0 &&
	    work->rule->actions[RESULT_AUTH_ERR] == ACTION_IGNORE)
		add_unequal(work, work->rule->control,
		    "a wrong code was let pass there; ours refuses");
	if (action > 0 && work->later)
		add_unequal(work, work->rule->control,
		    "our line stands below the password's, so the jumps have "
		    "to be counted anew");
}

/*
 * Files
 */

/* Where in a file a rule's logical line, or the include that leads to it, is. */
static unsigned
line_in(const struct pam_stack *stack, const struct pam_rule *rule,
    const char *file)
{
	if (strcmp(rule->file, file) == 0)
		return rule->line;
	return strcmp(file, stack->files[0]) == 0 ? rule->top_line : 0;
}

/* The last line of auth in the file. */
static unsigned
last_line(const struct pam_stack *stack, const char *file)
{
	unsigned last = 0;

	for (size_t i = 0; i < stack->count; i++) {
		unsigned line = line_in(stack, &stack->rules[i], file);

		if (stack->rules[i].type == PAM_AUTH && line > last)
			last = line;
	}
	return last;
}

/* Whether something behind the rule asks for a password. */
static bool
is_before_password(const struct pam_stack *stack, const struct pam_rule *rule)
{
	const struct pam_rule *end = stack->rules + stack->count;

	for (const struct pam_rule *r = rule + 1; r < end; r++)
		if (r->type == PAM_AUTH && pam_rule_role(r) == ROLE_FACTOR)
			return true;
	return false;
}

static bool
goes_on(const char *line)
{
	size_t len = strcspn(line, "#\n");

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	return len > 0 && line[len - 1] == '\\';
}

/* Copies the file; what stands at the rule goes, and ours comes there, or behind
 * the last line of auth where a password is still to be asked for. */
static int
copy_lines(const struct work *work, FILE *in, FILE *out)
{
	const struct pam_rule *rule = work->rule;
	unsigned last = last_line(work->stack, rule->file), number = 0;
	bool dropping = false, behind = false;
	char line[LINE_MOST];

	while (fgets(line, sizeof line, in) != NULL) {
		number++;
		if (number == rule->line)
			dropping = true;
		if (number == last && work->later)
			behind = true;
		if (!dropping)
			fprintf(out, "%s%s", line,
			    strchr(line, '\n') == NULL ? "\n" : "");
		else if (!goes_on(line) && work->later && work->split)
			write_split(work, out);
		else if (!goes_on(line) && !work->later)
			write_ours(work, out);
		if (behind && !goes_on(line)) {
			write_ours(work, out);
			behind = false;
		}
		dropping = dropping && goes_on(line);
	}
	return ferror(in) != 0 ? ERR_IO : 0;
}

static int
write_file(struct work *work, struct trouble *why)
{
	struct migration *migration = work->migration;
	struct migrated_file *file = &migration->files[migration->file_count];
	size_t size;
	FILE *in, *out;
	int r;

	if ((in = fopen(work->rule->file, "re")) == NULL)
		return err_say(why, ERR_IO, "cannot open %s: %m",
		    work->rule->file);
	*file = (struct migrated_file){ .file = work->rule->file };
	if ((out = open_memstream(&file->text, &size)) == NULL) {
		(void)fclose(in);
		return ERR_MEMORY;
	}
	r = copy_lines(work, in, out);
	(void)fclose(in);
	if (fclose(out) != 0)
		r = ERR_MEMORY;
	migration->file_count++;
	return r == ERR_IO
		   ? err_say(why, r, "cannot read %s: %m", work->rule->file)
		   : r;
}

static bool
is_foreign(const struct pam_rule *rule)
{
	return rule->type == PAM_AUTH &&
	       (pam_rule_calls(rule, GOOGLE) || pam_rule_calls(rule, OATH));
}

static int
migrate_rule(struct migration *migration, const struct pam_stack *stack,
    const struct pam_rule *rule, const char *config, struct trouble *why)
{
	struct work work = { .migration = migration,
		.stack = stack,
		.rule = rule,
		.config = config,
		.google = pam_rule_calls(rule, GOOGLE),
		.later = is_before_password(stack, rule) };

	for (size_t i = 0; i < migration->file_count; i++)
		if (strcmp(migration->files[i].file, rule->file) == 0)
			return err_say(why, ERR_INPUT,
			    "%s asks for two codes; begin by removing one",
			    rule->file);
	if (migration->file_count == MIGRATION_FILES)
		return err_say(why, ERR_INPUT, "more than %d files",
		    MIGRATION_FILES);
	take_options(&work);
	if (work.split && work.words[0] != '\0')
		add_unequal(&work, work.words + 1,
		    "password and code are typed as one, as a password is");
	judge_control(&work);
	return write_file(&work, why);
}

int
migration_make(struct migration *migration, const struct pam_stack *stack,
    const char *config, struct trouble *why)
{
	int r = 0;

	*migration = (struct migration){ 0 };
	for (size_t i = 0; i < stack->count && r == 0; i++)
		if (is_foreign(&stack->rules[i]))
			r = migrate_rule(migration, stack, &stack->rules[i],
			    config, why);
	return r;
}
