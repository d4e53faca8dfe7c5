/* Invitations: whom they let, how long, and their form as bytes. */
#include "err.h"
#include "invitation.h"
#include "test.h"

#include <string.h>

enum { NOW = 1800000000, DAY = 24 * 60 * 60 };

static const uint8_t code[RECOVERY_BYTES] = { 1, 2, 3 };

static struct invitation
for_alice(void)
{
	struct invitation invitation = { .id = 7,
		.uid = 1000,
		.user = "alice",
		.created = NOW,
		.expires = NOW + DAY };

	memset(invitation.key, 'k', sizeof invitation.key);
	recovery_hash(invitation.key, code, invitation.hash);
	return invitation;
}

TEST("an invitation holds until it expires, and not in that second")
{
	struct invitation invitation = for_alice();

	expect(invitation_holds(&invitation, "alice", NOW));
	expect(invitation_holds(&invitation, "alice", NOW + DAY - 1));
	expect(!invitation_holds(&invitation, "alice", NOW + DAY));
}

TEST("an invitation that is over is not renewed where the clock is set back")
{
	struct invitation invitation = for_alice();

	expect(!invitation_holds(&invitation, "alice", NOW - 1));
	expect(!invitation_holds(&invitation, "alice", 0));
	expect(!invitation_holds(&invitation, "alice", -1));
}

TEST("an invitation of who had the number before holds for nobody else")
{
	struct invitation invitation = for_alice();

	expect(!invitation_holds(&invitation, "alicia", NOW));
	expect(!invitation_holds(&invitation, "", NOW));
}

TEST("where there is no invitation, none holds and no code is right")
{
	struct invitation none = for_alice(), zero = { .id = 0 };

	none.id = 0;
	expect(!invitation_holds(&none, "alice", NOW));
	expect(!invitation_matches(&none, code));
	expect(!invitation_holds(&zero, "", NOW));
	expect(!invitation_matches(&zero, code));
}

TEST("its own code is right, and none that differs by a bit")
{
	struct invitation invitation = for_alice();
	uint8_t other[RECOVERY_BYTES];

	expect(invitation_matches(&invitation, code));
	for (size_t i = 0; i < 8 * sizeof other; i++) {
		memcpy(other, code, sizeof other);
		other[i / 8] ^= (uint8_t)(1 << i % 8);
		expect(!invitation_matches(&invitation, other));
	}
}

TEST("an invitation is the same after formatting and parsing")
{
	struct invitation invitation = for_alice(), back;
	uint8_t bytes[INVITATION_BYTES], again[INVITATION_BYTES];

	memset(invitation.user, 'u', RECORD_USER_SIZE - 1);
	invitation.expires = INT64_MAX;
	invitation_format(&invitation, bytes);
	expect_int(invitation_parse(bytes, &back), 0);
	expect_text(back.user, invitation.user);
	expect(back.id == 7 && back.uid == 1000);
	expect(back.created == NOW && back.expires == INT64_MAX);
	expect(invitation_matches(&back, code));
	invitation_format(&back, again);
	expect_bytes(again, bytes, sizeof bytes);
}

TEST("whichever bit of an invitation is wrong, it is refused or another one")
{
	struct invitation invitation = for_alice(), back;
	uint8_t bytes[INVITATION_BYTES], again[INVITATION_BYTES];
	unsigned refused = 0;

	invitation_format(&invitation, bytes);
	for (size_t i = 0; i < 8 * sizeof bytes; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (invitation_parse(bytes, &back) == 0) {
			invitation_format(&back, again);
			expect_bytes(again, bytes, sizeof bytes);
		} else {
			refused++;
		}
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	expect(refused > 8 * (RECORD_USER_SIZE - 6));
}

TEST("an invitation without id or name, or of a time before 1970, is damage")
{
	struct invitation invitation = for_alice(), back;
	uint8_t bytes[INVITATION_BYTES];

	invitation.id = 0;
	invitation_format(&invitation, bytes);
	expect_int(invitation_parse(bytes, &back), ERR_DAMAGED);
	invitation = for_alice();
	invitation.user[0] = '\0';
	invitation_format(&invitation, bytes);
	expect_int(invitation_parse(bytes, &back), ERR_DAMAGED);
	invitation = for_alice();
	invitation.created = -1;
	invitation_format(&invitation, bytes);
	expect_int(invitation_parse(bytes, &back), ERR_DAMAGED);
	invitation = for_alice();
	invitation.expires = -1;
	invitation_format(&invitation, bytes);
	expect_int(invitation_parse(bytes, &back), ERR_DAMAGED);
}
