/* What somebody typed, read once and strictly. */
#include "answer.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* Of the bytes 01 to 0f, by another program. */
#define RECOVERY "04106-1050R-3GG28-A1C60-T3GF6"
static const uint8_t recovery_bytes[RECOVERY_BYTES] = { 1, 2, 3, 4, 5, 6, 7, 8,
	9, 10, 11, 12, 13, 14, 15 };

static void
expect_code(const char *text, const char *code)
{
	struct answer answer;

	answer_read(text, &answer);
	expect_int(answer.kind, ANSWER_CODE);
	expect_text(answer.code, code);
}

static void
expect_recovery(const char *text)
{
	struct answer answer;

	answer_read(text, &answer);
	expect_int(answer.kind, ANSWER_RECOVERY);
	expect_bytes(answer.recovery, recovery_bytes, RECOVERY_BYTES);
	expect_text(answer.code, "");
}

static void
expect_kind(const char *text, enum answer_kind kind)
{
	static const struct answer empty;
	struct answer answer;

	memset(&answer, 0xff, sizeof answer);
	answer_read(text, &answer);
	expect_int(answer.kind, kind);
	expect_text(answer.code, "");
	expect_bytes(answer.recovery, empty.recovery, RECOVERY_BYTES);
}

TEST("six, seven or eight digits are a code, leading zeros included")
{
	expect_code("755224", "755224");
	expect_code("7552240", "7552240");
	expect_code("07552240", "07552240");
	expect_code("000000", "000000");
}

TEST("blanks, dashes and line ends in a code do not matter")
{
	expect_code(" 755 224 ", "755224");
	expect_code("755-224\r\n", "755224");
	expect_code("7\t5\t5\t2\t2\t4", "755224");
	expect_code("\n\n755224", "755224");
	expect_code("--7-5-5-2-2-4--", "755224");
	expect_code("     7     5     5     2     2     4     0     0     ",
	    "75522400");
}

TEST("five, nine and ten thousand digits are malformed")
{
	char many[10001];

	expect_kind("75522", ANSWER_MALFORMED);
	expect_kind("755224755", ANSWER_MALFORMED);
	memset(many, '7', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	expect_kind(many, ANSWER_MALFORMED);
	many[500] = '\0';
	expect_kind(many, ANSWER_MALFORMED);
	many[25] = '\0'; /* a recovery code's length, and a wrong check */
	expect_kind(many, ANSWER_MALFORMED);
}

TEST("signs, hex, exponents, dots and letters are malformed")
{
	static const char *const bad[] = { "+755224", "0x7552", "75522e",
		"7.55224", "755,224", "755_224", "'755224'", "75522O", "abcdef",
		"%n%n%n", "755224;", "755224\\n", "755224\v", "755224\f" };

	for (size_t i = 0; i < ROWS(bad); i++)
		expect_kind(bad[i], ANSWER_MALFORMED);
}

TEST("digits of other scripts and bad UTF-8 are malformed")
{
	expect_kind("\xd9\xa7\xd9\xa5\xd9\xa5\xd9\xa2\xd9\xa2\xd9\xa4",
	    ANSWER_MALFORMED); /* Arabic-Indic */
	expect_kind("\xef\xbc\x97\xef\xbc\x95", ANSWER_MALFORMED);
	expect_kind("75522\xc2", ANSWER_MALFORMED);
	expect_kind("755224\xc2\xa0", ANSWER_MALFORMED); /* no-break space */
	expect_kind("\xff\xfe\xfd\xfc\xfb\xfa", ANSWER_MALFORMED);
	expect_kind("\033[31m755224", ANSWER_MALFORMED);
	expect_kind("755224\xf0", ANSWER_MALFORMED);
}

TEST("nothing, an empty answer and one of blanks alone are malformed")
{
	expect_kind(NULL, ANSWER_MALFORMED);
	expect_kind("", ANSWER_MALFORMED);
	expect_kind("   ", ANSWER_MALFORMED);
	expect_kind("\r\n", ANSWER_MALFORMED);
	expect_kind("------", ANSWER_MALFORMED);
}

TEST("an answer of 512 bytes is read, one of 513 is not looked at")
{
	char text[ANSWER_LONGEST + 2];

	memset(text, ' ', sizeof text);
	memcpy(text, "755224", 6);
	text[ANSWER_LONGEST] = '\0';
	expect_code(text, "755224");
	text[ANSWER_LONGEST] = ' ';
	text[ANSWER_LONGEST + 1] = '\0';
	expect_kind(text, ANSWER_MALFORMED);
}

TEST("sixteen megabytes are malformed at once")
{
	size_t n = (size_t)16 << 20;
	char *text = malloc(n);

	expect(text != NULL);
	memset(text, ' ', n);
	text[n - 1] = '\0';
	expect_kind(text, ANSWER_MALFORMED);
	free(text);
}

TEST("what sshd types for a login it will refuse is told from a guess")
{
	expect_kind("\b\n\r\177INCORRECT", ANSWER_CALLER_BLOCKED);
	expect_kind("\b\n\r\177INCORRECT\b\n\r\177INC", ANSWER_CALLER_BLOCKED);
	expect_kind("\b\n\r\177INCORREC", ANSWER_CALLER_BLOCKED);
	expect_kind("\b\n\r\177IN", ANSWER_CALLER_BLOCKED);
	expect_kind("\b", ANSWER_CALLER_BLOCKED);
	expect_kind("\b\n\r\177INCORRECTX", ANSWER_MALFORMED);
	expect_kind("INCORRECT", ANSWER_MALFORMED);
	expect_kind(" \b\n\r\177INCORRECT", ANSWER_MALFORMED);
}

TEST("a recovery code is read in every spelling people use")
{
	expect_recovery(RECOVERY);
	expect_recovery("041061050R3GG28A1C60T3GF6");
	expect_recovery("04106 1050r 3gg28 a1c60 t3gf6\n");
	expect_recovery("o4lO6-iO5oR-3gG28-aIc6o-T3gF6");
	expect_recovery("  04106-1050R-3GG28-\r\n A1C60-T3GF6  ");
}

TEST("a recovery code with one wrong, missing or extra character is malformed")
{
	expect_kind("04106-1050R-3GG28-A1C60-T3GF7", ANSWER_MALFORMED);
	expect_kind("14106-1050R-3GG28-A1C60-T3GF6", ANSWER_MALFORMED);
	expect_kind("04106-1050R-3GG28-A1C60-T3GF", ANSWER_MALFORMED);
	expect_kind("04106-1050R-3GG28-A1C60-T3GF66", ANSWER_MALFORMED);
	expect_kind("04106.1050R.3GG28.A1C60.T3GF6", ANSWER_MALFORMED);
}

TEST("a code stands in the last digits of a password with a code behind it")
{
	expect_int(answer_split("hunter2755224", 6), 7);
	expect_int(answer_split("hunter275522400", 8), 7);
	expect_int(answer_split("755224", 6), 0);
	expect_int(answer_split("12345678", 6), 2);
	expect_int(answer_split("pass word 755224", 6), 10);
}

TEST("a password with fewer digits at its end has no code in it")
{
	expect_int(answer_split("hunter2", 6), 7);
	expect_int(answer_split("hunter2 75522", 6), 13);
	expect_int(answer_split("755224x", 6), 7);
	expect_int(answer_split("75522", 6), 5);
	expect_int(answer_split("", 6), 0);
	expect_int(answer_split("7552\xd9\xa7", 6), 6);
}

TEST("a recovery code behind a password is found in its shown form alone")
{
	size_t password = strlen("hunter2");

	expect_int(answer_split("hunter2" RECOVERY, 6), password);
	expect_int(answer_split(RECOVERY, 6), 0);
	expect_int(answer_split("hunter204106-1050r-3gg28-a1c60-t3gf6", 6),
	    password);
	expect_int(answer_split("hunter2041061050R3GG28A1C60T3GF6", 6), 32);
	expect_int(answer_split("hunter204106-1050R-3GG28-A1C60-T3GF7", 6), 36);
	expect_int(answer_split("hunter204106-1050R3-GG28-A1C60-T3GF6", 6), 36);
}

TEST("a recovery code that lacks its first character is none")
{
	/* The character is in memory, before the text. */
	expect_int(answer_split(&RECOVERY[1], 6), strlen(RECOVERY) - 1);
}

TEST("a recovery code of digits behind a password is not cut as a code")
{
	/* All bits zero: 24 zeros and a check symbol that is one too. */
	expect_int(answer_split("pw00000-00000-00000-00000-00000", 6), 2);
	expect_int(answer_split("pw00000-00000-00000-00000-000000", 6), 26);
}

TEST("what sshd types has no password before it")
{
	expect_int(answer_split("\b\n\r\177INCORRECT\b\n\r", 6), 0);
}

TEST("a password longer than any answer has no code in it")
{
	char text[ANSWER_LONGEST + 2];

	memset(text, '7', sizeof text);
	text[ANSWER_LONGEST + 1] = '\0';
	expect_int(answer_split(text, 6), ANSWER_LONGEST + 1);
	text[ANSWER_LONGEST] = '\0';
	expect_int(answer_split(text, 6), ANSWER_LONGEST - 6);
}
