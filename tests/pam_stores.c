/*
 * A PAM module for tests that stands where pam_unix does on a password line:
 * it takes the new password from PAM_AUTHTOK, or else asks for one as libpam
 * does it, and stores it in the file that is its first word.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *password = NULL;
	FILE *file;
	int r;

	if ((flags & PAM_PRELIM_CHECK) != 0)
		return PAM_SUCCESS;
	r = pam_get_authtok(pamh, PAM_AUTHTOK, &password, NULL);
	if (r != PAM_SUCCESS || argc < 1)
		return PAM_AUTHTOK_ERR;
	if ((file = fopen(argv[0], "we")) == NULL)
		return PAM_AUTHTOK_ERR;
	r = fputs(password, file);
	return fclose(file) == 0 && r >= 0 ? PAM_SUCCESS : PAM_AUTHTOK_ERR;
}
