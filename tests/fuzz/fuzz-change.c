/*
 * change: what is wanted in an enrolment, on which proof, and what was begun
 * and comes back.
 *
 * Input: a byte (bit 0: alice is enrolled, with what wallet.h says; bit 1: she
 * is invited by recovery code 9 for an hour; bit 2: a password is enough; bit 3:
 * enrolment is offered to logins; bit 4: who has no other proof has a login),
 * then steps: two bytes of seconds since the one before (signed); a byte that
 * says on what proof (its lowest two bits) and what is wanted (of the others);
 * a byte that says of which authenticator, or which one is wished for; what is
 * typed as proof, up to a NUL, in the writing of wallet.h; and to confirm, a
 * byte (the lowest three bits: how far the code is from now, -3 to 4; then how
 * many bits of the blob are other than they were), and two bytes and one for
 * each of those.
 *
 * Oracle: nothing changes without a proof that model.c accepts, the password
 * where that is enough, the invitation, or an administrator; a refused answer
 * counts as model.c says, and an accepted one is spent.  What is begun changes
 * no enrolment.  It is confirmed if not a bit of it is other than it was, on
 * the same kind of proof, within 15 minutes, while the enrolment is the one it
 * was begun for, once, by a code of its key; then that one is spent.  Whatever
 * happens, what was spent stays so, and enrolment and state know each other.
 */
#include "../host.h"
#include "change.h"
#include "model.h"
#include "service_enrol.h"
#include "wallet.h"

#include <string.h>
#include <unistd.h>

enum { STEPS_MOST = 8, EDITS_MOST = 7, INVITED_BY = 9, INVITED_FOR = 3600 };

int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct account alice = { .known = true,
	.uid = WALLET_UID,
	.name = WALLET_USER };

static const char enrolment_name[] = "store/1000.enrolment";
static const char state_name[] = "store/1000.state";
static const char invitation_name[] = "store/1000.invitation";

static struct host host;
static uint8_t first_enrolment[4096], first_state[STATE_FILE_BYTES];

/* What is in the store. */
struct stored {
	bool enrolled;
	struct record record;
	struct state state;
	uint8_t enrolment[4096];
	uint8_t state_file[STATE_FILE_BYTES];
};

/* What was begun last, and what it was begun for. */
static struct {
	bool there;
	int64_t at;
	enum proof_kind proof;
	bool enrolled, invited;
	uint64_t edition;
	struct authenticator authenticator;
	uint8_t blob[OFFER_BLOB_BYTES];
} begun;

static int64_t invited_until; /* 0: she is not */

/* libFuzzer has a clock of its own to keep. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	host_clock = 0;
	return 0;
}

/* ---- the store ---- */

static void
invite(void)
{
	struct invitation invitation = { .id = 7,
		.uid = WALLET_UID,
		.user = WALLET_USER,
		.created = WALLET_NOON,
		.expires = WALLET_NOON + INVITED_FOR };
	char text[RECOVERY_TEXT_SIZE];
	struct trouble why = { "" };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct answer answer;

	wallet_recovery(INVITED_BY, text);
	answer_read(text, &answer);
	recovery_hash(invitation.key, answer.recovery, invitation.hash);
	MUST(store_open(&host.scratch.settings, &why, &store) == 0);
	MUST(store_begin_enrolling(store, &alice, &txn) == 0);
	MUST(store_invite(txn, &invitation) == 0);
	invited_until = invitation.expires;
}

static enum proof_kind no_proof; /* or what a login is */

static void
prepare(unsigned how)
{
	if (host.conf_dir[0] == '\0') {
		host_new(&host, "");
		wallet_enrol(&host.scratch.settings);
		MUST(
		    scratch_read(&host.scratch, enrolment_name, first_enrolment,
			sizeof first_enrolment) == sizeof first_enrolment);
		MUST(scratch_read(&host.scratch, state_name, first_state,
			 sizeof first_state) == sizeof first_state);
	}
	(void)unlink(scratch_path(&host.scratch, enrolment_name));
	(void)unlink(scratch_path(&host.scratch, state_name));
	(void)unlink(scratch_path(&host.scratch, invitation_name));
	memset(&begun, 0, sizeof begun);
	invited_until = 0;
	if ((how & 1) != 0) {
		scratch_write(&host.scratch, enrolment_name, first_enrolment,
		    sizeof first_enrolment);
		scratch_write(&host.scratch, state_name, first_state,
		    sizeof first_state);
	}
	if ((how & 2) != 0)
		invite();
	host.scratch.settings.self_enrolment =
	    (how & 4) != 0 ? SELF_ENROLMENT_YES : SELF_ENROLMENT_NO;
	host.scratch.settings.enrolment =
	    (how & 8) != 0 ? ENROLMENT_OFFERED : ENROLMENT_REQUIRED;
	no_proof = (how & 16) != 0 ? PROOF_LOGIN : PROOF_NONE;
}

static void
look(struct stored *stored)
{
	memset(stored, 0, sizeof *stored);
	stored->enrolled = scratch_has(&host.scratch, enrolment_name);
	if (!stored->enrolled) {
		MUST(!scratch_has(&host.scratch, state_name));
		return;
	}
	wallet_read(&host.scratch.settings, &stored->state, &stored->record);
	scratch_read(&host.scratch, enrolment_name, stored->enrolment,
	    sizeof stored->enrolment);
	scratch_read(&host.scratch, state_name, stored->state_file,
	    sizeof stored->state_file);
}

static bool
same_enrolment(const struct stored *a, const struct stored *b)
{
	return a->enrolled == b->enrolled &&
	       memcmp(a->enrolment, b->enrolment, sizeof a->enrolment) == 0;
}

static bool
same(const struct stored *a, const struct stored *b)
{
	return same_enrolment(a, b) &&
	       memcmp(a->state_file, b->state_file, sizeof a->state_file) == 0;
}

static const struct state_entry *
entry_of(const struct state *state, uint64_t id)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->entries[i].id == id)
			return &state->entries[i];
	return NULL;
}

static void
check_whole(const struct stored *before, struct stored *after)
{
	if (!after->enrolled)
		return;
	MUST(after->record.count > 0);
	MUST(state_knows(&after->state, &after->record));
	MUST(after->state.count == after->record.count +
				       (after->record.recovery.id != 0) +
				       (after->record.bypass.id != 0));
	for (size_t i = 0; before->enrolled && i < before->state.count; i++) {
		const struct state_entry *was = &before->state.entries[i];
		const struct state_entry *is = entry_of(&after->state, was->id);

		MUST(is == NULL || is->spent >= was->spent);
	}
}

/* ---- what is wanted ---- */

static const struct authenticator wishes[] = {
	{ .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 6,
	    .period = 30 },
	{ .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA512,
	    .digits = 8,
	    .period = 120,
	    .name = "wished for" },
	{ .kind = AUTHENTICATOR_HOTP,
	    .algorithm = ALGORITHM_SHA256,
	    .digits = 7,
	    .pending = true },
	{ .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 6,
	    .period = 30,
	    .name = "phone" },
	{ .kind = AUTHENTICATOR_TOTP,
	    .algorithm = ALGORITHM_SHA1,
	    .digits = 5,
	    .period = 30 },
};
static const char *const new_names[] = { "new", "phone", "a\"b", " x",
	"12345678901234567890123456789012" };

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static void
take_which(const struct stored *stored, unsigned which, struct wanted *wanted)
{
	if (wanted->act == ACT_BEGIN)
		wanted->which = wishes[which % ROWS(wishes)];
	else if (which % 8 < stored->record.count)
		wanted->which = stored->record.authenticators[which % 8];
	else
		strcpy(wanted->which.name, "nobody's");
	strcpy(wanted->name, new_names[which / 8 % ROWS(new_names)]);
}

/* Whether the blob is as it was. */
static bool
take_blob(struct input *input, struct wanted *wanted)
{
	unsigned how = (unsigned)input_number(input, 1);
	const struct authenticator *a = &begun.authenticator;
	uint64_t factor;

	if (begun.there) {
		factor = a->kind == AUTHENTICATOR_TOTP
			     ? (uint64_t)host_clock / a->period
			     : 3;
		wanted->answer.kind = ANSWER_CODE;
		model_code(a, factor + (how & 7) - 3, wanted->answer.code);
	}
	memcpy(wanted->blob, begun.blob, sizeof wanted->blob);
	for (unsigned i = 0; i < (how >> 3) % (EDITS_MOST + 1); i++) {
		size_t at =
		    (size_t)input_number(input, 2) % sizeof wanted->blob;

		wanted->blob[at] ^= (uint8_t)input_number(input, 1);
	}
	return memcmp(wanted->blob, begun.blob, sizeof wanted->blob) == 0;
}

/* ---- what has to come of it ---- */

static bool
is_invited(const char *text)
{
	char own[RECOVERY_TEXT_SIZE];
	struct typed typed = model_read(text);

	wallet_recovery(INVITED_BY, own);
	return host_clock < invited_until && typed.shape == SHAPE_RECOVERY &&
	       memcmp(typed.recovery, model_read(own).recovery,
		   RECOVERY_BYTES) == 0;
}

static bool
may(const struct stored *before, enum proof_kind proof, const char *text)
{
	const struct settings *settings = &host.scratch.settings;

	switch (proof) {
	case PROOF_ADMINISTRATOR:
		return true;
	case PROOF_PASSWORD:
		return !before->enrolled &&
		       settings->self_enrolment == SELF_ENROLMENT_YES;
	case PROOF_ANSWER:
		if (!before->enrolled)
			return is_invited(text);
		return model_accepts(model_judge(settings, &before->record,
		    &before->state, text, host_clock));
	case PROOF_LOGIN:
		return !before->enrolled &&
		       settings->enrolment == ENROLMENT_OFFERED;
	case PROOF_NONE:
	default:
		return false;
	}
}

/* The state as judging alone has left it. */
static void
check_judged(const struct stored *before, const struct stored *after,
    const char *text, const struct changed *changed)
{
	struct state judged = after->state;

	MUST(judged.sequence == before->state.sequence + 1);
	judged.sequence = before->state.sequence;
	model_check(&host.scratch.settings, &before->record, &before->state,
	    &judged, text, host_clock, &changed->judgement);
}

static bool
was_spent(const struct changed *changed, const struct wanted *wanted)
{
	return changed->change == CHANGE_UNPROVEN ||
	       (changed->change == CHANGE_DONE && wanted->act == ACT_BEGIN);
}

static void
check_done(const struct stored *before, const struct stored *after,
    const struct wanted *wanted, const struct changed *changed)
{
	size_t was = before->record.count, is = after->record.count;

	switch (wanted->act) {
	case ACT_BEGIN:
		MUST(same_enrolment(before, after));
		MUST(changed->begun.key_len ==
		     algorithm_bytes(wanted->which.algorithm));
		MUST(!changed->begun.pending);
		MUST(memmem(changed->blob, sizeof changed->blob,
			 changed->begun.key, 16) == NULL);
		break;
	case ACT_RENAME:
		MUST(is == was);
		MUST(record_find((struct record *)(uintptr_t)&after->record,
			 wanted->name) != NULL);
		break;
	case ACT_REMOVE:
		MUST(changed->ended == (was == 1));
		MUST(is == was - 1 && after->enrolled == !changed->ended);
		break;
	case ACT_RECOVERY:
		MUST(is == was && changed->codes.count == RECOVERY_CODES);
		MUST(after->record.recovery.id != before->record.recovery.id);
		break;
	case ACT_CONFIRM:
	default:
		MUST(false);
	}
	if (wanted->act != ACT_BEGIN && after->enrolled)
		MUST(after->state.edition != before->state.edition);
}

static void
keep_begun(const struct stored *before, const struct wanted *wanted,
    const struct changed *changed)
{
	begun.there = true;
	begun.at = host_clock;
	begun.proof = wanted->proof.kind;
	begun.enrolled = before->enrolled;
	begun.invited = !before->enrolled && wanted->proof.kind == PROOF_ANSWER;
	begun.edition = before->state.edition;
	begun.authenticator = changed->begun;
	memcpy(begun.blob, changed->blob, sizeof begun.blob);
}

static void
check_change(const struct stored *before, const struct stored *after,
    const struct wanted *wanted, const char *text, int r,
    const struct changed *changed)
{
	bool done = r == 0 && changed->change == CHANGE_DONE;

	MUST(r == 0 || r == ERR_INPUT || r == ERR_DAMAGED);
	if (r == 0 && before->enrolled && wanted->proof.kind == PROOF_ANSWER &&
	    was_spent(changed, wanted))
		check_judged(before, after, text, changed);
	else if (!done)
		MUST(same(before, after));
	if (!done) {
		MUST(same_enrolment(before, after));
		MUST(r < 0 || (changed->begun.key_len == 0 &&
				  changed->codes.count == 0));
		return;
	}
	MUST(may(before, wanted->proof.kind, text));
	check_done(before, after, wanted, changed);
	if (wanted->act == ACT_BEGIN)
		keep_begun(before, wanted, changed);
}

static bool
is_confirmed(const struct stored *before, const struct wanted *wanted)
{
	const struct settings *settings = &host.scratch.settings;
	int64_t age = host_clock - begun.at;
	char code[TOTP_CODE_SIZE];
	uint64_t first, width;

	if (!begun.there || wanted->proof.kind != begun.proof ||
	    age >= OFFER_LIFE || age <= -OFFER_LIFE ||
	    before->enrolled != begun.enrolled ||
	    (begun.enrolled && before->state.edition != begun.edition) ||
	    (begun.invited && host_clock >= invited_until) ||
	    (begun.proof == PROOF_PASSWORD &&
		settings->self_enrolment != SELF_ENROLMENT_YES))
		return false;
	first = 0;
	width = settings->hotp_lookahead;
	if (begun.authenticator.kind == AUTHENTICATOR_TOTP) {
		first = (uint64_t)host_clock / begun.authenticator.period -
			settings->window;
		width = 2 * settings->window;
	}
	for (uint64_t factor = first; factor <= first + width; factor++) {
		model_code(&begun.authenticator, factor, code);
		if (strcmp(code, wanted->answer.code) == 0)
			return true;
	}
	return false;
}

static void
check_confirmation(const struct stored *before, struct stored *after,
    const struct wanted *wanted, bool genuine, int r,
    const struct changed *changed)
{
	bool want = genuine && is_confirmed(before, wanted);
	const struct authenticator *is;
	struct state copy;

	MUST(r == 0 && (changed->change == CHANGE_DONE) == want);
	if (!want) {
		MUST(same(before, after));
		MUST(changed->change == CHANGE_OVER ||
		     changed->change == CHANGE_UNCONFIRMED);
		return;
	}
	MUST(after->record.count == before->record.count + 1);
	is = &after->record.authenticators[after->record.count - 1];
	MUST(is->key_len == begun.authenticator.key_len);
	MUST(memcmp(is->key, begun.authenticator.key, is->key_len) == 0);
	MUST(is->created == host_clock && !is->pending);
	MUST(changed->codes.count == (before->enrolled ? 0 : RECOVERY_CODES));
	invited_until = before->enrolled ? invited_until : 0;
	copy = after->state;
	MUST(!model_accepts(model_try(&host.scratch.settings, &after->record,
	    &copy, wanted->answer.code, host_clock)));
}

/* ---- a step ---- */

static void
take_step(struct input *input)
{
	const enum proof_kind proofs[] = { PROOF_ANSWER, PROOF_PASSWORD,
		PROOF_ADMINISTRATOR, no_proof };
	unsigned how = (unsigned)input_number(input, 1);
	static struct stored before, after;
	static struct changed changed;
	struct wanted wanted = { .act = (enum act)(1 + (how >> 2) % 5) };
	struct trouble why = { "" };
	char text[WALLET_TEXT_SIZE];
	bool genuine = true;
	int r;

	look(&before);
	wanted.proof.kind = proofs[how & 3];
	take_which(&before, (unsigned)input_number(input, 1), &wanted);
	wallet_type(input, &before.state, host_clock, text);
	answer_read(text, &wanted.proof.answer);
	if (wanted.act == ACT_CONFIRM)
		genuine = take_blob(input, &wanted);
	memset(&changed, 0, sizeof changed);
	r = service_change_local(&host.scratch.settings, &alice, &wanted,
	    &changed, &why);
	MUST(r == 0 ? change_is_known(changed.change) : is_one_line(&why));
	look(&after);
	check_whole(&before, &after);
	if (wanted.act == ACT_CONFIRM)
		check_confirmation(&before, &after, &wanted, genuine, r,
		    &changed);
	else
		check_change(&before, &after, &wanted, text, r, &changed);
	if (!after.enrolled && before.enrolled)
		invited_until = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	int64_t now = WALLET_NOON;

	prepare((unsigned)input_number(&input, 1));
	for (int i = 0; i < STEPS_MOST && input.left > 0; i++) {
		now += (int16_t)input_number(&input, 2);
		host_clock = now;
		take_step(&input);
		host_clock = 0;
	}
	return 0;
}
