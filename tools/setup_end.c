/* What becomes of a change of sshd's files: confirmed, or put back. */
#include "setup.h"

#include "desk.h"
#include "io.h"
#include "journal.h"
#include "mem.h"
#include "show.h"
#include "sshd_reload.h"
#include "trial_timer.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Opens the folders, for root alone. */
static int
open_trial(struct trial *trial)
{
	struct trouble why = { "" };
	int r;

	if (geteuid() != 0) {
		cmd_say("only root sets sshd up");
		return EXIT_UNKNOWN;
	}
	r = trial_open(trial, &why);
	return r < 0 ? cmd_fail("opening sshd's folders", r, &why) : EXIT_YES;
}

/* Holds the trial, so that nobody else ends it. */
static int
hold_trial(struct trial *trial, bool *on_trial_out)
{
	struct trouble why = { "" };
	int r = trial_hold(trial, &why);

	*on_trial_out = r == 0;
	if (r < 0 && r != ERR_MISSING)
		return cmd_fail("taking hold of the trial", r, &why);
	return EXIT_YES;
}

static int
tell(const struct invocation *call, const char *state, const char *words)
{
	AUTO_JSON json_object *out = json_object_new_object();

	if (!call->json) {
		puts(words);
		return EXIT_YES;
	}
	json_object_object_add(out, "ssh", json_object_new_string(state));
	show_json(out);
	return EXIT_YES;
}

/*
 * Putting back
 */

/* An sshd whose settings are wrong would end at being told to read them. */
static int
reload(void)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct sshd_running running;
	struct trouble why = { "" };
	int r = sshd_config_test(NULL, SSHD_CONFIG_FILE, &why);

	if (r == 0)
		r = sshd_config_ask(&sshd, NULL, SSHD_CONFIG_FILE, &why);
	if (r == 0 && sshd_find(&sshd, &running, &why) == ERR_MISSING)
		return EXIT_YES; /* the next one reads them as it starts */
	if (r == 0)
		r = sshd_reload(&running, &why);
	if (r == 0)
		return EXIT_YES;
	cmd_say("the files are as before, but sshd has not read them; do that "
		"by hand");
	return cmd_fail("reloading sshd", r, &why);
}

int
setup_take_back(const struct trial *trial)
{
	struct trouble why = { "" };
	int r, status;

	if ((r = trial_take_back(trial, &why)) < 0)
		return cmd_fail("putting sshd's files back", r, &why);
	status = reload();
	if ((r = trial_end(&why)) < 0 || (r = trial_timer_stop(&why)) < 0)
		return cmd_fail("ending the trial", r, &why);
	return status;
}

int
setup_roll_back(struct invocation *call)
{
	AUTO_TRIAL struct trial trial = TRIAL_NONE;
	struct trouble why = { "" };
	bool on_trial;
	int r, status;

	if ((status = open_trial(&trial)) != EXIT_YES ||
	    (status = hold_trial(&trial, &on_trial)) != EXIT_YES)
		return status;
	if (!on_trial) {
		trial_drop_drafts(&trial); /* of one that never began */
		r = trial_timer_stop(&why);
		return r < 0 ? cmd_fail("ending the timer", r, &why)
			     : tell(call, "nothing on trial",
				   "Nothing is on trial.");
	}
	journal_note("ssh-setup-rolled-back", NULL, NULL);
	status = setup_take_back(&trial);
	return status == EXIT_YES ? tell(call, "rolled back",
					"Nobody has confirmed it: everything "
					"is as before.")
				  : status;
}

static int
show_undo(const struct trial *trial)
{
	AUTO_CLOSE
	int before =
	    io_open_beneath(trial->pam_dir, TRIAL_PAM_BEFORE, O_RDONLY);

	printf("To be removed: %s\n", TRIAL_SSHD);
	return before < 0 ? EXIT_YES
			  : setup_show_change(TRIAL_PAM, TRIAL_PAM, before);
}

int
setup_undo(struct invocation *call)
{
	AUTO_TRIAL struct trial trial = TRIAL_NONE;
	int status = open_trial(&trial);
	bool on_trial;

	if (status != EXIT_YES)
		return status;
	if (!trial_is_there(&trial)) {
		cmd_say("there is nothing to take back");
		return EXIT_NO;
	}
	if ((!call->json && (status = show_undo(&trial)) != EXIT_YES) ||
	    (status = desk_agree(call,
		 "Put this back and reload sshd? [y/N] ")) != EXIT_YES ||
	    (status = hold_trial(&trial, &on_trial)) != EXIT_YES)
		return status;
	journal_note("ssh-setup-undone", NULL, NULL);
	status = setup_take_back(&trial);
	return status == EXIT_YES
		   ? tell(call, "undone", "Everything is as it was before.")
		   : status;
}

/*
 * Confirming
 */

/* Whether this is a login that the change has let in. */
static int
check_login(const struct trial *trial)
{
	struct trouble why = { "" };
	struct moment made, began;
	int r;

	if (trial_when(trial, &made) < 0) {
		cmd_say("the change was broken off; 'sallyport setup --undo' "
			"puts everything back");
		return EXIT_NO;
	}
	r = ssh_session_began(&began, &why);
	if (r < 0 && r != ERR_MISSING)
		return cmd_fail("looking at this login", r, &why);
	if (r == 0 && moment_is_after(&began, &made))
		return EXIT_YES;
	cmd_say(r == 0 ? "this login began before the change and proves nothing"
		       : "this is no SSH login, or one whose beginning cannot "
			 "be told, as in tmux or screen");
	cmd_say("log in anew with ssh, and confirm right there");
	return EXIT_NO;
}

int
setup_confirm(struct invocation *call)
{
	AUTO_TRIAL struct trial trial = TRIAL_NONE;
	struct trouble why = { "" };
	bool on_trial;
	int r, status;

	if ((status = open_trial(&trial)) != EXIT_YES ||
	    (status = hold_trial(&trial, &on_trial)) != EXIT_YES)
		return status;
	if (!on_trial) {
		cmd_say("there is nothing to confirm");
		return EXIT_NO;
	}
	if ((status = check_login(&trial)) != EXIT_YES)
		return status;
	if ((r = trial_end(&why)) < 0 || (r = trial_timer_stop(&why)) < 0)
		return cmd_fail("ending the trial", r, &why);
	journal_note("ssh-setup-confirmed", NULL, NULL);
	return tell(call, "confirmed",
	    "Confirmed: sshd goes on asking for codes.\n"
	    "'sallyport setup --undo' would take that back.");
}
