/*
 * pam-edit: sshd's PAM file, changed so that it asks for a code.
 *
 * Input: a byte, whose bit 0 says that a key comes before the code, and bit 1
 * that an authenticator is offered, then the file's text up to a NUL.  It can include common-auth, common-account and
 * common-all, a file of both.
 *
 * Oracle: without our lines, and without the "#" before each line that was
 * taken out, the new text is the old one.  It has one line of ours that judges,
 * behind everything else of auth but pam_permit, and beside no other that asks
 * for a code; behind a key, nothing of its own asks for a password.  What is
 * refused leaves nothing and names a reason.
 */
#include "fuzz.h"
#include "mem.h"
#include "pam_edit.h"
#include "pam_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_MOST = 4096 };

#define AUTH \
	"auth [success=1 default=ignore] pam_unix.so\n" \
	"auth requisite pam_deny.so\n" \
	"auth required pam_permit.so\n"
#define ACCOUNT "account required pam_unix.so\n"

static const char permit[] = "auth     required    pam_permit.so";

static const char *
pam_dir(void)
{
	static char dir[SCRATCH_PATH_SIZE];
	const struct scratch *scratch = fuzz_store();

	if (dir[0] != '\0')
		return dir;
	MUST(mkdir(scratch_path(scratch, "pam.d"), 0700) == 0);
	scratch_write_text(scratch, "pam.d/common-auth", AUTH);
	scratch_write_text(scratch, "pam.d/common-account", ACCOUNT);
	scratch_write_text(scratch, "pam.d/common-all", AUTH ACCOUNT);
	snprintf(dir, sizeof dir, "%s", scratch_path(scratch, "pam.d"));
	return dir;
}

static int
read_stack(const char *text, struct pam_stack *stack)
{
	const struct pam_dirs dirs = { .dirs = { pam_dir(), NULL } };
	struct trouble why;

	scratch_write_text(fuzz_store(), "pam.d/sshd", text);
	return pam_stack_read(stack, &dirs, "sshd", &why);
}

/* The next line, and past it. */
static size_t
next_line(const char **at, const char **line)
{
	size_t len = strcspn(*at, "\n");

	*line = *at;
	*at += len + ((*at)[len] == '\n');
	return len;
}

static bool
is_ours(const char *line, size_t len, bool key)
{
	return memmem(line, len, "pam_sallyport.so", 16) != NULL ||
	       (key && len == strlen(permit) && memcmp(line, permit, len) == 0);
}

/* Each line of before stands in after, in this order, as it is or behind a
 * "#"; what else is there is ours. */
static void
check_lines(const char *before, const char *after, bool key)
{
	const char *line = "", *other;
	size_t len, other_len;

	while (*before != '\0') {
		len = next_line(&before, &line);
		do {
			MUST(*after != '\0');
			other_len = next_line(&after, &other);
			if (key && other_len == len + 1 && other[0] == '#' &&
			    memcmp(other + 1, line, len) == 0)
				break;
			if (other_len == len && memcmp(other, line, len) == 0)
				break;
			MUST(is_ours(other, other_len, key));
		} while (true);
	}
	while (*after != '\0') {
		other_len = next_line(&after, &other);
		MUST(is_ours(other, other_len, key));
	}
}

static void
check_stack(const char *after, bool key)
{
	AUTO_STACK struct pam_stack stack = { 0 };
	size_t judges = 0, behind = 0;

	MUST(read_stack(after, &stack) == 0 && !stack.aborted);
	for (size_t i = 0; i < stack.count; i++) {
		const struct pam_rule *rule = &stack.rules[i];

		if (rule->type != PAM_AUTH)
			continue;
		if (pam_rule_role(rule) == ROLE_OURS) {
			judges++;
			continue;
		}
		MUST(pam_rule_role(rule) != ROLE_CODE);
		if (key)
			MUST(pam_rule_role(rule) != ROLE_FACTOR);
		behind += judges > 0;
	}
	MUST(judges == 1 && behind == (key ? 1 : 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	unsigned how = (unsigned)input_number(&input, 1);
	bool key = (how & 1) != 0;
	enum pam_edit edit = key	      ? EDIT_KEY
			     : (how & 2) != 0 ? EDIT_OFFER
					      : EDIT_PASSWORD;
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_FREE char *after = NULL;
	struct trouble why = { "" };
	char before[TEXT_MOST + 1] = "";
	int r;

	input_bytes(&input, before, TEXT_MOST);
	if (read_stack(before, &stack) < 0)
		return 0; /* it includes itself */
	r = pam_edit(&stack, before, edit, "", &after, &why);
	if (r < 0) {
		MUST(r == ERR_EXISTS || r == ERR_UNSUPPORTED);
		MUST(after == NULL && is_one_line(&why));
		return 0;
	}
	check_lines(before, after, key);
	check_stack(after, key);
	return 0;
}
