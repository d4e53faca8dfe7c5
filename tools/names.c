#include "names.h"

#include "err.h"
#include "person.h"
#include "text.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
by_uid(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static bool
is_login_shell(const char *shell)
{
	const char *one;
	bool is = false;

	if (shell == NULL || shell[0] == '\0')
		shell = "/bin/sh"; /* passwd(5) */
	setusershell();
	while (!is && (one = getusershell()) != NULL)
		is = strcmp(one, shell) == 0;
	return is;
}

static int
append(struct names *names, size_t *room, const struct passwd *entry)
{
	struct name *rows = names->rows;
	char *name;

	if (names->count == *room) {
		*room = *room == 0 ? 256 : *room * 2;
		rows = realloc(rows, *room * sizeof *rows);
		if (rows == NULL)
			return ERR_MEMORY;
		names->rows = rows;
	}
	if ((name = strdup(entry->pw_name)) == NULL)
		return ERR_MEMORY;
	rows[names->count++] = (struct name){ entry->pw_uid, entry->pw_gid,
		name, is_login_shell(entry->pw_shell) };
	return 0;
}

int
names_read(struct names *names_out)
{
	const struct passwd *entry;
	size_t room = 0;
	int r = 0;

	*names_out = (struct names){ NULL, 0 };
	setpwent();
	while (r == 0 && (entry = getpwent()) != NULL)
		r = append(names_out, &room, entry);
	endpwent();
	endusershell();
	if (names_out->count > 0)
		qsort(names_out->rows, names_out->count,
		    sizeof *names_out->rows, by_uid);
	return r;
}

void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->rows[i].name);
	free(names->rows);
}

static int
compare_uids(const void *a, const void *b)
{
	uid_t x = *(const uid_t *)a, y = *(const uid_t *)b;

	return x < y ? -1 : x > y;
}

bool
names_listed(const uid_t *uids, size_t count, uid_t uid)
{
	return count > 0 &&
	       bsearch(&uid, uids, count, sizeof uid, compare_uids) != NULL;
}

int
names_find(const struct names *names, uid_t uid,
    char name_out[ACCOUNT_NAME_SIZE])
{
	const struct name wanted = { .uid = uid };
	const struct name *found = NULL;

	if (names->count > 0)
		found = bsearch(&wanted, names->rows, names->count,
		    sizeof *names->rows, by_uid);
	/* Two names of one uid: which of them counts, the database says. */
	if (found == NULL || (found > names->rows && found[-1].uid == uid) ||
	    (found + 1 < names->rows + names->count && found[1].uid == uid))
		return person_name(uid, name_out);
	return text_copy(name_out, ACCOUNT_NAME_SIZE, found->name);
}
