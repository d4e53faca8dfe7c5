# The module: a guest in login programs, so it exports six names and no more.

pam_LTLIBRARIES += %D%/pam_sallyport.la
%C%_pam_sallyport_la_SOURCES = \
	%D%/ask.c %D%/ask.h \
	%D%/conv.c %D%/conv.h \
	%D%/enrol.c %D%/enrol.h \
	%D%/explain.c %D%/explain.h \
	%D%/login.h \
	%D%/look.c %D%/look.h \
	%D%/outcome.c %D%/outcome.h \
	%D%/pam_sallyport.c \
	%D%/password.c %D%/password.h \
	%D%/transaction.c %D%/transaction.h
EXTRA_%C%_pam_sallyport_la_DEPENDENCIES = $(srcdir)/%D%/pam_sallyport.map
%C%_pam_sallyport_la_CFLAGS = $(AM_CFLAGS) $(PAM_CFLAGS)
%C%_pam_sallyport_la_LIBADD = lib/libsallyport.la $(PAM_LIBS)
%C%_pam_sallyport_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	$(MODULE_LDFLAGS) -Wl,--version-script=$(srcdir)/%D%/pam_sallyport.map
EXTRA_DIST += %D%/pam_sallyport.map

# libpam loads the .so alone; without the .la libtool cannot uninstall it.  To
# automake, whatever is in a folder of our own naming is data.
INSTALL_DATA_HOOKS += install-no-la
install-no-la:
	rm -f $(DESTDIR)$(pamdir)/pam_sallyport.la
uninstall-hook:
	rm -f $(DESTDIR)$(pamdir)/pam_sallyport.so
