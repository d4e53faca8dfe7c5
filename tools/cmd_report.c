#include "cmd.h"

#include "log_lines.h"
#include "report.h"
#include "show.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SINCE_LONGEST = 3650 * 24 * 60 * 60 }; /* seconds */

/* ---- reading ---- */

/* "7d", or a time as logs have it. */
static int
read_since(const char *text, struct log_clock *clock, int64_t *since_out)
{
	const char *end;
	struct log_stamp stamp;
	uint64_t seconds;

	if (text == NULL)
		return EXIT_YES;
	end = text + strlen(text);
	if (text_duration(text, 1, SINCE_LONGEST, &seconds) == 0)
		*since_out = clock->now - (int64_t)seconds;
	else if (log_stamp_read(text, end, &stamp) == end)
		*since_out = log_clock_read(clock, &stamp);
	else
		return cmd_usage("--since takes 12h or 7d, 2026-11-25, or "
				 "2026-11-25T18:00:01+00:00");
	return EXIT_YES;
}

static int
read_lines(struct log_lines *lines, struct log_clock *clock, int64_t since,
    struct report *report, struct trouble *why)
{
	struct log_line line;
	const char *text;
	size_t len;
	int r;

	while ((r = log_lines_next(lines, &text, &len, why)) > 0) {
		int64_t at;

		report->lines++;
		if (!log_line_read(text, len, &line))
			continue;
		at = log_clock_read(clock, &line.stamp);
		if (at >= since && (r = report_take(report, &line, at)) < 0)
			return r;
	}
	return r < 0 ? r : report_finish(report);
}

/* ---- for people ---- */

static void
print_span(const struct report_finding *finding)
{
	char first[SHOW_TIME_SIZE], last[SHOW_TIME_SIZE];

	printf("    %s", show_local(finding->first, first));
	if (finding->last != finding->first)
		printf(" to %s", show_local(finding->last, last));
	putchar('\n');
}

/* "alice, bob and 15 others" */
static void
print_names(const struct report_finding *finding)
{
	char others[SHOW_NUMBER_SIZE];
	uint64_t told =
	    finding->users < REPORT_NAMES ? finding->users : REPORT_NAMES;

	printf("    ");
	for (uint64_t i = 0; i < told; i++)
		printf("%s%s", i == 0 ? "" : ", ", finding->names[i]);
	if (finding->users > told)
		printf(" and %s more",
		    show_number(finding->users - told, others));
	putchar('\n');
}

static const char *
from_where(const struct report_finding *finding)
{
	return finding->address[0] != '\0' ? finding->address : "this machine";
}

static void
print_drift(int32_t drift)
{
	printf("%" PRId32 " s %s", drift < 0 ? -drift : drift,
	    drift < 0 ? "behind" : "ahead");
}

static void
print_finding(const struct report_finding *finding)
{
	char users[SHOW_NUMBER_SIZE], count[SHOW_NUMBER_SIZE];

	show_number(finding->users, users);
	show_number(finding->count, count);
	switch (finding->pattern) {
	case REPORT_MANY_USERS:
		printf("  %s: %s users, %s refusals\n", from_where(finding),
		    users, count);
		print_names(finding);
		break;
	case REPORT_PASSWORD_KNOWN:
		printf("  %s from %s: %s codes\n", finding->user,
		    from_where(finding), count);
		break;
	case REPORT_SUCCESS_AFTER_FAILURES:
		printf("  %s from %s: after %s wrong codes\n", finding->user,
		    from_where(finding), count);
		break;
	case REPORT_NEW_ADDRESS:
		printf("  %s from %s: %s login%s before, from elsewhere\n",
		    finding->user, from_where(finding), count,
		    finding->count == 1 ? "" : "s");
		break;
	case REPORT_DRIFT:
		printf("  %s, \"%s\": %s codes, ", finding->user,
		    finding->authenticator, count);
		print_drift(finding->drift_first);
		printf(" at first, ");
		print_drift(finding->drift);
		puts(" at last");
		break;
	case REPORT_HOST_CLOCK:
		printf("  %s users, about ", users);
		print_drift(finding->drift);
		putchar('\n');
		print_names(finding);
		break;
	case REPORT_PATTERNS:
	default:
		break;
	}
	print_span(finding);
}

static void
print_summary(const struct report *report)
{
	char lines[SHOW_NUMBER_SIZE], events[SHOW_NUMBER_SIZE];
	char accepted[SHOW_NUMBER_SIZE], refused[SHOW_NUMBER_SIZE];
	char first[SHOW_TIME_SIZE], last[SHOW_TIME_SIZE];

	printf("%s lines, %s events", show_number(report->lines, lines),
	    show_number(report->events, events));
	if (report->events > 0)
		printf(":\n  %s codes accepted, %s refusals,\n  %s to %s",
		    show_number(report->accepted, accepted),
		    show_number(report->refused, refused),
		    show_local(report->first, first),
		    show_local(report->last, last));
	putchar('\n');
}

static void
print_report(const struct report *report)
{
	int shown = -1;

	for (size_t i = 0; i < report->count; i++) {
		const struct report_finding *finding = &report->findings[i];

		if ((int)finding->pattern != shown)
			show_prose(stdout, "%s: %s",
			    report_pattern_name(finding->pattern),
			    report_pattern_meaning(finding->pattern));
		shown = (int)finding->pattern;
		print_finding(finding);
	}
	if (report->count > 0)
		putchar('\n');
	print_summary(report);
}

/* ---- for programs ---- */

static json_object *
text_or_null(const char *text)
{
	return text == NULL ? NULL : json_object_new_string(text);
}

static json_object *
json_finding(const struct report_finding *finding)
{
	json_object *out = json_object_new_object();
	json_object *names = json_object_new_array();

	for (size_t i = 0; i < REPORT_NAMES && finding->names[i] != NULL; i++)
		json_object_array_add(names,
		    json_object_new_string(finding->names[i]));
	if (finding->user != NULL)
		json_object_array_add(names, text_or_null(finding->user));
	json_object_object_add(out, "pattern",
	    json_object_new_string(report_pattern_name(finding->pattern)));
	json_object_object_add(out, "address", text_or_null(finding->address));
	json_object_object_add(out, "users",
	    json_object_new_int64((int64_t)finding->users));
	json_object_object_add(out, "names", names);
	json_object_object_add(out, "count",
	    json_object_new_int64((int64_t)finding->count));
	json_object_object_add(out, "authenticator",
	    text_or_null(finding->authenticator));
	json_object_object_add(out, "drift",
	    json_object_new_int(finding->drift));
	json_object_object_add(out, "first", show_json_time(finding->first));
	json_object_object_add(out, "last", show_json_time(finding->last));
	return out;
}

static void
print_json(const struct report *report)
{
	AUTO_JSON json_object *out = json_object_new_object();
	json_object *findings = json_object_new_array();

	for (size_t i = 0; i < report->count; i++)
		json_object_array_add(findings,
		    json_finding(&report->findings[i]));
	json_object_object_add(out, "lines",
	    json_object_new_int64((int64_t)report->lines));
	json_object_object_add(out, "events",
	    json_object_new_int64((int64_t)report->events));
	json_object_object_add(out, "accepted",
	    json_object_new_int64((int64_t)report->accepted));
	json_object_object_add(out, "refused",
	    json_object_new_int64((int64_t)report->refused));
	json_object_object_add(out, "first", show_json_time(report->first));
	json_object_object_add(out, "last", show_json_time(report->last));
	json_object_object_add(out, "findings", findings);
	show_json(out);
}

int
cmd_report(struct invocation *call)
{
	const char *file = call->operand_count > 0 ? call->operands[0] : NULL;
	AUTO_REPORT struct report report = { 0 };
	struct log_clock clock = { .now = time(NULL) };
	struct log_lines *lines = NULL;
	struct trouble why = { "" };
	int64_t since = 0;
	int r, status;

	status = read_since(cmd_option(call, "since"), &clock, &since);
	if (status != EXIT_YES)
		return status;
	if ((r = log_lines_open(file, since, &lines, &why)) == 0)
		r = read_lines(lines, &clock, since, &report, &why);
	log_lines_close(lines);
	if (r < 0)
		return cmd_fail("reading the log", r, &why);
	if (report.events == 0)
		cmd_say("no line there is of Sallyport's");
	if (call->json)
		print_json(&report);
	else
		print_report(&report);
	return report.count > 0 ? EXIT_NO : EXIT_YES;
}
