# Stacks that are tested as they stand, for reading and copying.

stacksdir = $(docdir)/stacks
dist_stacks_DATA = \
	%D%/stacks/common-password \
	%D%/stacks/common-password-passwdqc \
	%D%/stacks/common-password-pwquality \
	%D%/stacks/login \
	%D%/stacks/login-list \
	%D%/stacks/sshd-key-code \
	%D%/stacks/sshd-list \
	%D%/stacks/sshd-one-prompt \
	%D%/stacks/sshd-password-code \
	%D%/stacks/sshd-password-code-arch \
	%D%/stacks/sshd-password-code-rhel \
	%D%/stacks/su \
	%D%/stacks/sudo
