# What administrators and users run.

noinst_LTLIBRARIES += %D%/libtools.la
%C%_libtools_la_SOURCES = \
	%D%/cmd.c %D%/cmd.h \
	%D%/cmd_doctor.c \
	%D%/cmd_enroll.c \
	%D%/cmd_import.c \
	%D%/cmd_list.c \
	%D%/cmd_recovery.c \
	%D%/cmd_remove.c \
	%D%/cmd_reset.c \
	%D%/cmd_setup.c \
	%D%/cmd_status.c \
	%D%/cmd_unlock.c \
	%D%/cmd_verify.c \
	%D%/codes.c %D%/codes.h \
	%D%/desk.c %D%/desk.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_paths.c \
	%D%/doctor_sshd.c \
	%D%/doctor_stack.c \
	%D%/journal.c %D%/journal.h \
	%D%/names.c %D%/names.h \
	%D%/otpauth.c %D%/otpauth.h \
	%D%/pam_paths.c %D%/pam_paths.h \
	%D%/pam_stack.c %D%/pam_stack.h \
	%D%/person.c %D%/person.h \
	%D%/picture.c %D%/picture.h \
	%D%/qr.c %D%/qr.h \
	%D%/show.c %D%/show.h \
	%D%/sshd_config.c %D%/sshd_config.h \
	%D%/term.c %D%/term.h
%C%_libtools_la_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS) $(JSON_CFLAGS)
%C%_libtools_la_LIBADD = lib/libsallyport.la $(QRENCODE_LIBS) $(JSON_LIBS)

bin_PROGRAMS += %D%/sallyport
%C%_sallyport_SOURCES = %D%/main.c
%C%_sallyport_LDADD = %D%/libtools.la
