#include "explain.h"

#include "conv.h"

#include <inttypes.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <time.h>

/* The host's own time, to hold a phone's clock against.  Never by how much a
 * code was off: that would be a guessing oracle. */
static void
explain_wrong(char *text, size_t size)
{
	unsigned long now = (unsigned long)time(NULL) % (24 * 60 * 60);

	snprintf(text, size,
	    "That code is wrong. If it came from your authenticator, compare "
	    "its clock with this machine's: %02lu:%02lu:%02lu UTC.",
	    now / 3600, now / 60 % 60, now % 60);
}

static void
explain_wait(char *text, size_t size, int64_t seconds)
{
	if (seconds >= 120)
		snprintf(text, size,
		    "Too many wrong codes. The next code "
		    "counts in %" PRId64 " minutes; a recovery code works "
		    "now.",
		    (seconds + 59) / 60);
	else
		snprintf(text, size,
		    "Too many wrong codes. The next code "
		    "counts in %" PRId64 " seconds; a recovery code works "
		    "now.",
		    seconds);
}

void
explain_judgement(struct login *login, const struct judgement *judgement)
{
	char text[256] = "";

	switch (judgement->verdict) {
	case VERDICT_WRONG:
		explain_wrong(text, sizeof text);
		break;
	case VERDICT_REPLAYED:
		snprintf(text, sizeof text,
		    "That code has been used. Each "
		    "one opens once; wait for the next.");
		break;
	case VERDICT_WAITING:
		explain_wait(text, sizeof text, judgement->wait);
		break;
	case VERDICT_DISABLED:
		snprintf(text, sizeof text,
		    "Codes are disabled after too "
		    "many wrong ones. Use a recovery code, or ask your "
		    "administrator.");
		break;
	case VERDICT_MALFORMED:
		snprintf(text, sizeof text,
		    "That is not a code: type the "
		    "digits your authenticator shows, or a recovery code as "
		    "printed.");
		break;
	case VERDICT_CLOCK_BEHIND:
		snprintf(text, sizeof text,
		    "This machine's clock is behind, "
		    "so no code can be judged. Use a recovery code, or tell "
		    "your administrator.");
		break;
	case VERDICT_NOT_ENROLLED:
		snprintf(text, sizeof text,
		    "No authenticator is enrolled for "
		    "you here. Ask your administrator.");
		break;
	case VERDICT_CALLER_BLOCKED:
	default:
		return;
	}
	conv_tell(login, PAM_ERROR_MSG, text);
}

void
explain_recovery_left(struct login *login, unsigned left)
{
	char text[128];

	snprintf(text, sizeof text,
	    "A recovery code was used; %u of %d are left.", left,
	    RECOVERY_CODES);
	conv_tell(login, PAM_TEXT_INFO, text);
}

void
explain_fault(struct login *login)
{
	conv_tell(login, PAM_ERROR_MSG,
	    "Your code could not be judged, because of a fault on this "
	    "machine. Tell your administrator.");
}
