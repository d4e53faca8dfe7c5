#include "probe.h"

#include "text.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const struct pam_chain *chain;
	const int *results;
	const struct pam_walk *walk;
	probe_is_there *is_there;
	int rounds; /* left, with this one */
	size_t at;  /* how far libpam has come in it */
	bool strayed;
} expected;

void
probe_expect(const struct pam_chain *chain, const int *results,
    const struct pam_walk *walk, int rounds, probe_is_there *is_there)
{
	expected.chain = chain;
	expected.results = results;
	expected.walk = walk;
	expected.is_there = is_there;
	expected.rounds = rounds;
	expected.at = 0;
	expected.strayed = false;
}

int
probe_rounds(enum pam_type type, const struct pam_walk *walk)
{
	return type == PAM_PASSWORD && walk->status == RESULT_SUCCESS ? 2 : 1;
}

static bool
is_called(const struct pam_rule *rule)
{
	return rule->kind == RULE_MODULE &&
	       (expected.is_there == NULL || expected.is_there(rule));
}

/* What the next call has to be of; NULL: no more are expected. */
static const struct pam_rule *
next_rule(size_t *rule_out)
{
	for (; expected.rounds > 0; expected.rounds--, expected.at = 0)
		while (expected.at < expected.walk->count) {
			size_t i = expected.walk->called[expected.at++];

			if (!is_called(expected.chain->rules[i]))
				continue;
			*rule_out = i;
			return expected.chain->rules[i];
		}
	return NULL;
}

static bool
has_words(const struct pam_rule *rule, int argc, const char **argv)
{
	if (argc != rule->arg_count)
		return false;
	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], rule->args[i]) != 0)
			return false;
	return true;
}

__attribute__((visibility("default"))) int probe_called(int argc,
    const char **argv);

int
probe_called(int argc, const char **argv)
{
	size_t i = 0;
	const struct pam_rule *rule = next_rule(&i);

	if (rule == NULL || !has_words(rule, argc, argv)) {
		expected.strayed = true;
		return RESULT_PERM_DENIED;
	}
	return expected.results[i];
}

/* What a file includes libpam 1.5 looks for in these folders, also where it was
 * told of another. */
static const char *const usual_folders[] = { "/etc/pam.d/", "/usr/lib/pam.d/" };
static char folder[512];

void
probe_folder(const char *dir)
{
	snprintf(folder, sizeof folder, "%s", dir);
}

__attribute__((visibility("default"))) FILE *
fopen(const char *path, const char *mode)
{
	static FILE *(*next)(const char *, const char *);
	char moved[1024];

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "fopen");
	for (size_t i = 0; i < 2 && folder[0] != '\0'; i++) {
		const char *name = text_after(path, usual_folders[i]);

		if (name == NULL)
			continue;
		snprintf(moved, sizeof moved, "%s/%s", folder, name);
		path = moved;
	}
	return next(path, mode);
}

/* libpam 1.5 keeps memory of services that it gives up, which is not ours to
 * be told of. */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void)
{
	return "leak:libpam.so";
}

bool
probe_agrees(void)
{
	size_t i;

	return !expected.strayed && next_rule(&i) == NULL;
}

const char *
probe_module(void)
{
	static char path[1024];
	const char *top = getenv("top_builddir");

	snprintf(path, sizeof path, "%s/tests/.libs/pam_probe.so",
	    top != NULL ? top : ".");
	return path;
}

int
probe_unasked(int count, const struct pam_message **messages,
    struct pam_response **answers, void *with)
{
	(void)count;
	(void)messages;
	(void)answers;
	(void)with;
	return PAM_CONV_ERR;
}

int
probe_walk(pam_handle_t *pamh, enum pam_type type)
{
	switch (type) {
	case PAM_AUTH:
		return pam_authenticate(pamh, 0);
	case PAM_ACCOUNT:
		return pam_acct_mgmt(pamh, 0);
	default:
		return pam_chauthtok(pamh, 0);
	}
}
