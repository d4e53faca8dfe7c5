/* What sshd's settings make of its stack. */
#include "doctor.h"

#include "account.h"
#include "network.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum {
	METHODS_ROOM = 1024,
	ENTRIES_MAX = 32,
	ENROLMENT_SECONDS = 600, /* that it may take */
};

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

static bool
is_any_usable(const struct ways *ways)
{
	bool usable = false;

	for (size_t i = 0; i < ways->count; i++)
		usable |= ways->list[i].usable;
	return usable;
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
	const struct sshd_config *sshd = doctor->sshd;
	const struct sshd_line *line = sshd_config_line(sshd, keyword);
	struct finding *f;

	f = line == NULL
		? doctor_find(doctor, severity, id, sshd->file, 0)
		: doctor_find(doctor, severity, id, line->file, line->line);
	if (sshd->match > 0)
		finding_text(f, "For those of \"Match %s\": ",
		    sshd->matches[sshd->match - 1].criteria);
	return f;
}

/* What to write, and where it has to stand: sshd takes the first of several
 * lines, and the one that is wanted may be there, too late. */
static void
fix_setting(struct finding *f, const struct doctor *doctor, const char *keyword,
    const char *setting)
{
	const struct sshd_line *line = sshd_config_line(doctor->sshd, keyword);
	const struct sshd_line *late =
	    line == NULL ? NULL : sshd_config_late(doctor->sshd, line);

	finding_fix(f, "%s", setting);
	if (late != NULL)
		finding_fix(f,
		    "in place of line %u of %s: sshd takes the first of "
		    "several lines, and never comes to line %u of %s",
		    line->line, line->file, late->line, late->file);
}

static void
say_no_pam(struct doctor *doctor)
{
	struct finding *f =
	    find_setting(doctor, SEVERITY_FAULT, "usepam-off", "usepam");

	finding_text(f, "sshd does not use PAM: everyone gets in without a "
			"code.");
	fix_setting(f, doctor, "usepam", "UsePAM yes");
}

/* The name that the setting is written by; before OpenSSH 8.7 it had another. */
static const char *
kbdint_name(const struct doctor *doctor)
{
	static const char name[] = "kbdinteractiveauthentication";

	return sshd_config_line(doctor->sshd, name) != NULL
		   ? name
		   : "challengeresponseauthentication";
}

static void
say_no_questions(struct doctor *doctor)
{
	const char *name = kbdint_name(doctor);
	struct finding *f =
	    find_setting(doctor, SEVERITY_FAULT, "kbdint-off", name);

	finding_text(f, "sshd cannot ask for a code: whoever needs one is "
			"refused, and keys get in without one.");
	fix_setting(f, doctor, name, "KbdInteractiveAuthentication yes");
}

/* Every entry of AuthenticationMethods needs a method that is switched off. */
static void
say_unstartable(struct doctor *doctor)
{
	struct finding *f = find_setting(doctor, SEVERITY_FAULT,
	    "sshd-unstartable", "authenticationmethods");

	finding_text(f, "Every entry of AuthenticationMethods names a method "
			"that is switched off: ");
	finding_text(f, doctor->sshd->match > 0 ? "nobody of them can log in."
						: "sshd will not start.");
	if (is_on(doctor->sshd, "keyboard-interactive"))
		finding_fix(f, "switch the methods of one of its entries on");
	else
		fix_setting(f, doctor, kbdint_name(doctor),
		    "KbdInteractiveAuthentication yes");
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
	fix_setting(f, doctor, "passwordauthentication",
	    "PasswordAuthentication no");
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
	fix_setting(f, doctor, "authenticationmethods", good_methods(facts));
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
	fix_setting(f, doctor, "authenticationmethods",
	    "AuthenticationMethods publickey,keyboard-interactive");
}

static void
say_root(struct doctor *doctor)
{
	struct finding *f = find_setting(doctor, SEVERITY_FAULT,
	    "root-locked-out", "permitrootlogin");

	finding_text(f, "root needs a code, and sshd lets root answer no "
			"question: root can never log in.");
	fix_setting(f, doctor, "permitrootlogin",
	    "PermitRootLogin no (or yes: root then needs a code)");
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
	fix_setting(f, doctor, "passwordauthentication",
	    "PasswordAuthentication no");
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

/* From its first question on, sshd gives a login so long to end. */
static void
look_at_grace(struct doctor *doctor)
{
	char value[32];
	uint64_t seconds;
	struct finding *f;

	if (!sshd_config_get(doctor->sshd, "logingracetime", value,
		sizeof value) ||
	    text_number(value, 0, UINT32_MAX, &seconds) < 0 || seconds == 0 ||
	    seconds >= ENROLMENT_SECONDS)
		return;
	f = find_setting(doctor, SEVERITY_WARNING, "grace-short",
	    "logingracetime");
	finding_text(f,
	    "Who enrols while he logs in has %u s to find a phone, scan and "
	    "type: then sshd hangs up, and nothing is enrolled.",
	    (unsigned)seconds);
	fix_setting(f, doctor, "logingracetime", "LoginGraceTime 600");
}

/* With the settings that doctor->sshd now shows: for all, or for some. */
static void
look_at_settings(struct doctor *doctor, const struct stack_facts *facts)
{
	struct ways ways;

	if (!sshd_config_is(doctor->sshd, "usepam", "yes")) {
		say_no_pam(doctor);
		return;
	}
	ways_read(&ways, doctor->sshd);
	if (!ways.any && !is_any_usable(&ways)) {
		say_unstartable(doctor);
		return;
	}
	if (facts->judge == NULL)
		return; /* nobody is asked; that is said already */
	if (!can_ask(doctor, facts)) {
		say_no_questions(doctor);
		return;
	}
	look_at_ways(doctor, facts, &ways);
	if (facts->offers)
		look_at_grace(doctor);
	if (facts->demands_change && is_on(doctor->sshd, "password"))
		say_change_outside(doctor);
}

/*
 * Match blocks
 */

/* What of a block has to do with codes. */
static const struct sshd_line *
line_of_concern(const struct sshd_config *sshd, size_t match)
{
	static const char *const keywords[] = { "authenticationmethods",
		"kbdinteractiveauthentication",
		"challengeresponseauthentication", "passwordauthentication",
		"permitrootlogin", "pubkeyauthentication" };
	const struct sshd_line *line = NULL;

	for (size_t i = 0;
	     i < sizeof keywords / sizeof keywords[0] && line == NULL; i++)
		line = sshd_config_in_match(sshd, match, keywords[i]);
	return line;
}

static void
say_match_unknown(struct doctor *doctor, const struct sshd_line *line)
{
	struct finding *f = doctor_find(doctor, SEVERITY_WARNING, "sshd-match",
	    line->file, line->line);

	finding_text(f,
	    "Other rules hold for those of \"Match %s\", of whom nobody is "
	    "known here: they were not looked at.",
	    doctor->sshd->matches[line->match - 1].criteria);
	finding_fix(f, "see: sshd -T -C user=NAME,host=HOST,addr=ADDR");
}

/* Whether the one that sshd was asked about needs no code, as the stack has
 * it. */
static bool
is_let_off(const struct doctor *doctor, const struct stack_facts *facts,
    const struct sshd_example *example)
{
	struct settings settings;
	struct account account;
	bool listed = false;

	if (facts->judge == NULL ||
	    doctor_load_line(doctor, facts->judge, &settings, NULL) < 0)
		return false;
	if (network_list_holds(settings.exempt_networks, example->addr))
		return true;
	return account_find(example->user, &account, NULL) == 0 &&
	       account_listed(&account, settings.exempt_users,
		   settings.exempt_groups, &listed, NULL) == 0 &&
	       listed;
}

static void
look_at_match(struct doctor *doctor, const struct stack_facts *facts,
    size_t match)
{
	const struct sshd_config *all = doctor->sshd;
	const struct sshd_match *block = &all->matches[match - 1];
	const struct sshd_line *line = line_of_concern(all, match);
	struct sshd_config some;

	if (line == NULL)
		return;
	if (block->effective == NULL) {
		say_match_unknown(doctor, line);
		return;
	}
	if (is_let_off(doctor, facts, &block->example))
		return;
	some = sshd_config_of_match(all, match);
	doctor->sshd = &some;
	look_at_settings(doctor, facts);
	doctor->sshd = all;
}

void
doctor_sshd_look(struct doctor *doctor, const struct stack_facts *facts)
{
	look_at_settings(doctor, facts);
	for (size_t i = 1; i <= doctor->sshd->match_count; i++)
		look_at_match(doctor, facts, i);
}
