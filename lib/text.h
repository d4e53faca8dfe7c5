/* Strict reading of ASCII text; no locale has a say. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool text_is_digit(char c);
bool text_is_blank(char c); /* space or tab */

/*
 * Decimal digits and nothing else (no sign, blank, or leading zero but "0"
 * itself), within [least, most].  Returns 0, or ERR_INPUT.
 */
int text_number(const char *text, uint64_t least, uint64_t most,
    uint64_t *number_out);

/*
 * A duration with its unit, "90s", "5m", "12h" or "3d", in seconds and within
 * [least, most].  Returns 0, or ERR_INPUT.
 */
int text_duration(const char *text, uint64_t least, uint64_t most,
    uint64_t *seconds_out);

/*
 * A day, "2027-01-31", from 1970 to 9999, as the Unix time at which it begins
 * in UTC.  Returns 0, or ERR_INPUT.
 */
int text_date(const char *text, uint64_t *time_out);

/* What follows the prefix in text, or NULL if text does not start with it. */
const char *text_after(const char *text, const char *prefix);

/* Copies text, whole or not at all.  Returns 0, or ERR_INPUT: no room. */
int text_copy(char *room, size_t room_size, const char *text);

/*
 * Steps through the words of a list separated by commas or blanks.  Start with
 * *at at the list's beginning; returns false at its end.
 */
bool text_next_word(const char **at, const char **word_out, size_t *len_out);

/*
 * Text of others made fit to stand between quotes in one line of a log:
 * printable ASCII stays, a quote, backslash and everything else becomes \xHH;
 * cut to fit and to 256 bytes of input.  NULL reads as "".  Returns room.
 */
char *text_escape(char *room, size_t room_size, const char *text);

/* Adds formatted text to the string in room, cut to fit. */
void text_append(char *room, size_t room_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
