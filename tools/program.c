#include "program.h"

#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

/* Returns an errno. */
static int
hand_on(posix_spawn_file_actions_t *actions, const int files[3])
{
	int failure = 0;

	for (int fd = 0; fd < 3 && failure == 0; fd++)
		failure = files[fd] < 0
			      ? posix_spawn_file_actions_addopen(actions, fd,
				    "/dev/null", O_RDWR, 0)
			      : posix_spawn_file_actions_adddup2(actions,
				    files[fd], fd);
	return failure;
}

static int
wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_IO;
	errno = EINTR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ERR_IO;
}

int
program_run(const char *const argv[], const int files[3])
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	int failure;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ERR_MEMORY;
	failure = hand_on(&actions, files);
	if (failure == 0) /* posix_spawn takes strings it does not change */
		failure = posix_spawn(&child, argv[0], &actions, NULL,
		    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (failure == 0)
		return wait_for(child);
	errno = failure;
	return ERR_IO;
}
