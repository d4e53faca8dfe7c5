#include "person.h"

#include "show.h"
#include "text.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 16384 }; /* for a line of the user database */

const char *
standing_name(enum standing standing)
{
	static const char *const names[] = {
		[STANDING_OK] = "ok",
		[STANDING_PENDING] = "pending",
		[STANDING_WAITING] = "waiting",
		[STANDING_DISABLED] = "disabled",
		[STANDING_RENAMED] = "renamed",
		[STANDING_ORPHAN] = "orphan",
		[STANDING_DAMAGED] = "damaged",
	};

	return names[standing];
}

static bool
all_pending(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (!summary->items[i].authenticator.pending ||
		    summary->items[i].used != 0)
			return false;
	return true;
}

enum standing
standing_of(const struct summary *summary)
{
	if (summary->disabled)
		return STANDING_DISABLED;
	if (summary->wait > 0)
		return STANDING_WAITING;
	return all_pending(summary) ? STANDING_PENDING : STANDING_OK;
}

const char *
person_shape(const struct authenticator *authenticator,
    char room[PERSON_SHAPE_SIZE])
{
	const char *algorithm = algorithm_name(authenticator->algorithm);

	if (authenticator->kind == AUTHENTICATOR_HOTP)
		snprintf(room, PERSON_SHAPE_SIZE, "HOTP, %s, %u digits",
		    algorithm, authenticator->digits);
	else
		snprintf(room, PERSON_SHAPE_SIZE, "TOTP, %s, %u digits, %u s",
		    algorithm, authenticator->digits, authenticator->period);
	return room;
}

json_object *
person_json_authenticator(const struct authenticator *authenticator)
{
	bool hotp = authenticator->kind == AUTHENTICATOR_HOTP;
	json_object *out = json_object_new_object();

	json_object_object_add(out, "name",
	    json_object_new_string(authenticator->name));
	json_object_object_add(out, "kind",
	    json_object_new_string(hotp ? "hotp" : "totp"));
	json_object_object_add(out, "algorithm",
	    json_object_new_string(algorithm_name(authenticator->algorithm)));
	json_object_object_add(out, "digits",
	    json_object_new_int((int)authenticator->digits));
	json_object_object_add(out, "period",
	    hotp ? NULL : json_object_new_int((int)authenticator->period));
	return out;
}

static json_object *
authenticators_json(const struct summary *summary)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < summary->count; i++) {
		const struct authenticator *a =
		    &summary->items[i].authenticator;
		int64_t used = summary->items[i].used;
		json_object *out = person_json_authenticator(a);

		json_object_object_add(out, "created",
		    show_json_time(a->created));
		json_object_object_add(out, "last_used", show_json_time(used));
		json_object_object_add(out, "pending",
		    json_object_new_boolean(a->pending && used == 0));
		json_object_array_add(array, out);
	}
	return array;
}

json_object *
person_json(const struct person *person, int64_t now)
{
	const struct summary *summary = &person->summary;
	json_object *out = json_object_new_object();

	json_object_object_add(out, "user", show_json_text(summary->user));
	json_object_object_add(out, "uid", json_object_new_int64(summary->uid));
	json_object_object_add(out, "enrolled", json_object_new_boolean(1));
	json_object_object_add(out, "state",
	    json_object_new_string(standing_name(person->standing)));
	json_object_object_add(out, "authenticators",
	    authenticators_json(summary));
	json_object_object_add(out, "recovery_codes_left",
	    json_object_new_int((int)summary->recovery_left));
	json_object_object_add(out, "recovery_codes_seen",
	    json_object_new_boolean(!summary->recovery_unseen));
	json_object_object_add(out, "bypass_until",
	    show_json_time(summary->bypass_until));
	json_object_object_add(out, "failures",
	    json_object_new_int64(summary->failures));
	json_object_object_add(out, "waiting_until",
	    show_json_time(summary->wait > 0 ? now + summary->wait : 0));
	json_object_object_add(out, "last_login",
	    show_json_time(summary->last_success));
	return out;
}

const char *
person_unenrolled(const struct settings *settings)
{
	if (settings->enrolment == ENROLMENT_OPTIONAL)
		return "not asked for a code (enrolment = optional)";
	if (settings->enrolment == ENROLMENT_OFFERED)
		return "offered an authenticator at the next login (enrolment "
		       "= offered)";
	return "refused wherever a code is asked for (enrolment = required)";
}

/* Only (0, NULL) means that there is none: a directory service that is down
 * makes no orphans. */
int
person_name(uid_t uid, char name_out[ACCOUNT_NAME_SIZE])
{
	struct passwd entry, *found = NULL;
	char room[ROOM];
	int error;

	do
		error = getpwuid_r(uid, &entry, room, sizeof room, &found);
	while (error == EINTR);
	if (error != 0)
		return ERR_DIRECTORY;
	if (found == NULL)
		return ERR_MISSING;
	return text_copy(name_out, ACCOUNT_NAME_SIZE, found->pw_name) < 0
		   ? ERR_DIRECTORY
		   : 0;
}
