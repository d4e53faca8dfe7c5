/* What takes a trial back when its time is over, whatever has become of the
 * program and the terminal that began it. */
#ifndef TRIAL_TIMER_H
#define TRIAL_TIMER_H

#include "trial.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Starts it: a timer of systemd's, which a restart of the machine starts anew;
 * elsewhere a process that waits, and a line for cron, which takes the trial
 * back when the machine has been started again.  *restart_out: whether it
 * outlives a restart.  Returns 0; ERR_UNSUPPORTED: this program has a name that
 * cannot be written down; or ERR_IO.
 */
int trial_timer_start(const struct trial *trial, uint64_t seconds,
    bool *restart_out, struct trouble *why);

/* Ends it. */
int trial_timer_stop(struct trouble *why);

#endif
