/* Bytes sealed under the host key.  What they are and whose stands in front of
 * them in the open, and is authenticated with them. */
#ifndef BOX_H
#define BOX_H

#include "err.h"
#include "seal.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	BOX_ABOUT_BYTES = 8 + 4 + 4, /* magic, form, uid */
	BOX_HEAD_BYTES = BOX_ABOUT_BYTES + SEAL_SALT_BYTES,
	BOX_AROUND_BYTES = BOX_HEAD_BYTES + SEAL_TAG_BYTES,
};

/* A kind of content: no box of one kind is ever taken for one of another. */
struct box_kind {
	const char *what; /* "an enrolment" */
	uint8_t magic[8];
	unsigned form;
	size_t content; /* bytes; the box has BOX_AROUND_BYTES more */
};

/* Seals the content that stands in the box, BOX_HEAD_BYTES from its start.
 * Returns 0 or ERR_IO. */
int box_close(const uint8_t key[SEAL_KEY_BYTES], const struct box_kind *kind,
    uid_t uid, uint8_t *box, struct trouble *why);

/*
 * The reverse, in place.  name is for the message only.  Returns 0, or
 * ERR_DAMAGED: it is not what box_close made under this key, of this kind and
 * for this uid; the content is then wiped.
 */
int box_open(const uint8_t key[SEAL_KEY_BYTES], const struct box_kind *kind,
    uid_t uid, const char *name, uint8_t *box, struct trouble *why);

#endif
