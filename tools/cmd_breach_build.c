#include "cmd.h"

#include "breach_build.h"
#include "mem.h"
#include "progress.h"
#include "show.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	USUAL_BITS = 24,
	/* So many hashes would be where none is, in a list cut short. */
	CUT_SHORT = 40,
	ENOUGH_LINES = 1000, /* to tell */
	/* Lines a range, on average, from where on each range must have one. */
	DENSE = 20,
};
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

static const char *
kind_name(enum breach_kind kind)
{
	return kind == BREACH_NT ? "NT" : "SHA-1";
}

/* 2^64 as a double, where range is 0. */
static double
false_positive_rate(const struct breach_about *about)
{
	double range = about->range == 0 ? 0x1p64 : (double)about->range;

	return (double)about->entries / range;
}

/* Whether there is so much nothing before the first range, or behind the last,
 * that it is no chance. */
static bool
looks_cut(const struct breach_about *about)
{
	uint64_t span = about->last_prefix - about->first_prefix + 1;
	uint64_t gap = BREACH_PREFIXES - 1 - about->last_prefix;

	if (gap < about->first_prefix)
		gap = about->first_prefix;
	return about->lines >= ENOUGH_LINES &&
	       (gap > 0 ? gap - 1 : 0) * about->lines > CUT_SHORT * span;
}

static void
print_ranges(const struct breach_built *built)
{
	const struct breach_about *about = &built->about;
	char some[SHOW_NUMBER_SIZE], all[SHOW_NUMBER_SIZE];
	char gaps[BREACH_GAPS_SIZE];

	printf("  %s of %s ranges, %05X to %05X",
	    show_number(about->prefixes, some),
	    show_number(BREACH_PREFIXES, all), about->first_prefix,
	    about->last_prefix);
	if (about->prefixes < BREACH_PREFIXES &&
	    about->lines >= (uint64_t)DENSE * BREACH_PREFIXES)
		printf("; missing: %s",
		    breach_prefixes_gaps(&built->prefixes, gaps));
	putchar('\n');
}

static void
print_counts(const struct breach_about *about)
{
	if (about->classes == 0) {
		puts("  no counts are kept");
		return;
	}
	printf("  counts are kept as at least");
	for (unsigned i = 0; i < about->classes; i++)
		printf(" %u", about->class_least[i]);
	putchar('\n');
}

static void
print_summary(const char *output, const struct breach_built *built)
{
	const struct breach_about *about = &built->about;
	char a[SHOW_NUMBER_SIZE], b[SHOW_NUMBER_SIZE], c[SHOW_NUMBER_SIZE];

	printf("%s: %s %s hashes in %s bytes", output,
	    show_number(about->entries, a), kind_name(about->kind),
	    show_number(about->bytes, b));
	if (about->entries > 0)
		printf(", %.2f bits each",
		    8 * (double)about->bytes / (double)about->entries);
	printf("\n  %s lines: %s duplicates, %s of padding",
	    show_number(about->lines, a), show_number(about->duplicates, b),
	    show_number(about->zero_counts, c));
	if (about->below_least > 0)
		printf(", %s seen less than %u times",
		    show_number(about->below_least, a), about->least_count);
	if (built->not_utf8 > 0)
		printf("; %s not taken, as they are not UTF-8",
		    show_number(built->not_utf8, a));
	putchar('\n');
	print_ranges(built);
	print_counts(about);
	if (about->entries > 0)
		printf("  one other password in %s is taken for one of them\n",
		    show_number((uint64_t)(1 / false_positive_rate(about) +
					   0.5),
			a));
}

static void
add_number(json_object *to, const char *name, uint64_t number)
{
	json_object_object_add(to, name, json_object_new_uint64(number));
}

static json_object *
summary_classes(const struct breach_about *about)
{
	json_object *classes = json_object_new_array();

	for (unsigned i = 0; i < about->classes; i++)
		json_object_array_add(classes,
		    json_object_new_int64(about->class_least[i]));
	return classes;
}

static void
print_json(const char *output, const struct breach_built *built)
{
	const struct breach_about *about = &built->about;
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "file", show_json_text(output));
	json_object_object_add(out, "kind",
	    json_object_new_string(about->kind == BREACH_NT ? "nt" : "sha1"));
	add_number(out, "entries", about->entries);
	add_number(out, "bytes", about->bytes);
	add_number(out, "lines", about->lines);
	add_number(out, "duplicates", about->duplicates);
	add_number(out, "zero_counts", about->zero_counts);
	add_number(out, "below_least", about->below_least);
	add_number(out, "not_utf8", built->not_utf8);
	add_number(out, "least_count", about->least_count);
	json_object_object_add(out, "classes", summary_classes(about));
	add_number(out, "prefixes", about->prefixes);
	add_number(out, "first_prefix", about->first_prefix);
	add_number(out, "last_prefix", about->last_prefix);
	json_object_object_add(out, "false_positive_rate",
	    json_object_new_double(false_positive_rate(about)));
	json_object_object_add(out, "sorted",
	    json_object_new_boolean(built->sorted));
	show_json(out);
}

static void
warn(const struct breach_build *build, const struct breach_about *about)
{
	if (!build->input.partial && looks_cut(about))
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
