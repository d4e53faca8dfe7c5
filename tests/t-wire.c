/* What is asked of the verifier and what it answers, as bytes. */
#include "test.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

static uint8_t frame[WIRE_MOST + 1];
static size_t frame_len;

static struct wire_request
question(enum wire_kind kind)
{
	struct wire_request request = { .kind = kind,
		.store_dir = "/var/lib/sallyport",
		.user = "alice",
		.said = { "xlock", "192.0.2.7", ":0", true } };

	if (kind == WIRE_VERIFY)
		answer_read("123456", &request.answer);
	return request;
}

static struct summary
two_authenticators(void)
{
	return (struct summary){ .enrolled = true,
		.uid = 1000,
		.user = "alice",
		.count = 2,
		.items = { { .authenticator = { .kind = AUTHENTICATOR_TOTP,
				 .algorithm = ALGORITHM_SHA256,
				 .digits = 8,
				 .period = 30,
				 .created = 1800014400,
				 .name = "phone" },
			       .used = 1800014430 },
		    { .authenticator = { .kind = AUTHENTICATOR_HOTP,
			  .algorithm = ALGORITHM_SHA1,
			  .digits = 6,
			  .pending = true,
			  .name = "token" } } },
		.recovery_left = 9,
		.recovery_unseen = true,
		.bypass_until = 1800018030,
		.failures = 6,
		.wait = 30,
		.last_success = 1800014430 };
}

static struct wire_reply
reply_of(enum wire_kind kind)
{
	struct wire_reply reply = { .kind = kind };

	if (kind == WIRE_ENROLLED)
		reply.enrolled = true;
	if (kind == WIRE_VERIFY)
		reply.judgement = (struct judgement){
			.verdict = VERDICT_ACCEPTED,
			.authenticator = "phone",
			.failures = 3,
			.recovery_left = 10,
			.notices = UINT32_MAX,
		};
	if (kind == WIRE_STATUS)
		reply.summary = two_authenticators();
	if (kind == WIRE_PICTURE) {
		reply.symbol.width = 21;
		symbol_darken(&reply.symbol, 20, 20);
	}
	return reply;
}

/* A question for each act, with its longest proof. */
static struct wire_request
change_question(enum act act)
{
	struct wire_request request = question(WIRE_CHANGE);
	struct wanted *wanted = &request.wanted;

	wanted->act = act;
	wanted->proof.kind = PROOF_PASSWORD;
	memset(wanted->proof.password, 'p', PROOF_PASSWORD_SIZE - 1);
	if (act == ACT_BEGIN) {
		wanted->which.kind = AUTHENTICATOR_TOTP;
		wanted->which.algorithm = ALGORITHM_SHA512;
		wanted->which.digits = 8;
		wanted->which.period = 60;
	}
	if (act == ACT_CONFIRM) {
		memset(wanted->blob, 0xb1, sizeof wanted->blob);
		answer_read("123456", &wanted->answer);
	}
	if (act == ACT_RENAME || act == ACT_REMOVE) {
		strcpy(wanted->which.name, "phone");
		wanted->which.created = 1800014400;
	}
	if (act == ACT_RENAME)
		strcpy(wanted->name, "old phone");
	return request;
}

/* A change that has everything. */
static struct wire_reply
change_reply(void)
{
	struct wire_reply reply = { .kind = WIRE_CHANGE };
	struct changed *changed = &reply.changed;

	changed->change = CHANGE_DONE;
	strcpy(changed->name, "phone");
	changed->judgement.verdict = VERDICT_ACCEPTED_RECOVERY;
	changed->judgement.recovery_left = 9;
	changed->ended = true;
	changed->begun.kind = AUTHENTICATOR_HOTP;
	changed->begun.algorithm = ALGORITHM_SHA1;
	changed->begun.digits = 6;
	changed->begun.key_len = TOTP_KEY_MOST;
	memset(changed->begun.key, 'k', TOTP_KEY_MOST);
	strcpy(changed->begun.name, "phone");
	memset(changed->blob, 0xb1, sizeof changed->blob);
	changed->codes.count = RECOVERY_CODES;
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		strcpy(changed->codes.text[i], "00000-00000-00000-00000-00000");
	return reply;
}

static bool
asks(const struct wire_request *request)
{
	return wire_format_request(request, frame, &frame_len) == 0;
}

static bool
replies(const struct wire_reply *reply)
{
	return wire_format_reply(reply, frame, &frame_len) == 0;
}

static bool
reads_request(struct wire_request *request)
{
	return wire_parse_request(frame, frame_len, request) == 0;
}

static bool
reads_reply(struct wire_reply *reply)
{
	return wire_parse_reply(frame, frame_len, reply) == 0;
}

/* What was read is what the frame says: each thing has one spelling. */
static void
expect_asked(const struct wire_request *is)
{
	static uint8_t again[WIRE_MOST + 1];
	size_t len;

	expect_int(wire_format_request(is, again, &len), 0);
	expect_int(len, frame_len);
	expect_bytes(again, frame, len);
}

static void
expect_replied(const struct wire_reply *is)
{
	static uint8_t again[WIRE_MOST + 1];
	size_t len;

	expect_int(wire_format_reply(is, again, &len), 0);
	expect_int(len, frame_len);
	expect_bytes(again, frame, len);
}

TEST("every question is read as it was asked")
{
	for (int kind = WIRE_ENROLLED; kind <= WIRE_PICTURE; kind++) {
		if (kind == WIRE_CHANGE)
			continue; /* below, each of them */
		struct wire_request is, was = question((enum wire_kind)kind);

		expect(asks(&was));
		expect(reads_request(&is));
		expect_asked(&is);
	}
}

TEST("every answer is read as it was given")
{
	for (int kind = WIRE_ENROLLED; kind <= WIRE_PICTURE; kind++) {
		if (kind == WIRE_CHANGE)
			continue; /* below */
		struct wire_reply is, was = reply_of((enum wire_kind)kind);

		expect(replies(&was));
		expect(reads_reply(&is));
		expect_replied(&is);
	}
}

TEST("every change is read as it was wanted, on every proof there is to send")
{
	for (int act = ACT_BEGIN; act <= ACT_RECOVERY; act++) {
		struct wire_request is, was = change_question((enum act)act);

		expect(asks(&was));
		expect(reads_request(&is));
		expect_asked(&is);
		memset(&was.wanted.proof, 0, sizeof was.wanted.proof);
		expect(asks(&was));
		expect(reads_request(&is));
		expect_asked(&is);
		was.wanted.proof.kind = PROOF_ANSWER;
		answer_read("654321", &was.wanted.proof.answer);
		expect(asks(&was));
		expect(reads_request(&is));
		expect_asked(&is);
	}
}

TEST("nobody says of himself that he is an administrator, or at a login")
{
	struct wire_request was = change_question(ACT_RECOVERY), is;
	uint8_t *kind;

	for (int proof = PROOF_LOGIN; proof < 256; proof++) {
		was.wanted.proof.kind = (enum proof_kind)proof;
		expect(!asks(&was));
	}
	memset(&was.wanted.proof, 0, sizeof was.wanted.proof);
	expect(asks(&was));
	kind = &frame[frame_len - 1];
	expect_int(*kind, PROOF_NONE);
	for (int proof = PROOF_LOGIN; proof < 256; proof++) {
		*kind = (uint8_t)proof;
		expect(!reads_request(&is));
	}
}

TEST("every outcome of a change is read as it was given")
{
	struct wire_reply is, was = change_reply();

	expect(replies(&was));
	expect(reads_reply(&is));
	expect_replied(&is);
	was = (struct wire_reply){ .kind = WIRE_CHANGE };
	was.changed.change = CHANGE_DONE;
	expect(replies(&was));
	expect(reads_reply(&is));
	expect_replied(&is);
}

TEST("a change that was not made hands out no key, blob or code")
{
	static const enum change changes[] = { CHANGE_UNPROVEN,
		CHANGE_NEEDS_CODE, CHANGE_UNCONFIRMED, CHANGE_OVER };

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct wire_reply is, was = change_reply();

		was.changed.change = changes[i];
		expect(replies(&was));
		expect(memmem(frame, frame_len, "kkkk", 4) == NULL);
		expect(memmem(frame, frame_len, "0000-", 5) == NULL);
		expect(memmem(frame, frame_len, "\xb1\xb1", 2) == NULL);
		expect(reads_reply(&is));
		expect(is.changed.change == changes[i]);
		expect(is.changed.judgement.verdict ==
		       was.changed.judgement.verdict);
	}
}

TEST("a change that is none, and names no authenticator has, do not cross")
{
	struct wire_request asked = change_question(ACT_RENAME);
	struct wire_reply given = change_reply(), reply;

	strcpy(asked.wanted.name, "a\"b");
	expect(!asks(&asked));
	asked = change_question(ACT_BEGIN);
	strcpy(asked.wanted.which.name, " x");
	expect(!asks(&asked));
	asked = change_question(ACT_RECOVERY);
	asked.wanted.act = ACT_RECOVERY + 1;
	expect(!asks(&asked));
	given.changed.change = CHANGE_NONE;
	expect(!replies(&given));
	given = change_reply();
	given.changed.codes.count = RECOVERY_CODES + 1;
	expect(!replies(&given));
	given = change_reply();
	expect(replies(&given));
	for (size_t bit = 0; bit < 32; bit++) {
		frame[8 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		expect(!reads_reply(&reply));
		frame[8 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

TEST("a cut frame of a change is none")
{
	struct wire_reply given = change_reply(), reply;
	struct wire_request request;

	for (int act = ACT_BEGIN; act <= ACT_RECOVERY; act++) {
		struct wire_request asked = change_question((enum act)act);

		expect(asks(&asked));
		for (size_t n = 0; n < frame_len; n++)
			expect_int(wire_parse_request(frame, n, &request),
			    ERR_INPUT);
		frame[frame_len++] = 0;
		expect(!reads_request(&request));
	}
	expect(replies(&given));
	for (size_t n = 0; n < frame_len; n++)
		expect_int(wire_parse_reply(frame, n, &reply), ERR_INPUT);
	frame[frame_len++] = 0;
	expect(!reads_reply(&reply));
}

TEST("whatever was typed, what crosses is a code, a recovery code or neither")
{
	static const char *const typed[] = { "123456", "12 34-56-78", "secret!",
		"", "\b\n\r\177INCORRECT", "7ZK4M" };
	struct wire_request is, was = question(WIRE_VERIFY);

	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
		answer_read(typed[i], &was.answer);
		expect(asks(&was));
		expect(reads_request(&is));
		expect_bytes(&is.answer, &was.answer, sizeof is.answer);
		expect(memmem(frame, frame_len, "secret", 6) == NULL);
	}
	was.answer = (struct answer){ .kind = ANSWER_RECOVERY };
	memset(was.answer.recovery, 0xa5, sizeof was.answer.recovery);
	expect(asks(&was));
	expect(reads_request(&is));
	expect_bytes(&is.answer, &was.answer, sizeof is.answer);
}

TEST("a failure says which, and nothing else")
{
	for (int err = ERR_EXISTS; err <= ERR_MEMORY; err++) {
		struct wire_reply is, was = reply_of(WIRE_STATUS);

		was.err = err;
		expect(replies(&was));
		expect(memmem(frame, frame_len, "phone", 5) == NULL);
		expect(reads_reply(&is));
		expect_int(is.err, err);
		expect_int(is.summary.count, 0);
	}
}

TEST("failures of the conversation with a user are not the verifier's")
{
	for (int err = ERR_UNSUPPORTED; err <= ERR_TALK; err++) {
		struct wire_reply reply = { .kind = WIRE_VERIFY, .err = err };

		expect(!replies(&reply));
	}
}

TEST("a reply never says when a wrong code is right, whose, or what changed")
{
	struct wire_reply is, was = reply_of(WIRE_VERIFY);

	was.judgement.verdict = VERDICT_WRONG;
	was.judgement.drifted = true;
	was.judgement.drift = 7200;
	expect(replies(&was));
	expect(memmem(frame, frame_len, "phone", 5) == NULL);
	expect(reads_reply(&is));
	expect(!is.judgement.drifted);
	expect_int(is.judgement.drift, 0);
	expect_text(is.judgement.authenticator, "");
	memset(was.judgement.authenticator, 0, RECORD_NAME_SIZE);
	was.judgement.drifted = false;
	was.judgement.drift = 0;
	expect_int(is.judgement.notices, 0);
	was.judgement.notices = 0;
	expect_replied(&is);
}

TEST("a picture has the form of a QR symbol, and one spelling")
{
	struct wire_reply is, was = reply_of(WIRE_PICTURE);

	expect(replies(&was));
	expect_int(frame_len, 4 + 4 + 1 + (21 * 21 + 7) / 8);
	frame[frame_len - 1] ^= 1;
	expect(reads_reply(&is));
	expect(!symbol_dark(&is.symbol, 20, 20));
	frame[frame_len - 1] ^= 2; /* behind the last module */
	expect(!reads_reply(&is));
	for (unsigned width = 0; width < 256; width++) {
		bool fits = width >= 21 && width <= 57 && width % 4 == 1;

		was.symbol = (struct symbol){ .width = width };
		expect_int(replies(&was), fits);
	}
}

TEST("a cut or longer frame is none")
{
	static const enum wire_kind kinds[] = { WIRE_VERIFY, WIRE_STATUS,
		WIRE_PICTURE };
	struct wire_request request;
	struct wire_reply reply;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct wire_request asked = question(kinds[i]);
		struct wire_reply given = reply_of(kinds[i]);

		expect(asks(&asked));
		for (size_t n = 0; n < frame_len; n++)
			expect_int(wire_parse_request(frame, n, &request),
			    ERR_INPUT);
		frame[frame_len++] = 0;
		expect(!reads_request(&request));
		expect(replies(&given));
		for (size_t n = 0; n < frame_len; n++)
			expect_int(wire_parse_reply(frame, n, &reply),
			    ERR_INPUT);
		frame[frame_len++] = 0;
		expect(!reads_reply(&reply));
	}
}

TEST("a frame of the other direction, another version or kind is none")
{
	struct wire_request asked = question(WIRE_VERIFY), request;
	struct wire_reply given = reply_of(WIRE_VERIFY), reply;

	expect(asks(&asked));
	expect(!reads_reply(&reply));
	for (size_t i = 0; i < 6; i++) {
		frame[i] ^= 1;
		expect(!reads_request(&request));
		frame[i] ^= 1;
	}
	for (int kind = 0; kind < 256; kind++) {
		frame[6] = (uint8_t)kind;
		expect(reads_request(&request) == (kind == WIRE_VERIFY));
	}
	expect(replies(&given));
	expect(!reads_request(&request));
}

/* Whether a reply with a change of one field can be neither written nor,
 * where its byte is found at offset at, read. */
TEST("an acceptance is spelt in one way: no other number is a verdict")
{
	struct wire_reply reply, given = reply_of(WIRE_VERIFY);

	expect(replies(&given));
	for (size_t bit = 0; bit < 32; bit++) {
		frame[8 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		expect(!reads_reply(&reply));
		frame[8 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	expect(reads_reply(&reply));
	given.judgement.verdict = VERDICT_CANNOT_TELL;
	expect(!replies(&given));
}

TEST("texts that do not end, and names no authenticator has, are not written")
{
	struct wire_request request = question(WIRE_ENROLLED);
	struct wire_reply reply = reply_of(WIRE_VERIFY);

	memset(request.user, 'a', sizeof request.user);
	expect(!asks(&request));
	request = question(WIRE_ENROLLED);
	memset(request.said.tty, 'a', sizeof request.said.tty);
	expect(!asks(&request));
	strcpy(reply.judgement.authenticator, "a\"b");
	expect(!replies(&reply));
	strcpy(reply.judgement.authenticator, "");
	expect(!replies(&reply));
	reply = reply_of(WIRE_STATUS);
	strcpy(reply.summary.items[1].authenticator.name, "\n");
	expect(!replies(&reply));
}

TEST("a text with a NUL inside is not read")
{
	struct wire_request request = question(WIRE_ENROLLED);
	uint8_t *at;

	expect(asks(&request));
	at = memmem(frame, frame_len, "alice", 5);
	expect(at != NULL);
	at[4] = '\0';
	expect(!reads_request(&request));
}

TEST("a code that is none, and numbers out of range, are not written")
{
	struct wire_request request = question(WIRE_VERIFY);
	struct wire_reply reply = reply_of(WIRE_STATUS);

	strcpy(request.answer.code, "12345");
	expect(!asks(&request));
	strcpy(request.answer.code, "12345a");
	expect(!asks(&request));
	reply.summary.items[0].authenticator.created = -1;
	expect(!replies(&reply));
	reply = reply_of(WIRE_STATUS);
	reply.summary.recovery_left = RECOVERY_CODES + 1;
	expect(!replies(&reply));
	reply = reply_of(WIRE_STATUS);
	reply.summary.count = RECORD_AUTHENTICATORS + 1;
	expect(!replies(&reply));
	reply = reply_of(WIRE_STATUS);
	reply.summary.items[1].authenticator.kind = (enum authenticator_kind)3;
	expect(!replies(&reply));
}

TEST("who is not enrolled has nothing to be shown")
{
	struct wire_reply is, was = { .kind = WIRE_STATUS };

	was.summary.failures = 3;
	expect(replies(&was));
	expect(reads_reply(&is));
	expect(!is.summary.enrolled);
	expect_int(is.summary.failures, 0);
}

TEST("the longest question and answer fit a frame")
{
	struct wire_request request = question(WIRE_VERIFY);
	struct wire_reply reply = reply_of(WIRE_STATUS);

	memset(request.store_dir, 'a', sizeof request.store_dir - 1);
	memset(request.user, 'a', sizeof request.user - 1);
	memset(&request.said, 'a', sizeof request.said);
	request.said.shows = true;
	request.said.service[WIRE_SAID_SIZE - 1] = '\0';
	request.said.rhost[WIRE_SAID_SIZE - 1] = '\0';
	request.said.tty[WIRE_SAID_SIZE - 1] = '\0';
	expect(asks(&request));
	memset(reply.summary.user, 'a', sizeof reply.summary.user - 1);
	reply.summary.count = RECORD_AUTHENTICATORS;
	for (size_t i = 0; i < RECORD_AUTHENTICATORS; i++) {
		reply.summary.items[i] = reply.summary.items[0];
		memset(reply.summary.items[i].authenticator.name, 'a',
		    RECORD_NAME_SIZE - 1);
	}
	expect(replies(&reply));
}

TEST("what a program says of itself is cut where it is too long")
{
	char room[WIRE_SAID_SIZE], text[2 * WIRE_SAID_SIZE];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	said_set(room, text);
	expect_int(strlen(room), WIRE_SAID_SIZE - 1);
	said_set(room, NULL);
	expect_text(room, "");
	said_set(room, ":0");
	expect_text(room, ":0");
}
