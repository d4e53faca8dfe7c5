/* Stacks are read and walked as libpam does it. */
#include "pam_paths.h"
#include "pam_stack.h"
#include "scratch.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The service "x" with this text. */
static int
read_as(enum pam_release release, const struct scratch *scratch, const char *x,
    struct pam_stack *stack)
{
	struct pam_dirs dirs = { { scratch->dir, NULL }, release };
	struct trouble why;

	scratch_write_text(scratch, "x", x);
	return pam_stack_read(stack, &dirs, "x", &why);
}

/* The same, and a "y" that it can include. */
static int
read_two(const struct scratch *scratch, const char *x, const char *y,
    struct pam_stack *stack)
{
	if (y != NULL)
		scratch_write_text(scratch, "y", y);
	return read_as(PAM_AS_BUILT, scratch, x, stack);
}

static const struct pam_rule *
read_one(const struct scratch *scratch, const char *line,
    struct pam_stack *stack)
{
	expect_int(read_two(scratch, line, NULL, stack), 0);
	expect(!stack->aborted);
	expect_int(stack->count, 1);
	return &stack->rules[0];
}

#define EXPECT_ACTION(rule, result, action) \
	expect_int((rule)->actions[result], action)

/*
 * Lines
 */

TEST("comments and blank lines are passed over, and counted")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch,
	    "# one\n\n  \t\nauth required pam_x.so # two\n", &stack);
	expect_int(rule->line, 4);
	expect_int(rule->arg_count, 0);
	expect_text(rule->module, "pam_x.so");
}

TEST("a backslash at its end continues a line")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch,
	    "auth \\\n required \\  \n pam_x.so a\\\n\tb\n", &stack);
	expect_int(rule->line, 1);
	expect_int(rule->arg_count, 2);
	expect_text(rule->args[1], "b");
	expect(stack.torn_file == NULL);
}

static const char *const torn[] = { /* by a comment, by a blank line */
	"auth required pam_x.so \\\n# no\n a\nauth required pam_y.so\n",
	"auth required pam_x.so \\\n \n a\nauth required pam_y.so\n"
};

TEST("before 1.6 a line goes on past comments and blank lines")
{
	AUTO_SCRATCH struct scratch scratch;

	scratch_new(&scratch);
	for (size_t i = 0; i < 2; i++) {
		AUTO_STACK struct pam_stack stack = { 0 };

		expect_int(read_as(PAM_BEFORE_1_6, &scratch, torn[i], &stack),
		    0);
		expect_int(stack.count, 2);
		expect_text(stack.rules[0].args[0], "a");
		expect_int(stack.rules[1].line, 4);
		expect_int(stack.torn_line, 1);
	}
}

TEST("since 1.6 a comment or a blank line ends a line that was to go on")
{
	AUTO_SCRATCH struct scratch scratch;

	scratch_new(&scratch);
	for (size_t i = 0; i < 2; i++) {
		AUTO_STACK struct pam_stack stack = { 0 };

		expect_int(read_as(PAM_SINCE_1_6, &scratch, torn[i], &stack),
		    0);
		expect_int(stack.count, 3);
		expect_int(stack.rules[0].arg_count, 0);
		expect_int(stack.rules[1].kind, RULE_BROKEN);
		expect_int(stack.rules[1].line, 3);
		expect_text(stack.rules[2].module, "pam_y.so");
		expect_int(stack.torn_line, 1);
	}
}

TEST("since 1.6 what goes on in brackets has no blanks at its line's begin")
{
	static const char text[] = "auth required pam_x.so [a\\\n \tb]\n";
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack before = { 0 };
	AUTO_STACK struct pam_stack since = { 0 };

	scratch_new(&scratch);
	expect_int(read_as(PAM_BEFORE_1_6, &scratch, text, &before), 0);
	expect_text(before.rules[0].args[0], "a  \tb");
	expect_int(read_as(PAM_SINCE_1_6, &scratch, text, &since), 0);
	expect_text(since.rules[0].args[0], "a b");
}

TEST("a backslash before a comment continues nothing")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch, "auth required pam_x.so \\ # no\n", &stack);
	expect_int(rule->arg_count, 1);
	expect_text(rule->args[0], "\\");
}

TEST("a file that ends in a line that goes on is given up")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, "auth required pam_x.so \\\n", NULL,
		       &stack),
	    0);
	expect(stack.aborted);
}

TEST("a word in brackets is one, and may hold a closing one")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch,
	    "auth [success=ok default=die]pam_x.so [a \\] b=c] d\n", &stack);
	expect_text(rule->control, "success=ok default=die");
	expect_text(rule->args[0], "a ] b=c");
	expect_text(rule->args[1], "d");
	expect(pam_rule_has(rule, "d"));
	expect(!pam_rule_has(rule, "a"));
}

TEST("before 1.6 a line longer than libpam's buffer is cut in two, later not")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_STACK struct pam_stack since = { 0 };
	char line[2048];

	scratch_new(&scratch);
	memset(line, 'x', sizeof line);
	memcpy(line, "auth required pam_x.so ", 23);
	memcpy(line + 1100, " y\n", 4);
	expect_int(read_as(PAM_BEFORE_1_6, &scratch, line, &stack), 0);
	expect_int(stack.count, 2);
	expect_int(stack.rules[1].kind, RULE_BROKEN);
	expect_int(read_as(PAM_SINCE_1_6, &scratch, line, &since), 0);
	expect_int(since.count, 1);
	expect_text(since.rules[0].args[1], "y");
}

/*
 * Controls
 */

TEST("the four keywords mean what pam.conf(5) says")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rules;

	scratch_new(&scratch);
	expect_int(read_two(&scratch,
		       "auth REQUIRED pam_x.so\nauth requisite pam_x.so\n"
		       "auth Optional pam_x.so\nauth [sufficient] pam_x.so\n",
		       NULL, &stack),
	    0);
	rules = stack.rules;
	EXPECT_ACTION(&rules[0], RESULT_SUCCESS, ACTION_OK);
	EXPECT_ACTION(&rules[0], RESULT_IGNORE, ACTION_IGNORE);
	EXPECT_ACTION(&rules[0], RESULT_AUTH_ERR, ACTION_BAD);
	EXPECT_ACTION(&rules[1], RESULT_AUTH_ERR, ACTION_DIE);
	EXPECT_ACTION(&rules[2], RESULT_AUTH_ERR, ACTION_IGNORE);
	EXPECT_ACTION(&rules[3], RESULT_NEW_AUTHTOK_REQD, ACTION_DONE);
	EXPECT_ACTION(&rules[3], RESULT_AUTH_ERR, ACTION_IGNORE);
}

TEST("in brackets, default is for what no pair before it names")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch,
	    "auth [ success = 2  default=ignore auth_err=reset ] pam_x.so\n",
	    &stack);
	EXPECT_ACTION(rule, RESULT_SUCCESS, 2);
	EXPECT_ACTION(rule, RESULT_AUTH_ERR, ACTION_RESET);
	EXPECT_ACTION(rule, RESULT_PERM_DENIED, ACTION_IGNORE);
}

TEST("one error in brackets makes every result bad")
{
	static const char *const wrong[] = { "success=okay", "success ok",
		"sucess=ok", "success=0", "success=", "requird" };

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		AUTO_SCRATCH struct scratch scratch;
		AUTO_STACK struct pam_stack stack = { 0 };
		const struct pam_rule *rule;
		char line[80];

		scratch_new(&scratch);
		snprintf(line, sizeof line, "auth [default=ok %s] pam_x.so\n",
		    wrong[i]);
		rule = read_one(&scratch, line, &stack);
		EXPECT_ACTION(rule, RESULT_SUCCESS, ACTION_BAD);
		EXPECT_ACTION(rule, RESULT_IGNORE, ACTION_BAD);
	}
}

TEST("what cannot be read fails as auth")
{
	static const char *const wrong[] = { "auth\n", "auth required\n",
		"auht required pam_x.so\n" };

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		AUTO_SCRATCH struct scratch scratch;
		AUTO_STACK struct pam_stack stack = { 0 };
		const struct pam_rule *rule;

		scratch_new(&scratch);
		rule = read_one(&scratch, wrong[i], &stack);
		expect_int(rule->kind, RULE_BROKEN);
		expect_int(rule->type, PAM_AUTH);
	}
}

/*
 * Files
 */

TEST("include takes one type of a file, @include all")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, "account include y\n@include y\n",
		       "auth required pam_a.so\naccount required pam_b.so\n",
		       &stack),
	    0);
	expect_int(stack.count, 3);
	expect_text(stack.rules[0].module, "pam_b.so");
	expect_text(stack.rules[1].module, "pam_a.so");
	expect_int(stack.rules[0].line, 2);
	expect_int(stack.rules[0].top_line, 1);
	expect_int(stack.rules[2].top_line, 2);
}

TEST("a substack is a level of its own, behind a marker")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, "auth substack y\n",
		       "auth required pam_a.so\n", &stack),
	    0);
	expect_int(stack.count, 2);
	expect_int(stack.rules[0].kind, RULE_SUBSTACK);
	expect_int(stack.rules[0].level, 0);
	expect_int(stack.rules[1].level, 1);
}

TEST("a missing include fails its type, a missing @include everything")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack one = { 0 };
	AUTO_STACK struct pam_stack all = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, "auth include z\n", NULL, &one), 0);
	expect(!one.aborted);
	expect_int(one.rules[0].kind, RULE_BROKEN);
	expect_int(read_two(&scratch, "@include z\n", NULL, &all), 0);
	expect(all.aborted);
}

TEST("a file that includes itself comes to an end")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, "auth include x\nauth substack x\n", NULL,
		       &stack),
	    ERR_IO);
}

TEST("since 1.6 a file is included fifteen deep, and then fails its type")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack before = { 0 };
	AUTO_STACK struct pam_stack since = { 0 };

	scratch_new(&scratch);
	expect_int(read_as(PAM_BEFORE_1_6, &scratch, "auth include x\n",
		       &before),
	    ERR_IO);
	expect_int(read_as(PAM_SINCE_1_6, &scratch, "auth include x\n", &since),
	    0);
	expect_int(since.file_count, 16);
	expect_int(since.count, 1);
	expect_int(since.rules[0].kind, RULE_BROKEN);
}

TEST("a type without lines is taken from other")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };

	scratch_new(&scratch);
	scratch_write_text(&scratch, "other",
	    "auth required pam_deny.so\naccount required pam_deny.so\n");
	expect_int(read_two(&scratch, "auth required pam_x.so\n", NULL, &stack),
	    0);
	expect_int(stack.count, 2);
	expect_text(stack.rules[0].module, "pam_x.so");
	expect_int(stack.rules[1].type, PAM_ACCOUNT);
}

TEST("a service's name is taken without folder and in lower case")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs;
	struct trouble why;

	scratch_new(&scratch);
	dirs = (struct pam_dirs){ .dirs = { scratch.dir, NULL } };
	scratch_write_text(&scratch, "x", "auth required pam_x.so\n");
	expect_int(pam_stack_read(&stack, &dirs, "/usr/sbin/X", &why), 0);
	expect_int(stack.count, 1);
}

TEST("a service that has no file, where other has none, is given up")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs;
	struct trouble why;

	scratch_new(&scratch);
	dirs = (struct pam_dirs){ .dirs = { scratch.dir, NULL } };
	expect_int(pam_stack_read(&stack, &dirs, "x", &why), 0);
	expect(stack.aborted);
}

TEST("a module is known by its file's name alone")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	const struct pam_rule *rule;

	scratch_new(&scratch);
	rule = read_one(&scratch, "auth required /opt/lib/pam_x.so\n", &stack);
	expect(pam_rule_calls(rule, "pam_x"));
	expect(!pam_rule_calls(rule, "pam_xy"));
	expect(!pam_rule_calls(rule, "pam_"));
}

/*
 * Walks
 */

/* Walks auth of x, whose modules are called after what they answer:
 * pam_success, pam_auth_err, ... */
static int
walk(const char *x, const char *y, struct pam_walk *walk_out)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_chain chain;
	int results[PAM_RULES_MAX] = { 0 };

	scratch_new(&scratch);
	expect_int(read_two(&scratch, x, y, &stack), 0);
	expect_int(pam_stack_chain(&stack, PAM_AUTH, &chain), 0);
	for (size_t i = 0; i < chain.count; i++)
		for (int result = 0; result < RESULT_COUNT; result++) {
			char name[64];

			snprintf(name, sizeof name, "pam_%s",
			    pam_result_name(result));
			if (pam_rule_calls(chain.rules[i], name))
				results[i] = result;
		}
	pam_chain_walk(&chain, results, walk_out);
	return walk_out->status;
}

#define YES "pam_success.so\n"
#define NO  "pam_auth_err.so\n"

TEST("a failed required is remembered, a failed requisite ends the walk")
{
	struct pam_walk w;

	expect_int(walk("auth required " NO "auth required " YES, NULL, &w),
	    RESULT_AUTH_ERR);
	expect_int(w.count, 2);
	expect_int(w.spoiler, 0);
	expect_int(walk("auth requisite " NO "auth required " YES, NULL, &w),
	    RESULT_AUTH_ERR);
	expect_int(w.count, 1);
}

TEST("sufficient ends the walk, unless something has failed before")
{
	struct pam_walk w;

	expect_int(walk("auth sufficient " YES "auth required " NO, NULL, &w),
	    RESULT_SUCCESS);
	expect_int(w.count, 1);
	expect_int(walk("auth required " NO "auth sufficient " YES
			"auth required " YES,
		       NULL, &w),
	    RESULT_AUTH_ERR);
	expect_int(w.count, 3);
}

TEST("where nobody says yes the answer is no")
{
	struct pam_walk w;

	expect_int(walk("auth optional " NO, NULL, &w), RESULT_PERM_DENIED);
	expect_int(walk("auth required pam_ignore.so\n", NULL, &w),
	    RESULT_PERM_DENIED);
	expect_int(walk("account required " YES, NULL, &w), RESULT_PERM_DENIED);
	expect_int(walk("auth [success=bad] " YES, NULL, &w),
	    RESULT_PERM_DENIED);
}

TEST("a jump skips lines and says nothing itself")
{
	struct pam_walk w;

	expect_int(walk("auth [success=1 default=ignore] " YES
			"auth requisite " NO "auth required " YES,
		       NULL, &w),
	    RESULT_SUCCESS);
	expect_int(w.count, 2);
	expect_int(walk("auth [success=1] " YES "auth required " YES, NULL, &w),
	    RESULT_PERM_DENIED);
}

TEST("a jump past the end fails")
{
	struct pam_walk w;

	expect_int(walk("auth required " YES "auth [success=2] " YES
			"auth required " YES,
		       NULL, &w),
	    RESULT_PERM_DENIED);
	expect_int(w.spoiler, 1);
}

TEST("sufficient and die end only the substack they are in")
{
	struct pam_walk w;

	expect_int(walk("auth substack y\nauth required " YES,
		       "auth sufficient " YES "auth required " NO, &w),
	    RESULT_SUCCESS);
	expect_int(w.count, 2);
	expect_int(walk("auth substack y\nauth required " YES,
		       "auth requisite " NO "auth required " YES, &w),
	    RESULT_AUTH_ERR);
	expect_int(w.count, 2);
}

TEST("a jump counts a substack as one line")
{
	struct pam_walk w;

	expect_int(walk("auth [success=1] " YES "auth substack y\n"
			"auth required " YES,
		       "auth required " NO "auth required " NO, &w),
	    RESULT_SUCCESS);
	expect_int(w.count, 2);
}

TEST("reset goes back to what was thought before the substack")
{
	struct pam_walk w;

	expect_int(walk("auth required " YES "auth substack y\n",
		       "auth required " NO "auth [success=reset] " YES, &w),
	    RESULT_SUCCESS);
	expect_int(walk("auth required " YES "auth required " NO
			"auth [success=reset] " YES "auth required " YES,
		       NULL, &w),
	    RESULT_SUCCESS);
}

/*
 * Paths
 */

static size_t
count_paths(const char *x, size_t *accepted_out)
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_answers answers[PAM_RULES_MAX];
	struct pam_chain chain;
	struct pam_paths paths;

	scratch_new(&scratch);
	expect_int(read_two(&scratch, x, NULL, &stack), 0);
	expect_int(pam_stack_chain(&stack, PAM_AUTH, &chain), 0);
	for (size_t i = 0; i < chain.count; i++)
		pam_answers_of(&answers[i], chain.rules[i], false);
	*accepted_out = 0;
	pam_paths_begin(&paths, &chain, answers);
	while (pam_paths_next(&paths))
		*accepted_out += paths.walk.status == RESULT_SUCCESS;
	expect_int(paths.cut, paths.count == PAM_PATHS_MAX);
	return paths.count;
}

TEST("every path is gone through once")
{
	size_t accepted;

	expect_int(count_paths("auth required pam_unix.so\n"
			       "auth required pam_sss.so\n",
		       &accepted),
	    4);
	expect_int(accepted, 1);
	expect_int(count_paths("auth requisite pam_unix.so\n"
			       "auth requisite pam_sss.so\n",
		       &accepted),
	    3);
	expect_int(count_paths("auth [success=1 default=ignore] pam_unix.so\n"
			       "auth requisite pam_deny.so\n"
			       "auth required pam_permit.so\n",
		       &accepted),
	    2);
	expect_int(accepted, 1);
}

TEST("too many paths are cut, and it is told")
{
	char x[2048] = "";
	size_t accepted;

	for (int i = 0; i < 20; i++)
		strcat(x, "auth optional pam_unix.so\n");
	expect_int(count_paths(x, &accepted), PAM_PATHS_MAX);
}
