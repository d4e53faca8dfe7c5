#include "sweep_alloc.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* The loader allocates before a thread sanitizer is ready to watch it. */
#define UNWATCHED __attribute__((no_sanitize("thread")))
#define IN_FRONT  UNWATCHED __attribute__((visibility("default")))

/* libc's own, and a sanitizer's where there is one. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);
extern void *__interceptor_malloc(size_t n) __attribute__((weak));
extern void *__interceptor_calloc(size_t count, size_t n) __attribute__((weak));
extern void *__interceptor_realloc(void *p, size_t n) __attribute__((weak));

static struct {
	bool counts, on;
	unsigned count, fails;
} memory;

void
alloc_begin(unsigned k, bool on)
{
	memory.count = 0;
	memory.fails = k;
	memory.on = on;
	memory.counts = true;
}

unsigned
alloc_end(void)
{
	memory.counts = false;
	return memory.count;
}

bool
alloc_can_fail(void)
{
	/* A compiler knows of malloc that it counts nothing. */
	void *(*volatile call)(size_t) = malloc;

	alloc_begin(0, false);
	free(call(1));
	return alloc_end() > 0;
}

UNWATCHED static bool
runs_out(void)
{
	if (!memory.counts)
		return false;
	memory.count++;
	if (memory.fails == 0 || memory.count < memory.fails ||
	    (memory.count > memory.fails && !memory.on))
		return false;
	errno = ENOMEM;
	return true;
}

IN_FRONT void *
malloc(size_t n)
{
	if (runs_out())
		return NULL;
	return __interceptor_malloc != NULL ? __interceptor_malloc(n)
					    : __libc_malloc(n);
}

IN_FRONT void *
calloc(size_t count, size_t n)
{
	if (runs_out())
		return NULL;
	return __interceptor_calloc != NULL ? __interceptor_calloc(count, n)
					    : __libc_calloc(count, n);
}

IN_FRONT void *
realloc(void *p, size_t n)
{
	if (runs_out())
		return NULL;
	return __interceptor_realloc != NULL ? __interceptor_realloc(p, n)
					     : __libc_realloc(p, n);
}
