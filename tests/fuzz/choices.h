/* What a setting may be, said a second time: read from the manual's words in
 * the table (settings_row), not from the bounds that lib/ checks. */
#ifndef CHOICES_H
#define CHOICES_H

#include "settings.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHOICE_TEXT_SIZE = SETTINGS_LIST_SIZE };

/* Sets what settings_set would; false where it has to refuse. */
bool choice_set(struct settings *settings, enum settings_place place,
    const char *name, const char *value);

/* Whether the choices fit each other. */
bool choices_agree(const struct settings *settings);

/* Whether two settings say the same, in every row of the table. */
bool choices_equal(const struct settings *a, const struct settings *b);

/* The value of a row as it would stand in a file; false: its default, which
 * some cannot be set to by name. */
bool choice_text(const struct settings *settings, size_t row,
    char text_out[CHOICE_TEXT_SIZE]);

#endif
