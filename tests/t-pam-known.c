/* What each line of a stack said, as far as it follows from the whole. */
#include "pam_known.h"

#include "scratch.h"
#include "test.h"
#include "text.h"

#include <stdio.h>

/* What is known of the rules of auth, in one text: "yes, no, not reached". */
static void
expect_known(const char *text, const struct pam_clue *clue, const char *want)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs;
	struct pam_chain chain;
	unsigned known[PAM_RULES_MAX];
	char all[512] = "", room[PAM_KNOWN_SIZE];
	struct trouble why;

	scratch_new(&scratch);
	dirs = (struct pam_dirs){ .dirs = { scratch.dir, NULL } };
	scratch_write_text(&scratch, "x", text);
	expect_int(pam_stack_read(&stack, &dirs, "x", &why), 0);
	expect_int(pam_stack_chain(&stack, PAM_AUTH, &chain), 0);
	if (!pam_known(&chain, clue, known))
		snprintf(all, sizeof all, "cannot be told");
	else
		for (size_t i = 0; i < chain.count; i++)
			text_append(all, sizeof all, "%s%s", i > 0 ? ", " : "",
			    pam_known_text(known[i], room));
	expect_text(all, want);
}

#define DEBIAN \
	"auth [success=1 default=ignore] pam_unix.so\n" \
	"auth requisite pam_deny.so\n" \
	"auth required pam_permit.so\n" \
	"auth requisite pam_sallyport.so\n"

TEST("who got in has satisfied each line on the one way there is")
{
	const struct pam_clue in = { .ours = 3,
		.reached = true,
		.said = RESULT_SUCCESS,
		.status = RESULT_SUCCESS };

	expect_known(DEBIAN, &in, "yes, not reached, yes, yes");
}

TEST("where our line was reached and said no, the password was right")
{
	const struct pam_clue out = { .ours = 3,
		.reached = true,
		.said = RESULT_AUTH_ERR,
		.status = RESULT_AUTH_ERR };

	expect_known(DEBIAN, &out, "yes, not reached, yes, no");
}

TEST("where our line was not reached, the password was wrong")
{
	const struct pam_clue out = { .ours = 3,
		.unreached = true,
		.status = RESULT_AUTH_ERR };

	expect_known(DEBIAN, &out, "no, no, not reached, not reached");
}

TEST("what does not follow is not said")
{
	const struct pam_clue out = { .ours = 9, .status = RESULT_AUTH_ERR };

	expect_known("auth required pam_unix.so\nauth required pam_u2f.so\n",
	    &out, "yes or no, yes or no");
	expect_known(DEBIAN, &out,
	    "yes or no, no or not reached, yes or not reached, "
	    "no or not reached");
}

TEST("a way out that no line explains cannot be told")
{
	const struct pam_clue in = { .ours = 9, .status = RESULT_SUCCESS };

	expect_known("auth required pam_deny.so\n", &in, "cannot be told");
}

TEST("which refusal it was says nothing, which success it was does")
{
	const struct pam_clue out = { .ours = 9, .status = RESULT_MAXTRIES };
	const struct pam_clue renew = { .ours = 9,
		.status = RESULT_NEW_AUTHTOK_REQD };

	expect_known("auth required pam_deny.so\n", &out, "no");
	expect_known("auth required pam_permit.so\n", &renew, "cannot be told");
}

TEST("pam_rootok says yes to whom root tries, as to root himself")
{
	const struct pam_clue root = { .ours = 1,
		.by_root = true,
		.status = RESULT_SUCCESS };
	const struct pam_clue user = { .ours = 1,
		.reached = true,
		.said = RESULT_AUTH_ERR,
		.status = RESULT_SUCCESS };

	expect_known("auth sufficient pam_rootok.so\n"
		     "auth requisite pam_sallyport.so\n",
	    &root, "yes, not reached");
	expect_known("auth sufficient pam_rootok.so\n"
		     "auth requisite pam_sallyport.so\n",
	    &user, "cannot be told");
}
