/* sallyport doctor --migrate: what takes another module's place. */
#include "doctor.h"

#include "mem.h"
#include "migration.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

/*
 * As a page to be read, and copied from
 */

static void
print_unequal(const struct migration *migration)
{
	if (migration->unequal_count > 0)
		puts("\n# What has no equal:");
	for (size_t i = 0; i < migration->unequal_count; i++) {
		const struct unequal *unequal = &migration->unequal[i];

		printf("#   %s (%s:%u):\n#     %s\n", unequal->option,
		    unequal->file, unequal->line, unequal->why);
	}
}

static void
print_migration(const struct migration *migration, const char *config)
{
	bool other = config != NULL;

	for (size_t i = 0; i < migration->file_count; i++)
		printf("# %s, written anew:\n%s\n", migration->files[i].file,
		    migration->files[i].text);
	if (migration->settings[0] != '\0')
		printf("# For the settings:\n%s\n", migration->settings);
	printf("# Before that, to take the keys over:\n%s\n",
	    migration->commands);
	printf("# And then, before anybody logs in:\nsallyport%s%s doctor\n",
	    other ? " --config " : "", other ? config : "");
	print_unequal(migration);
}

/*
 * As JSON
 */

/* An array of the lines of a text, each of which may be in any encoding. */
static json_object *
json_lines(const char *text)
{
	json_object *array = json_object_new_array();

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = strndup(text, len);

		json_object_array_add(array,
		    line == NULL ? NULL : show_json_text(line));
		text += len + (text[len] == '\n');
	}
	return array;
}

static json_object *
json_file(const struct migrated_file *file)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "file", show_json_text(file->file));
	json_object_object_add(object, "lines", json_lines(file->text));
	return object;
}

static json_object *
json_unequal(const struct unequal *unequal)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "option",
	    show_json_text(unequal->option));
	json_object_object_add(object, "file", show_json_text(unequal->file));
	json_object_object_add(object, "line",
	    json_object_new_int64(unequal->line));
	json_object_object_add(object, "why", show_json_text(unequal->why));
	return object;
}

static void
print_json(const struct migration *migration)
{
	AUTO_JSON json_object *root = json_object_new_object();
	json_object *files = json_object_new_array();
	json_object *unequal = json_object_new_array();

	for (size_t i = 0; i < migration->file_count; i++)
		json_object_array_add(files, json_file(&migration->files[i]));
	for (size_t i = 0; i < migration->unequal_count; i++)
		json_object_array_add(unequal,
		    json_unequal(&migration->unequal[i]));
	json_object_object_add(root, "files", files);
	json_object_object_add(root, "settings",
	    json_lines(migration->settings));
	json_object_object_add(root, "commands",
	    json_lines(migration->commands));
	json_object_object_add(root, "unequal", unequal);
	show_json(root);
}

int
doctor_migrate(const struct invocation *call, const struct pam_dirs *dirs,
    const char *service)
{
	AUTO_STACK struct pam_stack stack = { 0 };
	AUTO_MIGRATION struct migration migration = { 0 };
	struct trouble why = { "" };
	int r, status;

	if ((status = cmd_config_fits_pam(call)) != EXIT_YES)
		return status;
	if ((r = pam_stack_read(&stack, dirs, service, &why)) < 0 ||
	    (r = migration_make(&migration, &stack, call->config, &why)) < 0)
		return cmd_fail("reading the stack", r, &why);
	if (stack.aborted) {
		cmd_say("PAM gives %s up: %s", service, stack.reason.text);
		return EXIT_NO;
	}
	if (migration.file_count == 0) {
		cmd_say("%s calls neither pam_google_authenticator nor "
			"pam_oath",
		    service);
		return EXIT_NO;
	}
	if (call->json)
		print_json(&migration);
	else
		print_migration(&migration, call->config);
	return EXIT_YES;
}
