/* A file, or what a program has written, as one string. */
#ifndef FILE_TEXT_H
#define FILE_TEXT_H

/*
 * All of an open file, from its start, NUL-terminated; at most a MiB.  *text_out
 * is the caller's to free.  Returns 0, ERR_MEMORY, or ERR_IO with errno.
 */
int file_text(int fd, char **text_out);

#endif
