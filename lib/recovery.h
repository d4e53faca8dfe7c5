/* Recovery codes (the look-up secrets of NIST SP 800-63B section 3.1.2):
 * 24 characters of Crockford base 32 and one check symbol, in 5 groups of 5. */
#ifndef RECOVERY_H
#define RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECOVERY_CODES = 10, /* in a set */
	RECOVERY_BYTES = 15, /* 120 bits */
	RECOVERY_CHARS = 25,
	RECOVERY_TEXT_SIZE = 30, /* with four dashes and a NUL */
	RECOVERY_KEY_BYTES = 32,
	RECOVERY_HASH_BYTES = 32,
};

/* How a code is shown, "7ZK4M-…".  Returns 0; ERR_INPUT: draw other bytes, as
 * these have a check symbol that is neither letter nor digit; or ERR_MEMORY. */
int recovery_show(const uint8_t code[RECOVERY_BYTES],
    char text_out[RECOVERY_TEXT_SIZE]);

/* Reads RECOVERY_CHARS characters, blanks and dashes already gone; i, l and o
 * read as 1, 1 and 0.  Returns 0, or ERR_INPUT: not one, or mistyped. */
int recovery_read(const char *text, uint8_t code_out[RECOVERY_BYTES]);

/* What is stored in place of a code: a hash under the set's random key. */
void recovery_hash(const uint8_t key[RECOVERY_KEY_BYTES],
    const uint8_t code[RECOVERY_BYTES], uint8_t hash_out[RECOVERY_HASH_BYTES]);

/* Codes as they are handed out, once. */
struct codes {
	size_t count; /* 0: none were drawn */
	char text[RECOVERY_CODES][RECOVERY_TEXT_SIZE];
};
struct codes *codes_new(void); /* in memory for secrets, or NULL */
void codes_auto_free(struct codes **codes);
#define AUTO_CODES __attribute__((cleanup(codes_auto_free)))

#endif
