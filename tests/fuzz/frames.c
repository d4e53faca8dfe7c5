#include "frames.h"

#include <string.h>

/* A place in a frame; broken where the frame is. */
struct place {
	const uint8_t *at, *end;
	bool broken;
};

static unsigned
byte_of(struct place *place)
{
	if (place->at == place->end) {
		place->broken = true;
		return 0;
	}
	return *place->at++;
}

static uint64_t
number_of(struct place *place, unsigned width)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < width; i++)
		number += (uint64_t)byte_of(place) << (8 * i);
	return number;
}

static uint64_t
between(struct place *place, unsigned width, uint64_t least, uint64_t most)
{
	uint64_t number = number_of(place, width);

	if (number < least || number > most)
		place->broken = true;
	return number;
}

/* A length in two bytes, then as many that are not NUL. */
static void
text_of(struct place *place, char *room, size_t size)
{
	uint64_t len = number_of(place, 2);

	memset(room, 0, size);
	for (uint64_t i = 0; i < len && !place->broken; i++) {
		unsigned c = byte_of(place);

		if (c == 0 || i + 1 >= size)
			place->broken = true;
		else
			room[i] = (char)c;
	}
}

static void
name_of(struct place *place, char room[RECORD_NAME_SIZE])
{
	size_t len;

	text_of(place, room, RECORD_NAME_SIZE);
	len = strlen(room);
	if (len == 0 || room[0] == ' ' || room[len - 1] == ' ')
		place->broken = true;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)room[i] < 32 || (uint8_t)room[i] > 126 ||
		    strchr("\"\\", room[i]) != NULL)
			place->broken = true;
}

static unsigned
begins(struct place *place, unsigned direction)
{
	static const uint8_t beginning[] = { 0x89, 0x53, 0x50, 0x56, 1 };

	for (size_t i = 0; i < sizeof beginning; i++)
		if (byte_of(place) != beginning[i])
			place->broken = true;
	if (byte_of(place) != direction)
		place->broken = true;
	return (unsigned)between(place, 1, 1, 5);
}

static bool
ends(const struct place *place)
{
	return !place->broken && place->at == place->end;
}

static void
answer_of(struct place *place, struct answer *answer)
{
	answer->kind = (enum answer_kind)between(place, 1, 0, 3);
	if (answer->kind == ANSWER_CODE) {
		text_of(place, answer->code, sizeof answer->code);
		if (strlen(answer->code) < 6 ||
		    strspn(answer->code, "0123456789") != strlen(answer->code))
			place->broken = true;
	}
	if (answer->kind == ANSWER_RECOVERY)
		for (size_t i = 0; i < RECOVERY_BYTES; i++)
			answer->recovery[i] = (uint8_t)byte_of(place);
}

static void
bytes_of(struct place *place, uint8_t *room, size_t n)
{
	for (size_t i = 0; i < n; i++)
		room[i] = (uint8_t)byte_of(place);
}

/* A name, or none. */
static void
wish_of(struct place *place, char room[RECORD_NAME_SIZE])
{
	struct place again = *place;

	if (number_of(&again, 2) == 0)
		*place = again;
	else
		name_of(place, room);
}

static void
shape_of(struct place *place, struct authenticator *a)
{
	a->kind = (enum authenticator_kind)between(place, 1, 1, 2);
	a->algorithm = (enum algorithm)between(place, 1, 1, 3);
	a->digits = (unsigned)between(place, 1, 0, 8);
	a->period = (unsigned)between(place, 1, 0, 120);
}

static void
wanted_of(struct place *place, struct wanted *wanted)
{
	struct proof *proof = &wanted->proof;

	wanted->act = (enum act)between(place, 1, 1, 5);
	proof->kind = (enum proof_kind)between(place, 1, 0, 2);
	if (proof->kind == PROOF_PASSWORD)
		text_of(place, proof->password, sizeof proof->password);
	if (proof->kind == PROOF_ANSWER)
		answer_of(place, &proof->answer);
	if (wanted->act == ACT_BEGIN) {
		wish_of(place, wanted->which.name);
		shape_of(place, &wanted->which);
	}
	if (wanted->act == ACT_CONFIRM) {
		bytes_of(place, wanted->blob, 576);
		answer_of(place, &wanted->answer);
	}
	if (wanted->act == ACT_RENAME || wanted->act == ACT_REMOVE) {
		wish_of(place, wanted->which.name);
		wanted->which.created =
		    (int64_t)between(place, 8, 0, INT64_MAX);
	}
	if (wanted->act == ACT_RENAME)
		wish_of(place, wanted->name);
}

bool
frame_is_request(const uint8_t *bytes, size_t n,
    struct wire_request *request_out)
{
	struct place place = { bytes, bytes + n, false };

	memset(request_out, 0, sizeof *request_out);
	request_out->kind = (enum wire_kind)begins(&place, 1);
	text_of(&place, request_out->store_dir, sizeof request_out->store_dir);
	text_of(&place, request_out->user, sizeof request_out->user);
	text_of(&place, request_out->said.service, WIRE_SAID_SIZE);
	text_of(&place, request_out->said.rhost, WIRE_SAID_SIZE);
	text_of(&place, request_out->said.tty, WIRE_SAID_SIZE);
	request_out->said.shows = between(&place, 1, 0, 1) == 1;
	if (request_out->kind == WIRE_VERIFY)
		answer_of(&place, &request_out->answer);
	if (request_out->kind == WIRE_CHANGE)
		wanted_of(&place, &request_out->wanted);
	if (request_out->kind == WIRE_PICTURE)
		bytes_of(&place, request_out->blob, 576);
	return ends(&place);
}

static void
judgement_of(struct place *place, struct judgement *judgement)
{
	static const enum verdict verdicts[] = { VERDICT_ACCEPTED,
		VERDICT_ACCEPTED_RECOVERY, VERDICT_ACCEPTED_BYPASS,
		VERDICT_WRONG, VERDICT_REPLAYED, VERDICT_WAITING,
		VERDICT_DISABLED, VERDICT_MALFORMED, VERDICT_CLOCK_BEHIND,
		VERDICT_NOT_ENROLLED, VERDICT_CALLER_BLOCKED };
	uint64_t number = number_of(place, 4);
	bool known = false;

	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (number == (uint64_t)verdicts[i]) {
			judgement->verdict = verdicts[i];
			known = true;
		}
	if (!known)
		place->broken = true;
	if (judgement->verdict == VERDICT_ACCEPTED)
		name_of(place, judgement->authenticator);
	judgement->failures = (uint32_t)number_of(place, 4);
	judgement->wait = (int64_t)between(place, 8, 0, INT64_MAX);
	judgement->recovery_left = (unsigned)between(place, 1, 0, 10);
	judgement->caused_disable = between(place, 1, 0, 1) == 1;
	if (judgement->verdict == VERDICT_ACCEPTED ||
	    judgement->verdict == VERDICT_ACCEPTED_RECOVERY ||
	    judgement->verdict == VERDICT_ACCEPTED_BYPASS)
		judgement->notices = (uint32_t)number_of(place, 4);
}

static void
summary_of(struct place *place, struct summary *summary)
{
	summary->enrolled = between(place, 1, 0, 1) == 1;
	if (!summary->enrolled)
		return;
	summary->uid = (uid_t)number_of(place, 4);
	text_of(place, summary->user, sizeof summary->user);
	summary->count = (size_t)between(place, 1, 0, 8);
	for (size_t i = 0; i < summary->count && !place->broken; i++) {
		struct authenticator *a = &summary->items[i].authenticator;

		name_of(place, a->name);
		shape_of(place, a);
		a->pending = between(place, 1, 0, 1) == 1;
		a->created = (int64_t)between(place, 8, 0, INT64_MAX);
		summary->items[i].used =
		    (int64_t)between(place, 8, 0, INT64_MAX);
	}
	summary->recovery_left = (unsigned)between(place, 1, 0, 10);
	summary->recovery_unseen = between(place, 1, 0, 1) == 1;
	summary->bypass_until = (int64_t)between(place, 8, 0, INT64_MAX);
	summary->failures = (uint32_t)number_of(place, 4);
	summary->wait = (int64_t)between(place, 8, 0, INT64_MAX);
	summary->disabled = between(place, 1, 0, 1) == 1;
	summary->last_success = (int64_t)between(place, 8, 0, INT64_MAX);
}

/* What was not done has nothing behind its reason. */
static void
changed_of(struct place *place, struct changed *changed)
{
	static const enum change changes[] = { CHANGE_DONE, CHANGE_UNPROVEN,
		CHANGE_NEEDS_CODE, CHANGE_NEEDS_PASSWORD,
		CHANGE_NEEDS_INVITATION, CHANGE_WRONG_PASSWORD,
		CHANGE_UNINVITED, CHANGE_UNENROLLED, CHANGE_NAME_TAKEN,
		CHANGE_NAME_UNKNOWN, CHANGE_FULL, CHANGE_UNCONFIRMED,
		CHANGE_OVER };
	uint64_t number = number_of(place, 4);

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
		if (number == (uint64_t)changes[i])
			changed->change = changes[i];
	if (changed->change == CHANGE_NONE)
		place->broken = true;
	wish_of(place, changed->name);
	if (between(place, 1, 0, 1) == 1)
		judgement_of(place, &changed->judgement);
	if (changed->change != CHANGE_DONE)
		return;
	changed->ended = between(place, 1, 0, 1) == 1;
	changed->begun.key_len = (size_t)between(place, 1, 0, 128);
	if (changed->begun.key_len > 0 && !place->broken) {
		bytes_of(place, changed->begun.key, changed->begun.key_len);
		wish_of(place, changed->begun.name);
		shape_of(place, &changed->begun);
		bytes_of(place, changed->blob, 576);
	}
	changed->codes.count = (size_t)between(place, 1, 0, 10);
	for (size_t i = 0; i < changed->codes.count && !place->broken; i++)
		text_of(place, changed->codes.text[i], RECOVERY_TEXT_SIZE);
}

/* Sides of 21, 25 and so on up to 57, a bit for each module, the rest 0. */
static void
symbol_of(struct place *place, struct symbol *symbol)
{
	unsigned modules;

	symbol->width = (unsigned)between(place, 1, 21, 57);
	if (place->broken || (symbol->width - 21) % 4 != 0) {
		place->broken = true;
		return;
	}
	modules = symbol->width * symbol->width;
	for (unsigned at = 0; at < modules; at += 8) {
		unsigned byte = byte_of(place);

		for (unsigned bit = 0; bit < 8; bit++)
			if ((byte & 1u << bit) != 0 && at + bit >= modules)
				place->broken = true;
		symbol->bits[at / 8] = (uint8_t)byte;
	}
}

bool
frame_is_reply(const uint8_t *bytes, size_t n, struct wire_reply *reply_out)
{
	struct place place = { bytes, bytes + n, false };

	memset(reply_out, 0, sizeof *reply_out);
	reply_out->kind = (enum wire_kind)begins(&place, 2);
	reply_out->err = -(int)between(&place, 1, 0, 12);
	if (reply_out->err != 0 || place.broken)
		return ends(&place);
	if (reply_out->kind == WIRE_ENROLLED)
		reply_out->enrolled = between(&place, 1, 0, 1) == 1;
	else if (reply_out->kind == WIRE_VERIFY)
		judgement_of(&place, &reply_out->judgement);
	else if (reply_out->kind == WIRE_STATUS)
		summary_of(&place, &reply_out->summary);
	else if (reply_out->kind == WIRE_CHANGE)
		changed_of(&place, &reply_out->changed);
	else
		symbol_of(&place, &reply_out->symbol);
	return ends(&place);
}

bool
frame_says(const uint8_t *frame, size_t n, const char *text)
{
	return memmem(frame, n, text, strlen(text)) != NULL;
}
