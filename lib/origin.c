#include "origin.h"

#include "err.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	CONNECTION_SIZE = 128, /* sshd's longest has 113 bytes */
	FIELDS = 4,	       /* of a connection */
	PORT_MOST = 65535,
};

/* The types of keys that live in a token, and how the base64 of each begins:
 * a key repeats its type inside. */
static const struct {
	const char *type, *begins;
} hardware[] = {
	{ "sk-ssh-ed25519@openssh.com",
	    "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t" },
	{ "sk-ssh-ed25519-cert-v01@openssh.com",
	    "AAAAI3NrLXNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t" },
	{ "sk-ecdsa-sha2-nistp256@openssh.com",
	    "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5j" },
	{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
	    "AAAAK3NrLWVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5j" },
};

static bool
is_base64(const char *text, size_t len)
{
	size_t padding = 0;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len - padding; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy"
			   "z"
			   "0123456789+/",
			text[i]) == NULL)
			return false;
	return len > 0 && len % 4 == 0;
}

/* The type of a hardware-backed key, if line[0..len) shows one. */
static const char *
hardware_key(const char *line, size_t len)
{
	for (size_t i = 0; i < sizeof hardware / sizeof hardware[0]; i++) {
		const char *at = text_after(line, "publickey ");

		if (at == NULL ||
		    (at = text_after(at, hardware[i].type)) == NULL ||
		    (at = text_after(at, " ")) == NULL ||
		    (at = text_after(at, hardware[i].begins)) == NULL)
			continue;
		if (is_base64(at, len - (size_t)(at - line)))
			return hardware[i].type;
	}
	return NULL;
}

void
origin_take_auth_info(struct origin *origin, const char *info)
{
	const char *end;

	for (; info != NULL && (end = strchr(info, '\n')) != NULL;
	     info = end + 1)
		if (origin->key == NULL)
			origin->key = hardware_key(info, (size_t)(end - info));
}

void
origin_take_address(struct origin *origin, const char *address)
{
	if (address == NULL ||
	    text_copy(origin->address, sizeof origin->address, address) < 0)
		origin->address[0] = '\0';
}

/* Cuts text in place at its blanks; false where they are not FIELDS - 1. */
static bool
cut_fields(char *text, const char *fields[FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (text == NULL)
			return false;
		fields[i] = text;
		if ((text = strchr(text, ' ')) != NULL)
			*text++ = '\0';
	}
	return text == NULL;
}

void
origin_take_connection(struct origin *origin, const char *connection)
{
	char text[CONNECTION_SIZE];
	const char *fields[FIELDS];
	uint64_t port;

	origin->address[0] = '\0';
	if (connection != NULL &&
	    text_copy(text, sizeof text, connection) == 0 &&
	    cut_fields(text, fields) &&
	    text_number(fields[1], 1, PORT_MOST, &port) == 0 &&
	    text_number(fields[3], 1, PORT_MOST, &port) == 0)
		origin_take_address(origin, fields[0]);
}
