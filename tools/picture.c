#include "picture.h"

#include "cmd.h"
#include "mem.h"
#include "qr.h"
#include "term.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS_BESIDE = 2 }; /* the key above it, and the prompt below */

int
picture_read(const char *mode, struct picture *picture_out)
{
	struct picture picture = { .mode = PICTURE_FITTING };

	if (mode == NULL)
		picture.mode = PICTURE_FITTING;
	else if (strcmp(mode, "utf8") == 0)
		picture.mode = PICTURE_BLOCKS;
	else if (strcmp(mode, "ascii") == 0)
		picture.mode = PICTURE_BLANKS;
	else if (strcmp(mode, "none") == 0)
		picture.mode = PICTURE_NONE;
	else if ((picture.file = text_after(mode, "svg:")) != NULL &&
		 picture.file[0] != '\0')
		picture.mode = PICTURE_FILE;
	else
		return ERR_INPUT;
	*picture_out = picture;
	return 0;
}

static bool
fits(const struct qr *qr, enum qr_form form, int margin,
    const struct term_view *view)
{
	unsigned rows, columns;

	qr_room(qr, form, margin, &rows, &columns);
	return rows + ROWS_BESIDE <= view->rows && columns <= view->columns;
}

/* With the widest margin that fits, or the least. */
static void
draw(const struct qr *qr, enum qr_form form, const struct term_view *view,
    FILE *out)
{
	int margin = QR_MARGIN;

	while (view->terminal && margin > QR_MARGIN_LEAST &&
	       !fits(qr, form, margin, view))
		margin--;
	qr_draw(qr, form, margin, out);
}

static void
say_too_large(const struct qr *qr, enum qr_form form,
    const struct term_view *view)
{
	unsigned rows, columns;

	qr_room(qr, form, QR_MARGIN_LEAST, &rows, &columns);
	cmd_say("no picture: %sit needs %u rows and %u columns, and this "
		"terminal has %u and %u; type the key, or use --qr svg:FILE",
	    form == QR_BLANKS ? "without a UTF-8 locale " : "",
	    rows + ROWS_BESIDE, columns, view->rows, view->columns);
}

/* The best that this terminal can show. */
static void
draw_fitting(const struct qr *qr, FILE *out)
{
	struct term_view view = term_look(out);
	enum qr_form form = view.utf8 ? QR_BLOCKS : QR_BLANKS;

	if (!view.terminal)
		cmd_say("no picture: the output is no terminal; type the key, "
			"or use --qr");
	else if (!view.draws)
		cmd_say(
		    "no picture: this terminal shows no colours (see TERM); "
		    "type the key, or use --qr svg:FILE");
	else if (!fits(qr, form, QR_MARGIN_LEAST, &view))
		say_too_large(qr, form, &view);
	else
		draw(qr, form, &view, out);
}

static int
say_file(const char *file, const char *what)
{
	char shown[256];

	cmd_say("%s: %s", text_escape(shown, sizeof shown, file), what);
	return EXIT_UNKNOWN;
}

/* Never over a file that is there: it may be another's, or a link. */
static int
write_file(const struct qr *qr, struct picture *picture)
{
	int fd = open(picture->file,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	bool failed;
	FILE *out;

	if (fd < 0)
		return say_file(picture->file, strerror(errno));
	picture->written = true;
	if ((out = fdopen(fd, "w")) == NULL) {
		close(fd);
		return say_file(picture->file, "no memory");
	}
	qr_draw_svg(qr, out);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed)
		return say_file(picture->file, "could not be written");
	say_file(picture->file, "holds the key: delete it after scanning");
	return EXIT_YES;
}

int
picture_show(struct picture *picture, const char *text, FILE *out)
{
	struct term_view view = term_look(out);
	AUTO_QR struct qr *qr = NULL;
	int r;

	if (picture->mode == PICTURE_NONE)
		return EXIT_YES;
	if ((r = qr_make(text, &qr)) < 0)
		return cmd_fail("drawing the QR code", r, NULL);
	switch (picture->mode) {
	case PICTURE_FILE:
		return write_file(qr, picture);
	case PICTURE_BLOCKS:
		draw(qr, QR_BLOCKS, &view, out);
		return EXIT_YES;
	case PICTURE_BLANKS:
		draw(qr, QR_BLANKS, &view, out);
		return EXIT_YES;
	default:
		draw_fitting(qr, out);
		return EXIT_YES;
	}
}

void
picture_take_back(struct picture *picture)
{
	if (picture->written)
		(void)unlink(picture->file);
	picture->written = false;
}
