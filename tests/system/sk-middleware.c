/*
 * A security key without hardware: middleware for ssh and ssh-keygen
 * (SecurityKeyProvider) that keeps the private key in the key handle.  For
 * tests of what sshd makes of such keys, and for nothing else.
 *
 * The interface is OpenSSH's, of version 10 (since 9.1).
 */
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	API_VERSION = 0x000a0000,
	ALG_ECDSA = 0,
	ALG_ED25519 = 1,
	FLAG_TOUCHED = 1,
	UNSUPPORTED = -2,
	SECRET_SIZE = 32,
	COORDINATE_SIZE = 32,
	POINT_SIZE = 1 + 2 * COORDINATE_SIZE,
	/* SHA-256 of the application, flags, a counter, SHA-256 of the data */
	SIGNED_SIZE = SHA256_DIGEST_SIZE + 1 + 4 + SHA256_DIGEST_SIZE,
};

struct sk_option;
struct sk_resident_key;

struct sk_enroll_response {
	uint8_t flags;
	uint8_t *public_key;
	size_t public_key_len;
	uint8_t *key_handle;
	size_t key_handle_len;
	uint8_t *signature;
	size_t signature_len;
	uint8_t *attestation_cert;
	size_t attestation_cert_len;
	uint8_t *authdata;
	size_t authdata_len;
};

struct sk_sign_response {
	uint8_t flags;
	uint32_t counter;
	uint8_t *sig_r;
	size_t sig_r_len;
	uint8_t *sig_s;
	size_t sig_s_len;
};

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **response_out);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len,
    const char *application, const uint8_t *handle, size_t handle_len,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **response_out);
int sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***keys_out, size_t *count_out);

static void
fill_random(void *context, size_t n, uint8_t *bytes)
{
	(void)context;
	if (getrandom(bytes, n, 0) != (ssize_t)n)
		abort();
}

static uint8_t *
copy_of(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n);

	if (copy == NULL)
		abort();
	memcpy(copy, bytes, n);
	return copy;
}

static void
read_scalar(struct ecc_scalar *scalar, const uint8_t *secret)
{
	mpz_t number;

	nettle_mpz_init_set_str_256_u(number, SECRET_SIZE, secret);
	ecc_scalar_init(scalar, nettle_get_secp_256r1());
	if (!ecc_scalar_set(scalar, number))
		abort(); /* zero, or beyond the group: 1 in 2^32 */
	mpz_clear(number);
}

static void
public_point(const uint8_t *secret, uint8_t *point)
{
	struct ecc_scalar scalar;
	struct ecc_point public;
	mpz_t x, y;

	mpz_inits(x, y, NULL);
	read_scalar(&scalar, secret);
	ecc_point_init(&public, nettle_get_secp_256r1());
	ecc_point_mul_g(&public, &scalar);
	ecc_point_get(&public, x, y);
	point[0] = 4; /* neither coordinate left out */
	nettle_mpz_get_str_256(COORDINATE_SIZE, point + 1, x);
	nettle_mpz_get_str_256(COORDINATE_SIZE, point + 1 + COORDINATE_SIZE, y);
	ecc_point_clear(&public);
	ecc_scalar_clear(&scalar);
	mpz_clears(x, y, NULL);
}

static void
sign_ecdsa(const uint8_t *secret, const uint8_t *text,
    struct sk_sign_response *response)
{
	uint8_t digest[SHA256_DIGEST_SIZE], bytes[COORDINATE_SIZE];
	struct ecc_scalar scalar;
	struct dsa_signature signature;
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, SIGNED_SIZE, text);
	sha256_digest(&sha256, sizeof digest, digest);
	read_scalar(&scalar, secret);
	dsa_signature_init(&signature);
	ecdsa_sign(&scalar, NULL, fill_random, sizeof digest, digest,
	    &signature);
	nettle_mpz_get_str_256(sizeof bytes, bytes, signature.r);
	response->sig_r = copy_of(bytes, sizeof bytes);
	response->sig_r_len = sizeof bytes;
	nettle_mpz_get_str_256(sizeof bytes, bytes, signature.s);
	response->sig_s = copy_of(bytes, sizeof bytes);
	response->sig_s_len = sizeof bytes;
	dsa_signature_clear(&signature);
	ecc_scalar_clear(&scalar);
}

static void
sign_ed25519(const uint8_t *secret, const uint8_t *text,
    struct sk_sign_response *response)
{
	uint8_t public[ED25519_KEY_SIZE], signature[ED25519_SIGNATURE_SIZE];

	ed25519_sha512_public_key(public, secret);
	ed25519_sha512_sign(public, secret, SIGNED_SIZE, text, signature);
	response->sig_r = copy_of(signature, sizeof signature);
	response->sig_r_len = sizeof signature;
}

uint32_t
sk_api_version(void)
{
	return API_VERSION;
}

int
sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin,
    struct sk_option **options, struct sk_enroll_response **response_out)
{
	uint8_t secret[SECRET_SIZE], public[POINT_SIZE];
	struct sk_enroll_response *response = calloc(1, sizeof *response);

	(void)challenge;
	(void)challenge_len;
	(void)application;
	(void)pin;
	(void)options;
	if (response == NULL || (alg != ALG_ECDSA && alg != ALG_ED25519))
		return UNSUPPORTED;
	fill_random(NULL, sizeof secret, secret);
	if (alg == ALG_ECDSA)
		public_point(secret, public);
	else
		ed25519_sha512_public_key(public, secret);
	response->flags = flags;
	response->public_key_len =
	    alg == ALG_ECDSA ? POINT_SIZE : ED25519_KEY_SIZE;
	response->public_key = copy_of(public, response->public_key_len);
	response->key_handle = copy_of(secret, sizeof secret);
	response->key_handle_len = sizeof secret;
	response->signature = copy_of(secret, 1); /* of an attestation: none */
	response->signature_len = 1;
	*response_out = response;
	return 0;
}

int
sk_sign(uint32_t alg, const uint8_t *data, size_t data_len,
    const char *application, const uint8_t *handle, size_t handle_len,
    uint8_t flags, const char *pin, struct sk_option **options,
    struct sk_sign_response **response_out)
{
	uint8_t text[SIGNED_SIZE] = { 0 };
	uint8_t *at = text;
	struct sk_sign_response *response = calloc(1, sizeof *response);
	struct sha256_ctx sha256;

	(void)pin;
	(void)options;
	if (response == NULL || handle_len != SECRET_SIZE)
		return UNSUPPORTED;
	response->flags = flags & FLAG_TOUCHED;
	response->counter = 1;
	sha256_init(&sha256);
	sha256_update(&sha256, strlen(application),
	    (const uint8_t *)application);
	sha256_digest(&sha256, SHA256_DIGEST_SIZE, at);
	at += SHA256_DIGEST_SIZE;
	*at++ = response->flags;
	at[3] = 1; /* the counter */
	at += 4;
	sha256_update(&sha256, data_len, data);
	sha256_digest(&sha256, SHA256_DIGEST_SIZE, at);
	if (alg == ALG_ECDSA)
		sign_ecdsa(handle, text, response);
	else
		sign_ed25519(handle, text, response);
	*response_out = response;
	return 0;
}

/* None stays in this one. */
int
sk_load_resident_keys(const char *pin, struct sk_option **options,
    struct sk_resident_key ***keys_out, size_t *count_out)
{
	(void)pin;
	(void)options;
	*keys_out = NULL;
	*count_out = 0;
	return 0;
}
