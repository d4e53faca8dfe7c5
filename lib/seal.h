/* Bytes that only the holder of the host key can read, or have made. */
#ifndef SEAL_H
#define SEAL_H

#include <stddef.h>
#include <stdint.h>

enum {
	SEAL_KEY_BYTES = 32,
	SEAL_SALT_BYTES = 32,
	SEAL_TAG_BYTES = 16,
	SEAL_MAC_BYTES = 32,
};

/*
 * ChaCha20-Poly1305 (RFC 8439) under HKDF-SHA256(host key, salt, uid) (RFC
 * 5869).  The salt is fresh random bytes for every sealing, so every message
 * has a key of its own and the nonce can be zero.  about is authenticated and
 * not hidden.  data is worked on in place.
 */
struct seal_about {
	const void *bytes; /* borrowed */
	size_t len;
	uint32_t uid;
};
void seal_close(const uint8_t key[SEAL_KEY_BYTES],
    const uint8_t salt[SEAL_SALT_BYTES], const struct seal_about *about,
    uint8_t *data, size_t len, uint8_t tag_out[SEAL_TAG_BYTES]);

/* The reverse.  Returns 0, or ERR_DAMAGED with data wiped. */
int seal_open(const uint8_t key[SEAL_KEY_BYTES],
    const uint8_t salt[SEAL_SALT_BYTES], const struct seal_about *about,
    uint8_t *data, size_t len, const uint8_t tag[SEAL_TAG_BYTES]);

/* HMAC-SHA256 over purpose (with its NUL), uid and data. */
void seal_mac(const uint8_t key[SEAL_KEY_BYTES], const char *purpose,
    uint32_t uid, const void *data, size_t len,
    uint8_t mac_out[SEAL_MAC_BYTES]);

#endif
