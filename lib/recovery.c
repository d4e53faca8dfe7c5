#include "recovery.h"

#include "err.h"
#include "mem.h"
#include "seal.h"
#include "totp.h"

#include <string.h>

/* Both alphabets have 32 characters, so RFC 4648's encoding serves for
 * Crockford's (https://www.crockford.com/base32.html) by exchange. */
static const char rfc4648[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum {
	PLAIN_CHARS = RECOVERY_CHARS - 1,
	GROUP = 5,
	CHECK_PRIME = 37, /* Crockford's: finds any one wrong or two swapped */
};

static char
exchange(char c, const char *from, const char *to)
{
	const char *at = c == '\0' ? NULL : strchr(from, c);

	return at == NULL ? '\0' : to[at - from];
}

/* The number that the bytes are, modulo 37. */
static unsigned
check_value(const uint8_t code[RECOVERY_BYTES])
{
	unsigned rest = 0;

	for (size_t i = 0; i < RECOVERY_BYTES; i++)
		rest = (rest * 256 + code[i]) % CHECK_PRIME;
	return rest;
}

int
recovery_show(const uint8_t code[RECOVERY_BYTES],
    char text_out[RECOVERY_TEXT_SIZE])
{
	char plain[BASE32_SIZE(RECOVERY_BYTES) + 1];
	unsigned check = check_value(code);
	char *out = text_out;
	int r;

	/* The other five symbols, *~$=U, are hard to type on some keyboards. */
	if (check >= sizeof crockford - 1)
		return ERR_INPUT;
	if ((r = base32_encode(code, RECOVERY_BYTES, plain)) < 0)
		return r;
	for (size_t i = 0; i < PLAIN_CHARS; i++) {
		if (i > 0 && i % GROUP == 0)
			*out++ = '-';
		*out++ = exchange(plain[i], rfc4648, crockford);
	}
	*out++ = crockford[check];
	*out = '\0';
	mem_wipe(plain, sizeof plain);
	return 0;
}

/* One typed character in Crockford's alphabet, or NUL. */
static char
as_crockford(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return '1';
	if (c == 'O')
		return '0';
	return c;
}

int
recovery_read(const char *text, uint8_t code_out[RECOVERY_BYTES])
{
	char plain[PLAIN_CHARS + 1] = "";
	uint8_t code[RECOVERY_BYTES];
	size_t n = sizeof code;
	int r;

	if (strlen(text) != RECOVERY_CHARS)
		return ERR_INPUT;
	for (size_t i = 0; i < PLAIN_CHARS; i++) {
		plain[i] = exchange(as_crockford(text[i]), crockford, rfc4648);
		if (plain[i] == '\0')
			return ERR_INPUT;
	}
	r = base32_decode(plain, code, &n);
	mem_wipe(plain, sizeof plain);
	if (r == 0 &&
	    (n != sizeof code || check_value(code) >= sizeof crockford - 1 ||
		as_crockford(text[PLAIN_CHARS]) !=
		    crockford[check_value(code)]))
		r = ERR_INPUT;
	if (r == 0)
		memcpy(code_out, code, sizeof code);
	mem_wipe(code, sizeof code);
	return r;
}

void
recovery_hash(const uint8_t key[RECOVERY_KEY_BYTES],
    const uint8_t code[RECOVERY_BYTES], uint8_t hash_out[RECOVERY_HASH_BYTES])
{
	seal_mac(key, "recovery code", 0, code, RECOVERY_BYTES, hash_out);
}

struct codes *
codes_new(void)
{
	return secret_new(sizeof(struct codes));
}

void
codes_auto_free(struct codes **codes)
{
	secret_free(*codes, sizeof **codes);
}
