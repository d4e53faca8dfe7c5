/* Memory for secrets: wiped, compared as a whole, kept from others. */
#include "mem.h"
#include "scratch.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECRET_BYTES = 5000 }; /* more than one page */

static bool was_wiped; /* the memory that was given back last */

/* In front of libc's: the last moment in which anybody can look. */
int
munmap(void *p, size_t n)
{
	const uint8_t *bytes = p;

	was_wiped = true;
	for (size_t i = 0; i < SECRET_BYTES && i < n; i++)
		was_wiped = was_wiped && bytes[i] == 0;
	return (int)syscall(SYS_munmap, p, n);
}

TEST("wiping leaves zeros, and nothing but the wiped bytes changes")
{
	char bytes[] = "before secret behind";

	mem_wipe(bytes + 7, 6);
	expect_bytes(bytes, "before \0\0\0\0\0\0 behind", sizeof bytes);
	mem_wipe(bytes, 0);
	expect_int(bytes[0], 'b');
	mem_wipe(NULL, 0);
	mem_wipe(NULL, 6);
}

TEST("bytes are equal only if every single one is")
{
	uint8_t a[40], b[40];

	memset(a, 0x5a, sizeof a);
	memset(b, 0x5a, sizeof b);
	expect(mem_equal(a, b, sizeof a));
	for (size_t i = 0; i < sizeof b; i++)
		for (int bit = 0; bit < 8; bit++) {
			b[i] ^= (uint8_t)(1 << bit);
			expect(!mem_equal(a, b, sizeof a));
			expect(mem_equal(a, b, i));
			b[i] = a[i];
		}
}

TEST("two differences do not cancel each other out")
{
	expect(!mem_equal("\x01\x01", "\x02\x02", 2));
	expect(!mem_equal("ab", "ba", 2));
	expect(!mem_equal("\x80\x80", "\x00\x00", 2));
}

TEST("memory for secrets begins as zeros and can be written to its end")
{
	static const uint8_t zeros[SECRET_BYTES];
	uint8_t *secret = secret_new(SECRET_BYTES);

	expect(secret != NULL);
	expect_bytes(secret, zeros, SECRET_BYTES);
	memset(secret, 1, SECRET_BYTES);
	secret_free(secret, SECRET_BYTES);
	secret_free(NULL, SECRET_BYTES);
}

TEST("a secret is wiped before its memory is given back")
{
	uint8_t *secret = secret_new(SECRET_BYTES);

	expect(secret != NULL);
	memset(secret, 0x77, SECRET_BYTES);
	was_wiped = false;
	secret_free(secret, SECRET_BYTES);
	expect(was_wiped);
}

/* Whether the child finds the secret: 0 for no. */
static int
finds_secret(void *with)
{
	const uint8_t *secret = with;

	for (size_t i = 0; i < SECRET_BYTES; i++)
		if (secret[i] != 0)
			return 1;
	return 0;
}

TEST("a forked child does not inherit a secret")
{
	uint8_t *secret = secret_new(SECRET_BYTES);

	expect(secret != NULL);
	memset(secret, 0x77, SECRET_BYTES);
	expect_int(scratch_child(finds_secret, secret), 0);
	expect_int(secret[0], 0x77);
	expect_int(secret[SECRET_BYTES - 1], 0x77);
	secret_free(secret, SECRET_BYTES);
}

/* The kernel's flags of the mapping that begins at p. */
static void
mapping_flags(const void *p, char *room, size_t room_size)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long start, end;
	char line[512];
	int here = 0;

	room[0] = '\0';
	while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (uintptr_t)p >= start && (uintptr_t)p < end;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(room, room_size, "%s", line);
	}
	if (maps != NULL)
		fclose(maps);
}

TEST("a secret is left out of core dumps")
{
	void *secret = secret_new(SECRET_BYTES);
	char flags[512];

	expect(secret != NULL);
	mapping_flags(secret, flags, sizeof flags);
	secret_free(secret, SECRET_BYTES);
	if (flags[0] == '\0')
		NOT_TESTED("/proc does not tell");
	expect(strstr(flags, " dd") != NULL);
}

TEST("making and freeing a secret keeps errno")
{
	void *secret;

	errno = EXDEV;
	secret = secret_new(SECRET_BYTES);
	expect(secret != NULL);
	expect_int(errno, EXDEV);
	secret_free(secret, SECRET_BYTES);
	expect_int(errno, EXDEV);
}

TEST("memory that cannot be had is NULL")
{
	expect(secret_new(SIZE_MAX - 65536) == NULL);
}

static void
leave(int fd)
{
	AUTO_CLOSE
	int closes = fd;
	AUTO_CLOSE
	int none = -1;
	AUTO_FREE char *freed = malloc(10);
	AUTO_WIPE char *wiped = strdup("secret");
	AUTO_WIPE char *empty = NULL;

	expect(freed != NULL && wiped != NULL);
	expect(closes >= 0 && none < 0 && empty == NULL);
	errno = EXDEV;
}

TEST("a local that cleans up closes its descriptor and keeps errno")
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	leave(fd);
	expect_int(errno, EXDEV);
	expect_int(fcntl(fd, F_GETFD), -1);
	expect_int(errno, EBADF);
}
