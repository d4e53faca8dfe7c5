/*
 * Loaded in front of a test program that clang's memory sanitizer watches.
 * It knows what our code and libc have written; what comes out of another
 * library it takes for unwritten until somebody tells it.  So each function of
 * theirs whose results we read stands here once more, and tells.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <liboath/oath.h>
#include <lzma.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <zlib.h>

/* The sanitizer's, in the program; the shell that starts it has none. */
void __msan_unpoison(const volatile void *bytes, size_t n)
    __attribute__((weak));

static void
written(const void *bytes, size_t n)
{
	if (__msan_unpoison != NULL)
		__msan_unpoison(bytes, n);
}

/* The library's own. */
static void *
behind(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* ---- nettle ---- */

#define DIGEST(hash) \
	void nettle_##hash##_digest(struct hash##_ctx *ctx, size_t n, \
	    uint8_t *digest) \
	{ \
		void (*digest_of)(struct hash##_ctx *, size_t, uint8_t *) = \
		    behind("nettle_" #hash "_digest"); \
\
		digest_of(ctx, n, digest); \
		written(digest, n); \
	}

DIGEST(hmac_sha1)
DIGEST(hmac_sha256)
DIGEST(hmac_sha512)
DIGEST(chacha_poly1305)
DIGEST(md4)
DIGEST(sha1)

#define CIPHER(name) \
	void nettle_##name(struct chacha_poly1305_ctx *ctx, size_t n, \
	    uint8_t *to, const uint8_t *from) \
	{ \
		void (*cipher)(struct chacha_poly1305_ctx *, size_t, \
		    uint8_t *, const uint8_t *) = behind("nettle_" #name); \
\
		cipher(ctx, n, to, from); \
		written(to, n); \
	}

CIPHER(chacha_poly1305_encrypt)
CIPHER(chacha_poly1305_decrypt)

/* ---- zlib and liblzma ---- */

int
inflate(z_streamp stream, int flush)
{
	int (*unpack)(z_streamp, int) = behind("inflate");
	uint8_t *before = stream->next_out;
	int r = unpack(stream, flush);

	written(stream, sizeof *stream);
	written(before, (size_t)(stream->next_out - before));
	return r;
}

lzma_ret
lzma_code(lzma_stream *stream, lzma_action action)
{
	lzma_ret (*unpack)(lzma_stream *, lzma_action) = behind("lzma_code");
	uint8_t *before = stream->next_out;
	lzma_ret r = unpack(stream, action);

	written(stream, sizeof *stream);
	written(before, (size_t)(stream->next_out - before));
	return r;
}

/* ---- liboath ---- */

int
oath_totp_generate2(const char *secret, size_t secret_length, time_t now,
    unsigned time_step_size, time_t start_offset, unsigned digits, int flags,
    char *output_otp)
{
	__typeof__(oath_totp_generate2) *generate =
	    behind("oath_totp_generate2");
	int r = generate(secret, secret_length, now, time_step_size,
	    start_offset, digits, flags, output_otp);

	if (r == OATH_OK)
		written(output_otp, digits + 1);
	return r;
}

static int
base32(const char *name, const char *in, size_t inlen, char **out,
    size_t *outlen)
{
	__typeof__(oath_base32_encode) *code = behind(name);
	int r = code(in, inlen, out, outlen);

	written(out, sizeof *out);
	written(outlen, sizeof *outlen);
	if (r == OATH_OK)
		written(*out, *outlen + 1);
	return r;
}

int
oath_base32_encode(const char *in, size_t inlen, char **out, size_t *outlen)
{
	return base32("oath_base32_encode", in, inlen, out, outlen);
}

int
oath_base32_decode(const char *in, size_t inlen, char **out, size_t *outlen)
{
	return base32("oath_base32_decode", in, inlen, out, outlen);
}

/* ---- libc ---- */

/* One of its functions that the sanitizer does not know, by one it does. */
int
scandirat(int dir, const char *name, struct dirent ***entries,
    int (*filter)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **))
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir, name);
	return scandir(path, entries, filter, order);
}
