#include "sshd_reload.h"

#include "io.h"
#include "mem.h"
#include "ssh_session.h"
#include "systemd.h"
#include "text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	PATIENCE_MS = 10 * 1000,
	NAP_NS = 20 * 1000 * 1000,
};

/* The pid in the file; 0: none. */
static pid_t
read_pid(const char *file)
{
	AUTO_CLOSE int fd = io_open_path(file, O_RDONLY);
	char text[16] = "";
	uint64_t pid = 0;
	ssize_t n = fd < 0 ? -1 : io_read_up_to(fd, text, sizeof text - 1);

	if (n <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return text_number(text, 2, INT32_MAX, &pid) == 0 ? (pid_t)pid : 0;
}

int
sshd_find(const struct sshd_config *config, struct sshd_running *running_out,
    struct trouble *why)
{
	static const char *const units[] = { "ssh.service", "sshd.service" };
	struct sshd_running found = { 0 };

	(void)sshd_config_get(config, "pidfile", found.pid_file,
	    sizeof found.pid_file);
	if (found.pid_file[0] != '/')
		found.pid_file[0] = '\0';
	for (size_t i = 0; i < 2 && found.unit == NULL; i++)
		if (systemd_is_active(units[i]))
			found.unit = units[i];
	found.pid = read_pid(found.pid_file);
	if (found.pid != 0 && !process_runs_sshd(found.pid))
		found.pid = 0;
	if (found.unit == NULL && found.pid == 0)
		return err_say(why, ERR_MISSING,
		    "no sshd runs that systemd or %s knows of; start it",
		    found.pid_file[0] != '\0' ? found.pid_file
					      : "a PidFile of its own");
	*running_out = found;
	return 0;
}

/* When the file of the pid was last changed; 0: it is not there, or empty. */
static int64_t
stamp(const char *file)
{
	struct stat st;

	if (file[0] == '\0' || stat(file, &st) < 0 || st.st_size == 0)
		return 0;
	return (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
}

static int
tell(const struct sshd_running *running, struct trouble *why)
{
	const char *unit = running->unit;

	if (unit != NULL)
		return systemd_do("reload", unit, why);
	if (kill(running->pid, SIGHUP) < 0)
		return err_say(why, ERR_IO, "cannot signal sshd, pid %ld: %m",
		    (long)running->pid);
	return 0;
}

/* sshd removes the file first and writes it when it listens. */
int
sshd_reload(const struct sshd_running *running, struct trouble *why)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	int64_t before = stamp(running->pid_file), until, now;
	int r;

	if ((r = tell(running, why)) < 0 || before == 0)
		return r;
	until = io_milliseconds() + PATIENCE_MS;
	do {
		now = stamp(running->pid_file);
		if (now != 0 && now != before)
			return 0;
		(void)nanosleep(&nap, NULL);
	} while (io_milliseconds() < until);
	return err_say(why, ERR_BUSY,
	    "sshd has not come back within %d s of being told to read its "
	    "settings",
	    PATIENCE_MS / 1000);
}
