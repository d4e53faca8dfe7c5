#include "pam_edit.h"

#include "mem.h"
#include "pam_paths.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a line of the file brings, itself or by what it includes. */
struct part {
	bool auth, account, other;
	bool factor;   /* something that asks who it is */
	bool includes; /* lines of another file */
};

struct page {
	const struct pam_stack *stack;
	const char *text;	/* borrowed */
	unsigned count;		/* lines */
	struct part *parts;	/* owned; parts[n] is of line n, from 1 */
	unsigned auth, account; /* below the first, above the second: ours */
};

static void
page_done(struct page *page)
{
	free(page->parts);
}
#define AUTO_PAGE __attribute__((cleanup(page_done)))

/* The line that *at is at; *at moves to the next.  False: there is none. */
static bool
next_line(const char **at, const char **line_out, size_t *len_out)
{
	if (**at == '\0')
		return false;
	*line_out = *at;
	*len_out = strcspn(*at, "\n");
	*at += *len_out + ((*at)[*len_out] == '\n');
	return true;
}

static int
count_lines(struct page *page, struct trouble *why)
{
	const char *at = page->text, *line;
	size_t len;

	while (next_line(&at, &line, &len)) {
		page->count++;
		while (len > 0 && text_is_blank(line[len - 1]))
			len--;
		if (len > 0 && line[len - 1] == '\\')
			return err_say(why, ERR_UNSUPPORTED,
			    "%s:%u goes on in the next line",
			    page->stack->files[0], page->count);
	}
	page->parts = calloc((size_t)page->count + 1, sizeof *page->parts);
	return page->parts == NULL ? ERR_MEMORY : 0;
}

/* libpam reads such words in any case. */
static bool
has_word(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (; len >= n; line++, len--)
		if (strncasecmp(line, word, n) == 0)
			return true;
	return false;
}

/* Whether the rule came into the stack by that line of our file, and not by
 * the "other" service, which stands in for types that the file lacks. */
static bool
is_led_to(const struct page *page, const struct pam_rule *rule)
{
	const char *at = page->text, *line = "";
	size_t len = 0;

	if (rule->top_line == 0 || rule->top_line > page->count)
		return false;
	if (rule->file == page->stack->files[0])
		return true;
	for (unsigned n = 0; n < rule->top_line; n++)
		(void)next_line(&at, &line, &len);
	return has_word(line, len, "include") ||
	       has_word(line, len, "substack");
}

/* That nothing asks for a code yet: two would be asked for. */
static int
check_role(const struct pam_rule *rule, struct trouble *why)
{
	enum pam_role role = pam_rule_role(rule);

	if (role == ROLE_OURS && rule->type != PAM_PASSWORD)
		return err_say(why, ERR_EXISTS,
		    "%s:%u calls pam_sallyport.so already", rule->file,
		    rule->line);
	if (role == ROLE_CODE && rule->type == PAM_AUTH)
		return err_say(why, ERR_UNSUPPORTED,
		    "%s:%u has another module ask for a code; 'sallyport "
		    "doctor --migrate' shows what takes its place",
		    rule->file, rule->line);
	return 0;
}

static int
sort_rule(struct page *page, const struct pam_rule *rule, struct trouble *why)
{
	struct part *part;
	int r;

	if (!is_led_to(page, rule))
		return 0;
	if ((r = check_role(rule, why)) < 0)
		return r;
	part = &page->parts[rule->top_line];
	part->includes |= rule->file != page->stack->files[0];
	part->factor |=
	    rule->type == PAM_AUTH && pam_rule_role(rule) == ROLE_FACTOR;
	part->auth |= rule->type == PAM_AUTH;
	part->account |= rule->type == PAM_ACCOUNT;
	part->other |= rule->type != PAM_AUTH && rule->type != PAM_ACCOUNT;
	return 0;
}

/* Ours go below the last line of auth, and above the first of account that
 * includes another file, or else below the last. */
static int
find_places(struct page *page, struct trouble *why)
{
	const char *file = page->stack->files[0];
	unsigned last = 0;

	for (unsigned n = 1; n <= page->count; n++) {
		const struct part *part = &page->parts[n];

		if (part->auth)
			page->auth = n;
		if (part->account)
			last = n;
		if (part->account && part->includes && page->account == 0)
			page->account = n;
	}
	if (page->account == 0 && last > 0)
		page->account = last + 1;
	if (page->auth == 0 || page->account == 0)
		return err_say(why, ERR_UNSUPPORTED,
		    "%s has no lines of its own for %s", file,
		    page->auth == 0 ? "auth" : "account");
	return 0;
}

/* A line that brings more than auth cannot be taken out for its password. */
static int
check_factors(const struct page *page, struct trouble *why)
{
	for (unsigned n = 1; n <= page->count; n++) {
		const struct part *part = &page->parts[n];

		if (part->factor && (part->account || part->other))
			return err_say(why, ERR_UNSUPPORTED,
			    "%s:%u asks for the password, and brings lines of "
			    "other types, too",
			    page->stack->files[0], n);
	}
	return 0;
}

static void
write_auth(FILE *out, enum pam_edit edit, const char *words)
{
	fprintf(out, "auth     requisite   pam_sallyport.so%s explain\n",
	    words);
	if (edit == EDIT_KEY)
		fputs("auth     required    pam_permit.so\n", out);
}

/* A guard offers, too. */
static void
write_account(FILE *out, enum pam_edit edit, const char *words)
{
	if (edit != EDIT_PASSWORD)
		fprintf(out, "account  required    pam_sallyport.so%s%s\n",
		    words, edit == EDIT_KEY ? " guard" : "");
}

static void
write_page(FILE *out, const struct page *page, enum pam_edit edit,
    const char *words)
{
	const char *at = page->text, *line;
	size_t len;

	for (unsigned n = 1; next_line(&at, &line, &len); n++) {
		bool drop = edit == EDIT_KEY && page->parts[n].factor;

		if (n == page->account)
			write_account(out, edit, words);
		fprintf(out, "%s%.*s\n", drop ? "#" : "", (int)len, line);
		if (n == page->auth)
			write_auth(out, edit, words);
	}
	if (page->account > page->count)
		write_account(out, edit, words);
}

static int
write_text(const struct page *page, enum pam_edit edit, const char *words,
    char **text_out)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool whole;

	if (out == NULL)
		return ERR_MEMORY;
	write_page(out, page, edit, words);
	whole = ferror(out) == 0;
	if (fclose(out) != 0 || !whole) {
		free(text);
		return ERR_MEMORY;
	}
	*text_out = text;
	return 0;
}

int
pam_edit(const struct pam_stack *stack, const char *text, enum pam_edit edit,
    const char *words, char **text_out, struct trouble *why)
{
	AUTO_PAGE struct page page = { .stack = stack, .text = text };
	int r;

	if (stack->aborted)
		return err_say(why, ERR_UNSUPPORTED, "%s", stack->reason.text);
	if (stack->file_count == 0)
		return err_say(why, ERR_UNSUPPORTED, "there is no such file");
	if ((r = count_lines(&page, why)) < 0)
		return r;
	for (size_t i = 0; i < stack->count; i++)
		if ((r = sort_rule(&page, &stack->rules[i], why)) < 0)
			return r;
	if ((r = find_places(&page, why)) < 0 ||
	    (edit == EDIT_KEY && (r = check_factors(&page, why)) < 0))
		return r;
	return write_text(&page, edit, words, text_out);
}
