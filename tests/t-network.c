/* Which addresses a list of networks holds.  Who is in one is never asked, so
 * what is doubtful is in none. */
#include "network.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct trouble why;

static int
check(const char *list)
{
	why.text[0] = '\0';
	return network_list_check(list, &why);
}

TEST("networks and addresses of both kinds are taken, by commas or blanks")
{
	static const char *const lists[] = { "", " , ", "192.0.2.0/24",
		"192.0.2.7", "192.0.2.7/32", "0.0.0.0/0", "10.0.0.0/8",
		"128.0.0.0/1", "2001:db8::/32", "2001:db8::7", "::1/128",
		"::/0", "2001:DB8:0:0:0:0:0:0/33", "fe80::/10",
		"64:ff9b::192.0.2.0/120",
		"0000:0000:0000:0000:0000:0000:192.168.100.200/128",
		"192.0.2.0/24,198.51.100.0/24 2001:db8::/32,\t203.0.113.9" };

	for (size_t i = 0; i < ROWS(lists); i++)
		expect_int(check(lists[i]), 0);
}

TEST("what is no network is refused, and the reason has the word")
{
	static const char *const words[] = { "localhost", "example.com/24",
		"192.0.2", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/024",
		"192.0.2.0/-1", "192.0.2.0/+1", "192.0.2.0/24/24",
		"192.0.2.0/255.255.255.0", "192.0.2.*", "192.0.2.256",
		"0xc0.0.2.0", "0300.0.2.0", "192.0.02.0", "/24", "/",
		"2001:db8::/129", "2001:db8::1::/32", "2001:db8:/32", ":::/0",
		"[2001:db8::]/32", "fe80::1%eth0", "fe80::%1/64", "1.2.3.4.5",
		"3221225984", "all", "!10.0.0.0/8" };
	char list[128];

	for (size_t i = 0; i < ROWS(words); i++) {
		snprintf(list, sizeof list, "192.0.2.9, %s", words[i]);
		expect_int(check(list), ERR_INPUT);
		expect(strstr(why.text, words[i]) != NULL);
		expect(strstr(why.text, " is no network, ") != NULL);
	}
}

TEST("a network says no more than its bits")
{
	static const char *const bad[] = { "10.1.0.0/8", "192.0.2.1/24",
		"192.0.2.1/31", "0.0.0.1/0", "128.0.0.0/0", "2001:db8::1/32",
		"2001:db8::/28", "::1/127", "8000::/0" };

	for (size_t i = 0; i < ROWS(bad); i++) {
		expect_int(check(bad[i]), ERR_INPUT);
		expect(strstr(why.text, bad[i]) != NULL);
	}
	expect_int(check("10.1.0.0/8"), ERR_INPUT);
	expect(strstr(why.text, "first 8 bits") != NULL);
}

TEST("IPv4 is not written as IPv6")
{
	expect_int(check("::ffff:192.0.2.0/120"), ERR_INPUT);
	expect_int(check("::ffff:0:0/96"), ERR_INPUT);
	expect_int(check("::ffff:c000:0207"), ERR_INPUT);
	expect(!network_list_holds("::ffff:192.0.2.7", "192.0.2.7"));
}

TEST("a word of any length and kind is told in one line")
{
	char word[4096];

	memset(word, '1', sizeof word);
	word[sizeof word - 1] = '\0';
	expect_int(check(word), ERR_INPUT);
	expect_int(check("10.0.0.0\033[2J/8"), ERR_INPUT);
	expect(strchr(why.text, '\033') == NULL);
	expect(strstr(why.text, "\\x1b") != NULL);
}

TEST("a network holds its first and last address, and not their neighbours")
{
	static const struct {
		const char *network, *before, *first, *last, *after;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.1.255", "192.0.2.0", "192.0.2.255",
		    "192.0.3.0" },
		{ "192.0.2.128/25", "192.0.2.127", "192.0.2.128", "192.0.2.255",
		    "192.0.3.0" },
		{ "10.32.0.0/11", "10.31.255.255", "10.32.0.0", "10.63.255.255",
		    "10.64.0.0" },
		{ "192.0.2.6/31", "192.0.2.5", "192.0.2.6", "192.0.2.7",
		    "192.0.2.8" },
		{ "192.0.2.7", "192.0.2.6", "192.0.2.7", "192.0.2.7",
		    "192.0.2.8" },
		{ "128.0.0.0/1", "127.255.255.255", "128.0.0.0",
		    "255.255.255.255", "::" },
		{ "2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
		    "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
		    "2001:db9::" },
		{ "2001:db8::80/121", "2001:db8::7f", "2001:db8::80",
		    "2001:db8::ff", "2001:db8::100" },
		{ "::1", "::", "::1", "::1", "::2" },
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		expect_int(check(rows[i].network), 0);
		expect(!network_list_holds(rows[i].network, rows[i].before));
		expect(network_list_holds(rows[i].network, rows[i].first));
		expect(network_list_holds(rows[i].network, rows[i].last));
		expect(!network_list_holds(rows[i].network, rows[i].after));
	}
}

TEST("any network of a list will do, and an empty list holds nobody")
{
	const char *list = "192.0.2.0/24, 2001:db8::/32 203.0.113.9";

	expect(network_list_holds(list, "192.0.2.77"));
	expect(network_list_holds(list, "2001:DB8:0::77"));
	expect(network_list_holds(list, "203.0.113.9"));
	expect(!network_list_holds(list, "203.0.113.8"));
	expect(!network_list_holds("", "192.0.2.77"));
	expect(!network_list_holds("", ""));
}

TEST("all of IPv4 is not all of IPv6, nor the reverse")
{
	expect(network_list_holds("0.0.0.0/0", "203.0.113.9"));
	expect(!network_list_holds("0.0.0.0/0", "2001:db8::7"));
	expect(network_list_holds("::/0", "2001:db8::7"));
	expect(!network_list_holds("::/0", "203.0.113.9"));
}

TEST("a name, a zone, IPv4 as IPv6 and nonsense are in no network")
{
	static const char *const odd[] = { "", "localhost", "192.0.2.7.",
		"192.0.2.7 ", " 192.0.2.7", "192.0.2.7\n", "192.0.2",
		"192.0.2.07", "192.0.2.7/32", "3221225991", "0xc0000207",
		"192.0.2.7.example.com", "::ffff:192.0.2.7", "::ffff:c000:207",
		"0:0:0:0:0:ffff:c000:207", "fe80::1%eth0", "fe80::1%1", "[::1]",
		"::1/128", "UNKNOWN", "1:2:3:4:5:6:7" };

	for (size_t i = 0; i < ROWS(odd); i++) {
		expect(!network_list_holds("0.0.0.0/0", odd[i]));
		expect(!network_list_holds("::/0", odd[i]));
		expect(
		    !network_list_holds("0.0.0.0/0, ::/0, fe80::/10", odd[i]));
	}
}
