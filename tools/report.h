/* Patterns in what the log says, line by line. */
#ifndef REPORT_H
#define REPORT_H

#include "log_line.h"

#include <stddef.h>
#include <stdint.h>

/* From so many on, something is told. */
enum {
	REPORT_USERS = 5,	   /* refused from one address */
	REPORT_WITHIN = 60 * 60,   /* seconds, the first so many of them */
	REPORT_FAILURES = 5,	   /* before a success */
	REPORT_CODES = 3,	   /* refused, none accepted */
	REPORT_DRIFTS = 2,	   /* of one user's authenticators */
	REPORT_CLOCKS = 3,	   /* users whose clocks agree against ours, */
	REPORT_CLOCKS_WITHIN = 30, /* to so many seconds */
	REPORT_NAMES = 5,	   /* that are told of many */
};

enum report_pattern {
	REPORT_MANY_USERS,     /* one address, many users */
	REPORT_PASSWORD_KNOWN, /* codes refused, and never one accepted */
	REPORT_SUCCESS_AFTER_FAILURES, /* a right one after many wrong ones */
	REPORT_NEW_ADDRESS,	       /* enrolled where he never logged in */
	REPORT_DRIFT,		       /* a phone's clock is off */
	REPORT_HOST_CLOCK,	       /* ours is */
	REPORT_PATTERNS,
};

/* Its stable name; what it means, and what to do about it. */
const char *report_pattern_name(enum report_pattern pattern);
const char *report_pattern_meaning(enum report_pattern pattern);

/* What was found.  Its text is the report's. */
struct report_finding {
	enum report_pattern pattern;
	const char *user;		 /* NULL: several */
	const char *address;		 /* "": this machine; NULL: no matter */
	const char *authenticator;	 /* of a drift, or NULL */
	const char *names[REPORT_NAMES]; /* of users, the first ones */
	uint64_t users;			 /* all of them */
	uint64_t count;			 /* refusals, drifts, earlier logins */
	int32_t drift_first, drift;	 /* seconds a clock is ahead of ours */
	int64_t first, last;
};

/* Start with zeros; report_done frees. */
struct report {
	uint64_t lines, events, accepted, refused;
	int64_t first, last;		 /* of the events */
	struct report_finding *findings; /* owned */
	size_t count;

	void *people, *places, *pairs; /* trees, owned */
};

/* Takes one line and its time, in the log's order; then, once, says what is to
 * be found in all of them.  Return 0, or ERR_MEMORY. */
int report_take(struct report *report, const struct log_line *line,
    int64_t time);
int report_finish(struct report *report);

void report_done(struct report *report);
#define AUTO_REPORT __attribute__((cleanup(report_done)))

#endif
