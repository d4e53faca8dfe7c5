/*
 * Changing enrolments.  Each change is one transaction of the store: it is
 * there as a whole and durably, or not at all.
 */
#ifndef SERVICE_ENROL_H
#define SERVICE_ENROL_H

#include "account.h"
#include "change.h"
#include "codes.h"
#include "offer.h"
#include "policy.h"
#include "settings.h"

#include <stdbool.h>
#include <stdint.h>

/* What a change came to.  Returning 0 is no change yet: that is said here. */
struct changed {
	enum change change;
	struct judgement judgement;  /* of an answer that was the proof */
	char name[RECORD_NAME_SIZE]; /* of the authenticator it is about */
	bool ended; /* the enrolment: it was the last authenticator */
};

/* What is begun, in memory for secrets: an authenticator for its user to scan,
 * and the same sealed, to be handed in with its first code. */
struct begun {
	struct authenticator authenticator;
	uint8_t blob[OFFER_BLOB_BYTES];
};
struct begun *begun_new(void);
void begun_auto_free(struct begun **begun);
#define AUTO_BEGUN __attribute__((cleanup(begun_auto_free)))

/*
 * service_enrol_local.c: in this process, from the store.  PROOF_PASSWORD is
 * the caller's word that the password is right.  An answer as proof is an
 * attempt like a login's: it counts, and is spent.
 *
 * Beginning stores nothing.  The wish says kind, algorithm, digits and period,
 * and a name (""; the first that is free); key and id are drawn here.
 */
int service_begin_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *wish, struct begun *begun_out,
    struct changed *changed_out, struct trouble *why);

/*
 * Stores what was begun, if answer is a code of it, which is then spent.  The
 * proof is of the same kind as for beginning; of an answer, the kind is all
 * that is looked at, since that one was spent.  A user without recovery codes
 * gets them in *codes_out.
 */
int service_confirm_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const uint8_t blob[OFFER_BLOB_BYTES], const struct answer *answer,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why);

/* Stores an authenticator without a code: an administrator's act.  Its id and
 * time are set here, and a name where it has none; spent as in struct
 * state_entry. */
int service_add_local(const struct settings *settings,
    const struct account *account, struct authenticator *add, uint64_t spent,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why);

/* Renames or removes the authenticator that has this name and time of
 * creation, so that it is the one that was looked at before. */
int service_rename_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *which, const char *name,
    struct changed *changed_out, struct trouble *why);
int service_remove_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    const struct authenticator *which, struct changed *changed_out,
    struct trouble *why);

/* Replaces the recovery codes. */
int service_recovery_local(const struct settings *settings,
    const struct account *account, const struct proof *proof,
    struct codes *codes_out, struct changed *changed_out, struct trouble *why);

/* Invites a user for so many seconds, in place of an invitation before, or
 * ends what there is; ERR_EXISTS: he is enrolled. */
int service_invite_local(const struct settings *settings,
    const struct account *account, int64_t seconds,
    char code_out[RECOVERY_TEXT_SIZE], int64_t *expires_out,
    struct trouble *why);
int service_uninvite_local(const struct settings *settings,
    const struct account *account, bool *ended_out, struct trouble *why);

#endif
