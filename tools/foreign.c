#include "foreign.h"

#include "io.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

void
foreign_done(struct foreign *foreign)
{
	secret_free(foreign->text, foreign->room);
}

static int
check(int fd, const char *path, const struct foreign_owner *owner,
    struct stat *st, struct trouble *why)
{
	struct io_expect expect = { .kind = S_IFREG,
		.forbidden = S_IRWXG | S_IRWXO,
		.size = -1 };

	if (fstat(fd, st) < 0)
		return err_say(why, ERR_IO, "cannot look at %s: %m", path);
	expect.owner = owner == NULL ? st->st_uid : owner->uid;
	expect.root_too = owner != NULL && owner->or_root;
	return io_check(fd, path, &expect, why);
}

static int
read_text(int fd, const char *path, struct foreign *foreign,
    struct trouble *why)
{
	ssize_t got = io_read_up_to(fd, foreign->text, foreign->room);

	if (got < 0)
		return err_say(why, ERR_IO, "cannot read %s: %m", path);
	if ((size_t)got >= foreign->room)
		return err_say(why, ERR_INPUT, "%s has grown meanwhile", path);
	foreign->text[got] = '\0';
	if (strlen(foreign->text) != (size_t)got)
		return err_say(why, ERR_INPUT, "%s has a NUL byte", path);
	return 0;
}

int
foreign_read(const char *path, const struct foreign_owner *owner, size_t most,
    struct foreign *foreign_out, struct trouble *why)
{
	AUTO_FOREIGN struct foreign foreign = { .text = NULL };
	AUTO_CLOSE int fd = io_open_path(path, O_RDONLY);
	struct stat st;
	int r;

	if (fd < 0 && errno == ELOOP)
		return err_say(why, ERR_UNTRUSTED, "%s is a link", path);
	if (fd < 0)
		return err_say(why,
		    errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : ERR_IO,
		    "cannot open %s: %m", path);
	if ((r = check(fd, path, owner, &st, why)) < 0)
		return r;
	if ((uintmax_t)st.st_size > most)
		return err_say(why, ERR_INPUT, "%s has more than %zu bytes",
		    path, most);
	foreign.owner = st.st_uid;
	foreign.room = (size_t)st.st_size + 1;
	if ((foreign.text = secret_new(foreign.room)) == NULL)
		return err_say(why, ERR_MEMORY, "reading %s", path);
	if ((r = read_text(fd, path, &foreign, why)) < 0)
		return r;
	*foreign_out = foreign;
	foreign.text = NULL;
	return 0;
}
