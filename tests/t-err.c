/* Every failure has a text of its own, and telling it loses nothing. */
#include "err.h"
#include "test.h"

#include <errno.h>
#include <string.h>

enum { LAST = ERR_UNSUPPORTED };

TEST("every error has an English text of its own")
{
	for (int a = 0; a >= LAST; a--) {
		expect(strlen(err_text(a)) > 4);
		expect(strcmp(err_text(a), "unknown error") != 0);
		for (int b = a - 1; b >= LAST; b--)
			expect(strcmp(err_text(a), err_text(b)) != 0);
	}
}

TEST("a number that is no error has a text too")
{
	expect_text(err_text(LAST - 1), "unknown error");
	expect_text(err_text(1), "unknown error");
}

TEST("telling an error returns it, and writes the formatted text")
{
	struct trouble why = { "before" };

	expect_int(err_say(&why, ERR_DAMAGED, "%s has %d bytes", "x", 3),
	    ERR_DAMAGED);
	expect_text(why.text, "x has 3 bytes");
}

TEST("what was told can be told anew, in other words and alone")
{
	struct trouble why = { "no disk" };

	err_say(&why, ERR_IO, "cannot write: %s", why.text);
	expect_text(why.text, "cannot write: no disk");
	err_say(&why, ERR_IO, "%s", why.text);
	expect_text(why.text, "cannot write: no disk");
}

TEST("an error can be told to nobody")
{
	expect_int(err_say(NULL, ERR_IO, "%s", "unheard"), ERR_IO);
}

TEST("telling an error keeps errno, and %m gives its text")
{
	struct trouble why = { "" };

	errno = ENOSPC;
	expect_int(err_say(&why, ERR_IO, "writing: %m"), ERR_IO);
	expect_int(errno, ENOSPC);
	expect_text(why.text, "writing: No space left on device");
}

TEST("a text that is too long is cut, not written past its room")
{
	struct trouble why[2] = { { "" }, { "the neighbour" } };
	char text[sizeof why[0].text + 100];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	expect_int(err_say(&why[0], ERR_IO, "%s", text), ERR_IO);
	expect_int(strlen(why[0].text), sizeof why[0].text - 1);
	expect_text(why[1].text, "the neighbour");
}
