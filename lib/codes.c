#include "codes.h"

#include "io.h"
#include "mem.h"

int
codes_draw_id(uint64_t *id_out)
{
	do
		if (io_random(id_out, sizeof *id_out) < 0)
			return ERR_IO;
	while (*id_out == 0);
	return 0;
}

/* Some bytes have no form that is easy to type; others are drawn then. */
static int
draw_one(const uint8_t key[RECOVERY_KEY_BYTES],
    uint8_t hash_out[RECOVERY_HASH_BYTES], char text_out[RECOVERY_TEXT_SIZE])
{
	uint8_t code[RECOVERY_BYTES];
	int r;

	do {
		if ((r = io_random(code, sizeof code)) < 0)
			return r;
		r = recovery_show(code, text_out);
	} while (r == ERR_INPUT);
	recovery_hash(key, code, hash_out);
	mem_wipe(code, sizeof code);
	return r;
}

int
codes_draw(int64_t now, struct recovery_set *set_out, struct codes *codes_out)
{
	int r;

	set_out->created = now;
	if ((r = codes_draw_id(&set_out->id)) < 0 ||
	    (r = io_random(set_out->key, sizeof set_out->key)) < 0)
		return r;
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		if ((r = draw_one(set_out->key, set_out->hash[i],
			 codes_out->text[i])) < 0)
			return r;
	codes_out->count = RECOVERY_CODES;
	return 0;
}

int
codes_draw_invitation(struct invitation *invitation,
    char text_out[RECOVERY_TEXT_SIZE])
{
	int r;

	if ((r = codes_draw_id(&invitation->id)) < 0 ||
	    (r = io_random(invitation->key, sizeof invitation->key)) < 0)
		return r;
	return draw_one(invitation->key, invitation->hash, text_out);
}

int
codes_draw_bypass(struct bypass *bypass, char text_out[RECOVERY_TEXT_SIZE])
{
	int r;

	if ((r = codes_draw_id(&bypass->id)) < 0 ||
	    (r = io_random(bypass->key, sizeof bypass->key)) < 0)
		return r;
	return draw_one(bypass->key, bypass->hash, text_out);
}
