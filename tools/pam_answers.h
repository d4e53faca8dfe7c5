/* The programs' side of a PAM conversation: one message, one answer. */
#ifndef PAM_ANSWERS_H
#define PAM_ANSWERS_H

#include <security/pam_appl.h>

/* Answers a message, in memory that libpam frees.  Returns a PAM code. */
typedef int pam_answer(void *with, const struct pam_message *message,
    struct pam_response *response);

/*
 * Has each message answered, as a conversation function is to: either all of
 * them are, or nothing is handed out and what was answered is wiped.
 */
int pam_answers(int count, const struct pam_message **messages,
    struct pam_response **responses_out, pam_answer *answer, void *with);

#endif
