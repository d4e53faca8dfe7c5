/*
 * The verifier with one of its system calls failing, or being its last,
 * whichever it is.  A wrong code is never accepted; an accepted one is spent;
 * and who asks again is served.
 */
#include "booth.h"
#include "mem.h"
#include "sweep.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const int reasons[] = { EIO, EPERM, ENOSYS, EINTR, EMFILE, ENOMEM };
static char now[200];

#define must(condition) \
	do { \
		if (!(condition)) \
			fail_msg("%s: not so: %s", now, #condition); \
	} while (0)

/* ---- one verifier, watched ---- */

struct watched {
	struct booth *booth;
	struct visitor visitor; /* only its connection */
	int its;
};

/* In the child that is watched. */
static int
become_verifier(void *with)
{
	const struct watched *watched = with;

	if (dup2(watched->its, STDIN_FILENO) < 0)
		return 1;
	sweep_begin();
	booth_become(watched->booth);
	return 1;
}

/* Asks one whose calls are disturbed; VERDICT_CANNOT_TELL where there was no
 * whole answer, or a failure.  False: no program may be watched here. */
static bool
ask_watched(struct booth *booth, struct sweep *sweep, const char *code,
    enum verdict *verdict_out)
{
	struct wire_request request =
	    booth_question(booth, WIRE_VERIFY, booth_me(), code);
	struct watched watched = { .booth = booth };
	struct wire_reply reply;
	int ends[2];
	bool possible;

	*verdict_out = VERDICT_CANNOT_TELL;
	expect_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	watched.visitor.fd = ends[0];
	watched.its = ends[1];
	visitor_ask(&watched.visitor, &request);
	possible = sweep_run(sweep, become_verifier, &watched);
	close(watched.its);
	if (visitor_hear(&watched.visitor, &reply) && reply.err == 0)
		*verdict_out = reply.judgement.verdict;
	close(watched.visitor.fd);
	return possible;
}

static enum verdict
ask(struct booth *booth, const char *code)
{
	struct wire_request request =
	    booth_question(booth, WIRE_VERIFY, booth_me(), code);
	struct wire_reply reply = { .err = 0 };
	struct visitor visitor;

	booth_start(booth, NULL, &visitor);
	visitor_ask(&visitor, &request);
	must(visitor_hear(&visitor, &reply));
	must(visitor_end(&visitor) == 0);
	must(reply.err == 0);
	return reply.judgement.verdict;
}

static void
with_me(struct booth *booth)
{
	scratch_in_memory();
	booth_new(booth, "hotp_lookahead = 100\n");
	booth_enrol(booth, booth_me(), geteuid());
}

/* ---- what has to hold ---- */

static uint64_t next_code;

/* The code was asked with; whatever became of that, it opens once at most, and
 * the one behind it opens. */
static void
right_code_holds(struct booth *booth, enum verdict was)
{
	enum verdict again = ask(booth, booth_code(next_code++));

	must(was == VERDICT_ACCEPTED || was == VERDICT_CANNOT_TELL);
	must(again == VERDICT_REPLAYED || again == VERDICT_ACCEPTED);
	must(was != VERDICT_ACCEPTED || again == VERDICT_REPLAYED);
	must(ask(booth, booth_code(next_code++)) == VERDICT_ACCEPTED);
}

static void
wrong_code_holds(struct booth *booth, enum verdict was)
{
	must(was == VERDICT_WRONG || was == VERDICT_CANNOT_TELL);
	must(ask(booth, booth_code(next_code++)) == VERDICT_ACCEPTED);
}

static void
say_now(const struct sweep *sweep)
{
	snprintf(now, sizeof now, "call %u (%s), error %d", sweep->at,
	    sweep_name(sweep->call), sweep->error);
}

/* Each call from the first that is its own; how many there were. */
static unsigned
sweep_all(struct booth *booth, struct sweep *sweep, const char *wrong)
{
	enum verdict was;

	sweep->first = SWEEP_FCNTL; /* the loader makes none */
	for (sweep->at = 1;; sweep->at++) {
		const char *code =
		    wrong != NULL ? wrong : booth_code(next_code);

		if (!ask_watched(booth, sweep, code, &was))
			NOT_TESTED("no program may watch another's calls here");
		if (!sweep->reached)
			break;
		say_now(sweep);
		if (wrong != NULL)
			wrong_code_holds(booth, was);
		else
			right_code_holds(booth, was);
	}
	return sweep->at - 1;
}

/* Six digits that are no code of the first five thousand of the token. */
static const char *
wrong_code(void)
{
	static char text[TOTP_CODE_SIZE];

	for (unsigned n = 0;; n++) {
		bool right = false;

		snprintf(text, sizeof text, "%06u", n);
		for (uint64_t i = 0; i < 5000 && !right; i++)
			right = strcmp(text, booth_code(i)) == 0;
		if (!right)
			return text;
	}
}

TEST("a watched verifier makes the calls that are to be disturbed")
{
	AUTO_BOOTH struct booth booth;
	struct sweep sweep = sweep_whole;
	enum verdict was;

	with_me(&booth);
	next_code = 0;
	sweep.first = SWEEP_FCNTL;
	if (!ask_watched(&booth, &sweep, booth_code(next_code), &was))
		NOT_TESTED("no program may watch another's calls here");
	snprintf(now, sizeof now, "nothing");
	must(was == VERDICT_ACCEPTED);
	must(sweep.calls > 100);
	must(sweep.seen[SYS_getsockopt] == 1);
	must(sweep.seen[SYS_fdatasync] == 1);
	must(sweep.seen[SYS_sendto] >= 2);
}

TEST("killed at any system call, a verifier opens once or never")
{
	AUTO_BOOTH struct booth booth;
	struct sweep sweep = sweep_whole;

	with_me(&booth);
	next_code = 0;
	sweep.how = SWEEP_KILL;
	print_message("# killed at %u system calls\n",
	    sweep_all(&booth, &sweep, NULL));
}

TEST("whichever call of a verifier fails, a right code opens once or never")
{
	AUTO_BOOTH struct booth booth;
	struct sweep sweep = sweep_whole;

	with_me(&booth);
	next_code = 0;
	sweep.how = SWEEP_FAIL;
	for (size_t i = 0; i < ROWS(reasons); i++) {
		sweep.error = reasons[i];
		(void)sweep_all(&booth, &sweep, NULL);
	}
}

TEST("whichever call of a verifier fails, a wrong code never opens")
{
	const char *wrong = wrong_code();
	AUTO_BOOTH struct booth booth;
	struct sweep sweep = sweep_whole;

	with_me(&booth);
	next_code = 0;
	sweep.how = SWEEP_FAIL;
	for (size_t i = 0; i < 2; i++) {
		sweep.error = reasons[i];
		(void)sweep_all(&booth, &sweep, wrong);
	}
}
