#include "trial_timer.h"

#include "io.h"
#include "mem.h"
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNIT_DIR "/etc/systemd/system"
#define CRON_DIR "/etc/cron.d"
#define NAME	 "sallyport-rollback"
#define SERVICE	 NAME ".service"
#define TIMER	 NAME ".timer"

enum {
	PROGRAM_SIZE = 512,
	FILE_SIZE = PROGRAM_SIZE + 512,
};

/* What takes a trial back.  It needs no settings: they may be what is wrong. */
#define COMMAND "setup --roll-back"

/* Neither systemd nor cron gives these another meaning. */
static bool
is_plain(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._+-";

	return path[strspn(path, plain)] == '\0';
}

/* This program, by a name that goes into units and lines of cron. */
static int
find_program(char program[PROGRAM_SIZE], struct trouble *why)
{
	ssize_t n = readlink("/proc/self/exe", program, PROGRAM_SIZE - 1);

	if (n < 0)
		return err_say(why, ERR_IO, "cannot find this program: %m");
	program[n] = '\0';
	if (!is_plain(program))
		return err_say(why, ERR_UNSUPPORTED,
		    "a timer cannot be given a program called %s", program);
	return 0;
}

/* A file that others only read, in a folder of the system's. */
static int
write_file(const char *folder, const char *name, const char *text,
    struct trouble *why)
{
	AUTO_CLOSE int dir = io_open_dir(folder);
	AUTO_CLOSE int fd = -1;

	if (dir >= 0)
		fd = io_open_beneath(dir, name, O_WRONLY | O_CREAT | O_TRUNC);
	if (fd >= 0 && io_write_at(fd, text, strlen(text), 0) == 0 &&
	    fchmod(fd, 0644) == 0 && io_sync(fd) == 0 && io_sync(dir) == 0)
		return 0;
	return err_say(why, ERR_IO, "cannot write %s/%s: %m", folder, name);
}

/*
 * systemd
 */

static int
start_unit(const char *program, uint64_t seconds, struct trouble *why)
{
	char text[FILE_SIZE];
	int r;

	snprintf(text, sizeof text,
	    "[Unit]\n"
	    "Description=Take back sshd's new settings, which nobody has "
	    "confirmed\n"
	    "\n"
	    "[Service]\n"
	    "Type=oneshot\n"
	    "ExecStart=%s " COMMAND "\n",
	    program);
	if ((r = write_file(UNIT_DIR, SERVICE, text, why)) < 0)
		return r;
	snprintf(text, sizeof text,
	    "[Unit]\n"
	    "Description=Wait for sshd's new settings to be confirmed\n"
	    "\n"
	    "[Timer]\n"
	    "OnActiveSec=%" PRIu64 "s\n"
	    "AccuracySec=1s\n"
	    "\n"
	    "[Install]\n"
	    "WantedBy=timers.target\n",
	    seconds);
	if ((r = write_file(UNIT_DIR, TIMER, text, why)) < 0 ||
	    (r = systemd_do("daemon-reload", NULL, why)) < 0 ||
	    (r = systemd_do("enable", TIMER, why)) < 0)
		return r;
	return systemd_do("restart", TIMER, why);
}

/* All of it is tried, whatever of it fails. */
static int
stop_unit(struct trouble *why)
{
	struct stat st;
	int r;

	if (lstat(UNIT_DIR "/" TIMER, &st) < 0 &&
	    lstat(UNIT_DIR "/" SERVICE, &st) < 0)
		return 0;
	if ((r = systemd_do("disable", TIMER, why)) == 0)
		r = systemd_do("stop", TIMER, why);
	(void)unlink(UNIT_DIR "/timers.target.wants/" TIMER);
	(void)unlink(UNIT_DIR "/" TIMER);
	(void)unlink(UNIT_DIR "/" SERVICE);
	if (r == 0)
		r = systemd_do("daemon-reload", NULL, why);
	return r;
}

/*
 * Without systemd
 */

/* What a process that waits must not keep: the lock on the trial before all,
 * then its terminal, folder, and the signals that were held. */
static void
let_go(const struct trial *trial)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	(void)close(trial->record);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void)dup2(null, fd);
	(void)close_range(3, UINT_MAX, 0);
	if (chdir("/") < 0)
		return; /* it only keeps a folder busy */
}

static void
wait_and_take_back(const char *program, const struct trial *trial,
    uint64_t seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	let_go(trial);
	while (clock_nanosleep(CLOCK_BOOTTIME, 0, &left, &left) == EINTR)
		;
	if (!trial_is_of(&trial->begun))
		_exit(0);
	execl(program, program, "setup", "--roll-back", (char *)NULL);
	_exit(1);
}

/* A grandchild in a session of its own is nobody's to end with his. */
static int
start_process(const char *program, const struct trial *trial, uint64_t seconds,
    struct trouble *why)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)setsid();
		if ((child = fork()) == 0)
			wait_and_take_back(program, trial, seconds);
		_exit(child < 0 ? 1 : 0);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			child = -1;
	if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_say(why, ERR_IO, "cannot start a process that waits");
}

static int
write_cron(const char *program, bool *restart_out, struct trouble *why)
{
	char text[FILE_SIZE];
	struct stat st;

	*restart_out = stat(CRON_DIR, &st) == 0 && S_ISDIR(st.st_mode);
	if (!*restart_out)
		return 0;
	snprintf(text, sizeof text, "@reboot root %s " COMMAND "\n", program);
	return write_file(CRON_DIR, NAME, text, why);
}

int
trial_timer_start(const struct trial *trial, uint64_t seconds,
    bool *restart_out, struct trouble *why)
{
	char program[PROGRAM_SIZE];
	int r;

	if ((r = find_program(program, why)) < 0)
		return r;
	*restart_out = true;
	if (systemd_runs())
		return start_unit(program, seconds, why);
	if ((r = write_cron(program, restart_out, why)) < 0)
		return r;
	return start_process(program, trial, seconds, why);
}

int
trial_timer_stop(struct trouble *why)
{
	(void)unlink(CRON_DIR "/" NAME);
	return systemd_runs() ? stop_unit(why) : 0;
}
