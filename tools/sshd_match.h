/* Somebody whom a Match block of sshd's configuration names. */
#ifndef SSHD_MATCH_H
#define SSHD_MATCH_H

#include <stdbool.h>

enum { SSHD_WORD_ROOM = 128, SSHD_SPEC_ROOM = 1024 };

/* A login, as sshd's -C describes one. */
struct sshd_example {
	char user[SSHD_WORD_ROOM], host[SSHD_WORD_ROOM], addr[SSHD_WORD_ROOM];
	char laddr[SSHD_WORD_ROOM], lport[SSHD_WORD_ROOM];
	char rdomain[SSHD_WORD_ROOM]; /* "": none */
};

/*
 * Makes one of what stands behind "Match": of each pattern list the first
 * pattern that is not negated, of a group one of its members.  False: that
 * cannot be done, because a group has no members or a criterion is of another
 * kind.
 */
bool sshd_match_example(const char *criteria, struct sshd_example *example_out);

/* What is said to sshd behind -C. */
void sshd_match_spec(const struct sshd_example *example,
    char spec_out[SSHD_SPEC_ROOM]);

#endif
