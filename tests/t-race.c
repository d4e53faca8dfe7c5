/* Many processes with their answers ready, released together. */
#include "host.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CROWD = 100, ROUNDS = 20, USERS = 60, FIRST_UID = 20000 };

static int gate[2];

/* Nobody begins before everybody is there: closing the gate's one writer lets
 * all readers go in the same moment. */
static void
wait_at_gate(void)
{
	char nothing;

	while (read(gate[0], &nothing, 1) < 0 && errno == EINTR)
		;
}

/* A process that will answer once the gate opens. */
static pid_t
contender(struct host *host, const char *user, const char *answer)
{
	struct talk talk = { .answers = { answer }, .during = wait_at_gate };
	pid_t child = fork();

	if (child != 0)
		return child;
	close(gate[1]);
	_exit(host_login(host, user, &talk));
}

/* Opens the gate; how many of the children got in, and how many were refused
 * for a reason of the code. */
static void
race(const pid_t *children, int count, int *accepted, int *refused)
{
	*accepted = *refused = 0;
	close(gate[1]);
	for (int i = 0; i < count; i++) {
		int status = 0;

		expect_int(waitpid(children[i], &status, 0), children[i]);
		expect(WIFEXITED(status));
		if (WEXITSTATUS(status) == PAM_SUCCESS)
			++*accepted;
		else if (WEXITSTATUS(status) == PAM_AUTH_ERR)
			++*refused;
	}
	close(gate[0]);
}

TEST("of 100 processes with one right code exactly one gets in, 20 times")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int round = 0; round < ROUNDS; round++) {
		int accepted, refused;
		pid_t children[CROWD];

		host_clock = NOON + round * 30;
		expect_int(pipe2(gate, O_CLOEXEC), 0);
		for (int i = 0; i < CROWD; i++)
			children[i] = contender(&host, "alice",
			    host_code(1000, host_clock));
		race(children, CROWD, &accepted, &refused);
		expect_int(accepted, 1);
		expect_int(refused, CROWD - 1);
	}
	expect_int(host_failures(&host, 1000), 0);
}

/* Ten rounds: a set has ten recovery codes. */
static void
race_recovery(struct host *host, const char *user, uid_t uid)
{
	host_enrol(host, user, uid);
	for (unsigned round = 0; round < RECOVERY_CODES; round++) {
		int accepted, refused;
		pid_t children[CROWD];

		expect_int(pipe2(gate, O_CLOEXEC), 0);
		for (int i = 0; i < CROWD; i++)
			children[i] =
			    contender(host, user, host_recovery(uid, round));
		race(children, CROWD, &accepted, &refused);
		expect_int(accepted, 1);
		expect_int(refused, CROWD - 1);
	}
}

TEST("of 100 processes with one recovery code exactly one gets in, 20 times")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	race_recovery(&host, "alice", 1000);
	race_recovery(&host, "bob", 1001);
}

TEST("60 users with right codes at once all get in")
{
	AUTO_HOST struct host host;
	pid_t children[USERS];
	int accepted, refused;
	char name[32];

	host_new(&host, "");
	expect_int(pipe2(gate, O_CLOEXEC), 0);
	for (int i = 0; i < USERS; i++) {
		snprintf(name, sizeof name, "user%d", i);
		host_add_user(name, name, (uid_t)(FIRST_UID + i));
		host_enrol(&host, name, (uid_t)(FIRST_UID + i));
		children[i] = contender(&host, name,
		    host_code((uid_t)(FIRST_UID + i), NOON));
	}
	race(children, USERS, &accepted, &refused);
	expect_int(accepted, USERS);
}

TEST("40 wrong codes and a right one at once beyond the budget: none gets in")
{
	AUTO_HOST struct host host;
	pid_t children[41];
	int accepted, refused;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int i = 0; i < 5; i++)
		expect_int(host_try(&host, "alice",
			       host_code(1000, NOON + 9000)),
		    PAM_AUTH_ERR);
	expect_int(pipe2(gate, O_CLOEXEC), 0);
	for (int i = 0; i < 40; i++)
		children[i] =
		    contender(&host, "alice", host_code(1000, NOON + 9000));
	children[40] = contender(&host, "alice", host_code(1000, NOON));
	race(children, 41, &accepted, &refused);
	expect_int(accepted, 0);
	expect_int(refused, 41);
	expect_int(host_failures(&host, 1000), 45);
}

static void
sleep_a_little(void)
{
	const struct timespec nap = { 0, 1000000 };

	nanosleep(&nap, NULL);
}

TEST("a lock held by a stopped process binds its own user alone")
{
	AUTO_HOST struct host host;
	struct account alice = { .known = true, .uid = 1000, .name = "alice" };
	volatile int *held = mmap(NULL, sizeof *held, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t holder;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	if ((holder = fork()) == 0) {
		struct store *store;
		struct store_txn *txn;
		struct trouble why;

		if (store_open(&host.scratch.settings, &why, &store) < 0 ||
		    store_begin(store, &alice, &txn) < 0)
			_exit(1);
		*held = 1;
		for (;;)
			pause();
	}
	while (*held == 0)
		sleep_a_little();
	kill(holder, SIGSTOP);
	expect_int(host_try(&host, "bob", host_code(1001, NOON)), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTHINFO_UNAVAIL);
	expect(strstr(host_log, "stayed locked for 5 s") != NULL);
	kill(holder, SIGKILL);
	expect_int(waitpid(holder, NULL, 0), holder);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	munmap((void *)(uintptr_t)held, sizeof *held);
}
