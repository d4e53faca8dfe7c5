/*
 * What every fuzz target shares.
 *
 * A target is one function that takes any bytes and says, by MUST, what has
 * to hold for all of them.  libFuzzer calls it with bytes it makes up (`./dev
 * fuzz NAME MINUTES`), replay.c with the files of corpus/NAME (`make check`),
 * so that what was found once stays a test.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "../scratch.h"
#include "settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Why a target's corpus cannot be replayed on this machine, where the target
 * defines it. */
extern const char fuzz_left_out[] __attribute__((weak));

/* Ends the program where something does not hold: a finding. */
#define MUST(condition) \
	((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_broken(const char *file, int line, const char *condition);

/* The bytes, taken from the front.  Past their end there are zeros. */
struct input {
	const uint8_t *at; /* borrowed */
	size_t left;
};
uint64_t input_number(struct input *input, size_t bytes);

/* Up to n of them into room, and zeros behind; returns how many they were. */
size_t input_bytes(struct input *input, void *room, size_t n);

/* Turns over bits of bytes: as long as there is input, two bytes say where
 * and one which.  Returns whether any is now other than it was. */
bool input_edit(struct input *input, uint8_t *bytes, size_t n);

/* Whether it is a reason, and one line without control bytes. */
bool is_one_line(const struct trouble *why);

/* One private store for all inputs of this program, made at the first call,
 * and its host key. */
const struct scratch *fuzz_store(void);
const uint8_t *fuzz_key(void);

#endif
