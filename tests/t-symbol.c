/* QR symbols: their modules, and how they look in half blocks. */
#include "symbol.h"
#include "test.h"

#include <string.h>

/* Of version 1, with modules at three corners. */
static struct symbol
three_corners(void)
{
	struct symbol symbol = { .width = 21 };

	symbol_darken(&symbol, 0, 0);
	symbol_darken(&symbol, 20, 0);
	symbol_darken(&symbol, 0, 20);
	return symbol;
}

TEST("a module is dark where it was made so, and what is outside is light")
{
	struct symbol symbol = three_corners();
	unsigned dark = 0;

	for (int y = -2; y < 24; y++)
		for (int x = -2; x < 24; x++)
			dark += symbol_dark(&symbol, x, y);
	expect_int(dark, 3);
	expect(symbol_dark(&symbol, 0, 0) && symbol_dark(&symbol, 20, 0) &&
	       symbol_dark(&symbol, 0, 20));
	expect_int(symbol_bytes(&symbol), 56);
}

TEST("widths are those of versions 1 to 10")
{
	struct symbol symbol = { .width = 0 };
	unsigned fitting = 0;

	for (unsigned width = 0; width < 200; width++) {
		symbol.width = width;
		if (symbol_fits(&symbol))
			fitting++;
	}
	expect_int(fitting, 10);
	symbol.width = 57;
	expect(symbol_fits(&symbol));
	symbol.width = 21;
	symbol.bits[55] = 2; /* the module behind the last one */
	expect(!symbol_fits(&symbol));
}

/* Row n of the drawing, without its end. */
static const char *
row(const char *text, unsigned n)
{
	static char room[4 * SYMBOL_SIDE_MOST];

	for (; n > 0; n--)
		text = strchr(text, '\n') + 1;
	memcpy(room, text, strcspn(text, "\n"));
	room[strcspn(text, "\n")] = '\0';
	return room;
}

TEST("on a dark terminal the light modules are drawn, with a margin of one")
{
	struct symbol symbol = three_corners();
	char text[SYMBOL_TEXT_SIZE];

	symbol_text(&symbol, false, text);
	expect_text(row(text, 0), "");
	/* margin above, then the first row of modules */
	expect(strncmp(row(text, 1), "\u2588\u2580\u2588", 9) == 0);
	expect(strcmp(row(text, 1) + 3 * 20, "\u2588\u2580\u2588") == 0);
	expect(strncmp(row(text, 2), "\u2588\u2588\u2588", 9) == 0);
	/* the last row of modules, then the margin below, and half a row */
	expect(strncmp(row(text, 11), "\u2588\u2580\u2588", 9) == 0);
	expect(strncmp(row(text, 12), "\u2588\u2588\u2588", 9) == 0);
	expect_text(row(text, 13), "");
}

TEST("inverted, for a light terminal, the dark ones are")
{
	struct symbol symbol = three_corners();
	char text[SYMBOL_TEXT_SIZE];

	symbol_text(&symbol, true, text);
	expect(strncmp(row(text, 1), " \u2584 ", 5) == 0);
	expect_text(row(text, 2), "                       ");
	expect(strncmp(row(text, 11), " \u2584 ", 5) == 0);
}

TEST("the largest, all light, takes exactly the room that there is")
{
	struct symbol symbol = { .width = SYMBOL_WIDTH_MOST };
	char text[SYMBOL_TEXT_SIZE];

	symbol_text(&symbol, false, text);
	expect_int(strlen(text), sizeof text - 1);
}
