# fish completion of sallyport, as its own table of commands has it.
sallyport completion fish 2>/dev/null | source
