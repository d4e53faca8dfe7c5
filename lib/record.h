/* One enrolment: what a login never writes. */
#ifndef RECORD_H
#define RECORD_H

#include "pack.h"
#include "recovery.h"
#include "totp.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RECORD_USER_SIZE = 257,
	RECORD_NAME_SIZE = 33, /* of an authenticator: 32 bytes and a NUL */
	RECORD_AUTHENTICATORS = 8,
	RECORD_BYTES = 4032, /* as formatted, before it is sealed */
};

/* Values are stored. */
enum authenticator_kind {
	AUTHENTICATOR_TOTP = 1,
	AUTHENTICATOR_HOTP = 2,
};

/* One authenticator, its key inline; copied and wiped with the record. */
struct authenticator {
	uint64_t id; /* random; ties it to its part of the state */
	enum authenticator_kind kind;
	enum algorithm algorithm;
	unsigned digits;
	unsigned period; /* seconds; 0 for HOTP */
	bool pending;	 /* until its first right code at a login */
	int64_t created; /* Unix time */
	char name[RECORD_NAME_SIZE];
	size_t key_len;
	uint8_t key[TOTP_KEY_MOST]; /* secret */
};

/* Recovery codes handed out together.  Which are spent stands in the state. */
struct recovery_set {
	uint64_t id; /* random; 0: there is no set */
	int64_t created;
	uint8_t key[RECOVERY_KEY_BYTES]; /* secret */
	uint8_t hash[RECOVERY_CODES][RECOVERY_HASH_BYTES];
};

/* A code for one time that an administrator has given out, for whom neither
 * phone nor recovery code is at hand.  Whether it is spent stands in the
 * state. */
struct bypass {
	uint64_t id;			 /* random; 0: there is none */
	int64_t created, expires;	 /* Unix times */
	uint8_t key[RECOVERY_KEY_BYTES]; /* secret */
	uint8_t hash[RECOVERY_HASH_BYTES];
};

struct record {
	uid_t uid;
	char user[RECORD_USER_SIZE]; /* as the user database spells it */
	int64_t created;
	size_t count;
	struct authenticator authenticators[RECORD_AUTHENTICATORS];
	struct recovery_set recovery;
	struct bypass bypass;
};

/* Zeroed struct record in memory for secrets, or NULL.  record_free wipes. */
struct record *record_new(void);
void record_free(struct record *record);
void record_auto_free(struct record **record);
#define AUTO_RECORD __attribute__((cleanup(record_auto_free)))

/* Whether a name will do for an authenticator: 1 to 32 printable ASCII bytes,
 * no quote or backslash, no blank at either end. */
bool record_name_fits(const char *name);

/* The authenticator of that name, or NULL. */
struct authenticator *record_find(struct record *record, const char *name);

/* Its key and shape, for computing codes; borrows the key. */
struct totp authenticator_totp(const struct authenticator *authenticator);

/* As bytes among others, and back.  Unpacking returns 0, or ERR_DAMAGED: this
 * is not what packing writes. */
enum {
	AUTHENTICATOR_BYTES =
	    8 + 5 + 8 + 1 + RECORD_NAME_SIZE - 1 + TOTP_KEY_MOST
};
void authenticator_pack(struct pack *out, const struct authenticator *a);
int authenticator_unpack(struct unpack *in, struct authenticator *a);

/* Appends a copy.  Returns 0, ERR_EXISTS (name or id taken) or ERR_INPUT (no
 * room, or a field out of range). */
int record_add(struct record *record, const struct authenticator *add);

/* Drops and wipes one.  It must be one of this record's. */
void record_drop(struct record *record, struct authenticator *drop);

/* Whether there is one that is good at Unix time now.  Whether it is spent
 * stands in the state. */
bool bypass_holds(const struct bypass *bypass, int64_t now);

/* As bytes, and back.  Parsing takes nothing that formatting would not write;
 * it returns 0 or ERR_DAMAGED, and *record is then to be thrown away. */
void record_format(const struct record *record, uint8_t out[RECORD_BYTES]);
int record_parse(const uint8_t in[RECORD_BYTES], struct record *record);

#endif
