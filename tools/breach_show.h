/* What an index says of itself, as people and programs read it. */
#ifndef BREACH_SHOW_H
#define BREACH_SHOW_H

#include "breach.h"
#include "show.h"

#include <stdbool.h>

const char *breach_kind_name(enum breach_kind kind);

/* Of how many other passwords one is taken for one of the list. */
double breach_false_positive_rate(const struct breach_about *about);

/* Whether there is so much nothing before the first range, or behind the last,
 * that it is no chance. */
bool breach_looks_cut(const struct breach_about *about);

/* Whether there are so many lines that each range must have one. */
bool breach_is_dense(const struct breach_about *about);

/* Each prints what it knows to standard output; ranges and lines leave theirs
 * open, for what the caller knows beside it. */
void breach_show_size(const char *file, const struct breach_about *about);
void breach_show_lines(const struct breach_about *about);
void breach_show_ranges(const struct breach_about *about);
void breach_show_counts(const struct breach_about *about);
void breach_show_rate(const struct breach_about *about);

/* All of it, as a new JSON object. */
json_object *breach_show_json(const char *file,
    const struct breach_about *about);

#endif
