#include "breach_unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST /* what it reads from, it does not change */
#include <zlib.h>

enum {
	PACKED_BYTES = 256 * 1024,
	MAGIC_BYTES = 6, /* enough to tell */
	GZIP_ALONE = 16, /* added to zlib's window bits: gzip, not zlib */
};

enum coding { UNKNOWN, PLAIN, GZIP, XZ };

struct breach_unpack {
	uint64_t memory;
	uint64_t taken;
	int fd;		  /* borrowed */
	const char *file; /* borrowed */
	enum coding coding;
	bool fd_ended;
	bool whole; /* the last stream is at its end */
	z_stream gzip;
	bool gzip_ready;
	lzma_stream xz;
	bool xz_ready;
	uint8_t *packed; /* owned; NULL until something is packed */
	const uint8_t *at, *end;
};

struct breach_unpack *
breach_unpack_new(uint64_t memory)
{
	const lzma_stream none = LZMA_STREAM_INIT;
	struct breach_unpack *unpack = calloc(1, sizeof *unpack);

	if (unpack == NULL)
		return NULL;
	unpack->memory = memory;
	unpack->xz = none;
	return unpack;
}

static void
end_streams(struct breach_unpack *unpack)
{
	if (unpack->gzip_ready)
		(void)inflateEnd(&unpack->gzip);
	unpack->gzip_ready = false;
	if (unpack->xz_ready)
		lzma_end(&unpack->xz);
	unpack->xz_ready = false;
}

void
breach_unpack_free(struct breach_unpack *unpack)
{
	if (unpack == NULL)
		return;
	end_streams(unpack);
	free(unpack->packed);
	free(unpack);
}

void
breach_unpack_start(struct breach_unpack *unpack, int fd, const char *file)
{
	end_streams(unpack);
	unpack->fd = fd;
	unpack->file = file;
	unpack->coding = UNKNOWN;
	unpack->fd_ended = unpack->whole = false;
	unpack->at = unpack->end = unpack->packed;
}

uint64_t
breach_unpack_taken(const struct breach_unpack *unpack)
{
	return unpack->taken;
}

static int
read_fd(struct breach_unpack *unpack, void *room, size_t n, size_t *got_out,
    struct trouble *why)
{
	ssize_t got;

	do
		got = read(unpack->fd, room, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_say(why, ERR_IO, "cannot read %s: %m", unpack->file);
	unpack->fd_ended = got == 0;
	unpack->taken += (uint64_t)got;
	*got_out = (size_t)got;
	return 0;
}

/* ---- what it is ---- */

static enum coding
coding_of(const uint8_t *bytes, size_t n)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b };
	static const uint8_t xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	if (n >= sizeof gzip && memcmp(bytes, gzip, sizeof gzip) == 0)
		return GZIP;
	if (n >= sizeof xz && memcmp(bytes, xz, sizeof xz) == 0)
		return XZ;
	return PLAIN;
}

static int
begin_stream(struct breach_unpack *unpack, struct trouble *why)
{
	lzma_ret lzma = LZMA_OK;

	if (unpack->coding == GZIP) {
		memset(&unpack->gzip, 0, sizeof unpack->gzip);
		if (inflateInit2(&unpack->gzip, MAX_WBITS + GZIP_ALONE) != Z_OK)
			return err_say(why, ERR_MEMORY, "unpacking %s: %s",
			    unpack->file, err_text(ERR_MEMORY));
		unpack->gzip_ready = true;
		return 0;
	}
	lzma =
	    lzma_stream_decoder(&unpack->xz, unpack->memory, LZMA_CONCATENATED);
	unpack->xz_ready = true;
	if (lzma != LZMA_OK)
		return err_say(why, ERR_MEMORY, "unpacking %s: %s",
		    unpack->file, err_text(ERR_MEMORY));
	return 0;
}

/* The first bytes were read into the caller's room: of a plain file that is
 * where they belong. */
static int
recognise(struct breach_unpack *unpack, const uint8_t *first, size_t n,
    struct trouble *why)
{
	unpack->coding = coding_of(first, n);
	if (unpack->coding == PLAIN)
		return 0;
	if (unpack->packed == NULL &&
	    (unpack->packed = malloc(PACKED_BYTES)) == NULL)
		return ERR_MEMORY;
	memcpy(unpack->packed, first, n);
	unpack->at = unpack->packed;
	unpack->end = unpack->packed + n;
	return begin_stream(unpack, why);
}

static int
read_first(struct breach_unpack *unpack, uint8_t *room, size_t n,
    size_t *got_out, struct trouble *why)
{
	size_t sum = 0, got;
	int r;

	if (n > PACKED_BYTES)
		n = PACKED_BYTES;
	do {
		r = read_fd(unpack, room + sum, n - sum, &got, why);
		if (r < 0)
			return r;
		sum += got;
	} while (got > 0 && sum < MAGIC_BYTES && sum < n);
	if ((r = recognise(unpack, room, sum, why)) < 0)
		return r;
	*got_out = sum;
	return 0;
}

/* ---- unpacking ---- */

static int
damaged(const struct breach_unpack *unpack, const char *what,
    struct trouble *why)
{
	return err_say(why, ERR_INPUT, "%s cannot be unpacked: %s",
	    unpack->file, what);
}

/* One step.  Files that gzip wrote may stand one behind the other, with zeros
 * behind the last. */
static int
step_gzip(struct breach_unpack *unpack, uint8_t **to, size_t *room,
    struct trouble *why)
{
	z_stream *z = &unpack->gzip;
	int status;

	if (unpack->whole) {
		if (*unpack->at != 0x1f) {
			unpack->at++;
			return unpack->at[-1] == 0
				   ? 0
				   : damaged(unpack, "it has a strange end",
					 why);
		}
		(void)inflateReset(z);
		unpack->whole = false;
	}
	z->next_in = unpack->at;
	z->avail_in = (uInt)(unpack->end - unpack->at);
	z->next_out = *to;
	z->avail_out = (uInt)*room;
	status = inflate(z, Z_NO_FLUSH);
	unpack->at = z->next_in;
	*to = z->next_out;
	*room = z->avail_out;
	unpack->whole = status == Z_STREAM_END;
	if (status == Z_MEM_ERROR)
		return ERR_MEMORY;
	if (status == Z_BUF_ERROR && unpack->fd_ended)
		return damaged(unpack, "it is cut short", why);
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
		return damaged(unpack, "it is not what gzip wrote", why);
	return 0;
}

static int
step_xz(struct breach_unpack *unpack, uint8_t **to, size_t *room,
    struct trouble *why)
{
	lzma_stream *x = &unpack->xz;
	lzma_ret status;

	x->next_in = unpack->at;
	x->avail_in = (size_t)(unpack->end - unpack->at);
	x->next_out = *to;
	x->avail_out = *room;
	status = lzma_code(x, unpack->fd_ended ? LZMA_FINISH : LZMA_RUN);
	unpack->at = x->next_in;
	*to = x->next_out;
	*room = x->avail_out;
	unpack->whole = status == LZMA_STREAM_END;
	if (status == LZMA_MEM_ERROR)
		return ERR_MEMORY;
	if (status == LZMA_MEMLIMIT_ERROR)
		return damaged(unpack, "that needs more than --memory", why);
	if (status == LZMA_BUF_ERROR && unpack->fd_ended)
		return damaged(unpack, "it is cut short", why);
	if (status != LZMA_OK && status != LZMA_STREAM_END &&
	    status != LZMA_BUF_ERROR)
		return damaged(unpack, "it is not what xz wrote", why);
	return 0;
}

static int
refill(struct breach_unpack *unpack, struct trouble *why)
{
	size_t got;
	int r;

	if (unpack->at < unpack->end || unpack->fd_ended)
		return 0;
	r = read_fd(unpack, unpack->packed, PACKED_BYTES, &got, why);
	if (r < 0)
		return r;
	unpack->at = unpack->packed;
	unpack->end = unpack->packed + got;
	return 0;
}

static int
unpack_some(struct breach_unpack *unpack, uint8_t *room, size_t n,
    size_t *got_out, struct trouble *why)
{
	uint8_t *to = room;
	size_t left = n;
	int r;

	while (left == n) {
		if ((r = refill(unpack, why)) < 0)
			return r;
		if (unpack->at == unpack->end && unpack->whole)
			break;
		r = unpack->coding == GZIP ? step_gzip(unpack, &to, &left, why)
					   : step_xz(unpack, &to, &left, why);
		if (r < 0)
			return r;
	}
	*got_out = n - left;
	return 0;
}

int
breach_unpack_read(struct breach_unpack *unpack, void *room, size_t n,
    size_t *got_out, struct trouble *why)
{
	int r;

	if (unpack->coding == UNKNOWN) {
		r = read_first(unpack, room, n, got_out, why);
		if (r < 0 || unpack->coding == PLAIN)
			return r;
	}
	if (unpack->coding == PLAIN)
		return read_fd(unpack, room, n, got_out, why);
	return unpack_some(unpack, room, n, got_out, why);
}
