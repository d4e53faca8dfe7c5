/* The doctor's judgement, on the stacks that lie in stacks/. */
#include "breach_list.h"
#include "doctor.h"
#include "mem.h"
#include "pam_paths.h"
#include "pam_stack.h"
#include "scratch.h"
#include "sshd_config.h"
#include "test.h"
#include "text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_ROOM = 8192, PATH_ROOM = 1024, CASES_LEAST = 95 };

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

/*
 * The site's settings: a list that has everything of which lines speak, and
 * these lines.  Good until the next.
 */
static struct scratch site;

static const char *
settings_of(const char *more)
{
	AUTO_LIST struct breach_list list = { .kind = BREACH_SHA1 };

	if (site.dir[0] != '\0')
		scratch_free(&site);
	scratch_new(&site);
	expect_int(mkdir(scratch_path(&site, "lists"), 0755), 0);
	breach_list_add_password(&list, "password", 1);
	breach_list_write(&list, &site, "lists/all.breach");
	return scratch_config(&site, more);
}

/* What was captured of a case's Match blocks: sshd-T.1, .2, ... */
static void
take_matches(const char *name, struct sshd_config *sshd)
{
	for (size_t i = 1; i <= sshd->match_count; i++) {
		char file[32], captured[TEXT_ROOM];

		snprintf(file, sizeof file, "sshd-T.%zu", i);
		if (access(case_path(name, file), F_OK) != 0)
			continue;
		read_text(case_path(name, file), captured);
		expect_int(sshd_config_take_match(sshd, i, captured), 0);
	}
}

static void
examine_with(const char *name, const char *settings, struct doctor *doctor,
    struct sshd_config *sshd)
{
	static char pam_dir[PATH_ROOM], sshd_file[PATH_ROOM];
	char captured[TEXT_ROOM];

	snprintf(pam_dir, sizeof pam_dir, "%s", case_path(name, "pam.d"));
	snprintf(sshd_file, sizeof sshd_file, "%s",
	    case_path(name, "sshd_config"));
	read_text(case_path(name, "sshd-T"), captured);
	expect_int(sshd_config_take(sshd, sshd_file, captured), 0);
	take_matches(name, sshd);
	*doctor = (struct doctor){ .dirs = { .dirs = { pam_dir, NULL } },
		.settings_file = settings,
		.sshd = sshd,
		.sshd_service = "sshd" };
	doctor_services(doctor);
}

/* What the doctor says of a case: that of sshd too, by its captured words. */
static void
examine(const char *name, struct doctor *doctor, struct sshd_config *sshd)
{
	examine_with(name, settings_of(""), doctor, sshd);
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

static int
is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
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

/* One of them in whole, by its id. */
static const struct finding *
find_in(struct doctor *doctor, const char *id)
{
	for (size_t i = 0; i < doctor->count; i++)
		if (strcmp(doctor->findings[i].id, id) == 0)
			return &doctor->findings[i];
	fail_msg("there is no finding %s", id);
	return NULL;
}

TEST("every finding says what happens, and what to write")
{
	struct dirent **entries = NULL;
	int count = scandir(case_path("", ""), &entries, is_case, alphasort);

	expect(count >= CASES_LEAST);
	for (int i = 0; i < count; i++) {
		AUTO_SSHD struct sshd_config sshd = { 0 };
		AUTO_DOCTOR struct doctor doctor = { 0 };

		examine(entries[i]->d_name, &doctor, &sshd);
		for (size_t k = 0; k < doctor.count; k++)
			expect(doctor.findings[k].text[0] != '\0' &&
			       doctor.findings[k].fix[0] != '\0');
		free(entries[i]);
	}
	free(entries);
}

TEST("a line torn by a comment is told, before it changes its meaning and then")
{
	static const enum pam_release releases[] = { PAM_BEFORE_1_6,
		PAM_SINCE_1_6 };
	AUTO_SCRATCH struct scratch scratch;

	scratch_new(&scratch);
	scratch_write_text(&scratch, "su",
	    "auth requisite pam_unix.so \\\n# a comment\n  try_first_pass\n"
	    "auth requisite pam_sallyport.so\n"
	    "account required pam_unix.so\n");
	for (size_t i = 0; i < 2; i++) {
		AUTO_DOCTOR struct doctor doctor = {
			.dirs = { { scratch.dir, NULL }, releases[i] },
			.settings_file = settings_of(""),
		};
		const struct finding *torn;

		doctor_service(&doctor, "su");
		torn = find_in(&doctor, "line-torn");
		expect_int(torn->severity, SEVERITY_WARNING);
		expect_int(torn->line, 1);
		expect_int(doctor.count > 1, releases[i] == PAM_SINCE_1_6);
	}
}

TEST("a service that cannot be looked at wholly says so, and why")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
	char text[16384] = "auth requisite pam_sallyport.so\n";

	scratch_new(&scratch);
	doctor.dirs = (struct pam_dirs){ .dirs = { scratch.dir, NULL },
		.release = PAM_BEFORE_1_6 }; /* which has no end of includes */
	for (int i = 0; i < 20; i++)
		strcat(text, "auth optional pam_unix.so\n");
	strcat(text, "account required pam_unix.so\n");
	scratch_write_text(&scratch, "su", text);
	for (int i = 0; i < 200; i++)
		strcat(text, "auth optional pam_unix.so\n");
	scratch_write_text(&scratch, "login", text);
	scratch_write_text(&scratch, "sudo", "@include sudo\n");
	doctor_service(&doctor, "su");
	doctor_service(&doctor, "login");
	doctor_service(&doctor, "sudo");
	expect_int(find_in(&doctor, "too-many-paths")->severity,
	    SEVERITY_UNKNOWN);
	expect_int(find_in(&doctor, "stack-too-long")->severity,
	    SEVERITY_UNKNOWN);
	expect_int(find_in(&doctor, "stack-unreadable")->severity,
	    SEVERITY_UNKNOWN);
	for (size_t i = 0; i < doctor.count; i++)
		expect(doctor.findings[i].fix[0] != '\0');
}

/* The whole of a finding, of a case that has one; the fix's last line.  text is
 * NULL where it names folders. */
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
	if (text != NULL)
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
	expect_finding("faillock-sufficient", "sshd:4",
	    "Whoever satisfies pam_faillock.so gets into sshd without a code.",
	    "auth required pam_faillock.so authsucc");
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

TEST("a service by which users enrol themselves must not ask for a code")
{
	static const char *const sites[] = { "self_enrolment = yes\n",
		"self_enrolment = yes\nenrolment = optional\n", "" };
	AUTO_SCRATCH struct scratch scratch;

	scratch_new(&scratch);
	scratch_write_text(&scratch, "common-auth",
	    "auth [success=ok default=die] pam_unix.so\n"
	    "auth requisite pam_sallyport.so explain\n");
	scratch_write_text(&scratch, "sallyport",
	    "@include common-auth\naccount required pam_unix.so\n");
	for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
		AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
		const struct finding *f;

		doctor.dirs.dirs[0] = scratch.dir;
		doctor.settings_file = settings_of(sites[i]);
		doctor_service(&doctor, "sallyport");
		expect_int(doctor.count, i == 0 ? 1 : 0);
		if (i > 0)
			continue;
		f = find_in(&doctor, "self-enrolment-asks");
		expect_int(f->severity, SEVERITY_FAULT);
		expect_int(f->line, 2);
		expect_text(f->text,
		    "Nobody can enrol himself with his password: PAM's service "
		    "sallyport, which is to ask for that alone, asks for a "
		    "code here, which who enrols has not.");
		expect(strstr(f->fix, "/sallyport, in place of line 1: the "
				      "auth lines of ") != NULL);
	}
}

TEST("for a service without a file nobody is told to change the others' file")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };

	scratch_new(&scratch);
	doctor.dirs.dirs[0] = scratch.dir;
	doctor_service(&doctor, "sudoo");
	expect_text(doctor.findings[0].id, "stack-aborted");
	expect_text(doctor.findings[0].fix,
	    "give it a file, or name a service that has one\n");
	doctor_done(&doctor);
	scratch_write_text(&scratch, "other", "auth required pam_deny.so\n");
	doctor_service(&doctor, "sudoo");
	expect_int(doctor.count, 1);
	expect_text(doctor.findings[0].id, "ours-missing");
	expect_text(doctor.findings[0].text,
	    "sudoo has no file, so that PAM goes by other: that asks nobody "
	    "for a code.");
	expect_text(doctor.findings[0].fix,
	    "give it a file, or name a service that has one\n");
}

TEST("where there is no sshd, its service is looked at if it has a file")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd",
		.no_sshd = true };

	scratch_new(&scratch);
	doctor.dirs.dirs[0] = scratch.dir;
	scratch_write_text(&scratch, "other", "auth required pam_deny.so\n");
	expect(!doctor_has_sshd(&doctor));
	doctor_services(&doctor);
	expect_int(doctor.count, 0);
	scratch_write_text(&scratch, "sshd", "auth required pam_unix.so\n");
	expect(doctor_has_sshd(&doctor));
	doctor_services(&doctor);
	expect_text(doctor.findings[0].id, "ours-missing");
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

/*
 * The lists, and what is set of logins
 */

/* All findings of a case with these settings. */
static void
expect_findings(const char *name, const char *settings, const char *wanted)
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	char found[TEXT_ROOM];

	examine_with(name, settings_of(settings), &doctor, &sshd);
	list_findings(&doctor, found);
	expect_text(found, wanted);
}

static void
remove_list(void)
{
	expect_int(unlink(scratch_path(&site, "lists/all.breach")), 0);
}

static void
remove_folder(void)
{
	remove_list();
	expect_int(rmdir(scratch_path(&site, "lists")), 0);
}

static void
cut_list(void)
{
	expect_int(truncate(scratch_path(&site, "lists/all.breach"), 5000), 0);
}

static void
open_list(void)
{
	expect_int(chmod(scratch_path(&site, "lists/all.breach"), 0666), 0);
}

TEST("a list that is missing or bad is a fault where changes hang on it")
{
	static const struct {
		void (*spoil)(void);
		const char *id, *place, *fix;
	} rows[] = {
		{ remove_list, "list-missing", "lists/*.breach",
		    "/lists/pwned.breach INPUT" },
		{ remove_folder, "list-missing", "lists/*.breach",
		    "/lists/pwned.breach INPUT" },
		{ cut_list, "list-unreadable", "lists/all.breach",
		    "sallyport breach build -o " },
		{ open_list, "list-unreadable", "lists/all.breach",
		    "only root can write" },
	};
	static const struct {
		const char *settings;
		enum severity severity;
		const char *words;
	} sites[] = {
		{ "", SEVERITY_FAULT, "Nobody but root can change a password" },
		{ "breach_when_missing = allow\n", SEVERITY_WARNING,
		    "New passwords are not looked up" },
		{ "breach_at_change = warn\n", SEVERITY_WARNING,
		    "New passwords are not looked up" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 0; k < sizeof sites / sizeof sites[0]; k++) {
			AUTO_SSHD struct sshd_config sshd = { 0 };
			AUTO_DOCTOR struct doctor doctor = { 0 };
			const char *settings = settings_of(sites[k].settings);
			const struct finding *f;

			rows[i].spoil();
			examine_with("debian-list", settings, &doctor, &sshd);
			expect_int(doctor.count, 1);
			f = find_in(&doctor, rows[i].id);
			expect_int(f->severity, sites[k].severity);
			expect(strstr(f->file, rows[i].place) != NULL);
			expect(strstr(f->text, sites[k].words) == f->text);
			expect(strstr(f->fix, rows[i].fix) != NULL);
		}
}

TEST("where no line needs a list, none is missed")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	const char *settings = settings_of("");

	remove_folder();
	examine_with("debian-password-code", settings, &doctor, &sshd);
	expect_int(doctor.count, 0);
}

TEST("where logins hang on a list alone, one that is missing is a warning")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	const char *settings = settings_of("breach_at_login = deny\n");

	remove_list();
	examine_with("login-list", settings, &doctor, &sshd);
	expect_int(doctor.count, 1);
	expect_int(find_in(&doctor, "list-missing")->severity,
	    SEVERITY_WARNING);
	expect(strstr(doctor.findings[0].text, "Passwords that log in are not "
					       "looked up") != NULL);
}

TEST("what is set of logins needs an account line that heeds it")
{
	expect_findings("debian-list", "breach_at_login = change\n", "");
	expect_findings("debian-list", "breach_at_login = deny\n", "");
	expect_findings("account-missing", "", "");
	expect_findings("account-missing", "breach_at_login = warn\n",
	    "warning account-missing\n");
	expect_findings("account-optional", "breach_at_login = change\n", "");
	expect_findings("account-optional", "breach_at_login = deny\n",
	    "fault account-unheeded\n");
	expect_findings("account-reqd-bad", "breach_at_login = change\n",
	    "fault account-unheeded\n");
	expect_findings("account-reqd-bad", "breach_at_login = deny\n", "");
}

TEST("an account line behind what ends the stack is found")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	const struct finding *f;

	expect_findings("account-late", "", "");
	examine_with("account-late", settings_of("breach_at_login = change\n"),
	    &doctor, &sshd);
	f = find_in(&doctor, "account-skipped");
	expect_int(doctor.count, 1);
	expect_int(f->severity, SEVERITY_FAULT);
	expect_text(f->text,
	    "Where pam_unix.so answers new_authtok_reqd, this line is not "
	    "asked: breached passwords get into sshd as if they were not.");
	expect(strstr(f->fix, "move it above line 4 of ") == f->fix);
}

TEST("a change that is demanded should not end in another breached password")
{
	expect_findings("login-list", "breach_at_login = change\n",
	    "warning change-unchecked\n");
	expect_findings("login-list", "breach_at_login = warn\n", "");
}

TEST("a change by sshd's password method turns scp away, and that is told")
{
	expect_findings("password-method-list", "", "");
	expect_findings("password-method-list", "breach_at_login = change\n",
	    "warning change-outside\n");
}

TEST("findings about passwords say what happens, and what to write")
{
	expect_finding("list-after-store", "common-password:4", NULL,
	    "move this line above that one");
	expect_finding("store-asks", "common-password:2",
	    "Where this line does not like a password, it asks for another, "
	    "which it stores and nobody looks up.",
	    "add use_authtok to it");
	expect_finding("use-authtok-alone", "common-password:1",
	    "No line before this one asks for a new password, and this one is "
	    "told not to: nobody can change his.",
	    "remove use_authtok from it");
}

TEST("a service is told to look new passwords up")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };

	examine("debian-list", &doctor, &sshd);
	expect_int(doctor.service_count, 2);
	expect(doctor.services[0].well && doctor.services[0].looks_up);
	expect_text(doctor.services[1].name, "passwd");
	expect(doctor.services[1].well && doctor.services[1].looks_up);
	expect_text(doctor.services[1].asks, "no code");
	expect(!doctor.list_only);
}

TEST("a site that wants the list alone is not told to ask for codes")
{
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { 0 };
	AUTO_DOCTOR struct doctor named = { .sshd_service = "sshd" };

	examine("debian-list-only", &doctor, &sshd);
	expect_int(doctor.count, 0);
	expect(doctor.list_only);
	named.dirs.dirs[0] = case_path("debian-list-only", "pam.d");
	named.settings_file = settings_of("");
	doctor_service(&named, "passwd");
	expect_int(named.count, 0);
	doctor_service(&named, "sshd");
	expect_int(named.count, 1);
	expect_text(named.findings[0].id, "ours-missing");
}

/*
 * sshd's own settings
 */

TEST("a finding about those of a Match block says so")
{
	expect_finding("match-root", "sshd_config:7",
	    "For those of \"Match Address 192.168.0.0/16\": root needs a code, "
	    "and sshd lets root answer no question: root can never log in.",
	    "PermitRootLogin no (or yes: root then needs a code)");
	expect_finding("match-key-alone", "sshd_config:7",
	    "For those of \"Match User nobody\": sshd lets people log in by "
	    "publickey alone; the guard then refuses them, and sshd hangs up "
	    "without a word.",
	    "AuthenticationMethods publickey,keyboard-interactive");
	expect_finding("match-methods-off", "sshd_config:5",
	    "For those of \"Match User nobody\": Every entry of "
	    "AuthenticationMethods names a method that is switched off: nobody "
	    "of them can log in.",
	    "KbdInteractiveAuthentication yes");
}

/* The shape of RHEL's: a drop-in stands before what the administrator wrote. */
TEST("where a drop-in comes first, the fix says where to write")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
	const struct finding *f;
	char text[512];

	scratch_new(&scratch);
	scratch_write_text(&scratch, "50-redhat.conf",
	    "SyslogFacility AUTHPRIV\nChallengeResponseAuthentication no\n"
	    "UsePAM yes\n");
	snprintf(text, sizeof text,
	    "Include %s/*.conf\nChallengeResponseAuthentication yes\n"
	    "UsePAM yes\n",
	    scratch.dir);
	scratch_write_text(&scratch, "sshd_config", text);
	expect_int(sshd_config_take(&sshd,
		       scratch_path(&scratch, "sshd_config"),
		       "usepam yes\nkbdinteractiveauthentication no\n"
		       "pubkeyauthentication yes\n"),
	    0);
	doctor.dirs.dirs[0] = case_path("rhel-password-code", "pam.d");
	doctor.settings_file = settings_of("");
	doctor.sshd = &sshd;
	doctor_service(&doctor, "sshd");
	expect_int(doctor.count, 1);
	f = find_in(&doctor, "kbdint-off");
	expect_text(strrchr(f->file, '/'), "/50-redhat.conf");
	expect_int(f->line, 2);
	expect(strstr(f->fix, "KbdInteractiveAuthentication yes\n") == f->fix);
	expect(strstr(f->fix, "in place of line 2 of ") != NULL);
	expect(strstr(f->fix, "never comes to line 2 of ") != NULL);
	expect(strstr(f->fix, "/sshd_config\n") != NULL);
}

TEST("where enrolment is offered in the login, sshd has to give it time")
{
	expect_finding("offered-short", "sshd_config:0",
	    "Who enrols while he logs in has 120 s to find a phone, scan and "
	    "type: then sshd hangs up, and nothing is enrolled.",
	    "LoginGraceTime 600");
	expect_service("offered", 0, "password, then code",
	    "who has no authenticator is offered one");
}

/*
 * Modules
 */

/* Makes a folder of the modules that these words name. */
static void
have_modules(const struct scratch *scratch, const char *names)
{
	const char *name;
	char path[64];
	size_t len;

	expect_int(mkdir(scratch_path(scratch, "modules"), 0700), 0);
	while (text_next_word(&names, &name, &len)) {
		snprintf(path, sizeof path, "modules/pam_%.*s.so", (int)len,
		    name);
		scratch_write_text(scratch, path, "");
	}
}

TEST("a module that is not installed is a fault where the line minds")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };
	const struct finding *f;

	scratch_new(&scratch);
	have_modules(&scratch, "permit unix sallyport");
	scratch_write_text(&scratch, "sudo",
	    "auth [success=1 default=ignore] pam_sss.so\n"
	    "auth [success=ok default=die] pam_unix.so\n"
	    "auth optional pam_gnome_keyring.so\n"
	    "auth requisite pam_sallyport.so explain\n"
	    "auth required pam_tally.so\n"
	    "auth required /no/such/pam_x.so\n"
	    "account required pam_unix.so\n");
	doctor.dirs.dirs[0] = scratch.dir;
	doctor.settings_file = settings_of("");
	doctor_service(&doctor, "sudo");
	expect_int(doctor.count, 0);
	doctor.module_dirs = scratch_path(&scratch, "modules");
	doctor_service(&doctor, "sudo");
	expect_int(doctor.count, 2);
	f = find_in(&doctor, "module-missing");
	expect_int(f->severity, SEVERITY_FAULT);
	expect_int(f->line, 5);
	expect_text(f->text, "There is no pam_tally.so among PAM's modules: "
			     "sudo refuses everyone who comes to this line.");
	expect_int(doctor.findings[1].line, 6);
	doctor_done(&doctor);
	doctor.module_dirs = "/no/such/folder";
	scratch_write_text(&scratch, "sudo", "auth required pam_tally.so\n");
	doctor_service(&doctor, "sudo");
	expect_int(doctor.count, 1);
	expect_text(doctor.findings[0].id, "ours-missing");
}

TEST("where the one module that knows passwords is missing, all are locked out")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };

	scratch_new(&scratch);
	have_modules(&scratch, "permit deny unix sallyport");
	scratch_write_text(&scratch, "sudo",
	    "auth [success=1 default=ignore] pam_sss.so\n"
	    "auth requisite pam_deny.so\n"
	    "auth requisite pam_sallyport.so explain\n"
	    "account required pam_unix.so\n");
	doctor.dirs.dirs[0] = scratch.dir;
	doctor.settings_file = settings_of("");
	doctor.module_dirs = scratch_path(&scratch, "modules");
	doctor_service(&doctor, "sudo");
	expect_int(doctor.count, 1);
	expect_text(doctor.findings[0].id, "locks-out");
}

TEST("where our own module is missing, nothing else is found that comes of it")
{
	AUTO_SCRATCH struct scratch scratch;
	AUTO_DOCTOR struct doctor doctor = { .sshd_service = "sshd" };

	scratch_new(&scratch);
	have_modules(&scratch, "permit deny unix");
	scratch_write_text(&scratch, "sudo",
	    "auth [success=1 default=ignore] pam_unix.so\n"
	    "auth requisite pam_deny.so\n"
	    "auth requisite pam_sallyport.so explain\n"
	    "account required pam_unix.so\n");
	doctor.dirs.dirs[0] = scratch.dir;
	doctor.settings_file = settings_of("");
	doctor.module_dirs = scratch_path(&scratch, "modules");
	doctor_service(&doctor, "sudo");
	expect_int(doctor.count, 1);
	expect_text(doctor.findings[0].id, "module-missing");
}

/*
 * Two codes
 */

TEST("who is asked for two codes, and by which lines, is told")
{
	expect_finding("asks-twice-ours", "sshd:2", NULL,
	    "remove one of the two lines");
	expect_finding("asks-twice-google", "sshd:2", NULL,
	    "if that is not meant, remove this line; 'sallyport doctor "
	    "--migrate' shows what takes its place");
	expect_finding("asks-twice-oath", "sshd:3", NULL,
	    "if that is not meant, remove this line; 'sallyport doctor "
	    "--migrate' shows what takes its place");
}

/*
 * Lists that are there
 */

/* The list as of long ago. */
static void
age_list(void)
{
	static const struct timespec times[2] = { { 0, 0 }, { 0, 0 } };

	expect_int(utimensat(AT_FDCWD, scratch_path(&site, "lists/all.breach"),
		       times, 0),
	    0);
}

/* One bit of the page that the list has. */
static void
spoil_page(void)
{
	AUTO_CLOSE
	int fd = open(scratch_path(&site, "lists/all.breach"), O_RDWR);
	uint8_t byte;

	expect(fd >= 0);
	expect_int(pread(fd, &byte, 1, 4096 + 100), 1);
	byte ^= 1;
	expect_int(pwrite(fd, &byte, 1, 4096 + 100), 1);
}

TEST("a list that is old is a warning, one with a damaged page a fault")
{
	static const struct {
		void (*spoil)(void);
		const char *id;
		enum severity severity;
	} rows[] = {
		{ age_list, "list-old", SEVERITY_WARNING },
		{ spoil_page, "list-unreadable", SEVERITY_FAULT },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO_SSHD struct sshd_config sshd = { 0 };
		AUTO_DOCTOR struct doctor doctor = { 0 };
		const char *settings = settings_of("");

		rows[i].spoil();
		examine_with("debian-list", settings, &doctor, &sshd);
		expect_int(doctor.count, 1);
		expect_int(find_in(&doctor, rows[i].id)->severity,
		    rows[i].severity);
		expect(strstr(doctor.findings[0].fix,
			   "sallyport breach build -o ") ==
		       doctor.findings[0].fix);
	}
}

TEST("text from files cannot steer a terminal")
{
	AUTO_DOCTOR struct doctor doctor = { 0 };
	struct finding *finding =
	    doctor_find(&doctor, SEVERITY_NOTE, "x", "", 0);

	finding_text(finding, "%s", "a\033[2Jb\n\x9b\x37");
	expect_text(finding->text, "a?[2Jb??7");
}
