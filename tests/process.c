#include "process.h"

#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

enum { SIGNAL_MOST = 64, STATE_MOST = 64 * 1024 };

static void
describe_signals(FILE *out)
{
	for (int n = 1; n <= SIGNAL_MOST; n++) {
		struct sigaction action;

		if (sigaction(n, NULL, &action) < 0)
			continue;
		fprintf(out, "signal %d: %p %x", n,
		    (void *)(uintptr_t)action.sa_handler,
		    (unsigned)action.sa_flags);
		for (int m = 1; m <= SIGNAL_MOST; m++)
			if (sigismember(&action.sa_mask, m) == 1)
				fprintf(out, " %d", m);
		fputc('\n', out);
	}
}

static void
describe_limits(FILE *out)
{
	for (int which = 0; which < RLIM_NLIMITS; which++) {
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)which, &limit) == 0)
			fprintf(out, "limit %d: %llu %llu\n", which,
			    (unsigned long long)limit.rlim_cur,
			    (unsigned long long)limit.rlim_max);
	}
}

static void
describe_files(FILE *out)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[512];

	expect(list != NULL);
	while ((entry = readdir(list)) != NULL) {
		ssize_t n = readlinkat(dirfd(list), entry->d_name, target,
		    sizeof target - 1);
		int fd = atoi(entry->d_name);

		if (n < 0 || fd == dirfd(list))
			continue;
		target[n] = '\0';
		fprintf(out, "fd %d: %s %x %x\n", fd, target,
		    (unsigned)fcntl(fd, F_GETFD), (unsigned)fcntl(fd, F_GETFL));
	}
	closedir(list);
}

/* Ids, groups, capabilities, signals, threads, umask and locked memory. */
static void
describe_status(FILE *out)
{
	static const char *const lines[] = { "Umask:", "Uid:", "Gid:",
		"Groups:", "Threads:", "SigPnd:", "ShdPnd:", "SigBlk:",
		"SigIgn:", "SigCgt:", "Cap", "NoNewPrivs:", "Seccomp:",
		"VmLck:", "TracerPid:", "CoreDumping:", "Name:" };
	FILE *file = fopen("/proc/self/status", "re");
	char line[512];

	expect(file != NULL);
	while (fgets(line, sizeof line, file) != NULL)
		for (size_t i = 0; i < ROWS(lines); i++)
			if (strncmp(line, lines[i], strlen(lines[i])) == 0)
				fputs(line, out);
	fclose(file);
}

static void
describe_timers(FILE *out)
{
	FILE *file = fopen("/proc/self/timers", "re");
	char line[512];

	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		struct itimerval timer = { { 0, 0 }, { 0, 0 } };

		getitimer((__itimer_which_t)which, &timer);
		fprintf(out, "timer %d: %d\n", which,
		    timer.it_value.tv_sec != 0 || timer.it_interval.tv_sec);
	}
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		fputs(line, out);
	if (file != NULL)
		fclose(file);
}

static void
describe_environment(FILE *out)
{
	extern char **environ;

	fprintf(out, "environ %p\n", (void *)environ);
	for (char **word = environ; *word != NULL; word++)
		fprintf(out, "%p %s\n", (void *)*word, *word);
}

static void
describe_rest(FILE *out)
{
	char folder[1024] = "";

	fprintf(out, "folder %s\n",
	    getcwd(folder, sizeof folder) != NULL ? folder : "none");
	fprintf(out, "dumpable %d keepcaps %d securebits %d slack %d\n",
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
	    prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0),
	    prctl(PR_GET_SECUREBITS, 0, 0, 0, 0),
	    prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
	fprintf(out, "group %d session %d nice %d personality %x locale %s\n",
	    (int)getpgrp(), (int)getsid(0), getpriority(PRIO_PROCESS, 0),
	    (unsigned)personality(0xffffffff), setlocale(LC_ALL, NULL));
}

/* All of it, as text. */
static char before[STATE_MOST], after[STATE_MOST];

static void
describe_process(char text[STATE_MOST])
{
	FILE *out;

	memset(text, 0, STATE_MOST);
	expect((out = fmemopen(text, STATE_MOST - 1, "we")) != NULL);
	describe_status(out);
	describe_signals(out);
	describe_limits(out);
	describe_files(out);
	describe_timers(out);
	describe_environment(out);
	describe_rest(out);
	expect_int(fclose(out), 0);
	expect(strlen(text) < STATE_MOST - 2);
}

void
process_remember(void)
{
	describe_process(before);
}

void
process_expect_same(void)
{
	describe_process(after);
	expect_text(after, before);
}

void
process_expect_other(void)
{
	describe_process(after);
	expect(strcmp(after, before) != 0);
	process_remember();
}
