/* An administrator's word that a user may enrol himself: a code for one time,
 * until an hour of one day. */
#ifndef INVITATION_H
#define INVITATION_H

#include "record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { INVITATION_BYTES = 384 }; /* as formatted, before it is sealed */

struct invitation {
	uint64_t id; /* random; 0: there is none */
	uid_t uid;
	char user[RECORD_USER_SIZE];
	int64_t created, expires;	 /* Unix times */
	uint8_t key[RECOVERY_KEY_BYTES]; /* secret */
	uint8_t hash[RECOVERY_HASH_BYTES];
};

/* Whether it is good at Unix time now, for a user of this name; a clock before
 * its making would give it a second life. */
bool invitation_holds(const struct invitation *invitation, const char *user,
    int64_t now);

/* Whether this is its code. */
bool invitation_matches(const struct invitation *invitation,
    const uint8_t code[RECOVERY_BYTES]);

/* As bytes, and back.  Parsing returns 0 or ERR_DAMAGED. */
void invitation_format(const struct invitation *invitation,
    uint8_t out[INVITATION_BYTES]);
int invitation_parse(const uint8_t in[INVITATION_BYTES],
    struct invitation *invitation);

#endif
