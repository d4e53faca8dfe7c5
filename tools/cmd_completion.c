#include "cmd.h"

#include "completion.h"

#include <stdio.h>

int
cmd_completion(struct invocation *call)
{
	if (completion_print(call->operands[0], call->commands,
		call->command_count, stdout) < 0)
		return cmd_usage("completion is there for bash, fish and zsh");
	return EXIT_YES;
}
