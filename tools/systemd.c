#include "systemd.h"

#include "program.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEMCTL "/usr/bin/systemctl"

bool
systemd_runs(void)
{
	struct stat st;

	return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

bool
systemd_is_active(const char *unit)
{
	const char *const argv[] = { SYSTEMCTL, "is-active", "--quiet", unit,
		NULL };

	return systemd_runs() &&
	       program_run(argv, (const int[]){ -1, -1, -1 }) == 0;
}

int
systemd_do(const char *verb, const char *unit, struct trouble *why)
{
	const char *const argv[] = { SYSTEMCTL, "--quiet", verb, unit, NULL };
	int r = program_run(argv, (const int[]){ -1, -1, STDERR_FILENO });

	if (r == 0)
		return 0;
	if (r > 0)
		errno = 0;
	return err_say(why, ERR_IO, "%s %s %s: %s", SYSTEMCTL, verb,
	    unit != NULL ? unit : "",
	    r > 0 ? "it failed, as it says above" : "it could not be run");
}
