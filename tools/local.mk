# What administrators and users run.

noinst_LTLIBRARIES += %D%/libtools.la
%C%_libtools_la_SOURCES = \
	%D%/breach_batch.c %D%/breach_batch.h \
	%D%/breach_build.c %D%/breach_build.h \
	%D%/breach_digits.h \
	%D%/breach_encode.c %D%/breach_encode.h \
	%D%/breach_folder.c %D%/breach_folder.h \
	%D%/breach_input.c %D%/breach_input.h \
	%D%/breach_lines.c %D%/breach_lines.h \
	%D%/breach_output.c %D%/breach_output.h \
	%D%/breach_prefixes.c %D%/breach_prefixes.h \
	%D%/breach_show.c %D%/breach_show.h \
	%D%/breach_sort.c %D%/breach_sort.h \
	%D%/breach_unpack.c %D%/breach_unpack.h \
	%D%/breach_write.c %D%/breach_write.h \
	%D%/cmd.c %D%/cmd.h \
	%D%/cmd_adopt.c \
	%D%/cmd_after_restore.c \
	%D%/cmd_breach_build.c \
	%D%/cmd_breach_check.c \
	%D%/cmd_breach_info.c \
	%D%/cmd_breach_verify.c \
	%D%/cmd_bypass.c \
	%D%/cmd_completion.c \
	%D%/cmd_doctor.c \
	%D%/cmd_enroll.c \
	%D%/cmd_export.c \
	%D%/cmd_import.c \
	%D%/cmd_invite.c \
	%D%/cmd_list.c \
	%D%/cmd_recovery.c \
	%D%/cmd_remove.c \
	%D%/cmd_rename.c \
	%D%/cmd_repair.c \
	%D%/cmd_report.c \
	%D%/cmd_reset.c \
	%D%/cmd_resync.c \
	%D%/cmd_setup.c \
	%D%/cmd_status.c \
	%D%/cmd_try_login.c \
	%D%/cmd_unlock.c \
	%D%/cmd_verify.c \
	%D%/completion.c %D%/completion.h \
	%D%/desk.c %D%/desk.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_host.c \
	%D%/doctor_list.c \
	%D%/doctor_migrate.c \
	%D%/doctor_paths.c \
	%D%/doctor_people.c \
	%D%/doctor_sshd.c \
	%D%/doctor_stack.c \
	%D%/file_text.c %D%/file_text.h \
	%D%/foreign.c %D%/foreign.h \
	%D%/google_file.c %D%/google_file.h \
	%D%/import.h \
	%D%/import_google.c \
	%D%/import_oath.c \
	%D%/import_uri.c \
	%D%/journal.c %D%/journal.h \
	%D%/log_line.c %D%/log_line.h \
	%D%/log_lines.c %D%/log_lines.h \
	%D%/migration.c %D%/migration.h \
	%D%/names.c %D%/names.h \
	%D%/oath_line.c %D%/oath_line.h \
	%D%/pam_edit.c %D%/pam_edit.h \
	%D%/pam_known.c %D%/pam_known.h \
	%D%/pam_paths.c %D%/pam_paths.h \
	%D%/pam_stack.c %D%/pam_stack.h \
	%D%/pam_answers.c %D%/pam_answers.h \
	%D%/pam_try.c %D%/pam_try.h \
	%D%/person.c %D%/person.h \
	%D%/picture.c %D%/picture.h \
	%D%/program.c %D%/program.h \
	%D%/progress.c %D%/progress.h \
	%D%/setup.h \
	%D%/setup_end.c \
	%D%/setup_ssh.c \
	%D%/report.c %D%/report.h \
	%D%/show.c %D%/show.h \
	%D%/spent.c %D%/spent.h \
	%D%/ssh_session.c %D%/ssh_session.h \
	%D%/sshd_config.c %D%/sshd_config.h \
	%D%/sshd_match.c %D%/sshd_match.h \
	%D%/sshd_reload.c %D%/sshd_reload.h \
	%D%/systemd.c %D%/systemd.h \
	%D%/takeover.c %D%/takeover.h \
	%D%/term.c %D%/term.h \
	%D%/trial.c %D%/trial.h \
	%D%/trial_timer.c %D%/trial_timer.h \
	%D%/words.c %D%/words.h
%C%_libtools_la_CFLAGS = $(AM_CFLAGS) $(JSON_CFLAGS) $(ZLIB_CFLAGS) \
	$(LZMA_CFLAGS) $(PAM_CFLAGS)
%C%_libtools_la_LIBADD = %D%/libpicture.la lib/libsallyport.la $(JSON_LIBS) \
	$(ZLIB_LIBS) $(LZMA_LIBS) $(PAM_LIBS)

# What a phone scans, for the tool and for the verifier.
noinst_LTLIBRARIES += %D%/libpicture.la
%C%_libpicture_la_SOURCES = \
	%D%/otpauth.c %D%/otpauth.h \
	%D%/qr.c %D%/qr.h
%C%_libpicture_la_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)
%C%_libpicture_la_LIBADD = lib/libsallyport.la $(QRENCODE_LIBS)

# What others ask, with no more libraries than it needs: it may be set-uid.
noinst_LTLIBRARIES += %D%/libverifier.la
%C%_libverifier_la_SOURCES = \
	%D%/pam_answers.c %D%/pam_answers.h \
	%D%/verifier.h \
	%D%/verifier_answer.c \
	%D%/verifier_log.c \
	%D%/verifier_password.c \
	%D%/verifier_peer.c \
	%D%/verifier_picture.c \
	%D%/verifier_start.c
%C%_libverifier_la_CFLAGS = $(AM_CFLAGS) $(PAM_CFLAGS)
%C%_libverifier_la_LIBADD = %D%/libpicture.la lib/libsallyport.la $(PAM_LIBS)
libexec_PROGRAMS += %D%/sallyport-verifier
%C%_sallyport_verifier_SOURCES = %D%/verifier.c
%C%_sallyport_verifier_LDADD = %D%/libverifier.la
if SETUID_VERIFIER
INSTALL_EXEC_HOOKS += install-setuid-verifier
endif
install-setuid-verifier:
	chmod 4755 $(DESTDIR)$(verifierprogram)

bin_PROGRAMS += %D%/sallyport
%C%_sallyport_SOURCES = %D%/main.c
%C%_sallyport_LDADD = %D%/libtools.la
