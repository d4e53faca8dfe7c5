#include "mem.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void
mem_wipe(void *p, size_t n)
{
	if (p != NULL && n > 0)
		explicit_bzero(p, n);
}

bool
mem_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}

void *
secret_new(size_t n)
{
	int saved;
	void *p;

	p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	/* Each of these is a second fence; the login does not hang on it. */
	saved = errno;
	(void)mlock(p, n);
	(void)madvise(p, n, MADV_DONTDUMP);
	(void)madvise(p, n, MADV_WIPEONFORK);
	errno = saved;
	return p;
}

void
secret_free(void *p, size_t n)
{
	int saved = errno;

	if (p == NULL)
		return;
	mem_wipe(p, n);
	(void)munmap(p, n); /* unlocks too; pages are ours alone */
	errno = saved;
}

void
mem_auto_free(void *p)
{
	free(*(void **)p);
}

void
mem_auto_wipe(char **string)
{
	if (*string == NULL)
		return;
	mem_wipe(*string, strlen(*string));
	free(*string);
}

void
mem_auto_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}
