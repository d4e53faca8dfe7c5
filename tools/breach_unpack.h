/* The bytes of a file that may be compressed, as its first ones say: plain,
 * by gzip, or by xz. */
#ifndef BREACH_UNPACK_H
#define BREACH_UNPACK_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct breach_unpack;

/* memory bounds what unpacking may take, in bytes.  NULL: no memory. */
struct breach_unpack *breach_unpack_new(uint64_t memory);
void breach_unpack_free(struct breach_unpack *unpack);

/* Begins with a file, from where its descriptor (borrowed) stands. */
void breach_unpack_start(struct breach_unpack *unpack, int fd,
    const char *file);

/*
 * Reads up to n bytes, at least one.  0 of them: the file has ended, and was
 * whole.  Returns 0, ERR_IO, ERR_INPUT or ERR_MEMORY.
 */
int breach_unpack_read(struct breach_unpack *unpack, void *room, size_t n,
    size_t *got_out, struct trouble *why);

/* Bytes taken from descriptors so far. */
uint64_t breach_unpack_taken(const struct breach_unpack *unpack);

#endif
