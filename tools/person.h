/* One user's enrolment, described. */
#ifndef PERSON_H
#define PERSON_H

#include "account.h"
#include "record.h"
#include "settings.h"
#include "summary.h"

#include <json-c/json.h>

/* How an enrolment stands; where several are true, the last of them. */
enum standing {
	STANDING_OK,
	STANDING_PENDING,  /* no code of it was used yet */
	STANDING_WAITING,  /* after wrong codes */
	STANDING_DISABLED, /* until unlocked, or a recovery code is used */
	STANDING_RENAMED,  /* the uid has another name than at enrolment */
	STANDING_ORPHAN,   /* the uid has no name any more */
	STANDING_DAMAGED,
};
const char *standing_name(enum standing standing);

struct person {
	struct summary summary; /* of one who is enrolled */
	enum standing standing;
};

/* Says how an enrolment stands, apart from what its user's name has to do with
 * it. */
enum standing standing_of(const struct summary *summary);

/* An authenticator as people read it: "TOTP, SHA1, 6 digits, 30 s". */
enum { PERSON_SHAPE_SIZE = 64 };
const char *person_shape(const struct authenticator *authenticator,
    char room[PERSON_SHAPE_SIZE]);

/* The whole at Unix time now; and the public part of an authenticator. */
json_object *person_json(const struct person *person, int64_t now);
json_object *person_json_authenticator(
    const struct authenticator *authenticator);

/* What not being enrolled means for a login. */
const char *person_unenrolled(const struct settings *settings);

/* The name that a uid has.  Returns 0; ERR_MISSING: for certain none; or
 * ERR_DIRECTORY. */
int person_name(uid_t uid, char name_out[ACCOUNT_NAME_SIZE]);

#endif
