/* Enrolment in the login itself, through real libpam; the picture is drawn by
 * the real verifier. */
#include "booth.h"
#include "host.h"
#include "service_enrol.h"
#include "state.h"
#include "test.h"
#include "totp.h"

#include <security/pam_modules.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OFFERED	    "enrolment = offered\n"
#define FOR_A_WHILE OFFERED "enrol_by = 2027-01-20\n" /* from NOON: 5 days */

static const char stack[] = "auth required %M\n"
			    "auth required pam_permit.so\n"
			    "account required %M\n"
			    "account required pam_permit.so\n";
static const char guarded[] = "auth required %M\n"
			      "auth required pam_permit.so\n"
			      "account required %M guard\n"
			      "account required pam_permit.so\n";

/* ---- a user with a phone ---- */

/* What he does at each prompt: a text, or CODE, or WRONG. */
static const char code_now[] = "CODE", wrong_code[] = "WRONG";
static struct talk talk;
static const char *plan[TALK_ANSWERS];

/* What the phone shows, once the key that was last said is typed in. */
static const char *
phone_code(int64_t time)
{
	static char code[TOTP_CODE_SIZE];
	uint8_t key[TOTP_KEY_MOST];
	struct totp totp = { .key = key,
		.key_len = sizeof key,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6 };
	const char *at = talk.said, *found;
	char text[128];

	for (found = NULL; (at = strstr(at, "key: ")) != NULL;)
		found = at += strlen("key: ");
	expect(found != NULL);
	snprintf(text, sizeof text, "%.*s", (int)strcspn(found, "\n"), found);
	expect_int(base32_decode(text, key, &totp.key_len), 0);
	expect_int(totp.key_len, 20);
	expect_int(totp_code(&totp, (uint64_t)time / 30, code), 0);
	return code;
}

static void
answer_as_planned(void)
{
	const char *next = plan[talk.asked - 1];
	char *code;

	talk.answers[talk.asked - 1] = next;
	if (next != code_now && next != wrong_code)
		return;
	code = (char *)(uintptr_t)phone_code(host_clock);
	if (next == wrong_code)
		code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
	talk.answers[talk.asked - 1] = code;
}

static void
planned(const char *first, const char *second, const char *third)
{
	talk = (struct talk){ .during = answer_as_planned };
	memset(plan, 0, sizeof plan);
	plan[0] = first;
	plan[1] = second;
	plan[2] = third;
	host_log[0] = '\0';
}

/* ---- logins ---- */

/* What account comes to behind an auth that let on. */
static int
log_in_as(struct host *host, const char *user, int flags)
{
	pam_handle_t *pamh = host_start(host, user, &talk);
	int r;

	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(talk.asked, 0);
	r = pam_acct_mgmt(pamh, flags);
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

static void
site(struct host *host, const char *settings)
{
	host_new(host, settings);
	host_stack(host, stack);
}

static bool
is_enrolled(struct host *host, uid_t uid)
{
	char name[64];

	snprintf(name, sizeof name, "store/%lu.enrolment", (unsigned long)uid);
	return scratch_has(&host->scratch, name);
}

static bool
said(const char *words)
{
	return strstr(talk.said, words) != NULL;
}

static bool
logged(const char *words)
{
	return strstr(host_log, words) != NULL;
}

/* ---- enrolling ---- */

TEST(
    "who is not enrolled is given a key in the login, and a code of it lets in")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect_int(talk.asked, 2);
	expect_int(talk.told, 0);
	expect_int(talk.most_messages, 1);
	expect(is_enrolled(&host, 1000));
	expect(logged("event=enrolment-offered user=\"alice\""));
	expect(logged("event=enrolled user=\"alice\""));
	expect(logged("authenticator=\"phone\" by=login"));
	expect_int(host_notices(&host, 1000), NOTICE_ADDED);
}

TEST("the next login asks for a code, and that of the enrolment is spent")
{
	AUTO_HOST struct host host;
	char code[TOTP_CODE_SIZE];

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	strcpy(code, phone_code(NOON));
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
	expect(logged("event=replayed"));
	host_clock = NOON + 30;
	expect_int(host_try(&host, "alice", phone_code(NOON + 30)),
	    PAM_SUCCESS);
}

TEST("ten recovery codes stand in the last prompt, and each opens once")
{
	AUTO_HOST struct host host;
	const char *at;
	unsigned count = 0;
	char code[64];

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	for (at = talk.said; (at = strstr(at, "\n  ")) != NULL; at++) {
		snprintf(code, sizeof code, "%.29s", at + 3);
		count++;
	}
	expect_int(count, 10);
	expect_int(host_try(&host, "alice", code), PAM_SUCCESS);
	expect_int(host_try(&host, "alice", code), PAM_AUTH_ERR);
}

TEST("a wrong code is told with the host's time, and the right one still taken")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(wrong_code, "no code", code_now);
	plan[3] = "";
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect_int(talk.asked, 4);
	expect(said("not its code of 6 digits"));
	expect(said("12:00:00 UTC"));
	expect(is_enrolled(&host, 1000));
	expect_int(host_failures(&host, 1000), 0);
}

TEST("after five wrong codes the login is refused, and nothing stored")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(wrong_code, wrong_code, wrong_code);
	plan[3] = plan[4] = wrong_code;
	plan[5] = code_now;
	expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
	expect_int(talk.asked, 5);
	expect_int(talk.told_as, PAM_ERROR_MSG);
	expect(!is_enrolled(&host, 1000));
	expect(logged("event=enrolment-refused user=\"alice\""));
	expect(logged("why=\"no right code came\""));
}

/* What was begun in a login is confirmed at a later time than it was begun. */
static void
wait_long(void)
{
	answer_as_planned();
	host_clock += 15 * 60;
}

TEST("who takes longer than a quarter of an hour begins anew")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(code_now, code_now, NULL);
	talk.during = wait_long;
	expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
	expect_int(talk.asked, 1);
	expect(said("longer than 15 minutes"));
	expect(!is_enrolled(&host, 1000));
}

/* Another login of hers, while this one waits for a code. */
static struct host *shared;

static void
enrol_elsewhere(void)
{
	answer_as_planned();
	host_enrol(shared, "alice", 1000);
}

static void
lose_store(void)
{
	expect_int(unlink(scratch_path(&shared->scratch, "store/marker")), 0);
}

static void
answer_and_lose_store(void)
{
	answer_as_planned();
	lose_store();
}

TEST("a store that is lost meanwhile refuses, and the log says at what")
{
	static const struct {
		void (*during)(void); /* NULL: before anything is asked */
		const char *answer, *doing;
	} rows[] = {
		{ NULL, NULL, "beginning an enrolment" },
		{ answer_and_lose_store, code_now, "storing the enrolment" },
		{ answer_and_lose_store, "", "putting an enrolment off" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO_HOST struct host host;
		pam_handle_t *pamh;

		site(&host, FOR_A_WHILE);
		shared = &host;
		planned(rows[i].answer, "", NULL);
		pamh = host_start(&host, "alice", &talk);
		expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
		if (rows[i].during == NULL)
			lose_store();
		else
			talk.during = rows[i].during;
		expect_int(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
		expect_int(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
		expect_int(talk.asked, rows[i].during == NULL ? 0 : 1);
		expect(logged(rows[i].doing) && logged("has no marker"));
		expect_int(talk.told, 1);
		expect(said("because of a fault on this machine"));
		expect(!is_enrolled(&host, 1000));
	}
}

TEST("of two logins that enrol at once, the slower one is refused")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	shared = &host;
	planned(code_now, code_now, NULL);
	talk.during = enrol_elsewhere;
	expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
	expect(said("you have enrolled elsewhere meanwhile"));
	expect(logged("why=\"over\""));
	planned(NULL, NULL, NULL);
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SUCCESS);
}

/* ---- the picture ---- */

/* A host whose verifier draws.  It has this machine's user database. */
static void
site_with_verifier(struct host *host, struct booth *booth, const char *words)
{
	struct settings *settings = &host->scratch.settings;
	char lines[SCRATCH_PATH_SIZE + 256];

	site(host, "");
	host_add_user(booth_me(), booth_me(), geteuid());
	expect(
	    snprintf(settings->verifier_socket, SETTINGS_SOCKET_SIZE, "%s",
		scratch_path(&host->scratch, "socket")) < SETTINGS_SOCKET_SIZE);
	snprintf(lines, sizeof lines, "%sverifier_socket = %s\n", words,
	    settings->verifier_socket);
	(void)scratch_config(&host->scratch, lines);
	*booth = (struct booth){ .scratch = host->scratch };
	memcpy(booth->config, host->config, sizeof booth->config);
	booth_open(booth);
}

static void
stop(struct booth *booth)
{
	expect_int(kill(booth->server, SIGKILL), 0);
	expect_int(waitpid(booth->server, NULL, 0), booth->server);
}

TEST("the picture is drawn by the verifier, begins a new line, and inverts")
{
	AUTO_HOST struct host host;
	struct booth booth;
	const char *second, *third;

	site_with_verifier(&host, &booth, OFFERED);
	planned("i", "I", code_now);
	plan[3] = "";
	expect_int(log_in_as(&host, booth_me(), 0), PAM_SUCCESS);
	stop(&booth);
	expect_int(talk.asked, 4);
	/* A light margin all around is drawn on a dark terminal, and is not on
	 * a light one: there are three bytes to a half block. */
	expect(strncmp(talk.said, "\n\u2588\u2580", 7) == 0 ||
	       strncmp(talk.said, "\n\u2588\u2588", 7) == 0);
	second = strstr(talk.said, "invert picture): \n\n");
	expect(second != NULL);
	expect(second[strlen("invert picture): \n\n")] == ' ');
	third = strstr(second + 1, "invert picture): \n\n");
	expect(third != NULL);
	expect(third[strlen("invert picture): \n\n")] != ' ');
	expect(!said("not its code"));
	expect(!logged("picture-missing"));
}

static int inversions;

/* Answers "i", and leaves the answers at the first, of which there are few. */
static void
invert_again(void)
{
	inversions++;
	talk.asked = 1;
	talk.answers[0] = "i";
}

TEST("inverting for ever ends, too")
{
	AUTO_HOST struct host host;
	struct booth booth;

	site_with_verifier(&host, &booth, OFFERED);
	planned(NULL, NULL, NULL);
	talk.during = invert_again;
	inversions = 0;
	expect_int(log_in_as(&host, booth_me(), 0), PAM_PERM_DENIED);
	stop(&booth);
	expect_int(inversions, 12);
	expect(logged("why=\"no right code came\""));
	expect(!is_enrolled(&host, geteuid()));
}

TEST("where nobody draws a picture, the key is shown, and the log says why")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned("i", code_now, "");
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect(!said("\u2588"));
	expect(!said("invert"));
	expect(said("not its code of 6 digits")); /* is the "i" */
	expect(logged("event=picture-missing user=\"alice\""));
	expect(logged(" why=\"no verifier answers "));
}

TEST("what the verifier has said of a picture silences no other fault")
{
	AUTO_HOST struct host host;
	struct booth booth;
	pam_handle_t *pamh;

	site_with_verifier(&host, &booth, FOR_A_WHILE "issuer = a:b\n");
	shared = &host;
	planned("", NULL, NULL);
	pamh = host_start(&host, booth_me(), &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	talk.during = answer_and_lose_store;
	expect_int(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	expect_int(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
	stop(&booth);
	expect(logged("event=picture-missing"));
	expect(logged("doing=\"putting an enrolment off\""));
}

/* ---- until when ---- */

TEST("with a day to enrol by it can be put off, and says for how long")
{
	static const char *const blanks[] = { " ", "\r", "\n", "\t\r\n" };
	AUTO_HOST struct host host;

	site(&host, FOR_A_WHILE);
	planned("", NULL, NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect_int(talk.asked, 1);
	expect(said("Enter alone: not now, 5 days left"));
	expect(!is_enrolled(&host, 1000));
	expect(logged("event=enrolment-postponed user=\"alice\""));
	expect(logged("days=5\n"));
	host_clock = NOON + 5 * 86400 - 43200 - 1;
	for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
		planned(blanks[i], NULL, NULL);
		expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
		expect_int(talk.asked, 1);
		expect(said("1 day left"));
	}
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect(is_enrolled(&host, 1000));
}

TEST("neither an offer nor what becomes of it is an opinion on its user")
{
	AUTO_HOST struct host host;
	pam_handle_t *pamh;

	site(&host, FOR_A_WHILE);
	host_stack(&host, "auth required %M\naccount required %M\n");
	for (int i = 0; i < 2; i++) {
		planned(i == 0 ? "" : code_now, "", NULL);
		pamh = host_start(&host, "alice", &talk);
		expect_int(pam_authenticate(pamh, 0), PAM_PERM_DENIED);
		expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
		expect_int(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
		expect_int(is_enrolled(&host, 1000), i);
	}
}

TEST("without a day it cannot be put off")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned("", "", "");
	plan[3] = plan[4] = "";
	expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
	expect_int(talk.asked, 5);
	expect(!said("not now"));
}

TEST("from that day on, who is not enrolled is refused as anybody else is")
{
	AUTO_HOST struct host host;

	site(&host, FOR_A_WHILE);
	host_clock = NOON + 5 * 86400 - 43200;
	planned(NULL, NULL, NULL);
	expect_int(host_try(&host, "alice", "123456"), PAM_AUTH_ERR);
	expect(logged("event=not-enrolled"));
	expect(!is_enrolled(&host, 1000));
}

static void
let_the_day_come(void)
{
	answer_as_planned();
	host_clock = NOON + 5 * 86400 - 43200;
}

static void
enrol_elsewhere_and_go_deaf(void)
{
	enrol_elsewhere();
	talk.result = PAM_CONV_ERR;
}

TEST("what can be put off no more once the prompt is answered is not put off")
{
	static void (*const meanwhile[])(void) = { let_the_day_come,
		enrol_elsewhere, enrol_elsewhere_and_go_deaf };

	for (size_t i = 0; i < sizeof meanwhile / sizeof meanwhile[0]; i++) {
		AUTO_HOST struct host host;

		site(&host, FOR_A_WHILE);
		shared = &host;
		planned("", NULL, NULL);
		talk.during = meanwhile[i];
		expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
		expect_int(talk.asked, 1);
		expect(said("Log in again"));
		expect(!said("nobody gets in without one"));
		expect(logged("event=enrolment-refused user=\"alice\""));
		expect(!logged("event=enrolment-postponed"));
	}
}

/* ---- who shows it ---- */

/* As a word for another program. */
static void
show_in_child(void)
{
	static const char same[] = "[ -n \"$1\" ] && [ \"$1\" = \"$2\" ]";
	char copy[TALK_SAID];
	int status = 0;
	pid_t child;

	snprintf(copy, sizeof copy, "%s", talk.shown);
	if ((child = fork()) == 0) {
		execl("/bin/sh", "sh", "-c", same, "sh", talk.shown, copy,
		    (char *)NULL);
		_exit(1);
	}
	expect_int(waitpid(child, &status, 0), child);
	expect_int(status, 0);
	answer_as_planned();
}

TEST("a program that shows a prompt in a child of its own shows all of it")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(wrong_code, code_now, "");
	talk.during = show_in_child;
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect_int(talk.asked, 3);
}

/* ---- who cannot be shown anything ---- */

static void
go_deaf(void)
{
	talk.result = PAM_CONV_ERR;
}

TEST("a program that cannot ask is refused, and the user told what he can do")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(NULL, NULL, NULL);
	talk.during = go_deaf;
	expect_int(log_in_as(&host, "alice", 0), PAM_PERM_DENIED);
	expect(!is_enrolled(&host, 1000));
	expect(logged("event=enrolment-refused"));
	expect(logged("why=\"the conversation failed: "));
	expect(said("Log in with ssh or at a console to enrol one"));
}

TEST("where it can be put off, such a program's login goes on, and counts down")
{
	AUTO_HOST struct host host;

	site(&host, FOR_A_WHILE);
	planned(NULL, NULL, NULL);
	talk.during = go_deaf;
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect(logged("event=enrolment-postponed"));
	expect(logged("days=5 why=\"the conversation failed: "));
	expect(said("in 5 days nobody gets in without one"));
	expect_int(talk.told_as, PAM_TEXT_INFO);
}

TEST("a program that wants silence is asked nothing")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", PAM_SILENT), PAM_PERM_DENIED);
	expect_int(talk.asked + talk.told, 0);
	expect(logged("why=\"the program wants silence\""));
	expect(!is_enrolled(&host, 1000));
}

TEST("where it can be put off, such a program's login goes on without a word")
{
	AUTO_HOST struct host host;

	site(&host, FOR_A_WHILE);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", PAM_SILENT), PAM_SUCCESS);
	expect_int(talk.asked + talk.told, 0);
	expect(logged("days=5 why=\"the program wants silence\""));
	expect(!is_enrolled(&host, 1000));
}

/* As daemon, who owns no store here: the verifier shows that he is not
 * enrolled. */
static int
log_in_as_daemon(struct host *host, const char *answer)
{
	pam_handle_t *pamh;
	int r;

	host_add_user("daemon", "daemon", 1);
	planned(answer, "", NULL);
	pamh = host_start(host, "daemon", &talk); /* loads the module */
	expect_int(setresuid(1, 1, 0), 0);
	r = pam_authenticate(pamh, 0);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pamh, 0);
	expect_int(setresuid(0, 0, 0), 0);
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

TEST("a program that is not root's enrols nobody, but puts it off where it can")
{
	static const struct {
		const char *settings;
		int code;
		const char *why;
	} rows[] = {
		{ OFFERED, PAM_PERM_DENIED,
		    " why=\"the program is not root's\"" },
		{ FOR_A_WHILE, PAM_SUCCESS,
		    " days=5 why=\"the program is not root's\"" },
	};

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO_HOST struct host host;
		struct booth booth;

		site_with_verifier(&host, &booth, rows[i].settings);
		booth_let_in(&booth);
		expect_int(log_in_as_daemon(&host, code_now), rows[i].code);
		stop(&booth);
		expect_int(talk.asked, 0);
		expect_int(talk.told, 1);
		expect(logged(rows[i].why));
	}
}

TEST("what the verifier has judged, or could not, is logged by nobody else")
{
	AUTO_HOST struct host host;
	struct booth booth;

	if (geteuid() != 0)
		NOT_TESTED("only root can be somebody else");
	site_with_verifier(&host, &booth, "");
	booth_let_in(&booth);
	expect_int(log_in_as_daemon(&host, "123456"), PAM_AUTH_ERR);
	expect_int(talk.asked, 1);
	expect_text(host_log, "");
	shared = &host;
	lose_store();
	expect_int(log_in_as_daemon(&host, "123456"), PAM_AUTHINFO_UNAVAIL);
	expect_text(host_log, "");
	stop(&booth);
}

TEST("a clock that cannot be read offers nothing, and lets nobody on")
{
	AUTO_HOST struct host host;
	pam_handle_t *pamh;

	site(&host, FOR_A_WHILE);
	planned("", NULL, NULL);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	host_clock_fails = true;
	expect_int(pam_acct_mgmt(pamh, 0), PAM_AUTHINFO_UNAVAIL);
	expect_int(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
	expect_int(talk.asked, 0);
	expect(said("because of a fault on this machine"));
	expect(logged("doing=\"enrolling\""));
}

/* ---- whom it is offered to ---- */

static int
account_alone(struct host *host)
{
	pam_handle_t *pamh = host_start(host, "alice", &talk);
	int r = pam_acct_mgmt(pamh, 0);

	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

TEST("only a transaction whose auth has reached us is offered anything")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	expect_int(account_alone(&host), PAM_SUCCESS);
	expect_int(talk.asked + talk.told, 0);
	host_stack(&host, guarded);
	expect_int(account_alone(&host), PAM_PERM_DENIED);
	expect_int(talk.asked + talk.told, 0);
	expect(!is_enrolled(&host, 1000));
}

TEST("guard lets in who has enrolled in this login, or has put it off")
{
	AUTO_HOST struct host host;

	site(&host, FOR_A_WHILE);
	host_stack(&host, guarded);
	planned("", NULL, NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	planned(code_now, "", NULL);
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect(is_enrolled(&host, 1000));
	expect_int(account_alone(&host), PAM_PERM_DENIED);
}

TEST("who is exempt, and who is enrolled, is offered nothing")
{
	AUTO_HOST struct host host;

	site(&host, OFFERED "exempt_users = carol\n");
	host_enrol(&host, "bob", 1001);
	planned(NULL, NULL, NULL);
	expect_int(log_in_as(&host, "carol", 0), PAM_SUCCESS);
	expect_int(talk.asked, 0);
	expect_int(host_try(&host, "bob", host_code(1001, NOON)), PAM_SUCCESS);
}

TEST("who was enrolled between auth and account has given no code, and is out")
{
	AUTO_HOST struct host host;
	pam_handle_t *pamh;

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	host_enrol(&host, "alice", 1000);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect(logged("why=\"needs-code\""));
	expect_int(talk.asked, 0);
	pam_end(pamh, PAM_PERM_DENIED);
}

TEST("a second look at the account does not offer it again")
{
	AUTO_HOST struct host host;
	pam_handle_t *pamh;

	site(&host, OFFERED);
	planned(code_now, "", NULL);
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	expect_int(talk.asked, 2);
	pam_end(pamh, PAM_SUCCESS);
}

/* ---- codes that nobody may have seen ---- */

static void
hang_up_at_codes(void)
{
	answer_as_planned();
	if (talk.asked == 2)
		talk.result = PAM_CONV_ERR;
}

TEST("codes that were not acknowledged are told of until they are replaced")
{
	AUTO_HOST struct host host;
	struct account alice = { .known = true, .uid = 1000, .name = "alice" };
	struct wanted wanted = { .act = ACT_RECOVERY,
		.proof = { .kind = PROOF_ADMINISTRATOR } };
	struct changed changed;
	struct trouble why;

	site(&host, OFFERED);
	planned(code_now, NULL, NULL);
	talk.during = hang_up_at_codes;
	expect_int(log_in_as(&host, "alice", 0), PAM_SUCCESS);
	expect_int(host_notices(&host, 1000), NOTICE_ADDED | NOTICE_UNSEEN);
	for (int i = 1; i <= 2; i++) {
		host_clock = NOON + 30 * i;
		struct talk next = { .answers = { phone_code(host_clock) } };

		expect_int(host_login(&host, "alice", &next), PAM_SUCCESS);
		expect(strstr(next.said, "recovery codes") != NULL);
		expect_int(next.told, 1);
		expect_int(host_notices(&host, 1000), NOTICE_UNSEEN);
	}
	expect_int(service_change_local(&host.scratch.settings, &alice, &wanted,
		       &changed, &why),
	    0);
	expect_int(host_notices(&host, 1000) & NOTICE_UNSEEN, 0);
}
