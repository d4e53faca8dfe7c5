/* sallyport setup --ssh: the change of sshd's files, shown, looked at, made. */
#include "setup.h"

#include "desk.h"
#include "file_text.h"
#include "io.h"
#include "journal.h"
#include "mem.h"
#include "pam_edit.h"
#include "person.h"
#include "program.h"
#include "show.h"
#include "sshd_reload.h"
#include "term.h"
#include "text.h"
#include "trial.h"
#include "trial_timer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	WITHIN_USUAL = 10 * 60, /* seconds */
	WITHIN_MOST = 24 * 60 * 60,
	WORDS_SIZE = PATH_MAX + 16,
	SSHD_SIZE = 512,
};

#define BY_PASSWORD "keyboard-interactive"
#define BY_KEY	    "publickey,keyboard-interactive"

/* What is to be done, and what it is done with. */
struct plan {
	const struct invocation *call; /* borrowed */
	enum pam_edit edit;
	uint64_t seconds; /* for confirming */
	struct stat seen; /* sshd's PAM file, when it was read */
	char *pam;	  /* owned: its new text */
	char sshd[SSHD_SIZE];
	struct trial trial;
	struct sshd_running running;
	struct trouble why;
};

static void
plan_done(struct plan *plan)
{
	trial_drop_drafts(&plan->trial);
	trial_close(&plan->trial);
	free(plan->pam);
}
#define AUTO_PLAN __attribute__((cleanup(plan_done)))

static int
fail(const struct plan *plan, const char *doing, int r)
{
	return cmd_fail(doing, r, &plan->why);
}

/*
 * Whether to begin
 */

static int
read_options(struct plan *plan)
{
	const struct invocation *call = plan->call;
	const char *within = cmd_option(call, "within");

	if (cmd_option(call, "key") != NULL)
		plan->edit = EDIT_KEY;
	else if (call->settings.enrolment == ENROLMENT_OFFERED)
		plan->edit = EDIT_OFFER;
	else
		plan->edit = EDIT_PASSWORD;
	plan->seconds = WITHIN_USUAL;
	if (within != NULL &&
	    text_duration(within, 1, WITHIN_MOST, &plan->seconds) < 0)
		return cmd_usage("--within takes 1s to 24h");
	return cmd_config_fits_pam(call);
}

/* Whether this enrolment is of somebody who can log in by SSH: root cannot, as
 * sshd is told here. */
static bool
is_usable(struct store *store, uid_t uid)
{
	AUTO_TXN struct store_txn *txn = NULL;
	char name[ACCOUNT_NAME_SIZE];

	return uid != 0 && store_read(store, uid, &txn) == 0 &&
	       store_record(txn) != NULL && person_name(uid, name) == 0 &&
	       strcmp(store_record(txn)->user, name) == 0;
}

/* Where enrolment is optional or offered, nobody has to be. */
static int
check_enrolled(const struct invocation *call)
{
	AUTO_DESK struct desk desk = { .store = NULL };
	AUTO_FREE uid_t *uids = NULL;
	size_t count = 0;
	int r, status;

	if (call->settings.enrolment != ENROLMENT_REQUIRED)
		return EXIT_YES;
	if ((status = desk_open(&desk, &call->settings)) != EXIT_YES)
		return status;
	if ((r = store_list(desk.store, &uids, &count)) < 0)
		return desk_fail(&desk, "listing the store", r);
	for (size_t i = 0; i < count; i++)
		if (is_usable(desk.store, uids[i]))
			return EXIT_YES;
	cmd_say("nobody but root, whom sshd will not let in, is enrolled: "
		"everybody would be locked out");
	cmd_say("first: sallyport enroll --user YOU");
	return EXIT_NO;
}

static int
check_sshd(struct plan *plan)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	char service[64] = TRIAL_SERVICE;
	int r = sshd_config_ask(&sshd, NULL, SSHD_CONFIG_FILE, &plan->why);

	if (r < 0)
		return fail(plan, "looking at sshd", r);
	(void)sshd_config_get(&sshd, "pamservicename", service, sizeof service);
	if (strcmp(service, TRIAL_SERVICE) != 0) {
		cmd_say("sshd uses the PAM service %s; write its file by hand, "
			"as pam_sallyport(8) shows",
		    service);
		return EXIT_UNKNOWN;
	}
	r = sshd_find(&sshd, &plan->running, &plan->why);
	return r < 0 ? fail(plan, "finding sshd", r) : EXIT_YES;
}

/* What the main file has to say, where it does not include ours first. */
static int
say_include(void)
{
	cmd_say("make this the first line of %s, before anything else, and "
		"try again:",
	    SSHD_CONFIG_FILE);
	fprintf(stderr, "Include %s/*.conf\n", TRIAL_SSHD_DIR);
	return EXIT_UNKNOWN;
}

static int
open_trial(struct plan *plan)
{
	int r = trial_open(&plan->trial, &plan->why);

	if (r == ERR_MISSING) {
		cmd_say("there is no folder %s; make it", TRIAL_SSHD_DIR);
		return say_include();
	}
	if (r < 0)
		return fail(plan, "opening sshd's folders", r);
	if (!trial_is_there(&plan->trial))
		return EXIT_YES;
	cmd_say("'setup --ssh' was done here before; 'sallyport setup --undo' "
		"takes that back");
	return EXIT_NO;
}

/*
 * What would be written
 */

static int
read_pam(struct plan *plan, char **text_out)
{
	AUTO_CLOSE int fd = io_open_path(TRIAL_PAM, O_RDONLY);

	if (fd < 0 || fstat(fd, &plan->seen) < 0 ||
	    file_text(fd, text_out) < 0) {
		err_say(&plan->why, 0, "cannot read %s: %m", TRIAL_PAM);
		return fail(plan, "reading sshd's PAM file", ERR_IO);
	}
	if (strlen(*text_out) == (size_t)plan->seen.st_size)
		return EXIT_YES;
	cmd_say("%s has a NUL byte in it, or is very long", TRIAL_PAM);
	return EXIT_UNKNOWN;
}

static int
make_pam(struct plan *plan)
{
	const struct pam_dirs dirs = { .dirs = { TRIAL_PAM_DIR, NULL } };
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_FREE char *text = NULL;
	char words[WORDS_SIZE] = "";
	int r, status;

	if ((status = read_pam(plan, &text)) != EXIT_YES)
		return status;
	if (plan->call->config != NULL)
		snprintf(words, sizeof words, " config=%s", plan->call->config);
	r = pam_stack_read(&stack, &dirs, TRIAL_SERVICE, &plan->why);
	if (r == 0)
		r = pam_edit(&stack, text, plan->edit, words, &plan->pam,
		    &plan->why);
	if (r == 0)
		return EXIT_YES;
	(void)fail(plan, "changing sshd's PAM file", r);
	if (r == ERR_EXISTS)
		cmd_say("'sallyport doctor' tells whether that is right");
	if (r == ERR_UNSUPPORTED)
		cmd_say("write it by hand, as pam_sallyport(8) shows");
	return EXIT_UNKNOWN;
}

static const char *
methods(const struct plan *plan)
{
	return plan->edit == EDIT_KEY ? BY_KEY : BY_PASSWORD;
}

static void
make_sshd(struct plan *plan)
{
	snprintf(plan->sshd, sizeof plan->sshd,
	    "# By 'sallyport setup --ssh'; 'sallyport setup --undo' removes "
	    "it.\n"
	    "UsePAM yes\n"
	    "KbdInteractiveAuthentication yes\n"
	    "PasswordAuthentication no\n"
	    "PermitRootLogin no\n"
	    "AuthenticationMethods %s\n",
	    methods(plan));
}

int
setup_show_change(const char *file, const char *name, int after)
{
	const char *const argv[] = { "/usr/bin/diff", "-u", "--label", file,
		"--label", name, file, "-", NULL };
	struct trouble why = { "" };
	int r;

	fflush(stdout);
	r = program_run(argv,
	    (const int[]){ after, STDOUT_FILENO, STDERR_FILENO });
	if (r == 0 || r == 1) /* 1: they differ */
		return EXIT_YES;
	err_say(&why, 0, "cannot run %s: %m", argv[0]);
	return cmd_fail("showing the change", ERR_IO, &why);
}

static int
show_draft(int dir, const char *draft, const char *file, const char *name)
{
	AUTO_CLOSE int after = io_open_beneath(dir, draft, O_RDONLY);

	if (after < 0)
		return cmd_fail("reading a draft", ERR_IO, NULL);
	return setup_show_change(file, name, after);
}

static int
show_changes(const struct plan *plan)
{
	const struct trial *trial = &plan->trial;
	int status;

	if (plan->call->json)
		return EXIT_YES;
	status =
	    show_draft(trial->pam_dir, TRIAL_PAM_DRAFT, TRIAL_PAM, TRIAL_PAM);
	if (status == EXIT_YES)
		status = show_draft(trial->sshd_dir, TRIAL_SSHD_DRAFT,
		    "/dev/null", TRIAL_SSHD);
	return status;
}

/*
 * What the doctor says of it
 */

/* By the doctor's own words; they go to standard error where standard output
 * is one document. */
static int
ask_doctor(const struct plan *plan)
{
	const char *argv[] = { "/proc/self/exe", "doctor", "--service",
		TRIAL_PAM_DRAFT, "--sshd-config", TRIAL_STAGE, NULL, NULL,
		NULL };
	int told = plan->call->json ? STDERR_FILENO : STDOUT_FILENO;
	int r;

	if (plan->call->config != NULL) {
		argv[6] = "--config";
		argv[7] = plan->call->config;
	}
	fflush(stdout);
	r = program_run(argv, (const int[]){ -1, told, STDERR_FILENO });
	if (r == EXIT_YES)
		return EXIT_YES;
	cmd_say("the doctor %s: nothing was changed",
	    r == EXIT_NO ? "finds faults in what would be written"
			 : "cannot tell what would come of it");
	return r == EXIT_NO ? EXIT_NO : EXIT_UNKNOWN;
}

static int
write_drafts(struct plan *plan)
{
	int r = trial_draft(&plan->trial, plan->pam, plan->sshd, &plan->why);

	return r < 0 ? fail(plan, "writing drafts", r) : EXIT_YES;
}

static int
look_at_drafts(struct plan *plan)
{
	int r = sshd_config_test(NULL, TRIAL_STAGE, &plan->why);
	return r < 0 ? fail(plan, "asking sshd about its new settings", r)
		     : ask_doctor(plan);
}

/* Drafts do not outlive the program, so from the first one on Ctrl-C waits; but
 * what it came before is not done. */
static int
check_interrupted(void)
{
	if (!term_interrupted())
		return EXIT_YES;
	cmd_say("interrupted: nothing was changed");
	return EXIT_NO;
}

/* Somebody may have written there while the question stood. */
static int
check_unchanged(const struct plan *plan)
{
	const struct stat *seen = &plan->seen;
	struct stat now;

	if (stat(TRIAL_PAM, &now) == 0 && now.st_dev == seen->st_dev &&
	    now.st_ino == seen->st_ino &&
	    now.st_ctim.tv_sec == seen->st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == seen->st_ctim.tv_nsec)
		return EXIT_YES;
	cmd_say("%s is another one meanwhile: nothing was changed; look at it, "
		"and try again",
	    TRIAL_PAM);
	return EXIT_UNKNOWN;
}

/*
 * Making it
 */

/* Whether what was written holds: another file may be read before ours. */
static int
check_effect(struct plan *plan)
{
	const char *const want[][2] = { { "usepam", "yes" },
		{ "kbdinteractiveauthentication", "yes" },
		{ "passwordauthentication", "no" }, { "permitrootlogin", "no" },
		{ "authenticationmethods", methods(plan) } };
	AUTO_SSHD struct sshd_config sshd = { 0 };
	const struct sshd_line *line;
	int r = sshd_config_test(NULL, SSHD_CONFIG_FILE, &plan->why);

	if (r == 0)
		r = sshd_config_ask(&sshd, NULL, SSHD_CONFIG_FILE, &plan->why);
	if (r < 0)
		return fail(plan, "asking sshd about its settings", r);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		if (sshd_config_is(&sshd, want[i][0], want[i][1]))
			continue;
		line = sshd_config_line(&sshd, want[i][0]);
		cmd_say("%s is not what %s says%s%s", want[i][0], TRIAL_SSHD,
		    line != NULL ? "; sshd reads first: " : "",
		    line != NULL ? line->file : "");
		return say_include();
	}
	return EXIT_YES;
}

static int
begin(struct plan *plan, bool *restart_out)
{
	struct trial *trial = &plan->trial;
	int r;

	if ((r = trial_begin(trial, &plan->why)) < 0)
		return fail(plan, "beginning", r);
	r = trial_timer_start(trial, plan->seconds, restart_out, &plan->why);
	if (r < 0)
		return fail(plan, "starting the timer", r);
	if ((r = trial_put_sshd(trial, &plan->why)) < 0)
		return fail(plan, "writing sshd's settings", r);
	return check_effect(plan);
}

/* sshd's settings before PAM's file; see trial.h. */
static int
take_effect(struct plan *plan)
{
	struct trial *trial = &plan->trial;
	int r;

	if ((r = sshd_reload(&plan->running, &plan->why)) < 0)
		return fail(plan, "reloading sshd", r);
	if ((r = trial_put_pam(trial, &plan->why)) < 0 ||
	    (r = trial_made(trial, &plan->why)) < 0)
		return fail(plan, "writing sshd's PAM file", r);
	journal_note("ssh-setup", NULL, NULL);
	return EXIT_YES;
}

static int
make_change(struct plan *plan, bool *restart_out)
{
	int status;

	status = begin(plan, restart_out);
	if (status == EXIT_YES)
		status = take_effect(plan);
	if (status == EXIT_YES || plan->trial.record < 0)
		return status;
	cmd_say("putting everything back");
	if (setup_take_back(&plan->trial) != EXIT_YES)
		return EXIT_UNKNOWN;
	return status;
}

/*
 * Telling
 */

static void
tell_json(const struct plan *plan)
{
	AUTO_JSON json_object *out = json_object_new_object();

	json_object_object_add(out, "ssh", json_object_new_string("on trial"));
	json_object_object_add(out, "pam_file",
	    json_object_new_string(TRIAL_PAM));
	json_object_object_add(out, "backup",
	    json_object_new_string(TRIAL_PAM_DIR "/" TRIAL_PAM_BEFORE));
	json_object_object_add(out, "sshd_file",
	    json_object_new_string(TRIAL_SSHD));
	json_object_object_add(out, "confirm_until",
	    show_json_time(time(NULL) + (int64_t)plan->seconds));
	show_json(out);
}

static void
tell(const struct plan *plan, bool restart)
{
	char until[SHOW_TIME_SIZE];

	show_prose(stdout,
	    "sshd asks for codes now, on trial.  Keep this login open.  Log "
	    "in anew from another terminal and there, as root, before %s:",
	    show_local(time(NULL) + (int64_t)plan->seconds, until));
	puts("\n  sallyport setup --confirm\n");
	show_prose(stdout, "Otherwise everything is put back by itself.  To do "
			   "that at once:");
	puts("\n  sallyport setup --undo\n");
	if (!restart) {
		show_prose(stdout,
		    "There is neither systemd nor cron here: if the machine "
		    "is started again meanwhile, do that by hand.");
		putchar('\n');
	}
	printf("What was there before is kept in\n%s/%s.\n", TRIAL_PAM_DIR,
	    TRIAL_PAM_BEFORE);
}

int
setup_ssh(struct invocation *call)
{
	AUTO_PLAN struct plan plan = { .call = call, .trial = TRIAL_NONE };
	bool made, restart = true;
	int status;

	if ((status = read_options(&plan)) != EXIT_YES)
		return status;
	if (geteuid() != 0) {
		cmd_say("only root sets sshd up");
		return EXIT_UNKNOWN;
	}
	if ((status = setup_store(&call->settings, &made)) != EXIT_YES ||
	    (status = check_enrolled(call)) != EXIT_YES ||
	    (status = open_trial(&plan)) != EXIT_YES ||
	    (status = check_sshd(&plan)) != EXIT_YES ||
	    (status = make_pam(&plan)) != EXIT_YES)
		return status;
	make_sshd(&plan);
	term_hold_signals();
	if ((status = write_drafts(&plan)) != EXIT_YES ||
	    (status = show_changes(&plan)) != EXIT_YES ||
	    (status = look_at_drafts(&plan)) != EXIT_YES ||
	    (status = desk_agree(call, "Write this and reload sshd? [y/N] ")) !=
		EXIT_YES ||
	    (status = check_interrupted()) != EXIT_YES ||
	    (status = check_unchanged(&plan)) != EXIT_YES ||
	    (status = make_change(&plan, &restart)) != EXIT_YES)
		return status;
	if (call->json)
		tell_json(&plan);
	else
		tell(&plan, restart);
	return EXIT_YES;
}
