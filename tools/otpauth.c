#include "otpauth.h"

#include "mem.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	PART_SIZE = 512, /* of one label or value, decoded */
	DIGITS_USUAL = 6,
};

/* Text being put together; full: something was left out. */
struct writer {
	char *room;
	size_t size, used;
	bool full;
};

static void
put(struct writer *out, char c)
{
	if (out->used + 1 >= out->size) {
		out->full = true;
		return;
	}
	out->room[out->used++] = c;
	out->room[out->used] = '\0';
}

static void
put_text(struct writer *out, const char *text)
{
	while (*text != '\0')
		put(out, *text++);
}

static void
put_number(struct writer *out, const char *before, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof digits, "%" PRIu64, number);
	put_text(out, before);
	put_text(out, digits);
}

static bool
unreserved(char c) /* RFC 3986 section 2.3 */
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       text_is_digit(c) || strchr("-._~", c) != NULL;
}

static void
put_encoded(struct writer *out, const char *text)
{
	char escape[4];

	for (; *text != '\0'; text++) {
		if (unreserved(*text)) {
			put(out, *text);
			continue;
		}
		snprintf(escape, sizeof escape, "%%%02X", (unsigned char)*text);
		put_text(out, escape);
	}
}

static void
put_address(struct writer *out, const struct otpauth *o, const char *secret,
    bool issuer_twice)
{
	bool hotp = o->kind == AUTHENTICATOR_HOTP;

	put_text(out, hotp ? "otpauth://hotp/" : "otpauth://totp/");
	if (issuer_twice && o->issuer[0] != '\0') {
		put_encoded(out, o->issuer);
		put(out, ':');
	}
	put_encoded(out, o->user);
	put_text(out, "?secret=");
	put_text(out, secret);
	if (o->issuer[0] != '\0') {
		put_text(out, "&issuer=");
		put_encoded(out, o->issuer);
	}
	if (o->algorithm != ALGORITHM_SHA1) {
		put_text(out, "&algorithm=");
		put_text(out, algorithm_name(o->algorithm));
	}
	if (o->digits != DIGITS_USUAL)
		put_number(out, "&digits=", o->digits);
	if (hotp)
		put_number(out, "&counter=", o->counter);
	else if (o->period != TOTP_PERIOD_DEFAULT)
		put_number(out, "&period=", o->period);
}

void
otpauth_host(char host_out[SETTINGS_WORD_SIZE])
{
	if (gethostname(host_out, SETTINGS_WORD_SIZE) < 0 &&
	    errno != ENAMETOOLONG)
		snprintf(host_out, SETTINGS_WORD_SIZE, "localhost");
	host_out[SETTINGS_WORD_SIZE - 1] = '\0'; /* cut, it has no end */
}

int
otpauth_issuer(const char *wish, char issuer_out[SETTINGS_WORD_SIZE])
{
	for (const char *c = wish; *c != '\0'; c++)
		if (*c == ':' || (unsigned char)*c < ' ' || *c == 0x7f)
			return ERR_INPUT;
	if (wish[0] != '\0')
		return text_copy(issuer_out, SETTINGS_WORD_SIZE, wish);
	otpauth_host(issuer_out);
	return 0;
}

int
otpauth_take(struct otpauth *otpauth, const struct authenticator *a,
    const char *user)
{
	otpauth->kind = a->kind;
	otpauth->algorithm = a->algorithm;
	otpauth->digits = a->digits;
	otpauth->period = a->period;
	otpauth->key_len = a->key_len;
	memcpy(otpauth->key, a->key, sizeof otpauth->key);
	return text_copy(otpauth->user, sizeof otpauth->user, user);
}

int
otpauth_format(const struct otpauth *otpauth, char *room, size_t room_size)
{
	char secret[BASE32_SIZE(TOTP_KEY_MOST)];
	struct writer out = { room, room_size, 0, false };
	int r;

	r = base32_encode(otpauth->key, otpauth->key_len, secret);
	if (r < 0)
		return r;
	put_address(&out, otpauth, secret, true);
	if (out.used > OTPAUTH_SHORT) {
		out = (struct writer){ room, room_size, 0, false };
		put_address(&out, otpauth, secret, false);
	}
	mem_wipe(secret, sizeof secret);
	return out.full ? ERR_INPUT : 0;
}

static int
hex_value(char c)
{
	if (text_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Decodes the percent-encoding of RFC 3986 in from[0..len).  Bytes that an
 * address cannot have are refused, and control characters in any form.
 */
static int
decode(const char *from, size_t len, char *room, size_t room_size)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)from[i];

		if (c <= ' ' || c > '~')
			return ERR_INPUT;
		if (c == '%') {
			int high, low;

			if (len - i < 3)
				return ERR_INPUT;
			high = hex_value(from[i + 1]);
			low = hex_value(from[i + 2]);
			if (high < 0 || low < 0)
				return ERR_INPUT;
			c = high * 16 + low;
			i += 2;
		}
		if (c < ' ' || c == 0x7f || used + 1 >= room_size)
			return ERR_INPUT;
		room[used++] = (char)c;
	}
	room[used] = '\0';
	return 0;
}

/* "issuer:user", or the user alone. */
static int
read_label(struct otpauth *o, const char *label, size_t len,
    struct trouble *why)
{
	char part[PART_SIZE], *user;

	if (decode(label, len, part, sizeof part) < 0)
		return err_say(why, ERR_INPUT,
		    "the label, between totp/ or hotp/ and the question mark, "
		    "has a wrong character or escape, or is too long");
	user = strchr(part, ':');
	if (user != NULL) {
		*user++ = '\0';
		if (text_copy(o->issuer, sizeof o->issuer, part) < 0)
			return err_say(why, ERR_INPUT,
			    "the issuer in the label is too long");
	} else {
		user = part;
	}
	while (*user == ' ')
		user++;
	if (text_copy(o->user, sizeof o->user, user) < 0)
		return err_say(why, ERR_INPUT,
		    "the user name in the label is too long");
	return 0;
}

static int
read_secret(struct otpauth *o, const char *value)
{
	o->key_len = sizeof o->key;
	if (base32_decode(value, o->key, &o->key_len) < 0 || o->key_len == 0)
		return ERR_INPUT;
	return 0;
}

static int
read_issuer(struct otpauth *o, const char *value)
{
	return text_copy(o->issuer, sizeof o->issuer, value);
}

static int
read_algorithm(struct otpauth *o, const char *value)
{
	return algorithm_from_name(value, &o->algorithm);
}

static int
read_unsigned(unsigned *out, const char *value, unsigned least, unsigned most)
{
	uint64_t number;

	if (text_number(value, least, most, &number) < 0)
		return ERR_INPUT;
	*out = (unsigned)number;
	return 0;
}

static int
read_digits(struct otpauth *o, const char *value)
{
	return read_unsigned(&o->digits, value, TOTP_DIGITS_LEAST,
	    TOTP_DIGITS_MOST);
}

static int
read_period(struct otpauth *o, const char *value)
{
	return read_unsigned(&o->period, value, TOTP_PERIOD_LEAST,
	    TOTP_PERIOD_MOST);
}

static int
read_counter(struct otpauth *o, const char *value)
{
	return text_number(value, 0, TOTP_COUNTER_MOST, &o->counter);
}

/* What some apps add for looks. */
static int
read_nothing(struct otpauth *o, const char *value)
{
	(void)o;
	(void)value;
	return 0;
}

/* A misspelt parameter read as absent would make codes that never match, so
 * there are no others. */
/* clang-format off */
static const struct parameter {
	const char *name;
	const char *must; /* "is not ..." */
	int (*read)(struct otpauth *o, const char *value);
} parameters[] = {
	{ "secret", "base32 of up to 128 bytes", read_secret },
	{ "issuer", "a name of up to 63 bytes", read_issuer },
	{ "algorithm", "SHA1, SHA256 or SHA512", read_algorithm },
	{ "digits", "6, 7 or 8", read_digits },
	{ "period", "15 to 120 seconds", read_period },
	{ "counter", "a number in range", read_counter },
	{ "image", "", read_nothing },
	{ "icon", "", read_nothing },
	{ "color", "", read_nothing },
	{ "lock", "", read_nothing },
};
/* clang-format on */

enum { SECRET = 0, COUNTER = 5 };
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

static int
find_parameter(const char *name, size_t len)
{
	for (int i = 0; i < PARAMETERS; i++)
		if (strlen(parameters[i].name) == len &&
		    strncasecmp(parameters[i].name, name, len) == 0)
			return i;
	return -1;
}

/* One "name=value", the nth.  *seen has a bit for each parameter. */
static int
read_parameter(struct otpauth *o, const char *text, size_t len, unsigned nth,
    unsigned *seen, struct trouble *why)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - text);
	int i = equals == NULL ? -1 : find_parameter(text, name_len);
	char value[PART_SIZE];
	int r;

	if (i < 0)
		return err_say(why, ERR_INPUT,
		    "parameter %u behind the question mark is none that an "
		    "authenticator has; correct it, or leave it out",
		    nth);
	if ((*seen & 1U << i) != 0)
		return err_say(why, ERR_INPUT, "%s is there twice",
		    parameters[i].name);
	*seen |= 1U << i;
	r = decode(equals + 1, len - name_len - 1, value, sizeof value);
	if (r < 0)
		r = err_say(why, r,
		    "%s has a wrong character or escape, or is too long",
		    parameters[i].name);
	else if ((r = parameters[i].read(o, value)) < 0)
		r = err_say(why, ERR_INPUT, "%s is not %s", parameters[i].name,
		    parameters[i].must);
	mem_wipe(value, sizeof value);
	return r;
}

static int
read_parameters(struct otpauth *o, const char *text, struct trouble *why)
{
	unsigned seen = 0, nth = 0;
	int r;

	for (const char *next; text != NULL; text = next) {
		size_t len = strcspn(text, "&");

		next = text[len] == '&' ? text + len + 1 : NULL;
		r = read_parameter(o, text, len, ++nth, &seen, why);
		if (r < 0)
			return r;
	}
	if ((seen & 1U << SECRET) == 0)
		return err_say(why, ERR_INPUT, "there is no secret");
	if (o->kind == AUTHENTICATOR_HOTP && (seen & 1U << COUNTER) == 0)
		return err_say(why, ERR_INPUT,
		    "there is no counter, which hotp needs");
	return 0;
}

/* What stands in text behind a word in any case, or NULL. */
static const char *
after_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncasecmp(text, word, len) == 0 ? text + len : NULL;
}

static int
read_address(struct otpauth *o, const char *address, struct trouble *why)
{
	const char *label, *question;
	int r;

	if (after_word(address, "otpauth://") == NULL)
		return err_say(why, ERR_INPUT,
		    "it does not begin with otpauth://");
	if ((label = after_word(address, "otpauth://totp/")) != NULL)
		o->kind = AUTHENTICATOR_TOTP;
	else if ((label = after_word(address, "otpauth://hotp/")) != NULL)
		o->kind = AUTHENTICATOR_HOTP;
	else
		return err_say(why, ERR_INPUT,
		    "what follows otpauth:// is neither totp/ nor hotp/");
	if ((question = strchr(label, '?')) == NULL)
		return err_say(why, ERR_INPUT,
		    "there is no question mark, so there is no secret");
	r = read_label(o, label, (size_t)(question - label), why);
	if (r < 0)
		return r;
	if ((r = read_parameters(o, question + 1, why)) < 0)
		return r;
	if (o->kind == AUTHENTICATOR_HOTP)
		o->period = 0;
	return 0;
}

int
otpauth_parse(const char *address, struct otpauth *otpauth_out,
    struct trouble *why)
{
	struct otpauth usual = { .algorithm = ALGORITHM_SHA1,
		.digits = DIGITS_USUAL,
		.period = TOTP_PERIOD_DEFAULT };
	int r;

	*otpauth_out = usual;
	if ((r = read_address(otpauth_out, address, why)) < 0)
		mem_wipe(otpauth_out, sizeof *otpauth_out);
	return r;
}
