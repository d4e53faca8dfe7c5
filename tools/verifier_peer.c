#include "verifier.h"

#include "link.h"

#include <sys/socket.h>
#include <unistd.h>

/*
 * Of a set-uid program, who executed it: the connection may come from anybody.
 * Of a service, who connected.
 */
int
verifier_peer(int fd, struct peer *peer, struct trouble *why)
{
	uid_t uid = peer->uid;

	if (uid == geteuid() && link_peer(fd, &uid) < 0)
		return err_say(why, ERR_IO,
		    "standard input is no connection: %m");
	if (uid == LINK_NAMELESS_UID || uid == (uid_t)-1)
		return err_say(why, ERR_CALLER, "uid %lu is nobody's",
		    (unsigned long)uid);
	peer->uid = uid;
	peer->about_anyone = uid == 0 || uid == geteuid();
	return 0;
}
