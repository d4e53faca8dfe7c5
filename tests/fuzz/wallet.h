/* What one user holds, phones, a token, printed recovery codes and a bypass
 * that ends an hour after noon, and a way to write down in a few bytes what he
 * types. */
#ifndef WALLET_H
#define WALLET_H

#include "fuzz.h"
#include "record.h"
#include "settings.h"
#include "state.h"

#include <stddef.h>
#include <stdint.h>

#define WALLET_NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC */
#define WALLET_USER "alice"

enum { WALLET_UID = 1000, WALLET_TEXT_SIZE = 1024 };

/* The enrolment: a phone (and a second one with the same key, as people copy
 * them), a counting token, and authenticators of other lengths and periods. */
void wallet_record(struct record *record_out);

/* Enrols it in a store; and what the store then has of it. */
void wallet_enrol(const struct settings *settings);
void wallet_read(const struct settings *settings, struct state *state_out,
    struct record *record_out);

/* What is remembered of it right after enrolling. */
void wallet_state(struct state *state_out);

/* The numbers that judge() looks at, each within its range. */
void wallet_settings(struct input *input, struct settings *settings_out);

/* Recovery code n, as it is shown. */
void wallet_recovery(unsigned n, char text_out[RECOVERY_TEXT_SIZE]);

/*
 * Takes what is typed at time now, up to a NUL.  Bytes are what they are,
 * apart from these:
 *
 *	80..bf	a code: the lowest three bits say whose, the others how far
 *		from now (or from the token's next one), -3 to 4
 *	c0..c9	a recovery code as it is shown
 *	d0..d9	the same as some type it: small, undivided, l for 1, o for 0
 *	fb	the bypass's code
 *	fc	a recovery code of nobody's
 *	fd	the byte before, as often as the byte behind says
 *	fe	what sshd types for a login that it refuses
 *	ff	the byte behind, as it is
 */
void wallet_type(struct input *input, struct state *state, int64_t now,
    char text_out[WALLET_TEXT_SIZE]);

#endif
