/* otpauth: addresses, written short and read strictly. */
#include "otpauth.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#define KEY  "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" /* RFC 4226 appendix D */
#define TOTP "otpauth://totp/server:alice?secret=" KEY

static struct otpauth
phone(void)
{
	struct otpauth o = { .kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.issuer = "server01",
		.user = "alice",
		.key_len = 20 };

	memcpy(o.key, "12345678901234567890", 20);
	return o;
}

static const char *
formatted(const struct otpauth *otpauth)
{
	static char address[OTPAUTH_SIZE];

	expect_int(otpauth_format(otpauth, address, sizeof address), 0);
	return address;
}

/* Reads what is right. */
static struct otpauth
parsed(const char *address)
{
	struct trouble why = { "" };
	struct otpauth o;

	expect_int(otpauth_parse(address, &o, &why), 0);
	expect_text(why.text, "");
	return o;
}

/* Reads what is wrong; what the error says must name it and keep the key. */
static void
refused(const char *address, const char *naming)
{
	struct otpauth o, nothing;
	struct trouble why = { "" };

	memset(&nothing, 0, sizeof nothing);
	expect_int(otpauth_parse(address, &o, &why), ERR_INPUT);
	if (strstr(why.text, naming) == NULL)
		fprintf(stderr, "%s\n  says: %s\n  not: %s\n", address,
		    why.text, naming);
	expect(strstr(why.text, naming) != NULL);
	expect(strstr(why.text, "GEZDGNB") == NULL);
	expect(strstr(why.text, "gezdgnb") == NULL);
	expect_bytes(&o, &nothing, sizeof o);
}

TEST("what is usual is left out of an address")
{
	struct otpauth o = phone();

	expect_text(formatted(&o),
	    "otpauth://totp/server01:alice?secret=" KEY "&issuer=server01");
}

TEST("what is not usual is said")
{
	struct otpauth o = phone();

	o.issuer[0] = '\0';
	o.algorithm = ALGORITHM_SHA256;
	o.digits = 8;
	o.period = 60;
	expect_text(formatted(&o), "otpauth://totp/alice?secret=" KEY
				   "&algorithm=SHA256&digits=8&period=60");
}

TEST("a counter is always said, and has no period")
{
	struct otpauth o = phone();

	o.kind = AUTHENTICATOR_HOTP;
	o.period = 0;
	o.issuer[0] = '\0';
	expect_text(formatted(&o),
	    "otpauth://hotp/alice?secret=" KEY "&counter=0");
}

TEST("whatever a name has in it is encoded, and comes back")
{
	struct otpauth back, o = phone();

	strcpy(o.issuer, "Caf\xc3\xa9 & Co/#?=%");
	strcpy(o.user, "DOM\\alice@x y+z");
	expect(strstr(formatted(&o), "Caf%C3%A9%20%26%20Co%2F%23%3F%3D%25") !=
	       NULL);
	back = parsed(formatted(&o));
	expect_text(back.issuer, o.issuer);
	expect_text(back.user, o.user);
}

TEST("a long address does without the issuer before the user")
{
	struct otpauth back, o = phone();

	strcpy(o.issuer, "server01.department.example.org");
	expect_text(formatted(&o), "otpauth://totp/alice?secret=" KEY
				   "&issuer=server01.department.example.org");
	expect(strlen(formatted(&o)) <= OTPAUTH_SHORT);
	back = parsed(formatted(&o));
	expect_text(back.issuer, o.issuer);
}

TEST("an address is written whole or not at all")
{
	struct otpauth o = phone();
	size_t need = strlen(formatted(&o)) + 1;
	char room[128];

	expect_int(otpauth_format(&o, room, need), 0);
	for (size_t size = 1; size < need; size++)
		expect_int(otpauth_format(&o, room, size), ERR_INPUT);
}

TEST("the longest names and keys fit an address")
{
	struct otpauth back, o = phone();

	memset(o.issuer, '\xff', sizeof o.issuer - 1);
	memset(o.user, '\xff', sizeof o.user - 1);
	memset(o.key, 0xff, sizeof o.key);
	o.key_len = sizeof o.key;
	back = parsed(formatted(&o));
	expect_int(back.key_len, sizeof o.key);
	expect_bytes(back.key, o.key, sizeof o.key);
	expect_text(back.user, o.user);
}

TEST("an address with nothing but a key has the usual shape")
{
	struct otpauth o = parsed("otpauth://totp/?secret=" KEY);

	expect_int(o.kind, AUTHENTICATOR_TOTP);
	expect_int(o.algorithm, ALGORITHM_SHA1);
	expect_int(o.digits, 6);
	expect_int(o.period, 30);
	expect_text(o.issuer, "");
	expect_text(o.user, "");
	expect_int(o.key_len, 20);
	expect_bytes(o.key, "12345678901234567890", 20);
}

TEST("names of parameters, hashes and the scheme have either case")
{
	struct otpauth o =
	    parsed("OTPAUTH://TOTP/a:b?SECRET=gezdgnbvgy3tqojqgezdgnbvgy3tqojq"
		   "&Algorithm=sha512&DIGITS=7&period=15");

	expect_int(o.algorithm, ALGORITHM_SHA512);
	expect_int(o.digits, 7);
	expect_int(o.period, 15);
	expect_text(o.issuer, "a");
	expect_text(o.user, "b");
}

TEST("the colon of a label may be encoded, and blanks may follow it")
{
	struct otpauth o = parsed("otpauth://totp/Big%20Co%3A%20%20alice%40x"
				  "?issuer=Other&secret=" KEY);

	expect_text(o.issuer, "Other");
	expect_text(o.user, "alice@x");
}

TEST("a HOTP address has its counter, and loses a period")
{
	struct otpauth o = parsed("otpauth://hotp/alice?counter=42&period=30"
				  "&secret=" KEY);

	expect_int(o.kind, AUTHENTICATOR_HOTP);
	expect_int(o.counter, 42);
	expect_int(o.period, 0);
}

TEST("what apps add for looks is passed over")
{
	parsed(TOTP "&image=https%3A%2F%2Fx%2Fy.png&color=FF0000&lock=true");
}

TEST("a short key is read, for the caller to refuse")
{
	expect_int(parsed("otpauth://totp/a?secret=JBSWY3DP").key_len, 5);
}

TEST("what is no such address is refused by what is wrong")
{
	refused("", "otpauth://");
	refused("http://totp/a?secret=" KEY, "otpauth://");
	refused("otpauth:/totp/a?secret=" KEY, "otpauth://");
	refused("otpauth://", "neither totp/ nor hotp/");
	refused("otpauth://totpa?secret=" KEY, "neither totp/ nor hotp/");
	refused("otpauth://steam/a?secret=" KEY, "neither totp/ nor hotp/");
	refused("otpauth://totp/alice", "question mark");
	refused("otpauth://totp/alice?", "parameter 1");
	refused(KEY, "otpauth://");
}

TEST("labels with wrong characters or escapes are refused")
{
	refused("otpauth://totp/a b?secret=" KEY, "label");
	refused("otpauth://totp/a%?secret=" KEY, "label");
	refused("otpauth://totp/a%4?secret=" KEY, "label");
	refused("otpauth://totp/a%zz?secret=" KEY, "label");
	refused("otpauth://totp/a%\x14"
		"1?secret=" KEY,
	    "label");
	refused("otpauth://totp/a%00b?secret=" KEY, "label");
	refused("otpauth://totp/a%1Bb?secret=" KEY, "label");
	refused("otpauth://totp/a\xc3\xa9?secret=" KEY, "label");
}

TEST("parameters that are wrong are named, and the key never shown")
{
	refused("otpauth://totp/a?issuer=x", "no secret");
	refused("otpauth://totp/a?secret=", "secret is not base32");
	refused("otpauth://totp/a?secret=" KEY "1", "secret is not base32");
	refused("otpauth://totp/a?secret=" KEY "%", "secret has a wrong");
	refused("otpauth://totp/a?secret=" KEY "#x", "secret is not base32");
	refused("otpauth://totp/a?" KEY, "parameter 1");
	refused("otpauth://totp/a?sceret=" KEY, "parameter 1");
	refused(TOTP "&" KEY "====", "parameter 2");
	refused(TOTP "&algoritm=SHA256", "parameter 2");
	refused(TOTP "&", "parameter 2");
	refused(TOTP "&&digits=6", "parameter 2");
	refused(TOTP "&secret=" KEY, "secret is there twice");
	refused(TOTP "&digits=6&digits=6", "digits is there twice");
	refused(TOTP "&algorithm=MD5", "algorithm is not SHA1");
	refused(TOTP "&digits=5", "digits is not 6");
	refused(TOTP "&digits=9", "digits is not 6");
	refused(TOTP "&digits=06", "digits is not 6");
	refused(TOTP "&digits=+6", "digits is not 6");
	refused(TOTP "&period=0", "period is not 15");
	refused(TOTP "&period=14", "period is not 15");
	refused(TOTP "&period=121", "period is not 15");
	refused("otpauth://hotp/a?secret=" KEY, "no counter");
	refused("otpauth://hotp/a?counter=-1&secret=" KEY, "counter is not");
	refused("otpauth://hotp/a?counter=1073741825&secret=" KEY,
	    "counter is not");
	refused("otpauth://hotp/a?counter=18446744073709551615&secret=" KEY,
	    "counter is not");
}

TEST("keys and names that have no room are refused")
{
	char address[OTPAUTH_SIZE], text[700] = "";

	memset(text, 'A', sizeof text - 1);
	text[208] = '\0'; /* 130 bytes in base32 */
	snprintf(address, sizeof address, "otpauth://totp/a?secret=%s", text);
	refused(address, "secret is not base32");
	text[64] = '\0';
	snprintf(address, sizeof address, TOTP "&issuer=%s", text);
	refused(address, "issuer is not");
	snprintf(address, sizeof address, "otpauth://totp/%s:x?secret=" KEY,
	    text);
	refused(address, "issuer in the label");
	memset(text, 'A', sizeof text - 1);
	text[300] = '\0';
	snprintf(address, sizeof address, "otpauth://totp/%s?secret=" KEY,
	    text);
	refused(address, "user name in the label");
	text[300] = 'A';
	snprintf(address, sizeof address, "otpauth://totp/%s?secret=" KEY,
	    text);
	refused(address, "label");
}
