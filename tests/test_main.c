/* Runs every TEST of the program it is linked into. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { TESTS_MOST = 512 };

static struct CMUnitTest tests[TESTS_MOST];
static size_t count;

void
test_register(const char *sentence, CMUnitTestFunction run)
{
	if (count == TESTS_MOST) {
		fprintf(stderr, "more than %d tests in one file\n", TESTS_MOST);
		exit(1);
	}
	tests[count].name = sentence;
	tests[count].test_func = run;
	count++;
}

bool
test_long(void)
{
	return getenv("SALLYPORT_LONG") != NULL;
}

extern void __asan_init(void) __attribute__((weak));
extern void __msan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

bool
test_sanitized(void)
{
	return __asan_init != NULL || __msan_init != NULL ||
	       __tsan_init != NULL;
}

/* A shell's background job ignores Ctrl-C, nohup a hang-up, and so would all
 * that tests start and end by these. */
static void
heed_signals(void)
{
	static const int endings[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		(void)signal(endings[i], SIG_DFL);
}

int
main(void)
{
	heed_signals();
	if (test_left_out != NULL) {
		printf("1..0 # SKIP %s\n", test_left_out);
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("sallyport", tests, count, NULL, NULL);
}
