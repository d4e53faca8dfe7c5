#include "cmd.h"

#include "desk.h"
#include "mem.h"
#include "otpauth.h"
#include "person.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

/* Everything here that is secret, in memory for it. */
struct export
{
	struct otpauth otpauth;
	char address[OTPAUTH_SIZE];
	json_object *array; /* borrowed; NULL: as text */
};

static void
export_auto_free(struct export **export)
{
	secret_free(*export, sizeof **export);
}
#define AUTO_EXPORT __attribute__((cleanup(export_auto_free)))

static int
write_down(const struct desk *desk, const struct authenticator *a,
    const struct state_entry *entry, struct export *export)
{
	struct otpauth *o = &export->otpauth;
	int r;

	memset(o, 0, sizeof *o);
	o->counter = entry->spent; /* the next one */
	if ((r = otpauth_issuer(desk->settings->issuer, o->issuer)) < 0)
		return cmd_fail("the setting issuer", r, NULL);
	if ((r = otpauth_take(o, a, desk->account.name)) < 0 ||
	    (r = otpauth_format(o, export->address, sizeof export->address)) <
		0)
		return cmd_fail("writing the key down", r, NULL);
	return EXIT_YES;
}

static void
tell(const struct desk *desk, const struct authenticator *a,
    const struct export *export)
{
	json_object *one;

	if (export->array == NULL) {
		puts(export->address);
		return;
	}
	one = json_object_new_object();
	json_object_object_add(one, "user", show_json_text(desk->account.name));
	json_object_object_add(one, "authenticator",
	    person_json_authenticator(a));
	json_object_object_add(one, "uri",
	    json_object_new_string(export->address));
	json_object_array_add(export->array, one);
}

static int
export_one(struct desk *desk, void *with)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct export *export = with;
	const struct record *record;
	int status;

	if ((status = desk_begin_whoever(desk, &txn)) != EXIT_YES)
		return status;
	record = store_record(txn);
	for (size_t i = 0; i < record->count && status == EXIT_YES; i++) {
		const struct authenticator *a = &record->authenticators[i];

		status = write_down(desk, a,
		    state_find(store_state(txn), a->id), export);
		if (status == EXIT_YES)
			tell(desk, a, export);
	}
	if (status == EXIT_YES)
		desk_note(desk, "exported", NULL);
	return status;
}

static int
ask(const struct invocation *call)
{
	if (call->operand_count == 0 && cmd_option(call, "all") == NULL)
		return EXIT_YES; /* is told as wrong usage */
	return desk_agree(call,
	    "Print the keys of %s, with which anybody can make their codes? "
	    "[y/N] ",
	    call->operand_count > 0 ? call->operands[0] : "everybody");
}

int
cmd_export(struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_EXPORT struct export *export = secret_new(sizeof *export);
	AUTO_JSON json_object *out = json_object_new_object();
	int status;

	if (export == NULL)
		return cmd_fail("exporting", ERR_MEMORY, NULL);
	if (call->json) {
		export->array = json_object_new_array();
		json_object_object_add(out, "exported", export->array);
	}
	if ((status = ask(call)) != EXIT_YES)
		return status;
	status = desk_visit(&desk, call, export_one, export);
	if (call->json && status != EXIT_USAGE)
		show_json(out);
	return status;
}
