/* sshd's PAM file as `setup --ssh` would write it. */
#include "mem.h"
#include "pam_edit.h"
#include "scratch.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = 8192 };

#define COMMON_AUTH \
	"auth [success=1 default=ignore] pam_unix.so nullok\n" \
	"auth requisite pam_deny.so\n" \
	"auth required pam_permit.so\n"
#define COMMON_ACCOUNT \
	"account [success=1 new_authtok_reqd=done default=ignore] " \
	"pam_unix.so\n" \
	"account requisite pam_deny.so\n" \
	"account required pam_permit.so\n"

/* What pam_edit makes of this text of sshd's file, beside Debian's common
 * ones. */
static int
edit(const char *text, enum pam_edit how, const char *words, char **out,
    struct trouble *why)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs;

	scratch_new(&scratch);
	dirs = (struct pam_dirs){ .dirs = { scratch.dir, NULL } };
	scratch_write_text(&scratch, "sshd", text);
	scratch_write_text(&scratch, "common-auth", COMMON_AUTH);
	scratch_write_text(&scratch, "common-account", COMMON_ACCOUNT);
	scratch_write_text(&scratch, "common-all", COMMON_AUTH COMMON_ACCOUNT);
	scratch_write_text(&scratch, "common-session",
	    "session required pam_unix.so\n");
	scratch_write_text(&scratch, "common-password",
	    "password required pam_unix.so\n");
	scratch_write_text(&scratch, "other",
	    "auth required pam_deny.so\naccount required pam_deny.so\n");
	expect_int(pam_stack_read(&stack, &dirs, "sshd", why), 0);
	return pam_edit(&stack, text, how, words, out, why);
}

static void
expect_edit(const char *text, enum pam_edit how, const char *words,
    const char *want)
{
	AUTO_FREE char *got = NULL;
	struct trouble why = { "" };
	int r = edit(text, how, words, &got, &why);

	if (r < 0)
		fail_msg("%s", why.text);
	expect_text(got, want);
}

static void
expect_refused(const char *text, enum pam_edit how, int err, const char *names)
{
	AUTO_FREE char *got = NULL;
	struct trouble why = { "" };

	expect_int(edit(text, how, "", &got, &why), err);
	expect(got == NULL);
	if (strstr(why.text, names) == NULL)
		fail_msg("\"%s\" does not name %s", why.text, names);
}

TEST("a file without our line gets back the one that is tested and printed")
{
	char tested[TEXT_ROOM], plain[TEXT_ROOM] = "", line[512];
	char path[512];
	size_t used = 0, put = 0;
	const char *top = getenv("top_srcdir");
	FILE *file;

	snprintf(path, sizeof path, "%s/data/stacks/sshd-password-code",
	    top != NULL ? top : ".");
	if ((file = fopen(path, "re")) == NULL)
		fail_msg("cannot open %s", path);
	while (fgets(line, sizeof line, file) != NULL) {
		used += (size_t)snprintf(tested + used, sizeof tested - used,
		    "%s", line);
		if (strstr(line, "pam_sallyport.so") == NULL)
			put += (size_t)snprintf(plain + put, sizeof plain - put,
			    "%s", line);
	}
	fclose(file);
	expect(put > 0 && put < used);
	expect_edit(plain, EDIT_PASSWORD, "", tested);
}

TEST("behind the key, what asks for a password becomes a comment, and guard "
     "comes before what account includes")
{
	expect_edit("# Debian's\n"
		    "@include common-auth\n"
		    "account  required  pam_nologin.so\n"
		    "@include common-account\n"
		    "session  optional  pam_motd.so\n",
	    EDIT_KEY, "",
	    "# Debian's\n"
	    "#@include common-auth\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "auth     required    pam_permit.so\n"
	    "account  required  pam_nologin.so\n"
	    "account  required    pam_sallyport.so guard\n"
	    "@include common-account\n"
	    "session  optional  pam_motd.so\n");
}

TEST("what asks nobody who he is stays, and comes first")
{
	expect_edit("auth required pam_env.so\n"
		    "auth substack common-auth\n"
		    "auth optional pam_faildelay.so\n"
		    "account include common-account\n",
	    EDIT_KEY, "",
	    "auth required pam_env.so\n"
	    "#auth substack common-auth\n"
	    "auth optional pam_faildelay.so\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "auth     required    pam_permit.so\n"
	    "account  required    pam_sallyport.so guard\n"
	    "account include common-account\n");
}

TEST("words that are read in any case are found in any")
{
	expect_edit("@Include common-auth\n"
		    "ACCOUNT INCLUDE common-account\n",
	    EDIT_KEY, "",
	    "#@Include common-auth\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "auth     required    pam_permit.so\n"
	    "account  required    pam_sallyport.so guard\n"
	    "ACCOUNT INCLUDE common-account\n");
}

TEST("where account includes nothing, guard comes last; lines have ends")
{
	expect_edit("auth required pam_unix.so\n"
		    "account required pam_nologin.so\n"
		    "account required pam_unix.so",
	    EDIT_KEY, "",
	    "#auth required pam_unix.so\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "auth     required    pam_permit.so\n"
	    "account required pam_nologin.so\n"
	    "account required pam_unix.so\n"
	    "account  required    pam_sallyport.so guard\n");
}

TEST("where an authenticator is offered, account has a line of ours")
{
	expect_edit("@include common-auth\n"
		    "account required pam_nologin.so\n"
		    "@include common-account\n",
	    EDIT_OFFER, "",
	    "@include common-auth\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "account required pam_nologin.so\n"
	    "account  required    pam_sallyport.so\n"
	    "@include common-account\n");
}

TEST("words for our lines stand in each of them")
{
	expect_edit("auth required pam_unix.so\n"
		    "account required pam_unix.so\n",
	    EDIT_PASSWORD, " config=/x",
	    "auth required pam_unix.so\n"
	    "auth     requisite   pam_sallyport.so config=/x explain\n"
	    "account required pam_unix.so\n");
	expect_edit("auth required pam_unix.so\n"
		    "account required pam_unix.so\n",
	    EDIT_KEY, " config=/x",
	    "#auth required pam_unix.so\n"
	    "auth     requisite   pam_sallyport.so config=/x explain\n"
	    "auth     required    pam_permit.so\n"
	    "account required pam_unix.so\n"
	    "account  required    pam_sallyport.so config=/x guard\n");
}

TEST("a file that calls us already is left alone, unless for new passwords")
{
	expect_refused("auth required pam_unix.so\n"
		       "auth requisite pam_sallyport.so\n"
		       "account required pam_unix.so\n",
	    EDIT_PASSWORD, ERR_EXISTS, "sshd:2");
	expect_refused("auth required pam_unix.so\n"
		       "account required pam_sallyport.so guard\n",
	    EDIT_KEY, ERR_EXISTS, "sshd:2");
	expect_edit("auth required pam_unix.so\n"
		    "account required pam_unix.so\n"
		    "password requisite pam_sallyport.so\n",
	    EDIT_PASSWORD, "",
	    "auth required pam_unix.so\n"
	    "auth     requisite   pam_sallyport.so explain\n"
	    "account required pam_unix.so\n"
	    "password requisite pam_sallyport.so\n");
}

TEST("where another module asks for a code, ours is put beside it by nobody")
{
	expect_refused("@include common-auth\n"
		       "auth required pam_google_authenticator.so\n"
		       "account required pam_unix.so\n",
	    EDIT_PASSWORD, ERR_UNSUPPORTED, "sshd:2");
	expect_refused("auth required pam_oath.so\n"
		       "account required pam_unix.so\n",
	    EDIT_KEY, ERR_UNSUPPORTED, "--migrate");
}

TEST("a form that only a person can change is refused, and the line named")
{
	expect_refused("auth required \\ \n pam_unix.so\n"
		       "account required pam_unix.so\n",
	    EDIT_PASSWORD, ERR_UNSUPPORTED, "sshd:1");
	expect_refused("account required pam_unix.so\n", EDIT_PASSWORD,
	    ERR_UNSUPPORTED, "auth");
	expect_refused("auth required pam_unix.so\n", EDIT_KEY, ERR_UNSUPPORTED,
	    "account");
	expect_refused("@include common-all\n", EDIT_KEY, ERR_UNSUPPORTED,
	    "sshd:1");
	expect_refused("@include nowhere\n", EDIT_PASSWORD, ERR_UNSUPPORTED,
	    "missing");
	expect_refused("", EDIT_PASSWORD, ERR_UNSUPPORTED, "auth");
}

TEST("a line that brings auth and account serves the password as it is")
{
	expect_edit("@include common-all\n", EDIT_PASSWORD, "",
	    "@include common-all\n"
	    "auth     requisite   pam_sallyport.so explain\n");
}
