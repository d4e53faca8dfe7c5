#include "ssh_session.h"

#include "io.h"
#include "mem.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

enum { STAT_SIZE = 1024, ANCESTORS_MOST = 64 };

/* Its fields, by proc(5). */
enum { FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_STARTED = 22 };

/* One line of a file of /proc. */
static int
read_proc(const char *path, char *room, size_t room_size, struct trouble *why)
{
	AUTO_CLOSE int fd = io_open_path(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : io_read_up_to(fd, room, room_size - 1);

	if (n < 0)
		return err_say(why, ERR_IO, "cannot read %s: %m", path);
	room[n] = '\0';
	room[strcspn(room, "\n")] = '\0';
	return 0;
}

static int
read_boot_id(struct moment *moment, struct trouble *why)
{
	return read_proc(BOOT_ID_FILE, moment->boot, sizeof moment->boot, why);
}

int
moment_now(struct moment *now_out, struct trouble *why)
{
	struct timespec now;
	struct moment moment;
	long ticks = sysconf(_SC_CLK_TCK);
	int r;

	if ((r = read_boot_id(&moment, why)) < 0)
		return r;
	if (ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return err_say(why, ERR_IO, "cannot read the clock: %m");
	moment.ticks = (uint64_t)now.tv_sec * (uint64_t)ticks +
		       (uint64_t)now.tv_nsec * (uint64_t)ticks / 1000000000;
	*now_out = moment;
	return 0;
}

bool
moment_is_after(const struct moment *began, const struct moment *moment)
{
	return strcmp(began->boot, moment->boot) != 0 ||
	       began->ticks > moment->ticks;
}

/* The number that the field is, blanks before and behind it. */
static int
take_field(const char *text, unsigned field, unsigned first,
    uint64_t *number_out)
{
	char number[24];
	size_t len;

	for (; first < field; first++) {
		text += strcspn(text, " ");
		text += strspn(text, " ");
	}
	len = strcspn(text, " ");
	if (len >= sizeof number)
		return ERR_INPUT;
	memcpy(number, text, len);
	number[len] = '\0';
	return text_number(number, 0, UINT64_MAX, number_out);
}

/* The program's name is in brackets and can hold any. */
int
process_stat_read(const char *text, uint64_t *parent_out, uint64_t *ticks_out)
{
	const char *rest = strrchr(text, ')');
	uint64_t parent, ticks;

	if (rest == NULL || rest[1] != ' ')
		return ERR_INPUT;
	rest += 2;
	if (take_field(rest, FIELD_PARENT, FIELD_STATE, &parent) < 0 ||
	    take_field(rest, FIELD_STARTED, FIELD_STATE, &ticks) < 0)
		return ERR_INPUT;
	*parent_out = parent;
	*ticks_out = ticks;
	return 0;
}

bool
process_runs_sshd(pid_t pid)
{
	char link[64], path[256];
	const char *base;
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%ld/exe", (long)pid);
	if ((n = readlink(link, path, sizeof path - 1)) < 0)
		return false;
	path[n] = '\0';
	base = strrchr(path, '/');
	return text_after(base != NULL ? base + 1 : path, "sshd") != NULL;
}

static int
read_process(pid_t pid, uint64_t *parent_out, uint64_t *ticks_out,
    struct trouble *why)
{
	char path[64], text[STAT_SIZE];
	int r;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	if ((r = read_proc(path, text, sizeof text, why)) < 0)
		return r;
	r = process_stat_read(text, parent_out, ticks_out);
	return r < 0 ? err_say(why, ERR_IO, "cannot understand %s", path) : 0;
}

int
ssh_session_began(struct moment *began_out, struct trouble *why)
{
	struct moment moment;
	uint64_t parent = (uint64_t)getppid();
	int r;

	if ((r = read_boot_id(&moment, why)) < 0)
		return r;
	for (int n = 0; parent > 1 && n < ANCESTORS_MOST; n++) {
		pid_t pid = (pid_t)parent;

		if ((r = read_process(pid, &parent, &moment.ticks, why)) < 0)
			return r;
		if (!process_runs_sshd(pid))
			continue;
		*began_out = moment;
		return 0;
	}
	return err_say(why, ERR_MISSING, "this is no SSH login");
}
