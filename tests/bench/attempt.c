/*
 * Times logins with right codes, from pam_start to pam_end in this process:
 *
 *	attempt USER ROUNDS SECONDS CONTENDER... <CODES
 *
 * A contender is a folder, whose stack "bench" is run (with "@" before it, by
 * a program that runs as the user himself), or a file, of which a
 * block is written in place and made durable: what no login that remembers
 * can do without.  In a round each has its turn, in an order of its own, so
 * that what disturbs the machine disturbs all of them.  Each round has the
 * next code, and the clock stands at its time.  It ends after so many rounds,
 * or so many seconds.
 *
 * Prints a line for each round: nanoseconds, one number a contender.
 *
 * The program links nothing but libpam, so that a module pays for loading what
 * it needs, as it does in a login program.  User database, clock and system
 * log are the program's own, as in tests/host.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define IN_FRONT __attribute__((visibility("default")))

enum {
	CONTENDERS_MOST = 8,
	CODE_SIZE = 16,
	STEP = 30,	    /* seconds from code to code */
	FIRST_UID = 100000, /* of user0, as in enrol.c */
	BLOCK = 1024,	    /* bytes that the floor writes */
};

#define NOON INT64_C(1800014400) /* 2027-01-15 12:00 UTC, a step's start */

struct contender {
	const char *path;
	bool is_floor, as_user;
	int64_t ns; /* this round's */
};

static void
die(const char *who, const char *why)
{
	fprintf(stderr, "attempt: %s: %s\n", who, why);
	exit(1);
}

static struct contender contenders[CONTENDERS_MOST];
static size_t contender_count;
static const char *user;
static char code[CODE_SIZE];
static int64_t now = NOON;

/* ---- what stands in front of libc ---- */

IN_FRONT int
clock_gettime(clockid_t which, struct timespec *out)
{
	if (which != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, which, out);
	*out = (struct timespec){ .tv_sec = (time_t)now };
	return 0;
}

IN_FRONT time_t
time(time_t *out)
{
	if (out != NULL)
		*out = (time_t)now;
	return (time_t)now;
}

/* user0, user1, … and root. */
static bool
uid_of(const char *name, uid_t *uid_out)
{
	unsigned n;

	*uid_out = 0;
	if (strcmp(name, "root") == 0)
		return true;
	if (sscanf(name, "user%u", &n) != 1)
		return false;
	*uid_out = FIRST_UID + n;
	return true;
}

IN_FRONT int
getpwnam_r(const char *restrict name, struct passwd *restrict entry,
    char *restrict room, size_t size, struct passwd **restrict found)
{
	size_t len = strlen(name);
	uid_t uid;

	*found = NULL;
	if (!uid_of(name, &uid))
		return 0;
	if (len >= size)
		return ERANGE;
	memcpy(room, name, len + 1);
	*entry = (struct passwd){ .pw_name = room,
		.pw_passwd = room + len,
		.pw_uid = uid,
		.pw_gid = uid,
		.pw_gecos = room + len,
		.pw_dir = room + len,
		.pw_shell = room + len };
	*found = entry;
	return 0;
}

/* Nobody listens: a slow log would be everybody's. */
#undef syslog /* a macro, where the compiler fortifies */

IN_FRONT void
syslog(int priority, const char *format, ...)
{
	(void)priority;
	(void)format;
}

void __syslog_chk(int priority, int flag, const char *format, ...);

IN_FRONT void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	(void)priority;
	(void)flag;
	(void)format;
}

/* ---- the contenders ---- */

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *answers = calloc((size_t)count, sizeof *answers);

	(void)data;
	if (answers == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++)
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
		    messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
			answers[i].resp = strdup(code);
	*responses = answers;
	return PAM_SUCCESS;
}

static void
log_in(const char *stacks)
{
	const struct pam_conv conv = { converse, NULL };
	pam_handle_t *pamh = NULL;
	int r = pam_start_confdir("bench", user, &conv, stacks, &pamh);

	if (r == PAM_SUCCESS)
		r = pam_authenticate(pamh, 0);
	if (r != PAM_SUCCESS)
		die(stacks, pam_strerror(pamh, r));
	if (pam_end(pamh, r) != PAM_SUCCESS)
		die(stacks, "pam_end failed");
}

static void
write_in_place(const char *file)
{
	static char block[BLOCK];
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	block[0]++;
	if (fd < 0 || pwrite(fd, block, sizeof block, 0) != sizeof block ||
	    fdatasync(fd) < 0 || close(fd) < 0)
		die(file, strerror(errno));
}

static int64_t
monotonic_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		die("the clock", strerror(errno));
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
take_turn(struct contender *contender)
{
	uid_t uid = 0;
	int64_t began;

	if (contender->as_user &&
	    (!uid_of(user, &uid) || setresuid(uid, uid, 0) < 0))
		die(contender->path, "cannot become the user");
	began = monotonic_ns();
	if (contender->is_floor)
		write_in_place(contender->path);
	else
		log_in(contender->path);
	contender->ns = monotonic_ns() - began;
	if (contender->as_user && setresuid(0, 0, 0) < 0)
		die(contender->path, "cannot become root again");
}

/* ---- rounds ---- */

/* The same orders every time it is run. */
static void
shuffle(size_t order[CONTENDERS_MOST])
{
	static unsigned seed = 1;

	for (size_t i = 0; i < contender_count; i++) {
		size_t other = (size_t)rand_r(&seed) % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
}

static bool
next_code(void)
{
	if (fgets(code, sizeof code, stdin) == NULL)
		return false;
	code[strcspn(code, "\n")] = '\0';
	return true;
}

static void
play_round(void)
{
	size_t order[CONTENDERS_MOST] = { 0 };

	shuffle(order);
	for (size_t i = 0; i < contender_count; i++)
		take_turn(&contenders[order[i]]);
	for (size_t i = 0; i < contender_count; i++)
		printf("%lld%c", (long long)contenders[i].ns,
		    i + 1 < contender_count ? ' ' : '\n');
	now += STEP;
}

static void
enter(const char *path)
{
	bool as_user = path[0] == '@';
	struct stat st;

	if (as_user)
		path++;
	if (stat(path, &st) < 0)
		die(path, strerror(errno));
	contenders[contender_count++] =
	    (struct contender){ path, S_ISREG(st.st_mode), as_user, 0 };
}

int
main(int argc, char **argv)
{
	int64_t deadline;
	long rounds;

	if (argc < 5 || argc - 4 > CONTENDERS_MOST)
		die("usage", "USER ROUNDS SECONDS CONTENDER... <CODES");
	user = argv[1];
	rounds = atol(argv[2]);
	deadline = monotonic_ns() + atol(argv[3]) * INT64_C(1000000000);
	for (int i = 4; i < argc; i++)
		enter(argv[i]);
	for (long round = 0; round < rounds; round++) {
		if (monotonic_ns() > deadline || !next_code())
			break;
		play_round();
	}
	return 0;
}
