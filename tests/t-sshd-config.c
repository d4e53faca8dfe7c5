/* Asking sshd, and finding where its settings are written. */
#include "sshd_config.h"
#include "scratch.h"
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A program that stands in for sshd. */
static const char *
fake_sshd(const struct scratch *scratch, const char *script)
{
	scratch_write_text(scratch, "sshd", script);
	expect_int(chmod(scratch_path(scratch, "sshd"), 0700), 0);
	return scratch_path(scratch, "sshd");
}

TEST("sshd is asked with -T and the file, in a clean environment")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct trouble why;

	scratch_new(&scratch);
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch,
			   "#!/bin/sh\n"
			   "echo args $*\necho home ${HOME:-none}\n"),
		       "/no/file", &why),
	    0);
	expect(sshd_config_is(&sshd, "args", "-T -f /no/file"));
	expect(sshd_config_is(&sshd, "home", "none"));
}

TEST("where -T fails, -G is tried")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct trouble why;

	scratch_new(&scratch);
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch,
			   "#!/bin/sh\n[ $1 = -G ] || exit 255\n"
			   "echo usepam yes\n"),
		       "/no/file", &why),
	    0);
	expect(sshd_config_is(&sshd, "usepam", "yes"));
}

TEST("where sshd will not say, its last words are the reason")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct trouble why = { "" };

	scratch_new(&scratch);
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch,
			   "#!/bin/sh\n[ $1 = -T ] || exit 1\n"
			   "echo first >&2\necho no hostkeys >&2\nexit 1\n"),
		       "/no/file", &why),
	    ERR_INPUT);
	expect_text(why.text, "no hostkeys");
}

TEST("a setting is found by its whole name")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	char value[80];

	expect_int(sshd_config_take(&sshd, "/no/file",
		       "usepamx no\nusepam yes\n"
		       "authenticationmethods publickey,password any\n"),
	    0);
	expect(sshd_config_is(&sshd, "usepam", "yes"));
	expect(!sshd_config_get(&sshd, "use", value, sizeof value));
	expect(sshd_config_get(&sshd, "authenticationmethods", value,
	    sizeof value));
	expect_text(value, "publickey,password any");
}

TEST("the line that sets a keyword is found, in included files too")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	const struct sshd_line *line;
	char text[512];

	scratch_new(&scratch);
	snprintf(text, sizeof text,
	    "# UsePAM\nInclude \"%s/*.conf\"\n\tPermitRootLogin=no\n"
	    "Match User a\nUsePAM no\nMatch all\nPermitTTY no\n",
	    scratch.dir);
	scratch_write_text(&scratch, "x", text);
	scratch_write_text(&scratch, "a.conf", "\nusepam yes\n");
	expect_int(sshd_config_take(&sshd, scratch_path(&scratch, "x"), ""), 0);
	line = sshd_config_line(&sshd, "usepam", false);
	expect_text(strrchr(line->file, '/'), "/a.conf");
	expect_int(line->line, 2);
	expect_int(sshd_config_line(&sshd, "permitrootlogin", false)->line, 3);
	expect_int(sshd_config_line(&sshd, "usepam", true)->line, 5);
	expect_int(sshd_config_line(&sshd, "permittty", false)->line, 7);
	expect(sshd_config_line(&sshd, "port", false) == NULL);
}

TEST("a file that includes itself comes to an end")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	char text[512];

	scratch_new(&scratch);
	snprintf(text, sizeof text, "Include %s/x\n", scratch.dir);
	scratch_write_text(&scratch, "x", text);
	expect_int(sshd_config_take(&sshd, scratch_path(&scratch, "x"), ""), 0);
	expect_int(sshd.line_count, 0);
}
