/* What is left to be done for a user, of whose codes all that may have been
 * used are spent. */
#ifndef SPENT_H
#define SPENT_H

#include "account.h"
#include "record.h"
#include "state.h"

#include <json-c/json.h>

/* As lines of text, none where nothing is left to be done; and as JSON. */
void spent_tell(const struct account *account, const struct record *record,
    struct state *state);
json_object *spent_json(const struct account *account,
    const struct record *record, struct state *state);

#endif
