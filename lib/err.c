#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
err_text(int err)
{
	switch (err) {
	case 0:
		return "no error";
	case ERR_MEMORY:
		return "out of memory";
	case ERR_INPUT:
		return "malformed or out of range";
	case ERR_SETTINGS:
		return "a setting is wrong";
	case ERR_IO:
		return "a system call failed";
	case ERR_UNTRUSTED:
		return "a file is not to be trusted";
	case ERR_DAMAGED:
		return "stored data is damaged";
	case ERR_BUSY:
		return "timed out";
	case ERR_DIRECTORY:
		return "the user database could not tell";
	case ERR_CALLER:
		return "the calling program may not use the store";
	case ERR_RENAMED:
		return "the enrolment belongs to another user name";
	case ERR_MISSING:
		return "not found";
	case ERR_EXISTS:
		return "already there";
	case ERR_TALK:
		return "the conversation with the user failed";
	case ERR_TALK_LATER:
		return "the conversation is to be resumed later";
	case ERR_PAM:
		return "libpam refused a call";
	case ERR_UNSUPPORTED:
		return "not a use this module has";
	default:
		return "unknown error";
	}
}

int
err_say(struct trouble *why, int err, const char *format, ...)
{
	struct trouble said; /* apart: an argument may be why's own text */
	int saved = errno;
	va_list args;

	if (why == NULL)
		return err;
	va_start(args, format);
	if (vsnprintf(said.text, sizeof said.text, format, args) < 0)
		said.text[0] = '\0';
	va_end(args);
	memcpy(why->text, said.text, strlen(said.text) + 1);
	errno = saved;
	return err;
}
