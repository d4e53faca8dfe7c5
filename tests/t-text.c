/* Strict reading of ASCII text. */
#include "err.h"
#include "test.h"
#include "text.h"

#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

TEST("only the ten ASCII digits are digits, and only space and tab are blank")
{
	unsigned digits = 0, blanks = 0;

	for (int c = -128; c < 128; c++) {
		digits += text_is_digit((char)c);
		blanks += text_is_blank((char)c);
	}
	expect_int(digits, 10);
	expect(text_is_digit('0') && text_is_digit('9'));
	expect_int(blanks, 2);
	expect(text_is_blank(' ') && text_is_blank('\t'));
}

TEST("a number is its decimal digits, up to the largest there is")
{
	uint64_t number = 1;

	expect_int(text_number("0", 0, UINT64_MAX, &number), 0);
	expect(number == 0);
	expect_int(text_number("1030", 0, UINT64_MAX, &number), 0);
	expect(number == 1030);
	expect_int(text_number("18446744073709551615", 0, UINT64_MAX, &number),
	    0);
	expect(number == UINT64_MAX);
}

TEST("signs, blanks, hex, exponents and dots make no number")
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1",
		"1e3", "1.0", "1,000", "1_000", "01", "00", "1\n", "ten", "\t",
		"\xd9\xa1", "\xef\xbc\x91", "18446744073709551616",
		"99999999999999999999999999999999999999999999999" };
	uint64_t number = 7;

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(text_number(bad[i], 0, UINT64_MAX, &number),
		    ERR_INPUT);
	expect(number == 7);
}

TEST("a number's limits belong to it, and what is beyond them does not")
{
	uint64_t number = 7;

	expect_int(text_number("4", 5, 9, &number), ERR_INPUT);
	expect_int(text_number("10", 5, 9, &number), ERR_INPUT);
	expect(number == 7);
	expect_int(text_number("5", 5, 9, &number), 0);
	expect(number == 5);
	expect_int(text_number("9", 5, 9, &number), 0);
	expect(number == 9);
}

TEST("a duration is a number and one of four units")
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} rows[] = { { "0s", 0 }, { "90s", 90 }, { "5m", 300 },
		{ "12h", 43200 }, { "3d", 259200 } };
	uint64_t seconds;

	for (size_t i = 0; i < ROWS(rows); i++) {
		seconds = 1;
		expect_int(text_duration(rows[i].text, 0, 1000000, &seconds),
		    0);
		expect(seconds == rows[i].seconds);
	}
}

TEST("a duration without a unit, with another, or with two is refused")
{
	static const char *const bad[] = { "", "s", "90", "90 s", "90S", "1w",
		"1h30m", "-1s", "1.5h", "01s", "90s ", " 90s", "0x5m" };
	uint64_t seconds = 7;

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(text_duration(bad[i], 0, 1000000, &seconds),
		    ERR_INPUT);
	expect(seconds == 7);
}

TEST("a duration's limits hold in seconds, whatever its unit")
{
	uint64_t seconds = 7;

	expect_int(text_duration("1h", 1, 3600, &seconds), 0);
	expect(seconds == 3600);
	expect_int(text_duration("60m", 1, 3600, &seconds), 0);
	expect(seconds == 3600);
	seconds = 7;
	expect_int(text_duration("61m", 1, 3600, &seconds), ERR_INPUT);
	expect_int(text_duration("3601s", 1, 3600, &seconds), ERR_INPUT);
	expect_int(text_duration("2h", 1, 3600, &seconds), ERR_INPUT);
	expect_int(text_duration("59s", 60, 3600, &seconds), ERR_INPUT);
	expect_int(text_duration("0m", 1, 3600, &seconds), ERR_INPUT);
	expect(seconds == 7);
}

TEST("a date is a day of the calendar, as the time at which it begins in UTC")
{
	static const struct {
		const char *text;
		uint64_t time;
	} rows[] = { { "1970-01-01", 0 }, { "1970-12-31", 31449600 },
		{ "1972-02-29", 68169600 }, { "1972-03-01", 68256000 },
		{ "2000-02-29", 951782400 }, { "2001-01-01", 978307200 },
		{ "2027-01-15", 1799971200 }, { "2100-03-01", 4107542400 },
		{ "9999-12-31", 253402214400 } };
	uint64_t time;

	for (size_t i = 0; i < ROWS(rows); i++) {
		time = 7;
		expect_int(text_date(rows[i].text, &time), 0);
		expect_int(time, rows[i].time);
	}
}

TEST("a day that no calendar has, or in another form, is refused")
{
	static const char *const bad[] = { "", "2027-01-1", "2027-01-155",
		"27-01-15", "2027-1-15", "2027/01/15", "2027-01/15",
		"15-01-2027", "2027-00-15", "2027-13-15", "2027-01-00",
		"2027-01-32", "2027-04-31", "2027-02-29", "2100-02-29",
		"1969-12-31", "0000-01-01", "2027-01-1x", "2027-+1-15",
		" 2027-01-15", "20x7-01-15", "tomorrow", "2027-01-15 " };
	uint64_t time = 7;

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_int(text_date(bad[i], &time), ERR_INPUT);
	expect_int(time, 7);
}

TEST("a duration beyond 64 bits does not come around again")
{
	uint64_t seconds = 7;

	expect_int(text_duration("213503982334602d", 0, UINT64_MAX, &seconds),
	    ERR_INPUT);
	expect_int(text_duration("18446744073709551615d", 0, UINT64_MAX,
		       &seconds),
	    ERR_INPUT);
	expect(seconds == 7);
}

TEST("what follows a prefix begins right behind it")
{
	const char *text = "config=/etc/x";

	expect(text_after(text, "config=") == text + 7);
	expect(text_after(text, "") == text);
	expect_text(text_after(text, text), "");
	expect(text_after(text, "config =") == NULL);
	expect(text_after(text, "Config=") == NULL);
	expect(text_after("conf", "config") == NULL);
	expect(text_after("", "c") == NULL);
}

TEST("a text is copied whole or not at all")
{
	char room[4] = "old";

	expect_int(text_copy(room, sizeof room, "four"), ERR_INPUT);
	expect_text(room, "old");
	expect_int(text_copy(room, sizeof room, "new"), 0);
	expect_text(room, "new");
	expect_int(text_copy(room, sizeof room, ""), 0);
	expect_text(room, "");
	expect_int(text_copy(room, 0, ""), ERR_INPUT);
}

TEST("words are separated by any number of commas and blanks")
{
	const char *at = ", alice,bob\tcarol  ,, dave ,", *word = NULL;
	static const char *const words[] = { "alice", "bob", "carol", "dave" };
	size_t len = 0;

	for (size_t i = 0; i < ROWS(words); i++) {
		expect(text_next_word(&at, &word, &len));
		expect_int(len, strlen(words[i]));
		expect_bytes(word, words[i], len);
	}
	expect(!text_next_word(&at, &word, &len));
	expect(!text_next_word(&at, &word, &len));
}

TEST("a list of nothing but separators has no words")
{
	const char *at = "", *word = NULL;
	size_t len = 0;

	expect(!text_next_word(&at, &word, &len));
	at = " ,\t, ";
	expect(!text_next_word(&at, &word, &len));
}

TEST("an escaped text is one line of printable ASCII without quotes")
{
	char text[256], room[1100];

	for (size_t i = 0; i < 255; i++)
		text[i] = (char)(i + 1);
	text[255] = '\0';
	expect(text_escape(room, sizeof room, text) == room);
	for (const char *c = room; *c != '\0'; c++)
		expect(*c >= ' ' && *c <= '~' && *c != '"');
	expect(strstr(room, "\\x01\\x02") == room);
	expect(strstr(room, "!\\x22#") != NULL);
	expect(strstr(room, "[\\x5c]") != NULL);
	expect(strstr(room, "~\\x7f\\x80") != NULL);
	expect(strstr(room, "\\xff") == room + strlen(room) - 4);
}

TEST("an escaped text cannot be taken for another one")
{
	char a[40], b[40];

	expect_text(text_escape(a, sizeof a, "\n"), "\\x0a");
	expect_text(text_escape(b, sizeof b, "\\x0a"), "\\x5cx0a");
}

TEST("an escaped text is cut before a sequence that has no room")
{
	char room[6] = "zzzzz";

	expect_text(text_escape(room, sizeof room, "ab\ncd"), "ab");
	expect_text(text_escape(room, sizeof room, "a\ncd"), "a\\x0a");
	expect_text(text_escape(room, sizeof room, "abcdefg"), "abcde");
	expect_text(text_escape(room, 1, "abc"), "");
}

TEST("an escaped text shows 256 bytes of what was given, and no more")
{
	char text[301], room[2000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	expect_int(strlen(text_escape(room, sizeof room, text)), 256);
	memset(text, '\n', sizeof text - 1);
	expect_int(strlen(text_escape(room, sizeof room, text)), 4 * 256);
}

TEST("no text at all reads as an empty one")
{
	char room[4] = "old";

	expect_text(text_escape(room, sizeof room, NULL), "");
}

TEST("what is added to a text is cut where the room ends")
{
	char room[8] = "ab";

	text_append(room, sizeof room, "%d%s", 34, "");
	expect_text(room, "ab34");
	text_append(room, sizeof room, "%s", "567890");
	expect_text(room, "ab34567");
	text_append(room, sizeof room, "more");
	expect_text(room, "ab34567");
}
