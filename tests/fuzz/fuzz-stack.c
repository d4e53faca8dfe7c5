/*
 * stack: the file of a PAM service, and one that it can include.
 *
 * Input: two bytes, of which come what the modules answer; the file of the
 * service "x"; a NUL; the file "y".
 *
 * Oracle: the real libpam, with the probe in every module's place, calls the
 * same lines with the same words and comes to the same.  It is not asked where
 * our reader says that it cannot know, or that libpam gives a file up: libpam 1.5
 * then goes on with memory that it has not filled, or reads a name that is not
 * there.
 */
#include "../host.h"
#include "../probe.h"
#include "fuzz.h"
#include "pam_stack.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_MOST = 900,   /* so that no line is longer than libpam's buffer */
	ANSWER_LATER = 30, /* which stops a walk to go on with it later, */
	ANSWER_INCOMPLETE = 31, /* which is not what is looked at here */
};

/* While libpam walks, whatever it loads is the probe: a file made up must not
 * get at the machine's modules. */
static bool walking;

__attribute__((visibility("default"))) void *
dlopen(const char *path, int flags)
{
	static void *(*next)(const char *, int);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "dlopen");
	return next(walking ? probe_module() : path, flags);
}

/* libFuzzer has a clock of its own to keep, and counters in the probe, which must
 * not go with it at every pam_end. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	host_clock = 0;
	MUST(dlopen(probe_module(), RTLD_NOW) != NULL);
	return 0;
}

static void
fill_results(int results[PAM_RULES_MAX], uint64_t seed)
{
	for (size_t i = 0; i < PAM_RULES_MAX; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695041;
		results[i] = (int)(seed >> 40) % RESULT_COUNT;
		if ((seed >> 33 & 3) != 0)
			results[i] = RESULT_SUCCESS;
		if (results[i] == ANSWER_LATER ||
		    results[i] == ANSWER_INCOMPLETE)
			results[i] = RESULT_IGNORE;
	}
}

static void
compare(pam_handle_t *pamh, const struct pam_stack *stack, enum pam_type type,
    uint64_t seed)
{
	int results[PAM_RULES_MAX];
	struct pam_chain chain;
	struct pam_walk walk;

	if (pam_stack_chain(stack, type, &chain) < 0)
		return;
	fill_results(results, seed + (uint64_t)type);
	pam_chain_walk(&chain, results, &walk);
	probe_expect(&chain, results, &walk, probe_rounds(type, &walk), NULL);
	MUST(probe_walk(pamh, type) == walk.status);
	MUST(probe_agrees());
}

/* Writes a file; "/" would lead out of the folder. */
static void
write_file(const struct scratch *scratch, const char *name,
    const uint8_t *bytes, size_t n)
{
	char text[FILE_MOST];

	if (n > sizeof text)
		n = sizeof text;
	memcpy(text, bytes, n);
	for (size_t i = 0; i < n; i++)
		if (text[i] == '/' || text[i] == '\0')
			text[i] = 'z';
	scratch_write(scratch, name, text, n);
}

static void
compare_all(const struct scratch *scratch, uint64_t seed)
{
	static const struct pam_conv conversation = { probe_unasked, NULL };
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs = { .dirs = { scratch->dir, NULL } };
	struct trouble why = { "" };
	pam_handle_t *pamh = NULL;
	int r = pam_stack_read(&stack, &dirs, "x", &why);
	int started;

	MUST(r == 0 || (r == ERR_IO && is_one_line(&why)));
	if (r < 0 || stack.reason.text[0] != '\0')
		return;
	probe_folder(scratch->dir);
	walking = true;
	started =
	    pam_start_confdir("x", "alice", &conversation, scratch->dir, &pamh);
	MUST(started == PAM_SUCCESS);
	for (int type = PAM_AUTH; type <= PAM_PASSWORD; type++)
		compare(pamh, &stack, (enum pam_type)type, seed);
	(void)pam_end(pamh, PAM_SUCCESS);
	walking = false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct scratch scratch;
	struct input input = { bytes, n };
	uint64_t seed = input_number(&input, 2);
	const uint8_t *nul = memchr(input.at, 0, input.left);
	size_t first = nul == NULL ? input.left : (size_t)(nul - input.at);

	if (scratch.dir[0] == '\0')
		scratch_new(&scratch);
	write_file(&scratch, "x", input.at, first);
	write_file(&scratch, "y", nul == NULL ? input.at : nul + 1,
	    nul == NULL ? 0 : input.left - first - 1);
	compare_all(&scratch, seed);
	return 0;
}
