#include "cmd.h"

#include "journal.h"
#include "show.h"
#include "store.h"

#include <stdio.h>

static void
tell_json(const struct settings *settings, bool made)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "store_dir",
	    show_json_text(settings->store_dir));
	json_object_object_add(out, "key_file",
	    show_json_text(settings->key_file));
	json_object_object_add(out, "made", json_object_new_boolean(made));
	show_json(out);
}

static void
tell(const struct settings *settings, bool made)
{
	if (!made) {
		printf("Store %s and key %s are there and fit each other.\n",
		    settings->store_dir, settings->key_file);
		return;
	}
	printf("Made the store %s\nand its key %s.\n\n", settings->store_dir,
	    settings->key_file);
	puts("Without the key nobody can read the store: back up both, apart "
	     "from each\nother.  Next:\n\n"
	     "  sallyport enroll --user YOU   a phone, and recovery codes\n"
	     "  sallyport verify --user YOU   try a code before logins need "
	     "one\n\n"
	     "then put pam_sallyport.so into a PAM stack, as pam_sallyport(8) "
	     "shows, with a\nroot shell kept open, and let 'sallyport doctor' "
	     "look at it.");
}

int
cmd_setup(struct invocation *call)
{
	const struct settings *settings = &call->settings;
	struct trouble why = { "" };
	bool made;
	int r;

	r = store_create(settings, &why);
	made = r == 0;
	if (made)
		journal_note("setup", NULL, NULL);
	if (r == ERR_EXISTS)
		r = store_check(settings, &why);
	if (r < 0)
		return cmd_fail("making the store", r, &why);
	if (call->json)
		tell_json(settings, made);
	else
		tell(settings, made);
	return EXIT_YES;
}
