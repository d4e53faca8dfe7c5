/* A command of the tool: one row says what it takes, and everything that
 * parses, explains or completes it reads that row. */
#ifndef CMD_H
#define CMD_H

#include "err.h"
#include "settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses, the same for every command. */
enum {
	EXIT_YES = 0,	  /* done, or the answer is yes */
	EXIT_NO = 1,	  /* the answer is no */
	EXIT_USAGE = 2,	  /* wrong usage or bad input */
	EXIT_UNKNOWN = 3, /* could not tell: I/O, permissions */
};

enum { CMD_OPTIONS_MAX = 14, CMD_NAME_SIZE = 24 };

#define CMD_OUTPUT "output" /* an option of this name can be written -o */

struct cmd_option {
	const char *name;    /* without the dashes; NULL ends the list */
	const char *metavar; /* what the value is called; NULL: a flag */
	const char *help;    /* one line, lower case, no full stop */
};

struct invocation;

struct command {
	const char *name;     /* "enroll", or two words: "breach build" */
	const char *operands; /* "USER", "[USER]", "uri"; NULL: none */
	int operands_least, operands_most;
	const char *summary; /* one line, lower case, no full stop */
	int (*run)(struct invocation *call);
	struct cmd_option options[CMD_OPTIONS_MAX + 1];
	const char *notes; /* what --help says below the options; or NULL */
};

struct invocation {
	char name[CMD_NAME_SIZE]; /* the command's, as far as it is read */
	const struct command *command;
	const struct command *commands; /* all there are */
	size_t command_count;
	const char *config;		     /* --config FILE, or NULL */
	bool json;			     /* --json */
	const char *values[CMD_OPTIONS_MAX]; /* as options; NULL: not given */
	char **operands;
	int operand_count;
	struct settings settings; /* from the files, read before run(); */
	int unread; /* or the exit status of what was told of that */
};

/* Says which command the messages below are about; it is kept by pointer. */
void cmd_begin(const char *name);

/* A command's --help, to standard output. */
void cmd_help(const struct command *command);

/* An option's value ("" for a flag), or NULL where it was not given. */
const char *cmd_option(const struct invocation *call, const char *name);

/* Whether a line of a PAM file can name the file of --config, if there is one:
 * EXIT_YES, or the exit status of what was told. */
int cmd_config_fits_pam(const struct invocation *call);

/* The seconds that --for says, from a minute to so many days, or usual. */
int cmd_duration(const struct invocation *call, uint64_t usual, unsigned days,
    uint64_t *seconds_out);

/*
 * Messages, to standard error, behind the program's name.  cmd_fail tells
 * what was being done, why->text or err's English, and returns the exit status
 * that fits err.  cmd_usage adds where help is to be had and returns
 * EXIT_USAGE.
 */
void cmd_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cmd_fail(const char *doing, int err, const struct trouble *why);
int cmd_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Every command's run(), each in cmd_NAME.c. */
int cmd_adopt(struct invocation *call);
int cmd_after_restore(struct invocation *call);
int cmd_breach_build(struct invocation *call);
int cmd_breach_check(struct invocation *call);
int cmd_breach_info(struct invocation *call);
int cmd_breach_verify(struct invocation *call);
int cmd_bypass(struct invocation *call);
int cmd_completion(struct invocation *call);
int cmd_doctor(struct invocation *call);
int cmd_enroll(struct invocation *call);
int cmd_export(struct invocation *call);
int cmd_import(struct invocation *call);
int cmd_invite(struct invocation *call);
int cmd_list(struct invocation *call);
int cmd_recovery(struct invocation *call);
int cmd_remove(struct invocation *call);
int cmd_rename(struct invocation *call);
int cmd_repair(struct invocation *call);
int cmd_report(struct invocation *call);
int cmd_reset(struct invocation *call);
int cmd_resync(struct invocation *call);
int cmd_setup(struct invocation *call);
int cmd_status(struct invocation *call);
int cmd_try_login(struct invocation *call);
int cmd_unlock(struct invocation *call);
int cmd_verify(struct invocation *call);

#endif
