/* The questions asked of the verifier, by those who may not open the store. */
#include "service.h"

#include "child.h"
#include "io.h"
#include "link.h"
#include "mem.h"
#include "service_enrol.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Milliseconds: 5 s for a lock, and as much again for everything else. */
enum { ANSWER_DEADLINE = 10 * 1000 };

/* A connection to one verifier. */
struct talk {
	int fd;	     /* owned; -1: none */
	int its_end; /* owned; of one that is still to be run; -1: a service */
	int64_t until;
};

static bool
is_kind(const char *path, mode_t kind, struct stat *st)
{
	return lstat(path, st) == 0 && (st->st_mode & S_IFMT) == kind;
}

bool
service_has_verifier(const struct settings *settings)
{
	struct stat st;

	return is_kind(settings->verifier_socket, S_IFSOCK, &st);
}

/* Installed so that it may open the store whoever runs it; root always may. */
static bool
may_run(const char *path)
{
	struct stat st;

	return is_kind(path, S_IFREG, &st) && st.st_uid == 0 &&
	       (st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       ((st.st_mode & S_ISUID) != 0 || geteuid() == 0);
}

/* Anybody could listen at a path of his own: only root's answer counts, and
 * that of a private store's owner. */
static int
check_listener(const struct settings *settings, int fd, struct trouble *why)
{
	struct stat store;
	uid_t uid;

	if (link_peer(fd, &uid) < 0)
		return err_say(why, ERR_IO, "cannot tell who listens at %s: %m",
		    settings->verifier_socket);
	if (uid == 0 || (uid != LINK_NAMELESS_UID &&
			    is_kind(settings->store_dir, S_IFDIR, &store) &&
			    store.st_uid == uid))
		return 0;
	return err_say(why, ERR_UNTRUSTED,
	    "uid %lu listens at %s, who is not root", (unsigned long)uid,
	    settings->verifier_socket);
}

static int
reach(struct talk *talk, const struct settings *settings, struct trouble *why)
{
	int error;

	talk->until = io_milliseconds() + ANSWER_DEADLINE;
	talk->fd = link_connect(settings->verifier_socket, talk->until);
	if (talk->fd >= 0)
		return check_listener(settings, talk->fd, why);
	error = errno;
	if (!may_run(VERIFIER_PROGRAM)) {
		errno = error;
		return err_say(why, ERR_CALLER,
		    "no verifier answers uid %lu at %s (%m); \"systemctl "
		    "enable --now sallyport-verifier.socket\" starts one",
		    (unsigned long)geteuid(), settings->verifier_socket);
	}
	if (link_pair(&talk->fd, &talk->its_end) < 0)
		return err_say(why, ERR_IO, "cannot make a connection: %m");
	return 0;
}

/* Tells why a message did not get through; errno is the link's. */
static int
cut_off(int err, const char *what, struct trouble *why)
{
	if (err != ERR_IO)
		return err_say(why, err, "%s: %s", what, err_text(err));
	if (errno != 0 && errno != EPIPE && errno != ECONNRESET)
		return err_say(why, err, "%s: %m", what);
	return err_say(why, err,
	    "%s: it hung up; \"journalctl -u 'sallyport-verifier*'\" may say "
	    "why",
	    what);
}

static void
hang_up(struct talk *talk)
{
	mem_auto_close(&talk->fd);
	mem_auto_close(&talk->its_end);
}

/* A program finds the question waiting, and its answer waits for us: it is
 * believed if the program has come to a good end. */
static int
run_program(struct talk *talk, struct trouble *why)
{
	int r;

	if (talk->its_end < 0)
		return 0;
	r = child_run(VERIFIER_PROGRAM, talk->its_end, talk->until);
	mem_auto_close(&talk->its_end);
	talk->its_end = -1;
	if (r == ERR_INPUT)
		return err_say(why, r, "%s did not end well", VERIFIER_PROGRAM);
	if (r == ERR_IO)
		return err_say(why, r, "cannot run %s: %m", VERIFIER_PROGRAM);
	if (r < 0)
		return err_say(why, r, "cannot run %s: %s", VERIFIER_PROGRAM,
		    err_text(r));
	return 0;
}

static int
converse(const struct settings *settings, const struct wire_request *request,
    uint8_t frame[WIRE_MOST], struct wire_reply *reply_out, struct trouble *why)
{
	__attribute__((cleanup(hang_up))) struct talk talk = { -1, -1, 0 };
	size_t n;
	int r;

	if (wire_format_request(request, frame, &n) < 0)
		return err_say(why, ERR_INPUT, "no question for a verifier");
	if ((r = reach(&talk, settings, why)) < 0)
		return r;
	if ((r = link_send(talk.fd, frame, n, talk.until)) < 0)
		return cut_off(r, "cannot ask the verifier", why);
	if ((r = run_program(&talk, why)) < 0)
		return r;
	r = link_receive(talk.fd, frame, WIRE_MOST, &n, talk.until);
	if (r < 0)
		return cut_off(r, "the verifier gave no whole answer", why);
	if (wire_parse_reply(frame, n, reply_out) < 0 ||
	    (reply_out->err == 0 && reply_out->kind != request->kind))
		return err_say(why, ERR_DAMAGED,
		    "the verifier's answer is malformed");
	/* Who could not tell opens nothing, however he ends. */
	if (reply_out->err == 0 && (r = link_ended(talk.fd, talk.until)) < 0)
		return cut_off(r, "the verifier did not end well", why);
	return 0;
}

static int
ask(const struct settings *settings, const struct account *account,
    struct asker *asker, struct wire_request *request,
    struct wire_reply *reply_out, struct trouble *why)
{
	uint8_t *frame = secret_new(WIRE_MOST);
	int r;

	asker->logged = false;
	if (frame == NULL)
		return err_say(why, ERR_MEMORY, "asking the verifier");
	memcpy(request->store_dir, settings->store_dir,
	    sizeof request->store_dir);
	memcpy(request->user, account->name, sizeof request->user);
	request->said = asker->said;
	r = converse(settings, request, frame, reply_out, why);
	secret_free(frame, WIRE_MOST);
	if (r < 0)
		return r;
	asker->logged = reply_out->err < 0 || request->kind == WIRE_VERIFY ||
			request->kind == WIRE_CHANGE;
	if (reply_out->err < 0)
		return err_say(why, reply_out->err,
		    "the verifier says: %s; its own line in the log says more",
		    err_text(reply_out->err));
	return 0;
}

int
service_enrolled_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker, bool *enrolled_out,
    struct trouble *why)
{
	struct wire_request request = { .kind = WIRE_ENROLLED };
	struct wire_reply reply;
	int r;

	if ((r = ask(settings, account, asker, &request, &reply, why)) < 0)
		return r;
	*enrolled_out = reply.enrolled;
	return 0;
}

int
service_check_code_verifier(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct asker *asker, struct judgement *judgement_out, struct trouble *why)
{
	struct wire_request request = { .kind = WIRE_VERIFY,
		.answer = *answer };
	struct wire_reply reply;
	int r;

	if (!account->known) { /* nobody whose verifier could be asked */
		judgement_out->verdict = VERDICT_NOT_ENROLLED;
		return 0;
	}
	r = ask(settings, account, asker, &request, &reply, why);
	mem_wipe(&request.answer, sizeof request.answer);
	if (r < 0)
		return r;
	*judgement_out = reply.judgement;
	return 0;
}

int
service_status_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    struct summary *summary_out, struct trouble *why)
{
	struct wire_request request = { .kind = WIRE_STATUS };
	struct wire_reply reply;
	int r;

	if ((r = ask(settings, account, asker, &request, &reply, why)) < 0)
		return r;
	*summary_out = reply.summary;
	return 0;
}

/* Question and answer, in memory for secrets. */
struct exchange {
	struct wire_request request;
	struct wire_reply reply;
};

int
service_change_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const struct wanted *wanted, struct changed *changed_out,
    struct trouble *why)
{
	struct exchange *both = secret_new(sizeof *both);
	int r;

	if (both == NULL)
		return err_say(why, ERR_MEMORY, "asking the verifier");
	both->request.kind = WIRE_CHANGE;
	both->request.wanted = *wanted;
	if (wanted->proof.kind > PROOF_ANSWER)
		r = err_say(why, ERR_CALLER,
		    "the verifier takes nobody's word for a login");
	else
		r = ask(settings, account, asker, &both->request, &both->reply,
		    why);
	if (r == 0)
		*changed_out = both->reply.changed;
	secret_free(both, sizeof *both);
	return r;
}

int
service_picture_verifier(const struct settings *settings,
    const struct account *account, struct asker *asker,
    const uint8_t blob[OFFER_BLOB_BYTES], struct symbol *symbol_out,
    struct trouble *why)
{
	struct exchange *both = secret_new(sizeof *both);
	int r;

	if (both == NULL)
		return err_say(why, ERR_MEMORY, "asking the verifier");
	both->request.kind = WIRE_PICTURE;
	memcpy(both->request.blob, blob, sizeof both->request.blob);
	r = ask(settings, account, asker, &both->request, &both->reply, why);
	if (r == 0)
		*symbol_out = both->reply.symbol;
	secret_free(both, sizeof *both);
	return r;
}
