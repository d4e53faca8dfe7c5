/* The rooms of sallyport-verifier. */
#ifndef VERIFIER_H
#define VERIFIER_H

#include "account.h"
#include "err.h"
#include "settings.h"
#include "wire.h"

#include <stdbool.h>
#include <sys/types.h>

/* Who asks. */
struct peer {
	uid_t uid;
	bool about_anyone; /* root, and the owner of a private store */
};

/*
 * verifier_start.c: makes a process that somebody hostile may have started
 * root's alone, with nothing of its caller's left.  *real_out is the uid that
 * executed it, before.  Returns 0, or ERR_CALLER or ERR_IO: go no further.
 */
int verifier_start(uid_t *real_out, struct trouble *why);

/*
 * verifier_peer.c: who asks at fd, a connection, of a program that peer->uid
 * executed; *peer says it afterwards.  Returns 0; ERR_CALLER: nobody who is
 * served; or ERR_IO.
 */
int verifier_peer(int fd, struct peer *peer, struct trouble *why);

/*
 * verifier_answer.c: answers the question, as far as this peer may ask it, and
 * looks up whom it is about.  What goes wrong is an answer, too, with the
 * reason in *why.
 */
void verifier_answer(const struct settings *settings, const struct peer *peer,
    const struct wire_request *request, struct account *account_out,
    struct wire_reply *reply_out, struct trouble *why);

/*
 * verifier_password.c: whether PAM, under the service name "sallyport", takes
 * this for the account's password and lets the account in.  Returns 0 with the
 * answer, or ERR_IO: it could not say.
 */
int verifier_password(const struct account *account, const char *password,
    bool *right_out, struct trouble *why);

/*
 * verifier_picture.c: what was begun for this account, as its phone wants it.
 * Returns 0; ERR_INPUT: it was not begun for him here, or fits no picture; or
 * another error.
 */
int verifier_picture(const struct settings *settings,
    const struct account *account, const uint8_t blob[OFFER_BLOB_BYTES],
    struct symbol *symbol_out, struct trouble *why);

/* verifier_log.c: one line for what was judged or changed, or could not be. */
void verifier_log_judgement(const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const struct judgement *judgement);
void verifier_log_change(const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const struct changed *changed);
void verifier_log_trouble(const struct peer *peer,
    const struct wire_request *request, const struct account *account,
    const char *doing, const struct trouble *why);

#endif
