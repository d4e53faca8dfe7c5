/* Whether a login has to be asked at all. */
#ifndef LOOK_H
#define LOOK_H

#include "login.h"
#include "verdict.h"

/*
 * Learns where the login comes from, as far as the line trusts the program to
 * say so, and whether that, or who the user is, lets it pass unasked.  Returns
 * 0 or an error; on error nothing is known.
 */
int look_passage(struct login *login, enum passage *passage_out);

#endif
