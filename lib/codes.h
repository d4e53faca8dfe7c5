/* Codes drawn by chance: recovery codes and invitations. */
#ifndef CODES_H
#define CODES_H

#include "invitation.h"
#include "record.h"

#include <stddef.h>
#include <stdint.h>

/* Draws a new set, and the codes that belong to it.  Returns 0, ERR_IO or
 * ERR_MEMORY. */
int codes_draw(int64_t now, struct recovery_set *set_out,
    struct codes *codes_out);

/* Draws an invitation's or a bypass's id, key and code, which is shown as
 * text_out. */
int codes_draw_invitation(struct invitation *invitation,
    char text_out[RECOVERY_TEXT_SIZE]);
int codes_draw_bypass(struct bypass *bypass, char text_out[RECOVERY_TEXT_SIZE]);

/* A random id that is not 0.  Returns 0 or ERR_IO. */
int codes_draw_id(uint64_t *id_out);

#endif
