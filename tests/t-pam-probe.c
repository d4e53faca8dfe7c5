/*
 * What the doctor expects of a stack is what libpam does with it: every stack
 * that lies in stacks/ is walked by the real libpam, with a probe in each
 * module's place, on every path that the doctor looks at.
 */
#include "host.h"
#include "pam_paths.h"
#include "pam_stack.h"
#include "probe.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TEXT_ROOM = 16384,
	PATH_ROOM = 1024,
	NAME_ROOM = 64,
	CASES_LEAST = 95,
	WALKS_LEAST = 10000,
};

/* Whether there is a probe in the module's place.  Where there is none, its
 * answer is "module unknown", and nobody is called. */
static bool
has_probe(const struct pam_rule *rule)
{
	return rule->kind == RULE_MODULE && rule->arg_count > 0 &&
	       rule->args[0][0] == '@' && access(rule->module, F_OK) == 0;
}

/*
 * Stacks with probes in them
 */

/* The folder in which every module of a name is the probe. */
static struct scratch place;

static void
link_probe(const char *module)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof path, "%s/modules/%s", place.dir, module);
	if (access(path, F_OK) != 0)
		expect_int(symlink(probe_module(), path), 0);
}

static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == ']';
}

static const char *
line_start(const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return at;
}

/* Whether a line goes on in the one that begins at `line`, perhaps past
 * comments. */
static bool
is_continued(const char *text, const char *line)
{
	do {
		if (line == text)
			return false;
		line = line_start(text, line - 1);
	} while (*line == '#');
	return line[strcspn(line, "\\\n")] == '\\';
}

/* Whether a module stands there: behind type and control. */
static bool
is_module_place(const char *text, const char *word)
{
	const char *line = line_start(text, word);
	int words = 0;

	if (is_continued(text, line))
		return true;
	for (; line < word; line++)
		words += !is_gap(*line) && is_gap(line[1]);
	return words >= 2;
}

/* The length of a module's file name, "pam_x.so"; 0: it is none. */
static size_t
module_length(const char *name)
{
	size_t len = strcspn(name, " \t\n");

	return len > 7 && len < NAME_ROOM &&
		       strncmp(name + len - 3, ".so", 3) == 0
		   ? len
		   : 0;
}

/* Copies a file with every module in it put in the probe's folder, and its
 * number as the first of its words. */
static void
put_probes(const char *text, FILE *out, const char *missing)
{
	static unsigned number;
	const char *from = text, *name = text;

	while ((name = strstr(name, "pam_")) != NULL) {
		size_t len = module_length(name);
		const char *word = name;
		char module[NAME_ROOM];

		if (len == 0) {
			name++;
			continue;
		}
		while (word > from && !is_gap(word[-1]))
			word--; /* a folder */
		snprintf(module, sizeof module, "%.*s", (int)len, name);
		fprintf(out, "%.*s%s/modules/%s", (int)(word - from), from,
		    place.dir, module);
		if (strstr(missing, module) == NULL)
			link_probe(module);
		if (is_module_place(text, word))
			fprintf(out, " @%u", ++number);
		from = name += len;
	}
	fputs(from, out);
}

static void
read_text(const char *path, char text[TEXT_ROOM])
{
	FILE *file = fopen(path, "re");
	size_t n = 0;

	if (file != NULL) {
		n = fread(text, 1, TEXT_ROOM - 1, file);
		fclose(file);
	}
	text[n] = '\0';
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The files of a case; missing names the modules that it lacks. */
static int
copy_case(const char *from, const char *to, struct dirent ***entries)
{
	char path[PATH_ROOM], text[TEXT_ROOM], missing[TEXT_ROOM];
	int count;

	expect_int(mkdir(to, 0700), 0);
	snprintf(path, sizeof path, "%s/missing-modules", from);
	read_text(path, missing);
	snprintf(path, sizeof path, "%s/pam.d", from);
	count = scandir(path, entries, is_visible, alphasort);
	expect(count > 0);
	for (int i = 0; i < count; i++) {
		FILE *out;

		snprintf(path, sizeof path, "%s/pam.d/%s", from,
		    (*entries)[i]->d_name);
		read_text(path, text);
		snprintf(path, sizeof path, "%s/%s", to, (*entries)[i]->d_name);
		out = fopen(path, "we");
		assert_non_null(out);
		put_probes(text, out, missing);
		expect_int(fclose(out), 0);
	}
	return count;
}

/*
 * Walking
 */

static size_t walks;

/* What libpam was seen to do with sshd's auth lines of a case. */
static struct {
	bool past_us; /* it let somebody in to whom we had not agreed, */
	bool by_us;   /* and somebody to whom we had */
} seen;

/* Whether our line was called on this path, and let the user on. */
static bool
is_agreed(const struct pam_paths *paths)
{
	for (size_t n = 0; n < paths->walk.count; n++) {
		size_t i = paths->walk.called[n];
		const struct pam_rule *rule = paths->chain->rules[i];

		if (pam_rule_role(rule) == ROLE_OURS &&
		    !pam_rule_has(rule, "split") &&
		    (paths->results[i] == RESULT_SUCCESS ||
			paths->results[i] == RESULT_IGNORE))
			return true;
	}
	return false;
}

static bool
agrees(pam_handle_t *pamh, enum pam_type type, const char *what,
    const struct pam_paths *paths)
{
	int status;

	probe_expect(paths->chain, paths->results, &paths->walk,
	    probe_rounds(type, &paths->walk), has_probe);
	walks++;
	status = probe_walk(pamh, type);
	if (type == PAM_AUTH && status == PAM_SUCCESS) {
		seen.past_us |= !is_agreed(paths);
		seen.by_us |= is_agreed(paths);
	}
	if (status == paths->walk.status && probe_agrees())
		return true;
	print_error("%s, %s: libpam comes to %d, the doctor to %d\n", what,
	    pam_type_name(type), status, paths->walk.status);
	return false;
}

static void
fill_answers(const struct pam_chain *chain, struct pam_answers *answers,
    bool by_root)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (has_probe(chain->rules[i]))
			pam_answers_of(&answers[i], chain->rules[i], by_root);
		else
			answers[i] = (struct pam_answers){
				.results = { RESULT_MODULE_UNKNOWN },
				.count = 1
			};
	}
}

/* Every path of one type. */
static int
compare_chain(pam_handle_t *pamh, const struct pam_stack *stack,
    enum pam_type type, const char *what, bool by_root)
{
	static struct pam_answers answers[PAM_RULES_MAX];
	struct pam_chain chain;
	struct pam_paths paths;
	int wrong = 0;

	expect_int(pam_stack_chain(stack, type, &chain), 0);
	fill_answers(&chain, answers, by_root);
	pam_paths_begin(&paths, &chain, answers);
	while (wrong < 3 && pam_paths_next(&paths))
		wrong += !agrees(pamh, type, what, &paths);
	return wrong;
}

static int
compare_service(const char *dir, const char *service, const char *name)
{
	static const struct pam_conv conversation = { probe_unasked, NULL };
	AUTO_STACK struct pam_stack stack = { 0 };
	struct pam_dirs dirs = { .dirs = { dir, NULL } };
	pam_handle_t *pamh = NULL;
	struct trouble why;
	char what[PATH_ROOM];
	int wrong = 0, started;

	snprintf(what, sizeof what, "%s/%s", name, service);
	probe_folder(dir);
	expect_int(pam_stack_read(&stack, &dirs, service, &why), 0);
	started =
	    pam_start_confdir(service, "alice", &conversation, dir, &pamh);
	if (stack.aborted || started != PAM_SUCCESS) {
		if (stack.aborted && started == PAM_ABORT)
			return 0;
		print_error("%s: libpam comes to %d, the doctor %s\n", what,
		    started, stack.aborted ? "gives it up" : "does not");
		wrong = 1;
	}
	for (int type = PAM_AUTH; type <= PAM_PASSWORD && wrong == 0; type++)
		wrong += compare_chain(pamh, &stack, (enum pam_type)type, what,
		    strcmp(service, "sshd") == 0);
	(void)pam_end(pamh, PAM_SUCCESS);
	return wrong;
}

/*
 * All services of a folder, and one that is not there, which has the lines of
 * "other".  A program of that name itself would have them twice; there is none.
 */
static int
compare_all(const char *from, const char *to, const char *name)
{
	struct dirent **entries = NULL;
	int count = copy_case(from, to, &entries), wrong = 0;

	for (int i = 0; i < count; i++) {
		if (strcmp(entries[i]->d_name, "other") != 0)
			wrong += compare_service(to, entries[i]->d_name, name);
		free(entries[i]);
	}
	free(entries);
	return wrong + compare_service(to, "no-such-service", name);
}

static bool
names_one(const char *expect, const char *const *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(expect, ids[i]) != NULL)
			return true;
	return false;
}

/* Whether what is written beside a case of sshd's stack is what libpam does. */
static int
compare_findings(const char *from, const char *to, const char *name)
{
	static const char *const past[] = { " skipped-by-", " refusal-ignored",
		" ours-optional", " ours-missing", " split-alone" };
	static const char *const shut[] = { " locks-out", " stack-aborted" };
	bool list_only = strstr(name, "list-only") != NULL;
	bool guard = strncmp(name, "guard-", 6) == 0; /* of account lines */
	char expect[TEXT_ROOM], path[PATH_ROOM];
	struct dirent **entries = NULL;
	int count = copy_case(from, to, &entries), wrong = 0;

	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	snprintf(path, sizeof path, "%s/expect", from);
	read_text(path, expect);
	memset(&seen, 0, sizeof seen);
	(void)compare_service(to, "sshd", name);
	if (seen.past_us !=
	    (list_only || (!guard && names_one(expect, past, 5))))
		wrong++;
	if (!seen.by_us && !seen.past_us && !names_one(expect, shut, 2))
		wrong++;
	if (wrong > 0)
		print_error("%s: libpam lets somebody in %s us, %s by us\n",
		    name, seen.past_us ? "past" : "not past",
		    seen.by_us ? "and" : "nobody");
	return wrong;
}

/* Compares every case in a folder of its own; returns how often in vain. */
static int
compare_cases(
    int (*compare)(const char *from, const char *to, const char *name))
{
	const char *top = getenv("top_srcdir");
	struct dirent **entries = NULL;
	char folder[PATH_ROOM], from[PATH_ROOM + 256], to[PATH_ROOM];
	int count, wrong = 0;

	walks = 0;
	scratch_in_memory();
	scratch_new(&place);
	expect_int(mkdir(scratch_path(&place, "modules"), 0700), 0);
	snprintf(folder, sizeof folder, "%s/tests/stacks",
	    top != NULL ? top : ".");
	count = scandir(folder, &entries, is_visible, alphasort);
	expect(count >= CASES_LEAST);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		snprintf(from, sizeof from, "%s/%s", folder, name);
		snprintf(to, sizeof to, "%s/%s", place.dir, name);
		wrong += compare(from, to, name);
		free(entries[i]);
	}
	free(entries);
	scratch_free(&place);
	return wrong;
}

TEST(
    "libpam calls what the doctor expects, and comes to the same, by each path")
{
	expect_int(compare_cases(compare_all), 0);
	print_message("# %zu walks\n", walks);
	expect(walks >= WALKS_LEAST);
}

TEST("who gets past our line in libpam is who the doctor says does")
{
	expect_int(compare_cases(compare_findings), 0);
}
