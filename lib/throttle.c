#include "throttle.h"

int64_t
throttle_wait(const struct settings *settings, uint32_t failures)
{
	uint64_t wait = settings->first_wait;

	if (failures < settings->free_tries)
		return 0;
	for (uint64_t n = settings->free_tries; n < failures; n++) {
		if (wait >= settings->longest_wait)
			break;
		wait *= 2;
	}
	return (int64_t)(wait < settings->longest_wait
			     ? wait
			     : settings->longest_wait);
}

void
throttle_count(const struct settings *settings, struct state *state,
    int64_t now)
{
	int64_t wait;

	if (state->failures < UINT32_MAX)
		state->failures++;
	wait = throttle_wait(settings, state->failures);
	if (wait > 0)
		state->wait_until = now + wait;
}

void
throttle_clear(struct state *state)
{
	state->failures = 0;
	state->wait_until = 0;
}

bool
throttle_disabled(const struct settings *settings, const struct state *state)
{
	return state->failures >= settings->disable_after;
}

int64_t
throttle_left(const struct settings *settings, struct state *state, int64_t now)
{
	int64_t longest = (int64_t)settings->longest_wait;

	if (state->wait_until <= now)
		return 0;
	if (state->wait_until - now > longest)
		state->wait_until = now + longest;
	return state->wait_until - now;
}
