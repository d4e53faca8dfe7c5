#include "transaction.h"

#include "mem.h"

#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

static const char verified_key[] = "sallyport_verified";
static const char breached_key[] = "sallyport_breached";
static const char offered_key[] = "sallyport_offered";
static const char split_key[] = "sallyport_split";

/* For whom something was found to be so. */
struct mark {
	struct account who;
	struct breach_seen seen; /* of a breached password */
};

static void
free_mark(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	free(data);
}

static void
free_code(pam_handle_t *pamh, void *data, int status)
{
	char *code = data;

	(void)pamh;
	(void)status;
	mem_auto_wipe(&code);
}

static int
keep(struct login *login, const char *key, void *data,
    void (*cleanup)(pam_handle_t *, void *, int))
{
	if (pam_set_data(login->pamh, key, data, cleanup) == PAM_SUCCESS)
		return 0;
	cleanup(login->pamh, data, PAM_SYSTEM_ERR);
	return err_say(&login->why, ERR_PAM, "cannot keep data for %s", key);
}

/* *data_out is NULL where nothing is kept. */
static int
kept(struct login *login, const char *key, const void **data_out)
{
	const void *data = NULL;
	int r = pam_get_data(login->pamh, key, &data);

	if (r != PAM_SUCCESS && r != PAM_NO_MODULE_DATA)
		return err_say(&login->why, ERR_PAM, "cannot tell data of %s",
		    key);
	*data_out = r == PAM_SUCCESS ? data : NULL;
	return 0;
}

/* ---- marks ---- */

static int
note(struct login *login, const char *key, struct breach_seen seen)
{
	struct mark *mark = malloc(sizeof *mark);

	if (mark == NULL)
		return err_say(&login->why, ERR_MEMORY, "remembering %s", key);
	*mark = (struct mark){ login->account, seen };
	return keep(login, key, mark, free_mark);
}

/* The mark, if it is this user's, or NULL. */
static int
find(struct login *login, const char *key, const struct mark **mark_out)
{
	const struct account *account = &login->account;
	const struct mark *mark;
	const void *data = NULL;
	int r;

	if ((r = kept(login, key, &data)) < 0)
		return r;
	mark = data;
	if (mark != NULL && (!account->known || mark->who.uid != account->uid ||
				strcmp(mark->who.name, account->name) != 0))
		mark = NULL;
	*mark_out = mark;
	return 0;
}

int
transaction_forget(struct login *login)
{
	int r;

	if ((r = keep(login, verified_key, NULL, free_mark)) < 0 ||
	    (r = keep(login, offered_key, NULL, free_mark)) < 0)
		return r;
	return keep(login, breached_key, NULL, free_mark);
}

void
transaction_note_verified(struct login *login)
{
	(void)note(login, verified_key, (struct breach_seen){ 0, 0 });
}

bool
transaction_was_verified(struct login *login)
{
	const struct mark *mark = NULL;

	return find(login, verified_key, &mark) == 0 && mark != NULL;
}

int
transaction_note_offered(struct login *login)
{
	return note(login, offered_key, (struct breach_seen){ 0, 0 });
}

int
transaction_was_offered(struct login *login, bool *offered_out)
{
	const struct mark *mark = NULL;
	int r;

	if ((r = find(login, offered_key, &mark)) < 0)
		return r;
	*offered_out = mark != NULL;
	return 0;
}

void
transaction_forget_offered(struct login *login)
{
	(void)keep(login, offered_key, NULL, free_mark);
}

int
transaction_note_breached(struct login *login, const struct breach_seen *seen)
{
	return note(login, breached_key, *seen);
}

int
transaction_was_breached(struct login *login, bool *breached_out,
    struct breach_seen *seen_out)
{
	const struct mark *mark = NULL;
	int r;

	if ((r = find(login, breached_key, &mark)) < 0)
		return r;
	*breached_out = mark != NULL;
	if (mark != NULL)
		*seen_out = mark->seen;
	return 0;
}

void
transaction_forget_breached(struct login *login)
{
	(void)keep(login, breached_key, NULL, free_mark);
}

/* ---- a split answer's code ---- */

int
transaction_keep_code(struct login *login, char *code)
{
	return keep(login, split_key, code, free_code);
}

int
transaction_take_code(struct login *login, char **code_out)
{
	const void *code = NULL;
	int r;

	if ((r = kept(login, split_key, &code)) < 0)
		return r;
	if (code == NULL)
		return err_say(&login->why, ERR_SETTINGS,
		    "use_split needs a line with split before it");
	if ((*code_out = strdup(code)) == NULL)
		return err_say(&login->why, ERR_MEMORY, "taking the code");
	return keep(login, split_key, NULL, free_code);
}
