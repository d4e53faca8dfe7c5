/* Passwords through real libpam: which may be chosen, and what comes of a
 * login with a breached one. */
#include "breach_list.h"
#include "host.h"
#include "sweep_alloc.h"
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define IN_FRONT    __attribute__((visibility("default")))
#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const char fresh[] = "tangerine-vellum-oxbow-41";

/* ---- who calls ---- */

static uid_t caller = 1000;

IN_FRONT uid_t
getuid(void)
{
	return caller;
}

/* ---- memory of libpam's that runs out ---- */

static int data_lasts = -1; /* so many calls; -1: all of them */

IN_FRONT int
pam_set_data(pam_handle_t *pamh, const char *name, void *data,
    void (*cleanup)(pam_handle_t *, void *, int))
{
	union {
		void *symbol;
		int (*function)(pam_handle_t *, const char *, void *,
		    void (*)(pam_handle_t *, void *, int));
	} next = { dlsym(RTLD_NEXT, "pam_set_data") };

	if (data_lasts == 0)
		return PAM_BUF_ERR;
	if (data_lasts > 0)
		data_lasts--;
	return next.function(pamh, name, data, cleanup);
}

/* ---- lists ---- */

/* "password" and some others, each seen so often. */
static const struct {
	const char *password;
	uint32_t count;
} breached[] = { { "password", 52000 }, { "once", 1 }, { "twice", 3 },
	{ "popular", 5000000 }, { "", 7 } };

static void
write_list(const struct host *host, const char *name, enum breach_kind kind,
    bool counts)
{
	AUTO_LIST struct breach_list list = { .kind = kind };

	if (counts)
		breach_list_usual_classes(&list);
	for (size_t i = 0; i < ROWS(breached); i++)
		breach_list_add_password(&list, breached[i].password,
		    breached[i].count);
	breach_list_add_many(&list, 1000, 5);
	breach_list_write(&list, &host->scratch, name);
}

/* A host with one list, and without stacks yet. */
static void
with_list(struct host *host, const char *settings)
{
	host_new(host, settings);
	caller = 1000;
	data_lasts = -1;
	expect_int(mkdir(scratch_path(&host->scratch, "lists"), 0755), 0);
	write_list(host, "lists/all.breach", BREACH_SHA1, true);
}

/* Exactly one event, of this name; and nothing that was typed. */
static bool
logged_once(const char *event)
{
	char needle[64];
	const char *at = strstr(host_log, "event=");

	snprintf(needle, sizeof needle, "event=%s ", event);
	return at != NULL && strncmp(at, needle, strlen(needle)) == 0 &&
	       strstr(at + 1, "event=") == NULL &&
	       strstr(host_log, "tangerine") == NULL &&
	       strstr(host_log, "\"password\"") == NULL;
}

static bool
said(const struct talk *talk, const char *words)
{
	return strstr(talk->said, words) != NULL;
}

/*
 * Choosing.  Behind our line stands one that stores what it is handed, in
 * DIR/stored, or asks by itself for something to store.
 */

#define STORE "password required %S %D/stored\n"

static const char choosing[] = "password requisite %M\n" STORE;

static int
choose_with(struct host *host, const char *user, struct talk *talk, int flags)
{
	pam_handle_t *pamh = host_start(host, user, talk);
	int r = pam_chauthtok(pamh, flags);

	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

static int
choose(struct host *host, struct talk *talk)
{
	return choose_with(host, "alice", talk, 0);
}

static bool
nothing_stored(const struct host *host)
{
	return !scratch_has(&host->scratch, "stored");
}

static bool
stored(const struct host *host, const char *password)
{
	char text[256];
	size_t n;

	if (nothing_stored(host))
		return false;
	n = scratch_read(&host->scratch, "stored", text, sizeof text - 1);
	text[n] = '\0';
	return strcmp(text, password) == 0;
}

TEST("a password that is in no list is taken, after it was typed twice")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect_text(talk.said, "New password: \nRetype new password: \n");
	expect_int(talk.style, PAM_PROMPT_ECHO_OFF);
	expect_int(talk.most_messages, 1);
	expect(stored(&host, fresh));
	expect(logged_once("password-clean"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_INFO);
	expect(strstr(host_log, "user=\"alice\"") != NULL);
}

TEST(
    "a breached password is refused, with the reason and how often it was seen")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n" STORE);
	expect_int(choose(&host, &talk), PAM_AUTHTOK_ERR);
	expect_text(talk.said, "New password: \nThis password has been seen "
			       "about 50,000 times in data breaches. Choose "
			       "another.\n");
	expect(nothing_stored(&host));
	expect(logged_once("password-refused"));
	expect_int(host_log_priority, LOG_AUTHPRIV | LOG_NOTICE);
	expect(strstr(host_log, "why=") == NULL);
	expect(strstr(host_log, "50") == NULL);
}

TEST("how often is told as closely as the list knows")
{
	static const char *const words[][2] = { { "once", "seen once in" },
		{ "twice", "seen about 2 times in" },
		{ "", "seen about 5 times in" },
		{ "popular", "seen at least 100,000 times in" } };
	AUTO_HOST struct host host;

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n");
	for (size_t i = 0; i < ROWS(words); i++) {
		struct talk talk = { .answers = { words[i][0] } };

		expect_int(choose(&host, &talk), PAM_AUTHTOK_ERR);
		expect(said(&talk, words[i][1]));
	}
}

TEST("where no counts are kept the reason goes without a number")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	write_list(&host, "lists/all.breach", BREACH_SHA1, false);
	host_stack(&host, "password requisite %M retry=1\n");
	expect_int(choose(&host, &talk), PAM_AUTHTOK_ERR);
	expect(said(&talk, "This password has been seen in data breaches."));
}

TEST("a list of NT hashes serves as well")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password", fresh, fresh } };

	with_list(&host, "");
	write_list(&host, "lists/all.breach", BREACH_NT, true);
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect(said(&talk, "about 50,000 times"));
	expect(stored(&host, fresh));
}

TEST("after a refusal it asks again, and takes a better one")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password", "once", fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect_int(talk.asked, 4);
	expect_int(talk.told, 2);
	expect(stored(&host, fresh));
}

TEST("after the last try the change is given up, and says that it was the last")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password", "once", "twice", fresh,
				 fresh } };

	with_list(&host, "");
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_MAXTRIES);
	expect_int(talk.asked, 3);
	expect(nothing_stored(&host));
	host_stack(&host, "password requisite %M retry=2\n" STORE);
	talk.asked = 0;
	expect_int(choose(&host, &talk), PAM_MAXTRIES);
	expect_int(talk.asked, 2);
}

TEST("two typings that differ are a try, and store nothing")
{
	AUTO_HOST struct host host;
	struct talk again = { .answers = { fresh, "tangerine-", fresh,
				  fresh } };
	struct talk once = { .answers = { fresh, "tangerine-" } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n" STORE);
	expect_int(choose(&host, &once), PAM_AUTHTOK_ERR);
	expect(nothing_stored(&host));
	expect(logged_once("password-mistyped"));
	host_stack(&host, choosing);
	expect_int(choose(&host, &again), PAM_SUCCESS);
	expect_int(again.asked, 4);
	expect(stored(&host, fresh));
}

TEST("a program without a conversation function chooses nothing")
{
	AUTO_HOST struct host host;
	struct talk talk = { .no_function = true };

	with_list(&host, "");
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_CONV_ERR);
	expect(nothing_stored(&host));
	expect(logged_once("cannot-tell"));
}

TEST("a conversation that fails or gives no text chooses nothing")
{
	static const int results[] = { PAM_CONV_ERR, PAM_ABORT, PAM_BUF_ERR,
		PAM_SYSTEM_ERR, PAM_CONV_AGAIN };
	AUTO_HOST struct host host;
	struct talk no_array = { .no_array = true };
	struct talk no_text = { .answers = { NULL } };
	struct talk once = { .answers = { fresh, NULL } };

	with_list(&host, "");
	host_stack(&host, choosing);
	for (size_t i = 0; i < ROWS(results); i++) {
		/* No answer beside the error: libpam would not free it. */
		struct talk talk = { .result = results[i] };

		expect_int(choose(&host, &talk), PAM_CONV_ERR);
	}
	expect_int(choose(&host, &no_array), PAM_CONV_ERR);
	expect_int(choose(&host, &no_text), PAM_CONV_ERR);
	expect_int(choose(&host, &once), PAM_CONV_ERR);
	expect_int(once.asked, 2);
	expect(nothing_stored(&host));
}

TEST("a program that wants silence is told nothing of a refusal")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n");
	expect_int(choose_with(&host, "alice", &talk, PAM_SILENT),
	    PAM_AUTHTOK_ERR);
	expect_int(talk.told, 0);
}

TEST("odd passwords are passwords like others")
{
	static char longest[513];
	static const char *const odd[] = { "\xff\xfe\x80",
		"\xd9\xa1 \xe2\x82\xac", "\x1b[2J%s%n", " ", longest };
	AUTO_HOST struct host host;

	memset(longest, 'x', sizeof longest - 1);
	with_list(&host, "");
	write_list(&host, "lists/nt.breach", BREACH_NT, true);
	host_stack(&host, "password requisite %M\n");
	for (size_t i = 0; i < ROWS(odd); i++) {
		struct talk talk = { .answers = { odd[i], odd[i] } };

		expect_int(choose(&host, &talk), PAM_SUCCESS);
		expect(strstr(host_log, odd[i]) == NULL || odd[i][0] == ' ');
	}
}

/* ---- words of the line ---- */

TEST("use_authtok takes what a line before has asked for, and never asks")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M\n"
			  "password requisite %M use_authtok\n" STORE);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect_int(talk.asked, 2);
	expect(stored(&host, fresh));
}

TEST("use_authtok without a password before it is refused, and told apart")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M use_authtok\n" STORE);
	expect_int(choose(&host, &talk), PAM_AUTHTOK_RECOVERY_ERR);
	expect_int(talk.asked, 0);
	expect(nothing_stored(&host));
	expect(logged_once("password-absent"));
}

/* A line before ours that lets breached passwords through, as pwquality does;
 * its settings are in DIR/warn.conf. */
static void
write_warning_config(const struct host *host)
{
	char text[SCRATCH_PATH_SIZE + 64];

	snprintf(text, sizeof text,
	    "breach_lists = %s/lists/*.breach\nbreach_at_change = warn\n",
	    host->scratch.dir);
	scratch_write_text(&host->scratch, "warn.conf", text);
}

TEST("what another module has asked for is never asked for again here")
{
	static const char *const lines[] = {
		"password requisite %m config=%D/warn.conf\n"
		"password requisite %M use_authtok\n" STORE,
		"password requisite %m config=%D/warn.conf\n"
		"password requisite %M\n" STORE,
	};
	AUTO_HOST struct host host;

	with_list(&host, "");
	write_warning_config(&host);
	for (size_t i = 0; i < ROWS(lines); i++) {
		struct talk talk = { .answers = { "password", "password", fresh,
					 fresh } };

		host_stack(&host, lines[i]);
		expect_int(choose(&host, &talk), PAM_AUTHTOK_ERR);
		expect_int(talk.asked, 2);
		expect(said(&talk, "Choose another."));
		expect(nothing_stored(&host));
	}
}

TEST("a stack that goes on after a refusal finds no password to store")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	host_stack(&host, "password optional %M retry=1\n" STORE);
	(void)choose(&host, &talk);
	expect_int(talk.asked, 2); /* by the line behind us */
	expect(!stored(&host, "password"));
}

TEST("root is only warned, unless the line says enforce_for_root")
{
	AUTO_HOST struct host host;
	struct talk warned = { .answers = { "password", "password" } };
	struct talk refused = { .answers = { "password", fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, choosing);
	caller = 0;
	expect_int(choose(&host, &warned), PAM_SUCCESS);
	expect(said(&warned, "about 50,000 times in data breaches. Another "
			     "would be better."));
	expect(stored(&host, "password"));
	expect(logged_once("password-warned"));
	host_stack(&host, "password requisite %M enforce_for_root\n" STORE);
	expect_int(choose(&host, &refused), PAM_SUCCESS);
	expect_int(refused.asked, 3);
	expect(stored(&host, fresh));
}

TEST("a change that a login demands is the user's, though root runs it")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n" STORE);
	caller = 0;
	expect_int(choose_with(&host, "alice", &talk,
		       PAM_CHANGE_EXPIRED_AUTHTOK),
	    PAM_AUTHTOK_ERR);
	expect(nothing_stored(&host));
}

TEST("a misspelt word of a password line refuses before anything is asked")
{
	static const char *const lines[] = { "password requisite %M rerty=3\n",
		"password requisite %M guard\n",
		"password requisite %M explain\n",
		"password requisite %M retry=0\n",
		"password requisite %M try_first_pass\n",
		"password requisite %M breach_at_change=log\n" };
	AUTO_HOST struct host host;

	with_list(&host, "");
	for (size_t i = 0; i < ROWS(lines); i++) {
		struct talk talk = { .answers = { fresh, fresh } };

		host_stack(&host, lines[i]);
		host_log[0] = '\0';
		expect_int(choose(&host, &talk), PAM_SERVICE_ERR);
		expect_int(talk.asked, 0);
		expect(logged_once("cannot-tell"));
	}
}

/* ---- what the site chooses ---- */

TEST("a site may only warn of breached passwords, or only log them")
{
	AUTO_HOST struct host warns;
	AUTO_HOST struct host logs;
	struct talk talk = { .answers = { "password", "password" } };
	struct talk silent = { .answers = { "password", "password" } };

	with_list(&warns, "breach_at_change = warn\n");
	host_stack(&warns, choosing);
	expect_int(choose(&warns, &talk), PAM_SUCCESS);
	expect(said(&talk, "Another would be better."));
	expect(logged_once("password-warned"));
	with_list(&logs, "breach_at_change = log\n");
	host_stack(&logs, choosing);
	expect_int(choose(&logs, &silent), PAM_SUCCESS);
	expect_int(silent.told, 0);
	expect(logged_once("password-logged"));
}

TEST("what was seen less often than the site minds is taken")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password", "twice", "twice" } };

	with_list(&host, "breach_min_count = 5\n");
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect_int(talk.asked, 3);
	expect(stored(&host, "twice"));
}

TEST("who is unknown chooses no breached password either, and is not named")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_list(&host, "");
	host_stack(&host, "password requisite %M retry=1\n");
	expect_int(choose_with(&host, "mallory", &talk, 0), PAM_AUTHTOK_ERR);
	expect(strstr(host_log, "mallory") == NULL);
	expect(strstr(host_log, "user=\"(unknown)\"") != NULL);
}

/* ---- lists that cannot tell ---- */

static void
remove_list(const struct host *host)
{
	expect_int(unlink(scratch_path(&host->scratch, "lists/all.breach")), 0);
}

static void
remove_folder(const struct host *host)
{
	remove_list(host);
	expect_int(rmdir(scratch_path(&host->scratch, "lists")), 0);
}

static void
cut_list(const struct host *host)
{
	expect_int(truncate(scratch_path(&host->scratch, "lists/all.breach"),
		       4096 + 2048),
	    0);
}

/* In every page, so that whichever is read is damaged. */
static void
damage_pages(const struct host *host)
{
	uint8_t bytes[65536];
	size_t n = scratch_read(&host->scratch, "lists/all.breach", bytes,
	    sizeof bytes);

	expect(n > 4096 && n < sizeof bytes);
	for (size_t at = 4096 + 100; at < n; at += 4096)
		bytes[at] ^= 1;
	scratch_write(&host->scratch, "lists/all.breach", bytes, n);
}

static void
replace_by_text(const struct host *host)
{
	scratch_write_text(&host->scratch, "lists/all.breach",
	    "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:52000\n");
}

static void
open_to_others(const struct host *host)
{
	expect_int(chmod(scratch_path(&host->scratch, "lists/all.breach"),
		       0666),
	    0);
}

static void
replace_by_link(const struct host *host)
{
	remove_list(host);
	expect_int(symlink("/dev/zero",
		       scratch_path(&host->scratch, "lists/all.breach")),
	    0);
}

static void
replace_by_pipe(const struct host *host)
{
	remove_list(host);
	expect_int(mkfifo(scratch_path(&host->scratch, "lists/all.breach"),
		       0644),
	    0);
}

static const struct {
	void (*spoil)(const struct host *host);
	const char *why; /* told in the log beside the file's name */
} troubles[] = {
	{ remove_list, "there is no " },
	{ remove_folder, "there is no " },
	{ cut_list, "" },
	{ damage_pages, "damaged" },
	{ replace_by_text, "" },
	{ open_to_others, "" },
	{ replace_by_link, "link" },
	{ replace_by_pipe, "" },
};

/* One event, which names the file and the reason. */
static bool
logged_trouble(const char *event, const char *why)
{
	return logged_once(event) && strstr(host_log, "why=\"") != NULL &&
	       strstr(host_log, "/lists/") != NULL &&
	       strstr(host_log, ".breach") != NULL &&
	       strstr(host_log, why) != NULL;
}

TEST("while no list can tell, the old password stays, and the user learns why")
{
	for (size_t i = 0; i < ROWS(troubles); i++) {
		AUTO_HOST struct host host;
		struct talk talk = { .answers = { fresh, fresh, fresh } };

		with_list(&host, "");
		troubles[i].spoil(&host);
		host_stack(&host, choosing);
		expect_int(choose(&host, &talk), PAM_AUTHINFO_UNAVAIL);
		expect_int(talk.asked, 1);
		expect(said(&talk, "Your password stays as it is"));
		expect(nothing_stored(&host));
		expect(logged_trouble("password-unknown", troubles[i].why));
		expect_int(host_log_priority, LOG_AUTHPRIV | LOG_ERR);
	}
}

TEST("a site may let passwords be chosen unchecked while no list can tell")
{
	for (size_t i = 0; i < ROWS(troubles); i++) {
		AUTO_HOST struct host host;
		struct talk talk = { .answers = { fresh, fresh } };

		with_list(&host, "breach_when_missing = allow\n");
		troubles[i].spoil(&host);
		host_stack(&host, choosing);
		expect_int(choose(&host, &talk), PAM_SUCCESS);
		expect(said(&talk, "could not be looked up"));
		expect(stored(&host, fresh));
		expect(logged_trouble("password-unchecked", troubles[i].why));
		expect_int(host_log_priority, LOG_AUTHPRIV | LOG_WARNING);
	}
}

TEST("memory that ends is no missing list, and is not forgiven as one")
{
	AUTO_HOST struct host host;
	bool reached = true;

	if (!alloc_can_fail())
		NOT_TESTED("somebody else gives out the memory");
	with_list(&host, "breach_when_missing = allow\n");
	host_stack(&host, choosing);
	for (unsigned at = 1; reached; at++) {
		struct talk talk = { .answers = { "password", "password" } };
		pam_handle_t *pamh = host_start(&host, "alice", &talk);
		int r;

		alloc_begin(at, false);
		r = pam_chauthtok(pamh, 0);
		reached = alloc_end() >= at;
		expect(r != PAM_SUCCESS);
		expect_int(pam_end(pamh, r), PAM_SUCCESS);
		expect(nothing_stored(&host));
	}
}

TEST("root is not kept from changing passwords while no list can tell")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };
	struct talk enforced = { .answers = { fresh, fresh } };

	with_list(&host, "");
	remove_list(&host);
	caller = 0;
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect(said(&talk, "could not be looked up"));
	host_stack(&host, "password requisite %M enforce_for_root\n");
	expect_int(choose(&host, &enforced), PAM_AUTHINFO_UNAVAIL);
}

TEST("where a site only logs, trouble with the lists is for the log, too")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };

	with_list(&host, "breach_at_change = log\n");
	remove_list(&host);
	host_stack(&host, choosing);
	expect_int(choose(&host, &talk), PAM_SUCCESS);
	expect_int(talk.told, 0);
	expect(logged_once("password-unchecked"));
}

TEST("a list that has the password suffices, whatever is wrong with another")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };
	struct talk other = { .answers = { fresh } };

	with_list(&host, "");
	scratch_write_text(&host.scratch, "lists/0.breach", "nothing\n");
	host_stack(&host, "password requisite %M retry=1\n");
	expect_int(choose(&host, &talk), PAM_AUTHTOK_ERR);
	expect(logged_once("password-refused"));
	host_log[0] = '\0';
	expect_int(choose(&host, &other), PAM_AUTHINFO_UNAVAIL);
	expect(strstr(host_log, "/lists/0.breach") != NULL);
}

TEST("where the user database cannot tell, nothing is chosen")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { fresh, fresh } };

	with_list(&host, "");
	host_stack(&host, choosing);
	host_directory_error = EIO;
	expect_int(choose(&host, &talk), PAM_AUTHINFO_UNAVAIL);
	expect_int(talk.asked, 0);
	expect(nothing_stored(&host));
}

/*
 * Logging in.  Programs may not set PAM_AUTHTOK; so a line of ours with split
 * plays the one that asks for the password.
 */

static const char logging_in[] = "auth requisite %M split\n"
				 "auth requisite %M explain\n"
				 "auth required pam_permit.so\n"
				 "account required %M\n"
				 "account required pam_permit.so\n";

/* What is typed for the password, so that it is one where a code is split
 * off. */
#define TYPED(password) password "000000"

/* Auth with these answers, then account; *auth_out may be NULL. */
static int
log_in(struct host *host, const char *user, struct talk *talk, int *auth_out)
{
	pam_handle_t *pamh = host_start(host, user, talk);
	int auth = pam_authenticate(pamh, 0), r;

	if (auth_out != NULL)
		*auth_out = auth;
	r = pam_acct_mgmt(pamh, 0);
	expect_int(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

static void
with_alice(struct host *host, const char *settings)
{
	with_list(host, settings);
	host_enrol(host, "alice", 1000);
	host_stack(host, logging_in);
}

#define RIGHT(password) \
	{ \
		.answers = { TYPED(password), host_code(1000, NOON) } \
	}

TEST("a login with a breached password comes to what the site has chosen")
{
	static const struct {
		const char *setting, *event, *words;
		int code;
	} rows[] = {
		{ "ignore", NULL, NULL, PAM_SUCCESS },
		{ "log", "breached-logged", NULL, PAM_SUCCESS },
		{ "warn", "breached-warned",
		    "Your password has been seen about 50,000 times in data "
		    "breaches. Choose another soon, with passwd.",
		    PAM_SUCCESS },
		{ "change", "breached-change",
		    "50,000 times in data breaches. Choose another now.",
		    PAM_NEW_AUTHTOK_REQD },
		{ "deny", "breached-refused",
		    "50,000 times in data breaches. It opens nothing here any "
		    "more.",
		    PAM_PERM_DENIED },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		AUTO_HOST struct host host;
		struct talk talk = RIGHT("password");
		char settings[64];
		int auth;

		snprintf(settings, sizeof settings, "breach_at_login = %s\n",
		    rows[i].setting);
		with_alice(&host, settings);
		expect_int(log_in(&host, "alice", &talk, &auth), rows[i].code);
		expect_int(auth, PAM_SUCCESS);
		expect_int(talk.told, rows[i].words == NULL ? 0 : 1);
		expect(rows[i].words == NULL || said(&talk, rows[i].words));
		expect(strstr(host_log, "event=accepted ") != NULL);
		expect(rows[i].event == NULL
			   ? strstr(host_log, "breached") == NULL
			   : strstr(host_log, rows[i].event) != NULL);
		expect(strstr(host_log, "why=") == NULL);
	}
}

TEST("nothing is told of the password before all factors have passed")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");
	struct talk wrong = { .answers = { TYPED("password"), "hello" } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = deny\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(talk.told, 0);
	expect(logged_once("accepted"));
	pam_end(pamh, PAM_SUCCESS);
	expect_int(host_login(&host, "alice", &wrong), PAM_AUTH_ERR);
	expect(!said(&wrong, "breaches"));
}

TEST("a login with any other password is as it was")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { TYPED("tangerine"),
				 host_code(1000, NOON) } };

	with_alice(&host, "breach_at_login = deny\n");
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
	expect_int(talk.told, 0);
	expect(logged_once("accepted"));
}

TEST("an attempt that failed leaves nothing for another way in")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { TYPED("password"), "hello" } };
	int auth;

	with_alice(&host, "breach_at_login = deny\n");
	expect_int(log_in(&host, "alice", &talk, &auth), PAM_SUCCESS);
	expect_int(auth, PAM_AUTH_ERR);
	expect(!said(&talk, "breaches"));
}

TEST("the next attempt begins with nothing known of the password before")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { TYPED("password"),
				 host_code(1000, NOON), TYPED("tangerine"),
				 "hello" } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = deny\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	pam_end(pamh, PAM_SUCCESS);
}

TEST("what was found of one user's password is no other's")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = deny\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	pam_set_item(pamh, PAM_USER, "bob");
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	host_add_user("alice2", "alice2", 1000);
	pam_set_item(pamh, PAM_USER, "alice2");
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	pam_set_item(pamh, PAM_USER, "alice");
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	pam_end(pamh, PAM_PERM_DENIED);
}

TEST("an account phase without auth, as after a key, touches nobody")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { NULL } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = deny\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	expect_int(talk.told, 0);
	expect_text(host_log, "");
	pam_end(pamh, PAM_SUCCESS);
}

TEST("who needs no code has a password all the same")
{
	AUTO_HOST struct host host;
	struct talk unenrolled = { .answers = { "password" } };
	struct talk exempt = { .answers = { "password" } };

	with_alice(&host, "breach_at_login = deny\nenrolment = optional\n"
			  "exempt_users = bob\n");
	expect_int(log_in(&host, "carol", &unenrolled, NULL), PAM_PERM_DENIED);
	expect_int(log_in(&host, "bob", &exempt, NULL), PAM_PERM_DENIED);
}

TEST("one prompt for both: the password part is looked up")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { NULL } };
	char both[64];

	with_alice(&host, "breach_at_login = deny\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M use_split\n"
			  "account required %M\n"
			  "account required pam_permit.so\n");
	snprintf(both, sizeof both, "password%s", host_code(1000, NOON));
	talk.answers[0] = both;
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_PERM_DENIED);
	snprintf(both, sizeof both, "tangerine%s", host_code(1000, NOON + 30));
	talk.asked = 0;
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
}

/* Puts alice's code into the lists, too. */
static void
breach_code(const struct host *host, const char *code)
{
	AUTO_LIST struct breach_list list = { .kind = BREACH_SHA1 };

	breach_list_add_password(&list, code, 1);
	breach_list_write(&list, &host->scratch, "lists/code.breach");
}

TEST("a code in the password's place is no password")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { NULL } };
	char both[64];

	with_alice(&host, "breach_at_login = deny\n");
	breach_code(&host, host_code(1000, NOON));
	breach_code(&host, host_code(1000, NOON + 30));
	for (int i = 0; i < 2; i++) {
		breach_code(&host, host_code(1000, NOON + 30 * i));
		host_stack(&host, i == 0 ? "auth requisite %M split\n"
					   "auth required %M use_first_pass\n"
					   "account required %M\n"
					   "account required pam_permit.so\n"
					 : "auth requisite %M split\n"
					   "auth required %M try_first_pass\n"
					   "account required %M\n"
					   "account required pam_permit.so\n");
		host_clock = NOON + 30 * i;
		snprintf(both, sizeof both, "%s000000",
		    host_code(1000, host_clock));
		talk.answers[0] = both;
		talk.asked = 0;
		expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
	}
	expect(strstr(host_log, "breached") == NULL);
}

TEST("with try_first_pass, what was no code was the password")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");

	with_alice(&host, "breach_at_login = deny\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth required %M try_first_pass\n"
			  "account required %M\n"
			  "account required pam_permit.so\n");
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_PERM_DENIED);
}

TEST("a change is not demanded while the minimum age forbids it")
{
	AUTO_HOST struct host host;
	struct talk young = RIGHT("password");
	struct talk old = { .answers = { TYPED("password"),
				host_code(1000, NOON + 30) } };

	with_alice(&host, "breach_at_login = change\n");
	host_changed = NOON / 86400;
	host_least_age = 1;
	expect_int(log_in(&host, "alice", &young, NULL), PAM_SUCCESS);
	expect(said(&young, "50,000 times in data breaches. It cannot be "
			    "changed now"));
	expect(strstr(host_log, "event=breached-postponed ") != NULL);
	host_changed--;
	expect_int(log_in(&host, "alice", &old, NULL), PAM_NEW_AUTHTOK_REQD);
}

TEST("nor while it cannot be told whether it could be made")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");

	with_alice(&host, "breach_at_login = change\n");
	host_shadow_error = EACCES;
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
	expect(said(&talk, "It cannot be changed now"));
	expect(strstr(host_log, "event=breached-postponed ") != NULL);
	expect(strstr(host_log, "Permission denied") != NULL);
	expect(strstr(host_log, "$y$") == NULL);
}

TEST("a list that cannot be read lets a login pass, and is logged")
{
	for (size_t i = 0; i < ROWS(troubles); i++) {
		AUTO_HOST struct host host;
		struct talk talk = RIGHT("password");

		with_alice(&host, "breach_at_login = deny\n");
		troubles[i].spoil(&host);
		expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
		expect_int(talk.told, 0);
		expect(strncmp(strchr(host_log, '\n') + 1,
			   "pam_sallyport(test:auth): event=breached-unknown ",
			   48) == 0);
		expect(strstr(host_log, troubles[i].why) != NULL);
		expect(strstr(host_log, "/lists/") != NULL);
	}
}

TEST("a site that ignores breached logins has no need of a list")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");

	with_alice(&host, "");
	remove_folder(&host);
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
	expect(logged_once("accepted"));
}

TEST("an account line may have settings of its own")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");

	with_alice(&host, "breach_at_login = deny\n");
	scratch_write_text(&host.scratch, "ignore.conf",
	    "breach_at_login = ignore\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M\n"
			  "account required %m config=%D/ignore.conf\n"
			  "account required pam_permit.so\n");
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_SUCCESS);
	expect_int(talk.told, 0);
	expect(logged_once("accepted"));
}

TEST("what cannot be remembered of a password is logged, and lets it pass")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = deny\n");
	pamh = host_start(&host, "alice", &talk);
	data_lasts = 3 + 1 + 3 + 1; /* begun, kept, begun, verified */
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect(strstr(host_log, "event=breached-unknown ") != NULL);
	expect(strstr(host_log, "cannot keep data") != NULL);
	data_lasts = -1;
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	pam_end(pamh, PAM_SUCCESS);
}

TEST("an attempt that cannot forget the one before is refused")
{
	AUTO_HOST struct host host;

	with_alice(&host, "");
	for (int lasts = 0; lasts < 2; lasts++) {
		struct talk talk = RIGHT("tangerine");

		host_log[0] = '\0';
		data_lasts = lasts;
		expect_int(host_login(&host, "alice", &talk),
		    PAM_AUTHINFO_UNAVAIL);
		data_lasts = -1;
		expect_int(talk.asked, 0);
		expect(logged_once("cannot-tell"));
	}
}

TEST("a code that cannot be kept for its line opens nothing")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("tangerine");

	with_alice(&host, "");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M use_split\n");
	data_lasts = 2;
	expect_int(host_login(&host, "alice", &talk), PAM_AUTHINFO_UNAVAIL);
	expect(logged_once("cannot-tell"));
	data_lasts = -1;
}

TEST("guard refuses first, and then the password has its turn")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");
	struct talk none = { .answers = { NULL } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = change\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M\n"
			  "account required %M guard\n"
			  "account required pam_permit.so\n");
	pamh = host_start(&host, "alice", &none);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED);
	expect(logged_once("guard-refused"));
	pam_end(pamh, PAM_PERM_DENIED);
	expect_int(log_in(&host, "alice", &talk, NULL), PAM_NEW_AUTHTOK_REQD);
}

TEST("what guard has looked at is no reason why a password was not changed")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "password" } };

	with_alice(&host, "breach_at_login = warn\nenrolment = optional\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M\n"
			  "auth required pam_permit.so\n"
			  "account required %M guard\n"
			  "account required pam_permit.so\n");
	expect_int(log_in(&host, "carol", &talk, NULL), PAM_SUCCESS);
	expect(strstr(host_log, "event=breached-warned ") != NULL);
	expect(strstr(host_log, "why=") == NULL);
}

TEST("a program that wants silence is told nothing, and has to change")
{
	AUTO_HOST struct host host;
	struct talk talk = RIGHT("password");
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = change\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, PAM_SILENT), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, PAM_SILENT), PAM_NEW_AUTHTOK_REQD);
	expect_int(talk.told, 0);
	pam_end(pamh, PAM_SUCCESS);
}

TEST("once another password has been chosen, none has to be chosen any more")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { TYPED("password"),
				 host_code(1000, NOON), "once", fresh,
				 fresh } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = change\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M\n"
			  "account required %M\n"
			  "account required pam_permit.so\n"
			  "password requisite %M\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_NEW_AUTHTOK_REQD);
	expect_int(pam_chauthtok(pamh, PAM_CHANGE_EXPIRED_AUTHTOK),
	    PAM_SUCCESS);
	expect_int(talk.asked, 5);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	pam_end(pamh, PAM_SUCCESS);
}

TEST("a change that fails leaves the demand as it was")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { TYPED("password"),
				 host_code(1000, NOON), "once" } };
	pam_handle_t *pamh;

	with_alice(&host, "breach_at_login = change\n");
	host_stack(&host, "auth requisite %M split\n"
			  "auth requisite %M\n"
			  "account required %M\n"
			  "account required pam_permit.so\n"
			  "password requisite %M retry=1\n");
	pamh = host_start(&host, "alice", &talk);
	expect_int(pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(pam_chauthtok(pamh, PAM_CHANGE_EXPIRED_AUTHTOK),
	    PAM_AUTHTOK_ERR);
	expect_int(pam_acct_mgmt(pamh, 0), PAM_NEW_AUTHTOK_REQD);
	pam_end(pamh, PAM_SUCCESS);
}
