/* Where a login comes from: the client's address, and the keys it has shown,
 * as told by a program whose word counts. */
#ifndef ORIGIN_H
#define ORIGIN_H

enum { ORIGIN_ADDRESS_SIZE = 64 };

struct origin {
	char address[ORIGIN_ADDRESS_SIZE]; /* not checked; "": not known */
	const char *key; /* a hardware-backed key's type; NULL: none shown */
};

/*
 * Learns the address from sshd's SSH_CONNECTION, "ADDRESS PORT ADDRESS PORT",
 * the client's first.  Anything else, or NULL, tells nothing.
 */
void origin_take_connection(struct origin *origin, const char *connection);

/*
 * Learns from sshd's SSH_AUTH_INFO_0, a line for each method that has
 * succeeded, whether one of them was a hardware-backed key: "publickey TYPE
 * BASE64".  Anything else, or NULL, tells nothing.
 */
void origin_take_auth_info(struct origin *origin, const char *info);

/* An address as such, or anything else, which is then in no network. */
void origin_take_address(struct origin *origin, const char *address);

#endif
