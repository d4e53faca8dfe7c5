/* Networks of the Internet, as people write them in a list. */
#ifndef NETWORK_H
#define NETWORK_H

#include "err.h"

#include <stdbool.h>

/*
 * Whether each word of a list (text_next_word) is a network: 192.0.2.0/24,
 * 2001:db8::/32, or an address alone.  Nothing but zeros may follow the bits
 * that are given, and what is IPv4 is written as such.  Returns 0, or
 * ERR_INPUT with the word in *why.
 */
int network_list_check(const char *list, struct trouble *why);

/*
 * Whether a list that has been checked holds an address.  A host name, an
 * address with a zone (fe80::1%eth0) or an IPv4 address dressed as IPv6
 * (::ffff:192.0.2.1) is in no list.
 */
bool network_list_holds(const char *list, const char *address);

#endif
