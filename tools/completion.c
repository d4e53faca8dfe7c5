#include "completion.h"

#include "text.h"

#include <stdbool.h>
#include <string.h>

struct shell;

struct table {
	const struct shell *shell;
	const struct command *commands;
	size_t count;
	FILE *out;
};

/* What stands for a value, as its name in --help tells. */
enum hint { HINT_NOTHING, HINT_FILE, HINT_USER };

static enum hint
hint_of(const char *metavar)
{
	static const struct {
		const char *name;
		enum hint hint;
	} hints[] = {
		{ "FILE", HINT_FILE },
		{ "DIR", HINT_FILE },
		{ "INPUT", HINT_FILE },
		{ "SOURCE", HINT_FILE },
		{ "USER", HINT_USER },
	};

	if (metavar == NULL)
		return HINT_NOTHING;
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (strstr(metavar, hints[i].name) != NULL)
			return hints[i].hint;
	return HINT_NOTHING;
}

/* Words of lower case that begin an operand stand for themselves: "uri | oath
 * FILE".  The next one's length, with *text at it; 0: there is none. */
static size_t
next_literal(const char **text)
{
	while (**text == ' ' || **text == '|')
		++*text;
	return strspn(*text, "abcdefghijklmnopqrstuvwxyz-");
}

/* The length of a command's first word, where it has two and is the first one
 * of those that begin with it; else 0. */
static size_t
begins_group(const struct table *table, size_t i)
{
	const char *name = table->commands[i].name;
	const char *blank = strchr(name, ' ');
	size_t len = blank == NULL ? 0 : (size_t)(blank + 1 - name);

	if (len == 0 ||
	    (i > 0 && strncmp(table->commands[i - 1].name, name, len) == 0))
		return 0;
	return len - 1;
}

static bool
in_group(const struct command *command, const char *group, size_t len)
{
	return strncmp(command->name, group, len) == 0 &&
	       command->name[len] == ' ';
}

/* In single quotes, as all three read them. */
static void
put_quoted(const char *text, FILE *out)
{
	putc('\'', out);
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	putc('\'', out);
}

/* ---- the shells ---- */

/*
 * Where the words before the cursor lead to: "", the first word of several
 * commands, or a command.  There it offers words, each with what it is for,
 * and ends with what else may follow.
 */
struct shell {
	const char *name;
	const char *head, *tail; /* around what is made */
	const char *group[2];	 /* around each first word of several */
	const char *grouped;	 /* behind all of them */
	bool values;		 /* what follows an option stands by itself */
	void (*begin)(const char *where, size_t len, FILE *out);
	void (*word)(const char *where, size_t len, const char *word,
	    size_t word_len, const char *about, FILE *out);
	void (*option)(const char *where, size_t len,
	    const struct cmd_option *option, FILE *out);
	void (*end)(const char *where, size_t len, enum hint hint, FILE *out);
};

static bool
has_letter(const struct cmd_option *option)
{
	return strcmp(option->name, CMD_OUTPUT) == 0;
}

/* Of a hint, what bash and zsh are to run. */
static const char *const actions[] = { ":", "$files", "$users" };

/* ---- bash: 'where') words='word --option' operands=... ;; ---- */

static void
bash_begin(const char *where, size_t len, FILE *out)
{
	fprintf(out, "\t'%.*s') words='", (int)len, where);
}

static void
bash_word(const char *where, size_t len, const char *word, size_t word_len,
    const char *about, FILE *out)
{
	(void)where;
	(void)len;
	(void)about;
	fprintf(out, "%.*s ", (int)word_len, word);
}

static void
bash_option(const char *where, size_t len, const struct cmd_option *option,
    FILE *out)
{
	(void)where;
	(void)len;
	fprintf(out, "--%s ", option->name);
}

static void
bash_end(const char *where, size_t len, enum hint hint, FILE *out)
{
	(void)where;
	(void)len;
	fprintf(out, "' operands=%s ;;\n",
	    hint == HINT_NOTHING ? "" : actions[hint]);
}

/* ---- zsh: 'where') words=('word:about' '--option:help') ... ;; ---- */

static void
zsh_begin(const char *where, size_t len, FILE *out)
{
	fprintf(out, "\t'%.*s') offers=(\n", (int)len, where);
}

static void
zsh_word(const char *where, size_t len, const char *word, size_t word_len,
    const char *about, FILE *out)
{
	(void)where;
	(void)len;
	fprintf(out, "\t\t'%.*s:'", (int)word_len, word);
	put_quoted(about, out);
	putc('\n', out);
}

static void
zsh_option(const char *where, size_t len, const struct cmd_option *option,
    FILE *out)
{
	(void)where;
	(void)len;
	fprintf(out, "\t\t'--%s:'", option->name);
	put_quoted(option->help, out);
	putc('\n', out);
}

static void
zsh_end(const char *where, size_t len, enum hint hint, FILE *out)
{
	(void)where;
	(void)len;
	fprintf(out, "\t\t) operands=%s ;;\n",
	    hint == HINT_NOTHING ? "" : actions[hint]);
}

/* ---- fish: a line for each ---- */

static void
fish_line(const char *where, size_t len, FILE *out)
{
	fprintf(out, "complete -c sallyport -n '__sallyport_is \"%.*s\"'",
	    (int)len, where);
}

static void
fish_begin(const char *where, size_t len, FILE *out)
{
	(void)where;
	(void)len;
	(void)out;
}

static void
fish_word(const char *where, size_t len, const char *word, size_t word_len,
    const char *about, FILE *out)
{
	fish_line(where, len, out);
	fprintf(out, " -a %.*s -d ", (int)word_len, word);
	put_quoted(about, out);
	putc('\n', out);
}

static void
fish_option(const char *where, size_t len, const struct cmd_option *option,
    FILE *out)
{
	static const char *const values[] = { " -x", " -r -F",
		" -x -a '(__fish_complete_users)'" };

	fish_line(where, len, out);
	fprintf(out, "%s -l %s%s -d ", has_letter(option) ? " -s o" : "",
	    option->name,
	    option->metavar == NULL ? "" : values[hint_of(option->metavar)]);
	put_quoted(option->help, out);
	putc('\n', out);
}

static void
fish_end(const char *where, size_t len, enum hint hint, FILE *out)
{
	static const char *const operands[] = { "", " -F\n",
		" -a '(__fish_complete_users)'\n" };

	if (hint == HINT_NOTHING)
		return;
	fish_line(where, len, out);
	fputs(operands[hint], out);
}

/* clang-format off */
static const struct shell shells[] = {
	{ "bash",
	    "# bash completion of sallyport: 'sallyport completion bash'\n"
	    "_sallyport()\n"
	    "{\n"
	    "\tlocal command= words= operands= i\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}"
	    " prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	    "\tlocal files='compopt -o filenames;"
	    " mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")'\n"
	    "\tlocal users='mapfile -t COMPREPLY"
	    " < <(compgen -u -- \"$cur\")'\n"
	    "\n"
	    "\tCOMPREPLY=()\n"
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	    "\t\tcase ${COMP_WORDS[i]} in\n"
	    "\t\t--config) ((i++)); continue ;;\n"
	    "\t\t-*) continue ;;\n"
	    "\t\tesac\n"
	    "\t\tcommand+=${command:+ }${COMP_WORDS[i]}\n"
	    "\t\tcase $command in\n",
	    "\tesac\n"
	    "\tif [[ $cur != -* && $operands ]]; then\n"
	    "\t\teval \"$operands\"\n"
	    "\t\twords=${words%%--*}\n"
	    "\tfi\n"
	    "\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY"
	    " < <(compgen -W \"$words\" -- \"$cur\")\n"
	    "}\n"
	    "complete -F _sallyport sallyport\n",
	    { "\t\t", ") ;;\n" }, "\t\t*) break ;;\n\t\tesac\n\tdone\n", true,
	    bash_begin, bash_word, bash_option, bash_end },
	{ "fish",
	    "# fish completion of sallyport: 'sallyport completion fish'\n"
	    "function __sallyport_is\n"
	    "    set -l words (commandline -opc)\n"
	    "    set -l command\n"
	    "    set -e words[1]\n"
	    "    while set -q words[1]\n"
	    "        switch $words[1]\n"
	    "            case --config\n"
	    "                set -q words[2]; and set -e words[2]\n"
	    "            case '-*'\n"
	    "            case '*'\n"
	    "                set -a command $words[1]\n"
	    "                switch \"$command\"\n",
	    "",
	    { "                    case ", "\n" },
	    "                    case '*'\n"
	    "                        break\n"
	    "                end\n"
	    "        end\n"
	    "        set -e words[1]\n"
	    "    end\n"
	    "    test \"$command\" = $argv[1]\n"
	    "end\n"
	    "complete -c sallyport -f\n", false,
	    fish_begin, fish_word, fish_option, fish_end },
	{ "zsh",
	    "#compdef sallyport\n"
	    "# zsh completion of sallyport: 'sallyport completion zsh'\n"
	    "_sallyport()\n"
	    "{\n"
	    "\tlocal command= prev=$words[CURRENT-1] operands=\n"
	    "\tlocal files=_files users=_users\n"
	    "\tlocal -a offers\n"
	    "\tinteger i\n"
	    "\n"
	    "\tfor ((i = 2; i < CURRENT; i++)); do\n"
	    "\t\tcase $words[i] in\n"
	    "\t\t--config) ((i++)); continue ;;\n"
	    "\t\t-*) continue ;;\n"
	    "\t\tesac\n"
	    "\t\tcommand+=${command:+ }$words[i]\n"
	    "\t\tcase $command in\n",
	    "\tesac\n"
	    "\tif [[ $PREFIX != -* && -n $operands ]]; then\n"
	    "\t\teval \"$operands\"\n"
	    "\t\toffers=(${offers:#-*})\n"
	    "\tfi\n"
	    "\t_describe word offers\n"
	    "}\n"
	    "if (( $+functions[compdef] )); then\n"
	    "\tcompdef _sallyport sallyport\n"
	    "fi\n",
	    { "\t\t", ") ;;\n" }, "\t\t*) break ;;\n\t\tesac\n\tdone\n", true,
	    zsh_begin, zsh_word, zsh_option, zsh_end },
};

static const struct cmd_option common[] = {
	{ "config", "FILE", "read the settings from FILE" },
	{ "json", NULL, "print one JSON document" },
	{ "help", NULL, "print what there is" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

/* ---- the table, walked ---- */

static void
offer_options(const struct table *table, const struct command *command,
    const struct cmd_option *options)
{
	const char *where = command == NULL ? "" : command->name;

	for (; options->name != NULL; options++)
		table->shell->option(where, strlen(where), options, table->out);
}

/* All commands: alone, or by the first of two words. */
static void
offer_commands(const struct table *table)
{
	const struct shell *shell = table->shell;

	shell->begin("", 0, table->out);
	for (size_t i = 0; i < table->count; i++) {
		const struct command *command = &table->commands[i];
		size_t len = begins_group(table, i);

		if (len > 0)
			shell->word("", 0, command->name, len,
			    "several commands", table->out);
		else if (strchr(command->name, ' ') == NULL)
			shell->word("", 0, command->name, strlen(command->name),
			    command->summary, table->out);
	}
	offer_options(table, NULL, common);
	shell->end("", 0, HINT_NOTHING, table->out);
}

/* The second words of those that begin with group[0..len). */
static void
offer_group(const struct table *table, const char *group, size_t len)
{
	const struct shell *shell = table->shell;

	shell->begin(group, len, table->out);
	for (size_t i = 0; i < table->count; i++) {
		const struct command *command = &table->commands[i];
		const char *word = command->name + len + 1;

		if (in_group(command, group, len))
			shell->word(group, len, word, strlen(word),
			    command->summary, table->out);
	}
	shell->end(group, len, HINT_NOTHING, table->out);
}

/* What a command can be followed by. */
static void
offer_words(const struct table *table, const struct command *command)
{
	const struct shell *shell = table->shell;
	const char *name = command->name, *text = command->operands;
	size_t len;

	shell->begin(name, strlen(name), table->out);
	for (; text != NULL && (len = next_literal(&text)) > 0;
	     text = strchr(text, '|'))
		shell->word(name, strlen(name), text, len, command->summary,
		    table->out);
	offer_options(table, command, command->options);
	offer_options(table, command, common);
	shell->end(name, strlen(name), hint_of(command->operands), table->out);
}

/* What follows an option that takes a value. */
static void
offer_values(const struct table *table)
{
	fputs("\tcase $command:$prev in\n"
	      "\t*:--config) eval $files; return ;;\n",
	    table->out);
	for (size_t i = 0; i < table->count; i++) {
		const char *name = table->commands[i].name;
		const struct cmd_option *option = table->commands[i].options;

		for (; option->name != NULL; option++) {
			if (option->metavar == NULL)
				continue;
			fprintf(table->out, "\t'%s:--%s'", name, option->name);
			if (has_letter(option))
				fprintf(table->out, " | '%s:-o'", name);
			fprintf(table->out, ") eval \"%s\"; return ;;\n",
			    actions[hint_of(option->metavar)]);
		}
	}
	fputs("\tesac\n\tcase $command in\n", table->out);
}

static void
print(const struct table *table)
{
	const struct shell *shell = table->shell;
	size_t len;

	fputs(shell->head, table->out);
	for (size_t i = 0; i < table->count; i++)
		if ((len = begins_group(table, i)) > 0)
			fprintf(table->out, "%s%.*s%s", shell->group[0],
			    (int)len, table->commands[i].name, shell->group[1]);
	fputs(shell->grouped, table->out);
	if (shell->values)
		offer_values(table);
	offer_commands(table);
	for (size_t i = 0; i < table->count; i++) {
		if ((len = begins_group(table, i)) > 0)
			offer_group(table, table->commands[i].name, len);
		offer_words(table, &table->commands[i]);
	}
	fputs(shell->tail, table->out);
}

int
completion_print(const char *shell, const struct command *commands,
    size_t count, FILE *out)
{
	struct table table = { NULL, commands, count, out };

	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (strcmp(shells[i].name, shell) == 0)
			table.shell = &shells[i];
	if (table.shell == NULL)
		return ERR_INPUT;
	print(&table);
	return 0;
}
