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

/* The values of 16 digits; *good loses the bits of a byte that is none. */
static inline __m128i
breach_digits_16(const uint8_t *at, __m128i *good)
{
	__m128i c = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
	__m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)),
	    _mm_set1_epi8('a'));
	/* unsigned comparison, by the lesser of two */
	__m128i is_digit =
	    _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
	__m128i is_letter =
	    _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);

	*good = _mm_and_si128(*good, _mm_or_si128(is_digit, is_letter));
	letter = _mm_add_epi8(letter, _mm_set1_epi8(10));
	return _mm_or_si128(_mm_and_si128(is_digit, digit),
	    _mm_andnot_si128(is_digit, letter));
}

/* As the portable one.  Count is at most 48. */
static inline bool
breach_digits_sse2(const uint8_t *at, unsigned count, uint64_t *number_out)
{
	__m128i good = _mm_set1_epi8(-1), value, bytes;
	unsigned last = count - 16;
	uint64_t number;

	value = breach_digits_16(at, &good);
	(void)breach_digits_16(at + (last < 16 ? last : 16), &good);
	(void)breach_digits_16(at + last, &good);
	/* The digits of a byte stand beside each other. */
	bytes =
	    _mm_or_si128(_mm_slli_epi16(value, 4), _mm_srli_epi16(value, 8));
	bytes = _mm_and_si128(bytes, _mm_set1_epi16(0xff));
	bytes = _mm_packus_epi16(bytes, bytes);
	memcpy(&number, &bytes, sizeof number);
	*number_out = be64toh(number);
	return _mm_movemask_epi8(good) == 0xffff;
}
#define breach_digits breach_digits_sse2
#else
#define breach_digits breach_digits_portable
#endif

#endif
