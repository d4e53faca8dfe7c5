# Tests, each printing TAP: programs of sentences, and scripts.

if TESTS_WANTED
check_LTLIBRARIES += %D%/libtest.la
%C%_libtest_la_SOURCES = \
	%D%/scratch.c %D%/scratch.h \
	%D%/test.h %D%/test_main.c
%C%_libtest_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

# What a test program links that says nothing else.
LDADD = %D%/libtest.la lib/libsallyport.la $(CMOCKA_LIBS)
tool_test_libs = %D%/libtest.la tools/libtools.la $(CMOCKA_LIBS)

test_programs = \
	%D%/t-account \
	%D%/t-answer \
	%D%/t-doctor \
	%D%/t-err \
	%D%/t-io \
	%D%/t-mem \
	%D%/t-mutants \
	%D%/t-otpauth \
	%D%/t-pack \
	%D%/t-pam \
	%D%/t-pam-stack \
	%D%/t-policy \
	%D%/t-qr \
	%D%/t-race \
	%D%/t-record \
	%D%/t-recovery \
	%D%/t-seal \
	%D%/t-settings \
	%D%/t-sshd-config \
	%D%/t-state \
	%D%/t-store \
	%D%/t-text \
	%D%/t-throttle \
	%D%/t-totp \
	%D%/t-verdict
check_PROGRAMS += $(test_programs)

# Their own user database, clock and log stand in front of libc's, for the
# module too, so their symbols are exported.
%C%_t_account_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_SOURCES = %D%/t-pam.c %D%/host.c %D%/host.h
%C%_t_pam_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_doctor_LDADD = $(tool_test_libs)
%C%_t_mutants_SOURCES = %D%/t-mutants.c %D%/host.c %D%/host.h
%C%_t_mutants_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_mutants_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_otpauth_LDADD = $(tool_test_libs)
%C%_t_pam_stack_LDADD = $(tool_test_libs)
%C%_t_qr_LDADD = $(tool_test_libs)
%C%_t_sshd_config_LDADD = $(tool_test_libs)
%C%_t_race_SOURCES = %D%/t-race.c %D%/host.c %D%/host.h
%C%_t_race_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_race_LDADD = $(LDADD) $(PAM_LIBS)

TESTS += $(test_programs)
endif

test_scripts = \
	%D%/t-cases.sh \
	%D%/t-cli.sh \
	%D%/t-doctor.sh \
	%D%/t-layers.sh \
	%D%/t-man.sh \
	%D%/t-readme.sh \
	%D%/t-symbols.sh
dist_check_SCRIPTS += $(test_scripts)
TESTS += $(test_scripts)
EXTRA_DIST += %D%/CASES %D%/bench %D%/stacks %D%/system %D%/t-cli.py %D%/tap.sh
