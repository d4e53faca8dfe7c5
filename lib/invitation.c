#include "invitation.h"

#include "err.h"
#include "mem.h"
#include "pack.h"

#include <string.h>

enum { USER_BYTES = RECORD_USER_SIZE - 1 };

bool
invitation_holds(const struct invitation *invitation, const char *user,
    int64_t now)
{
	return invitation->id != 0 && now >= invitation->created &&
	       now < invitation->expires && strcmp(invitation->user, user) == 0;
}

bool
invitation_matches(const struct invitation *invitation,
    const uint8_t code[RECOVERY_BYTES])
{
	uint8_t hash[RECOVERY_HASH_BYTES];
	bool matches;

	recovery_hash(invitation->key, code, hash);
	matches = invitation->id != 0 &&
		  mem_equal(hash, invitation->hash, sizeof hash);
	mem_wipe(hash, sizeof hash);
	return matches;
}

void
invitation_format(const struct invitation *invitation,
    uint8_t out[INVITATION_BYTES])
{
	struct pack pack = { out, INVITATION_BYTES, false };

	memset(out, 0, INVITATION_BYTES);
	pack_number(&pack, invitation->id, 8);
	pack_number(&pack, invitation->uid, 4);
	pack_text(&pack, invitation->user, USER_BYTES);
	pack_number(&pack, (uint64_t)invitation->created, 8);
	pack_number(&pack, (uint64_t)invitation->expires, 8);
	pack_bytes(&pack, invitation->key, sizeof invitation->key);
	pack_bytes(&pack, invitation->hash, sizeof invitation->hash);
}

int
invitation_parse(const uint8_t in[INVITATION_BYTES],
    struct invitation *invitation)
{
	struct unpack unpack = { in, INVITATION_BYTES, false };

	memset(invitation, 0, sizeof *invitation);
	invitation->id = unpack_number(&unpack, 8);
	invitation->uid = (uid_t)unpack_number(&unpack, 4);
	unpack_text(&unpack, invitation->user, USER_BYTES);
	invitation->created = (int64_t)unpack_number(&unpack, 8);
	invitation->expires = (int64_t)unpack_number(&unpack, 8);
	unpack_bytes(&unpack, invitation->key, sizeof invitation->key);
	unpack_bytes(&unpack, invitation->hash, sizeof invitation->hash);
	if (unpack.bad || !unpack_rest_is_zero(&unpack) ||
	    invitation->id == 0 || invitation->user[0] == '\0' ||
	    invitation->created < 0 || invitation->expires < 0)
		return ERR_DAMAGED;
	return 0;
}
