#include "cmd.h"

#include "import.h"
#include "show.h"

#include <string.h>

static int
import_files(struct invocation *call, bool google)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_JSON json_object *out = json_object_new_object();
	struct takeover_terms terms = { .name = cmd_option(call, "name"),
		.force = cmd_option(call, "force") != NULL,
		.drop_scratch_codes =
		    cmd_option(call, "drop-scratch-codes") != NULL,
		.drop_pins = cmd_option(call, "drop-pins") != NULL };
	int status;

	if (call->json) {
		terms.array = json_object_new_array();
		json_object_object_add(out, "imported", terms.array);
	}
	status = google ? import_google(call, &desk, &terms)
			: import_oath(call, &desk, &terms);
	if (call->json &&
	    (status == EXIT_YES || json_object_array_length(terms.array) > 0))
		show_json(out);
	return status;
}

int
cmd_import(struct invocation *call)
{
	const char *what = call->operands[0];

	if (strcmp(what, "uri") == 0)
		return import_uri(call);
	if (strcmp(what, "google-authenticator") == 0)
		return import_files(call, true);
	if (strcmp(what, "oath") == 0)
		return import_files(call, false);
	return cmd_usage("\"%s\" cannot be imported; there is: uri, "
			 "google-authenticator, oath",
	    what);
}
