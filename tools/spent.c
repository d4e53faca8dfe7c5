#include "spent.h"

#include "mend.h"
#include "show.h"

#include <stdio.h>

static bool
has_to_be_resynced(struct state *state, const struct authenticator *a)
{
	return mend_is_spent(a, state_find(state, a->id));
}

void
spent_tell(const struct account *account, const struct record *record,
    struct state *state)
{
	if (record->recovery.id != 0 && state_recovery_left(state, record) == 0)
		printf("%s has no recovery codes left; 'sallyport recovery "
		       "--user %s' makes new ones.\n",
		    account->name, account->name);
	for (size_t i = 0; i < record->count; i++)
		if (has_to_be_resynced(state, &record->authenticators[i]))
			printf("\"%s\" of %s counts; 'sallyport resync %s "
			       "--name \"%s\"' brings it back.\n",
			    record->authenticators[i].name, account->name,
			    account->name, record->authenticators[i].name);
}

json_object *
spent_json(const struct account *account, const struct record *record,
    struct state *state)
{
	json_object *out = json_object_new_object();
	json_object *names = json_object_new_array();

	for (size_t i = 0; i < record->count; i++)
		if (has_to_be_resynced(state, &record->authenticators[i]))
			json_object_array_add(names,
			    json_object_new_string(
				record->authenticators[i].name));
	json_object_object_add(out, "user", show_json_text(account->name));
	json_object_object_add(out, "uid", json_object_new_int64(account->uid));
	json_object_object_add(out, "recovery_codes_left",
	    json_object_new_int((int)state_recovery_left(state, record)));
	json_object_object_add(out, "to_resync", names);
	return out;
}
