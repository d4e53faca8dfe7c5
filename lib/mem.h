/* Memory that is wiped, compared and given back without thinking of it. */
#ifndef MEM_H
#define MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites n bytes in a way the compiler does not drop.  p may be NULL. */
void mem_wipe(void *p, size_t n);

/* Whether n bytes are equal, in a time that depends on n alone. */
bool mem_equal(const void *a, const void *b, size_t n);

/*
 * n zero bytes for secrets, in pages of their own: kept out of core dumps and
 * of forked children, and out of swap where the limits allow it.  NULL: none
 * to be had.  secret_free wipes; it takes the same n, and p may be NULL.
 */
void *secret_new(size_t n);
void secret_free(void *p, size_t n);

/*
 * A local that cleans up after itself, whichever way the function is left:
 * AUTO_FREE frees; AUTO_WIPE wipes a string and frees it; AUTO_CLOSE closes a
 * descriptor (-1: none).
 */
#define AUTO_FREE  __attribute__((cleanup(mem_auto_free)))
#define AUTO_WIPE  __attribute__((cleanup(mem_auto_wipe)))
#define AUTO_CLOSE __attribute__((cleanup(mem_auto_close)))

void mem_auto_free(void *p);
void mem_auto_wipe(char **string);
void mem_auto_close(int *fd);

#endif
