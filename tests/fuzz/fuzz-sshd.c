/*
 * sshd: what sshd -T prints, the file it was made of, and a stack.
 *
 * Input: a byte of what the stack does (bits: a guard, one prompt for both, a
 * password before the code), what was printed, a NUL, and the file.
 *
 * Oracle: a second reader, which takes the text apart line by line, finds the
 * same values.  Where the doctor finds nothing, each way in that this reader
 * finds usable asks for a code, and for something beside it.  What is found has
 * a reason and a remedy, in printable ASCII.
 */
#include "doctor.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_ROOM = 1024 };

/* ---- a second reader ---- */

/* The value of the first line that begins with the name and a blank. */
static bool
find_value(const char *text, const char *name, char value[VALUE_ROOM])
{
	size_t len = strlen(name);

	while (*text != '\0') {
		size_t line = strcspn(text, "\n");

		if (line > len && strncmp(text, name, len) == 0 &&
		    text[len] == ' ') {
			const char *from = text + len;
			const char *end = text + line;
			size_t n;

			while (from < end && *from == ' ')
				from++;
			n = (size_t)(end - from);
			n = n < VALUE_ROOM - 1 ? n : VALUE_ROOM - 1;
			memcpy(value, from, n);
			value[n] = '\0';
			return true;
		}
		text += line + (text[line] == '\n');
	}
	return false;
}

static bool
is_yes(const char *text, const char *name)
{
	char value[VALUE_ROOM];

	return find_value(text, name, value) && strcmp(value, "yes") == 0;
}

static bool
is_method_on(const char *text, const char *method, size_t len)
{
	static const char *const names[][2] = {
		{ "publickey", "pubkeyauthentication" },
		{ "keyboard-interactive", "kbdinteractiveauthentication" },
		{ "password", "passwordauthentication" },
		{ "hostbased", "hostbasedauthentication" },
		{ "gssapi-with-mic", "gssapiauthentication" },
		{ "gssapi-keyex", "gssapikeyexchange" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strlen(names[i][0]) == len &&
		    strncmp(names[i][0], method, len) == 0)
			return is_yes(text, names[i][1]);
	return false;
}

/* What one entry of AuthenticationMethods takes. */
struct entry {
	bool usable, asks, types, key;
};

static void
take_method(const char *text, const char *method, size_t len,
    struct entry *entry)
{
	size_t bare = 0;

	while (bare < len && method[bare] != ':')
		bare++;
	entry->usable = entry->usable && is_method_on(text, method, bare);
	if (bare == 20 && strncmp(method, "keyboard-interactive", 20) == 0)
		entry->asks |=
		    bare == len ||
		    (len == 24 && strncmp(method + bare, ":pam", 4) == 0);
	else if (bare == 8 && strncmp(method, "password", 8) == 0)
		entry->types = true;
	else
		entry->key = true;
}

/* ---- the oracle ---- */

static void
check_values(const struct sshd_config *sshd, const char *text)
{
	static const char *const names[] = { "usepam", "permitrootlogin",
		"authenticationmethods", "kbdinteractiveauthentication", "x" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char want[VALUE_ROOM], is[VALUE_ROOM];
		bool found = find_value(text, names[i], want);

		MUST(sshd_config_get(sshd, names[i], is, sizeof is) == found);
		if (found)
			MUST(strcmp(is, want) == 0);
	}
}

static void
check_findings(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *f = &doctor->findings[i];

		MUST(f->text[0] != '\0' && f->fix[0] != '\0');
		for (const char *c = f->text; *c != '\0'; c++)
			MUST(*c >= ' ' && *c != 0x7f);
	}
}

/* A way in that is left open, or shut to who is right, has to be told. */
static void
check_entry(const struct doctor *doctor, const struct stack_facts *facts,
    const struct entry *entry)
{
	bool coded = entry->asks || (entry->types && facts->split != NULL);

	if (!entry->usable)
		return;
	if (!coded || (entry->types && facts->split == NULL))
		MUST(doctor->count > 0);
	if (coded && !entry->key && !facts->factor)
		MUST(doctor->count > 0);
}

static void
check_entries(const struct doctor *doctor, const struct stack_facts *facts,
    const char *text, const char *entries)
{
	bool usable = false;

	while (*entries != '\0') {
		struct entry entry = { .usable = true };
		size_t end = strcspn(entries, " ");

		for (size_t at = 0; at < end; at++) {
			size_t len = strcspn(entries + at, ", ");

			if (len > 0)
				take_method(text, entries + at, len, &entry);
			at += len;
		}
		if (end > 0)
			check_entry(doctor, facts, &entry);
		usable |= end > 0 && entry.usable;
		entries += end + (entries[end] == ' ');
	}
	MUST(usable || doctor->count > 0);
}

static void
check(const struct doctor *doctor, const struct stack_facts *facts,
    const char *text)
{
	static const char any[] = "publickey keyboard-interactive password "
				  "hostbased gssapi-with-mic gssapi-keyex";
	char entries[VALUE_ROOM];

	check_findings(doctor);
	if (!is_yes(text, "usepam")) {
		MUST(doctor->count > 0);
		return;
	}
	if (!find_value(text, "authenticationmethods", entries) ||
	    strcmp(entries, "any") == 0)
		check_entries(doctor, facts, text, any);
	else if (strlen(entries) < 500) /* as many as there is room for */
		check_entries(doctor, facts, text, entries);
}

static void
examine(const char *text, const char *file, unsigned how)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { .sshd = &sshd };
	const struct pam_rule line = { .kind = RULE_MODULE,
		.type = PAM_AUTH,
		.module = "pam_sallyport.so",
		.file = "sshd" };
	struct stack_facts facts = { .service = "sshd",
		.is_sshd = true,
		.own_file = "sshd",
		.judge = &line,
		.guard = (how & 1) != 0 ? &line : NULL,
		.split = (how & 2) != 0 ? &line : NULL,
		.factor = (how & 4) != 0 };

	MUST(sshd_config_take(&sshd, file, text) == 0);
	check_values(&sshd, text);
	for (size_t i = 1; i <= sshd.match_count; i += 2)
		MUST(sshd_config_take_match(&sshd, i, text) == 0);
	facts.key_first = doctor_sshd_key_first(&sshd);
	doctor_sshd_look(&doctor, &facts);
	MUST(doctor.sshd == &sshd);
	check(&doctor, &facts, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct scratch scratch;
	struct input input = { bytes, n };
	unsigned how = (unsigned)input_number(&input, 1);
	size_t len = strnlen((const char *)input.at, input.left);
	char *text = strndup((const char *)input.at, len);
	char *lines;

	if (scratch.dir[0] == '\0')
		scratch_new(&scratch);
	MUST(text != NULL);
	lines = len < input.left ? strndup((const char *)input.at + len + 1,
				       input.left - len - 1)
				 : strdup("");
	MUST(lines != NULL);
	for (char *c = lines; *c != '\0'; c++)
		if (*c == '/' || *c == '*')
			*c = 'z'; /* no file of the machine's */
	scratch_write_text(&scratch, "sshd_config", lines);
	examine(text, scratch_path(&scratch, "sshd_config"), how);
	free(lines);
	free(text);
	return 0;
}
