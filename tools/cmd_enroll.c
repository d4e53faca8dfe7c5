#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "otpauth.h"
#include "person.h"
#include "picture.h"
#include "show.h"
#include "term.h"
#include "text.h"
#include "words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONFIRMATIONS = 5 }; /* wrong codes after which it is something else */

/* An authenticator that is drawn and shown, but stored only when a code has
 * confirmed it.  Lives in memory for secrets. */
struct showing {
	struct wanted wanted;
	struct changed begun;	/* with the key */
	struct changed changed; /* the last answer */
	struct otpauth otpauth;
	char address[OTPAUTH_SIZE];
	char key[BASE32_SIZE(TOTP_KEY_MOST)];
	char grouped[BASE32_GROUPED_SIZE(TOTP_KEY_MOST)];
	char typed[ANSWER_LONGEST + 1];
};

static struct showing *
showing_new(void)
{
	return secret_new(sizeof(struct showing));
}

static void
showing_auto_free(struct showing **showing)
{
	secret_free(*showing, sizeof **showing);
}
#define AUTO_SHOWING __attribute__((cleanup(showing_auto_free)))

/* ---- what is wished for ---- */

static int
read_number(const struct invocation *call, const char *name, unsigned least,
    unsigned most, unsigned *number)
{
	const char *value = cmd_option(call, name);
	uint64_t read;

	if (value == NULL)
		return EXIT_YES;
	if (text_number(value, least, most, &read) < 0)
		return cmd_usage("--%s takes a number from %u to %u", name,
		    least, most);
	*number = (unsigned)read;
	return EXIT_YES;
}

static int
read_shape(const struct invocation *call, struct authenticator *a)
{
	const char *algorithm = cmd_option(call, "algorithm");
	bool hotp = cmd_option(call, "hotp") != NULL;
	int status;

	a->kind = hotp ? AUTHENTICATOR_HOTP : AUTHENTICATOR_TOTP;
	a->algorithm = ALGORITHM_SHA1; /* the one that every app knows */
	a->digits = (unsigned)call->settings.digits;
	a->period = hotp ? 0 : TOTP_PERIOD_DEFAULT;
	if (hotp && cmd_option(call, "period") != NULL)
		return cmd_usage("--hotp codes have no --period");
	if (algorithm != NULL &&
	    algorithm_from_name(algorithm, &a->algorithm) < 0)
		return cmd_usage("--algorithm takes SHA1, SHA256 or SHA512");
	status = read_number(call, "digits", TOTP_DIGITS_LEAST,
	    TOTP_DIGITS_MOST, &a->digits);
	if (status != EXIT_YES)
		return status;
	return read_number(call, "period", TOTP_PERIOD_LEAST, TOTP_PERIOD_MOST,
	    &a->period);
}

static int
read_issuer(const struct invocation *call, char *issuer_out)
{
	const char *wish = cmd_option(call, "issuer");

	if (otpauth_issuer(wish != NULL ? wish : call->settings.issuer,
		issuer_out) == 0 &&
	    (wish == NULL || wish[0] != '\0'))
		return EXIT_YES;
	return cmd_usage("%s takes 1 to %d bytes, no colon and no control "
			 "characters",
	    wish != NULL ? "--issuer" : "the setting issuer",
	    SETTINGS_WORD_SIZE - 1);
}

/* ---- what is shown ---- */

static int
write_down(const struct desk *desk, struct showing *showing)
{
	const struct authenticator *a = &showing->begun.begun;
	struct otpauth *o = &showing->otpauth;
	int r;

	if ((r = otpauth_take(o, a, desk->account.name)) < 0 ||
	    (r = otpauth_format(o, showing->address, sizeof showing->address)) <
		0 ||
	    (r = base32_encode(a->key, a->key_len, showing->key)) < 0 ||
	    (r = base32_grouped(a->key, a->key_len, showing->grouped)) < 0)
		return cmd_fail("writing the key down", r, NULL);
	return EXIT_YES;
}

/* The picture comes last, to be on the screen together with the prompt. */
static int
show(const struct desk *desk, const struct showing *showing, const char *host,
    struct picture *picture, FILE *out)
{
	const struct authenticator *a = &showing->begun.begun;
	char shape[PERSON_SHAPE_SIZE];

	fprintf(out, "Enrolling %s (uid %lu) at %s: \"%s\", %s.\n",
	    desk->account.name, (unsigned long)desk->account.uid, host, a->name,
	    person_shape(a, shape));
	show_prose(out, "Scan the picture with an authenticator app, or type "
			"in the key.");
	fprintf(out, "\n%s\nKey: %s\n", showing->address, showing->grouped);
	return picture_show(picture, showing->address, out);
}

/* ---- the confirmation ---- */

/* Never the right code, and never how far off a wrong one is. */
static void
explain(const struct showing *showing, FILE *out)
{
	const struct authenticator *a = &showing->begun.begun;
	const struct answer *answer = &showing->wanted.answer;
	char clock[SHOW_CLOCK_SIZE];

	if (answer->kind != ANSWER_CODE || strlen(answer->code) != a->digits)
		fprintf(out, "A code has %u digits.\n", a->digits);
	else if (a->kind == AUTHENTICATOR_HOTP)
		fputs("That is not a code of this key.  Try the next one.\n",
		    out);
	else
		show_prose(out,
		    "That is not the code of this key now.  Compare clocks: "
		    "this machine has %s.",
		    show_clock(time(NULL), clock));
}

static int
give_up(const char *why)
{
	cmd_say("%s; nothing was stored", why);
	return EXIT_NO;
}

/* Hands in one code.  What came of it is in showing->changed. */
static int
try_code(struct desk *desk, struct showing *showing)
{
	int r;

	r = term_read("Code that it shows: ", false, showing->typed,
	    sizeof showing->typed);
	if (r == ERR_MISSING)
		return give_up("no code came");
	if (r == ERR_TALK)
		return give_up("interrupted");
	if (r < 0 && r != ERR_INPUT)
		return cmd_fail("reading the code", r, NULL);
	answer_read(showing->typed, &showing->wanted.answer);
	mem_wipe(showing->typed, sizeof showing->typed);
	return desk_try_change(desk, &showing->wanted, &showing->changed);
}

static int
confirm(struct desk *desk, struct showing *showing, FILE *out)
{
	struct wanted *wanted = &showing->wanted;
	int status;

	wanted->act = ACT_CONFIRM;
	memcpy(wanted->blob, showing->begun.blob, sizeof wanted->blob);
	mem_wipe(&wanted->proof.answer, sizeof wanted->proof.answer);
	for (int i = 0; i < CONFIRMATIONS; i++) {
		if ((status = try_code(desk, showing)) != EXIT_YES)
			return status;
		if (showing->changed.change != CHANGE_UNCONFIRMED)
			return words_change(&showing->changed, &desk->account);
		explain(showing, out);
	}
	return give_up("no right code came");
}

/* An administrator's word in place of a code. */
static int
store_pending(struct desk *desk, struct showing *showing)
{
	struct authenticator *a = &showing->begun.begun;
	int r;

	a->pending = true;
	r = service_add(desk->settings, &desk->account, a, 0, &showing->changed,
	    &desk->why);
	if (r < 0)
		return desk_fail(desk, "storing the enrolment", r);
	return words_change(&showing->changed, &desk->account);
}

/* ---- the outcome ---- */

static void
tell_json(const struct account *account, const struct showing *showing)
{
	AUTO_JSON json_object *out = json_object_new_object();
	json_object *a = person_json_authenticator(&showing->begun.begun);

	json_object_object_add(a, "secret",
	    json_object_new_string(showing->key));
	json_object_object_add(a, "uri",
	    json_object_new_string(showing->address));
	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "authenticator", a);
	json_object_object_add(out, "recovery_codes",
	    show_json_codes(&showing->changed.codes));
	show_json(out);
}

static void
tell(const struct invocation *call, const struct desk *desk,
    const struct showing *showing)
{
	const struct authenticator *a = &showing->begun.begun;

	if (call->json) {
		tell_json(&desk->account, showing);
		return;
	}
	printf("%s has the authenticator \"%s\" now%s.\n", desk->account.name,
	    a->name,
	    a->pending ? "; the first right code at a login confirms it" : "");
	show_codes(&showing->changed.codes, stdout);
}

/* Everything between the first key byte and the stored enrolment. */
static int
hand_over(struct invocation *call, struct desk *desk, struct showing *showing,
    struct picture *picture)
{
	FILE *out = call->json ? stderr : stdout;
	char host[SETTINGS_WORD_SIZE];
	int status;

	otpauth_host(host);
	status = read_issuer(call, showing->otpauth.issuer);
	if (status == EXIT_YES)
		status = desk_change(desk, &showing->wanted, &showing->begun);
	if (status == EXIT_YES)
		status = write_down(desk, showing);
	if (status == EXIT_YES)
		status = show(desk, showing, host, picture, out);
	if (status != EXIT_YES)
		return status;
	if (cmd_option(call, "pending") != NULL)
		return store_pending(desk, showing);
	return confirm(desk, showing, out);
}

static int
prepare(struct invocation *call, struct desk *desk, struct wanted *wanted)
{
	struct summary summary;
	int status;

	wanted->act = ACT_BEGIN;
	if ((status = read_shape(call, &wanted->which)) == EXIT_YES)
		status = desk_name("--name", cmd_option(call, "name"),
		    wanted->which.name);
	if (status == EXIT_YES)
		status =
		    desk_find(desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES && desk->asks &&
	    cmd_option(call, "pending") != NULL)
		status = cmd_usage("--pending is for administrators");
	if (status == EXIT_YES)
		status = desk_status(desk, &summary);
	if (status == EXIT_YES)
		status = desk_prove(desk, summary.enrolled, &wanted->proof);
	return status;
}

int
cmd_enroll(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_SHOWING struct showing *showing = showing_new();
	struct picture picture;
	int status;

	if (showing == NULL)
		return cmd_fail("enrolling", ERR_MEMORY, NULL);
	if (picture_read(cmd_option(call, "qr"), &picture) < 0)
		return cmd_usage("--qr takes utf8, ascii, svg:FILE or none");
	status = prepare(call, &desk, &showing->wanted);
	if (status != EXIT_YES)
		return status;
	term_hold_signals(); /* a key that is shown but not stored goes away */
	status = hand_over(call, &desk, showing, &picture);
	if (status != EXIT_YES) {
		picture_take_back(&picture);
		return status;
	}
	desk_note(&desk,
	    showing->begun.begun.pending ? "enrolled-pending" : "enrolled",
	    showing->begun.begun.name);
	tell(call, &desk, showing);
	return EXIT_YES;
}
