#include "sshd_match.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Nobody's name, and addresses kept free for examples (RFC 5737). */
static const struct sshd_example someone = { .user = "nobody",
	.host = "host.example",
	.addr = "192.0.2.1",
	.laddr = "192.0.2.2",
	.lport = "22" };

/* clang-format off */
static const struct {
	const char *criterion;
	size_t at;
	const char *any; /* stands for a "*" or "?" */
} fields[] = {
	{ "user",         offsetof(struct sshd_example, user),    "x" },
	{ "host",         offsetof(struct sshd_example, host),    "x" },
	{ "address",      offsetof(struct sshd_example, addr),    "1" },
	{ "localaddress", offsetof(struct sshd_example, laddr),   "1" },
	{ "localport",    offsetof(struct sshd_example, lport),   "1" },
	{ "rdomain",      offsetof(struct sshd_example, rdomain), "x" },
};
/* clang-format on */

/* The first pattern of a list that does not begin with "!". */
static bool
pick_pattern(const char *list, char pattern_out[SSHD_WORD_ROOM])
{
	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (*list != '!' && len > 0 && len < SSHD_WORD_ROOM) {
			snprintf(pattern_out, SSHD_WORD_ROOM, "%.*s", (int)len,
			    list);
			return true;
		}
		list += len + (list[len] == ',');
	}
	return false;
}

/* What a pattern fits: "10.1.*" is 10.1.1, and of a network its own address. */
static bool
fill_pattern(const char *pattern, const char *any,
    char text_out[SSHD_WORD_ROOM])
{
	size_t used = 0;

	for (; *pattern != '\0' && *pattern != '/'; pattern++) {
		char c = *pattern;

		if (c == '*' || c == '?')
			c = *any;
		if (c == ',' || c == '=' || used + 1 == SSHD_WORD_ROOM)
			return false; /* would be read as something else */
		text_out[used++] = c;
	}
	text_out[used] = '\0';
	return used > 0;
}

/* "10.1.1" fits "10.1.*", but is no address yet. */
static bool
is_address(char text[SSHD_WORD_ROOM])
{
	size_t dots = 0, len = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
		dots += *c == '.';
	if (strchr(text, ':') != NULL || dots > 3)
		return strchr(text, ':') != NULL;
	if (len + 2 * (3 - dots) >= SSHD_WORD_ROOM)
		return false;
	for (; dots < 3; dots++, len += 2)
		memcpy(text + len, ".1", 3);
	return true;
}

/* Who has the group as his own. */
static bool
find_by_gid(gid_t gid, char user_out[SSHD_WORD_ROOM])
{
	const struct passwd *entry;
	bool found = false;

	setpwent();
	while (!found && (entry = getpwent()) != NULL)
		if (entry->pw_gid == gid) {
			snprintf(user_out, SSHD_WORD_ROOM, "%s",
			    entry->pw_name);
			found = true;
		}
	endpwent();
	return found;
}

static bool
find_member(const char *pattern, char user_out[SSHD_WORD_ROOM])
{
	const struct group *group = getgrnam(pattern);

	if (group == NULL)
		return false;
	if (group->gr_mem[0] == NULL)
		return find_by_gid(group->gr_gid, user_out);
	snprintf(user_out, SSHD_WORD_ROOM, "%s", group->gr_mem[0]);
	return true;
}

static bool
take_criterion(struct sshd_example *example, const char *criterion,
    const char *list)
{
	char pattern[SSHD_WORD_ROOM];

	if (!pick_pattern(list, pattern))
		return false;
	if (strcasecmp(criterion, "group") == 0)
		return find_member(pattern, example->user);
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		char *text = (char *)example + fields[i].at;

		if (strcasecmp(criterion, fields[i].criterion) != 0)
			continue;
		return fill_pattern(pattern, fields[i].any, text) &&
		       (strstr(fields[i].criterion, "address") == NULL ||
			   is_address(text));
	}
	return false;
}

/* A word of the criteria, without quotes; blanks or one "=" separate. */
static bool
next_word(const char **at, char word_out[SSHD_WORD_ROOM])
{
	const char *stop = " \t=";
	size_t len;

	*at += strspn(*at, " \t=");
	if (**at == '\0' || **at == '#')
		return false;
	if (**at == '"') {
		stop = "\"";
		(*at)++;
	}
	len = strcspn(*at, stop);
	if (len >= SSHD_WORD_ROOM)
		return false;
	snprintf(word_out, SSHD_WORD_ROOM, "%.*s", (int)len, *at);
	*at += len + ((*at)[len] == '"');
	return true;
}

bool
sshd_match_example(const char *criteria, struct sshd_example *example_out)
{
	char criterion[SSHD_WORD_ROOM], list[SSHD_WORD_ROOM];
	struct sshd_example example = someone;
	bool any = false;

	for (; next_word(&criteria, criterion); any = true)
		if (!next_word(&criteria, list) ||
		    !take_criterion(&example, criterion, list))
			return false;
	if (any)
		*example_out = example;
	return any;
}

void
sshd_match_spec(const struct sshd_example *example,
    char spec_out[SSHD_SPEC_ROOM])
{
	bool domain = example->rdomain[0] != '\0';

	snprintf(spec_out, SSHD_SPEC_ROOM,
	    "user=%s,host=%s,addr=%s,laddr=%s,lport=%s%s%s", example->user,
	    example->host, example->addr, example->laddr, example->lport,
	    domain ? ",rdomain=" : "", example->rdomain);
}
