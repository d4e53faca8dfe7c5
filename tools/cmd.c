#include "cmd.h"

#include "show.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *current = ""; /* the command's name */

void
cmd_begin(const char *name)
{
	current = name;
}

const char *
cmd_option(const struct invocation *call, const char *name)
{
	const struct cmd_option *options = call->command->options;

	for (int i = 0; options[i].name != NULL; i++)
		if (strcmp(options[i].name, name) == 0)
			return call->values[i];
	return NULL;
}

int
cmd_config_fits_pam(const struct invocation *call)
{
	if (call->config != NULL && strpbrk(call->config, " \t\n[]\\#") != NULL)
		return cmd_usage("the name of %s cannot stand in a PAM file",
		    call->config);
	return EXIT_YES;
}

int
cmd_duration(const struct invocation *call, uint64_t usual, unsigned days,
    uint64_t *seconds_out)
{
	const char *value = cmd_option(call, "for");
	uint64_t most = UINT64_C(24) * 60 * 60 * days;

	*seconds_out = usual;
	if (value != NULL && text_duration(value, 60, most, seconds_out) < 0)
		return cmd_usage("--for takes a duration from 1m to %ud", days);
	return EXIT_YES;
}

static void __attribute__((format(printf, 1, 0)))
say(const char *format, va_list args)
{
	fflush(stdout); /* so that both streams keep their order on a screen */
	fputs("sallyport: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void
cmd_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

/* What somebody asked for wrongly, or what the machine cannot do now. */
static int
exit_for(int err)
{
	return err == ERR_INPUT || err == ERR_EXISTS ? EXIT_USAGE
						     : EXIT_UNKNOWN;
}

int
cmd_fail(const char *doing, int err, const struct trouble *why)
{
	bool told = why != NULL && why->text[0] != '\0';

	cmd_say("%s: %s", doing, told ? why->text : err_text(err));
	return exit_for(err);
}

int
cmd_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Try 'sallyport %s%s--help'.\n", current,
	    current[0] != '\0' ? " " : "");
	return EXIT_USAGE;
}

/* One option, its help in a column of its own. */
static void
help_option(const char *name, const char *metavar, const char *help)
{
	char left[40];

	snprintf(left, sizeof left, "  %s--%s%s%s",
	    strcmp(name, CMD_OUTPUT) == 0 ? "-o, " : "", name,
	    metavar ? " " : "", metavar ? metavar : "");
	show_pair(left, 22, help);
}

void
cmd_help(const struct command *command)
{
	const struct cmd_option *option = command->options;

	printf("Usage: sallyport %s%s%s%s\n\n", command->name,
	    option->name ? " [OPTION...]" : "", command->operands ? " " : "",
	    command->operands ? command->operands : "");
	show_prose(stdout, "To %s.", command->summary);
	putchar('\n');
	for (; option->name != NULL; option++)
		help_option(option->name, option->metavar, option->help);
	help_option("json", NULL, "print one JSON document");
	help_option("config", "FILE", "read the settings from FILE");
	help_option("help", NULL, "print this");
	if (command->notes != NULL) {
		putchar('\n');
		show_prose(stdout, "%s", command->notes);
	}
}
