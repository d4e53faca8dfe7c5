/* The calls of pam_probe.c's module, compared with a walk that was expected.
 * Whoever links this exports its symbols. */
#ifndef PROBE_H
#define PROBE_H

#include "pam_stack.h"

#include <security/pam_appl.h>
#include <stdbool.h>

/* Whether libpam can call the rule's module; NULL: each that is one. */
typedef bool probe_is_there(const struct pam_rule *rule);

/*
 * From now on, calls are those of this walk, so many times over, in which rule i
 * answers results[i].  All is borrowed until the next.
 */
void probe_expect(const struct pam_chain *chain, const int *results,
    const struct pam_walk *walk, int rounds, probe_is_there *is_there);

/* How often libpam makes the walk: a change of passwords is first tried. */
int probe_rounds(enum pam_type type, const struct pam_walk *walk);

/* Whether they were those that were expected, each with its words, and all of
 * them. */
bool probe_agrees(void);

/* Where libpam is to look for what service files include. */
void probe_folder(const char *dir);

/* A conversation function for stacks that ask nothing, and the call of libpam
 * that walks the lines of a type. */
int probe_unasked(int count, const struct pam_message **messages,
    struct pam_response **answers, void *with);
int probe_walk(pam_handle_t *pamh, enum pam_type type);

/* The module's file, in the build. */
const char *probe_module(void);

#endif
