/* What sshd does: its effective settings, and where they are written. */
#ifndef SSHD_CONFIG_H
#define SSHD_CONFIG_H

#include "err.h"
#include "sshd_match.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSHD_CONFIG_FILE "/etc/ssh/sshd_config"

/* A line of a configuration file. */
struct sshd_line {
	char *file; /* owned */
	unsigned line;
	char keyword[40]; /* lower case */
	char value[80];	  /* as far as there is room */
	size_t match;	  /* the block it is in, from 1; 0: it holds for all */
};

/* In place of a block's number: behind "Match all", which holds for all, and
 * before what stands in no block. */
#define SSHD_MATCH_ALL SIZE_MAX

/* A Match block, and what holds for one of those whom it names. */
struct sshd_match {
	char *criteria;	 /* owned: what stands behind "Match" */
	char *effective; /* owned: as below; NULL: nobody is known whom sshd
			  * could be asked about */
	struct sshd_example example;
};

/* Owns everything in it; sshd_config_done frees. */
struct sshd_config {
	const char *file; /* borrowed: where the lines begin */
	char *effective;  /* what sshd -T printed, lower-case names */
	struct sshd_line *lines;
	size_t line_count;
	struct sshd_match *matches;
	size_t match_count;
	size_t match; /* the block that effective is of, from 1; 0: none */
};

/*
 * Asks sshd (a program by absolute path, or NULL to look for it) what holds
 * with this file, for all and for one of those of each Match block.  Returns 0; ERR_MISSING: there is no sshd; ERR_IO or
 * ERR_INPUT: it would not say, and *why holds its words; or ERR_MEMORY.
 */
int sshd_config_ask(struct sshd_config *config, const char *program,
    const char *file, struct trouble *why);

/* Whether sshd would start with this file.  Returns as sshd_config_ask. */
int sshd_config_test(const char *program, const char *file,
    struct trouble *why);

/* The same as sshd_config_ask from what sshd -T has printed before; and, for the Match block
 * number match, sshd -T -C. */
int sshd_config_take(struct sshd_config *config, const char *file,
    const char *effective);
int sshd_config_take_match(struct sshd_config *config, size_t match,
    const char *effective);

/* What holds for those of a Match block, which sshd was asked about.  It owns
 * nothing, and lives no longer than config. */
struct sshd_config sshd_config_of_match(const struct sshd_config *config,
    size_t match);

/* Whether these words of sshd's are about what is written, so that it would not
 * start with it, and not about its surroundings. */
bool sshd_config_is_refusal(const char *words);

void sshd_config_done(struct sshd_config *config);
#define AUTO_SSHD __attribute__((cleanup(sshd_config_done)))

/* Copies a setting's effective value.  False: sshd does not know it. */
bool sshd_config_get(const struct sshd_config *config, const char *keyword,
    char *room, size_t room_size);

/* Whether its effective value is this one. */
bool sshd_config_is(const struct sshd_config *config, const char *keyword,
    const char *value);

/* The line that sets a keyword: of several the first, as in sshd, but one of a
 * Match block before the others.  NULL: none does. */
const struct sshd_line *sshd_config_line(const struct sshd_config *config,
    const char *keyword);

/* A line for all that comes after that one and says otherwise, so that sshd
 * never comes to it; NULL: there is none. */
const struct sshd_line *sshd_config_late(const struct sshd_config *config,
    const struct sshd_line *line);

/* The first line of a Match block, by number, that sets a keyword. */
const struct sshd_line *sshd_config_in_match(const struct sshd_config *config,
    size_t match, const char *keyword);

#endif
