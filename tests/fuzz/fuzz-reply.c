/*
 * reply: what a verifier answers, or somebody who says that he is one.
 *
 * Input: a byte; if it is even, the others are a frame.  If it is odd, they
 * change bits (input_edit) of a good one, whose kind and verdict the byte
 * chooses.
 *
 * Oracle: a second reader (frames.h) takes the same frames and reads the same
 * in them; what is taken is written again byte by byte; of all changes of a
 * refusal none is an acceptance, but the one that spells it out; and what was not
 * done hands nothing out.
 */
#include "frames.h"
#include "fuzz.h"

#include <string.h>

static const enum verdict refusals[] = { VERDICT_WRONG, VERDICT_REPLAYED,
	VERDICT_WAITING, VERDICT_DISABLED, VERDICT_MALFORMED,
	VERDICT_CLOCK_BEHIND, VERDICT_NOT_ENROLLED, VERDICT_CALLER_BLOCKED };

static const enum change not_done[] = { CHANGE_UNPROVEN, CHANGE_NEEDS_CODE,
	CHANGE_WRONG_PASSWORD, CHANGE_UNCONFIRMED, CHANGE_OVER };

static struct changed
a_change(unsigned which)
{
	struct changed changed = { .change = not_done[which % 5],
		.name = "phone" };

	if (which % 2 == 0)
		return changed;
	changed.judgement.verdict = refusals[which % 8];
	if (which % 3 == 0)
		return changed;
	changed.change = CHANGE_DONE;
	changed.begun = (struct authenticator){ .name = "phone",
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.key_len = which };
	changed.codes.count = which % 11;
	return changed;
}

/* A good answer, one of many. */
static struct wire_reply
good(unsigned which)
{
	struct wire_reply reply = { .kind = (enum wire_kind)(1 + which % 5) };

	which /= 5;
	if (reply.kind == WIRE_PICTURE) {
		reply.symbol.width = 21 + 4 * (which % 10);
		symbol_darken(&reply.symbol, which % 21, which % 20);
	}
	if (reply.kind == WIRE_CHANGE)
		reply.changed = a_change(which);
	reply.enrolled = reply.kind == WIRE_ENROLLED && which % 2 == 1;
	if (reply.kind == WIRE_VERIFY)
		reply.judgement = (struct judgement){
			.verdict = refusals[which % 8],
			.failures = which,
			.wait = which,
			.recovery_left = which % 11,
		};
	if (reply.kind == WIRE_STATUS && which % 4 != 0) {
		struct summary *summary = &reply.summary;

		summary->enrolled = true;
		summary->uid = 1000;
		strcpy(summary->user, "alice");
		summary->count = which % 9;
		for (size_t i = 0; i < summary->count; i++)
			summary->items[i] = (struct summary_item){
				.authenticator = { .name = "phone",
				    .kind = AUTHENTICATOR_TOTP,
				    .algorithm = ALGORITHM_SHA1,
				    .digits = 6,
				    .period = 30,
				    .created = 1 },
				.used = 2
			};
		summary->recovery_left = 10;
	}
	return reply;
}

static void
check(const uint8_t *frame, size_t n)
{
	static struct wire_reply is, want;
	static uint8_t again[WIRE_MOST];
	size_t again_n;
	int r = wire_parse_reply(frame, n, &is);

	MUST(r == 0 || r == ERR_INPUT);
	MUST((r == 0) == frame_is_reply(frame, n, &want));
	if (r < 0)
		return;
	MUST(memcmp(&is, &want, sizeof is) == 0);
	MUST(wire_format_reply(&is, again, &again_n) == 0);
	MUST(again_n == n && memcmp(again, frame, n) == 0);
	MUST(is.err <= 0);
	if (is.err < 0)
		MUST(!is.enrolled && is.judgement.verdict == 0 &&
		     !is.summary.enrolled && is.changed.change == CHANGE_NONE &&
		     is.symbol.width == 0);
	MUST(!is.judgement.drifted && is.judgement.drift == 0);
	if (is.changed.change != CHANGE_DONE)
		MUST(is.changed.begun.key_len == 0 &&
		     is.changed.codes.count == 0 && !is.changed.ended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	unsigned first = (unsigned)input_number(&input, 1);
	static uint8_t frame[WIRE_MOST];
	struct wire_reply reply;
	size_t frame_n;

	if (first % 2 == 0) {
		check(input.at, input.left);
		return 0;
	}
	reply = good(first / 2);
	MUST(wire_format_reply(&reply, frame, &frame_n) == 0);
	(void)input_edit(&input, frame, frame_n);
	check(frame, frame_n);
	return 0;
}
