/* The SSH login that this process is in. */
#ifndef SSH_SESSION_H
#define SSH_SESSION_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { BOOT_ID_SIZE = 40 };

/* A moment, to compare with a login's beginning. */
struct moment {
	char boot[BOOT_ID_SIZE]; /* which start of the machine */
	uint64_t ticks;		 /* since then; sysconf(_SC_CLK_TCK) a second */
};

/* Returns 0, or ERR_IO. */
int moment_now(struct moment *now_out, struct trouble *why);

/*
 * When the login began that this process comes from: when the nearest sshd
 * among its ancestors was started.  sudo and su do not hide it; what outlives
 * its login, such as tmux, does.  Returns 0; ERR_MISSING: it comes from none;
 * or ERR_IO.
 */
int ssh_session_began(struct moment *began_out, struct trouble *why);

/* Whether a login's beginning is after the moment. */
bool moment_is_after(const struct moment *began, const struct moment *moment);

/* Whether a process runs sshd, though its file may have been replaced since. */
bool process_runs_sshd(pid_t pid);

/* What /proc/PID/stat says: the parent, and when it was started.  Returns 0, or
 * ERR_INPUT. */
int process_stat_read(const char *text, uint64_t *parent_out,
    uint64_t *ticks_out);

#endif
