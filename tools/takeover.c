#include "takeover.h"

#include "mem.h"
#include "person.h"
#include "show.h"
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct takeover *
takeover_new(void)
{
	return secret_new(sizeof(struct takeover));
}

void
takeover_auto_free(struct takeover **takeover)
{
	secret_free(*takeover, sizeof **takeover);
}

void
takeover_note(struct takeover *takeover, const char *format, ...)
{
	size_t used = strlen(takeover->notes);
	va_list args;

	if (used > 0 && used + 1 < sizeof takeover->notes)
		memcpy(takeover->notes + used++, "\n", 2);
	va_start(args, format);
	vsnprintf(takeover->notes + used, sizeof takeover->notes - used, format,
	    args);
	va_end(args);
}

int
takeover_check(const struct takeover_terms *terms,
    const struct takeover *takeover, const char *from)
{
	size_t len = takeover->authenticator.key_len;

	/* RFC 4226 section 4, R6: a shared secret has at least 128 bits. */
	if (len < TOTP_KEY_FORCED || (len < TOTP_KEY_LEAST && !terms->force))
		return cmd_usage("%s: the key has only %zu bits; enrol "
				 "anew%s",
		    from, 8 * len,
		    len < TOTP_KEY_FORCED ? "" : ", or take it with --force");
	if (takeover->scratch_codes > 0 && !terms->drop_scratch_codes)
		return cmd_usage("%s: scratch codes are left (%u), which have "
				 "8 digits and could be guessed here; take the "
				 "rest with --drop-scratch-codes: recovery "
				 "codes come in their place",
		    from, takeover->scratch_codes);
	if (takeover->pin && !terms->drop_pins)
		return cmd_usage("%s: there is a PIN, and here is none; take "
				 "the rest with --drop-pins, behind a module "
				 "that asks for the password",
		    from);
	return EXIT_YES;
}

/* ---- storing ---- */

static void
say_notes(const char *user, const char *notes)
{
	for (size_t len; *notes != '\0'; notes += len + (notes[len] != '\0')) {
		len = strcspn(notes, "\n");
		cmd_say("%s: %.*s", user, (int)len, notes);
	}
}

static json_object *
json_notes(const char *notes)
{
	json_object *array = json_object_new_array();

	for (size_t len; *notes != '\0'; notes += len + (notes[len] != '\0')) {
		len = strcspn(notes, "\n");
		json_object_array_add(array,
		    json_object_new_string_len(notes, (int)len));
	}
	return array;
}

static void
tell_json(json_object *array, const struct desk *desk,
    const struct takeover *takeover, const struct changed *changed)
{
	json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(desk->account.name));
	json_object_object_add(out, "authenticator",
	    person_json_authenticator(&takeover->authenticator));
	json_object_object_add(out, "already",
	    json_object_new_boolean(changed->already));
	json_object_object_add(out, "recovery_codes",
	    show_json_codes(&changed->codes));
	json_object_object_add(out, "notes", json_notes(takeover->notes));
	json_object_array_add(array, out);
}

static void
tell(const struct desk *desk, const struct changed *changed)
{
	const char *user = desk->account.name;

	if (changed->already) {
		printf("%s has this key already, as \"%s\".\n", user,
		    changed->name);
		return;
	}
	printf("%s has the authenticator \"%s\" now.\n", user, changed->name);
	show_codes(&changed->codes, stdout);
}

int
takeover_store(const struct takeover_terms *terms, struct desk *desk,
    struct takeover *takeover)
{
	AUTO_CHANGED struct changed *changed = changed_new();
	struct authenticator *a = &takeover->authenticator;
	int r, status;

	if (changed == NULL)
		return cmd_fail("importing", ERR_MEMORY, NULL);
	if ((status = desk_name("--name", terms->name, a->name)) != EXIT_YES)
		return status;
	r = service_add(desk->settings, &desk->account, a, takeover->spent,
	    changed, &desk->why);
	if (r < 0)
		return desk_fail(desk, "storing the enrolment", r);
	if ((status = words_change(changed, &desk->account)) != EXIT_YES)
		return status;
	memcpy(a->name, changed->name, sizeof a->name);
	if (!changed->already)
		desk_note(desk, "imported", a->name);
	say_notes(desk->account.name, takeover->notes);
	if (terms->array != NULL)
		tell_json(terms->array, desk, takeover, changed);
	else
		tell(desk, changed);
	return EXIT_YES;
}
