/*
 * The real verifier beside a private store: run on one connection, or for each
 * connection to a socket, as a service manager does.
 *
 * Whoever is enrolled has a counting token, so that no clock matters.
 */
#ifndef BOOTH_H
#define BOOTH_H

#include "scratch.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { BOOTH_WORDS = 128 };

struct booth {
	struct scratch scratch; /* with its settings, as in the file: */
	char config[SCRATCH_PATH_SIZE];
	pid_t server; /* 0: none */
};

/* settings: lines beside those that name store, key and socket. */
void booth_new(struct booth *booth, const char *settings);
void booth_free(struct booth *booth);
#define AUTO_BOOTH __attribute__((cleanup(booth_free)))

/* Lets other users come to the socket. */
void booth_let_in(struct booth *booth);

/* Enrols, and what the n-th code and recovery code are. */
void booth_enrol(struct booth *booth, const char *user, uid_t uid);
const char *booth_code(uint64_t n);
const char *booth_recovery(unsigned n);

/* What is counted and spent. */
unsigned booth_failures(struct booth *booth, uid_t uid);

/* From now on, until booth_free, a verifier runs for each connection. */
void booth_open(struct booth *booth);

/*
 * One process of the verifier.  Its standard input is the other end of fd, and
 * prepare, where there is one, has been called before it was executed.
 */
struct visitor {
	pid_t pid;
	int fd; /* ours; -1: closed */
};
void booth_visit(struct booth *booth, const char *const *words,
    void (*prepare)(void), struct visitor *visitor_out);

/* In a child of one's own: becomes the verifier, or returns. */
void booth_become(struct booth *booth);

/* The usual words, "--config FILE". */
void booth_start(struct booth *booth, void (*prepare)(void),
    struct visitor *visitor_out);

/* Sends a question; reads the answer, false: none came, whole and alone. */
void visitor_ask(const struct visitor *visitor,
    const struct wire_request *request);
bool visitor_hear(struct visitor *visitor, struct wire_reply *reply_out);

/* Waits for its end, as scratch_child() tells it. */
int visitor_end(struct visitor *visitor);

/* A question to this booth. */
struct wire_request booth_question(const struct booth *booth,
    enum wire_kind kind, const char *user, const char *answer);

/* The user who runs the test. */
const char *booth_me(void);

#endif
