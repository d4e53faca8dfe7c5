/* The sshd that runs, and how it is told to read its settings again. */
#ifndef SSHD_RELOAD_H
#define SSHD_RELOAD_H

#include "sshd_config.h"

#include <sys/types.h>

struct sshd_running {
	const char *unit;   /* systemd's; NULL: none, then */
	pid_t pid;	    /* what listens, by its file */
	char pid_file[256]; /* "": it writes none */
};

/* Finds it, by systemd or by the file of its pid.  Returns 0, or ERR_MISSING:
 * neither knows one. */
int sshd_find(const struct sshd_config *config,
    struct sshd_running *running_out, struct trouble *why);

/*
 * Has it read its settings, which are known to be right, and waits until it
 * listens again.  Returns 0; ERR_BUSY: it does not; or ERR_IO.
 */
int sshd_reload(const struct sshd_running *running, struct trouble *why);

#endif
