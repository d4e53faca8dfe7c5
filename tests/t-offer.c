/* Offers: their form as bytes. */
#include "err.h"
#include "offer.h"
#include "test.h"

#include <string.h>

enum { NOW = 1800000000 };

static void
fill(struct offer *offer)
{
	struct authenticator *a = &offer->authenticator;

	*offer = (struct offer){ .uid = 1000,
		.user = "alice",
		.begun = NOW,
		.proof = PROOF_ANSWER,
		.invitation = 9,
		.enrolled = true,
		.edition = UINT64_MAX };
	a->id = 5;
	a->kind = AUTHENTICATOR_TOTP;
	a->algorithm = ALGORITHM_SHA512;
	a->digits = 8;
	a->period = 60;
	a->created = NOW;
	strcpy(a->name, "phone");
	a->key_len = TOTP_KEY_MOST;
	memset(a->key, 'k', a->key_len);
}

TEST("an offer is the same after formatting and parsing")
{
	AUTO_OFFER struct offer *offer = offer_new();
	AUTO_OFFER struct offer *back = offer_new();
	uint8_t bytes[OFFER_BYTES], again[OFFER_BYTES];

	fill(offer);
	memset(offer->user, 'u', RECORD_USER_SIZE - 1);
	offer_format(offer, bytes);
	expect_int(offer_parse(bytes, back), 0);
	expect_text(back->user, offer->user);
	expect(back->uid == 1000 && back->begun == NOW);
	expect(back->proof == PROOF_ANSWER && back->invitation == 9);
	expect(back->enrolled && back->edition == UINT64_MAX);
	expect(back->authenticator.id == 5);
	expect_text(back->authenticator.name, "phone");
	expect_bytes(back->authenticator.key, offer->authenticator.key,
	    TOTP_KEY_MOST);
	offer_format(back, again);
	expect_bytes(again, bytes, sizeof bytes);
}

TEST("whichever bit of an offer is wrong, it is refused or another one")
{
	AUTO_OFFER struct offer *offer = offer_new();
	AUTO_OFFER struct offer *back = offer_new();
	uint8_t bytes[OFFER_BYTES], again[OFFER_BYTES];
	unsigned refused = 0;

	fill(offer);
	offer_format(offer, bytes);
	for (size_t i = 0; i < 8 * sizeof bytes; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (offer_parse(bytes, back) == 0) {
			offer_format(back, again);
			expect_bytes(again, bytes, sizeof bytes);
		} else {
			refused++;
		}
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	expect(refused > 8 * (RECORD_USER_SIZE - 6));
}

/* Whether an offer with one thing wrong is refused. */
static void
expect_refused(const struct offer *offer)
{
	AUTO_OFFER struct offer *back = offer_new();
	uint8_t bytes[OFFER_BYTES];

	offer_format(offer, bytes);
	expect_int(offer_parse(bytes, back), ERR_DAMAGED);
}

TEST("an offer on no proof, for nobody, before 1970 or of no use is damage")
{
	AUTO_OFFER struct offer *offer = offer_new();

	fill(offer);
	offer->proof = PROOF_NONE;
	expect_refused(offer);
	fill(offer);
	offer->proof = PROOF_ADMINISTRATOR + 1;
	expect_refused(offer);
	fill(offer);
	offer->user[0] = '\0';
	expect_refused(offer);
	fill(offer);
	offer->begun = -1;
	expect_refused(offer);
	fill(offer);
	offer->authenticator.digits = 9;
	expect_refused(offer);
	fill(offer);
	offer->authenticator.id = 0;
	expect_refused(offer);
}
