/* What completes the tool's words in a shell, made from its commands. */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "cmd.h"

#include <stddef.h>
#include <stdio.h>

/* "bash", "zsh" or "fish".  Returns 0, or ERR_INPUT: another one. */
int completion_print(const char *shell, const struct command *commands,
    size_t count, FILE *out);

#endif
