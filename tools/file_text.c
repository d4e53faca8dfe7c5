#include "file_text.h"

#include "io.h"

#include <stdlib.h>

enum { FILE_MOST = 1024 * 1024 }; /* bytes */

int
file_text(int fd, char **text_out)
{
	char *text = malloc(FILE_MOST + 1);
	ssize_t n;

	if (text == NULL)
		return ERR_MEMORY;
	if ((n = io_read_up_to(fd, text, FILE_MOST)) < 0) {
		free(text);
		return ERR_IO;
	}
	text[n] = '\0';
	*text_out = text;
	return 0;
}
