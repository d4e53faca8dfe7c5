/* The answers there are. */
#ifndef VERDICT_H
#define VERDICT_H

/*
 * What an attempt came to.  Zero, and any value not listed, denies.  The
 * values differ in many bits, so that no single flipped bit turns a refusal
 * into an acceptance.
 */
enum verdict {
	VERDICT_CANNOT_TELL = 0,
	VERDICT_ACCEPTED = 0x3a96c5e1,
	VERDICT_ACCEPTED_RECOVERY = 0x65d23b8e,
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

/* Whether anything has to be asked at all.  Zero asks. */
enum passage {
	PASSAGE_ASK = 0,
	PASSAGE_EXEMPT = 0x5c1d,     /* the settings exempt this user */
	PASSAGE_UNENROLLED = 0x3276, /* proven, where enrolment is optional */
};

#endif
