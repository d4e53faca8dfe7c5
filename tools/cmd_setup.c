#include "cmd.h"

#include "journal.h"
#include "setup.h"
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
		show_prose(stdout,
		    "Store %s and key %s are there and fit each other.",
		    settings->store_dir, settings->key_file);
		return;
	}
	show_prose(stdout, "Made the store %s and its key %s.",
	    settings->store_dir, settings->key_file);
	putchar('\n');
	show_prose(stdout, "Without the key nobody can read the store: back up "
			   "both, apart from each other.  Next:");
	putchar('\n');
	show_pair("  sallyport enroll --user YOU", 32,
	    "a phone, and recovery codes");
	show_pair("  sallyport verify --user YOU", 32,
	    "try a code before logins need one");
	show_pair("  sallyport setup --ssh", 32,
	    "have sshd ask for codes, on trial");
	putchar('\n');
	show_prose(stdout,
	    "For other programs put pam_sallyport.so into their PAM stacks, "
	    "as pam_sallyport(8) shows, and let 'sallyport doctor' look at "
	    "them.");
}

int
setup_store(const struct settings *settings, bool *made_out)
{
	struct trouble why = { "" };
	int r = store_create(settings, &why);

	*made_out = r == 0;
	if (r == 0)
		journal_note("setup", NULL, NULL);
	if (r == ERR_EXISTS)
		r = store_check(settings, &why);
	return r < 0 ? cmd_fail("making the store", r, &why) : EXIT_YES;
}

static int
make_store(struct invocation *call)
{
	const struct settings *settings = &call->settings;
	bool made;
	int status = setup_store(settings, &made);

	if (status != EXIT_YES)
		return status;
	if (call->json)
		tell_json(settings, made);
	else
		tell(settings, made);
	return EXIT_YES;
}

/* One of these words, or none; the others go with --ssh. */
static const struct {
	const char *word;
	int (*run)(struct invocation *call);
} ways[] = {
	{ "ssh", setup_ssh },
	{ "confirm", setup_confirm },
	{ "undo", setup_undo },
	{ "roll-back", setup_roll_back },
};

int
cmd_setup(struct invocation *call)
{
	int (*run)(struct invocation *) = NULL;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (cmd_option(call, ways[i].word) == NULL)
			continue;
		if (run != NULL)
			return cmd_usage("--ssh, --confirm, --undo and "
					 "--roll-back exclude each other");
		run = ways[i].run;
	}
	if (run != setup_ssh && (cmd_option(call, "key") != NULL ||
				    cmd_option(call, "within") != NULL))
		return cmd_usage("--key and --within go with --ssh");
	if (run == NULL)
		run = make_store;
	if (call->unread != EXIT_YES && (run == make_store || run == setup_ssh))
		return call->unread;
	return run(call);
}
