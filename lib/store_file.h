/*
 * Today's backend of the store: a folder with two files a user, and one more
 * for who is invited.
 *
 *   UID.enrolment   replaced by rename; a login only reads it
 *   UID.invitation  the same
 *   UID.state       rewritten in place, so that a full disk locks nobody out;
 *		     its lock is the user's lock
 *
 * It moves opaque bytes.  What they mean, and whether they are genuine, is
 * store.c's business: a backend that many hosts share would replace this file
 * alone.
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The folder, open and checked: ours alone. */
int store_file_dir(const char *path, int *dir_out, struct trouble *why);

/* A small file of exactly n bytes.  ERR_MISSING says ENOENT, and nothing else
 * does.  store_file_get_path takes a path in place of folder and name. */
int store_file_get(int dir, const char *name, void *bytes, size_t n,
    struct trouble *why);
int store_file_get_path(const char *path, void *bytes, size_t n,
    struct trouble *why);

/* The names of a user's files. */
enum { STORE_FILE_NAME_SIZE = 32 };
void store_file_enrolment(uid_t uid, char name_out[STORE_FILE_NAME_SIZE]);
void store_file_state(uid_t uid, char name_out[STORE_FILE_NAME_SIZE]);
void store_file_invitation(uid_t uid, char name_out[STORE_FILE_NAME_SIZE]);

/* The uid that an enrolment's, or an invitation's, file name stands for; false:
 * it is none. */
bool store_file_is_enrolment(const char *name, uid_t *uid_out);
bool store_file_is_invitation(const char *name, uid_t *uid_out);

/*
 * Opens and locks the state.  It is then the file that has the name, whatever
 * was swapped or removed while waiting.  Returns 0; ERR_MISSING: there is
 * none; ERR_BUSY after 5 seconds; or another error.  Where make says so, a
 * missing one is made, empty.
 */
int store_file_lock(int dir, uid_t uid, bool make, int *fd_out,
    struct trouble *why);

#endif
