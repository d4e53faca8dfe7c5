/* otpauth: addresses, by which apps are told about an authenticator
 * (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). */
#ifndef OTPAUTH_H
#define OTPAUTH_H

#include "err.h"
#include "record.h"
#include "settings.h"

enum {
	OTPAUTH_SIZE = 4096, /* of an address, with its NUL */
	OTPAUTH_SHORT = 106, /* bytes that a small picture can hold */
};

struct otpauth {
	enum authenticator_kind kind;
	enum algorithm algorithm;
	unsigned digits;
	unsigned period;		 /* 0 for HOTP */
	uint64_t counter;		 /* of HOTP: the next one */
	char issuer[SETTINGS_WORD_SIZE]; /* "": none */
	char user[RECORD_USER_SIZE];
	size_t key_len;
	uint8_t key[TOTP_KEY_MOST]; /* secret */
};

/* This host's name, cut to fit. */
void otpauth_host(char host_out[SETTINGS_WORD_SIZE]);

/* What apps show beside the user: what is wished for, or the host's name where
 * that is "".  Returns 0, or ERR_INPUT: apps cut a label at its colon, so an
 * issuer has none, and no control characters. */
int otpauth_issuer(const char *wish, char issuer_out[SETTINGS_WORD_SIZE]);

/* Fills in what there is to say of an authenticator and its user.  Returns 0 or
 * ERR_INPUT: the name has no room. */
int otpauth_take(struct otpauth *otpauth, const struct authenticator *a,
    const char *user);

/*
 * Writes the address, as short as it can be: what is usual is left out, and
 * the issuer before the user too where that makes a smaller picture.  Returns
 * 0; ERR_INPUT: no room; or ERR_MEMORY.
 */
int otpauth_format(const struct otpauth *otpauth, char *room, size_t room_size);

/*
 * Reads an address strictly.  A key shorter than TOTP_KEY_LEAST is read: it is
 * the caller's to refuse.  Returns 0, or an error with *why naming the part
 * that is wrong and never showing it, as it may be the key; *otpauth_out is
 * then wiped.
 */
int otpauth_parse(const char *address, struct otpauth *otpauth_out,
    struct trouble *why);

#endif
