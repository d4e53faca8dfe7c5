/* The verifier: who may ask what, what hostile callers start it with, and what
 * its callers make of its answers. */
#include "booth.h"
#include "host.h"
#include "io.h"
#include "link.h"
#include "mem.h"
#include "service.h"
#include "sweep.h"
#include "test.h"
#include "verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

enum { ALICE = 1000, BOB = 1001 };

/* ---- what is answered, and to whom ---- */

static const struct peer alice_asks = { ALICE, false };
static const struct peer bob_asks = { BOB, false };
static const struct peer root_asks = { 0, true };

static struct account whose;
static struct trouble why;
static struct wire_reply reply;

static struct wire_request
question(const struct host *host, enum wire_kind kind, const char *user,
    const char *text)
{
	struct wire_request request = { .kind = kind,
		.said = { "lock\"er", "a\nb", ":0", false } };

	memcpy(request.store_dir, host->scratch.settings.store_dir,
	    sizeof request.store_dir);
	snprintf(request.user, sizeof request.user, "%s", user);
	if (text != NULL)
		answer_read(text, &request.answer);
	return request;
}

/* The answer's error, or 0 and the answer in reply. */
static int
ask(struct host *host, const struct peer *peer, enum wire_kind kind,
    const char *user, const char *text)
{
	struct wire_request request = question(host, kind, user, text);

	why.text[0] = '\0';
	memset(&whose, 0, sizeof whose);
	verifier_answer(&host->scratch.settings, peer, &request, &whose, &reply,
	    &why);
	return reply.err;
}

static enum verdict
verdict_of(struct host *host, const struct peer *peer, const char *user,
    const char *text)
{
	expect_int(ask(host, peer, WIRE_VERIFY, user, text), 0);
	return reply.judgement.verdict;
}

static void
with_both(struct host *host, const char *settings)
{
	scratch_in_memory();
	host_new(host, settings);
	host_enrol(host, "alice", ALICE);
	host_enrol(host, "bob", BOB);
}

TEST("a user's right code is accepted of him, once, and spent for logins too")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, NOON)),
	    VERDICT_ACCEPTED);
	expect_text(reply.judgement.authenticator, "phone");
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, NOON)),
	    VERDICT_REPLAYED);
	expect_int(host_try(&host, "alice", host_code(ALICE, NOON)),
	    PAM_AUTH_ERR);
}

TEST("nobody asks about another user, or learns whether there is one")
{
	static const enum wire_kind kinds[] = { WIRE_ENROLLED, WIRE_VERIFY,
		WIRE_STATUS };
	AUTO_HOST struct host host;

	with_both(&host, "");
	for (size_t i = 0; i < ROWS(kinds); i++) {
		const char *code = host_code(ALICE, NOON);

		expect_int(ask(&host, &bob_asks, kinds[i], "alice", code),
		    ERR_CALLER);
		expect_int(ask(&host, &bob_asks, kinds[i], "nobody", code),
		    ERR_CALLER);
		expect_int(ask(&host, &bob_asks, kinds[i], "", code),
		    ERR_CALLER);
	}
	expect_int(host_failures(&host, ALICE), 0);
	expect_int(host_try(&host, "alice", host_code(ALICE, NOON)),
	    PAM_SUCCESS);
}

TEST("root asks about anyone")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	expect_int(verdict_of(&host, &root_asks, "bob", host_code(BOB, NOON)),
	    VERDICT_ACCEPTED);
	expect_int(verdict_of(&host, &root_asks, "zoe", "123456"),
	    VERDICT_NOT_ENROLLED);
}

TEST("guesses of whoever asks, wherever he asks, have one budget")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	for (int i = 0; i < 5; i++)
		expect_int(verdict_of(&host, &alice_asks, "alice", "000000"),
		    VERDICT_WRONG);
	expect_int(reply.judgement.wait, 30);
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, NOON)),
	    VERDICT_WAITING);
	expect_int(host_try(&host, "alice", host_code(ALICE, NOON)),
	    PAM_AUTH_ERR);
	host_clock += 30;
	expect_int(host_try(&host, "alice", host_code(ALICE, NOON + 30)),
	    PAM_SUCCESS);
	expect_int(host_failures(&host, ALICE), 0);
}

/* Some of a million may be right by chance, and are as good as any. */
static void
guess(struct host *host, unsigned n)
{
	char text[TOTP_CODE_SIZE];
	enum verdict verdict;

	snprintf(text, sizeof text, "%06u", n * 97 % 1000000);
	verdict = verdict_of(host, &alice_asks, "alice", text);
	expect(!verdict_accepts(verdict) || n < 5);
}

TEST("ten thousand guesses at once get no further than a login's hundred")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	for (unsigned n = 0; n < 10000; n++)
		guess(&host, n);
	expect(host_failures(&host, ALICE) >= 9990);
	host_clock += 366 * 24 * 60 * 60;
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, host_clock)),
	    VERDICT_DISABLED);
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_recovery(ALICE, 3)),
	    VERDICT_ACCEPTED_RECOVERY);
	expect_int(host_try(&host, "bob", host_code(BOB, host_clock)),
	    PAM_SUCCESS);
}

TEST("notices go to a program that shows them, and are over with it alone")
{
	AUTO_HOST struct host host;
	struct wire_request request;

	with_both(&host, "");
	host_note(&host, "alice", ALICE, NOTICE_ADDED);
	expect_int(verdict_of(&host, &alice_asks, "alice", "000000"),
	    VERDICT_WRONG);
	expect_int(reply.judgement.notices, 0);
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, NOON)),
	    VERDICT_ACCEPTED);
	expect_int(host_notices(&host, ALICE), NOTICE_ADDED);
	host_clock += 30;
	request =
	    question(&host, WIRE_VERIFY, "alice", host_code(ALICE, NOON + 30));
	request.said.shows = true;
	verifier_answer(&host.scratch.settings, &alice_asks, &request, &whose,
	    &reply, &why);
	expect_int(reply.judgement.verdict, VERDICT_ACCEPTED);
	expect_int(reply.judgement.notices, NOTICE_ADDED);
	expect_int(host_notices(&host, ALICE), 0);
}

TEST("a program whose settings name another store is not judged by this one")
{
	AUTO_HOST struct host host;
	struct wire_request request;

	with_both(&host, "");
	request = question(&host, WIRE_VERIFY, "alice", host_code(ALICE, NOON));
	strcat(request.store_dir, "x");
	verifier_answer(&host.scratch.settings, &alice_asks, &request, &whose,
	    &reply, &why);
	expect_int(reply.err, ERR_SETTINGS);
	expect_int(host_try(&host, "alice", host_code(ALICE, NOON)),
	    PAM_SUCCESS);
}

TEST("a user database that fails, and a store that is gone, cannot tell")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	host_directory_error = EIO;
	expect_int(ask(&host, &alice_asks, WIRE_VERIFY, "alice", "123456"),
	    ERR_DIRECTORY);
	host_directory_error = 0;
	expect_int(rename(scratch_path(&host.scratch, "store/marker"),
		       scratch_path(&host.scratch, "store/gone")),
	    0);
	expect_int(ask(&host, &alice_asks, WIRE_VERIFY, "alice", "123456"),
	    ERR_UNTRUSTED);
	expect_int(ask(&host, &alice_asks, WIRE_ENROLLED, "alice", NULL),
	    ERR_UNTRUSTED);
	expect_int(ask(&host, &alice_asks, WIRE_STATUS, "alice", NULL),
	    ERR_UNTRUSTED);
}

TEST("whether he is enrolled, and what protects him, a user may know")
{
	const struct peer carol_asks = { 1002, false };
	const struct summary *summary = &reply.summary;
	AUTO_HOST struct host host;

	with_both(&host, "");
	expect_int(verdict_of(&host, &alice_asks, "alice", "000000"),
	    VERDICT_WRONG);
	expect_int(ask(&host, &alice_asks, WIRE_ENROLLED, "alice", NULL), 0);
	expect(reply.enrolled);
	expect_int(ask(&host, &carol_asks, WIRE_ENROLLED, "carol", NULL), 0);
	expect(!reply.enrolled);
	expect_int(ask(&host, &carol_asks, WIRE_STATUS, "carol", NULL), 0);
	expect(!summary->enrolled);
	expect_int(ask(&host, &alice_asks, WIRE_STATUS, "alice", NULL), 0);
	expect(summary->enrolled);
	expect_int(summary->count, 1);
	expect_text(summary->items[0].authenticator.name, "phone");
	expect_int(summary->items[0].authenticator.key_len, 0);
	expect_int(summary->recovery_left, 10);
	expect_int(summary->failures, 1);
}

TEST("a renamed user's status is another's, and cannot be told")
{
	AUTO_HOST struct host host;

	with_both(&host, "");
	host_add_user("renamed", "renamed", BOB);
	expect_int(ask(&host, &bob_asks, WIRE_STATUS, "renamed", NULL),
	    ERR_RENAMED);
	expect_int(ask(&host, &bob_asks, WIRE_VERIFY, "renamed", "123456"),
	    ERR_RENAMED);
}

/* ---- what the log says ---- */

TEST("what was judged is one event, with what the program said in quotes")
{
	struct wire_request request;
	AUTO_HOST struct host host;

	with_both(&host, "");
	request = question(&host, WIRE_VERIFY, "alice",
	    host_code(ALICE, NOON + 7200 - 3600));
	expect_int(verdict_of(&host, &alice_asks, "alice",
		       host_code(ALICE, NOON + 3600)),
	    VERDICT_WRONG);
	host_log[0] = '\0';
	verifier_log_judgement(&alice_asks, &request, &whose, &reply.judgement);
	expect_text(host_log,
	    "event=wrong user=\"alice\" said_service=\"lock\\x22er\" "
	    "said_rhost=\"a\\x0ab\" said_tty=\":0\" by_uid=1000 via=verifier "
	    "failures=1 drift=+3600s of=\"phone\"\n");
}

TEST("what could not be told is one event, and names no unknown user")
{
	struct wire_request request;
	AUTO_HOST struct host host;

	with_both(&host, "");
	request = question(&host, WIRE_VERIFY, "secret", "123456");
	expect_int(ask(&host, &alice_asks, WIRE_VERIFY, "secret", "123456"),
	    ERR_CALLER);
	host_log[0] = '\0';
	verifier_log_trouble(&alice_asks, &request, &whose, "answering", &why);
	expect(strstr(host_log, "event=cannot-tell user=\"(unknown)\" ") ==
	       host_log);
	expect(strstr(host_log, "by_uid=1000 via=verifier") != NULL);
	expect(strstr(host_log, "asks about somebody else") != NULL);
	expect(strstr(host_log, "secret") == NULL);
}

TEST("who asks is told by the kernel, and nobody's uid is not served")
{
	struct peer peer = { geteuid(), false };
	int one, other;

	expect_int(link_pair(&one, &other), 0);
	expect_int(verifier_peer(one, &peer, &why), 0);
	expect_int(peer.uid, geteuid());
	expect(peer.about_anyone);
	peer = (struct peer){ 65534, false };
	expect_int(verifier_peer(one, &peer, &why), ERR_CALLER);
	peer = (struct peer){ (uid_t)-1, false };
	expect_int(verifier_peer(one, &peer, &why), ERR_CALLER);
	peer = (struct peer){ 4242, false }; /* as a set-uid program's caller */
	expect_int(verifier_peer(one, &peer, &why), 0);
	expect_int(peer.uid, 4242);
	expect(!peer.about_anyone);
	close(one);
	close(other);
	peer = (struct peer){ geteuid(), false };
	expect_int(verifier_peer(one, &peer, &why), ERR_IO);
}

/* ---- the program ---- */

/* One question and its answer; the program's exit status. */
static int
visit(struct booth *booth, void (*prepare)(void),
    const struct wire_request *request)
{
	struct visitor visitor;
	bool heard;

	booth_start(booth, prepare, &visitor);
	visitor_ask(&visitor, request);
	heard = visitor_hear(&visitor, &reply);
	if (!heard)
		memset(&reply, 0, sizeof reply);
	return visitor_end(&visitor) + (heard ? 0 : 1000);
}

static void
with_me(struct booth *booth, const char *settings)
{
	scratch_in_memory();
	booth_new(booth, settings);
	booth_enrol(booth, booth_me(), geteuid());
}

/* A right code that was not given before is taken. */
static void
expect_served(struct booth *booth, uint64_t code, void (*prepare)(void))
{
	struct wire_request request =
	    booth_question(booth, WIRE_VERIFY, booth_me(), booth_code(code));

	expect_int(visit(booth, prepare, &request), 0);
	expect_int(reply.err, 0);
	expect_int(reply.judgement.verdict, VERDICT_ACCEPTED);
}

TEST("one question, one answer, and the end")
{
	AUTO_BOOTH struct booth booth;
	struct wire_request request;

	with_me(&booth, "");
	expect_served(&booth, 0, NULL);
	request =
	    booth_question(&booth, WIRE_VERIFY, booth_me(), booth_code(0));
	expect_int(visit(&booth, NULL, &request), 0);
	expect_int(reply.judgement.verdict, VERDICT_REPLAYED);
	request = booth_question(&booth, WIRE_STATUS, booth_me(), NULL);
	expect_int(visit(&booth, NULL, &request), 0);
	expect_text(reply.summary.items[0].authenticator.name, "token");
}

/* Started with these words it ends unwell and says nothing at all. */
static void
expect_refuses(struct booth *booth, const char *const *words)
{
	struct visitor visitor;
	char byte;

	booth_visit(booth, words, NULL, &visitor);
	expect_int(read(visitor.fd, &byte, 1), 0);
	expect_int(visitor_end(&visitor), EXIT_FAILURE);
}

TEST("words it does not know, in any number, it answers with nothing")
{
	static const char *const unknown[] = { "verifier", "--version", NULL };
	static const char *const no_file[] = { "verifier", "--config", NULL };
	const char *many[100] = { NULL };
	AUTO_BOOTH struct booth booth;
	const char *two_files[] = { "verifier", "--config", booth.config,
		"--config", booth.config, NULL };

	with_me(&booth, "");
	expect_refuses(&booth, unknown);
	expect_refuses(&booth, no_file);
	expect_refuses(&booth, two_files);
	for (size_t i = 0; i < ROWS(many) - 1; i++)
		many[i] = "x";
	expect_refuses(&booth, many);
}

TEST("a settings file that is wrong or missing is told as that")
{
	AUTO_BOOTH struct booth booth;
	const char *words[] = { "verifier", "--config", NULL, NULL };
	struct visitor visitor;

	with_me(&booth, "");
	words[2] = scratch_path(&booth.scratch, "none");
	booth_visit(&booth, words, NULL, &visitor);
	expect(visitor_hear(&visitor, &reply));
	expect_int(reply.err, ERR_SETTINGS);
	expect_int(visitor_end(&visitor), 0);
}

static int standard[2]; /* pipes' writing ends, or -1 */

static void
close_output(void)
{
	close(1);
	close(2);
}

static void
close_input(void)
{
	close(0);
	close_output();
}

static void
read_dev_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	dup2(fd, 0);
}

static void
write_to_pipes(void)
{
	dup2(standard[0], 1);
	dup2(standard[1], 2);
}

TEST("without standard output it serves, without a connection it ends")
{
	AUTO_BOOTH struct booth booth;
	struct visitor visitor;

	with_me(&booth, "");
	expect_served(&booth, 0, close_output);
	booth_start(&booth, close_input, &visitor);
	expect_int(visitor_end(&visitor), EXIT_FAILURE);
	booth_start(&booth, read_dev_null, &visitor);
	expect_int(visitor_end(&visitor), EXIT_FAILURE);
	expect_served(&booth, 1, NULL);
}

TEST("nothing but the answer is said, on the connection alone")
{
	AUTO_BOOTH struct booth booth;
	char byte;
	int out[2], err[2];

	with_me(&booth, "");
	expect_int(pipe2(out, O_CLOEXEC), 0);
	expect_int(pipe2(err, O_CLOEXEC), 0);
	standard[0] = out[1];
	standard[1] = err[1];
	expect_served(&booth, 0, write_to_pipes);
	close(out[1]);
	close(err[1]);
	expect_int(read(out[0], &byte, 1), 0);
	expect_int(read(err[0], &byte, 1), 0);
	close(out[0]);
	close(err[0]);
}

static void
send_bytes(const struct visitor *visitor, const void *bytes, size_t n)
{
	expect_int(send(visitor->fd, bytes, n, MSG_NOSIGNAL), n);
}

TEST("a question that is malformed, too long or cut short is told as that")
{
	AUTO_BOOTH struct booth booth;
	struct visitor visitor;

	with_me(&booth, "");
	booth_start(&booth, NULL, &visitor);
	send_bytes(&visitor, "\7\0\0\0garbage", 11);
	expect(visitor_hear(&visitor, &reply));
	expect_int(reply.err, ERR_INPUT);
	expect_int(visitor_end(&visitor), 0);

	booth_start(&booth, NULL, &visitor);
	send_bytes(&visitor, "\377\377\377\377", 4);
	expect(visitor_hear(&visitor, &reply));
	expect_int(reply.err, ERR_INPUT);
	expect_int(visitor_end(&visitor), 0);

	booth_start(&booth, NULL, &visitor);
	send_bytes(&visitor, "\7\0\0\0gar", 7);
	expect_int(shutdown(visitor.fd, SHUT_WR), 0);
	expect(visitor_hear(&visitor, &reply));
	expect_int(reply.err, ERR_IO);
	expect_int(visitor_end(&visitor), 0);
	expect_served(&booth, 0, NULL);
}

TEST("a question in drops is not waited for longer than five seconds")
{
	const struct timespec nap = { 0, 200 * 1000 * 1000 };
	AUTO_BOOTH struct booth booth;
	struct visitor visitor;
	int64_t began;

	with_me(&booth, "");
	booth_start(&booth, NULL, &visitor);
	send_bytes(&visitor, "\377\0\0\0", 4);
	began = io_milliseconds();
	while (send(visitor.fd, "x", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&nap, NULL);
	expect(io_milliseconds() - began >= 4000);
	expect_int(visitor_end(&visitor), 0);
}

TEST("who hangs up before the answer has been judged, and it ends unwell")
{
	AUTO_BOOTH struct booth booth;
	struct wire_request request;
	struct visitor visitor;

	with_me(&booth, "");
	request = booth_question(&booth, WIRE_VERIFY, booth_me(), "000000");
	booth_start(&booth, NULL, &visitor);
	visitor_ask(&visitor, &request);
	close(visitor.fd);
	visitor.fd = -1;
	expect_int(visitor_end(&visitor), EXIT_FAILURE);
	expect_int(booth_failures(&booth, geteuid()), 1);
}

/* ---- what it is started with ---- */

static void
hold_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_IGN);
}

/* Sleeps in a child with the user's lock held, and gives it back. */
static pid_t
hold_lock(struct booth *booth, int64_t seconds)
{
	char name[64];
	int fd, ready[2];
	pid_t child;
	char byte;

	snprintf(name, sizeof name, "store/%lu.state",
	    (unsigned long)geteuid());
	expect_int(pipe2(ready, O_CLOEXEC), 0);
	if ((child = fork()) == 0) {
		struct timespec nap = { (time_t)seconds, 0 };

		fd = open(scratch_path(&booth->scratch, name), O_RDWR);
		if (io_lock(fd, 0) == 0)
			(void)!write(ready[1], "!", 1);
		nanosleep(&nap, NULL);
		_exit(0);
	}
	close(ready[1]);
	expect_int(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void
start_timers(void)
{
	const struct itimerval soon = { { 0, 1000 }, { 1, 500 * 1000 } };

	(void)setitimer(ITIMER_REAL, &soon, NULL);
}

TEST("held back signals and a timer of the caller's neither stop nor kill it")
{
	AUTO_BOOTH struct booth booth;
	pid_t holder;

	with_me(&booth, "");
	expect_served(&booth, 0, hold_signals);
	holder = hold_lock(&booth, 3);
	expect_served(&booth, 1, start_timers);
	expect_int(waitpid(holder, NULL, 0), holder);
}

void __gcov_init(void) __attribute__((weak));

static void
set_limits(void)
{
	static const int which[] = { RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_MEMLOCK,
		RLIMIT_NPROC, RLIMIT_MSGQUEUE, RLIMIT_SIGPENDING };
	const struct rlimit none = { 0, 0 }, few = { 8, 8 };

	for (size_t i = 0; i < ROWS(which); i++)
		(void)setrlimit(which[i], &none);
	(void)setrlimit(RLIMIT_NOFILE, &few);
}

TEST("limits of the caller's are lifted, or refuse him and spend nothing")
{
	AUTO_BOOTH struct booth booth;
	struct wire_request request;

	if (__gcov_init != NULL)
		NOT_TESTED("what counts coverage writes files");
	with_me(&booth, "");
	request =
	    booth_question(&booth, WIRE_VERIFY, booth_me(), booth_code(0));
	expect_int(visit(&booth, set_limits, &request), 0);
	if (geteuid() == 0 && prctl(PR_CAPBSET_READ, CAP_SYS_RESOURCE) == 1)
		expect_int(reply.judgement.verdict, VERDICT_ACCEPTED);
	else
		expect_int(reply.err, ERR_IO);
	expect_served(&booth, 1, NULL);
}

static void
be_setuid(void)
{
	if (setresuid(4242, 0, 0) < 0)
		_exit(99);
}

TEST(
    "set-uid root it reads the installed settings, and no file of its caller's")
{
	static const char *const no_words[] = { "verifier", NULL };
	AUTO_BOOTH struct booth booth;
	const char *words[] = { "verifier", "--config", booth.config, NULL };
	struct wire_request request;
	struct visitor visitor;
	char byte;

	if (geteuid() != 0)
		NOT_TESTED("only root can be set-uid root");
	if (access(STORE_DIR, F_OK) == 0)
		NOT_TESTED("there is a store here");
	with_me(&booth, "");
	booth_visit(&booth, words, be_setuid, &visitor);
	expect_int(read(visitor.fd, &byte, 1), 0);
	expect_int(visitor_end(&visitor), EXIT_FAILURE);
	request = booth_question(&booth, WIRE_VERIFY, booth_me(), "000000");
	booth_visit(&booth, no_words, be_setuid, &visitor);
	visitor_ask(&visitor, &request);
	(void)visitor_hear(&visitor, &reply);
	expect_int(reply.err, ERR_MISSING);
	expect_int(visitor_end(&visitor), 0);
}

/* What the kernel says of a process, as /proc shows it. */
static void
look_at(pid_t pid, const char *what, char *room, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, room, size - 1);
	room[got > 0 ? got : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static bool
is_in_root(pid_t pid)
{
	char path[64], target[8] = "";

	snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
	return readlink(path, target, sizeof target - 1) == 1 &&
	       target[0] == '/';
}

static bool
has_ended(pid_t pid)
{
	siginfo_t end = { 0 };

	expect_int(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT),
	    0);
	return end.si_pid == pid;
}

static void
start_badly(void)
{
	hold_signals();
	(void)umask(0);
	(void)dup2(1, 200);
}

/* Only its own eyes see an undumpable process, and root's. */
TEST("waiting for a question it has nothing of its caller's any more")
{
	const struct timespec nap = { 0, 1000 * 1000 };
	char status[8192], path[64], value[64];
	AUTO_BOOTH struct booth booth;
	struct visitor visitor;
	struct stat st;

	if (geteuid() != 0)
		NOT_TESTED("only root may look");
	with_me(&booth, "");
	booth_start(&booth, start_badly, &visitor);
	while (
	    !is_in_root(visitor.pid)) { /* the last but one of what it does */
		expect(!has_ended(visitor.pid));
		nanosleep(&nap, NULL);
	}
	look_at(visitor.pid, "status", status, sizeof status);
	expect(strstr(status, "SigBlk:\t0000000000000000\n") != NULL);
	expect(strstr(status, "SigCgt:\t0000000000000000\n") != NULL);
	/* What a terminal sends: 1, 2, 3, 20, 21, 22.  32 and 33 are libc's. */
	expect(strstr(status, "SigIgn:\t0000000000380007\n") != NULL ||
	       strstr(status, "SigIgn:\t0000000180380007\n") != NULL);
	expect(strstr(status, "Umask:\t0077\n") != NULL);
	expect(strstr(status, "Uid:\t0\t0\t0\t0\n") != NULL);
	expect(strstr(status, "Gid:\t0\t0\t0\t0\n") != NULL);
	expect(strstr(status, "Groups:\t \n") != NULL);
	snprintf(value, sizeof value, "NSsid:\t%d\n", (int)visitor.pid);
	expect(strstr(status, value) != NULL);
	snprintf(path, sizeof path, "/proc/%d/fd/200", (int)visitor.pid);
	expect_int(lstat(path, &st), -1);
	expect_int(shutdown(visitor.fd, SHUT_WR), 0);
	expect_int(visitor_end(&visitor), 0);
}

/* ---- asking ---- */

static struct account
me(void)
{
	struct account account = { .known = true, .uid = geteuid() };

	snprintf(account.name, sizeof account.name, "%s", booth_me());
	return account;
}

static struct answer
answered(const char *text)
{
	struct answer answer;

	answer_read(text, &answer);
	return answer;
}

TEST("asked through its socket it judges, and has told the log")
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	struct summary summary = { .enrolled = false };
	AUTO_BOOTH struct booth booth;
	const struct settings *settings = &booth.scratch.settings;
	struct account account;
	struct answer answer;
	bool enrolled = false;

	with_me(&booth, "");
	booth_open(&booth);
	account = me();
	expect_int(service_enrolled_verifier(settings, &account, &asker,
		       &enrolled, &why),
	    0);
	expect(enrolled);
	expect(!asker.logged);
	answer = answered(booth_code(0));
	expect_int(service_check_code_verifier(settings, &account, &answer,
		       &asker, &judgement, &why),
	    0);
	expect_int(judgement.verdict, VERDICT_ACCEPTED);
	expect_text(judgement.authenticator, "token");
	expect(asker.logged);
	expect_int(service_status_verifier(settings, &account, &asker, &summary,
		       &why),
	    0);
	expect(summary.enrolled);
	expect(!asker.logged);
	expect_text(summary.items[0].authenticator.name, "token");
}

TEST("a user whom nobody knows is nobody's to ask about: refused, not asked")
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	const struct account nobody = { .known = false };
	struct asker asker = { .logged = true };
	AUTO_BOOTH struct booth booth;
	struct answer answer = answered("123456");

	booth_new(&booth, "");
	expect_int(service_check_code_verifier(&booth.scratch.settings, &nobody,
		       &answer, &asker, &judgement, &why),
	    0);
	expect_int(judgement.verdict, VERDICT_NOT_ENROLLED);
}

TEST("an answer that could not be told is handed on as what it is")
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	AUTO_BOOTH struct booth booth;
	struct account account;
	struct answer answer = answered("123456");

	with_me(&booth, "");
	booth_open(&booth);
	expect_int(unlink(scratch_path(&booth.scratch, "store/marker")), 0);
	account = me();
	expect_int(service_check_code_verifier(&booth.scratch.settings,
		       &account, &answer, &asker, &judgement, &why),
	    ERR_UNTRUSTED);
	expect(asker.logged);
	expect(strstr(why.text, "its own line in the log") != NULL);
	expect_int(judgement.verdict, VERDICT_CANNOT_TELL);
}

TEST("where no verifier answers, the reason says what to switch on")
{
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	AUTO_BOOTH struct booth booth;
	struct account account;
	struct answer answer = answered("123456");

	with_me(&booth, "");
	account = me();
	expect_int(service_check_code_verifier(&booth.scratch.settings,
		       &account, &answer, &asker, &judgement, &why),
	    ERR_CALLER);
	expect(!asker.logged);
	expect(strstr(why.text, "sallyport-verifier.socket") != NULL);
	expect(strstr(why.text, "(No such file or directory)") != NULL);
	scratch_socket(&booth.scratch, "socket");
	expect_int(service_check_code_verifier(&booth.scratch.settings,
		       &account, &answer, &asker, &judgement, &why),
	    ERR_CALLER);
	expect(strstr(why.text, "(Connection refused)") != NULL);
}

/* ---- verifiers that are none ---- */

struct fraud {
	const char *path;
	const void *bytes; /* that it answers everybody with */
	size_t n;
	uid_t uid;
};

/* In a child: listens as whoever it is, and gives one answer. */
static int
defraud(const struct fraud *fraud, int ready)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, listener = socket(AF_UNIX, SOCK_STREAM, 0);
	char taken[4096];
	size_t n;

	strcpy(address.sun_path, fraud->path);
	if ((fraud->uid != geteuid() &&
		setresuid(fraud->uid, fraud->uid, fraud->uid) < 0) ||
	    bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(listener, 8) < 0 || write(ready, "!", 1) != 1)
		return 1;
	if ((fd = accept(listener, NULL, NULL)) < 0)
		return 1;
	(void)link_receive(fd, taken, sizeof taken, &n,
	    io_milliseconds() + 60 * 1000);
	(void)send(fd, fraud->bytes, fraud->n, MSG_NOSIGNAL);
	return 0;
}

/* What somebody makes of that answer. */
static int
ask_fraud(struct booth *booth, const void *bytes, size_t n, uid_t uid)
{
	struct fraud fraud = { booth->scratch.settings.verifier_socket, bytes,
		n, uid };
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	struct account account = me();
	struct answer answer = answered("123456");
	int ready[2], r;
	pid_t child;
	char byte;

	(void)unlink(fraud.path);
	expect_int(pipe2(ready, O_CLOEXEC), 0);
	fflush(NULL);
	if ((child = fork()) == 0)
		_exit(defraud(&fraud, ready[1]));
	close(ready[1]);
	expect_int(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	why.text[0] = '\0';
	r = service_check_code_verifier(&booth->scratch.settings, &account,
	    &answer, &asker, &judgement, &why);
	(void)kill(child, SIGKILL);
	expect_int(waitpid(child, NULL, 0), child);
	expect(r < 0 || verdict_accepts(judgement.verdict));
	expect(r == 0 || judgement.verdict == VERDICT_CANNOT_TELL);
	return r;
}

/* A frame behind its length. */
static size_t
message(const struct wire_reply *from, uint8_t *room)
{
	size_t n;

	expect_int(wire_format_reply(from, room + 4, &n), 0);
	memset(room, 0, 4);
	room[0] = (uint8_t)n;
	room[1] = (uint8_t)(n >> 8);
	return n + 4;
}

static const struct wire_reply acceptance = { .kind = WIRE_VERIFY,
	.judgement = { .verdict = VERDICT_ACCEPTED,
	    .authenticator = "phone" } };

TEST("only one whole answer to this question, and nothing behind it, counts")
{
	static uint8_t room[WIRE_MOST + 8];
	struct wire_reply other = { .kind = WIRE_ENROLLED, .enrolled = true };
	AUTO_BOOTH struct booth booth;
	uid_t uid = geteuid();
	size_t n = message(&acceptance, room);

	booth_new(&booth, "");
	expect_int(ask_fraud(&booth, room, n, uid), 0);
	for (size_t cut = 0; cut < n; cut++) {
		expect_int(ask_fraud(&booth, room, cut, uid), ERR_IO);
		expect(strstr(why.text, "hung up") != NULL);
	}
	expect_int(ask_fraud(&booth, room, n + 1, uid), ERR_INPUT);
	room[n - 5] ^= 0x80; /* a flag */
	expect_int(ask_fraud(&booth, room, n, uid), ERR_DAMAGED);
	expect_int(ask_fraud(&booth, "\377\377\377\377", 4, uid), ERR_INPUT);
	n = message(&other, room);
	expect_int(ask_fraud(&booth, room, n, uid), ERR_DAMAGED);
}

TEST("an answer of somebody who is neither root nor the store's owner is none")
{
	static uint8_t room[WIRE_MOST + 8];
	size_t n = message(&acceptance, room);
	AUTO_BOOTH struct booth booth;

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	booth_new(&booth, "");
	booth_let_in(&booth);
	expect_int(chmod(booth.scratch.dir, 0777), 0);
	expect_int(ask_fraud(&booth, room, n, 4242), ERR_UNTRUSTED);
	expect(strstr(why.text, "uid 4242 listens") != NULL);
	expect_int(chown(booth.scratch.settings.store_dir, 4242, 0), 0);
	expect_int(ask_fraud(&booth, room, n, 4242), 0);
	/* What every stranger looks like in another's user namespace. */
	expect_int(chown(booth.scratch.settings.store_dir, 65534, 0), 0);
	expect_int(ask_fraud(&booth, room, n, 65534), ERR_UNTRUSTED);
}

/* ---- who asks, and who answers himself ---- */

/* What an ordinary user's program asks about this user; the verifier's user
 * database is the real one. */
struct locker {
	struct booth *booth;
	const char *user, *answer;
	enum enrolment enrolment;
	/* Out: */
	enum passage passage;
	enum verdict verdict;
	struct summary summary;
};

enum { DAEMON_UID = 1, OTHER_UID = 4242 };

static int
ask_all(struct locker *locker)
{
	struct settings settings = locker->booth->scratch.settings;
	struct account account = { .known = true, .uid = DAEMON_UID };
	struct judgement judgement = { .verdict = VERDICT_CANNOT_TELL };
	struct asker asker = { .logged = false };
	struct answer answer = answered(locker->answer);
	int r;

	locker->passage = PASSAGE_ASK;
	snprintf(account.name, sizeof account.name, "%s", locker->user);
	settings.enrolment = locker->enrolment;
	if ((r = service_look(&settings, &account, &asker, &locker->passage,
		 &why)) < 0 ||
	    (r = service_status(&settings, &account, &asker, &locker->summary,
		 &why)) < 0)
		return r;
	r = service_check_code(&settings, &account, &answer, &asker, &judgement,
	    &why);
	locker->verdict = judgement.verdict;
	return r;
}

/* The same as daemon, who is nobody's owner here. */
static int
unlock(struct locker *locker)
{
	int r;

	expect_int(setresuid(DAEMON_UID, DAEMON_UID, 0), 0);
	r = ask_all(locker);
	expect_int(setresuid(0, 0, 0), 0);
	return r;
}

TEST("an ordinary user's program is served through the socket, as himself only")
{
	AUTO_BOOTH struct booth booth;
	struct locker locker = { .booth = &booth,
		.user = "daemon",
		.enrolment = ENROLMENT_OPTIONAL };

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	booth_new(&booth, "");
	booth_let_in(&booth);
	booth_open(&booth);
	locker.answer = "000000";
	expect_int(unlock(&locker), 0);
	expect_int(locker.passage, PASSAGE_UNENROLLED);
	expect_int(locker.verdict, VERDICT_NOT_ENROLLED);
	booth_enrol(&booth, "daemon", DAEMON_UID);
	locker.answer = booth_code(0);
	expect_int(unlock(&locker), 0);
	expect_int(locker.passage, PASSAGE_ASK);
	expect_int(locker.verdict, VERDICT_ACCEPTED);
	expect(locker.summary.enrolled);
	expect_int(unlock(&locker), 0);
	expect_int(locker.verdict, VERDICT_REPLAYED);
	locker.enrolment = ENROLMENT_REQUIRED;
	locker.user = "root";
	expect_int(unlock(&locker), ERR_CALLER);
}

TEST("who owns the store, and root, judge by themselves and log by themselves")
{
	AUTO_BOOTH struct booth booth;
	struct locker locker = { .booth = &booth,
		.user = "daemon",
		.enrolment = ENROLMENT_OPTIONAL,
		.answer = "000000" };

	booth_new(&booth, "");
	booth_enrol(&booth, "daemon", DAEMON_UID);
	expect_int(ask_all(&locker), 0);
	expect_int(locker.verdict, VERDICT_WRONG);
	expect(locker.summary.enrolled);
}

TEST(
    "a set-uid root program judges as root's alone, and is given back its uids")
{
	AUTO_BOOTH struct booth booth;
	struct locker locker = { .booth = &booth, .user = "daemon" };
	uid_t r, e, s;

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	booth_new(&booth, "");
	booth_enrol(&booth, "daemon", DAEMON_UID);
	locker.answer = booth_code(0);
	expect_int(setresuid(OTHER_UID, 0, 0), 0);
	expect_int(ask_all(&locker), 0);
	expect_int(getresuid(&r, &e, &s), 0);
	expect_int(setresuid(0, 0, 0), 0);
	expect_int(locker.verdict, VERDICT_ACCEPTED);
	expect_int(r, OTHER_UID);
	expect_int(e, 0);
	expect_int(s, 0);
}

TEST("a program that runs as somebody else for somebody asks nothing")
{
	AUTO_BOOTH struct booth booth;
	struct locker locker = { .booth = &booth,
		.user = "daemon",
		.answer = "000000" };

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	booth_new(&booth, "");
	booth_let_in(&booth);
	booth_open(&booth);
	expect_int(setresuid(OTHER_UID, DAEMON_UID, 0), 0);
	expect_int(ask_all(&locker), ERR_CALLER);
	expect_int(setresuid(0, 0, 0), 0);
	expect(strstr(why.text, "is not served") != NULL);
}

TEST("where a sandbox hides the store, or all of it, a verifier is asked")
{
	AUTO_BOOTH struct booth booth;
	struct locker locker = { .booth = &booth,
		.user = "daemon",
		.answer = "000000" };

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	booth_new(&booth, "");
	booth_let_in(&booth);
	expect_int(rename(scratch_path(&booth.scratch, "store"),
		       scratch_path(&booth.scratch, "away")),
	    0);
	expect_int(unlock(&locker), ERR_MISSING);
	expect(strstr(why.text, "sallyport setup") != NULL);
	booth_open(&booth);
	expect_int(unlock(&locker), ERR_MISSING);
	expect(strstr(why.text, "the verifier says") != NULL);
}
