#include "show.h"

#include "term.h"
#include "text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PROSE_SIZE = 2048 };

const char *
show_number(uint64_t number, char room[SHOW_NUMBER_SIZE])
{
	size_t at = SHOW_NUMBER_SIZE;
	unsigned digits = 0;

	room[--at] = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			room[--at] = ',';
		room[--at] = (char)('0' + number % 10);
		number /= 10;
		digits++;
	} while (number > 0);
	memmove(room, room + at, SHOW_NUMBER_SIZE - at);
	return room;
}

/* A year that no calendar here has, or a text too long for the room. */
static const char *
no_such_time(char room[SHOW_TIME_SIZE])
{
	snprintf(room, SHOW_TIME_SIZE, "(no such time)");
	return room;
}

const char *
show_local(int64_t time, char room[SHOW_TIME_SIZE])
{
	time_t when = (time_t)time;
	struct tm parts;

	if (localtime_r(&when, &parts) == NULL ||
	    strftime(room, SHOW_TIME_SIZE, "%F %T %Z", &parts) == 0)
		return no_such_time(room);
	return room;
}

const char *
show_clock(int64_t time, char room[SHOW_CLOCK_SIZE])
{
	char local[SHOW_TIME_SIZE], utc[SHOW_TIME_SIZE];
	time_t when = (time_t)time;
	struct tm parts;

	show_local(time, local);
	if (gmtime_r(&when, &parts) == NULL ||
	    strftime(utc, sizeof utc, "%F %T UTC", &parts) == 0)
		return no_such_time(room);
	if (strcmp(local, utc) == 0)
		snprintf(room, SHOW_CLOCK_SIZE, "%s", utc);
	else
		snprintf(room, SHOW_CLOCK_SIZE, "%s, %s", utc, local);
	return room;
}

json_object *
show_json_time(int64_t time)
{
	time_t when = (time_t)time;
	char room[SHOW_TIME_SIZE];
	struct tm parts;

	if (time == 0 || gmtime_r(&when, &parts) == NULL ||
	    strftime(room, sizeof room, "%FT%TZ", &parts) == 0)
		return NULL;
	return json_object_new_string(room);
}

/* Bytes that follow the first one of a character, or -1 (RFC 3629). */
static int
followers(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 1;
	if (first >= 0xe0 && first <= 0xef)
		return 2;
	return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

static bool
is_utf8(const char *text)
{
	while (*text != '\0') {
		int more = followers((unsigned char)*text++);

		if (more < 0)
			return false;
		for (; more > 0; more--)
			if (((unsigned char)*text++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

json_object *
show_json_text(const char *text)
{
	char escaped[1100]; /* four bytes for each that text_escape takes */

	if (is_utf8(text))
		return json_object_new_string(text);
	return json_object_new_string(
	    text_escape(escaped, sizeof escaped, text));
}

void
show_wrapped(FILE *out, const char *indent, const char *text, size_t columns)
{
	static const char blanks[] = " \n";
	size_t used = strlen(indent);

	fputs(indent, out);
	while (*text != '\0') {
		size_t gap = strspn(text, blanks);
		size_t word = strcspn(text + gap, blanks);

		if (columns > 0 && used > strlen(indent) &&
		    used + gap + word >= columns) {
			fprintf(out, "\n%s", indent);
			used = strlen(indent);
		} else {
			fprintf(out, "%*s", (int)gap, "");
			used += gap;
		}
		fprintf(out, "%.*s", (int)word, text + gap);
		used += word;
		text += gap + word;
	}
	fputc('\n', out);
}

void
show_prose(FILE *out, const char *format, ...)
{
	size_t columns = term_look(out).columns;
	char text[PROSE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	show_wrapped(out, "", text,
	    columns < TERM_USUAL_COLUMNS ? columns : TERM_USUAL_COLUMNS);
}

void
show_pair(const char *left, int width, const char *right)
{
	size_t columns = term_look(stdout).columns;

	if (columns < TERM_USUAL_COLUMNS) {
		puts(left);
		show_wrapped(stdout, "      ", right, columns);
	} else if (strlen(left) < (size_t)width) {
		printf("%-*s%s\n", width, left, right);
	} else {
		printf("%s\n%*s%s\n", left, width, "", right);
	}
}

void
show_codes(const struct codes *codes, FILE *out)
{
	if (codes->count == 0)
		return;
	fputc('\n', out);
	show_prose(out, "Recovery codes, shown this once.  Each opens the door "
			"one time without the phone: keep them where the phone "
			"is not.");
	fputc('\n', out);
	for (size_t i = 0; i < codes->count; i++)
		fprintf(out, "  %s\n", codes->text[i]);
	fputc('\n', out);
}

json_object *
show_json_codes(const struct codes *codes)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < codes->count; i++)
		json_object_array_add(array,
		    json_object_new_string(codes->text[i]));
	return array;
}

void
show_json(json_object *document)
{
	puts(json_object_to_json_string_ext(document,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE));
}

void
show_json_done(json_object **document)
{
	json_object_put(*document);
}

void
show_json_given(const char *kind, const char *user, const char *code,
    int64_t expires)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(user));
	json_object_object_add(out, kind,
	    code == NULL ? NULL : json_object_new_string(code));
	json_object_object_add(out, "expires", show_json_time(expires));
	show_json(out);
}
