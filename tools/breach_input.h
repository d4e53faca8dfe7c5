/* What an index is made from: files, standard input and folders of range
 * files, as the text of one file after the other. */
#ifndef BREACH_INPUT_H
#define BREACH_INPUT_H

#include "breach_lines.h"

#include <stdbool.h>

struct breach_input;

struct breach_input_choices {
	char **names; /* "-" is standard input */
	int count;
	bool partial;	 /* folders may lack ranges */
	uint64_t memory; /* that unpacking may take */
};

/*
 * Looks that all of them are there, and that no folder lacks a range.  Returns
 * 0, or an error with the name in *why.  The choices are copied, their names
 * borrowed.
 */
int breach_input_open(const struct breach_input_choices *choices,
    struct breach_input **input_out, struct trouble *why);
void breach_input_close(struct breach_input *input);

/*
 * Goes on in the file that *text is from, behind what is left of text there,
 * or with the next file.  Start with a text of zeros.  Returns 1, 0 where
 * nothing is left, or an error.
 */
int breach_input_next(struct breach_input *input, struct breach_text *text,
    struct trouble *why);

/* Whether it can be read more than once; and begins anew. */
bool breach_input_repeats(const struct breach_input *input);
int breach_input_rewind(struct breach_input *input, struct trouble *why);

/* Which part of all bytes was read, 0 to 1; negative: nobody knows. */
double breach_input_part(const struct breach_input *input);

#endif
