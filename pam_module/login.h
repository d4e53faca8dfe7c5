/* One call of an entry point: who, under which choices, and what went wrong. */
#ifndef LOGIN_H
#define LOGIN_H

#include "account.h"
#include "err.h"
#include "origin.h"
#include "service.h"
#include "settings.h"

#include <security/pam_modules.h>

struct login {
	pam_handle_t *pamh; /* borrowed */
	int flags;
	struct settings settings;
	struct account account;
	bool token_is_code; /* PAM_AUTHTOK was taken as the answer */
	struct asker asker;
	struct origin origin; /* from look_passage on */
	struct trouble why;
};

#endif
