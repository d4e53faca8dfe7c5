/* An otpauth address as a picture, shown the way --qr says. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stdio.h>

enum picture_mode {
	PICTURE_FITTING, /* whatever the terminal can show */
	PICTURE_BLOCKS,	 /* utf8 */
	PICTURE_BLANKS,	 /* ascii */
	PICTURE_FILE,	 /* svg:FILE */
	PICTURE_NONE,
};

struct picture {
	enum picture_mode mode;
	const char *file; /* of svg:FILE; borrowed */
	bool written;	  /* the file is there, and ours */
};

/* Reads --qr's value; NULL: not given.  Returns 0 or ERR_INPUT. */
int picture_read(const char *mode, struct picture *picture_out);

/* Shows it, says on standard error why if not, and returns EXIT_YES or the exit
 * status of a failure it told. */
int picture_show(struct picture *picture, const char *text, FILE *out);

/* Removes a file it wrote: nothing came of the enrolment. */
void picture_take_back(struct picture *picture);

#endif
