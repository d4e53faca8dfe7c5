/* Hexadecimal digits of a hash, many at once: this is where a build spends its
 * time.  Both ways of reading them say the same of every input. */
#ifndef BREACH_DIGITS_H
#define BREACH_DIGITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BREACH_DIGITS_LEAST = 16 }; /* of what is read at once */

/* A digit's value; 16: it is none. */
static inline unsigned
breach_digit(uint8_t c)
{
	unsigned digit = c - (unsigned)'0';
	unsigned letter = (c | 0x20U) - (unsigned)'a';

	if (digit <= 9)
		return digit;
	return letter <= 5 ? letter + 10 : 16;
}

/* Whether count bytes, at least BREACH_DIGITS_LEAST, are digits; the first 16
 * of them as a number. */
static inline bool
breach_digits_portable(const uint8_t *at, unsigned count, uint64_t *number_out)
{
	uint64_t number = 0;
	unsigned all = 0;

	for (unsigned i = 0; i < BREACH_DIGITS_LEAST; i++) {
		all |= breach_digit(at[i]);
		number = number << 4 | breach_digit(at[i]);
	}
	for (unsigned i = BREACH_DIGITS_LEAST; i < count; i++)
		all |= breach_digit(at[i]);
	*number_out = number;
	return (all & 16) == 0;
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Adding so much with saturation sets a byte's highest bit where it was above
 * most. */
#define BREACH_ABOVE(most) _mm_set1_epi8(0x80 - 1 - (most))

/* 16 bytes; the highest bit of those that are no digits is set in *bad. */
static inline __m128i
breach_digits_16(const uint8_t *at, __m128i *bad)
{
	__m128i c = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)),
	    _mm_set1_epi8('a'));

	*bad = _mm_or_si128(*bad,
	    _mm_and_si128(_mm_adds_epu8(digit, BREACH_ABOVE(9)),
		_mm_adds_epu8(letter, BREACH_ABOVE(5))));
	return c;
}

/* As the portable one.  Count is at most 48. */
static inline bool
breach_digits_sse2(const uint8_t *at, unsigned count, uint64_t *number_out)
{
	__m128i bad = _mm_setzero_si128(), c, value, bytes;
	unsigned last = count - 16;
	uint64_t number;

	c = breach_digits_16(at, &bad);
	(void)breach_digits_16(at + (last < 16 ? last : 16), &bad);
	(void)breach_digits_16(at + last, &bad);
	/* Letters of either case have 1 to 6 in their low half. */
	value = _mm_add_epi8(_mm_and_si128(c, _mm_set1_epi8(15)),
	    _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('9')),
		_mm_set1_epi8(9)));
	/* The digits of a byte stand beside each other. */
	bytes =
	    _mm_or_si128(_mm_slli_epi16(value, 4), _mm_srli_epi16(value, 8));
	bytes = _mm_and_si128(bytes, _mm_set1_epi16(0xff));
	bytes = _mm_packus_epi16(bytes, bytes);
	memcpy(&number, &bytes, sizeof number);
	*number_out = be64toh(number);
	return _mm_movemask_epi8(bad) == 0;
}
#define breach_digits breach_digits_sse2
#else
#define breach_digits breach_digits_portable
#endif

#endif
