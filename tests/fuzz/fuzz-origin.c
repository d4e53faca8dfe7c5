/*
 * origin: what sshd tells about a login.
 *
 * Input: an SSH_CONNECTION, a NUL, and an SSH_AUTH_INFO_0.
 *
 * Oracle: regular expressions find the same address in the one and the same
 * key in the other.  So a line that is in any way other than sshd's tells
 * nothing.
 */
#include "fuzz.h"
#include "origin.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT	"([1-9][0-9]{0,4})"
#define CHAR	"[A-Za-z0-9+/]"
#define TYPE(t) "sk-" t "@openssh[.]com "

static const char connection_form[] = "^([^ ]*) " PORT " [^ ]* " PORT "$";
static const char key_form[] = "(^|\n)publickey (" /* clang-format off */
    TYPE("ssh-ed25519") "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t|"
    TYPE("ssh-ed25519-cert-v01")
	"AAAAI3NrLXNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t|"
    TYPE("ecdsa-sha2-nistp256")
	"AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5j|"
    TYPE("ecdsa-sha2-nistp256-cert-v01")
	"AAAAK3NrLWVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5j"
    ")(" CHAR "{4})*"
    "(" CHAR "{4}|" CHAR "{3}=|" CHAR "{2}==)\n"; /* clang-format on */

enum { ALL, FIRST, SECOND, THIRD, PARTS };

/* regex is compiled at its first use, and kept. */
static bool
finds(regex_t *regex, const char *form, const char *text,
    regmatch_t parts[PARTS])
{
	if (regex->re_nsub == 0)
		MUST(regcomp(regex, form, REG_EXTENDED) == 0);
	return regexec(regex, text, PARTS, parts, 0) == 0;
}

static size_t
length_of(const regmatch_t *part)
{
	return (size_t)(part->rm_eo - part->rm_so);
}

static void
check_connection(const char *text)
{
	static regex_t regex;
	struct origin origin = { "192.0.2.1", NULL };
	regmatch_t parts[PARTS];
	char want[ORIGIN_ADDRESS_SIZE] = "";

	if (finds(&regex, connection_form, text, parts) && strlen(text) < 128 &&
	    atoi(text + parts[SECOND].rm_so) <= 65535 &&
	    atoi(text + parts[THIRD].rm_so) <= 65535 &&
	    length_of(&parts[FIRST]) < sizeof want)
		memcpy(want, text, length_of(&parts[FIRST]));
	origin_take_connection(&origin, text);
	MUST(strcmp(origin.address, want) == 0);
	MUST(origin.key == NULL);
}

static void
check_auth_info(const char *text)
{
	static regex_t regex;
	struct origin origin = { "", NULL };
	regmatch_t parts[PARTS];
	const char *key;

	origin_take_auth_info(&origin, text);
	if (!finds(&regex, key_form, text, parts)) {
		MUST(origin.key == NULL);
		return;
	}
	key = text + parts[SECOND].rm_so;
	MUST(origin.key != NULL);
	MUST(strlen(origin.key) == strcspn(key, " "));
	MUST(memcmp(origin.key, key, strlen(origin.key)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	size_t len = strnlen((const char *)bytes, n);
	char *connection = strndup((const char *)bytes, len);
	char *info = len < n
			 ? strndup((const char *)bytes + len + 1, n - len - 1)
			 : strdup("");

	MUST(connection != NULL && info != NULL);
	check_connection(connection);
	check_auth_info(info);
	free(connection);
	free(info);
	return 0;
}
