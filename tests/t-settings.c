/* What a site may choose, and where it may say so: a typo must not weaken a
 * login, so whatever is odd is refused, and told with file, line and word. */
#include "scratch.h"
#include "settings.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct trouble why;

static const char *const counts[][3] = {
	/* name, least, most */
	{ "digits", "6", "8" },
	{ "window", "0", "2" },
	{ "hotp_lookahead", "1", "100" },
	{ "free_tries", "1", "20" },
	{ "disable_after", "5", "100" },
	{ "first_wait", "1s", "1h" },
	{ "longest_wait", "1s", "60m" },
};

/* Each choice and its words, in the order of its enum. */
static const struct {
	const char *name;
	size_t at;
	const char *words[6];
} choices[] = {
	{ "enrolment", offsetof(struct settings, enrolment),
	    { "required", "optional" } },
	{ "exempt_keys", offsetof(struct settings, exempt_keys),
	    { "none", "sk" } },
	{ "breach_at_login", offsetof(struct settings, breach_at_login),
	    { "ignore", "log", "warn", "change", "deny" } },
	{ "breach_at_change", offsetof(struct settings, breach_at_change),
	    { "deny", "warn", "log" } },
	{ "breach_when_missing", offsetof(struct settings, breach_when_missing),
	    { "deny", "allow" } },
};

static int
set_at(struct settings *settings, enum settings_place place, const char *name,
    const char *value)
{
	why.text[0] = '\0';
	return settings_set(settings, place, name, value, &why);
}

/* Sets one in a file, and expects that the reason names what is wrong. */
static void
expect_refused(const char *name, const char *value)
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, name, value), ERR_SETTINGS);
	expect(strstr(why.text, name) != NULL);
	expect_bytes(&settings, &settings_default, sizeof settings);
}

static void
expect_taken(const char *name, const char *value)
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, name, value), 0);
}

/* Loads a file with this text alone. */
static int
load_bytes(struct settings *settings, const void *bytes, size_t n)
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write(&s, "conf", bytes, n);
	why.text[0] = '\0';
	return settings_load(settings, PLACE_FILE, scratch_path(&s, "conf"), 0,
	    NULL, &why);
}

static int
load_text(struct settings *settings, const char *text)
{
	return load_bytes(settings, text, strlen(text));
}

/* Expects a refusal whose reason names the file, this line and this word. */
static void
expect_line(const char *text, unsigned line, const char *word)
{
	struct settings settings;
	char place[32];

	expect_int(load_text(&settings, text), ERR_SETTINGS);
	snprintf(place, sizeof place, "/conf:%u: ", line);
	if (strstr(why.text, place) == NULL || strstr(why.text, word) == NULL)
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", why.text, place,
		    word);
}

/* Loads a file and the words of a PAM line, up to four. */
static int
load_line(struct settings *settings, enum settings_place place,
    const char *file, const char *const words[], int count)
{
	AUTO_SCRATCH struct scratch s;
	const char *argv[8];
	char config[300];

	scratch_new(&s);
	scratch_write_text(&s, "conf", file);
	snprintf(config, sizeof config, "config=%s", scratch_path(&s, "conf"));
	for (int i = 0; i < count; i++)
		argv[i] = words[i];
	argv[count] = config;
	why.text[0] = '\0';
	return settings_load(settings, place, NULL, count + 1, argv, &why);
}

#define LINE(settings, place, file, ...) \
	load_line(settings, place, file, (const char *[]){ __VA_ARGS__ }, \
	    ROWS(((const char *[]){ __VA_ARGS__ })))

TEST("the defaults are what the manual promises, and agree")
{
	expect_text(settings_default.store_dir, STORE_DIR);
	expect_text(settings_default.key_file, KEY_FILE);
	expect_int(settings_default.enrolment, ENROLMENT_REQUIRED);
	expect_int(settings_default.digits, 6);
	expect_int(settings_default.window, 1);
	expect_int(settings_default.hotp_lookahead, 10);
	expect_int(settings_default.free_tries, 5);
	expect_int(settings_default.first_wait, 30);
	expect_int(settings_default.longest_wait, 3600);
	expect_int(settings_default.disable_after, 100);
	expect_text(settings_default.exempt_users, "");
	expect_text(settings_default.exempt_groups, "");
	expect_text(settings_default.exempt_networks, "");
	expect_int(settings_default.exempt_keys, EXEMPT_KEYS_NONE);
	expect_int(settings_default.trust, TRUST_NONE);
	expect(!settings_default.explain && !settings_default.echo);
	expect_text(settings_default.breach_lists, LISTS_DIR "/*.breach");
	expect_int(settings_default.breach_min_count, 1);
	expect_int(settings_default.breach_at_login, AT_LOGIN_IGNORE);
	expect_int(settings_default.breach_at_change, AT_CHANGE_DENY);
	expect_int(settings_default.breach_when_missing, WHEN_MISSING_DENY);
	expect_int(settings_default.retry, 3);
	expect(!settings_default.use_authtok &&
	       !settings_default.enforce_for_root);
	expect_int(settings_agree(&settings_default, &why), 0);
}

TEST("every row has a name of its own, help, and a place to stand")
{
	size_t count = 0;

	for (; settings_row(count) != NULL; count++) {
		const struct settings_row *row = settings_row(count);

		expect(row->name[0] != '\0' && row->values != NULL);
		expect(strlen(row->help) > 5);
		expect(row->places != 0 &&
		       (row->places &
			   ~(unsigned)(PLACE_FILE | PLACE_AUTH | PLACE_ACCOUNT |
				       PLACE_PASSWORD)) == 0);
		for (size_t i = 0; i < count; i++)
			expect(strcmp(settings_row(i)->name, row->name) != 0);
	}
	expect(count > 10);
	expect(settings_row(count + 1) == NULL);
	expect(settings_row(SIZE_MAX) == NULL);
}

TEST("every row is taken where it may stand, and refused elsewhere")
{
	static const unsigned places[] = { PLACE_FILE, PLACE_AUTH,
		PLACE_ACCOUNT, PLACE_PASSWORD };
	const struct settings_row *row;

	for (size_t i = 0; (row = settings_row(i)) != NULL; i++)
		for (size_t p = 0; p < ROWS(places); p++) {
			struct settings settings = settings_default;
			int r = set_at(&settings, places[p], row->name, "\n");

			/* A value that none takes, but a reason for it. */
			expect_int(r, ERR_SETTINGS);
			expect((strstr(why.text, "may not stand") == NULL) ==
			       ((row->places & places[p]) != 0));
		}
}

TEST("what weakens guessing protection or lists stands in files alone")
{
	static const char *const names[] = { "store_dir", "key_file", "window",
		"hotp_lookahead", "free_tries", "first_wait", "longest_wait",
		"disable_after", "breach_lists", "breach_min_count",
		"breach_at_login", "breach_at_change", "breach_when_missing" };
	struct settings settings = settings_default;

	for (size_t i = 0; i < ROWS(names); i++) {
		expect_int(set_at(&settings, PLACE_PASSWORD, names[i], "1"),
		    ERR_SETTINGS);
		expect_int(set_at(&settings, PLACE_AUTH, names[i], "1"),
		    ERR_SETTINGS);
		expect_int(set_at(&settings, PLACE_ACCOUNT, names[i], "1"),
		    ERR_SETTINGS);
	}
}

TEST("guard is a word of account lines alone")
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, "guard", NULL), ERR_SETTINGS);
	expect_int(set_at(&settings, PLACE_AUTH, "guard", NULL), ERR_SETTINGS);
	expect(!settings.guard);
	expect_int(set_at(&settings, PLACE_ACCOUNT, "guard", NULL), 0);
	expect(settings.guard);
}

TEST("what asks for a new password stands on password lines alone")
{
	static const unsigned others[] = { PLACE_FILE, PLACE_AUTH,
		PLACE_ACCOUNT };
	struct settings settings = settings_default;

	for (size_t i = 0; i < ROWS(others); i++) {
		expect_int(set_at(&settings, others[i], "retry", "1"),
		    ERR_SETTINGS);
		expect_int(set_at(&settings, others[i], "use_authtok", NULL),
		    ERR_SETTINGS);
		expect_int(set_at(&settings, others[i], "enforce_for_root",
			       NULL),
		    ERR_SETTINGS);
	}
	expect_int(set_at(&settings, PLACE_PASSWORD, "retry", "0"),
	    ERR_SETTINGS);
	expect_int(set_at(&settings, PLACE_PASSWORD, "retry", "11"),
	    ERR_SETTINGS);
	expect_int(set_at(&settings, PLACE_PASSWORD, "retry", "10"), 0);
	expect_int(set_at(&settings, PLACE_PASSWORD, "use_authtok", NULL), 0);
	expect_int(set_at(&settings, PLACE_PASSWORD, "enforce_for_root", NULL),
	    0);
	expect_int(settings.retry, 10);
	expect(settings.use_authtok && settings.enforce_for_root);
}

TEST("a number or duration is taken at its limits, and not beyond them")
{
	for (size_t i = 0; i < ROWS(counts); i++) {
		expect_taken(counts[i][0], counts[i][1]);
		expect_taken(counts[i][0], counts[i][2]);
		expect_refused(counts[i][0], "101");
		expect_refused(counts[i][0], "61m");
		expect_refused(counts[i][0], "0s");
		expect_refused(counts[i][0], "-1");
		expect_refused(counts[i][0], "");
		expect_refused(counts[i][0], NULL);
		expect_refused(counts[i][0], "6 ");
		expect_refused(counts[i][0], "06");
		expect_refused(counts[i][0], "6.0");
		expect_refused(counts[i][0], "99999999999999999999999");
	}
	expect_refused("digits", "5");
	expect_refused("digits", "9");
	expect_refused("window", "3");
	expect_refused("hotp_lookahead", "0");
	expect_refused("free_tries", "0");
	expect_refused("free_tries", "21");
	expect_refused("disable_after", "4");
}

TEST("what is set arrives, and nothing else changes")
{
	struct settings settings = settings_default;
	struct settings want = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, "window", "2"), 0);
	want.window = 2;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_FILE, "longest_wait", "10m"), 0);
	want.longest_wait = 600;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_FILE, "enrolment", "optional"), 0);
	want.enrolment = ENROLMENT_OPTIONAL;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_AUTH, "enrolment", "offered"), 0);
	want.enrolment = ENROLMENT_OFFERED;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_FILE, "enrol_by", "2027-01-15"), 0);
	want.enrol_by = 1799971200;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_AUTH, "echo", NULL), 0);
	want.echo = true;
	expect_bytes(&settings, &want, sizeof want);
	expect_int(set_at(&settings, PLACE_FILE, "issuer", "Example"), 0);
	expect_text(settings.issuer, "Example");
	expect_text(settings.exempt_users, "");
	expect_text(settings.key_file, KEY_FILE);
}

TEST("users enrol themselves where that is said, and no other word says it")
{
	static const char *const bad[] = { "", "Yes", "true", "1", "no|yes",
		"yes ", "|", "n", "yesno" };

	expect_int(settings_default.self_enrolment, SELF_ENROLMENT_NO);
	for (size_t i = 0; i < ROWS(bad); i++)
		expect_refused("self_enrolment", bad[i]);
	expect_taken("self_enrolment", "no");
	expect_taken("self_enrolment", "yes");
}

TEST("a choice takes its own words, and no other weakens it")
{
	static const char *const bad[] = { "", "Required", "OPTIONAL", "opt",
		"optional ", "no", "0", "1", "offer", "required|optional", "|",
		"deny|warn", "denyy", "den", "allow|" };

	for (size_t i = 0; i < ROWS(choices); i++) {
		for (size_t k = 0; k < ROWS(bad); k++)
			expect_refused(choices[i].name, bad[k]);
		for (size_t k = 0; choices[i].words[k] != NULL; k++) {
			struct settings settings = settings_default;
			uint64_t is;

			expect_int(set_at(&settings, PLACE_FILE,
				       choices[i].name, choices[i].words[k]),
			    0);
			memcpy(&is, (char *)&settings + choices[i].at,
			    sizeof is);
			expect_int(is, k);
		}
	}
}

TEST("an offer ends on a day that there is, and not on the one that says never")
{
	expect_taken("enrol_by", "1970-01-02");
	expect_taken("enrol_by", "9999-12-31");
	expect_refused("enrol_by", "1970-01-01");
	expect_refused("enrol_by", "2027-02-29");
	expect_refused("enrol_by", "");
	expect_refused("enrol_by", "0");
}

TEST("a password counts as breached from 1 to 100,000 times on")
{
	expect_taken("breach_min_count", "1");
	expect_taken("breach_min_count", "100000");
	expect_refused("breach_min_count", "0");
	expect_refused("breach_min_count", "100001");
}

TEST("a list of networks is checked, and the reason has the odd word")
{
	expect_taken("exempt_networks", "192.0.2.0/24, 2001:db8::/32 ::1");
	expect_taken("exempt_networks", "");
	expect_refused("exempt_networks", "192.0.2.0/24, localhost");
	expect(strstr(why.text, "localhost") != NULL);
	expect_refused("exempt_networks", "192.0.2.0/23 10.1.0.0/8");
	expect(strstr(why.text, "10.1.0.0/8") != NULL);
	expect_refused("exempt_networks", "192.0.2.0/24\n");
	expect_refused("exempt_networks", NULL);
}

TEST("a list of networks fits its room, or is refused")
{
	char list[SETTINGS_LIST_SIZE + 1];

	memset(list, ' ', sizeof list);
	memcpy(list, "::1", 3);
	list[SETTINGS_LIST_SIZE] = '\0';
	expect_refused("exempt_networks", list);
	list[SETTINGS_LIST_SIZE - 1] = '\0';
	expect_taken("exempt_networks", list);
}

TEST("whose word counts is said on auth and account lines alone")
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, "trust", "sshd"),
	    ERR_SETTINGS);
	expect_int(set_at(&settings, PLACE_PASSWORD, "trust", "sshd"),
	    ERR_SETTINGS);
	expect_int(set_at(&settings, PLACE_AUTH, "trust", "ssh"), ERR_SETTINGS);
	expect_int(settings.trust, TRUST_NONE);
	expect_int(set_at(&settings, PLACE_ACCOUNT, "trust", "sshd"), 0);
	expect_int(settings.trust, TRUST_SSHD);
	expect_int(set_at(&settings, PLACE_AUTH, "trust", "none"), 0);
	expect_int(settings.trust, TRUST_NONE);
}

TEST("a path begins with a slash and is shorter than 256 bytes")
{
	char path[SETTINGS_PATH_SIZE + 1];

	expect_taken("store_dir", "/srv/store");
	expect_refused("store_dir", "srv/store");
	expect_refused("store_dir", "");
	expect_refused("key_file", "~/key");
	expect_refused("key_file", "/etc/\tkey");
	expect_refused("key_file", "/etc/key\n");
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[SETTINGS_PATH_SIZE - 1] = '\0';
	expect_taken("store_dir", path);
	path[SETTINGS_PATH_SIZE - 1] = 'x';
	path[SETTINGS_PATH_SIZE] = '\0';
	expect_refused("store_dir", path);
}

TEST("texts may hold UTF-8, but no control character, and fit their room")
{
	char issuer[SETTINGS_WORD_SIZE + 1];

	expect_taken("issuer", "Universit\xc3\xa4t");
	expect_refused("issuer", "a\033[31m");
	expect_refused("issuer", "a\177");
	expect_refused("issuer", "a\r");
	expect_refused("issuer", "");
	memset(issuer, 'x', sizeof issuer);
	issuer[SETTINGS_WORD_SIZE] = '\0';
	expect_refused("issuer", issuer);
	issuer[SETTINGS_WORD_SIZE - 1] = '\0';
	expect_taken("issuer", issuer);
}

TEST("a list may be empty, so that a drop-in can take it back")
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, "exempt_users", "bob"), 0);
	expect_int(set_at(&settings, PLACE_FILE, "exempt_users", ""), 0);
	expect_text(settings.exempt_users, "");
}

TEST("a word that takes no value is refused with one, and the reverse")
{
	static const char *const words[] = { "split", "use_split", "explain",
		"echo", "try_first_pass", "use_first_pass" };

	for (size_t i = 0; i < ROWS(words); i++) {
		struct settings settings = settings_default;

		expect_int(set_at(&settings, PLACE_AUTH, words[i], "yes"),
		    ERR_SETTINGS);
		expect_int(set_at(&settings, PLACE_AUTH, words[i], ""),
		    ERR_SETTINGS);
		expect_bytes(&settings, &settings_default, sizeof settings);
		expect_int(set_at(&settings, PLACE_AUTH, words[i], NULL), 0);
	}
	expect_refused("enrolment", NULL);
	expect_refused("exempt_users", NULL);
}

TEST("a name is known as it is written, and only then")
{
	static const char *const bad[] = { "", "Window", "windows", "windo",
		"window ", "nullok", "debug\n", "no_warn" };
	struct settings settings = settings_default;

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(set_at(&settings, PLACE_FILE, bad[i], "1"),
		    ERR_SETTINGS);
	expect_bytes(&settings, &settings_default, sizeof settings);
}

TEST("an unknown name is told in one line, whatever it is made of")
{
	struct settings settings = settings_default;

	expect_int(set_at(&settings, PLACE_FILE, "a\nb\"\033", "1"),
	    ERR_SETTINGS);
	expect(strstr(why.text, "a\\x0ab\\x22\\x1b") != NULL);
	expect(strchr(why.text, '\n') == NULL);
	expect_int(set_at(&settings, PLACE_FILE, "window", "1\n2"),
	    ERR_SETTINGS);
	expect(strchr(why.text, '\n') == NULL);
}

TEST("choices that contradict each other are refused")
{
	static const struct settings zero;
	struct settings settings;
	const struct {
		struct settings set;
		bool agree;
	} rows[] = {
		{ { .split = true }, true },
		{ { .use_split = true }, true },
		{ { .split = true, .use_split = true }, false },
		{ { .split = true, .try_first_pass = true }, false },
		{ { .split = true, .use_first_pass = true }, false },
		{ { .use_split = true, .use_first_pass = true }, false },
		{ { .use_split = true, .try_first_pass = true }, false },
		{ { .split = true, .echo = true }, false },
		{ { .echo = true }, true },
		{ { .try_first_pass = true, .use_first_pass = true }, false },
		{ { .use_first_pass = true }, true },
		{ { .first_wait = 61, .longest_wait = 60 }, false },
		{ { .first_wait = 60, .longest_wait = 60 }, true },
		{ { .free_tries = 6, .disable_after = 5 }, false },
		{ { .free_tries = 5, .disable_after = 5 }, true },
	};

	expect_int(settings_agree(&zero, &why), 0);
	for (size_t i = 0; i < ROWS(rows); i++) {
		settings = rows[i].set;
		expect_int(settings_agree(&settings, &why),
		    rows[i].agree ? 0 : ERR_SETTINGS);
	}
}

TEST("a file is lines of names and values, comments and nothing")
{
	struct settings settings;

	expect_int(load_text(&settings, "# a comment\n"
					"\n"
					"  \t\n"
					"window=2\n"
					"\tissuer \t=  Example  Ltd = x \t\n"
					"   # window = 1\n"
					"exempt_users =\n"
					"enrolment = optional"),
	    0);
	expect_int(settings.window, 2);
	expect_text(settings.issuer, "Example  Ltd = x");
	expect_int(settings.enrolment, ENROLMENT_OPTIONAL);
	expect_int(settings.free_tries, 5);
}

TEST("an empty file chooses nothing")
{
	struct settings settings;

	expect_int(load_text(&settings, ""), 0);
	expect_bytes(&settings, &settings_default, sizeof settings);
}

TEST("what is wrong in a file is named by file, line and word")
{
	expect_line("windw = 1\n", 1, "windw");
	expect_line("\n\nwindow = 7\n", 3, "window");
	expect_line("\n\nwindow = 7\n", 3, "7");
	expect_line("# x\nwindow\n", 2, "name = value");
	expect_line("= 1\n", 1, "name = value");
	expect_line("[section]\n", 1, "name = value");
	expect_line("window = 1\n[window = 1]\n", 2, "[window");
	expect_line("explain = yes\n", 1, "explain");
	expect_line("window = 1 # the default\n", 1, "window");
	expect_line("window: 1\n", 1, "name = value");
	expect_line("window = 1\nfoo = 1", 2, "foo");
}

TEST("a name that stands twice in one file is refused, at the second")
{
	expect_line("window = 1\nissuer = x\nwindow = 1\n", 3, "window");
	expect_line("exempt_users =\nexempt_users =\n", 2, "exempt_users");
}

TEST("every setting that may stand in a file can stand there at once")
{
	struct settings settings;

	expect_int(load_text(&settings,
		       "store_dir = /s\nkey_file = /k\nissuer = i\n"
		       "digits = 8\nenrolment = optional\n"
		       "exempt_users = u\nexempt_groups = g\n"
		       "exempt_networks = ::1\nexempt_keys = sk\n"
		       "window = 0\n"
		       "hotp_lookahead = 3\nfree_tries = 3\n"
		       "first_wait = 1m\nlongest_wait = 30m\n"
		       "disable_after = 50\nbreach_lists = /l/*\n"
		       "breach_min_count = 5\nbreach_at_login = warn\n"
		       "breach_at_change = log\n"
		       "breach_when_missing = allow\n"),
	    0);
	expect_text(settings.store_dir, "/s");
	expect_text(settings.key_file, "/k");
	expect_text(settings.issuer, "i");
	expect_int(settings.digits, 8);
	expect_int(settings.enrolment, ENROLMENT_OPTIONAL);
	expect_text(settings.exempt_users, "u");
	expect_text(settings.exempt_groups, "g");
	expect_text(settings.exempt_networks, "::1");
	expect_int(settings.exempt_keys, EXEMPT_KEYS_SK);
	expect_int(settings.window, 0);
	expect_int(settings.hotp_lookahead, 3);
	expect_int(settings.free_tries, 3);
	expect_int(settings.first_wait, 60);
	expect_int(settings.longest_wait, 1800);
	expect_int(settings.disable_after, 50);
	expect_text(settings.breach_lists, "/l/*");
	expect_int(settings.breach_min_count, 5);
	expect_int(settings.breach_at_login, AT_LOGIN_WARN);
	expect_int(settings.breach_at_change, AT_CHANGE_LOG);
	expect_int(settings.breach_when_missing, WHEN_MISSING_ALLOW);
}

TEST("line ends of other systems, a byte order mark and a NUL are refused")
{
	struct settings settings;

	expect_line("window = 1\r\n", 1, "carriage return");
	expect_line("issuer = x\r\n", 1, "carriage return");
	expect_line("# one comment\rwindow = 0\r", 1, "carriage return");
	expect_line("\xef\xbb\xbfwindow = 1\n", 1, "window");
	expect_int(load_bytes(&settings, "window = 2\n\0issuer = x\n", 23),
	    ERR_SETTINGS);
	expect(strstr(why.text, "NUL") != NULL);
	expect_int(load_bytes(&settings, "\0", 1), ERR_SETTINGS);
	expect_int(load_bytes(&settings, "window = 2\n\0", 12), ERR_SETTINGS);
}

TEST("a file of 64 KiB is read, one byte more is not, nor a megabyte")
{
	size_t size = 1024 * 1024;
	char *text = malloc(size);
	struct settings settings;

	expect(text != NULL);
	memset(text, '#', size);
	memcpy(text, "window = 2\n", 11);
	expect_int(load_bytes(&settings, text, 64 * 1024), 0);
	expect_int(settings.window, 2);
	expect_int(load_bytes(&settings, text, 64 * 1024 + 1), ERR_SETTINGS);
	expect(strstr(why.text, "64 KiB") != NULL);
	expect_int(load_bytes(&settings, text, size), ERR_SETTINGS);
	free(text);
}

TEST("choices of a file that contradict each other are refused")
{
	struct settings settings;

	expect_int(load_text(&settings, "first_wait = 1h\nlongest_wait = 1m\n"),
	    ERR_SETTINGS);
}

TEST("a file that is named must be there")
{
	AUTO_SCRATCH struct scratch s;
	struct settings settings;

	scratch_new(&s);
	expect_int(settings_load(&settings, PLACE_FILE,
		       scratch_path(&s, "none"), 0, NULL, &why),
	    ERR_SETTINGS);
	expect(strstr(why.text, "/none") != NULL);
	expect_int(settings_load(&settings, PLACE_FILE,
		       scratch_path(&s, "none/none"), 0, NULL, &why),
	    ERR_SETTINGS);
}

TEST("a path to the settings that does not begin with a slash is refused")
{
	char path[SETTINGS_PATH_SIZE + 1];
	struct settings settings;

	expect_int(settings_load(&settings, PLACE_FILE, "conf", 0, NULL, &why),
	    ERR_SETTINGS);
	expect_int(settings_load(&settings, PLACE_FILE, "", 0, NULL, &why),
	    ERR_SETTINGS);
	memset(path, '/', sizeof path);
	path[SETTINGS_PATH_SIZE] = '\0';
	expect_int(settings_load(&settings, PLACE_FILE, path, 0, NULL, &why),
	    ERR_SETTINGS);
}

static int
load_conf(struct scratch *s)
{
	struct settings settings;

	why.text[0] = '\0';
	return settings_load(&settings, PLACE_FILE, scratch_path(s, "conf"), 0,
	    NULL, &why);
}

TEST("a file that others may write is not trusted, one they may read is")
{
	AUTO_SCRATCH struct scratch s;
	static const mode_t bad[] = { 0620, 0602, 0666, 0777, 0660 };

	scratch_new(&s);
	scratch_write_text(&s, "conf", "window = 2\n");
	for (size_t i = 0; i < ROWS(bad); i++) {
		expect_int(chmod(scratch_path(&s, "conf"), bad[i]), 0);
		expect_int(load_conf(&s), ERR_SETTINGS);
		expect(strstr(why.text, "/conf") != NULL);
	}
	expect_int(chmod(scratch_path(&s, "conf"), 0644), 0);
	expect_int(load_conf(&s), 0);
}

TEST("a link, a second name, a pipe and a folder are no settings")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "real", "window = 2\n");
	expect_int(symlink("real", scratch_path(&s, "conf")), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
	expect(strstr(why.text, "conf is a link") != NULL);
	unlink(scratch_path(&s, "conf"));
	expect_int(link(scratch_path(&s, "real"), scratch_path(&s, "conf")), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
	unlink(scratch_path(&s, "conf"));
	expect_int(mkfifo(scratch_path(&s, "conf"), 0600), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
	unlink(scratch_path(&s, "conf"));
	expect_int(mkdir(scratch_path(&s, "conf"), 0700), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
}

TEST("a link that points nowhere is not an absent file")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "conf", "");
	expect_int(mkdir(scratch_path(&s, "conf.d"), 0700), 0);
	expect_int(symlink("nowhere", scratch_path(&s, "conf.d/a.conf")), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
	expect(strstr(why.text, "conf.d/a.conf") != NULL);
}

TEST("drop-ins are read behind the file, in the order of their bytes")
{
	AUTO_SCRATCH struct scratch s;
	struct settings settings;

	scratch_new(&s);
	scratch_write_text(&s, "conf", "window = 0\nissuer = file\n");
	expect_int(mkdir(scratch_path(&s, "conf.d"), 0755), 0);
	scratch_write_text(&s, "conf.d/a.conf", "issuer = a\nwindow = 1\n");
	scratch_write_text(&s, "conf.d/B.conf", "issuer = B\nwindow = 2\n");
	scratch_write_text(&s, "conf.d/10.conf", "issuer = 10\n");
	scratch_write_text(&s, "conf.d/9.conf", "issuer = 9\nfree_tries = 9\n");
	expect_int(settings_load(&settings, PLACE_FILE,
		       scratch_path(&s, "conf"), 0, NULL, &why),
	    0);
	expect_text(settings.issuer, "a");
	expect_int(settings.window, 1);
	expect_int(settings.free_tries, 9);
}

TEST("only files that end in .conf and do not begin with a dot are drop-ins")
{
	AUTO_SCRATCH struct scratch s;
	static const char *const others[] = { "conf.d/.a.conf", "conf.d/.conf",
		"conf.d/a.conf~", "conf.d/a.conf.bak", "conf.d/conf",
		"conf.d/README", "conf.d/aconf" };

	scratch_new(&s);
	scratch_write_text(&s, "conf", "");
	expect_int(mkdir(scratch_path(&s, "conf.d"), 0755), 0);
	for (size_t i = 0; i < ROWS(others); i++)
		scratch_write_text(&s, others[i], "not a setting\n");
	expect_int(load_conf(&s), 0);
	scratch_write_text(&s, "conf.d/b.conf", "not a setting\n");
	expect_int(load_conf(&s), ERR_SETTINGS);
	expect(strstr(why.text, "conf.d/b.conf:1: ") != NULL);
}

TEST("a drop-in is trusted no more easily than the file")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "conf", "");
	expect_int(mkdir(scratch_path(&s, "conf.d"), 0755), 0);
	scratch_write_text(&s, "conf.d/a.conf", "window = 2\n");
	expect_int(chmod(scratch_path(&s, "conf.d/a.conf"), 0660), 0);
	expect_int(load_conf(&s), ERR_SETTINGS);
	expect(strstr(why.text, "conf.d/a.conf") != NULL);
}

TEST("a file in the place of the drop-in folder is an error")
{
	AUTO_SCRATCH struct scratch s;

	scratch_new(&s);
	scratch_write_text(&s, "conf", "");
	scratch_write_text(&s, "conf.d", "");
	expect_int(load_conf(&s), ERR_SETTINGS);
}

TEST("a PAM line's words come last, and its config word names the file")
{
	struct settings settings;

	expect_int(LINE(&settings, PLACE_AUTH,
		       "enrolment = optional\nwindow = 2\n",
		       "enrolment=required", "explain", "prompt=Code = "),
	    0);
	expect_int(settings.enrolment, ENROLMENT_REQUIRED);
	expect_int(settings.window, 2);
	expect(settings.explain);
	expect_text(settings.prompt, "Code = ");
}

TEST("a PAM line with an odd word is refused, and the word told")
{
	struct settings settings;

	expect_int(LINE(&settings, PLACE_AUTH, "", "explian"), ERR_SETTINGS);
	expect(strstr(why.text, "explian") != NULL);
	expect_int(LINE(&settings, PLACE_AUTH, "", "window=2"), ERR_SETTINGS);
	expect(strstr(why.text, "window") != NULL);
	expect_int(LINE(&settings, PLACE_AUTH, "", "guard"), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_ACCOUNT, "", "split"), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_AUTH, "", "=x"), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_AUTH, "", ""), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_AUTH, "", "explain=1"), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_AUTH, "", "config"), ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_AUTH, "", "split", "use_split"),
	    ERR_SETTINGS);
	expect_int(LINE(&settings, PLACE_ACCOUNT, "", "guard"), 0);
	expect(settings.guard);
}

TEST("a PAM word of a thousand bytes is refused")
{
	struct settings settings;
	char word[1001];

	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	expect_int(LINE(&settings, PLACE_AUTH, "", word), ERR_SETTINGS);
	memcpy(word, "prompt=", 7);
	expect_int(LINE(&settings, PLACE_AUTH, "", word), ERR_SETTINGS);
}
