/* A connection to another process of this machine: messages with a deadline,
 * and whose process it is. */
#ifndef LINK_H
#define LINK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the kernel shows in place of every uid that has no name in this
 * namespace: no two of them need be the same. */
enum { LINK_NAMELESS_UID = 65534 };

/* Deadlines are times of io_milliseconds().  Nothing here raises a signal. */

/* Connects to a socket by its path, shorter than an address has room for.
 * Returns a descriptor above 2, or -1 with errno. */
int link_connect(const char *path, int64_t until);

/* Two ends of one connection, both as above.  Returns 0, or ERR_IO with
 * errno. */
int link_pair(int *one_out, int *other_out);

/* Whose process connected at the other end, or listens there: its effective
 * uid then.  Returns 0, or ERR_IO with errno. */
int link_peer(int fd, uid_t *uid_out);

/*
 * One message, its length before it.  What receives it has room bytes; a longer
 * one is not read.  Returns 0; ERR_BUSY: the deadline passed first; ERR_INPUT:
 * too long; or ERR_IO with errno (0: the other end hung up in between).
 */
int link_send(int fd, const void *bytes, size_t n, int64_t until);
int link_receive(int fd, void *bytes, size_t room, size_t *n_out,
    int64_t until);

/* Waits until the other end hangs up.  Returns 0; ERR_BUSY; ERR_INPUT: it says
 * something more; or ERR_IO with errno. */
int link_ended(int fd, int64_t until);

#endif
