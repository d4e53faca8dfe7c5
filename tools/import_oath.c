#include "import.h"

#include "foreign.h"
#include "mem.h"
#include "oath_line.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 16 * 1024 * 1024 };

/* A users.oath on its way, and what is done with each of its lines. */
struct users_file {
	const struct takeover_terms *terms;
	struct desk *desk;
	const char *path, *user; /* user NULL: all of them */
	unsigned found;
	int (*visit)(const struct users_file *file, struct takeover *takeover,
	    const char *where);
};

/* Before anything is stored, all that can be known to be wrong is told. */
static int
check(const struct users_file *file, struct takeover *takeover,
    const char *where)
{
	struct desk *desk = file->desk;
	char shown[256];
	int r, status;

	status = takeover_check(file->terms, takeover, where);
	r = account_find(takeover->user, &desk->account, &desk->why);
	if (r < 0)
		return cmd_fail("looking up the user", r, &desk->why);
	if (desk->account.known)
		return status;
	return cmd_usage("%s: there is no user %s", where,
	    text_escape(shown, sizeof shown, takeover->user));
}

static int
store(const struct users_file *file, struct takeover *takeover,
    const char *where)
{
	struct desk *desk = file->desk;
	int r = account_find(takeover->user, &desk->account, &desk->why);

	if (r < 0 || !desk->account.known)
		return cmd_fail(where, r < 0 ? r : ERR_INPUT, &desk->why);
	return takeover_store(file->terms, desk, takeover);
}

static int
visit_line(struct users_file *file, const char *line, unsigned number)
{
	AUTO_TAKEOVER struct takeover *takeover = takeover_new();
	char where[4200];
	struct trouble why = { "" };
	int r;

	if (takeover == NULL)
		return cmd_fail("importing", ERR_MEMORY, NULL);
	snprintf(where, sizeof where, "%s:%u", file->path, number);
	if ((r = oath_line_parse(line, takeover, &why)) < 0)
		return cmd_fail(where, r, &why);
	if (r == 0 ||
	    (file->user != NULL && strcmp(file->user, takeover->user) != 0))
		return EXIT_YES;
	file->found++;
	return file->visit(file, takeover, where);
}

static int
visit_lines(struct users_file *file, const char *text)
{
	char line[OATH_LINE_SIZE];
	int status, worst = EXIT_YES;
	unsigned number = 0;

	file->found = 0;
	for (const char *next; text != NULL; text = next) {
		size_t len = strcspn(text, "\n");

		next = text[len] == '\n' ? text + len + 1 : NULL;
		number++;
		if (len >= sizeof line) {
			status = cmd_usage("%s:%u: the line is too long",
			    file->path, number);
		} else {
			memcpy(line, text, len);
			line[len] = '\0';
			status = visit_line(file, line, number);
		}
		worst = status > worst ? status : worst;
	}
	mem_wipe(line, sizeof line);
	return worst;
}

static int
import_lines(struct users_file *file, const char *text)
{
	int status;

	file->visit = check;
	if ((status = visit_lines(file, text)) != EXIT_YES) {
		cmd_say("nothing was imported");
		return status;
	}
	if (file->found == 0) {
		cmd_say("%s has no line of %s", file->path,
		    file->user == NULL ? "anybody" : "that user");
		return EXIT_NO;
	}
	file->visit = store;
	return visit_lines(file, text);
}

int
import_oath(struct invocation *call, struct desk *desk,
    const struct takeover_terms *terms)
{
	AUTO_FOREIGN struct foreign foreign = { .text = NULL };
	const struct foreign_owner owner = { geteuid(), 1 };
	struct users_file file = { .terms = terms,
		.desk = desk,
		.user = cmd_option(call, "user") };
	struct trouble why = { "" };
	int r, status;

	if (call->operand_count < 2)
		return cmd_usage("FILE is missing");
	if (cmd_option(call, "all-homes") != NULL)
		return cmd_usage("--all-homes goes with google-authenticator");
	file.path = call->operands[1];
	if ((status = desk_open(desk, &call->settings)) != EXIT_YES)
		return status;
	r = foreign_read(file.path, &owner, FILE_MOST, &foreign, &why);
	if (r < 0)
		return cmd_fail("reading the file", r, &why);
	return import_lines(&file, foreign.text);
}
