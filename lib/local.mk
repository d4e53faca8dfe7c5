# The rooms that module, tools and tests share.

noinst_LTLIBRARIES += %D%/libsallyport.la
%C%_libsallyport_la_SOURCES = \
	%D%/account.c %D%/account.h \
	%D%/answer.c %D%/answer.h \
	%D%/box.c %D%/box.h \
	%D%/breach.c %D%/breach.h \
	%D%/breach_format.h \
	%D%/breach_hash.c \
	%D%/breach_page.c %D%/breach_page.h \
	%D%/change.c %D%/change.h \
	%D%/child.c %D%/child.h \
	%D%/codes.c %D%/codes.h \
	%D%/err.c %D%/err.h \
	%D%/invitation.c %D%/invitation.h \
	%D%/io.c %D%/io.h \
	%D%/link.c %D%/link.h \
	%D%/mem.c %D%/mem.h \
	%D%/mend.c %D%/mend.h \
	%D%/network.c %D%/network.h \
	%D%/origin.c %D%/origin.h \
	%D%/offer.c %D%/offer.h \
	%D%/pack.c %D%/pack.h \
	%D%/policy.c %D%/policy.h \
	%D%/proof.h \
	%D%/record.c %D%/record.h \
	%D%/recovery.c %D%/recovery.h \
	%D%/release.h \
	%D%/seal.c %D%/seal.h \
	%D%/service.c %D%/service.h \
	%D%/service_enrol.h \
	%D%/service_enrol_local.c \
	%D%/service_local.c \
	%D%/service_verifier.c \
	%D%/settings.c %D%/settings.h \
	%D%/settings_load.c \
	%D%/state.c %D%/state.h \
	%D%/store.c %D%/store.h \
	%D%/store_file.c %D%/store_file.h \
	%D%/summary.c %D%/summary.h \
	%D%/symbol.c %D%/symbol.h \
	%D%/text.c %D%/text.h \
	%D%/throttle.c %D%/throttle.h \
	%D%/totp.c %D%/totp.h \
	%D%/verdict.c %D%/verdict.h \
	%D%/wire.c %D%/wire.h
%C%_libsallyport_la_CFLAGS = $(AM_CFLAGS) $(OATH_CFLAGS) $(NETTLE_CFLAGS) \
	$(XXHASH_CFLAGS)
%C%_libsallyport_la_LIBADD = $(OATH_LIBS) $(NETTLE_LIBS)
