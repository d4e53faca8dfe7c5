/* What comes of a login when libpam itself fails, or memory ends: libpam's
 * calls, strdup and mmap stand in front of the real ones, for the module too,
 * so that a test can make one of them fail. */
#include "host.h"
#include "sweep_alloc.h"
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define IN_FRONT    __attribute__((visibility("default")))
#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* ---- a libpam that fails ---- */

static struct {
	const char *name; /* of the call that fails; NULL: any */
	unsigned at;	  /* which of them, from 1; 0: none */
	unsigned calls;
	bool in_memory; /* it is an allocation that fails instead */
} fault;

static bool
fails(const char *name)
{
	if (fault.at == 0 ||
	    (fault.name != NULL && strcmp(fault.name, name) != 0))
		return false;
	return ++fault.calls == fault.at;
}

/* libpam's own. */
#define BEHIND(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

IN_FRONT int
pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	return fails("pam_get_user") ? PAM_SYSTEM_ERR
				     : BEHIND(pam_get_user)(pamh, user, prompt);
}

IN_FRONT int
pam_get_item(const pam_handle_t *pamh, int type, const void **item)
{
	return fails("pam_get_item") ? PAM_SYSTEM_ERR
				     : BEHIND(pam_get_item)(pamh, type, item);
}

IN_FRONT int
pam_set_item(pam_handle_t *pamh, int type, const void *item)
{
	return fails("pam_set_item") ? PAM_BUF_ERR
				     : BEHIND(pam_set_item)(pamh, type, item);
}

IN_FRONT int
pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	return fails("pam_get_data") ? PAM_SYSTEM_ERR
				     : BEHIND(pam_get_data)(pamh, name, data);
}

IN_FRONT int
pam_set_data(pam_handle_t *pamh, const char *name, void *data,
    void (*cleanup)(pam_handle_t *, void *, int))
{
	return fails("pam_set_data")
		   ? PAM_BUF_ERR
		   : BEHIND(pam_set_data)(pamh, name, data, cleanup);
}

#undef strdup
IN_FRONT char *
strdup(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy;

	if (fails("strdup")) {
		errno = ENOMEM;
		return NULL;
	}
	copy = malloc(n);
	return copy == NULL ? NULL : memcpy(copy, text, n);
}

/* Where memory for secrets comes from. */
IN_FRONT void *
mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	if (fails("mmap")) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return BEHIND(mmap)(at, n, protection, flags, fd, offset);
}

/* ---- logins ---- */

/* The module that has no objection shows where an "ignore" of ours opens. */
#define REST "auth required pam_permit.so\naccount required %M guard\n"

static const struct way {
	const char *stack, *before, *behind; /* what is typed around the code */
} ways[] = {
	{ "auth requisite %M\n" REST, "", "" },
	{ "auth requisite %M split\nauth requisite %M use_split\n" REST,
	    "hunter2", "" },
	{ "auth requisite %M split\nauth requisite %M use_first_pass\n" REST,
	    "", "000000" },
	{ "auth requisite %M split\nauth requisite %M try_first_pass\n" REST,
	    "", "000000" },
};
enum { ASKED, ONE_PROMPT, HANDED_ON, TRIED };

/* One login of alice; the fault begins with the stack. */
static int
log_in(struct host *host, const struct way *way, const char *code,
    const char *name, unsigned at)
{
	struct talk talk = { .answers = { NULL } };
	char answer[64];
	pam_handle_t *pamh;
	int r;

	snprintf(answer, sizeof answer, "%s%s%s", way->before, code,
	    way->behind);
	talk.answers[0] = answer;
	host_stack(host, way->stack);
	pamh = host_start(host, "alice", &talk);
	host_log[0] = '\0';
	fault.name = name;
	fault.at = at;
	fault.calls = 0;
	if (fault.in_memory) {
		fault.at = 0;
		alloc_begin(at, false);
	}
	r = pam_authenticate(pamh, 0);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pamh, 0);
	fault.at = 0; /* and what was counted is kept */
	if (fault.in_memory)
		fault.calls = alloc_end();
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

static const char *
next_code(void)
{
	host_clock += 30;
	return host_code(1000, host_clock);
}

static void
new_host(struct host *host)
{
	host_new(host, "");
	host_enrol(host, "alice", 1000);
}

/* Whether so many calls were made. */
static bool
expect_sound(struct host *host, const struct way *way, unsigned at)
{
	const char *wrong = host_code(1000, host_clock - 86400);
	uint64_t written;
	bool reached;

	expect(log_in(host, way, wrong, NULL, at) != PAM_SUCCESS);
	reached = fault.calls >= at;
	written = host_sequence(host, 1000);
	if (log_in(host, way, next_code(), NULL, at) == PAM_SUCCESS)
		expect(host_sequence(host, 1000) > written);
	expect_int(log_in(host, way, next_code(), NULL, 0), PAM_SUCCESS);
	return reached;
}

TEST("whichever call of libpam's fails, only a right code opens, and is spent")
{
	AUTO_HOST struct host host;

	new_host(&host);
	for (size_t i = 0; i < ROWS(ways); i++)
		for (unsigned at = 1; expect_sound(&host, &ways[i], at); at++)
			;
}

TEST("a code that libpam cannot keep as verified passes no guard")
{
	AUTO_HOST struct host host;

	new_host(&host);
	expect_int(log_in(&host, &ways[ASKED], next_code(), "pam_set_data", 4),
	    PAM_PERM_DENIED);
	expect(strstr(host_log, "event=accepted ") != NULL);
	expect(strstr(host_log, "event=guard-refused ") != NULL);
}

TEST("where libpam cannot forget what was verified, no attempt begins")
{
	AUTO_HOST struct host host;

	new_host(&host);
	expect_int(log_in(&host, &ways[ASKED], next_code(), "pam_set_data", 1),
	    PAM_AUTHINFO_UNAVAIL);
	expect(strstr(host_log, "sallyport_verified") != NULL);
}

/* That one of these calls, where it fails, is told like that; libpam makes
 * some of them for itself. */
static void
expect_told(struct host *host, const struct way *way, const char *name,
    int code, const char *why)
{
	for (unsigned at = 1;; at++) {
		int r = log_in(host, way, next_code(), name, at);

		if (strstr(host_log, why) != NULL) {
			expect_int(r, code);
			return;
		}
		if (fault.calls < at)
			fail_msg("it was never told: %s", why);
	}
}

TEST("what libpam cannot hand on is refused, and the log says what it was")
{
	AUTO_HOST struct host host;

	new_host(&host);
	expect_told(&host, &ways[ONE_PROMPT], "pam_set_item",
	    PAM_AUTHINFO_UNAVAIL, "cannot hand on the password");
	expect_told(&host, &ways[ONE_PROMPT], "pam_set_data",
	    PAM_AUTHINFO_UNAVAIL, "cannot keep data for sallyport_split");
}

TEST("what libpam cannot tell any more is told apart from what was not there")
{
	AUTO_HOST struct host host;

	new_host(&host);
	expect_told(&host, &ways[ONE_PROMPT], "pam_get_data",
	    PAM_AUTHINFO_UNAVAIL, "cannot tell data of sallyport_split");
	/* Of passwords this stops nobody. */
	expect_told(&host, &ways[ASKED], "pam_get_data", PAM_SUCCESS,
	    "event=breached-unknown user=\"alice\"");
}

TEST("memory that ends while a code is handed on is told as that")
{
	AUTO_HOST struct host host;

	new_host(&host);
	expect_told(&host, &ways[ONE_PROMPT], "strdup", PAM_BUF_ERR,
	    "why=\"splitting\"");
	expect_told(&host, &ways[ONE_PROMPT], "strdup", PAM_BUF_ERR,
	    "why=\"taking the code\"");
	expect_told(&host, &ways[HANDED_ON], "strdup", PAM_BUF_ERR,
	    "why=\"taking the password\"");
	expect_told(&host, &ways[TRIED], "strdup", PAM_BUF_ERR,
	    "why=\"taking the password\"");
}

/* ---- who is offered an enrolment ---- */

static const struct way offered = { "auth required %M\n"
				    "auth required pam_permit.so\n"
				    "account required %M\n"
				    "account required pam_permit.so\n",
	"", "" };

static void
new_offer(struct host *host)
{
	fault.in_memory = false;
	host_new(host, "enrolment = offered\n");
}

TEST("whichever call of libpam's fails, an offer lets nobody past without a "
     "code")
{
	AUTO_HOST struct host host;

	new_offer(&host);
	for (unsigned at = 1; at == 1 || fault.calls + 1 >= at; at++)
		expect(log_in(&host, &offered, "no code", NULL, at) !=
		       PAM_SUCCESS);
}

TEST("nor does it where an allocation fails, whichever")
{
	AUTO_HOST struct host host;

	if (!alloc_can_fail())
		NOT_TESTED("somebody else gives out the memory");
	new_offer(&host);
	fault.in_memory = true;
	for (unsigned at = 1; at == 1 || fault.calls + 1 >= at; at++)
		expect(log_in(&host, &offered, "no code", NULL, at) !=
		       PAM_SUCCESS);
	expect_told(&host, &offered, NULL, PAM_BUF_ERR,
	    "why=\"remembering sallyport_offered\"");
	fault.in_memory = false;
}

TEST("memory that ends before anything is offered is told as that")
{
	AUTO_HOST struct host host;

	new_offer(&host);
	expect_told(&host, &offered, "mmap", PAM_BUF_ERR,
	    "doing=\"enrolling\" why=\"out of memory\"");
}
