/* Every way something can fail, and its English. */
#ifndef ERR_H
#define ERR_H

/*
 * What can fail returns 0, or one of these.  None is an answer: whoever gets
 * one knows nothing, and denies.
 */
enum err {
	ERR_MEMORY = -1,      /* no memory */
	ERR_INPUT = -2,	      /* what was given is malformed or out of range */
	ERR_SETTINGS = -3,    /* a setting or its file is wrong */
	ERR_IO = -4,	      /* a system call failed */
	ERR_UNTRUSTED = -5,   /* a file others could have changed or swapped */
	ERR_DAMAGED = -6,     /* stored bytes are not what was written */
	ERR_BUSY = -7,	      /* a lock or answer was not to be had in time */
	ERR_DIRECTORY = -8,   /* the user database could not tell */
	ERR_CALLER = -9,      /* this process may not use the store itself */
	ERR_RENAMED = -10,    /* the record belongs to another name */
	ERR_MISSING = -11,    /* the thing asked for is not there */
	ERR_EXISTS = -12,     /* the thing to be made is there already */
	ERR_TALK = -13,	      /* the conversation with the user failed */
	ERR_TALK_LATER = -14, /* the caller wants to be asked again later */
	ERR_PAM = -15,	      /* libpam itself refused a call */
	ERR_UNSUPPORTED = -16 /* this line or phase is not for this module */
};

/* What exactly went wrong, for a log line or standard error. */
struct trouble {
	char text[400]; /* one line, no newline; empty: nothing to add */
};

/* English for an enum err; never NULL. */
const char *err_text(int err);

/*
 * Writes the formatted text to *why, cut to fit, and returns err, so that a
 * failure is told and returned in one statement.  why may be NULL.  errno is
 * kept, and %m gives its text.
 */
int err_say(struct trouble *why, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
