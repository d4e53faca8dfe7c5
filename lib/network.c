#include "network.h"

#include "text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	BYTES = 16,
	WORD_SIZE = INET6_ADDRSTRLEN + 4, /* "/128" */
};

/* An address is a network of its own. */
struct network {
	bool v6;
	uint8_t bytes[BYTES]; /* of IPv4 the first four */
	uint64_t bits;	      /* that say which network it is */
};

/* inet_pton takes no name, zone, blank, hexadecimal or leading zero. */
static int
read_address(const char *text, struct network *network_out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct network network = { .bits = 32 };

	if (inet_pton(AF_INET, text, network.bytes) != 1) {
		network.v6 = true;
		network.bits = 128;
		if (inet_pton(AF_INET6, text, network.bytes) != 1 ||
		    memcmp(network.bytes, mapped, sizeof mapped) == 0)
			return ERR_INPUT;
	}
	*network_out = network;
	return 0;
}

static int
read_network(const char *word, size_t len, struct network *network_out)
{
	char text[WORD_SIZE];
	char *slash;
	int r;

	if (len >= sizeof text)
		return ERR_INPUT;
	memcpy(text, word, len);
	text[len] = '\0';
	if ((slash = strchr(text, '/')) != NULL)
		*slash++ = '\0';
	if ((r = read_address(text, network_out)) < 0 || slash == NULL)
		return r;
	return text_number(slash, 0, network_out->bits, &network_out->bits);
}

/* Whether two run alike for so many bits. */
static bool
same_start(const uint8_t *a, const uint8_t *b, size_t bits)
{
	uint8_t rest = (uint8_t)(0xff00 >> bits % 8);

	return memcmp(a, b, bits / 8) == 0 &&
	       (rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & rest) == 0);
}

/* 10.1.0.0/8 was meant to be smaller than it is. */
static bool
says_more(const struct network *network)
{
	for (uint64_t bit = network->bits; bit < 8 * BYTES; bit++)
		if ((network->bytes[bit / 8] & 0x80 >> bit % 8) != 0)
			return true;
	return false;
}

static int
check_network(const char *word, size_t len, struct trouble *why)
{
	char shown[4 * WORD_SIZE], text[WORD_SIZE];
	struct network network;
	int r = read_network(word, len, &network);

	if (r == 0 && !says_more(&network))
		return 0;
	snprintf(text, sizeof text, "%.*s", (int)len, word);
	text_escape(shown, sizeof shown, text);
	if (r == 0)
		return err_say(why, ERR_INPUT,
		    "%s says more than its first %u bits", shown,
		    (unsigned)network.bits);
	return err_say(why, r,
	    "%s is no network, like 192.0.2.0/24 or 2001:db8::/32", shown);
}

int
network_list_check(const char *list, struct trouble *why)
{
	const char *word;
	size_t len;
	int r;

	while (text_next_word(&list, &word, &len))
		if ((r = check_network(word, len, why)) < 0)
			return r;
	return 0;
}

bool
network_list_holds(const char *list, const char *address)
{
	struct network network, client;
	const char *word;
	size_t len;

	if (read_address(address, &client) < 0)
		return false;
	while (text_next_word(&list, &word, &len))
		if (read_network(word, len, &network) == 0 &&
		    network.v6 == client.v6 &&
		    same_start(network.bytes, client.bytes,
			(size_t)network.bits))
			return true;
	return false;
}
