/*
 * login: what people type, through real libpam and the module, in process.
 *
 * Input: a byte for the stack (below), the time of the first login as seconds
 * from WALLET_NOON in four bytes, then logins.  Each has two bytes of seconds
 * since the one before (signed), a byte of what goes wrong with the
 * conversation (mostly nothing), and what is typed up to a NUL, in the writing
 * of wallet.h.
 *
 * Oracle: libpam says PAM_SUCCESS if and only if model.c accepts the answer
 * (the part of it that the stack leaves to be judged) for the state that was
 * on disk before; after it the state on disk has it spent; never PAM_IGNORE;
 * a conversation that goes wrong never succeeds and spends nothing.  The log
 * holds no code.
 */
#include "../host.h"
#include "model.h"
#include "wallet.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOGINS_MOST = 8, STACKS = 4 };

int LLVMFuzzerInitialize(int *argc, char ***argv);

/* How the module learns its answer. */
enum way { WAY_ASK, WAY_SPLIT, WAY_FIRST_PASS };

static const struct {
	const char *text;
	enum way way;
} stacks[STACKS] = {
	{ "auth required %M explain\n", WAY_ASK },
	{ "auth requisite %M echo prompt=Code:\n", WAY_ASK },
	{ "auth requisite %M split\n"
	  "auth requisite %M use_split explain\n",
	    WAY_SPLIT },
	{ "auth optional %M split\n"
	  "auth required %M try_first_pass\n",
	    WAY_FIRST_PASS },
};

static struct host host;
static uint8_t first_state[STATE_FILE_BYTES];
static const char state_name[] = "store/1000.state";

/* libFuzzer has a clock of its own to keep, and counters in the module, which
 * must not go with it at every pam_end. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *build = getenv("top_builddir");
	char path[1024];

	(void)argc;
	(void)argv;
	host_clock = 0;
	snprintf(path, sizeof path, "%s/pam_module/.libs/pam_sallyport.so",
	    build != NULL ? build : ".");
	MUST(dlopen(path, RTLD_NOW | RTLD_NODELETE) != NULL);
	return 0;
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

/* Most bytes are a conversation as it should be. */
static bool
go_wrong(struct talk *talk, uint8_t how)
{
	switch (how) {
	case 0xf0:
		talk->no_array = true;
		return true;
	case 0xf1:
		talk->no_array = true;
		talk->result = PAM_CONV_ERR;
		return true;
	case 0xf2:
		talk->result = PAM_CONV_ERR;
		return true;
	case 0xf3:
		talk->result = PAM_ABORT;
		return true;
	case 0xf4:
		talk->no_function = true;
		return true;
	case 0xf5:
		talk->answers[0] = NULL;
		return true;
	case 0xf6:
		talk->again = 1;
		return true;
	default:
		return false;
	}
}

static int
code_for(enum verdict verdict)
{
	if (model_accepts(verdict))
		return PAM_SUCCESS;
	return verdict == VERDICT_CANNOT_TELL ? PAM_AUTHINFO_UNAVAIL
					      : PAM_AUTH_ERR;
}

static unsigned
count_spent(const struct state *before, const struct state *after)
{
	unsigned moved = 0;

	MUST(before->count == after->count);
	for (size_t i = 0; i < before->count; i++) {
		MUST(after->entries[i].spent >= before->entries[i].spent);
		moved += after->entries[i].spent > before->entries[i].spent;
	}
	return moved;
}

static void
check_log(const char *text)
{
	struct typed typed = model_read(text);

	if (typed.shape == SHAPE_CODE)
		MUST(strstr(host_log, typed.digits) == NULL);
	if (typed.shape == SHAPE_CODE || typed.shape == SHAPE_RECOVERY)
		MUST(strstr(host_log, text) == NULL);
}

/* What of the text the module has to judge; false: it asks again, and hears
 * nothing. */
static bool
take_code(const char *text, enum way way, char code_out[WALLET_TEXT_SIZE])
{
	size_t at = model_split(text, (unsigned)settings_default.digits);

	strcpy(code_out, text);
	if (way == WAY_SPLIT)
		memmove(code_out, text + at, strlen(text + at) + 1);
	if (way != WAY_FIRST_PASS)
		return true;
	code_out[at] = '\0';
	return model_read(code_out).shape != SHAPE_NONE;
}

static void
log_in(enum way way, const char *text, uint8_t how)
{
	struct talk talk = { .answers = { text } };
	bool wrong = go_wrong(&talk, how);
	char code[WALLET_TEXT_SIZE];
	struct state before, after;
	static struct record record;
	enum verdict verdict;
	int r;

	wrong |= !take_code(text, way, code);
	wallet_read(&host.scratch.settings, &before, &record);
	verdict =
	    model_judge(&settings_default, &record, &before, code, host_clock);
	host_log[0] = '\0';
	r = host_login(&host, WALLET_USER, &talk);
	wallet_read(&host.scratch.settings, &after, &record);
	MUST(r != PAM_IGNORE);
	if (wrong) {
		MUST(r != PAM_SUCCESS);
		MUST(count_spent(&before, &after) == 0);
	} else {
		MUST(r == code_for(verdict));
		MUST((count_spent(&before, &after) > 0) == (r == PAM_SUCCESS));
		MUST(after.sequence ==
		     before.sequence + (verdict != VERDICT_CANNOT_TELL));
	}
	check_log(code);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	unsigned stack = (unsigned)input_number(&input, 1) % STACKS;
	static struct record record;
	char text[WALLET_TEXT_SIZE];
	struct state state;
	int64_t now;
	uint8_t how;

	prepare();
	host_stack(&host, stacks[stack].text);
	now = WALLET_NOON + (int32_t)input_number(&input, 4);
	for (int i = 0; i < LOGINS_MOST && input.left > 0; i++) {
		now += (int16_t)input_number(&input, 2);
		how = (uint8_t)input_number(&input, 1);
		wallet_read(&host.scratch.settings, &state, &record);
		wallet_type(&input, &state, now, text);
		host_clock = now == 0 ? 1 : now;
		log_in(stacks[stack].way, text, how);
		host_clock = 0;
	}
	return 0;
}
