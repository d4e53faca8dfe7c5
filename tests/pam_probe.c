/*
 * A PAM module for tests that stands in every module's place: it tells the
 * program that has it as a guest with which words it was called, and answers
 * what the program says.
 */
#include <security/pam_modules.h>

#define EXPORT __attribute__((visibility("default")))

/* The program's. */
int probe_called(int argc, const char **argv);

EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	return probe_called(argc, argv);
}

EXPORT int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	return probe_called(argc, argv);
}

EXPORT int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	return probe_called(argc, argv);
}
