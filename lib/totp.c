#include "totp.h"

#include "err.h"
#include "mem.h"
#include "text.h"

#include <liboath/oath.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	int flag; /* liboath's */
	size_t bytes;
} algorithms[] = {
	[ALGORITHM_SHA1] = { "SHA1", 0, 20 },
	[ALGORITHM_SHA256] = { "SHA256", OATH_TOTP_HMAC_SHA256, 32 },
	[ALGORITHM_SHA512] = { "SHA512", OATH_TOTP_HMAC_SHA512, 64 },
};

static bool
algorithm_known(enum algorithm algorithm)
{
	return algorithm >= ALGORITHM_SHA1 && algorithm <= ALGORITHM_SHA512;
}

const char *
algorithm_name(enum algorithm algorithm)
{
	return algorithm_known(algorithm) ? algorithms[algorithm].name : NULL;
}

int
algorithm_from_name(const char *name, enum algorithm *algorithm_out)
{
	for (int i = ALGORITHM_SHA1; i <= ALGORITHM_SHA512; i++) {
		if (strcasecmp(name, algorithms[i].name) != 0)
			continue;
		*algorithm_out = (enum algorithm)i;
		return 0;
	}
	return ERR_INPUT;
}

size_t
algorithm_bytes(enum algorithm algorithm)
{
	return algorithm_known(algorithm) ? algorithms[algorithm].bytes : 0;
}

const uint64_t totp_factor_most = sizeof(time_t) > 4 ? INT64_MAX : INT32_MAX;

/*
 * liboath takes a time and a step length.  With a step of one second from
 * zero the time is the moving factor itself, which serves RFC 4226's counters
 * with every hash and keeps a 32-bit time_t right beyond 2038.
 */
int
totp_code(const struct totp *totp, uint64_t factor,
    char code_out[TOTP_CODE_SIZE])
{
	int r;

	if (!algorithm_known(totp->algorithm) ||
	    totp->digits < TOTP_DIGITS_LEAST ||
	    totp->digits > TOTP_DIGITS_MOST || totp->key_len == 0 ||
	    factor > totp_factor_most)
		return ERR_INPUT;
	r = oath_totp_generate2((const char *)totp->key, totp->key_len,
	    (time_t)factor, 1, 0, totp->digits,
	    algorithms[totp->algorithm].flag, code_out);
	return r == OATH_OK ? 0 : ERR_MEMORY;
}

int
totp_matches(const struct totp *totp, uint64_t factor, const char *code,
    bool *matches_out)
{
	char right[TOTP_CODE_SIZE];
	int r;

	if ((r = totp_code(totp, factor, right)) < 0)
		return r;
	*matches_out = strlen(code) == totp->digits &&
		       mem_equal(code, right, totp->digits);
	mem_wipe(right, sizeof right);
	return 0;
}

int
base32_encode(const uint8_t *bytes, size_t n, char *text_out)
{
	AUTO_WIPE char *text = NULL;
	size_t len;

	if (oath_base32_encode((const char *)bytes, n, &text, &len) != OATH_OK)
		return ERR_MEMORY;
	while (len > 0 && text[len - 1] == '=')
		len--;
	memcpy(text_out, text, len);
	text_out[len] = '\0';
	return 0;
}

int
base32_grouped(const uint8_t *bytes, size_t n, char *text_out)
{
	enum { GROUP = 4 };
	size_t len, blanks;
	int r;

	if ((r = base32_encode(bytes, n, text_out)) < 0)
		return r;
	len = strlen(text_out);
	blanks = len > 0 ? (len - 1) / GROUP : 0;
	text_out[len + blanks] = '\0';
	for (size_t i = len; i-- > 0;) { /* from the end: in place */
		text_out[i + i / GROUP] = text_out[i];
		if (i % GROUP == 0 && i > 0)
			text_out[i + i / GROUP - 1] = ' ';
	}
	return 0;
}

int
base32_decode(const char *text, uint8_t *bytes_out, size_t *n)
{
	char plain[(TOTP_KEY_MOST + 4) / 5 * 8]; /* the longest, padded */
	char *bytes = NULL;
	size_t len = 0, got = 0;
	int r;

	for (; *text != '\0'; text++) {
		if (text_is_blank(*text) || *text == '-')
			continue;
		if (len == sizeof plain)
			return ERR_INPUT;
		plain[len++] = *text;
	}
	while (len > 0 && plain[len - 1] == '=')
		len--;
	r = oath_base32_decode(plain, len, &bytes, &got);
	mem_wipe(plain, sizeof plain);
	if (r == OATH_MALLOC_ERROR)
		return ERR_MEMORY;
	if (r != OATH_OK)
		return ERR_INPUT;
	r = got <= *n ? 0 : ERR_INPUT;
	if (r == 0) {
		memcpy(bytes_out, bytes, got);
		*n = got;
	}
	mem_wipe(bytes, got);
	free(bytes);
	return r;
}
