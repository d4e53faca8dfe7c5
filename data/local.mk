# Stacks that are tested as they stand, for reading and copying.

stacksdir = $(docdir)/stacks
dist_stacks_DATA = \
	%D%/stacks/common-password \
	%D%/stacks/common-password-passwdqc \
	%D%/stacks/common-password-pwquality \
	%D%/stacks/i3lock \
	%D%/stacks/login \
	%D%/stacks/login-list \
	%D%/stacks/openvpn \
	%D%/stacks/polkit-1 \
	%D%/stacks/sshd-hardware-key \
	%D%/stacks/sshd-key-code \
	%D%/stacks/sshd-key-or-password-code \
	%D%/stacks/sshd-list \
	%D%/stacks/sshd-one-prompt \
	%D%/stacks/sshd-password-code \
	%D%/stacks/sshd-password-code-arch \
	%D%/stacks/sshd-password-code-rhel \
	%D%/stacks/sshd-service-accounts \
	%D%/stacks/su \
	%D%/stacks/sudo \
	%D%/stacks/vsftpd

# Where the shells look for what completes words.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %D%/completions/sallyport
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = %D%/completions/sallyport.fish
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = %D%/completions/_sallyport

# For fail2ban, to be copied where it is wanted.
fail2banfilterdir = $(docdir)/fail2ban/filter.d
dist_fail2banfilter_DATA = %D%/fail2ban/filter.d/sallyport.conf
fail2banjaildir = $(docdir)/fail2ban/jail.d
dist_fail2banjail_DATA = %D%/fail2ban/jail.d/sallyport.conf

# What a user has to give who enrols himself.
pamservicedir = $(sysconfdir)/pam.d
dist_pamservice_DATA = %D%/pam.d/sallyport

# What systemd runs the verifier by; where it is not, nothing comes of them.
units = %D%/systemd/sallyport-verifier.socket \
	%D%/systemd/sallyport-verifier@.service
if SYSTEMD_UNITS
systemdsystemunit_DATA = $(units)
endif
check_DATA += $(units)
EXTRA_DIST += %D%/systemd/sallyport-verifier.socket.in \
	%D%/systemd/sallyport-verifier@.service.in
CLEANFILES += $(units)
edit_unit = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
	-e 's|@confdir[@]|$(confdir)|g' \
	-e 's|@storedir[@]|$(storedir)|g' \
	-e 's|@verifierprogram[@]|$(verifierprogram)|g' \
	-e 's|@verifiersocket[@]|$(verifiersocket)|g'
%D%/systemd/sallyport-verifier.socket: \
    %D%/systemd/sallyport-verifier.socket.in Makefile
	$(edit_unit) $(srcdir)/%D%/systemd/sallyport-verifier.socket.in >$@
%D%/systemd/sallyport-verifier@.service: \
    %D%/systemd/sallyport-verifier@.service.in Makefile
	$(edit_unit) $(srcdir)/%D%/systemd/sallyport-verifier@.service.in >$@

# What packagers of Debian want in debian/.
EXTRA_DIST += %D%/debian
