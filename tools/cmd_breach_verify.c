#include "cmd.h"

#include "breach.h"
#include "breach_input.h"
#include "mem.h"
#include "progress.h"
#include "show.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MOST = 10 /* lines that are not in it */ };
#define USUAL_MEMORY (UINT64_C(1) << 30)

/* What came of one index. */
struct result {
	uint64_t lines;	  /* looked up */
	uint64_t missing; /* not in it */
	uint64_t less;	  /* in it as seen less often than the line says */
};

/* ---- its pages ---- */

struct pages {
	struct progress progress;
	uint64_t all;
};

static void
tell_pages(void *with, uint64_t done)
{
	struct pages *pages = with;
	char number[SHOW_NUMBER_SIZE];

	if (progress_is_due(&pages->progress))
		progress_tell(&pages->progress,
		    (double)done / (double)pages->all, "read %s pages",
		    show_number(done, number));
}

static int
check_pages(struct breach *breach, struct trouble *why)
{
	struct pages pages = { .all = breach_about(breach)->pages };
	int r;

	progress_begin(&pages.progress);
	r = breach_check(breach, tell_pages, &pages, why);
	progress_end(&pages.progress);
	return r;
}

/* ---- what it was made from ---- */

/* Lines on their way to being looked up. */
struct source {
	struct breach_input *input; /* owned */
	struct breach_lines lines;
	struct breach_text text;
	struct breach_batch batch;
	struct progress progress;
};

static void
tell_lines(struct source *source)
{
	char number[SHOW_NUMBER_SIZE];

	if (progress_is_due(&source->progress))
		progress_tell(&source->progress,
		    breach_input_part(source->input), "looked up %s lines",
		    show_number(source->lines.lines, number));
}

/* Takes more lines.  Returns 1, 0 where none is left, or an error. */
static int
take_lines(struct source *source, struct trouble *why)
{
	int r;

	source->batch.count = 0;
	for (;;) {
		r = breach_lines_take(&source->lines, &source->text,
		    &source->batch, why);
		if (r < 0 || source->batch.count == BREACH_BATCH)
			return r < 0 ? r : 1;
		r = breach_input_next(source->input, &source->text, why);
		if (r <= 0)
			return r < 0 ? r : source->batch.count > 0;
		tell_lines(source);
	}
}

static int
look_line(struct breach *breach, uint64_t first_64_bits, uint32_t count,
    struct result *result, struct trouble *why)
{
	uint8_t hash[BREACH_HASH_MOST] = { 0 };
	uint64_t bytes = htobe64(first_64_bits);
	struct breach_seen seen;
	int r;

	memcpy(hash, &bytes, sizeof bytes);
	if ((r = breach_look(breach, hash, &seen, why)) < 0)
		return r;
	result->lines++;
	if (seen.least == 0 && result->missing++ < SHOWN_MOST)
		cmd_say("a hash that begins with %016llX is not in it",
		    (unsigned long long)first_64_bits);
	result->less += seen.least > 0 && seen.most < count;
	return 0;
}

static int
look_lines(struct breach *breach, struct source *source, struct result *result,
    struct trouble *why)
{
	const struct breach_batch *batch = &source->batch;
	int r;

	while ((r = take_lines(source, why)) > 0)
		for (size_t i = 0; i < batch->count; i++) {
			r = look_line(breach, batch->hashes[i],
			    batch->counts[i], result, why);
			if (r < 0)
				return r;
		}
	return r;
}

static int
check_sources(const struct invocation *call, struct breach *breach,
    struct result *result, struct trouble *why)
{
	struct breach_input_choices choices = { .names = call->operands,
		.count = call->operand_count,
		.partial = cmd_option(call, "partial") != NULL,
		.memory = USUAL_MEMORY };
	AUTO_FREE struct source *source = calloc(1, sizeof *source);
	int r;

	if (source == NULL)
		return ERR_MEMORY;
	source->lines.words = cmd_option(call, "words") != NULL;
	source->lines.kind = breach_about(breach)->kind;
	source->lines.counting = BREACH_COUNTING_IGNORED;
	/* A word has no count to leave it out by. */
	source->lines.least =
	    source->lines.words ? 1 : breach_about(breach)->least_count;
	breach_lines_start(&source->lines);
	if ((r = breach_input_open(&choices, &source->input, why)) < 0)
		return r;
	progress_begin(&source->progress);
	r = look_lines(breach, source, result, why);
	progress_end(&source->progress);
	breach_input_close(source->input);
	return r;
}

/* ---- and what came of it ---- */

static void
print_result(const struct invocation *call, const char *file,
    const struct breach_about *about, const struct result *result)
{
	char a[SHOW_NUMBER_SIZE], b[SHOW_NUMBER_SIZE];

	printf("%s: all %s pages are whole\n", file,
	    show_number(about->pages, a));
	if (call->operand_count == 0)
		return;
	printf("  %s of %s lines are in it",
	    show_number(result->lines - result->missing, a),
	    show_number(result->lines, b));
	if (result->less > 0)
		printf(", %s of them as seen less often",
		    show_number(result->less, a));
	putchar('\n');
}

static json_object *
result_json(const struct invocation *call, const char *file, bool whole,
    const struct result *result)
{
	json_object *out = json_object_new_object();

	json_object_object_add(out, "file", show_json_text(file));
	json_object_object_add(out, "whole", json_object_new_boolean(whole));
	if (!whole || call->operand_count == 0)
		return out;
	json_object_object_add(out, "lines",
	    json_object_new_uint64(result->lines));
	json_object_object_add(out, "missing",
	    json_object_new_uint64(result->missing));
	json_object_object_add(out, "seen_less",
	    json_object_new_uint64(result->less));
	return out;
}

static int
verify_one(const struct invocation *call, const char *file, json_object *lists)
{
	AUTO_BREACH struct breach *breach = NULL;
	struct result result = { 0, 0, 0 };
	struct trouble why = { "" };
	int r;

	if ((r = breach_open(file, &breach, &why)) == 0)
		r = check_pages(breach, &why);
	if (r == ERR_DAMAGED) {
		cmd_say("%s", why.text);
		if (lists != NULL)
			json_object_array_add(lists,
			    result_json(call, file, false, &result));
		return EXIT_NO;
	}
	if (r == 0 && call->operand_count > 0)
		r = check_sources(call, breach, &result, &why);
	if (r < 0)
		return cmd_fail("verifying", r, &why);
	if (lists != NULL)
		json_object_array_add(lists,
		    result_json(call, file, true, &result));
	else
		print_result(call, file, breach_about(breach), &result);
	return result.missing > 0 || result.less > 0 ? EXIT_NO : EXIT_YES;
}

int
cmd_breach_verify(struct invocation *call)
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
	if (found.gl_pathc > 1 && call->operand_count > 0)
		worst = cmd_usage("there are several lists: say which one "
				  "SOURCE belongs to, by --list");
	for (size_t i = 0; worst != EXIT_USAGE && i < found.gl_pathc; i++) {
		int status = verify_one(call, found.gl_pathv[i], lists);

		if (status > worst)
			worst = status;
	}
	globfree(&found);
	if (call->json && worst != EXIT_USAGE)
		show_json(lists);
	return worst;
}
