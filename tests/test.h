/*
 * A test is a sentence:
 *
 *	TEST("a code opens the door only once")
 *	{
 *		expect(...);
 *	}
 *
 * Each file of them is a program that prints TAP.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void test_register(const char *sentence, CMUnitTestFunction run);

/* Whether there is time for every reason and every round (SALLYPORT_LONG in
 * the environment). */
bool test_long(void);

/* Whether a sanitizer watches this program: everything takes longer then. */
bool test_sanitized(void);

/* Why nothing in this program can be tested on this machine, where a file
 * defines it. */
extern const char test_left_out[] __attribute__((weak));

#define TEST(sentence)		TEST_NAMED(sentence, __COUNTER__)
#define TEST_NAMED(sentence, n) TEST_EXPANDED(sentence, n)
#define TEST_EXPANDED(sentence, n) \
	static void test_##n(void **); \
	__attribute__((constructor)) static void test_register_##n(void) \
	{ \
		test_register(sentence, test_##n); \
	} \
	static void test_##n(__attribute__((unused)) void **unused)

#define expect(condition)	  assert_true(condition)
#define expect_int(is, want)	  assert_int_equal(is, want)
#define expect_text(is, want)	  assert_string_equal(is, want)
#define expect_bytes(is, want, n) assert_memory_equal(is, want, n)

#endif
