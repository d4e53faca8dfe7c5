#include "settings.h"

#include "network.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

const struct settings settings_default = {
	.store_dir = STORE_DIR,
	.key_file = KEY_FILE,
	.verifier_socket = VERIFIER_SOCKET,
	.digits = 6,
	.enrolment = ENROLMENT_REQUIRED,
	.window = 1,
	.hotp_lookahead = 10,
	.free_tries = 5,
	.first_wait = 30,
	.longest_wait = 60 * 60,
	.disable_after = 100,
	.breach_lists = LISTS_DIR "/*.breach",
	.breach_min_count = 1,
	.breach_at_login = AT_LOGIN_IGNORE,
	.breach_at_change = AT_CHANGE_DENY,
	.breach_when_missing = WHEN_MISSING_DENY,
	.retry = 3,
};

enum type { FLAG, COUNT, DURATION, DATE, PATH, STRING, NETWORKS, CHOICE };

struct setting {
	struct settings_row row;
	enum type type;
	size_t offset;	      /* in struct settings */
	uint64_t least, most; /* of a number; most is also a string's room */
};

enum {
	FILE_ONLY = PLACE_FILE,
	AUTH_ONLY = PLACE_AUTH,
	PASSWORD_ONLY = PLACE_PASSWORD,
	LINE_ONLY = PLACE_AUTH | PLACE_ACCOUNT,
	BOTH = PLACE_FILE | PLACE_AUTH | PLACE_ACCOUNT,
};

#define AT(field) offsetof(struct settings, field)

/* A choice's words stand in the order of its enum. */
/* clang-format off */
static const struct setting table[] = {
	{ { "store_dir", "PATH", "folder of the store", FILE_ONLY },
	    PATH, AT(store_dir), 1, SETTINGS_PATH_SIZE },
	{ { "key_file", "PATH", "the host key", FILE_ONLY },
	    PATH, AT(key_file), 1, SETTINGS_PATH_SIZE },
	{ { "verifier_socket", "PATH", "where programs that may not open the "
	    "store ask", FILE_ONLY },
	    PATH, AT(verifier_socket), 1, SETTINGS_SOCKET_SIZE },
	{ { "issuer", "TEXT", "what authenticators show; the host's name "
	    "if not set", FILE_ONLY },
	    STRING, AT(issuer), 1, SETTINGS_WORD_SIZE },
	{ { "digits", "6..8", "digits of new codes, and of the code in a "
	    "split answer", FILE_ONLY },
	    COUNT, AT(digits), 6, 8 },
	{ { "enrolment", "required|optional|offered", "whether a user without "
	    "an authenticator is refused, not asked, or enrolled in the login",
	    BOTH },
	    CHOICE, AT(enrolment), 0, 0 },
	{ { "enrol_by", "YYYY-MM-DD", "the day, in UTC, until which an offer "
	    "can be put off, and from which on it is none", FILE_ONLY },
	    DATE, AT(enrol_by), 1, 0 },
	{ { "self_enrolment", "no|yes", "whether a password is enough for a "
	    "user to enrol himself, or an invitation is needed", FILE_ONLY },
	    CHOICE, AT(self_enrolment), 0, 0 },
	{ { "exempt_users", "LIST", "users who are never asked", BOTH },
	    STRING, AT(exempt_users), 0, SETTINGS_LIST_SIZE },
	{ { "exempt_groups", "LIST", "groups whose members are never asked",
	    BOTH },
	    STRING, AT(exempt_groups), 0, SETTINGS_LIST_SIZE },
	{ { "exempt_networks", "NETWORKS", "networks whose clients are never "
	    "asked", BOTH },
	    NETWORKS, AT(exempt_networks), 0, SETTINGS_LIST_SIZE },
	{ { "exempt_keys", "none|sk", "whether who has shown a "
	    "hardware-backed SSH key is asked", BOTH },
	    CHOICE, AT(exempt_keys), 0, 0 },
	{ { "window", "0..2", "time steps accepted before and after the "
	    "current one", FILE_ONLY },
	    COUNT, AT(window), 0, 2 },
	{ { "hotp_lookahead", "1..100", "counters accepted ahead of the "
	    "expected one", FILE_ONLY },
	    COUNT, AT(hotp_lookahead), 1, 100 },
	{ { "free_tries", "1..20", "wrong codes before the first wait",
	    FILE_ONLY },
	    COUNT, AT(free_tries), 1, 20 },
	{ { "first_wait", "1s..1h", "the first wait; each one doubles",
	    FILE_ONLY },
	    DURATION, AT(first_wait), 1, 60 * 60 },
	{ { "longest_wait", "1s..1h", "where the doubling ends", FILE_ONLY },
	    DURATION, AT(longest_wait), 1, 60 * 60 },
	{ { "disable_after", "5..100", "wrong codes in a row after which "
	    "only a recovery code or an administrator helps", FILE_ONLY },
	    COUNT, AT(disable_after), 5, 100 },
	{ { "breach_lists", "PATH", "the lists of breached passwords, with "
	    "the wildcards of a shell", FILE_ONLY },
	    PATH, AT(breach_lists), 1, SETTINGS_PATH_SIZE },
	{ { "breach_min_count", "1..100000", "how often a password was seen "
	    "at least to count as breached", FILE_ONLY },
	    COUNT, AT(breach_min_count), 1, 100000 },
	{ { "breach_at_login", "ignore|log|warn|change|deny", "what a login "
	    "with a breached password comes to", FILE_ONLY },
	    CHOICE, AT(breach_at_login), 0, 0 },
	{ { "breach_at_change", "deny|warn|log", "what choosing a breached "
	    "password comes to", FILE_ONLY },
	    CHOICE, AT(breach_at_change), 0, 0 },
	{ { "breach_when_missing", "deny|allow", "what choosing a password "
	    "comes to while no list can be read", FILE_ONLY },
	    CHOICE, AT(breach_when_missing), 0, 0 },
	{ { "guard", "", "refuse a login that verified no code",
	    PLACE_ACCOUNT },
	    FLAG, AT(guard), 0, 0 },
	{ { "trust", "none|sshd", "whose word about the client and its keys "
	    "counts", LINE_ONLY },
	    CHOICE, AT(trust), 0, 0 },
	{ { "split", "", "ask once for password and code, and pass the "
	    "password on", AUTH_ONLY },
	    FLAG, AT(split), 0, 0 },
	{ { "use_split", "", "judge the code that split asked for",
	    AUTH_ONLY },
	    FLAG, AT(use_split), 0, 0 },
	{ { "explain", "", "tell a refused user why", AUTH_ONLY },
	    FLAG, AT(explain), 0, 0 },
	{ { "prompt", "TEXT", "what the prompt says", AUTH_ONLY },
	    STRING, AT(prompt), 1, SETTINGS_PROMPT_SIZE },
	{ { "echo", "", "show the code while it is typed", AUTH_ONLY },
	    FLAG, AT(echo), 0, 0 },
	{ { "try_first_pass", "", "take the password of a module before "
	    "as the code if it has a code's form", AUTH_ONLY },
	    FLAG, AT(try_first_pass), 0, 0 },
	{ { "use_first_pass", "", "take the password of a module before "
	    "as the code, and never ask", AUTH_ONLY },
	    FLAG, AT(use_first_pass), 0, 0 },
	{ { "retry", "1..10", "how often a new password is asked for",
	    PASSWORD_ONLY },
	    COUNT, AT(retry), 1, 10 },
	{ { "use_authtok", "", "take the new password of a module before, "
	    "and never ask", PASSWORD_ONLY },
	    FLAG, AT(use_authtok), 0, 0 },
	{ { "enforce_for_root", "", "refuse root a breached password too",
	    PASSWORD_ONLY },
	    FLAG, AT(enforce_for_root), 0, 0 },
};
/* clang-format on */

enum { ROWS = sizeof table / sizeof table[0] };

const struct settings_row *
settings_row(size_t i)
{
	return i < ROWS ? &table[i].row : NULL;
}

static int
set_date(uint64_t *at, const struct setting *setting, const char *value)
{
	uint64_t time;

	if (text_date(value, &time) < 0 || time < setting->least)
		return ERR_INPUT;
	*at = time;
	return 0;
}

static int
set_number(uint64_t *at, const struct setting *setting, const char *value)
{
	if (setting->type == DATE)
		return set_date(at, setting, value);
	if (setting->type == DURATION)
		return text_duration(value, setting->least, setting->most, at);
	return text_number(value, setting->least, setting->most, at);
}

static int
set_text(char *at, const struct setting *setting, const char *value)
{
	if (strlen(value) < setting->least)
		return ERR_INPUT;
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return ERR_INPUT;
	if (setting->type == PATH && value[0] != '/')
		return ERR_INPUT;
	return text_copy(at, (size_t)setting->most, value);
}

/* The place of the value among words, as in "one|two|three". */
static int
set_choice(uint64_t *at, const char *words, const char *value)
{
	size_t len = strlen(value);

	for (uint64_t n = 0;; n++) {
		size_t word_len = strcspn(words, "|");

		if (len == word_len && memcmp(words, value, len) == 0) {
			*at = n;
			return 0;
		}
		if (words[word_len] == '\0')
			return ERR_INPUT;
		words += word_len + 1;
	}
}

static int
set_value(void *at, const struct setting *setting, const char *value)
{
	switch (setting->type) {
	case COUNT:
	case DURATION:
	case DATE:
		return set_number(at, setting, value);
	case PATH:
	case STRING:
	case NETWORKS:
		return set_text(at, setting, value);
	case CHOICE:
		return set_choice(at, setting->row.values, value);
	case FLAG:
	default:
		return ERR_INPUT;
	}
}

static const struct setting *
find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(table[i].row.name, name) == 0)
			return &table[i];
	return NULL;
}

static const char *
place_name(enum settings_place place)
{
	switch (place) {
	case PLACE_AUTH:
		return "on an auth line";
	case PLACE_ACCOUNT:
		return "on an account line";
	case PLACE_PASSWORD:
		return "on a password line";
	case PLACE_FILE:
	default:
		return "in a file";
	}
}

int
settings_set(struct settings *settings, enum settings_place place,
    const char *name, const char *value, struct trouble *why)
{
	const struct setting *setting = find(name);
	struct trouble word = { "" };
	char shown[128];
	char *at;

	if (setting == NULL)
		return err_say(why, ERR_SETTINGS, "there is no setting \"%s\"",
		    text_escape(shown, sizeof shown, name));
	if ((setting->row.places & place) == 0)
		return err_say(why, ERR_SETTINGS, "%s may not stand %s", name,
		    place_name(place));
	at = (char *)settings + setting->offset;
	if (setting->type == FLAG && value == NULL) {
		*(bool *)(void *)at = true;
		return 0;
	}
	if (setting->type == FLAG)
		return err_say(why, ERR_SETTINGS, "%s takes no value", name);
	if (value == NULL)
		return err_say(why, ERR_SETTINGS, "%s needs a value, %s", name,
		    setting->row.values);
	if (setting->type == NETWORKS && network_list_check(value, &word) < 0)
		return err_say(why, ERR_SETTINGS, "%s: %s", name, word.text);
	if (set_value(at, setting, value) < 0)
		return err_say(why, ERR_SETTINGS, "%s = %s is not %s", name,
		    text_escape(shown, sizeof shown, value),
		    setting->row.values);
	return 0;
}

int
settings_agree(const struct settings *settings, struct trouble *why)
{
	if (settings->first_wait > settings->longest_wait)
		return err_say(why, ERR_SETTINGS,
		    "first_wait is longer than longest_wait");
	if (settings->free_tries > settings->disable_after)
		return err_say(why, ERR_SETTINGS,
		    "free_tries is more than disable_after");
	if (settings->split && settings->use_split)
		return err_say(why, ERR_SETTINGS,
		    "split and use_split are two lines, before and after the "
		    "password module");
	if ((settings->split || settings->use_split) &&
	    (settings->try_first_pass || settings->use_first_pass))
		return err_say(why, ERR_SETTINGS,
		    "split and use_split do not go with try_first_pass or "
		    "use_first_pass");
	if (settings->split && settings->echo)
		return err_say(why, ERR_SETTINGS,
		    "echo would show the password that split asks for");
	if (settings->try_first_pass && settings->use_first_pass)
		return err_say(why, ERR_SETTINGS,
		    "try_first_pass and use_first_pass exclude each other");
	return 0;
}
