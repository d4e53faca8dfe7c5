#include "store.h"

#include "box.h"
#include "io.h"
#include "mem.h"
#include "seal.h"
#include "store_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MARKER_ID_BYTES = 16,
	MARKER_BODY_BYTES = 8 + MARKER_ID_BYTES,
	MARKER_BYTES = MARKER_BODY_BYTES + SEAL_MAC_BYTES,
	ENROLMENT_BYTES = RECORD_BYTES + BOX_AROUND_BYTES,
	INVITED_BYTES = INVITATION_BYTES + BOX_AROUND_BYTES,
};
_Static_assert(ENROLMENT_BYTES == 4096, "an enrolment is one block");
_Static_assert((int)ENROLMENT_BYTES <= (int)STATE_FILE_BYTES, "it has room");
_Static_assert(OFFER_BYTES + BOX_AROUND_BYTES == OFFER_BLOB_BYTES,
    "a blob is a sealed offer");

static const char marker_name[] = "marker";
enum { MARKER_PATH_SIZE = SETTINGS_PATH_SIZE + sizeof marker_name + 1 };
static const uint8_t marker_magic[8] = { 0x89, 'S', 'P', 'M', 'K', '\r', '\n',
	1 };
static const struct box_kind enrolment_box = { "an enrolment",
	{ 0x89, 'S', 'P', 'E', 'N', '\r', '\n', 0x1a }, 1, RECORD_BYTES };
static const struct box_kind invitation_box = { "an invitation",
	{ 0x89, 'S', 'P', 'I', 'N', '\r', '\n', 0x1a }, 1, INVITATION_BYTES };
static const struct box_kind offer_box = { "an offer",
	{ 0x89, 'S', 'P', 'O', 'F', '\r', '\n', 0x1a }, 1, OFFER_BYTES };

/* What nobody else may see, in memory of its own. */
struct vault {
	uint8_t key[SEAL_KEY_BYTES];
	uint8_t file[STATE_FILE_BYTES]; /* an enrolment or a state on its way */
};

struct store {
	int dir;
	struct vault *vault;  /* owned */
	struct record *spare; /* owned, wiped: of the transaction before */
	struct trouble *why;  /* borrowed */
};

struct store_txn {
	struct store *store; /* borrowed */
	struct account account;
	int fd; /* the state, locked; -1: none, or only read */
	bool locked;
	bool made; /* where none is enrolled: an empty state may be in place */
	bool lost; /* for repairing: there was no state to read */
	int slot;  /* that the state was read from */
	struct record *record; /* owned; NULL: not enrolled */
	struct state state;
};

/* ---- the marker ---- */

static void
marker_mac(const uint8_t *key, const uint8_t *marker, uint8_t *mac_out)
{
	seal_mac(key, "sallyport marker", 0, marker, MARKER_BODY_BYTES,
	    mac_out);
}

/* An empty folder in the store's place (a disk not mounted) has no marker, a
 * copy from elsewhere another key's: neither proves anybody's absence. */
static int
check_marker(const struct store *store)
{
	uint8_t marker[MARKER_BYTES], mac[SEAL_MAC_BYTES];
	int r;

	r = store_file_get(store->dir, marker_name, marker, sizeof marker,
	    store->why);
	if (r == ERR_MISSING)
		return err_say(store->why, ERR_UNTRUSTED,
		    "the store has no marker: it is not the folder that "
		    "\"sallyport setup\" made, or its disk is not mounted");
	if (r < 0)
		return r;
	marker_mac(store->vault->key, marker, mac);
	if (memcmp(marker, marker_magic, sizeof marker_magic) != 0 ||
	    !mem_equal(mac, marker + MARKER_BODY_BYTES, sizeof mac))
		return err_say(store->why, ERR_UNTRUSTED,
		    "the store's marker was not made with this host key: "
		    "store and key do not belong together");
	return 0;
}

static int
write_marker(const struct store *store)
{
	uint8_t marker[MARKER_BYTES];

	memcpy(marker, marker_magic, sizeof marker_magic);
	if (io_random(marker + sizeof marker_magic, MARKER_ID_BYTES) < 0)
		return err_say(store->why, ERR_IO, "no randomness: %m");
	marker_mac(store->vault->key, marker, marker + MARKER_BODY_BYTES);
	if (io_replace(store->dir, marker_name, marker, sizeof marker) < 0)
		return err_say(store->why, ERR_IO,
		    "cannot write the store's marker: %m");
	return 0;
}

/* ---- opening and making ---- */

static struct store *
store_new(struct trouble *why)
{
	struct store *store = calloc(1, sizeof *store);

	if (store == NULL)
		return NULL;
	store->dir = -1;
	store->why = why;
	store->vault = secret_new(sizeof *store->vault);
	if (store->vault != NULL)
		return store;
	free(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	secret_free(store->vault, sizeof *store->vault);
	record_free(store->spare);
	if (store->dir >= 0)
		(void)close(store->dir);
	free(store);
}

void
store_auto_close(struct store **store)
{
	store_close(*store);
}

int
store_open(const struct settings *settings, struct trouble *why,
    struct store **store_out)
{
	AUTO_STORE struct store *store = store_new(why);
	int r;

	if (store == NULL)
		return err_say(why, ERR_MEMORY, "opening the store");
	if ((r = store_file_dir(settings->store_dir, &store->dir, why)) < 0)
		return r;
	if ((r = store_file_get_path(settings->key_file, store->vault->key,
		 SEAL_KEY_BYTES, why)) < 0)
		return r;
	if ((r = check_marker(store)) < 0)
		return r;
	*store_out = store;
	store = NULL;
	return 0;
}

int
store_check(const struct settings *settings, struct trouble *why)
{
	AUTO_STORE struct store *store = NULL;

	return store_open(settings, why, &store);
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno != ENOENT;
}

/* A new file or folder is there for good when its name is. */
static int
sync_name(const char *path, struct trouble *why)
{
	size_t len = (size_t)(strrchr(path, '/') - path) + 1;
	char folder[SETTINGS_PATH_SIZE + 1]; /* as "/etc/.": it may be a link */
	AUTO_CLOSE int dir = -1;

	memcpy(folder, path, len);
	memcpy(folder + len, ".", sizeof ".");
	if ((dir = io_open_dir(folder)) < 0 || io_sync(dir) < 0)
		return err_say(why, ERR_IO, "cannot make %s durable: %m", path);
	return 0;
}

/* Makes the last folder of a path, and the one of a file. */
static int
make_folder(const char *path, mode_t mode, struct trouble *why)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST
			   ? 0
			   : err_say(why, ERR_IO,
				 "cannot make the folder %s: %m", path);
	if (chmod(path, mode) < 0)
		return err_say(why, ERR_IO, "cannot set the mode of %s: %m",
		    path);
	return sync_name(path, why);
}

static int
make_folder_of(const char *file, struct trouble *why)
{
	char folder[SETTINGS_PATH_SIZE];
	char *slash;

	memcpy(folder, file, strlen(file) + 1);
	slash = strrchr(folder, '/');
	if (slash == folder)
		return 0;
	*slash = '\0';
	return make_folder(folder, 0755, why);
}

static int
write_key(int fd, const char *path, const uint8_t *key, struct trouble *why)
{
	if (fchmod(fd, 0600) < 0 ||
	    io_write_at(fd, key, SEAL_KEY_BYTES, 0) < 0 || io_sync(fd) < 0)
		return err_say(why, ERR_IO, "cannot write %s: %m", path);
	return sync_name(path, why);
}

/* Whoever makes the key's file makes the marker, and takes both back: a file
 * that is there by now is another setup's. */
static int
make_key_and_marker(struct store *store, const char *key_file)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (io_random(store->vault->key, SEAL_KEY_BYTES) < 0)
		return err_say(store->why, ERR_IO, "no randomness: %m");
	fd = io_open_path(key_file, O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0)
		return err_say(store->why, ERR_IO, "cannot make %s: %m",
		    key_file);
	if ((r = write_key(fd, key_file, store->vault->key, store->why)) == 0)
		r = write_marker(store);
	if (r < 0) {
		(void)unlinkat(store->dir, marker_name, 0);
		(void)unlink(key_file);
	}
	return r;
}

static void
marker_path(const struct settings *settings, char room[MARKER_PATH_SIZE])
{
	snprintf(room, MARKER_PATH_SIZE, "%s/%s", settings->store_dir,
	    marker_name);
}

bool
store_is_half(const struct settings *settings)
{
	char marker[MARKER_PATH_SIZE];

	marker_path(settings, marker);
	return exists(marker) != exists(settings->key_file);
}

int
store_create(const struct settings *settings, struct trouble *why)
{
	AUTO_STORE struct store *store = store_new(why);
	char marker[MARKER_PATH_SIZE];
	bool has_key, has_marker;
	int r;

	if (store == NULL)
		return err_say(why, ERR_MEMORY, "making the store");
	marker_path(settings, marker);
	has_key = exists(settings->key_file);
	has_marker = exists(marker);
	if (has_key && has_marker)
		return err_say(why, ERR_EXISTS, "%s and %s are there already",
		    settings->key_file, settings->store_dir);
	if (has_key)
		return err_say(why, ERR_UNTRUSTED,
		    "%s is there but the store has no marker; mount or "
		    "restore %s, or remove the key if nobody was ever enrolled",
		    settings->key_file, settings->store_dir);
	if (has_marker)
		return err_say(why, ERR_UNTRUSTED,
		    "%s is there but %s is not; restore the key, or remove "
		    "the store and enrol everybody again",
		    marker, settings->key_file);
	if ((r = make_folder(settings->store_dir, 0700, why)) < 0 ||
	    (r = make_folder_of(settings->key_file, why)) < 0 ||
	    (r = store_file_dir(settings->store_dir, &store->dir, why)) < 0)
		return r;
	return make_key_and_marker(store, settings->key_file);
}

/* ---- enrolments ---- */

static int
unseal(const struct store *store, uint8_t *file, const char *name, uid_t uid,
    struct record *record)
{
	int r;

	if ((r = box_open(store->vault->key, &enrolment_box, uid, name, file,
		 store->why)) < 0)
		return r;
	if (record_parse(file + BOX_HEAD_BYTES, record) < 0 ||
	    record->uid != uid)
		return err_say(store->why, ERR_DAMAGED,
		    "%s holds what this program would not write", name);
	return 0;
}

/* Memory for secrets costs several system calls; a list of many users needs
 * it once. */
static struct record *
take_record(struct store *store)
{
	struct record *record = store->spare;

	store->spare = NULL;
	return record != NULL ? record : record_new();
}

static void
give_record(struct store *store, struct record *record)
{
	if (record == NULL || store->spare != NULL) {
		record_free(record);
		return;
	}
	mem_wipe(record, sizeof *record);
	store->spare = record;
}

/* *record_out is NULL where there provably is no enrolment. */
static int
load_enrolment(struct store *store, uid_t uid, struct record **record_out)
{
	AUTO_RECORD struct record *record = NULL;
	uint8_t *file = store->vault->file;
	char name[STORE_FILE_NAME_SIZE];
	int r;

	store_file_enrolment(uid, name);
	r = store_file_get(store->dir, name, file, ENROLMENT_BYTES, store->why);
	if (r == ERR_MISSING) {
		*record_out = NULL;
		return 0;
	}
	if (r < 0)
		return r;
	if ((record = take_record(store)) == NULL)
		return err_say(store->why, ERR_MEMORY, "reading %s", name);
	r = unseal(store, file, name, uid, record);
	mem_wipe(file, ENROLMENT_BYTES);
	if (r < 0)
		return r;
	*record_out = record;
	record = NULL;
	return 0;
}

static int
save_enrolment(const struct store *store, const struct record *record)
{
	uint8_t *file = store->vault->file;
	char name[STORE_FILE_NAME_SIZE];
	int r;

	store_file_enrolment(record->uid, name);
	record_format(record, file + BOX_HEAD_BYTES);
	r = box_close(store->vault->key, &enrolment_box, record->uid, file,
	    store->why);
	if (r == 0 && io_replace(store->dir, name, file, ENROLMENT_BYTES) < 0)
		r = err_say(store->why, ERR_IO, "cannot write %s: %m", name);
	mem_wipe(file, ENROLMENT_BYTES);
	return r;
}

/* ---- states ---- */

static void
slot_mac(const struct store *store, uid_t uid, const uint8_t *slot,
    uint8_t mac_out[SEAL_MAC_BYTES])
{
	seal_mac(store->vault->key, "sallyport state", uid, slot,
	    STATE_BODY_BYTES, mac_out);
}

static bool
read_slot(const struct store *store, uid_t uid, const uint8_t *slot,
    struct state *state)
{
	uint8_t mac[SEAL_MAC_BYTES];

	slot_mac(store, uid, slot, mac);
	return mem_equal(mac, slot + STATE_BODY_BYTES, sizeof mac) &&
	       state_parse(slot, state) == 0 && state->uid == uid;
}

static int
load_state(struct store_txn *txn, int fd)
{
	const struct io_expect whole = { .kind = S_IFREG,
		.owner = geteuid(),
		.forbidden = S_IRWXG | S_IRWXO,
		.size = STATE_FILE_BYTES };
	const struct store *store = txn->store;
	uint8_t *file = store->vault->file;
	char name[STORE_FILE_NAME_SIZE];
	struct state slots[2];
	bool valid[2];
	int r;

	store_file_state(txn->account.uid, name);
	if ((r = io_check(fd, name, &whole, store->why)) < 0)
		return r;
	if ((r = io_read_at(fd, file, STATE_FILE_BYTES, 0)) < 0)
		return err_say(store->why, r, "cannot read %s: %m", name);
	for (size_t i = 0; i < 2; i++)
		valid[i] = read_slot(store, txn->account.uid,
		    file + i * STATE_SLOT_STRIDE, &slots[i]);
	if ((r = state_choose(&slots[0], valid[0], &slots[1], valid[1])) < 0)
		return err_say(store->why, r,
		    "%s is damaged, or of another host key", name);
	txn->slot = r;
	txn->state = slots[r];
	return 0;
}

/* What could not be read back would leave the older slot in use, and with it
 * what was spent unspent. */
static int
format_slot(const struct store *store, const struct state *state,
    uint8_t out[STATE_SLOT_BYTES])
{
	struct state again;

	state_format(state, out);
	slot_mac(store, state->uid, out, out + STATE_BODY_BYTES);
	if (state_parse(out, &again) < 0)
		return err_say(store->why, ERR_DAMAGED,
		    "the new state of uid %lu could not be read back",
		    (unsigned long)state->uid);
	return 0;
}

/* The new state goes over the older slot, so that the newer one stays whole
 * until the disk has said that the new one is. */
static int
save_state(struct store_txn *txn)
{
	uint8_t bytes[STATE_SLOT_BYTES];
	int r, slot = 1 - txn->slot;

	txn->state.sequence++;
	if ((r = format_slot(txn->store, &txn->state, bytes)) < 0)
		return r;
	if (io_write_at(txn->fd, bytes, sizeof bytes,
		(off_t)slot * STATE_SLOT_STRIDE) < 0)
		return err_say(txn->store->why, ERR_IO,
		    "cannot write the state of uid %lu: %m",
		    (unsigned long)txn->account.uid);
	if (io_sync_data(txn->fd) < 0)
		return err_say(txn->store->why, ERR_IO,
		    "cannot make the state of uid %lu durable: %m",
		    (unsigned long)txn->account.uid);
	txn->slot = slot;
	return 0;
}

/* Every byte of a new state is written, so that no later write in place needs
 * space.  Both slots are valid from the start. */
static int
write_first_state(struct store_txn *txn)
{
	AUTO_FREE uint8_t *file = calloc(1, STATE_FILE_BYTES);
	int r = 0;

	if (file == NULL)
		return err_say(txn->store->why, ERR_MEMORY, "enrolling");
	for (int i = 0; i < 2 && r == 0; i++) {
		txn->state.sequence++;
		r = format_slot(txn->store, &txn->state,
		    file + (size_t)i * STATE_SLOT_STRIDE);
	}
	if (r < 0)
		return r;
	txn->slot = 1;
	if (ftruncate(txn->fd, 0) < 0 ||
	    io_write_at(txn->fd, file, STATE_FILE_BYTES, 0) < 0 ||
	    io_sync(txn->fd) < 0 || io_sync(txn->store->dir) < 0)
		return err_say(txn->store->why, ERR_IO,
		    "cannot write a new state: %m");
	return 0;
}

/* ---- transactions ---- */

static void
unlock(struct store_txn *txn)
{
	if (txn->locked)
		io_unlock(txn->fd);
	txn->locked = false;
}

/* A state that was made for an enrolment which did not come about.  An
 * enrolment that did, though its making was reported as failed, keeps it. */
static void
drop_made_state(struct store_txn *txn)
{
	char enrolment[STORE_FILE_NAME_SIZE], state[STORE_FILE_NAME_SIZE];
	struct stat st;

	if (!txn->made || !txn->locked)
		return;
	store_file_enrolment(txn->account.uid, enrolment);
	store_file_state(txn->account.uid, state);
	if (fstatat(txn->store->dir, enrolment, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		(void)unlinkat(txn->store->dir, state, 0);
}

void
store_abort(struct store_txn *txn)
{
	if (txn == NULL)
		return;
	drop_made_state(txn);
	unlock(txn);
	if (txn->fd >= 0)
		(void)close(txn->fd);
	give_record(txn->store, txn->record);
	mem_wipe(txn, sizeof *txn);
	free(txn);
}

void
store_auto_abort(struct store_txn **txn)
{
	int saved = errno;

	store_abort(*txn);
	errno = saved;
}

static int
txn_new(struct store *store, const struct account *account,
    struct store_txn **txn_out)
{
	struct store_txn *txn = calloc(1, sizeof *txn);

	if (txn == NULL)
		return err_say(store->why, ERR_MEMORY, "beginning");
	txn->store = store;
	txn->account = *account;
	txn->fd = -1;
	*txn_out = txn;
	return 0;
}

static int
check_user(const struct store_txn *txn)
{
	char enrolled[RECORD_USER_SIZE];

	if (strcmp(txn->record->user, txn->account.name) == 0)
		return 0;
	memcpy(enrolled, txn->record->user, sizeof enrolled);
	return err_say(txn->store->why, ERR_RENAMED,
	    "uid %lu was enrolled as %s and is now %s",
	    (unsigned long)txn->account.uid, enrolled, txn->account.name);
}

static int
lock(struct store_txn *txn, bool make)
{
	int r;

	r = store_file_lock(txn->store->dir, txn->account.uid, make, &txn->fd,
	    txn->store->why);
	txn->locked = r == 0;
	return r == ERR_MISSING ? 0 : r;
}

/* What a transaction is begun for. */
enum purpose { ATTEMPT, ENROLLING, RENAMING, REPAIRING };

static int
load_locked_state(struct store_txn *txn)
{
	if (!txn->locked)
		return err_say(txn->store->why, ERR_DAMAGED,
		    "uid %lu has an enrolment but no state",
		    (unsigned long)txn->account.uid);
	return load_state(txn, txn->fd);
}

/* An empty state in place of one that cannot be read. */
static void
lose_state(struct store_txn *txn)
{
	memset(&txn->state, 0, sizeof txn->state);
	txn->state.uid = txn->account.uid;
	txn->lost = true;
}

/* Enrolled between the two: the state came first, so it is there now.  What was
 * read before there was a lock may have changed until there was one. */
static int
lock_and_load_again(struct store_txn *txn)
{
	int r;

	if ((r = lock(txn, false)) < 0)
		return r;
	give_record(txn->store, txn->record);
	txn->record = NULL;
	return load_enrolment(txn->store, txn->account.uid, &txn->record);
}

/* Locks, then reads everything again that a look may have seen before. */
static int
begin(struct store *store, const struct account *account, enum purpose purpose,
    struct store_txn **txn_out)
{
	AUTO_TXN struct store_txn *txn = NULL;
	bool any_name = purpose == RENAMING || purpose == REPAIRING;
	bool makes = purpose == ENROLLING || purpose == REPAIRING;
	int r;

	if (!account->known)
		return err_say(store->why, ERR_INPUT, "no such user");
	if ((r = txn_new(store, account, &txn)) < 0 ||
	    (r = lock(txn, makes)) < 0 ||
	    (r = load_enrolment(store, account->uid, &txn->record)) < 0)
		return r;
	if (txn->record != NULL && !txn->locked &&
	    (r = lock_and_load_again(txn)) < 0)
		return r;
	if (txn->record == NULL) {
		txn->made = makes;
		txn->state.uid = account->uid;
	} else {
		if (!any_name && txn->locked && (r = check_user(txn)) < 0)
			return r;
		r = load_locked_state(txn);
		if (r == ERR_DAMAGED && purpose == REPAIRING)
			lose_state(txn);
		else if (r < 0)
			return r;
	}
	*txn_out = txn;
	txn = NULL;
	return 0;
}

int
store_begin(struct store *store, const struct account *account,
    struct store_txn **txn_out)
{
	return begin(store, account, ATTEMPT, txn_out);
}

int
store_begin_enrolling(struct store *store, const struct account *account,
    struct store_txn **txn_out)
{
	return begin(store, account, ENROLLING, txn_out);
}

int
store_begin_renamed(struct store *store, const struct account *account,
    struct store_txn **txn_out)
{
	return begin(store, account, RENAMING, txn_out);
}

int
store_begin_repairing(struct store *store, const struct account *account,
    struct store_txn **txn_out)
{
	return begin(store, account, REPAIRING, txn_out);
}

bool
store_state_lost(const struct store_txn *txn)
{
	return txn->lost;
}

int
store_begin_removing(struct store *store, uid_t uid, struct store_txn **txn_out)
{
	const struct account account = { .known = true, .uid = uid };
	AUTO_TXN struct store_txn *txn = NULL;
	int r;

	if ((r = txn_new(store, &account, &txn)) < 0 ||
	    (r = lock(txn, true)) < 0)
		return r;
	*txn_out = txn;
	txn = NULL;
	return 0;
}

int
store_look(struct store *store, const struct account *account,
    bool *enrolled_out)
{
	AUTO_RECORD struct record *record = NULL;
	int r;

	if (!account->known)
		return err_say(store->why, ERR_INPUT, "no such user");
	if ((r = load_enrolment(store, account->uid, &record)) < 0)
		return r;
	*enrolled_out = record != NULL;
	return 0;
}

const struct record *
store_record(const struct store_txn *txn)
{
	return txn->record;
}

struct state *
store_state(struct store_txn *txn)
{
	return &txn->state;
}

int
store_agree(struct store_txn *txn)
{
	if (txn->record == NULL || state_knows(&txn->state, txn->record))
		return 0;
	return err_say(txn->store->why, ERR_DAMAGED,
	    "the enrolment and the state of uid %lu do not belong together",
	    (unsigned long)txn->account.uid);
}

int
store_commit(struct store_txn *txn)
{
	int r = 0;

	if (txn->record != NULL)
		r = txn->lost ? write_first_state(txn) : save_state(txn);
	unlock(txn);
	return r;
}

static bool
record_has(const struct record *record, uint64_t id)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->authenticators[i].id == id)
			return true;
	return record->recovery.id == id || record->bypass.id == id;
}

static int
learn_ids(struct store_txn *txn, const struct record *record,
    const uint64_t spent[RECORD_AUTHENTICATORS])
{
	struct state *state = &txn->state;
	int r = 0;

	for (size_t i = 0; i < record->count && r == 0; i++) {
		if (state_find(state, record->authenticators[i].id) != NULL)
			continue;
		r = state_add(state, record->authenticators[i].id, spent[i]);
	}
	if (r == 0 && record->recovery.id != 0 &&
	    state_find(state, record->recovery.id) == NULL)
		r = state_add(state, record->recovery.id, 0);
	if (r == 0 && record->bypass.id != 0 &&
	    state_find(state, record->bypass.id) == NULL)
		r = state_add(state, record->bypass.id, 0);
	if (r < 0)
		return err_say(txn->store->why, r, "the state has no room");
	return 0;
}

static int
forget_ids(struct store_txn *txn, const struct record *record)
{
	struct state *state = &txn->state;
	int changed = 0;

	for (size_t i = state->count; i > 0; i--) {
		if (record_has(record, state->entries[i - 1].id))
			continue;
		state_drop(state, state->entries[i - 1].id);
		changed = 1;
	}
	return changed;
}

int
store_enrol(struct store_txn *txn, const struct record *record,
    const uint64_t spent[RECORD_AUTHENTICATORS])
{
	int r;

	if (!txn->locked || record->uid != txn->account.uid)
		return err_say(txn->store->why, ERR_INPUT,
		    "not this transaction's record");
	if ((r = store_agree(txn)) < 0)
		return r;
	if (txn->record != NULL) /* what was to be added before, and failed */
		(void)forget_ids(txn, txn->record);
	if ((r = learn_ids(txn, record, spent)) < 0)
		return r;
	if (io_random(&txn->state.edition, sizeof txn->state.edition) < 0)
		return err_say(txn->store->why, ERR_IO, "no randomness: %m");
	r = txn->record == NULL ? write_first_state(txn) : save_state(txn);
	if (r < 0 || (r = save_enrolment(txn->store, record)) < 0)
		return r;
	txn->made = false;
	if (txn->record == NULL)
		(void)store_uninvite(txn); /* what is left of it holds not */
	if (forget_ids(txn, record) > 0)
		r = save_state(txn);
	unlock(txn);
	return r;
}

int
store_remove(struct store_txn *txn)
{
	char enrolment[STORE_FILE_NAME_SIZE], state[STORE_FILE_NAME_SIZE];
	int r, dir = txn->store->dir;

	if (!txn->locked)
		return 0; /* there was nothing */
	if ((r = store_uninvite(txn)) < 0)
		return r;
	store_file_enrolment(txn->account.uid, enrolment);
	store_file_state(txn->account.uid, state);
	if ((unlinkat(dir, enrolment, 0) < 0 && errno != ENOENT) ||
	    io_sync(dir) < 0 ||
	    (unlinkat(dir, state, 0) < 0 && errno != ENOENT) ||
	    io_sync(dir) < 0)
		return err_say(txn->store->why, ERR_IO,
		    "cannot remove the enrolment of uid %lu: %m",
		    (unsigned long)txn->account.uid);
	unlock(txn);
	return 0;
}

/* ---- seats ---- */

/* A lock on one byte of the marker, far behind its end: it is there, and a
 * full disk does not matter. */
int
store_seat(const struct settings *settings, uid_t uid, int *fd_out,
    struct trouble *why)
{
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int fd = -1;
	int r;

	if ((r = store_file_dir(settings->store_dir, &dir, why)) < 0)
		return r;
	if ((fd = io_open_beneath(dir, marker_name, O_RDWR)) < 0)
		return err_say(why, ERR_IO,
		    "cannot open the store's marker: %m");
	for (int seat = 0; seat < STORE_SEATS; seat++) {
		r = io_try_lock(fd, (off_t)uid * STORE_SEATS + seat, 1);
		if (r != ERR_BUSY)
			break;
	}
	if (r == ERR_BUSY)
		return err_say(why, r, "uid %lu is being served %d times",
		    (unsigned long)uid, STORE_SEATS);
	if (r < 0)
		return err_say(why, r, "cannot lock the store's marker: %m");
	*fd_out = fd;
	fd = -1;
	return 0;
}

/* ---- invitations ---- */

int
store_invitation(struct store_txn *txn, struct invitation *invitation_out)
{
	const struct store *store = txn->store;
	uint8_t *file = store->vault->file;
	char name[STORE_FILE_NAME_SIZE];
	int r;

	store_file_invitation(txn->account.uid, name);
	r = store_file_get(store->dir, name, file, INVITED_BYTES, store->why);
	if (r == ERR_MISSING) {
		memset(invitation_out, 0, sizeof *invitation_out);
		return 0;
	}
	if (r < 0 || (r = box_open(store->vault->key, &invitation_box,
			  txn->account.uid, name, file, store->why)) < 0)
		return r;
	if (invitation_parse(file + BOX_HEAD_BYTES, invitation_out) < 0 ||
	    invitation_out->uid != txn->account.uid)
		r = err_say(store->why, ERR_DAMAGED,
		    "%s holds what this program would not write", name);
	mem_wipe(file, INVITED_BYTES);
	return r;
}

int
store_invite(struct store_txn *txn, const struct invitation *invitation)
{
	const struct store *store = txn->store;
	uint8_t *file = store->vault->file;
	char name[STORE_FILE_NAME_SIZE];
	int r;

	if (!txn->locked || invitation->uid != txn->account.uid)
		return err_say(store->why, ERR_INPUT,
		    "not this transaction's invitation");
	store_file_invitation(txn->account.uid, name);
	invitation_format(invitation, file + BOX_HEAD_BYTES);
	r = box_close(store->vault->key, &invitation_box, txn->account.uid,
	    file, store->why);
	if (r == 0 && io_replace(store->dir, name, file, INVITED_BYTES) < 0)
		r = err_say(store->why, ERR_IO, "cannot write %s: %m", name);
	mem_wipe(file, INVITED_BYTES);
	return r;
}

int
store_uninvite(struct store_txn *txn)
{
	char name[STORE_FILE_NAME_SIZE];
	int dir = txn->store->dir;
	struct stat st;

	if (!txn->locked)
		return err_say(txn->store->why, ERR_INPUT,
		    "no lock to end an invitation under");
	store_file_invitation(txn->account.uid, name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (unlinkat(dir, name, 0) < 0 || io_sync(dir) < 0)
		return err_say(txn->store->why, ERR_IO, "cannot remove %s: %m",
		    name);
	return 0;
}

/* ---- offers ---- */

int
store_seal_offer(struct store *store, const struct offer *offer,
    uint8_t blob_out[OFFER_BLOB_BYTES])
{
	uint8_t *file = store->vault->file;
	int r;

	offer_format(offer, file + BOX_HEAD_BYTES);
	r = box_close(store->vault->key, &offer_box, offer->uid, file,
	    store->why);
	if (r == 0)
		memcpy(blob_out, file, OFFER_BLOB_BYTES);
	mem_wipe(file, OFFER_BLOB_BYTES);
	return r;
}

int
store_open_offer(struct store *store, uid_t uid,
    const uint8_t blob[OFFER_BLOB_BYTES], struct offer *offer_out)
{
	uint8_t *file = store->vault->file;
	int r;

	memcpy(file, blob, OFFER_BLOB_BYTES);
	r = box_open(store->vault->key, &offer_box, uid, "what was begun", file,
	    store->why);
	if (r == 0 && (offer_parse(file + BOX_HEAD_BYTES, offer_out) < 0 ||
			  offer_out->uid != uid))
		r = err_say(store->why, ERR_DAMAGED,
		    "what was begun holds what this program would not seal");
	mem_wipe(file, OFFER_BLOB_BYTES);
	return r;
}

/* ---- listing ---- */

static int
read_unlocked(struct store *store, uid_t uid, struct store_txn **txn_out)
{
	AUTO_TXN struct store_txn *txn = NULL;
	struct account account = { .known = true, .uid = uid };
	char name[STORE_FILE_NAME_SIZE];
	AUTO_CLOSE int fd = -1;
	int r;

	if ((r = txn_new(store, &account, &txn)) < 0 ||
	    (r = load_enrolment(store, uid, &txn->record)) < 0)
		return r;
	if (txn->record != NULL) {
		store_file_state(uid, name);
		fd = io_open_beneath(store->dir, name, O_RDONLY);
		if (fd < 0)
			return err_say(store->why,
			    errno == ENOENT ? ERR_DAMAGED : ERR_IO,
			    "cannot open %s: %m", name);
		if ((r = load_state(txn, fd)) < 0 || (r = store_agree(txn)) < 0)
			return r;
	}
	*txn_out = txn;
	txn = NULL;
	return 0;
}

/* Of what is changed just then, the two files need not belong together: it is
 * damaged that is so twice. */
int
store_read(struct store *store, uid_t uid, struct store_txn **txn_out)
{
	int r = read_unlocked(store, uid, txn_out);

	return r == ERR_DAMAGED ? read_unlocked(store, uid, txn_out) : r;
}

static int
by_uid(const void *a, const void *b)
{
	uid_t x = *(const uid_t *)a, y = *(const uid_t *)b;

	return x < y ? -1 : x > y;
}

static int
append(uid_t **uids, size_t *count, size_t *room, uid_t uid)
{
	if (*count == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		uid_t *moved = realloc(*uids, more * sizeof **uids);

		if (moved == NULL)
			return ERR_MEMORY;
		*uids = moved;
		*room = more;
	}
	(*uids)[(*count)++] = uid;
	return 0;
}

typedef bool is_file(const char *name, uid_t *uid_out);

/* On failure errno says why. */
static int
read_uids(DIR *dir, is_file *is_one, uid_t **uids, size_t *count)
{
	const struct dirent *entry;
	size_t room = 0;
	uid_t uid;
	int r = 0;

	while (r == 0) {
		errno = 0;
		if ((entry = readdir(dir)) == NULL)
			return errno == 0 ? 0 : ERR_IO;
		if (is_one(entry->d_name, &uid))
			r = append(uids, count, &room, uid);
	}
	return r;
}

static int
list(struct store *store, is_file *is_one, uid_t **uids_out, size_t *count_out)
{
	AUTO_FREE uid_t *uids = NULL;
	int r, fd = openat(store->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0;

	if (dir == NULL) {
		r = err_say(store->why, ERR_IO, "cannot list the store: %m");
		mem_auto_close(&fd);
		return r;
	}
	if ((r = read_uids(dir, is_one, &uids, &count)) < 0)
		(void)err_say(store->why, r, "cannot list the store: %m");
	(void)closedir(dir);
	if (r < 0)
		return r;
	if (count > 0)
		qsort(uids, count, sizeof *uids, by_uid);
	*uids_out = uids;
	*count_out = count;
	uids = NULL;
	return 0;
}

int
store_list(struct store *store, uid_t **uids_out, size_t *count_out)
{
	return list(store, store_file_is_enrolment, uids_out, count_out);
}

int
store_list_invited(struct store *store, uid_t **uids_out, size_t *count_out)
{
	return list(store, store_file_is_invitation, uids_out, count_out);
}
