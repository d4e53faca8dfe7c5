#include "breach_show.h"

#include "breach_prefixes.h"

#include <stdio.h>

enum {
	/* So many hashes would be where none is, in a list cut short. */
	CUT_SHORT = 40,
	ENOUGH_LINES = 1000, /* to tell */
	/* Lines a range, on average, from where on each range must have one. */
	DENSE = 20,
};

const char *
breach_kind_name(enum breach_kind kind)
{
	return kind == BREACH_NT ? "NT" : "SHA-1";
}

double
breach_false_positive_rate(const struct breach_about *about)
{
	double range = about->range == 0 ? 0x1p64 : (double)about->range;

	return (double)about->entries / range;
}

bool
breach_looks_cut(const struct breach_about *about)
{
	uint64_t span = about->last_prefix - about->first_prefix + 1;
	uint64_t gap = BREACH_PREFIXES - 1 - about->last_prefix;

	if (gap < about->first_prefix)
		gap = about->first_prefix;
	return about->lines >= ENOUGH_LINES &&
	       (gap > 0 ? gap - 1 : 0) * about->lines > CUT_SHORT * span;
}

bool
breach_is_dense(const struct breach_about *about)
{
	return about->lines >= (uint64_t)DENSE * BREACH_PREFIXES;
}

void
breach_show_size(const char *file, const struct breach_about *about)
{
	char entries[SHOW_NUMBER_SIZE], bytes[SHOW_NUMBER_SIZE];

	printf("%s: %s %s hashes in %s bytes", file,
	    show_number(about->entries, entries), breach_kind_name(about->kind),
	    show_number(about->bytes, bytes));
	if (about->entries > 0)
		printf(", %.2f bits each",
		    8 * (double)about->bytes / (double)about->entries);
	putchar('\n');
}

void
breach_show_lines(const struct breach_about *about)
{
	char a[SHOW_NUMBER_SIZE], b[SHOW_NUMBER_SIZE], c[SHOW_NUMBER_SIZE];

	printf("  %s lines: %s duplicates, %s of padding",
	    show_number(about->lines, a), show_number(about->duplicates, b),
	    show_number(about->zero_counts, c));
	if (about->below_least > 0)
		printf(", %s seen less than %u times",
		    show_number(about->below_least, a), about->least_count);
}

void
breach_show_ranges(const struct breach_about *about)
{
	char some[SHOW_NUMBER_SIZE], all[SHOW_NUMBER_SIZE];

	printf("  %s of %s ranges, %05X to %05X",
	    show_number(about->prefixes, some),
	    show_number(BREACH_PREFIXES, all), about->first_prefix,
	    about->last_prefix);
}

void
breach_show_counts(const struct breach_about *about)
{
	if (about->classes == 0) {
		puts("  no counts are kept");
		return;
	}
	printf("  counts are kept as at least");
	for (unsigned i = 0; i < about->classes; i++)
		printf(" %u", about->class_least[i]);
	putchar('\n');
}

void
breach_show_rate(const struct breach_about *about)
{
	double rate = breach_false_positive_rate(about);
	char number[SHOW_NUMBER_SIZE];

	if (about->entries > 0)
		printf("  one other password in %s is taken for one of them\n",
		    show_number((uint64_t)(1 / rate + 0.5), number));
}

static void
add_number(json_object *to, const char *name, uint64_t number)
{
	json_object_object_add(to, name, json_object_new_uint64(number));
}

static json_object *
json_classes(const struct breach_about *about)
{
	json_object *classes = json_object_new_array();

	for (unsigned i = 0; i < about->classes; i++)
		json_object_array_add(classes,
		    json_object_new_int64(about->class_least[i]));
	return classes;
}

json_object *
breach_show_json(const char *file, const struct breach_about *about)
{
	json_object *out = json_object_new_object();

	json_object_object_add(out, "file", show_json_text(file));
	json_object_object_add(out, "kind",
	    json_object_new_string(about->kind == BREACH_NT ? "nt" : "sha1"));
	add_number(out, "entries", about->entries);
	add_number(out, "bytes", about->bytes);
	add_number(out, "lines", about->lines);
	add_number(out, "duplicates", about->duplicates);
	add_number(out, "zero_counts", about->zero_counts);
	add_number(out, "below_least", about->below_least);
	add_number(out, "least_count", about->least_count);
	json_object_object_add(out, "classes", json_classes(about));
	add_number(out, "prefixes", about->prefixes);
	add_number(out, "first_prefix", about->first_prefix);
	add_number(out, "last_prefix", about->last_prefix);
	json_object_object_add(out, "false_positive_rate",
	    json_object_new_double(breach_false_positive_rate(about)));
	return out;
}
