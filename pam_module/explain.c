#include "explain.h"

#include "conv.h"
#include "state.h"
#include "text.h"

#include <inttypes.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <time.h>

/* "12:00:00 UTC" */
static void
append_clock(char *text, size_t size)
{
	unsigned long now = (unsigned long)time(NULL) % (24 * 60 * 60);

	text_append(text, size, "%02lu:%02lu:%02lu UTC", now / 3600,
	    now / 60 % 60, now % 60);
}

/* The host's own time, to hold a phone's clock against.  Never by how much a
 * code was off: that would be a guessing oracle. */
static void
explain_wrong(char *text, size_t size)
{
	text_append(text, size,
	    "That code is wrong. If it came from your authenticator, compare "
	    "its clock with this machine's: ");
	append_clock(text, size);
	text_append(text, size, ".");
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

/* " an authenticator was added, an authenticator was removed" */
static void
list_notices(uint32_t notices, char *text, size_t size)
{
	static const struct {
		enum notice notice;
		const char *words;
	} all[] = {
		{ NOTICE_ADDED, " an authenticator was added" },
		{ NOTICE_RENAMED, " an authenticator was renamed" },
		{ NOTICE_REMOVED, " an authenticator was removed" },
		{ NOTICE_RECOVERY, " the recovery codes were replaced" },
		{ NOTICE_BYPASS, " a code for one login was given out" },
	};
	const char *between = "";

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if ((notices & all[i].notice) == 0)
			continue;
		text_append(text, size, "%s%s", between, all[i].words);
		between = ",";
	}
}

/* One message for all: some programs lose a second one. */
void
explain_notices(struct login *login, uint32_t notices)
{
	const uint32_t known = NOTICE_ADDED | NOTICE_RENAMED | NOTICE_REMOVED |
			       NOTICE_RECOVERY | NOTICE_BYPASS;
	uint32_t his = notices & known;
	uint32_t others = notices >> NOTICE_BY_ADMINISTRATOR & known;
	char text[512] = "";

	if (his != 0 || others != 0)
		text_append(text, sizeof text, "Since your last login");
	list_notices(his, text, sizeof text);
	if (his != 0 && others != 0)
		text_append(text, sizeof text, ";");
	if (others != 0)
		text_append(text, sizeof text, " by an administrator");
	list_notices(others, text, sizeof text);
	if (his != 0 || others != 0)
		text_append(text, sizeof text,
		    ". If you did not expect that, tell your administrator.");
	if ((notices & NOTICE_UNSEEN) != 0)
		text_append(text, sizeof text,
		    "%sNothing says that you have your recovery codes: "
		    "\"sallyport recovery\" makes new ones.",
		    text[0] != '\0' ? " " : "");
	if (text[0] == '\0')
		return; /* notes of a later release */
	conv_tell(login, PAM_TEXT_INFO, text);
}

/* ---- enrolling in the login ---- */

const char explain_how_to_enrol[] =
    "You have no authenticator here, and this program cannot give you one. "
    "Log in with ssh or at a console to enrol one, or ask your administrator.";

static void
append_days(char *text, size_t size, unsigned days)
{
	text_append(text, size, "%u day%s", days, days == 1 ? "" : "s");
}

void
explain_countdown(unsigned days, char room[EXPLAIN_TEXT_SIZE])
{
	room[0] = '\0';
	text_append(room, EXPLAIN_TEXT_SIZE,
	    "You have no authenticator here yet, and in ");
	append_days(room, EXPLAIN_TEXT_SIZE, days);
	text_append(room, EXPLAIN_TEXT_SIZE,
	    " nobody gets in without one. Log in with ssh or at a console to "
	    "enrol one.");
}

/* The last line, and where the cursor stays. */
static void
append_question(const struct explain_offer *offer, char *prompt)
{
	const char *before = " (";

	text_append(prompt, EXPLAIN_OFFER_SIZE, "Code it shows");
	if (offer->symbol->width > 0) {
		text_append(prompt, EXPLAIN_OFFER_SIZE, "%si: invert picture",
		    before);
		before = "; ";
	}
	if (offer->can_wait) {
		text_append(prompt, EXPLAIN_OFFER_SIZE,
		    "%sEnter alone: not now, ", before);
		append_days(prompt, EXPLAIN_OFFER_SIZE, offer->days);
		text_append(prompt, EXPLAIN_OFFER_SIZE, " left");
	}
	if (offer->symbol->width > 0 || offer->can_wait)
		text_append(prompt, EXPLAIN_OFFER_SIZE, ")");
	text_append(prompt, EXPLAIN_OFFER_SIZE, ": ");
}

/* A symbol of 37 modules and three lines fill a terminal of 80x24; what a
 * program writes before the prompt is on the line above. */
void
explain_offer(const struct explain_offer *offer,
    char prompt[EXPLAIN_OFFER_SIZE])
{
	bool picture = offer->symbol->width > 0;

	prompt[0] = '\0';
	if (picture)
		symbol_text(offer->symbol, offer->inverted, prompt);
	text_append(prompt, EXPLAIN_OFFER_SIZE,
	    picture ? "To log in from now on, scan this with an authenticator "
		      "app, or type in the\nkey: %s\n"
		    : "\nTo log in from now on, type this into an "
		      "authenticator app, as a time-based\nkey: %s\n",
	    offer->key);
	append_question(offer, prompt);
}

void
explain_unconfirmed(const struct explain_offer *offer,
    char prompt[EXPLAIN_OFFER_SIZE])
{
	prompt[0] = '\0';
	text_append(prompt, EXPLAIN_OFFER_SIZE,
	    "\nThat is not its code of %u digits now. Compare clocks: this "
	    "machine has ",
	    offer->digits);
	append_clock(prompt, EXPLAIN_OFFER_SIZE);
	text_append(prompt, EXPLAIN_OFFER_SIZE, ".\n");
	append_question(offer, prompt);
}

void
explain_codes(const struct codes *codes, const char *name,
    char prompt[EXPLAIN_OFFER_SIZE])
{
	prompt[0] = '\0';
	text_append(prompt, EXPLAIN_OFFER_SIZE,
	    "\nYou have the authenticator \"%s\" now.\n\nRecovery codes, "
	    "shown this once. Each opens the door one time without the\n"
	    "phone: keep them where the phone is not.\n\n",
	    name);
	for (size_t i = 0; i < codes->count; i++)
		text_append(prompt, EXPLAIN_OFFER_SIZE, "  %s\n",
		    codes->text[i]);
	text_append(prompt, EXPLAIN_OFFER_SIZE,
	    "\nPress Enter when you have them: ");
}

void
explain_fault(struct login *login)
{
	conv_tell(login, PAM_ERROR_MSG,
	    "Your code could not be judged, because of a fault on this "
	    "machine. Tell your administrator.");
}

/* ---- breached passwords ---- */

/* "1,234,567" */
static void
put_number(char *room, size_t size, uint32_t n)
{
	if (n >= 1000 * 1000)
		snprintf(room, size, "%u,%03u,%03u", n / (1000 * 1000),
		    n / 1000 % 1000, n % 1000);
	else if (n >= 1000)
		snprintf(room, size, "%u,%03u", n / 1000, n % 1000);
	else
		snprintf(room, size, "%u", n);
}

/* "has been seen about 50,000 times in data breaches", as closely as the list
 * knows, which may keep no counts. */
static void
put_seen(char *room, size_t size, const struct breach_seen *seen)
{
	bool open = seen->most == UINT32_MAX;
	char number[16];

	put_number(number, sizeof number, seen->least);
	if (seen->least <= 1 && open)
		snprintf(room, size, "has been seen in data breaches");
	else if (seen->most == 1)
		snprintf(room, size, "has been seen once in data breaches");
	else
		snprintf(room, size,
		    "has been seen %s %s times in data "
		    "breaches",
		    open ? "at least" : "about", number);
}

void
explain_choice(struct login *login, enum fitness fitness,
    const struct breach_seen *seen)
{
	char seen_text[128], text[256];

	put_seen(seen_text, sizeof seen_text, seen);
	switch (fitness) {
	case FITNESS_REFUSED:
		snprintf(text, sizeof text, "This password %s. Choose another.",
		    seen_text);
		conv_tell(login, PAM_ERROR_MSG, text);
		break;
	case FITNESS_WARNED:
		snprintf(text, sizeof text,
		    "This password %s. Another would be better.", seen_text);
		conv_tell(login, PAM_TEXT_INFO, text);
		break;
	case FITNESS_UNCHECKED:
		if (login->settings.breach_at_change != AT_CHANGE_LOG)
			conv_tell(login, PAM_TEXT_INFO,
			    "This password could not be looked up in the list "
			    "of breached ones.");
		break;
	case FITNESS_UNKNOWN:
		conv_tell(login, PAM_ERROR_MSG,
		    "Your password stays as it is: the new one could not be "
		    "looked up in the list of breached ones, because of a "
		    "fault on this machine. Tell your administrator.");
		break;
	case FITNESS_CLEAN:
	case FITNESS_LOGGED:
	case FITNESS_MISTYPED: /* libpam has told it */
	case FITNESS_ABSENT:
	default:
		break;
	}
}

static const char *
what_now(enum aftermath aftermath)
{
	switch (aftermath) {
	case AFTERMATH_WARNED:
		return "Choose another soon, with passwd.";
	case AFTERMATH_POSTPONED:
		return "It cannot be changed now; choose another as soon as "
		       "it can, with passwd.";
	case AFTERMATH_CHANGE:
		return "Choose another now.";
	case AFTERMATH_REFUSED:
	default:
		return "It opens nothing here any more. Ask your "
		       "administrator for another.";
	}
}

void
explain_breached(struct login *login, enum aftermath aftermath,
    const struct breach_seen *seen)
{
	bool goes_on =
	    aftermath == AFTERMATH_WARNED || aftermath == AFTERMATH_POSTPONED;
	char seen_text[128], text[256];

	if (aftermath == AFTERMATH_LOGGED)
		return;
	put_seen(seen_text, sizeof seen_text, seen);
	snprintf(text, sizeof text, "Your password %s. %s", seen_text,
	    what_now(aftermath));
	conv_tell(login, goes_on ? PAM_TEXT_INFO : PAM_ERROR_MSG, text);
}
