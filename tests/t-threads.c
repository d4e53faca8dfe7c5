/* One process, many threads at their prompts, answering together.  Built with
 * a thread sanitizer, this is what it watches. */
#include "host.h"
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { THREADS = 16, ROUNDS = 3, FIRST_UID = 30000 };

/* libpam tells the kernel's audit of every login, through a library that has
 * one buffer for all threads.  It is not ours to mend. */
const char *__tsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *
__tsan_default_suppressions(void)
{
	return "called_from_lib:libaudit.so\n";
}

static pthread_barrier_t together;

static void
wait_for_all(void)
{
	(void)pthread_barrier_wait(&together);
}

/* One thread's login. */
struct login {
	pam_handle_t *pamh;
	struct talk talk;
	char answer[RECOVERY_TEXT_SIZE];
	int result;
};

static void *
log_in(void *with)
{
	struct login *login = with;

	login->result = pam_authenticate(login->pamh, 0);
	return NULL;
}

static void
prepare(struct host *host, struct login *login, const char *user,
    const char *answer)
{
	memset(login, 0, sizeof *login);
	snprintf(login->answer, sizeof login->answer, "%s", answer);
	login->talk.answers[0] = login->answer;
	login->talk.during = wait_for_all;
	login->pamh = host_start(host, user, &login->talk);
}

/* All of them at once; how many got in. */
static int
run_together(struct login *logins)
{
	pthread_t threads[THREADS];
	int in = 0;

	expect_int(pthread_barrier_init(&together, NULL, THREADS), 0);
	for (int i = 0; i < THREADS; i++)
		expect_int(pthread_create(&threads[i], NULL, log_in,
			       &logins[i]),
		    0);
	for (int i = 0; i < THREADS; i++) {
		expect_int(pthread_join(threads[i], NULL), 0);
		expect(logins[i].result == PAM_SUCCESS ||
		       logins[i].result == PAM_AUTH_ERR);
		in += logins[i].result == PAM_SUCCESS;
		expect_int(pam_end(logins[i].pamh, logins[i].result),
		    PAM_SUCCESS);
	}
	expect_int(pthread_barrier_destroy(&together), 0);
	return in;
}

static const char *
user_name(int i)
{
	static char name[32];

	snprintf(name, sizeof name, "thread%d", i);
	return name;
}

static void
enrol_users(struct host *host)
{
	static bool known;

	for (int i = 0; i < THREADS; i++) {
		uid_t uid = (uid_t)(FIRST_UID + i);

		if (!known)
			host_add_user(user_name(i), user_name(i), uid);
		host_enrol(host, user_name(i), uid);
	}
	known = true;
}

TEST("16 threads with 16 users' right codes all get in")
{
	AUTO_HOST struct host host;
	struct login logins[THREADS];

	host_new(&host, "");
	enrol_users(&host);
	for (int round = 0; round < ROUNDS; round++) {
		host_clock = NOON + round * 30;
		for (int i = 0; i < THREADS; i++)
			prepare(&host, &logins[i], user_name(i),
			    host_code((uid_t)(FIRST_UID + i), host_clock));
		expect_int(run_together(logins), THREADS);
	}
}

TEST("of 16 threads with one user's right code exactly one gets in")
{
	AUTO_HOST struct host host;
	struct login logins[THREADS];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int round = 0; round < ROUNDS; round++) {
		host_clock = NOON + round * 30;
		for (int i = 0; i < THREADS; i++)
			prepare(&host, &logins[i], "alice",
			    host_code(1000, host_clock));
		expect_int(run_together(logins), 1);
	}
	expect_int(host_failures(&host, 1000), 0);
}

TEST("of 16 threads with one recovery code exactly one gets in")
{
	AUTO_HOST struct host host;
	struct login logins[THREADS];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < THREADS; i++)
			prepare(&host, &logins[i], "alice",
			    host_recovery(1000, round));
		expect_int(run_together(logins), 1);
	}
}

TEST("wrong codes of 16 threads are all counted, and cost no other user")
{
	AUTO_HOST struct host host;
	struct login logins[THREADS];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	prepare(&host, &logins[0], "bob", host_code(1001, NOON));
	for (int i = 1; i < THREADS; i++)
		prepare(&host, &logins[i], "alice",
		    host_code(1000, NOON + 6000));
	expect_int(run_together(logins), 1);
	expect_int(host_failures(&host, 1000), THREADS - 1);
	expect_int(host_failures(&host, 1001), 0);
}
