/* One-time codes of RFC 4226 and RFC 6238, through liboath; keys in base32. */
#ifndef TOTP_H
#define TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOTP_DIGITS_LEAST = 6, /* RFC 4226 section 5.3 */
	TOTP_DIGITS_MOST = 8,
	TOTP_PERIOD_LEAST = 15, /* seconds */
	TOTP_PERIOD_MOST = 120,
	TOTP_PERIOD_DEFAULT = 30,
	TOTP_KEY_LEAST = 16,  /* bytes; RFC 4226 section 4, R6 */
	TOTP_KEY_FORCED = 10, /* what an import may be forced to take */
	TOTP_KEY_MOST = 128,
	TOTP_CODE_SIZE = TOTP_DIGITS_MOST + 1,

	/* No counter gets here, a code a second for 34 years; and codes ahead
	 * of it are computed where time_t has 32 bits, too. */
	TOTP_COUNTER_MOST = 1 << 30,
};

/* The hash of the HMAC.  Values are stored in records. */
enum algorithm {
	ALGORITHM_SHA1 = 1,
	ALGORITHM_SHA256 = 2,
	ALGORITHM_SHA512 = 3,
};

/* "SHA1", "SHA256", "SHA512", as an otpauth address spells them; NULL: no
 * such algorithm.  The reverse takes any case and returns 0 or ERR_INPUT. */
const char *algorithm_name(enum algorithm algorithm);
int algorithm_from_name(const char *name, enum algorithm *algorithm_out);

/* Bytes of the hash's output: the key length RFC 6238 section 5.1 advises. */
size_t algorithm_bytes(enum algorithm algorithm);

/* What code a key gives at a moving factor (the counter of RFC 4226, the time
 * step of RFC 6238). */
struct totp {
	const uint8_t *key; /* borrowed */
	size_t key_len;
	enum algorithm algorithm;
	unsigned digits;
};

/* The last moving factor that has a code; it depends on the machine. */
extern const uint64_t totp_factor_most;

/* Writes the code, digits and a NUL.  Returns 0, ERR_INPUT or ERR_MEMORY. */
int totp_code(const struct totp *totp, uint64_t factor,
    char code_out[TOTP_CODE_SIZE]);

/* Whether code (digits long) is the one at factor; compared in constant time.
 * Returns 0 with the answer in *matches_out, or an error as totp_code. */
int totp_matches(const struct totp *totp, uint64_t factor, const char *code,
    bool *matches_out);

/*
 * RFC 4648 base32.  Encoding writes upper case without padding and a NUL,
 * BASE32_SIZE(n) bytes.  Decoding takes either case, blanks, dashes and
 * padding; *n is the room, then the bytes written.  Both return 0, ERR_INPUT
 * or ERR_MEMORY.
 */
#define BASE32_SIZE(n) (((n)*8 + 4) / 5 + 1)
int base32_encode(const uint8_t *bytes, size_t n, char *text_out);
int base32_decode(const char *text, uint8_t *bytes_out, size_t *n);

/* A key as people type it: base32 in groups of four.  Returns 0 or an error. */
#define BASE32_GROUPED_SIZE(bytes) (BASE32_SIZE(bytes) * 5 / 4 + 1)
int base32_grouped(const uint8_t *bytes, size_t n, char *text_out);

#endif
