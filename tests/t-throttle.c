/* Counting failures, and what they cost. */
#include "test.h"
#include "throttle.h"

enum { NOON = 1800000000 };

TEST("five tries are free, then waits double from half a minute to an hour")
{
	static const int64_t waits[] = { 0, 0, 0, 0, 0, 30, 60, 120, 240, 480,
		960, 1920, 3600, 3600, 3600 };

	for (uint32_t n = 0; n < sizeof waits / sizeof waits[0]; n++)
		expect_int(throttle_wait(&settings_default, n), waits[n]);
	expect_int(throttle_wait(&settings_default, 99), 3600);
	expect_int(throttle_wait(&settings_default, UINT32_MAX), 3600);
}

TEST("a site's own numbers are used, and the longest wait is a limit")
{
	struct settings settings = settings_default;

	settings.free_tries = 1;
	settings.first_wait = 7;
	settings.longest_wait = 20;
	expect_int(throttle_wait(&settings, 0), 0);
	expect_int(throttle_wait(&settings, 1), 7);
	expect_int(throttle_wait(&settings, 2), 14);
	expect_int(throttle_wait(&settings, 3), 20);
	settings.longest_wait = 7;
	expect_int(throttle_wait(&settings, 2), 7);
}

TEST("each wrong guess counts one, and the fifth begins a wait")
{
	struct state state = { 0 };

	for (uint32_t n = 1; n < 5; n++) {
		throttle_count(&settings_default, &state, NOON);
		expect_int(state.failures, n);
		expect_int(state.wait_until, 0);
	}
	throttle_count(&settings_default, &state, NOON);
	expect_int(state.failures, 5);
	expect_int(state.wait_until, NOON + 30);
	throttle_count(&settings_default, &state, NOON + 10);
	expect_int(state.wait_until, NOON + 10 + 60);
}

TEST("a wait runs out to the second")
{
	struct state state = { .wait_until = NOON + 30 };

	expect_int(throttle_left(&settings_default, &state, NOON), 30);
	expect_int(throttle_left(&settings_default, &state, NOON + 29), 1);
	expect_int(throttle_left(&settings_default, &state, NOON + 30), 0);
	expect_int(throttle_left(&settings_default, &state, NOON + 31), 0);
	expect_int(state.wait_until, NOON + 30);
}

TEST("a wait stored far ahead is cut to the longest there is, for good")
{
	struct state state = { .wait_until = INT64_MAX };

	expect_int(throttle_left(&settings_default, &state, NOON), 3600);
	expect_int(state.wait_until, NOON + 3600);
	expect_int(throttle_left(&settings_default, &state, NOON + 3600), 0);
}

TEST("the longest wait itself is not cut")
{
	struct state state = { .wait_until = NOON + 3600 };

	expect_int(throttle_left(&settings_default, &state, NOON), 3600);
	expect_int(state.wait_until, NOON + 3600);
}

TEST("the hundredth failure in a row disables, the ninety-ninth does not")
{
	struct state state = { .failures = 98 };

	throttle_count(&settings_default, &state, NOON);
	expect(!throttle_disabled(&settings_default, &state));
	throttle_count(&settings_default, &state, NOON);
	expect(throttle_disabled(&settings_default, &state));
}

TEST("the count stops at its top and does not begin again")
{
	struct state state = { .failures = UINT32_MAX - 1 };

	throttle_count(&settings_default, &state, NOON);
	throttle_count(&settings_default, &state, NOON);
	expect_int(state.failures, UINT32_MAX);
	expect(throttle_disabled(&settings_default, &state));
}

TEST("forgetting clears failures and wait")
{
	struct state state = { .failures = 100,
		.wait_until = NOON + 30,
		.last_attempt = NOON };

	throttle_clear(&state);
	expect_int(state.failures, 0);
	expect_int(throttle_left(&settings_default, &state, NOON), 0);
	expect(!throttle_disabled(&settings_default, &state));
	expect_int(state.last_attempt, NOON);
}
