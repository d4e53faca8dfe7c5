/*
 * Many processes with their answers ready, released together: against each
 * other, and against somebody who changes the enrolment meanwhile.  Each race
 * is run by few processes often, and by many.
 */
#include "host.h"
#include "service_enrol.h"
#include "test.h"
#include "throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

enum {
	CROWD_MOST = 100,
	USERS = 60,
	FIRST_UID = 20000,
	NEW_UID = 40000, /* whose codes a new phone and a new set have */
	NEW_SET = 50000, /* its id */
	CHANGED = 100,	 /* what a changer answers; others answer PAM's codes */
	FAILED = 101,
};

static const struct account alice = { true, 1000, 100, "alice" };
static const uint64_t nothing_new[RECORD_AUTHENTICATORS];

/* ---- a race ---- */

/* Nobody begins before everybody is there: closing the gate's one writer lets
 * all readers go in the same moment.  Whoever arrives, or dies, closes his end
 * of the other pipe. */
static int gate[2], missing[2];

static void
wait_for_end(int fd)
{
	char nothing;

	while (read(fd, &nothing, 1) < 0 && errno == EINTR)
		;
}

static void
wait_at_gate(void)
{
	close(missing[1]);
	wait_for_end(gate[0]);
}

/* What the racers leave for us to read. */
static struct report {
	unsigned counted; /* logins whose wrong code was counted */
	/* What was on record as it was changed, under the changer's lock: */
	unsigned failures;
	uint64_t phone_spent, recovery_spent;
} * report;

struct race {
	pid_t racers[CROWD_MOST + 1];
	int count;
	/* What came of them: */
	int in, refused, changed;
};

static void
race_new(struct race *race)
{
	if (report == NULL)
		report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	expect(report != MAP_FAILED);
	memset(report, 0, sizeof *report);
	memset(race, 0, sizeof *race);
	expect_int(pipe2(gate, O_CLOEXEC), 0);
	expect_int(pipe2(missing, O_CLOEXEC), 0);
}

/* True in the child, which has to end. */
static bool
race_join(struct race *race)
{
	pid_t child = fork();

	expect(child >= 0);
	if (child == 0)
		close(gate[1]);
	else
		race->racers[race->count++] = child;
	return child == 0;
}

static bool
log_says(const char *event)
{
	return strstr(host_log, event) != NULL;
}

/* A login that will answer once the gate opens. */
static void
race_login(struct race *race, struct host *host, const char *user,
    const char *answer)
{
	struct talk talk = { .answers = { answer }, .during = wait_at_gate };
	int r;

	if (!race_join(race))
		return;
	host_log[0] = '\0';
	r = host_login(host, user, &talk);
	if (log_says("event=wrong") || log_says("event=waiting") ||
	    log_says("event=disabled"))
		__atomic_add_fetch(&report->counted, 1, __ATOMIC_SEQ_CST);
	_exit(r);
}

/* Somebody who changes the enrolment then. */
static void
race_change(struct race *race, struct host *host,
    int (*change)(struct host *host))
{
	if (!race_join(race))
		return;
	wait_at_gate();
	_exit(change(host) == 0 ? CHANGED : FAILED);
}

/* Opens the gate.  Whoever is refused is refused for a reason of his code, and
 * never because something could not be told. */
static void
race_run(struct race *race)
{
	close(missing[1]);
	wait_for_end(missing[0]);
	close(missing[0]);
	close(gate[1]);
	for (int i = 0; i < race->count; i++) {
		int status = 0;

		expect_int(waitpid(race->racers[i], &status, 0),
		    race->racers[i]);
		if (!WIFEXITED(status))
			continue; /* missed below */
		race->in += WEXITSTATUS(status) == PAM_SUCCESS;
		race->refused += WEXITSTATUS(status) == PAM_AUTH_ERR;
		race->changed += WEXITSTATUS(status) == CHANGED;
	}
	close(gate[0]);
	expect_int(race->in + race->refused + race->changed, race->count);
}

/* Sanitized processes take their time to fork. */
static int
rounds_of(int crowd)
{
	if (test_long())
		return 50;
	if (test_sanitized())
		return crowd < CROWD_MOST ? 5 : 1;
	return crowd < CROWD_MOST ? 50 : 3;
}

static void
in_each_size(void (*round)(struct host *host, int crowd, int n))
{
	static const int crowds[] = { 16, CROWD_MOST };

	scratch_in_memory();
	for (size_t i = 0; i < ROWS(crowds); i++) {
		AUTO_HOST struct host host;

		host_new(&host, "");
		for (int n = 0; n < rounds_of(crowds[i]); n++)
			round(&host, crowds[i], n);
	}
}

/* A crowd with one answer, and among them, now earlier and now later, somebody
 * who changes the enrolment. */
static struct race
crowd_and_change(struct host *host, int crowd, int n, const char *answer,
    int (*change)(struct host *host))
{
	struct race race;

	race_new(&race);
	for (int i = 0; i < crowd; i++) {
		if (i == n * 7 % crowd)
			race_change(&race, host, change);
		race_login(&race, host, "alice", answer);
	}
	race_run(&race);
	expect_int(race.changed, 1);
	return race;
}

static int
try(struct host *host, const char *answer)
{
	return host_try(host, "alice", answer);
}

/* ---- logins against each other ---- */

static struct race
crowd_alone(struct host *host, int crowd, const char *answer)
{
	struct race race;

	race_new(&race);
	for (int i = 0; i < crowd; i++)
		race_login(&race, host, "alice", answer);
	race_run(&race);
	return race;
}

/* As if alice had never been here. */
static void
enrol_afresh(struct host *host)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;

	host_clock = NOON;
	expect_int(store_open(&host->scratch.settings, &why, &store), 0);
	expect_int(store_begin_removing(store, alice.uid, &txn), 0);
	expect_int(store_remove(txn), 0);
	host_enrol(host, alice.name, alice.uid);
}

static void
round_code(struct host *host, int crowd, int n)
{
	if (n == 0)
		enrol_afresh(host);
	host_clock = NOON + n * 30;
	expect_int(crowd_alone(host, crowd, host_code(1000, host_clock)).in, 1);
	expect_int(host_failures(host, 1000), 0);
}

TEST("of 16 and of 100 processes with one right code exactly one gets in")
{
	in_each_size(round_code);
}

static void
round_recovery(struct host *host, int crowd, int n)
{
	unsigned which = (unsigned)n % RECOVERY_CODES;

	if (which == 0)
		enrol_afresh(host);
	expect_int(crowd_alone(host, crowd, host_recovery(1000, which)).in, 1);
	expect_int(try(host, host_recovery(1000, which)), PAM_AUTH_ERR);
}

TEST("of 16 and of 100 processes with one recovery code exactly one gets in")
{
	in_each_size(round_recovery);
}

static void
round_recoveries(struct host *host, int crowd, int n)
{
	struct race race;

	(void)n;
	enrol_afresh(host);
	race_new(&race);
	for (int i = 0; i < crowd; i++)
		race_login(&race, host, "alice",
		    host_recovery(1000, (unsigned)i % RECOVERY_CODES));
	race_run(&race);
	expect_int(race.in, RECOVERY_CODES);
}

TEST("all ten recovery codes at once get in once each")
{
	in_each_size(round_recoveries);
}

TEST("60 users with right codes at once all get in")
{
	AUTO_HOST struct host host;
	struct race race;
	char name[32];

	scratch_in_memory();
	host_new(&host, "");
	race_new(&race);
	for (int i = 0; i < USERS; i++) {
		uid_t uid = (uid_t)(FIRST_UID + i);

		snprintf(name, sizeof name, "user%d", i);
		host_add_user(name, name, uid);
		host_enrol(&host, name, uid);
		race_login(&race, &host, name, host_code(uid, NOON));
	}
	race_run(&race);
	expect_int(race.in, USERS);
}

/* Five wrong codes, as many as are free. */
static void
use_budget(struct host *host)
{
	for (int i = 0; i < 5; i++)
		expect_int(try(host, host_code(1000, NOON + 9000)),
		    PAM_AUTH_ERR);
}

/* Wrong codes and this right answer, all at once. */
static int
among_wrong(struct host *host, int count, const char *right)
{
	const char *wrong = host_code(1000, NOON + 9000);
	struct race race;

	race_new(&race);
	for (int i = 0; i < count; i++) {
		if (i == count / 2)
			race_login(&race, host, "alice", right);
		race_login(&race, host, "alice", wrong);
	}
	race_run(&race);
	return race.in;
}

TEST("40 wrong codes and a right one at once beyond the budget: none gets in")
{
	static const int wrong[] = { 15, 40, CROWD_MOST - 1 };
	AUTO_HOST struct host host;

	scratch_in_memory();
	host_new(&host, "");
	for (size_t i = 0; i < ROWS(wrong); i++) {
		enrol_afresh(&host);
		use_budget(&host);
		expect_int(among_wrong(&host, wrong[i], host_code(1000, NOON)),
		    0);
		expect_int(host_failures(&host, 1000), 5 + wrong[i]);
	}
}

TEST("a recovery code among 99 wrong codes gets in, and clears what was before")
{
	AUTO_HOST struct host host;

	scratch_in_memory();
	host_new(&host, "");
	enrol_afresh(&host);
	use_budget(&host);
	expect_int(among_wrong(&host, CROWD_MOST - 1, host_recovery(1000, 0)),
	    1);
	expect(host_failures(&host, 1000) < CROWD_MOST);
	expect_int(try(&host, host_recovery(1000, 0)), PAM_AUTH_ERR);
}

/* ---- logins against a removal ---- */

/* A transaction of somebody who changes alice's enrolment. */
struct changer {
	struct store *store;
	struct store_txn *txn;
	struct record *record; /* as it was */
};

/* Leaves for us what it finds under its lock. */
static int
change_begin(struct changer *change, struct host *host)
{
	static struct trouble why;
	const struct record *record;
	struct state *state;

	if ((change->record = record_new()) == NULL ||
	    store_open(&host->scratch.settings, &why, &change->store) < 0 ||
	    store_begin(change->store, &alice, &change->txn) < 0 ||
	    (record = store_record(change->txn)) == NULL)
		return -1;
	state = store_state(change->txn);
	*change->record = *record;
	report->failures = state->failures;
	report->phone_spent =
	    state_find(state, record->authenticators[0].id)->spent;
	report->recovery_spent = state_find(state, record->recovery.id)->spent;
	return 0;
}

static void
change_end(struct changer *change)
{
	store_abort(change->txn);
	store_close(change->store);
	record_free(change->record);
}
#define AUTO_CHANGE __attribute__((cleanup(change_end)))

static int
change_remove(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };

	return change_begin(&change, host) < 0 ? -1 : store_remove(change.txn);
}

/* Whether whoever changed something found the code of noon spent. */
static bool
was_burnt(void)
{
	return report->phone_spent > NOON / 30;
}

static void
expect_files(struct host *host, bool enrolled)
{
	expect(scratch_has(&host->scratch, "store/1000.enrolment") == enrolled);
	expect(scratch_has(&host->scratch, "store/1000.state") == enrolled);
	expect(!scratch_has(&host->scratch, "store/1000.enrolment.new"));
}

static void
round_remove(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON),
	    change_remove);
	expect_int(race.in, was_burnt());
	expect_files(host, false);
	expect_int(try(host, host_code(1000, NOON)), PAM_AUTH_ERR);
}

TEST("a login against a removal gets in before it, burnt, or not at all")
{
	in_each_size(round_remove);
}

/* What we would ignore, the next line of this stack would let in. */
static void
round_remove_wrong(struct host *host, int crowd, int n)
{
	struct race race;

	host_stack(host, "auth required %M enrolment=optional\n"
			 "auth required pam_permit.so\n");
	enrol_afresh(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON + 9000),
	    change_remove);
	expect_int(race.in, 0);
	expect_files(host, false);
	expect_int(try(host, NULL), PAM_SUCCESS); /* unasked, as is right */
}

TEST("who was asked and is removed meanwhile does not pass as not enrolled")
{
	in_each_size(round_remove_wrong);
}

/* ---- logins against a new enrolment ---- */

/* Other recovery codes than any set had. */
static void
draw_set(struct recovery_set *set, unsigned which)
{
	struct answer answer;

	set->id = NEW_SET + which;
	memset(set->key, (int)which, sizeof set->key);
	for (unsigned i = 0; i < RECOVERY_CODES; i++) {
		answer_read(host_recovery(NEW_UID + which, i), &answer);
		recovery_hash(set->key, answer.recovery, set->hash[i]);
	}
}

/* Another phone in the old one's place, which shows host_code(NEW_UID, ...),
 * and other recovery codes. */
static void
renew(struct record *record)
{
	struct authenticator *phone = &record->authenticators[0];

	phone->id = NEW_UID;
	phone->key[0] ^= (uint8_t)(1000 ^ NEW_UID);
	phone->key[1] ^= (uint8_t)((1000 ^ NEW_UID) >> 8);
	draw_set(&record->recovery, 0);
}

static int
change_replace(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };

	if (change_begin(&change, host) < 0)
		return -1;
	renew(change.record);
	return store_enrol(change.txn, change.record, nothing_new);
}

/* As for a phone that was lost. */
static int
change_reset_and_enrol(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };
	AUTO_TXN struct store_txn *txn = NULL;

	if (change_begin(&change, host) < 0 || store_remove(change.txn) < 0 ||
	    store_begin_enrolling(change.store, &alice, &txn) < 0)
		return -1;
	renew(change.record);
	return store_enrol(txn, change.record, nothing_new);
}

/* The old code got in before, burnt.  Afterwards it was a wrong one, and each
 * was counted; a recovery code ends the wait that they caused. */
static void
expect_replaced(struct host *host, const struct race *race)
{
	expect_int(race->in, was_burnt());
	expect_int(report->failures, 0);
	expect_int(host_failures(host, 1000), report->counted);
	expect_files(host, true);
	expect_int(try(host, host_recovery(1000, 0)), PAM_AUTH_ERR);
	expect_int(try(host, host_recovery(NEW_UID, 0)), PAM_SUCCESS);
	host_clock = NOON + 90;
	expect_int(try(host, host_code(1000, host_clock)), PAM_AUTH_ERR);
	expect_int(try(host, host_code(NEW_UID, host_clock)), PAM_SUCCESS);
	expect_int(try(host, host_code(NEW_UID, host_clock)), PAM_AUTH_ERR);
}

static void
round_replace(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON),
	    change_replace);
	expect_replaced(host, &race);
}

TEST("an old phone's code against a new phone gets in before it, or never")
{
	in_each_size(round_replace);
}

static void
round_reset_and_enrol(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON),
	    change_reset_and_enrol);
	expect_replaced(host, &race);
}

TEST("an old phone's code against a reset and a new enrolment is no better")
{
	in_each_size(round_reset_and_enrol);
}

static int
change_recovery(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };

	if (change_begin(&change, host) < 0)
		return -1;
	draw_set(&change.record->recovery, 0);
	return store_enrol(change.txn, change.record, nothing_new);
}

static void
round_new_recovery(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	race = crowd_and_change(host, crowd, n, host_recovery(1000, 0),
	    change_recovery);
	expect_int(race.in, report->recovery_spent);
	expect_int(host_failures(host, 1000), report->counted);
	expect_files(host, true);
	expect_int(try(host, host_recovery(1000, 0)), PAM_AUTH_ERR);
	expect_int(try(host, host_recovery(1000, 1)), PAM_AUTH_ERR);
	expect_int(try(host, host_recovery(NEW_UID, 0)), PAM_SUCCESS);
}

TEST("a recovery code against new recovery codes gets in before, or never")
{
	in_each_size(round_new_recovery);
}

/* ---- those who change against each other ---- */

static unsigned turn; /* of who is forked */

static int
change_recovery_each(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };

	if (change_begin(&change, host) < 0)
		return -1;
	draw_set(&change.record->recovery, turn);
	return store_enrol(change.txn, change.record, nothing_new);
}

static void
round_sets(struct host *host, int crowd, int n)
{
	struct race race;
	int right = 0;

	(void)n;
	enrol_afresh(host);
	race_new(&race);
	for (turn = 0; turn < (unsigned)crowd; turn++)
		race_change(&race, host, change_recovery_each);
	race_run(&race);
	expect_int(race.changed, crowd);
	expect_files(host, true);
	for (unsigned i = 0; i < (unsigned)crowd; i++)
		right +=
		    try(host, host_recovery(NEW_UID + i, 0)) == PAM_SUCCESS;
	expect_int(right, 1);
}

TEST("of many sets of recovery codes drawn at once, one is good")
{
	in_each_size(round_sets);
}

/* ---- logins against an unlock ---- */

static int
change_unlock(struct host *host)
{
	AUTO_CHANGE struct changer change = { .txn = NULL };

	if (change_begin(&change, host) < 0)
		return -1;
	throttle_clear(store_state(change.txn));
	return store_commit(change.txn);
}

static void
round_unlock(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	use_budget(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON + 9000),
	    change_unlock);
	expect_int(race.in, 0);
	expect_int(report->counted, crowd);
	expect_int(report->failures + host_failures(host, 1000), 5 + crowd);
}

TEST("an unlock against wrong codes forgets those before it, and no other")
{
	in_each_size(round_unlock);
}

/* Refused before it, and not spent by that; in after it. */
static void
round_unlock_right(struct host *host, int crowd, int n)
{
	struct race race;

	enrol_afresh(host);
	use_budget(host);
	race = crowd_and_change(host, crowd, n, host_code(1000, NOON),
	    change_unlock);
	expect_int(report->failures, 5);
	expect(!was_burnt() && race.in <= 1);
	expect_int(host_failures(host, 1000), 0);
	expect_int(try(host, host_code(1000, NOON)),
	    race.in == 1 ? PAM_AUTH_ERR : PAM_SUCCESS);
	expect_int(try(host, host_code(1000, NOON)), PAM_AUTH_ERR);
}

TEST("a right code against an unlock opens once, and only after it")
{
	in_each_size(round_unlock_right);
}

/* ---- a lock that is not given back ---- */

static void
sleep_a_little(void)
{
	const struct timespec nap = { 0, 1000000 };

	nanosleep(&nap, NULL);
}

/* ---- enrolments ---- */

enum { HANDS = 40 };

static struct wanted
begin_one(struct host *host)
{
	struct wanted wanted = { .act = ACT_BEGIN,
		.proof = { .kind = PROOF_LOGIN },
		.which = { .kind = AUTHENTICATOR_TOTP,
		    .algorithm = ALGORITHM_SHA1,
		    .digits = 6,
		    .period = 30 } };
	struct changed changed;
	struct trouble why;
	struct totp totp;

	expect_int(service_change_local(&host->scratch.settings, &alice,
		       &wanted, &changed, &why),
	    0);
	expect(changed.change == CHANGE_DONE);
	totp = authenticator_totp(&changed.begun);
	wanted.act = ACT_CONFIRM;
	memcpy(wanted.blob, changed.blob, sizeof wanted.blob);
	wanted.answer.kind = ANSWER_CODE;
	expect_int(totp_code(&totp, NOON / 30, wanted.answer.code), 0);
	return wanted;
}

/* Confirms once the gate opens; what it reports is a login's. */
static void
race_confirm(struct race *race, struct host *host, const struct wanted *wanted)
{
	struct changed changed = { .change = CHANGE_NONE };
	struct trouble why;

	if (!race_join(race))
		return;
	wait_at_gate();
	if (service_change_local(&host->scratch.settings, &alice, wanted,
		&changed, &why) < 0)
		_exit(PAM_AUTHINFO_UNAVAIL);
	_exit(changed.change == CHANGE_DONE   ? PAM_SUCCESS
	      : changed.change == CHANGE_OVER ? PAM_AUTH_ERR
					      : PAM_SYSTEM_ERR);
}

static void
race_confirming(bool each_his_own)
{
	AUTO_HOST struct host host;
	struct wanted wanted;
	struct race race;

	host_new(&host, "");
	host.scratch.settings.enrolment = ENROLMENT_OFFERED;
	wanted = begin_one(&host);
	race_new(&race);
	for (int i = 0; i < HANDS; i++) {
		if (each_his_own)
			wanted = begin_one(&host);
		race_confirm(&race, &host, &wanted);
	}
	race_run(&race);
	expect_int(race.in, 1);
	expect_int(race.refused, HANDS - 1);
	expect_int(host_failures(&host, 1000), 0);
}

TEST("of 40 processes that confirm what was begun exactly one stores it")
{
	race_confirming(false);
}

TEST("of 40 that were begun and are confirmed at once exactly one is stored")
{
	race_confirming(true);
}

TEST("a lock held by a stopped process binds its own user alone")
{
	AUTO_HOST struct host host;
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

		/* Also where this test fails, and he is stopped. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
		    store_open(&host.scratch.settings, &why, &store) < 0 ||
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
