/*
 * A made-up list of breached passwords, in order, to standard output:
 *
 *	breach-list LINES SEED [MEMBERS FILE]
 *
 * Lines are as in the real list: hashes are uniform, and of all counts the
 * part c^-0.96 is at least c, so that 43 bytes are a line.  MEMBERS of them,
 * from the first to the last, go to FILE, too.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 1 << 18,
	LINE_MOST = 64,
	COMMON_BITS = 14, /* counts by table, except the rarest */
	COMMON = 1 << COMMON_BITS,
};

#define COUNT_POWER 0.96
#define COUNT_MOST  50e6

static uint64_t state;
static uint32_t common[COMMON];
static char pairs[256][2];

/* splitmix64 */
static uint64_t
chance(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 < it <= 1 */
static double
part(uint64_t bits)
{
	return ((double)(bits >> 11) + 1) * 0x1p-53;
}

static uint32_t
count_for(double rarity)
{
	double count = pow(rarity, -1 / COUNT_POWER);

	return (uint32_t)(count < COUNT_MOST ? count : COUNT_MOST);
}

static void
make_tables(void)
{
	static const char digits[] = "0123456789ABCDEF";

	for (unsigned i = 0; i < COMMON; i++)
		common[i] = count_for((i + 0.5) / COMMON);
	for (unsigned i = 0; i < 256; i++) {
		pairs[i][0] = digits[i >> 4];
		pairs[i][1] = digits[i & 15];
	}
}

static char *
put_bytes(char *at, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0) {
		memcpy(at, pairs[number >> (8 * bytes) & 255], 2);
		at += 2;
	}
	return at;
}

static char *
put_number(char *at, uint32_t number)
{
	char digits[10];
	unsigned n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (n > 0)
		*at++ = digits[--n];
	return at;
}

static char *
put_line(char *at, uint64_t hash)
{
	uint64_t bits = chance(), rank = bits >> (64 - COMMON_BITS);

	at = put_bytes(at, hash, 8);
	at = put_bytes(at, chance(), 8);
	at = put_bytes(at, bits, 4);
	*at++ = ':';
	at = put_number(at,
	    rank > 0 ? common[rank]
		     : count_for(part(bits << COMMON_BITS) / COMMON));
	*at++ = '\n';
	return at;
}

static void
write_all(const char *block, size_t n)
{
	while (n > 0) {
		ssize_t put = write(STDOUT_FILENO, block, n);

		if (put < 0) {
			perror("breach-list");
			exit(1);
		}
		block += put;
		n -= (size_t)put;
	}
}

/* The lowest of so many uniform hashes above this one. */
static uint64_t
next_hash(uint64_t hash, uint64_t left)
{
	double room = (double)(UINT64_MAX - hash);
	double step = -log(part(chance())) / (double)left;

	/* 1 - e^-step */
	step = step < 1e-4 ? step - step * step / 2 : -expm1(-step);
	return hash + (uint64_t)(room * step);
}

/* The number of the line that is that member. */
static uint64_t
member_line(uint64_t member, uint64_t members, uint64_t lines)
{
	if (member >= members)
		return lines;
	return (uint64_t)((double)member * (double)(lines - 1) /
			  (double)(members > 1 ? members - 1 : 1));
}

static void
make_list(uint64_t lines, uint64_t members, FILE *out)
{
	static char block[BLOCK + LINE_MOST];
	uint64_t hash = 0, member = 0;
	char *at = block;

	for (uint64_t i = 0; i < lines; i++) {
		char *line = at;

		hash = next_hash(hash, lines - i);
		at = put_line(at, hash);
		if (i == member_line(member, members, lines)) {
			fwrite(line, 1, (size_t)(at - line), out);
			member++;
		}
		if (at - block >= BLOCK) {
			write_all(block, (size_t)(at - block));
			at = block;
		}
	}
	write_all(block, (size_t)(at - block));
}

int
main(int argc, char **argv)
{
	uint64_t members = argc == 5 ? strtoull(argv[3], NULL, 10) : 0;
	FILE *out = argc == 5 ? fopen(argv[4], "w") : NULL;

	if ((argc != 3 && argc != 5) || (argc == 5 && out == NULL)) {
		fprintf(stderr, "breach-list LINES SEED [MEMBERS FILE]\n");
		return 2;
	}
	state = strtoull(argv[2], NULL, 10);
	make_tables();
	make_list(strtoull(argv[1], NULL, 10), members, out);
	return out == NULL || fclose(out) == 0 ? 0 : 1;
}
