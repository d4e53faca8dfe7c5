/* What sshd tells about a login: from where, and by which keys. */
#include "origin.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* As sshd writes them; see t-ssh-hardware-key.py. */
#define PLAIN \
	"publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE+Rvv8j6aGwyloBwQzk" \
	"Ls8oPNNppqNij0tcRRHiefgM\n"
#define SK_TYPE "sk-ssh-ed25519@openssh.com"
#define SK_KEY \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK7QhaOGRGd8x1hTrZREq1" \
	"ATpGB/5W+N4/ae+8nL+sWyAAAABHNzaDo="
#define SK	   "publickey " SK_TYPE " " SK_KEY "\n"
#define ED25519	   "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t"
#define ED25519_CA "AAAAI3NrLXNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t"
#define NISTP256   "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5j"
#define NISTP256_CA \
	"AAAAK3NrLWVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5j"

static const char *
key_of(const char *info)
{
	struct origin origin = { "", NULL };

	origin_take_auth_info(&origin, info);
	return origin.key == NULL ? "none" : origin.key;
}

static const char *
address_of(const char *connection)
{
	static struct origin origin;

	strcpy(origin.address, "198.51.100.1"); /* of before */
	origin_take_connection(&origin, connection);
	return origin.address;
}

TEST("the key types of hardware are known, with and without a certificate")
{
	static const char *const rows[][2] = {
		{ "sk-ssh-ed25519@openssh.com", ED25519 },
		{ "sk-ssh-ed25519-cert-v01@openssh.com", ED25519_CA },
		{ "sk-ecdsa-sha2-nistp256@openssh.com", NISTP256 },
		{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", NISTP256_CA },
	};
	char line[256];

	for (size_t i = 0; i < ROWS(rows); i++)
		for (size_t k = 0; k < ROWS(rows); k++) {
			snprintf(line, sizeof line, "publickey %s %sAAAA\n",
			    rows[i][0], rows[k][1]);
			expect_text(key_of(line), i == k ? rows[i][0] : "none");
		}
}

TEST("a key's base64 may end in one filler, two or none")
{
	expect_text(key_of("publickey " SK_TYPE " " ED25519 "AAAA\n"), SK_TYPE);
	expect_text(key_of("publickey " SK_TYPE " " ED25519 "AAA=\n"), SK_TYPE);
	expect_text(key_of("publickey " SK_TYPE " " ED25519 "AA==\n"), SK_TYPE);
}

TEST("a key in software, a password and nothing are no hardware")
{
	static const char *const infos[] = { "", "\n", PLAIN, "password\n",
		"keyboard-interactive/pam\n", "gssapi-with-mic alice@EXAMPLE\n",
		"hostbased " SK_TYPE " " SK_KEY "\n" };

	expect_text(key_of(NULL), "none");
	for (size_t i = 0; i < ROWS(infos); i++)
		expect_text(key_of(infos[i]), "none");
}

TEST("one hardware-backed key among what has succeeded will do")
{
	expect_text(key_of(SK), SK_TYPE);
	expect_text(key_of(PLAIN SK), SK_TYPE);
	expect_text(key_of(SK PLAIN), SK_TYPE);
	expect_text(key_of("password\n" SK), SK_TYPE);
	expect_text(key_of(SK "keyboard-interactive/pam\n"), SK_TYPE);
}

TEST("a line that is not quite sshd's tells nothing")
{
	static const char *const infos[] = {
		"publickey " SK_TYPE " " SK_KEY,       /* cut short */
		"publickey  " SK_TYPE " " SK_KEY "\n", /* two blanks */
		"publickey " SK_TYPE "  " SK_KEY "\n",
		"publickey\t" SK_TYPE " " SK_KEY "\n",
		" publickey " SK_TYPE " " SK_KEY "\n",
		"publickey " SK_TYPE " " SK_KEY " \n",
		"publickey " SK_TYPE " " SK_KEY "\r\n",
		"publickey " SK_TYPE " " SK_KEY " comment\n",
		"publickey " SK_TYPE "\n",
		"publickey " SK_TYPE " \n",
		"publickey " SK_TYPE " AAAA\n",
		"publickey " SK_TYPE " " ED25519 "\n", /* no key behind */
		"publickey " SK_TYPE " " ED25519 "AAA\n",
		"publickey " SK_TYPE " " ED25519 "AA=A\n",
		"publickey " SK_TYPE " " ED25519 "A===\n",
		"publickey " SK_TYPE " " ED25519 "====\n",
		"publickey " SK_TYPE " " ED25519 "AA-A\n",
		"publickey " SK_TYPE " " ED25519 "AA\xc3\xa4\n",
		"publickey SK-SSH-ED25519@OPENSSH.COM " SK_KEY "\n",
		"publickey sk-ssh-ed25519 " SK_KEY "\n",
		"PUBLICKEY " SK_TYPE " " SK_KEY "\n",
		"publickeys " SK_TYPE " " SK_KEY "\n",
		"partial publickey " SK_TYPE " " SK_KEY "\n",
		"publickey ssh-ed25519 " SK_KEY "\n",
		"publickey ssh-ed25519 " SK_TYPE " " SK_KEY "\n",
		"password\rpublickey " SK_TYPE " " SK_KEY "\n",
	};

	for (size_t i = 0; i < ROWS(infos); i++)
		expect_text(key_of(infos[i]), "none");
}

TEST("the client's address stands first in a connection")
{
	expect_text(address_of("192.0.2.7 51422 198.51.100.1 22"), "192.0.2.7");
	expect_text(address_of("2001:db8::7 51422 2001:db8::1 22"),
	    "2001:db8::7");
	expect_text(address_of("fe80::7%eth0 1 fe80::1%eth0 22"),
	    "fe80::7%eth0");
	expect_text(address_of("UNKNOWN 65535 UNKNOWN 65535"), "UNKNOWN");
}

TEST("a connection that is not quite sshd's tells no address")
{
	static const char *const odd[] = { "", " ", "192.0.2.7",
		"192.0.2.7 51422", "192.0.2.7 51422 198.51.100.1",
		"192.0.2.7 51422 198.51.100.1 ", "192.0.2.7 51422 22",
		"192.0.2.7 51422 198.51.100.1 22 ",
		"192.0.2.7 51422 198.51.100.1 22 22",
		"192.0.2.7  51422 198.51.100.1 22",
		" 192.0.2.7 51422 198.51.100.1 22",
		"192.0.2.7\t51422\t198.51.100.1\t22",
		"192.0.2.7 51422 198.51.100.1 22\n",
		"192.0.2.7 65536 198.51.100.1 22",
		"192.0.2.7 51422 198.51.100.1 65536",
		"192.0.2.7 0 198.51.100.1 22", "192.0.2.7 1 198.51.100.1 0",
		"192.0.2.7 -1 198.51.100.1 22",
		"192.0.2.7 port 198.51.100.1 22" };
	char text[4096];

	expect_text(address_of(NULL), "");
	for (size_t i = 0; i < ROWS(odd); i++)
		expect_text(address_of(odd[i]), "");
	memset(text, '1', sizeof text);
	strcpy(text + sizeof text - 20, " 1 198.51.100.1 22");
	expect_text(address_of(text), "");
}

TEST("a connection of 127 bytes is read, and none that is longer")
{
	char text[129];

	memset(text, '1', sizeof text);
	memcpy(text, "192.0.2.7 51422 ", 16);
	strcpy(text + 124, " 22");
	expect_text(address_of(text), "192.0.2.7");
	strcpy(text + 124, "1 22");
	expect_text(address_of(text), "");
}

TEST("an address that is longer than any, and none, are not known")
{
	struct origin origin = { "192.0.2.7", NULL };
	char text[ORIGIN_ADDRESS_SIZE + 1];

	memset(text, '1', sizeof text);
	text[ORIGIN_ADDRESS_SIZE] = '\0';
	origin_take_address(&origin, text);
	expect_text(origin.address, "");
	text[ORIGIN_ADDRESS_SIZE - 1] = '\0';
	origin_take_address(&origin, text);
	expect_text(origin.address, text);
	origin_take_address(&origin, NULL);
	expect_text(origin.address, "");
}
