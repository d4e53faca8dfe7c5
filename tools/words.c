#include "words.h"

#include "cmd.h"
#include "show.h"
#include "text.h"

#include <time.h>

/* clang-format off */
static const struct word {
	enum verdict verdict;
	const char *words;
	int status;
} words[] = {
	{ VERDICT_ACCEPTED,
	    "Accepted: a right code.", EXIT_YES },
	{ VERDICT_ACCEPTED_RECOVERY,
	    "Accepted: a recovery code, spent now.", EXIT_YES },
	{ VERDICT_ACCEPTED_BYPASS,
	    "Accepted: an administrator's code for one time, spent now.",
	    EXIT_YES },
	{ VERDICT_WRONG,
	    "Refused: a wrong code.", EXIT_NO },
	{ VERDICT_REPLAYED,
	    "Refused: this code was used already; wait for the next one.",
	    EXIT_NO },
	{ VERDICT_WAITING,
	    "Refused: too many wrong codes, so only a recovery code is "
	    "accepted for now.",
	    EXIT_NO },
	{ VERDICT_DISABLED,
	    "Refused: disabled after too many wrong codes.  A recovery code "
	    "or 'sallyport unlock' helps.", EXIT_NO },
	{ VERDICT_MALFORMED,
	    "Refused: neither a code of this user's length nor a recovery "
	    "code, or a mistyped one.", EXIT_NO },
	{ VERDICT_CLOCK_BEHIND,
	    "Refused: this machine's clock is behind what happened before.",
	    EXIT_NO },
	{ VERDICT_NOT_ENROLLED,
	    "Refused: not enrolled.", EXIT_NO },
	{ VERDICT_CALLER_BLOCKED,
	    "Refused: this is what sshd answers for a login it will refuse.",
	    EXIT_NO },
};
/* clang-format on */

static const struct word *
find_word(enum verdict verdict)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].verdict == verdict)
			return &words[i];
	return NULL;
}

/* The user compares clocks himself: by how much one is off would tell a
 * guesser where to look. */
static void
say_clock(FILE *out)
{
	char clock[SHOW_CLOCK_SIZE];

	fprintf(out, "This machine's clock: %s.\n",
	    show_clock(time(NULL), clock));
}

int
words_judgement(const struct judgement *judgement, FILE *out)
{
	const struct word *word = find_word(judgement->verdict);
	char when[SHOW_TIME_SIZE];

	if (word == NULL)
		return EXIT_UNKNOWN;
	show_prose(out, "%s", word->words);
	if (judgement->verdict == VERDICT_ACCEPTED)
		fprintf(out, "Authenticator: %s\n", judgement->authenticator);
	if (judgement->verdict == VERDICT_ACCEPTED_RECOVERY)
		fprintf(out, "Recovery codes left: %u\n",
		    judgement->recovery_left);
	if (judgement->verdict == VERDICT_WRONG)
		fprintf(out, "Wrong codes in a row: %u\n", judgement->failures);
	if (word->status == EXIT_NO && judgement->wait > 0)
		fprintf(out, "No code is accepted before %s.\n",
		    show_local(time(NULL) + judgement->wait, when));
	if (judgement->verdict == VERDICT_WRONG ||
	    judgement->verdict == VERDICT_CLOCK_BEHIND)
		say_clock(out);
	return word->status;
}

int
words_unknown_name(const char *user, const char *name)
{
	char shown[256];

	cmd_say("%s has no authenticator \"%s\"; 'sallyport status --user %s' "
		"names them",
	    user, text_escape(shown, sizeof shown, name), user);
	return EXIT_USAGE;
}

int
words_change(const struct changed *changed, const struct account *whose)
{
	const char *user = whose->name, *name = changed->name;

	switch (changed->change) {
	case CHANGE_DONE:
		return EXIT_YES;
	case CHANGE_UNPROVEN:
		return words_judgement(&changed->judgement, stderr);
	case CHANGE_NEEDS_CODE:
		cmd_say("%s is enrolled: that takes a code, or a recovery code",
		    user);
		return EXIT_NO;
	case CHANGE_NEEDS_PASSWORD:
		cmd_say("that takes the password of %s, or an invitation",
		    user);
		return EXIT_NO;
	case CHANGE_NEEDS_INVITATION:
		cmd_say("a password is not enough here (self_enrolment = no); "
			"ask your administrator for an invitation");
		return EXIT_NO;
	case CHANGE_WRONG_PASSWORD:
		cmd_say("that is neither the password of %s nor an invitation, "
			"or the account is locked",
		    user);
		return EXIT_NO;
	case CHANGE_UNINVITED:
		cmd_say("that is no invitation of %s, or it is over; ask your "
			"administrator for another one",
		    user);
		return EXIT_NO;
	case CHANGE_UNENROLLED:
		cmd_say("%s is not enrolled", user);
		return EXIT_NO;
	case CHANGE_NAME_TAKEN:
		return cmd_usage("%s has an authenticator \"%s\" already", user,
		    name);
	case CHANGE_NAME_UNKNOWN:
		return words_unknown_name(user, name);
	case CHANGE_FULL:
		return cmd_usage("%s has %d authenticators, as many as there "
				 "can be; remove one first",
		    user, RECORD_AUTHENTICATORS);
	case CHANGE_UNCONFIRMED:
		cmd_say("that is not a code of this key; nothing was stored");
		return EXIT_NO;
	case CHANGE_OVER:
		cmd_say("15 minutes have passed, or the enrolment of %s has "
			"changed meanwhile; nothing was stored",
		    user);
		return EXIT_USAGE;
	case CHANGE_NONE:
	default:
		return cmd_fail("changing the enrolment", ERR_DAMAGED, NULL);
	}
}
