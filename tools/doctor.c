#include "doctor.h"

#include "mem.h"
#include "pam_paths.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
severity_name(enum severity severity)
{
	switch (severity) {
	case SEVERITY_FAULT:
		return "fault";
	case SEVERITY_UNKNOWN:
		return "unknown";
	case SEVERITY_WARNING:
		return "warning";
	case SEVERITY_NOTE:
	default:
		return "note";
	}
}

/*
 * Findings
 */

void
doctor_done(struct doctor *doctor)
{
	free(doctor->findings);
	free(doctor->services);
	doctor->findings = NULL;
	doctor->services = NULL;
	doctor->count = doctor->service_count = 0;
}

static bool
is_said(const struct doctor *doctor, const char *id, const char *file,
    unsigned line)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (strcmp(doctor->findings[i].id, id) == 0 &&
		    doctor->findings[i].line == line &&
		    strcmp(doctor->findings[i].file, file) == 0)
			return true;
	return false;
}

/* Room for one more, or the spare. */
static struct finding *
new_finding(struct doctor *doctor)
{
	struct finding *findings =
	    reallocarray(doctor->findings, doctor->count + 1, sizeof *findings);

	if (findings == NULL) {
		doctor->lost = true;
		return &doctor->spare;
	}
	doctor->findings = findings;
	return &findings[doctor->count++];
}

struct finding *
doctor_find(struct doctor *doctor, enum severity severity, const char *id,
    const char *file, unsigned line)
{
	struct finding *finding = &doctor->spare;

	if (!is_said(doctor, id, file, line))
		finding = new_finding(doctor);
	*finding =
	    (struct finding){ .severity = severity, .id = id, .line = line };
	snprintf(finding->file, sizeof finding->file, "%s", file);
	return finding;
}

static void append(char room[FINDING_TEXT], const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
append(char room[FINDING_TEXT], const char *format, va_list args)
{
	char *at = room + strlen(room);

	(void)vsnprintf(at, (size_t)(room + FINDING_TEXT - at), format, args);
	for (; *at != '\0'; at++)
		if (*at < ' ' || *at > '~') /* of somebody's file, and not */
			*at = '?';	    /* for a terminal */
}

void
finding_text(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(finding->text, format, args);
	va_end(args);
}

void
finding_fix(struct finding *finding, const char *format, ...)
{
	size_t used;
	va_list args;

	va_start(args, format);
	append(finding->fix, format, args);
	va_end(args);
	used = strlen(finding->fix);
	if (used + 1 < sizeof finding->fix)
		memcpy(finding->fix + used, "\n", 2);
}

void
doctor_fix_ours(const struct doctor *doctor, struct finding *finding,
    const char *before, const char *words)
{
	const char *file = doctor->settings_file;

	finding_fix(finding, "%s pam_sallyport.so%s%s%s%s", before,
	    file != NULL ? " config=" : "", file != NULL ? file : "",
	    words[0] != '\0' ? " " : "", words);
}

enum severity
doctor_worst(const struct doctor *doctor)
{
	enum severity worst = doctor->lost ? SEVERITY_UNKNOWN : SEVERITY_NOTE;

	for (size_t i = 0; i < doctor->count; i++)
		if (doctor->findings[i].severity > worst)
			worst = doctor->findings[i].severity;
	return worst;
}

/*
 * One service
 */

static const char *
asks_what(const struct stack_facts *facts)
{
	bool key = facts->key_first;

	if (facts->judge == NULL)
		return "no code";
	if (facts->split != NULL)
		return key ? "key, then password and code in one answer"
			   : "password and code in one answer";
	if (facts->factor)
		return key ? "key and password, then code"
			   : "password, then code";
	return key ? "key, then code" : "code";
}

static void
note_spared(struct service_note *note, bool spared, const char *who)
{
	size_t used = strlen(note->spares);

	if (spared)
		snprintf(note->spares + used, sizeof note->spares - used,
		    "%s%s", used > 0 ? "; " : "", who);
}

/* Warnings and worse so far. */
static size_t
troubles(const struct doctor *doctor)
{
	size_t sum = 0;

	for (size_t i = 0; i < doctor->count; i++)
		sum += doctor->findings[i].severity > SEVERITY_NOTE;
	return sum;
}

static void
note_service(struct doctor *doctor, const struct stack_facts *facts, bool well)
{
	struct service_note *services = reallocarray(doctor->services,
	    doctor->service_count + 1, sizeof *services);
	struct service_note *note;

	if (services == NULL) {
		doctor->lost = true;
		return;
	}
	doctor->services = services;
	note = &services[doctor->service_count++];
	*note = (struct service_note){ .well = well };
	snprintf(note->name, sizeof note->name, "%s", facts->service);
	snprintf(note->asks, sizeof note->asks, "%s", asks_what(facts));
	note->looks_up = facts->looks_up;
	note_spared(note, facts->root_passes, "root is not asked");
	note_spared(note, facts->unenrolled,
	    "who has no authenticator is not asked");
	note_spared(note, facts->offers,
	    "who has no authenticator is offered one");
	note_spared(note, facts->exempts, "who is exempt is not asked");
}

static void
say_aborted(struct doctor *doctor, const struct stack_facts *facts,
    const struct pam_stack *stack)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT, "stack-aborted",
	    facts->own_file, 0);

	finding_text(f, "PAM gives %s up (%s): everyone is refused.",
	    facts->service, stack->reason.text);
	finding_fix(f, "%s",
	    stack->file_count > 0 ? "mend that line" : DOCTOR_FIX_NO_FILE);
}

static void
say_torn(struct doctor *doctor, const struct pam_stack *stack)
{
	struct finding *f = doctor_find(doctor, SEVERITY_WARNING, "line-torn",
	    stack->torn_file, stack->torn_line);

	finding_text(f,
	    "This line is to go on in the next, which is a comment or blank. "
	    "Linux-PAM before 1.6 goes on behind that; later ones end the line "
	    "there, and take the rest for a line of its own: the stack changes "
	    "its meaning with an upgrade of the system.");
	finding_fix(f, "join its parts, and put the comment before it");
}

/* Where sshd's settings are not known, nothing is fine. */
static bool
is_whole(const struct doctor *doctor, const struct stack_facts *facts)
{
	return !facts->is_sshd || doctor->sshd != NULL;
}

static void
look(struct doctor *doctor, const struct pam_stack *stack, const char *service,
    bool wanted)
{
	struct stack_facts facts = { .service = service, .wanted = wanted };
	size_t before = troubles(doctor);

	facts.own_file = stack->file_count > 0 ? stack->files[0] : service;
	facts.is_sshd = strcmp(service, doctor->sshd_service) == 0;
	facts.key_first = facts.is_sshd && doctor->sshd != NULL &&
			  doctor_sshd_key_first(doctor->sshd);
	if (stack->torn_file != NULL)
		say_torn(doctor, stack);
	if (stack->aborted)
		say_aborted(doctor, &facts, stack);
	else
		doctor_stack_look(doctor, stack, &facts);
	if (!stack->aborted && facts.is_sshd && doctor->sshd != NULL)
		doctor_sshd_look(doctor, &facts);
	note_service(doctor, &facts,
	    is_whole(doctor, &facts) && troubles(doctor) == before);
}

static int
read_service(struct doctor *doctor, const char *service,
    struct pam_stack *stack)
{
	struct trouble why = { "" };
	int r = pam_stack_read(stack, &doctor->dirs, service, &why);
	struct finding *f;

	if (r == 0)
		return 0;
	f = doctor_find(doctor, SEVERITY_UNKNOWN, "stack-unreadable", service,
	    0);
	finding_text(f, "The service could not be read: %s.",
	    why.text[0] != '\0' ? why.text : err_text(r));
	finding_fix(f, "mend that, or run this as root");
	return r;
}

/* In these nobody logs in. */
static bool
only_changes(const char *service)
{
	return strcmp(service, "passwd") == 0 ||
	       strcmp(service, "chpasswd") == 0;
}

void
doctor_service(struct doctor *doctor, const char *service)
{
	AUTO_STACK struct pam_stack stack = { 0 };
	bool wanted = !doctor->list_only && !only_changes(service);

	if (read_service(doctor, service, &stack) == 0)
		look(doctor, &stack, service, wanted);
}

/*
 * All services
 */

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && strcmp(name + n - m, end) == 0;
}

/* A file that libpam can be asked for: not a package manager's or editor's
 * leftover, and in lower case, as libpam makes every name. */
static int
is_service_name(const struct dirent *entry)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".pacnew",
		".pacsave", ".rpmnew", ".rpmorig", ".rpmsave" };
	const char *name = entry->d_name;

	if (name[0] == '.' || strstr(name, ".dpkg-") != NULL)
		return 0;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends_with(name, ends[i]))
			return 0;
	for (const char *c = name; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			return 0;
	return 1;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A service that was read, to be looked at perhaps. */
struct candidate {
	char *name; /* owned */
	struct pam_stack stack;
	bool readable;
};

struct roster {
	struct candidate *list;
	size_t count;
};

static void
roster_done(struct roster *roster)
{
	for (size_t i = 0; i < roster->count; i++) {
		pam_stack_done(&roster->list[i].stack);
		free(roster->list[i].name);
	}
	free(roster->list);
}
#define AUTO_ROSTER __attribute__((cleanup(roster_done)))

static bool
roster_has(const struct roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->count; i++)
		if (strcmp(roster->list[i].name, name) == 0)
			return true;
	return false;
}

static int
roster_add(struct doctor *doctor, struct roster *roster, const char *name)
{
	struct candidate *list =
	    reallocarray(roster->list, roster->count + 1, sizeof *list);
	struct candidate *c;

	if (list == NULL)
		return ERR_MEMORY;
	roster->list = list;
	c = &list[roster->count];
	*c = (struct candidate){ .name = strdup(name) };
	if (c->name == NULL)
		return ERR_MEMORY;
	roster->count++;
	c->readable = read_service(doctor, name, &c->stack) == 0;
	return 0;
}

static void
roster_add_folder(struct doctor *doctor, struct roster *roster, const char *dir)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_service_name, by_bytes);

	for (int i = 0; i < count; i++) {
		if (!roster_has(roster, entries[i]->d_name) &&
		    roster_add(doctor, roster, entries[i]->d_name) < 0)
			doctor->lost = true;
		free(entries[i]);
	}
	free(entries);
}

/* common-auth and its like are no services, but parts of them. */
static bool
is_part(const struct roster *roster, const struct candidate *c)
{
	if (c->stack.file_count == 0 || strcmp(c->name, "other") == 0)
		return false;
	for (size_t i = 0; i < roster->count; i++)
		for (size_t k = 1; k < roster->list[i].stack.file_count; k++)
			if (strcmp(roster->list[i].stack.files[k],
				c->stack.files[0]) == 0)
				return true;
	return false;
}

static bool
calls_us(const struct pam_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (pam_rule_role(&stack->rules[i]) == ROLE_OURS)
			return true;
	return false;
}

/* Whether our lines are there for new passwords alone, in all services. */
static bool
is_list_only(const struct roster *roster)
{
	bool only = false;

	for (size_t i = 0; i < roster->count; i++) {
		const struct pam_stack *stack = &roster->list[i].stack;

		for (size_t k = 0; k < stack->count; k++) {
			if (pam_rule_role(&stack->rules[k]) != ROLE_OURS)
				continue;
			if (stack->rules[k].type != PAM_PASSWORD)
				return false;
			only = true;
		}
	}
	return only;
}

bool
doctor_has_sshd(const struct doctor *doctor)
{
	const char *const *dirs = doctor->dirs.dirs;
	bool found = !doctor->no_sshd;

	for (size_t i = 0; i < 2 && dirs[i] != NULL && !found; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof path, "%s/sshd", dirs[i]);
		found = access(path, F_OK) == 0;
	}
	return found;
}

void
doctor_services(struct doctor *doctor)
{
	AUTO_ROSTER struct roster roster = { 0 };

	for (size_t i = 0; i < 2 && doctor->dirs.dirs[i] != NULL; i++)
		roster_add_folder(doctor, &roster, doctor->dirs.dirs[i]);
	doctor->list_only = is_list_only(&roster);
	if (doctor_has_sshd(doctor))
		doctor_service(doctor, doctor->sshd_service);
	for (size_t i = 0; i < roster.count; i++) {
		const struct candidate *c = &roster.list[i];

		if (c->readable && calls_us(&c->stack) &&
		    !is_part(&roster, c) &&
		    strcmp(c->name, doctor->sshd_service) != 0)
			look(doctor, &c->stack, c->name, false);
	}
}
