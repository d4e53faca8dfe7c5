/* The doctor's judgement, on the stacks that lie in stacks/. */
#include "doctor.h"
#include "mem.h"
#include "pam_paths.h"
#include "pam_stack.h"
#include "scratch.h"
#include "sshd_config.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_ROOM = 8192, PATH_ROOM = 1024, CASES_LEAST = 16 };

/*
 * The cases: what stands in `expect` was written before the doctor was asked
 */

static const char *
case_path(const char *name, const char *file)
{
	static char paths[4][PATH_ROOM];
	static unsigned turn;
	const char *top = getenv("top_srcdir");
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_ROOM, "%s/tests/stacks/%s/%s",
	    top != NULL ? top : ".", name, file);
	return path;
}

static void
read_text(const char *path, char text[TEXT_ROOM])
{
	FILE *file = fopen(path, "re");
	size_t n;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	n = fread(text, 1, TEXT_ROOM - 1, file);
	text[n] = '\0';
	fclose(file);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "fault skipped-by-jump", a line for each finding, sorted. */
static void
list_findings(const struct doctor *doctor, char list[TEXT_ROOM])
{
	char lines[64][80];
	size_t n = 0, used = 0;

	for (; n < doctor->count && n < 64; n++)
		snprintf(lines[n], sizeof lines[n], "%s %s\n",
		    severity_name(doctor->findings[n].severity),
		    doctor->findings[n].id);
	qsort(lines, n, sizeof lines[0], by_text);
	list[0] = '\0';
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(list + used, TEXT_ROOM - used, "%s",
		    lines[i]);
}

/* What the doctor says of a case: that of sshd too, by its captured words. */
static void
examine(const char *name, struct doctor *doctor, struct sshd_config *sshd)
{
	static char pam_dir[PATH_ROOM], sshd_file[PATH_ROOM];
	char captured[TEXT_ROOM];

	snprintf(pam_dir, sizeof pam_dir, "%s", case_path(name, "pam.d"));
	snprintf(sshd_file, sizeof sshd_file, "%s",
	    case_path(name, "sshd_config"));
	read_text(case_path(name, "sshd-T"), captured);
	expect_int(sshd_config_take(sshd, sshd_file, captured), 0);
	*doctor = (struct doctor){ .dirs = { { pam_dir, NULL } },
		.sshd = sshd,
		.sshd_service = "sshd" };
	doctor_services(doctor);
}

static bool
is_as_expected(const char *name)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	char found[TEXT_ROOM], wanted[TEXT_ROOM];

	examine(name, &doctor, &sshd);
	list_findings(&doctor, found);
	read_text(case_path(name, "expect"), wanted);
	if (strcmp(found, wanted) == 0)
		return true;
	print_error("%s: found\n%swanted\n%s", name, found, wanted);
	return false;
}

TEST("every case gets exactly the findings written beside it")
{
	DIR *dir = opendir(case_path("", ""));
	struct dirent *entry;
	int cases = 0, wrong = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			cases++;
			wrong += !is_as_expected(entry->d_name);
		}
	closedir(dir);
	expect_int(wrong, 0);
	expect(cases >= CASES_LEAST);
}

/*
 * Words
 */

/* The whole of a finding, of a case that has one; the fix's last line. */
static void
expect_finding(const char *name, const char *where, const char *text,
    const char *fix)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	const struct finding *finding;
	char place[PATH_ROOM], *last;

	examine(name, &doctor, &sshd);
	expect_int(doctor.count, 1);
	finding = &doctor.findings[0];
	snprintf(place, sizeof place, "%s:%u", strrchr(finding->file, '/') + 1,
	    finding->line);
	expect_text(place, where);
	expect_text(finding->text, text);
	snprintf(place, sizeof place, "%s", finding->fix);
	place[strlen(place) - 1] = '\0';
	last = strrchr(place, '\n');
	expect_text(last != NULL ? last + 1 : place, fix);
}

TEST("a finding says where, what happens to whom, and what to write")
{
	expect_finding("rhel-substack", "password-auth:3",
	    "After a wrong password sshd still asks for a code: strangers can "
	    "use up a user's tries.",
	    "auth [success=ok default=die] pam_unix.so nullok");
	expect_finding("unavailable-ignored", "sshd:2",
	    "sshd goes on where this line refuses (authinfo_unavail): people "
	    "get in without a code.",
	    "auth requisite pam_sallyport.so");
	expect_finding("jump-over", "common-auth:1",
	    "Whoever satisfies pam_unix.so gets into sshd without a code.",
	    "write success=3 there, not success=4");
	expect_finding("guard-without-methods", "sshd_config:0",
	    "sshd lets people log in by publickey alone; the guard then "
	    "refuses them, and sshd hangs up without a word.",
	    "AuthenticationMethods keyboard-interactive");
	expect_finding("root-prohibit-password", "sshd_config:4",
	    "root needs a code, and sshd lets root answer no question: root "
	    "can never log in.",
	    "PermitRootLogin no (or yes: root then needs a code)");
	expect_finding("misspelt-word", "sshd:2",
	    "sshd refuses everyone who comes to this line: there is no "
	    "setting \"explian\".",
	    "mend that; pam_sallyport(8) lists the words of a line");
}

/* How a well service asks. */
static void
expect_service(const char *name, size_t i, const char *asks, const char *spares)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };

	examine(name, &doctor, &sshd);
	expect(i < doctor.service_count);
	expect(doctor.services[i].well);
	expect_text(doctor.services[i].asks, asks);
	expect_text(doctor.services[i].spares, spares);
}

TEST("a service that is well is told with how it asks")
{
	expect_service("debian-password-code", 0, "password, then code", "");
	expect_service("debian-key-code", 0, "key, then code", "");
	expect_service("debian-key-password-code", 0,
	    "key and password, then code", "");
	expect_service("debian-split", 0, "password and code in one answer",
	    "");
	expect_service("debian-optional", 0, "key, then code",
	    "who has no authenticator is not asked");
	expect_service("debian-local", 2, "password, then code",
	    "root is not asked");
}

TEST("nothing is well where sshd's settings are not known")
{
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };

	doctor.dirs.dirs[0] = case_path("debian-password-code", "pam.d");
	doctor_service(&doctor, "sshd");
	expect_int(doctor.count, 0);
	expect(!doctor.services[0].well);
}

TEST("a service that was named is meant to ask for a code")
{
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };

	doctor.dirs.dirs[0] = case_path("guard-in-common-account", "pam.d");
	doctor_service(&doctor, "sudo");
	expect_text(doctor.findings[0].id, "ours-missing");
	expect_int(doctor_worst(&doctor), SEVERITY_FAULT);
}

TEST("leftovers of package managers and parts of services are no services")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
	static const char line[] = "auth optional pam_sallyport.so\n";

	scratch_new(&scratch);
	doctor.dirs.dirs[0] = scratch.dir;
	scratch_write_text(&scratch, "su", "@include part\n");
	scratch_write_text(&scratch, "sshd", "@include part\n");
	scratch_write_text(&scratch, "part", line);
	scratch_write_text(&scratch, "su.dpkg-dist", line);
	scratch_write_text(&scratch, "su.rpmnew", line);
	scratch_write_text(&scratch, "su~", line);
	scratch_write_text(&scratch, "SU", line);
	doctor_services(&doctor);
	expect_int(doctor.service_count, 2);
	expect_text(doctor.services[0].name, "sshd");
	expect_text(doctor.services[1].name, "su");
}

TEST("text from files cannot steer a terminal")
{
	AUTO_DOCTOR struct doctor doctor = { 0 };
	struct finding *finding =
	    doctor_find(&doctor, SEVERITY_NOTE, "x", "", 0);

	finding_text(finding, "%s", "a\033[2Jb\n");
	expect_text(finding->text, "a?[2Jb?");
}
