#include "breach_digits.h"
#include "breach_lines.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A	"0123456789abcdefABCDEF0123456789abcdef01"
#define B	"FEDCBA9876543210FEDCBA9876543210FEDCBA98"
#define NT	"FEDCBA9876543210FEDCBA9876543210"
#define REST	"89abcdefABCDEF0123456789abcdef01234" /* of a range: 35 */
#define NT_REST "89abcdefABCDEF0123456789abc"
#define MARK	"\xef\xbb\xbf"

static const uint64_t hash_a = 0x0123456789abcdef;
static const uint64_t hash_b = 0xfedcba9876543210;

/* The lines of a text, and what they are taken for. */
struct reading {
	struct breach_lines lines;
	struct breach_batch batch;
	struct trouble why;
	uint64_t line; /* that reading ended before */
};

static struct reading *
reading(void)
{
	static struct reading one;

	memset(&one, 0, sizeof one);
	one.lines.least = 1;
	breach_lines_start(&one.lines);
	return &one;
}

static int
take_bytes(struct reading *reading, const void *bytes, size_t n, int prefix)
{
	uint8_t *room = calloc(1, n + BREACH_TEXT_PADDING);
	struct breach_text text = { room, room + n, true, "list", 0, prefix };
	int r;

	expect(room != NULL);
	memcpy(room, bytes, n);
	r = breach_lines_take(&reading->lines, &text, &reading->batch,
	    &reading->why);
	reading->line = text.line;
	free(room);
	return r;
}

static int
take(struct reading *reading, const char *text)
{
	return take_bytes(reading, text, strlen(text), BREACH_NO_PREFIX);
}

static void
expect_taken(const struct reading *reading, size_t i, uint64_t hash,
    uint32_t count)
{
	expect(i < reading->batch.count);
	expect_int(reading->batch.hashes[i], hash);
	expect_int(reading->batch.counts[i], count);
}

/* Alone, and behind lines that are taken the fast way. */
static void
expect_refused(const char *before, const char *text, const char *line,
    const char *why)
{
	struct reading *one = reading();
	char both[1000];

	snprintf(both, sizeof both, "%s%s", before, text);
	expect_int(take(one, both), ERR_INPUT);
	if (strstr(one->why.text, line) != one->why.text ||
	    strstr(one->why.text, why) == NULL)
		fail_msg("\"%s\", not \"%s\" and \"%s\"", one->why.text, line,
		    why);
}

TEST("digits are read alike by both ways of reading them")
{
	static const unsigned sizes[] = { 27, 32, 35, 40 };
	uint8_t digits[48], portable_ok, fast_ok;
	uint64_t portable, fast;

	for (size_t s = 0; s < 4; s++)
		for (unsigned at = 0; at < 48; at++)
			for (unsigned c = 0; c < 256; c++) {
				memcpy(digits, A "01234567", sizeof digits);
				digits[at] = (uint8_t)c;
				portable_ok = breach_digits_portable(digits,
				    sizes[s], &portable);
				fast_ok =
				    breach_digits(digits, sizes[s], &fast);
				expect_int(fast_ok, portable_ok);
				if (fast_ok)
					expect_int(fast, portable);
				expect_int(portable_ok,
				    at >= sizes[s] ||
					breach_digit((uint8_t)c) < 16);
			}
}

TEST("a line is a hash and how often it was seen")
{
	struct reading *one = reading();

	expect_int(take(one, A ":1\n" B ":4294967295\n"), 0);
	expect_int(one->batch.count, 2);
	expect_taken(one, 0, hash_a, 1);
	expect_taken(one, 1, hash_b, 4294967295);
	expect_int(one->lines.kind, BREACH_SHA1);
	expect(one->lines.counted);
	expect_int(one->lines.lines, 2);
}

TEST("digits of either case are the same hash")
{
	struct reading *one = reading();

	expect_int(take(one, "FEDCBA9876543210FEDCBA9876543210FEDCBA98:1\n"
			     "fedcba9876543210FEDCBA9876543210FEDCBA98:2\n"
			     "fEdCbA9876543210FEDCBA9876543210FEDCBA98:3\n"),
	    0);
	for (uint32_t i = 0; i < 3; i++)
		expect_taken(one, i, hash_b, i + 1);
}

TEST("lines end with LF or CRLF, and the last one with nothing")
{
	struct reading *one = reading();

	expect_int(take(one, A ":1\r\n" A ":22\n" A ":333\r\n" B ":4444"), 0);
	expect_int(one->batch.count, 4);
	expect_taken(one, 0, hash_a, 1);
	expect_taken(one, 1, hash_a, 22);
	expect_taken(one, 2, hash_a, 333);
	expect_taken(one, 3, hash_b, 4444);
	expect_int(one->line, 4);
}

TEST("a byte-order mark before any line is skipped")
{
	struct reading *one = reading();

	expect_int(take(one, MARK A ":1\r\n" A ":2\n" MARK B ":3\n" MARK), 0);
	expect_int(one->batch.count, 3);
	expect_taken(one, 0, hash_a, 1);
	expect_taken(one, 2, hash_b, 3);
	expect_refused("", MARK MARK A ":1\n", "list line 1: ", "0 hexa");
	expect_refused(A ":1\n", A MARK ":1\n", "list line 2: ", "neither");
}

TEST("an empty line says nothing")
{
	struct reading *one = reading();

	expect_int(take(one, "\n\r\n" A ":1\n\n" MARK "\r\n" B ":2\n\n"), 0);
	expect_int(one->batch.count, 2);
	expect_int(one->lines.lines, 2);
	expect_int(one->line, 7);
}

TEST("padding with a count of 0 is dropped and counted")
{
	struct reading *one = reading();

	expect_int(take(one, A ":0\n" A ":1\r\n" B ":0\r\n" B ":00\n"), 0);
	expect_int(one->batch.count, 1);
	expect_taken(one, 0, hash_a, 1);
	expect_int(one->lines.zero_counts, 3);
	expect_int(one->lines.lines, 4);
}

TEST("what was seen less often than wanted is dropped and counted")
{
	struct reading *one = reading();

	one->lines.least = 10;
	expect_int(take(one, A ":9\n" A ":9\n" B ":10\n" B ":0\n" B ":5\n"), 0);
	expect_int(one->batch.count, 1);
	expect_taken(one, 0, hash_b, 10);
	expect_int(one->lines.below_least, 3);
	expect_int(one->lines.zero_counts, 1);
	expect_int(one->lines.lines, 5);
}

TEST("a list without counts has been seen once, and so says it")
{
	struct reading *one = reading();

	expect_int(take(one, A "\n" A "\r\n" B), 0);
	expect_int(one->batch.count, 3);
	expect_taken(one, 2, hash_b, 1);
	expect(!one->lines.counted);
}

TEST("lines with a count among those without are an error, and the reverse")
{
	expect_refused(A ":1\n" A ":1\n", A "\n", "list line 3: ", "no count");
	expect_refused(A "\n" A "\n", A ":1\n", "list line 3: ", "a count");
	expect_refused(A "\n", A ":0\n", "list line 2: ", "a count");
}

TEST("where counts are not wanted, some lines may have one")
{
	struct reading *one = reading();

	one->lines.counting = BREACH_COUNTING_IGNORED;
	expect_int(take(one, A "\n" A ":5\n" B "\n" B ":0\n" B ":7\n"), 0);
	expect_int(one->batch.count, 4);
	expect_int(one->lines.zero_counts, 1);
}

TEST("where counts are wanted, a list without is an error")
{
	struct reading *one = reading();

	one->lines.counting = BREACH_COUNTING_WANTED;
	expect_int(take(one, A "\n"), ERR_INPUT);
	one = reading();
	one->lines.least = 2;
	expect_int(take(one, A "\n"), ERR_INPUT);
	expect(strstr(one->why.text, "no count") != NULL);
}

TEST("NT hashes have 32 digits, and the first line says which they are")
{
	struct reading *one = reading();

	expect_int(take(one, NT ":1\n" NT ":12\r\n" NT ":3"), 0);
	expect_int(one->batch.count, 3);
	expect_taken(one, 1, hash_b, 12);
	expect_int(one->lines.kind, BREACH_NT);
	one = reading();
	one->lines.kind = BREACH_SHA1;
	expect_int(take(one, NT ":1\n"), ERR_INPUT);
	one = reading();
	one->lines.kind = BREACH_NT;
	expect_int(take(one, A ":1\n"), ERR_INPUT);
}

TEST("lines of NT among those of SHA-1 are an error, and the reverse")
{
	expect_refused(A ":1\n" A ":1\n", NT ":1\n",
	    "list line 3: ", "32 hexadecimal digits, not 40");
	expect_refused(NT ":1\n" NT ":1\n", A ":1\n",
	    "list line 3: ", "40 hexadecimal digits, not 32");
}

TEST("a hash of any other length is an error, and a line cut short says so")
{
	expect_refused("", "0" A ":1\n", "list line 1: ", "41 hexadecimal");
	expect_refused("", NT "0:1\n", "list line 1: ", "33 hexadecimal");
	expect_refused("", ":1\n", "list line 1: ", "0 hexadecimal");
	expect_refused("", " " A ":1\n", "list line 1: ", "0 hexadecimal");
	expect_refused(A ":1\n", "0" A ":1\n", "list line 2: ", "not 40");
	expect_refused(A ":1\n", "0123456789\n" A ":1\n",
	    "list line 2: ", "10 hexadecimal digits, not 40");
	expect_refused(A ":1\n", "0123456789", "list line 2: ", "cut short");
	expect_refused(A ":1\n", A ":", "list line 2: ", "cut short");
	expect_refused(A ":1\n", A, "list line 2: ", "no count");
}

TEST("what stands behind a hash is a count, or an error")
{
	static const char *const behind[] = { ":", ":\r", ":-1", ":+1", ": 1",
		":1 ", ":1x", ":0x1", ":1:2", ":1.5", ":1e3", ":a", ";1", " :1",
		"x:1", "::1", ":12345678901234567890", ":1\r\r", "\t" };
	char line[100];

	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
		snprintf(line, sizeof line, A "%s\n", behind[i]);
		expect_refused("", line, "list line 1: ", "behind the hash");
		expect_refused(A ":1\n", line,
		    "list line 2: ", "behind the hash");
	}
}

TEST("counts above 32 bits are the highest that there is")
{
	struct reading *one = reading();

	expect_int(take(one, A ":999999999\n" A ":4294967296\n" A
			       ":1000000000000000000\n"),
	    0);
	expect_taken(one, 0, hash_a, 999999999);
	expect_taken(one, 1, hash_a, UINT32_MAX);
	expect_taken(one, 2, hash_a, UINT32_MAX);
}

TEST("bytes that no list has are an error, wherever they stand")
{
	static const char line[] = A ":1\n";
	static const char bad[] = { 0, 7, '/', ':', '@', 'G', '`', 'g', 0x10,
		0x19, (char)0x80, (char)0xb0, (char)0xff };
	char both[2 * sizeof line];

	for (size_t at = 0; at < 40; at++)
		for (size_t i = 0; i < sizeof bad; i++) {
			struct reading *one = reading();

			memcpy(both, line, sizeof line - 1);
			memcpy(both + sizeof line - 1, line, sizeof line - 1);
			both[sizeof line - 1 + at] = bad[i];
			expect_int(take_bytes(one, both, 2 * sizeof line - 2,
				       BREACH_NO_PREFIX),
			    ERR_INPUT);
			expect_int(one->batch.count, 1);
		}
}

TEST("an error page in place of a list is an error with its line")
{
	expect_refused("", "<html>\n<body>502</body>\n",
	    "list line 1: ", "0 hexadecimal");
	expect_refused(A ":1\n", "<html>\n", "list line 2: ", "0 hexadecimal");
	expect_refused("", "{\"error\": 1}", "list line 1: ", "0 hexadecimal");
	expect_refused("", "fatal\n", "list line 1: ", "2 hexadecimal");
}

TEST("a range file has the digits that its name leaves out")
{
	struct reading *one = reading();
	static const char text[] = MARK REST ":1\r\n" REST ":2\r\n" REST ":3";

	expect_int(take_bytes(one, text, sizeof text - 1, 0x12345), 0);
	expect_int(one->batch.count, 3);
	for (uint32_t i = 0; i < 3; i++)
		expect_taken(one, i, 0x1234589abcdefabc, i + 1);
	expect_int(one->lines.kind, BREACH_SHA1);
	one = reading();
	expect_int(take_bytes(one, NT_REST ":1\n" NT_REST ":1\n", 60, 0xfffff),
	    0);
	expect_taken(one, 1, 0xfffff89abcdefabc, 1);
	expect_int(one->lines.kind, BREACH_NT);
	one = reading();
	expect_int(take_bytes(one, A ":1\n", 43, 0), ERR_INPUT);
	one = reading();
	expect_int(take(one, REST ":1\n"), ERR_INPUT);
}

TEST("where order is wanted, reading stops before what is out of order")
{
	struct reading *one = reading();

	one->lines.ascending = true;
	expect_int(take(one, A ":1\n" B ":1\n" B ":2\n" A ":1\n" B ":1\n"), 0);
	expect(one->lines.descends);
	expect_int(one->batch.count, 3);
	expect_int(one->line, 3);
	expect_int(one->lines.lines, 3);
	one = reading();
	one->lines.ascending = true;
	one->lines.least = 2; /* what is dropped may stand anywhere */
	expect_int(take(one, A ":2\n" B ":1\n" A ":2\n" B ":0\n" A ":3\n"), 0);
	expect(!one->lines.descends);
	one = reading();
	expect_int(take(one, B ":1\n" A ":1\n"), 0);
	expect(!one->lines.descends);
	expect_int(one->batch.count, 2);
}

TEST("the ranges that occur are known, with those of dropped lines")
{
	struct reading *one = reading();
	struct breach_coverage coverage;

	expect_int(take(one, A ":1\n" A ":1\n" B ":0\n"), 0);
	coverage = breach_prefixes_coverage(&one->lines.prefixes);
	expect_int(coverage.count, 2);
	expect_int(coverage.first, 0x01234);
	expect_int(coverage.last, 0xfedcb);
}

static void
expect_word(const struct reading *reading, size_t i, const char *word)
{
	uint8_t hash[BREACH_HASH_MOST];
	uint64_t number = 0;

	expect_int(breach_hash(reading->lines.kind, word, strlen(word), hash),
	    0);
	for (int k = 0; k < 8; k++)
		number = number << 8 | hash[k];
	expect_taken(reading, i, number, 1);
}

TEST("a word list has a password a line, as it was typed")
{
	struct reading *one = reading();

	one->lines.words = true;
	one->lines.kind = BREACH_SHA1;
	expect_int(take(one, MARK "password\r\n\n pass word \n" A ":1\n"
				  "caf\xc3\xa9\nlatin\xe9\ntab\there\nlast"),
	    0);
	expect_int(one->batch.count, 7);
	expect_word(one, 0, "password");
	expect_word(one, 1, " pass word ");
	expect_word(one, 2, A ":1");
	expect_word(one, 3, "caf\xc3\xa9");
	expect_word(one, 4, "latin\xe9");
	expect_word(one, 5, "tab\there");
	expect_word(one, 6, "last");
	expect_int(one->lines.lines, 7);
	expect(!one->lines.counted);
}

TEST("words that are not UTF-8 are in no list of NT hashes, and are counted")
{
	struct reading *one = reading();

	one->lines.words = true;
	one->lines.kind = BREACH_NT;
	expect_int(take(one, "latin\xe9\ncaf\xc3\xa9\n\xff\n"), 0);
	expect_int(one->batch.count, 1);
	expect_word(one, 0, "caf\xc3\xa9");
	expect_int(one->lines.not_utf8, 2);
	expect_int(one->lines.lines, 1);
}

TEST("a line without end is an error before it fills the memory")
{
	static uint8_t room[BREACH_LINE_MOST + 2 + BREACH_TEXT_PADDING];
	struct breach_text text = { room, room + BREACH_LINE_MOST - 1, false,
		"list", 0, BREACH_NO_PREFIX };
	struct reading *one = reading();

	memset(room, 'a', BREACH_LINE_MOST);
	one->lines.words = true;
	one->lines.kind = BREACH_SHA1;
	expect_int(breach_lines_take(&one->lines, &text, &one->batch,
		       &one->why),
	    0);
	expect_int(one->batch.count, 0);
	text.end++;
	expect_int(breach_lines_take(&one->lines, &text, &one->batch,
		       &one->why),
	    ERR_INPUT);
	expect_text(one->why.text, "list line 1: it has more than 65536 bytes");
}

/* Takes the text in two parts, as a file is read. */
static void
take_parted(struct reading *one, const char *text, size_t first)
{
	size_t n = strlen(text);
	uint8_t *room = calloc(1, n + BREACH_TEXT_PADDING);
	struct breach_text at = { room, room + first, false, "list", 0,
		BREACH_NO_PREFIX };

	expect(room != NULL);
	memcpy(room, text, first);
	expect_int(breach_lines_take(&one->lines, &at, &one->batch, &one->why),
	    0);
	expect(at.at <= room + first);
	memcpy(room, text, n);
	at.end = room + n;
	at.whole = true;
	expect_int(breach_lines_take(&one->lines, &at, &one->batch, &one->why),
	    0);
	expect(at.at == at.end);
	free(room);
}

TEST("it does not matter where a block ends")
{
	static const char text[] =
	    MARK A ":1\r\n" A ":23\n\r\n" MARK B ":456\r\n" B ":7";

	for (size_t first = 0; first < sizeof text; first++) {
		struct reading *one = reading();

		take_parted(one, text, first);
		expect_int(one->batch.count, 4);
		expect_taken(one, 0, hash_a, 1);
		expect_taken(one, 1, hash_a, 23);
		expect_taken(one, 2, hash_b, 456);
		expect_taken(one, 3, hash_b, 7);
		expect_int(one->lines.lines, 4);
	}
}

TEST("a full batch is left where it is full")
{
	struct reading *one = reading();
	size_t lines = BREACH_BATCH + 5;
	char *text = malloc(lines * 43 + 1);

	expect(text != NULL);
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * 43, A ":1\n", 44);
	expect_int(take(one, text), 0);
	expect_int(one->batch.count, BREACH_BATCH);
	expect_int(one->line, BREACH_BATCH);
	free(text);
}
