#include "pam_known.h"

#include "pam_paths.h"
#include "text.h"

static unsigned
known_of(int result)
{
	switch (result) {
	case RESULT_SUCCESS:
	case RESULT_NEW_AUTHTOK_REQD:
		return KNOWN_YES;
	case RESULT_IGNORE:
		return KNOWN_NO_OPINION;
	default:
		return KNOWN_NO;
	}
}

static bool
is_called(const struct pam_walk *walk, size_t rule)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->called[i] == rule)
			return true;
	return false;
}

/* Which refusal it was, says nothing: modules are taken to refuse in one way
 * where the line makes no difference. */
static bool
fits(const struct pam_paths *paths, const struct pam_clue *clue)
{
	int status = paths->walk.status;
	bool called = is_called(&paths->walk, clue->ours);

	if ((clue->reached && !called) || (clue->unreached && called))
		return false;
	return status == clue->status ||
	       (known_of(status) == KNOWN_NO &&
		   known_of(clue->status) == KNOWN_NO);
}

bool
pam_known(const struct pam_chain *chain, const struct pam_clue *clue,
    unsigned known_out[PAM_RULES_MAX])
{
	struct pam_answers answers[PAM_RULES_MAX];
	struct pam_paths paths;
	bool any = false;

	for (size_t i = 0; i < chain->count; i++) {
		known_out[i] = 0;
		pam_answers_of(&answers[i], chain->rules[i], clue->by_root);
		if (i == clue->ours && clue->reached)
			answers[i] = (struct pam_answers){ { clue->said }, 1 };
	}
	pam_paths_begin(&paths, chain, answers);
	while (pam_paths_next(&paths)) {
		if (!fits(&paths, clue))
			continue;
		any = true;
		for (size_t i = 0; i < chain->count; i++)
			known_out[i] |= is_called(&paths.walk, i)
					    ? known_of(paths.results[i])
					    : KNOWN_UNREACHED;
	}
	return any && !paths.cut;
}

const char *
pam_known_text(unsigned known, char room[PAM_KNOWN_SIZE])
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ KNOWN_YES, "yes" },
		{ KNOWN_NO, "no" },
		{ KNOWN_NO_OPINION, "no opinion" },
		{ KNOWN_UNREACHED, "not reached" },
	};

	room[0] = '\0';
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if ((known & words[i].bit) != 0)
			text_append(room, PAM_KNOWN_SIZE, "%s%s",
			    room[0] != '\0' ? " or " : "", words[i].word);
	return room;
}
