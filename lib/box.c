#include "box.h"

#include "io.h"
#include "mem.h"
#include "pack.h"

#include <string.h>

static void
format_about(const struct box_kind *kind, uid_t uid, uint8_t *box)
{
	struct pack pack = { box, BOX_ABOUT_BYTES, false };

	pack_bytes(&pack, kind->magic, sizeof kind->magic);
	pack_number(&pack, kind->form, 4);
	pack_number(&pack, uid, 4);
}

static int
check_about(const struct box_kind *kind, uid_t uid, const char *name,
    const uint8_t *box, struct trouble *why)
{
	struct unpack unpack = { box, BOX_ABOUT_BYTES, false };
	uint8_t magic[sizeof kind->magic];
	uint64_t form;

	unpack_bytes(&unpack, magic, sizeof magic);
	form = unpack_number(&unpack, 4);
	if (memcmp(magic, kind->magic, sizeof magic) != 0)
		return err_say(why, ERR_DAMAGED, "%s is not %s", name,
		    kind->what);
	if (form != kind->form)
		return err_say(why, ERR_DAMAGED,
		    "%s has format %llu; this program knows format %u", name,
		    (unsigned long long)form, kind->form);
	if (unpack_number(&unpack, 4) != uid)
		return err_say(why, ERR_DAMAGED,
		    "%s was written for another uid", name);
	return 0;
}

int
box_close(const uint8_t key[SEAL_KEY_BYTES], const struct box_kind *kind,
    uid_t uid, uint8_t *box, struct trouble *why)
{
	const struct seal_about about = { box, BOX_ABOUT_BYTES, uid };
	uint8_t *content = box + BOX_HEAD_BYTES;

	format_about(kind, uid, box);
	if (io_random(box + BOX_ABOUT_BYTES, SEAL_SALT_BYTES) < 0)
		return err_say(why, ERR_IO, "no randomness: %m");
	seal_close(key, box + BOX_ABOUT_BYTES, &about, content, kind->content,
	    content + kind->content);
	return 0;
}

int
box_open(const uint8_t key[SEAL_KEY_BYTES], const struct box_kind *kind,
    uid_t uid, const char *name, uint8_t *box, struct trouble *why)
{
	const struct seal_about about = { box, BOX_ABOUT_BYTES, uid };
	uint8_t *content = box + BOX_HEAD_BYTES;
	int r;

	if ((r = check_about(kind, uid, name, box, why)) < 0) {
		mem_wipe(content, kind->content);
		return r;
	}
	if (seal_open(key, box + BOX_ABOUT_BYTES, &about, content,
		kind->content, content + kind->content) < 0)
		return err_say(why, ERR_DAMAGED,
		    "%s is damaged, or was sealed with another host key", name);
	return 0;
}
