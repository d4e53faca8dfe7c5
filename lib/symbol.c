#include "symbol.h"

#include <string.h>

enum {
	WIDTH_LEAST = 21, /* of version 1; */
	WIDTH_STEP = 4,	  /* each has so many more */
};

size_t
symbol_bytes(const struct symbol *symbol)
{
	return ((size_t)symbol->width * symbol->width + 7) / 8;
}

bool
symbol_fits(const struct symbol *symbol)
{
	size_t modules = (size_t)symbol->width * symbol->width;

	if (symbol->width < WIDTH_LEAST || symbol->width > SYMBOL_WIDTH_MOST ||
	    symbol->width % WIDTH_STEP != WIDTH_LEAST % WIDTH_STEP)
		return false;
	return modules % 8 == 0 ||
	       symbol->bits[modules / 8] >> modules % 8 == 0;
}

void
symbol_darken(struct symbol *symbol, unsigned x, unsigned y)
{
	size_t at = (size_t)y * symbol->width + x;

	symbol->bits[at / 8] |= (uint8_t)(1 << at % 8);
}

bool
symbol_dark(const struct symbol *symbol, int x, int y)
{
	int width = (int)symbol->width;
	size_t at;

	if (x < 0 || y < 0 || x >= width || y >= width)
		return false;
	at = (size_t)y * symbol->width + (size_t)x;
	return (symbol->bits[at / 8] >> at % 8 & 1) != 0;
}

void
symbol_text(const struct symbol *symbol, bool inverted,
    char room[SYMBOL_TEXT_SIZE])
{
	/* [upper is drawn][lower is drawn] */
	static const char *const glyphs[2][2] = { { " ", "\u2584" },
		{ "\u2580", "\u2588" } };
	int end = (int)symbol->width + SYMBOL_MARGIN;
	char *at = room;

	*at++ = '\n';
	for (int y = -SYMBOL_MARGIN; y < end; y += 2) {
		for (int x = -SYMBOL_MARGIN; x < end; x++) {
			bool upper = symbol_dark(symbol, x, y) == inverted;
			bool lower = symbol_dark(symbol, x, y + 1) == inverted;
			const char *glyph = glyphs[upper][lower];

			memcpy(at, glyph, strlen(glyph));
			at += strlen(glyph);
		}
		*at++ = '\n';
	}
	*at = '\0';
}
