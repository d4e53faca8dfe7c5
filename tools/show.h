/* Values as people and programs read them. */
#ifndef SHOW_H
#define SHOW_H

#include "recovery.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

enum {
	SHOW_TIME_SIZE = 64,
	SHOW_CLOCK_SIZE = 2 * SHOW_TIME_SIZE + 2,
	SHOW_NUMBER_SIZE = 32,
};

/* A number with its thousands apart: 1,048,576. */
const char *show_number(uint64_t number, char room[SHOW_NUMBER_SIZE]);

/* A Unix time in this machine's zone, which is named. */
const char *show_local(int64_t time, char room[SHOW_TIME_SIZE]);

/* The same to hold a phone's clock against: where that is not UTC, in UTC
 * too. */
const char *show_clock(int64_t time, char room[SHOW_CLOCK_SIZE]);

/* The same for JSON: RFC 3339 in UTC; 0 ("never") becomes null. */
json_object *show_json_time(int64_t time);

/* Text as a JSON string; what is not UTF-8 is escaped first. */
json_object *show_json_text(const char *text);

/* Text broken at its blanks into lines of less than so many columns, each
 * behind the indent; 0 columns: one line, for programs to read. */
void show_wrapped(FILE *out, const char *indent, const char *text,
    size_t columns);

/* A paragraph, broken so that it fits the stream's terminal, or 80 columns. */
void show_prose(FILE *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* To standard output: what something is called, and in a second column what it
 * is; below each other on a terminal of less than 80 columns. */
void show_pair(const char *left, int width, const char *right);

/* Recovery codes with a word on keeping them, nothing where none were drawn;
 * and as an array, empty then. */
void show_codes(const struct codes *codes, FILE *out);
json_object *show_json_codes(const struct codes *codes);

/* Prints what a user was given for one time, under its kind's name, and until
 * when; code NULL: it was taken back. */
void show_json_given(const char *kind, const char *user, const char *code,
    int64_t expires);

/* Prints the document to standard output. */
void show_json(json_object *document);

void show_json_done(json_object **document);
#define AUTO_JSON __attribute__((cleanup(show_json_done)))

#endif
