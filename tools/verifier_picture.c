#include "verifier.h"

#include "mem.h"
#include "otpauth.h"
#include "qr.h"
#include "store.h"

#include <string.h>

/* Memory for secrets: what was begun, and its address. */
struct drawing {
	struct offer offer;
	struct otpauth otpauth;
	char address[OTPAUTH_SIZE];
};

static void
drawing_auto_free(struct drawing **drawing)
{
	secret_free(*drawing, sizeof **drawing);
}
#define AUTO_DRAWING __attribute__((cleanup(drawing_auto_free)))

static int
open_offer(const struct settings *settings, const struct account *account,
    const uint8_t blob[OFFER_BLOB_BYTES], struct offer *offer,
    struct trouble *why)
{
	AUTO_STORE struct store *store = NULL;
	int r;

	if (!account->known)
		return err_say(why, ERR_INPUT, "no such user");
	if ((r = store_open(settings, why, &store)) < 0)
		return r;
	if (store_open_offer(store, account->uid, blob, offer) < 0 ||
	    strcmp(offer->user, account->name) != 0)
		return err_say(why, ERR_INPUT, "nothing was begun with that");
	return 0;
}

static int
write_address(const struct settings *settings, struct drawing *drawing,
    struct trouble *why)
{
	const struct offer *offer = &drawing->offer;
	struct otpauth *otpauth = &drawing->otpauth;
	int r;

	if (otpauth_issuer(settings->issuer, otpauth->issuer) < 0)
		return err_say(why, ERR_SETTINGS,
		    "the setting issuer may have no colon");
	if ((r = otpauth_take(otpauth, &offer->authenticator, offer->user)) <
		0 ||
	    (r = otpauth_format(otpauth, drawing->address,
		 sizeof drawing->address)) < 0)
		return err_say(why, r, "writing the address");
	return 0;
}

static int
draw(const char *address, struct symbol *symbol, struct trouble *why)
{
	AUTO_QR struct qr *qr = NULL;
	int r, width;

	if ((r = qr_make(address, &qr)) < 0)
		return err_say(why, r, "drawing a QR code");
	if ((width = qr_width(qr)) > SYMBOL_WIDTH_MOST)
		return err_say(why, ERR_INPUT, "no terminal has room for it");
	memset(symbol, 0, sizeof *symbol);
	symbol->width = (unsigned)width;
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++)
			if (qr_dark(qr, x, y))
				symbol_darken(symbol, (unsigned)x, (unsigned)y);
	return 0;
}

int
verifier_picture(const struct settings *settings, const struct account *account,
    const uint8_t blob[OFFER_BLOB_BYTES], struct symbol *symbol_out,
    struct trouble *why)
{
	AUTO_DRAWING struct drawing *drawing = secret_new(sizeof *drawing);
	int r;

	if (drawing == NULL)
		return err_say(why, ERR_MEMORY, "drawing a QR code");
	if ((r = open_offer(settings, account, blob, &drawing->offer, why)) <
		0 ||
	    (r = write_address(settings, drawing, why)) < 0)
		return r;
	return draw(drawing->address, symbol_out, why);
}
