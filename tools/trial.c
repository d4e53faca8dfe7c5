#include "trial.h"

#include "io.h"
#include "mem.h"
#include "sshd_config.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_FILE "/etc/ssh/sallyport-trial"

enum {
	RECORD_SIZE = 128,	  /* bytes, padded with blanks */
	HOLD_WAIT_MS = 30 * 1000, /* for who makes or ends one */
};

void
trial_close(struct trial *trial)
{
	mem_auto_close(&trial->record);
	mem_auto_close(&trial->pam_dir);
	mem_auto_close(&trial->sshd_dir);
}

int
trial_open(struct trial *trial, struct trouble *why)
{
	*trial = (struct trial)TRIAL_NONE;
	if ((trial->pam_dir = io_open_dir(TRIAL_PAM_DIR)) < 0)
		return err_say(why, ERR_IO, "cannot open %s: %m",
		    TRIAL_PAM_DIR);
	if ((trial->sshd_dir = io_open_dir(TRIAL_SSHD_DIR)) >= 0)
		return 0;
	return err_say(why, errno == ENOENT ? ERR_MISSING : ERR_IO,
	    "cannot open %s: %m", TRIAL_SSHD_DIR);
}

static bool
is_there(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

bool
trial_is_there(const struct trial *trial)
{
	return is_there(trial->pam_dir, TRIAL_PAM_BEFORE) ||
	       is_there(trial->sshd_dir, TRIAL_SSHD_NAME) ||
	       is_there(AT_FDCWD, RECORD_FILE);
}

/*
 * Drafts
 */

static int
write_draft(int dir, const char *name, const char *text, const struct stat *as,
    struct trouble *why)
{
	AUTO_CLOSE int fd = -1;

	(void)unlinkat(dir, name, 0); /* of a run that was killed */
	fd = io_open_beneath(dir, name, O_WRONLY | O_CREAT | O_EXCL);
	if (fd >= 0 && io_write_at(fd, text, strlen(text), 0) == 0 &&
	    fchown(fd, as->st_uid, as->st_gid) == 0 &&
	    fchmod(fd, as->st_mode & 07777) == 0 && io_sync(fd) == 0)
		return 0;
	return err_say(why, ERR_IO, "cannot write %s: %m", name);
}

int
trial_draft(const struct trial *trial, const char *pam, const char *sshd,
    struct trouble *why)
{
	static const char stage[] =
	    "Include " TRIAL_SSHD_DIR "/" TRIAL_SSHD_DRAFT "\n"
	    "Include " SSHD_CONFIG_FILE "\n";
	const struct stat usual = { .st_mode = 0644 };
	struct stat st;
	int r;

	if (fstatat(trial->pam_dir, TRIAL_SERVICE, &st, AT_SYMLINK_NOFOLLOW) <
	    0)
		return err_say(why, ERR_IO, "cannot look at %s: %m", TRIAL_PAM);
	if (!S_ISREG(st.st_mode))
		return err_say(why, ERR_UNSUPPORTED,
		    "%s is no file, but leads to one", TRIAL_PAM);
	r = write_draft(trial->pam_dir, TRIAL_PAM_DRAFT, pam, &st, why);
	if (r == 0)
		r = write_draft(trial->sshd_dir, TRIAL_SSHD_DRAFT, sshd, &usual,
		    why);
	if (r == 0)
		r = write_draft(trial->sshd_dir, TRIAL_STAGE_NAME, stage,
		    &usual, why);
	return r;
}

void
trial_drop_drafts(const struct trial *trial)
{
	(void)unlinkat(trial->pam_dir, TRIAL_PAM_DRAFT, 0);
	(void)unlinkat(trial->sshd_dir, TRIAL_SSHD_DRAFT, 0);
	(void)unlinkat(trial->sshd_dir, TRIAL_STAGE_NAME, 0);
}

/*
 * The record: which start of the machine, when it was begun, when the change
 * was made (0: not yet).  Rewritten in place, as it is the lock.
 */

static int
write_record(const struct trial *trial, uint64_t made)
{
	char text[RECORD_SIZE];
	int n;

	memset(text, ' ', sizeof text);
	n = snprintf(text, sizeof text, "%s %" PRIu64 " %" PRIu64,
	    trial->begun.boot, trial->begun.ticks, made);
	text[n] = ' '; /* in place of the end */
	text[RECORD_SIZE - 1] = '\n';
	if (io_write_at(trial->record, text, RECORD_SIZE, 0) < 0)
		return ERR_IO;
	return io_sync(trial->record);
}

static int
take_word(const char **at, char *room, size_t room_size)
{
	const char *word;
	size_t len;

	if (!text_next_word(at, &word, &len) || len >= room_size)
		return ERR_DAMAGED;
	memcpy(room, word, len);
	room[len] = '\0';
	return 0;
}

static int
take_number(const char **at, uint64_t *number_out)
{
	char word[24];
	int r = take_word(at, word, sizeof word);

	return r < 0 ? r : text_number(word, 0, UINT64_MAX, number_out);
}

static int
read_record(int fd, struct moment *begun_out, uint64_t *made_out)
{
	char text[RECORD_SIZE];
	struct moment begun;
	const char *at = text;
	uint64_t made;

	if (io_read_at(fd, text, RECORD_SIZE, 0) < 0)
		return ERR_DAMAGED;
	text[RECORD_SIZE - 1] = '\0';
	if (take_word(&at, begun.boot, sizeof begun.boot) < 0 ||
	    take_number(&at, &begun.ticks) < 0 || take_number(&at, &made) < 0)
		return ERR_DAMAGED;
	*begun_out = begun;
	*made_out = made;
	return 0;
}

/*
 * Making the change
 */

int
trial_begin(struct trial *trial, struct trouble *why)
{
	int r;

	if (trial_is_there(trial))
		return err_say(why, ERR_EXISTS,
		    "sshd was set up before; 'sallyport setup --undo' takes "
		    "that back");
	if ((r = moment_now(&trial->begun, why)) < 0)
		return r;
	trial->record = io_open_path(RECORD_FILE, O_RDWR | O_CREAT | O_EXCL);
	if (trial->record < 0 || io_try_lock(trial->record, 0, 0) < 0 ||
	    write_record(trial, 0) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m", RECORD_FILE);
	return 0;
}

static int
put(int dir, const char *draft, const char *name, struct trouble *why)
{
	if (renameat(dir, draft, dir, name) < 0 || io_sync(dir) < 0)
		return err_say(why, ERR_IO, "cannot put %s in its place: %m",
		    name);
	return 0;
}

int
trial_put_sshd(const struct trial *trial, struct trouble *why)
{
	return put(trial->sshd_dir, TRIAL_SSHD_DRAFT, TRIAL_SSHD_NAME, why);
}

/* The file before keeps all that it is, under a second name first. */
int
trial_put_pam(const struct trial *trial, struct trouble *why)
{
	if (linkat(trial->pam_dir, TRIAL_SERVICE, trial->pam_dir,
		TRIAL_PAM_BEFORE, 0) < 0 ||
	    io_sync(trial->pam_dir) < 0)
		return err_say(why, ERR_IO, "cannot keep %s: %m", TRIAL_PAM);
	return put(trial->pam_dir, TRIAL_PAM_DRAFT, TRIAL_SERVICE, why);
}

int
trial_made(const struct trial *trial, struct trouble *why)
{
	struct moment now;
	int r;

	if ((r = moment_now(&now, why)) < 0)
		return r;
	if (write_record(trial, now.ticks) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m", RECORD_FILE);
	return 0;
}

/*
 * Ending it
 */

int
trial_hold(struct trial *trial, struct trouble *why)
{
	uint64_t made;
	struct stat st;
	int r;

	trial->record = io_open_path(RECORD_FILE, O_RDWR);
	if (trial->record < 0 && errno == ENOENT)
		return err_say(why, ERR_MISSING, "there is nothing on trial");
	if (trial->record < 0)
		return err_say(why, ERR_IO, "cannot open %s: %m", RECORD_FILE);
	r = io_lock(trial->record, HOLD_WAIT_MS);
	if (r == ERR_BUSY)
		return err_say(why, r, "somebody else changes sshd's files");
	if (r < 0 || fstat(trial->record, &st) < 0)
		return err_say(why, ERR_IO, "cannot lock %s: %m", RECORD_FILE);
	if (st.st_nlink == 0)
		return err_say(why, ERR_MISSING, "there is nothing on trial");
	(void)read_record(trial->record, &trial->begun, &made);
	return 0;
}

int
trial_when(const struct trial *trial, struct moment *made_out)
{
	struct moment moment;
	uint64_t made;

	if (read_record(trial->record, &moment, &made) < 0 || made == 0)
		return ERR_DAMAGED;
	moment.ticks = made;
	*made_out = moment;
	return 0;
}

bool
trial_is_of(const struct moment *begun)
{
	AUTO_CLOSE int fd = io_open_path(RECORD_FILE, O_RDONLY);
	struct moment other;
	uint64_t made;

	return fd >= 0 && read_record(fd, &other, &made) == 0 &&
	       strcmp(other.boot, begun->boot) == 0 &&
	       other.ticks == begun->ticks;
}

/* Where both names are of one file, as they are before PAM's draft was put in
 * its place, renaming does nothing. */
static int
take_back_pam(int dir, struct trouble *why)
{
	if (!is_there(dir, TRIAL_PAM_BEFORE))
		return 0;
	if (renameat(dir, TRIAL_PAM_BEFORE, dir, TRIAL_SERVICE) < 0 ||
	    (unlinkat(dir, TRIAL_PAM_BEFORE, 0) < 0 && errno != ENOENT) ||
	    io_sync(dir) < 0)
		return err_say(why, ERR_IO, "cannot put %s back: %m",
		    TRIAL_PAM);
	return 0;
}

int
trial_take_back(const struct trial *trial, struct trouble *why)
{
	int r;

	if ((r = take_back_pam(trial->pam_dir, why)) < 0)
		return r;
	if ((unlinkat(trial->sshd_dir, TRIAL_SSHD_NAME, 0) < 0 &&
		errno != ENOENT) ||
	    io_sync(trial->sshd_dir) < 0)
		return err_say(why, ERR_IO, "cannot remove %s: %m", TRIAL_SSHD);
	trial_drop_drafts(trial);
	return 0;
}

int
trial_end(struct trouble *why)
{
	if (unlink(RECORD_FILE) < 0 && errno != ENOENT)
		return err_say(why, ERR_IO, "cannot remove %s: %m",
		    RECORD_FILE);
	return 0;
}
