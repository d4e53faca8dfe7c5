/* The module through real libpam: what is answered, who asks, which line. */
#include "host.h"
#include "service.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

static const char filler[] = "\b\n\r\177INCORRECT\b\n\r\177INCORRECT";

/* Six digits that are not alice's code within an hour of noon. */
static bool
is_alices(const char *text)
{
	for (int64_t t = NOON - 7200; t < NOON + 7200; t += 30)
		if (strcmp(text, host_code(1000, t)) == 0)
			return true;
	return false;
}

static const char *
wrong(void)
{
	static char text[TOTP_CODE_SIZE]; /* searched for once */

	for (unsigned n = 0; text[0] == '\0'; n++) {
		snprintf(text, sizeof text, "%06u", n);
		if (is_alices(text))
			text[0] = '\0';
	}
	return text;
}

/* The log holds exactly one event, of this name. */
static bool
logged_once(const char *event)
{
	char needle[64];
	const char *at;

	snprintf(needle, sizeof needle, "event=%s ", event);
	at = strstr(host_log, "event=");
	return at != NULL && strncmp(at, needle, strlen(needle)) == 0 &&
	       strstr(at + 1, "event=") == NULL;
}

static bool
said(const struct talk *talk, const char *words)
{
	return strstr(talk->said, words) != NULL;
}

/* ---- answers ---- */

TEST("a right code logs in, and leaves one event")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.asked, 1);
	expect_int(talk.told, 0);
	expect_int(talk.delay, 0);
	expect_int(talk.most_messages, 1);
	expect_int(talk.style, PAM_PROMPT_ECHO_OFF);
	expect_text(talk.said, "One-time code: \n");
	expect(logged_once("accepted"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_INFO);
	expect(strstr(host_log, "user=\"alice\"") != NULL);
	expect(strstr(host_log, "authenticator=\"phone\"") != NULL);
}

TEST("the same code does not log in a second time, on any line")
{
	AUTO_HOST struct host host;
	const char *code = host_code(1000, NOON);

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_try(&host, "alice", code), PAM_SUCCESS);
	host_log[0] = '\0';
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
	expect(logged_once("replayed"));
	host_stack(&host, "auth required %M echo prompt=Code?\n");
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
}

TEST("a replay in another spelling does not log in")
{
	AUTO_HOST struct host host;
	const char *code = host_code(1000, NOON);
	char spaced[32];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	snprintf(spaced, sizeof spaced, "%.2s %.2s-%s\r\n", code, code + 2,
	    code + 4);
	expect_int(host_try(&host, "alice", spaced), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
	expect_int(host_try(&host, "alice", spaced), PAM_AUTH_ERR);
}

TEST("a wrong code is refused, delayed, logged and counted")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_AUTH_ERR);
	expect(talk.delay >= 1000000);
	expect_int(talk.told_as, PAM_ERROR_MSG);
	expect(logged_once("wrong"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_NOTICE);
	expect_int(host_failures(&host, 1000), 1);
	expect(said(&talk, "12:00:00 UTC"));
}

TEST("a recovery code logs in once, whatever its spelling")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_recovery(1000, 4) } };
	char lower[RECOVERY_TEXT_SIZE];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect(said(&talk, "9 of 10 are left"));
	expect_int(talk.told_as, PAM_TEXT_INFO);
	expect(logged_once("accepted-recovery"));
	strcpy(lower, host_recovery(1000, 4));
	for (char *c = lower; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	expect_int(host_try(&host, "alice", lower), PAM_AUTH_ERR);
	expect_int(host_try(&host, "alice", host_recovery(1000, 5)),
	    PAM_SUCCESS);
}

TEST("malformed answers are refused without being counted")
{
	static const char *const texts[] = { "", " ", "12345", "1234567890",
		"+12345", "-12345", "0x12345", "1e5", "12345.0",
		"\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6",
		"\xff\xfe\x80", "\x1b[2J123456", "correct horse battery",
		"%s%n%x%d", "123456; reboot" };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		host_log[0] = '\0';
		expect_int(host_try(&host, "alice", texts[i]), PAM_AUTH_ERR);
		expect(logged_once("malformed"));
		expect(texts[i][0] == '\0' || texts[i][0] == ' ' ||
		       strstr(host_log, texts[i]) == NULL);
	}
	expect_int(host_failures(&host, 1000), 0);
}

TEST("answers of 511 bytes to 16 MiB are malformed, at once")
{
	static const size_t sizes[] = { 511, 512, 513, 4096, 65536,
		16 * 1024 * 1024 };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *text = malloc(sizes[i] + 1);

		memset(text, '1', sizes[i]);
		text[sizes[i]] = '\0';
		expect_int(host_try(&host, "alice", text), PAM_AUTH_ERR);
		free(text);
	}
	expect_int(host_failures(&host, 1000), 0);
}

TEST("a code with leading zeros is a code like others")
{
	AUTO_HOST struct host host;
	int64_t at = NOON;

	while (host_code(1000, at)[0] != '0')
		at += 30;
	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_clock = at;
	expect_int(host_try(&host, "alice", host_code(1000, at)), PAM_SUCCESS);
}

TEST("what sshd types for a login it will refuse is not counted")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_try(&host, "alice", filler), PAM_AUTH_ERR);
	expect(logged_once("caller-blocked"));
	expect_int(host_failures(&host, 1000), 0);
}

TEST("another user's code is refused")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	expect_int(host_try(&host, "alice", host_code(1001, NOON)),
	    PAM_AUTH_ERR);
	expect_int(host_try(&host, "bob", host_code(1001, NOON)), PAM_SUCCESS);
}

/* ---- the conversation ---- */

TEST("a program without a conversation function is refused")
{
	AUTO_HOST struct host host;
	struct talk talk = { .no_function = true };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_CONV_ERR);
	expect(logged_once("cannot-tell"));
}

TEST("a conversation that fails is refused, also with the right code beside")
{
	static const int results[] = { PAM_CONV_ERR, PAM_ABORT,
		PAM_SYSTEM_ERR };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
		struct talk talk = { .answers = { host_code(1000, NOON) },
			.result = results[i] };

		expect_int(host_login(&host, "alice", &talk), PAM_CONV_ERR);
		expect_int(talk.told, 0);
	}
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

TEST("a conversation out of memory is told apart")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" }, .result = PAM_BUF_ERR };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_BUF_ERR);
	expect_int(talk.told_as, PAM_ERROR_MSG);
}

TEST("success with no response array, and with no text in it, is refused")
{
	AUTO_HOST struct host host;
	struct talk nothing = { .no_array = true };
	struct talk no_text = { .answers = { NULL } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &nothing), PAM_CONV_ERR);
	expect_int(host_login(&host, "alice", &no_text), PAM_CONV_ERR);
	expect_int(host_failures(&host, 1000), 0);
}

TEST("a program that wants to be asked later is, and its guess counts once")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong(), host_code(1000, NOON) },
		.again = 2 };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_INCOMPLETE);
	expect_int(pam_authenticate(pamh, 0), PAM_INCOMPLETE);
	expect_text(host_log, "");
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(host_failures(&host, 1000), 1);
	pam_end(pamh, PAM_AUTH_ERR);
}

TEST("the code is shown while it is typed only where the line says echo")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M echo\n");
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.style, PAM_PROMPT_ECHO_ON);
}

TEST("the line may choose the prompt's words, and they are only words")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M [prompt=%s%n your code: ]\n");
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_text(talk.said, "%s%n your code: \n");
}

TEST("a program that wants silence is told nothing, but asked")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, PAM_SILENT), PAM_AUTH_ERR);
	expect_int(talk.asked, 1);
	expect_int(talk.told, 0);
	pam_end(pamh, PAM_AUTH_ERR);
}

static struct host *idle_host;

static void
bob_logs_in(void)
{
	struct host *host = idle_host;

	if (host == NULL)
		return;
	idle_host = NULL;
	expect_int(host_try(host, "bob", host_code(1001, NOON)), PAM_SUCCESS);
	expect_int(host_try(host, "alice", host_code(1000, NOON - 30)),
	    PAM_SUCCESS);
}

TEST("while one login idles at its prompt, others log in")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) },
		.during = bob_logs_in };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	idle_host = &host;
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
}

static void
a_step_passes(void)
{
	host_clock = NOON + 30;
}

TEST("an answer is judged by the time it is given, not by the prompt's")
{
	AUTO_HOST struct host host;
	struct talk early = { .answers = { host_code(1000, NOON + 60) },
		.during = a_step_passes };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &early), PAM_SUCCESS);
}

static void
killed(void)
{
	_exit(7);
}

TEST("a login killed at its prompt leaves nothing behind and counts nothing")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() }, .during = killed };
	uint64_t before;
	int status = 0;
	pid_t child;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	before = host_sequence(&host, 1000);
	if ((child = fork()) == 0)
		_exit(host_login(&host, "alice", &talk));
	expect_int(waitpid(child, &status, 0), child);
	expect_int(WEXITSTATUS(status), 7);
	expect_int(host_sequence(&host, 1000), before);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

/* ---- refusals look alike ---- */

TEST("without explain all refusals say the same, code and delay alike")
{
	AUTO_HOST struct host host;
	const char *answers[] = { wrong(), host_code(1000, NOON), "hello",
		host_code(1000, NOON + 6000), "" };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M\n");
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	for (int who = 0; who < 3; who++)
		for (size_t i = 0; i < 5; i++) {
			static const char *const users[] = { "alice", "carol",
				"nobody-here" };
			struct talk talk = { .answers = { answers[i] } };

			expect_int(host_login(&host, users[who], &talk),
			    PAM_AUTH_ERR);
			expect_text(talk.said, "One-time code: \n");
			expect(talk.delay >= 1000000);
		}
}

TEST("with explain the reason is told, and never by how much a clock is off")
{
	AUTO_HOST struct host host;
	struct talk drifted = { .answers = { host_code(1000, NOON + 600) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(host_login(&host, "alice", &drifted), PAM_AUTH_ERR);
	expect(said(&drifted, "12:00:00 UTC"));
	expect(!said(&drifted, "600"));
	expect(!said(&drifted, "10 min"));
	expect(strstr(host_log, "drift=+600s") != NULL);
}

TEST("with explain a wait says how long, also to a right code")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int i = 0; i < 5; i++)
		host_try(&host, "alice", wrong());
	expect_int(host_login(&host, "alice", &talk), PAM_AUTH_ERR);
	expect(said(&talk, "30 seconds"));
	expect(said(&talk, "recovery code"));
}

TEST("forty wrong codes beyond the budget are all counted, a right one waits")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int i = 0; i < 40; i++)
		expect_int(host_try(&host, "alice", wrong()), PAM_AUTH_ERR);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTH_ERR);
	expect_int(host_failures(&host, 1000), 40);
	host_clock = NOON + 3600;
	expect_int(host_try(&host, "alice", host_code(1000, host_clock)),
	    PAM_SUCCESS);
	expect(strstr(host_log,
		   "event=accepted user=\"alice\" rhost=\"\" "
		   "tty=\"\" authenticator=\"phone\" failures=40") != NULL);
}

TEST("wrong codes on two lines are one count, and the wait binds on both")
{
	static const char *const stacks[] = { "auth required %M\n",
		"auth requisite %M explain echo\n" };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (int i = 0; i < 5; i++) {
		host_stack(&host, stacks[i % 2]);
		expect_int(host_try(&host, "alice", wrong()), PAM_AUTH_ERR);
		expect_int(host_failures(&host, 1000), i + 1);
	}
	for (int i = 0; i < 2; i++) {
		host_stack(&host, stacks[i]);
		expect_int(host_try(&host, "alice", host_code(1000, NOON)),
		    PAM_AUTH_ERR);
		expect(strstr(host_log, "event=waiting") != NULL);
		host_log[0] = '\0';
	}
}

TEST("who fails at the password before us is not asked, and not counted")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth requisite pam_deny.so\nauth requisite %M\n");
	expect_int(host_login(&host, "alice", &talk), PAM_AUTH_ERR);
	expect_int(talk.asked, 0);
	expect_int(host_failures(&host, 1000), 0);
	expect_text(host_log, "");
}

/* ---- what changed ---- */

TEST("what changed is told at the next login, once, in one message")
{
	const uint32_t all =
	    NOTICE_ADDED | NOTICE_RENAMED | NOTICE_REMOVED | NOTICE_RECOVERY;
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };
	struct talk next = { .answers = { host_code(1000, NOON + 30) } };
	uint64_t before;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_note(&host, "alice", 1000, all);
	before = host_sequence(&host, 1000);
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.told, 1);
	expect(said(&talk,
	    "Since your last login an authenticator was added, an "
	    "authenticator was renamed, an authenticator was removed, the "
	    "recovery codes were replaced. If you did not expect that, tell "
	    "your administrator."));
	expect(host_sequence(&host, 1000) == before + 1);
	expect_int(host_notices(&host, 1000), 0);
	host_clock += 30;
	expect_int(host_login(&host, "alice", &next), PAM_SUCCESS);
	expect_int(next.told, 0);
}

TEST("what an administrator changed is told as that")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_recovery(1000, 0) } };
	struct talk next = { .answers = { host_code(1000, NOON + 90) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_note(&host, "alice", 1000,
	    NOTICE_RENAMED | NOTICE_RECOVERY << NOTICE_BY_ADMINISTRATOR);
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect(said(&talk,
	    "login an authenticator was renamed; by an administrator the "
	    "recovery codes were replaced. If"));
	expect_int(talk.told, 2); /* and how many codes are left */
	host_note(&host, "alice", 1000,
	    (NOTICE_REMOVED | NOTICE_BYPASS) << NOTICE_BY_ADMINISTRATOR);
	host_clock += 90;
	expect_int(host_login(&host, "alice", &next), PAM_SUCCESS);
	expect(said(&next,
	    "login by an administrator an authenticator was removed, a code "
	    "for one login was given out. If"));
}

TEST("who cannot be told, or is refused, is told the next time")
{
	AUTO_HOST struct host host;
	struct talk silent = { .answers = { host_code(1000, NOON) } };
	struct talk refused = { .answers = { wrong() } };
	struct talk talk = { .answers = { host_code(1000, NOON + 30) } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_note(&host, "alice", 1000, NOTICE_ADDED);
	pamh = host_start(&host, "alice", &silent);
	expect_int(pam_authenticate(pamh, PAM_SILENT), PAM_SUCCESS);
	pam_end(pamh, PAM_SUCCESS);
	expect_int(silent.told, 0);
	expect_int(host_login(&host, "alice", &refused), PAM_AUTH_ERR);
	expect(!said(&refused, "Since your last login"));
	expect_int(host_notices(&host, 1000), NOTICE_ADDED);
	host_clock += 30;
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect(said(&talk, "Since your last login an authenticator was added"));
}

TEST("notices that this release does not know are passed over")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_note(&host, "alice", 1000, 0x80008000);
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.told, 0);
}

/* ---- users ---- */

TEST("a user who is not enrolled is asked and refused where codes are required")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" } };

	host_new(&host, "");
	expect_int(host_login(&host, "carol", &talk), PAM_AUTH_ERR);
	expect_int(talk.asked, 1);
	expect(logged_once("not-enrolled"));
}

TEST("a user who provably is not enrolled passes unasked where it is optional")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" } };

	host_new(&host, "enrolment = optional\n");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	expect_int(host_login(&host, "carol", &talk), PAM_SUCCESS);
	expect_int(talk.asked, 0);
	expect(logged_once("unenrolled"));
	expect_int(host_try(&host, "alice", wrong()), PAM_AUTH_ERR);
}

TEST("not being enrolled alone is no success: the stack needs another")
{
	AUTO_HOST struct host host;

	host_new(&host, "enrolment = optional\n");
	expect_int(host_try(&host, "carol", "123456"), PAM_PERM_DENIED);
}

TEST("where it is optional, an unknown user is asked and refused")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" } };

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	expect_int(host_login(&host, "mallory", &talk), PAM_AUTH_ERR);
	expect_int(talk.asked, 1);
}

TEST("where it is optional, a store that cannot tell still refuses")
{
	AUTO_HOST struct host host;
	char marker[SCRATCH_PATH_SIZE];

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	snprintf(marker, sizeof marker, "%s",
	    scratch_path(&host.scratch, "store/marker"));
	expect_int(unlink(marker), 0);
	expect_int(host_try(&host, "carol", "123456"), PAM_AUTHINFO_UNAVAIL);
	expect(logged_once("cannot-tell"));
}

TEST("exempt users pass unasked, and nobody else does")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" } };

	host_new(&host, "exempt_users = backup, carol\n");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	expect_int(host_login(&host, "carol", &talk), PAM_SUCCESS);
	expect_int(talk.asked, 0);
	expect(logged_once("exempt"));
	expect_int(host_try(&host, "alice", wrong()), PAM_AUTH_ERR);
	expect_int(host_try(&host, "backup", "123456"), PAM_AUTH_ERR);
}

TEST("odd user names are unknown, and are not printed")
{
	static const char *const names[] = { "../../etc/passwd", "/abs", "a/b",
		".", "..", "-rf", "a\nb", "tab\there", "a b", "%n%s", "x:y",
		"$(reboot)", "\xcc\x81x", "\xff", "0", "1000",
		"hunter2-typed-too-early" };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		host_log[0] = '\0';
		expect_int(host_try(&host, names[i], host_code(1000, NOON)),
		    PAM_AUTH_ERR);
		expect(logged_once("not-enrolled"));
		expect(strstr(host_log, "user=\"(unknown)\"") != NULL);
		expect(
		    strlen(names[i]) < 4 || strstr(host_log, names[i]) == NULL);
	}
}

TEST("user names of 256 bytes to 1 MiB are unknown")
{
	static const size_t sizes[] = { 256, 257, 4096, 1024 * 1024 };
	AUTO_HOST struct host host;

	host_new(&host, "");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char *name = malloc(sizes[i] + 1);

		memset(name, 'a', sizes[i]);
		name[sizes[i]] = '\0';
		expect_int(host_try(&host, name, "123456"), PAM_AUTH_ERR);
		free(name);
	}
}

TEST("an empty user name is unknown, and none at all is refused")
{
	AUTO_HOST struct host host;
	struct talk talk = { .no_array = true };

	host_new(&host, "");
	expect_int(host_try(&host, "", "123456"), PAM_AUTH_ERR);
	expect_int(host_login(&host, NULL, &talk), PAM_CONV_ERR);
}

TEST("a name in another case is the same user with the same record")
{
	AUTO_HOST struct host host;
	const char *code = host_code(1000, NOON);

	host_new(&host, "");
	host_add_user("ALICE", "alice", 1000);
	host_add_user("DOM\\alice", "alice", 1000);
	host_enrol(&host, "alice", 1000);
	expect_int(host_try(&host, "ALICE", code), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
	expect_int(host_try(&host, "DOM\\alice", code), PAM_AUTH_ERR);
}

TEST("a second name of the same uid, a renamed and a recycled uid are refused")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_add_user("alias", "alias", 1000);
	host_enrol(&host, "alice", 1000);
	expect_int(host_try(&host, "alias", host_code(1000, NOON)),
	    PAM_AUTHINFO_UNAVAIL);
	expect(
	    strstr(host_log, "was enrolled as alice and is now alias") != NULL);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

TEST("a user made anew with another uid is not enrolled")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_add_user("dave", "dave", 1500);
	host_enrol(&host, "dave", 1400);
	expect_int(host_try(&host, "dave", host_code(1400, NOON)),
	    PAM_AUTH_ERR);
}

TEST("a uid above 2^31 is a uid, and the highest is nobody")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_add_user("high", "high", 2147483648u);
	host_add_user("minus", "minus", (uid_t)-1);
	host_enrol(&host, "high", 2147483648u);
	expect_int(host_try(&host, "high", host_code(2147483648u, NOON)),
	    PAM_SUCCESS);
	expect_int(host_try(&host, "minus", "123456"), PAM_AUTH_ERR);
}

TEST("a user database that fails is not one that knows no such user")
{
	static const int errors[] = { EIO, EMFILE, ENFILE, ENOENT, ESRCH,
		ECONNREFUSED, ERANGE, EPERM };
	AUTO_HOST struct host host;

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "auth required %M\nauth required pam_permit.so\n");
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		host_directory_error = errors[i];
		expect_int(host_try(&host, "carol", "123456"),
		    PAM_AUTHINFO_UNAVAIL);
	}
	host_directory_error = 0;
	expect_int(host_try(&host, "carol", "123456"), PAM_SUCCESS);
}

TEST("the user whom the program names last is the one who is judged")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1001, NOON) } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	pamh = host_start(&host, "alice", &talk);
	pam_set_item(pamh, PAM_USER, "bob");
	pam_set_item(pamh, PAM_RUSER, "alice");
	setenv("LOGNAME", "alice", 1);
	setenv("USER", "alice", 1);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect(strstr(host_log, "user=\"bob\"") != NULL);
	pam_end(pamh, PAM_SUCCESS);
}

/* ---- time ---- */

TEST("a clock before the release refuses, and says so in the log")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_clock = 86400;
	expect_int(host_try(&host, "alice", host_code(1000, 86400)),
	    PAM_AUTH_ERR);
	expect(logged_once("clock-behind"));
	expect_int(host_failures(&host, 1000), 0);
	expect_int(host_try(&host, "alice", host_recovery(1000, 0)),
	    PAM_SUCCESS);
}

TEST("a recovery code opens once also where the clock stands before 1970")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_clock = -86400;
	expect_int(host_try(&host, "alice", host_recovery(1000, 0)),
	    PAM_SUCCESS);
	expect_int(host_try(&host, "alice", host_recovery(1000, 0)),
	    PAM_AUTH_ERR);
}

TEST("a clock that cannot be read refuses, also a recovery code")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_clock_fails = true;
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_AUTHINFO_UNAVAIL);
	expect_int(host_try(&host, "alice", host_recovery(1000, 0)),
	    PAM_AUTHINFO_UNAVAIL);
	expect(strstr(host_log, "cannot read the clock") != NULL);
}

TEST("a zone in the program's environment changes nothing")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	setenv("TZ", "Pacific/Kiritimati", 1);
	expect_int(host_login(&host, "alice", &talk), PAM_AUTH_ERR);
	expect(said(&talk, "12:00:00 UTC"));
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
	unsetenv("TZ");
}

/* ---- passwords of modules before, and one prompt for both ---- */

static int
login_with_token(struct host *host, const char *token, struct talk *talk)
{
	pam_handle_t *pamh = host_start(host, "alice", talk);
	int r;

	if (token != NULL)
		pam_set_item(pamh, PAM_AUTHTOK, token);
	r = pam_authenticate(pamh, 0);
	pam_end(pamh, r);
	return r;
}

/*
 * pam_set_item refuses PAM_AUTHTOK to programs; so a line of ours with split
 * provides it, as in the stack of one prompt.
 */
static const char one_prompt[] = "auth requisite %M split\n"
				 "auth requisite %M use_split explain\n";

TEST("use_first_pass and try_first_pass without a password before")
{
	AUTO_HOST struct host host;
	struct talk never = { .answers = { host_code(1000, NOON) } };
	struct talk asked = { .answers = { host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth required %M use_first_pass\n");
	expect_int(login_with_token(&host, NULL, &never), PAM_AUTH_ERR);
	expect_int(never.asked, 0);
	host_stack(&host, "auth required %M try_first_pass\n");
	expect_int(login_with_token(&host, NULL, &asked), PAM_SUCCESS);
	expect_int(asked.asked, 1);
}

TEST("a code handed on by a module before is taken, and not asked for again")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { NULL } };
	char both[64];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	snprintf(both, sizeof both, "%s000000", host_code(1000, NOON));
	talk.answers[0] = both;
	host_stack(&host, "auth requisite %M split\n"
			  "auth required %M use_first_pass\n");
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.asked, 1);
	host_clock = NOON + 30;
	snprintf(both, sizeof both, "%s000000", host_code(1000, NOON + 30));
	host_stack(&host, "auth requisite %M split\n"
			  "auth required %M try_first_pass\n");
	expect_int(host_login(&host, "alice", &talk), PAM_CONV_ERR);
	talk.asked = 0;
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
}

TEST("a password before that has no code's form is passed over and we ask")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "hunter2x123456",
				 host_code(1000, NOON) } };

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, "auth requisite %M split\n"
			  "auth required %M try_first_pass\n");
	expect_int(host_login(&host, "alice", &talk), PAM_SUCCESS);
	expect_int(talk.asked, 2);
}

TEST("password and code in one answer: the code is judged once")
{
	AUTO_HOST struct host host;
	char both[64];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, one_prompt);
	snprintf(both, sizeof both, "hunter2%s", host_code(1000, NOON));
	expect_int(host_try(&host, "alice", both), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", both), PAM_AUTH_ERR);
	snprintf(both, sizeof both, "hunter2%s", wrong());
	expect_int(host_try(&host, "alice", both), PAM_AUTH_ERR);
	expect_int(host_failures(&host, 1000), 1);
	expect_int(host_try(&host, "alice", "hunter2"), PAM_AUTH_ERR);
	expect_int(host_failures(&host, 1000), 1);
}

TEST("a recovery code behind the password opens, as it is printed")
{
	AUTO_HOST struct host host;
	char both[128];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, one_prompt);
	snprintf(both, sizeof both, "hunter2%s", host_recovery(1000, 3));
	expect_int(host_try(&host, "alice", both), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", both), PAM_AUTH_ERR);
}

TEST("one prompt passes sshd's filler on as what it is")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, one_prompt);
	expect_int(host_try(&host, "alice", filler), PAM_AUTH_ERR);
	expect(logged_once("caller-blocked"));
}

TEST("one prompt is the same for who needs no code and gives none")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "hunter2" } };

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M use_split\n"
			  "auth required pam_permit.so\n");
	expect_int(host_login(&host, "carol", &talk), PAM_SUCCESS);
	expect_text(talk.said, "Password and one-time code: \n");
}

TEST("one prompt refuses where the store cannot tell who needs no code")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "hunter2" } };

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M use_split\n"
			  "auth required pam_permit.so\n");
	expect_int(unlink(scratch_path(&host.scratch, "store/marker")), 0);
	expect_int(host_login(&host, "carol", &talk), PAM_AUTHINFO_UNAVAIL);
	expect_int(talk.asked, 0);
	expect(logged_once("cannot-tell"));
}

TEST("a split line alone opens nothing, and use_split needs it")
{
	AUTO_HOST struct host host;
	char both[64];

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	snprintf(both, sizeof both, "x%s", host_code(1000, NOON));
	host_stack(&host, "auth requisite %M split\n");
	expect(host_try(&host, "alice", both) != PAM_SUCCESS);
	host_stack(&host, "auth requisite %M use_split\n");
	expect_int(host_try(&host, "alice", both), PAM_SERVICE_ERR);
}

/* ---- guard, and the types that are not ours ---- */

static int
account_after(struct host *host, const char *user, const char *answer)
{
	struct talk talk = { .answers = { answer } };
	pam_handle_t *pamh = host_start(host, user, &talk);
	int r;

	if (answer != NULL)
		(void)pam_authenticate(pamh, 0);
	r = pam_acct_mgmt(pamh, 0);
	pam_end(pamh, r);
	return r;
}

static const char guarded[] = "auth required %M\n"
			      "account required %M guard\n"
			      "account required pam_permit.so\n";

TEST("guard lets in who gave a right code, and no one else")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, guarded);
	expect_int(account_after(&host, "alice", NULL), PAM_PERM_DENIED);
	expect(logged_once("guard-refused"));
	expect_int(account_after(&host, "alice", wrong()), PAM_PERM_DENIED);
	expect_int(account_after(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

TEST("guard forgets a verified code when the next attempt begins")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON), wrong() } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, guarded);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	pam_end(pamh, PAM_PERM_DENIED);
}

TEST("guard notices a user who was changed after the code")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	host_stack(&host, guarded);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	pam_set_item(pamh, PAM_USER, "bob");
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	pam_end(pamh, PAM_PERM_DENIED);
}

TEST("guard lets in who is exempt, or not enrolled where that is optional")
{
	AUTO_HOST struct host host;

	host_new(&host, "enrolment = optional\nexempt_users = bob\n");
	host_enrol(&host, "alice", 1000);
	host_enrol(&host, "bob", 1001);
	host_stack(&host, guarded);
	expect_int(account_after(&host, "bob", NULL), PAM_SUCCESS);
	expect_int(account_after(&host, "carol", NULL), PAM_SUCCESS);
	expect_int(account_after(&host, "alice", NULL), PAM_PERM_DENIED);
}

TEST("guard refuses where its line or the store cannot tell")
{
	AUTO_HOST struct host host;

	host_new(&host, "enrolment = optional\n");
	host_stack(&host, "account required %M gaurd\n"
			  "account required pam_permit.so\n");
	expect_int(account_after(&host, "carol", NULL), PAM_SERVICE_ERR);
	expect(logged_once("cannot-tell"));
	host_log[0] = '\0';
	host_stack(&host, guarded);
	expect_int(unlink(scratch_path(&host.scratch, "store/marker")), 0);
	expect_int(account_after(&host, "carol", NULL), PAM_AUTHINFO_UNAVAIL);
	expect(logged_once("cannot-tell"));
}

TEST("an account line without guard has no opinion")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_stack(&host, "account required %M\n"
			  "account required pam_permit.so\n");
	expect_int(account_after(&host, "alice", NULL), PAM_SUCCESS);
	host_stack(&host, "account required %M\n");
	expect(account_after(&host, "alice", NULL) != PAM_SUCCESS);
}

TEST("setcred succeeds, and a session line is refused")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { NULL } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_stack(&host, "auth required %M\n"
			  "session required %M\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
	expect_int(pam_open_session(pamh, 0), PAM_SERVICE_ERR);
	expect(strstr(host_log, "session line") != NULL);
	expect_int(pam_close_session(pamh, 0), PAM_SERVICE_ERR);
	pam_end(pamh, PAM_SUCCESS);
}

/* ---- settings and callers ---- */

TEST("a misspelt word, a word of another type or in a file: refused, told")
{
	static const char *const stacks[] = { "auth required %M explian\n",
		"auth required %M guard\n", "auth required %M window=1\n",
		"auth required %M explain=yes\n", "auth required %M prompt\n",
		"auth required %M enrolment=maybe\n",
		"auth required %M split use_split\n",
		"auth required %M split echo\n",
		"auth required %M config=x\n" };
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0] - 1; i++) {
		host_stack(&host, stacks[i]);
		host_log[0] = '\0';
		expect_int(host_try(&host, "alice", host_code(1000, NOON)),
		    PAM_SERVICE_ERR);
		expect(logged_once("cannot-tell"));
	}
}

TEST("a settings file that is wrong refuses, and the log names file and line")
{
	AUTO_HOST struct host host;

	host_new(&host, "window = 1\nwindwo = 2\n");
	host_enrol(&host, "alice", 1000);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SERVICE_ERR);
	expect(strstr(host_log, "sallyport.conf:5: ") != NULL);
	expect(strstr(host_log, "windwo") != NULL);
}

TEST("a settings file named on the line that is not there refuses")
{
	AUTO_HOST struct host host;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(unlink(host.config), 0);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SERVICE_ERR);
}

/* What a child that runs under these uids gets for alice's code; as at a
 * set-uid program that a user started. */
static int
login_as(struct host *host, uid_t real, uid_t effective, uid_t saved)
{
	uid_t r = 0, e = 0, s = 0;
	int code, status = 0;
	pid_t child;

	if ((child = fork()) == 0) {
		if (setresuid(real, effective, saved) < 0)
			_exit(100);
		code = host_try(host, "alice", host_code(1000, NOON));
		getresuid(&r, &e, &s);
		if (r != real || e != effective || s != saved)
			_exit(101);
		_exit(code);
	}
	expect_int(waitpid(child, &status, 0), child);
	expect(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST("a set-uid root program is served, and has its uids back afterwards")
{
	AUTO_HOST struct host host;

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	expect_int(login_as(&host, 4242, 0, 0), PAM_SUCCESS);
	expect_int(login_as(&host, 4242, 0, 0), PAM_AUTH_ERR);
}

/* The same for who has to be asked, which needs the store where that is not
 * required of all; as an error's positive. */
static int
look_as(struct host *host, enum enrolment enrolment, uid_t real,
    uid_t effective, uid_t saved)
{
	struct settings settings = host->scratch.settings;
	struct account carol = { .known = true, .uid = 1002, .name = "carol" };
	enum passage passage = PASSAGE_ASK;
	struct asker asker = { .logged = false };
	struct trouble why;
	int status = 0;
	pid_t child;

	settings.enrolment = enrolment;
	if ((child = fork()) == 0) {
		if (setresuid(real, effective, saved) < 0)
			_exit(100);
		_exit(-service_look(&settings, &carol, &asker, &passage, &why));
	}
	expect_int(waitpid(child, &status, 0), child);
	expect(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST("a program that runs as somebody else for somebody is not served")
{
	AUTO_HOST struct host host;

	if (geteuid() != 0)
		NOT_TESTED("only root can play a set-uid program");
	host_new(&host, "");
	expect_int(look_as(&host, ENROLMENT_REQUIRED, 4242, 4343, 0),
	    -ERR_CALLER);
	expect_int(look_as(&host, ENROLMENT_OPTIONAL, 4242, 4343, 0),
	    -ERR_CALLER);
	expect_int(look_as(&host, ENROLMENT_OPTIONAL, 4242, 4242, 4242),
	    -ERR_CALLER);
}

TEST("hostile names of hosts and terminals stay inside their quotes")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { wrong() } };
	pam_handle_t *pamh;

	host_new(&host, "");
	host_enrol(&host, "alice", 1000);
	pamh = host_start(&host, "alice", &talk);
	pam_set_item(pamh, PAM_RHOST,
	    "evil\" event=accepted user=\"root\nnew line \x1b[1m");
	pam_set_item(pamh, PAM_TTY, "tty\\\"%n");
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect(strstr(host_log, "rhost=\"evil\\x22 event=accepted") != NULL);
	expect(strstr(host_log, "tty=\"tty\\x5c\\x22%n\"") != NULL);
	expect_int(strchr(host_log, '\n') - host_log, strlen(host_log) - 1);
	pam_end(pamh, PAM_AUTH_ERR);
}
