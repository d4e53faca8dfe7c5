/* One line of a system log, and what Sallyport says in it. */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of the line that was read: borrowed, still escaped as it stood.  An
 * empty one begins somewhere, too. */
struct log_text {
	const char *at;
	size_t len;
};
bool log_text_is(const struct log_text *text, const char *word);

/* A time as it was written down. */
struct log_stamp {
	int year;		  /* 0: not written */
	int month, day;		  /* from 1 */
	int hour, minute, second; /* a second may be a leap one, 60 */
	bool has_offset;	  /* else it is this machine's zone */
	int offset;		  /* seconds east of UTC */
};

struct log_line {
	struct log_stamp stamp;
	struct log_text event;	 /* never empty: letters and dashes */
	struct log_text user;	 /* empty, as others: not said */
	struct log_text address; /* where the client is */
	struct log_text of;	 /* the authenticator that drifts */
	uint32_t failures;	 /* in a row */
	bool drifted;
	int32_t drift; /* seconds that its clock is ahead */
};

/*
 * Reads a line without its newline: "Nov 25 18:00:01 host sshd[7]:
 * pam_sallyport(sshd:auth): event=...", and what the tool and the verifier
 * write, with such a time or an ISO 8601 one.  False: it is not one of
 * Sallyport's, or is cut short; *line_out is then not to be looked at.
 */
bool log_line_read(const char *text, size_t len, struct log_line *line_out);

/*
 * Reads an ISO 8601 time that begins the text: 2026-11-25T18:00:01, with a
 * fraction of a second or without, and with Z, an offset or neither behind; or
 * the date alone.  Returns what follows it in the text, or NULL.
 */
const char *log_stamp_read(const char *text, const char *end,
    struct log_stamp *stamp_out);

/* Makes Unix times of times as written, of one minute after the other. */
struct log_clock {
	int64_t now; /* the caller's: a time without a year is not after it */
	struct log_stamp minute;
	int64_t base;
};
int64_t log_clock_read(struct log_clock *clock, const struct log_stamp *stamp);

#endif
