#include "cmd.h"

#include "breach_prefixes.h"
#include "breach_show.h"

#include <stdio.h>
#include <time.h>

enum { DAY = 24 * 60 * 60 };

/* What a list lacks, as far as one can tell. */
static void
print_ranges(const struct breach_about *about)
{
	char missing[SHOW_NUMBER_SIZE];

	breach_show_ranges(about);
	if (breach_looks_cut(about))
		fputs("; nothing outside of them: was it cut short?", stdout);
	else if (breach_is_dense(about) && about->prefixes < BREACH_PREFIXES)
		printf("; %s are missing",
		    show_number(BREACH_PREFIXES - about->prefixes, missing));
	putchar('\n');
}

static void
print_age(const struct breach_about *about)
{
	int64_t days = ((int64_t)time(NULL) - about->modified) / DAY;
	char when[SHOW_TIME_SIZE];

	printf("  made %s", show_local(about->modified, when));
	if (days > 0)
		printf(", %lld day%s ago", (long long)days,
		    days == 1 ? "" : "s");
	putchar('\n');
}

static void
print_info(const char *file, const struct breach_about *about)
{
	breach_show_size(file, about);
	breach_show_lines(about);
	putchar('\n');
	print_ranges(about);
	breach_show_counts(about);
	breach_show_rate(about);
	print_age(about);
}

/* One index; its place in the JSON document, which is NULL where none is
 * wanted. */
static int
show_one(const char *file, json_object *lists)
{
	AUTO_BREACH struct breach *breach = NULL;
	struct trouble why = { "" };
	json_object *one;
	int r;

	if ((r = breach_open(file, &breach, &why)) < 0)
		return cmd_fail("reading the list", r, &why);
	if (lists == NULL) {
		print_info(file, breach_about(breach));
		return EXIT_YES;
	}
	one = breach_show_json(file, breach_about(breach));
	json_object_object_add(one, "made",
	    show_json_time(breach_about(breach)->modified));
	json_object_array_add(lists, one);
	return EXIT_YES;
}

int
cmd_breach_info(struct invocation *call)
{
	const char *pattern = cmd_option(call, "list");
	AUTO_JSON json_object *lists =
	    call->json ? json_object_new_array() : NULL;
	struct trouble why = { "" };
	int r, worst = EXIT_YES;
	glob_t found;

	if (pattern == NULL)
		pattern = call->settings.breach_lists;
	if ((r = breach_glob(pattern, &found, &why)) < 0)
		return cmd_fail("looking for lists", r, &why);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int status = show_one(found.gl_pathv[i], lists);

		if (status > worst)
			worst = status;
	}
	globfree(&found);
	if (call->json)
		show_json(lists);
	return worst;
}
