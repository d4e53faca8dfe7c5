/* Drawing QR codes: what a terminal or a browser is sent has the modules of
 * the code, light around it, and dark where it shall be dark. */
#include "qr.h"

#include "err.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MOST = 200 };

/* Modules as they are on a screen. */
struct screen {
	int width, height;
	bool dark[SIDE_MOST][SIDE_MOST];
};

static const char address[] =
    "otpauth://totp/server01:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    "&issuer=server01";

static char *
drawn(const struct qr *qr, enum qr_form form, int margin)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	expect(out != NULL);
	qr_draw(qr, form, margin, out);
	expect_int(fclose(out), 0);
	return text;
}

/* A cell as a terminal shows it: a blank is all background, an upper half
 * block has the foreground above. */
struct pen {
	bool dark_ink, dark_paper;
};

static const char *
read_colours(const char *text, struct pen *pen)
{
	expect_int(strncmp(text, "\033[0;", 4), 0);
	for (text += 4; *text != 'm'; text++) {
		if (strncmp(text, "30", 2) == 0 || strncmp(text, "37", 2) == 0)
			pen->dark_ink = text[1] == '0';
		else if (strncmp(text, "40", 2) == 0 ||
			 strncmp(text, "47", 2) == 0)
			pen->dark_paper = text[1] == '0';
	}
	return text + 1;
}

static const char *
read_cell(const char *text, const struct pen *pen, bool *upper, bool *lower)
{
	static const char upper_half[] = "\u2580";
	bool is_half = strncmp(text, upper_half, strlen(upper_half)) == 0;

	expect(is_half || *text == ' ');
	*upper = is_half ? pen->dark_ink : pen->dark_paper;
	*lower = pen->dark_paper;
	return text + (is_half ? strlen(upper_half) : 1);
}

static void
read_blocks(const char *text, struct screen *screen)
{
	const char *end = "\033[0m\n";
	struct pen pen = { false, false };
	int x, y = 0;

	for (; *text != '\0'; text += strlen(end), y += 2) {
		for (x = 0; strncmp(text, end, strlen(end)) != 0; x++) {
			if (*text == '\033')
				text = read_colours(text, &pen);
			text = read_cell(text, &pen, &screen->dark[y][x],
			    &screen->dark[y + 1][x]);
		}
		screen->width = x;
	}
	screen->height = y;
}

/* Two blanks for each module, on a background of its colour. */
static void
read_blanks(const char *text, struct screen *screen)
{
	int x = 0, y = 0;
	bool dark = false;

	while (*text != '\0') {
		if (strncmp(text, "\033[40m", 5) == 0) {
			dark = true;
			text += 5;
		} else if (strncmp(text, "\033[47m", 5) == 0) {
			dark = false;
			text += 5;
		} else if (strncmp(text, "  ", 2) == 0) {
			screen->dark[y][x++] = dark;
			text += 2;
		} else {
			expect_int(strncmp(text, "\033[0m\n", 5), 0);
			text += 5;
			screen->width = x;
			x = 0;
			y++;
		}
	}
	screen->height = y;
}

static void
expect_on_screen(const struct qr *qr, const struct screen *screen, int margin)
{
	for (int y = 0; y < screen->height; y++)
		for (int x = 0; x < screen->width; x++)
			expect_int(screen->dark[y][x],
			    qr_dark(qr, x - margin, y - margin));
}

static bool
has_finder(const struct qr *qr, int left, int top)
{
	static const char *const rows[] = { "#######", "#     #", "# ### #",
		"# ### #", "# ### #", "#     #", "#######" };

	for (int y = 0; y < 7; y++)
		for (int x = 0; x < 7; x++)
			if (qr_dark(qr, left + x, top + y) !=
			    (rows[y][x] == '#'))
				return false;
	return true;
}

TEST("a code has its finder patterns in three corners, and is light outside")
{
	AUTO_QR struct qr *qr = NULL;
	int width;

	expect_int(qr_make(address, &qr), 0);
	width = qr_width(qr);
	expect(has_finder(qr, 0, 0));
	expect(has_finder(qr, width - 7, 0));
	expect(has_finder(qr, 0, width - 7));
	expect(!has_finder(qr, width - 7, width - 7));
	expect(!qr_dark(qr, -1, 0));
	expect(!qr_dark(qr, 0, -1));
	expect(!qr_dark(qr, width, 0));
	expect(!qr_dark(qr, 0, width));
}

TEST("half blocks show every module, with each margin")
{
	AUTO_QR struct qr *qr = NULL;

	expect_int(qr_make(address, &qr), 0);
	for (int margin = QR_MARGIN_LEAST; margin <= QR_MARGIN; margin++) {
		static struct screen screen;
		unsigned rows, columns;
		char *text = drawn(qr, QR_BLOCKS, margin);

		read_blocks(text, &screen);
		free(text);
		qr_room(qr, QR_BLOCKS, margin, &rows, &columns);
		expect_int(screen.width, columns);
		expect_int(screen.height, 2 * rows);
		expect_on_screen(qr, &screen, margin);
	}
}

TEST("coloured blanks show every module, in ASCII alone")
{
	AUTO_QR struct qr *qr = NULL;
	static struct screen screen;
	unsigned rows, columns;
	char *text;

	expect_int(qr_make(address, &qr), 0);
	text = drawn(qr, QR_BLANKS, QR_MARGIN);
	for (const char *c = text; *c != '\0'; c++)
		expect((unsigned char)*c < 0x80);
	read_blanks(text, &screen);
	free(text);
	qr_room(qr, QR_BLANKS, QR_MARGIN, &rows, &columns);
	expect_int(2 * screen.width, columns);
	expect_int(screen.height, rows);
	expect_on_screen(qr, &screen, QR_MARGIN);
}

TEST("an address of 106 bytes fits 24 rows of 80 columns with two to spare")
{
	AUTO_QR struct qr *qr = NULL;
	unsigned rows, columns;
	char text[107];

	memset(text, 'x', sizeof text - 1);
	text[106] = '\0';
	expect_int(qr_make(text, &qr), 0);
	qr_room(qr, QR_BLOCKS, QR_MARGIN_LEAST, &rows, &columns);
	expect(rows + 2 <= 24);
	expect(columns <= 80);
}

TEST("an SVG file draws each dark module once, on white")
{
	AUTO_QR struct qr *qr = NULL;
	char *text = NULL;
	size_t size = 0, drawn_modules = 0, dark = 0;
	FILE *out = open_memstream(&text, &size);

	expect_int(qr_make(address, &qr), 0);
	qr_draw_svg(qr, out);
	expect_int(fclose(out), 0);
	expect(strstr(text, "fill=\"#fff\"") != NULL);
	for (const char *at = text; (at = strstr(at, "h1v1h-1z")); at++)
		drawn_modules++;
	for (int y = 0; y < qr_width(qr); y++)
		for (int x = 0; x < qr_width(qr); x++)
			dark += qr_dark(qr, x, y);
	expect_int(drawn_modules, dark);
	free(text);
}

TEST("what no code can hold is an error")
{
	static char text[4000];
	struct qr *qr = NULL;

	memset(text, 'x', sizeof text - 1);
	expect_int(qr_make(text, &qr), ERR_INPUT);
	expect_int(qr_make("", &qr), ERR_INPUT);
	expect(qr == NULL);
}
