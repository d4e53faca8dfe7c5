/* The choices a site makes: a plain struct, its defaults, and the one table
 * that says what each is called, what it may be and where it may stand. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SETTINGS_PATH_SIZE = 256,
	SETTINGS_SOCKET_SIZE = 108, /* of an address's path, unix(7) */
	SETTINGS_LIST_SIZE = 512,
	SETTINGS_WORD_SIZE = 64,
	SETTINGS_PROMPT_SIZE = 128,
};

enum enrolment {
	ENROLMENT_REQUIRED = 0, /* who has no authenticator is refused */
	ENROLMENT_OPTIONAL,	/* who has none, provably, is not asked */
	ENROLMENT_OFFERED,	/* who has none gets one in the login itself */
};

/* Which SSH keys, once shown, let off from the code. */
enum exempt_keys {
	EXEMPT_KEYS_NONE = 0,
	EXEMPT_KEYS_SK, /* those that live in a hardware token */
};

/* Whose word about the client and its keys counts. */
enum trust {
	TRUST_NONE = 0, /* nobody's; an address may still be PAM_RHOST's */
	TRUST_SSHD,	/* sshd's, who is the program */
};

/* What a login with a breached password comes to. */
enum at_login {
	AT_LOGIN_IGNORE = 0, /* it is not looked up */
	AT_LOGIN_LOG,
	AT_LOGIN_WARN,	 /* and the user is told */
	AT_LOGIN_CHANGE, /* another has to be chosen at once */
	AT_LOGIN_DENY,
};

/* What choosing a breached password comes to. */
enum at_change {
	AT_CHANGE_DENY = 0,
	AT_CHANGE_WARN, /* it is taken, and the user told */
	AT_CHANGE_LOG,
};

/* What choosing one comes to while no list can tell. */
enum when_missing {
	WHEN_MISSING_DENY = 0,
	WHEN_MISSING_ALLOW,
};

/* What a first enrolment by the user himself takes. */
enum self_enrolment {
	SELF_ENROLMENT_NO = 0, /* an invitation */
	SELF_ENROLMENT_YES,    /* that, or his password */
};

/* Times in seconds.  Strings are NUL-terminated; "" where nothing is set. */
struct settings {
	/* the site */
	char store_dir[SETTINGS_PATH_SIZE];
	char key_file[SETTINGS_PATH_SIZE];
	char verifier_socket[SETTINGS_SOCKET_SIZE];
	char issuer[SETTINGS_WORD_SIZE]; /* "": the host's name */
	uint64_t digits;	 /* of new codes, and of split answers */
	uint64_t enrolment;	 /* an enum enrolment */
	uint64_t enrol_by;	 /* Unix time when an offer ends; 0: never */
	uint64_t self_enrolment; /* an enum self_enrolment */
	char exempt_users[SETTINGS_LIST_SIZE];
	char exempt_groups[SETTINGS_LIST_SIZE];
	char exempt_networks[SETTINGS_LIST_SIZE];
	uint64_t exempt_keys; /* an enum exempt_keys */
	/* the judgement */
	uint64_t window; /* time steps each way */
	uint64_t hotp_lookahead;
	uint64_t free_tries;
	uint64_t first_wait;
	uint64_t longest_wait;
	uint64_t disable_after;
	/* the lists of breached passwords */
	char breach_lists[SETTINGS_PATH_SIZE]; /* a pattern of glob(7) */
	uint64_t breach_min_count;
	uint64_t breach_at_login;     /* an enum at_login */
	uint64_t breach_at_change;    /* an enum at_change */
	uint64_t breach_when_missing; /* an enum when_missing */
	/* the line */
	bool guard;
	uint64_t trust; /* an enum trust */
	bool split, use_split;
	bool explain;
	bool echo;
	bool try_first_pass, use_first_pass;
	char prompt[SETTINGS_PROMPT_SIZE]; /* "": the usual one */
	uint64_t retry; /* how often a new password is asked for */
	bool use_authtok;
	bool enforce_for_root;
};

extern const struct settings settings_default;

/* Where a setting may stand. */
enum settings_place {
	PLACE_FILE = 1,
	PLACE_AUTH = 2,	    /* an auth line of a PAM stack */
	PLACE_ACCOUNT = 4,  /* an account line */
	PLACE_PASSWORD = 8, /* a password line */
};

/* A row of the table, for manuals and for the doctor. */
struct settings_row {
	const char *name;
	const char *values; /* "0..2", "required|optional", … */
	const char *help;   /* one line */
	unsigned places;    /* enum settings_place, or-ed */
};

/* Row i, or NULL past the last. */
const struct settings_row *settings_row(size_t i);

/*
 * Sets one by name.  value is NULL for a bare word, which only a yes/no
 * setting takes.  Returns 0, or ERR_SETTINGS with the reason in *why; the
 * settings are then as before.
 */
int settings_set(struct settings *settings, enum settings_place place,
    const char *name, const char *value, struct trouble *why);

/* Whether the choices fit each other.  Returns 0 or ERR_SETTINGS. */
int settings_agree(const struct settings *settings, struct trouble *why);

/*
 * settings_load.c: fills *settings from the defaults, the file (config, or the
 * installed one where config is NULL, whose absence is then no error), its
 * drop-ins FILE.d/…conf in byte order, and a PAM line's words.  config=FILE on the
 * line names another file.  A tool passes PLACE_FILE and no words.  Returns 0
 * or an error with file, line and word in *why; *settings is then undefined.
 */
int settings_load(struct settings *settings, enum settings_place place,
    const char *config, int argc, const char **argv, struct trouble *why);

#endif
