/* The two judgements: this code, this password.  They know no clock, file or
 * PAM: everything that has to be right about codes, windows, replay, waits,
 * recovery codes and breached passwords is here. */
#ifndef POLICY_H
#define POLICY_H

#include "answer.h"
#include "change.h"
#include "invitation.h"
#include "offer.h"
#include "origin.h"
#include "record.h"
#include "settings.h"
#include "state.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Judges one answer at Unix time now, against one enrolment (NULL: there
 * provably is none) and its state, which it moves on.  The caller answers
 * nobody before the new state is durable.
 */
void judge(const struct settings *settings, const struct record *record,
    struct state *state, const struct answer *answer, int64_t now,
    struct judgement *judgement_out);

/* Whether a user has to be asked, from two proven facts, at Unix time now. */
enum passage judge_passage(const struct settings *settings, bool exempt,
    bool enrolled, int64_t now);

/* Whether an offer of enrolment can be put off, and for how many days more, the
 * one that has begun included; it must be one at now. */
bool judge_postponing(const struct settings *settings, int64_t now,
    unsigned *days_out);

/* Whether where a login comes from lets it pass unasked.  An unknown user is
 * never let past. */
enum passage judge_origin(const struct settings *settings,
    const struct origin *origin, bool known);

/*
 * For enrolling: whether answer is a code of this authenticator around now,
 * and if so which moving factors are then spent (spent: which were
 * before; see struct state_entry).  Nothing is counted.  Returns
 * 0, ERR_INPUT (not a code of it), or ERR_MEMORY.
 */
int judge_confirmation(const struct settings *settings,
    const struct authenticator *authenticator, const struct answer *answer,
    uint64_t spent, int64_t now, uint64_t *spent_out);

/* Whether a password counts as breached that was seen so often at most. */
bool judge_breached(const struct settings *settings, uint32_t seen_most);

/*
 * Judges a new password by what the lists said of it; known: they could tell.
 * by_root: root changes it, and on nobody's behalf.
 */
enum fitness judge_new_password(const struct settings *settings, bool known,
    uint32_t seen_most, bool by_root);

/* What a login with a breached password comes to; changeable: nothing is known
 * to forbid that it is changed now. */
enum aftermath judge_breached_login(const struct settings *settings,
    bool changeable);

/*
 * Whether this proof lets somebody change a user's enrolment (NULL: there is
 * none) at Unix time now, or what would.  Where an answer of who is enrolled is
 * the proof, CHANGE_DONE says that judge() is to be asked.
 */
enum change judge_proof(const struct settings *settings, const char *user,
    const struct record *record, const struct invitation *invitation,
    const struct proof *proof, int64_t now);

/*
 * Whether what was begun still holds at Unix time now, for this user with this
 * enrolment (NULL: none), state and invitation, who has proven himself anew as
 * far as that can be done twice.  CHANGE_DONE, or CHANGE_OVER.
 */
enum change judge_offer(const struct settings *settings,
    const struct offer *offer, const char *user, const struct record *record,
    const struct state *state, const struct invitation *invitation,
    enum proof_kind proof, int64_t now);

#endif
