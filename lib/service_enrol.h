/*
 * Changing enrolments.  Each change is one transaction of the store: it is
 * there as a whole and durably, or not at all.
 */
#ifndef SERVICE_ENROL_H
#define SERVICE_ENROL_H

#include "account.h"
#include "change.h"
#include "service.h"
#include "settings.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes the change that is wanted, here or through the verifier, whichever
 * service.h says.  Whoever is answered here is PROOF_ADMINISTRATOR, unless he
 * comes with PROOF_LOGIN, which the verifier does not take.  Returns 0 with
 * what it came to in *changed_out, or an error: then nothing is known of it,
 * as with an attempt whose answer was lost.
 */
int service_change(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const struct wanted *wanted, struct changed *changed_out,
    struct trouble *why);

/*
 * What was begun as a picture for its user to scan.  The verifier draws it,
 * whoever asks: nothing here knows how.  Returns 0, or an error: there is no
 * picture, and the key as text has to do.
 */
int service_picture(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const uint8_t blob[OFFER_BLOB_BYTES], struct symbol *symbol_out,
    struct trouble *why);

/* Whether a change asks the verifier, who wants proof. */
int service_asks(const struct settings *settings, bool *asks_out,
    struct trouble *why);

/*
 * service_enrol_local.c: in this process, from the store.  PROOF_PASSWORD is
 * the caller's word that the password is right.  An answer as proof is an
 * attempt like a login's: it counts, and is spent.
 */
int service_change_local(const struct settings *settings,
    const struct account *account, const struct wanted *wanted,
    struct changed *changed_out, struct trouble *why);

/* service_verifier.c: asked of the verifier. */
int service_change_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const struct wanted *wanted, struct changed *changed_out,
    struct trouble *why);

int service_picture_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const uint8_t blob[OFFER_BLOB_BYTES], struct symbol *symbol_out,
    struct trouble *why);

/* ---- an administrator's acts, in this process alone ---- */

/*
 * Stores an authenticator without a code.  Its id and time are set here, and a
 * name where it has none; spent as in struct state_entry, or more where the user
 * has the key under another name; then that is spent under each.  Where he has it
 * already, under this name or whichever where it has none, that is what
 * changed_out says, and only what is spent is spent there, too.
 */
int service_add(const struct settings *settings, const struct account *account,
    struct authenticator *add, uint64_t spent, struct changed *changed_out,
    struct trouble *why);

/* Invites a user for so many seconds, in place of an invitation before, or
 * ends what there is.  ERR_EXISTS: he is enrolled. */
int service_invite(const struct settings *settings,
    const struct account *account, int64_t seconds,
    char code_out[RECOVERY_TEXT_SIZE], int64_t *expires_out,
    struct trouble *why);
int service_uninvite(const struct settings *settings,
    const struct account *account, bool *ended_out, struct trouble *why);

#endif
