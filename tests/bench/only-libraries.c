/*
 * A module that does nothing, linked with the libraries of ours: what it takes
 * to load them, which no module that uses them can do without.
 */
#include <security/pam_modules.h>

int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
