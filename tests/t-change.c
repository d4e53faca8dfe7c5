/* What changes of an enrolment come to. */
#include "change.h"
#include "test.h"

#include <string.h>

static const enum change others[] = { CHANGE_UNPROVEN, CHANGE_NEEDS_CODE,
	CHANGE_NEEDS_PASSWORD, CHANGE_NEEDS_INVITATION, CHANGE_WRONG_PASSWORD,
	CHANGE_UNINVITED, CHANGE_UNENROLLED, CHANGE_NAME_TAKEN,
	CHANGE_NAME_UNKNOWN, CHANGE_FULL, CHANGE_UNCONFIRMED, CHANGE_OVER };

enum { OTHERS = sizeof others / sizeof others[0] };

TEST("zero is no change and no proof, so what was never set changes nothing")
{
	expect_int(CHANGE_NONE, 0);
	expect_int(PROOF_NONE, 0);
	expect(!change_is_known(CHANGE_NONE));
	expect_text(change_name(CHANGE_NONE), "none");
}

TEST("five flipped bits do not make a change of what was none")
{
	expect(__builtin_popcount(CHANGE_DONE) > 5);
	for (size_t i = 0; i < OTHERS; i++)
		expect(__builtin_popcount(CHANGE_DONE ^ others[i]) > 5);
}

TEST("whatever a change comes to has a name of its own")
{
	expect_text(change_name(CHANGE_DONE), "done");
	expect(change_is_known(CHANGE_DONE));
	for (size_t i = 0; i < OTHERS; i++) {
		expect(change_is_known(others[i]));
		expect(strcmp(change_name(others[i]), "none") != 0);
		for (size_t k = 0; k < i; k++) {
			expect(others[i] != others[k]);
			expect(strcmp(change_name(others[i]),
				   change_name(others[k])) != 0);
		}
	}
	expect(!change_is_known((enum change)(CHANGE_DONE ^ 1)));
	expect_text(change_name((enum change)(CHANGE_DONE ^ 1)), "none");
}
