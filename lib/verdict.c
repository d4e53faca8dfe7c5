#include "verdict.h"

#include <stddef.h>

static const struct {
	enum verdict verdict;
	const char *name;
} names[] = {
	{ VERDICT_ACCEPTED, "accepted" },
	{ VERDICT_ACCEPTED_RECOVERY, "accepted-recovery" },
	{ VERDICT_WRONG, "wrong" },
	{ VERDICT_REPLAYED, "replayed" },
	{ VERDICT_WAITING, "waiting" },
	{ VERDICT_DISABLED, "disabled" },
	{ VERDICT_MALFORMED, "malformed" },
	{ VERDICT_CLOCK_BEHIND, "clock-behind" },
	{ VERDICT_NOT_ENROLLED, "not-enrolled" },
	{ VERDICT_CALLER_BLOCKED, "caller-blocked" },
};

const char *
verdict_name(enum verdict verdict)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].verdict == verdict)
			return names[i].name;
	return "cannot-tell";
}
