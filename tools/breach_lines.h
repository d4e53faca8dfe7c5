/* The lines of a list, as hashes: foreign bytes of any kind. */
#ifndef BREACH_LINES_H
#define BREACH_LINES_H

#include "breach.h"
#include "breach_batch.h"
#include "breach_prefixes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a file, and where in it one is. */
enum {
	BREACH_TEXT_PADDING = 64,     /* zero bytes behind the end */
	BREACH_LINE_MOST = 64 * 1024, /* bytes, with all it has around */
	BREACH_NO_PREFIX = -1,
};
struct breach_text {
	const uint8_t *at, *end;
	bool whole;	  /* the file ends here */
	const char *file; /* its name, for messages */
	uint64_t line;	  /* lines before at */
	int prefix;	  /* of a range file: the 20 bits it leaves out */
};

enum breach_counting {
	BREACH_COUNTING_AS_FIRST, /* all lines have counts, or none has */
	BREACH_COUNTING_WANTED,	  /* all have */
	BREACH_COUNTING_IGNORED,  /* some may have */
};

struct breach_lines {
	/* What to take; the caller sets it. */
	bool words;	       /* passwords, not hashes of them */
	enum breach_kind kind; /* 0: as the first line is long */
	enum breach_counting counting;
	uint32_t least; /* the smallest count to keep, at least 1 */
	bool ascending; /* stop where a hash is lower than the one before */
	/* What was found. */
	bool counted;  /* in the line before; kind is then known, too */
	bool descends; /* the next line is what had to be stopped at */
	uint64_t lines, zero_counts, below_least;
	uint64_t not_utf8; /* words that an NT list cannot hold */
	uint64_t previous;
	uint32_t prefix; /* of the line before */
	struct breach_prefixes prefixes;
};

/* Sets everything found back, and what the first line said. */
void breach_lines_start(struct breach_lines *lines);

/*
 * Takes lines until text or batch is used up, or lines->descends.  What is
 * left of the text is the beginning of a line.  Returns 0, or ERR_INPUT with
 * file and line in *why.
 */
int breach_lines_take(struct breach_lines *lines, struct breach_text *text,
    struct breach_batch *batch, struct trouble *why);

#endif
