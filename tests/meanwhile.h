/*
 * What happens while somebody waits for a lock.
 *
 * Who waits naps, and nanosleep stands in front of libc's in each program that
 * speaks of this.
 */
#ifndef MEANWHILE_H
#define MEANWHILE_H

/* Happens at the next nap, and once; NULL: nothing. */
extern void (*meanwhile)(void);

#endif
