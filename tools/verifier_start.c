#include "verifier.h"

#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { FIRST_OTHER_FD = 3, FDS_ENOUGH = 256 };

/* What is opened later must not become somebody's standard output. */
static int
fill_standard(struct trouble *why)
{
	for (int fd = 0; fd < FIRST_OTHER_FD; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return err_say(why, ERR_IO,
			    "cannot open /dev/null: %m");
	(void)syscall(SYS_close_range, FIRST_OTHER_FD, ~0U, 0);
	return 0;
}

static bool
is_root_alone(void)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && r == 0 && e == 0 && s == 0 &&
	       getresgid(&rg, &eg, &sg) == 0 && rg == 0 && eg == 0 && sg == 0 &&
	       getgroups(0, NULL) == 0;
}

/* A service is so from the start, and may not be allowed to ask for it. */
static int
be_root_alone(struct trouble *why)
{
	if (is_root_alone())
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return err_say(why, ERR_CALLER, "cannot become root: %m");
	if (!is_root_alone())
		return err_say(why, ERR_CALLER, "has not become root");
	return 0;
}

/* Nothing waits, is ignored or comes later; what a terminal sends is not for
 * us, also where its session cannot be left. */
static void
reset_signals(void)
{
	static const int of_terminals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTSTP,
		SIGTTIN, SIGTTOU };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	sigset_t none;

	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
		(void)setitimer(which, &never, NULL);
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	for (size_t i = 0; i < sizeof of_terminals / sizeof of_terminals[0];
	     i++)
		(void)signal(of_terminals[i], SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	(void)setsid();
}

/* As high as we may.  Where that is too low, a call fails, and nobody gets
 * in. */
static void
reset_limits(void)
{
	static const int which[] = { RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA,
		RLIMIT_FSIZE, RLIMIT_LOCKS, RLIMIT_MEMLOCK, RLIMIT_NOFILE,
		RLIMIT_RTTIME, RLIMIT_STACK };
	const struct rlimit no_core = { 0, 0 };
	struct rlimit limit;

	for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
		const rlim_t high =
		    which[i] == RLIMIT_NOFILE ? FDS_ENOUGH : RLIM_INFINITY;

		if (getrlimit(which[i], &limit) < 0 || limit.rlim_cur >= high)
			continue;
		if (setrlimit(which[i], &(struct rlimit){ high, high }) == 0)
			continue;
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(which[i], &limit);
	}
	(void)setrlimit(RLIMIT_CORE, &no_core);
}

int
verifier_start(uid_t *real_out, struct trouble *why)
{
	uid_t real, effective, saved;
	int r;

	if ((r = fill_standard(why)) < 0)
		return r;
	if (getresuid(&real, &effective, &saved) < 0)
		return err_say(why, ERR_CALLER, "cannot learn the uids: %m");
	if (real != effective && effective != 0)
		return err_say(why, ERR_CALLER, "set-uid, but not root's");
	if (effective == 0 && (r = be_root_alone(why)) < 0)
		return r;
	if (clearenv() != 0)
		return err_say(why, ERR_CALLER, "cannot clear the environment");
	reset_signals();
	reset_limits();
	(void)umask(S_IRWXG | S_IRWXO);
	if (chdir("/") < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_say(why, ERR_CALLER, "cannot come to myself: %m");
	*real_out = real;
	return 0;
}
