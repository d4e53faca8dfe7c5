#include "pam_answers.h"

#include "mem.h"

#include <stdlib.h>

static void
free_responses(struct pam_response *responses, int count)
{
	for (int i = 0; i < count; i++)
		mem_auto_wipe(&responses[i].resp);
	free(responses);
}

int
pam_answers(int count, const struct pam_message **messages,
    struct pam_response **responses_out, pam_answer *answer, void *with)
{
	struct pam_response *responses;
	int code = PAM_SUCCESS;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	responses = calloc((size_t)count, sizeof *responses);
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count && code == PAM_SUCCESS; i++)
		code = answer(with, messages[i], &responses[i]);
	if (code == PAM_SUCCESS)
		*responses_out = responses;
	else
		free_responses(responses, count);
	return code;
}
