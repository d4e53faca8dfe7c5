/*
 * lines: the text of a list of breached passwords.
 *
 * Input: three bytes, then a text.  Bit 0 of the first says whether it is a
 * word list, bits 1 and 2 which kind of hash is wanted (0 and 3: as the first
 * line says), bits 3 and 4 what of counts, bit 5 whether it has to be in
 * order, bit 6 whether it is a range file.  The second is the smallest count
 * to keep.  The third, in steps of 7 bytes and if it is not 0, is how much of
 * the text comes at once.
 *
 * Oracle: a second reader, slow and written from sallyport(8), takes the same
 * hashes with the same counts, drops as many lines for the same reasons, and
 * stops at the same line, where there is one that is not as it should be.  It
 * does not matter in which pieces a text comes.
 */
#include "breach_lines.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_MOST = 1 << 14, PREFIX = 0xabcde };

struct record {
	uint64_t hash;
	uint32_t count;
};

/* What comes of a text. */
struct outcome {
	struct record *records; /* owned */
	size_t count;
	uint64_t lines, zero_counts, below_least, not_utf8;
	bool bad, descends; /* at the line behind at_line */
	uint64_t at_line;
};

struct choices {
	bool words, ascending, range;
	enum breach_kind kind;
	enum breach_counting counting;
	uint32_t least;
	size_t piece; /* bytes at once; 0: all */
};

static void
outcome_new(struct outcome *outcome)
{
	memset(outcome, 0, sizeof *outcome);
	outcome->records = calloc(RECORDS_MOST, sizeof *outcome->records);
	MUST(outcome->records != NULL);
}

static void
take(struct outcome *outcome, uint64_t hash, uint32_t count)
{
	MUST(outcome->count < RECORDS_MOST);
	outcome->records[outcome->count++] = (struct record){ hash, count };
}

/* ---- the second reader ---- */

struct reader {
	const struct choices *choices;
	struct outcome *outcome;
	enum breach_kind kind;
	int counted; /* -1: nobody knows yet */
	uint64_t previous;
};

static int
value_of(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	if (at == NULL)
		return -1;
	return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static size_t
digits_wanted(const struct choices *choices, enum breach_kind kind)
{
	return (kind == BREACH_NT ? 32 : 40) - (choices->range ? 5 : 0);
}

/* The hash at a line's beginning, of n digits. */
static bool
read_hash(struct reader *reader, const char *line, size_t n, uint64_t *hash)
{
	const struct choices *choices = reader->choices;
	size_t left = choices->range ? 11 : 16;

	if (reader->kind == 0 && n == digits_wanted(choices, BREACH_NT))
		reader->kind = BREACH_NT;
	else if (reader->kind == 0 && n == digits_wanted(choices, BREACH_SHA1))
		reader->kind = BREACH_SHA1;
	if (reader->kind == 0 || n != digits_wanted(choices, reader->kind))
		return false;
	*hash = choices->range ? PREFIX : 0;
	while (left-- > 0)
		*hash = *hash * 16 + (uint64_t)value_of(*line++);
	return true;
}

/* What stands behind the hash, of len bytes; -1: nothing. */
static bool
read_count(const char *rest, size_t len, int64_t *count)
{
	*count = -1;
	if (len == 0)
		return true;
	if (*rest != ':' || len < 2 || len > 20)
		return false;
	*count = 0;
	for (size_t i = 1; i < len; i++) {
		if (rest[i] < '0' || rest[i] > '9')
			return false;
		if (*count <= UINT32_MAX)
			*count = *count * 10 + (rest[i] - '0');
	}
	if (*count > UINT32_MAX)
		*count = UINT32_MAX;
	return true;
}

static bool
count_is_wanted(struct reader *reader, int64_t count)
{
	const struct choices *choices = reader->choices;

	if (count < 0 &&
	    (choices->counting == BREACH_COUNTING_WANTED || choices->least > 1))
		return false;
	if (choices->counting == BREACH_COUNTING_AS_FIRST &&
	    reader->counted >= 0 && reader->counted != (count >= 0))
		return false;
	reader->counted = count >= 0;
	return true;
}

/* Returns false where the list ends here. */
static bool
read_line(struct reader *reader, const char *line, size_t len)
{
	struct outcome *outcome = reader->outcome;
	uint64_t hash = 0;
	int64_t count;
	size_t n = 0;

	while (n < len && value_of(line[n]) >= 0)
		n++;
	outcome->bad = !read_hash(reader, line, n, &hash) ||
		       !read_count(line + n, len - n, &count) ||
		       !count_is_wanted(reader, count);
	if (outcome->bad)
		return false;
	if (count < 0)
		count = 1;
	if (count < reader->choices->least) {
		outcome->lines++;
		if (count == 0)
			outcome->zero_counts++;
		else
			outcome->below_least++;
		return true;
	}
	if (reader->choices->ascending && hash < reader->previous) {
		outcome->descends = true;
		return false;
	}
	reader->previous = hash;
	outcome->lines++;
	take(outcome, hash, (uint32_t)count);
	return true;
}

static bool
read_word(struct reader *reader, const char *line, size_t len)
{
	uint8_t hash[BREACH_HASH_MOST];
	uint64_t number = 0;

	if (breach_hash(reader->choices->kind, line, len, hash) < 0) {
		reader->outcome->not_utf8++;
		return true;
	}
	for (int i = 0; i < 8; i++)
		number = number * 256 + hash[i];
	reader->outcome->lines++;
	take(reader->outcome, number, 1);
	return true;
}

static void
read_slowly(const struct choices *choices, const char *text, size_t n,
    struct outcome *outcome)
{
	struct reader reader = { choices, outcome, choices->kind, -1, 0 };
	const char *end = text + n;
	bool more = true;

	while (text < end && more) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *to = newline == NULL ? end : newline;
		const char *next = newline == NULL ? end : newline + 1;

		if (to - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
			text += 3;
		if (to > text && to[-1] == '\r')
			to--;
		if (to > text)
			more =
			    choices->words
				? read_word(&reader, text, (size_t)(to - text))
				: read_line(&reader, text, (size_t)(to - text));
		if (more)
			outcome->at_line++;
		text = next;
	}
}

/* ---- the first one ---- */

struct feeding {
	struct breach_lines lines;
	struct breach_batch batch;
	struct breach_text text;
	uint8_t *room; /* owned */
};

static void
empty_batch(struct feeding *feeding, struct outcome *outcome)
{
	for (size_t i = 0; i < feeding->batch.count; i++)
		take(outcome, feeding->batch.hashes[i],
		    feeding->batch.counts[i]);
	feeding->batch.count = 0;
}

/* As many lines as what is there has. */
static bool
take_lines(struct feeding *feeding, struct outcome *outcome)
{
	struct trouble why = { "" };
	bool full;

	do {
		int r = breach_lines_take(&feeding->lines, &feeding->text,
		    &feeding->batch, &why);

		MUST(r == 0 || r == ERR_INPUT);
		MUST(r == 0 || is_one_line(&why));
		full = feeding->batch.count == BREACH_BATCH;
		empty_batch(feeding, outcome);
		outcome->bad = r < 0;
		outcome->descends = feeding->lines.descends;
	} while (full && !outcome->bad && !outcome->descends);
	return !outcome->bad && !outcome->descends;
}

static void
feed(struct feeding *feeding, const struct choices *choices,
    const uint8_t *bytes, size_t n, struct outcome *outcome)
{
	size_t piece = choices->piece == 0 ? n + 1 : choices->piece;
	size_t left = 0, at = 0;
	bool more = true;

	while (more && !feeding->text.whole) {
		size_t some = n - at < piece ? n - at : piece;

		/* What is left moves to the front, zeros stand behind. */
		memmove(feeding->room, feeding->text.at, left);
		memcpy(feeding->room + left, bytes + at, some);
		memset(feeding->room + left + some, 0, BREACH_TEXT_PADDING);
		at += some;
		feeding->text.at = feeding->room;
		feeding->text.end = feeding->room + left + some;
		feeding->text.whole = some == 0;
		more = take_lines(feeding, outcome);
		left = (size_t)(feeding->text.end - feeding->text.at);
		MUST(left <= n);
	}
	outcome->at_line = feeding->text.line;
	MUST(!more || left == 0);
}

static void
read_fast(const struct choices *choices, const uint8_t *bytes, size_t n,
    struct outcome *outcome)
{
	struct feeding *feeding = calloc(1, sizeof *feeding);
	struct breach_lines *lines;

	MUST(feeding != NULL);
	feeding->room = malloc(n + BREACH_TEXT_PADDING);
	MUST(feeding->room != NULL);
	lines = &feeding->lines;
	lines->words = choices->words;
	lines->kind = choices->kind;
	lines->counting = choices->counting;
	lines->least = choices->least;
	lines->ascending = choices->ascending;
	breach_lines_start(lines);
	feeding->text = (struct breach_text){ .at = feeding->room,
		.end = feeding->room,
		.file = "list",
		.prefix = choices->range ? PREFIX : BREACH_NO_PREFIX };
	feed(feeding, choices, bytes, n, outcome);
	outcome->lines = lines->lines;
	outcome->zero_counts = lines->zero_counts;
	outcome->below_least = lines->below_least;
	outcome->not_utf8 = lines->not_utf8;
	free(feeding->room);
	free(feeding);
}

/* ---- the oracle ---- */

static void
compare(const struct outcome *is, const struct outcome *want)
{
	MUST(is->count == want->count);
	for (size_t i = 0; i < is->count; i++) {
		MUST(is->records[i].hash == want->records[i].hash);
		MUST(is->records[i].count == want->records[i].count);
	}
	MUST(is->bad == want->bad);
	MUST(is->descends == want->descends);
	MUST(is->at_line == want->at_line);
	MUST(is->lines == want->lines);
	MUST(is->zero_counts == want->zero_counts);
	MUST(is->below_least == want->below_least);
	MUST(is->not_utf8 == want->not_utf8);
	MUST(is->lines == is->count + is->zero_counts + is->below_least);
}

static struct choices
take_choices(struct input *input)
{
	unsigned first = (unsigned)input_number(input, 1);
	unsigned kind = first >> 1 & 3, counting = first >> 3 & 3;
	struct choices choices = { 0 };

	choices.words = (first & 1) != 0;
	choices.kind = kind == 3 ? 0 : (enum breach_kind)kind;
	if (choices.words && choices.kind == 0)
		choices.kind = BREACH_SHA1;
	choices.counting = counting == 3 ? BREACH_COUNTING_AS_FIRST
					 : (enum breach_counting)counting;
	choices.ascending = !choices.words && (first & 32) != 0;
	choices.range = !choices.words && (first & 64) != 0;
	choices.least = (uint32_t)input_number(input, 1);
	if (choices.least == 0 || choices.words)
		choices.least = 1;
	choices.piece = 7 * (size_t)input_number(input, 1);
	return choices;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct input input = { bytes, n };
	struct choices choices = take_choices(&input);
	struct outcome is, want;

	if (input.left > RECORDS_MOST)
		return 0;
	outcome_new(&is);
	outcome_new(&want);
	read_fast(&choices, input.at, input.left, &is);
	read_slowly(&choices, (const char *)input.at, input.left, &want);
	compare(&is, &want);
	free(is.records);
	free(want.records);
	return 0;
}
