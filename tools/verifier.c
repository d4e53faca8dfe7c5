/* sallyport-verifier: one question on standard input, one answer, the end. */
#include "verifier.h"

#include "io.h"
#include "link.h"
#include "mem.h"
#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <syslog.h>
#include <unistd.h>

enum {
	CONNECTION = STDIN_FILENO,
	READ_DEADLINE = 5000, /* milliseconds */
	WRITE_DEADLINE = 5000,
	/* Seconds for each step, after which the process ends, whatever holds
	 * it: a user database may hang for ever.  A lock may take 5. */
	STEP_LONGEST = 8,
};

struct visit {
	struct settings settings;
	struct peer peer;
	struct account account;
	struct wire_request request;
	struct wire_reply reply;
	struct trouble why;
	uint8_t frame[WIRE_MOST];
};

/* --config FILE, where that lifts nobody above himself. */
static int
read_words(int argc, char **argv, uid_t real, const char **config_out,
    struct trouble *why)
{
	bool lifted = real != geteuid() || getauxval(AT_SECURE) != 0;

	if (argc == 1)
		return 0;
	if (argc != 3 || strcmp(argv[1], "--config") != 0)
		return err_say(why, ERR_INPUT,
		    "it takes --config FILE at most");
	if (lifted)
		return err_say(why, ERR_INPUT,
		    "--config is not for a set-id program");
	*config_out = argv[2];
	return 0;
}

/* No more of one peer's questions are waited for than there are seats. */
static int
receive(struct visit *visit, const char *config, const char **doing_out)
{
	int seat, r; /* the seat is kept until the process ends */
	size_t n;

	*doing_out = "reading the settings";
	if ((r = settings_load(&visit->settings, PLACE_FILE, config, 0, NULL,
		 &visit->why)) < 0)
		return r;
	*doing_out = "taking a seat";
	if (!visit->peer.about_anyone &&
	    (r = store_seat(&visit->settings, visit->peer.uid, &seat,
		 &visit->why)) < 0)
		return r;
	*doing_out = "reading the question";
	r = link_receive(CONNECTION, visit->frame, sizeof visit->frame, &n,
	    io_milliseconds() + READ_DEADLINE);
	if (r < 0)
		return err_say(&visit->why, r, "no whole question came: %s",
		    err_text(r));
	if (wire_parse_request(visit->frame, n, &visit->request) == 0)
		return 0;
	memset(&visit->request, 0, sizeof visit->request);
	return err_say(&visit->why, ERR_INPUT, "the question is malformed");
}

static void
answer(struct visit *visit, const char *config)
{
	const char *doing;
	int r;

	if ((r = receive(visit, config, &doing)) < 0) {
		visit->reply.kind = WIRE_VERIFY; /* so to speak */
		visit->reply.err = r;
	} else {
		doing = "answering";
		(void)alarm(STEP_LONGEST);
		verifier_answer(&visit->settings, &visit->peer, &visit->request,
		    &visit->account, &visit->reply, &visit->why);
	}
	if (visit->reply.err < 0)
		verifier_log_trouble(&visit->peer, &visit->request,
		    &visit->account, doing, &visit->why);
	else if (visit->reply.kind == WIRE_VERIFY)
		verifier_log_judgement(&visit->peer, &visit->request,
		    &visit->account, &visit->reply.judgement);
	else if (visit->reply.kind == WIRE_CHANGE)
		verifier_log_change(&visit->peer, &visit->request,
		    &visit->account, &visit->reply.changed);
}

static int
reply(struct visit *visit)
{
	size_t n;
	int r;

	(void)alarm(STEP_LONGEST);
	if ((r = wire_format_reply(&visit->reply, visit->frame, &n)) < 0)
		return r;
	return link_send(CONNECTION, visit->frame, n,
	    io_milliseconds() + WRITE_DEADLINE);
}

/* Returns 0 only if the whole answer was taken. */
static int
serve(struct visit *visit, int argc, char **argv)
{
	const char *config = NULL;
	int r;

	visit->peer.uid = (uid_t)-1;
	r = verifier_start(&visit->peer.uid, &visit->why);
	openlog("sallyport-verifier", LOG_PID, LOG_AUTHPRIV);
	(void)alarm(STEP_LONGEST);
	if (r == 0)
		r = read_words(argc, argv, visit->peer.uid, &config,
		    &visit->why);
	if (r == 0)
		r = verifier_peer(CONNECTION, &visit->peer, &visit->why);
	if (r < 0) {
		verifier_log_trouble(&visit->peer, &visit->request,
		    &visit->account, "beginning", &visit->why);
		return r;
	}
	answer(visit, config);
	return reply(visit);
}

int
main(int argc, char **argv)
{
	struct visit *visit = secret_new(sizeof *visit);
	int r = visit == NULL ? ERR_MEMORY : serve(visit, argc, argv);

	secret_free(visit, sizeof *visit);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
