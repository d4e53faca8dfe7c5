#include "verdict.h"

#include "text.h"

#include <inttypes.h>

static const struct {
	enum verdict verdict;
	const char *name;
} names[] = {
	{ VERDICT_ACCEPTED, "accepted" },
	{ VERDICT_ACCEPTED_RECOVERY, "accepted-recovery" },
	{ VERDICT_ACCEPTED_BYPASS, "accepted-bypass" },
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

const char *
fitness_name(enum fitness fitness)
{
	switch (fitness) {
	case FITNESS_CLEAN:
		return "password-clean";
	case FITNESS_WARNED:
		return "password-warned";
	case FITNESS_LOGGED:
		return "password-logged";
	case FITNESS_UNCHECKED:
		return "password-unchecked";
	case FITNESS_REFUSED:
		return "password-refused";
	case FITNESS_MISTYPED:
		return "password-mistyped";
	case FITNESS_ABSENT:
		return "password-absent";
	case FITNESS_UNKNOWN:
	default:
		return "password-unknown";
	}
}

bool
fitness_taken(enum fitness fitness)
{
	return fitness == FITNESS_CLEAN || fitness == FITNESS_WARNED ||
	       fitness == FITNESS_LOGGED || fitness == FITNESS_UNCHECKED;
}

const char *
aftermath_name(enum aftermath aftermath)
{
	switch (aftermath) {
	case AFTERMATH_LOGGED:
		return "breached-logged";
	case AFTERMATH_WARNED:
		return "breached-warned";
	case AFTERMATH_CHANGE:
		return "breached-change";
	case AFTERMATH_POSTPONED:
		return "breached-postponed";
	case AFTERMATH_NONE: /* is not logged */
	case AFTERMATH_REFUSED:
	default:
		return "breached-refused";
	}
}

bool
verdict_is_known(enum verdict verdict)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].verdict == verdict)
			return true;
	return false;
}

bool
verdict_accepts(enum verdict verdict)
{
	return verdict == VERDICT_ACCEPTED ||
	       verdict == VERDICT_ACCEPTED_RECOVERY ||
	       verdict == VERDICT_ACCEPTED_BYPASS;
}

const char *
judgement_text(const struct judgement *judgement,
    char room[JUDGEMENT_TEXT_SIZE])
{
	room[0] = '\0';
	if (judgement->authenticator[0] != '\0' && !judgement->drifted)
		text_append(room, JUDGEMENT_TEXT_SIZE, " authenticator=\"%s\"",
		    judgement->authenticator);
	if (judgement->failures > 0)
		text_append(room, JUDGEMENT_TEXT_SIZE, " failures=%" PRIu32,
		    judgement->failures);
	if (judgement->wait > 0)
		text_append(room, JUDGEMENT_TEXT_SIZE, " wait=%" PRId64 "s",
		    judgement->wait);
	if (judgement->caused_disable)
		text_append(room, JUDGEMENT_TEXT_SIZE, " now=disabled");
	if (judgement->drifted)
		text_append(room, JUDGEMENT_TEXT_SIZE,
		    " drift=%+" PRId64 "s of=\"%s\"", judgement->drift,
		    judgement->authenticator);
	if (judgement->verdict == VERDICT_ACCEPTED_RECOVERY)
		text_append(room, JUDGEMENT_TEXT_SIZE, " left=%u",
		    judgement->recovery_left);
	return room;
}
