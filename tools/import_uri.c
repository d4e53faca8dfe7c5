#include "import.h"

#include "desk.h"
#include "mem.h"
#include "otpauth.h"
#include "person.h"
#include "show.h"
#include "term.h"
#include "words.h"

#include <stdio.h>
#include <string.h>

/* Everything here that is secret, in memory for it. */
struct import {
	char address[OTPAUTH_SIZE];
	struct otpauth otpauth;
	struct authenticator authenticator;
	struct changed changed;
};

static struct import *
import_new(void)
{
	return secret_new(sizeof(struct import));
}

static void
import_auto_free(struct import **import)
{
	secret_free(*import, sizeof **import);
}
#define AUTO_IMPORT __attribute__((cleanup(import_auto_free)))

static int
read_address(struct import *import)
{
	struct trouble why = { "" };
	int r;

	r = term_read("otpauth:// address: ", true, import->address,
	    sizeof import->address);
	if (r == ERR_MISSING)
		return cmd_usage("there was no address on standard input");
	if (r == ERR_INPUT)
		return cmd_usage("an address is shorter than %d bytes",
		    OTPAUTH_SIZE);
	if (r < 0)
		return cmd_fail("reading the address", r, NULL);
	r = otpauth_parse(import->address, &import->otpauth, &why);
	return r < 0 ? cmd_fail("reading the address", r, &why) : EXIT_YES;
}

/* RFC 4226 section 4, R6: a shared secret has at least 128 bits. */
static int
check_key(const struct invocation *call, const struct otpauth *otpauth)
{
	if (otpauth->key_len >= TOTP_KEY_LEAST ||
	    cmd_option(call, "force") != NULL)
		return EXIT_YES;
	return cmd_usage("the key has only %zu bits; enrol anew, or take it "
			 "with --force",
	    8 * otpauth->key_len);
}

static void
take_over(struct import *import)
{
	const struct otpauth *from = &import->otpauth;
	struct authenticator *to = &import->authenticator;

	to->kind = from->kind;
	to->algorithm = from->algorithm;
	to->digits = from->digits;
	to->period = from->period;
	to->key_len = from->key_len;
	memcpy(to->key, from->key, sizeof to->key);
}

static void
tell_json(const struct account *account, const struct authenticator *a,
    const struct changed *changed)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "authenticator",
	    person_json_authenticator(a));
	json_object_object_add(out, "already",
	    json_object_new_boolean(changed->already));
	json_object_object_add(out, "recovery_codes",
	    show_json_codes(&changed->codes));
	show_json(out);
}

static void
tell(const struct invocation *call, const struct desk *desk,
    const struct import *import)
{
	const struct authenticator *a = &import->authenticator;

	if (!import->changed.already)
		desk_note(desk, "imported", a->name);
	if (call->json)
		tell_json(&desk->account, a, &import->changed);
	else if (import->changed.already)
		printf("%s has this key already, as \"%s\".\n",
		    desk->account.name, a->name);
	else
		printf("%s has the authenticator \"%s\" now.\n",
		    desk->account.name, a->name);
	if (!call->json)
		show_codes(&import->changed.codes, stdout);
}

/* A HOTP counter is the next one: those before it are spent. */
static int
store(struct desk *desk, struct import *import)
{
	int r;

	take_over(import);
	r = service_add(desk->settings, &desk->account, &import->authenticator,
	    import->otpauth.counter, &import->changed, &desk->why);
	if (r < 0)
		return desk_fail(desk, "storing the enrolment", r);
	memcpy(import->authenticator.name, import->changed.name,
	    sizeof import->changed.name);
	return words_change(&import->changed, &desk->account);
}

static int
run(struct invocation *call, struct desk *desk, struct import *import)
{
	struct authenticator *a = &import->authenticator;
	int status;

	status = desk_open_for(desk, &call->settings, cmd_option(call, "user"));
	if (status == EXIT_YES)
		status = desk_name("--name", cmd_option(call, "name"), a->name);
	if (status == EXIT_YES)
		status = read_address(import);
	if (status == EXIT_YES)
		status = check_key(call, &import->otpauth);
	return status == EXIT_YES ? store(desk, import) : status;
}

static int
check_words(const struct invocation *call)
{
	static const char *const others[] = { "all-homes", "drop-pins",
		"drop-scratch-codes" };

	if (call->operand_count > 1)
		return cmd_usage("\"%s\" is one word too many",
		    call->operands[1]);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (cmd_option(call, others[i]) != NULL)
			return cmd_usage("--%s does not go with uri",
			    others[i]);
	return EXIT_YES;
}

int
import_uri(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_IMPORT struct import *import = import_new();
	int status;

	if (import == NULL)
		return cmd_fail("importing", ERR_MEMORY, NULL);
	if ((status = check_words(call)) != EXIT_YES ||
	    (status = run(call, &desk, import)) != EXIT_YES)
		return status;
	tell(call, &desk, import);
	return EXIT_YES;
}
