# Stacks that are tested as they stand, for reading and copying.

stacksdir = $(docdir)/stacks
dist_stacks_DATA = \
	%D%/stacks/login \
	%D%/stacks/sshd-key-code \
	%D%/stacks/sshd-one-prompt \
	%D%/stacks/sshd-password-code \
	%D%/stacks/sshd-password-code-arch \
	%D%/stacks/sshd-password-code-rhel \
	%D%/stacks/su \
	%D%/stacks/sudo
