/* A QR code, drawn. */
#ifndef QR_H
#define QR_H

#include <stdbool.h>
#include <stdio.h>

enum {
	QR_MARGIN_LEAST = 1, /* modules; what scanners turned out to need */
	QR_MARGIN = 4,	     /* the quiet zone of ISO/IEC 18004 */
};

struct qr;

/* Encodes text at the lowest level of error correction, which makes the
 * smallest picture.  Returns 0; ERR_INPUT: too long; or ERR_MEMORY. */
int qr_make(const char *text, struct qr **qr_out);
void qr_free(struct qr *qr); /* wipes */
void qr_auto_free(struct qr **qr);
#define AUTO_QR __attribute__((cleanup(qr_auto_free)))

/* Modules on a side, without margin; and whether one is dark.  What is outside
 * is light. */
int qr_width(const struct qr *qr);
bool qr_dark(const struct qr *qr, int x, int y);

/* How a terminal shows it: two modules in a character (half blocks, UTF-8),
 * or two characters in a module (blanks). */
enum qr_form { QR_BLOCKS, QR_BLANKS };

/* Rows and columns that a drawing takes. */
void qr_room(const struct qr *qr, enum qr_form form, int margin,
    unsigned *rows_out, unsigned *columns_out);

/* Draws it in colours of its own, so that it scans on any background. */
void qr_draw(const struct qr *qr, enum qr_form form, int margin, FILE *out);

/* As an SVG file's content. */
void qr_draw_svg(const struct qr *qr, FILE *out);

#endif
