#include "seal.h"

#include "err.h"
#include "mem.h"

#include <nettle/chacha-poly1305.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <string.h>

static void
put_be32(uint8_t out[4], uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* RFC 5869: extract with the salt, expand for this use and user. */
static void
derive(const uint8_t key[SEAL_KEY_BYTES], const uint8_t salt[SEAL_SALT_BYTES],
    uint32_t uid, uint8_t derived[CHACHA_POLY1305_KEY_SIZE])
{
	static const char purpose[] = "sallyport enrolment";
	uint8_t info[sizeof purpose + 4], prk[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;

	memcpy(info, purpose, sizeof purpose);
	put_be32(info + sizeof purpose, uid);
	hmac_sha256_set_key(&ctx, SEAL_SALT_BYTES, salt);
	hkdf_extract(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof prk,
	    SEAL_KEY_BYTES, key, prk);
	hmac_sha256_set_key(&ctx, sizeof prk, prk);
	hkdf_expand(&ctx, (nettle_hash_update_func *)hmac_sha256_update,
	    (nettle_hash_digest_func *)hmac_sha256_digest, sizeof prk,
	    sizeof info, info, CHACHA_POLY1305_KEY_SIZE, derived);
	mem_wipe(prk, sizeof prk);
	mem_wipe(&ctx, sizeof ctx);
}

static void
start(struct chacha_poly1305_ctx *ctx, const uint8_t key[SEAL_KEY_BYTES],
    const uint8_t salt[SEAL_SALT_BYTES], const struct seal_about *about)
{
	/* One message per derived key, so the nonce need not differ. */
	static const uint8_t nonce[CHACHA_POLY1305_NONCE_SIZE];
	uint8_t derived[CHACHA_POLY1305_KEY_SIZE];

	derive(key, salt, about->uid, derived);
	chacha_poly1305_set_key(ctx, derived);
	chacha_poly1305_set_nonce(ctx, nonce);
	chacha_poly1305_update(ctx, about->len, about->bytes);
	mem_wipe(derived, sizeof derived);
}

void
seal_close(const uint8_t key[SEAL_KEY_BYTES],
    const uint8_t salt[SEAL_SALT_BYTES], const struct seal_about *about,
    uint8_t *data, size_t len, uint8_t tag_out[SEAL_TAG_BYTES])
{
	struct chacha_poly1305_ctx ctx;

	start(&ctx, key, salt, about);
	chacha_poly1305_encrypt(&ctx, len, data, data);
	chacha_poly1305_digest(&ctx, SEAL_TAG_BYTES, tag_out);
	mem_wipe(&ctx, sizeof ctx);
}

int
seal_open(const uint8_t key[SEAL_KEY_BYTES],
    const uint8_t salt[SEAL_SALT_BYTES], const struct seal_about *about,
    uint8_t *data, size_t len, const uint8_t tag[SEAL_TAG_BYTES])
{
	struct chacha_poly1305_ctx ctx;
	uint8_t right[SEAL_TAG_BYTES];
	int r;

	start(&ctx, key, salt, about);
	chacha_poly1305_decrypt(&ctx, len, data, data);
	chacha_poly1305_digest(&ctx, sizeof right, right);
	r = mem_equal(right, tag, sizeof right) ? 0 : ERR_DAMAGED;
	if (r < 0)
		mem_wipe(data, len);
	mem_wipe(&ctx, sizeof ctx);
	mem_wipe(right, sizeof right);
	return r;
}

void
seal_mac(const uint8_t key[SEAL_KEY_BYTES], const char *purpose, uint32_t uid,
    const void *data, size_t len, uint8_t mac_out[SEAL_MAC_BYTES])
{
	struct hmac_sha256_ctx ctx;
	uint8_t whose[4];

	put_be32(whose, uid);
	hmac_sha256_set_key(&ctx, SEAL_KEY_BYTES, key);
	hmac_sha256_update(&ctx, strlen(purpose) + 1, (const uint8_t *)purpose);
	hmac_sha256_update(&ctx, sizeof whose, whose);
	hmac_sha256_update(&ctx, len, data);
	hmac_sha256_digest(&ctx, SEAL_MAC_BYTES, mac_out);
	mem_wipe(&ctx, sizeof ctx);
}
