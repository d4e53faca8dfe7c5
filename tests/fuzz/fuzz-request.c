/*
 * request: what the verifier is asked, by whoever can connect to it.
 *
 * Input: a byte; if its lowest bit is clear, the others are a frame.  Else they
 * are questions to a verifier, whose store has one user (wallet.h) and whose
 * clock begins at WALLET_NOON.  Each has two bytes of seconds since the one
 * before (signed), a byte that says who asks about whom and what, what the
 * program says of itself up to a NUL, and what is typed up to a NUL, in the
 * writing of wallet.h.
 *
 * Oracle: a second reader (frames.h) takes the same frames and reads the same
 * in them, and what is taken is written again byte by byte.  A question is
 * answered to the user himself and to root, and to nobody else; its verdict is
 * model.c's; an accepted code is spent on disk, and nothing else is.  No answer
 * has a key in it, or names whose code a wrong one would be; no line of the log
 * has a code, or more than one line.
 */
#include "../host.h"
#include "frames.h"
#include "model.h"
#include "verifier.h"
#include "wallet.h"

#include <stdio.h>
#include <string.h>

enum { QUESTIONS_MOST = 8 };

int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct host host;
static uint8_t first_state[STATE_FILE_BYTES];
static const char state_name[] = "store/1000.state";

/* libFuzzer has a clock of its own to keep. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	host_clock = 0;
	return 0;
}

static void
check_frame(const uint8_t *frame, size_t n)
{
	static struct wire_request is, want;
	static uint8_t again[WIRE_MOST];
	size_t again_n;
	int r = wire_parse_request(frame, n, &is);

	MUST(r == 0 || r == ERR_INPUT);
	MUST((r == 0) == frame_is_request(frame, n, &want));
	if (r < 0)
		return;
	MUST(memcmp(&is, &want, sizeof is) == 0);
	MUST(wire_format_request(&is, again, &again_n) == 0);
	MUST(again_n == n && memcmp(again, frame, n) == 0);
}

static void
prepare(void)
{
	if (host.conf_dir[0] == '\0') {
		host_new(&host, "");
		wallet_enrol(&host.scratch.settings);
		MUST(scratch_read(&host.scratch, state_name, first_state,
			 sizeof first_state) == sizeof first_state);
	}
	scratch_write(&host.scratch, state_name, first_state,
	    sizeof first_state);
}

/* ---- one question ---- */

static const struct peer peers[] = { { WALLET_UID, false }, { 1001, false },
	{ 0, true }, { 65533, false } };
static const char *const users[] = { WALLET_USER, "bob", "nobody", "root\n" };

static bool
is_told(const struct peer *peer, const struct account *account)
{
	return peer->uid == 0 || (account->known && account->uid == peer->uid);
}

static void
check_reply(const struct wire_reply *reply)
{
	static uint8_t frame[WIRE_MOST];
	static struct wire_reply again;
	size_t n;

	MUST(wire_format_reply(reply, frame, &n) == 0);
	MUST(wire_parse_reply(frame, n, &again) == 0);
	MUST(again.err == reply->err && again.kind == reply->kind);
	MUST(again.judgement.verdict == reply->judgement.verdict);
	for (char key = 'a'; key < 'f'; key++) {
		const char some[] = { key, key, key, key, key, key, '\0' };

		MUST(!frame_says(frame, n, some));
	}
	MUST(!frame_says(frame, n, "kkkkkk"));
	if (reply->kind == WIRE_VERIFY &&
	    reply->judgement.verdict != VERDICT_ACCEPTED)
		MUST(!frame_says(frame, n, "phone") &&
		     !frame_says(frame, n, "tablet") &&
		     !frame_says(frame, n, "desk"));
}

static void
check_log(const struct said *said, const char *text)
{
	struct typed typed = model_read(text);
	size_t len = strlen(host_log);

	MUST(len > 0 && host_log[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		MUST(host_log[i] >= ' ' && host_log[i] <= '~');
	if (typed.shape == SHAPE_CODE &&
	    strstr(said->service, typed.digits) == NULL)
		MUST(strstr(host_log, typed.digits) == NULL);
}

static bool
has_moved(const struct state *before, const struct state *after)
{
	return after->sequence != before->sequence;
}

static void
check_verdict(const struct wire_reply *reply, const struct record *record,
    const struct state *before, const struct state *after, const char *text)
{
	struct state moved = *after;
	enum verdict want =
	    model_judge(&settings_default, record, before, text, host_clock);

	if (reply->err < 0) {
		MUST(want == VERDICT_CANNOT_TELL);
		MUST(!has_moved(before, after));
		return;
	}
	MUST(reply->judgement.verdict == want);
	MUST(moved.sequence == before->sequence + 1);
	moved.sequence--; /* the store's, not the judgement's */
	model_check(&settings_default, record, before, &moved, text, host_clock,
	    &reply->judgement);
}

static void
ask(const struct peer *peer, struct wire_request *request, const char *text)
{
	static struct wire_reply reply;
	static struct record record;
	struct account account = { .known = false };
	struct trouble why = { "" };
	struct state before, after;

	wallet_read(&host.scratch.settings, &before, &record);
	verifier_answer(&host.scratch.settings, peer, request, &account, &reply,
	    &why);
	wallet_read(&host.scratch.settings, &after, &record);
	host_log[0] = '\0';
	if (reply.err < 0) {
		MUST(is_one_line(&why));
		verifier_log_trouble(peer, request, &account, "asking", &why);
	} else {
		verifier_log_judgement(peer, request, &account,
		    &reply.judgement);
	}
	check_log(&request->said, text);
	check_reply(&reply);
	MUST(is_told(peer, &account) || reply.err == ERR_CALLER);
	if (request->kind == WIRE_VERIFY && is_told(peer, &account) &&
	    account.uid == WALLET_UID)
		check_verdict(&reply, &record, &before, &after, text);
	else
		MUST(!has_moved(&before, &after));
}

static void
take_said(struct input *input, char room[WIRE_SAID_SIZE])
{
	char text[WIRE_SAID_SIZE];
	size_t len = 0;

	while (input->left > 0 && input->at[0] != 0 && len + 1 < sizeof text)
		text[len++] = (char)input_number(input, 1);
	(void)input_number(input, 1);
	text[len] = '\0';
	said_set(room, text);
}

static void
take_question(struct input *input)
{
	struct wire_request request = { .kind = WIRE_VERIFY };
	unsigned who = (unsigned)input_number(input, 1);
	static struct record record;
	static uint8_t frame[WIRE_MOST];
	char text[WALLET_TEXT_SIZE];
	struct state state;
	size_t n;

	request.kind = (enum wire_kind)(1 + (who >> 4) % 3);
	strcpy(request.store_dir, host.scratch.settings.store_dir);
	strcpy(request.user, users[who >> 2 & 3]);
	take_said(input, request.said.service);
	memcpy(request.said.tty, request.said.service, WIRE_SAID_SIZE);
	wallet_read(&host.scratch.settings, &state, &record);
	wallet_type(input, &state, host_clock, text);
	if (request.kind == WIRE_VERIFY)
		answer_read(text, &request.answer);
	MUST(wire_format_request(&request, frame, &n) == 0);
	check_frame(frame, n);
	MUST(wire_parse_request(frame, n, &request) == 0);
	ask(&peers[who & 3], &request, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	int64_t now = WALLET_NOON;

	if (input_number(&input, 1) % 2 == 0) {
		check_frame(input.at, input.left);
		return 0;
	}
	prepare();
	for (int i = 0; i < QUESTIONS_MOST && input.left > 0; i++) {
		now += (int16_t)input_number(&input, 2);
		host_clock = now;
		take_question(&input);
		host_clock = 0;
	}
	return 0;
}
