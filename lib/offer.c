#include "offer.h"

#include "err.h"
#include "mem.h"
#include "pack.h"

#include <string.h>

enum { USER_BYTES = RECORD_USER_SIZE - 1 };
_Static_assert(4 + USER_BYTES + 8 + 1 + 8 + 1 + 8 + AUTHENTICATOR_BYTES <=
		   OFFER_BYTES,
    "an offer has room");

struct offer *
offer_new(void)
{
	return secret_new(sizeof(struct offer));
}

void
offer_auto_free(struct offer **offer)
{
	secret_free(*offer, sizeof **offer);
}

void
offer_format(const struct offer *offer, uint8_t out[OFFER_BYTES])
{
	struct pack pack = { out, OFFER_BYTES, false };

	memset(out, 0, OFFER_BYTES);
	pack_number(&pack, offer->uid, 4);
	pack_text(&pack, offer->user, USER_BYTES);
	pack_number(&pack, (uint64_t)offer->begun, 8);
	pack_number(&pack, offer->proof, 1);
	pack_number(&pack, offer->invitation, 8);
	pack_number(&pack, offer->enrolled, 1);
	pack_number(&pack, offer->edition, 8);
	authenticator_pack(&pack, &offer->authenticator);
}

int
offer_parse(const uint8_t in[OFFER_BYTES], struct offer *offer)
{
	struct unpack unpack = { in, OFFER_BYTES, false };
	uint64_t enrolled;
	int r;

	memset(offer, 0, sizeof *offer);
	offer->uid = (uid_t)unpack_number(&unpack, 4);
	unpack_text(&unpack, offer->user, USER_BYTES);
	offer->begun = (int64_t)unpack_number(&unpack, 8);
	offer->proof = (enum proof_kind)unpack_number(&unpack, 1);
	offer->invitation = unpack_number(&unpack, 8);
	enrolled = unpack_number(&unpack, 1);
	offer->enrolled = enrolled != 0;
	offer->edition = unpack_number(&unpack, 8);
	r = authenticator_unpack(&unpack, &offer->authenticator);
	if (r < 0 || unpack.bad || !unpack_rest_is_zero(&unpack) ||
	    enrolled > 1 || offer->user[0] == '\0' || offer->begun < 0 ||
	    offer->proof <= PROOF_NONE || offer->proof > PROOF_ADMINISTRATOR)
		return ERR_DAMAGED;
	return 0;
}
