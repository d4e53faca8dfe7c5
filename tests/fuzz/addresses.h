/* Which networks there are and what is in them, said a second time and slowly:
 * from RFC 4291 and the manual, bit by bit, without inet_pton. */
#ifndef ADDRESSES_H
#define ADDRESSES_H

#include <stdbool.h>

/* Whether every word of the list may stand there. */
bool addresses_fit(const char *list);

/* Whether a list that fits holds the address. */
bool addresses_hold(const char *list, const char *address);

#endif
