/* The answers there are. */
#ifndef VERDICT_H
#define VERDICT_H

#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What an attempt came to.  Zero, and any value not listed, denies.  The
 * values differ in many bits, so that no single flipped bit turns a refusal
 * into an acceptance.
 */
enum verdict {
	VERDICT_CANNOT_TELL = 0,
	VERDICT_ACCEPTED = 0x3a96c5e1,
	VERDICT_ACCEPTED_RECOVERY = 0x65d23b8e,
	VERDICT_ACCEPTED_BYPASS = 0x5b0cf639,
	VERDICT_WRONG = 0x1c4f,
	VERDICT_REPLAYED = 0x2b31,
	VERDICT_WAITING = 0x4d72,
	VERDICT_DISABLED = 0x7e0b,
	VERDICT_MALFORMED = 0x58d4,
	VERDICT_CLOCK_BEHIND = 0x6396,
	VERDICT_NOT_ENROLLED = 0x0fa8,
	VERDICT_CALLER_BLOCKED = 0x35c7,
};

/* Its one stable name, as in the log; "cannot-tell" for what is not listed. */
const char *verdict_name(enum verdict verdict);

/* Whether it is one of the answers above, other than "cannot tell". */
bool verdict_is_known(enum verdict verdict);

/* Whether it opens the door. */
bool verdict_accepts(enum verdict verdict);

/* A verdict, and what a log line or an explanation may say about it. */
struct judgement {
	enum verdict verdict;
	char authenticator[RECORD_NAME_SIZE]; /* whose code; "": none's */
	uint32_t failures; /* in a row: before a success, or with this one */
	int64_t wait;	   /* seconds until a code can be accepted again */
	unsigned recovery_left;
	bool drifted;	     /* a wrong code that is right at another time: */
	int64_t drift;	     /* seconds that clock is ahead; for the log only */
	bool caused_disable; /* this attempt was one too many */
	uint32_t notices;    /* of state.h, with an acceptance: not told yet */
};

/* What a line of the log says beside the verdict's name: nothing, or words
 * with a blank before each.  Returns room. */
enum { JUDGEMENT_TEXT_SIZE = 256 };
const char *judgement_text(const struct judgement *judgement,
    char room[JUDGEMENT_TEXT_SIZE]);

/* Whether anything has to be asked at all.  Zero asks. */
enum passage {
	PASSAGE_ASK = 0,
	PASSAGE_EXEMPT = 0x5c1d,     /* the settings exempt this user, */
	PASSAGE_NETWORK = 0x6a93,    /* or where the client is, */
	PASSAGE_KEY = 0x2e58,	     /* or the key it has shown */
	PASSAGE_UNENROLLED = 0x3276, /* proven, where enrolment is optional, */
	PASSAGE_OFFERED = 0x478b,    /* or is a part of the login, later on */
};

/* What a new password comes to.  Zero, and any value not listed, refuses. */
enum fitness {
	FITNESS_UNKNOWN = 0,	     /* no list could tell */
	FITNESS_CLEAN = 0x29735a1c,  /* taken: it is not breached */
	FITNESS_WARNED = 0x7953a6f2, /* breached, but taken; the user is told */
	FITNESS_LOGGED = 0x134f069b, /* breached, but taken */
	FITNESS_UNCHECKED = 0x5351d228, /* taken, though no list could tell */
	FITNESS_REFUSED = 0x3fe8,	/* breached */
	FITNESS_MISTYPED = 0x4a2e,	/* the second time it was another */
	FITNESS_ABSENT = 0x05c7,	/* no module before has asked for one */
};

const char *fitness_name(enum fitness fitness);
bool fitness_taken(enum fitness fitness);

/* What a login with a breached password comes to.  Zero, and any value not
 * listed, refuses. */
enum aftermath {
	AFTERMATH_REFUSED = 0,
	AFTERMATH_NONE = 0x1e75,      /* as if it were not breached */
	AFTERMATH_LOGGED = 0x4bdb,    /* in, and the log says so */
	AFTERMATH_WARNED = 0x45a9,    /* the user is told, too */
	AFTERMATH_CHANGE = 0x3cad,    /* another has to be chosen at once */
	AFTERMATH_POSTPONED = 0x5017, /* or would, could it be changed now */
};

const char *aftermath_name(enum aftermath aftermath);

#endif
