/* What of the machine decides whether codes can be judged: the store's disk, the
 * clock, the verifier. */
#include "doctor.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

/*
 * The disk
 */

/* What file systems do with what is written. */
enum disk {
	DISK_FORGETS,	     /* at the next start */
	DISK_FOREIGN,	     /* somebody else keeps it, and its locks */
	DISK_COPIES,	     /* to another place, which a full disk has not */
	DISK_CAN_KEEP_PLACE, /* likewise, unless it was told for each file */
};

/* clang-format off */
static const struct {
	uint32_t kind; /* statfs(2) */
	const char *name;
	enum disk disk;
} disks[] = {
	{ 0x01021994, "tmpfs",    DISK_FORGETS },
	{ 0x858458f6, "ramfs",    DISK_FORGETS },
	{ 0x00006969, "NFS",      DISK_FOREIGN },
	{ 0x0000517b, "SMB",      DISK_FOREIGN },
	{ 0xff534d42, "CIFS",     DISK_FOREIGN },
	{ 0xfe534d42, "SMB",      DISK_FOREIGN },
	{ 0x00c36400, "Ceph",     DISK_FOREIGN },
	{ 0x5346414f, "AFS",      DISK_FOREIGN },
	{ 0x01021997, "9P",       DISK_FOREIGN },
	{ 0x65735546, "FUSE",     DISK_FOREIGN },
	{ 0x01161970, "GFS2",     DISK_FOREIGN },
	{ 0x7461636f, "OCFS2",    DISK_FOREIGN },
	{ 0x794c7630, "overlay",  DISK_COPIES },
	{ 0x2fc12fc1, "ZFS",      DISK_COPIES },
	{ 0xca451a4e, "bcachefs", DISK_COPIES },
	{ 0x9123683e, "btrfs",    DISK_CAN_KEEP_PLACE },
};
/* clang-format on */

static void
say_forgets(struct doctor *doctor, const char *dir, const char *name)
{
	struct finding *f =
	    doctor_find(doctor, SEVERITY_FAULT, "store-in-memory", dir, 0);

	finding_text(f,
	    "The store is on %s, in memory: after the next start it is gone, "
	    "and everyone is refused.",
	    name);
	finding_fix(f, "set store_dir to a folder on a disk, and run: "
		       "sallyport setup");
}

static void
say_foreign(struct doctor *doctor, const char *dir, const char *name)
{
	struct finding *f =
	    doctor_find(doctor, SEVERITY_FAULT, "store-remote", dir, 0);

	finding_text(f,
	    "The store is on %s: whether a lock holds, and what was written is "
	    "kept, is not in this machine's hand. A code could open twice, and "
	    "where the other side is away everyone is refused.",
	    name);
	finding_fix(f, "set store_dir to a folder on a disk of this machine");
}

static void
say_copies(struct doctor *doctor, const char *dir, const char *name, bool told)
{
	struct finding *f =
	    doctor_find(doctor, SEVERITY_WARNING, "store-copies", dir, 0);

	finding_text(f,
	    "The store is on %s, which writes to a new place each time: while "
	    "the disk is full, everyone is refused.",
	    name);
	if (told)
		finding_fix(f,
		    "chattr +C %s, and put a copy of each .state file in its "
		    "place, while nobody logs in",
		    dir);
	else
		finding_fix(f, "set store_dir to a folder on ext4 or xfs");
}

void
doctor_disk_judge(struct doctor *doctor, const char *dir, uint32_t kind,
    bool copies)
{
	for (size_t i = 0; i < sizeof disks / sizeof disks[0]; i++) {
		if (disks[i].kind != kind)
			continue;
		if (disks[i].disk == DISK_FORGETS)
			say_forgets(doctor, dir, disks[i].name);
		else if (disks[i].disk == DISK_FOREIGN)
			say_foreign(doctor, dir, disks[i].name);
		else if (disks[i].disk == DISK_COPIES)
			say_copies(doctor, dir, disks[i].name, false);
		else if (copies)
			say_copies(doctor, dir, disks[i].name, true);
	}
}

/* Whether a state file there lacks the attribute that keeps it in its place. */
static bool
has_copied_state(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	bool found = false;

	while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		int flags = 0, fd;

		if (dot == NULL || strcmp(dot, ".state") != 0)
			continue;
		fd = openat(dirfd(folder), entry->d_name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		found = fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 &&
			(flags & FS_NOCOW_FL) == 0;
		if (fd >= 0)
			(void)close(fd);
	}
	if (folder != NULL)
		(void)closedir(folder);
	return found;
}

/* A store that cannot be looked at is somebody else's finding. */
static void
look_at_disk(struct doctor *doctor, const char *dir)
{
	struct statfs disk;

	if (statfs(dir, &disk) == 0)
		doctor_disk_judge(doctor, dir, (uint32_t)disk.f_type,
		    has_copied_state(dir));
}

/*
 * The clock
 */

void
doctor_clock_judge(struct doctor *doctor, const struct settings *settings,
    bool kept)
{
	struct finding *f;

	if (kept)
		return;
	f = doctor_find(doctor, SEVERITY_WARNING, "clock-unkept", "", 0);
	finding_text(f, "Nothing keeps this machine's clock right, as far as "
			"the kernel knows: ");
	if (settings->window == 0)
		finding_text(f, "as soon as it is off, right codes are "
				"refused.");
	else
		finding_text(f,
		    "when it is off by more than %u s, right codes are "
		    "refused.",
		    (unsigned)settings->window * 30);
	finding_fix(f, "systemctl enable --now systemd-timesyncd (or chrony)");
}

static void
look_at_clock(struct doctor *doctor, const struct settings *settings)
{
	struct timex clock = { .modes = 0 };
	int state = adjtimex(&clock);

	if (state >= 0) /* where it may not be asked, nothing is known */
		doctor_clock_judge(doctor, settings,
		    state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0);
}

/*
 * The verifier
 */

enum listening { NO_SOCKET, SILENT, LISTENING };

/* A line of the kernel's list: "Num: RefCount Protocol Flags Type St Inode Path";
 * __SO_ACCEPTCON is among the flags of who listens. */
static bool
is_listener(char *line, const char *path)
{
	enum { FIELD_FLAGS = 3, FIELD_PATH = 7, LISTENS = 0x10000 };
	unsigned long flags = 0;
	char *rest = NULL;
	int field = 0;

	for (char *word = strtok_r(line, " \n", &rest); word != NULL;
	     word = strtok_r(NULL, " \n", &rest), field++) {
		if (field == FIELD_FLAGS)
			flags = strtoul(word, NULL, 16);
		else if (field == FIELD_PATH)
			return (flags & LISTENS) != 0 &&
			       strcmp(word, path) == 0;
	}
	return false;
}

/* By the kernel's list: asking at the socket would start a verifier. */
static enum listening
look_for_listener(const char *path)
{
	FILE *sockets = fopen("/proc/net/unix", "re");
	enum listening found = sockets == NULL ? LISTENING : SILENT;
	char line[512];
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		found = NO_SOCKET;
	while (found == SILENT && fgets(line, sizeof line, sockets) != NULL)
		if (is_listener(line, path))
			found = LISTENING;
	if (sockets != NULL)
		(void)fclose(sockets);
	return found;
}

/* Who needs a verifier is refused; or, where no service does, users cannot
 * enrol themselves. */
static void
say_no_verifier(struct doctor *doctor, const char *socket, bool silent)
{
	struct finding *f = doctor_find(doctor,
	    doctor->runs_as_user ? SEVERITY_FAULT
	    : silent		 ? SEVERITY_WARNING
				 : SEVERITY_NOTE,
	    silent ? "verifier-silent" : "verifier-missing", socket, 0);

	finding_text(f, silent ? "Nobody listens at the verifier's socket: "
			       : "No verifier answers: ");
	if (doctor->runs_as_user)
		finding_text(f, "screen lockers run as their user, who may not "
				"open the store, and refuse everyone.");
	else
		finding_text(f, "users cannot enrol themselves, or see what "
				"they have.");
	finding_fix(f, "systemctl %s sallyport-verifier.socket",
	    silent ? "restart" : "enable --now");
}

static void
say_closed(struct doctor *doctor, const char *socket, mode_t mode)
{
	struct finding *f = doctor_find(doctor,
	    doctor->runs_as_user ? SEVERITY_FAULT : SEVERITY_WARNING,
	    "verifier-closed", socket, 0);

	finding_text(f,
	    "The verifier's socket has mode %04o: those who may not write to "
	    "it cannot ask, and are refused.",
	    (unsigned)mode & 07777);
	finding_fix(f, "SocketMode=0666 in sallyport-verifier.socket, and: "
		       "systemctl restart sallyport-verifier.socket");
}

static void
say_untrusted(struct doctor *doctor, const char *program, const struct stat *st)
{
	struct finding *f = doctor_find(doctor, SEVERITY_FAULT,
	    "verifier-untrusted", program, 0);

	finding_text(f,
	    "It belongs to uid %lu and has mode %04o: others than root can "
	    "change what judges codes as root.",
	    (unsigned long)st->st_uid, (unsigned)st->st_mode & 07777);
	finding_fix(f, "chown root:root %s", program);
	finding_fix(f, "chmod %s %s",
	    (st->st_mode & S_ISUID) != 0 ? "4755" : "0755", program);
}

static void
say_no_program(struct doctor *doctor, const char *program)
{
	struct finding *f = doctor_find(doctor,
	    doctor->runs_as_user ? SEVERITY_FAULT : SEVERITY_WARNING,
	    "verifier-program", program, 0);

	finding_text(f, "The verifier's socket listens, and the program that "
			"answers there is missing: who asks is refused.");
	finding_fix(f, "install sallyport-verifier again");
}

void
doctor_verifier_look(struct doctor *doctor, const struct settings *settings,
    const char *program)
{
	const char *path = settings->verifier_socket;
	enum listening listening = look_for_listener(path);
	struct stat socket, file;
	bool there = stat(program, &file) == 0;
	bool setuid =
	    there && file.st_uid == 0 && (file.st_mode & S_ISUID) != 0;

	if (there && (file.st_uid != 0 || (file.st_mode & 022) != 0))
		say_untrusted(doctor, program, &file);
	if (listening != LISTENING && !setuid)
		say_no_verifier(doctor, path, listening == SILENT);
	else if (listening == LISTENING && !there)
		say_no_program(doctor, program);
	if (listening == LISTENING && !setuid && stat(path, &socket) == 0 &&
	    (socket.st_mode & 0666) != 0666)
		say_closed(doctor, path, socket.st_mode);
}

void
doctor_host_look(struct doctor *doctor, const struct settings *settings)
{
	look_at_disk(doctor, settings->store_dir);
	look_at_clock(doctor, settings);
	doctor_verifier_look(doctor, settings, VERIFIER_PROGRAM);
}
