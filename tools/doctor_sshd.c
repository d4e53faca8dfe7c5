/* What sshd's settings make of its stack. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

enum { METHODS_ROOM = 1024, ENTRIES_MAX = 32 };

/* One way into sshd: an entry of AuthenticationMethods, or under "any" one
 * method. */
struct way {
	char text[128];
	bool usable; /* every method in it is switched on */
	bool asks;   /* keyboard-interactive, the only method that can ask */
	bool types;  /* password, which answers whatever is asked with it */
	bool key;    /* proves something that PAM does not see */
};

struct ways {
	struct way list[ENTRIES_MAX];
	size_t count;
	bool any; /* nobody chose them */
};

/* clang-format off */
static const struct {
	const char *name, *setting;
} methods[] = {
	{ "publickey",            "pubkeyauthentication" },
	{ "keyboard-interactive", "kbdinteractiveauthentication" },
	{ "password",             "passwordauthentication" },
	{ "hostbased",            "hostbasedauthentication" },
	{ "gssapi-with-mic",      "gssapiauthentication" },
	{ "gssapi-keyex",         "gssapikeyexchange" },
};
/* clang-format on */

enum { METHODS = sizeof methods / sizeof methods[0] };

static bool
is_on(const struct sshd_config *sshd, const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return sshd_config_is(sshd, methods[i].setting, "yes");
	return false;
}

static void
way_add(struct way *way, const struct sshd_config *sshd, const char *method)
{
	char name[64];
	const char *colon = strchr(method, ':');

	snprintf(name, sizeof name, "%.*s", (int)strcspn(method, ":"), method);
	way->usable = way->usable && is_on(sshd, name);
	if (strcmp(name, "keyboard-interactive") == 0)
		way->asks |= colon == NULL || strcmp(colon, ":pam") == 0;
	else if (strcmp(name, "password") == 0)
		way->types = true;
	else
		way->key = true;
}

/* entry: methods between commas; cut in place. */
static void
ways_add(struct ways *ways, const struct sshd_config *sshd, char *entry)
{
	char *rest = NULL;
	struct way *way;

	if (ways->count == ENTRIES_MAX)
		return;
	way = &ways->list[ways->count++];
	*way = (struct way){ .usable = true };
	snprintf(way->text, sizeof way->text, "%s", entry);
	for (char *method = strtok_r(entry, ",", &rest); method != NULL;
	     method = strtok_r(NULL, ",", &rest))
		way_add(way, sshd, method);
}

static void
ways_read(struct ways *ways, const struct sshd_config *sshd)
{
	char value[METHODS_ROOM], *rest = NULL;

	*ways = (struct ways){ .count = 0 };
	if (!sshd_config_get(sshd, "authenticationmethods", value,
		sizeof value) ||
	    strcmp(value, "any") == 0) {
		ways->any = true;
		for (size_t i = 0; i < METHODS; i++) {
			char name[64];

			snprintf(name, sizeof name, "%s", methods[i].name);
			ways_add(ways, sshd, name);
		}
		return;
	}
	for (char *entry = strtok_r(value, " ", &rest); entry != NULL;
	     entry = strtok_r(NULL, " ", &rest))
		ways_add(ways, sshd, entry);
}

/* Whether PAM's auth is asked on this way.  The password method asks it too,
 * which only a stack with one prompt survives. */
static bool
is_coded(const struct way *way, const struct stack_facts *facts)
{
	return way->asks || (way->types && facts->split != NULL);
}

bool
doctor_sshd_key_first(const struct sshd_config *sshd)
{
	struct ways ways;
	bool found = false;

	ways_read(&ways, sshd);
	for (size_t i = 0; i < ways.count; i++) {
		const struct way *way = &ways.list[i];

		if (!way->usable || (!way->asks && !way->types))
			continue;
		if (!way->key)
			return false;
		found = true;
	}
	return found;
}

/*
 * Findings
 */

/* At the line that sets the keyword, or one of its other names. */
static struct finding *
find_setting(struct doctor *doctor, enum severity severity, const char *id,
    const char *keyword)
{
	const struct sshd_line *line =
	    sshd_config_line(doctor->sshd, keyword, false);

	if (line == NULL)
		return doctor_find(doctor, severity, id, doctor->sshd->file, 0);
	return doctor_find(doctor, severity, id, line->file, line->line);
}

static void
say_no_pam(struct doctor *doctor)
{
	struct finding *f =
	    find_setting(doctor, SEVERITY_FAULT, "usepam-off", "usepam");

	finding_text(f, "sshd does not use PAM: everyone gets in without a "
			"code.");
	finding_fix(f, "UsePAM yes");
}

static void
say_no_questions(struct doctor *doctor)
{
	const char *name = "kbdinteractiveauthentication";
	struct finding *f;

	if (sshd_config_line(doctor->sshd, name, false) == NULL)
		name = "challengeresponseauthentication";
	f = find_setting(doctor, SEVERITY_FAULT, "kbdint-off", name);
	finding_text(f, "sshd cannot ask for a code: whoever needs one is "
			"refused, and keys get in without one.");
	finding_fix(f, "KbdInteractiveAuthentication yes");
}

/* The password method cannot ask twice. */
static void
say_password(struct doctor *doctor, bool only)
{
	struct finding *f =
	    find_setting(doctor, only ? SEVERITY_FAULT : SEVERITY_WARNING,
		"password-method", "passwordauthentication");

	finding_text(f,
	    "%s uses the password method is refused even with a "
	    "right password: it cannot ask for a code.",
	    only ? "Everyone" : "Whoever");
	finding_fix(f, "PasswordAuthentication no");
}

static const char *
good_methods(const struct stack_facts *facts)
{
	return facts->factor
		   ? "AuthenticationMethods keyboard-interactive"
		   : "AuthenticationMethods publickey,keyboard-interactive";
}

/* A way in on which PAM's auth is never asked. */
static void
say_codeless(struct doctor *doctor, const struct stack_facts *facts,
    const struct way *way, bool chosen)
{
	bool guard = facts->guard != NULL;
	struct finding *f = find_setting(doctor,
	    guard || !chosen ? SEVERITY_FAULT : SEVERITY_WARNING,
	    guard ? "guard-without-methods" : "key-skips-code",
	    "authenticationmethods");

	if (guard)
		finding_text(f,
		    "sshd lets people log in by %s alone; the "
		    "guard then refuses them, and sshd hangs up without a "
		    "word.",
		    way->text);
	else
		finding_text(f, "Whoever logs in by %s gets in without a code.",
		    way->text);
	finding_fix(f, "%s", good_methods(facts));
}

static void
say_code_alone(struct doctor *doctor, const struct way *way)
{
	struct finding *f = find_setting(doctor, SEVERITY_FAULT, "code-alone",
	    "authenticationmethods");

	finding_text(f,
	    "By %s a right code alone opens the door: the stack "
	    "asks for nothing else.",
	    way->text);
	finding_fix(f, "AuthenticationMethods publickey,keyboard-interactive");
}

static void
say_root(struct doctor *doctor)
{
	struct finding *f = find_setting(doctor, SEVERITY_FAULT,
	    "root-locked-out", "permitrootlogin");

	finding_text(f, "root needs a code, and sshd lets root answer no "
			"question: root can never log in.");
	finding_fix(f, "PermitRootLogin no (or yes: root then needs a code)");
}

/* After the password method a change is the session's, not the login's. */
static void
say_change_outside(struct doctor *doctor)
{
	struct finding *f = find_setting(doctor, SEVERITY_WARNING,
	    "change-outside", "passwordauthentication");

	finding_text(f,
	    "Whoever logs in by the password method with a breached password "
	    "has to change it with passwd; without a terminal, as with scp, "
	    "he is turned away.");
	finding_fix(f, "PasswordAuthentication no");
}

/* Settings that hold for some only; sshd -T shows what holds for the rest. */
static void
look_at_matches(struct doctor *doctor)
{
	static const char *const keywords[] = { "authenticationmethods",
		"kbdinteractiveauthentication",
		"challengeresponseauthentication", "passwordauthentication",
		"permitrootlogin", "pubkeyauthentication" };

	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		const struct sshd_line *line =
		    sshd_config_line(doctor->sshd, keywords[i], true);
		struct finding *f;

		if (line == NULL)
			continue;
		f = doctor_find(doctor, SEVERITY_WARNING, "sshd-match",
		    line->file, line->line);
		finding_text(f, "Other rules hold for those whom this Match "
				"block names; they were not looked at.");
		finding_fix(f, "see: sshd -T -C user=NAME,host=HOST,addr=ADDR");
	}
}

static void
look_at_ways(struct doctor *doctor, const struct stack_facts *facts,
    const struct ways *ways)
{
	size_t usable = 0, typed = 0, codeless = 0;

	for (size_t i = 0; i < ways->count; i++) {
		const struct way *way = &ways->list[i];

		if (!way->usable)
			continue;
		usable++;
		if (way->types && facts->split == NULL)
			typed++; /* can only fail */
		else if (!is_coded(way, facts)) {
			codeless++;
			say_codeless(doctor, facts, way, !ways->any);
		} else if (!way->key && !facts->factor)
			say_code_alone(doctor, way);
	}
	if (typed > 0)
		say_password(doctor, typed == usable);
	if (usable > 0 && codeless == 0 &&
	    (sshd_config_is(doctor->sshd, "permitrootlogin",
		 "without-password") ||
		sshd_config_is(doctor->sshd, "permitrootlogin",
		    "prohibit-password") ||
		sshd_config_is(doctor->sshd, "permitrootlogin",
		    "forced-commands-only")))
		say_root(doctor);
}

/* Whether sshd can put a question to people. */
static bool
can_ask(const struct doctor *doctor, const struct stack_facts *facts)
{
	return is_on(doctor->sshd, "keyboard-interactive") ||
	       (facts->split != NULL && is_on(doctor->sshd, "password"));
}

void
doctor_sshd_look(struct doctor *doctor, const struct stack_facts *facts)
{
	struct ways ways;

	if (!sshd_config_is(doctor->sshd, "usepam", "yes")) {
		say_no_pam(doctor);
		return;
	}
	look_at_matches(doctor);
	if (facts->judge == NULL)
		return; /* nobody is asked; that is said already */
	if (!can_ask(doctor, facts)) {
		say_no_questions(doctor);
		return;
	}
	ways_read(&ways, doctor->sshd);
	look_at_ways(doctor, facts, &ways);
	if (facts->demands_change && is_on(doctor->sshd, "password"))
		say_change_outside(doctor);
}
