#include "breach.h"

#include "mem.h"

#include <nettle/md4.h>
#include <nettle/sha1.h>

size_t
breach_hash_bytes(enum breach_kind kind)
{
	return kind == BREACH_SHA1 ? SHA1_DIGEST_SIZE : MD4_DIGEST_SIZE;
}

static void
hash_sha1(const uint8_t *password, size_t len, uint8_t *hash_out)
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, len, password);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, hash_out);
	mem_wipe(&ctx, sizeof ctx);
}

/* The code point at *at, which moves behind it; or ERR_INPUT: RFC 3629 knows
 * no such bytes. */
static int32_t
next_point(const uint8_t **at, const uint8_t *end)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = *at;
	int32_t point = *p++;
	int more = 0;

	if (point >= 0x80) {
		more = point < 0xe0 ? 1 : point < 0xf0 ? 2 : 3;
		if (point < 0xc0 || point > 0xf7)
			return ERR_INPUT;
		point &= 0x3f >> more;
	}
	for (int i = 0; i < more; i++) {
		if (p == end || (*p & 0xc0) != 0x80)
			return ERR_INPUT;
		point = point << 6 | (*p++ & 0x3f);
	}
	if (point < least[more] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return ERR_INPUT;
	*at = p;
	return point;
}

static void
put_unit(struct md4_ctx *ctx, int32_t unit)
{
	uint8_t bytes[2] = { (uint8_t)unit, (uint8_t)(unit >> 8) };

	md4_update(ctx, sizeof bytes, bytes);
	mem_wipe(bytes, sizeof bytes);
}

/* MD4 of UTF-16LE. */
static int
hash_nt(const uint8_t *password, size_t len, uint8_t *hash_out)
{
	const uint8_t *at = password, *end = password + len;
	struct md4_ctx ctx;
	int32_t point = 0;

	md4_init(&ctx);
	while (at < end && (point = next_point(&at, end)) >= 0) {
		if (point >= 0x10000) {
			point -= 0x10000;
			put_unit(&ctx, 0xd800 + (point >> 10));
			point = 0xdc00 + (point & 0x3ff);
		}
		put_unit(&ctx, point);
	}
	if (point >= 0)
		md4_digest(&ctx, MD4_DIGEST_SIZE, hash_out);
	mem_wipe(&ctx, sizeof ctx);
	return point < 0 ? ERR_INPUT : 0;
}

int
breach_hash(enum breach_kind kind, const void *password, size_t len,
    uint8_t hash_out[BREACH_HASH_MOST])
{
	if (kind == BREACH_NT)
		return hash_nt(password, len, hash_out);
	hash_sha1(password, len, hash_out);
	return 0;
}
