/*
 * A change of sshd's own files, on trial: what was there before is put back
 * unless somebody confirms it.  The files:
 *
 *	/etc/pam.d/sshd				changed; the one before is kept
 *	/etc/pam.d/sshd.before-sallyport.bak	here, and
 *	/etc/ssh/sshd_config.d/00-sallyport.conf is new
 *	/etc/ssh/sallyport-trial		is there while nobody has
 *						confirmed; it is also the lock
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "ssh_session.h"

#include <stdbool.h>
#include <stddef.h>

#define TRIAL_PAM_DIR	 "/etc/pam.d"
#define TRIAL_SSHD_DIR	 "/etc/ssh/sshd_config.d"
#define TRIAL_SERVICE	 "sshd"
#define TRIAL_PAM	 TRIAL_PAM_DIR "/" TRIAL_SERVICE
#define TRIAL_PAM_DRAFT	 TRIAL_SERVICE ".sallyport-new"
#define TRIAL_PAM_BEFORE TRIAL_SERVICE ".before-sallyport.bak"
#define TRIAL_SSHD_NAME	 "00-sallyport.conf"
#define TRIAL_SSHD	 TRIAL_SSHD_DIR "/" TRIAL_SSHD_NAME
#define TRIAL_SSHD_DRAFT TRIAL_SSHD_NAME ".new"
#define TRIAL_STAGE_NAME "00-sallyport.stage"
#define TRIAL_STAGE	 TRIAL_SSHD_DIR "/" TRIAL_STAGE_NAME

/* Both folders, and the trial where it is held.  trial_close lets go of it. */
struct trial {
	int pam_dir, sshd_dir;
	int record; /* -1: not held */
	struct moment begun;
};

/* Opens the folders.  Returns 0; ERR_MISSING: sshd's is not there; or
 * ERR_IO. */
int trial_open(struct trial *trial, struct trouble *why);
void trial_close(struct trial *trial);
#define AUTO_TRIAL __attribute__((cleanup(trial_close)))
#define TRIAL_NONE \
	{ \
		.pam_dir = -1, .sshd_dir = -1, .record = -1 \
	}

/* Whether there is something that trial_take_back would put back. */
bool trial_is_there(const struct trial *trial);

/* ---- making the change, in this order ---- */

/* Writes a draft of each file, which nothing reads, and TRIAL_STAGE: a main
 * file for sshd that reads its draft and then all that is there. */
int trial_draft(const struct trial *trial, const char *pam, const char *sshd,
    struct trouble *why);
void trial_drop_drafts(const struct trial *trial);

/* Begins it: from here on it can be taken back, also by others as soon as this
 * process has ended.  ERR_EXISTS: one is there, or was confirmed. */
int trial_begin(struct trial *trial, struct trouble *why);

/*
 * Puts sshd's draft in its place, then PAM's.  sshd first: with its new
 * settings and the PAM file before, people log in by what they did before; the
 * other way round, a code alone could open the door.
 */
int trial_put_sshd(const struct trial *trial, struct trouble *why);
int trial_put_pam(const struct trial *trial, struct trouble *why);

/* From now on a login can confirm it that begins later. */
int trial_made(const struct trial *trial, struct trouble *why);

/* ---- ending it ---- */

/* Takes hold of a trial that was begun.  Returns 0; ERR_MISSING: there is
 * none; ERR_BUSY: somebody else holds it; or ERR_IO. */
int trial_hold(struct trial *trial, struct trouble *why);

/* When the change was made.  Returns 0, or ERR_DAMAGED: it was not. */
int trial_when(const struct trial *trial, struct moment *made_out);

/* Puts everything back, PAM's file first.  Doing it again is safe. */
int trial_take_back(const struct trial *trial, struct trouble *why);

/* Ends the trial, whatever it came to. */
int trial_end(struct trouble *why);

/* Whether the trial that there is was begun at this moment. */
bool trial_is_of(const struct moment *begun);

#endif
