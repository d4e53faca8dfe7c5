# Tests, each printing TAP: programs of sentences, and scripts.

if TESTS_WANTED
check_LTLIBRARIES += %D%/libtest.la
%C%_libtest_la_SOURCES = \
	%D%/breach_list.c %D%/breach_list.h \
	%D%/meanwhile.c %D%/meanwhile.h \
	%D%/scratch.c %D%/scratch.h \
	%D%/test.h %D%/test_main.c
%C%_libtest_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(XXHASH_CFLAGS)

# Stands in stacks where pam_unix does; built where libpam finds it.
check_LTLIBRARIES += %D%/pam_stores.la
%C%_pam_stores_la_CFLAGS = $(AM_CFLAGS) $(PAM_CFLAGS)
%C%_pam_stores_la_LIBADD = $(PAM_LIBS)
%C%_pam_stores_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath /nowhere

# Stands in stacks where any module does; libpam finds it by the test's links.
check_LTLIBRARIES += %D%/pam_probe.la
%C%_pam_probe_la_CFLAGS = $(AM_CFLAGS) $(PAM_CFLAGS)
%C%_pam_probe_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath /nowhere

# What a test program links that says nothing else.
LDADD = %D%/libtest.la lib/libsallyport.la $(CMOCKA_LIBS)
tool_test_libs = %D%/libtest.la tools/libtools.la $(CMOCKA_LIBS)

test_programs = \
	%D%/t-account \
	%D%/t-answer \
	%D%/t-breach \
	%D%/t-breach-build \
	%D%/t-breach-lines \
	%D%/t-callers \
	%D%/t-change \
	%D%/t-child \
	%D%/t-doctor \
	%D%/t-doctor-host \
	%D%/t-enrol \
	%D%/t-err \
	%D%/t-exempt \
	%D%/t-invitation \
	%D%/t-faults \
	%D%/t-google-file \
	%D%/t-io \
	%D%/t-kept-store \
	%D%/t-link \
	%D%/t-log-line \
	%D%/t-mem \
	%D%/t-migration \
	%D%/t-mend \
	%D%/t-mutants \
	%D%/t-network \
	%D%/t-offered \
	%D%/t-oath-line \
	%D%/t-origin \
	%D%/t-offer \
	%D%/t-otpauth \
	%D%/t-pack \
	%D%/t-pam \
	%D%/t-pam-edit \
	%D%/t-pam-fails \
	%D%/t-pam-known \
	%D%/t-pam-password \
	%D%/t-pam-probe \
	%D%/t-pam-stack \
	%D%/t-policy \
	%D%/t-qr \
	%D%/t-race \
	%D%/t-record \
	%D%/t-recovery \
	%D%/t-report \
	%D%/t-seal \
	%D%/t-settings \
	%D%/t-ssh-session \
	%D%/t-sshd-config \
	%D%/t-state \
	%D%/t-store \
	%D%/t-sweep \
	%D%/t-symbol \
	%D%/t-text \
	%D%/t-threads \
	%D%/t-throttle \
	%D%/t-totp \
	%D%/t-verdict \
	%D%/t-verifier \
	%D%/t-verifier-change \
	%D%/t-wire
check_PROGRAMS += $(test_programs)

# Their own user database, clock and log stand in front of libc's, for the
# module too, so their symbols are exported.
%C%_t_account_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_callers_SOURCES = %D%/t-callers.c %D%/host.c %D%/host.h \
	%D%/process.c %D%/process.h %D%/sweep.c %D%/sweep.h
%C%_t_callers_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_callers_LDADD = $(LDADD) $(PAM_LIBS) -lpthread
%C%_t_pam_SOURCES = %D%/t-pam.c %D%/host.c %D%/host.h
%C%_t_pam_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_pam_fails_SOURCES = %D%/t-pam-fails.c %D%/host.c %D%/host.h \
	%D%/sweep_alloc.c %D%/sweep_alloc.h
%C%_t_pam_fails_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_fails_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_breach_build_SOURCES = %D%/t-breach-build.c %D%/sweep.c %D%/sweep.h
%C%_t_breach_build_LDADD = $(tool_test_libs)
%C%_t_breach_lines_LDADD = $(tool_test_libs)
%C%_t_pam_password_SOURCES = %D%/t-pam-password.c %D%/host.c %D%/host.h \
	%D%/sweep_alloc.c %D%/sweep_alloc.h
%C%_t_pam_password_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_password_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_child_LDADD = $(LDADD) -lpthread
%C%_t_doctor_LDADD = $(tool_test_libs)
%C%_t_doctor_host_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_doctor_host_LDADD = $(tool_test_libs)
%C%_t_exempt_SOURCES = %D%/t-exempt.c %D%/host.c %D%/host.h
%C%_t_exempt_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_exempt_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_faults_SOURCES = %D%/t-faults.c %D%/booth.c %D%/booth.h \
	%D%/sweep.c %D%/sweep.h %D%/sweep_alloc.c %D%/sweep_alloc.h
%C%_t_faults_LDADD = tools/libverifier.la $(LDADD)
%C%_t_google_file_LDADD = $(tool_test_libs)
%C%_t_migration_LDADD = $(tool_test_libs)
%C%_t_log_line_LDADD = $(tool_test_libs)
%C%_t_mutants_SOURCES = %D%/t-mutants.c %D%/host.c %D%/host.h
%C%_t_mutants_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_mutants_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_offered_SOURCES = %D%/t-offered.c %D%/booth.c %D%/booth.h \
	%D%/host.c %D%/host.h
%C%_t_offered_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_offered_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_oath_line_LDADD = $(tool_test_libs)
%C%_t_otpauth_LDADD = $(tool_test_libs)
%C%_t_pam_edit_LDADD = $(tool_test_libs)
%C%_t_pam_known_LDADD = $(tool_test_libs)
%C%_t_pam_probe_SOURCES = %D%/t-pam-probe.c %D%/host.c %D%/host.h \
	%D%/probe.c %D%/probe.h
%C%_t_pam_probe_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_pam_probe_LDADD = $(tool_test_libs) $(PAM_LIBS)
%C%_t_pam_stack_LDADD = $(tool_test_libs)
%C%_t_qr_LDADD = $(tool_test_libs)
%C%_t_ssh_session_LDADD = $(tool_test_libs)
%C%_t_report_LDADD = $(tool_test_libs)
%C%_t_sshd_config_LDADD = $(tool_test_libs)
%C%_t_race_SOURCES = %D%/t-race.c %D%/host.c %D%/host.h
%C%_t_race_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_race_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_sweep_SOURCES = %D%/t-sweep.c %D%/host.c %D%/host.h \
	%D%/sweep.c %D%/sweep.h %D%/sweep_alloc.c %D%/sweep_alloc.h
%C%_t_sweep_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_sweep_LDADD = $(LDADD) $(PAM_LIBS)
%C%_t_threads_SOURCES = %D%/t-threads.c %D%/host.c %D%/host.h
%C%_t_threads_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_threads_LDADD = $(LDADD) $(PAM_LIBS) -lpthread
%C%_t_verifier_change_SOURCES = %D%/t-verifier-change.c %D%/host.c %D%/host.h \
	%D%/sweep.c %D%/sweep.h
%C%_t_verifier_change_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_verifier_change_LDADD = tools/libverifier.la $(LDADD) $(PAM_LIBS)
%C%_t_verifier_SOURCES = %D%/t-verifier.c %D%/booth.c %D%/booth.h \
	%D%/host.c %D%/host.h %D%/sweep.c %D%/sweep.h
%C%_t_verifier_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_t_verifier_LDADD = tools/libverifier.la $(LDADD) $(PAM_LIBS)

TESTS += $(test_programs)

# Fuzz targets.  Linked like this, each replays its corpus as a test; `./dev
# fuzz` links them to libFuzzer.
check_LTLIBRARIES += %D%/fuzz/libfuzz.la %D%/fuzz/libreplay.la
%C%_fuzz_libfuzz_la_SOURCES = \
	%D%/fuzz/addresses.c %D%/fuzz/addresses.h \
	%D%/fuzz/choices.c %D%/fuzz/choices.h \
	%D%/fuzz/frames.c %D%/fuzz/frames.h \
	%D%/fuzz/fuzz.c %D%/fuzz/fuzz.h \
	%D%/fuzz/model.c %D%/fuzz/model.h \
	%D%/fuzz/wallet.c %D%/fuzz/wallet.h
%C%_fuzz_libfuzz_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
%C%_fuzz_libfuzz_la_LIBADD = $(NETTLE_LIBS)
%C%_fuzz_libreplay_la_SOURCES = %D%/fuzz/replay.c
fuzz_libs = %D%/fuzz/libreplay.la %D%/fuzz/libfuzz.la $(LDADD)

fuzz_programs = \
	%D%/fuzz/fuzz-answers \
	%D%/fuzz/fuzz-breach \
	%D%/fuzz/fuzz-change \
	%D%/fuzz/fuzz-enrolment \
	%D%/fuzz/fuzz-google \
	%D%/fuzz/fuzz-lines \
	%D%/fuzz/fuzz-log \
	%D%/fuzz/fuzz-login \
	%D%/fuzz/fuzz-networks \
	%D%/fuzz/fuzz-oath \
	%D%/fuzz/fuzz-origin \
	%D%/fuzz/fuzz-pam-edit \
	%D%/fuzz/fuzz-reply \
	%D%/fuzz/fuzz-request \
	%D%/fuzz/fuzz-settings \
	%D%/fuzz/fuzz-sshd \
	%D%/fuzz/fuzz-stack \
	%D%/fuzz/fuzz-state \
	%D%/fuzz/fuzz-words
check_PROGRAMS += $(fuzz_programs)
%C%_fuzz_fuzz_answers_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_breach_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_enrolment_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_google_LDADD = $(fuzz_libs) tools/libtools.la
%C%_fuzz_fuzz_lines_LDADD = $(fuzz_libs) tools/libtools.la
%C%_fuzz_fuzz_log_LDADD = $(fuzz_libs) tools/libtools.la
%C%_fuzz_fuzz_login_SOURCES = %D%/fuzz/fuzz-login.c %D%/host.c %D%/host.h
%C%_fuzz_fuzz_login_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_fuzz_fuzz_login_LDADD = $(fuzz_libs) $(PAM_LIBS)
%C%_fuzz_fuzz_networks_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_oath_LDADD = $(fuzz_libs) tools/libtools.la
%C%_fuzz_fuzz_origin_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_pam_edit_LDADD = $(fuzz_libs) tools/libtools.la
%C%_fuzz_fuzz_reply_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_change_SOURCES = %D%/fuzz/fuzz-change.c %D%/host.c %D%/host.h
%C%_fuzz_fuzz_change_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_fuzz_fuzz_change_LDADD = $(fuzz_libs) $(PAM_LIBS)
%C%_fuzz_fuzz_request_SOURCES = %D%/fuzz/fuzz-request.c %D%/host.c %D%/host.h
%C%_fuzz_fuzz_request_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_fuzz_fuzz_request_LDADD = $(fuzz_libs) tools/libverifier.la \
	$(LDADD) $(PAM_LIBS)
%C%_fuzz_fuzz_settings_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_sshd_LDADD = $(fuzz_libs) tools/libtools.la $(LDADD)
%C%_fuzz_fuzz_stack_SOURCES = %D%/fuzz/fuzz-stack.c %D%/host.c %D%/host.h \
	%D%/probe.c %D%/probe.h
%C%_fuzz_fuzz_stack_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
%C%_fuzz_fuzz_stack_LDADD = $(fuzz_libs) tools/libtools.la $(LDADD) \
	$(PAM_LIBS)
%C%_fuzz_fuzz_state_LDADD = $(fuzz_libs)
%C%_fuzz_fuzz_words_LDADD = $(fuzz_libs)
TESTS += $(fuzz_programs)

# Built and run by `./dev check --long` alone: every system call of the verifier
# fails, or kills.
EXTRA_PROGRAMS = %D%/t-sweep-verifier
CLEANFILES += $(EXTRA_PROGRAMS)
%C%_t_sweep_verifier_SOURCES = %D%/t-sweep-verifier.c \
	%D%/booth.c %D%/booth.h %D%/sweep.c %D%/sweep.h
endif

test_scripts = \
	%D%/t-breach-cli.sh \
	%D%/t-cases.sh \
	%D%/t-cli.sh \
	%D%/t-cli-doctor.sh \
	%D%/t-cli-desk.sh \
	%D%/t-cli-every.sh \
	%D%/t-cli-list.sh \
	%D%/t-cli-report.sh \
	%D%/t-completion.sh \
	%D%/t-doctor.sh \
	%D%/t-layers.sh \
	%D%/t-man.sh \
	%D%/t-readme.sh \
	%D%/t-symbols.sh \
	%D%/t-try-login.sh \
	%D%/t-units.sh
dist_check_SCRIPTS += $(test_scripts)
TESTS += $(test_scripts)
EXTRA_DIST += %D%/CASES %D%/bench %D%/cli.py %D%/fuzz/corpus \
	%D%/fuzz/seeds.py %D%/fuzz/settings.dict %D%/kept-store \
	%D%/listreader.py \
	%D%/schema.py %D%/schemas %D%/stacks %D%/system %D%/t-breach-cli.py \
	%D%/t-cli-desk.py %D%/t-cli-doctor.py %D%/t-cli-every.py \
	%D%/t-cli-list.py %D%/t-cli-report.py %D%/t-cli.py \
	%D%/t-completion.py %D%/t-try-login.py %D%/tap.sh \
	%D%/unpoison.c
