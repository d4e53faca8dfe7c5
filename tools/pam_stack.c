#include "pam_stack.h"

#include "io.h"
#include "mem.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	FILE_MOST = 256 * 1024, /* bytes; no stack comes near */
	LINE_ROOM = 1024,	/* libpam 1.5 cuts longer lines in two */
	FILES_MOST = 500,	/* read for one service; more is a loop */
	JUMP_MOST = 10000,	/* longer than any stack: a bad jump */
};

/* What is being read, and for whom. */
struct reader {
	struct pam_stack *stack;
	const struct pam_dirs *dirs;
	bool since_1_6;
	unsigned top_line;
	int includes; /* how deep */
	struct trouble *why;
};

/* Where in it: the file's rules go to this type alone (PAM_TYPES: to each
 * line's own) at this level. */
struct place {
	const char *file;
	unsigned line;
	enum pam_type only;
	int level;
};

/* A file's text and how far it has been read. */
struct text {
	const char *at, *end;
	unsigned line; /* the number of the line at `at` */
};

static const char *const type_names[PAM_TYPES] = {
	[PAM_AUTH] = "auth",
	[PAM_ACCOUNT] = "account",
	[PAM_PASSWORD] = "password",
	[PAM_SESSION] = "session",
};

const char *
pam_type_name(enum pam_type type)
{
	return type_names[type];
}

/* clang-format off */
static const char *const result_names[RESULT_COUNT + 1] = {
	"success", "open_err", "symbol_err", "service_err", "system_err",
	"buf_err", "perm_denied", "auth_err", "cred_insufficient",
	"authinfo_unavail", "user_unknown", "maxtries", "new_authtok_reqd",
	"acct_expired", "session_err", "cred_unavail", "cred_expired",
	"cred_err", "no_module_data", "conv_err", "authtok_err",
	"authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging",
	"try_again", "ignore", "abort", "authtok_expired", "module_unknown",
	"bad_item", "conv_again", "incomplete", "default"
};

static const struct {
	const char *name;
	int action;
} action_names[] = {
	{ "ignore", ACTION_IGNORE }, { "ok", ACTION_OK },
	{ "done", ACTION_DONE }, { "bad", ACTION_BAD },
	{ "die", ACTION_DIE }, { "reset", ACTION_RESET },
};

/* The keywords: what they make of success (and a password to be changed), of
 * "ignore me", and of everything else. */
static const struct {
	const char *name;
	int success, ignore, otherwise;
} keywords[] = {
	{ "required",   ACTION_OK,   ACTION_IGNORE, ACTION_BAD },
	{ "requisite",  ACTION_OK,   ACTION_IGNORE, ACTION_DIE },
	{ "optional",   ACTION_OK,   ACTION_IGNORE, ACTION_IGNORE },
	{ "sufficient", ACTION_DONE, ACTION_IGNORE, ACTION_IGNORE },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* libpam gives up on a file here.  Whether on the service too is for the line
 * to say that included it. */
static int
give_up(struct reader *reader, const struct place *place, const char *what)
{
	return err_say(&reader->stack->reason, ERR_INPUT, "%s:%u: %s",
	    place->file, place->line, what);
}

const char *
pam_result_name(int result)
{
	return result_names[result];
}

/*
 * Lines
 */

static bool
is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static const char *
skip_separators(const char *s)
{
	while (is_separator(*s))
		s++;
	return s;
}

/* The next line, or as much of it as fits into room bytes with a NUL. */
static bool
next_chunk(struct text *text, char *buffer, size_t room)
{
	size_t n = (size_t)(text->end - text->at);
	const char *newline;

	if (n == 0 || room < 2)
		return false;
	if ((newline = memchr(text->at, '\n', n)) != NULL)
		n = (size_t)(newline + 1 - text->at);
	if (n > room - 1)
		n = room - 1;
	memcpy(buffer, text->at, n);
	buffer[n] = '\0';
	text->at += n;
	if (text->at[-1] == '\n')
		text->line++;
	return true;
}

/* Cuts a comment off.  Returns where the next line is to be put if this one
 * goes on there, or NULL. */
static char *
line_continues(char *line)
{
	char *end = line + strcspn(line, "#");

	if (*end == '#') {
		*end = '\0';
		return NULL; /* also where a backslash stands before it */
	}
	while (end > line && is_separator(end[-1]))
		end--;
	if (end == line || end[-1] != '\\')
		return NULL;
	end[-1] = ' ';
	*end = '\0';
	return end;
}

static void
note_torn(struct reader *reader, const struct place *place)
{
	struct pam_stack *stack = reader->stack;

	if (stack->torn_file != NULL)
		return;
	stack->torn_file = place->file;
	stack->torn_line = place->line;
}

/*
 * Puts one logical line together: blank and comment lines are passed over, a
 * backslash at the end goes on with the next.  place->line becomes the number
 * of the first.  Returns 1, 0 at the end, or ERR_INPUT where libpam gives up:
 * the file ends in a line that goes on, or there is no room.
 */
static int
assemble(struct reader *reader, struct text *text, char *buffer, size_t room,
    struct place *place)
{
	char *at = buffer;

	for (;;) {
		unsigned line = text->line;
		const char *first;

		if (!next_chunk(text, at, (size_t)(buffer + room - at)))
			return at == buffer ? 0 : ERR_INPUT;
		first = skip_separators(at);
		if (*first == '\0' || *first == '#') {
			if (at == buffer)
				continue;
			note_torn(reader, place);
			if (!reader->since_1_6)
				continue;
			*at = '\0';
			return 1;
		}
		if (at == buffer)
			place->line = line;
		else if (reader->since_1_6)
			memmove(at, first, strlen(first) + 1);
		if ((at = line_continues(at)) == NULL)
			return 1;
	}
}

/* Ends a bracketed word at its "]" and turns each "\]" in it into "]". */
static char *
end_bracket(char *from, char **end_out)
{
	char *to = from, *end = from;

	for (; *end != '\0' && *end != ']'; to++, end++) {
		if (end[0] == '\\' && end[1] == ']')
			end++;
		*to = *end;
	}
	*end_out = *end == '\0' ? end : end + 1;
	*to = '\0';
	return from;
}

/* Cuts the next word off; "[a b]" is one.  NULL: none left. */
static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\n");
	char *end;

	if (*word == '\0')
		return NULL;
	if (*word == '[')
		return end_bracket(word + 1, rest);
	end = word + strcspn(word, " \t\n");
	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/*
 * Controls
 */

static void
set_unset(int actions[RESULT_COUNT], int action)
{
	for (int i = 0; i < RESULT_COUNT; i++)
		if (actions[i] == ACTION_UNSET)
			actions[i] = action;
}

static void
set_all(int actions[RESULT_COUNT], int action)
{
	for (int i = 0; i < RESULT_COUNT; i++)
		actions[i] = action;
}

static const char *
skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* A result's name, as far as libpam reads: what follows is not looked at. */
static int
take_result(const char **at)
{
	for (int i = 0; i <= RESULT_COUNT; i++) {
		size_t len = strlen(result_names[i]);

		if (strncmp(*at, result_names[i], len) == 0) {
			*at += len;
			return i;
		}
	}
	return ERR_INPUT;
}

/* A jump's length; 0 is none. */
static int
take_number(const char **at, int *number_out)
{
	int number = 0;

	for (; isdigit((unsigned char)**at); (*at)++)
		if (number < JUMP_MOST)
			number = number * 10 + (**at - '0');
	*number_out = number;
	return number > 0 ? 0 : ERR_INPUT;
}

static int
take_action(const char **at, int *action_out)
{
	for (size_t i = 0; i < COUNT(action_names); i++) {
		size_t len = strlen(action_names[i].name);

		if (strncmp(*at, action_names[i].name, len) == 0) {
			*at += len;
			*action_out = action_names[i].action;
			return 0;
		}
	}
	return take_number(at, action_out);
}

/* One "result=action". */
static int
take_pair(const char **at, int actions[RESULT_COUNT])
{
	int result, action;

	if ((result = take_result(at)) < 0)
		return ERR_INPUT;
	*at = skip_space(*at);
	if (*(*at)++ != '=')
		return ERR_INPUT;
	*at = skip_space(*at);
	if (take_action(at, &action) < 0)
		return ERR_INPUT;
	if (result == RESULT_COUNT)
		set_unset(actions, action);
	else
		actions[result] = action;
	return 0;
}

/* "success=1 default=ignore"; with an error in it, everything is bad. */
static void
read_pairs(int actions[RESULT_COUNT], const char *pairs)
{
	for (const char *at = skip_space(pairs); *at != '\0';
	     at = skip_space(at))
		if (take_pair(&at, actions) < 0) {
			set_all(actions, ACTION_BAD);
			return;
		}
	set_unset(actions, ACTION_BAD);
}

static void
read_control(int actions[RESULT_COUNT], const char *control)
{
	set_all(actions, ACTION_UNSET);
	for (size_t i = 0; i < COUNT(keywords); i++) {
		if (strcasecmp(keywords[i].name, control) != 0)
			continue;
		actions[RESULT_SUCCESS] = keywords[i].success;
		actions[RESULT_NEW_AUTHTOK_REQD] = keywords[i].success;
		actions[RESULT_IGNORE] = keywords[i].ignore;
		set_unset(actions, keywords[i].otherwise);
		return;
	}
	read_pairs(actions, control);
}

/*
 * Rules
 */

static int
add_rule(struct reader *reader, const struct place *place,
    struct pam_rule **rule_out)
{
	struct pam_stack *stack = reader->stack;
	struct pam_rule *rules =
	    reallocarray(stack->rules, stack->count + 1, sizeof *rules);

	if (rules == NULL)
		return ERR_MEMORY;
	stack->rules = rules;
	*rule_out = &rules[stack->count++];
	**rule_out = (struct pam_rule){ .type = place->only,
		.level = place->level,
		.control = "",
		.module = "",
		.file = place->file,
		.line = place->line,
		.top_line =
		    reader->includes > 0 ? reader->top_line : place->line };
	return 0;
}

static int
add_marker(struct reader *reader, const struct place *place,
    enum pam_rule_kind kind)
{
	struct pam_rule *rule;
	int r;

	if ((r = add_rule(reader, place, &rule)) < 0)
		return r;
	rule->kind = kind;
	set_all(rule->actions, ACTION_BAD);
	return 0;
}

static int
read_args(struct pam_rule *rule, char *rest)
{
	char *word;

	while ((word = next_word(&rest)) != NULL) {
		const char **args = reallocarray(rule->args,
		    (size_t)rule->arg_count + 1, sizeof *args);

		if (args == NULL)
			return ERR_MEMORY;
		rule->args = args;
		args[rule->arg_count++] = word;
	}
	return 0;
}

/* The file name without folder and ending, which libpam reports by. */
static size_t
base_name(const char *module, const char **base_out)
{
	const char *slash = strrchr(module, '/');
	const char *dot;

	*base_out = slash == NULL ? module : slash + 1;
	dot = strrchr(*base_out, '.');
	return dot == NULL ? strlen(*base_out) : (size_t)(dot - *base_out);
}

static bool
is_nameless(const char *module)
{
	const char *base;
	size_t len = base_name(module, &base);

	return len == 0 || (len == 1 && base[0] == '?');
}

/* The rest of a line that calls a module: control, module, arguments.  text
 * is what they point into, and given away. */
static int
add_module(struct reader *reader, const struct place *place, char *text,
    const char *control, char *rest, bool broken)
{
	struct pam_rule *rule;
	const char *module;
	int r;

	if ((r = add_rule(reader, place, &rule)) < 0) {
		free(text);
		return r;
	}
	rule->text = text;
	rule->control = control == NULL ? "" : control;
	read_control(rule->actions, rule->control);
	module = next_word(&rest);
	if (control == NULL || module == NULL)
		broken = true;
	rule->kind = broken ? RULE_BROKEN : RULE_MODULE;
	if (module == NULL)
		return 0;
	rule->module = module;
	if (is_nameless(module))
		return give_up(reader, place, "the module has no name");
	return read_args(rule, rest);
}

static int read_service(struct reader *reader, const char *name,
    const struct place *place);

/* A line that brings in another file. */
static int
add_include(struct reader *reader, const struct place *place, const char *name,
    bool substack)
{
	struct place inside = *place;
	int r, depth;

	if (name == NULL)
		return give_up(reader, place, "the include names no file");
	if (substack) {
		if ((r = add_marker(reader, place, RULE_SUBSTACK)) < 0)
			return r;
		inside.level++;
	}
	if (reader->includes++ == 0)
		reader->top_line = place->line;
	depth = reader->since_1_6 ? reader->includes : inside.level;
	r = depth < PAM_LEVELS ? read_service(reader, name, &inside)
			       : ERR_MISSING;
	reader->includes--;
	if (r != ERR_MISSING && r != ERR_INPUT)
		return r;
	if (place->only != PAM_TYPES)
		return add_marker(reader, place, RULE_BROKEN);
	return r == ERR_INPUT
		   ? r
		   : give_up(reader, place, "the included file is missing");
}

/* The first word of a line.  A leading "-" only spares the log. */
static bool
read_type(const char *word, enum pam_type *type_out)
{
	if (*word == '-')
		word++;
	for (int i = 0; i < PAM_TYPES; i++)
		if (strcasecmp(type_names[i], word) == 0) {
			*type_out = (enum pam_type)i;
			return true;
		}
	return false;
}

/* Debian's: a whole file, of all types or of the type being read. */
static bool
is_at_include(const char *word)
{
	return strcasecmp(word[0] == '-' ? word + 1 : word, "@include") == 0;
}

/* One logical line.  What libpam cannot read fails as the type being read,
 * or as auth. */
static int
read_line(struct reader *reader, const struct place *where, const char *line)
{
	struct place place = *where;
	AUTO_FREE char *text = strdup(line);
	char *rest = text, *word, *owned;
	bool known;

	if (text == NULL)
		return ERR_MEMORY;
	if ((word = next_word(&rest)) == NULL)
		return 0; /* lines without a word do not come here */
	if (is_at_include(word))
		return add_include(reader, where, next_word(&rest), false);
	place.only = where->only == PAM_TYPES ? PAM_AUTH : where->only;
	known = read_type(word, &place.only);
	if (where->only != PAM_TYPES && place.only != where->only)
		return 0;
	word = next_word(&rest);
	if (word != NULL && strcasecmp(word, "include") == 0)
		return add_include(reader, &place, next_word(&rest), false);
	if (word != NULL && strcasecmp(word, "substack") == 0)
		return add_include(reader, &place, next_word(&rest), true);
	owned = text;
	text = NULL;
	return add_module(reader, &place, owned, word, rest, !known);
}

/*
 * Files
 */

static int
remember_file(struct pam_stack *stack, const char *path, const char **out)
{
	char **files =
	    reallocarray(stack->files, stack->file_count + 1, sizeof *files);

	if (files == NULL)
		return ERR_MEMORY;
	stack->files = files;
	if ((files[stack->file_count] = strdup(path)) == NULL)
		return ERR_MEMORY;
	*out = files[stack->file_count++];
	return 0;
}

static int
read_lines(struct reader *reader, struct text text, const char *path,
    const struct place *as)
{
	struct place place = *as;
	size_t room =
	    reader->since_1_6 ? (size_t)(text.end - text.at) + 1 : LINE_ROOM;
	AUTO_FREE char *buffer = malloc(room);
	int r;

	if (buffer == NULL)
		return ERR_MEMORY;
	if ((r = remember_file(reader->stack, path, &place.file)) < 0)
		return r;
	while ((r = assemble(reader, &text, buffer, room, &place)) > 0)
		if ((r = read_line(reader, &place, buffer)) < 0)
			return r;
	return r < 0 ? give_up(reader, &place, "the line has no end") : 0;
}

/* Returns 0, ERR_MISSING (libpam finds nothing either), ERR_IO, ERR_MEMORY. */
static int
read_path(struct reader *reader, const char *path, const struct place *as)
{
	AUTO_CLOSE
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO_FREE char *bytes = NULL;
	ssize_t n;

	if (reader->stack->file_count == FILES_MOST)
		return err_say(reader->why, ERR_IO,
		    "%s seems to include itself", path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return ERR_MISSING;
	if (fd < 0)
		return err_say(reader->why, ERR_IO, "cannot open %s: %m", path);
	if ((bytes = malloc(FILE_MOST + 1)) == NULL)
		return ERR_MEMORY;
	if ((n = io_read_up_to(fd, bytes, FILE_MOST + 1)) < 0)
		return err_say(reader->why, ERR_IO, "cannot read %s: %m", path);
	if (n > FILE_MOST)
		return err_say(reader->why, ERR_IO, "%s is longer than %d KiB",
		    path, FILE_MOST / 1024);
	return read_lines(reader, (struct text){ bytes, bytes + n, 1 }, path,
	    as);
}

static int
read_service(struct reader *reader, const char *name, const struct place *place)
{
	if (name[0] == '/')
		return read_path(reader, name, place);
	for (size_t i = 0; i < COUNT(reader->dirs->dirs); i++) {
		AUTO_FREE char *path = NULL;
		int r;

		if (reader->dirs->dirs[i] == NULL)
			continue;
		if (asprintf(&path, "%s/%s", reader->dirs->dirs[i], name) < 0)
			return ERR_MEMORY;
		if ((r = read_path(reader, path, place)) != ERR_MISSING)
			return r;
	}
	return ERR_MISSING;
}

/*
 * Services
 */

static void
rule_done(struct pam_rule *rule)
{
	free(rule->args);
	free(rule->text);
}

void
pam_stack_done(struct pam_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		rule_done(&stack->rules[i]);
	for (size_t i = 0; i < stack->file_count; i++)
		free(stack->files[i]);
	free(stack->rules);
	free(stack->files);
	*stack = (struct pam_stack){ 0 };
}

/* Drops the lines of "other", from rule first on, that stand in for nothing:
 * those of types the service has lines for itself. */
static void
keep_missing_types(struct pam_stack *stack, size_t first)
{
	bool present[PAM_TYPES] = { false };
	size_t kept = first;

	for (size_t i = 0; i < first; i++)
		present[stack->rules[i].type] = true;
	for (size_t i = first; i < stack->count; i++)
		if (present[stack->rules[i].type])
			rule_done(&stack->rules[i]);
		else
			stack->rules[kept++] = stack->rules[i];
	stack->count = kept;
}

/* What libpam makes of the service's file and of "other". */
static int
read_both(struct reader *reader, const char *service)
{
	const struct place whole = { "", 0, PAM_TYPES, 0 };
	size_t own;
	int r, s;

	r = read_service(reader, service, &whole);
	if (r < 0 && r != ERR_MISSING)
		return r;
	own = reader->stack->count;
	s = read_service(reader, "other", &whole);
	if (s < 0 && s != ERR_MISSING)
		return s;
	keep_missing_types(reader->stack, own);
	if (r == ERR_MISSING && s == ERR_MISSING)
		return err_say(&reader->stack->reason, ERR_INPUT,
		    "neither %s nor other has a file", service);
	return 0;
}

int
pam_stack_read(struct pam_stack *stack, const struct pam_dirs *dirs,
    const char *service, struct trouble *why)
{
	struct reader reader = { .stack = stack,
		.dirs = dirs,
		.since_1_6 =
		    dirs->release == PAM_SINCE_1_6 ||
		    (dirs->release == PAM_AS_BUILT && LIBPAM_SINCE_1_6),
		.why = why };
	const char *slash = strrchr(service, '/');
	AUTO_FREE char *name = strdup(slash == NULL ? service : slash + 1);
	int r;

	*stack = (struct pam_stack){ 0 };
	if (name == NULL)
		return ERR_MEMORY;
	for (char *c = name; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a'); /* as pam_start does */
	if ((r = read_both(&reader, name)) != ERR_INPUT)
		return r;
	stack->aborted = true;
	return 0;
}

int
pam_stack_chain(const struct pam_stack *stack, enum pam_type type,
    struct pam_chain *chain_out)
{
	chain_out->count = 0;
	for (size_t i = 0; i < stack->count; i++) {
		if (stack->rules[i].type != type)
			continue;
		if (chain_out->count == PAM_RULES_MAX)
			return ERR_INPUT;
		chain_out->rules[chain_out->count++] = &stack->rules[i];
	}
	return 0;
}

bool
pam_rule_calls(const struct pam_rule *rule, const char *module)
{
	const char *base;
	size_t len;

	if (rule->kind != RULE_MODULE)
		return false;
	len = base_name(rule->module, &base);
	return len == strlen(module) && strncmp(base, module, len) == 0;
}

bool
pam_rule_has(const struct pam_rule *rule, const char *word)
{
	for (int i = 0; i < rule->arg_count; i++)
		if (strcmp(rule->args[i], word) == 0)
			return true;
	return false;
}

/*
 * Walking
 */

/* What the walk thinks so far: failing once is failing for good. */
enum impression { UNDECIDED, GOOD, BAD };

struct opinion {
	enum impression impression;
	int status;
};

static bool
is_deeper(const struct pam_chain *chain, size_t i, int level)
{
	return i < chain->count && chain->rules[i]->level > level;
}

/* The last rule of the substack that rule i is in (or of the chain). */
static size_t
end_of_level(const struct pam_chain *chain, size_t i)
{
	int level = chain->rules[i]->level;

	while (is_deeper(chain, i + 1, level - 1))
		i++;
	return i;
}

/* The rule after which things go on if rule i jumps over *n others; *n is
 * left above 0 if there are not so many.  A substack is one. */
static size_t
end_of_jump(const struct pam_chain *chain, size_t i, int *n)
{
	int level = chain->rules[i]->level;

	for (; *n > 0 && is_deeper(chain, i + 1, level - 1); (*n)--) {
		do
			i++;
		while (is_deeper(chain, i + 1, level));
	}
	return i;
}

size_t
pam_chain_jump(const struct pam_chain *chain, size_t i, int n)
{
	return end_of_jump(chain, i, &n) + 1;
}

static void
agree(struct opinion *opinion, int result)
{
	if (opinion->impression == UNDECIDED ||
	    (opinion->impression == GOOD && opinion->status == RESULT_SUCCESS))
		*opinion = (struct opinion){ GOOD, result };
}

/* Returns whether it was this that made the walk fail. */
static bool
disagree(struct opinion *opinion, int result)
{
	if (opinion->impression == BAD)
		return false;
	opinion->impression = BAD;
	opinion->status = result == RESULT_IGNORE ? RESULT_PERM_DENIED : result;
	return true;
}

struct walker {
	const struct pam_chain *chain;
	struct pam_walk *walk;
	struct opinion now;
	struct opinion before[PAM_LEVELS]; /* on entering each substack */
};

static void
spoil(struct walker *walker, size_t i, int result)
{
	if (disagree(&walker->now, result))
		walker->walk->spoiler = i;
}

/* Returns the last rule used up: i itself, or more of them. */
static size_t
jump(struct walker *walker, size_t i, int n)
{
	size_t last = end_of_jump(walker->chain, i, &n);

	if (n > 0) {
		/* A bad jump; unlike others it overrides even a failure. */
		walker->now.impression = UNDECIDED;
		spoil(walker, i, RESULT_PERM_DENIED);
	}
	return last;
}

static size_t
act(struct walker *walker, size_t i, int result, int action)
{
	const struct pam_chain *chain = walker->chain;

	switch (action) {
	case ACTION_IGNORE:
		return i;
	case ACTION_RESET:
		walker->now = walker->before[chain->rules[i]->level];
		if (walker->now.impression != BAD)
			walker->walk->spoiler = chain->count;
		return i;
	case ACTION_OK:
	case ACTION_DONE:
		agree(&walker->now, result);
		if (action == ACTION_DONE && walker->now.impression == GOOD)
			return end_of_level(chain, i);
		return i;
	case ACTION_BAD:
		spoil(walker, i, result);
		return i;
	case ACTION_DIE:
		spoil(walker, i, result);
		return end_of_level(chain, i);
	default:
		return jump(walker, i, action);
	}
}

static size_t
call(struct walker *walker, size_t i, int result)
{
	const struct pam_rule *rule = walker->chain->rules[i];

	walker->walk->called[walker->walk->count++] = i;
	if (rule->kind == RULE_BROKEN)
		result = RESULT_PERM_DENIED;
	if (result < 0 || result >= RESULT_COUNT)
		return act(walker, i, RESULT_PERM_DENIED, ACTION_BAD);
	return act(walker, i, result, rule->actions[result]);
}

void
pam_chain_walk(const struct pam_chain *chain, const int *results,
    struct pam_walk *walk_out)
{
	const struct opinion none = { UNDECIDED, RESULT_PERM_DENIED };
	struct walker walker = { .chain = chain, .walk = walk_out };
	int level = 0;

	walker.now = walker.before[0] = none;
	walk_out->count = 0;
	walk_out->spoiler = chain->count;
	for (size_t i = 0; i < chain->count; i++) {
		const struct pam_rule *rule = chain->rules[i];

		if (level < rule->level)
			walker.before[rule->level] = walker.now;
		level = rule->level;
		if (rule->kind != RULE_SUBSTACK)
			i = call(&walker, i, results[i]);
	}
	walk_out->status = walker.now.status;
	if (walker.now.impression != GOOD && walk_out->status == RESULT_SUCCESS)
		walk_out->status = RESULT_PERM_DENIED; /* "success=bad" */
}
