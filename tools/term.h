/* The terminal that somebody sits at: how large, what it shows, what is
 * typed. */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* For the program's start and end: nothing takes the place of an output that is
 * closed, the locale's character set, no core dumps.  The end is where a signal
 * that was held takes its effect. */
void term_begin(void);
void term_end(void);

/*
 * From here on Ctrl-C, a hang-up and the like end the next term_read instead of
 * the program, so that what was begun can be taken back, and nothing is cut
 * off half drawn.
 */
void term_hold_signals(void);

/* Whether one came since. */
bool term_interrupted(void);

enum { TERM_USUAL_COLUMNS = 80 };

/* What a stream's other end is like: the usual size where nobody knows. */
struct term_view {
	bool terminal;
	bool draws; /* understands colours */
	bool utf8;  /* the locale's characters are UTF-8 */
	unsigned rows, columns;
};
struct term_view term_look(FILE *stream);

/*
 * Prompts on standard error and reads one line from standard input into room,
 * without its end.  hidden: what is typed on a terminal is not shown.  Returns
 * 0; ERR_INPUT: longer than the room; ERR_MISSING: nothing came; ERR_TALK:
 * a held signal; ERR_IO.
 */
int term_read(const char *prompt, bool hidden, char *room, size_t room_size);

/*
 * Asks a question that "y" agrees to, and nothing else, Ctrl-C and the end of
 * input included.  Returns 1 or 0; ERR_TALK where there is no terminal to ask
 * at.
 */
int term_agree(const char *question);

#endif
