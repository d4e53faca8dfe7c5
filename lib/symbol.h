/* A QR symbol (ISO/IEC 18004): a square of dark and light modules. */
#ifndef SYMBOL_H
#define SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYMBOL_WIDTH_MOST = 57, /* modules on a side: version 10 */
	SYMBOL_BYTES = (SYMBOL_WIDTH_MOST * SYMBOL_WIDTH_MOST + 7) / 8,
	SYMBOL_MARGIN = 1, /* modules around it, as few as scanners need */
	/* As text: a new line, then rows of characters that stand for two
	 * modules, one above the other, in up to three bytes. */
	SYMBOL_SIDE_MOST = SYMBOL_WIDTH_MOST + 2 * SYMBOL_MARGIN,
	SYMBOL_TEXT_SIZE =
	    1 + (SYMBOL_SIDE_MOST + 1) / 2 * (3 * SYMBOL_SIDE_MOST + 1) + 1,
};

/* What it shows can be a secret. */
struct symbol {
	unsigned width;		    /* modules on a side; 0: none */
	uint8_t bits[SYMBOL_BYTES]; /* row by row, the lowest bit first */
};

/* How many bytes of bits it takes. */
size_t symbol_bytes(const struct symbol *symbol);

/* Whether its width is a symbol's, and what is behind the last module 0. */
bool symbol_fits(const struct symbol *symbol);

/* Makes a module dark; and whether one is.  What is outside is light. */
void symbol_darken(struct symbol *symbol, unsigned x, unsigned y);
bool symbol_dark(const struct symbol *symbol, int x, int y);

/*
 * Draws it in half blocks, UTF-8, without colours: light modules in the colour
 * of the terminal's letters, for a dark terminal; inverted, for a light one.
 */
void symbol_text(const struct symbol *symbol, bool inverted,
    char room[SYMBOL_TEXT_SIZE]);

#endif
