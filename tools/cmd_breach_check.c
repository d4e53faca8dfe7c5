#include "cmd.h"

#include "breach.h"
#include "mem.h"
#include "show.h"
#include "term.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_SIZE = 128, TYPED_SIZE = 4096 };

/* ---- results ---- */

static const char *
seen_words(const struct breach_seen *seen, char room[WORDS_SIZE])
{
	char least[SHOW_NUMBER_SIZE], most[SHOW_NUMBER_SIZE];

	show_number(seen->least, least);
	show_number(seen->most, most);
	if (seen->least == 0)
		return "not in the list";
	if (seen->most == UINT32_MAX && seen->least == 1)
		return "in the list";
	if (seen->most == UINT32_MAX)
		snprintf(room, WORDS_SIZE, "in the list, seen %s times or more",
		    least);
	else if (seen->most == 1)
		snprintf(room, WORDS_SIZE, "in the list, seen once");
	else if (seen->least == seen->most)
		snprintf(room, WORDS_SIZE, "in the list, seen %s times", least);
	else
		snprintf(room, WORDS_SIZE,
		    "in the list, seen between %s and %s times", least, most);
	return room;
}

static json_object *
seen_json(const struct breach_seen *seen)
{
	json_object *out = json_object_new_object();

	json_object_object_add(out, "found",
	    json_object_new_boolean(seen->least > 0));
	json_object_object_add(out, "least",
	    seen->least > 0 ? json_object_new_int64(seen->least) : NULL);
	json_object_object_add(out, "most",
	    seen->least > 0 && seen->most < UINT32_MAX
		? json_object_new_int64(seen->most)
		: NULL);
	return out;
}

static int
status_of(const struct breach_seen *seen)
{
	return seen->least > 0 ? EXIT_NO : EXIT_YES;
}

/* ---- one password ---- */

/* A line of standard input without its end, to be wiped and freed; NULL:
 * there is none.  *whole: no NUL is in it. */
static char *
read_line(bool *whole)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, stdin);

	if (len < 0) {
		free(line);
		return NULL;
	}
	if (len > 0 && line[len - 1] == '\n')
		line[--len] = '\0';
	*whole = strlen(line) == (size_t)len;
	return line;
}

/* The same as somebody types it. */
static int
ask(char **password_out)
{
	char *room = secret_new(TYPED_SIZE);
	int r = ERR_MEMORY;

	if (room != NULL)
		r = term_read("Password: ", true, room, TYPED_SIZE);
	if (r == 0 && (*password_out = strdup(room)) == NULL)
		r = ERR_MEMORY;
	secret_free(room, TYPED_SIZE);
	return r;
}

static int
get_password(char **password_out)
{
	bool whole = true;
	int r;

	if (isatty(STDIN_FILENO) == 1) {
		if ((r = ask(password_out)) < 0)
			return cmd_fail("reading the password", r, NULL);
		return EXIT_YES;
	}
	if ((*password_out = read_line(&whole)) == NULL && ferror(stdin))
		return cmd_fail("reading the password", ERR_IO, NULL);
	if (*password_out == NULL)
		return cmd_usage("no password came on standard input");
	if (!whole)
		return cmd_fail("reading the password", ERR_INPUT, NULL);
	return EXIT_YES;
}

static int
check_one(const struct invocation *call, const char *lists)
{
	AUTO_WIPE char *password = NULL;
	struct breach_seen seen;
	struct trouble why = { "" };
	char room[WORDS_SIZE];
	int r, status;

	if ((status = get_password(&password)) != EXIT_YES)
		return status;
	if ((r = breach_search(lists, password, 1, &seen, &why)) < 0)
		return cmd_fail("looking it up", r, &why);
	if (call->json) {
		AUTO_JSON json_object *out = seen_json(&seen);

		show_json(out);
	} else {
		printf("This password is %s.\n", seen_words(&seen, room));
	}
	return status_of(&seen);
}

/* ---- many ---- */

/* Looks one of many up and prints what came of it, without the password. */
static int
check_line(const struct invocation *call, const char *lists, const char *line,
    bool whole, bool first)
{
	struct breach_seen seen = { 0, 0 };
	struct trouble why = { "" };
	char room[WORDS_SIZE];
	int status = EXIT_UNKNOWN, r = ERR_INPUT;

	if (whole)
		r = breach_search(lists, line, 1, &seen, &why);
	if (r == 0)
		status = status_of(&seen);
	else
		status = cmd_fail("looking a line up", r, &why);
	if (call->json) {
		AUTO_JSON json_object *out = r == 0 ? seen_json(&seen) : NULL;

		printf("%s %s", first ? "" : ",\n",
		    json_object_to_json_string(out));
	} else {
		puts(r == 0 ? seen_words(&seen, room) : "cannot tell");
	}
	return status;
}

/* As they come, so that as many as there are need no memory. */
static int
check_lines(const struct invocation *call, const char *lists)
{
	int worst = EXIT_YES;
	bool first = true;

	if (call->json)
		puts("[");
	for (;; first = false) {
		bool whole = true;
		AUTO_WIPE char *line = read_line(&whole);
		int status;

		if (line == NULL)
			break;
		status = check_line(call, lists, line, whole, first);
		if (status > worst)
			worst = status;
	}
	if (call->json)
		puts("\n]");
	if (ferror(stdin))
		return cmd_fail("reading passwords", ERR_IO, NULL);
	return worst;
}

int
cmd_breach_check(struct invocation *call)
{
	const char *lists = cmd_option(call, "list");
	bool batch = cmd_option(call, "batch") != NULL;

	if (lists == NULL)
		lists = call->settings.breach_lists;
	return batch ? check_lines(call, lists) : check_one(call, lists);
}
