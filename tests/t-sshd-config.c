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
	line = sshd_config_line(&sshd, "usepam");
	expect_text(strrchr(line->file, '/'), "/a.conf");
	expect_int(line->line, 2);
	expect_int(sshd_config_line(&sshd, "permitrootlogin")->line, 3);
	expect_int(sshd_config_in_match(&sshd, 1, "usepam")->line, 5);
	expect_int(sshd_config_line(&sshd, "permittty")->line, 7);
	expect(sshd_config_line(&sshd, "port") == NULL);
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

TEST(
    "of several lines the first holds, and a later that says otherwise is late")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	const struct sshd_line *first;

	scratch_new(&scratch);
	scratch_write_text(&scratch, "x",
	    "UsePAM yes\nUsePAM  YES \nPermitTTY no\nusepam no\n"
	    "Match User a\nPermitTTY yes\n");
	expect_int(sshd_config_take(&sshd, scratch_path(&scratch, "x"), ""), 0);
	first = sshd_config_line(&sshd, "usepam");
	expect_int(first->line, 1);
	expect_text(first->value, "yes");
	expect_int(sshd_config_late(&sshd, first)->line, 4);
	expect(sshd_config_late(&sshd, sshd_config_line(&sshd, "permittty")) ==
	       NULL);
}

TEST("what stands behind Match all comes before what holds for all anyway")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	const struct sshd_line *line;

	scratch_new(&scratch);
	scratch_write_text(&scratch, "x",
	    "UsePAM yes\nPermitTTY yes\nMatch User a\nPermitTTY yes\n"
	    "Match all\nUsePAM no\nUsePAM yes\n");
	expect_int(sshd_config_take(&sshd, scratch_path(&scratch, "x"), ""), 0);
	line = sshd_config_line(&sshd, "usepam");
	expect_int(line->line, 6);
	expect_int(sshd_config_late(&sshd, line)->line, 7);
	expect_int(sshd_config_line(&sshd, "permittty")->line, 2);
	expect_int(sshd.match_count, 1);
}

/* As those do that cannot say of nobody which port he has come to. */
TEST("an sshd that wants to know of whom is asked about nobody in particular")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct trouble why;
	char value[256];

	scratch_new(&scratch);
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch,
			   "#!/bin/sh\n[ \"$4\" != -C ] || "
			   "{ echo of $5; exit; }\n"
			   "echo \"'Match LocalPort' in configuration but "
			   "'lport' not in connection test specification.\" "
			   ">&2\nexit 255\n"),
		       "/no/file", &why),
	    0);
	expect(sshd_config_get(&sshd, "of", value, sizeof value));
	expect_text(value,
	    "user=nobody,host=host.example,addr=192.0.2.1,laddr=192.0.2.2,"
	    "lport=1");
}

TEST("sshd is asked with -C about somebody of each Match block")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct sshd_config some;
	struct trouble why;
	char value[256];

	scratch_new(&scratch);
	scratch_write_text(&scratch, "x",
	    "UsePAM yes\nMatch User alice\nPermitTTY no\n"
	    "Match Address 10.0.0.0/8\nUsePAM no\n"
	    "Match Group no-such-group\nUsePAM no\n");
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch, "#!/bin/sh\necho of $5\n"),
		       scratch_path(&scratch, "x"), &why),
	    0);
	expect_int(sshd.match_count, 3);
	expect_text(sshd.matches[0].criteria, "User alice");
	some = sshd_config_of_match(&sshd, 1);
	expect(sshd_config_get(&some, "of", value, sizeof value));
	expect_text(value, "user=alice,host=host.example,addr=192.0.2.1,"
			   "laddr=192.0.2.2,lport=22");
	expect_int(sshd_config_line(&some, "permittty")->line, 3);
	expect_int(sshd_config_line(&some, "usepam")->line, 1);
	some = sshd_config_of_match(&sshd, 2);
	expect(sshd_config_get(&some, "of", value, sizeof value));
	expect_text(value, "user=nobody,host=host.example,addr=10.0.0.0,"
			   "laddr=192.0.2.2,lport=22");
	expect(sshd.matches[2].effective == NULL);
}

TEST("an example is made of each kind of pattern, or none is")
{
	static const struct {
		const char *criteria, *user, *host, *addr;
	} rows[] = {
		{ "User !root,al?ce,bob", "alxce", "host.example",
		    "192.0.2.1" },
		{ "User=alice Host *.example.org", "alice", "x.example.org",
		    "192.0.2.1" },
		{ "address 10.1.*", "nobody", "host.example", "10.1.1.1" },
		{ "Address \"2001:db8::/32,10.0.0.0/8\"", "nobody",
		    "host.example", "2001:db8::" },
		{ "user * # all", "x", "host.example", "192.0.2.1" },
	};
	static const char *const bad[] = { "", "User", "User !root",
		"Group no-such-group", "Exec \"true\"", "Address 1.2.3.4.5",
		"final" };
	struct sshd_example example;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect(sshd_match_example(rows[i].criteria, &example));
		expect_text(example.user, rows[i].user);
		expect_text(example.host, rows[i].host);
		expect_text(example.addr, rows[i].addr);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		expect(!sshd_match_example(bad[i], &example));
}

TEST("what sshd says of its settings is told from what it says of keys")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	struct trouble why = { "" };

	scratch_new(&scratch);
	expect_int(sshd_config_ask(&sshd,
		       fake_sshd(&scratch,
			   "#!/bin/sh\n"
			   "echo x: line 2: Bad configuration option: Use >&2\n"
			   "echo x: terminating, 1 bad configuration options "
			   ">&2"
			   "\nexit 255\n"),
		       "/no/file", &why),
	    ERR_INPUT);
	expect_text(why.text, "x: line 2: Bad configuration option: Use");
	expect(sshd_config_is_refusal(why.text));
	expect(sshd_config_is_refusal("AuthenticationMethods cannot be "
				      "satisfied by enabled authentication "
				      "methods"));
	expect(
	    !sshd_config_is_refusal("sshd: no hostkeys available -- exiting."));
	expect(
	    !sshd_config_is_refusal("Missing privilege separation directory: "
				    "/run/sshd"));
}
