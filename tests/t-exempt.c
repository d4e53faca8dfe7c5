/* Who is let off the code for where the login comes from, through real libpam:
 * by network, and by a hardware-backed SSH key. */
#include "host.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* As sshd puts them into PAM's environment. */
#define INSIDE	"SSH_CONNECTION=192.0.2.7 51422 198.51.100.1 22"
#define OUTSIDE "SSH_CONNECTION=203.0.113.9 51422 198.51.100.1 22"
#define PLAIN_KEY \
	"SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE+R" \
	"vv8j6aGwyloBwQzkLs8oPNNppqNij0tcRRHiefgM\n"
#define SK_KEY \
	"SSH_AUTH_INFO_0=publickey sk-ssh-ed25519@openssh.com AAAAGnNrLXNza" \
	"C1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK7QhaOGRGd8x1hTrZREq1ATpGB/5W+N4/" \
	"ae+8nL+sWyAAAABHNzaDo=\n"

/* Starts a login.  The program puts both into PAM's environment, if they are
 * not NULL, and rhost where the client's host goes. */
static pam_handle_t *
client_start(struct host *host, const char *user, struct talk *talk,
    const char *env, const char *more, const char *rhost)
{
	pam_handle_t *pamh = host_start(host, user, talk);

	if (env != NULL)
		expect_int(pam_putenv(pamh, env), PAM_SUCCESS);
	if (more != NULL)
		expect_int(pam_putenv(pamh, more), PAM_SUCCESS);
	expect_int(pam_set_item(pamh, PAM_RHOST, rhost), PAM_SUCCESS);
	host_log[0] = '\0';
	return pamh;
}

/* How often alice was asked, who knows no code.  She gets in if she was not. */
static int
asked(struct host *host, const char *env, const char *rhost)
{
	struct talk talk = { .answers = { "no code" } };
	pam_handle_t *pamh =
	    client_start(host, "alice", &talk, env, NULL, rhost);
	int r = pam_authenticate(pamh, 0);

	expect_int(r, talk.asked == 0 ? PAM_SUCCESS : PAM_AUTH_ERR);
	expect(
	    (strstr(host_log, "event=exempt ") != NULL) == (r == PAM_SUCCESS));
	pam_end(pamh, r);
	return talk.asked;
}

/* A site where alice is enrolled, and a line of these words. */
static void
site(struct host *host, const char *settings, const char *words)
{
	char stack[256];

	host_new(host, settings);
	host_enrol(host, "alice", 1000);
	snprintf(stack, sizeof stack,
	    "auth requisite %%M %s\nauth required pam_permit.so\n", words);
	host_stack(host, stack);
}

/* ---- networks ---- */

TEST("a client in an exempt network is not asked, and the log says why")
{
	AUTO_HOST struct host host;

	site(&host, "exempt_networks = 192.0.2.0/24\n", "trust=sshd");
	expect_int(asked(&host, INSIDE, NULL), 0);
	expect(strstr(host_log, " by=network address=\"192.0.2.7\"\n") != NULL);
	expect_int(asked(&host, OUTSIDE, NULL), 1);
}

TEST("networks may stand on the line, and then they alone count")
{
	AUTO_HOST struct host host;

	site(&host, "exempt_networks = 203.0.113.0/24\n",
	    "trust=sshd [exempt_networks=2001:db8::/32, 192.0.2.0/24]");
	expect_int(asked(&host, INSIDE, NULL), 0);
	expect_int(asked(&host, OUTSIDE, NULL), 1);
}

TEST("with trust=sshd it is sshd's address that counts, and no other")
{
	static const char *const envs[] = { OUTSIDE, NULL,
		"SSH_CONNECTION=", "SSH_CONNECTION=192.0.2.7",
		"SSH_CONNECTION=UNKNOWN 65535 UNKNOWN 65535",
		"SSH_CLIENT=192.0.2.7 51422 22" };
	AUTO_HOST struct host host;

	site(&host, "exempt_networks = 192.0.2.0/24\n", "trust=sshd");
	for (size_t i = 0; i < ROWS(envs); i++)
		expect_int(asked(&host, envs[i], "192.0.2.7"), 1);
}

TEST("without it PAM_RHOST counts where it is an address, and no variable")
{
	AUTO_HOST struct host host;

	site(&host, "exempt_networks = 192.0.2.0/24\n", "");
	expect_int(asked(&host, NULL, "192.0.2.7"), 0);
	expect_int(asked(&host, INSIDE, NULL), 1);
	expect_int(asked(&host, INSIDE, "203.0.113.9"), 1);
}

TEST("no host name exempts anybody, nor an address in disguise")
{
	static const char *const rhosts[] = { "", "localhost", "192.0.2",
		"192.0.2.7.example.com", "192.0.2.7.", "192.0.2.07",
		"::ffff:192.0.2.7", "fe80::1%eth0", "192.0.2.7\n",
		"192.0.2.0/24" };
	AUTO_HOST struct host host;

	site(&host, "exempt_networks = 0.0.0.0/0 ::/0\n", "");
	for (size_t i = 0; i < ROWS(rhosts); i++)
		expect_int(asked(&host, NULL, rhosts[i]), 1);
}

TEST("an unknown user is asked and refused, wherever he is")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { "123456" } };
	pam_handle_t *pamh;

	site(&host, "exempt_networks = 192.0.2.0/24\nexempt_keys = sk\n",
	    "trust=sshd");
	pamh = client_start(&host, "mallory", &talk, INSIDE, SK_KEY, NULL);
	expect_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	expect_int(talk.asked, 1);
	pam_end(pamh, PAM_AUTH_ERR);
}

TEST("a malformed list in a file refuses, and names file, line and word")
{
	AUTO_HOST struct host host;

	site(&host, "window = 1\nexempt_networks = ::1, 10.1.0.0/8\n", "");
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SERVICE_ERR);
	expect(strstr(host_log, "sallyport.conf:5: exempt_networks: 10.1.0.0/8 "
				"says more than its first 8 bits") != NULL);
}

TEST("a malformed list on a line refuses, and names the word")
{
	AUTO_HOST struct host host;

	site(&host, "", "exempt_networks=10.0.0.0/8,localhost");
	expect_int(host_try(&host, "alice", host_code(1000, NOON)),
	    PAM_SERVICE_ERR);
	expect(strstr(host_log, "exempt_networks: localhost") != NULL);
}

TEST("one prompt takes the password alone from an exempt network")
{
	AUTO_HOST struct host host;
	struct talk talk = { .answers = { host_code(1000, NOON) } };
	pam_handle_t *pamh;
	int r;

	/* The last line takes all that was handed on as a code. */
	site(&host, "", "");
	host_stack(&host,
	    "auth requisite %M split exempt_networks=192.0.2.0/24\n"
	    "auth requisite %M use_split exempt_networks=192.0.2.0/24\n"
	    "auth required %M use_first_pass\n");
	pamh = client_start(&host, "alice", &talk, NULL, NULL, "192.0.2.7");
	expect_int(r = pam_authenticate(pamh, 0), PAM_SUCCESS);
	expect_int(talk.asked, 1);
	expect(strstr(host_log, "event=exempt ") != NULL);
	pam_end(pamh, r);
}

/* ---- keys ---- */

TEST("a hardware-backed key lets off from the code, and the log has its type")
{
	AUTO_HOST struct host host;

	site(&host, "exempt_keys = sk\n", "trust=sshd");
	expect_int(asked(&host, SK_KEY, NULL), 0);
	expect(strstr(host_log,
		   " by=key type=\"sk-ssh-ed25519@openssh.com\"\n") != NULL);
	expect(strstr(host_log, "AAAA") == NULL);
}

TEST("another key, a password and a forged line do not")
{
	static const char *const infos[] = { PLAIN_KEY,
		"SSH_AUTH_INFO_0=", "SSH_AUTH_INFO_0=password\n",
		"SSH_AUTH_INFO_0=publickey sk-ssh-ed25519@openssh.com\n",
		"SSH_AUTH_INFO_0=publickey sk-ssh-ed25519@openssh.com AAAA\n",
		"SSH_AUTH_INFO_1=publickey sk-ssh-ed25519@openssh.com AAAAGnNrL"
		"XNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK7QhaOGRGd8x1hTrZREq1ATpG"
		"B/5W+N4/ae+8nL+sWyAAAABHNzaDo=\n",
		NULL };
	AUTO_HOST struct host host;

	site(&host, "exempt_keys = sk\n", "trust=sshd");
	for (size_t i = 0; i < ROWS(infos); i++)
		expect_int(asked(&host, infos[i], NULL), 1);
}

TEST("a hardware-backed key counts only where both settings say so")
{
	static const struct {
		const char *settings, *words;
		int asked;
	} rows[] = {
		{ "exempt_keys = sk\n", "", 1 },
		{ "", "exempt_keys=sk", 1 },
		{ "", "trust=sshd", 1 },
		{ "exempt_keys = sk\n", "trust=sshd exempt_keys=none", 1 },
		{ "exempt_keys = sk\n", "trust=none", 1 },
		{ "", "exempt_keys=sk trust=sshd", 0 },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		AUTO_HOST struct host host;

		site(&host, rows[i].settings, rows[i].words);
		expect_int(asked(&host, SK_KEY, NULL), rows[i].asked);
	}
}

TEST("the program's own environment is nobody's word")
{
	AUTO_HOST struct host host;
	char key[] = SK_KEY, inside[] = INSIDE;

	site(&host, "exempt_networks = 192.0.2.0/24\nexempt_keys = sk\n",
	    "trust=sshd");
	expect_int(putenv(key), 0);
	expect_int(putenv(inside), 0);
	expect_int(asked(&host, NULL, NULL), 1);
	expect_int(unsetenv("SSH_AUTH_INFO_0"), 0);
	expect_int(unsetenv("SSH_CONNECTION"), 0);
}

TEST("a certificate for a hardware-backed key counts as the key")
{
	AUTO_HOST struct host host;

	site(&host, "exempt_keys = sk\n", "trust=sshd");
	expect_int(asked(&host,
		       "SSH_AUTH_INFO_0=publickey "
		       "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com "
		       "AAAAK3NrLWVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb"
		       "3Blbn"
		       "NzaC5jb20AAAAA\n",
		       NULL),
	    0);
}

/* ---- guard ---- */

/* What account says of a login that auth has let off, or has not seen. */
static int
account(struct host *host, const char *connection, const char *keys, bool auth)
{
	struct talk talk = { .answers = { "no code" } };
	pam_handle_t *pamh =
	    client_start(host, "alice", &talk, connection, keys, NULL);
	int r = auth ? pam_authenticate(pamh, 0) : PAM_SUCCESS;

	expect_int(r, PAM_SUCCESS);
	expect_int(talk.asked, 0);
	r = pam_acct_mgmt(pamh, 0);
	pam_end(pamh, r);
	return r;
}

TEST("guard lets in whom its own line lets off, as auth did")
{
	AUTO_HOST struct host host;
	/* What sshd tells account after a key alone. */
	const char *key_alone = "SSH_AUTH_INFO_0=";

	site(&host, "exempt_networks = 192.0.2.0/24\nexempt_keys = sk\n", "");
	host_stack(&host, "auth requisite %M trust=sshd\n"
			  "auth required pam_permit.so\n"
			  "account required %M guard trust=sshd\n"
			  "account required pam_permit.so\n");
	expect_int(account(&host, OUTSIDE, SK_KEY, true), PAM_SUCCESS);
	expect_int(account(&host, INSIDE, PLAIN_KEY, true), PAM_SUCCESS);
	expect_int(account(&host, OUTSIDE, key_alone, false), PAM_PERM_DENIED);
	host_stack(&host, "auth requisite %M trust=sshd\n"
			  "auth required pam_permit.so\n"
			  "account required %M guard\n"
			  "account required pam_permit.so\n");
	expect_int(account(&host, OUTSIDE, SK_KEY, true), PAM_PERM_DENIED);
}
