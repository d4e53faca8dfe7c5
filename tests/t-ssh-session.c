/* The SSH login that a process comes from. */
#include "ssh_session.h"

#include "scratch.h"
#include "test.h"

#include <stdio.h>
#include <unistd.h>

#define BEHIND \
	" S 41 42 42 34816 55 4194304 900 0 0 0 1 2 0 0 20 0 1 0 777123 9 8"

TEST("a process's parent and start are read, whatever the process is called")
{
	static const char *const names[] = { "(sshd)", "(a b)", "(())",
		"() S 1 2 3 (x)", "(\\n)" };
	char text[512];
	uint64_t parent, ticks;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(text, sizeof text, "42 %s" BEHIND, names[i]);
		parent = ticks = 0;
		expect_int(process_stat_read(text, &parent, &ticks), 0);
		expect_int(parent, 41);
		expect_int(ticks, 777123);
	}
}

TEST("what is not a whole line about a process is refused")
{
	static const char *const texts[] = { "", "42", "42 (sshd)",
		"42 (sshd) S", "42 (sshd) S 41 42", "42 (sshd) S -1" BEHIND,
		"42 (sshd)S 41" BEHIND };
	uint64_t parent, ticks;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		expect_int(process_stat_read(texts[i], &parent, &ticks),
		    ERR_INPUT);
}

TEST("a login is after a moment if it began later, or in another life of the "
     "machine")
{
	const struct moment made = { "one", 100 };
	const struct moment before = { "one", 99 }, same = { "one", 100 };
	const struct moment later = { "one", 101 }, other = { "two", 5 };

	expect(!moment_is_after(&before, &made));
	expect(!moment_is_after(&same, &made));
	expect(moment_is_after(&later, &made));
	expect(moment_is_after(&other, &made));
}

TEST("now is after what began, by the clock that processes start by")
{
	struct moment now, again;

	expect_int(moment_now(&now, NULL), 0);
	expect_int(moment_now(&again, NULL), 0);
	expect(now.boot[0] != '\0' && now.ticks > 0);
	expect_text(now.boot, again.boot);
	expect(again.ticks >= now.ticks);
	expect(!process_runs_sshd(getpid()));
}
