/* Stacks of other modules, written anew as ours: read, and judged by the
 * doctor. */
#include "doctor.h"
#include "mem.h"
#include "migration.h"
#include "scratch.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMON_ACCOUNT "account required pam_unix.so\n"
#define DEBIAN_AUTH \
	"auth [success=1 default=ignore] pam_unix.so nullok\n" \
	"auth requisite pam_deny.so\nauth required pam_permit.so\n"

/* A folder with the service sshd and a common-auth. */
static void
write_stack(struct scratch *scratch, const char *sshd, const char *common)
{
	scratch_new(scratch);
	scratch_write_text(scratch, "sshd", sshd);
	scratch_write_text(scratch, "common-auth", common);
}

static int
make(const struct scratch *scratch, struct pam_stack *stack,
    struct migration *migration, struct trouble *why)
{
	struct pam_dirs dirs = { .dirs = { scratch->dir, NULL } };

	expect_int(pam_stack_read(stack, &dirs, "sshd", why), 0);
	return migration_make(migration, stack, NULL, why);
}

/* What is written for one file, and that the doctor finds nothing in it. */
static void
expect_file(const char *sshd, const char *common, const char *file,
    const char *wanted)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
	struct trouble why = { "" };

	write_stack(&scratch, sshd, common);
	expect_int(make(&scratch, &stack, &migration, &why), 0);
	expect_int(migration.file_count, 1);
	expect_text(strrchr(migration.files[0].file, '/') + 1, file);
	expect_text(migration.files[0].text, wanted);
	scratch_write_text(&scratch, file, migration.files[0].text);
	doctor.dirs.dirs[0] = scratch.dir;
	doctor.settings_file = scratch_config(&scratch, migration.settings);
	doctor_service(&doctor, "sshd");
	for (size_t i = 0; i < doctor.count; i++)
		print_message("# %s: %s\n", doctor.findings[i].id,
		    doctor.findings[i].text);
	expect_int(doctor.count, 0);
}

TEST("a code behind the password stays there")
{
	expect_file("@include common-auth\n"
		    "# the code\n"
		    "auth required "
		    "pam_google_authenticator.so\n" COMMON_ACCOUNT,
	    DEBIAN_AUTH, "sshd",
	    "@include common-auth\n"
	    "# the code\n"
	    "auth requisite pam_sallyport.so explain\n" COMMON_ACCOUNT);
	expect_file("@include common-auth\n" COMMON_ACCOUNT,
	    DEBIAN_AUTH "auth required pam_oath.so usersfile=/etc/users.oath\n",
	    "common-auth",
	    DEBIAN_AUTH "auth requisite pam_sallyport.so explain\n");
}

TEST("a code before the password goes behind it")
{
	expect_file("auth required \\\n"
		    "  pam_google_authenticator.so nullok\n"
		    "@include common-auth\n" COMMON_ACCOUNT,
	    DEBIAN_AUTH, "sshd",
	    "@include common-auth\n"
	    "auth requisite pam_sallyport.so explain\n" COMMON_ACCOUNT);
}

TEST("password and code in one answer stay one answer")
{
	static const char ours[] =
	    "auth requisite pam_sallyport.so split\n"
	    "auth [success=ok default=die] pam_unix.so use_first_pass\n"
	    "auth requisite pam_sallyport.so use_split "
	    "explain\n" COMMON_ACCOUNT;

	expect_file("auth requisite pam_google_authenticator.so forward_pass\n"
		    "auth [success=ok default=die] pam_unix.so "
		    "use_first_pass\n" COMMON_ACCOUNT,
	    "", "sshd", ours);
	expect_file("auth requisite pam_oath.so use_first_pass\n"
		    "auth [success=ok default=die] pam_unix.so "
		    "use_first_pass\n" COMMON_ACCOUNT,
	    "", "sshd", ours);
}

TEST("who has no authenticator passes where he passed, without a password too")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	struct trouble why = { "" };

	write_stack(&scratch,
	    "auth required pam_google_authenticator.so nullok\n" COMMON_ACCOUNT,
	    "");
	expect_int(make(&scratch, &stack, &migration, &why), 0);
	expect_text(migration.files[0].text,
	    "auth requisite pam_sallyport.so explain\n"
	    "auth required pam_permit.so\n" COMMON_ACCOUNT);
	expect_text(migration.settings, "enrolment = optional\n");
}

TEST("a jump over a refusal stays a jump")
{
	expect_file("@include common-auth\n"
		    "auth [success=1 default=ignore] "
		    "pam_google_authenticator.so nullok\n"
		    "auth requisite pam_deny.so\n"
		    "auth required pam_permit.so\n" COMMON_ACCOUNT,
	    DEBIAN_AUTH, "sshd",
	    "@include common-auth\n"
	    "auth [success=1 ignore=1 default=die] pam_sallyport.so explain\n"
	    "auth requisite pam_deny.so\n"
	    "auth required pam_permit.so\n" COMMON_ACCOUNT);
}

TEST("where other settings were given, lines and commands name their file")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	struct pam_dirs dirs = { .dirs = { scratch.dir, NULL } };
	struct trouble why = { "" };

	write_stack(&scratch,
	    "auth requisite pam_google_authenticator.so forward_pass\n"
	    "auth required pam_unix.so use_first_pass\n"
	    "@include common-auth\n",
	    "auth required pam_oath.so\n");
	expect_int(pam_stack_read(&stack, &dirs, "sshd", &why), 0);
	expect_int(migration_make(&migration, &stack, "/srv/conf", &why), 0);
	expect_text(migration.files[0].text,
	    "auth requisite pam_sallyport.so config=/srv/conf split\n"
	    "auth required pam_unix.so use_first_pass\n"
	    "@include common-auth\n"
	    "auth requisite pam_sallyport.so config=/srv/conf use_split "
	    "explain\n");
	expect_text(migration.files[1].text,
	    "auth requisite pam_sallyport.so config=/srv/conf explain\n");
	expect_text(migration.commands,
	    "sallyport --config /srv/conf import google-authenticator "
	    "--all-homes\n"
	    "sallyport --config /srv/conf import oath /etc/users.oath\n");
}

/*
 * Options
 */

static bool
has_unequal(const struct migration *migration, const char *option)
{
	for (size_t i = 0; i < migration->unequal_count; i++)
		if (strcmp(migration->unequal[i].option, option) == 0)
			return migration->unequal[i].line > 0 &&
			       migration->unequal[i].why[0] != '\0';
	return false;
}

/* Of one line behind the password, what comes of its options. */
static void
expect_options(const char *line, const char *words, const char *settings,
    const char *commands, const char *const *unequal, size_t count)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	struct trouble why = { "" };
	char text[512];

	snprintf(text, sizeof text, "@include common-auth\n%s\n", line);
	write_stack(&scratch, text, DEBIAN_AUTH);
	expect_int(make(&scratch, &stack, &migration, &why), 0);
	snprintf(text, sizeof text,
	    "@include common-auth\nauth requisite pam_sallyport.so explain%s\n",
	    words);
	expect_text(migration.files[0].text, text);
	expect_text(migration.settings, settings);
	expect_text(migration.commands, commands);
	expect_int(migration.unequal_count, count);
	for (size_t i = 0; i < count; i++)
		expect(has_unequal(&migration, unequal[i]));
}

TEST("each option of google-authenticator has an equal, or a reason")
{
	static const char *const unequal[] = { "user=root", "allowed_perm=0400",
		"grace_period=60", "allow_readonly", "debug", "nulok" };

	expect_options("auth required pam_google_authenticator.so nullok "
		       "noskewadj no_increment_hotp no_strict_owner "
		       "echo_verification_code try_first_pass "
		       "[authtok_prompt=Your \\] code: ] user=root "
		       "allowed_perm=0400 grace_period=60 allow_readonly debug "
		       "nulok",
	    " echo try_first_pass [prompt=Your \\] code: ]",
	    "enrolment = optional\n",
	    "sallyport import google-authenticator --all-homes\n", unequal, 6);
	expect_options("auth required pam_google_authenticator.so "
		       "secret=/etc/codes/${USER} use_first_pass",
	    " use_first_pass", "",
	    "sallyport import google-authenticator --user USER "
	    "'/etc/codes/${USER}'   # for each user\n",
	    NULL, 0);
}

TEST("each option of pam_oath has an equal, or a reason")
{
	static const char *const wide[] = { "window=20" };
	static const char *const all[] = { "window=x", "alwaysok",
		"no_usersfile_okay", "debug" };

	expect_options("auth required pam_oath.so usersfile=/etc/oath "
		       "window=20 "
		       "digits=8",
	    "", "window = 2\nhotp_lookahead = 20\ndigits = 8\n",
	    "sallyport import oath /etc/oath\n", wide, 1);
	expect_options("auth required pam_oath.so window=0", "", "window = 0\n",
	    "sallyport import oath /etc/users.oath\n", NULL, 0);
	expect_options("auth required pam_oath.so window=x alwaysok "
		       "no_usersfile_okay debug",
	    "", "", "sallyport import oath /etc/users.oath\n", all, 4);
}

TEST("a control that let wrong codes pass, or ended the stack, has no equal")
{
	static const char *const twice[] = { "sufficient" };
	static const char *const ended[] = { "success=done default=die" };
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	struct trouble why = { "" };

	expect_options("auth [success=done default=die] "
		       "pam_google_authenticator.so",
	    "", "", "sallyport import google-authenticator --all-homes\n",
	    ended, 1);
	write_stack(&scratch, "auth sufficient pam_oath.so\n" COMMON_ACCOUNT,
	    "");
	expect_int(make(&scratch, &stack, &migration, &why), 0);
	expect_int(migration.unequal_count, 2);
	expect(has_unequal(&migration, twice[0]));
}

TEST("a stack without such a module comes to nothing, one with two is refused")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SCRATCH struct scratch other;
	AUTO_STACK struct pam_stack none = { 0 };
	AUTO_STACK struct pam_stack two = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	AUTO_MIGRATION struct migration refused = { 0 };
	struct trouble why = { "" };

	write_stack(&scratch, "@include common-auth\n", DEBIAN_AUTH);
	expect_int(make(&scratch, &none, &migration, &why), 0);
	expect_int(migration.file_count, 0);
	write_stack(&other,
	    "auth required pam_oath.so\n"
	    "auth required pam_google_authenticator.so\n",
	    "");
	expect_int(make(&other, &two, &refused, &why), ERR_INPUT);
	expect(strstr(why.text, "asks for two codes") != NULL);
}
