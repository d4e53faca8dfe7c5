/* What sshd does: its effective settings, and where they are written. */
#ifndef SSHD_CONFIG_H
#define SSHD_CONFIG_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

#define SSHD_CONFIG_FILE "/etc/ssh/sshd_config"

/* A line of a configuration file. */
struct sshd_line {
	char *file; /* owned */
	unsigned line;
	char keyword[40]; /* lower case */
	bool in_match;	  /* holds for some logins only */
};

/* Owns everything in it; sshd_config_done frees. */
struct sshd_config {
	const char *file; /* borrowed: where the lines begin */
	char *effective;  /* what sshd -T printed, lower-case names */
	struct sshd_line *lines;
	size_t line_count;
};

/*
 * Asks sshd (a program by absolute path, or NULL to look for it) what holds
 * with this file.  Returns 0; ERR_MISSING: there is no sshd; ERR_IO or
 * ERR_INPUT: it would not say, and *why holds its words; or ERR_MEMORY.
 */
int sshd_config_ask(struct sshd_config *config, const char *program,
    const char *file, struct trouble *why);

/* The same from what sshd -T has printed before. */
int sshd_config_take(struct sshd_config *config, const char *file,
    const char *effective);

void sshd_config_done(struct sshd_config *config);
#define AUTO_SSHD __attribute__((cleanup(sshd_config_done)))

/* Copies a setting's effective value.  False: sshd does not know it. */
bool sshd_config_get(const struct sshd_config *config, const char *keyword,
    char *room, size_t room_size);

/* Whether its effective value is this one. */
bool sshd_config_is(const struct sshd_config *config, const char *keyword,
    const char *value);

/* The line that sets a keyword for everyone, or for some only (in_match);
 * NULL: none does. */
const struct sshd_line *sshd_config_line(const struct sshd_config *config,
    const char *keyword, bool in_match);

#endif
