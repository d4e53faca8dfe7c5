/*
 * networks: a list of networks, and an address.
 *
 * Input: the list, a NUL, and the address.
 *
 * Oracle: a second matcher, which compares bit by bit and does without
 * inet_pton, takes the same lists and finds the same addresses in them.  So no
 * name, zone or IPv4 address dressed as IPv6 is in any.  A refusal is told in
 * one line.
 */
#include "addresses.h"
#include "fuzz.h"
#include "network.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	size_t len = strnlen((const char *)bytes, n);
	char *list = strndup((const char *)bytes, len);
	char *address =
	    len < n ? strndup((const char *)bytes + len + 1, n - len - 1)
		    : strdup("");
	struct trouble why = { "" };
	int r;

	MUST(list != NULL && address != NULL);
	r = network_list_check(list, &why);
	MUST(r == (addresses_fit(list) ? 0 : ERR_INPUT));
	if (r == 0)
		MUST(network_list_holds(list, address) ==
		     addresses_hold(list, address));
	else
		MUST(is_one_line(&why));
	free(list);
	free(address);
	return 0;
}
