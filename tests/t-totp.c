/* Codes: the vectors of RFC 4226 appendix D and RFC 6238 appendix B, and what
 * is not a shape a code can have.  liboath's functions stand here in front of
 * the real ones, so that a test can make them fail. */
#include "err.h"
#include "test.h"
#include "totp.h"

#include <dlfcn.h>
#include <liboath/oath.h>
#include <string.h>

/* The last that liboath takes for a time. */
static const uint64_t last_factor = sizeof(time_t) > 4 ? INT64_MAX : INT32_MAX;

static int oath_fails; /* with this, if it is not OATH_OK */

static void *
behind(const char *name)
{
	(void)oath_init(); /* which keeps the library itself linked */
	return dlsym(RTLD_NEXT, name);
}

#define BEHIND(name) ((__typeof__(&name))behind(#name))

int
oath_totp_generate2(const char *secret, size_t secret_length, time_t now,
    unsigned time_step_size, time_t start_offset, unsigned digits, int flags,
    char *output_otp)
{
	if (oath_fails != OATH_OK)
		return oath_fails;
	return BEHIND(oath_totp_generate2)(secret, secret_length, now,
	    time_step_size, start_offset, digits, flags, output_otp);
}

int
oath_base32_encode(const char *in, size_t inlen, char **out, size_t *outlen)
{
	if (oath_fails != OATH_OK)
		return oath_fails;
	return BEHIND(oath_base32_encode)(in, inlen, out, outlen);
}

int
oath_base32_decode(const char *in, size_t inlen, char **out, size_t *outlen)
{
	if (oath_fails != OATH_OK)
		return oath_fails;
	return BEHIND(oath_base32_decode)(in, inlen, out, outlen);
}

static const char seed[] =
    "1234567890123456789012345678901234567890123456789012345678901234";

static void
expect_code(enum algorithm algorithm, unsigned digits, uint64_t factor,
    const char *right)
{
	struct totp totp = { .key = (const uint8_t *)seed,
		.key_len = algorithm_bytes(algorithm),
		.algorithm = algorithm,
		.digits = digits };
	char code[TOTP_CODE_SIZE];
	bool matches = false;

	expect_int(totp_code(&totp, factor, code), 0);
	expect_text(code, right);
	expect_int(totp_matches(&totp, factor, right, &matches), 0);
	expect(matches);
}

TEST("HOTP gives the ten values of RFC 4226 appendix D")
{
	static const char *const right[] = { "755224", "287082", "359152",
		"969429", "338314", "254676", "287922", "162583", "399871",
		"520489" };

	for (uint64_t counter = 0; counter < 10; counter++)
		expect_code(ALGORITHM_SHA1, 6, counter, right[counter]);
}

TEST("TOTP gives the eighteen values of RFC 6238 appendix B")
{
	static const struct {
		uint64_t time;
		const char *sha1, *sha256, *sha512;
	} rows[] = {
		{ 59, "94287082", "46119246", "90693936" },
		{ 1111111109, "07081804", "68084774", "25091201" },
		{ 1111111111, "14050471", "67062674", "99943326" },
		{ 1234567890, "89005924", "91819424", "93441116" },
		{ 2000000000, "69279037", "90698825", "38618901" },
		{ 20000000000, "65353130", "77737706", "47863826" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t step = rows[i].time / 30;

		expect_code(ALGORITHM_SHA1, 8, step, rows[i].sha1);
		expect_code(ALGORITHM_SHA256, 8, step, rows[i].sha256);
		expect_code(ALGORITHM_SHA512, 8, step, rows[i].sha512);
	}
}

TEST("a code of another length never matches")
{
	struct totp totp = { (const uint8_t *)seed, 20, ALGORITHM_SHA1, 6 };
	bool matches = true;

	expect_int(totp_matches(&totp, 0, "75522", &matches), 0);
	expect(!matches);
	expect_int(totp_matches(&totp, 0, "7552240", &matches), 0);
	expect(!matches);
	expect_int(totp_matches(&totp, 0, "", &matches), 0);
	expect(!matches);
}

TEST("five digits, nine digits, no key and no algorithm are errors")
{
	struct totp good = { (const uint8_t *)seed, 20, ALGORITHM_SHA1, 6 };
	char code[TOTP_CODE_SIZE];
	struct totp bad;

	bad = good;
	bad.digits = 5;
	expect_int(totp_code(&bad, 0, code), ERR_INPUT);
	bad.digits = 9;
	expect_int(totp_code(&bad, 0, code), ERR_INPUT);
	bad = good;
	bad.key_len = 0;
	expect_int(totp_code(&bad, 0, code), ERR_INPUT);
	bad = good;
	bad.algorithm = 0;
	expect_int(totp_code(&bad, 0, code), ERR_INPUT);
	bad.algorithm = 4;
	expect_int(totp_code(&bad, 0, code), ERR_INPUT);
	expect_int(totp_code(&good, UINT64_MAX, code), ERR_INPUT);
	expect_int(totp_code(&good, last_factor + 1, code), ERR_INPUT);
	expect_int(totp_code(&good, last_factor, code), 0);
}

TEST("a code that liboath cannot compute is an error, and no answer")
{
	struct totp totp = { (const uint8_t *)seed, 20, ALGORITHM_SHA1, 6 };
	char code[TOTP_CODE_SIZE] = "before";
	bool matches = false;

	oath_fails = OATH_CRYPTO_ERROR;
	expect_int(totp_code(&totp, 0, code), ERR_MEMORY);
	expect_text(code, "before");
	expect_int(totp_matches(&totp, 0, "755224", &matches), ERR_MEMORY);
	expect(!matches);
	matches = true;
	expect_int(totp_matches(&totp, 0, "755225", &matches), ERR_MEMORY);
	expect(matches);
	oath_fails = OATH_OK;
}

TEST("codes of the year 9999 can be computed, or of 4011 in 32 bits")
{
	uint64_t year_9999 = UINT64_C(253402300799) / 30;
	struct totp totp = { (const uint8_t *)seed, 20, ALGORITHM_SHA1, 6 };
	char code[TOTP_CODE_SIZE];

	expect_int(totp_code(&totp,
		       year_9999 < last_factor ? year_9999 : last_factor, code),
	    0);
	expect_int(strlen(code), 6);
}

TEST("algorithms are known by the names an otpauth address uses")
{
	enum algorithm algorithm = 0;

	expect_int(algorithm_from_name("SHA1", &algorithm), 0);
	expect_int(algorithm, ALGORITHM_SHA1);
	expect_int(algorithm_from_name("sha256", &algorithm), 0);
	expect_int(algorithm, ALGORITHM_SHA256);
	expect_int(algorithm_from_name("Sha512", &algorithm), 0);
	expect_int(algorithm, ALGORITHM_SHA512);
	expect_int(algorithm_from_name("MD5", &algorithm), ERR_INPUT);
	expect_int(algorithm_from_name("", &algorithm), ERR_INPUT);
	expect_text(algorithm_name(ALGORITHM_SHA256), "SHA256");
	expect(algorithm_name(0) == NULL);
	expect(algorithm_name(4) == NULL);
	expect_int(algorithm_bytes(ALGORITHM_SHA512), 64);
	expect_int(algorithm_bytes(0), 0);
}

TEST("base32 reads what RFC 4648 section 10 lists, and writes it unpadded")
{
	static const struct {
		const char *plain, *padded, *bare;
	} rows[] = {
		{ "f", "MY======", "MY" },
		{ "fo", "MZXQ====", "MZXQ" },
		{ "foo", "MZXW6===", "MZXW6" },
		{ "foob", "MZXW6YQ=", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB", "MZXW6YTB" },
		{ "foobar", "MZXW6YTBOI======", "MZXW6YTBOI" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[BASE32_SIZE(6) + 1];
		uint8_t bytes[16];
		size_t n = sizeof bytes;

		expect_int(base32_encode((const uint8_t *)rows[i].plain,
			       strlen(rows[i].plain), text),
		    0);
		expect_text(text, rows[i].bare);
		expect_int(base32_decode(rows[i].padded, bytes, &n), 0);
		expect_int(n, strlen(rows[i].plain));
		expect_bytes(bytes, rows[i].plain, n);
		n = sizeof bytes;
		expect_int(base32_decode(rows[i].bare, bytes, &n), 0);
		expect_int(n, strlen(rows[i].plain));
	}
}

TEST("base32 takes lower case, blanks and dashes, and nothing else")
{
	uint8_t bytes[16];
	size_t n = sizeof bytes;

	expect_int(base32_decode("mzxw 6ytb-oi", bytes, &n), 0);
	expect_int(n, 6);
	expect_bytes(bytes, "foobar", 6);
	n = sizeof bytes;
	expect_int(base32_decode("MZXW1YTB", bytes, &n), ERR_INPUT);
	n = sizeof bytes;
	expect_int(base32_decode("MZXW=YTB", bytes, &n), ERR_INPUT);
	n = sizeof bytes;
	expect_int(base32_decode("MZXW\xc3\xa9", bytes, &n), ERR_INPUT);
}

TEST("base32 passes over padding, however much there is")
{
	static const char *const padded[] = { "MY",
		"MY=", "MY==", "MY======", "MY========", "MY==== ==-" };

	for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++) {
		uint8_t bytes[16];
		size_t n = sizeof bytes;

		expect_int(base32_decode(padded[i], bytes, &n), 0);
		expect_int(n, 1);
		expect_int(bytes[0], 'f');
	}
}

TEST("base32 of the longest key is read with its padding, and no longer one")
{
	uint8_t key[TOTP_KEY_MOST + 1], bytes[TOTP_KEY_MOST + 1];
	char text[BASE32_SIZE(TOTP_KEY_MOST + 1) + 8];
	size_t n = sizeof bytes;

	memset(key, 'k', sizeof key);
	expect_int(base32_encode(key, TOTP_KEY_MOST, text), 0);
	strcat(text, "===");
	expect_int(strlen(text) % 8, 0);
	expect_int(base32_decode(text, bytes, &n), 0);
	expect_int(n, TOTP_KEY_MOST);
	expect_bytes(bytes, key, n);
	expect_int(base32_encode(key, sizeof key, text), 0);
	expect_int(base32_decode(text, bytes, &n), ERR_INPUT);
}

TEST("base32 without memory is told from what is no base32")
{
	char text[BASE32_SIZE(5)] = "before";
	uint8_t bytes[8] = { 7 };
	size_t n = sizeof bytes;

	oath_fails = OATH_MALLOC_ERROR;
	expect_int(base32_encode((const uint8_t *)"fooba", 5, text),
	    ERR_MEMORY);
	expect_text(text, "before");
	expect_int(base32_decode("MZXW6YTB", bytes, &n), ERR_MEMORY);
	oath_fails = OATH_INVALID_BASE32;
	expect_int(base32_decode("MZXW6YTB", bytes, &n), ERR_INPUT);
	oath_fails = OATH_OK;
	expect_int(bytes[0], 7);
	expect_int(n, sizeof bytes);
}

TEST("base32 never writes past the room it is given")
{
	char text[400];
	uint8_t bytes[8] = { 0 };
	size_t n = 5;

	expect_int(base32_decode("MZXW6YTBOI", bytes, &n), ERR_INPUT);
	expect_int(bytes[0], 0);
	memset(text, 'A', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	n = sizeof bytes;
	expect_int(base32_decode(text, bytes, &n), ERR_INPUT);
}

TEST("a key is written in groups of four, as people type it, and read back")
{
	static const struct {
		size_t n;
		const char *text;
	} rows[] = { { 0, "" }, { 1, "GE" }, { 2, "GEZA" }, { 3, "GEZD G" },
		{ 5, "GEZD GNBV" }, { 10, "GEZD GNBV GY3T QOJQ" },
		{ 11, "GEZD GNBV GY3T QOJQ GE" } };
	const uint8_t key[] = "12345678901234567890";
	char text[BASE32_GROUPED_SIZE(TOTP_KEY_MOST)];
	uint8_t all[TOTP_KEY_MOST], read[TOTP_KEY_MOST];
	size_t n = sizeof read;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect_int(base32_grouped(key, rows[i].n, text), 0);
		expect_text(text, rows[i].text);
	}
	memset(all, 0xa5, sizeof all);
	expect_int(base32_grouped(all, sizeof all, text), 0);
	expect(strlen(text) < sizeof text);
	expect_int(base32_decode(text, read, &n), 0);
	expect_int(n, sizeof all);
	expect_bytes(read, all, n);
}
