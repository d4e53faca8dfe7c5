#include "booth.h"

#include "io.h"
#include "link.h"
#include "mem.h"
#include "release.h"
#include "store.h"
#include "test.h"
#include "totp.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLENTY = 60 * 1000 }; /* milliseconds */

static const char *
program(void)
{
	static char path[1024];
	const char *build = getenv("top_builddir");

	snprintf(path, sizeof path, "%s/tools/sallyport-verifier",
	    build != NULL ? build : ".");
	return path;
}

void
booth_new(struct booth *booth, const char *settings)
{
	char lines[2048];

	memset(booth, 0, sizeof *booth);
	scratch_new_store(&booth->scratch);
	expect_int(snprintf(booth->scratch.settings.verifier_socket,
		       SETTINGS_SOCKET_SIZE, "%s",
		       scratch_path(&booth->scratch, "socket")) <
		       SETTINGS_SOCKET_SIZE,
	    1);
	snprintf(lines, sizeof lines, "verifier_socket = %s\n%s",
	    booth->scratch.settings.verifier_socket, settings);
	snprintf(booth->config, sizeof booth->config, "%s",
	    scratch_config(&booth->scratch, lines));
}

void
booth_free(struct booth *booth)
{
	if (booth->server > 0) {
		(void)kill(booth->server, SIGKILL);
		(void)waitpid(booth->server, NULL, 0);
	}
	scratch_free(&booth->scratch);
}

void
booth_let_in(struct booth *booth)
{
	char above[SCRATCH_DIR_SIZE];

	strcpy(above, booth->scratch.dir);
	*strrchr(above, '/') = '\0';
	expect_int(chmod(above, 0711), 0);
	expect_int(chmod(booth->scratch.dir, 0711), 0);
	expect_int(chmod(booth->config, 0644), 0);
}

/* ---- who is enrolled ---- */

static struct authenticator
token(void)
{
	static const char seed[] = "12345678901234567890"; /* RFC 4226 D */
	struct authenticator token = { .id = 7,
		.kind = AUTHENTICATOR_HOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.created = RELEASE_TIME,
		.name = "token",
		.key_len = sizeof seed - 1 };

	memcpy(token.key, seed, token.key_len);
	return token;
}

/* The n-th that can be shown. */
static void
recovery_bytes(unsigned n, uint8_t code[RECOVERY_BYTES])
{
	char text[RECOVERY_TEXT_SIZE];

	memset(code, (int)(n + 1), RECOVERY_BYTES);
	for (code[0] = 0; recovery_show(code, text) < 0; code[0]++)
		;
}

const char *
booth_recovery(unsigned n)
{
	static char text[RECOVERY_TEXT_SIZE];
	uint8_t code[RECOVERY_BYTES];

	recovery_bytes(n, code);
	expect_int(recovery_show(code, text), 0);
	return text;
}

const char *
booth_code(uint64_t n)
{
	static char code[TOTP_CODE_SIZE];
	struct authenticator it = token();
	struct totp totp = authenticator_totp(&it);

	expect_int(totp_code(&totp, n, code), 0);
	return code;
}

void
booth_enrol(struct booth *booth, const char *user, uid_t uid)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	struct account account = { .known = true, .uid = uid };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();
	struct authenticator it = token();
	struct trouble why;

	snprintf(account.name, sizeof account.name, "%s", user);
	snprintf(record->user, sizeof record->user, "%s", user);
	record->uid = uid;
	record->created = RELEASE_TIME;
	expect_int(record_add(record, &it), 0);
	record->recovery.id = 8;
	for (unsigned n = 0; n < RECOVERY_CODES; n++) {
		uint8_t code[RECOVERY_BYTES];

		recovery_bytes(n, code);
		recovery_hash(record->recovery.key, code,
		    record->recovery.hash[n]);
	}
	expect_int(store_open(&booth->scratch.settings, &why, &store), 0);
	expect_int(store_begin_enrolling(store, &account, &txn), 0);
	expect_int(store_enrol(txn, record, spent), 0);
}

unsigned
booth_failures(struct booth *booth, uid_t uid)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;

	expect_int(store_open(&booth->scratch.settings, &why, &store), 0);
	expect_int(store_read(store, uid, &txn), 0);
	return store_state(txn)->failures;
}

const char *
booth_me(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	if (entry == NULL)
		NOT_TESTED("who runs this has no name");
	return entry->pw_name;
}

/* ---- the program ---- */

static void
execute(const char *const *words)
{
	const char *argv[BOOTH_WORDS] = { NULL };

	for (size_t i = 0; i + 1 < BOOTH_WORDS && words[i] != NULL; i++)
		argv[i] = words[i];
	(void)execv(program(), (char *const *)(uintptr_t)argv);
	_exit(126);
}

/* In a child, which the kernel ends with the test: everything it runs finds
 * the connection as 0 and 1, and its standard error. */
static void
serve(int listener, const char *config)
{
	const char *const words[] = { "verifier", "--config", config, NULL };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0 && fork() == 0) {
			(void)signal(SIGCHLD, SIG_DFL);
			(void)dup2(fd, 0);
			(void)dup2(fd, 1);
			execute(words);
		}
		(void)close(fd);
	}
}

void
booth_open(struct booth *booth)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, booth->scratch.settings.verifier_socket);
	expect(listener >= 0);
	expect_int(bind(listener, (struct sockaddr *)&address, sizeof address),
	    0);
	expect_int(chmod(address.sun_path, 0666), 0);
	expect_int(listen(listener, 4096), 0);
	fflush(NULL);
	if ((booth->server = fork()) == 0)
		serve(listener, booth->config);
	expect(booth->server > 0);
	close(listener);
}

void
booth_visit(struct booth *booth, const char *const *words,
    void (*prepare)(void), struct visitor *visitor_out)
{
	int its;

	(void)booth;
	expect_int(link_pair(&visitor_out->fd, &its), 0);
	fflush(NULL);
	if ((visitor_out->pid = fork()) == 0) {
		(void)dup2(its, 0);
		if (prepare != NULL)
			prepare();
		execute(words);
	}
	expect(visitor_out->pid > 0);
	close(its);
}

void
booth_become(struct booth *booth)
{
	const char *const words[] = { "verifier", "--config", booth->config,
		NULL };

	execute(words);
}

void
booth_start(struct booth *booth, void (*prepare)(void),
    struct visitor *visitor_out)
{
	const char *const words[] = { "verifier", "--config", booth->config,
		NULL };

	booth_visit(booth, words, prepare, visitor_out);
}

void
visitor_ask(const struct visitor *visitor, const struct wire_request *request)
{
	static uint8_t frame[WIRE_MOST];
	size_t n;

	expect_int(wire_format_request(request, frame, &n), 0);
	expect_int(link_send(visitor->fd, frame, n, io_milliseconds() + PLENTY),
	    0);
}

bool
visitor_hear(struct visitor *visitor, struct wire_reply *reply_out)
{
	static uint8_t frame[WIRE_MOST];
	int64_t until = io_milliseconds() + PLENTY;
	size_t n;

	return link_receive(visitor->fd, frame, sizeof frame, &n, until) == 0 &&
	       wire_parse_reply(frame, n, reply_out) == 0 &&
	       link_ended(visitor->fd, until) == 0;
}

int
visitor_end(struct visitor *visitor)
{
	int status = 0;

	while (waitpid(visitor->pid, &status, 0) < 0)
		expect_int(errno, EINTR);
	if (visitor->fd >= 0)
		close(visitor->fd);
	visitor->fd = -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

struct wire_request
booth_question(const struct booth *booth, enum wire_kind kind, const char *user,
    const char *answer)
{
	struct wire_request request = { .kind = kind,
		.said = { "locker", "", ":0", false } };

	memcpy(request.store_dir, booth->scratch.settings.store_dir,
	    sizeof request.store_dir);
	snprintf(request.user, sizeof request.user, "%s", user);
	if (answer != NULL)
		answer_read(answer, &request.answer);
	return request;
}
