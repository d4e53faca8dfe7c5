#include "cmd.h"

#include "breach_build.h"
#include "breach_show.h"
#include "mem.h"
#include "progress.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_BITS = 24 };
#define USUAL_MEMORY (UINT64_C(1) << 30)
#define LEAST_MEMORY (UINT64_C(1) << 24)
#define MOST_BYTES   (UINT64_C(1) << 50)

/* ---- what is asked for ---- */

/* "123", or with a unit of 1024: "64K", "16M", "1G", "2T". */
static int
read_size(const char *text, uint64_t least, uint64_t *size_out)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	const char *unit = len > 0 ? strchr(units, text[len - 1]) : NULL;
	unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
	char digits[24];
	uint64_t number;

	if (text_copy(digits, sizeof digits, text) < 0)
		return ERR_INPUT;
	if (unit != NULL)
		digits[len - 1] = '\0';
	if (text_number(digits, 1, MOST_BYTES >> shift, &number) < 0 ||
	    number << shift < least)
		return ERR_INPUT;
	*size_out = number << shift;
	return 0;
}

static int
read_numbers(const struct invocation *call, struct breach_build *build)
{
	const char *bits = cmd_option(call, "bits");
	const char *least = cmd_option(call, "min-count");
	const char *target = cmd_option(call, "target-size");
	const char *memory = cmd_option(call, "memory");
	uint64_t number;

	if (bits != NULL) {
		if (text_number(bits, BREACH_BITS_LEAST, BREACH_BITS_MOST,
			&number) < 0)
			return cmd_usage("--bits is %d to %d",
			    BREACH_BITS_LEAST, BREACH_BITS_MOST);
		build->bits = (unsigned)number;
	}
	if (least != NULL) {
		if (text_number(least, 1, UINT32_MAX, &number) < 0)
			return cmd_usage("--min-count is 1 to %u", UINT32_MAX);
		build->least = (uint32_t)number;
	}
	if (target != NULL && read_size(target, 1, &build->target_bytes) < 0)
		return cmd_usage("--target-size is a number of bytes, such as "
				 "500M or 2G");
	if (memory != NULL &&
	    read_size(memory, LEAST_MEMORY, &build->memory) < 0)
		return cmd_usage("--memory is a number of bytes, such as 500M "
				 "or 2G, and at least 16M");
	return EXIT_YES;
}

static int
read_kind(const struct invocation *call, struct breach_build *build)
{
	const char *hash = cmd_option(call, "hash");

	build->kind = build->words ? BREACH_SHA1 : 0;
	if (hash == NULL)
		return EXIT_YES;
	if (strcmp(hash, "sha1") == 0)
		build->kind = BREACH_SHA1;
	else if (strcmp(hash, "nt") == 0)
		build->kind = BREACH_NT;
	else
		return cmd_usage("--hash is sha1 or nt");
	return EXIT_YES;
}

/* Options that cannot stand beside each other. */
static int
check_pairs(const struct invocation *call)
{
	static const char *const pairs[][2] = { { "counts", "no-counts" },
		{ "min-count", "target-size" }, { "words", "counts" },
		{ "words", "min-count" }, { "words", "target-size" } };

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (cmd_option(call, pairs[i][0]) != NULL &&
		    cmd_option(call, pairs[i][1]) != NULL)
			return cmd_usage("--%s does not go with --%s",
			    pairs[i][0], pairs[i][1]);
	return EXIT_YES;
}

static int
read_choices(struct invocation *call, struct breach_build *build)
{
	int status;

	build->output = cmd_option(call, CMD_OUTPUT);
	if (build->output == NULL)
		return cmd_usage("-o FILE is missing: the index to make");
	build->words = cmd_option(call, "words") != NULL;
	build->want_counts = cmd_option(call, "counts") != NULL;
	build->drop_counts = cmd_option(call, "no-counts") != NULL;
	build->input.partial = cmd_option(call, "partial") != NULL;
	build->input.names = call->operands;
	build->input.count = call->operand_count;
	status = check_pairs(call);
	if (status == EXIT_YES)
		status = read_numbers(call, build);
	if (status == EXIT_YES)
		status = read_kind(call, build);
	build->input.memory = build->memory;
	return status;
}

/* Beside the index, or where TMPDIR says. */
static char *
spill_folder(const char *output)
{
	const char *chosen = getenv("TMPDIR"), *slash = strrchr(output, '/');

	if (chosen != NULL && chosen[0] != '\0')
		return strdup(chosen);
	return slash == NULL ? strdup(".")
			     : strndup(output, (size_t)(slash + 1 - output));
}

/* ---- while it works ---- */

static void
watch(void *with, const struct breach_stage *now)
{
	struct progress *progress = with;
	char lines[SHOW_NUMBER_SIZE], range[40] = "";
	double part = now->part;

	if (!progress_is_due(progress))
		return;
	if (now->ascending && now->range < BREACH_PREFIXES) {
		part = (double)now->range / BREACH_PREFIXES;
		snprintf(range, sizeof range, ", range %05X of FFFFF",
		    now->range);
	}
	progress_tell(progress, part, "%s %s lines, %.1f million/s%s",
	    now->doing, show_number(now->lines, lines),
	    (double)now->lines / progress_elapsed(progress) / 1e6, range);
}

/* ---- and what came of it ---- */

static void
print_summary(const char *output, const struct breach_built *built)
{
	const struct breach_about *about = &built->about;
	char number[SHOW_NUMBER_SIZE], gaps[BREACH_GAPS_SIZE];

	breach_show_size(output, about);
	breach_show_lines(about);
	if (built->not_utf8 > 0)
		printf("; %s not taken, as they are not UTF-8",
		    show_number(built->not_utf8, number));
	putchar('\n');
	breach_show_ranges(about);
	if (about->prefixes < BREACH_PREFIXES && breach_is_dense(about))
		printf("; missing: %s",
		    breach_prefixes_gaps(&built->prefixes, gaps));
	putchar('\n');
	breach_show_counts(about);
	breach_show_rate(about);
}

static void
print_json(const char *output, const struct breach_built *built)
{
	AUTO_JSON json_object *out = breach_show_json(output, &built->about);

	json_object_object_add(out, "not_utf8",
	    json_object_new_uint64(built->not_utf8));
	json_object_object_add(out, "sorted",
	    json_object_new_boolean(built->sorted));
	show_json(out);
}

static void
warn(const struct breach_build *build, const struct breach_about *about)
{
	if (!build->input.partial && breach_looks_cut(about))
		cmd_say("the list has nothing outside of the ranges %05X to "
			"%05X: was its download cut short?",
		    about->first_prefix, about->last_prefix);
}

int
cmd_breach_build(struct invocation *call)
{
	AUTO_FREE struct breach_built *built = calloc(1, sizeof *built);
	AUTO_FREE char *spill = NULL;
	struct progress progress;
	struct breach_build build = { .bits = USUAL_BITS,
		.least = 1,
		.memory = USUAL_MEMORY,
		.watch = watch,
		.watch_with = &progress };
	struct trouble why = { "" };
	int r, status;

	if ((status = read_choices(call, &build)) != EXIT_YES)
		return status;
	build.spill = spill = spill_folder(build.output);
	if (built == NULL || spill == NULL)
		return cmd_fail("building", ERR_MEMORY, NULL);
	progress_begin(&progress);
	r = breach_build(&build, built, &why);
	progress_end(&progress);
	if (r < 0)
		return cmd_fail("building", r, &why);
	if (call->json)
		print_json(build.output, built);
	else
		print_summary(build.output, built);
	warn(&build, &built->about);
	return EXIT_YES;
}
