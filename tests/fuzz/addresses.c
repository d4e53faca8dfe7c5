#include "addresses.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 8 };

/* So many bits, one a byte; length says how many of them count. */
struct bits {
	int count;
	int length;
	bool bit[128];
};

/* text[0..len) as digits of the base, at most so many; -1: it is not. */
static long
value_of(const char *text, size_t len, int base, size_t most)
{
	static const char digits[] = "0123456789abcdef";
	long value = 0;

	if (len == 0 || len > most)
		return -1;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + 32)
							  : text[i];
		const char *at = memchr(digits, c, (size_t)base);

		if (at == NULL)
			return -1;
		value = value * base + (at - digits);
	}
	return value;
}

/* The same in base ten, written as people write it: no zero before. */
static long
decimal(const char *text, size_t len, size_t most)
{
	if (len > 1 && text[0] == '0')
		return -1;
	return value_of(text, len, 10, most);
}

static size_t
length_to(const char *text, size_t len, char end)
{
	const char *at = memchr(text, end, len);

	return at == NULL ? len : (size_t)(at - text);
}

/* "192.0.2.7" as a number; -1: it is not. */
static long long
read_v4(const char *text, size_t len)
{
	long long value = 0;

	for (int part = 0; part < 4; part++) {
		size_t part_len = length_to(text, len, '.');
		long byte = decimal(text, part_len, 3);

		if (byte < 0 || byte > 255 || (part < 3) != (part_len < len))
			return -1;
		value = value * 256 + byte;
		if (part < 3)
			part_len++;
		text += part_len;
		len -= part_len;
	}
	return value;
}

/* "db8:0:1" or, where it may, "db8:192.0.2.7", as groups; -1: it is not. */
static int
read_groups(const char *text, size_t len, bool may_end_v4, long groups[GROUPS])
{
	int count = 0;

	if (len == 0)
		return 0;
	for (;;) {
		size_t group_len = length_to(text, len, ':');
		long group = value_of(text, group_len, 16, 4);
		long long v4 =
		    may_end_v4 && group_len == len ? read_v4(text, len) : -1;

		if (v4 >= 0 && group < 0 && count + 2 <= GROUPS) {
			groups[count++] = (long)(v4 >> 16);
			groups[count++] = (long)(v4 & 0xffff);
			return count;
		}
		if (group < 0 || count == GROUPS)
			return -1;
		groups[count++] = group;
		if (group_len == len)
			return count;
		text += group_len + 1;
		len -= group_len + 1;
	}
}

static const char *
find_gap(const char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (text[i] == ':' && text[i + 1] == ':')
			return text + i;
	return NULL;
}

static bool
read_v6(const char *text, size_t len, long groups[GROUPS])
{
	const char *gap = find_gap(text, len);
	long behind[GROUPS];
	int first, last;

	if (gap == NULL)
		return read_groups(text, len, true, groups) == GROUPS;
	first = read_groups(text, (size_t)(gap - text), false, groups);
	last =
	    read_groups(gap + 2, len - (size_t)(gap + 2 - text), true, behind);
	if (first < 0 || last < 0 || first + last >= GROUPS)
		return false;
	for (int i = first; i < GROUPS - last; i++)
		groups[i] = 0;
	for (int i = 0; i < last; i++)
		groups[GROUPS - last + i] = behind[i];
	return true;
}

static bool
is_dressed_v4(const long groups[GROUPS])
{
	for (int i = 0; i < 5; i++)
		if (groups[i] != 0)
			return false;
	return groups[5] == 0xffff;
}

static bool
read_address(const char *text, size_t len, struct bits *bits)
{
	long long v4 = read_v4(text, len);
	long groups[GROUPS];

	memset(bits, 0, sizeof *bits);
	if (v4 >= 0) {
		bits->count = 32;
		for (int i = 0; i < 32; i++)
			bits->bit[i] = v4 >> (31 - i) & 1;
	} else {
		if (!read_v6(text, len, groups) || is_dressed_v4(groups))
			return false;
		bits->count = 128;
		for (int i = 0; i < 128; i++)
			bits->bit[i] = groups[i / 16] >> (15 - i % 16) & 1;
	}
	bits->length = bits->count;
	return true;
}

static bool
read_network(const char *text, size_t len, struct bits *bits)
{
	size_t slash = length_to(text, len, '/');
	long length;

	if (!read_address(text, slash, bits))
		return false;
	if (slash == len)
		return true;
	length = decimal(text + slash + 1, len - slash - 1, 3);
	if (length < 0 || length > bits->count)
		return false;
	bits->length = (int)length;
	for (int i = bits->length; i < bits->count; i++)
		if (bits->bit[i])
			return false;
	return true;
}

static bool
is_in(const struct bits *address, const struct bits *network)
{
	if (address->count != network->count)
		return false;
	for (int i = 0; i < network->length; i++)
		if (address->bit[i] != network->bit[i])
			return false;
	return true;
}

/* The next word, of *list_len bytes; NULL: there is none. */
static const char *
next_word(const char *list, size_t *len)
{
	list += strspn(list, ", \t");
	*len = strcspn(list, ", \t");
	return *len == 0 ? NULL : list;
}

bool
addresses_fit(const char *list)
{
	struct bits network;
	size_t len;

	for (; (list = next_word(list, &len)) != NULL; list += len)
		if (!read_network(list, len, &network))
			return false;
	return true;
}

bool
addresses_hold(const char *list, const char *address)
{
	struct bits network, client;
	size_t len;

	if (!read_address(address, strlen(address), &client))
		return false;
	for (; (list = next_word(list, &len)) != NULL; list += len)
		if (read_network(list, len, &network) &&
		    is_in(&client, &network))
			return true;
	return false;
}
