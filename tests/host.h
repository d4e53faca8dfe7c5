/*
 * A login program for tests: real libpam in this process, with the module that
 * was just built, a private store, and stacks of the test's own.
 *
 * The program's user database, clock and system log stand in front
 * of libc's, also for libpam and the module, because the program is searched
 * first for a symbol.  Everything else is the real thing.
 */
#ifndef HOST_H
#define HOST_H

#include "answer.h"
#include "record.h"
#include "scratch.h"
#include "store.h"

#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC, a step's start */

/* ---- what stands in front of libc ---- */

extern int64_t host_clock; /* CLOCK_REALTIME, seconds; 0: the real one */
extern bool host_clock_fails;
extern int host_directory_error;	  /* of getpwnam_r; 0: it works */
extern int host_shadow_error;		  /* of getspnam_r */
extern long host_changed, host_least_age; /* what it says of everybody */
extern char host_log[16384];  /* what was sent to the system log, in lines */
extern int host_log_priority; /* and facility, of the last line */

/* Known beside alice (uid 1000), bob (1001) and carol (1002).  canonical is
 * how the database spells the name. */
void host_add_user(const char *name, const char *canonical, uid_t uid);

/* ---- a conversation ---- */

enum { TALK_ANSWERS = 8, TALK_SAID = 8192 };

/* What the program answers, and what it heard. */
struct talk {
	const char *answers[TALK_ANSWERS]; /* in order; then NULL texts */
	int result;	      /* the function's; PAM_SUCCESS is the default */
	bool no_array;	      /* gives no responses at all */
	bool no_function;     /* there is no conversation function */
	int again;	      /* say PAM_CONV_AGAIN so often first */
	void (*during)(void); /* called before an answer is given */
	const char *shown;    /* and to what: the module's own text */
	int asked, told;      /* prompts and texts */
	int most_messages;    /* in one call */
	int style, told_as;   /* of the last prompt, of the last text */
	unsigned delay;	      /* microseconds asked for after a refusal */
	char said[TALK_SAID]; /* all of it */
};

/* ---- a login ---- */

struct host {
	struct scratch scratch;
	char conf_dir[SCRATCH_PATH_SIZE]; /* of the stacks */
	char config[SCRATCH_PATH_SIZE];	  /* the settings file */
};

/* A store, settings and no users enrolled.  settings: lines beside those that
 * name store, key and lists. */
void host_new(struct host *host, const char *settings);
void host_free(struct host *host);
#define AUTO_HOST __attribute__((cleanup(host_free)))

/*
 * Enrols, with one phone (the RFCs' 20-byte seed, shifted by the uid) and
 * recovery codes; host_code and host_recovery give what it would show.
 */
void host_enrol(struct host *host, const char *user, uid_t uid);
const char *host_code(uid_t uid, int64_t time);
const char *host_recovery(uid_t uid, unsigned n);

/* Writes the stack "test".  In it %M is the module and its config= word, %m the
 * module alone, %S the one that stores, see pam_stores.c, and %D the scratch
 * folder. */
void host_stack(struct host *host, const char *stack);

/* pam_start, pam_authenticate, and pam_end.  The stack, if none was written,
 * is our auth line alone with explain. */
int host_login(struct host *host, const char *user, struct talk *talk);

/* The parts, for longer transactions. */
pam_handle_t *host_start(struct host *host, const char *user,
    struct talk *talk);

/* One attempt with one answer. */
int host_try(struct host *host, const char *user, const char *answer);

/* Failures counted for a uid; last sequence number written. */
unsigned host_failures(struct host *host, uid_t uid);
uint64_t host_sequence(struct host *host, uid_t uid);

/* Changes that the user was not told of yet: makes some, and what there are. */
void host_note(struct host *host, const char *user, uid_t uid,
    uint32_t notices);
uint32_t host_notices(struct host *host, uid_t uid);

#endif
