#include "service.h"

#include "service_enrol.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The uids of a process, whether the store is out of its reach, and whether it
 * is a set-uid root program that somebody else started. */
struct caller {
	uid_t real, effective, saved;
	bool asks;
	bool taken_over;
	sigset_t mask;
};

/* The store is somebody else's; or root's own, but read-only where a sandbox
 * runs this process and not where the verifier runs.  Where there is none to be
 * seen, a verifier may see one. */
static bool
is_out_of_reach(const struct settings *settings, uid_t uid)
{
	struct statvfs disk;
	struct stat store;

	if (uid != 0 && lstat(settings->store_dir, &store) == 0)
		return store.st_uid != uid;
	if (uid != 0)
		return service_has_verifier(settings);
	return statvfs(settings->store_dir, &disk) == 0 &&
	       (disk.f_flag & ST_RDONLY) != 0 && service_has_verifier(settings);
}

static int
learn_caller(const struct settings *settings, struct caller *caller,
    struct trouble *why)
{
	*caller = (struct caller){ 0 };
	if (getresuid(&caller->real, &caller->effective, &caller->saved) < 0)
		return err_say(why, ERR_CALLER, "cannot learn the uids: %m");
	if (caller->real != caller->effective && caller->effective != 0)
		return err_say(why, ERR_CALLER,
		    "the program runs as uid %lu for uid %lu; such a program "
		    "is not served",
		    (unsigned long)caller->effective,
		    (unsigned long)caller->real);
	caller->asks = is_out_of_reach(settings, caller->effective);
	return 0;
}

/*
 * A user can stop or kill the su or sudo that he started, because its real
 * uid is his, and with it everybody who waits for a lock that it holds.  For
 * the time of the transaction it is nobody's but root's, and what his terminal
 * sends waits until afterwards.
 */
static int
take_over(struct caller *caller, struct trouble *why)
{
	sigset_t all;

	if (caller->real == caller->effective)
		return 0;
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &caller->mask) != 0)
		return err_say(why, ERR_CALLER, "cannot hold signals back");
	caller->taken_over = true;
	if (setresuid(0, 0, 0) < 0)
		return err_say(why, ERR_CALLER, "cannot become root: %m");
	return 0;
}

static int
give_back(const struct caller *caller, struct trouble *why)
{
	int r = 0;

	if (!caller->taken_over)
		return 0;
	if (setresuid(caller->real, caller->effective, caller->saved) < 0)
		r = err_say(why, ERR_CALLER, "cannot give the uids back: %m");
	(void)pthread_sigmask(SIG_SETMASK, &caller->mask, NULL);
	return r;
}

static int
is_enrolled(const struct settings *settings, const struct account *account,
    const struct caller *caller, struct asker *asker, bool *enrolled_out,
    struct trouble *why)
{
	if (caller->asks)
		return service_enrolled_verifier(settings, account, asker,
		    enrolled_out, why);
	return service_enrolled_local(settings, account, enrolled_out, why);
}

/* Only where a site lets somebody pass unasked is there anything to look at;
 * only proof lets him. */
int
service_look(const struct settings *settings, const struct account *account,
    struct asker *asker, enum passage *passage_out, struct trouble *why)
{
	bool exempt = false, enrolled = true;
	struct caller caller;
	int64_t now = 0;
	int r;

	asker->logged = false;
	if ((r = learn_caller(settings, &caller, why)) < 0 ||
	    (r = account_listed(account, settings->exempt_users,
		 settings->exempt_groups, &exempt, why)) < 0)
		return r;
	if (!exempt && account->known &&
	    settings->enrolment != ENROLMENT_REQUIRED &&
	    (r = is_enrolled(settings, account, &caller, asker, &enrolled,
		 why)) < 0)
		return r;
	if (!enrolled && (r = service_now(&now, why)) < 0)
		return r;
	*passage_out = judge_passage(settings, exempt, enrolled, now);
	return 0;
}

static int
check_here(const struct settings *settings, const struct account *account,
    const struct answer *answer, bool shows, struct caller *caller,
    struct judgement *judgement_out, struct trouble *why)
{
	int given_back, r;

	if ((r = take_over(caller, why)) == 0)
		r = service_check_code_local(settings, account, answer, shows,
		    judgement_out, why);
	given_back = give_back(caller, why);
	return r < 0 ? r : given_back;
}

int
service_check_code(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct asker *asker, struct judgement *judgement_out, struct trouble *why)
{
	struct judgement judgement = { 0 };
	struct caller caller;
	int r;

	asker->logged = false;
	if ((r = learn_caller(settings, &caller, why)) < 0)
		return r;
	if (caller.asks)
		r = service_check_code_verifier(settings, account, answer,
		    asker, &judgement, why);
	else
		r = check_here(settings, account, answer, asker->said.shows,
		    &caller, &judgement, why);
	if (r < 0)
		return r;
	*judgement_out = judgement;
	return 0;
}

int
service_status(const struct settings *settings, const struct account *account,
    struct asker *asker, struct summary *summary_out, struct trouble *why)
{
	struct caller caller;
	int r;

	if ((r = learn_caller(settings, &caller, why)) < 0)
		return r;
	if (caller.asks)
		return service_status_verifier(settings, account, asker,
		    summary_out, why);
	return service_status_local(settings, account, summary_out, why);
}

/* ---- changes ---- */

int
service_asks(const struct settings *settings, bool *asks_out,
    struct trouble *why)
{
	struct caller caller;
	int r;

	if ((r = learn_caller(settings, &caller, why)) < 0)
		return r;
	*asks_out = caller.asks;
	return 0;
}

/* Whoever owns the store and does not come with a login is its administrator:
 * he could do without us. */
static int
change_here(const struct settings *settings, const struct account *account,
    const struct wanted *wanted, struct caller *caller,
    struct changed *changed_out, struct trouble *why)
{
	AUTO_WANTED struct wanted *own = wanted_new();
	int given_back, r;

	if (own == NULL)
		return err_say(why, ERR_MEMORY, "changing an enrolment");
	*own = *wanted;
	if (own->proof.kind != PROOF_LOGIN)
		own->proof.kind = PROOF_ADMINISTRATOR;
	if ((r = take_over(caller, why)) == 0)
		r = service_change_local(settings, account, own, changed_out,
		    why);
	given_back = give_back(caller, why);
	return r < 0 ? r : given_back;
}

int
service_change(const struct settings *settings, const struct account *account,
    struct asker *asker, const struct wanted *wanted,
    struct changed *changed_out, struct trouble *why)
{
	struct caller caller;
	int r;

	asker->logged = false;
	if ((r = learn_caller(settings, &caller, why)) < 0)
		return r;
	if (caller.asks)
		return service_change_verifier(settings, account, asker, wanted,
		    changed_out, why);
	return change_here(settings, account, wanted, &caller, changed_out,
	    why);
}

int
service_picture(const struct settings *settings, const struct account *account,
    struct asker *asker, const uint8_t blob[OFFER_BLOB_BYTES],
    struct symbol *symbol_out, struct trouble *why)
{
	struct caller caller;
	int given_back, r;

	if ((r = learn_caller(settings, &caller, why)) < 0)
		return r;
	if ((r = take_over(&caller, why)) == 0)
		r = service_picture_verifier(settings, account, asker, blob,
		    symbol_out, why);
	given_back = give_back(&caller, why);
	return r < 0 ? r : given_back;
}
