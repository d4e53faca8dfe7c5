#include "qr.h"

#include "err.h"
#include "mem.h"

#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>

/* Not bold: a bold black is grey on some terminals. */
#define WHITE "\033[47m"
#define BLACK "\033[40m"
#define USUAL "\033[0m"

struct qr {
	QRcode *code; /* owned */
};

int
qr_make(const char *text, struct qr **qr_out)
{
	struct qr *qr = calloc(1, sizeof *qr);

	if (qr == NULL)
		return ERR_MEMORY;
	errno = 0;
	qr->code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	if (qr->code == NULL) {
		free(qr);
		return errno == ENOMEM ? ERR_MEMORY : ERR_INPUT;
	}
	*qr_out = qr;
	return 0;
}

void
qr_free(struct qr *qr)
{
	size_t width;

	if (qr == NULL)
		return;
	width = (size_t)qr->code->width;
	mem_wipe(qr->code->data, width * width);
	QRcode_free(qr->code);
	free(qr);
}

void
qr_auto_free(struct qr **qr)
{
	qr_free(*qr);
}

int
qr_width(const struct qr *qr)
{
	return qr->code->width;
}

bool
qr_dark(const struct qr *qr, int x, int y)
{
	int width = qr->code->width;

	if (x < 0 || y < 0 || x >= width || y >= width)
		return false;
	return (qr->code->data[y * width + x] & 1) != 0;
}

void
qr_room(const struct qr *qr, enum qr_form form, int margin, unsigned *rows_out,
    unsigned *columns_out)
{
	unsigned side = (unsigned)(qr->code->width + 2 * margin);

	*rows_out = form == QR_BLOCKS ? (side + 1) / 2 : side;
	*columns_out = form == QR_BLOCKS ? side : 2 * side;
}

/*
 * Two modules, one above the other, in one cell.  Where both are alike, the
 * cell's background fills it: many fonts draw the block glyphs a pixel short,
 * and the line that stays free cuts the picture for a scanner.
 */
static const struct cell {
	const char *colours, *glyph;
} cells[2][2] = {
	/* [upper is dark][lower is dark] */
	{ { "\033[0;47m", " " }, { "\033[0;37;40m", "\u2580" } },
	{ { "\033[0;30;47m", "\u2580" }, { "\033[0;40m", " " } },
};

static void
draw_blocks(const struct qr *qr, int margin, FILE *out)
{
	int end = qr->code->width + margin;

	for (int y = -margin; y < end; y += 2) {
		const struct cell *before = NULL;

		for (int x = -margin; x < end; x++) {
			const struct cell *cell =
			    &cells[qr_dark(qr, x, y)][qr_dark(qr, x, y + 1)];

			if (before == NULL || cell != before)
				fputs(cell->colours, out);
			fputs(cell->glyph, out);
			before = cell;
		}
		fputs(USUAL "\n", out);
	}
}

static void
draw_blanks(const struct qr *qr, int margin, FILE *out)
{
	int end = qr->code->width + margin;

	for (int y = -margin; y < end; y++) {
		for (int x = -margin; x < end; x++) {
			bool dark = qr_dark(qr, x, y);

			if (x == -margin || dark != qr_dark(qr, x - 1, y))
				fputs(dark ? BLACK : WHITE, out);
			fputs("  ", out);
		}
		fputs(USUAL "\n", out);
	}
}

void
qr_draw(const struct qr *qr, enum qr_form form, int margin, FILE *out)
{
	if (form == QR_BLOCKS)
		draw_blocks(qr, margin, out);
	else
		draw_blanks(qr, margin, out);
}

void
qr_draw_svg(const struct qr *qr, FILE *out)
{
	int width = qr->code->width, side = width + 2 * QR_MARGIN;

	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" "
	    "shape-rendering=\"crispEdges\">\n"
	    "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path d=\"",
	    8 * side, 8 * side, side, side, side, side);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++)
			if (qr_dark(qr, x, y))
				fprintf(out, "M%d %dh1v1h-1z", x + QR_MARGIN,
				    y + QR_MARGIN);
	fputs("\"/>\n</svg>\n", out);
}
