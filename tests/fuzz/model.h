/*
 * What is right, said a second time: slowly, with the whole window in view,
 * from the RFCs and the manual, and with nettle where lib/ uses liboath.  It
 * shares lib/'s structs and none of its decisions.
 */
#ifndef MODEL_H
#define MODEL_H

#include "policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shape { SHAPE_NONE, SHAPE_BLOCKED, SHAPE_CODE, SHAPE_RECOVERY };

/* What was typed, once read. */
struct typed {
	enum shape shape;
	char digits[TOTP_CODE_SIZE];
	uint8_t recovery[RECOVERY_BYTES];
};

struct typed model_read(const char *text);

/* Where a code begins behind a password. */
size_t model_split(const char *text, unsigned digits);

/* RFC 4226 section 5.3; RFC 6238 section 1.2 for the other hashes. */
void model_code(const struct authenticator *a, uint64_t factor,
    char code_out[TOTP_CODE_SIZE]);

/* What an answer comes to.  Where a token's counter has come to its end, it
 * may also come to VERDICT_CANNOT_TELL. */
enum verdict model_judge(const struct settings *settings,
    const struct record *record, const struct state *state, const char *text,
    int64_t now);

bool model_accepts(enum verdict verdict);

/* One step from before to after: the verdict is the right one, and nothing
 * moved that may not. */
void model_check(const struct settings *settings, const struct record *record,
    const struct state *before, const struct state *after, const char *text,
    int64_t now, const struct judgement *judgement);

/* Judges text, checks that, and moves the state on; the same code at once,
 * or spelt otherwise, has to fare as the model says. */
enum verdict model_try(const struct settings *settings,
    const struct record *record, struct state *state, const char *text,
    int64_t now);

#endif
