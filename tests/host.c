#include "host.h"

#include "test.h"
#include "totp.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define IN_FRONT __attribute__((visibility("default")))

/* ---- the user database ---- */

enum { USERS_MOST = 256 };

static struct {
	char name[300], canonical[300];
	uid_t uid;
} users[USERS_MOST] = {
	{ "alice", "alice", 1000 },
	{ "bob", "bob", 1001 },
	{ "carol", "carol", 1002 },
};
static size_t user_count = 3;
int host_directory_error;

void
host_add_user(const char *name, const char *canonical, uid_t uid)
{
	assert_true(user_count < USERS_MOST);
	snprintf(users[user_count].name, sizeof users[0].name, "%s", name);
	snprintf(users[user_count].canonical, sizeof users[0].canonical, "%s",
	    canonical);
	users[user_count++].uid = uid;
}

IN_FRONT int
getpwnam_r(const char *restrict name, struct passwd *restrict entry,
    char *restrict room, size_t size, struct passwd **restrict found)
{
	*found = NULL;
	if (host_directory_error != 0)
		return host_directory_error;
	for (size_t i = 0; i < user_count; i++) {
		if (strcmp(users[i].name, name) != 0)
			continue;
		if (strlen(users[i].canonical) >= size)
			return ERANGE;
		strcpy(room, users[i].canonical);
		*entry = (struct passwd){ .pw_name = room,
			.pw_passwd = room + strlen(room),
			.pw_uid = users[i].uid,
			.pw_gid = 100,
			.pw_gecos = room + strlen(room),
			.pw_dir = room + strlen(room),
			.pw_shell = room + strlen(room) };
		*found = entry;
		return 0;
	}
	return 0;
}

int host_shadow_error;
long host_changed, host_least_age;

IN_FRONT int
getspnam_r(const char *restrict name, struct spwd *restrict entry,
    char *restrict room, size_t size, struct spwd **restrict found)
{
	(void)name;
	*found = NULL;
	if (host_shadow_error != 0)
		return host_shadow_error;
	snprintf(room, size, "$y$the hash");
	*entry = (struct spwd){ .sp_pwdp = room,
		.sp_lstchg = host_changed,
		.sp_min = host_least_age };
	*found = entry;
	return 0;
}

/* ---- the clock ---- */

int64_t host_clock = NOON;
bool host_clock_fails;

IN_FRONT int
clock_gettime(clockid_t which, struct timespec *now)
{
	if (which == CLOCK_REALTIME && host_clock_fails) {
		errno = EINVAL;
		return -1;
	}
	if (which == CLOCK_REALTIME && host_clock != 0) {
		*now = (struct timespec){ .tv_sec = (time_t)host_clock };
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, which, now);
}

IN_FRONT time_t
time(time_t *out)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

/* ---- the system log ---- */

char host_log[16384];
int host_log_priority;

/* Threads log too. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void take_line(int priority, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
take_line(int priority, const char *format, va_list args)
{
	size_t used;

	(void)pthread_mutex_lock(&log_lock);
	used = strlen(host_log);
	if (used + 1100 > sizeof host_log)
		used = 0;
	vsnprintf(host_log + used, sizeof host_log - used - 2, format, args);
	strcat(host_log, "\n");
	host_log_priority = priority;
	(void)pthread_mutex_unlock(&log_lock);
}

#undef syslog /* a macro, where the compiler fortifies */

IN_FRONT void
syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	take_line(priority, format, args);
	va_end(args);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

IN_FRONT void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	take_line(priority, format, args);
	va_end(args);
}

/* ---- the conversation ---- */

static void
hear(struct talk *talk, const struct pam_message *message)
{
	size_t used = strlen(talk->said);

	snprintf(talk->said + used, sizeof talk->said - used, "%s\n",
	    message->msg);
	if (message->msg_style == PAM_PROMPT_ECHO_OFF ||
	    message->msg_style == PAM_PROMPT_ECHO_ON) {
		talk->asked++;
		talk->style = message->msg_style;
	} else {
		talk->told++;
		talk->told_as = message->msg_style;
	}
}

static char *
answer_to(struct talk *talk, const struct pam_message *message)
{
	const char *text;

	if (message->msg_style != PAM_PROMPT_ECHO_OFF &&
	    message->msg_style != PAM_PROMPT_ECHO_ON)
		return NULL;
	talk->shown = message->msg;
	if (talk->during != NULL)
		talk->during();
	if (talk->asked > TALK_ANSWERS)
		return NULL;
	text = talk->answers[talk->asked - 1];
	return text == NULL ? NULL : strdup(text);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct talk *talk = data;
	struct pam_response *answers;

	if (count > talk->most_messages)
		talk->most_messages = count;
	if (talk->again > 0) {
		talk->again--;
		return PAM_CONV_AGAIN;
	}
	for (int i = 0; i < count; i++)
		hear(talk, messages[i]);
	if (talk->no_array || count < 1)
		return talk->result;
	answers = calloc((size_t)count, sizeof *answers);
	if (answers == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++)
		answers[i].resp = answer_to(talk, messages[i]);
	*responses = answers;
	return talk->result;
}

/* libpam calls this instead of sleeping. */
static void
take_delay(int status, unsigned microseconds, void *data)
{
	struct talk *talk = data;

	(void)status;
	talk->delay = microseconds;
}

/* ---- logins ---- */

void
host_new(struct host *host, const char *settings)
{
	memset(host, 0, sizeof *host);
	host_clock = NOON;
	host_clock_fails = false;
	host_directory_error = host_shadow_error = 0;
	host_changed = host_least_age = -1;
	host_log[0] = '\0';
	scratch_new_store(&host->scratch);
	snprintf(host->config, sizeof host->config, "%s",
	    scratch_config(&host->scratch, settings));
	snprintf(host->conf_dir, sizeof host->conf_dir, "%s",
	    scratch_path(&host->scratch, "pam.d"));
	assert_int_equal(mkdir(host->conf_dir, 0700), 0);
	scratch_write_text(&host->scratch, "pam.d/other", "# nothing\n");
	host_stack(host, "auth required %M explain\n");
}

void
host_free(struct host *host)
{
	host_clock = NOON;
	scratch_free(&host->scratch);
}

/* What %M, %m, %S and %D stand for; NULL: any other letter, for itself. */
static const char *
expand(const struct host *host, char letter)
{
	static char text[2048];
	const char *build = getenv("top_builddir");

	if (build == NULL)
		build = ".";
	switch (letter) {
	case 'M':
		snprintf(text, sizeof text,
		    "%s/pam_module/.libs/pam_sallyport.so config=%s", build,
		    host->config);
		return text;
	case 'm':
		snprintf(text, sizeof text,
		    "%s/pam_module/.libs/pam_sallyport.so", build);
		return text;
	case 'S':
		snprintf(text, sizeof text, "%s/tests/.libs/pam_stores.so",
		    build);
		return text;
	case 'D':
		return host->scratch.dir;
	default:
		return NULL;
	}
}

void
host_stack(struct host *host, const char *stack)
{
	char text[8192] = "";
	size_t used = 0;

	for (const char *c = stack; *c != '\0' && used < sizeof text; c++) {
		const char *more = *c == '%' ? expand(host, c[1]) : NULL;

		if (more == NULL) {
			text[used++] = *c;
			continue;
		}
		used += (size_t)snprintf(text + used, sizeof text - used, "%s",
		    more);
		c++;
	}
	assert_true(used < sizeof text);
	scratch_write(&host->scratch, "pam.d/test", text, used);
}

pam_handle_t *
host_start(struct host *host, const char *user, struct talk *talk)
{
	struct pam_conv conv = { converse, talk };
	pam_handle_t *pamh = NULL;
	union {
		void (*function)(int, unsigned, void *);
		const void *item;
	} delay = { .function = take_delay };

	if (talk->no_function)
		conv.conv = NULL;
	assert_int_equal(pam_start_confdir("test", user, &conv, host->conf_dir,
			     &pamh),
	    PAM_SUCCESS);
	assert_int_equal(pam_set_item(pamh, PAM_FAIL_DELAY, delay.item),
	    PAM_SUCCESS);
	return pamh;
}

int
host_login(struct host *host, const char *user, struct talk *talk)
{
	pam_handle_t *pamh = host_start(host, user, talk);
	int r = pam_authenticate(pamh, 0);

	assert_int_equal(pam_end(pamh, r), PAM_SUCCESS);
	return r;
}

int
host_try(struct host *host, const char *user, const char *answer)
{
	struct talk talk = { .answers = { answer } };

	return host_login(host, user, &talk);
}

/* ---- what is enrolled ---- */

static struct authenticator
phone_of(uid_t uid)
{
	static const char seed[] = "12345678901234567890";
	struct authenticator phone = { .id = 1 + uid,
		.kind = AUTHENTICATOR_TOTP,
		.algorithm = ALGORITHM_SHA1,
		.digits = 6,
		.period = 30,
		.created = NOON - 86400,
		.name = "phone",
		.key_len = 20 };

	memcpy(phone.key, seed, phone.key_len);
	phone.key[0] ^= (uint8_t)uid;
	phone.key[1] ^= (uint8_t)(uid >> 8);
	return phone;
}

static void
recovery_bytes(uid_t uid, unsigned n, uint8_t code[RECOVERY_BYTES])
{
	char text[RECOVERY_TEXT_SIZE];

	memset(code, (int)(n + 1), RECOVERY_BYTES);
	code[0] = (uint8_t)uid;
	/* Some bytes have a check symbol that is not shown. */
	for (code[1] = 0; recovery_show(code, text) < 0; code[1]++)
		;
}

const char *
host_recovery(uid_t uid, unsigned n)
{
	static char text[RECOVERY_TEXT_SIZE];
	uint8_t code[RECOVERY_BYTES];

	recovery_bytes(uid, n, code);
	assert_int_equal(recovery_show(code, text), 0);
	return text;
}

const char *
host_code(uid_t uid, int64_t at)
{
	static char ring[16][TOTP_CODE_SIZE];
	static unsigned turn;
	struct authenticator phone = phone_of(uid);
	struct totp totp = authenticator_totp(&phone);
	char *code = ring[turn++ % 16];

	assert_int_equal(totp_code(&totp, (uint64_t)at / 30, code), 0);
	return code;
}

void
host_enrol(struct host *host, const char *user, uid_t uid)
{
	const uint64_t spent[RECORD_AUTHENTICATORS] = { 0 };
	struct authenticator phone = phone_of(uid);
	struct account account = { .known = true, .uid = uid };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	AUTO_RECORD struct record *record = record_new();
	struct trouble why;

	snprintf(account.name, sizeof account.name, "%s", user);
	record->uid = uid;
	record->created = phone.created;
	snprintf(record->user, sizeof record->user, "%s", user);
	assert_int_equal(record_add(record, &phone), 0);
	record->recovery.id = 100000 + uid;
	memset(record->recovery.key, (int)uid, RECOVERY_KEY_BYTES);
	for (unsigned n = 0; n < RECOVERY_CODES; n++) {
		uint8_t code[RECOVERY_BYTES];

		recovery_bytes(uid, n, code);
		recovery_hash(record->recovery.key, code,
		    record->recovery.hash[n]);
	}
	assert_int_equal(store_open(&host->scratch.settings, &why, &store), 0);
	assert_int_equal(store_begin_enrolling(store, &account, &txn), 0);
	assert_int_equal(store_enrol(txn, record, spent), 0);
}

static struct state
state_of(struct host *host, uid_t uid)
{
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;

	assert_int_equal(store_open(&host->scratch.settings, &why, &store), 0);
	assert_int_equal(store_read(store, uid, &txn), 0);
	return *store_state(txn);
}

unsigned
host_failures(struct host *host, uid_t uid)
{
	return state_of(host, uid).failures;
}

uint64_t
host_sequence(struct host *host, uid_t uid)
{
	return state_of(host, uid).sequence;
}

void
host_note(struct host *host, const char *user, uid_t uid, uint32_t notices)
{
	struct account account = { .known = true, .uid = uid };
	AUTO_STORE struct store *store = NULL;
	AUTO_TXN struct store_txn *txn = NULL;
	struct trouble why;

	snprintf(account.name, sizeof account.name, "%s", user);
	assert_int_equal(store_open(&host->scratch.settings, &why, &store), 0);
	assert_int_equal(store_begin(store, &account, &txn), 0);
	store_state(txn)->notices = notices;
	assert_int_equal(store_commit(txn), 0);
}

uint32_t
host_notices(struct host *host, uid_t uid)
{
	return state_of(host, uid).notices;
}
