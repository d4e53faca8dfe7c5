#include "progress.h"

#include "term.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSE	   0.2 /* seconds between two lines */
#define ERASE_LINE "\r\033[K"

enum { LINE_SIZE = 256 };

static double
now(void)
{
	struct timespec time = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void
progress_begin(struct progress *progress)
{
	progress->shown = term_look(stderr).draws;
	progress->started = progress->told = now();
}

bool
progress_is_due(const struct progress *progress)
{
	return progress->shown && now() - progress->told >= PAUSE;
}

double
progress_elapsed(const struct progress *progress)
{
	double elapsed = now() - progress->started;

	return elapsed > 0.001 ? elapsed : 0.001;
}

/* ", 1:02:03 left" */
static void
add_left(const struct progress *progress, double part, char *room, size_t size)
{
	double left = progress_elapsed(progress) * (1 - part) / part;
	unsigned seconds = (unsigned)left;

	if (part <= 0.001 || left > 1e9)
		return;
	if (seconds >= 3600)
		snprintf(room, size, ", %u:%02u:%02u left", seconds / 3600,
		    seconds / 60 % 60, seconds % 60);
	else
		snprintf(room, size, ", %u:%02u left", seconds / 60,
		    seconds % 60);
}

void
progress_tell(struct progress *progress, double part, const char *format, ...)
{
	struct term_view view = term_look(stderr);
	char line[LINE_SIZE];
	size_t used;
	va_list args;

	progress->told = now();
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	used = strlen(line);
	add_left(progress, part, line + used, sizeof line - used);
	/* The last column would begin a line of its own. */
	fprintf(stderr, ERASE_LINE "%.*s", (int)view.columns - 1, line);
	fflush(stderr);
}

void
progress_end(const struct progress *progress)
{
	if (!progress->shown)
		return;
	fputs(ERASE_LINE, stderr);
	fflush(stderr);
}
