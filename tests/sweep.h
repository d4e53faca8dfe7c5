/*
 * System calls that go wrong on purpose.  Something runs in a child process,
 * the kernel asks us about each of its system calls (seccomp's user
 * notification; no root, no tracer), and one of them fails, or is the child's
 * last.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

/* What libc makes of fcntl() and socket(). */
#ifdef SYS_fcntl64
enum { SWEEP_FCNTL = SYS_fcntl64 };
#else
enum { SWEEP_FCNTL = SYS_fcntl };
#endif
#ifdef __i386__
enum { SWEEP_SOCKET = SYS_socketcall };
#else
enum { SWEEP_SOCKET = SYS_socket };
#endif

enum sweep_how {
	SWEEP_WATCH,	/* let all of them pass, and count */
	SWEEP_FAIL,	/* this one call does nothing, and fails */
	SWEEP_FAIL_ON,	/* so do all of its kind after it */
	SWEEP_FAIL_ALL, /* all of one kind fail, from the first */
	SWEEP_KILL,	/* the child is killed as it makes this call */
};

enum { SWEEP_KINDS = 512 }; /* system calls have lower numbers */

struct sweep {
	enum sweep_how how;
	unsigned at; /* the call, counted from 1 between the two marks */
	int error;   /* that it fails with */
	long kind;   /* for SWEEP_FAIL_ALL: SYS_... */
	long first;  /* counting begins at the first of these; -1: at once */
	long last;   /* and ends before one of these; -1: at the mark */
	/* What happened: */
	bool reached;		    /* a call was disturbed */
	long call;		    /* the last that was: SYS_... */
	int status;		    /* as scratch_child's */
	unsigned calls;		    /* between the marks */
	unsigned seen[SWEEP_KINDS]; /* the same by kind */
};
extern const struct sweep sweep_whole; /* from mark to mark */

/*
 * Runs something in a child, which calls sweep_begin and sweep_end around what
 * counts.  As in scratch_child it returns 0 to 100 and does not use expect.
 * A child that does not come to an end is killed.  Returns false where this
 * system has no means for it.
 */
bool sweep_run(struct sweep *sweep, int (*run)(void *with), void *with);
void sweep_begin(void);
void sweep_end(void);

/* The name of a system call that the tests speak of; else its number. */
const char *sweep_name(long call);

#endif
