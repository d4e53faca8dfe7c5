#include "journal.h"

#include "io.h"
#include "mem.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum {
	FIELD_SIZE = 4 * 256 + 1, /* a name of 256 bytes, all escaped */
	LOGINUID_SIZE = 16,
};

/* The uid that logged in, whatever it became since: the audit system sets it
 * once and nobody can change it.  "-" where nothing set it. */
static const char *
login_uid(char room[LOGINUID_SIZE])
{
	AUTO_CLOSE int fd = io_open_path("/proc/self/loginuid", O_RDONLY);
	ssize_t got = fd < 0 ? 0 : io_read_up_to(fd, room, LOGINUID_SIZE - 1);

	room[got > 0 ? got : 0] = '\0';
	room[strspn(room, "0123456789")] = '\0';
	return room[0] == '\0' || strcmp(room, "4294967295") == 0 ? "-" : room;
}

void
journal_note(const char *event, const struct account *whose,
    const char *authenticator)
{
	char user[FIELD_SIZE], name[FIELD_SIZE], sudo[FIELD_SIZE];
	char about[FIELD_SIZE + 32] = "", which[FIELD_SIZE + 32] = "";
	char login[LOGINUID_SIZE];

	if (whose != NULL)
		snprintf(about, sizeof about, " user=\"%s\" uid=%lu",
		    text_escape(user, sizeof user, whose->name),
		    (unsigned long)whose->uid);
	if (authenticator != NULL)
		snprintf(which, sizeof which, " authenticator=\"%s\"",
		    text_escape(name, sizeof name, authenticator));
	openlog("sallyport", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_AUTHPRIV | LOG_NOTICE,
	    "event=%s%s%s by_uid=%lu login_uid=%s sudo_user=\"%s\"", event,
	    about, which, (unsigned long)getuid(), login_uid(login),
	    text_escape(sudo, sizeof sudo, getenv("SUDO_USER")));
}
