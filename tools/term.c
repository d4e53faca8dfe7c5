#include "term.h"

#include "err.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

enum { USUAL_ROWS = 24 };

static const int endings[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { ENDINGS = sizeof endings / sizeof endings[0] };

static bool holding;
static sigset_t before; /* the mask without our hold */

/* What is opened later must not stand where an output was: keys would be printed
 * into the log.  To read or write there fails as before. */
static void
fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
			    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void
term_begin(void)
{
	const struct rlimit none = { 0, 0 };

	fill_standard();
	setlocale(LC_CTYPE, "");
	/* Keys pass through here; and what takes core dumps from a pipe, does
	 * so for all the limit. */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void
term_end(void)
{
	if (holding)
		sigprocmask(SIG_SETMASK, &before, NULL);
}

/* Only there so that ppoll is interrupted: the signal is raised again. */
static void
interrupt(int number)
{
	signal(number, SIG_DFL);
	raise(number); /* blocked, so it stays until term_end */
}

void
term_hold_signals(void)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct sigaction was;
	sigset_t held;

	if (holding)
		return;
	sigfillset(&action.sa_mask);
	sigemptyset(&held);
	for (size_t i = 0; i < ENDINGS; i++) {
		sigaction(endings[i], NULL, &was);
		if (was.sa_handler == SIG_IGN) /* as nohup has it */
			continue;
		sigaction(endings[i], &action, NULL);
		sigaddset(&held, endings[i]);
	}
	sigprocmask(SIG_BLOCK, &held, &before);
	holding = true;
}

bool
term_interrupted(void)
{
	sigset_t pending;

	if (!holding || sigpending(&pending) < 0)
		return false;
	for (size_t i = 0; i < ENDINGS; i++)
		if (sigismember(&pending, endings[i]) == 1)
			return true;
	return false;
}

static bool
term_is_dumb(void)
{
	const char *term = getenv("TERM");

	return term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
}

struct term_view
term_look(FILE *stream)
{
	struct term_view view = { .rows = USUAL_ROWS,
		.columns = TERM_USUAL_COLUMNS };
	struct winsize size;

	view.terminal = isatty(fileno(stream)) == 1;
	view.draws = view.terminal && !term_is_dumb();
	view.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (view.terminal && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 &&
	    size.ws_row > 0 && size.ws_col > 0) {
		view.rows = size.ws_row;
		view.columns = size.ws_col;
	}
	return view;
}

/* Waits for input; a held signal that comes, or has come, ends it. */
static int
wait_for_input(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	for (;;) {
		if (ppoll(&input, 1, NULL, holding ? &before : NULL) >= 0)
			return 0;
		if (errno != EINTR)
			return ERR_IO;
		if (holding)
			return ERR_TALK;
	}
}

/* Byte by byte, so that the rest of a pipe is left to the next question. */
static int
read_line(char *room, size_t room_size)
{
	size_t len = 0;
	bool fits = true;
	int r;

	for (;;) {
		ssize_t got;
		char c;

		if ((r = wait_for_input()) < 0)
			return r;
		got = read(STDIN_FILENO, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0 && len == 0 && fits)
			return ERR_MISSING;
		if (got == 0 || c == '\n')
			break;
		if (c == '\0' || len + 1 >= room_size)
			fits = false;
		else
			room[len++] = c;
	}
	room[len] = '\0';
	return fits ? 0 : ERR_INPUT;
}

/* A shell shows typing again when a program stops, and does not hide it when
 * that goes on: so it stops later. */
static void
hold_stop(bool hold)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	(void)(hold ? sigaddset(&before, SIGTSTP)
		    : sigdelset(&before, SIGTSTP)); /* also while we wait */
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &stop, NULL);
}

/* Typing has to be shown again however the reading ends, so from here on
 * Ctrl-C waits for us.  Returns whether there was anything to hide. */
static bool
hide_typing(struct termios *usual)
{
	struct termios quiet;

	if (tcgetattr(STDIN_FILENO, usual) < 0)
		return false; /* not a terminal */
	term_hold_signals();
	hold_stop(true);
	quiet = *usual;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

static void
show_typing(const struct termios *usual)
{
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, usual);
	hold_stop(false);
}

int
term_read(const char *prompt, bool hidden, char *room, size_t room_size)
{
	bool typed = isatty(STDIN_FILENO) == 1;
	struct termios usual;
	int r;

	fflush(stdout);
	hidden = hidden && hide_typing(&usual);
	fputs(prompt, stderr);
	r = read_line(room, room_size);
	if (hidden)
		show_typing(&usual);
	if (r < 0)
		mem_wipe(room, room_size);
	/* Nobody's Enter was seen to end the prompt's line. */
	if (!typed || hidden || r == ERR_MISSING || r == ERR_TALK)
		fputc('\n', stderr);
	return r;
}

int
term_agree(const char *question)
{
	char answer[8];

	if (isatty(STDIN_FILENO) != 1)
		return ERR_TALK;
	if (term_read(question, false, answer, sizeof answer) < 0)
		return 0;
	return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0 ||
	       strcmp(answer, "Y") == 0;
}
