# The manual, in mdoc.

dist_man_MANS += \
	%D%/pam_sallyport.8 \
	%D%/sallyport.7 \
	%D%/sallyport.8 \
	%D%/sallyport-breach.5 \
	%D%/sallyport-log.5 \
	%D%/sallyport-verifier.8 \
	%D%/sallyport.conf.5
