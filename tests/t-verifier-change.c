/* What the verifier makes of changes that a user wants in his enrolment: on
 * which proof, asked of whom, and what the log says. */
#include "host.h"
#include "mem.h"
#include "meanwhile.h"
#include "otpauth.h"
#include "qr.h"
#include "store.h"
#include "sweep.h"
#include "test.h"
#include "verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { ALICE = 1000, BOB = 1001 };

static const struct peer alice_asks = { ALICE, false };
static const struct peer bob_asks = { BOB, false };
static const struct peer root_asks = { 0, true };

static struct account whose;
static struct trouble why;
static struct wire_request request;
static struct wire_reply reply;
static struct changed begun; /* the last beginning */

/* ---- PAM's service "sallyport" ---- */

static const struct host *pam_host;
static char pam_service[64];

/* In front of libpam's, which knows no folder but the system's. */
int
pam_start(const char *service, const char *user, const struct pam_conv *conv,
    pam_handle_t **pamh_out)
{
	snprintf(pam_service, sizeof pam_service, "%s", service);
	return pam_start_confdir(service, user, conv, pam_host->conf_dir,
	    pamh_out);
}

static void
stack(const struct host *host, const char *text)
{
	scratch_write_text(&host->scratch, "pam.d/sallyport", text);
}

/* A stack that takes "sesame" for alice's password. */
static void
password_stack(const struct host *host)
{
	char text[2048];

	scratch_write_text(&host->scratch, "check",
	    "#!/bin/sh\n"
	    "echo \"$PAM_USER $PAM_RUSER\" >>\"${0%/*}/asked\"\n"
	    "IFS= read -r password\n"
	    "[ \"$PAM_USER $password\" = 'alice sesame' ]\n");
	expect_int(chmod(scratch_path(&host->scratch, "check"), 0700), 0);
	snprintf(text, sizeof text,
	    "auth [success=1 default=ignore] pam_exec.so expose_authtok quiet "
	    "%s\n"
	    "auth requisite pam_deny.so\n"
	    "auth required pam_permit.so\n"
	    "account required pam_permit.so\n",
	    scratch_path(&host->scratch, "check"));
	stack(host, text);
}

static bool
was_asked(const struct host *host)
{
	return pam_service[0] != '\0' || scratch_has(&host->scratch, "asked");
}

static void
open_host(struct host *host, bool self_enrolment)
{
	scratch_in_memory();
	host_new(host, "");
	host->scratch.settings.self_enrolment =
	    self_enrolment ? SELF_ENROLMENT_YES : SELF_ENROLMENT_NO;
	pam_host = host;
	pam_service[0] = '\0';
	password_stack(host);
}

/* ---- what is asked ---- */

static void
wants(const struct host *host, enum act act, const char *user)
{
	memset(&request, 0, sizeof request);
	request.kind = WIRE_CHANGE;
	strcpy(request.store_dir, host->scratch.settings.store_dir);
	strcpy(request.user, user);
	strcpy(request.said.service, "sallyport");
	request.wanted.act = act;
	request.wanted.which = (struct authenticator){
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
	};
	if (act == ACT_RENAME || act == ACT_REMOVE) {
		strcpy(request.wanted.which.name, "phone");
		request.wanted.which.created = NOON - 86400;
		strcpy(request.wanted.name, "new");
	}
	if (act == ACT_CONFIRM)
		memcpy(request.wanted.blob, begun.blob, sizeof begun.blob);
}

static void
with_password(const char *password)
{
	request.wanted.proof.kind = PROOF_PASSWORD;
	strcpy(request.wanted.proof.password, password);
}

static void
with_answer(const char *text)
{
	request.wanted.proof.kind = PROOF_ANSWER;
	answer_read(text, &request.wanted.proof.answer);
}

/* Sends it off; an error, or 0 and the answer in reply. */
static int
ask(struct host *host, const struct peer *peer)
{
	why.text[0] = '\0';
	memset(&whose, 0, sizeof whose);
	verifier_answer(&host->scratch.settings, peer, &request, &whose, &reply,
	    &why);
	if (reply.err == 0 && reply.changed.begun.key_len > 0)
		begun = reply.changed;
	return reply.err;
}

static enum change
change(struct host *host, const struct peer *peer)
{
	if (ask(host, peer) < 0)
		fail_msg("%s", why.text);
	return reply.changed.change;
}

static enum change
begin(struct host *host, const struct peer *peer, const char *password)
{
	wants(host, ACT_BEGIN, "alice");
	with_password(password);
	return change(host, peer);
}

static enum change
confirm(struct host *host, const struct peer *peer, const char *password)
{
	struct totp totp = authenticator_totp(&begun.begun);
	char code[TOTP_CODE_SIZE];

	expect_int(totp_code(&totp, (uint64_t)host_clock / 30, code), 0);
	wants(host, ACT_CONFIRM, "alice");
	with_password(password);
	answer_read(code, &request.wanted.answer);
	return change(host, peer);
}

static bool
is_enrolled(const struct host *host)
{
	return scratch_has(&host->scratch, "store/1000.enrolment");
}

static const char *
logged(const struct peer *peer)
{
	host_log[0] = '\0';
	verifier_log_change(peer, &request, &whose, &reply.changed);
	return host_log;
}

/* ---- a password ---- */

TEST("a user enrols with his password, asked of PAM as sallyport each time")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	expect(begin(&host, &alice_asks, "sesame") == CHANGE_DONE);
	expect_text(pam_service, "sallyport");
	expect(!is_enrolled(&host));
	pam_service[0] = '\0';
	expect(confirm(&host, &alice_asks, "sesame") == CHANGE_DONE);
	expect_text(pam_service, "sallyport");
	expect_int(reply.changed.codes.count, RECOVERY_CODES);
	expect(is_enrolled(&host));
	host_clock += 30;
	expect_int(host_try(&host, "alice", reply.changed.codes.text[0]),
	    PAM_SUCCESS);
}

TEST("a wrong password begins nothing, and confirms nothing that was begun")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	expect(begin(&host, &alice_asks, "Sesame") == CHANGE_WRONG_PASSWORD);
	expect_int(reply.changed.begun.key_len, 0);
	expect(begin(&host, &alice_asks, "sesame ") == CHANGE_WRONG_PASSWORD);
	expect(begin(&host, &alice_asks, "sesame") == CHANGE_DONE);
	expect(confirm(&host, &alice_asks, "changed since") ==
	       CHANGE_WRONG_PASSWORD);
	expect(!is_enrolled(&host));
	expect(confirm(&host, &alice_asks, "sesame") == CHANGE_DONE);
}

TEST("an empty password is none, even where a stack would take it")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	stack(&host, "auth required pam_permit.so\n"
		     "account required pam_permit.so\n");
	expect(begin(&host, &alice_asks, "") == CHANGE_WRONG_PASSWORD);
	expect(!was_asked(&host));
}

TEST("an account that is not let in does not enrol with a right password")
{
	static const char *const accounts[] = { "perm_denied", "acct_expired",
		"new_authtok_reqd", "user_unknown" };
	AUTO_HOST struct host host;
	char text[256];

	open_host(&host, true);
	for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
		snprintf(text, sizeof text,
		    "auth required pam_permit.so\n"
		    "account required pam_debug.so acct=%s\n",
		    accounts[i]);
		stack(&host, text);
		expect(begin(&host, &alice_asks, "sesame") ==
		       CHANGE_WRONG_PASSWORD);
	}
}

TEST("a stack that cannot tell, asks for more or is missing is no wrong word")
{
	static const char *const stacks[] = {
		"auth required pam_debug.so auth=authinfo_unavail\n",
		"auth required pam_debug.so auth=system_err\n",
		"auth required pam_no_such_module.so\n",
		"account required pam_debug.so acct=service_err\n",
	};
	AUTO_HOST struct host host;
	char twice[512];

	open_host(&host, true);
	wants(&host, ACT_BEGIN, "alice");
	with_password("sesame");
	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
		char text[256];

		/* What the stack says first is what it comes to. */
		snprintf(text, sizeof text, "%sauth required pam_permit.so\n",
		    stacks[i]);
		stack(&host, text);
		expect_int(ask(&host, &alice_asks), ERR_IO);
		expect(strstr(why.text, "PAM's service sallyport") != NULL);
	}
	/* A second question, here the module's own, has no answer. */
	snprintf(twice, sizeof twice,
	    "auth required pam_exec.so expose_authtok quiet %s\n"
	    "auth include %s/test\n",
	    scratch_path(&host.scratch, "check"), host.conf_dir);
	stack(&host, twice);
	expect_int(ask(&host, &alice_asks), ERR_IO);
	expect(was_asked(&host));
	expect(!is_enrolled(&host));
}

TEST("nobody is asked about a password that would not be proof")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	expect(begin(&host, &alice_asks, "sesame") == CHANGE_NEEDS_INVITATION);
	host.scratch.settings.self_enrolment = SELF_ENROLMENT_YES;
	wants(&host, ACT_RECOVERY, "alice");
	with_password("sesame");
	expect(change(&host, &alice_asks) == CHANGE_UNENROLLED);
	host_enrol(&host, "alice", ALICE);
	expect(begin(&host, &alice_asks, "sesame") == CHANGE_NEEDS_CODE);
	wants(&host, ACT_REMOVE, "alice");
	with_password("sesame");
	expect(change(&host, &alice_asks) == CHANGE_NEEDS_CODE);
	expect(!was_asked(&host));
}

/* An administrator's reset, which holds alice's lock until then. */
static struct store *reset_store;
static struct store_txn *reset_txn;

static void
begin_reset(struct host *host)
{
	static struct trouble trouble;

	expect_int(store_open(&host->scratch.settings, &trouble, &reset_store),
	    0);
	expect_int(store_begin_removing(reset_store, ALICE, &reset_txn), 0);
}

static void
end_reset(void)
{
	(void)store_remove(reset_txn);
	store_abort(reset_txn);
	store_close(reset_store);
}

TEST("a password that was not looked at is no proof once the user is reset")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	host_enrol(&host, "alice", ALICE);
	begin_reset(&host);
	meanwhile = end_reset;
	expect(begin(&host, &alice_asks, "wrong") == CHANGE_NEEDS_PASSWORD);
	expect(meanwhile == NULL);
	expect(!was_asked(&host));
}

TEST("nobody enrols for somebody else, whatever he knows of him")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	for (int act = ACT_BEGIN; act <= ACT_RECOVERY; act++) {
		wants(&host, (enum act)act, "alice");
		with_password("sesame");
		expect_int(ask(&host, &bob_asks), ERR_CALLER);
	}
	expect(!was_asked(&host));
	wants(&host, ACT_BEGIN, "nobody");
	expect_int(ask(&host, &root_asks), ERR_INPUT);
}

/* ---- other proofs ---- */

TEST("without any proof a user is told which one he needs")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	wants(&host, ACT_BEGIN, "alice");
	expect(change(&host, &alice_asks) == CHANGE_NEEDS_PASSWORD);
	host.scratch.settings.self_enrolment = SELF_ENROLMENT_NO;
	wants(&host, ACT_BEGIN, "alice");
	expect(change(&host, &alice_asks) == CHANGE_NEEDS_INVITATION);
	host_enrol(&host, "alice", ALICE);
	wants(&host, ACT_RENAME, "alice");
	expect(change(&host, &alice_asks) == CHANGE_NEEDS_CODE);
}

TEST("root changes anybody's enrolment, and proves nothing")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	wants(&host, ACT_BEGIN, "alice");
	expect(change(&host, &root_asks) == CHANGE_DONE);
	expect(confirm(&host, &root_asks, "") == CHANGE_DONE);
	expect(host_notices(&host, ALICE) == NOTICE_ADDED
						 << NOTICE_BY_ADMINISTRATOR);
	expect(!was_asked(&host));
}

TEST("a user's own code lets him rename, replace codes and remove")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	host_enrol(&host, "alice", ALICE);
	wants(&host, ACT_RENAME, "alice");
	with_answer(host_code(ALICE, NOON));
	expect(change(&host, &alice_asks) == CHANGE_DONE);
	expect_text(reply.changed.judgement.authenticator, "phone");
	host_clock += 30;
	wants(&host, ACT_RECOVERY, "alice");
	with_answer(host_code(ALICE, NOON + 30));
	expect(change(&host, &alice_asks) == CHANGE_DONE);
	expect(strstr(logged(&alice_asks), "via=verifier proof=accepted\n") !=
	       NULL);
	host_clock += 30;
	wants(&host, ACT_REMOVE, "alice");
	strcpy(request.wanted.which.name, "new");
	with_answer(host_code(ALICE, NOON + 60));
	expect(change(&host, &alice_asks) == CHANGE_DONE);
	expect(reply.changed.ended);
	expect(!is_enrolled(&host));
}

TEST("guesses at a proof have the budget of a login's guesses")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	host_enrol(&host, "alice", ALICE);
	for (int act = ACT_RENAME; act <= ACT_RECOVERY; act++) {
		wants(&host, (enum act)act, "alice");
		with_answer("000000");
		expect(change(&host, &alice_asks) == CHANGE_UNPROVEN);
		expect(reply.changed.judgement.verdict == VERDICT_WRONG);
	}
	expect_int(host_failures(&host, ALICE), 3);
	for (int i = 0; i < 2; i++)
		expect_int(host_try(&host, "alice", "000000"), PAM_AUTH_ERR);
	wants(&host, ACT_RECOVERY, "alice");
	with_answer(host_code(ALICE, NOON));
	expect(change(&host, &alice_asks) == CHANGE_UNPROVEN);
	expect(reply.changed.judgement.verdict == VERDICT_WAITING);
	expect_int(reply.changed.codes.count, 0);
}

/* ---- what the log says ---- */

TEST("each change is one event, with who made it")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	expect(begin(&host, &alice_asks, "sesame") == CHANGE_DONE);
	expect_text(logged(&alice_asks),
	    "event=enrolment-begun user=\"alice\" said_service=\"sallyport\" "
	    "said_rhost=\"\" said_tty=\"\" by_uid=1000 via=verifier "
	    "authenticator=\"phone\"\n");
	expect(confirm(&host, &alice_asks, "sesame") == CHANGE_DONE);
	expect(strstr(logged(&alice_asks), "event=enrolled user=\"alice\" ") ==
	       host_log);
	expect(strstr(host_log, "authenticator=\"phone\"\n") != NULL);
	wants(&host, ACT_REMOVE, "alice");
	request.wanted.which.created = NOON;
	expect(change(&host, &root_asks) == CHANGE_DONE);
	expect(strstr(logged(&root_asks), "event=removed user=\"alice\" ") ==
	       host_log);
	expect(strstr(host_log, "by_uid=0 via=verifier authenticator=\"phone\" "
				"now=not-enrolled\n") != NULL);
}

TEST("a refused change is one event, and names no code, key or password")
{
	AUTO_HOST struct host host;

	open_host(&host, true);
	expect(begin(&host, &alice_asks, "open") == CHANGE_WRONG_PASSWORD);
	expect(strstr(logged(&alice_asks),
		   "event=change-refused user=\"alice\" ") == host_log);
	expect(strstr(host_log, " for=enrolment-begun why=wrong-password\n") !=
	       NULL);
	expect(strstr(host_log, "open") == NULL);
	host_enrol(&host, "alice", ALICE);
	wants(&host, ACT_RENAME, "alice");
	with_answer("000000");
	expect(change(&host, &alice_asks) == CHANGE_UNPROVEN);
	expect(strstr(logged(&alice_asks), "event=wrong user=\"alice\" ") ==
	       host_log);
	expect(strstr(host_log, "failures=1 for=renamed\n") != NULL);
	expect(strstr(host_log, "000000") == NULL);
}

/* ---- the picture ---- */

/* The picture of what was last begun, as somebody asks for it. */
static int
draw(struct host *host, const struct peer *peer, const char *user)
{
	wants(host, ACT_BEGIN, user);
	request.kind = WIRE_PICTURE;
	memcpy(request.blob, begun.blob, sizeof request.blob);
	return ask(host, peer);
}

static void
begin_of_alice(struct host *host)
{
	wants(host, ACT_BEGIN, "alice");
	expect_int(ask(host, &root_asks), 0);
	expect_int(reply.changed.change, CHANGE_DONE);
}

TEST("a picture of what was begun is that of its address, and says no more")
{
	AUTO_HOST struct host host;
	AUTO_QR struct qr *qr = NULL;
	struct otpauth otpauth = { .issuer = "Example" };
	char address[OTPAUTH_SIZE];
	int width;

	open_host(&host, false);
	strcpy(host.scratch.settings.issuer, "Example");
	begin_of_alice(&host);
	expect_int(draw(&host, &alice_asks, "alice"), 0);
	expect_int(otpauth_take(&otpauth, &begun.begun, "alice"), 0);
	expect_int(otpauth_format(&otpauth, address, sizeof address), 0);
	expect_int(qr_make(address, &qr), 0);
	width = qr_width(qr);
	expect_int(reply.symbol.width, width);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++)
			expect_int(symbol_dark(&reply.symbol, x, y),
			    qr_dark(qr, x, y));
	expect_int(reply.changed.change, CHANGE_NONE);
	expect_int(draw(&host, &root_asks, "alice"), 0);
}

TEST("nobody sees what was begun for another, by whichever name he asks")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	begin_of_alice(&host);
	expect_int(draw(&host, &bob_asks, "alice"), ERR_CALLER);
	expect_int(draw(&host, &bob_asks, "bob"), ERR_INPUT);
	expect_int(draw(&host, &root_asks, "bob"), ERR_INPUT);
	expect_int(draw(&host, &root_asks, "nobody"), ERR_INPUT);
	expect_int(reply.symbol.width, 0);
}

TEST("of what was changed by a bit, or begun in another store, there is none")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	begin_of_alice(&host);
	begun.blob[100] ^= 1;
	expect_int(draw(&host, &alice_asks, "alice"), ERR_INPUT);
	host_free(&host);
	open_host(&host, false);
	begun.blob[100] ^= 1;
	expect_int(draw(&host, &alice_asks, "alice"), ERR_INPUT);
}

TEST("an address that no terminal has room for is not drawn")
{
	AUTO_HOST struct host host;
	char name[RECORD_USER_SIZE];

	open_host(&host, false);
	memset(name, '%', sizeof name - 1); /* three bytes each in an address */
	name[sizeof name - 1] = '\0';
	host_add_user(name, name, ALICE + 5);
	wants(&host, ACT_BEGIN, name);
	expect_int(ask(&host, &root_asks), 0);
	expect_int(draw(&host, &root_asks, name), ERR_INPUT);
	expect(strstr(why.text, "room") != NULL);
}

TEST("an issuer that would cut the label is told as a wrong setting")
{
	AUTO_HOST struct host host;

	open_host(&host, false);
	strcpy(host.scratch.settings.issuer, "a:b");
	begin_of_alice(&host);
	expect_int(draw(&host, &alice_asks, "alice"), ERR_SETTINGS);
}
