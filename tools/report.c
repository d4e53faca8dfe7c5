#include "report.h"

#include "err.h"
#include "record.h"
#include "verdict.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct person {
	struct log_text name; /* first in each of these: what trees compare */
	uint64_t logins;
	uint32_t failures; /* since the last login that the log has */
	int64_t failing_since;
	char of[RECORD_NAME_SIZE]; /* the last authenticator that drifted */
	uint64_t drifts;
	int32_t drift_first, drift;
	int64_t drift_since, drift_at;
};

struct pair;

/* An address; "" is the machine itself. */
struct place {
	struct log_text name;
	struct {
		struct pair *pair;
		int64_t at;
	} recent[REPORT_USERS]; /* refused here, each once, oldest first */
	size_t recent_count;
	bool many;
	uint64_t users, refused; /* of those who never got in */
	const char *names[REPORT_NAMES];
	int64_t first, last;
};

/* A person at a place. */
struct pair {
	struct person *person; /* borrowed, as the next */
	struct place *place;
	uint64_t logins, refused, codes;
	bool among_many;
	int64_t first, last; /* refused */
};

/* ---- the three trees ---- */

static int
compare_names(const void *a, const void *b)
{
	const struct log_text *one = a, *other = b;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->at, other->at, len);

	if (order != 0 || one->len == other->len)
		return order;
	return one->len < other->len ? -1 : 1;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *one = a, *other = b;
	int order = compare_names(&one->person->name, &other->person->name);

	return order != 0
		   ? order
		   : compare_names(&one->place->name, &other->place->name);
}

/* What the tree has of that name, or a new one of so many bytes; NULL: no
 * memory.  Its copy of the name stands behind it. */
static void *
named(void **tree, const struct log_text *name, size_t size)
{
	struct log_text *const *found = tfind(name, tree, compare_names);
	struct log_text *made;
	char *copy;

	if (found != NULL)
		return *found;
	if ((made = calloc(1, size + name->len + 1)) == NULL)
		return NULL;
	copy = (char *)made + size;
	if (name->len > 0)
		memcpy(copy, name->at, name->len);
	*made = (struct log_text){ copy, name->len };
	if (tsearch(made, tree, compare_names) != NULL)
		return made;
	free(made);
	return NULL;
}

static struct pair *
paired(void **tree, struct person *person, struct place *place)
{
	struct pair wanted = { .person = person, .place = place };
	struct pair *const *found = tfind(&wanted, tree, compare_pairs);
	struct pair *made;

	if (found != NULL)
		return *found;
	if ((made = calloc(1, sizeof *made)) == NULL)
		return NULL;
	*made = wanted;
	if (tsearch(made, tree, compare_pairs) != NULL)
		return made;
	free(made);
	return NULL;
}

void
report_done(struct report *report)
{
	tdestroy(report->pairs, free);
	tdestroy(report->places, free);
	tdestroy(report->people, free);
	free(report->findings);
}

/* ---- what is found ---- */

/* NULL: no memory. */
static struct report_finding *
find(struct report *report, enum report_pattern pattern)
{
	size_t count = report->count + 1;
	struct report_finding *grown;

	if ((count & (count - 1)) == 0) { /* room for twice as many */
		grown =
		    reallocarray(report->findings, 2 * count, sizeof *grown);
		if (grown == NULL)
			return NULL;
		report->findings = grown;
	}
	grown = &report->findings[report->count++];
	memset(grown, 0, sizeof *grown);
	grown->pattern = pattern;
	return grown;
}

static int
find_of_pair(struct report *report, enum report_pattern pattern,
    const struct pair *pair, uint64_t count, int64_t first, int64_t last)
{
	struct report_finding *finding = find(report, pattern);

	if (finding == NULL)
		return ERR_MEMORY;
	finding->user = pair->person->name.at;
	finding->address = pair->place->name.at;
	finding->users = 1;
	finding->count = count;
	finding->first = first;
	finding->last = last;
	return 0;
}

/* ---- line by line ---- */

enum kind {
	KIND_OTHER,
	KIND_ACCEPTED,
	KIND_UNASKED, /* in, without a code */
	KIND_CODE,    /* refused at the code: the first factor was right */
	KIND_BLOCKED, /* refused whatever was answered */
	KIND_ENROLLED,
};

static enum kind
kind_of(const struct log_text *event)
{
	static const struct {
		enum verdict verdict;
		enum kind kind;
	} verdicts[] = {
		{ VERDICT_ACCEPTED, KIND_ACCEPTED },
		{ VERDICT_ACCEPTED_RECOVERY, KIND_ACCEPTED },
		{ VERDICT_ACCEPTED_BYPASS, KIND_ACCEPTED },
		{ VERDICT_WRONG, KIND_CODE },
		{ VERDICT_REPLAYED, KIND_CODE },
		{ VERDICT_WAITING, KIND_CODE },
		{ VERDICT_DISABLED, KIND_CODE },
		{ VERDICT_MALFORMED, KIND_CODE },
		{ VERDICT_NOT_ENROLLED, KIND_CODE },
		{ VERDICT_CALLER_BLOCKED, KIND_BLOCKED },
	};
	static const struct {
		const char *event;
		enum kind kind;
	} others[] = {
		{ "exempt", KIND_UNASKED },
		{ "unenrolled", KIND_UNASKED },
		{ "enrolment-postponed", KIND_UNASKED },
		{ "enrolled", KIND_ENROLLED },
	};

	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (log_text_is(event, verdict_name(verdicts[i].verdict)))
			return verdicts[i].kind;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (log_text_is(event, others[i].event))
			return others[i].kind;
	return KIND_OTHER;
}

static int
take_accepted(struct report *report, struct pair *pair,
    const struct log_line *line, int64_t time)
{
	struct person *person = pair->person;
	uint32_t failures = person->failures;
	int64_t since = failures > 0 ? person->failing_since : time;

	if (line->failures > failures)
		failures = line->failures; /* some are older than the log */
	person->failures = 0;
	report->accepted++;
	if (failures < REPORT_FAILURES)
		return 0;
	return find_of_pair(report, REPORT_SUCCESS_AFTER_FAILURES, pair,
	    failures, since, time);
}

static void
note_drift(struct person *person, const struct log_line *line, int64_t time)
{
	size_t len = line->of.len;

	if (len > sizeof person->of - 1)
		len = sizeof person->of - 1;
	if (len > 0)
		memcpy(person->of, line->of.at, len);
	person->of[len] = '\0';
	if (person->drifts++ == 0) {
		person->drift_first = line->drift;
		person->drift_since = time;
	}
	person->drift = line->drift;
	person->drift_at = time;
}

/* Whether this makes so many, in so short a time. */
static bool
are_many(struct place *place, struct pair *pair, int64_t time)
{
	size_t kept = 0;

	for (size_t i = 0; i < place->recent_count; i++)
		if (place->recent[i].pair != pair &&
		    time - place->recent[i].at <= REPORT_WITHIN)
			place->recent[kept++] = place->recent[i];
	place->recent[kept].pair = pair;
	place->recent[kept++].at = time;
	place->recent_count = kept;
	return kept == REPORT_USERS;
}

static void
note_refusal(struct pair *pair, int64_t time)
{
	struct place *place = pair->place;

	if (pair->refused++ == 0)
		pair->first = time;
	pair->last = time;
	if (place->name.len == 0)
		return; /* everybody is at this machine */
	if (!place->many && are_many(place, pair, time)) {
		place->many = true;
		for (size_t i = 0; i < place->recent_count; i++)
			place->recent[i].pair->among_many = true;
	}
	if (place->many)
		pair->among_many = true;
}

static void
take_code(struct pair *pair, const struct log_line *line, int64_t time)
{
	struct person *person = pair->person;

	pair->codes++;
	if (log_text_is(&line->event, verdict_name(VERDICT_WRONG)) &&
	    person->failures++ == 0)
		person->failing_since = time;
	if (line->drifted)
		note_drift(person, line, time);
}

static int
take_enrolled(struct report *report, const struct pair *pair, int64_t time)
{
	if (pair->place->name.len == 0 || pair->logins > 0 ||
	    pair->person->logins == 0)
		return 0;
	return find_of_pair(report, REPORT_NEW_ADDRESS, pair,
	    pair->person->logins, time, time);
}

static int
take_pair(struct report *report, enum kind kind, struct pair *pair,
    const struct log_line *line, int64_t time)
{
	if (kind == KIND_ENROLLED)
		return take_enrolled(report, pair, time);
	if (kind == KIND_CODE)
		take_code(pair, line, time);
	if (kind == KIND_CODE || kind == KIND_BLOCKED) {
		note_refusal(pair, time);
		report->refused++;
		return 0;
	}
	pair->logins++;
	pair->person->logins++;
	return kind == KIND_ACCEPTED ? take_accepted(report, pair, line, time)
				     : 0;
}

int
report_take(struct report *report, const struct log_line *line, int64_t time)
{
	enum kind kind = kind_of(&line->event);
	struct person *person;
	struct place *place;
	struct pair *pair;

	if (report->events++ == 0)
		report->first = time;
	report->last = time;
	if (kind == KIND_OTHER || line->user.len == 0)
		return 0;
	person = named(&report->people, &line->user, sizeof *person);
	place = named(&report->places, &line->address, sizeof *place);
	if (person == NULL || place == NULL)
		return ERR_MEMORY;
	pair = paired(&report->pairs, person, place);
	return pair == NULL ? ERR_MEMORY
			    : take_pair(report, kind, pair, line, time);
}

/* ---- all of it ---- */

/* What walks over a tree. */
struct walk {
	struct report *report;
	struct person **drifting; /* owned: those who drift */
	size_t drifting_count;
	int r; /* the first trouble */
};

/* Each node once, and in order. */
static bool
is_turn(VISIT when)
{
	return when == postorder || when == leaf;
}

static bool
is_somebody(const struct person *person)
{
	return !log_text_is(&person->name, "(unknown)");
}

static void
sum_up_place(struct place *place, const struct pair *pair)
{
	if (place->users == 0 || pair->first < place->first)
		place->first = pair->first;
	if (place->users == 0 || pair->last > place->last)
		place->last = pair->last;
	if (place->users < REPORT_NAMES)
		place->names[place->users] = pair->person->name.at;
	place->users++;
	place->refused += pair->refused;
}

/* Who gets in at last from the same place mistypes. */
static void
end_pair(const void *node, VISIT when, void *closure)
{
	const struct pair *pair = *(struct pair *const *)node;
	struct walk *walk = closure;

	if (!is_turn(when) || pair->logins > 0)
		return;
	if (pair->among_many)
		sum_up_place(pair->place, pair);
	if (walk->r == 0 && pair->codes >= REPORT_CODES &&
	    is_somebody(pair->person))
		walk->r = find_of_pair(walk->report, REPORT_PASSWORD_KNOWN,
		    pair, pair->codes, pair->first, pair->last);
}

static void
end_place(const void *node, VISIT when, void *closure)
{
	const struct place *place = *(struct place *const *)node;
	struct walk *walk = closure;
	struct report_finding *finding;

	if (!is_turn(when) || walk->r < 0 || place->users < REPORT_USERS)
		return;
	if ((finding = find(walk->report, REPORT_MANY_USERS)) == NULL) {
		walk->r = ERR_MEMORY;
		return;
	}
	finding->address = place->name.at;
	finding->users = place->users;
	finding->count = place->refused;
	finding->first = place->first;
	finding->last = place->last;
	memcpy(finding->names, place->names, sizeof place->names);
}

static int
keep_drifting(struct walk *walk, struct person *person)
{
	struct person **grown = reallocarray(walk->drifting,
	    walk->drifting_count + 1, sizeof(struct person *));

	if (grown == NULL)
		return ERR_MEMORY;
	walk->drifting = grown;
	walk->drifting[walk->drifting_count++] = person;
	return 0;
}

static void
end_person(const void *node, VISIT when, void *closure)
{
	struct person *person = *(struct person *const *)node;
	struct walk *walk = closure;
	struct report_finding *finding;

	if (!is_turn(when) || walk->r < 0 || person->drifts == 0)
		return;
	walk->r = keep_drifting(walk, person);
	if (walk->r < 0 || person->drifts < REPORT_DRIFTS)
		return;
	if ((finding = find(walk->report, REPORT_DRIFT)) == NULL) {
		walk->r = ERR_MEMORY;
		return;
	}
	finding->user = person->name.at;
	finding->authenticator = person->of;
	finding->users = 1;
	finding->count = person->drifts;
	finding->drift_first = person->drift_first;
	finding->drift = person->drift;
	finding->first = person->drift_since;
	finding->last = person->drift_at;
}

static int
compare_drifts(const void *a, const void *b)
{
	const struct person *one = *(struct person *const *)a;
	const struct person *other = *(struct person *const *)b;

	return one->drift < other->drift ? -1 : one->drift > other->drift;
}

/* The most who agree: from which one on, and how many. */
static size_t
agreeing(struct person *const *people, size_t count, size_t *from_out)
{
	size_t from = 0, most = 0;

	for (size_t to = 0; to < count; to++) {
		while (people[to]->drift - people[from]->drift >
		       REPORT_CLOCKS_WITHIN)
			from++;
		if (to - from + 1 > most) {
			most = to - from + 1;
			*from_out = from;
		}
	}
	return most;
}

/* Where many phones are off by the same, it is not the phones. */
static int
end_clock(struct walk *walk)
{
	struct report_finding *finding;
	struct person **people;
	size_t from = 0, count;

	if (walk->drifting_count == 0)
		return 0;
	qsort(walk->drifting, walk->drifting_count, sizeof(struct person *),
	    compare_drifts);
	count = agreeing(walk->drifting, walk->drifting_count, &from);
	if (count < REPORT_CLOCKS)
		return 0;
	if ((finding = find(walk->report, REPORT_HOST_CLOCK)) == NULL)
		return ERR_MEMORY;
	people = walk->drifting + from;
	finding->users = finding->count = count;
	finding->drift_first = finding->drift = people[count / 2]->drift;
	finding->first = finding->last = people[0]->drift_at;
	for (size_t i = 0; i < count; i++) {
		if (i < REPORT_NAMES)
			finding->names[i] = people[i]->name.at;
		if (people[i]->drift_at < finding->first)
			finding->first = people[i]->drift_at;
		if (people[i]->drift_at > finding->last)
			finding->last = people[i]->drift_at;
	}
	return 0;
}

/* By pattern, then by time; what is equal there, by name. */
static int
compare_findings(const void *a, const void *b)
{
	const struct report_finding *one = a, *other = b;
	int order = 0;

	if (one->pattern != other->pattern)
		return one->pattern < other->pattern ? -1 : 1;
	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	if (one->user != NULL && other->user != NULL)
		order = strcmp(one->user, other->user);
	if (order == 0 && one->address != NULL && other->address != NULL)
		order = strcmp(one->address, other->address);
	return order;
}

int
report_finish(struct report *report)
{
	struct walk walk = { .report = report };

	twalk_r(report->pairs, end_pair, &walk);
	twalk_r(report->places, end_place, &walk);
	twalk_r(report->people, end_person, &walk);
	if (walk.r == 0)
		walk.r = end_clock(&walk);
	free(walk.drifting);
	if (report->count > 0)
		qsort(report->findings, report->count,
		    sizeof report->findings[0], compare_findings);
	return walk.r;
}

/* ---- in words ---- */

static const struct {
	const char *name, *meaning;
} patterns[REPORT_PATTERNS] = {
	[REPORT_MANY_USERS] = { "many-users",
	    "Many users refused from one address.  Somebody tries what he has "
	    "of each:\nkeep the address out." },
	[REPORT_PASSWORD_KNOWN] = { "password-known",
	    "Codes refused from where that user never got in.  Whoever was "
	    "asked for them\nhad the right password or key before: it is to be "
	    "changed." },
	[REPORT_SUCCESS_AFTER_FAILURES] = { "success-after-failures",
	    "Let in after many wrong codes.  Ask the user whether it was him; "
	    "if not, end\nthe enrolment and the sessions." },
	[REPORT_NEW_ADDRESS] = { "new-address",
	    "Enrolled from where that user never logged in.  Ask him whether "
	    "it was him." },
	[REPORT_DRIFT] = { "drift",
	    "Codes that are right at another time.  The phone's clock is to be "
	    "set." },
	[REPORT_HOST_CLOCK] = { "host-clock",
	    "Several users' clocks are off by the same.  It is probably this "
	    "machine's that\nis wrong." },
};

const char *
report_pattern_name(enum report_pattern pattern)
{
	return patterns[pattern].name;
}

const char *
report_pattern_meaning(enum report_pattern pattern)
{
	return patterns[pattern].meaning;
}
