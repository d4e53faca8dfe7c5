/* The verifier's frames, read a second time: from the format's description,
 * byte by byte, sharing lib/'s structs and none of its code. */
#ifndef FRAMES_H
#define FRAMES_H

#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether it is a question, and then which; the same for an answer. */
bool frame_is_request(const uint8_t *bytes, size_t n,
    struct wire_request *request_out);
bool frame_is_reply(const uint8_t *bytes, size_t n,
    struct wire_reply *reply_out);

/* Whether text stands in a frame. */
bool frame_says(const uint8_t *frame, size_t n, const char *text);

#endif
