/* sallyport doctor: what would lock people out or let them past. */
#include "cmd.h"
#include "doctor.h"
#include "show.h"
#include "store.h"
#include "term.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAM_DIR	       "/etc/pam.d"
#define PAM_VENDOR_DIR "/usr/lib/pam.d"
#define PAM_MODULE_DIRS \
	"{/lib,/lib64,/usr/lib,/usr/lib64,/lib/*,/usr/lib/*}" \
	"/security"

/*
 * Looking
 */

/* Gives the path back to its owner alone; false: it is his already. */
static bool
fix_owner(struct finding *f, const char *path, const char *mode)
{
	struct stat st;

	if (stat(path, &st) < 0 ||
	    ((st.st_uid == 0 || st.st_uid == geteuid()) &&
		(st.st_mode & 077) == 0))
		return false;
	finding_fix(f, "chown root:root %s", path);
	finding_fix(f, "chmod %s %s", mode, path);
	return true;
}

static void
fix_store(struct finding *f, const struct settings *settings, int r)
{
	bool theirs = fix_owner(f, settings->store_dir, "0700");

	theirs |= fix_owner(f, settings->key_file, "0600");
	if (theirs)
		return;
	if (r == ERR_MISSING && !store_is_half(settings))
		finding_fix(f, "sallyport setup");
	else if (r == ERR_MISSING || r == ERR_DAMAGED || r == ERR_UNTRUSTED)
		finding_fix(f, "mount the store's disk, or bring store and key "
			       "back from one backup");
	else if (r != ERR_SETTINGS)
		finding_fix(f, "run this as root");
}

/* By what a login would say of the store. */
static void
look_at_store(struct doctor *doctor, const struct settings *settings)
{
	struct trouble why = { "" };
	int r = store_check(settings, &why);
	bool known = r == ERR_MISSING || r == ERR_UNTRUSTED ||
		     r == ERR_DAMAGED || r == ERR_SETTINGS;
	struct finding *f;

	if (r == 0)
		return;
	f = doctor_find(doctor, known ? SEVERITY_FAULT : SEVERITY_UNKNOWN,
	    "store", settings->store_dir, 0);
	finding_text(f, "%s: %s.",
	    known ? "No code can be judged, everyone is refused"
		  : "The store could not be looked at",
	    why.text[0] != '\0' ? why.text : err_text(r));
	fix_store(f, settings, r);
}

/* Whether sshd's part is wanted: not where another service was named. */
static bool
wants_sshd(const struct invocation *call)
{
	const char *service = cmd_option(call, "service");

	return service == NULL || strcmp(service, "sshd") == 0 ||
	       cmd_option(call, "sshd-config") != NULL;
}

/* Debian's sshd wants this folder, which only its service makes. */
static void
fix_sshd(struct finding *f, const char *file, const char *why)
{
	static const char wants[] = "Missing privilege separation directory: ";

	if (strncmp(why, wants, strlen(wants)) == 0)
		finding_fix(f, "mkdir -m 0755 %s", why + strlen(wants));
	else
		finding_fix(f, "see: sshd -T -f %s", file);
}

/* sshd itself refuses what is written. */
static void
say_unstartable(struct doctor *doctor, const char *file, const char *why)
{
	struct finding *f =
	    doctor_find(doctor, SEVERITY_FAULT, "sshd-unstartable", file, 0);
	bool methods = strstr(why, "cannot be satisfied") != NULL;

	finding_text(f, "sshd will not start with these settings: %s.", why);
	finding_fix(f, "%s",
	    methods ? "KbdInteractiveAuthentication yes, and likewise every "
		      "method that AuthenticationMethods names"
		    : "mend that line");
}

/* asked: somebody wants to know of it in any case. */
static int
look_at_sshd(struct doctor *doctor, struct sshd_config *sshd, const char *file,
    bool asked)
{
	struct trouble why = { "" };
	struct finding *f;
	int r = sshd_config_ask(sshd, NULL, file, &why);

	if (r == 0)
		doctor->sshd = sshd;
	if (r == 0 || r == ERR_MEMORY)
		return r;
	doctor->no_sshd = r == ERR_MISSING;
	if (!asked && !doctor_has_sshd(doctor))
		return 0;
	if (r == ERR_INPUT && sshd_config_is_refusal(why.text)) {
		say_unstartable(doctor, file, why.text);
		return 0;
	}
	f = doctor_find(doctor, SEVERITY_UNKNOWN, "sshd-unknown", file, 0);
	finding_text(f, "sshd's settings could not be looked at: %s.",
	    why.text[0] != '\0' ? why.text : err_text(r));
	fix_sshd(f, file, why.text);
	return 0;
}

static void
look_at_stacks(struct doctor *doctor, const struct invocation *call)
{
	const char *service = cmd_option(call, "service");
	char *name = doctor->sshd_service;
	size_t room = sizeof doctor->sshd_service;

	/* From OpenSSH 9.8 on the service can be chosen.  Whoever names a
	 * service and a file says that this sshd uses this service. */
	snprintf(name, room, "sshd");
	if (doctor->sshd != NULL)
		(void)sshd_config_get(doctor->sshd, "pamservicename", name,
		    room);
	if (service != NULL && cmd_option(call, "sshd-config") != NULL)
		snprintf(name, room, "%s", service);
	if (service != NULL)
		doctor_service(doctor, service);
	else
		doctor_services(doctor);
}

/*
 * Telling
 */

/* What to write stands alone on its lines, so that it can be copied. */
static void
print_fix(const char *fix)
{
	while (*fix != '\0') {
		size_t len = strcspn(fix, "\n");

		printf("    %.*s\n", (int)len, fix);
		fix += len + (fix[len] == '\n');
	}
}

static void
print_finding(const struct finding *finding, size_t columns)
{
	printf("%s: %s\n", severity_name(finding->severity), finding->id);
	if (finding->line > 0)
		printf("  %s:%u\n", finding->file, finding->line);
	else if (finding->file[0] != '\0')
		printf("  %s\n", finding->file);
	show_wrapped(stdout, "  ", finding->text, columns);
	print_fix(finding->fix);
}

static void
print_well(const struct service_note *note)
{
	bool asks = strcmp(note->asks, "no code") != 0;

	printf("%s: %s", note->name, note->asks);
	if (note->spares[0] != '\0')
		printf("; %s", note->spares);
	else if (asks)
		fputs("; nothing skips it", stdout);
	if (note->looks_up)
		fputs("; new passwords are looked up", stdout);
	putchar('\n');
}

static void
print_all(const struct doctor *doctor)
{
	struct term_view view = term_look(stdout);
	size_t columns = view.terminal ? view.columns : 0;

	for (size_t i = 0; i < doctor->count; i++)
		print_finding(&doctor->findings[i], columns);
	for (size_t i = 0; i < doctor->service_count; i++)
		if (doctor->services[i].well)
			print_well(&doctor->services[i]);
}

static json_object *
json_finding(const struct finding *finding)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "severity",
	    json_object_new_string(severity_name(finding->severity)));
	json_object_object_add(object, "id",
	    json_object_new_string(finding->id));
	json_object_object_add(object, "file", show_json_text(finding->file));
	json_object_object_add(object, "line",
	    json_object_new_int64(finding->line));
	json_object_object_add(object, "text", show_json_text(finding->text));
	json_object_object_add(object, "fix", show_json_text(finding->fix));
	return object;
}

static json_object *
json_service(const struct service_note *note)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "service", show_json_text(note->name));
	json_object_object_add(object, "well",
	    json_object_new_boolean(note->well));
	json_object_object_add(object, "asks",
	    json_object_new_string(note->asks));
	json_object_object_add(object, "spares",
	    json_object_new_string(note->spares));
	json_object_object_add(object, "looks_up",
	    json_object_new_boolean(note->looks_up));
	return object;
}

static void
print_json(const struct doctor *doctor)
{
	AUTO_JSON json_object *root = json_object_new_object();
	json_object *findings = json_object_new_array();
	json_object *services = json_object_new_array();

	for (size_t i = 0; i < doctor->count; i++)
		json_object_array_add(findings,
		    json_finding(&doctor->findings[i]));
	for (size_t i = 0; i < doctor->service_count; i++)
		json_object_array_add(services,
		    json_service(&doctor->services[i]));
	json_object_object_add(root, "worst",
	    json_object_new_string(severity_name(doctor_worst(doctor))));
	json_object_object_add(root, "findings", findings);
	json_object_object_add(root, "services", services);
	show_json(root);
}

static int
exit_of(enum severity worst)
{
	switch (worst) {
	case SEVERITY_FAULT:
		return EXIT_NO;
	case SEVERITY_UNKNOWN:
		return EXIT_UNKNOWN;
	case SEVERITY_WARNING:
	case SEVERITY_NOTE:
	default:
		return EXIT_YES;
	}
}

/* The machine is looked at where nothing of it was picked out. */
static bool
is_about_all(const struct invocation *call)
{
	return cmd_option(call, "pam-dir") == NULL &&
	       cmd_option(call, "sshd-config") == NULL &&
	       cmd_option(call, "service") == NULL;
}

int
cmd_doctor(struct invocation *call)
{
	const char *pam_dir = cmd_option(call, "pam-dir");
	const char *sshd_file = cmd_option(call, "sshd-config");
	const char *service = cmd_option(call, "service");
	bool asked = service != NULL || sshd_file != NULL;
	AUTO_SSHD struct sshd_config sshd = { 0 };
	AUTO_DOCTOR struct doctor doctor = { .settings_file = call->config };
	int r;

	doctor.dirs.dirs[0] = pam_dir != NULL ? pam_dir : PAM_DIR;
	doctor.dirs.dirs[1] = pam_dir != NULL ? NULL : PAM_VENDOR_DIR;
	doctor.module_dirs = pam_dir != NULL ? NULL : PAM_MODULE_DIRS;
	if (cmd_option(call, "migrate") != NULL)
		return doctor_migrate(call, &doctor.dirs,
		    service != NULL ? service : "sshd");
	if (sshd_file == NULL)
		sshd_file = SSHD_CONFIG_FILE;
	if (wants_sshd(call) &&
	    (r = look_at_sshd(&doctor, &sshd, sshd_file, asked)) < 0)
		return cmd_fail("looking at sshd", r, NULL);
	look_at_stacks(&doctor, call);
	if (!doctor.list_only)
		look_at_store(&doctor, &call->settings);
	if (!doctor.list_only && is_about_all(call)) {
		doctor_host_look(&doctor, &call->settings);
		doctor_people_look(&doctor, &call->settings);
	}
	if (doctor.lost)
		cmd_say("out of memory: not everything is shown");
	if (call->json)
		print_json(&doctor);
	else
		print_all(&doctor);
	return exit_of(doctor_worst(&doctor));
}
