/* What is set up wrong, and how to put it right. */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "cmd.h"
#include "pam_stack.h"
#include "settings.h"
#include "sshd_config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING, /* may be meant */
	SEVERITY_UNKNOWN, /* it could not be told */
	SEVERITY_FAULT,	  /* locks people out, or lets them past */
};

const char *severity_name(enum severity severity);

enum { FINDING_PLACE = 300, FINDING_TEXT = 640 };

struct finding {
	enum severity severity;
	const char *id;		  /* stays the same from release to release */
	char file[FINDING_PLACE]; /* "": no file */
	unsigned line;		  /* 0: the file as a whole */
	char text[FINDING_TEXT];  /* what happens to whom */
	char fix[FINDING_TEXT];	  /* what to write; lines end in '\n' */
};

/* What was found of one service. */
struct service_note {
	char name[64];
	bool well;	  /* looked at wholly, nothing worse than a note */
	char asks[64];	  /* "password, then code" */
	char spares[128]; /* "root is not asked"; "": nobody */
	bool looks_up;	  /* new passwords, in a list of breached ones */
};

/*
 * What the doctor looks at, and what he has found.  The upper part is the
 * caller's; doctor_done frees the lists.
 */
struct doctor {
	struct pam_dirs dirs;
	const char *settings_file;	/* for lines without config=, and to be
					 * named by new ones; or NULL */
	const struct sshd_config *sshd; /* NULL: do not judge sshd's settings */
	bool no_sshd;			/* there is no such program */
	char sshd_service[64];		/* the PAM service that sshd uses */
	const char *module_dirs;	/* where PAM's modules are, a pattern of
				  * glob(7); NULL: do not look for them */

	struct finding *findings;
	size_t count;
	struct service_note *services;
	size_t service_count;
	bool list_only; /* no line of ours asks for codes */
	bool asks;	/* some line does, with these settings: */
	struct settings asked_by;
	bool runs_as_user;    /* some service that asks is not root's */
	bool lost;	      /* no memory for a finding */
	struct finding spare; /* for one said before, or lost */
};

void doctor_done(struct doctor *doctor);
#define AUTO_DOCTOR __attribute__((cleanup(doctor_done)))

/* Looks at one service, by name, that is meant to ask for a code, unless it is
 * one that changes passwords. */
void doctor_service(struct doctor *doctor, const char *service);

/* Looks at every service of the folders that calls our module, and at sshd's
 * where there is an sshd. */
void doctor_services(struct doctor *doctor);

/* Whether there is an sshd, or a file for it. */
bool doctor_has_sshd(const struct doctor *doctor);

/* The worst there is; SEVERITY_NOTE if nothing is. */
enum severity doctor_worst(const struct doctor *doctor);

/*
 * For those who look: a new finding to be filled in, never NULL.  The same id
 * at the same place is said only once.  It is valid until the next.
 */
struct finding *doctor_find(struct doctor *doctor, enum severity severity,
    const char *id, const char *file, unsigned line);
void finding_text(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_fix(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* adds a line */

/* What to write is a line of ours: what stands before the module in it, and
 * the words behind. */
void doctor_fix_ours(const struct doctor *doctor, struct finding *finding,
    const char *before, const char *words);

/* What to do where PAM finds no file of a service's own. */
#define DOCTOR_FIX_NO_FILE "give it a file, or name a service that has one"

/* What the lines of a service come to; filled in by doctor_stack_look. */
struct stack_facts {
	const char *service;
	bool is_sshd;
	bool wanted; /* it is meant to ask for a code */
	const char *own_file;
	const struct pam_rule *judge; /* the auth line that judges a code */
	const struct pam_rule *split;
	const struct pam_rule *guard; /* where it may stand */
	bool key_first;	     /* sshd has seen a key before anything is asked */
	bool factor;	     /* nobody gets in with a code alone */
	bool unenrolled;     /* who has no authenticator is not asked */
	bool offers;	     /* who has none is given one in the login */
	bool exempts;	     /* some users are never asked */
	bool root_passes;    /* pam_rootok lets root past, on purpose */
	bool looks_up;	     /* new passwords */
	bool demands_change; /* of a breached password that logs in */
};

/* doctor_stack.c: what the service's own lines do. */
void doctor_stack_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts);

/* doctor_paths.c: who gets past our lines of one type, with these settings,
 * and who does not get in at all. */
void doctor_paths_look(struct doctor *doctor, const struct pam_stack *stack,
    enum pam_type type, const struct settings *settings,
    struct stack_facts *facts);

/* doctor_paths.c: whether anybody gets past the account lines at all. */
void doctor_account_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts);

/* doctor_list.c: what they do about breached passwords. */
void doctor_list_look(struct doctor *doctor, const struct pam_stack *stack,
    struct stack_facts *facts);

/* The settings of a line of ours, as the module itself would read them.
 * Returns 0 or an error. */
int doctor_load_line(const struct doctor *doctor, const struct pam_rule *rule,
    struct settings *settings, struct trouble *why);

/* Whether the line calls a module that is not there, where PAM's modules are. */
bool doctor_module_missing(const struct doctor *doctor,
    const struct pam_rule *rule);

/* Whether the line's settings let anybody off for who he is, where his client
 * is, or the key he has shown. */
bool doctor_exempts(const struct settings *settings);

/* Whether it is a line of ours that refuses who has given no code. */
bool doctor_line_judges(const struct pam_rule *rule);

/* doctor_sshd.c: what sshd's settings make of them. */
void doctor_sshd_look(struct doctor *doctor, const struct stack_facts *facts);

/*
 * doctor_host.c: the machine.  What the parts judge is read by
 * doctor_host_look, or is what a test says.
 */
void doctor_host_look(struct doctor *doctor, const struct settings *settings);

/* The store's folder is on a file system of this kind, as statfs(2) has it;
 * copies: one of its files is not kept from being copied on writing. */
void doctor_disk_judge(struct doctor *doctor, const char *dir, uint32_t kind,
    bool copies);

/* Whether something keeps the clock right. */
void doctor_clock_judge(struct doctor *doctor, const struct settings *settings,
    bool kept);

/* The verifier, a program by its path, and its socket. */
void doctor_verifier_look(struct doctor *doctor,
    const struct settings *settings, const char *program);

/* doctor_people.c: who will not get in, by the store. */
void doctor_people_look(struct doctor *doctor, const struct settings *settings);

/* doctor_migrate.c: prints what takes the place of another module in a service;
 * returns the exit status. */
int doctor_migrate(const struct invocation *call, const struct pam_dirs *dirs,
    const char *service);

/* doctor_sshd.c: whether every way in proves a key before it asks for a code,
 * by sshd's settings. */
bool doctor_sshd_key_first(const struct sshd_config *sshd);

#endif
