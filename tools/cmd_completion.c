#include "cmd.h"

#include "completion.h"
#include "mem.h"
#include "show.h"

#include <stdio.h>

static int
print_script(const struct invocation *call, FILE *out)
{
	if (completion_print(call->operands[0], call->commands,
		call->command_count, out) < 0)
		return cmd_usage("completion is there for bash, fish and zsh");
	return EXIT_YES;
}

static int
print_json(const struct invocation *call)
{
	AUTO_JSON json_object *out = json_object_new_object();
	AUTO_FREE char *script = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&script, &size);
	int status;

	if (memory == NULL)
		return cmd_fail("completing", ERR_MEMORY, NULL);
	status = print_script(call, memory);
	if (fclose(memory) != 0)
		return cmd_fail("completing", ERR_MEMORY, NULL);
	if (status != EXIT_YES)
		return status;
	json_object_object_add(out, "shell",
	    json_object_new_string(call->operands[0]));
	json_object_object_add(out, "script", json_object_new_string(script));
	show_json(out);
	return EXIT_YES;
}

int
cmd_completion(struct invocation *call)
{
	return call->json ? print_json(call) : print_script(call, stdout);
}
