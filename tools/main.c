/* sallyport: the table of commands, and the one way they are read. */
#include "cmd.h"

#include "show.h"
#include "term.h"
#include "text.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

/* clang-format off */
#define USER_OPTION { "user", "USER", "whose (default: who runs this)" }
#define YES_OPTION  { "yes", NULL, "do not ask" }
#define ALL_OPTION  { "all", NULL, "everybody who is enrolled" }
#define LIST_OPTION { "list", "FILE", "other indexes than breach_lists names" }

static const struct command commands[] = {
	{ "adopt", "[USER]", 0, 1,
	    "let a renamed user keep his enrolment",
	    cmd_adopt, { ALL_OPTION, YES_OPTION },
	    "USER is the new name.  Who got the uid of somebody else has to\n"
	    "be reset, not adopted." },
	{ "after-restore", NULL, 0, 0,
	    "make a store that came from a backup safe to use",
	    cmd_after_restore, { YES_OPTION },
	    "Codes that were used since the backup would open again: whatever\n"
	    "may have been used is spent.  What says 'to resync' counts." },
	{ "breach build", "INPUT...", 1, INT_MAX,
	    "make an index of a list of breached passwords",
	    cmd_breach_build,
	    { { CMD_OUTPUT, "FILE", "the index to make or replace" },
	      { "bits", "K", "a false alarm in 2^K passwords (default: 24)" },
	      { "counts", NULL, "keep how often each was seen (default)" },
	      { "no-counts", NULL, "do not: two bits less for each" },
	      { "min-count", "N", "keep what was seen N times or more" },
	      { "target-size", "SIZE", "keep as much as fits into SIZE" },
	      { "hash", "KIND", "sha1 or nt (default: as the list has it)" },
	      { "words", NULL, "the list is of passwords, one a line" },
	      { "partial", NULL, "folders may lack ranges" },
	      { "memory", "SIZE", "to sort with (default: 1G)" } },
	    "INPUT is a file of lines HASH:COUNT, a folder of range files\n"
	    "(00000.txt to FFFFF.txt), or - for standard input; plain, or\n"
	    "packed by gzip or xz.  A list in order is fastest." },
	{ "breach check", NULL, 0, 0,
	    "look a password up in the list",
	    cmd_breach_check,
	    { LIST_OPTION,
	      { "batch", NULL, "many passwords: lines of standard input" } },
	    "The password is asked for, or read from standard input, and leaves\n"
	    "this machine in no form.  Exit status 1 means that it, or one of\n"
	    "many, is in the list." },
	{ "breach info", NULL, 0, 0,
	    "show what the lists are and hold",
	    cmd_breach_info, { LIST_OPTION }, NULL },
	{ "breach verify", "[SOURCE...]", 0, INT_MAX,
	    "read all of a list, and look for what it was made from",
	    cmd_breach_verify,
	    { LIST_OPTION,
	      { "words", NULL, "SOURCE is of passwords, one a line" },
	      { "partial", NULL, "folders may lack ranges" } },
	    "Each SOURCE is what 'sallyport breach build' takes as INPUT, and\n"
	    "each of its lines is looked up.  Exit status 1 means that an index\n"
	    "is damaged, or that a line is not in it." },
	{ "bypass", "USER", 1, 1,
	    "give out a code for one login, without phone or token",
	    cmd_bypass,
	    { { "for", "DURATION", "how long, 1m to 1d (default: 1h)" },
	      { "cancel", NULL, "end the bypass there is" } },
	    "The code is shown this once; a new one takes the place of one\n"
	    "before.  The user is told of it at the next login." },
	{ "completion", "bash | fish | zsh", 1, 1,
	    "print what completes the words of this program in a shell",
	    cmd_completion, { { NULL, NULL, NULL } },
	    "Installed packages bring it along.  Elsewhere, this belongs into\n"
	    "~/.bashrc: source <(sallyport completion bash)" },
	{ "doctor", NULL, 0, 0,
	    "find what would lock people out or let them past",
	    cmd_doctor,
	    { { "pam-dir", "DIR", "the PAM stacks (default: /etc/pam.d)" },
	      { "sshd-config", "FILE", "sshd's settings" },
	      { "service", "SERVICE", "only this PAM service" },
	      { "migrate", NULL, "what takes another module's place" } },
	    "Exit status 1 means that something is wrong.  --migrate reads the\n"
	    "stack of SERVICE (default: sshd), with pam_google_authenticator or\n"
	    "pam_oath in it, and prints the same with pam_sallyport." },
	{ "enroll", NULL, 0, 0,
	    "enrol an authenticator, confirmed by its first code",
	    cmd_enroll,
	    { USER_OPTION,
	      { "name", "NAME", "what to call it (default: phone, phone-2...)" },
	      { "hotp", NULL, "codes by counter, not by time" },
	      { "digits", "N", "6, 7 or 8" },
	      { "algorithm", "HASH", "SHA1 (default), SHA256 or SHA512" },
	      { "period", "SECONDS", "of a code, 15 to 120 (default: 30)" },
	      { "issuer", "TEXT", "what the app shows beside the user" },
	      { "qr", "MODE", "utf8, ascii, svg:FILE or none" },
	      { "pending", NULL, "confirmed by the first code at a login" } },
	    "Nothing is stored before a right code confirms that phone and\n"
	    "machine agree, except with --pending.  A first enrolment also\n"
	    "prints recovery codes: keep them apart from the phone." },
	{ "export", "[USER]", 0, 1,
	    "print otpauth:// addresses, which hold the keys",
	    cmd_export, { ALL_OPTION, YES_OPTION },
	    "'sallyport import uri' takes such an address, and so do apps." },
	{ "import", "uri | google-authenticator FILE | oath FILE", 1, 2,
	    "take over authenticators that users have already",
	    cmd_import,
	    { { "user", "USER", "whose (google-authenticator: the file's owner)" },
	      { "name", "NAME", "what to call it (default: phone, phone-2...)" },
	      { "force", NULL, "take a key of less than 128 bits" },
	      { "all-homes", NULL, "FILE in every user's home" },
	      { "drop-scratch-codes", NULL, "leave them behind" },
	      { "drop-pins", NULL, "the same" } },
	    "uri: the otpauth:// address is read from standard input.  The\n"
	    "others: .google_authenticator, and users.oath, of all users unless\n"
	    "--user says whose.  Nothing is confirmed by a code.  Once more is\n"
	    "safe: a key that is there already is left as it is." },
	{ "invite", "USER", 1, 1,
	    "let a user enrol himself with a code for one time",
	    cmd_invite,
	    { { "for", "DURATION", "how long, 1m to 30d (default: 3d)" },
	      { "cancel", NULL, "end the invitation there is" } },
	    "The code is shown this once; a new one takes the place of one\n"
	    "before.  'sallyport enroll', run by the user, asks for it." },
	{ "list", NULL, 0, 0,
	    "show everybody who is enrolled",
	    cmd_list,
	    { { "locked", NULL, "only who waits or is disabled" },
	      { "disabled", NULL, "only who is disabled" },
	      { "never-used", NULL, "only who never used a code here" },
	      { "few-recovery-codes", NULL, "only who has less than 3 left" },
	      { "unenrolled", NULL, "who could log in and is not enrolled" } },
	    "Several of these show who fits all of them.  States: ok; pending (no\n"
	    "code was used yet); waiting (after wrong codes); disabled (until\n"
	    "unlocked); renamed (enrolled under another name); orphan (the user is\n"
	    "gone); damaged." },
	{ "recovery", NULL, 0, 0,
	    "replace the recovery codes by new ones",
	    cmd_recovery, { USER_OPTION, YES_OPTION },
	    "The old ones are void from then on." },
	{ "remove", "NAME", 1, 1,
	    "remove one authenticator",
	    cmd_remove, { USER_OPTION, YES_OPTION },
	    "Removing the last one ends the enrolment." },
	{ "rename", "OLD NEW", 2, 2,
	    "rename one authenticator",
	    cmd_rename, { USER_OPTION }, NULL },
	{ "repair", "USER", 1, 1,
	    "make a lost or damaged state anew, for a whole enrolment",
	    cmd_repair, { YES_OPTION },
	    "Whatever may have been used is spent, as after 'sallyport\n"
	    "after-restore'." },
	{ "report", "[FILE]", 0, 1,
	    "find patterns in the log that somebody should know of",
	    cmd_report,
	    { { "since", "WHEN", "12h or 7d ago, or a date (default: all)" } },
	    "FILE is a log, also packed by gzip or xz, or - for standard input;\n"
	    "without it, journalctl is asked.  Exit status 1 means that\n"
	    "something was found." },
	{ "reset", "USER", 1, 1,
	    "end a user's enrolment",
	    cmd_reset, { YES_OPTION },
	    "Authenticators and recovery codes are void from then on.  USER may\n"
	    "be a uid where that user is gone." },
	{ "resync", "[USER]", 0, 1,
	    "bring codes back into step, after a wrong clock or with a token",
	    cmd_resync,
	    { ALL_OPTION,
	      { "name", "NAME", "the authenticator that counts" } },
	    "With --name, two codes that follow each other are read from\n"
	    "standard input.  Without, it is forgotten that this machine's clock\n"
	    "was ahead: set it first." },
	{ "setup", NULL, 0, 0,
	    "make the store and its key; have sshd ask for codes",
	    cmd_setup,
	    { { "ssh", NULL, "have sshd ask for a code, on trial" },
	      { "key", NULL, "with --ssh: after the key, not the password" },
	      { "within", "DURATION", "to confirm, 1s to 24h (default: 10m)" },
	      { "confirm", NULL, "keep it, said in a login begun since" },
	      { "undo", NULL, "put back what was there before" },
	      { "roll-back", NULL, "the same, if nobody has confirmed it" },
	      YES_OPTION },
	    "Without options: make what is missing of store and key.  With --ssh,\n"
	    "the change is shown, looked at by the doctor and, if you agree, made;\n"
	    "it is taken back by itself unless a new SSH login confirms it." },
	{ "status", NULL, 0, 0,
	    "show what protects an account",
	    cmd_status, { USER_OPTION },
	    "Exit status 1 means that the user is not enrolled." },
	{ "try-login", "SERVICE USER", 2, 2,
	    "log in through a PAM service, and say why it came out so",
	    cmd_try_login,
	    { { "pam-dir", "DIR", "the PAM stacks (default: /etc/pam.d)" } },
	    "This is a real attempt: a right code is spent, a wrong one counts.\n"
	    "Passwords and codes are asked for as the stack asks.  Exit status 0\n"
	    "means let in, 1 refused." },
	{ "unlock", "USER", 1, 1,
	    "forget a user's wrong codes, and the wait they cost",
	    cmd_unlock, { { NULL, NULL, NULL } }, NULL },
	{ "verify", NULL, 0, 0,
	    "try a code, as a login would",
	    cmd_verify, { USER_OPTION },
	    "This is a real attempt: a right code is spent, a wrong one counts.\n"
	    "The code is read from standard input.  Exit status 0 means\n"
	    "accepted, 1 refused." },
};
/* clang-format on */

enum { COMMANDS = sizeof commands / sizeof commands[0] };

enum {
	GO_ON = -1, /* not an exit status: there is something to run */
	OPT_HELP = 'h',
	OPT_OUTPUT = 'o',
	OPT_VERSION = 'V',
	OPT_CONFIG = 256,
	OPT_JSON,
	OPT_OWN, /* the first of the command's own */
};

/* clang-format off */
static const struct option common[] = {
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "json", no_argument, NULL, OPT_JSON },
};
/* clang-format on */

enum { COMMON = sizeof common / sizeof common[0] };

/* What a command of two words is called behind the first of them; NULL: it
 * does not begin with that word.  Behind "", what it is called. */
static const char *
name_behind(const struct command *command, const char *word)
{
	const char *rest = text_after(command->name, word);

	if (word[0] == '\0')
		return rest;
	return rest != NULL && *rest == ' ' ? rest + 1 : NULL;
}

/* Whether a word, alone, names several commands. */
static bool
is_group(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (word[0] != '\0' && name_behind(&commands[i], word) != NULL)
			return true;
	return false;
}

static void
help_one(const struct command *command)
{
	char left[CMD_NAME_SIZE + 2];

	snprintf(left, sizeof left, "  %s", command->name);
	show_pair(left, 17, command->summary);
}

/* All commands, or those of a group. */
static void
help_several(const char *group)
{
	const char *gap = group[0] == '\0' ? "" : " ";

	printf("Usage: sallyport [--config FILE] [--json] %s%sCOMMAND ...\n\n",
	    group, gap);
	if (group[0] == '\0') {
		show_prose(stdout, "One-time codes as a second factor for "
				   "logins, and a list of breached "
				   "passwords.");
		putchar('\n');
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (name_behind(&commands[i], group) != NULL)
			help_one(&commands[i]);
	putchar('\n');
	show_prose(stdout,
	    "'sallyport %s%sCOMMAND --help' tells more, sallyport(8) all.",
	    group, gap);
}

static int
set_once(const char **value, const char *name, const char *to)
{
	if (*value != NULL)
		return cmd_usage("--%s is given twice", name);
	*value = to;
	return GO_ON;
}

/* A set-id program reads the file its administrator chose, not its caller's. */
static int
set_config(struct invocation *call, const char *file)
{
	if (getauxval(AT_SECURE) != 0)
		return cmd_usage("--config is not for a set-id program");
	return set_once(&call->config, "config", file);
}

/* What getopt_long could not read: argv[at] or the option of that value. */
static int
refuse_option(const struct option *options, int value, const char *word)
{
	for (; options->name != NULL; options++)
		if (options->val == value)
			return cmd_usage(options->has_arg
					     ? "--%s needs a value"
					     : "--%s takes no value",
			    options->name);
	return cmd_usage("%s is no option here, or the start of several", word);
}

/* A command's own option has as its value its place in the row. */
static int
value_of(const struct cmd_option *own, int i)
{
	return strcmp(own[i].name, CMD_OUTPUT) == 0 ? OPT_OUTPUT : OPT_OWN + i;
}

static int
take_own_option(struct invocation *call, int value)
{
	const struct cmd_option *own = call->command->options;
	int i = 0;

	while (value_of(own, i) != value)
		i++;
	return set_once(&call->values[i], own[i].name,
	    optarg == NULL ? "" : optarg);
}

static int
take_option(struct invocation *call, int value)
{

	switch (value) {
	case OPT_HELP:
		if (call->command == NULL)
			help_several(call->name);
		else
			cmd_help(call->command);
		return EXIT_YES;
	case OPT_VERSION:
		puts(PACKAGE_STRING);
		return EXIT_YES;
	case OPT_CONFIG:
		return set_config(call, optarg);
	case OPT_JSON:
		call->json = true;
		return GO_ON;
	default:
		return take_own_option(call, value);
	}
}

/* Options of argv behind its first word; optind is then at what follows. */
static int
read_options(struct invocation *call, int argc, char **argv,
    const struct option *options, const char *letters)
{
	int value, status = GO_ON;

	optind = 0; /* glibc's word for "start anew" */
	while (status == GO_ON && (value = getopt_long(argc, argv, letters,
				       options, NULL)) != -1) {
		if (value == '?' || value == ':')
			return refuse_option(options, optopt, argv[optind - 1]);
		status = take_option(call, value);
	}
	return status;
}

/* The command's row as getopt_long wants it, and the common ones. */
static int
read_own_options(struct invocation *call, int argc, char **argv)
{
	struct option options[COMMON + CMD_OPTIONS_MAX + 1];
	const struct cmd_option *own = call->command->options;
	const char *letters = ":h";
	size_t n = COMMON;

	memset(options, 0, sizeof options);
	memcpy(options, common, sizeof common);
	for (int i = 0; own[i].name != NULL; i++, n++) {
		options[n] = (struct option){ own[i].name,
			own[i].metavar ? required_argument : no_argument, NULL,
			value_of(own, i) };
		if (options[n].val == OPT_OUTPUT)
			letters = ":ho:";
	}
	return read_options(call, argc, argv, options, letters);
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
read_operands(struct invocation *call, int argc, char **argv)
{
	const struct command *command = call->command;

	call->operands = argv + optind;
	call->operand_count = argc - optind;
	if (call->operand_count < command->operands_least)
		return cmd_usage("%s is missing", command->operands);
	if (call->operand_count > command->operands_most)
		return cmd_usage("\"%s\" is one word too many",
		    call->operands[command->operands_most]);
	return GO_ON;
}

/* Adds a word to the command's name; a name that is too long is cut, and is no
 * command's either. */
static void
add_word(struct invocation *call, const char *word)
{
	size_t used = strlen(call->name);

	snprintf(call->name + used, sizeof call->name - used, "%s%s",
	    used == 0 ? "" : " ", word);
}

static int
name_missing(const char *group)
{
	if (group[0] == '\0')
		return cmd_usage("a command is missing");
	return cmd_usage("\"%s\" is the first word of several commands", group);
}

static int
no_such_command(const char *name)
{
	static char group[CMD_NAME_SIZE];
	const char *gap = strchr(name, ' ');

	snprintf(group, sizeof group, "%.*s",
	    gap == NULL ? 0 : (int)(gap - name), name);
	cmd_begin(group);
	return cmd_usage("there is no command \"%s\"", name);
}

/* The command's name, of one word or two, with common options before each.
 * The last word is then *argv's first. */
static int
read_name(struct invocation *call, int *argc, char ***argv)
{
	struct option options[COMMON + 1];
	int status;

	memset(options, 0, sizeof options);
	memcpy(options, common, sizeof common);
	do {
		cmd_begin(call->name);
		status = read_options(call, *argc, *argv, options, "+:hV");
		if (status != GO_ON)
			return status;
		if (optind >= *argc)
			return name_missing(call->name);
		*argc -= optind;
		*argv += optind;
		add_word(call, **argv);
	} while (is_group(call->name));
	return GO_ON;
}

static int
read_command(struct invocation *call, int argc, char **argv)
{
	int status;

	if ((status = read_name(call, &argc, &argv)) != GO_ON)
		return status;
	if ((call->command = find_command(call->name)) == NULL)
		return no_such_command(call->name);
	if ((status = read_own_options(call, argc, argv)) != GO_ON)
		return status;
	return read_operands(call, argc, argv);
}

static int
run(struct invocation *call)
{
	struct trouble why = { "" };
	int r;

	r = settings_load(&call->settings, PLACE_FILE, call->config, 0, NULL,
	    &why);
	if (r < 0)
		call->unread = cmd_fail("reading the settings", r, &why);
	if (r < 0 && call->command->run != cmd_setup)
		return call->unread; /* that one puts right what is wrong */
	return call->command->run(call);
}

int
main(int argc, char **argv)
{
	struct invocation call = { .name = "",
		.commands = commands,
		.command_count = COMMANDS };
	int status;

	term_begin();
	opterr = 0; /* we say it ourselves */
	status = read_command(&call, argc, argv);
	if (status == GO_ON)
		status = run(&call);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		cmd_say("what there was to print could not be written");
		status = EXIT_UNKNOWN;
	}
	term_end(); /* does not return after Ctrl-C */
	return status;
}
