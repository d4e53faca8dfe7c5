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

int
program_end(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_IO;
	errno = EINTR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ERR_IO;
}

int
program_begin(const char *const argv[], const int files[3], pid_t *child_out)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	int failure;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ERR_MEMORY;
	failure = hand_on(&actions, files);
	if (failure == 0) /* posix_spawn takes strings it does not change */
		failure = posix_spawn(child_out, argv[0], &actions, NULL,
		    (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (failure == 0)
		return 0;
	errno = failure;
	return ERR_IO;
}

int
program_run(const char *const argv[], const int files[3])
{
	pid_t child;
	int r = program_begin(argv, files, &child);

	return r < 0 ? r : program_end(child);
}
