#include "change.h"

#include "mem.h"

#include <stddef.h>

static const struct {
	enum change change;
	const char *name;
} names[] = {
	{ CHANGE_DONE, "done" },
	{ CHANGE_UNPROVEN, "unproven" },
	{ CHANGE_NEEDS_CODE, "needs-code" },
	{ CHANGE_NEEDS_PASSWORD, "needs-password" },
	{ CHANGE_NEEDS_INVITATION, "needs-invitation" },
	{ CHANGE_WRONG_PASSWORD, "wrong-password" },
	{ CHANGE_UNINVITED, "uninvited" },
	{ CHANGE_UNENROLLED, "not-enrolled" },
	{ CHANGE_NAME_TAKEN, "name-taken" },
	{ CHANGE_NAME_UNKNOWN, "name-unknown" },
	{ CHANGE_FULL, "full" },
	{ CHANGE_UNCONFIRMED, "unconfirmed" },
	{ CHANGE_OVER, "over" },
};

const char *
change_name(enum change change)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].change == change)
			return names[i].name;
	return "none";
}

bool
change_is_known(enum change change)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].change == change)
			return true;
	return false;
}

struct wanted *
wanted_new(void)
{
	return secret_new(sizeof(struct wanted));
}

void
wanted_auto_free(struct wanted **wanted)
{
	secret_free(*wanted, sizeof **wanted);
}

struct changed *
changed_new(void)
{
	return secret_new(sizeof(struct changed));
}

void
changed_auto_free(struct changed **changed)
{
	secret_free(*changed, sizeof **changed);
}
