#include "breach_lines.h"

#include "breach_digits.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	NO_PREFIX_YET = BREACH_PREFIXES,
	FAST_COUNT_DIGITS = 9, /* surely fit into 32 bits */
	COUNT_DIGITS = 19,     /* surely fit into 64 */
	/* of a range file's line: the rest */
	PREFIX_DIGITS = BREACH_PREFIX_BITS / 4,
};

void
breach_lines_start(struct breach_lines *lines)
{
	struct breach_lines fresh = { .words = lines->words,
		.kind = lines->kind,
		.counting = lines->counting,
		.least = lines->least,
		.ascending = lines->ascending,
		.prefix = NO_PREFIX_YET };

	*lines = fresh;
}

static inline void
see_prefix(struct breach_lines *lines, uint64_t hash)
{
	uint32_t prefix = (uint32_t)(hash >> (64 - BREACH_PREFIX_BITS));

	if (prefix == lines->prefix)
		return;
	lines->prefix = prefix;
	breach_prefixes_add(&lines->prefixes, prefix);
}

/* A hash's first 64 bits, from the number that a line's first 16 digits are. */
static inline uint64_t
hash_of(const struct breach_text *text, uint64_t number)
{
	if (text->prefix == BREACH_NO_PREFIX)
		return number;
	return (uint64_t)text->prefix << (64 - BREACH_PREFIX_BITS) |
	       number >> BREACH_PREFIX_BITS;
}

/* How many digits a line's hash has. */
static unsigned
digits_of(const struct breach_text *text, enum breach_kind kind)
{
	unsigned digits = 2 * (unsigned)breach_hash_bytes(kind);

	return text->prefix == BREACH_NO_PREFIX ? digits
						: digits - PREFIX_DIGITS;
}

/* ---- lines as they nearly all are ---- */

/* The decimal digits at at, and where they end; NULL: too many, or none.  Nine
 * of ten counts have one. */
static inline const uint8_t *
fast_count(const uint8_t *at, uint32_t *count_out)
{
	const uint8_t *start = at;
	uint32_t count = *at - (uint32_t)'0', digit;

	if (count > 9)
		return NULL;
	while ((digit = *++at - (uint32_t)'0') <= 9) {
		count = count * 10 + digit;
		if (at - start == FAST_COUNT_DIGITS)
			return NULL;
	}
	*count_out = count;
	return at;
}

/* The whole line at at, and where the next one begins; NULL: it is not as
 * usual, or not all there.  Zeros end whatever is read past the end. */
static inline const uint8_t *
fast_line(const uint8_t *at, unsigned digits, bool counted,
    uint64_t *number_out, uint32_t *count_out)
{
	if (!breach_digits(at, digits, number_out))
		return NULL;
	at += digits;
	*count_out = 1;
	if (counted &&
	    (*at != ':' || (at = fast_count(at + 1, count_out)) == NULL))
		return NULL;
	if (*at == '\r')
		at++;
	return *at == '\n' ? at + 1 : NULL;
}

/* Stops at the first line that is not as usual.  What is changed for each line
 * is in locals, as far as the compiler cannot know who else looks at it. */
static void
take_fast(struct breach_lines *lines, struct breach_text *text,
    struct breach_batch *batch)
{
	const unsigned digits = digits_of(text, lines->kind);
	const bool counted = lines->counted, ascending = lines->ascending;
	const uint32_t least = lines->least;
	uint64_t previous = lines->previous, number, hash;
	uint32_t count;
	const uint8_t *at = text->at, *next;
	uint64_t taken = 0, zeros = 0, below = 0;
	size_t n = batch->count;

	for (; n < BREACH_BATCH && at < text->end; at = next) {
		next = fast_line(at, digits, counted, &number, &count);
		if (next == NULL)
			break;
		hash = hash_of(text, number);
		if (count < least) {
			zeros += count == 0;
			below += count != 0;
		} else {
			if (ascending && hash < previous)
				break;
			previous = hash;
			batch->hashes[n] = hash;
			batch->counts[n] = count;
			n++;
		}
		see_prefix(lines, hash);
		taken++;
	}
	batch->count = n;
	text->at = at;
	text->line += taken;
	lines->lines += taken;
	lines->zero_counts += zeros;
	lines->below_least += below;
	lines->previous = previous;
}

/* ---- any line ---- */

/* A line without its end, and the place of it in a message. */
struct line {
	const uint8_t *at, *end;
	const struct breach_text *text;
	bool cut; /* the file ends without ending the line */
};

static int __attribute__((format(printf, 3, 4)))
bad_line(const struct line *line, struct trouble *why, const char *format, ...)
{
	char what[200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	return err_say(why, ERR_INPUT, "%s line %llu: %s", line->text->file,
	    (unsigned long long)line->text->line + 1, what);
}

static unsigned
digits_at(const struct line *line)
{
	const uint8_t *at = line->at;

	while (at < line->end && breach_digit(*at) < 16)
		at++;
	return (unsigned)(at - line->at);
}

/* The first line says which hash it is; it may not be another than wanted. */
static int
learn_kind(struct breach_lines *lines, const struct line *line, unsigned found,
    struct trouble *why)
{
	unsigned sha1 = digits_of(line->text, BREACH_SHA1);
	unsigned nt = digits_of(line->text, BREACH_NT);

	if (lines->kind == 0 && found != sha1 && found != nt)
		return bad_line(line, why,
		    "it begins with %u hexadecimal digits, where SHA-1 hashes "
		    "have %u and NT hashes %u",
		    found, sha1, nt);
	if (lines->kind == 0)
		lines->kind = found == nt ? BREACH_NT : BREACH_SHA1;
	return 0;
}

static int
read_hash(struct breach_lines *lines, struct line *line, uint64_t *hash_out,
    struct trouble *why)
{
	unsigned found = digits_at(line), digits;
	uint64_t number;
	int r;

	if ((r = learn_kind(lines, line, found, why)) < 0)
		return r;
	digits = digits_of(line->text, lines->kind);
	if (found != digits)
		return bad_line(line, why,
		    "it begins with %u hexadecimal digits, not %u%s", found,
		    digits, line->cut ? "; the file is cut short" : "");
	(void)breach_digits_portable(line->at, digits, &number);
	*hash_out = hash_of(line->text, number);
	line->at += digits;
	return 0;
}

static int
read_count(struct line *line, uint32_t *count_out, struct trouble *why)
{
	const uint8_t *at = line->at + 1; /* behind the colon */
	uint64_t count = 0;

	for (; at < line->end && breach_digit(*at) <= 9; at++)
		if (at - line->at <= COUNT_DIGITS)
			count = count * 10 + breach_digit(*at);
	if (at == line->at + 1 || at != line->end ||
	    at - line->at - 1 > COUNT_DIGITS)
		return bad_line(line, why, "behind the hash is no count%s",
		    line->cut ? "; the file is cut short" : "");
	*count_out = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
	return 0;
}

/* The count, where there is one and where there has to be one. */
static int
read_counted(struct breach_lines *lines, struct line *line, uint32_t *count_out,
    struct trouble *why)
{
	bool first = lines->lines == 0;
	bool counted = line->at < line->end && *line->at == ':';
	int r;

	if (line->at < line->end && !counted)
		return bad_line(line, why,
		    "behind the hash is neither a colon nor the end");
	*count_out = 1;
	if (counted && (r = read_count(line, count_out, why)) < 0)
		return r;
	if (!counted && lines->counting == BREACH_COUNTING_WANTED)
		return bad_line(line, why, "there is no count");
	if (!first && lines->counting == BREACH_COUNTING_AS_FIRST &&
	    counted != lines->counted)
		return bad_line(line, why,
		    "there is %s count, other than in "
		    "the lines before",
		    counted ? "a" : "no");
	if (!counted && lines->least > 1)
		return bad_line(line, why, "there is no count");
	lines->counted = counted;
	return 0;
}

static void
keep(struct breach_lines *lines, struct breach_batch *batch, uint64_t hash,
    uint32_t count)
{
	see_prefix(lines, hash);
	lines->lines++;
	if (count == 0) {
		lines->zero_counts++;
		return;
	}
	if (count < lines->least) {
		lines->below_least++;
		return;
	}
	lines->previous = hash;
	batch->hashes[batch->count] = hash;
	batch->counts[batch->count] = count;
	batch->count++;
}

static int
take_hash(struct breach_lines *lines, struct line *line,
    struct breach_batch *batch, struct trouble *why)
{
	uint64_t hash = 0;
	uint32_t count = 0;
	int r;

	if ((r = read_hash(lines, line, &hash, why)) < 0 ||
	    (r = read_counted(lines, line, &count, why)) < 0)
		return r;
	if (lines->ascending && count >= lines->least && hash < lines->previous)
		lines->descends = true;
	else
		keep(lines, batch, hash, count);
	return 0;
}

static int
take_word(struct breach_lines *lines, const struct line *line,
    struct breach_batch *batch)
{
	uint8_t hash[BREACH_HASH_MOST];
	uint64_t number;

	if (breach_hash(lines->kind, line->at, (size_t)(line->end - line->at),
		hash) < 0) {
		lines->not_utf8++;
		return 0;
	}
	memcpy(&number, hash, sizeof number);
	keep(lines, batch, be64toh(number), 1);
	return 0;
}

/* The line without what stands around it. */
static struct line
trim(const struct breach_text *text, const uint8_t *newline)
{
	static const uint8_t mark[3] = { 0xef, 0xbb, 0xbf }; /* U+FEFF */
	struct line line = { text->at, newline, text, newline == text->end };

	if (line.end - line.at >= 3 && memcmp(line.at, mark, 3) == 0)
		line.at += 3;
	if (line.end > line.at && line.end[-1] == '\r')
		line.end--;
	return line;
}

/* Takes one line, of whatever kind.  Returns 1, 0 where it is not all there,
 * or an error. */
static int
take_line(struct breach_lines *lines, struct breach_text *text,
    struct breach_batch *batch, struct trouble *why)
{
	size_t left = (size_t)(text->end - text->at);
	const uint8_t *newline = memchr(text->at, '\n', left);
	struct line line;
	int r = 0;

	if (newline == NULL && !text->whole && left < BREACH_LINE_MOST)
		return 0;
	if (newline == NULL)
		newline = text->end;
	line = trim(text, newline);
	if (newline - text->at >= BREACH_LINE_MOST)
		return bad_line(&line, why, "it has more than %d bytes",
		    BREACH_LINE_MOST);
	if (line.at < line.end) /* an empty line says nothing */
		r = lines->words ? take_word(lines, &line, batch)
				 : take_hash(lines, &line, batch, why);
	if (r < 0 || lines->descends)
		return r;
	text->at = newline < text->end ? newline + 1 : newline;
	text->line++;
	return 1;
}

int
breach_lines_take(struct breach_lines *lines, struct breach_text *text,
    struct breach_batch *batch, struct trouble *why)
{
	int r = 1;

	while (r > 0 && text->at < text->end && batch->count < BREACH_BATCH) {
		if (lines->lines > 0 && !lines->words)
			take_fast(lines, text, batch);
		if (text->at < text->end && batch->count < BREACH_BATCH)
			r = take_line(lines, text, batch, why);
	}
	return r < 0 ? r : 0;
}
